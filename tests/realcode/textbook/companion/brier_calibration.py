import numpy as np


def _checked(y_prob, y_true):
    p, y = np.asarray(y_prob, float), np.asarray(y_true, float)
    if p.shape != y.shape or p.ndim != 1 or p.size == 0:
        raise ValueError("forecasts and outcomes must be 1-D of one length")
    if not np.all((p >= 0) & (p <= 1)) or not np.all((y == 0) | (y == 1)):
        raise ValueError("forecasts lie in [0, 1], outcomes are 0 or 1")
    return p, y


def brier_score(y_prob, y_true):
    p, y = _checked(y_prob, y_true)
    return np.mean((p - y) ** 2)


def brier_multiclass(probs, labels):
    P, labels = np.asarray(probs, float), np.asarray(labels)
    if P.ndim != 2 or P.size == 0 or labels.shape != P.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError("probs must be (n, K) and labels n integers")
    if np.any(P < 0) or np.any(np.abs(P.sum(axis=1) - 1) > 1e-6) or labels.min() < 0 or labels.max() >= P.shape[1]:
        raise ValueError("rows must be distributions and labels classes")
    onehot = np.eye(P.shape[1])[labels]
    return np.mean(np.sum((P - onehot) ** 2, axis=1))


def murphy_decomposition(y_prob, y_true):
    p, y = _checked(y_prob, y_true)
    values, inverse, counts = np.unique(p, return_inverse=True, return_counts=True)
    freq = np.bincount(inverse, weights=y) / counts
    base = y.mean()
    share = counts / p.size
    return np.sum(share * (values - freq) ** 2), np.sum(share * (freq - base) ** 2), base * (1 - base)


def calibration_error(y_prob, y_true, n_bins):
    p, y = _checked(y_prob, y_true)
    if n_bins < 1:
        raise ValueError("n_bins must be at least 1")
    which = np.minimum((p * n_bins).astype(int), n_bins - 1)
    gap = np.bincount(which, weights=y - p, minlength=n_bins)
    return np.sum(np.abs(gap)) / p.size
