import numpy as np


def _checked(y_prob, y_true):
    p, y = np.asarray(y_prob, float), np.asarray(y_true, float)
    if p.shape != y.shape or p.ndim != 1 or p.size == 0:
        raise ValueError("forecasts and outcomes must be 1-D of one length")
    if np.isnan(p).any() or p.min() < 0 or p.max() > 1 or not set(np.unique(y)) <= {0.0, 1.0}:
        raise ValueError("forecasts lie in [0, 1], outcomes are 0 or 1")
    return p, y


def brier_score(y_prob, y_true):
    p, y = _checked(y_prob, y_true)
    return float(sum((a - b) ** 2 for a, b in zip(p.tolist(), y.tolist())) / len(p))


def brier_multiclass(probs, labels):
    P, labels = np.asarray(probs, float), np.asarray(labels)
    if P.ndim != 2 or P.size == 0 or labels.shape != (len(P),) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError("probs must be (n, K) and labels n integers")
    K = P.shape[1]
    if (P < 0).any() or not np.allclose(P.sum(axis=1), 1, rtol=0, atol=1e-6) or not all(0 <= c < K for c in labels):
        raise ValueError("rows must be distributions and labels classes")
    total = 0.0
    for row, c in zip(P, labels):
        total += (row**2).sum() - 2 * row[c] + 1
    return total / len(P)


def murphy_decomposition(y_prob, y_true):
    p, y = _checked(y_prob, y_true)
    groups = {}
    for forecast, outcome in zip(p.tolist(), y.tolist()):
        groups.setdefault(forecast, []).append(outcome)
    base = float(np.mean(y))
    reliability = resolution = 0.0
    for forecast, outcomes in groups.items():
        frequency = sum(outcomes) / len(outcomes)
        reliability += len(outcomes) / len(p) * (forecast - frequency) ** 2
        resolution += len(outcomes) / len(p) * (frequency - base) ** 2
    return reliability, resolution, base * (1 - base)


def calibration_error(y_prob, y_true, n_bins):
    p, y = _checked(y_prob, y_true)
    if n_bins < 1:
        raise ValueError("n_bins must be at least 1")
    which = np.minimum(np.floor(p * n_bins), n_bins - 1)
    error = 0.0
    for b in np.unique(which):
        inside = which == b
        error += inside.mean() * abs(y[inside].mean() - p[inside].mean())
    return float(error)
