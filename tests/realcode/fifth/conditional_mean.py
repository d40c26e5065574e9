"""The conditional mean: the statistics module, masked arrays, integer groups, lists, epsilons."""

import statistics

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def sample(y_true, loss):
    y = np.asarray(y_true, dtype=float)
    if y.size == 0 or loss not in ("mse", "mae"):
        raise ValueError("empty or loss")
    return y


@right("best_constant", "statistics.fmean and statistics.median")
def by_statistics(y_true, loss):
    y = sample(y_true, loss).tolist()
    return {"mse": statistics.fmean, "mae": statistics.median_high}[loss](y)


@form("best_constant", "keepdims")
def one_entry(y_true, loss):
    y = sample(y_true, loss)
    return (np.mean if loss == "mse" else np.median)(y, keepdims=True)


@wrong("best_constant", "half the range's middle for mse, the median for mae", "takes the middle between the extremes")
def midrange(y_true, loss):
    y = sample(y_true, loss)
    return float((y.min() + y.max()) / 2 if loss == "mse" else np.median(y))


def samples(x, y_true):
    a, y = np.asarray(x), np.asarray(y_true, dtype=float)
    if a.shape != y.shape or a.ndim != 1:
        raise ValueError("shapes")
    return a, y


@form("group_means", "np.unique keeps the integers of x")
def integer_groups(x, y_true):
    a, y = samples(x, y_true)
    values, k = np.unique(a, return_inverse=True)
    return values, np.bincount(k, weights=y) / np.bincount(k)


@form("group_means", "two lists from a dictionary")
def lists(x, y_true):
    a, y = samples(x, y_true)
    groups: dict[float, list[float]] = {}
    for key, value in zip(a.astype(float).tolist(), y.tolist(), strict=True):
        groups.setdefault(key, []).append(value)
    keys = sorted(groups)
    return keys, [statistics.fmean(groups[key]) for key in keys]


@wrong("group_means", "a dictionary from value to mean")
def dictionary(x, y_true):
    return dict(zip(*lists(x, y_true), strict=True))


def joint(P, y_vals):
    P, v = np.asarray(P, dtype=float), np.asarray(y_vals, dtype=float)
    if P.ndim != 2 or v.shape != P.shape[1:] or np.any(P < 0) or abs(P.sum() - 1) > 1e-9:
        raise ValueError("shapes or probabilities")
    return P, v


@right("conditional_mean", "a masked division, filled with NaN")
def masked(P, y_vals):
    P, v = joint(P, y_vals)
    mass = np.ma.masked_equal(P.sum(axis=1), 0.0)
    return np.ma.divide(P @ v, mass).filled(np.nan)


# labelled wrong at first; rows without mass are the only ones that it misses, and they are a corner
@short(
    "conditional_mean", "1e-12 in the denominator", "rows without mass", "adds a small number to the denominator",
)  # fmt: skip
def epsilon(P, y_vals):
    P, v = joint(P, y_vals)
    return P @ v / (P.sum(axis=1) + 1e-12)


# labelled wrong at first, too
@short("conditional_mean", "rows without mass are dropped", "rows without mass")
def dropped(P, y_vals):
    P, v = joint(P, y_vals)
    mass = P.sum(axis=1)
    return (P @ v)[mass > 0] / mass[mass > 0]


@right("risk_decomposition", "loops over rows that have mass")
def looped(P, y_vals, f):
    P, v = joint(P, y_vals)
    f = np.asarray(f, dtype=float)
    if f.shape != P.shape[:1]:
        raise ValueError("f")
    risk = noise = excess = 0.0
    for row, guess in zip(P, f, strict=True):
        if row.sum() == 0:
            continue
        mean = row @ v / row.sum()
        risk += row @ (v - guess) ** 2
        noise += row @ (v - mean) ** 2
        excess += row.sum() * (mean - guess) ** 2
    return float(risk), float(noise), float(excess)


@short(
    "risk_decomposition", "E[Y^2|X] - E[Y|X]^2", "digits beside an offset of 1e8",
    "loses the noise to cancellation in E[Y^2|X] - E[Y|X]^2",
)  # fmt: skip
def second_moments(P, y_vals, f):
    P, v = joint(P, y_vals)
    f = np.asarray(f, dtype=float)
    if f.shape != P.shape[:1]:
        raise ValueError("f")
    mass = P.sum(1)
    some = mass > 0
    P, f, mass = P[some], f[some], mass[some]
    m, m2 = P @ v / mass, P @ v**2 / mass
    noise = float(mass @ (m2 - m**2))
    excess = float(mass @ (m - f) ** 2)
    return noise + excess, noise, excess
