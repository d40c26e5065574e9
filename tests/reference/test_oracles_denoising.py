"""The reference for denoising against exact laws, optimisers, sixty digits and a second array library."""

import math

import array_api_strict
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from autograder.checks.statistics import binomial_violation, dkw_violation
from reference import denoising as dn
from tests.reference.elsewhere import same_elsewhere


@pytest.mark.parametrize("level", [1e-6, 1.0, 250.0])
def test_added_noise_is_normal_and_independent(level):
    X = np.random.default_rng(1).normal(size=(2000, 2))
    noise = (dn.corrupt(X, "gaussian", level, np.random.default_rng(2)) - X) / level
    assert not dkw_violation(noise.ravel(), stats.norm.cdf, 1e-10)
    assert not dkw_violation((noise[:, 0] - noise[:, 1]) / math.sqrt(2), stats.norm.cdf, 1e-10)


@pytest.mark.parametrize("level", [0.01, 0.5, 0.9])
def test_mask_destroys_the_stated_share(level):
    X = np.random.default_rng(3).normal(size=(50, 40, 2))
    out = dn.corrupt(X, "mask", level, np.random.default_rng(4))
    gone = out == 0
    np.testing.assert_array_equal(out[~gone], X[~gone])
    assert not binomial_violation(int(gone.sum()), gone.size, level, 1e-10)
    assert not binomial_violation(int(gone.all(axis=-1).sum()), gone.size // 2, level**2, 1e-10)


def signal(seed, d, rank=None):
    A = np.random.default_rng(seed).normal(size=(d, rank or d))
    return A @ A.T


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 5), st.floats(0.01, 100))
def test_best_denoiser_shrinks_in_the_frame_of_the_signal(seed, d, rank, sigma2):
    S = signal(seed, d, rank)
    w, Q = np.linalg.eigh(S)
    np.testing.assert_allclose(dn.optimal_linear_denoiser(S, sigma2), (Q * (w / (w + sigma2))) @ Q.T, atol=1e-9)


def test_best_denoiser_is_a_regression():
    """Least squares of x on x + e over a sample whose second moments are exactly those of the model."""
    S, sigma2 = signal(5, 3), 0.4
    frame = np.sqrt(6) * np.vstack([np.eye(6), -np.eye(6)])  # second moments 1 and mean 0 in six dimensions
    x, e = frame[:, :3] @ np.linalg.cholesky(S).T, math.sqrt(sigma2) * frame[:, 3:]
    D = np.linalg.lstsq(x + e, x, rcond=None)[0].T
    np.testing.assert_allclose(dn.optimal_linear_denoiser(S, sigma2), D, rtol=1e-9)
    other = np.random.default_rng(6).normal(size=(3, 3))
    for matrix in (D, other):
        assert dn.denoiser_mse(S, sigma2, matrix) == pytest.approx(
            np.mean(np.sum((x - (x + e) @ matrix.T) ** 2, axis=1)), rel=1e-9
        )


def test_best_denoiser_is_found_by_an_optimiser():
    S, sigma2 = signal(7, 2), 0.8
    found = optimize.minimize(lambda D: dn.denoiser_mse(S, sigma2, D.reshape(2, 2)), np.zeros(4), tol=1e-12)
    np.testing.assert_allclose(dn.optimal_linear_denoiser(S, sigma2).ravel(), found.x, atol=1e-5)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 4), st.floats(0, 10))
def test_injected_noise_averages_out_exactly(seed, n, d, sigma2):
    """Noise at the corners of a cross has the moments of the normal noise up to the second: no sampling."""
    g = np.random.default_rng(seed)
    X, y, w = g.normal(size=(n, d)), g.normal(size=n), g.normal(size=d)
    corners = math.sqrt(d * sigma2) * np.vstack([np.eye(d), -np.eye(d)])
    average = np.mean([np.mean((y - (X + e) @ w) ** 2) for e in corners])
    assert dn.noise_injected_loss(X, y, w, sigma2) == pytest.approx(average, rel=1e-9)


def exact_posterior_mean(y, weights, means, s2, sigma2):
    """Ratio of two sums with 60 digits: nothing underflows."""
    with mpmath.workdps(60):
        top = bottom = mpmath.mpf(0)
        for p, m, v in zip(weights, means, s2, strict=True):
            p, m, v, t = mpmath.mpf(p), mpmath.mpf(m), mpmath.mpf(v), mpmath.mpf(v) + mpmath.mpf(sigma2)
            share = p * mpmath.exp(-((y - m) ** 2) / (2 * t)) / mpmath.sqrt(t)
            top, bottom = top + share * (sigma2 * m + v * y) / t, bottom + share
        return float(top / bottom)


@given(
    st.lists(st.tuples(st.floats(0.1, 1), st.floats(-5, 5), st.sampled_from([0.0, 0.2, 3.0])), min_size=1, max_size=4),
    st.floats(-30, 30),
    st.sampled_from([1e-2, 0.5, 20.0]),
)
def test_posterior_mean_is_that_of_sixty_digits(parts, y, sigma2):
    weights, means, s2 = (np.array(column) for column in zip(*parts, strict=True))
    weights = weights / weights.sum()
    want = exact_posterior_mean(y, weights, means, s2, sigma2)
    assert dn.gmm_denoiser([y], weights, means, s2, sigma2)[0] == pytest.approx(want, rel=1e-7, abs=1e-9)


def test_posterior_mean_is_that_of_the_definition():
    """Quadrature of x times prior times likelihood."""
    weights, means, s2, sigma2 = [0.3, 0.7], [-1.0, 2.0], [0.5, 1.5], 0.8

    def joint(x, y):
        prior = sum(p * stats.norm.pdf(x, m, math.sqrt(v)) for p, m, v in zip(weights, means, s2, strict=True))
        return prior * stats.norm.pdf(y, x, math.sqrt(sigma2))

    x = np.linspace(-15, 15, 6001)
    for y in (-4.0, 0.3, 2.5):
        want = np.sum(x * joint(x, y)) / np.sum(joint(x, y))
        assert dn.gmm_denoiser([y], weights, means, s2, sigma2)[0] == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("sigma2", [1e-2, 1.0, 30.0])
def test_two_points_give_the_hyperbolic_tangent(sigma2):
    y = np.linspace(-6, 6, 25)
    got = dn.gmm_denoiser(y, [0.5, 0.5], [-1.0, 1.0], [0.0, 0.0], sigma2)
    np.testing.assert_allclose(got, np.tanh(y / sigma2), rtol=1e-12, atol=1e-15)


G = np.random.default_rng(8)
MIXTURE = (np.array([0.3, 0.7]), np.array([-1.0, 2.0]), np.array([0.0, 1.5]), 0.8)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (dn.optimal_linear_denoiser, (signal(9, 3), 0.5)),
        (dn.denoiser_mse, (signal(9, 3), 0.5, G.normal(size=(3, 3)))),
        (dn.noise_injected_loss, (G.normal(size=(6, 2)), G.normal(size=6), G.normal(size=2), 0.5)),
        (dn.gmm_denoiser, (G.normal(size=7), *MIXTURE)),
        (dn.gmm_denoiser, (np.zeros(0), *MIXTURE)),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_another_array_library_gives_the_same(function, arguments):
    same_elsewhere(function, arguments)


@pytest.mark.parametrize(("kind", "level"), [("gaussian", 0.7), ("mask", 0.4)])
def test_corruption_in_another_array_library_is_the_same(kind, level):
    X = G.normal(size=(5, 4))
    got = dn.corrupt(array_api_strict.asarray(X), kind, level, np.random.default_rng(10))
    assert got.__array_namespace__() is array_api_strict
    np.testing.assert_array_equal(np.asarray(got), dn.corrupt(X, kind, level, np.random.default_rng(10)))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (dn.corrupt, ([[1.0]], "gaussian", math.nan, G)),
        (dn.corrupt, ([[1.0]], "mask", 1.1, G)),
        (dn.optimal_linear_denoiser, ([[1.0, 2.0]], 1.0)),
        (dn.optimal_linear_denoiser, ([[1.0]], 0.0)),
        (dn.denoiser_mse, ([[1.0]], 1.0, [[1.0, 2.0]])),
        (dn.denoiser_mse, ([[1.0]], 1.0, np.eye(2))),
        (dn.denoiser_mse, ([[1.0]], -1.0, [[1.0]])),
        (dn.noise_injected_loss, ([[1.0]], [1.0, 2.0], [1.0], 1.0)),
        (dn.noise_injected_loss, ([[1.0]], [1.0], [1.0], -1.0)),
        (dn.gmm_denoiser, ([1.0], [0.5, 0.6], [0.0, 1.0], [1.0, 1.0], 1.0)),
        (dn.gmm_denoiser, ([1.0], [1.0], [0.0, 1.0], [1.0], 1.0)),
    ],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"."):
        function(*arguments)
