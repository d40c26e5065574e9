"""What statistics' own library says of the fits, the scores and the robust location."""

import numpy as np
import pytest

from reference import evaluation, likelihoods, risks, robust


@pytest.fixture(scope="module")
def api():
    return pytest.importorskip("statsmodels.api", reason="statsmodels is an extra oracle: pip install '.[oracles]'")


def data(seed, n=40, d=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * [1.0, 30.0, 0.01]
    return X, X @ [1.0, -0.2, 50.0] + rng.normal(size=n)


@pytest.mark.parametrize("seed", range(3))
def test_least_squares(api, seed):
    X, y = data(seed)
    np.testing.assert_allclose(risks.ols_fit(X, y), api.OLS(y, X).fit().params, rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_r_squared_of_a_fit_with_intercept(api, seed):
    X, y = data(seed)
    fit = api.OLS(y, api.add_constant(X)).fit()
    assert evaluation.r2_score(y, fit.fittedvalues) == pytest.approx(fit.rsquared, rel=1e-10)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("delta", [0.3, 1.0, 2.5])
def test_huber_location(api, seed, delta):
    y = np.random.default_rng(seed).standard_t(2, size=51)
    norm = api.robust.norms.HuberT(t=delta)
    found = api.robust.norms.estimate_location(y, scale=1.0, norm=norm, axis=0, tol=1e-12, maxiter=10_000)
    assert robust.huber_location(y, delta) == pytest.approx(float(found), abs=1e-9)


def test_gaussian_likelihood_of_a_fit(api):
    X, y = data(7)
    fit = api.OLS(y, X).fit()
    variance = np.full(len(y), fit.ssr / len(y))
    mine = likelihoods.gaussian_nll(y, fit.fittedvalues, np.log(variance))
    # the log-likelihood of the whole sample, its constant included
    assert mine == pytest.approx(-fit.llf / len(y), rel=1e-12)
