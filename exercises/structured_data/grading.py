"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math

import numpy as np

from autograder.checks import Alternative, Example, Misconception, Secret, Tolerance, err, law, perf, standard
from autograder.symbolic import MisconceptionForm, Question, Symbol
from reference import structured
from reference._arrays import require

f64, c128 = np.float64, np.complex128
SUMS = Tolerance(1e-9)
nan, inf = float("nan"), float("inf")

# --- E15.1 masked_mse ---


def draw_masked(g):
    shape = tuple(int(k) for k in g.integers(1, 8, size=int(g.choice([1, 2, 2, 2]))))
    y, yhat, mask = g.normal(size=shape), g.normal(size=shape), g.uniform(size=shape) < 0.6
    mask.flat[g.integers(mask.size)] = True
    y[~mask] = g.choice([nan, inf, 7.0], size=shape)[~mask]
    yhat[~mask] = g.choice([nan, -inf, 3.0], size=shape)[~mask]
    return y, yhat, mask if g.integers(2) else mask.astype(int)


def draw_masked_million(g):
    y, yhat, mask = g.normal(size=1_000_000), g.normal(size=1_000_000), g.uniform(size=1_000_000) < 0.6
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


def as_index(y_true, y_pred, mask):
    structured.masked_mse(y_true, y_pred, mask)
    y, yhat, m = np.asarray(y_true, f64), np.asarray(y_pred, f64), np.asarray(mask)
    return np.mean((y[m] - yhat[m]) ** 2)


def mean_of_rows(y, yhat, m):
    if y.ndim < 2:
        return np.mean(residual_there(y, yhat, m) ** 2)
    return np.mean([np.mean((a[k] - b[k]) ** 2) for a, b, k in zip(y, yhat, m, strict=True) if k.any()])


def by_where(y, yhat, m):
    r = np.where(m, y, 0.0) - np.where(m, yhat, 0.0)
    return np.sum(r * r) / np.count_nonzero(m)


MASKED = Secret(
    reference=structured.masked_mse,
    checks=(
        *standard(draw_masked, "rand", "mut", "list", "f32", "strided", tolerance=SUMS),
        err(
            ([1.0, 2.0], [1.0, 2.0], [True]), ([1.0], [2.0], [2]), ([], [], []), ([1.0, 2.0], [0.0, 0.0], [1, 2]),
            ([1.0, 2.0], [0.0, 0.0], [1.0, nan]),
        ),
        Example(
            name="uint8", title="does not wrap around for unsigned integers", group="robustness",
            cases=(((np.array([0, 9], np.uint8), np.array([255, 7], np.uint8), np.array([1, 0], np.uint8)), 65025.0),),
        ),
        perf(draw_masked_million, "a million entries", tolerance=SUMS),
    ),
    misconceptions=(
        Misconception("1a", "multiplies by the mask", masked(times_mask), "What is NaN times 0?"),
        Misconception(
            "1b", "divides by all entries",
            masked(lambda y, yhat, m: np.sum(residual_there(y, yhat, m) ** 2) / y.size),
            "Average over the observed entries.",
        ),
        Misconception("1c", "mask inverted", masked(inverted), "True means observed."),
        Misconception(
            "1d", "nanmean of residuals", masked(lambda y, yhat, m: np.nanmean((y - yhat) ** 2)),
            "A masked entry may hold an ordinary number or inf.",
        ),
        Misconception("1e", "integer mask used as index", as_index, "y[[1,0]] is indexing, not masking."),
        Misconception(
            "1f", "averages row means", masked(mean_of_rows), "Rows with few observations get too much weight.",
        ),
    ),
    alternatives=(Alternative("where", masked(by_where)),),
)  # fmt: skip


# --- E15.2 weighted_mse ---


def draw_weighted(g):
    n = int(g.integers(1, 50))
    return g.normal(size=n), g.normal(size=n), g.exponential(size=n) * 10 ** g.uniform(-100, 100)


def draw_weighted_million(g):
    return g.normal(size=1_000_000), g.normal(size=1_000_000), g.exponential(size=1_000_000)


SIGNS = np.where(np.arange(10_000) % 4 == 0, 3.0, 1.0)  # squares 9, 1, 1, 1: their mean is 3


def weights(y_true, y_pred, sample_weight):
    """Validated: residuals and weights as they come."""
    structured.weighted_mse(y_true, y_pred, sample_weight)
    return np.asarray(y_true, f64) - np.asarray(y_pred, f64), np.asarray(sample_weight, f64)


def weighted(of_pairs):
    return lambda *a: of_pairs(*weights(*a))


def accepts_negative(y_true, y_pred, sample_weight):
    y, yhat, w = (np.asarray(a, f64) for a in (y_true, y_pred, sample_weight))
    require(y.shape == yhat.shape == w.shape and w.size > 0 and bool(np.all(np.isfinite(w))), "arguments")
    require(w.max() > 0, "weights")
    w = w / w.max()
    return np.sum(w * (y - yhat) ** 2) / np.sum(w)


def softmax_weighted(r, w):
    v = np.exp(w / w.max())
    return np.sum(v * r * r) / np.sum(v)


WEIGHTED = Secret(
    reference=structured.weighted_mse,
    checks=(
        *standard(draw_weighted, "rand", "mut", "list", "strided", tolerance=SUMS),
        err(([1.0, 2.0], [1.0, 2.0], [1.0]), ([1.0], [2.0], [nan]), ([1.0], [2.0], [inf]), ([], [], [])),
        Example(
            name="extreme", title="is right for weights whose sum overflows", group="robustness",
            cases=(((SIGNS, np.zeros(10_000), np.full(10_000, 1e305)), 3.0),), tolerance=SUMS,
        ),
        perf(draw_weighted_million, "a million entries", tolerance=SUMS),
    ),
    misconceptions=(
        Misconception(
            "2a", "divides by n", weighted(lambda r, w: np.sum(w * r * r) / w.size), "Multiply all weights by 10.",
        ),
        Misconception(
            "2b", "weights squared", weighted(lambda r, w: np.sum(w * w * r * r) / np.sum(w)),
            "Repeat a sample twice instead of weight 2.",
        ),
        Misconception(
            "2c", "weights applied to y only", weighted(lambda r, w: np.mean((w * r) ** 2)),
            "The weight multiplies the squared residual.",
        ),
        Misconception(
            "2d", "plain sums overflow", weighted(lambda r, w: np.sum(w * r * r) / np.sum(w)),
            "Sum 1e5 weights of 1e304.",
        ),
        Misconception("2e", "negative weights accepted", accepts_negative, "A negative weight rewards errors."),
        Misconception("2f", "softmax of the weights", weighted(softmax_weighted), "Weights are used as given."),
    ),
    alternatives=(
        Alternative("np.average", weighted(lambda r, w: np.average(r * r, weights=w / w.max()))),
        Alternative("einsum", weighted(lambda r, w: np.einsum("i,i,i", w / w.max(), r, r) / (w / w.max()).sum())),
    ),
)  # fmt: skip


# --- E15.3 ragged_mse ---


def draw_ragged(g):
    lengths = g.integers(1, 9, size=int(g.integers(1, 7)))
    sequences = [[g.normal(size=int(n)) for n in lengths] for _ in range(2)]
    return *sequences, ("token", "sequence")[int(g.integers(2))]


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


def truncates(y_true, y_pred, reduction):
    require(len(y_true) == len(y_pred) and len(y_true) > 0 and min(map(len, y_true)) > 0, "sequences")
    require(min(map(len, y_pred)) > 0, "sequences")
    short = [(a[: len(b)], b[: len(a)]) for a, b in zip(y_true, y_pred, strict=True)]
    return structured.ragged_mse([a for a, _ in short], [b for _, b in short], reduction)


def skips_empty(y_true, y_pred, reduction):
    require(len(y_true) == len(y_pred), "sequences")
    kept = [(a, b) for a, b in zip(y_true, y_pred, strict=True) if len(a) > 0 or len(b) > 0]
    return structured.ragged_mse([a for a, _ in kept], [b for _, b in kept], reduction)


def longest(squares):
    return max(q.size for q in squares)


def by_concatenation(y_true, y_pred, reduction):
    squares, _ = sequences_of(y_true, y_pred, reduction)
    if reduction == "token":
        return np.mean(np.concatenate(squares))
    return sum(np.mean(q) for q in squares) / len(squares)


RAGGED = Secret(
    reference=structured.ragged_mse,
    checks=(
        *standard(draw_ragged, "rand", "mut", "list", "f32", "strided", tolerance=SUMS),
        err(
            ([[1.0], []], [[1.0], []], "sequence"), ([], [], "token"), ([[1.0]], [[1.0]], "mean"),
            ([[[1.0], [2.0]]], [[1.0, 2.0]], "token"), ([[[1.0, 2.0]]], [[[1.0, 3.0]]], "sequence"),
        ),
    ),
    misconceptions=(
        Misconception(
            "3a", "reductions exchanged", ragged(macro, micro), "Which average gives long sequences more weight?",
        ),
        Misconception(
            "3b", "truncates to the shorter", truncates, "A length mismatch is an error, not data.",
        ),
        Misconception(
            "3c", "zero padding to the longest",
            ragged(
                lambda squares: sum(q.sum() for q in squares) / (len(squares) * longest(squares)),
                lambda squares: np.mean([q.sum() / longest(squares) for q in squares]),
            ),
            "Padding is not data: the divisor must not count it.",
        ),
        Misconception(
            "3d", "sum over sequences", ragged(micro, lambda squares: sum(q.mean() for q in squares)), "Mean.",
        ),
        Misconception("3e", "empty sequences skipped", skips_empty, "What is the MSE of nothing?"),
    ),
    alternatives=(Alternative("concatenate", by_concatenation),),
)  # fmt: skip


# --- E15.4 complex_mse ---


def draw_signals(g):
    n, scale = int(g.integers(1, 40)), 10 ** g.uniform(-6, 6)
    z, zhat = scale * (g.normal(size=(2, n)) + 1j * g.normal(size=(2, n)))
    return z, zhat


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


COMPLEX_MSE = Secret(
    reference=structured.complex_mse,
    checks=standard(draw_signals, "rand", "mut", "list", "f32", "strided", tolerance=SUMS),
    misconceptions=(
        Misconception(
            "4a", "squares the complex number", signal(lambda z, zhat: float(np.mean((z - zhat) ** 2).real)),
            "i^2=-1: can a squared error be negative?",
        ),
        Misconception(
            "4b", "returns a complex value", signal(lambda z, zhat: np.mean((z - zhat) * np.conj(z - zhat))),
            "Type of the result?",
        ),
        Misconception(
            "4c", "imaginary part lost", signal(lambda z, zhat: np.mean((z.real - zhat.real) ** 2)),
            "Half of the data is missing.",
        ),
        Misconception(
            "4d", "modulus difference", signal(lambda z, zhat: np.mean((np.abs(z) - np.abs(zhat)) ** 2)),
            "Phase errors count.",
        ),
        Misconception(
            "4e", "averages real and imaginary parts (divisor 2n)",
            signal(lambda z, zhat: np.mean(size_squared(z, zhat)) / 2), "|d|^2 is one number per sample.",
        ),
    ),
    alternatives=(
        Alternative("abs", signal(lambda z, zhat: np.mean(np.abs(z - zhat) ** 2))),
        Alternative("vdot", signal(by_vdot)),
    ),
)  # fmt: skip


# --- E15.5 complex_gain ---


def draw_channel(g):
    n, scale = int(g.integers(1, 40)), 10 ** g.uniform(-6, 6)
    x, noise = g.normal(size=(2, n)) + 1j * g.normal(size=(2, n))
    return x, scale * ((2 - 1j) * x + noise)


def orth_inputs(rng):
    return [draw_channel(rng(601 + k)) for k in range(4)]


def orth_law(args, got, want):
    for (x, y), a in zip(args, got, strict=True):
        if not abs(np.sum(np.conj(x) * (y - a * x))) <= 1e-9 * np.linalg.norm(x) * np.linalg.norm(y):
            return "the residual is not orthogonal to x"
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


GAIN = Secret(
    reference=structured.complex_gain,
    checks=(
        *standard(draw_channel, "rand", "mut", "list", "strided", tolerance=SUMS),
        err(([], []), ([[1j], [2.0]], [1j, 2.0]), ([[1j], [2.0]], [[1j], [2.0]])),
        law("orth", "leaves a residual orthogonal to x", orth_inputs, orth_law),
    ),
    misconceptions=(
        Misconception(
            "5a", "no conjugate", gain(lambda x, y: np.dot(x, y) / np.dot(x, x)), "Transpose or Hermitian transpose?",
        ),
        Misconception(
            "5b", "conjugate on y", gain(lambda x, y: np.vdot(y, x) / np.vdot(x, x).real), "Check with y=2ix.",
        ),
        Misconception(
            "5c", "real gain", gain(lambda x, y: (np.vdot(x, y) / np.vdot(x, x).real).real),
            "A phase rotation needs a complex factor.",
        ),
        Misconception(
            "5d", "mean of ratios", gain(lambda x, y: np.mean(y / np.where(x == 0, 1, x))),
            "Small |x| get too much weight.",
        ),
        Misconception(
            "5e", "normalised by |y|", gain(lambda x, y: np.vdot(x, y) / np.vdot(y, y).real),
            "Derivative with respect to conj(a).",
        ),
    ),
    alternatives=(
        Alternative("lstsq", gain(lambda x, y: np.linalg.lstsq(x[:, None], y, rcond=None)[0][0])),
        Alternative("real 2x2 system", gain(real_system)),
    ),
)  # fmt: skip


# --- E15.6 psnr ---

DECIBELS = Tolerance(1e-9, 1e-10)


def draw_pixels(g):
    image, reference = g.integers(0, 256, size=(2, 5, 6, 3)).astype(np.uint8)
    return image, reference, 255


def draw_shades(g):
    image, reference = g.uniform(0, 1, size=(2, 5, 6, 3))
    return image, reference, float(g.choice([1.0, 2.0]))


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


def wraps_around(image, reference, data_range):
    images(image, reference, data_range)
    r = np.asarray(image) - np.asarray(reference)
    return ratio_in_decibels(float(np.mean(r * r)), data_range)


def capped(image, reference, data_range):
    value = structured.psnr(image, reference, data_range)
    return 100.0 if value == inf else value


PSNR = Secret(
    reference=structured.psnr,
    checks=(
        *standard(draw_pixels, "rand", "mut", "list", "strided", tolerance=DECIBELS),
        *standard(draw_shades, "f32", tolerance=DECIBELS),
        err(([], [], 1.0), ([[1.0]], [1.0], 1.0), ([1.0], [2.0], -1.0), ([3.0], [3.0], 0.0)),
    ),
    misconceptions=(
        Misconception("6a", "wrap-around in uint8", wraps_around, "0-255 in uint8 is 1."),
        Misconception(
            "6b", "range not squared", decibels(lambda m, R, b: 10 * math.log10(R) - 10 * math.log10(m)),
            "Units of range^2/MSE.",
        ),
        Misconception(
            "6c", "natural logarithm", decibels(lambda m, R, b: 20 * math.log(R) - 10 * math.log(m)), "Decibel.",
        ),
        Misconception(
            "6d", "data range taken from the image",
            decibels(lambda m, R, b: ratio_in_decibels(m, max(float(b.max() - b.min()), 1e-300))),
            "The range is an argument.",
        ),
        Misconception("6e", "identical images capped at 100", capped, "The limit is infinite."),
        Misconception(
            "6f", "sign", decibels(lambda m, R, b: 10 * math.log10(m) - 20 * math.log10(R)),
            "Better image, larger PSNR.",
        ),
    ),
    alternatives=(Alternative("ratio", decibels(lambda m, R, b: 10 * math.log10(R * R / m))),),
)  # fmt: skip

# --- E15.7 sym_psnr ---


SYM_PSNR = Question(
    id="sym_psnr",
    truth="10*log(R**2/M)/log(10)",
    symbols=(
        Symbol("R", kind="positive", draw=(1, 9)),
        Symbol("M", kind="positive", draw=(0.1, 9)),
    ),
    equivalents=("(20*log(R) - 10*log(M))/log(10)",),
    misconceptions=(
        MisconceptionForm("7a", "natural log", "10*log(R**2/M)", "log is natural here."),
        MisconceptionForm("7b", "factor 20 on the ratio", "20*log(R**2/M)/log(10)", "20 belongs to amplitudes."),
        MisconceptionForm("7c", "R not squared", "10*log(R/M)/log(10)", "Power ratio."),
    ),
)


GRADING = {
    "masked_mse": MASKED,
    "weighted_mse": WEIGHTED,
    "ragged_mse": RAGGED,
    "complex_mse": COMPLEX_MSE,
    "complex_gain": GAIN,
    "psnr": PSNR,
    "sym_psnr": SYM_PSNR,
}

EQUIVALENT_MUTANTS = (
    (
        "whatever number stands in for both hidden entries, it is taken from itself",
        ("masked_mse: xp.zeros_like(y_true) -> xp.ones_like(y_true)",),
    ),
    (
        "the largest of no weights raises ValueError itself",
        (
            'weighted_mse: require(weight.size > 0, "the mean of no entry is not defined: give at least one") -> pass',
            "weighted_mse: weight.size > 0 -> weight.size >= 0",
        ),
    ),
    (
        "squared residuals do not tell targets from predictions",
        (
            "ragged_mse: zip(y_true, y_pred, strict=True) -> zip(y_pred, y_true, strict=True)",
            "ragged_mse: _squared_sum(a, b) -> _squared_sum(b, a)",
            "_squared_sum: as_float(y_true, y_pred) -> as_float(y_pred, y_true)",
            "complex_mse: as_complex(y_true, y_pred) -> as_complex(y_pred, y_true)",
            "psnr: as_float(image, reference) -> as_float(reference, image)",
        ),
    ),
    (
        "an empty x has no power, which is refused next",
        (
            "complex_gain: x.ndim == 1 and x.size > 0 -> x.ndim == 1",
            "complex_gain: x.size > 0 -> x.size >= 0",
        ),
    ),
)
