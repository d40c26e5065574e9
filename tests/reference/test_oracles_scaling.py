"""The reference for target scaling against scikit-learn, exact arithmetic, plain iteration and a second library."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, stats

from reference import scaling
from tests.reference.elsewhere import same_elsewhere


def problem(seed, n=9, d=3):
    g = np.random.default_rng([6, seed])
    return g.normal(size=(n, d)), g.normal(size=n)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("shape", [(7,), (5, 3)])
def test_standardize_is_scipys_zscore(shape, scale):
    y = scale * (np.random.default_rng(6).normal(size=shape) + 2)
    z, mean, std = scaling.standardize(y)
    np.testing.assert_allclose(z, stats.zscore(y, axis=0), rtol=1e-10)
    np.testing.assert_allclose(mean, np.mean(y, axis=0), rtol=1e-12)
    np.testing.assert_allclose(std, np.std(y, axis=0), rtol=1e-12)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=1), st.integers(1, 30))
def test_a_constant_target_is_exact(values, n):
    z, mean, std = scaling.standardize(values * n)
    assert (z == 0).all()
    assert (mean, std) == (values[0], 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_a_model_on_standardised_data_is_the_model_on_raw_data(seed):
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="scikit-learn is an extra oracle")
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is an extra oracle")
    g = np.random.default_rng(seed)
    X, y = 5 + 3 * g.normal(size=(40, 2)), 100 + 20 * g.normal(size=40)
    scale_x, scale_y = preprocessing.StandardScaler().fit(X), preprocessing.StandardScaler().fit(y[:, None])
    model = linear_model.LinearRegression().fit(scale_x.transform(X), scale_y.transform(y[:, None])[:, 0])
    w, b = scaling.unstandardize_linear(
        model.coef_, model.intercept_, scale_x.mean_, scale_x.scale_, scale_y.mean_[0], scale_y.scale_[0]
    )
    raw = linear_model.LinearRegression().fit(X, y)
    np.testing.assert_allclose(w, raw.coef_, rtol=1e-9)
    assert b == pytest.approx(raw.intercept_, rel=1e-9)


def exact_path(X, y, lr, steps):
    """Gradient descent from zero in rational arithmetic."""
    X, y, n = [[Fraction(v) for v in row] for row in X], [Fraction(v) for v in y], len(y)
    w = [Fraction(0)] * len(X[0])
    path = [w]
    for _ in range(steps):
        r = [sum(a * b for a, b in zip(row, w, strict=True)) - t for row, t in zip(X, y, strict=True)]
        w = [w[j] - Fraction(lr) * 2 / n * sum(r[i] * X[i][j] for i in range(n)) for j in range(len(w))]
        path.append(w)
    return np.array([[float(v) for v in row] for row in path])


def test_gd_linear_is_the_exact_path():
    X, y, lr = [[1.0, 0.5], [2.0, -1.0], [0.25, 3.0]], [1.0, -2.0, 0.5], 0.125
    want = exact_path(X, y, lr, 12)
    np.testing.assert_allclose(scaling.gd_linear(X, y, lr, 12), want, rtol=1e-12)
    np.testing.assert_allclose([scaling.gd_closed_form(X, y, lr, t) for t in range(13)], want, rtol=1e-12)


@pytest.mark.parametrize(("n", "d"), [(9, 3), (2, 4), (6, 1)])
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_largest_rate_is_two_over_the_largest_curvature(n, d, scale):
    X = scale * problem(1, n, d)[0]
    curvature = linalg.eigvalsh(2 / n * X.T @ X)[-1]
    assert scaling.max_stable_lr(X) == pytest.approx(2 / curvature, rel=1e-12)


@pytest.mark.parametrize(("n", "d"), [(9, 3), (2, 4), (5, 1)])
@pytest.mark.parametrize("t", [0, 1, 2, 50, 333])
def test_closed_form_is_the_end_of_the_path(n, d, t):
    X, y = problem(2, n, d)
    lr = 0.93 * scaling.max_stable_lr(X)
    want = scaling.gd_linear(X, y, lr, t)[-1]
    np.testing.assert_allclose(scaling.gd_closed_form(X, y, lr, t), want, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("rank", [1, 2])
def test_closed_form_ends_at_the_shortest_least_squares_solution(rank):
    g = np.random.default_rng(rank)
    X, y = g.normal(size=(7, rank)) @ g.normal(size=(rank, 4)), g.normal(size=7)
    got = scaling.gd_closed_form(X, y, 0.5 * scaling.max_stable_lr(X), 10**12)
    np.testing.assert_allclose(got, np.linalg.pinv(X) @ y, rtol=1e-10, atol=1e-12)


def test_closed_form_of_a_tiny_rate_is_linear_in_time():
    X, y = problem(3)
    want = 10 * 1e-12 * 2 / len(y) * X.T @ y
    np.testing.assert_allclose(scaling.gd_closed_form(X, y, 1e-12, 10), want, rtol=1e-10)


X_, Y_ = problem(4)
STRICT = {
    "unstandardize_linear": (np.array([1.0, 2.0]), 0.5, np.array([1.0, -1.0]), np.array([2.0, 3.0]), 4.0, 5.0),
    "gd_linear": (X_, Y_, 0.1, 5),
    "max_stable_lr": (X_,),
    "gd_closed_form": (X_, Y_, 0.1, 17),
    "standardize": (X_,),
}


@pytest.mark.parametrize("name", STRICT)
def test_another_array_library_gives_the_same(name):
    same_elsewhere(getattr(scaling, name), STRICT[name], rtol=1e-11, atol=1e-14)
