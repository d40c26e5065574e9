"""Masks, weights, sequences, complex signals and images: Keras, scikit-learn, NumPy and scikit-image."""

import numpy as np

from tests.realcode.corpus import right, short, wrong


def entries(y_true, y_pred, mask):
    y, p, m = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(mask).astype(bool)
    if not y.shape == p.shape == m.shape or not m.any():
        raise ValueError("shapes or mask")
    return y, p, m


@right("masked_mse", "NumPy: masked arrays, np.ma.mean")
def masked_array(y_true, y_pred, mask):
    y, p, m = entries(y_true, y_pred, mask)
    hidden = {"mask": ~m}
    return float(np.mean((np.ma.array(y, **hidden) - np.ma.array(p, **hidden)).compressed() ** 2))


@right("masked_mse", "NumPy: np.mean(..., where=mask)")
def mean_where(y_true, y_pred, mask):
    y, p, m = entries(y_true, y_pred, mask)
    return np.mean((y - p) ** 2, where=m)


@wrong("masked_mse", "Keras: the loss times the mask", "multiplies by the mask")
def times_mask(y_true, y_pred, mask):
    y, p, m = entries(y_true, y_pred, mask)
    return np.sum((y - p) ** 2 * m) / m.sum()


@wrong("masked_mse", "np.where(mask, ..., 0).mean()", "divides by all entries")
def zeros_counted(y_true, y_pred, mask):
    y, p, m = entries(y_true, y_pred, mask)
    return np.where(m, (y - p) ** 2, 0.0).mean()


@wrong("masked_mse", "NaN means missing: np.nanmean", "ignores NaN instead of using the mask")
def nanmean(y_true, y_pred, mask):
    y, p, _ = entries(y_true, y_pred, mask)
    return np.nanmean((y - p) ** 2)


def weights(y_true, y_pred, sample_weight):
    y, p, w = (np.asarray(a, float) for a in (y_true, y_pred, sample_weight))
    if not y.shape == p.shape == w.shape or (w < 0).any() or not (w > 0).any():
        raise ValueError("shapes or weights")
    return y, p, w


@right("weighted_mse", "probability weights, by the largest first")
def normalised(y_true, y_pred, sample_weight):
    y, p, w = weights(y_true, y_pred, sample_weight)
    w = w / w.max()
    return np.dot(w / w.sum(), (y - p) ** 2)


@short(
    "weighted_mse",
    "scikit-learn: mean_squared_error(sample_weight=w), np.average",
    "10,000 weights of 1e305 overflow",
    "lets sums overflow",
)
def average(y_true, y_pred, sample_weight):
    y, p, w = weights(y_true, y_pred, sample_weight)
    return np.average((y - p) ** 2, weights=w)


@wrong(
    "weighted_mse", "Keras: sample_weight with SUM_OVER_BATCH_SIZE", "divides by n instead of the sum of the weights"
)
def over_batch_size(y_true, y_pred, sample_weight):
    y, p, w = weights(y_true, y_pred, sample_weight)
    return np.mean(w * (y - p) ** 2)


def sequences(y_true, y_pred):
    if len(y_true) != len(y_pred) or any(len(a) != len(b) for a, b in zip(y_true, y_pred, strict=True)):
        raise ValueError("lengths")
    return [(np.asarray(a, float) - np.asarray(b, float)) ** 2 for a, b in zip(y_true, y_pred, strict=True)]


@right("ragged_mse", "TensorFlow: RaggedTensor.flat_values and reduce_mean by row")
def flat_values(y_true, y_pred, reduction):
    squares = sequences(y_true, y_pred)
    return np.concatenate(squares).mean() if reduction == "token" else np.mean([q.mean() for q in squares])


@wrong("ragged_mse", "PyTorch: pad_sequence with zeros, then mse_loss", "pads with zeros to the longest")
def padded(y_true, y_pred, reduction):
    squares = sequences(y_true, y_pred)
    return sum(q.sum() for q in squares) / (len(squares) * max(map(len, squares)))


@wrong("ragged_mse", "macro and micro averages mixed up", "exchanges the two reductions")
def mixed_up(y_true, y_pred, reduction):
    return flat_values(y_true, y_pred, "sequence" if reduction == "token" else "token")


def signals(a, b):
    a, b = np.asarray(a, complex), np.asarray(b, complex)
    if a.shape != b.shape:
        raise ValueError("shapes")
    return a, b


@right("complex_mse", "NumPy: linalg.norm(z - zhat) ** 2 / n")
def by_norm(y_true, y_pred):
    z, p = signals(y_true, y_pred)
    return np.linalg.norm((z - p).ravel()) ** 2 / z.size


@wrong("complex_mse", "real and imaginary parts as two channels", "averages real and imaginary parts, so divides by 2n")
def two_channels(y_true, y_pred):
    z, p = signals(y_true, y_pred)
    return np.mean(np.stack([(z - p).real, (z - p).imag]) ** 2)


@wrong("complex_mse", "magnitude spectra: the phase is dropped", "takes the difference of the moduli")
def magnitudes(y_true, y_pred):
    z, p = signals(y_true, y_pred)
    return np.mean((np.abs(z) - np.abs(p)) ** 2)


@right("complex_gain", "NumPy: vdot over vdot, a matched filter")
def matched_filter(x, y):
    x, y = signals(x, y)
    if not x.any():
        raise ValueError("x is zero")
    return complex(np.vdot(x, y) / np.vdot(x, x))


@wrong("complex_gain", "the real formula: x @ y / (x @ x)", "forgets the conjugate")
def transpose(x, y):
    x, y = signals(x, y)
    if not x.any():
        raise ValueError("x is zero")
    return complex((x @ y) / (x @ x))


@wrong("complex_gain", "one-tap equaliser: the mean of y / x", "averages the ratios")
def ratios(x, y):
    x, y = signals(x, y)
    if not x.any():
        raise ValueError("x is zero")
    return complex(np.mean(y / x))


def images(image, reference, data_range):
    a, b = np.asarray(image, float), np.asarray(reference, float)
    if a.shape != b.shape or not data_range > 0:
        raise ValueError("shapes or range")
    return a, b


@right("psnr", "scikit-image: 10 * log10(range**2 / err), with NumPy's division")
def skimage(image, reference, data_range):
    a, b = images(image, reference, data_range)
    with np.errstate(divide="ignore"):
        return 10 * np.log10(np.float64(data_range) ** 2 / np.mean((a - b) ** 2))


@short("psnr", "OpenCV tutorials: 100 where the MSE is 0", "a finite value", "returns 100 for identical images")
def opencv_tutorial(image, reference, data_range):
    a, b = images(image, reference, data_range)
    error = np.mean((a - b) ** 2)
    return 100.0 if error == 0 else 20 * np.log10(data_range / np.sqrt(error))


@wrong("psnr", "20 * log10(255 / sqrt(mse)) for every image", "uses 255 whatever data_range")
def eight_bits(image, reference, data_range):
    a, b = images(image, reference, data_range)
    error = np.mean((a - b) ** 2)
    return np.inf if error == 0 else 20 * np.log10(255 / np.sqrt(error))


@wrong("psnr", "OpenCV arrays: uint8 minus uint8", "subtracts in uint8, which wraps around")
def wrapped(image, reference, data_range):
    images(image, reference, data_range)
    r = np.asarray(image) - np.asarray(reference)
    error = float(np.mean(r * r))
    return np.inf if error == 0 else 20 * np.log10(data_range) - 10 * np.log10(error)
