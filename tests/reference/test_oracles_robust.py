"""The reference for robust losses against SciPy, scikit-learn, root finding and a second array library."""

import array_api_strict
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from reference import robust
from tests.reference.elsewhere import same_elsewhere

RESIDUALS = np.array([-1e200, -5.0, -1.5, -0.3, 0.0, 0.2, 1.5, 7.0, 1e200])


@pytest.mark.parametrize("delta", [1e-3, 0.7, 1.5, 100.0])
def test_huber_loss_is_scipys(delta):
    np.testing.assert_allclose(robust.huber_loss(RESIDUALS, delta), special.huber(delta, RESIDUALS), rtol=1e-14)


def test_huber_loss_overflows_nowhere():
    with np.errstate(over="raise"):
        np.testing.assert_allclose(robust.huber_loss([1e200, -1e200], 2.0), 2e200)


@pytest.mark.parametrize("delta", [0.5, 2.0])
@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_influence_is_the_slope_of_the_loss(loss, delta):
    r, step = np.array([-3.0, -1.1, -0.2, 0.4, 1.3, 5.0]), 1e-6

    def rho(r):
        return {"mse": r * r / 2, "mae": np.abs(r), "huber": special.huber(delta, r)}[loss]

    slope = (rho(r + step) - rho(r - step)) / (2 * step)
    np.testing.assert_allclose(robust.influence(r, loss, delta), slope, atol=1e-8)
    assert robust.influence(0.0, loss, delta) == 0


@given(
    st.integers(0, 2**32 - 1), st.integers(1, 40), st.floats(-6, 6), st.floats(0.05, 3),
    st.sampled_from([0.0, 3.0, 100.0]),
)  # fmt: skip
def test_huber_location_is_a_minimiser(seed, n, exponent, relative, offset):
    s = 10.0**exponent
    y = s * (np.random.default_rng(seed).standard_t(1.1, size=n) + offset)
    m, delta = robust.huber_location(y, relative * s), relative * s
    psi = np.clip(y - m, -delta, delta)
    assert abs(psi.mean()) <= 1e-8 * np.abs(psi).mean() + 4e-16 * np.abs(y).max()


def test_huber_location_is_a_minimum_of_scipys_loss():
    y = np.random.default_rng(8).standard_t(1.5, size=31)
    found = optimize.minimize_scalar(lambda m: special.huber(0.8, y - m).sum(), bounds=(-9, 9), options={"xatol": 1e-9})
    assert robust.huber_location(y, 0.8) == pytest.approx(found.x, abs=1e-6)


def test_huber_location_is_that_of_a_regression_without_inputs():
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is an extra oracle")
    y = np.random.default_rng(9).normal(size=40) + 2.0
    model = linear_model.HuberRegressor(epsilon=1.3, alpha=0.0, tol=1e-10, max_iter=1000)
    model.fit(np.zeros((40, 1)), y)
    # its delta is epsilon in units of the scale that it estimates
    assert robust.huber_location(y, 1.3 * model.scale_) == pytest.approx(model.intercept_, abs=1e-5)


@pytest.mark.parametrize("n", [2, 5, 10])
def test_sensitivity_curve_of_the_variance(n):
    y, x = np.random.default_rng(n).normal(size=n), 3.0
    # one more point changes the variance by (n / (n + 1) * (x - mean)^2 - variance) / (n + 1)
    want = n / (n + 1) * (x - y.mean()) ** 2 - y.var()
    assert robust.sensitivity_curve(y, [x], np.var)[0] == pytest.approx(want, rel=1e-12)


STRICT = {
    "huber_loss": (RESIDUALS, 1.5),
    "influence": (RESIDUALS, "huber", 1.5),
    "huber_location": (RESIDUALS[1:-1], 0.7),
}


@pytest.mark.parametrize("name", STRICT)
def test_another_array_library_gives_the_same(name):
    same_elsewhere(getattr(robust, name), STRICT[name], atol=1e-15)


def test_sensitivity_curve_in_another_array_library():
    y, xs = RESIDUALS[1:-1], np.array([-2.0, 9.0])
    got = robust.sensitivity_curve(
        array_api_strict.asarray(y), array_api_strict.asarray(xs), lambda a: float(array_api_strict.mean(a))
    )
    np.testing.assert_allclose(np.asarray(got), robust.sensitivity_curve(y, xs, np.mean), rtol=1e-12)
