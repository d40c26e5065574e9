"""Squared error for structured data: masked arrays and their convention, np.average, lstsq, unsigned integers."""

import math
from statistics import fmean

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def observed(y_true, y_pred, mask):
    a, b, m = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float), np.asarray(mask, dtype=bool)
    if a.shape != b.shape or a.shape != m.shape or not m.any():
        raise ValueError("shapes or mask")
    return a, b, m


@right("masked_mse", "numpy.ma with the mask turned round")
def masked(y_true, y_pred, mask):
    a, b, m = observed(y_true, y_pred, mask)
    with np.errstate(invalid="ignore"):
        return float(np.ma.masked_array((a - b) ** 2, mask=~m).mean())


@wrong("masked_mse", "numpy.ma's own convention: True hides", "inverts the mask")
def true_hides(y_true, y_pred, mask):
    a, b, m = observed(y_true, y_pred, mask)
    with np.errstate(invalid="ignore"):
        value = np.ma.masked_array((a - b) ** 2, mask=m).mean()
    return float("nan") if value is np.ma.masked else float(value)


@short("masked_mse", "np.nanmean of what is observed", "a NaN that was observed")
def nanmean_of_observed(y_true, y_pred, mask):
    a, b, m = observed(y_true, y_pred, mask)
    return float(np.nanmean((a[m] - b[m]) ** 2))


@right("masked_mse", "np.mean(..., where=mask)")
def with_where(y_true, y_pred, mask):
    a, b, m = observed(y_true, y_pred, mask)
    with np.errstate(invalid="ignore"):
        return np.mean((a - b) ** 2, where=m)


def weighed(y_true, y_pred, sample_weight):
    a, b, w = (np.asarray(v, dtype=float) for v in (y_true, y_pred, sample_weight))
    if a.shape != b.shape or a.shape != w.shape or np.any(w < 0) or not np.any(w > 0):
        raise ValueError("shapes or weights")
    return (a - b) ** 2, w


@right("weighted_mse", "np.average with weights over their largest")
def average(y_true, y_pred, sample_weight):
    s, w = weighed(y_true, y_pred, sample_weight)
    return float(np.average(s, weights=w / w.max()))


@short("weighted_mse", "np.average", "weights whose sum overflows", "lets sums overflow")
def plain_average(y_true, y_pred, sample_weight):
    s, w = weighed(y_true, y_pred, sample_weight)
    with np.errstate(all="ignore"):
        return float(np.average(s, weights=w))


@wrong("weighted_mse", "weights repeat samples: rounded to integers")
def repeated(y_true, y_pred, sample_weight):
    s, w = weighed(y_true, y_pred, sample_weight)
    counts = np.minimum(np.rint(w), 1000).astype(int).ravel()
    return float(np.repeat(s.ravel(), counts).mean()) if counts.sum() else 0.0


def sequences(y_true, y_pred):
    a, b = [np.asarray(v, dtype=float) for v in y_true], [np.asarray(v, dtype=float) for v in y_pred]
    if len(a) != len(b) or any(s.shape != t.shape for s, t in zip(a, b, strict=True)):
        raise ValueError("lengths")
    return a, b


@right("ragged_mse", "fmean over nested generators")
def nested(y_true, y_pred, reduction):
    a, b = sequences(y_true, y_pred)
    losses = [((s - t) ** 2).tolist() for s, t in zip(a, b, strict=True)]
    if reduction == "token":
        return fmean(v for one in losses for v in one)
    return fmean(fmean(one) for one in losses)


@wrong("ragged_mse", "weights a sequence by the root of its length")
def root_length(y_true, y_pred, reduction):
    a, b = sequences(y_true, y_pred)
    each = [float(np.mean((s - t) ** 2)) for s, t in zip(a, b, strict=True)]
    w = [math.sqrt(len(s)) if reduction == "token" else 1.0 for s in a]
    return float(np.average(each, weights=w))


def signals(a, b):
    x, y = np.asarray(a, dtype=complex), np.asarray(b, dtype=complex)
    if x.shape != y.shape:
        raise ValueError("shapes")
    return x, y


@right("complex_mse", "vdot of the difference with itself")
def with_vdot(y_true, y_pred):
    x, y = signals(y_true, y_pred)
    return np.vdot(x - y, x - y).real / x.size


@form("complex_mse", "an array of one entry")
def one_entry(y_true, y_pred):
    x, y = signals(y_true, y_pred)
    return np.array([np.mean(np.abs(x - y) ** 2)])


@form("complex_gain", "lstsq of a column: an array of one weight")
def least_squares(x, y):
    a, b = signals(x, y)
    if not np.any(a):
        raise ValueError("x is zero")
    return np.linalg.lstsq(a[:, None], b, rcond=None)[0]


@wrong("complex_gain", "the ratio of the moduli with the phase of the first entry")
def first_phase(x, y):
    a, b = signals(x, y)
    if not np.any(a):
        raise ValueError("x is zero")
    return complex(np.sqrt(np.sum(np.abs(b) ** 2) / np.sum(np.abs(a) ** 2)) * np.exp(1j * np.angle(b[0] * a[0].conj())))


def images(image, reference, data_range):
    a, b = np.asarray(image), np.asarray(reference)
    if a.shape != b.shape or not data_range > 0:
        raise ValueError("shapes or range")
    return a, b


@right("psnr", "20 log10 R - 10 log10 MSE, division by zero allowed")
def two_logarithms(image, reference, data_range):
    a, b = images(image, reference, data_range)
    with np.errstate(divide="ignore"):
        return float(20 * np.log10(data_range) - 10 * np.log10(np.mean((a.astype(float) - b.astype(float)) ** 2)))


# labelled short at first; what the part is asked for most, 8-bit images, is wrong altogether
@wrong("psnr", "np.mean((a - b) ** 2) of the arrays as they are", "subtracts in uint8, which wraps around")
def unsigned(image, reference, data_range):
    a, b = images(image, reference, data_range)
    with np.errstate(all="ignore"):
        m = np.mean((a - b) ** 2)
        return float(10 * np.log10(data_range**2 / m)) if m else math.inf


@wrong("psnr", "the mean absolute error in place of the squared one")
def absolute(image, reference, data_range):
    a, b = images(image, reference, data_range)
    m = np.mean(np.abs(a.astype(float) - b.astype(float)))
    return float(20 * np.log10(data_range / m)) if m else math.inf
