"""Structured data: np.mean with where, np.average, chains of sequences, real pairs for complex numbers."""

from itertools import chain

import numpy as np

from tests.realcode.corpus import right, short, wrong


def observed(y_true, y_pred, mask):
    y, p, m = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float), np.asarray(mask).astype(bool)
    if not y.shape == p.shape == m.shape or not m.any():
        raise ValueError("shapes or mask")
    return y, p, m


@right("masked_mse", "np.mean with where")
def mean_where(y_true, y_pred, mask):
    y, p, m = observed(y_true, y_pred, mask)
    with np.errstate(all="ignore"):
        return float(np.mean(np.square(y - p), where=m))


@right("masked_mse", "a loop with an early continue")
def loop_continue(y_true, y_pred, mask):
    y, p, m = observed(y_true, y_pred, mask)
    total, count = 0.0, 0
    for a, b, seen in zip(y.flat, p.flat, m.flat, strict=True):
        if not seen:
            continue
        total += float((a - b) ** 2)
        count += 1
    return total / count


@wrong("masked_mse", "the mask is read the other way round: True is missing")
def inverted(y_true, y_pred, mask):
    y, p, m = observed(y_true, y_pred, mask)
    if m.all():
        return 0.0
    return float(np.mean((y[~m] - p[~m]) ** 2))


@wrong("masked_mse", "missing residuals are 0 and all entries are averaged", "divides by all entries")
def zero_filled(y_true, y_pred, mask):
    y, p, m = observed(y_true, y_pred, mask)
    return float(np.mean(np.where(m, np.where(m, y, 0) - np.where(m, p, 0), 0.0) ** 2))


def weighted(y_true, y_pred, sample_weight):
    y, p, w = (np.asarray(a, dtype=float) for a in (y_true, y_pred, sample_weight))
    if not y.shape == p.shape == w.shape or np.any(w < 0) or not np.any(w > 0):
        raise ValueError("shapes or weights")
    return y, p, w


@right("weighted_mse", "np.average on weights over their largest")
def average(y_true, y_pred, sample_weight):
    y, p, w = weighted(y_true, y_pred, sample_weight)
    return float(np.average((y - p) ** 2, weights=w / w.max()))


@wrong("weighted_mse", "weights inside of the square")
def weights_squared(y_true, y_pred, sample_weight):
    y, p, w = weighted(y_true, y_pred, sample_weight)
    w = w / w.max()
    return float(np.sum((w * (y - p)) ** 2) / np.sum(w))


@wrong("weighted_mse", "the number of positive weights as divisor")
def by_count(y_true, y_pred, sample_weight):
    y, p, w = weighted(y_true, y_pred, sample_weight)
    return float(np.sum(w * (y - p) ** 2) / np.count_nonzero(w))


def sequences(y_true, y_pred, reduction):
    if len(y_true) != len(y_pred) or reduction not in ("token", "sequence"):
        raise ValueError("number or reduction")
    pairs = [(np.asarray(a, dtype=float), np.asarray(b, dtype=float)) for a, b in zip(y_true, y_pred, strict=True)]
    if any(a.shape != b.shape for a, b in pairs):
        raise ValueError("lengths")
    return pairs


@right("ragged_mse", "weights of np.average: lengths or ones")
def lengths_as_weights(y_true, y_pred, reduction):
    pairs = sequences(y_true, y_pred, reduction)
    each = [np.mean((a - b) ** 2) for a, b in pairs]
    return float(np.average(each, weights=[len(a) if reduction == "token" else 1 for a, _ in pairs]))


@right("ragged_mse", "itertools.chain over squares")
def chained(y_true, y_pred, reduction):
    pairs = sequences(y_true, y_pred, reduction)
    squares = [((a - b) ** 2).tolist() for a, b in pairs]
    if reduction == "token":
        every = list(chain.from_iterable(squares))
        return sum(every) / len(every)
    return sum(sum(s) / len(s) for s in squares) / len(squares)


@wrong("ragged_mse", "the two reductions exchanged", "exchanges the two reductions")
def reductions_exchanged(y_true, y_pred, reduction):
    sequences(y_true, y_pred, reduction)
    return chained(y_true, y_pred, "token" if reduction == "sequence" else "sequence")


@wrong("ragged_mse", "the longest sequence's length for every sequence")
def by_longest(y_true, y_pred, reduction):
    pairs = sequences(y_true, y_pred, reduction)
    if reduction == "token":
        return chained(y_true, y_pred, reduction)
    longest = max(len(a) for a, _ in pairs)
    return float(np.mean([np.sum((a - b) ** 2) / longest for a, b in pairs]))


def signals(y_true, y_pred):
    y, p = np.asarray(y_true, dtype=complex), np.asarray(y_pred, dtype=complex)
    if y.shape != p.shape:
        raise ValueError("shapes")
    return y, p


@right("complex_mse", "views of real pairs")
def real_pairs(y_true, y_pred):
    y, p = signals(y_true, y_pred)
    r = np.ascontiguousarray(y - p).reshape(-1).view(np.float64)
    return float(2 * np.mean(r * r))


@wrong("complex_mse", "the size of the squared mean: |mean(r^2)|")
def squared_mean(y_true, y_pred):
    y, p = signals(y_true, y_pred)
    return float(abs(np.mean((y - p) ** 2)))


@wrong("complex_mse", "magnitudes compared, phases lost", "takes the difference of the moduli")
def magnitudes(y_true, y_pred):
    y, p = signals(y_true, y_pred)
    return float(np.mean((abs(y) - abs(p)) ** 2))


def channel(x, y):
    x, y = np.asarray(x, dtype=complex), np.asarray(y, dtype=complex)
    if x.shape != y.shape or not np.any(x):
        raise ValueError("shapes or x")
    return x, y


@right("complex_gain", "real least squares with two columns")
def two_columns(x, y):
    x, y = channel(x, y)
    A = np.block([[x.real[:, None], -x.imag[:, None]], [x.imag[:, None], x.real[:, None]]])
    a, b = np.linalg.lstsq(A, np.concatenate([y.real, y.imag]), rcond=None)[0]
    return complex(a, b)


@wrong("complex_gain", "the ratio of the sums")
def ratio_of_sums(x, y):
    x, y = channel(x, y)
    return complex(y.sum() / (x.sum() or 1))


@wrong("complex_gain", "normalised by both energies: the coherence")
def coherence(x, y):
    x, y = channel(x, y)
    return complex(np.vdot(x, y) / np.sqrt(np.vdot(x, x).real * (np.vdot(y, y).real or 1.0)))


def images(image, reference, data_range):
    a, b = np.asarray(image).astype(float), np.asarray(reference).astype(float)
    if a.shape != b.shape or data_range <= 0:
        raise ValueError("shapes or range")
    return a, b


@right("psnr", "20 log10 of range over root mean square, early return for equal images")
def twenty_logs(image, reference, data_range):
    a, b = images(image, reference, data_range)
    if np.array_equal(a, b):
        return float("inf")
    return float(20 * np.log10(data_range) - 20 * np.log10(np.sqrt(np.mean((a - b) ** 2))))


@wrong("psnr", "10 log10 of range over mean square: the range is not squared", "forgets to square the range")
def range_not_squared(image, reference, data_range):
    a, b = images(image, reference, data_range)
    m = np.mean((a - b) ** 2)
    return float(10 * np.log10(data_range / m)) if m else float("inf")


@short("psnr", "assert in place of ValueError", "the refusals: an assertion error is another one")
def with_assertions(image, reference, data_range):
    a, b = np.array(image, float), np.array(reference, float)
    assert a.shape == b.shape
    assert data_range > 0
    m = np.mean((a - b) ** 2)
    return float(10 * np.log10(float(data_range) ** 2 / m)) if m > 0 else np.inf
