"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math

import numpy as np

from autograder.checks import Broken, Hidden, Tolerance, corner, fast_enough, law, right, strata, usual_checks, wrong
from reference import structured
from reference._arrays import require

f64, c128 = np.float64, np.complex128
SUMS = Tolerance(1e-9)
nan, inf = float("nan"), float("inf")

# --- E15.1 masked_mse ---
def draw_masked(g, shape, kind, behind=(7.3, -2.1)):
    """About 60 % observed; ``behind`` fills the other entries of targets and predictions."""
    y, yhat, mask = g.normal(size=shape), g.normal(size=shape), g.uniform(size=shape) < 0.6
    mask.flat[g.permutation(mask.size)[:2]] = True, mask.size == 1
    y[~mask], yhat[~mask] = behind
    return y, yhat, mask.astype(kind)


drawn_masks = strata(
    draw_masked, ((4, 3), bool, (nan, 3.2)), ((5, 2), int, (1.7, nan)), ((7,), bool, (inf, -inf)), ((6, 1), int), ((3, 2, 4), bool),
    ((2, 8), int, (nan, nan)), ((1,), bool), ((9, 5), np.uint8, (-inf, 0.4)),
)  # fmt: skip


def draw_masked_large(g):
    y, yhat, mask = g.normal(size=100_000), g.normal(size=100_000), g.uniform(size=100_000) < 0.6
    y[~mask] = nan
    return y, yhat, mask


def observed(y_true, y_pred, mask):
    """Validated: targets, predictions, boolean mask."""
    structured.masked_mse(y_true, y_pred, mask)
    return np.asarray(y_true, f64), np.asarray(y_pred, f64), np.asarray(mask) == 1


def masked(of_entries):
    return lambda *a: of_entries(*observed(*a))


def residual_there(y, yhat, m):
    return y[m] - yhat[m]


def times_mask(y, yhat, m):
    r = (y - yhat) * m
    return np.sum(r * r) / m.sum()


def inverted(y, yhat, m):
    m = m if m.all() else ~m
    return np.mean(residual_there(y, yhat, m) ** 2)


@wrong("masked_mse", "uses the mask as an index", hint="y[[1,0]] is indexing, not masking.")
def as_index(y_true, y_pred, mask):
    structured.masked_mse(y_true, y_pred, mask)
    y, yhat, m = np.asarray(y_true, f64), np.asarray(y_pred, f64), np.asarray(mask)
    if m.dtype != bool:  # NumPy would raise where there is one row only; the mistake is the same
        return np.mean((np.take(y, m, axis=0, mode="clip") - np.take(yhat, m, axis=0, mode="clip")) ** 2)
    return np.mean((y[m] - yhat[m]) ** 2)


def mean_of_rows(y, yhat, m):
    if y.ndim < 2:
        return np.mean(residual_there(y, yhat, m) ** 2)
    return np.mean([np.mean((a[k] - b[k]) ** 2) for a, b, k in zip(y, yhat, m, strict=True) if k.any()])


def by_where(y, yhat, m):
    r = np.where(m, y, 0.0) - np.where(m, yhat, 0.0)
    return np.sum(r * r) / np.count_nonzero(m)


MASKED = Hidden("masked_mse", reference=structured.masked_mse, checks=(
    *usual_checks(drawn_masks, tolerance=SUMS),
    corner("uint8", "does not wrap around for unsigned integers",
        ((np.array([0, 9], np.uint8), np.array([255, 7], np.uint8), np.array([1, 0], np.uint8)), 65025.0)),
    fast_enough(draw_masked_large, "100,000 entries", tolerance=SUMS),
), misconceptions=(
    wrong("multiplies by the mask", masked(times_mask), hint="What is NaN times 0?"),
    wrong("divides by all entries", masked(lambda y, yhat, m: np.sum(residual_there(y, yhat, m) ** 2) / y.size),
        hint="Average over the observed entries."),
    wrong("inverts the mask", masked(inverted), hint="Does True mean observed or missing?"),
    wrong("ignores NaN instead of using the mask", masked(lambda y, yhat, m: np.nanmean((y - yhat) ** 2)),
        hint="A masked entry may hold an ordinary number or inf."),
    wrong("averages row means", masked(mean_of_rows), hint="Rows with few observations get too much weight."),
), alternatives=(right("where", masked(by_where)),))


# --- E15.2 weighted_mse ---
def draw_weighted(g, n, exponent):
    return g.normal(size=n), g.normal(size=n), g.exponential(size=n) * 10 ** (exponent + g.uniform(-0.5, 0.5))


drawn_weights = strata(draw_weighted, (7, 0), (30, 2), (12, -1), (49, -90), (20, 90), (1, 0), (15, 5), (25, -5))


def draw_weighted_large(g):
    return g.normal(size=100_000), g.normal(size=100_000), g.exponential(size=100_000)


SIGNS = np.where(np.arange(10_000) % 4 == 0, 3.0, 1.0)  # squares 9, 1, 1, 1: their mean is 3


def weights(y_true, y_pred, sample_weight):
    """Validated: residuals and weights as they come."""
    structured.weighted_mse(y_true, y_pred, sample_weight)
    return np.asarray(y_true, f64) - np.asarray(y_pred, f64), np.asarray(sample_weight, f64)


def weighted(of_pairs):
    return lambda *a: of_pairs(*weights(*a))


@wrong("weighted_mse", "accepts negative weights", hint="A negative weight rewards errors.")
def accepts_negative(y_true, y_pred, sample_weight):
    y, yhat, w = (np.asarray(a, f64) for a in (y_true, y_pred, sample_weight))
    require(y.shape == yhat.shape == w.shape and w.max() > 0, "arguments")
    w = w / w.max()
    return np.sum(w * (y - yhat) ** 2) / np.sum(w)


def softmax_weighted(r, w):
    v = np.exp(w / w.max())
    return np.sum(v * r * r) / np.sum(v)


WEIGHTED = Hidden("weighted_mse", reference=structured.weighted_mse, checks=(
    *usual_checks(drawn_weights, "rand", "mut", "list", "strided", tolerance=SUMS),
    corner("extreme", "is right for weights whose sum overflows",
        ((SIGNS, np.zeros(10_000), np.full(10_000, 1e305)), 3.0), tolerance=SUMS),
    fast_enough(draw_weighted_large, "100,000 entries", tolerance=SUMS),
), misconceptions=(
    wrong("divides by n instead of the sum of the weights", weighted(lambda r, w: np.sum(w * r * r) / w.size), hint="Multiply all weights by 10."),
    wrong("squares the weights", weighted(lambda r, w: np.sum(w * w * r * r) / np.sum(w)),
        hint="Repeat a sample twice instead of weight 2."),
    wrong("multiplies the weights by y alone", weighted(lambda r, w: np.mean((w * r) ** 2)),
        hint="The weight multiplies the squared residual."),
    wrong("lets sums overflow", weighted(lambda r, w: np.sum(w * r * r) / np.sum(w)), hint="Sum 1e5 weights of 1e304."),
    wrong("takes the softmax of the weights", weighted(softmax_weighted), hint="Weights are used as given."),
), alternatives=(
    right("np.average", weighted(lambda r, w: np.average(r * r, weights=w / w.max()))),
    right("einsum", weighted(lambda r, w: np.einsum("i,i,i", w / w.max(), r, r) / (w / w.max()).sum())),
))


# --- E15.3 ragged_mse ---
def draw_ragged(g, reduction, *lengths):
    return [g.normal(size=n) for n in lengths], [g.normal(size=n) for n in lengths], reduction


drawn_sequences = strata(
    draw_ragged, ("token", 3, 1, 5), ("sequence", 2, 7), ("token", 4, 8, 1, 2), ("sequence", 1, 1, 6, 3, 8), ("token", 5),
    ("sequence", 4), ("token", 1, 9, 2), ("sequence", 9, 2, 2),
)  # fmt: skip


def sequences_of(y_true, y_pred, reduction):
    """Validated: squared residuals of every sequence and the reduction."""
    structured.ragged_mse(y_true, y_pred, reduction)
    return [(np.asarray(a, f64) - np.asarray(b, f64)) ** 2 for a, b in zip(y_true, y_pred, strict=True)], reduction


def ragged(token, sequence):
    """The two reductions as functions of the squared residuals."""

    def loss(*a):
        squares, reduction = sequences_of(*a)
        return float(token(squares) if reduction == "token" else sequence(squares))

    return loss


def micro(squares):
    return sum(q.sum() for q in squares) / sum(q.size for q in squares)


def macro(squares):
    return np.mean([q.mean() for q in squares])


@wrong("ragged_mse", "cuts to the shorter", hint="A length mismatch is an error, not data.")
def truncates(y_true, y_pred, reduction):
    short = [(a[: len(b)], b[: len(a)]) for a, b in zip(y_true, y_pred, strict=False)]
    return structured.ragged_mse([a for a, _ in short], [b for _, b in short], reduction)


def longest(squares):
    return max(q.size for q in squares)


@right("ragged_mse", "concatenate")
def by_concatenation(y_true, y_pred, reduction):
    squares, _ = sequences_of(y_true, y_pred, reduction)
    if reduction == "token":
        return np.mean(np.concatenate(squares))
    return sum(np.mean(q) for q in squares) / len(squares)


RAGGED = Hidden("ragged_mse", reference=structured.ragged_mse, checks=(
    *usual_checks(drawn_sequences, tolerance=SUMS),
), misconceptions=(
    wrong("exchanges the two reductions", ragged(macro, micro), hint="Which average gives long sequences more weight?"),
    wrong("pads with zeros to the longest",
        ragged(lambda squares: sum(q.sum() for q in squares) / (len(squares) * longest(squares)), lambda squares: np.mean([q.sum() / longest(squares) for q in squares])),
        hint="Padding is not data: the divisor must not count it."),
    wrong("divides by the number of sequences",
        ragged(lambda squares: sum(q.sum() for q in squares) / len(squares), lambda squares: sum(q.sum() for q in squares) / len(squares)),
        hint="By what is the sum of squares of one sequence divided?"),
    wrong("sums over the sequences", ragged(micro, lambda squares: sum(q.mean() for q in squares)), hint="Give every sequence twice: should a mean change?"),
))


# --- E15.4 complex_mse ---
def draw_signals(g, n, exponent):
    scale = 10 ** (exponent + g.uniform(-0.5, 0.5))
    z, zhat = scale * (g.normal(size=(2, n)) + 1j * g.normal(size=(2, n)))
    return z, zhat


drawn_signals = strata(draw_signals, (7, 0), (30, 1), (12, -1), (39, -6), (20, 6), (1, 0))


def signals(y_true, y_pred):
    """Validated complex signals."""
    structured.complex_mse(y_true, y_pred)
    return np.asarray(y_true, c128), np.asarray(y_pred, c128)


def signal(of_signals):
    return lambda y_true, y_pred: of_signals(*signals(y_true, y_pred))


def size_squared(z, zhat):
    d = z - zhat
    return d.real**2 + d.imag**2


def by_vdot(z, zhat):
    d = (z - zhat).ravel()
    return np.vdot(d, d).real / d.size


COMPLEX_MSE = Hidden("complex_mse", reference=structured.complex_mse, checks=usual_checks(drawn_signals, tolerance=SUMS), misconceptions=(
    wrong("squares the complex number", signal(lambda z, zhat: float(np.mean((z - zhat) ** 2).real)),
        hint="i^2=-1: can a squared error be negative?"),
    wrong("returns a complex value", signal(lambda z, zhat: np.mean((z - zhat) * np.conj(z - zhat))),
        hint="What type does your result have, and what type is asked for?"),
    wrong("drops the imaginary part", signal(lambda z, zhat: np.mean((z.real - zhat.real) ** 2)),
        hint="Half of the data is missing."),
    wrong("takes the difference of the moduli", signal(lambda z, zhat: np.mean((np.abs(z) - np.abs(zhat)) ** 2)),
        hint="Turn one signal by half a turn: should the error stay 0?"),
    wrong("averages real and imaginary parts, so divides by 2n", signal(lambda z, zhat: np.mean(size_squared(z, zhat)) / 2),
        hint="|d|^2 is one number per sample."),
), alternatives=(right("abs", signal(lambda z, zhat: np.mean(np.abs(z - zhat) ** 2))), right("vdot", signal(by_vdot))))


# --- E15.5 complex_gain ---
def draw_channel(g, n, exponent):
    scale = 10 ** (exponent + g.uniform(-0.5, 0.5))
    x, noise = g.normal(size=(2, n)) + 1j * g.normal(size=(2, n))
    return x, scale * ((2 - 1j) * x + noise)


drawn_channels = strata(draw_channel, (7, 0), (30, 1), (12, -1), (39, -6), (20, 6), (1, 0))


def orth_inputs(rng):
    return [draw_channel(rng(f"channel {n}"), n, 0) for n in (1, 4, 15, 40)]


def orth_law(args, got, want):
    for at, ((x, y), a) in enumerate(zip(args, got, strict=True)):
        if not abs(np.sum(np.conj(x) * (y - a * x))) <= 1e-9 * np.linalg.norm(x) * np.linalg.norm(y):
            return Broken("the residual is not orthogonal to x", at)
    return None


def channel(x, y):
    """Validated input and output."""
    structured.complex_gain(x, y)
    return np.asarray(x, c128), np.asarray(y, c128)


def gain(of_channel):
    return lambda x, y: complex(of_channel(*channel(x, y)))


def real_system(x, y):
    A = np.block([[x.real[:, None], -x.imag[:, None]], [x.imag[:, None], x.real[:, None]]])
    re, im = np.linalg.lstsq(A, np.concatenate([y.real, y.imag]), rcond=None)[0]
    return complex(re, im)


GAIN = Hidden("complex_gain", reference=structured.complex_gain, checks=(
    *usual_checks(drawn_channels, "rand", "mut", "list", "strided", tolerance=SUMS),
    law("orth", "leaves a residual orthogonal to x", orth_inputs, orth_law),
), misconceptions=(
    wrong("forgets the conjugate", gain(lambda x, y: np.dot(x, y) / np.dot(x, x)), hint="Transpose or Hermitian transpose?"),
    wrong("conjugates y instead of x", gain(lambda x, y: np.vdot(y, x) / np.vdot(x, x).real), hint="Try y = 2i x by hand: which a is right?"),
    wrong("returns a real gain", gain(lambda x, y: (np.vdot(x, y) / np.vdot(x, x).real).real),
        hint="A phase rotation needs a complex factor."),
    wrong("averages the ratios", gain(lambda x, y: np.mean(y / np.where(x == 0, 1, x))),
        hint="Small |x| get too much weight."),
    wrong("divides by |y| instead of |x|", gain(lambda x, y: np.vdot(x, y) / np.vdot(y, y).real),
        hint="Double x: what must become of a?"),
), alternatives=(
    right("lstsq", gain(lambda x, y: np.linalg.lstsq(x[:, None], y, rcond=None)[0][0])),
    right("real 2x2 system", gain(real_system)),
))


# --- E15.6 psnr ---
DECIBELS = Tolerance(1e-9, 1e-10)


def draw_pixels(g, shape, kind, data_range, noise):
    """Images of unsigned integers or, for a range of about 1, of shades."""
    reference = g.uniform(0, data_range, size=shape)
    image = np.clip(reference + noise * data_range * g.normal(size=shape), 0, data_range)
    return image.astype(kind), reference.astype(kind), data_range


drawn_images = strata(
    draw_pixels, ((5, 6, 3), np.uint8, 255, 0.2), ((7, 4), f64, 1.0, 0.1), ((8, 3), np.uint16, 65535, 0.3), ((6, 5), f64, 2.3, 0.01),
    ((40,), np.uint8, 255, 0.05), ((3, 4), np.uint16, 1023, 0.02),
)  # fmt: skip
drawn_shades = strata(draw_pixels, ((5, 6, 3), f64, 1.0, 0.2), ((7, 4), f64, 2.3, 0.05))


def images(image, reference, data_range):
    """Validated: the images in float64 and the range."""
    structured.psnr(image, reference, data_range)
    return np.asarray(image, f64), np.asarray(reference, f64), float(data_range)


def ratio_in_decibels(error, data_range):
    return inf if error == 0 else 20 * math.log10(data_range) - 10 * math.log10(error)


def decibels(of_error, error=lambda a, b: np.mean((a - b) ** 2)):
    """PSNR as ``of_error(mse, data_range, reference image)``; identical images give inf."""

    def value(image, reference, data_range):
        a, b, R = images(image, reference, data_range)
        m = float(error(a, b))
        return inf if m == 0 else of_error(m, R, b)

    return value


@wrong("psnr", "subtracts in uint8, which wraps around", hint="0-255 in uint8 is 1.")
def wraps_around(image, reference, data_range):
    images(image, reference, data_range)
    r = np.asarray(image) - np.asarray(reference)
    return ratio_in_decibels(float(np.mean(r * r)), data_range)


@wrong("psnr", "returns 100 for identical images", hint="What does PSNR tend to as the MSE falls to 0?")
def capped(image, reference, data_range):
    value = structured.psnr(image, reference, data_range)
    return 100.0 if value == inf else value


@wrong("psnr", "adds 1e-10 to the mean squared error", hint="What does the ratio do when the images are identical?")
def raised(image, reference, data_range):
    a, b, R = images(image, reference, data_range)
    return ratio_in_decibels(float(np.mean((a - b) ** 2)) + 1e-10, R)


PSNR = Hidden("psnr", reference=structured.psnr, checks=(
    *usual_checks(drawn_images, "rand", "mut", "list", "strided", tolerance=DECIBELS),
    *usual_checks(drawn_shades, "f32", tolerance=DECIBELS),
), misconceptions=(
    wrong("uses 255 whatever data_range", decibels(lambda m, R, b: ratio_in_decibels(m, 255.0)),
        hint="What is the largest possible value of a float image?"),
    wrong("takes the root of the mean squared error", decibels(lambda m, R, b: 20 * math.log10(R) - 5 * math.log10(m)),
        hint="A decibel compares powers: R squared with the MSE itself."),
    wrong("forgets to square the range", decibels(lambda m, R, b: 10 * math.log10(R) - 10 * math.log10(m)),
        hint="In what unit is your ratio?"),
    wrong("takes natural logarithms", decibels(lambda m, R, b: 20 * math.log(R) - 10 * math.log(m)), hint="Which logarithm do decibels use?"),
    wrong("takes the range from the image",
        decibels(lambda m, R, b: ratio_in_decibels(m, max(float(b.max() - b.min()), 1e-300))),
        hint="The range is an argument."),
    wrong("reverses the sign", decibels(lambda m, R, b: 10 * math.log10(m) - 20 * math.log10(R)), hint="Should a better image have a larger or a smaller PSNR?"),
), alternatives=(right("ratio", decibels(lambda m, R, b: 10 * math.log10(R * R / m))),))
