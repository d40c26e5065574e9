"""Losses with gradients: against the reference's own losses, slopes, and the text of the kernels on the host."""

import ctypes
import os
import shutil
import subprocess
import sys
from functools import lru_cache

import array_api_strict
import numpy as np
import pytest

from reference import _fused, losses
from reference.activations import KINDS
from reference.gradients import numerical_grad
from reference.likelihoods import gaussian_nll, nll_grads
from reference.probabilities import cross_entropy, log_softmax, softmax, softmax_grads
from reference.risks import mse
from reference.robust import huber_loss, influence
from reference.structured import weighted_mse
from reference.sweeps import gd_preactivation_sweep
from tests import gpu

ENTRIES = {
    "mse": (losses.mse_and_grad, 2, ()),
    "weighted_mse": (losses.weighted_mse_and_grad, 3, ()),
    "huber": (losses.huber_and_grad, 2, (0.7,)),
    "gaussian_nll": (losses.gaussian_nll_and_grads, 3, ()),
}
ROWS = {"softmax_ce": losses.softmax_ce_and_grad, "softmax_mse": losses.softmax_mse_and_grad}


def inputs_of(name, shape, seed=0):
    g = np.random.default_rng(seed)
    if name in ROWS:
        return g.normal(size=shape) * 5, g.dirichlet(np.ones(shape[1]), size=shape[0])
    arrays = [g.normal(size=shape) for _ in range(ENTRIES[name][1])]
    return (*arrays[:2], np.abs(arrays[2])) if name == "weighted_mse" else tuple(arrays)


def call(name, arrays):
    function = ROWS[name] if name in ROWS else ENTRIES[name][0]
    return function(*arrays, *(() if name in ROWS else ENTRIES[name][2]))


def close(got, want, rtol=1e-13):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol * np.max(np.abs(want), initial=0.0))


# --- the formulas ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(7,), (1,), (3, 4), ()])
def test_losses_of_entries_are_the_references(shape):
    y, p, w = inputs_of("weighted_mse", shape)
    loss, grad = losses.mse_and_grad(y, p)
    close(loss, mse(y, p))
    close(grad, 2 * (p - y) / y.size)
    loss, grad = losses.weighted_mse_and_grad(y, p, w)
    close(loss, weighted_mse(y, p, w))
    close(grad, 2 * w * (p - y) / np.sum(w))
    loss, grad = losses.huber_and_grad(y, p, 0.7)
    close(loss, np.mean(huber_loss(y - p, 0.7)))
    close(grad, -influence(y - p, "huber", 0.7) / y.size)
    loss, by_mu, by_logvar = losses.gaussian_nll_and_grads(y, p, w)
    close(loss, gaussian_nll(y, p, w))
    wanted = nll_grads(y, p, w)
    close(by_mu, wanted[0])
    close(by_logvar, wanted[1])
    assert grad.shape == by_mu.shape == by_logvar.shape == shape


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (200, 10)])
def test_losses_of_rows_are_the_references(shape):
    z, y = inputs_of("softmax_ce", shape)
    by_ce, by_mse = softmax_grads(z, y)
    loss, grad = losses.softmax_ce_and_grad(z, y)
    close(loss, -np.mean(np.sum(y * log_softmax(z), axis=1)), 1e-12)
    close(grad, by_ce / shape[0], 1e-12)
    loss, grad = losses.softmax_mse_and_grad(z, y)
    close(loss, np.mean(np.sum((softmax(z) - y) ** 2, axis=1)) / 2, 1e-12)
    close(grad, by_mse / shape[0], 1e-12)
    labels = np.argmax(y, axis=1)
    close(losses.softmax_ce_and_grad(z, np.eye(shape[1])[labels])[0], cross_entropy(z, labels), 1e-12)


@pytest.mark.parametrize("name", [*ENTRIES, *ROWS])
def test_gradients_are_the_slopes_of_the_loss(name):
    arrays = list(inputs_of(name, (4, 3)))
    at = 0 if name in ROWS else 1

    def loss(x):
        return call(name, [*arrays[:at], x, *arrays[at + 1 :]])[0]

    np.testing.assert_allclose(call(name, arrays)[1], numerical_grad(loss, arrays[at]), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", [*ENTRIES, *ROWS])
def test_pieces_add_up_to_the_whole_and_every_library_agrees(name, monkeypatch):
    arrays = inputs_of(name, (1000, 7))
    whole = call(name, [array_api_strict.asarray(one) for one in arrays])
    monkeypatch.setattr(losses, "PIECE", 64)
    pieces = call(name, arrays)
    close(pieces[0], whole[0])
    for got, want in zip(pieces[1:], whole[1:], strict=True):
        close(got, np.asarray(want))
        assert got.dtype == np.float64


@pytest.mark.parametrize("name", [*ENTRIES, *ROWS])
def test_arguments_stay_as_they_are_and_bad_ones_are_refused(name):
    arrays = inputs_of(name, (3, 2))
    for one in arrays:
        one.setflags(write=False)
    results = call(name, arrays)
    assert not any(np.shares_memory(grad, one) for grad in results[1:] for one in arrays)
    with pytest.raises(ValueError, match="shapes must agree"):
        call(name, [arrays[0], arrays[1][:2], *arrays[2:]])
    with pytest.raises(ValueError, match=r"at least one|not empty"):
        call(name, [one[:0] for one in arrays])


@pytest.mark.parametrize("delta", [0.0, -1.0, np.inf, np.nan])
def test_a_delta_that_is_none_is_refused(delta):
    with pytest.raises(ValueError, match="delta"):
        losses.huber_and_grad([1.0], [2.0], delta)


@pytest.mark.parametrize("weight", [[-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_weights_that_are_none_are_refused(weight):
    with pytest.raises(ValueError, match="weights"):
        losses.weighted_mse_and_grad([1.0, 2.0], [2.0, 2.0], weight)


def test_a_class_without_probability_costs_nothing_where_it_is_not_the_target():
    loss, grad = losses.softmax_ce_and_grad([[0.0, -1e308]], [[1.0, 0.0]])
    assert loss == 0.0
    np.testing.assert_array_equal(grad, [[0.0, 0.0]])


# --- the kernels on the host -----------------------------------------------------------------------------------

# Threads play the lanes of a block: an exchange is a meeting of a warp, __syncthreads one of the whole block.
SHIM = r"""
#include <cmath>
#include <pthread.h>
#include <thread>
#include <vector>
using std::exp; using std::log;
#define __device__
#define __global__
#define __shared__ static
#define __launch_bounds__(n)
struct Index { unsigned x; };
static Index gridDim, blockIdx;
static thread_local Index threadIdx;
static double lanes[BLOCK];
static pthread_barrier_t block_barrier, warp_barrier[BLOCK / 32];
static void __syncthreads() { pthread_barrier_wait(&block_barrier); }
static double exchange(double value, unsigned from) {
    pthread_barrier_t* warp = &warp_barrier[threadIdx.x / 32];
    lanes[threadIdx.x] = value;
    pthread_barrier_wait(warp);
    const double other = lanes[threadIdx.x / 32 * 32 + from];
    pthread_barrier_wait(warp);
    return other;
}
static double __shfl_down_sync(unsigned, double value, int offset) {
    const unsigned lane = threadIdx.x % 32;
    return exchange(value, lane + offset < 32 ? lane + offset : lane);
}
static double __shfl_xor_sync(unsigned, double value, int offset, int width) {
    return exchange(value, (threadIdx.x % 32) ^ offset);
}
"""

HOST = r"""
extern "C" void host(int blocks, {parameters}) {{
    gridDim.x = blocks;
    pthread_barrier_init(&block_barrier, nullptr, BLOCK);
    for (auto& one : warp_barrier) pthread_barrier_init(&one, nullptr, 32);
    for (int b = 0; b < blocks; ++b) {{
        blockIdx.x = b;
        std::vector<std::thread> threads;
        for (unsigned t = 0; t < BLOCK; ++t)
            threads.emplace_back([=] {{ threadIdx.x = t; fused({arguments}); }});
        for (auto& one : threads) one.join();
    }}
}}
"""

host = pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ to compile the kernels' text for the host")


def compiled(folder, name, parameters, *defines):
    """Compile a kernel for the host; its parameters are written as in C++."""
    arguments = ", ".join(one.split()[-1] for one in parameters)
    file, library = folder / "kernel.cpp", folder / f"{name}{''.join(defines)}.so"
    file.write_text(SHIM + _fused.source() + HOST.format(parameters=", ".join(parameters), arguments=arguments))
    options = ["-O1", "-std=c++14", "-w", "-pthread", "-shared", "-fPIC", f"-DRULE_{name}", "-DBLOCK=64", *defines]
    subprocess.run(["g++", *options, file, "-o", library], check=True)
    function = ctypes.CDLL(str(library)).host
    function.restype = None
    return function


@lru_cache(maxsize=32)
def on_the_host(folder, name, *defines):
    """Return a rule's kernel for the host with its number of gradients."""
    arrays, grads = _fused._INPUTS.get(name, 2), _fused._GRADS[name]
    doubles = ["delta", "scale"] if name == "huber" else ["scale"]
    parameters = [f"double* p{k}" for k in range(arrays + grads + 1)]
    parameters += [f"long long {c}" for c in (["n", "K"] if name in ROWS else ["n"])]
    return compiled(folder, name, [*parameters, *(f"double {d}" for d in doubles)], *defines), grads


def run_on_the_host(folder, name, arrays, constants, scale, blocks, *defines):
    function, count = on_the_host(folder, name, *defines)
    ready = [np.ascontiguousarray(one) for one in arrays]
    grads = [np.full(ready[0].shape, np.nan) for _ in range(count)]
    partial = np.full(blocks, np.nan)
    pointers = [one.ctypes.data_as(ctypes.c_void_p) for one in (*ready, *grads, partial)]
    counts = [ctypes.c_longlong(size) for size in (ready[0].shape if name in ROWS else [ready[0].size])]
    function(blocks, *pointers, *counts, *map(ctypes.c_double, (*constants, scale)))
    return np.sum(partial) * scale, grads


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels")


@pytest.mark.core_sample(1)
@host
@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize(("n", "blocks"), [(1, 1), (1000, 3), (257, 1), (300, 5)])
def test_a_kernel_for_entries_computes_what_numpy_computes(name, n, blocks, folder):
    arrays = inputs_of(name, (n,), seed=n)
    loss, *grads = call(name, arrays)
    scale = 1 / np.sum(arrays[2]) if name == "weighted_mse" else 1 / n
    got, got_grads = run_on_the_host(folder, name, arrays, ENTRIES[name][2], scale, blocks, "-DPER=4")
    close(got, loss)
    for one, want in zip(got_grads, grads, strict=True):
        close(one, want)


@pytest.mark.core_sample(1)
@host
@pytest.mark.parametrize("kind", KINDS)
def test_the_kernel_for_trajectories_ends_where_numpy_ends(kind, folder):
    g = np.random.default_rng(3)
    z0, y = g.normal(size=100) * 3, g.uniform(-1, 1, size=100)
    function = compiled(
        folder, "trajectory", ["double* p0", "double* p1", "double* p2", "long long n", "long long steps", "double lr"],
        f"-DKIND_{kind}",
    )  # fmt: skip
    ends = np.full(100, np.nan)
    pointers = [one.ctypes.data_as(ctypes.c_void_p) for one in (z0, y, ends)]
    function(2, *pointers, ctypes.c_longlong(100), ctypes.c_longlong(50), ctypes.c_double(0.3))
    np.testing.assert_allclose(ends, gd_preactivation_sweep(z0, y, kind, 0.3, 50), rtol=1e-9, atol=1e-12)


@pytest.mark.core_sample(1)
@host
@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize(("n", "K"), [(1, 1), (37, 3), (50, 10), (9, 33), (5, 100), (3, 1024)])
def test_a_kernel_for_rows_computes_what_numpy_computes(name, n, K, folder):
    z, y = inputs_of(name, (n, K), seed=K)
    group, held = _fused.lanes(K)
    assert group * held >= K
    loss, grad = call(name, (z, y))
    got, (got_grad,) = run_on_the_host(folder, name, (z, y), (), 1 / n, 2, f"-DGROUP={group}", f"-DHELD={held}")
    close(got, loss, 1e-12)
    close(got_grad, grad, 1e-12)


# --- compiled for and run on a GPU -----------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="no nvcc to compile the kernels")
@pytest.mark.parametrize("name", [*ENTRIES, *ROWS, "trajectory"])
def test_the_kernels_compile_for_gpus(name, tmp_path):
    source = tmp_path / "fused.cu"
    source.write_text(_fused.source())
    options = ["-DGROUP=16", "-DHELD=1"] if name in ROWS else ["-DPER=4", "-DKIND_tanh"]
    done = subprocess.run(
        ["nvcc", "--ptx", "-std=c++14", "-arch=compute_80", f"-DRULE_{name}", f"-DBLOCK={_fused.BLOCK}", *options,
         "-Werror", "all-warnings", source, "-o", tmp_path / "fused.ptx"],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert ".entry fused" in (tmp_path / "fused.ptx").read_text()


@pytest.mark.gpu
@gpu.needed
@pytest.mark.parametrize("name", [*ENTRIES, *ROWS])
@pytest.mark.parametrize("size", [_fused.SMALLEST, 1_000_003])
def test_a_gpu_gives_numpys_values(name, size):
    import cupy

    shape = (-(-size // 10), 10) if name in ROWS else (size,)
    arrays = inputs_of(name, shape)
    wanted = call(name, arrays)
    got = call(name, [cupy.asarray(one) for one in arrays])
    close(got[0], wanted[0], 1e-12)
    for one, want in zip(got[1:], wanted[1:], strict=True):
        close(one.get(), want, 1e-12)
    assert "cupy" in sys.modules
