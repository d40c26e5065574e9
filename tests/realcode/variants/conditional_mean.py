"""Conditional means: grouping as libraries do it, and the constants of introductory texts."""

import itertools
import statistics

import numpy as np

from tests.realcode.corpus import right, short, wrong


def checked(y_true, loss):
    y = np.asarray(y_true, float)
    if y.size == 0 or loss not in ("mse", "mae"):
        raise ValueError("empty, or unknown loss")
    return y


@right("best_constant", "the standard library: statistics.fmean and statistics.median_high")
def by_statistics(y_true, loss):
    y = checked(y_true, loss).tolist()
    return statistics.fmean(y) if loss == "mse" else statistics.median_high(y)


@right("best_constant", "scikit-learn: DummyRegressor(strategy='mean') and 'quantile' 0.5")
def dummy_regressor(y_true, loss):
    y = checked(y_true, loss)
    return float(np.average(y)) if loss == "mse" else float(np.percentile(y, 50.0))


@wrong("best_constant", "introductory Python: the sum with // instead of /", "divides integers without remainder")
def floor_division(y_true, loss):
    y = checked(y_true, loss)
    return float(y.sum() // y.size) if loss == "mse" else float(np.median(y))


@wrong(
    "best_constant",
    "introductory Python: the middle element of an unsorted list",
    "takes the middle element without sorting",
)
def unsorted_middle(y_true, loss):
    y = checked(y_true, loss)
    return float(y.mean()) if loss == "mse" else float(y[len(y) // 2])


def samples(x, y_true):
    x, y = np.asarray(x, float), np.asarray(y_true, float)
    if x.ndim != 1 or x.shape != y.shape or x.size == 0:
        raise ValueError("shapes")
    return x, y


@right("group_means", "the standard library: itertools.groupby after sorting")
def sorted_groups(x, y_true):
    x, y = samples(x, y_true)
    order = np.argsort(x, kind="stable")
    rows = zip(x[order].tolist(), y[order].tolist(), strict=True)
    found = [
        (key, statistics.fmean([v for _, v in group])) for key, group in itertools.groupby(rows, key=lambda r: r[0])
    ]
    return np.array([key for key, _ in found]), np.array([mean for _, mean in found])


@right("group_means", "pandas: groupby(x).mean(), by codes and np.add.at")
def by_codes(x, y_true):
    x, y = samples(x, y_true)
    keys, codes = np.unique(x, return_inverse=True)
    total = np.zeros(keys.size)
    np.add.at(total, codes, y)
    return keys, total / np.bincount(codes)


@wrong(
    "group_means", "the standard library: a dict in order of first appearance", "lists groups in order of appearance"
)
def unsorted_dict(x, y_true):
    x, y = samples(x, y_true)
    groups = {}
    for key, value in zip(x.tolist(), y.tolist(), strict=True):
        groups.setdefault(key, []).append(value)
    return np.array(list(groups)), np.array([sum(v) / len(v) for v in groups.values()])


@wrong("group_means", "histogram code: np.bincount of the feature as integers", "casts x to int")
def integer_keys(x, y_true):
    x, y = samples(x, y_true)
    keys, codes = np.unique(x.astype(int), return_inverse=True)
    return keys.astype(float), np.bincount(codes, y) / np.bincount(codes)


@wrong("group_means", "pandas: x.round(6) before groupby", "rounds x before grouping")
def rounded_keys(x, y_true):
    x, y = samples(x, y_true)
    keys, codes = np.unique(np.round(x, 6), return_inverse=True)
    return keys, np.bincount(codes, y) / np.bincount(codes)


@short(
    "group_means",
    "NumPy tutorials: one mask for each group",
    "quadratic time",
    "makes one mask for each group (quadratic time)",
)
def masks(x, y_true):
    x, y = samples(x, y_true)
    keys = np.unique(x)
    return keys, np.array([y[x == key].mean() for key in keys])


def table(P, y_vals):
    P, v = np.asarray(P, float), np.asarray(y_vals, float)
    if P.ndim != 2 or v.shape != P.shape[1:] or (P < 0).any() or abs(P.sum() - 1) > 1e-9:
        raise ValueError("table")
    return P, v


@right("conditional_mean", "Murphy, Probabilistic Machine Learning: normalise the joint by its rows")
def rows_normalised(P, y_vals):
    P, v = table(P, y_vals)
    mass = P.sum(axis=1, keepdims=True)
    given = np.divide(P, mass, out=np.full_like(P, np.nan), where=mass > 0)
    return given @ v


@short(
    "conditional_mean",
    "deep-learning code: 1e-12 added to the denominator",
    "rows without mass, or with nearly none",
    "adds a small number to the denominator",
)
def with_epsilon(P, y_vals):
    P, v = table(P, y_vals)
    return (P @ v) / (P.sum(axis=1) + 1e-12)


@wrong(
    "conditional_mean",
    "probability tables: conditioning on the columns",
    "divides by P(Y), so conditions the wrong way round",
)
def columns_normalised(P, y_vals):
    P, v = table(P, y_vals)
    mass = P.sum(axis=0)
    out = (P / np.where(mass > 0, mass, 1)) @ v
    return np.where(P.sum(axis=1) > 0, out, np.nan)


@right("risk_decomposition", "Hastie, Tibshirani and Friedman: noise plus squared distance to the regression function")
def by_regression_function(P, y_vals, f):
    P, v = table(P, y_vals)
    f = np.asarray(f, float)
    if f.shape != P.shape[:1]:
        raise ValueError("f")
    P, f = P[P.sum(axis=1) > 0], f[P.sum(axis=1) > 0]
    p = P.sum(axis=1)
    m = (P @ v) / p
    noise = sum(P[i] @ (v - m[i]) ** 2 for i in range(len(p)))
    excess = p @ (m - f) ** 2
    return sum(P[i] @ (v - f[i]) ** 2 for i in range(len(p))), noise, excess


@wrong(
    "risk_decomposition",
    "ANOVA tables: the total instead of the within sum of squares",
    "takes the total variance of Y as noise",
)
def total_variance(P, y_vals, f):
    risk, _, excess = by_regression_function(P, y_vals, f)
    P, v = table(P, y_vals)
    q = P.sum(axis=0)
    return risk, q @ (v - q @ v) ** 2, excess
