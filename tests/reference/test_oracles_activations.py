"""The reference for output activations against many digits, SciPy and a second array library."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from autograder.checks.numeric import central_difference
from reference import activations
from tests.reference.elsewhere import same_elsewhere

Z = np.array([-300.0, -20.0, -1.0, 0.0, 0.3, 5.0, 15.0, 300.0])


def exact_slope(z, kind):
    """Derivative with 50 digits."""
    with mpmath.workdps(50):
        z = mpmath.mpf(float(z))
        return float(mpmath.sech(z) ** 2 if kind == "tanh" else mpmath.sech(z / 2) ** 2 / 4)


@pytest.mark.parametrize("kind", ["tanh", "sigmoid"])
def test_derivative_is_relatively_accurate(kind):
    want = [exact_slope(z, kind) for z in Z]
    np.testing.assert_allclose(activations.activation_derivative(Z, kind), want, rtol=1e-13)


@pytest.mark.parametrize("kind", activations.KINDS)
def test_delta_is_the_slope_of_the_loss(kind):
    g = np.random.default_rng(7)
    z, y = g.uniform(0.1, 2, size=8) * g.choice([-1, 1], size=8), 3 * g.normal(size=8)
    f = {"linear": lambda z: z, "tanh": np.tanh, "sigmoid": special.expit, "relu": lambda z: np.maximum(z, 0)}[kind]
    slope = central_difference(lambda v: np.sum((f(v) - y) ** 2) / 2, z)
    np.testing.assert_allclose(activations.output_delta(z, y, kind), slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", activations.KINDS)
def test_path_follows_the_signal(kind):
    z = activations.gd_preactivation(0.4, 2.0, kind, 0.3, 200)
    signal = activations.output_delta(z[:-1], np.full(200, 2.0), kind)
    np.testing.assert_allclose(z[1:], z[:-1] - 0.3 * signal, rtol=1e-13)


def test_path_of_a_linear_output_is_geometric():
    want = 4.0 + (1.0 - 4.0) * 0.8 ** np.arange(31)
    np.testing.assert_allclose(activations.gd_preactivation(1.0, 4.0, "linear", 0.2, 30), want, rtol=1e-12)


@given(st.floats(-3, 5), st.floats(-100, 0))
def test_signal_at_the_saturation_point_is_tol(exponent, digits):
    y, tol = 1 + 10.0**exponent, 10.0**digits
    with mpmath.workdps(250):
        z = mpmath.mpf(activations.saturation_point(y, tol))
        signal = (mpmath.mpf(y) - mpmath.tanh(z)) * mpmath.sech(z) ** 2
        assert abs(mpmath.log(signal / mpmath.mpf(tol))) < 1e-9


@pytest.mark.parametrize("tol", [0.99, 1e-5, 1e-80])
def test_saturation_at_the_end_of_the_range_has_a_closed_form(tol):
    # for y = 1 the signal is (1 - tanh z)^2 (1 + tanh z), a cubic in u = 1 - tanh z
    with mpmath.workdps(200):
        u = mpmath.findroot(lambda u: u * u * (2 - u) - mpmath.mpf(tol), mpmath.sqrt(mpmath.mpf(tol) / 2))
        want = float(mpmath.atanh(1 - u))
    assert activations.saturation_point(1.0, tol) == pytest.approx(want, abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 3), st.integers(1, 6))
def test_a_dead_unit_has_no_gradient(seed, n, d, h):
    g = np.random.default_rng(seed)
    X, W, b = g.normal(size=(n, d)), g.normal(size=(h, d)), g.normal(size=h) - 1.0
    signal = activations.activation_derivative(X @ W.T + b, "relu")
    np.testing.assert_array_equal(activations.dead_units(X, W, b), signal.sum(axis=0) == 0)


STRICT = {
    "activation_derivative": [(Z, kind) for kind in activations.KINDS],
    "output_delta": [(Z, np.arange(8.0), kind) for kind in activations.KINDS],
    "dead_units": [(Z.reshape(4, 2), np.eye(2), np.array([-400.0, 0.0]))],
}


@pytest.mark.parametrize(("name", "args"), [(name, args) for name, cases in STRICT.items() for args in cases])
def test_another_array_library_gives_the_same(name, args):
    same_elsewhere(getattr(activations, name), args, rtol=1e-13)
