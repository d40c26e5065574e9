"""The reference for R^2, early stopping and training curves against scikit-learn, SciPy and closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reference import evaluation as ev
from tests.reference.elsewhere import same_elsewhere

nan = math.nan


def pair(seed, n, offset=0.0):
    g = np.random.default_rng(seed)
    y = g.normal(size=n) + offset
    return y, y + g.normal(size=n)


@pytest.mark.parametrize("n", [2, 3, 50])
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_r2_is_scikit_learns(n, scale):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is a test dependency")
    y, y_pred = pair(n, n)
    assert ev.r2_score(scale * y, scale * y_pred) == pytest.approx(metrics.r2_score(y, y_pred), rel=1e-9, abs=1e-9)


def test_r2_of_a_fitted_line_is_the_squared_correlation():
    x, y = pair(1, 40)
    line = stats.linregress(x, y)
    assert ev.r2_score(y, line.intercept + line.slope * x) == pytest.approx(line.rvalue**2, rel=1e-12)


def test_r2_keeps_its_digits_far_from_zero():
    y, y_pred = np.round(1024 * np.array(pair(2, 200))) / 1024  # exact after the shift
    assert ev.r2_score(y + 2.0**27, y_pred + 2.0**27) == pytest.approx(ev.r2_score(y, y_pred), rel=1e-9)


@given(st.floats(-1e300, 1e300), st.integers(1, 9))
def test_constant_targets_are_recognised_whatever_their_mean_rounds_to(value, n):
    with pytest.raises(ValueError, match="equal"):
        ev.r2_score([value] * n, [0.0] * n)
    assert ev.mse_from_r2(0.5, [value] * n) == 0.0


@pytest.mark.parametrize("seed", range(4))
def test_mse_from_r2_inverts_r2(seed):
    y, y_pred = pair(seed, 30)
    mse = ev.mse_from_r2(ev.r2_score(y, y_pred), y)
    assert mse == pytest.approx(np.mean((y - y_pred) ** 2), rel=1e-9)
    assert ev.mse_from_r2(0.0, y) == pytest.approx(np.var(y), rel=1e-12)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=15), st.integers(1, 6))
def test_early_stop_is_its_definition(errors, patience):
    """Among all epochs: the first that lies ``patience`` behind the first minimum of what has been seen."""
    best = [min(range(t + 1), key=lambda s: (errors[s], s)) for t in range(len(errors))]
    stops = [t for t in range(len(errors)) if t - best[t] >= patience]
    stop = stops[0] if stops else len(errors) - 1
    assert ev.early_stop(errors, patience) == (best[stop], stop)


def test_an_infinite_error_does_not_improve_and_the_first_epoch_does():
    assert ev.early_stop([math.inf, math.inf, 1.0], 2) == (2, 2)
    assert ev.early_stop([math.inf, math.inf, 1.0], 1) == (0, 1)


def problem(seed, n=30, m=20, d=4):
    g = np.random.default_rng(seed)
    X, X_test, w = g.normal(size=(n, d)), g.normal(size=(m, d)), g.normal(size=d)
    return X, X @ w + g.normal(size=n), X_test, X_test @ w + g.normal(size=m)


@pytest.mark.parametrize("seed", range(4))
def test_curves_follow_the_closed_form_of_the_path(seed):
    """In the eigenbasis of X'X every coordinate approaches least squares geometrically."""
    X, y, X_test, y_test = problem(seed)
    lr, steps = 0.05, 30
    train, test = ev.gd_r2_curves(X, y, X_test, y_test, lr, steps)
    assert train.shape == test.shape == (steps + 1,)
    eigenvalues, V = np.linalg.eigh(2 / len(y) * X.T @ X)
    goal = V.T @ np.linalg.lstsq(X, y, rcond=None)[0]
    for t in range(steps + 1):
        w = V @ ((1 - (1 - lr * eigenvalues) ** t) * goal)
        assert train[t] == pytest.approx(ev.r2_score(y, X @ w), abs=1e-9)
        assert test[t] == pytest.approx(ev.r2_score(y_test, X_test @ w), abs=1e-9)


def test_training_ends_at_least_squares():
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is a test dependency")
    X, y, X_test, y_test = problem(5)
    fitted = linear_model.LinearRegression(fit_intercept=False).fit(X, y)
    train, test = ev.gd_r2_curves(X, y, X_test, y_test, 0.1, 2000)
    assert train[-1] == pytest.approx(fitted.score(X, y), abs=1e-9)
    assert test[-1] == pytest.approx(fitted.score(X_test, y_test), abs=1e-9)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (ev.r2_score, pair(6, 9)),
        (ev.mse_from_r2, (0.3, pair(7, 9)[0])),
        (ev.early_stop, (np.array([3.0, 2.0, 2.0, 4.0, 1.0]), 2)),
        (ev.gd_r2_curves, (*problem(8), 0.1, 20)),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_another_array_library_gives_the_same(function, arguments):
    same_elsewhere(function, arguments)


TRAIN, TEST = ([[1.0], [2.0]], [1.0, 3.0]), ([[1.0], [3.0]], [2.0, 4.0])


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (ev.r2_score, ([], [])),
        (ev.r2_score, ([1.0, 2.0], [1.0])),
        (ev.r2_score, ([[1.0, 2.0]], [[1.0, 2.0]])),
        (ev.r2_score, ([3.0], [3.0])),
        (ev.r2_score, ([0.1] * 3, [0.2] * 3)),
        (ev.mse_from_r2, (1.5, [1.0, 2.0])),
        (ev.mse_from_r2, (nan, [1.0, 2.0])),
        (ev.mse_from_r2, (0.5, [])),
        (ev.early_stop, ([], 2)),
        (ev.early_stop, ([1.0, 2.0], 0)),
        (ev.early_stop, ([1.0, nan], 1)),
        (ev.gd_r2_curves, (*TRAIN, *TEST, 0.0, 1)),
        (ev.gd_r2_curves, (*TRAIN, *TEST, 0.1, -1)),
        (ev.gd_r2_curves, (TRAIN[0], [1.0, 1.0], *TEST, 0.1, 1)),
        (ev.gd_r2_curves, (*TRAIN, TEST[0], [2.0, 2.0], 0.1, 1)),
        (ev.gd_r2_curves, (*TRAIN, [[1.0, 2.0]], [2.0], 0.1, 1)),
        (ev.gd_r2_curves, (*TRAIN, [[1.0, 2.0], [3.0, 4.0]], [2.0, 4.0], 0.1, 1)),
        (ev.gd_r2_curves, (TRAIN[0], [1.0, 3.0, 4.0], *TEST, 0.1, 1)),
    ],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"\w"):
        function(*arguments)
