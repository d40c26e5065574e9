"""The reference for best constants and conditional means against SciPy, scikit-learn and exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage, optimize, stats

from reference import estimators as es
from tests.reference.elsewhere import same_elsewhere

nan = math.nan
SAMPLES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@given(SAMPLES)
def test_best_constants_are_mean_and_median(y):
    assert es.best_constant(y, "mse") == pytest.approx(float(sum(map(Fraction, y)) / len(y)), rel=1e-9, abs=1e-6)
    assert es.best_constant(y, "mae") == pytest.approx(np.median(y), rel=1e-12)


@pytest.mark.parametrize(("loss", "power"), [("mse", 2), ("mae", 1)])
@pytest.mark.parametrize("n", [1, 2, 9, 10])
def test_no_search_finds_a_better_constant(loss, power, n):
    y = np.random.default_rng(n).exponential(size=n)

    def risk(c):
        return float(np.mean(np.abs(y - c) ** power))

    found = optimize.minimize_scalar(risk, bounds=(-1, 10), method="bounded").fun
    assert risk(es.best_constant(y, loss)) <= found + 1e-12


def test_best_constants_are_scikit_learns_dummies():
    dummy = pytest.importorskip("sklearn.dummy", reason="scikit-learn is a test dependency")
    y = np.random.default_rng(1).exponential(size=40)
    for loss, strategy in (("mse", "mean"), ("mae", "median")):
        fitted = dummy.DummyRegressor(strategy=strategy).fit(np.zeros((40, 1)), y)
        assert es.best_constant(y, loss) == pytest.approx(fitted.constant_.item(), rel=1e-12)


def groups(seed, n):
    g = np.random.default_rng(seed)
    return g.choice([-1.5, 0.25, 7.0, 1e6, -3e-9, 2e-9], size=n), g.normal(size=n)


@pytest.mark.parametrize("n", [1, 2, 50, 400])
def test_group_means_are_scipys_labelled_means(n):
    x, y = groups(n, n)
    values, means = es.group_means(x, y)
    distinct, labels = np.unique(x, return_inverse=True)
    np.testing.assert_array_equal(values, distinct)
    np.testing.assert_allclose(means, ndimage.mean(y, labels, np.arange(distinct.size)), rtol=1e-12)


def test_group_means_are_what_a_full_regression_tree_predicts():
    tree = pytest.importorskip("sklearn.tree", reason="scikit-learn is a test dependency")
    x, y = groups(3, 200)
    x = np.round(x, 1)  # a tree splits in float32
    values, means = es.group_means(x, y)
    np.testing.assert_allclose(tree.DecisionTreeRegressor().fit(x[:, None], y).predict(values[:, None]), means)


def table(seed, m, k):
    g = np.random.default_rng(seed)
    weights = g.integers(0, 10, size=(m, k)).astype(float)
    weights[0] = 0.0
    weights[-1] = weights[-1] * 1e-12
    weights[1, 0] = 3.0
    return weights / weights.sum(), g.permutation(np.arange(-9.0, 10.0))[:k]


def rows(P, v):
    """SciPy's distribution of Y given each x that occurs."""
    return [(i, row.sum(), stats.rv_discrete(values=(v, row / row.sum()))) for i, row in enumerate(P) if row.sum() > 0]


@pytest.mark.parametrize("seed", range(6))
def test_conditional_mean_is_the_mean_of_scipys_discrete_law(seed):
    P, v = table(seed, 4, 5)
    found, right = es.conditional_mean(P, v), np.full(4, nan)
    for i, _, law in rows(P, v):
        right[i] = law.mean()
    np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_decomposition_is_that_of_scipys_discrete_laws(seed, offset):
    P, v = table(seed, 4, 5)
    f = np.random.default_rng(seed).normal(size=4)
    f[0] = nan
    right = np.zeros(3)
    for i, mass, law in rows(P, v):
        excess = (law.mean() - f[i]) ** 2
        right += mass * np.array([law.var() + excess, law.var(), excess])
    np.testing.assert_allclose(es.risk_decomposition(P, v + offset, f + offset), right, rtol=1e-6 if offset else 1e-9)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=4).filter(
        lambda rows: sum(map(sum, rows)) > 0
    ),
    st.lists(st.integers(-9, 9), min_size=3, max_size=3),
    st.lists(st.integers(-9, 9), min_size=4, max_size=4),
)
def test_decomposition_is_exact_arithmetics(weights, v, f):
    total = sum(map(sum, weights))
    risk = noise = excess = Fraction(0)
    for row, guess in zip(weights, f[: len(weights)], strict=True):
        mass = sum(row)
        if mass:
            mean = Fraction(sum(w * y for w, y in zip(row, v, strict=True)), mass)
            risk += sum(Fraction(w, total) * (y - guess) ** 2 for w, y in zip(row, v, strict=True))
            noise += sum(Fraction(w, total) * (y - mean) ** 2 for w, y in zip(row, v, strict=True))
            excess += Fraction(mass, total) * (mean - guess) ** 2
    assert risk == noise + excess
    found = es.risk_decomposition(np.array(weights) / total, v, f[: len(weights)])
    assert found == pytest.approx((float(risk), float(noise), float(excess)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (es.best_constant, (np.array([3.0, 1.0, 2.0, 8.0]), "mse")),
        (es.best_constant, (np.array([3.0, 1.0, 2.0, 8.0]), "mae")),
        (es.group_means, groups(4, 30)),
        (es.conditional_mean, table(5, 3, 4)),
        (es.risk_decomposition, (*table(5, 3, 4), np.array([nan, 1.0, 2.0]))),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_another_array_library_gives_the_same(function, arguments):
    same_elsewhere(function, arguments)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (es.best_constant, ([], "mse")),
        (es.best_constant, ([], "mae")),
        (es.best_constant, ([1.0], "l2")),
        (es.best_constant, ([[1.0]], "mse")),
        (es.group_means, ([], [])),
        (es.group_means, ([1.0, 2.0], [1.0])),
        (es.group_means, ([[1.0]], [[1.0]])),
        (es.conditional_mean, ([[0.5, 0.6]], [0.0, 1.0])),
        (es.conditional_mean, ([[-0.5, 1.5]], [0.0, 1.0])),
        (es.conditional_mean, ([[0.5, nan]], [0.0, 1.0])),
        (es.conditional_mean, ([[0.5, 0.5]], [0.0, 1.0, 2.0])),
        (es.conditional_mean, ([0.5, 0.5], [0.0, 1.0])),
        (es.risk_decomposition, ([[0.5, 0.6]], [0.0, 1.0], [0.0])),
        (es.risk_decomposition, ([[0.5, 0.5]], [0.0, 1.0], [0.0, 1.0])),
    ],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"\w"):
        function(*arguments)
