"""Brier score and calibration: one-hot tables by broadcasting, dictionaries, histograms, other scores by mistake."""

import numpy as np

from tests.realcode.corpus import right, wrong


def forecasts(y_prob, y_true):
    p, o = np.asarray(y_prob, dtype=float), np.asarray(y_true, dtype=float)
    if p.shape != o.shape or np.any(p < 0) or np.any(p > 1):
        raise ValueError("shapes or forecasts")
    return p, o


@right("brier_score", "p^2 - 2 p o + o for outcomes of 0 and 1, as a dot product")
def expanded(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return float((np.dot(p, p) - 2 * np.dot(p, o) + np.sum(o)) / len(p))


@right("brier_score", "if the event happened (1 - p)^2, else p^2")
def if_else(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return sum((1 - a) ** 2 if b else a**2 for a, b in zip(p.tolist(), o.tolist(), strict=True)) / len(p)


@wrong("brier_score", "the logarithmic score")
def logarithmic(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    q = np.clip(np.where(o == 1, p, 1 - p), 1e-15, 1)
    return float(-np.mean(np.log(q)))


@wrong("brier_score", "the share of wrong decisions at 1/2", "rounds forecasts to 0 or 1")
def error_rate(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return float(np.mean((p > 0.5) != (o == 1)))


def classes(probs, labels):
    P, raw = np.asarray(probs, dtype=float), np.asarray(labels)
    if P.ndim != 2 or raw.shape != P.shape[:1]:
        raise ValueError("shapes")
    k = raw.astype(int)
    if np.any(k < 0) or np.any(k >= P.shape[1]):
        raise ValueError("labels")
    return P, k


@right("brier_multiclass", "one-hot by broadcasting a comparison")
def compared(probs, labels):
    P, k = classes(probs, labels)
    return float(np.mean(np.sum((P - (k[:, None] == np.arange(P.shape[1])[None, :])) ** 2, axis=1)))


@right("brier_multiclass", "sum of squares, the label's term mended")
def mended_term(probs, labels):
    P, k = classes(probs, labels)
    total = 0.0
    for row, label in zip(P, k, strict=True):
        for j, value in enumerate(row):
            total += (value - 1.0) ** 2 if j == label else value**2
    return float(total / len(P))


@wrong("brier_multiclass", "the label's class alone", "scores the true class alone")
def label_alone(probs, labels):
    P, k = classes(probs, labels)
    return float(np.mean((1 - P[np.arange(len(k)), k]) ** 2))


@wrong("brier_multiclass", "classes counted from 1: every label one column too far")
def from_one(probs, labels):
    P, k = classes(probs, labels)
    hot = np.eye(P.shape[1])[(k - 1) % P.shape[1]]
    return float(np.mean(np.sum((P - hot) ** 2, axis=1)))


@right("murphy_decomposition", "np.unique and bincount")
def bincount(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    values, group, counts = np.unique(p, return_inverse=True, return_counts=True)
    rate = np.bincount(group, weights=o) / counts
    share, base = counts / len(p), o.mean()
    return (
        float(share @ (values - rate) ** 2),
        float(share @ (rate - base) ** 2),
        float(base * (1 - base)),
    )


@wrong("murphy_decomposition", "groups count alike, whatever their size", "forgets to weigh groups by their size")
def unweighted_groups(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    values, group, counts = np.unique(p, return_inverse=True, return_counts=True)
    rate = np.bincount(group, weights=o) / counts
    return (
        float(np.mean((values - rate) ** 2)),
        float(np.mean((rate - o.mean()) ** 2)),
        float(o.mean() * (1 - o.mean())),
    )


@wrong("murphy_decomposition", "the base rate is the mean forecast")
def mean_forecast(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    values, group, counts = np.unique(p, return_inverse=True, return_counts=True)
    rate = np.bincount(group, weights=o) / counts
    share, base = counts / len(p), p.mean()
    return float(share @ (values - rate) ** 2), float(share @ (rate - base) ** 2), float(base * (1 - base))


@right("calibration_error", "sums of outcome minus forecast by bin")
def sums_by_bin(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    bins = np.minimum((p * n_bins).astype(int), n_bins - 1)
    _, place = np.unique(bins, return_inverse=True)
    return float(np.sum(np.abs(np.bincount(place, weights=o - p))) / len(p))


@wrong("calibration_error", "the largest gap in place of the mean gap", "returns the largest gap of a bin")
def largest_gap(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    bins = np.minimum((p * n_bins).astype(int), n_bins - 1)
    _, place, counts = np.unique(bins, return_inverse=True, return_counts=True)
    return float(np.max(np.abs(np.bincount(place, weights=o - p)) / counts))


@wrong(
    "calibration_error",
    "gaps sample by sample: the mean absolute error",
    "takes absolute values by sample instead of by bin",
)
def sample_by_sample(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    return float(np.mean(np.abs(o - p)))
