"""Brier score and calibration: groupby, digitize, divisors without a guard, arrays of one entry, lists for tuples."""

import itertools

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def forecasts(y_prob, y_true):
    p, o = np.asarray(y_prob, dtype=float), np.asarray(y_true, dtype=float)
    if p.shape != o.shape or np.any(p < 0) or np.any(p > 1):
        raise ValueError("shapes or forecasts")
    return p, o


@form("brier_score", "an array of one entry")
def one_entry(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return np.mean((p - o) ** 2, keepdims=True)


@wrong("brier_score", "the skill score, without a thought of uncertainty 0", "returns the Brier skill score")
def skill(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    with np.errstate(all="ignore"):
        return float(1 - np.mean((p - o) ** 2) / np.mean((o.mean() - o) ** 2))


@wrong("brier_score", "integer division of the sum")
def floored(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return float(np.sum((p - o) ** 2) // len(p))


@short(
    "brier_multiclass",
    "one-hot by indexing the identity",
    "the refusal of -1",
    "lets negative labels count from the end",
)
def identity_rows(probs, labels):
    P, k = np.asarray(probs, dtype=float), np.asarray(labels)
    if P.ndim != 2 or k.shape != P.shape[:1]:
        raise ValueError("shapes")
    try:
        hot = np.eye(P.shape[1])[k.astype(int)]
    except IndexError:
        raise ValueError("a label too large") from None
    return float(((P - hot) ** 2).sum(1).mean())


@right("brier_multiclass", "sum of squares minus twice the label's entry plus one")
def expanded(probs, labels):
    P, k = np.asarray(probs, dtype=float), np.asarray(labels).astype(int)
    if P.ndim != 2 or k.shape != P.shape[:1] or np.any(k < 0) or np.any(k >= P.shape[1]):
        raise ValueError("shapes or labels")
    return float(np.mean((P * P).sum(1) - 2 * np.take_along_axis(P, k[:, None], 1)[:, 0] + 1))


@right("murphy_decomposition", "itertools.groupby of sorted pairs, a list of three")
def grouped(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    base, rel, res = float(o.mean()), 0.0, 0.0
    for value, members in itertools.groupby(sorted(zip(p.tolist(), o.tolist(), strict=True)), key=lambda t: t[0]):
        seen = [outcome for _, outcome in members]
        share, rate = len(seen) / len(o), sum(seen) / len(seen)
        rel += share * (value - rate) ** 2
        res += share * (rate - base) ** 2
    return [rel, res, base * (1 - base)]


@wrong(
    "murphy_decomposition", "np.var with ddof=1 for the uncertainty",
    "takes the variance of o with divisor n-1 as uncertainty",
)  # fmt: skip
def sample_variance(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    v, k, count = np.unique(p, return_inverse=True, return_counts=True)
    rate, share = np.bincount(k, weights=o) / count, count / len(o)
    with np.errstate(all="ignore"):
        uncertainty = np.sum((o - o.mean()) ** 2) / np.float64(len(o) - 1)
    return float(share @ (v - rate) ** 2), float(share @ (rate - o.mean()) ** 2), float(uncertainty)


@form("murphy_decomposition", "an array of the three")
def as_array(y_prob, y_true):
    return np.array(grouped(y_prob, y_true))


@wrong("murphy_decomposition", "resolution and reliability in the other order")
def other_order(y_prob, y_true):
    rel, res, unc = grouped(y_prob, y_true)
    return res, rel, unc


def bins(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    if n_bins < 1:
        raise ValueError("n_bins")
    return p, o


@right("calibration_error", "a dictionary of running sums for each bin")
def running_sums(y_prob, y_true, n_bins):
    p, o = bins(y_prob, y_true, n_bins)
    gaps: dict[int, float] = {}
    for f, y in zip(p.tolist(), o.tolist(), strict=True):
        b = min(int(f * n_bins), n_bins - 1)
        gaps[b] = gaps.get(b, 0.0) + y - f
    return sum(abs(g) for g in gaps.values()) / len(p)


@wrong("calibration_error", "np.digitize of linspace: p = 1 has a bin of its own", "gives p=1 a bin of its own")
def digitized(y_prob, y_true, n_bins):
    p, o = bins(y_prob, y_true, n_bins)
    k = np.digitize(p, np.linspace(0, 1, n_bins + 1)) - 1
    return float(np.abs(np.bincount(k, weights=o - p)).sum() / len(p))


@wrong("calibration_error", "equal counts: bins by quantile")
def by_quantile(y_prob, y_true, n_bins):
    p, o = bins(y_prob, y_true, n_bins)
    order = np.argsort(p, kind="stable")
    return float(sum(abs(np.sum(o[i] - p[i])) for i in np.array_split(order, n_bins)) / len(p))
