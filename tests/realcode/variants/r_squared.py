"""The coefficient of determination and early stopping, as packages define them."""

import numpy as np
from scipy import stats

from tests.realcode.corpus import right, short, wrong


def checked(y_true, y_pred):
    y, p = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y.ndim != 1 or y.shape != p.shape or y.size == 0 or y.min() == y.max():
        raise ValueError("shapes, or constant targets")
    return y, p


@right("r2_score", "scikit-learn: r2_score, numerator over denominator")
def numerator_over_denominator(y_true, y_pred):
    y, p = checked(y_true, y_pred)
    weight = np.ones_like(y)
    numerator = (weight * (y - p) ** 2).sum(axis=0, dtype=np.float64)
    denominator = (weight * (y - np.average(y, axis=0, weights=weight)) ** 2).sum(axis=0, dtype=np.float64)
    return 1 - numerator / denominator


@wrong("r2_score", "SciPy: linregress(...).rvalue**2", "returns the squared correlation")
def squared_rvalue(y_true, y_pred):
    y, p = checked(y_true, y_pred)
    return float(stats.pearsonr(y, p)[0] ** 2)


@wrong("r2_score", "scikit-learn: explained_variance_score", "takes the mean residual out (explained variance)")
def explained_variance(y_true, y_pred):
    y, p = checked(y_true, y_pred)
    return 1 - np.var(y - p) / np.var(y)


@wrong("r2_score", "regression textbooks: SSR / SST", "divides the regression's sum of squares by the total")
def regression_sum_of_squares(y_true, y_pred):
    y, p = checked(y_true, y_pred)
    return ((p - y.mean()) ** 2).sum() / ((y - y.mean()) ** 2).sum()


@wrong("r2_score", "Keras recipes: 1 - res / (tot + epsilon)", "adds a small number to the denominator")
def with_epsilon(y_true, y_pred):
    y, p = checked(y_true, y_pred)
    return 1 - ((y - p) ** 2).sum() / (((y - y.mean()) ** 2).sum() + 1e-7)


@short(
    "r2_score",
    "from-scratch code: if ss_tot == 0",
    "three times 0.1 has a rounded mean",
    "finds constant y by SS_tot == 0, which rounding defeats",
)
def total_is_zero(y_true, y_pred):
    y, p = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y.ndim != 1 or y.shape != p.shape or y.size == 0:
        raise ValueError("shapes")
    total = ((y - y.mean()) ** 2).sum()
    if total == 0:
        raise ValueError("constant targets")
    return 1 - ((y - p) ** 2).sum() / total


@wrong("mse_from_r2", "pandas: Series.var() divides by n - 1", "divides by n-1 (ddof=1)")
def pandas_var(r2, y_true):
    y = np.asarray(y_true, float)
    if y.size == 0 or r2 > 1:
        raise ValueError("empty, or r2 > 1")
    return (1 - r2) * y.var(ddof=min(1, y.size - 1))


@right("mse_from_r2", "NumPy: (1 - r2) * np.var(y)")
def numpy_var(r2, y_true):
    y = np.asarray(y_true, float)
    if y.size == 0 or r2 > 1:
        raise ValueError("empty, or r2 > 1")
    return (1 - r2) * np.var(y)


def waited(val_mse, patience, better, over):
    v = np.asarray(val_mse, float)
    if v.size == 0 or np.isnan(v).any() or patience < 1:
        raise ValueError("no epochs, NaN or patience")
    best, best_epoch, wait = np.inf, 0, 0
    for epoch, current in enumerate(v):
        if better(current, best):
            best, best_epoch, wait = current, epoch, 0
        else:
            wait += 1
            if over(wait, patience):
                return best_epoch, epoch
    return best_epoch, len(v) - 1


@right("early_stop", "Keras: EarlyStopping, a wait counter and wait >= patience")
def keras(val_mse, patience):
    return waited(val_mse, patience, lambda a, b: a < b, lambda wait, p: wait >= p)


@wrong("early_stop", "PyTorch recipes: counter > patience", "waits one epoch too many")
def counter_exceeds(val_mse, patience):
    return waited(val_mse, patience, lambda a, b: a < b, lambda wait, p: wait > p)


@wrong("early_stop", "PyTorch Ignite recipes: score >= best counts as better", "counts ties as improvements")
def ties_improve(val_mse, patience):
    return waited(val_mse, patience, lambda a, b: a <= b, lambda wait, p: wait >= p)


@wrong(
    "early_stop", "scikit-learn: tol=1e-4, an improvement must exceed it", "asks an improvement to exceed a tolerance"
)
def tolerance(val_mse, patience):
    return waited(val_mse, patience, lambda a, b: a < b - 1e-4, lambda wait, p: wait >= p)


def curves(X_train, y_train, X_test, y_test, lr, steps, factor):
    X, y, Xt, yt = (np.asarray(a, float) for a in (X_train, y_train, X_test, y_test))
    if X.ndim != 2 or Xt.ndim != 2 or X.shape[1] != Xt.shape[1] or y.shape != X.shape[:1] or yt.shape != Xt.shape[:1]:
        raise ValueError("shapes")
    if np.ptp(y) == 0 or np.ptp(yt) == 0 or lr <= 0 or steps < 0:
        raise ValueError("constant targets, lr or steps")
    w, train, test = np.zeros(X.shape[1]), [], []
    for _ in range(steps + 1):
        train.append(1 - ((y - X @ w) ** 2).sum() / ((y - y.mean()) ** 2).sum())
        test.append(1 - ((yt - Xt @ w) ** 2).sum() / ((yt - yt.mean()) ** 2).sum())
        w = w - lr * factor / len(y) * X.T @ (X @ w - y)
    return np.array(train), np.array(test)


@right("gd_r2_curves", "course notebooks: record, then update")
def record_then_update(*a):
    return curves(*a, 2.0)


@wrong("gd_r2_curves", "Ng, Machine Learning: the gradient of the loss with 1/2", "loses the factor 2 in the gradient")
def gradient_of_half(*a):
    return curves(*a, 1.0)
