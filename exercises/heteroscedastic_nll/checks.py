"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, example, law, mismatch, raises

CLOSE = Tolerance(1e-9, 1e-9)

# --- gaussian_nll: units ---
def units_inputs(rng):
    g = rng("logpdf")
    y, mu, s = g.normal(size=30), g.normal(size=30), g.normal(size=30)
    return [(y, mu, s), *((k * y, k * mu, s + 2 * np.log(k)) for k in UNITS)]


UNITS = (1e-12, 8.0, 1e12)


def units_law(args, got, want):
    for at, (k, scaled) in enumerate(zip(UNITS, got[1:], strict=True), 1):
        if mismatch(scaled, got[0] + np.log(k), CLOSE):
            return Broken(f"a change of unit by {k:g} (y and mu times it, s plus twice its log) must add its logarithm", at, seen=scaled, wanted=got[0] + np.log(k))
    return None


# --- nll_grads: stationary ---
def stationary_inputs(rng):
    g = rng("stationary")
    y, mu = g.normal(size=(2, 40))
    return [(y, mu, np.full(40, np.log(np.mean((y - mu) ** 2)))), (y, mu, g.normal(size=40))]


def stationary_law(args, got, want):
    for at, ((y, *_), pair) in enumerate(zip(args, got, strict=True)):
        if any(np.shape(gradient) != y.shape for gradient in pair):
            return Broken("does not return two arrays of the common shape", at)
    if abs(np.sum(got[0][1])) > 1e-12:
        return Broken("with one common variance, equal to the mean squared residual, the entries of dlogvar must add up to 0")
    return None


# --- nll_grads: scale ---
SCALES = (1e-12, 1e12)


def scale_inputs(rng):
    g = rng("scale")
    y, mu, s = g.normal(size=15), g.normal(size=15), g.normal(size=15)
    return [(y, mu, s), *((k * y, k * mu, s + 2 * np.log(k)) for k in SCALES)]


def scale_law(args, got, want):
    """The standardised residual cancels; 1e-9 relative to the largest entry covers the rounding of s."""
    dmu, ds = got[0]
    tolerance = Tolerance(1e-9, mode="max")
    for at, (k, pair) in enumerate(zip(SCALES, got[1:], strict=True), 1):
        if mismatch(pair[0], dmu / k, tolerance) or mismatch(pair[1], ds, tolerance):
            return Broken(f"a change of unit by {k:g} must divide dmu by it and leave dlogvar as it is", at)
    return None


# --- homoscedastic_coverage: shape ---
def shape_inputs(rng):
    g = rng("shape")
    sigma = np.exp(0.4 * g.normal(size=12))
    return [(sigma, 0.8), (1e9 * sigma, 0.8), (sigma, 0.95)]


def shape_law(args, got, want):
    for at, ((sigma, level), coverage) in enumerate(zip(args, got, strict=True)):
        quiet = sigma < np.sqrt(np.mean(sigma**2))
        if np.shape(coverage) != sigma.shape:
            return Broken(f"returns shape {np.shape(coverage)}, expected {sigma.shape}", at)
        if not (np.all(coverage[quiet] > level) and np.all(coverage[~quiet] < level)):
            return Broken("must cover too often where the noise is below average and too rarely where it is above", at)
    return Broken("changes with the unit of sigma", seen=got[1], wanted=got[0]) if mismatch(got[1], got[0], CLOSE) else None


# --- fit_heteroscedastic: equivariance, units, optimum, digits ---
def sample(g):
    x = g.uniform(-2, 2, size=300)
    return x, 1.0 + 2.0 * x + np.exp(-0.3 + 0.4 * x) * g.normal(size=300)


def moved(rng, moves):
    x, y = sample(rng("equivariance"))
    return [(x, y), *((x, k * y + shift) for k, shift in moves)]


def equivariance_inputs(rng):
    return moved(rng, MOVES)


def units_of_fit(rng):
    return moved(rng, EXTREME)


MOVES = ((1.7, -3.0), (0.6, 2.3))
EXTREME = ((1e-6, 2e-6), (1e6, 3e6))
NATS = 1e-4  # how far above the smallest mean negative log-likelihood a right answer may lie


def equivariance_law(args, got, want):
    if any(np.shape(found) != (4,) for found in got):
        return Broken("does not return an array of shape (4,)")
    a, b, c, d = got[0]
    x, y = args[0]
    for at, ((_, scaled), found) in enumerate(zip(args[1:], got[1:], strict=True), 1):
        k = np.ptp(scaled) / np.ptp(y)
        shift = scaled[0] - k * y[0]
        along = [k * a + shift, k * b, c + 2 * np.log(k), d]
        # of two right answers each lies between the smallest value and NATS above it
        if not abs(mean_nll(x, scaled, found) - mean_nll(x, scaled, along)) <= NATS:
            return Broken(f"y times {k:g} plus {shift:g} must move a and b along, add 2 log({k:g}) to c and leave d as it is", at)
    return None


def moved_law(args, got, want):
    if not all(isinstance(found, np.ndarray) for found in got):
        return Broken("returns something else than a NumPy array: write np.array(result)")
    return equivariance_law(args, got, want)


def mean_nll(x, y, found):
    x, y, (a, b, c, d) = np.asarray(x), np.asarray(y), np.asarray(found)
    s = c + d * x
    with np.errstate(over="ignore", invalid="ignore"):
        return float(0.5 * np.mean(np.log(2 * np.pi) + s + ((y - a - b * x) * np.exp(-s / 2)) ** 2))


def steep(name):
    def inputs(rng):
        g = rng(name)
        x = g.uniform(-2, 2, size=60)
        return [(x, 1.0 - x + np.exp((0.5 + 1.5 * x) / 2) * g.normal(size=60))]

    return inputs


def flat(nats):
    """An answer within ``nats`` of a minimum has a slope of at most sqrt(2 * nats * curvature) in each parameter."""

    def law(args, got, want):
        (x, y), found, step = args[0], np.asarray(got[0]), 1e-3
        if np.shape(found) != (4,):
            return Broken("does not return an array of shape (4,)")
        here = mean_nll(x, y, found)
        for name, along in zip("abcd", step * np.eye(4), strict=True):
            above, below = mean_nll(x, y, found + along), mean_nll(x, y, found - along)
            slope, curvature = (above - below) / (2 * step), (above + below - 2 * here) / step**2
            if not slope**2 <= 10 * nats * curvature:
                return Broken(f"the mean negative log-likelihood is not flat in {name} there: its slope is {slope:.2g}")
        return None

    return law


EXERCISE = Exercise("heteroscedastic_nll", number="E10",
    title="Heteroscedastic noise and the Gaussian negative log-likelihood", difficulty=4, minutes=125,
    parts=(
    Part("gaussian_nll", points=4, summary="the mean negative log-likelihood of Gaussian predictions", checks=(
        example((([0.0], [0.0], [0.0]), np.log(2 * np.pi) / 2),
            (([2.0], [0.0], [np.log(4)]), (np.log(2 * np.pi) + np.log(4) + 1) / 2),
            (([1.0, 3.0], [1.0, 1.0], [0.0, 0.0]), np.log(2 * np.pi) / 2 + 1),
            (([[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]), np.log(2 * np.pi) / 2 + 3.75)),
        law("units", "adds log k when the unit changes by k", units_inputs, units_law),
        raises(shapes=(([1.0, 2.0], [1.0, 2.0], [0.0]), ([1.0, 2.0], [[1.0], [2.0]], [0.0, 0.0]))),
    ), hints=(
        "Write the loss of one entry, term by term, and evaluate it by hand for y = 2, mu = 0, s = log 4.",
        "Which factor overflows or vanishes first when s is -900 and the residual tiny?",
        "Divide the residual by sigma before anything is squared: what is sigma in terms of s?",
    )),
    Part("nll_grads", points=5, summary="the gradients with respect to means and log-variances", checks=(
        example((([2.0], [0.0], [0.0]), (np.array([-2.0]), np.array([-1.5]))),
            (([1.0, 3.0], [1.0, 1.0], [0.0, np.log(4)]), (np.array([0.0, -0.25]), np.array([0.25, 0.0]))),
            (([3.0], [0.0], [np.log(4)]), (np.array([-0.75]), np.array([-0.625])))),
        law("scale", "follows a change of unit", scale_inputs, scale_law),
        law("stationary", "dlogvar balances at the mean squared residual", stationary_inputs, stationary_law),
        raises(shapes=(([1.0, 2.0], [1.0, 2.0], [0.0]), ([1.0, 2.0], [[1.0], [2.0]], [0.0, 0.0]))),
    ), hints=(
        "Differentiate one entry's loss by hand first; the mean over N entries comes last.",
        "Compare with central differences of your gaussian_nll, entry by entry, on two or three entries.",
        "Both gradients can be written with the standardised residual; how often does dmu divide by sigma?",
    )),
    Part("homoscedastic_coverage", points=4, summary="how often an interval of constant width is right", checks=(
        example((([1.0, 1.0], 0.95), np.array([0.95, 0.95])),
            # the level of one standard deviation, erf(1 / sqrt 2), and the coverages at 5 and 5/7 of them
            (([1.0, 7.0], 0.6826894921370859), np.array([0.9999994266968563, 0.5249494759460469]))),
        law("shape", "covers too often where the noise is small, too rarely where it is large", shape_inputs, shape_law),
        raises(undefined=(([1.0, 2.0], 1.0), ([1.0, 2.0], 1.5), ([1.0, 2.0], 0.0), ([1.0, 2.0], -0.5), ([0.0, 2.0], 0.9),
            ([-1.0, 2.0], 0.9))),
    ), hints=(
        "What does the residual mean square of the whole data set estimate? Work it out for sigma = [1, 7].",
        "The interval reaches z * sigma_bar to either side: how many true standard deviations is that at input i?",
        "Probability mass of a standard normal between two symmetric ends; scipy.special and scipy.stats know it.",
    )),
    Part("fit_heteroscedastic", points=7,
         summary="maximum likelihood for a mean and a log-variance that are linear in x", checks=(
        law("equivariance", "follows a change of unit and origin of y", equivariance_inputs, moved_law),
        law("optimum", "is flat in all four parameters at the answer", steep("minimum"), flat(NATS)),
        law("digits", "is flat there to the last digits", steep("optimum"), flat(1e-7), role="corner"),
        law("units", "fits targets of the scale 1e-6 and 1e6", units_of_fit, equivariance_law, role="corner"),
        raises(shapes=(([1.0, 2.0, 3.0, 5.0], [1.0, 4.0, 2.0]), ([1.0, 2.0, 3.0, 5.0], [[1.0], [4.0], [2.0], [0.5]])),
            undefined=(([2.0] * 7, [1.0, 3.0, 2.0, 5.0, 4.0, 7.0, 6.0]),)),
    ), hints=(
        "Which two of the four parameters are easy when the other two are known? And the other way round?",
        "Standardise y first, fit there, and transform the four numbers back: how does each of them change?",
        "At the optimum the gradients of nll_grads, contracted with 1 and with x, are all four zero: look at them.",
    )),
    Part("sym_nll_dmu", points=2, kind="symbolic", summary="the derivative with respect to the mean", hints=(
        "Only one of the three terms contains mu.",
        "Chain rule: the outer derivative of a square and the inner derivative of y - mu.",
        "Raising mu towards y must lower the loss; and a noisy sample must pull less.",
    )),
    Part("sym_nll_ds", points=3, kind="symbolic", summary="the derivative with respect to the log-variance", hints=(
        "Two of the three terms contain s.",
        "What is the derivative of exp(-s)?",
        "For which s should the derivative vanish, given the squared residual of one sample?",
    )),
))
