"""Brier score and calibration: dictionaries of groups, Counter, np.histogram, pandas' cut, float32."""

import math
from collections import Counter, defaultdict

import numpy as np

from tests.realcode.corpus import right, wrong


def forecasts(y_prob, y_true):
    p, o = np.asarray(y_prob, dtype=float), np.asarray(y_true, dtype=float)
    if p.shape != o.shape or np.any((p < 0) | (p > 1)):
        raise ValueError("shapes or probabilities")
    return p, o


@right("brier_score", "a generator over pairs, added by math.fsum")
def pairs(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return math.fsum((a - b) ** 2 for a, b in zip(p.tolist(), o.tolist(), strict=True)) / len(p)


@wrong("brier_score", "scikit-learn's log_loss is called a score too: minus the log of the chosen probability")
def log_score(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    chosen = np.clip(np.where(o == 1, p, 1 - p), 1e-15, 1)
    return float(-np.log(chosen).mean())


@wrong("brier_score", "everything in float32, as tensors are: the statement asks for float64")
def in_float32(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return float(((p.astype(np.float32) - o.astype(np.float32)) ** 2).mean())


@right("murphy_decomposition", "a dictionary from forecast to outcomes")
def dictionary(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    groups = defaultdict(list)
    for a, b in zip(p.tolist(), o.tolist(), strict=True):
        groups[a].append(b)
    base = o.mean()
    reliability = sum(len(g) * (a - sum(g) / len(g)) ** 2 for a, g in groups.items()) / len(p)
    resolution = sum(len(g) * (sum(g) / len(g) - base) ** 2 for g in groups.values()) / len(p)
    return float(reliability), float(resolution), float(base * (1 - base))


@right("murphy_decomposition", "two Counters: how often a forecast was made, and how often it came true")
def counters(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    made, true = Counter(p.tolist()), Counter(p[o == 1].tolist())
    keys = np.array(sorted(made))
    n_k = np.array([made[k] for k in keys.tolist()], dtype=float)
    o_k = np.array([true[k] for k in keys.tolist()]) / n_k
    share, base = n_k / p.size, o.mean()
    return float(share @ (keys - o_k) ** 2), float(share @ (o_k - base) ** 2), float(base - base**2)


@wrong("murphy_decomposition", "refinement: o_k (1 - o_k) of the groups is returned as the resolution")
def refinement(y_prob, y_true):
    reliability, _, uncertainty = dictionary(y_prob, y_true)
    p, o = forecasts(y_prob, y_true)
    brier = float(np.mean((p - o) ** 2))
    return reliability, brier - reliability, uncertainty


@wrong("murphy_decomposition", "twenty bins by np.digitize, the bin's mean forecast in each")
def twenty_bins(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    at = np.minimum((p * 20).astype(int), 19)
    reliability = resolution = 0.0
    for b in np.unique(at):
        own = at == b
        reliability += own.mean() * (p[own].mean() - o[own].mean()) ** 2
        resolution += own.mean() * (o[own].mean() - o.mean()) ** 2
    return float(reliability), float(resolution), float(o.mean() * (1 - o.mean()))


@right("calibration_error", "np.add.at into three arrays")
def scattered(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    at = np.minimum(np.floor(p * n_bins).astype(int), n_bins - 1)
    gap = np.zeros(n_bins)
    np.add.at(gap, at, o - p)
    return float(np.abs(gap).sum() / len(p))


@wrong("calibration_error", "bins of equal mass: np.array_split of the sorted forecasts (adaptive ECE)")
def equal_mass(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    order = np.argsort(p, kind="stable")
    blocks = [b for b in np.array_split(order, n_bins) if b.size]
    return float(sum(abs((o[b] - p[b]).sum()) for b in blocks) / len(p))


@wrong("calibration_error", "the confidence max(p, 1 - p) against the accuracy of the decision (Guo et al.)")
def of_confidence(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    confidence, hit = np.maximum(p, 1 - p), ((p >= 0.5) == (o == 1)).astype(float)
    return scattered(confidence, hit, n_bins)


@right("brier_multiclass", "np.put_along_axis on a copy")
def put_along(probs, labels):
    E, c = np.array(probs, dtype=float), np.asarray(labels)
    if E.ndim != 2 or c.shape != (len(E),) or np.any((c < 0) | (c >= E.shape[1])):
        raise ValueError("shapes or labels")
    np.put_along_axis(E, c[:, None], np.take_along_axis(E, c[:, None], 1) - 1, 1)
    return float(np.einsum("ik,ik->", E, E) / len(E))


@wrong("brier_multiclass", "the Brier score of the top class alone: (max p - hit)^2")
def top_label(probs, labels):
    P, c = np.asarray(probs, dtype=float), np.asarray(labels)
    if P.ndim != 2 or c.shape != (len(P),) or np.any((c < 0) | (c >= P.shape[1])):
        raise ValueError("shapes or labels")
    return float(np.mean((P.max(1) - (P.argmax(1) == c)) ** 2))
