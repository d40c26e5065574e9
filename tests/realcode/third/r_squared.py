"""R^2 and early stopping: accumulators, itertools, iterators over a history, matrices as in lecture notes."""

import itertools

import numpy as np

from tests.realcode.corpus import right, wrong


def targets(y_true, y_pred):
    y, p = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    if y.shape != p.shape or (y == y.flat[0]).all():
        raise ValueError("shapes or constant targets")
    return y, p


@right("r2_score", "the centring matrix of lecture notes: y' C y")
def centring_matrix(y_true, y_pred):
    y, p = targets(y_true, y_pred)
    C = np.eye(y.size) - np.full((y.size, y.size), 1 / y.size)
    deviations = C @ (y - y[0])
    return float(1 - (y - p) @ (y - p) / (deviations @ deviations))


@right("r2_score", "pairwise differences: SS_tot as the sum over pairs, divided by n")
def pairwise(y_true, y_pred):
    y, p = targets(y_true, y_pred)
    total = sum((a - b) ** 2 for a, b in itertools.combinations(y.tolist(), 2)) / y.size
    return float(1 - sum((a - b) ** 2 for a, b in zip(y, p, strict=True)) / total)


@wrong("r2_score", "absolute deviations in the place of squares (R1)")
def absolute(y_true, y_pred):
    y, p = targets(y_true, y_pred)
    return float(1 - np.abs(y - p).sum() / np.abs(y - y.mean()).sum())


@wrong("r2_score", "1 - RMSE / standard deviation")
def of_roots(y_true, y_pred):
    y, p = targets(y_true, y_pred)
    return float(1 - np.sqrt(np.mean((y - p) ** 2)) / y.std())


@right("early_stop", "enumerate with a for-else")
def for_else(val_mse, patience):
    values = np.asarray(val_mse, dtype=float)
    if values.size == 0 or patience < 1:
        raise ValueError("empty or patience")
    best = 0
    for t, value in enumerate(values):
        if value < values[best]:
            best = t
        if t - best >= patience:
            break
    else:
        t = len(values) - 1
    return best, t


@right("early_stop", "running minima first: np.minimum.accumulate, then a search")
def accumulated(val_mse, patience):
    v = np.asarray(val_mse, dtype=float)
    if v.size == 0 or patience < 1:
        raise ValueError("empty or patience")
    before = np.concatenate([[np.inf], np.minimum.accumulate(v)[:-1]])
    epochs = np.arange(v.size)
    best = np.maximum.accumulate(np.where((v < before) | (epochs == 0), epochs, 0))
    stops = np.flatnonzero(epochs - best >= patience)
    stop = int(stops[0]) if stops.size else v.size - 1
    return int(best[stop]), stop


@wrong("early_stop", "epochs counted from 1, as training logs print them")
def from_one(val_mse, patience):
    best, stop = for_else(val_mse, patience)
    return best + 1, stop + 1


@wrong("early_stop", "the number of epochs that were run in the place of the last one")
def as_count(val_mse, patience):
    best, stop = for_else(val_mse, patience)
    return best, stop + 1


@right("mse_from_r2", "second moment of the centred targets by np.dot")
def by_dot(r2, y_true):
    if r2 > 1:
        raise ValueError("r2")
    c = np.array(y_true, dtype=float)
    c -= c.mean()
    return float((1 - r2) * np.dot(c, c) / c.size)


@wrong("mse_from_r2", "the root is returned: what a dashboard calls the error")
def rooted(r2, y_true):
    return float(np.sqrt(by_dot(r2, y_true)))
