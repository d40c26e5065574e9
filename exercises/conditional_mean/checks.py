"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, corner, example, law, mismatch, raises

nan = np.nan
CLOSE = Tolerance(1e-9, 1e-12)

# --- best_constant: optimal ---
LOSSES = {"mse": lambda r: np.mean(r * r), "mae": lambda r: np.mean(np.abs(r))}


def optimal_inputs(rng):
    g = rng("optimal")
    samples = [g.exponential(size=n) for n in (25, 40)]
    return [(y, loss) for y in samples for loss in LOSSES]


def optimal_law(args, got, want):
    for at, ((y, loss), c) in enumerate(zip(args, got, strict=True)):
        mean_loss, step = LOSSES[loss], 1e-3 * y.std()
        here = mean_loss(y - c)
        # 1e-12: the minimum of the absolute error is flat for an even n
        if not all(here <= mean_loss(y - c - move) * (1 + 1e-12) for move in (step, -step)):
            return Broken(f'a neighbour of the returned constant has a smaller mean loss ("{loss}")', at)
    return None


# --- group_means: projection ---
def projection_inputs(rng):
    g = rng("projection")
    x = g.choice([-1.5, 0.25, 7.0], size=60)
    return [(x, x + 3 * g.exponential(size=60))]


def projection_law(args, got, want):
    (x, y), (values, means) = args[0], got[0]
    distinct, group = np.unique(x, return_inverse=True)
    if np.shape(values) != distinct.shape or np.shape(means) != distinct.shape:
        return Broken(f"must return two arrays of shape {distinct.shape}, one entry per distinct x")
    if not np.array_equal(values, distinct):
        return Broken("values must hold each distinct x once, ascending and unchanged")
    risk = np.mean((y - means[group]) ** 2)
    for g in range(distinct.size):
        for move in (0.1, -0.1):
            other = means + move * (np.arange(distinct.size) == g)
            if not np.mean((y - other[group]) ** 2) > risk:
                return Broken(f"another function of x has a smaller training MSE: move the entry of x = {distinct[g]:g}")
    return None


# --- risk_decomposition: identity ---
SHARES = np.array([[4, 2, 1, 1], [1, 5, 2, 0], [2, 2, 3, 1]]) / 8  # of Y given X; with the masses all exact in binary
MASSES = np.array([0.5, 0.25, 0.25])


def identity_inputs(rng):
    g = rng("identity")
    weights = g.integers(1, 10, size=(3, 4))
    shares, v = np.array([g.permutation(row) for row in SHARES]), g.integers(-9, 10, size=4).astype(float)
    table = MASSES[:, None] * shares
    return [
        (weights / weights.sum(), g.integers(-9, 10, size=4).astype(float), 3 * g.normal(size=3)),
        (table, v, 3 * g.normal(size=3)),
        (table, v, shares @ v),
    ]


def identity_law(args, got, want):
    for at, (risk, noise, excess) in enumerate(got):
        if mismatch(risk, noise + excess, CLOSE):
            return Broken(f"risk = {risk:.6g} is not noise + excess = {noise:.6g} + {excess:.6g}", at)
    if not abs(got[2][2]) <= 1e-15:
        return Broken(f"the conditional mean itself has the excess risk {got[2][2]:.3g}", 2)
    return Broken("the noise depends on the predictor f", seen=got[1][1], wanted=got[2][1]) if mismatch(got[1][1], got[2][1], CLOSE) else None


EXERCISE = Exercise("conditional_mean", number="E02", title="The minimiser of squared error is the conditional mean",
    difficulty=1, minutes=90, given=("m2 - 2*a*m1 + a**2",), parts=(
    Part("best_constant", points=4, summary="the best constant under squared and under absolute error", checks=(
        example((([1, 2, 9], "mse"), 4.0), (([1, 2, 9], "mae"), 2.0), (([9.5, 1.5, 2.5], "mae"), 2.5),
            (([9.5, 1.5, 2.5], "mse"), 4.5)),
        law("optimal", "has no better neighbour, under either loss", optimal_inputs, optimal_law),
        raises(undefined=(([], "mse"), ([1.0], "l2"))),
    ), hints=(
        "Plot the mean loss of [1, 2, 9] as a function of the constant, once for each loss.",
        "Where is the slope of each curve zero? A sample on the left and one on the right pull against each other.",
        "One of the two answers only needs to know how many samples lie on either side of it.",
    )),
    Part("group_means", points=6, summary="the empirical conditional mean for a discrete feature", checks=(
        example((([2, 1, 2], [10, 5, 20]), (np.array([1.0, 2.0]), np.array([5.0, 15.0]))),
            (([-1.5, 0.25, -1.5], [1, 2, 4]), (np.array([-1.5, 0.25]), np.array([2.5, 2.0]))),
            (([2e-9, -3e-9, 2e-9], [1.0, 5.0, 2.0]), (np.array([-3e-9, 2e-9]), np.array([5.0, 1.5])))),
        law("projection", "minimises the training MSE", projection_inputs, projection_law),
        raises(shapes=(([1.0, 2.0], [1.0]), ([1.0, 2.0], [[3.0], [4.0]]))),
    ), hints=(
        "Each sample needs the number of its group. What does np.unique return besides the distinct values?",
        "A sum per group and a count per group are enough; both can be had in one pass over the samples.",
        "np.bincount can add up weights. A mask per group reads all samples once for every group: too slow.",
    )),
    Part("conditional_mean", points=4, summary="E[Y | X] from a table of joint probabilities", checks=(
        example((([[0.125, 0.375], [0.25, 0.25]], [0.0, 4.0]), np.array([3.0, 2.0])),
            (([[0.25], [0.75]], [6.0]), np.array([6.0, 6.0])), tolerance=CLOSE),
        corner("empty", "gives NaN for a row without mass", (([[0.5, 0.5], [0.0, 0.0]], [1.0, 3.0]), np.array([2.0, nan]))),
        raises(shapes=(([[0.5, 0.5]], [0.0, 1.0, 2.0]), ([[0.5, 0.5]], [[0.0], [1.0]])),
            undefined=(([[0.5, 0.6]], [0.0, 1.0]), ([[-0.5, 1.5]], [0.0, 1.0]), ([[0.5, 0.499999]], [0.0, 1.0]))),
    ), hints=(
        "Given X = x_i, only row i of the table is possible. What must be done to make it a distribution?",
        "Write P(Y = y_j | X = x_i) as a quotient of two probabilities, both of which the table knows.",
        "Check the table before dividing; then decide what a row without any mass should give.",
    )),
    Part("risk_decomposition", points=6, summary="risk = irreducible noise + excess risk", checks=(
        example((([[0.125, 0.375], [0.25, 0.25]], [0.0, 4.0], [3.0, 3.0]), (4.0, 3.5, 0.5)),
            (([[0.25, 0.25], [0.125, 0.375]], [1.0, 3.0], [2.0, 2.0]), (1.0, 0.875, 0.125))),
        law("identity", "is noise + excess; the conditional mean has no excess", identity_inputs, identity_law),
        corner("empty", "leaves out a row without mass, where f may be NaN",
            (([[0.5, 0.5], [0.0, 0.0]], [1.0, 3.0], [2.0, nan]), (1.0, 1.0, 0.0))),
        raises(shapes=(([[0.5, 0.5]], [0.0, 1.0], [0.0, 1.0]), ([[0.5, 0.5]], [0.0, 1.0, 2.0], [0.0])),
            undefined=(([[0.5, 0.6]], [0.0, 1.0], [0.0]), ([[0.5, 0.4]], [0.0, 1.0], [0.0]), ([[-0.5, 1.5]], [0.0, 1.0], [0.0]))),
    ), hints=(
        "All three are expectations over the table: what is averaged in each, and with which probabilities?",
        "Work out the example on paper: variance within each row, then the average over the rows.",
        "0 * NaN is NaN: take the rows without mass out before anything is multiplied.",
    )),
    Part("sym_risk_moments", points=2, kind="symbolic",
         summary="the risk of a constant in terms of two moments", hints=(
        "Expand the square before taking the expectation.",
        "The expectation is linear, and a is a constant.",
        "Test your answer with a Y that is always 3: then m1 = 3 and m2 = 9.",
    )),
    Part("sym_risk_derivative", points=3, kind="symbolic",
         summary="the derivative of that risk with respect to the constant", hints=(
        "Differentiate the expanded risk term by term; which terms depend on a?",
        "Two checks: where is your derivative zero, and what is its sign far to the right of the mean?",
        "The loss is the full square, without 1/2 in front.",
    )),
))
