"""Fused kernels for CuPy: every input is read once, every gradient written once, the loss summed on the way.

The formulas are in C++ (``fused.cu`` next to this file); the same text is compiled for the host by the tests.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import array_api_compat

from autograder.arrays import Array

SMALLEST = 1 << 16
"""Entries from which a kernel of its own is worth its launch and the copy of its partial sums."""

MAX_CLASSES = 1024
"""Entries of a row that the lanes of a warp hold in registers: 32 each."""

BLOCK = 256
_MAX_BLOCKS = 4096
_GRADS = {"mse": 1, "weighted_mse": 1, "huber": 1, "gaussian_nll": 2, "softmax_ce": 1, "softmax_mse": 1}
_INPUTS = {"mse": 2, "weighted_mse": 3, "huber": 2, "gaussian_nll": 3}


def source() -> str:
    """Return the text of the kernels."""
    return Path(__file__).with_name("fused.cu").read_text(encoding="utf-8")


def takes(xp: Any, arrays: Sequence[Array]) -> bool:
    """Whether these arrays live in CuPy, and are large enough."""
    return bool(array_api_compat.is_cupy_namespace(xp)) and arrays[0].size >= SMALLEST


def lanes(K: int) -> tuple[int, int]:
    """Return how many lanes of a warp share a row of K entries, and how many entries each of them holds."""
    group = min(32, 1 << (K - 1).bit_length())
    return group, -(-K // group)


def entries(name: str, inputs: Sequence[Array], constants: Sequence[float], scale: float) -> tuple[float, list[Array]]:
    """Return the scaled sum of the losses and the scaled gradients of a rule for single entries."""
    n = inputs[0].size
    return _launch(name, ("-DPER=4",), inputs, [n, *map(float, constants), scale], -(-n // (4 * BLOCK)))


def rows(name: str, inputs: Sequence[Array], scale: float) -> tuple[float, list[Array]]:
    """Return the scaled sum of the losses and the scaled gradient of a rule for rows of at most MAX_CLASSES."""
    n, K = inputs[0].shape
    group, held = lanes(K)
    return _launch(name, (f"-DGROUP={group}", f"-DHELD={held}"), inputs, [n, K, scale], -(-n * group // BLOCK))


def trajectories(kind: str, z0: Array, y_true: Array, lr: float, steps: int) -> Array:
    """Return the ends of gradient descents on single pre-activations: one thread each, all steps in registers."""
    cupy = importlib.import_module("cupy")
    start, target = cupy.ascontiguousarray(z0), cupy.ascontiguousarray(y_true)
    ends = cupy.empty_like(start)
    blocks = -(-start.size // BLOCK)
    _kernel("trajectory", (f"-DKIND_{kind}",))((blocks,), (BLOCK,), (start, target, ends, start.size, steps, lr))
    return ends


def _launch(
    name: str, options: tuple[str, ...], inputs: Sequence[Array], numbers: Sequence[float], blocks: int
) -> tuple[float, list[Array]]:
    cupy = importlib.import_module("cupy")
    ready = [cupy.ascontiguousarray(one) for one in inputs]
    grads = [cupy.empty_like(ready[0]) for _ in range(_GRADS[name])]
    blocks = min(blocks, _MAX_BLOCKS)
    partial = cupy.empty(blocks, dtype=cupy.float64)
    _kernel(name, options)((blocks,), (BLOCK,), (*ready, *grads, partial, *numbers))
    # the sums of the blocks are added in one order, so that a result does not change from run to run
    return float(cupy.sum(partial)) * float(numbers[-1]), grads


@lru_cache(maxsize=64)
def _kernel(name: str, options: tuple[str, ...]) -> Any:
    cupy = importlib.import_module("cupy")
    defines = ("-std=c++14", f"-DRULE_{name}", f"-DBLOCK={BLOCK}", *options)
    return cupy.RawModule(code=source(), options=defines).get_function("fused")
