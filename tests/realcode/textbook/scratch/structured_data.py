import numpy as np


def masked_mse(y_true, y_pred, mask):
    y_true, y_pred, mask = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(mask)
    if y_true.shape != y_pred.shape or y_true.shape != mask.shape or not np.isin(mask, (0, 1)).all() or not mask.any():
        raise ValueError("shapes differ, a bad mask, or nothing observed")
    observed = mask == 1
    errors = np.where(observed, y_true, 0.0) - np.where(observed, y_pred, 0.0)
    return float((errors**2).sum() / observed.sum())


def weighted_mse(y_true, y_pred, sample_weight):
    y_true, y_pred, w = (np.asarray(a, float) for a in (y_true, y_pred, sample_weight))
    if y_true.shape != y_pred.shape or y_true.shape != w.shape:
        raise ValueError("shapes differ")
    if not np.isfinite(w).all() or (w < 0).any() or not (w > 0).any():
        raise ValueError("impossible weights")
    return float(np.average((y_true - y_pred) ** 2, weights=w / w.max()))


def ragged_mse(y_true, y_pred, reduction):
    if len(y_true) != len(y_pred) or len(y_true) == 0 or reduction not in ("token", "sequence"):
        raise ValueError("no pairs, or unknown reduction")
    sums, lengths = [], []
    for a, b in zip(y_true, y_pred):
        a, b = np.asarray(a, float), np.asarray(b, float)
        if a.ndim != 1 or a.shape != b.shape or len(a) == 0:
            raise ValueError("sequences of a pair must be 1-D of one length")
        sums.append(((a - b) ** 2).sum())
        lengths.append(len(a))
    if reduction == "token":
        return sum(sums) / sum(lengths)
    return sum(s / n for s, n in zip(sums, lengths)) / len(sums)


def complex_mse(y_true, y_pred):
    a, b = np.asarray(y_true, complex), np.asarray(y_pred, complex)
    if a.shape != b.shape or a.size == 0:
        raise ValueError("shapes differ, or there are no entries")
    e = a - b
    return float(np.mean(e.real**2 + e.imag**2))


def complex_gain(x, y):
    x, y = np.asarray(x, complex), np.asarray(y, complex)
    if x.shape != y.shape or x.ndim != 1 or x.size == 0 or np.all(x == 0):
        raise ValueError("x and y must be 1-D of one length, x not zero")
    return complex(np.linalg.lstsq(x[:, None], y, rcond=None)[0][0])


def psnr(image, reference, data_range):
    a, b = np.asarray(image, float), np.asarray(reference, float)
    if a.shape != b.shape or a.size == 0 or data_range <= 0:
        raise ValueError("shapes differ, no pixels, or data_range not positive")
    error = ((a - b) ** 2).mean()
    if error == 0:
        return float("inf")
    return float(20 * np.log10(data_range) - 10 * np.log10(error))
