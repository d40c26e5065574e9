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
    for k, scaled in zip(UNITS, got[1:], strict=True):
        if mismatch(scaled, got[0] + np.log(k), CLOSE):
            return Broken(f"a change of unit by {k:g} (y and mu times it, s plus twice its log) must add its logarithm")
    return None


# --- nll_grads: stationary ---
def stationary_inputs(rng):
    g = rng("stationary")
    y, mu = g.normal(size=(2, 40))
    return [(y, mu, np.full(40, np.log(np.mean((y - mu) ** 2)))), (y, mu, g.normal(size=40))]


def stationary_law(args, got, want):
    for (y, *_), pair in zip(args, got, strict=True):
        if any(np.shape(gradient) != y.shape for gradient in pair):
            return Broken("does not return two arrays of the common shape")
    if abs(np.sum(got[0][1])) > 1e-12:
        return Broken("with one common variance, equal to the mean squared residual, the entries of dlogvar must add up to 0")
    return None


# --- homoscedastic_coverage: shape ---
def shape_inputs(rng):
    g = rng("shape")
    sigma = np.exp(0.4 * g.normal(size=12))
    return [(sigma, 0.8), (1e9 * sigma, 0.8), (sigma, 0.95)]


def shape_law(args, got, want):
    for (sigma, level), coverage in zip(args, got, strict=True):
        quiet = sigma < np.sqrt(np.mean(sigma**2))
        if np.shape(coverage) != sigma.shape:
            return Broken(f"returns shape {np.shape(coverage)}, expected {sigma.shape}")
        if not (np.all(coverage[quiet] > level) and np.all(coverage[~quiet] < level)):
            return Broken("must cover too often where the noise is below average and too rarely where it is above")
    return Broken("changes with the unit of sigma") if mismatch(got[1], got[0], CLOSE) else None


# --- fit_heteroscedastic: equivariance ---
def equivariance_inputs(rng):
    g = rng("equivariance")
    x = g.uniform(-2, 2, size=300)
    y = 1.0 + 2.0 * x + np.exp(-0.3 + 0.4 * x) * g.normal(size=300)
    return [(x, y), *((x, k * y + shift) for k, shift in MOVES)]


MOVES = ((8.0, -3.0), (1e-5, 2e-5), (3e5, 1e6))
# 1e-7 nats above the minimum means at most 2e-3 in a standardised parameter (curvature above 0.05), for either fit
SLACK = 5e-3


def equivariance_law(args, got, want):
    if any(np.shape(found) != (4,) for found in got):
        return Broken("does not return an array of shape (4,)")
    a, b, c, d = got[0]
    for (k, shift), found in zip(MOVES, got[1:], strict=True):
        off = np.abs(found - [k * a + shift, k * b, c + 2 * np.log(k), d]) / [k, k, 1, 1]
        if not np.all(off <= SLACK):
            return Broken(f"y times {k:g} plus {shift:g} must move a and b along, add 2 log({k:g}) to c and leave d as it is")
    return None


EXERCISE = Exercise("heteroscedastic_nll", number="E10",
    title="Heteroscedastic noise and the Gaussian negative log-likelihood", difficulty=4, minutes=85,
    given=("follows a change of unit",), parts=(
    Part("gaussian_nll", points=4, summary="the mean negative log-likelihood of Gaussian predictions", checks=(
        example((([0.0], [0.0], [0.0]), np.log(2 * np.pi) / 2),
            (([2.0], [0.0], [np.log(4)]), (np.log(2 * np.pi) + np.log(4) + 1) / 2),
            (([1.0, 3.0], [1.0, 1.0], [0.0, 0.0]), np.log(2 * np.pi) / 2 + 1),
            (([[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]), np.log(2 * np.pi) / 2 + 3.75)),
        raises(([], [], []), ([1.0], [1.0, 2.0], [0.0])),
        law("logpdf", "adds log k when the unit changes by k", units_inputs, units_law),
    ), hints=(
        "Write the loss of one entry, term by term, and evaluate the second public case by hand.",
        "Which factor overflows or vanishes first when s is -900 and the residual tiny?",
        "Divide the residual by sigma before anything is squared: what is sigma in terms of s?",
    )),
    Part("nll_grads", points=5, summary="the gradients with respect to means and log-variances", checks=(
        example((([2.0], [0.0], [0.0]), (np.array([-2.0]), np.array([-1.5]))),
            (([1.0, 3.0], [1.0, 1.0], [0.0, np.log(4)]), (np.array([0.0, -0.25]), np.array([0.25, 0.0])))),
        raises(([], [], []), ([1.0], [1.0, 2.0], [0.0])),
        law("stationary", "dlogvar balances at the mean squared residual", stationary_inputs, stationary_law),
    ), hints=(
        "Differentiate one entry's loss by hand first; the mean over N entries comes last.",
        "Compare with central differences of your gaussian_nll, entry by entry, on two or three entries.",
        "Both gradients can be written with the standardised residual; how often does dmu divide by sigma?",
    )),
    Part("homoscedastic_coverage", points=4, summary="how often an interval of constant width is right", checks=(
        example((([1.0, 1.0], 0.95), np.array([0.95, 0.95])),
            # the level of one standard deviation, erf(1 / sqrt 2), and the coverages at 5 and 5/7 of them
            (([1.0, 7.0], 0.6826894921370859), np.array([0.9999994266968563, 0.5249494759460469]))),
        raises(([1.0], 1.0), ([1.0], 0.0)),
        law("shape", "covers too often where it is quiet, too rarely where not", shape_inputs, shape_law),
    ), hints=(
        "What does the residual mean square of the whole data set estimate? Work out the second public case.",
        "The interval reaches z * sigma_bar to either side: how many true standard deviations is that at input i?",
        "Probability mass of a standard normal between two symmetric ends; scipy.special and scipy.stats know it.",
    )),
    Part("fit_heteroscedastic", points=7,
         summary="maximum likelihood for a mean and a log-variance that are linear in x", checks=(
        raises(([1.0, 2.0], [1.0, 2.0]), ([1.0] * 9, [2.0] * 9)),
        law("equivariance", "follows a change of unit and origin of y", equivariance_inputs, equivariance_law),
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
