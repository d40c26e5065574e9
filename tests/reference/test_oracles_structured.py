"""The reference for structured data against masked arrays, scikit-learn, optimisers and a second array library."""

import math

import array_api_strict
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from reference import structured as sd
from tests.reference.elsewhere import same_elsewhere


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6))
def test_masked_mean_is_that_of_a_masked_array(seed, n, m):
    g = np.random.default_rng(seed)
    y, yhat, mask = g.normal(size=(n, m)), g.normal(size=(n, m)), g.uniform(size=(n, m)) < 0.6
    mask[0, 0] = True
    right = np.ma.mean((np.ma.array(y, mask=~mask) - yhat) ** 2)
    y[~mask], yhat[~mask] = np.nan, np.inf
    assert sd.masked_mse(y, yhat, mask) == pytest.approx(float(right), rel=1e-12)
    assert sd.masked_mse(y, yhat, mask.astype(int)) == sd.masked_mse(y, yhat, mask)


@pytest.mark.parametrize("factor", [1e-150, 1.0, 1e150])
def test_weighted_mean_is_scikit_learns(factor):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is a test dependency")
    g = np.random.default_rng(1)
    y, yhat, w = g.normal(size=30), g.normal(size=30), g.exponential(size=30)
    right = metrics.mean_squared_error(y, yhat, sample_weight=w)
    assert sd.weighted_mse(y, yhat, factor * w) == pytest.approx(right, rel=1e-12)


def test_weights_may_overflow_in_their_sum():
    assert sd.weighted_mse([3.0, 1.0] * 100, [0.0] * 200, [1e308] * 200) == pytest.approx(5.0, rel=1e-12)


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=7), min_size=1, max_size=6))
def test_averages_of_sequences_are_those_of_numpy(y_true):
    y_pred = [[0.5] * len(sequence) for sequence in y_true]
    squares = [(np.array(sequence) - 0.5) ** 2 for sequence in y_true]
    token = pytest.approx(np.concatenate(squares).mean(), rel=1e-12)
    sequence = pytest.approx(np.mean([q.mean() for q in squares]), rel=1e-12)
    assert sd.ragged_mse(y_true, y_pred, "token") == token
    assert sd.ragged_mse([np.array(s) for s in y_true], y_pred, "sequence") == sequence


def waves(seed, shape=(12,)):
    g = np.random.default_rng(seed)
    return tuple(g.normal(size=shape) + 1j * g.normal(size=shape) for _ in range(2))


@pytest.mark.parametrize("shape", [(), (1,), (12,), (3, 4)])
def test_complex_error_is_the_mean_of_squared_sizes(shape):
    z, zhat = waves(2, shape)
    found = sd.complex_mse(z, zhat)
    assert isinstance(found, float)
    assert found == pytest.approx(float(np.mean(np.abs(z - zhat) ** 2)), rel=1e-12)


def test_complex_error_of_real_data_is_the_mse():
    assert sd.complex_mse([1, 2], [3, 5]) == 6.5


def test_gain_is_found_by_least_squares_and_by_an_optimiser():
    x, y = waves(3)
    found = sd.complex_gain(x, y)
    assert found == pytest.approx(np.linalg.lstsq(x[:, None], y, rcond=None)[0][0], rel=1e-12)
    best = optimize.minimize(lambda a: np.sum(np.abs(y - complex(*a) * x) ** 2), [0.0, 0.0], tol=1e-12).x
    assert found == pytest.approx(complex(*best), abs=1e-6)


@pytest.mark.parametrize(("dtype", "data_range"), [(np.uint8, 255), (np.uint16, 65535), (np.float64, 1.0)])
def test_psnr_is_the_definition_in_wide_integers(dtype, data_range):
    g = np.random.default_rng(4)
    image, other = (data_range * g.uniform(size=(2, 4, 5))).astype(dtype)
    error = sum((float(a) - float(b)) ** 2 for a, b in zip(image.flat, other.flat, strict=True)) / image.size
    assert sd.psnr(image, other, data_range) == pytest.approx(10 * math.log10(data_range**2 / error), rel=1e-12)
    assert sd.psnr(image, image, data_range) == math.inf


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (sd.masked_mse, (np.array([1.0, np.nan]), np.array([0.0, 1.0]), np.array([True, False]))),
        (sd.weighted_mse, (np.arange(3.0), np.zeros(3), np.array([1, 2, 0]))),
        (sd.complex_mse, waves(5)),
        (sd.complex_mse, (np.arange(3.0), np.array([1j, 0, 2]))),
        (sd.complex_gain, waves(6)),
        (sd.psnr, (np.array([0, 255], np.uint8), np.array([3, 1], np.uint8), 255)),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_another_array_library_gives_the_same(function, arguments):
    same_elsewhere(function, arguments, rtol=1e-14)


def test_sequences_may_live_in_another_array_library():
    sequences = [[1.0, 2.0], [5.0]], [[0.0, 0.0], [1.0]]
    moved = [[array_api_strict.asarray(s) for s in side] for side in sequences]
    for reduction, right in (("token", 7.0), ("sequence", 9.25)):
        assert sd.ragged_mse(*sequences, reduction) == sd.ragged_mse(*moved, reduction) == right


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (sd.masked_mse, ([1.0], [1.0, 2.0], [True])),
        (sd.masked_mse, ([1.0], [2.0], [False])),
        (sd.weighted_mse, ([1.0], [2.0], [0.0])),
        (sd.weighted_mse, ([1.0, 3.0], [2.0, 0.0], [2.0, -1.0])),
        (sd.ragged_mse, ([[1.0]], [[1.0], [2.0]], "token")),
        (sd.ragged_mse, ([[1.0, 2.0]], [[1.0]], "token")),
        (sd.complex_mse, ([1j], [1j, 2j])),
        (sd.complex_mse, (["a"], ["b"])),
        (sd.complex_gain, ([0j], [1j])),
        (sd.psnr, ([1.0], [2.0], 0.0)),
    ],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"."):
        function(*arguments)
