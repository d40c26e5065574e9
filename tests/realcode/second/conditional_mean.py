"""Conditional means: pandas' groupby written out, statistics, probability tables."""

import itertools
import statistics

import numpy as np

from tests.realcode.corpus import right, short, wrong


@right("best_constant", "Python's statistics module")
def from_statistics(y_true, loss):
    y = [float(one) for one in y_true]
    if not y or loss not in ("mse", "mae"):
        raise ValueError("sample or loss")
    return statistics.fmean(y) if loss == "mse" else statistics.median_low(y)


@right("best_constant", "np.percentile at 50")
def percentile(y_true, loss):
    y = np.asarray(y_true, float)
    if y.size == 0 or loss not in ("mse", "mae"):
        raise ValueError("sample or loss")
    return float(np.percentile(y, 50) if loss == "mae" else y.sum() / y.size)


@wrong("best_constant", "the middle entry of a sample that nobody sorted", "takes the middle element without sorting")
def unsorted_middle(y_true, loss):
    y = np.asarray(y_true, float)
    if y.size == 0 or loss not in ("mse", "mae"):
        raise ValueError("sample or loss")
    return float(y.mean() if loss == "mse" else y[y.size // 2])


def paired(x, y_true):
    x, y = np.asarray(x, float), np.asarray(y_true, float)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError("shapes")
    return x, y


@right("group_means", "sort and np.add.reduceat, what groupby does inside")
def reduceat(x, y_true):
    x, y = paired(x, y_true)
    order = np.argsort(x, kind="stable")
    xs = x[order]
    starts = np.flatnonzero(np.append(True, xs[1:] != xs[:-1]))
    return xs[starts], np.add.reduceat(y[order], starts) / np.diff(np.append(starts, len(xs)))


@right("group_means", "itertools.groupby over sorted pairs")
def grouped_pairs(x, y_true):
    x, y = paired(x, y_true)
    pairs = sorted(zip(x.tolist(), y.tolist(), strict=True))
    found = {key: [v for _, v in group] for key, group in itertools.groupby(pairs, key=lambda pair: pair[0])}
    return np.array(list(found)), np.array([sum(v) / len(v) for v in found.values()])


@wrong("group_means", "np.unique of values rounded to six decimals", "rounds x before grouping")
def rounded_keys(x, y_true):
    x, y = paired(x, y_true)
    return reduceat(np.round(x, 6), y)


@wrong("group_means", "sums of the groups divided by all samples", "divides by n instead of the group's size")
def divided_by_all(x, y_true):
    x, y = paired(x, y_true)
    values, group = np.unique(x, return_inverse=True)
    return values, np.bincount(group.ravel(), y) / len(y)


def joint(P, y_vals):
    P, y = np.asarray(P, float), np.asarray(y_vals, float)
    if P.ndim != 2 or y.shape != P.shape[1:] or np.any(P < 0) or abs(P.sum() - 1) > 1e-9:
        raise ValueError("table")
    return P, y


@right("conditional_mean", "np.divide with where")
def divided_where(P, y_vals):
    P, y = joint(P, y_vals)
    mass = P.sum(axis=1)
    return np.divide(P @ y, mass, out=np.full(len(P), np.nan), where=mass > 0)


@right("conditional_mean", "np.average row by row")
def row_by_row(P, y_vals):
    P, y = joint(P, y_vals)
    return np.array([np.average(y, weights=row) if row.any() else np.nan for row in P])


@wrong(
    "conditional_mean",
    "columns normalised: E over X given Y's place",
    "divides by P(Y), so conditions the wrong way round",
)
def along_columns(P, y_vals):
    P, y = joint(P, y_vals)
    with np.errstate(all="ignore"):
        return (P / P.sum(axis=0)) @ y


@wrong("conditional_mean", "the joint table used as if its rows summed to one", "forgets to divide by P(X)")
def not_normalised(P, y_vals):
    P, y = joint(P, y_vals)
    return np.where(P.sum(axis=1) > 0, P @ y, np.nan)


def predicted(P, y_vals, f):
    P, y = joint(P, y_vals)
    f = np.asarray(f, float)
    if f.shape != (len(P),):
        raise ValueError("f")
    return P, y, f


@right("risk_decomposition", "loops over cells with mass")
def cells(P, y_vals, f):
    P, y, f = predicted(P, y_vals, f)
    noise = excess = 0.0
    for row, prediction in zip(P, f, strict=True):
        mass = row.sum()
        if mass == 0:
            continue
        mean = y[0] + (row @ (y - y[0])) / mass
        noise += float(row @ (y - mean) ** 2)
        excess += float(mass * (mean - prediction) ** 2)
    return noise + excess, noise, excess


@short(
    "risk_decomposition",
    "law of total variance by raw moments",
    "six digits for values near 1e8",
    "loses the noise to cancellation in E[Y^2|X] - E[Y|X]^2",
)
def raw_moments(P, y_vals, f):
    P, y, f = predicted(P, y_vals, f)
    mass = P.sum(axis=1)
    some = mass > 0
    P, f, mass = P[some], f[some], mass[some]
    mean = P @ y / mass
    noise = float(np.sum(P @ y**2 - mass * mean**2))
    excess = float(mass @ (mean - f) ** 2)
    return noise + excess, noise, excess


@wrong("risk_decomposition", "Var(E[Y|X]) where E[Var(Y|X)] is asked", "takes the variance between the rows as noise")
def between_groups(P, y_vals, f):
    P, y, f = predicted(P, y_vals, f)
    _risk, noise, excess = cells(P, y, f)
    mean = P.sum(axis=0) @ y
    between = float(P.sum(axis=0) @ (y - mean) ** 2) - noise
    return between + excess, between, excess
