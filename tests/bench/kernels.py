"""Losses with their gradients: this reference, plain expressions and PyTorch, as bytes per second next to a copy.

    python -m tests.bench.kernels [--entries 4000000] [--repeats 7] [--json FILE]

Everything is float64 and runs one after the other in this process: NumPy and PyTorch on the processor, one thread, and,
where CuPy finds a GPU, CuPy's plain expressions, the fused kernels, and PyTorch eager and compiled on the same device.
``bytes`` is what a pass must move per entry: each input read once, each gradient written once.  ``GB/s`` is that over
the best time of the repeats, ``of copy`` its share of a copy measured in the same run, and ``as copied`` the bytes per
entry that a copy moves in the same time: what the passes and temporaries really cost.  Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from reference import _fused, losses
from reference.sweeps import gd_preactivation_sweep, running_risk_mc, sampler, student_t_mc

CLASSES = 10
BYTES = {"mse": 24, "weighted_mse": 40, "huber": 24, "gaussian_nll": 40, "softmax_ce": 24, "softmax_mse": 24}
"""Per entry; the weights are read twice, once for their sum."""

FUNCTIONS: dict[str, Callable[..., tuple[Any, ...]]] = {
    "mse": losses.mse_and_grad,
    "weighted_mse": losses.weighted_mse_and_grad,
    "huber": lambda y, p: losses.huber_and_grad(y, p, 1.0),
    "gaussian_nll": losses.gaussian_nll_and_grads,
    "softmax_ce": losses.softmax_ce_and_grad,
    "softmax_mse": losses.softmax_mse_and_grad,
}


def inputs_of(name: str, entries: int) -> list[np.ndarray]:
    """Return the arguments of a loss, drawn."""
    g = np.random.default_rng(0)
    if name.startswith("softmax"):
        rows = entries // CLASSES
        return [g.normal(size=(rows, CLASSES)), np.eye(CLASSES)[g.integers(CLASSES, size=rows)]]
    count = 3 if name in ("weighted_mse", "gaussian_nll") else 2
    arrays = [g.normal(size=entries) for _ in range(count)]
    return [*arrays[:2], np.abs(arrays[2])] if name == "weighted_mse" else arrays


def best(work: Callable[[], object], repeats: int, wait: Callable[[], object] = lambda: None) -> float:
    """Return the shortest of the times, in seconds; the first call is not counted."""
    work()
    times = []
    for _ in range(repeats):
        wait()
        started = time.perf_counter()
        work()
        wait()
        times.append(time.perf_counter() - started)
    return min(times)


def plainly(work: Callable[[], object]) -> Callable[[], object]:
    """Return the work done by whole-array expressions: no pieces, no kernels."""

    def done() -> object:
        piece, smallest = losses.PIECE, _fused.SMALLEST
        losses.PIECE, _fused.SMALLEST = 1 << 60, 1 << 60
        try:
            return work()
        finally:
            losses.PIECE, _fused.SMALLEST = piece, smallest

    return done


def torch_step(name: str, arrays: list[np.ndarray], device: str, compiled: bool) -> Callable[[], object]:
    """Return a step of PyTorch: the loss by its own functions, the gradients by autograd."""
    import torch
    from torch.nn import functional as F

    tensors = [torch.asarray(one, device=device) for one in arrays]
    at = [0] if name.startswith("softmax") else [1, 2] if name == "gaussian_nll" else [1]

    def loss(*given: Any) -> Any:
        if name == "mse":
            return F.mse_loss(given[1], given[0])
        if name == "weighted_mse":
            return torch.sum(given[2] * (given[1] - given[0]) ** 2) / torch.sum(given[2])
        if name == "huber":
            return F.huber_loss(given[1], given[0], delta=1.0)
        if name == "gaussian_nll":
            return F.gaussian_nll_loss(given[1], given[0], torch.exp(given[2]), full=True, eps=1e-300)
        if name == "softmax_ce":
            return F.cross_entropy(given[0], given[1])
        return 0.5 * torch.mean(torch.sum((torch.softmax(given[0], 1) - given[1]) ** 2, 1))

    made = torch.compile(loss) if compiled else loss

    def step() -> object:
        given = [one.detach().requires_grad_(k in at) for k, one in enumerate(tensors)]
        return torch.autograd.grad(made(*given), [given[k] for k in at])

    return step


def on_the_processor(name: str, arrays: list[np.ndarray]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the ways to compute a loss here."""
    function = FUNCTIONS[name]
    yield "NumPy, this reference", lambda: function(*arrays)
    yield "NumPy, plain expressions", plainly(lambda: function(*arrays))
    if find_spec("torch") is not None:
        yield "PyTorch eager, processor", torch_step(name, arrays, "cpu", False)


def on_the_gpu(name: str, arrays: list[np.ndarray]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the ways to compute a loss on the GPU."""
    import cupy

    function = FUNCTIONS[name]
    there = [cupy.asarray(one) for one in arrays]
    yield "CuPy, fused", lambda: function(*there)
    yield "CuPy, plain expressions", plainly(lambda: function(*there))
    if find_spec("torch") is not None:
        import torch

        if torch.cuda.is_available():
            yield "PyTorch eager, GPU", torch_step(name, arrays, "cuda", False)
            yield "PyTorch compiled, GPU", torch_step(name, arrays, "cuda", True)


def gpu() -> tuple[Any, str] | None:
    """Return CuPy and the name of its device, or None."""
    if find_spec("cupy") is None:
        return None
    import cupy

    if not cupy.is_available():
        return None
    return cupy, cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()


def copy_speed(xp: Any, entries: int, repeats: int, wait: Callable[[], object]) -> float:
    """Return the bytes per second of a copy, read and written counted."""
    source = xp.ones(entries, dtype=xp.float64)
    target = xp.empty_like(source)
    return 16 * entries / best(lambda: xp.copyto(target, source), repeats, wait)


def table(
    device: str,
    speed: float,
    ways: Callable[[str, list[np.ndarray]], Iterator[tuple[str, Callable[[], object]]]],
    options: argparse.Namespace,
    wait: Callable[[], object],
) -> dict[str, Any]:
    """Measure and print one device."""
    print(f"\n{device}: copy {speed / 1e9:.1f} GB/s; {options.entries} entries, rows of {CLASSES} classes")
    print(f"  {'loss and gradient':<14} {'how':<26} {'bytes':>5} {'ms':>9} {'GB/s':>8} {'of copy':>8} {'as copied':>9}")
    figures: dict[str, Any] = {}
    for name, moved in BYTES.items():
        arrays = inputs_of(name, options.entries)
        for how, work in ways(name, arrays):
            seconds = best(work, options.repeats, wait)
            rate = moved * arrays[0].size / seconds
            copied = seconds * speed / arrays[0].size
            figures.setdefault(name, {})[how] = {"seconds": seconds, "bytes_per_second": rate, "of_copy": rate / speed}
            print(
                f"  {name:<14} {how:<26} {moved:>5} {seconds * 1e3:>9.2f} {rate / 1e9:>8.2f} {rate / speed:>8.0%} "
                f"{copied:>9.0f}"
            )
    return {"device": device, "copy_bytes_per_second": speed, "losses": figures}


def sweeps(xp: Any, scale: int, wait: Callable[[], object]) -> dict[str, float]:
    """Measure the large Monte Carlo and sweeps; ``scale`` divides the sizes of the catalogue."""
    g = np.random.default_rng(0)
    pairs = 10**6 // scale
    z0, y = (xp.asarray(g.normal(size=pairs)) for _ in range(2))
    work: dict[str, Callable[[], object]] = {
        f"running risk of {10**8 // scale} samples": lambda: running_risk_mc([10**8 // scale], 1.0, sampler(0, xp), xp),
        f"medians of {10**5 // scale} x 101 Student-t": lambda: student_t_mc(
            3.0, 101, 10**5 // scale, "median", sampler(0, xp), xp=xp
        ),
        f"Huber of {10**5 // scale} x 101 Student-t": lambda: student_t_mc(
            3.0, 101, 10**5 // scale, "huber", sampler(0, xp), xp=xp
        ),
        f"{pairs} trajectories of 1000 steps": lambda: gd_preactivation_sweep(z0, y, "tanh", 0.1, 1000),
    }
    figures = {}
    for name, one in work.items():
        figures[name] = best(one, 1, wait)
        print(f"  {name:<44} {figures[name]:>9.3f} s")
    return figures


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=4_000_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--scale", type=int, default=100, help="divides the sizes of the sweeps on the processor")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if find_spec("torch") is not None:
        import torch

        torch.set_num_threads(1)  # as NumPy
    here = f"{platform.machine()}, one thread, NumPy {np.__version__}"
    speed = copy_speed(np, 16 * options.entries, options.repeats, lambda: None)
    results = [table(here, speed, on_the_processor, options, lambda: None)]
    print(f"\nsweeps on the processor, sizes of the catalogue divided by {options.scale}")
    results[0]["sweeps"] = sweeps(np, options.scale, lambda: None)
    found = gpu()
    if found is None:
        print("\nno GPU here (or no CuPy): the kernels were not measured; run the same command where there is one")
    else:
        cupy, name = found
        wait = cupy.cuda.Device().synchronize
        options.entries = max(options.entries, 1 << 27)  # 1 GiB an array: what stays in a cache says nothing
        results.append(table(name, copy_speed(cupy, 1 << 27, options.repeats, wait), on_the_gpu, options, wait))
        from array_api_compat import cupy as xp

        print("\nsweeps on the GPU, sizes of the catalogue")
        results[1]["sweeps"] = sweeps(xp, 1, wait)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
