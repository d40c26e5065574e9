"""Masks, weights, sequences, signals, images: NumPy, scikit-image, PyTorch."""

import math

import numpy as np

from tests.realcode.corpus import right, short, wrong


def masked(y_true, y_pred, mask):
    y, p, m = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(mask).astype(bool)
    if not y.shape == p.shape == m.shape or not m.any():
        raise ValueError("shapes or mask")
    return y, p, m


@right("masked_mse", "np.extract, then the plain mean")
def extracted(y_true, y_pred, mask):
    y, p, m = masked(y_true, y_pred, mask)
    return float(np.mean((np.extract(m, y) - np.extract(m, p)) ** 2))


@right("masked_mse", "np.mean with where=")
def mean_where(y_true, y_pred, mask):
    y, p, m = masked(y_true, y_pred, mask)
    with np.errstate(all="ignore"):
        return float(np.mean(np.square(y - p), where=m))


@wrong("masked_mse", "PyTorch: ((y - p) * mask)^2 averaged over all entries", "divides by all entries")
def over_all(y_true, y_pred, mask):
    y, p, m = masked(y_true, y_pred, mask)
    return float(np.mean(np.where(m, y - np.where(m, p, 0), 0) ** 2))


@wrong("masked_mse", "numpy.ma: True means hidden", "inverts the mask")
def inverted(y_true, y_pred, mask):
    y, p, m = masked(y_true, y_pred, mask)
    with np.errstate(all="ignore"):
        return float(np.mean((y[~m] - p[~m]) ** 2)) if (~m).any() else 0.0


@short(
    "masked_mse",
    "np.nanmean: every NaN is missing",
    "an observed NaN is dropped",
    "ignores NaN instead of using the mask",
)
def nanmean(y_true, y_pred, mask):
    y, p, m = masked(y_true, y_pred, mask)
    r = y[m] - p[m]
    r = r[~np.isnan(r)]
    return float(np.mean(r**2)) if r.size else math.nan


def weighted(y_true, y_pred, w):
    y, p, w = (np.asarray(v, float) for v in (y_true, y_pred, w))
    if not y.shape == p.shape == w.shape or np.any(w < 0) or not np.any(w > 0):
        raise ValueError("shapes or weights")
    return y, p, w


@right("weighted_mse", "weights divided by their largest, np.average")
def averaged(y_true, y_pred, sample_weight):
    y, p, w = weighted(y_true, y_pred, sample_weight)
    return float(np.average((y - p) ** 2, weights=w / w.max()))


@wrong(
    "weighted_mse",
    "Keras: weighted losses divided by the number of samples",
    "divides by n instead of the sum of the weights",
)
def by_count(y_true, y_pred, sample_weight):
    y, p, w = weighted(y_true, y_pred, sample_weight)
    with np.errstate(all="ignore"):
        return float(np.mean(w * (y - p) ** 2))


@wrong("weighted_mse", "weights that are squared with the residuals", "squares the weights")
def squared_weights(y_true, y_pred, sample_weight):
    y, p, w = weighted(y_true, y_pred, sample_weight)
    w = w / w.max()
    return float(np.sum((w * (y - p)) ** 2) / np.sum(w**2))


@short("weighted_mse", "sum(w r^2)/sum(w)", "sums that overflow", "lets sums overflow")
def plain_sums(y_true, y_pred, sample_weight):
    y, p, w = weighted(y_true, y_pred, sample_weight)
    with np.errstate(all="ignore"):
        return float(np.sum(w * (y - p) ** 2) / np.sum(w))


def ragged(y_true, y_pred):
    if len(y_true) != len(y_pred):
        raise ValueError("numbers of sequences")
    pairs = [(np.asarray(a, float), np.asarray(b, float)) for a, b in zip(y_true, y_pred, strict=True)]
    if any(a.shape != b.shape for a, b in pairs):
        raise ValueError("lengths")
    return pairs


@right("ragged_mse", "concatenate, or a mean of means")
def concatenated(y_true, y_pred, reduction):
    pairs = ragged(y_true, y_pred)
    if reduction == "token":
        return float(np.mean((np.concatenate([a for a, _ in pairs]) - np.concatenate([b for _, b in pairs])) ** 2))
    return float(np.mean([np.mean((a - b) ** 2) for a, b in pairs]))


@right("ragged_mse", "padded to one array with a mask")
def padded(y_true, y_pred, reduction):
    pairs = ragged(y_true, y_pred)
    width = max(len(a) for a, _ in pairs)
    squares, mask = np.zeros((len(pairs), width)), np.zeros((len(pairs), width))
    for i, (a, b) in enumerate(pairs):
        squares[i, : len(a)], mask[i, : len(a)] = (a - b) ** 2, 1
    if reduction == "token":
        return float(squares.sum() / mask.sum())
    return float((squares.sum(axis=1) / mask.sum(axis=1)).mean())


@wrong("ragged_mse", "padding counted in the mean", "pads with zeros to the longest")
def with_padding(y_true, y_pred, reduction):
    pairs = ragged(y_true, y_pred)
    width = max(len(a) for a, _ in pairs)
    return float(sum(np.sum((a - b) ** 2) for a, b in pairs) / (width * len(pairs)))


@wrong("ragged_mse", "the two names exchanged", "exchanges the two reductions")
def exchanged(y_true, y_pred, reduction):
    return concatenated(y_true, y_pred, {"token": "sequence", "sequence": "token"}[reduction])


def signals(x, y):
    x, y = np.asarray(x, complex), np.asarray(y, complex)
    if x.shape != y.shape:
        raise ValueError("shapes")
    return x, y


@right("complex_mse", "np.vdot of the difference with itself")
def vdot(y_true, y_pred):
    x, y = signals(y_true, y_pred)
    e = (x - y).ravel()
    return float(np.vdot(e, e).real / e.size)


@wrong(
    "complex_mse",
    "real and imaginary parts averaged as 2n numbers",
    "averages real and imaginary parts, so divides by 2n",
)
def two_parts(y_true, y_pred):
    return vdot(y_true, y_pred) / 2


@wrong("complex_mse", "the square of a complex number in place of its modulus", "squares the complex number")
def complex_square(y_true, y_pred):
    x, y = signals(y_true, y_pred)
    return float(np.mean((x - y) ** 2).real)


def excited(x, y):
    x, y = signals(x, y)
    if not np.any(x):
        raise ValueError("x")
    return x, y


@right("complex_gain", "np.linalg.lstsq with one column")
def lstsq(x, y):
    x, y = excited(x, y)
    return complex(np.linalg.lstsq(x[:, None], y, rcond=None)[0][0])


@wrong(
    "complex_gain",
    "np.vdot with its arguments in the other order",
    "conjugates y instead of x",
    "forgets the conjugate",
)
def conjugated(x, y):
    x, y = excited(x, y)
    return complex(np.vdot(y, x) / np.vdot(x, x))


@wrong("complex_gain", "the mean of the ratios y / x", "averages the ratios")
def ratios(x, y):
    x, y = excited(x, y)
    some = x != 0
    return complex(np.mean(y[some] / x[some]))


def images(a, b, data_range):
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or not data_range > 0:
        raise ValueError("shapes or data_range")
    return a, b


@right("psnr", "20 log10(R) - 10 log10(MSE)")
def two_logs(image, reference, data_range):
    a, b = images(image, reference, data_range)
    e = np.mean((a - b) ** 2)
    return math.inf if e == 0 else float(20 * math.log10(data_range) - 10 * math.log10(e))


@wrong("psnr", "the largest pixel as range", "takes the range from the image")
def largest_pixel(image, reference, data_range):
    a, b = images(image, reference, data_range)
    e = np.mean((a - b) ** 2)
    return math.inf if e == 0 else float(10 * np.log10(max(b.max(), 1e-9) ** 2 / e))


@wrong(
    "psnr",
    "10 log10(R / RMSE)",
    "takes the root of the mean squared error",
    "forgets to square the range",
    "right up to the factor 1/2",
)
def root_only(image, reference, data_range):
    value = two_logs(image, reference, data_range)
    return value / 2


@wrong("psnr", "uint8 differences that wrap around", "subtracts in uint8, which wraps around")
def wrapping(image, reference, data_range):
    images(image, reference, data_range)
    d = np.asarray(image) - np.asarray(reference)
    e = np.mean(np.asarray(d * d, float))
    return math.inf if e == 0 else float(10 * np.log10(data_range**2 / e))
