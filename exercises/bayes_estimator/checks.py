"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, corner, example, law, mismatch, raises

inf = np.inf
CLOSE = Tolerance(1e-9, 1e-12)

# --- beta_binomial_mean: limit ---
def limit_inputs(rng):
    g = rng("limit")
    n = g.integers(2, 1000, size=8)
    k, (a, b) = g.integers(1, n), g.uniform(0.3, 5, size=2).tolist()
    return [(k, n, 1e-9, 1e-9), (k, n, a, b), (n - k, n, b, a)]


def limit_law(args, got, want):
    k, n, *_ = args[0]
    if mismatch(got[0], k / n, Tolerance(1e-6)):
        return Broken("with a prior that counts for nothing (a = b = 1e-9) the data alone must decide: k / n", 0, seen=got[0], wanted=k / n)
    if mismatch(got[2], 1 - got[1], CLOSE):
        return Broken("exchanging successes with failures, in the data and in the prior, must give 1 minus the result", seen=got[2], wanted=1 - got[1])
    return None


# --- normal_posterior: sequential ---
# theta ~ N(0, 1), and after the observation 2 with unit variance theta ~ N(1, 1/2)
SEQUENCE = (([2.0, 4.0], 0.0, 1.0, 1.0), ([4.0], 1.0, 0.5, 1.0))


def sequential_law(args, got, want):
    if mismatch(tuple(got[-1]), tuple(got[0]), CLOSE):
        return Broken("all observations at once and one after the other (each posterior the next prior) must agree", seen=tuple(got[-1]), wanted=tuple(got[0]))
    return None


# --- posterior_expected_loss: shift ---
STEP = 0.5


def shift_inputs(rng):
    g = rng("shift")
    theta, logw = g.normal(size=20), 3 * g.normal(size=20)
    actions = STEP * np.arange(-4, 5)
    return [(theta, logw + offset, actions) for offset in (0.0, 2.7, -1.3)]


def shift_law(args, got, want):
    if any(np.shape(loss) != (9,) for loss in got):
        return Broken("must return one number for each action")
    if any(mismatch(moved, got[0], CLOSE) for moved in got[1:]):
        return Broken("changes when a constant is added to logw")
    if mismatch(np.diff(got[0], 2), np.full(7, 2 * STEP**2), CLOSE):
        return Broken("as a function of the action it must be a parabola with leading coefficient 1", 0, seen=np.diff(got[0], 2), wanted=np.full(7, 2 * STEP**2))
    return None


# --- bayes_estimate: order ---
def order_inputs(rng):
    theta = np.linspace(0.05, 12.0, 240)
    logw = (1.0 + rng("order").uniform(0.5, 1.5)) * np.log(theta) - theta
    return [(theta, logw, loss) for loss in ("zero_one", "absolute", "squared")]


def order_law(args, got, want):
    mode, median, mean = got
    if mode < median < mean:
        return None
    return (
        Broken("for weights that are skewed to the right the mode must lie left of the median, and the median left of the mean")
    )


EXERCISE = Exercise("bayes_estimator", number="E03", title="The posterior mean as Bayes estimator under squared loss",
    difficulty=2, minutes=100, given=("(1 - lam) * a / (a + b)",), parts=(
    Part("beta_binomial_mean", points=4, summary="the posterior mean of a success probability", checks=(
        example(((7, 10, 1, 1), 8 / 12), ((0, 0, 2, 3), 0.4), (([0, 5], [5, 5], 1, 1), np.array([1 / 7, 6 / 7]))),
        law("limit", "follows the data alone if the prior is vague; is symmetric", limit_inputs, limit_law),
        raises(shapes=(([1, 2], [3], 1, 1),),
            undefined=((3, 2, 1, 1), (-1, 2, 1, 1), (1, 2, 0, 1), (1, 2, -1, 1), (1, 2, 1, 0), ([1, 3], [2, 4], 1, -1), ([3, 1], [2, 2], 1, 1))),
    ), hints=(
        "Multiply prior and likelihood as functions of theta: which density is that, up to a constant?",
        "The prior acts like data seen before: how many successes, how many trials?",
        "The mean of Beta(p, q) is p / (p + q). Test n = 0 and the symmetric case.",
    )),
    Part("normal_posterior", points=5, summary="the posterior of a normal mean", checks=(
        example((([2.0, 4.0], 0.0, 1.0, 2.0), (1.5, 0.5)), (([10.0], 1.0, 0.25, 0.5), (4.0, 1 / 6))),
        law("sequential", "gives the same when the data come one by one", lambda rng: SEQUENCE, sequential_law),
        corner("none", "returns the prior for empty data", (([], 3.0, 4.0, 1.0), (3.0, 4.0)), (([], -0.5, 0.3, 7.0), (-0.5, 0.3))),
        raises(undefined=(([1.0], 0.0, 0.0, 1.0), ([1.0], 0.0, -1.0, 1.0), ([1.0], 0.0, 1.0, 0.0), ([1.0], 0.0, 1.0, -1.0))),
    ), hints=(
        "Complete the square in theta in the sum of the two exponents.",
        "The data enter through their mean only. What is its variance, given theta?",
        "Precisions (reciprocals of variances) add up. Which products overflow when variances are 1e200?",
    )),
    Part("posterior_expected_loss", points=6, summary="the posterior expected squared loss of many actions", checks=(
        example((([0.0, 2.0], [0.0, 0.0], [1.0, 0.0]), np.array([1.0, 2.0])),
            (([0.0, 2.0], [float(np.log(3)), 0.0], [0.5]), np.array([0.75])),
            (([1.0, 5.0], [-inf, 3.0], [4.0]), np.array([1.0]))),
        law("shift", "ignores a constant in logw; is a parabola in the action", shift_inputs, shift_law),
        corner("shifted", "ignores a constant of 1e4 and of -1e4 in logw",
            *((([0.0, 2.0], [float(np.log(3)) + c, c], [0.5]), np.array([0.75])) for c in (1e4, -1e4)), tolerance=CLOSE),
        raises(shapes=(([1.0, 2.0], [0.0], [0.0]),), undefined=(([1.0], [-inf], [0.0]),)),
    ), hints=(
        "From log-weights to probabilities: exponentials, divided by their sum. Which of them may overflow?",
        "A parabola in the action is known from two numbers. Which two numbers of the posterior are they?",
        "A variance as a difference of two large numbers loses its digits: centre theta before squaring.",
    )),
    Part("bayes_estimate", points=6, summary="the best action under squared, absolute and zero-one loss", checks=(
        example((([0.0, 1.0, 4.0], [0.0, 0.0, 0.0], "squared"), 5 / 3),
            (([0.0, 1.0, 4.0], [0.0, 2.0, 1.0], "zero_one"), 1.0),
            (([0.0, 1.0, 4.0], [0.0, 0.0, float(np.log(6))], "absolute"), 4.0)),
        law("order", "keeps mode, median and mean in their order on a skewed posterior", order_inputs, order_law),
        corner("ties", "decides a tie as the statement does",
            (([0.0, 1.0, 2.0, 3.0], [0.0, 0.0, 0.0, 0.0], "absolute"), 1.0),
            (([0.0, 1.0, 4.0], [0.0, 2.0, 2.0], "zero_one"), 1.0)),
        corner("shifted", "ignores a constant of 1e4 in logw",
            *((([0.0, 1.0, 4.0], [1e4, 1e4, 1e4], loss), best) for loss, best in (("squared", 5 / 3), ("absolute", 1.0)))),
        raises(undefined=(([1.0, 0.0], [0.0, 0.0], "squared"), ([0.0, 1.0, 1.0], [0.0, 0.0, 0.0], "squared"),
            ([0.0, 1.0], [0.0, 0.0], "l2"))),
    ), hints=(
        "Three losses, three well-known summaries of a distribution: match them first.",
        "For the absolute loss accumulate the probabilities and look for the first point that reaches one half.",
        "The largest weight is already the largest log-weight; nothing needs to be exponentiated to find it.",
    )),
    Part("sym_normal_mean", points=2, kind="symbolic", summary="the posterior mean of a normal mean", hints=(
        "It is a weighted average of m0 and ybar.",
        "The weights are the precisions of the prior and of the mean of n observations.",
        "Three limits: n large, tau2 large, sigma2 large. Who should win in each?",
    )),
    Part("sym_shrinkage", points=2, kind="symbolic", summary="the weight of the data in the posterior mean", hints=(
        "Write the posterior mean as one fraction and split its numerator into a data and a prior part.",
        "Extend the data part by n and the prior part by a + b.",
        "The two weights add up to 1; what is the data's weight for huge n, and for n = 0?",
    )),
))
