import numpy as np


def masked_mse(y_true, y_pred, mask):
    y_true, y_pred, mask = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(mask)
    if not y_true.shape == y_pred.shape == mask.shape or not np.all((mask == 0) | (mask == 1)) or not np.any(mask):
        raise ValueError("shapes differ, a bad mask, or nothing observed")
    seen = mask.astype(bool)
    return np.mean((y_true[seen] - y_pred[seen]) ** 2)


def weighted_mse(y_true, y_pred, sample_weight):
    y_true, y_pred, w = (np.asarray(a, float) for a in (y_true, y_pred, sample_weight))
    if not y_true.shape == y_pred.shape == w.shape or not np.all(np.isfinite(w)) or np.any(w < 0) or not np.any(w > 0):
        raise ValueError("shapes differ, or impossible weights")
    w = w / w.max()
    return np.sum(w * (y_true - y_pred) ** 2) / np.sum(w)


def ragged_mse(y_true, y_pred, reduction):
    pairs = [(np.asarray(a, float), np.asarray(b, float)) for a, b in zip(y_true, y_pred)]
    if len(y_true) != len(y_pred) or not pairs or reduction not in ("token", "sequence"):
        raise ValueError("no pairs, or unknown reduction")
    if any(a.shape != b.shape or a.ndim != 1 or a.size == 0 for a, b in pairs):
        raise ValueError("sequences of a pair must be 1-D of one length")
    if reduction == "sequence":
        return np.mean([np.mean((a - b) ** 2) for a, b in pairs])
    return np.mean(np.concatenate([(a - b) ** 2 for a, b in pairs]))


def complex_mse(y_true, y_pred):
    y_true, y_pred = np.asarray(y_true, complex), np.asarray(y_pred, complex)
    if y_true.shape != y_pred.shape or y_true.size == 0:
        raise ValueError("shapes differ, or there are no entries")
    return np.mean(np.abs(y_true - y_pred) ** 2)


def complex_gain(x, y):
    x, y = np.asarray(x, complex), np.asarray(y, complex)
    if x.shape != y.shape or x.ndim != 1 or x.size == 0 or not np.any(x):
        raise ValueError("x and y must be 1-D of one length, x not zero")
    return np.vdot(x, y) / np.vdot(x, x).real


def psnr(image, reference, data_range):
    a, b = np.asarray(image, float), np.asarray(reference, float)
    if a.shape != b.shape or a.size == 0 or data_range <= 0:
        raise ValueError("shapes differ, no pixels, or data_range not positive")
    error = np.mean((a - b) ** 2)
    return np.inf if error == 0 else 10 * np.log10(data_range**2 / error)
