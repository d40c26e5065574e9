"""Coefficient of determination: a library's rule for constant targets, sample variances, counters of Keras' kind."""

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def pair(y_true, y_pred):
    a, b = np.asarray(y_true, float), np.asarray(y_pred, float)
    if a.shape != b.shape or np.ptp(a) == 0:
        raise ValueError("shapes or constant")
    return a, b


@right("r2_score", "targets shifted to their first before anything is squared")
def shifted(y_true, y_pred):
    a, b = pair(y_true, y_pred)
    r, d = a - b, a - a[0]
    d = d - d.mean()
    return 1.0 - np.dot(r, r) / np.dot(d, d)


@short("r2_score", "a library's rule: 1 or 0 for constant targets", "the refusal of constant targets")
def force_finite(y_true, y_pred):
    a, b = np.asarray(y_true, float), np.asarray(y_pred, float)
    if a.shape != b.shape:
        raise ValueError("shapes")
    top, bottom = np.sum((a - b) ** 2), np.sum((a - a.mean()) ** 2)
    if np.ptp(a) == 0:
        return 1.0 if top == 0 else 0.0
    return float(1 - top / bottom)


@form("r2_score", "an array of one entry, as with multioutput='raw_values'")
def raw_values(y_true, y_pred):
    return np.array([shifted(y_true, y_pred)])


@wrong("r2_score", "the concordance correlation coefficient")
def concordance(y_true, y_pred):
    a, b = pair(y_true, y_pred)
    s = np.mean((a - a.mean()) * (b - b.mean()))
    return float(2 * s / (a.var() + b.var() + (a.mean() - b.mean()) ** 2))


@wrong("mse_from_r2", "np.var(ddof=1) also for one target", "divides by n-1 (ddof=1)")
def sample_variance(r2, y_true):
    if r2 > 1:
        raise ValueError("r2")
    y = np.asarray(y_true, float)
    with np.errstate(all="ignore"):
        return float((1 - r2) * np.sum((y - y.mean()) ** 2) / np.float64(y.size - 1))


@right("mse_from_r2", "the mean of pairwise squared differences, by sums")
def pairwise(r2, y_true):
    if r2 > 1:
        raise ValueError("r2")
    d = np.asarray(y_true, float) - np.asarray(y_true, float)[0]
    d = d - np.mean(d)
    return (1 - r2) * float(np.mean(d * d))


def history(val_mse, patience):
    v = np.asarray(val_mse, float)
    if v.size == 0 or patience < 1:
        raise ValueError("empty or patience")
    return v


@right("early_stop", "a wait counter, NumPy integers")
def waiting(val_mse, patience):
    best, wait, at = np.inf, 0, np.int64(0)
    t = np.int64(0)
    for t, value in enumerate(history(val_mse, patience)):
        if t == 0 or value < best:
            best, wait, at = value, 0, np.int64(t)
        else:
            wait += 1
            if wait >= patience:
                break
    return at, np.int64(t)


@form("early_stop", "an array of both epochs")
def as_array(val_mse, patience):
    return np.array(waiting(val_mse, patience))


@wrong("early_stop", "compares with the epoch `patience` before")
def window(val_mse, patience):
    v = history(val_mse, patience)
    for t in range(patience, len(v)):
        if v[t] >= v[t - patience]:
            return int(np.argmin(v[: t + 1])), t
    return int(np.argmin(v)), len(v) - 1
