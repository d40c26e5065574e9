"""Masks, weights, sequences: compress, boolean sums, itertools.chain, in-place arithmetic, complex views."""

import itertools
import math

import numpy as np

from tests.realcode.corpus import right, short, wrong


def three(y_true, y_pred, third):
    y, p, m = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float), np.asarray(third)
    if not y.shape == p.shape == m.shape:
        raise ValueError("shapes")
    return y, p, m


@right("masked_mse", "itertools.compress of squared residuals")
def compressed(y_true, y_pred, mask):
    y, p, m = three(y_true, y_pred, mask)
    if not m.any():
        raise ValueError("no entry")
    kept = list(itertools.compress(((y - p) ** 2).ravel().tolist(), m.ravel().tolist()))
    return math.fsum(kept) / len(kept)


@right("masked_mse", "in place: what is hidden is set to 0 on copies, then divided by the count")
def in_place(y_true, y_pred, mask):
    y, p, m = three(y_true, y_pred, mask)
    m = m.astype(bool)
    if not m.any():
        raise ValueError("no entry")
    y, p = y.copy(), p.copy()
    y[~m] = 0
    p[~m] = 0
    y -= p
    y *= y
    return float(y.sum() / m.sum())


@wrong(
    "masked_mse",
    "the mean of the images' means: each row averages its own observed entries, empty ones are skipped",
    "averages row means",
)
def per_row(y_true, y_pred, mask):
    y, p, m = three(y_true, y_pred, mask)
    m = m.astype(bool)
    if not m.any():
        raise ValueError("no entry")
    y, p, m = (np.atleast_2d(a) for a in (y, p, m))
    return float(np.mean([np.mean((a - b)[k] ** 2) for a, b, k in zip(y, p, m, strict=True) if k.any()]))


@wrong("masked_mse", "+ 1e-8 in the denominator, as in segmentation losses")
def with_epsilon(y_true, y_pred, mask):
    y, p, m = three(y_true, y_pred, mask)
    m = m.astype(bool)
    if not m.any():
        raise ValueError("no entry")
    return float(((y - p)[m] ** 2).sum() / (m.sum() + 1e-8))


@right("weighted_mse", "np.average after dividing by the largest weight")
def averaged(y_true, y_pred, sample_weight):
    y, p, w = three(y_true, y_pred, sample_weight)
    w = w.astype(float)
    if np.any(w < 0) or not w.any():
        raise ValueError("weights")
    return float(np.average((y - p) ** 2, weights=w / w.max()))


@wrong(
    "weighted_mse",
    "the root of the weights multiplied in before squaring, then the plain mean",
    "divides by n instead of the sum of the weights",
)
def roots_of_weights(y_true, y_pred, sample_weight):
    y, p, w = three(y_true, y_pred, sample_weight)
    w = w.astype(float)
    if np.any(w < 0) or not w.any():
        raise ValueError("weights")
    return float(np.mean((np.sqrt(w) * (y - p)) ** 2))


@wrong("weighted_mse", "inverse-variance habit: weights are divided by instead of multiplied")
def inverted(y_true, y_pred, sample_weight):
    y, p, w = three(y_true, y_pred, sample_weight)
    w = w.astype(float)
    if np.any(w < 0) or not w.any():
        raise ValueError("weights")
    v = np.where(w > 0, 1 / np.where(w > 0, w, 1), 0.0)
    return float(((y - p) ** 2 * v).sum() / v.sum())


@short("weighted_mse", "a sum over pairs, divided by sum(weights)", "sums that overflow", "lets sums overflow")
def summed(y_true, y_pred, sample_weight):
    y, p, w = three(y_true, y_pred, sample_weight)
    w = w.astype(float)
    if np.any(w < 0) or not w.any():
        raise ValueError("weights")
    return float(
        sum(c * (a - b) ** 2 for a, b, c in zip(y.ravel(), p.ravel(), w.ravel(), strict=True)) / sum(w.ravel())
    )


def pairs_of(y_true, y_pred):
    if len(y_true) != len(y_pred):
        raise ValueError("numbers of sequences")
    pairs = [(np.asarray(a, dtype=float), np.asarray(b, dtype=float)) for a, b in zip(y_true, y_pred, strict=True)]
    if any(a.shape != b.shape for a, b in pairs):
        raise ValueError("lengths")
    return pairs


@right("ragged_mse", "itertools.chain of squared errors, statistics by hand")
def chained(y_true, y_pred, reduction):
    squares = [[(float(s) - float(t)) ** 2 for s, t in zip(a, b, strict=True)] for a, b in pairs_of(y_true, y_pred)]
    if reduction == "sequence":
        return sum(sum(s) / len(s) for s in squares) / len(squares)
    flat = list(itertools.chain.from_iterable(squares))
    return sum(flat) / len(flat)


@wrong("ragged_mse", "sequence means weighted by length in both modes: always the token mean")
def always_tokens(y_true, y_pred, reduction):
    return chained(y_true, y_pred, "token")


@right("complex_mse", "a complex array seen as pairs of floats")
def viewed(y_true, y_pred):
    a, b = np.asarray(y_true, dtype=complex), np.asarray(y_pred, dtype=complex)
    if a.shape != b.shape:
        raise ValueError("shapes")
    parts = np.ascontiguousarray(a - b).reshape(-1).view(float)
    return float(parts @ parts / a.size)


@right("complex_gain", "sums of conj(x) y by a list comprehension")
def conjugated(x, y):
    a, b = np.asarray(x, dtype=complex), np.asarray(y, dtype=complex)
    if a.shape != b.shape or not a.any():
        raise ValueError("shapes or x = 0")
    return complex(
        sum([u.conjugate() * v for u, v in zip(a.tolist(), b.tolist(), strict=True)])
        / sum([abs(u) ** 2 for u in a.tolist()])
    )


@wrong("complex_gain", "the ratio of the norms: the phase is lost")
def of_norms(x, y):
    a, b = np.asarray(x, dtype=complex), np.asarray(y, dtype=complex)
    if a.shape != b.shape or not a.any():
        raise ValueError("shapes or x = 0")
    return complex(np.linalg.norm(b) / np.linalg.norm(a))


@right("psnr", "math.log10 of the plain mean, inf apart")
def plainly(image, reference, data_range):
    a, b = np.asarray(image, dtype=float), np.asarray(reference, dtype=float)
    if a.shape != b.shape or data_range <= 0:
        raise ValueError("shapes or range")
    mean = float(np.square(a - b).mean())
    return math.inf if mean == 0 else 20 * math.log10(data_range) - 10 * math.log10(mean)


@wrong("psnr", "the peak is the largest pixel of the reference", "takes the range from the image")
def of_peak(image, reference, data_range):
    b = np.asarray(reference, dtype=float)
    plainly(image, reference, data_range)
    return plainly(image, reference, float(b.max())) if b.max() > 0 else math.inf
