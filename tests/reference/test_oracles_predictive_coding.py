"""The reference for predictive coding against densities, conditioning, optimisers and a second array library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, optimize, stats

from autograder.checks.numeric import central_difference
from reference import predictive_coding as pc
from tests.reference.elsewhere import same_elsewhere

SEEDS, UNITS, CAUSES = st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 4)


def model(seed, p, k):
    """Data, causes, weights, prior mean and precisions."""
    g = np.random.default_rng(seed)
    return (
        g.normal(size=p), g.normal(size=k), g.normal(size=(p, k)), g.normal(size=k), g.uniform(0.2, 3, p),
        g.uniform(0.2, 3, k),
    )  # fmt: skip


def hessian(U, pi_y, pi_r):
    return U.T @ np.diag(pi_y) @ U + np.diag(pi_r)


@given(SEEDS, UNITS, CAUSES)
def test_energy_is_a_negative_log_joint_density(seed, p, k):
    y, r, U, m, pi_y, pi_r = model(seed, p, k)

    def log_joint(at):
        data = stats.multivariate_normal.logpdf(y, U @ at, np.diag(1 / pi_y))
        return data + stats.multivariate_normal.logpdf(at, m, np.diag(1 / pi_r))

    difference = pc.pc_energy(y, r, U, m, pi_y, pi_r) - pc.pc_energy(y, m, U, m, pi_y, pi_r)
    assert difference == pytest.approx(log_joint(m) - log_joint(r), rel=1e-8, abs=1e-8)


@given(SEEDS, UNITS, CAUSES)
def test_gradient_is_the_slope(seed, p, k):
    y, r, U, m, pi_y, pi_r = model(seed, p, k)
    slope = central_difference(lambda v: pc.pc_energy(y, v, U, m, pi_y, pi_r), r)
    np.testing.assert_allclose(pc.pc_grad(y, r, U, m, pi_y, pi_r), slope, rtol=1e-5, atol=1e-6)


@given(SEEDS, UNITS, CAUSES)
def test_posterior_mean_is_gaussian_conditioning(seed, p, k):
    """From the joint covariance of causes and data, where no precision matrix of the causes occurs."""
    y, _, U, m, pi_y, pi_r = model(seed, p, k)
    prior = np.diag(1 / pi_r)
    gain = prior @ U.T @ np.linalg.inv(U @ prior @ U.T + np.diag(1 / pi_y))
    np.testing.assert_allclose(pc.pc_posterior_mean(y, U, m, pi_y, pi_r), m + gain @ (y - U @ m), rtol=1e-7, atol=1e-9)


def test_posterior_mean_is_found_by_an_optimiser():
    y, r, U, m, pi_y, pi_r = model(2, 4, 3)
    found = optimize.minimize(lambda v: pc.pc_energy(y, v, U, m, pi_y, pi_r), r, tol=1e-12)
    np.testing.assert_allclose(pc.pc_posterior_mean(y, U, m, pi_y, pi_r), found.x, atol=1e-6)


def test_precision_zero_leaves_a_unit_out():
    y, _, U, m, pi_y, pi_r = model(3, 4, 2)
    got = pc.pc_posterior_mean(y, U, m, pi_y * [1, 0, 1, 1], pi_r)
    kept = [0, 2, 3]
    np.testing.assert_allclose(got, pc.pc_posterior_mean(y[kept], U[kept], m, pi_y[kept], pi_r), rtol=1e-12)
    fit = np.linalg.lstsq(np.sqrt(pi_y)[:, None] * U, np.sqrt(pi_y) * y, rcond=None)[0]
    np.testing.assert_allclose(pc.pc_posterior_mean(y, U, m, pi_y, 0 * pi_r), fit, rtol=1e-10)


@given(SEEDS, UNITS, CAUSES, st.integers(0, 20), st.floats(0.05, 1.9))
def test_path_is_that_of_the_matrix_power(seed, p, k, steps, share):
    """Gradient descent on a quadratic form in closed form, also where it converges with changing signs."""
    y, r, U, m, pi_y, pi_r = model(seed, p, k)
    H = hessian(U, pi_y, pi_r)
    lr = share / np.linalg.eigvalsh(H)[-1]
    end = pc.pc_posterior_mean(y, U, m, pi_y, pi_r)
    for start in (None, r):
        path = pc.pc_infer(y, U, m, pi_y, pi_r, lr, steps, start)
        assert path.shape == (steps + 1, k)
        power = np.linalg.matrix_power(np.eye(k) - lr * H, steps)
        want = end + power @ ((m if start is None else start) - end)
        np.testing.assert_allclose(path[-1], want, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("share", "converges"), [(0.99, True), (1.01, False)])
def test_the_stability_limit_is_sharp(share, converges):
    y, r, U, m, pi_y, pi_r = model(4, 5, 2)
    limit = 2 / np.linalg.eigvalsh(hessian(U, pi_y, pi_r))[-1]
    path = pc.pc_infer(y, U, m, pi_y, pi_r, share * limit, 2000, r)
    distance = np.linalg.norm(path - pc.pc_posterior_mean(y, U, m, pi_y, pi_r), axis=1)
    assert (distance[-1] < 1e-9 * distance[0]) == converges


@given(SEEDS, st.integers(1, 6), UNITS, CAUSES)
def test_learning_goes_against_the_slope_of_the_mean_energy(seed, n, p, k):
    g = np.random.default_rng(seed)
    Y, R, U, pi_y = g.normal(size=(n, p)), g.normal(size=(n, k)), g.normal(size=(p, k)), g.uniform(0.2, 3, p)

    def mean_energy(V):
        return np.mean([pc.pc_energy(y, r, V, r, pi_y, np.zeros(k)) for y, r in zip(Y, R, strict=True)])

    step = (pc.pc_learn_step(Y, R, U, pi_y, 0.3) - U) / 0.3
    np.testing.assert_allclose(step, -central_difference(mean_energy, U), rtol=1e-5, atol=1e-6)


def test_learning_ends_at_the_regression_on_the_causes():
    g = np.random.default_rng(5)
    Y, R, pi_y = g.normal(size=(12, 3)), g.normal(size=(12, 2)), np.array([0.5, 1.0, 2.0])
    U = np.zeros((3, 2))
    for _ in range(3000):
        U = pc.pc_learn_step(Y, R, U, pi_y, 0.2)
    np.testing.assert_allclose(U, linalg.lstsq(R, Y)[0].T, atol=1e-9)


Y0, R0, U0, M0, PY, PR = model(6, 4, 3)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (pc.pc_energy, (Y0, R0, U0, M0, PY, PR)),
        (pc.pc_grad, (Y0, R0, U0, M0, PY, PR)),
        (pc.pc_infer, (Y0, U0, M0, PY, PR, 0.05, 7)),
        (pc.pc_infer, (Y0, U0, M0, PY, PR, 0.05, 0, R0)),
        (pc.pc_posterior_mean, (Y0, U0, M0, PY, PR)),
        (pc.pc_learn_step, (np.outer(R0, Y0), np.outer(R0, M0), U0, PY, 0.1)),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_another_array_library_gives_the_same(function, arguments):
    same_elsewhere(function, arguments)


ONE = ([3.0], [1.0], [[2.0]], [0.0], [4.0], [6.0])


@pytest.mark.parametrize("function", [pc.pc_energy, pc.pc_grad])
@pytest.mark.parametrize(
    ("position", "value"),
    [(0, [3.0, 1.0]), (1, [1.0, 1.0]), (2, [[2.0, 1.0]]), (2, [2.0]), (3, []), (4, [-4.0]), (5, [-6.0])],
)
def test_bad_arguments_of_the_model_are_refused(function, position, value):
    arguments = [*ONE[:position], value, *ONE[position + 1 :]]
    with pytest.raises(ValueError, match=r"."):
        function(*arguments)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (pc.pc_infer, ([3.0], [[2.0]], [0.0], [1.0], [1.0], 0.1, 1, [1.0, 2.0])),
        (pc.pc_posterior_mean, ([3.0], [[2.0]], [7.0], [0.0], [0.0])),
        (pc.pc_learn_step, ([[3.0]], [[1.0, 2.0]], [[2.0]], [4.0], 0.5)),
        (pc.pc_learn_step, ([[3.0]], [[1.0]], [[2.0]], [4.0, 1.0], 0.5)),
    ],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"."):
        function(*arguments)
