"""Brier score and calibration: scikit-learn, netcal, properscoring, pandas' groupby."""

import itertools

import numpy as np

from tests.realcode.corpus import right, wrong


def forecasts(y_prob, y_true):
    p, o = np.asarray(y_prob, float), np.asarray(y_true, float)
    if p.shape != o.shape or np.any(p < 0) or np.any(p > 1):
        raise ValueError("forecasts or outcomes")
    return p, o


@right("brier_score", "R: mean((p - o)^2), in two cases of the outcome")
def two_cases(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return float(np.mean(np.where(o == 1, 1 - p, p) ** 2))


@wrong("brier_score", "Brier 1950 for two classes: both probabilities are scored", "counts both classes")
def both_classes(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return float(np.mean((p - o) ** 2 + ((1 - p) - (1 - o)) ** 2))


@wrong("brier_score", "the loss of the decision p >= 1/2", "rounds forecasts to 0 or 1")
def decided(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return float(np.mean(((p >= 0.5) - o) ** 2))


def classes(probs, labels):
    P, c = np.asarray(probs, float), np.asarray(labels)
    if P.ndim != 2 or c.shape != (len(P),) or np.any(c < 0) or np.any(c >= P.shape[1]):
        raise ValueError("labels")
    return P, c.astype(int)


@right("brier_multiclass", "scikit-learn: one-hot by comparison with arange")
def one_hot(probs, labels):
    P, c = classes(probs, labels)
    return float(np.mean(np.sum((P - (c[:, None] == np.arange(P.shape[1]))) ** 2, axis=1)))


@right("brier_multiclass", "expanded: sum of squares - 2 p_c + 1")
def expanded(probs, labels):
    P, c = classes(probs, labels)
    return float(np.mean(np.einsum("nk,nk->n", P, P) - 2 * P[np.arange(len(P)), c] + 1))


@wrong(
    "brier_multiclass", "PyTorch: mse_loss(probs, one_hot) averages over the classes too", "averages over the classes"
)
def mean_over_classes(probs, labels):
    P, c = classes(probs, labels)
    return float(np.mean((P - np.eye(P.shape[1])[c]) ** 2))


@wrong("brier_multiclass", "the probability of the true class alone", "scores the true class alone")
def true_class(probs, labels):
    P, c = classes(probs, labels)
    return float(np.mean((1 - P[np.arange(len(P)), c]) ** 2))


@right("murphy_decomposition", "np.unique with counts and bincount")
def unique_and_bincount(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    value, group, count = np.unique(p, return_inverse=True, return_counts=True)
    rate = np.bincount(group.ravel(), o) / count
    share, base = count / p.size, o.mean()
    return float(share @ (value - rate) ** 2), float(share @ (rate - base) ** 2), float(base * (1 - base))


@right("murphy_decomposition", "a dictionary of lists, one for each forecast")
def dictionary(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    groups = {}
    for forecast, outcome in zip(p.tolist(), o.tolist(), strict=True):
        groups.setdefault(forecast, []).append(outcome)
    base = sum(o.tolist()) / len(o)
    rel = sum(len(g) * (f - sum(g) / len(g)) ** 2 for f, g in groups.items()) / len(p)
    res = sum(len(g) * (sum(g) / len(g) - base) ** 2 for g in groups.values()) / len(p)
    return rel, res, base * (1 - base)


@wrong("murphy_decomposition", "every group weighs the same", "forgets to weigh groups by their size")
def unweighted_groups(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    value, group, count = np.unique(p, return_inverse=True, return_counts=True)
    rate, base = np.bincount(group.ravel(), o) / count, o.mean()
    return float(np.mean((value - rate) ** 2)), float(np.mean((rate - base) ** 2)), float(base * (1 - base))


@wrong(
    "murphy_decomposition",
    "np.round(p, 1) before grouping, as reliability diagrams do",
    "rounds forecasts to one decimal before grouping",
)
def rounded_forecasts(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return unique_and_bincount(np.round(p, 1), o)


@right("calibration_error", "netcal: digitize by floor, sums by bincount with weights")
def binned_sums(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    which = np.minimum((p * n_bins).astype(int), n_bins - 1)
    return float(np.abs(np.bincount(which, o - p)).sum() / p.size)


@wrong(
    "calibration_error",
    "torch implementation of temperature scaling: bins closed on the right, p = 0 lost",
    "closes bins on the right and loses p=0",
)
def right_closed(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    edges = np.linspace(0, 1, n_bins + 1)
    total = 0.0
    for low, high in itertools.pairwise(edges):
        inside = (p > low) & (p <= high)
        if inside.any():
            total += abs(o[inside].mean() - p[inside].mean()) * inside.mean()
    return float(total)


@wrong(
    "calibration_error", "maximum calibration error in place of the expected one", "returns the largest gap of a bin"
)
def largest_gap(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    which = np.minimum((p * n_bins).astype(int), n_bins - 1)
    count = np.bincount(which)
    gaps = np.abs(np.bincount(which, o - p))[count > 0] / count[count > 0]
    return float(gaps.max())
