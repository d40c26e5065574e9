"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import numpy as np

from autograder.checks import (
    Alternative,
    Example,
    Misconception,
    Secret,
    Tolerance,
    err,
    law,
    matches,
    mismatch,
    standard,
)
from autograder.errors import CourseError
from autograder.symbolic import MisconceptionForm, Question, Symbol
from reference import evaluation
from reference._arrays import require

f64 = np.float64
SUMS = Tolerance(1e-9)


# --- E04.1 r2_score ---


def draw_scored(g):
    n, scale = int(g.integers(2, 80)), 10 ** g.uniform(-12, 12)
    y = g.normal(size=n)
    return scale * y, scale * (0.7 * y + g.normal(size=n))


def draw_offset(g):
    y = 1e8 + g.normal(size=200)
    return y, y + g.normal(size=200)


def asym_law(args, got, want):
    if mismatch(tuple(got), (0.5, 11 / 14), SUMS):
        return "exchanging y_true and y_pred must change the result: [1, 2, 3] and [1, 2, 4] give 1/2 and 11/14"
    return None


def scored(y_true, y_pred, of):
    """Validated: ``of(y, yhat)``."""
    evaluation.r2_score(y_true, y_pred)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(of(np.asarray(y_true, f64), np.asarray(y_pred, f64)))


def total(y):
    return np.sum((y - y.mean()) ** 2)


def residual(y, yhat):
    return np.sum((y - yhat) ** 2)


def constant_by_sum(y_true, y_pred):
    y, yhat = np.asarray(y_true, f64), np.asarray(y_pred, f64)
    require(y.ndim == 1 and y.shape == yhat.shape and y.size > 0 and total(y) != 0, "constant")
    return float(1 - residual(y, yhat) / total(y))


def explained(y, yhat):
    return (total(y) - residual(y, yhat)) / total(y)


R2 = Secret(
    reference=evaluation.r2_score,
    checks=(
        *standard(draw_scored, "rand", "mut", "list", "f32", "strided", tolerance=Tolerance(1e-9, 1e-9)),
        err(
            ([], []),
            ([1.0, 2.0], [1.0]),
            ([3.0], [3.0]),
            ([[1.0, 2.0], [3.0, 5.0]], [[1.0, 2.0], [3.0, 4.0]]),
        ),
        matches("offset", "keeps six digits for targets near 1e8", draw_offset, tolerance=Tolerance(0.0, 1e-6)),
        law(
            "asym", "tells targets from predictions", lambda rng: [([1, 2, 3], [1, 2, 4]), ([1, 2, 4], [1, 2, 3])],
            asym_law,
        ),
    ),
    misconceptions=(
        Misconception(
            "1a", "squared correlation", lambda *a: scored(*a, lambda y, yhat: np.corrcoef(y, yhat)[0, 1] ** 2),
            "Predict 3,2,1 for 1,2,3: is that a perfect model?",
        ),
        Misconception(
            "1b", "variance of yhat in the denominator",
            lambda *a: scored(*a, lambda y, yhat: 1 - residual(y, yhat) / total(yhat)),
            "Which baseline is the model compared with?",
        ),
        Misconception(
            "1c", "mixes MSE with the unbiased variance",
            lambda *a: scored(*a, lambda y, yhat: 1 - np.mean((y - yhat) ** 2) / np.var(y, ddof=1)),
            "Predict the mean: R^2 must be exactly 0.",
        ),
        Misconception(
            "1d", "clipped at 0",
            lambda *a: scored(*a, lambda y, yhat: max(0.0, explained(y, yhat))),
            "Can a model be worse than the mean?",
        ),
        Misconception(
            "1e", "one-pass SS_tot",
            lambda *a: scored(*a, lambda y, yhat: 1 - residual(y, yhat) / (np.sum(y * y) - y.size * y.mean() ** 2)),
            "y near 1e8: subtract two numbers near 1e18.",
        ),
        Misconception(
            "1f", "constant y detected by SS_tot == 0", constant_by_sum,
            "Compute the mean of [0.1,0.1,0.1] in floating point.",
        ),
    ),
    alternatives=(
        Alternative(
            "via variances ddof=0", lambda *a: scored(*a, lambda y, yhat: 1 - np.mean((y - yhat) ** 2) / np.var(y))
        ),
        Alternative("explained fraction", lambda *a: scored(*a, explained)),
    ),
)  # fmt: skip


# --- E04.2 mse_from_r2 ---


def draw_r2(g):
    y = g.normal(size=int(g.integers(2, 50)))
    return float(g.uniform(-2, 1)), y * 10 ** g.uniform(-12, 12)


CONSTANT = Example(
    name="constant", title="is 0 for constant targets, and for a single one", group="robustness",
    cases=(((0.25, [0.1, 0.1, 0.1]), 0.0), ((0.25, [3.0]), 0.0)),
)  # fmt: skip


def predictions(y):
    return 0.5 * y + 1


def roundtrip_inputs(rng):
    targets = rng(601).normal(size=(4, 25)) + 3
    return [(evaluation.r2_score(y, predictions(y)), y) for y in targets]


def roundtrip_law(args, got, want):
    for (_, y), mse in zip(args, got, strict=True):
        if mismatch(mse, np.mean((y - predictions(y)) ** 2), SUMS):
            return "predictions with this R^2 have another mean squared error"
    return None


def from_r2(r2, y_true, of):
    """Validated: ``of(r2, y)``."""
    evaluation.mse_from_r2(r2, y_true)
    return float(of(float(r2), np.asarray(y_true, f64)))


def unchecked(r2, y_true):
    require(np.size(y_true) > 0, "empty")
    return (1 - r2) * float(np.var(np.asarray(y_true, f64)))


MSE_FROM_R2 = Secret(
    reference=evaluation.mse_from_r2,
    checks=(
        *standard(draw_r2, "rand", "mut", "list", "f32", "strided", tolerance=SUMS),
        CONSTANT,
        law("roundtrip", "gives the mean squared error back", roundtrip_inputs, roundtrip_law),
    ),
    misconceptions=(
        Misconception(
            "2a", "ddof=1", lambda *a: from_r2(*a, lambda r2, y: (1 - r2) * np.var(y, ddof=1)),
            "Which variance makes R^2 = 1 - MSE/s2 exact?",
        ),
        Misconception(
            "2b", "SS_tot instead of variance", lambda *a: from_r2(*a, lambda r2, y: (1 - r2) * total(y)),
            "MSE is an average, SS_tot a sum.",
        ),
        Misconception(
            "2c", "r2 * variance", lambda *a: from_r2(*a, lambda r2, y: r2 * np.var(y)),
            "A perfect model has which MSE?",
        ),
        Misconception(
            "2d", "standard deviation", lambda *a: from_r2(*a, lambda r2, y: (1 - r2) * np.std(y)), "Units.",
        ),
        Misconception("2e", "no check of r2 > 1", unchecked, "Can an MSE be negative?"),
    ),
    alternatives=(Alternative("np.var", lambda *a: from_r2(*a, lambda r2, y: (1 - r2) * np.var(y))),),
)  # fmt: skip


# --- E04.3 early_stop ---


def draw_epochs(g):
    t = np.arange(40)
    curve = 4 * np.exp(-t / g.uniform(3, 15)) + 0.03 * t + g.uniform(0.05, 0.4) * g.normal(size=40)
    return np.round(curve, 1), int(g.integers(1, 9))


def scanned(
    val_mse, patience, *,
    improves=lambda v, best, t: v[t] < v[best], over=lambda v, best, t, patience: t - best >= patience,
    stopped=lambda best, t: (best, t),
):  # fmt: skip
    """The right scan with one link to replace."""
    evaluation.early_stop(val_mse, patience)
    v, best = np.asarray(val_mse, f64), 0
    for t in range(1, v.size):
        if improves(v, best, t):
            best = t
        if over(v, best, t, patience):
            return stopped(best, t)
    return best, v.size - 1


def rising(v, best, t, patience):
    return t >= patience and all(v[i] > v[i - 1] for i in range(t - patience + 1, t + 1))


def by_cumulative_minimum(val_mse, patience):
    evaluation.early_stop(val_mse, patience)
    v, epochs = np.asarray(val_mse, f64), np.arange(np.size(val_mse))
    lowest = np.minimum.accumulate(v)
    fresh = np.concatenate([[True], v[1:] < lowest[:-1]])
    best = np.maximum.accumulate(np.where(fresh, epochs, 0))
    over = np.flatnonzero(epochs - best >= patience)
    stop = over[0] if over.size else epochs[-1]
    return best[stop], stop


EARLY_STOP = Secret(
    reference=evaluation.early_stop,
    checks=(
        *standard(draw_epochs, "rand", "mut", "list", "f32", "strided", tolerance=SUMS),
        err(([1.0, np.nan], 1)),
    ),
    misconceptions=(
        Misconception(
            "3a", "global minimum (looks into the future)", lambda *a: scanned(*a, over=lambda *state: False),
            "At the stopping epoch the later values are not known yet.",
        ),
        Misconception(
            "3b", "ties count as improvement", lambda *a: scanned(*a, improves=lambda v, best, t: v[t] <= v[best]),
            'Read "strictly".',
        ),
        Misconception(
            "3c", "counts increases instead of non-improvements", lambda *a: scanned(*a, over=rising),
            "The curve may wiggle below its previous value and still not improve on the best.",
        ),
        Misconception(
            "3d", "patience off by one",
            lambda *a: scanned(*a, over=lambda v, best, t, patience: t - best > patience),
            "With patience 1 and a worse epoch 1, when do you stop?",
        ),
        Misconception(
            "3e", "returns the stopping epoch as best", lambda *a: scanned(*a, stopped=lambda best, t: (t, t)),
            "Which weights would you restore?",
        ),
    ),
    alternatives=(Alternative("cumulative minimum", by_cumulative_minimum),),
)  # fmt: skip


# --- E04.4 gd_r2_curves ---

CURVES = Tolerance(1e-8, 1e-8)  # at most 40 contractive steps, each accurate to eps


def problem(g, n, m, d, weight, noise):
    X, X_test = g.normal(size=(n, d)), g.normal(size=(m, d))
    y, y_test = (
        weight * X.sum(axis=1) + noise * g.normal(size=n),
        weight * X_test.sum(axis=1) + noise * g.normal(size=m),
    )
    return X, y, X_test, y_test


def draw_descent(g):
    data = problem(g, 30, 20, int(g.integers(1, 6)), 1.0, 1.0)
    return *data, float(g.uniform(0.01, 0.15)), int(g.integers(1, 40))


def monotone_inputs(rng):
    g = rng(601)
    data = problem(g, 40, 15, 4, 1.0, 1.5)
    return [(*data, float(share * 40 / np.linalg.norm(data[0], 2) ** 2), 80) for share in (0.4, 0.95)]


def monotone_law(args, got, want):
    for (X, y, *_), (train, _) in zip(args, got, strict=True):
        best = explained(y, X @ np.linalg.lstsq(X, y, rcond=None)[0])
        if not np.all(np.diff(train) >= -1e-10):
            return "the training R^2 falls although the learning rate is stable"
        if not np.all(train <= best + 1e-10):
            return "the training R^2 exceeds that of least squares"
    return None


RISE, FALL = 0.05, 0.2


def inverted_u_inputs(rng):
    """Draw until the right curve has the shape with room to spare: about nine draws of ten have it."""
    for case in range(602, 700):
        data = (*problem(rng(case), 24, 200, 20, 0.6, 2.0), 0.1, 3000)
        if shape_problem(evaluation.gd_r2_curves(*data)[1], 2 * RISE, 1.5 * FALL) is None:
            return [data]
    raise CourseError("r_squared: no draw of the check inverted_u has an inverted U")


def shape_problem(test, rise=RISE, fall=FALL):
    peak = int(np.argmax(test))
    if not 0 < peak < len(test) - 1:
        return "the test R^2 has no maximum inside the training time"
    if not (test[peak] - test[0] >= rise and test[peak] - test[-1] >= fall):
        return f"the test R^2 must first rise by {rise:g} and then fall by {fall:g} (24 noisy samples, 20 weights)"
    return None


def inverted_u_law(args, got, want):
    test = np.asarray(got[0][1])
    return "the test R^2 must stay finite" if not np.isfinite(test).all() else shape_problem(test)


def r2(y, yhat, baseline=None):
    return 1 - residual(y, yhat) / (total(y) if baseline is None else baseline)


def descended(
    X_train, y_train, X_test, y_test, lr, steps, *,
    factor=lambda n: 2.0 / n, test=lambda y_train, y_test, yhat: r2(y_test, yhat), early=False, peeks=False,
):  # fmt: skip
    """The right curves with one link to replace."""
    evaluation.gd_r2_curves(X_train, y_train, X_test, y_test, lr, 0)
    require(steps >= 0, "steps")
    X, y, X_test, y_test = (np.asarray(a, f64) for a in (X_train, y_train, X_test, y_test))
    w, curves = np.zeros(X.shape[1]), []
    for t in range(steps + 1 + early):
        if t >= early:
            curves.append((r2(y, X @ w), test(y, y_test, X_test @ w)))
        if peeks:
            w = w - 0.1 * lr * 2.0 / y_test.size * (X_test.T @ (X_test @ w - y_test))
        w = w - lr * factor(y.size) * (X.T @ (X @ w - y))
    first, second = np.array(curves).T
    return first.copy(), second.copy()


def gram_matrix(X_train, y_train, X_test, y_test, lr, steps):
    evaluation.gd_r2_curves(X_train, y_train, X_test, y_test, lr, 0)
    require(steps >= 0, "steps")
    X, y, X_test, y_test = (np.asarray(a, f64) for a in (X_train, y_train, X_test, y_test))
    G, c = 2 * lr / y.size * (X.T @ X), 2 * lr / y.size * (X.T @ y)
    path = [np.zeros(X.shape[1])]
    for _ in range(steps):
        path.append(path[-1] - G @ path[-1] + c)
    return np.array([r2(y, X @ w) for w in path]), np.array([r2(y_test, X_test @ w) for w in path])


DESCENT = Secret(
    reference=evaluation.gd_r2_curves,
    checks=(
        *standard(draw_descent, "rand", "mut", "list", "f32", "strided", cases=6, tolerance=CURVES),
        err(
            ([[1.0], [2.0]], [1.0, 1.0], [[1.0], [3.0]], [2.0, 4.0], 0.1, 1),
            ([[1.0], [2.0]], [1.0, 3.0], [[1.0, 2.0]], [2.0], 0.1, 1),
            ([[1.0], [2.0]], [1.0, 3.0], [[1.0]], [2.0, 4.0], 0.1, 1),
            ([1.0, 2.0], [1.0, 3.0], [1.0, 3.0], [2.0, 4.0], 0.1, 1),
        ),
        law("monotone", "the training R^2 never falls", monotone_inputs, monotone_law),
        law("inverted_u", "the test R^2 rises, then falls", inverted_u_inputs, inverted_u_law),
    ),
    misconceptions=(
        Misconception(
            "4a", "training mean as test baseline",
            lambda *a: descended(*a, test=lambda y, y_test, yhat: r2(y_test, yhat, np.sum((y_test - y.mean()) ** 2))),
            "R^2 on a data set compares with the mean of that data set.",
        ),
        Misconception(
            "4b", "factor 2 dropped from the gradient", lambda *a: descended(*a, factor=lambda n: 1.0 / n),
            "Differentiate the loss as it is written.",
        ),
        Misconception(
            "4c", "records after the update", lambda *a: descended(*a, early=True),
            "Entry 0 is the untrained model.",
        ),
        Misconception(
            "4d", "gradient summed, not averaged", lambda *a: descended(*a, factor=lambda n: 2.0),
            "Does the step size depend on n in your code?",
        ),
        Misconception(
            "4e", "trains on the test data too", lambda *a: descended(*a, peeks=True),
            "No information may flow from the test set into w.",
        ),
        Misconception(
            "4f", "one R^2 for both (pooled variance)",
            lambda *a: descended(
                *a, test=lambda y, y_test, yhat: r2(y_test, yhat, y_test.size * np.var(np.r_[y, y_test]))
            ),
            "Which targets define SS_tot of the test curve?",
        ),
    ),
    alternatives=(Alternative("Gram matrix iteration", gram_matrix),),
)  # fmt: skip

# --- E04.5 sym_r2_unbiased ---


SYM_R2_UNBIASED = Question(
    id="sym_r2_unbiased",
    truth="1 - n*M/((n-1)*v)",
    symbols=(
        Symbol("M", kind="positive", draw=(0.1, 9)),
        Symbol("v", kind="positive", draw=(0.1, 9)),
        Symbol("n", draw=(2, 40), integer=True),
    ),
    equivalents=("((n-1)*v - n*M)/((n-1)*v)",),
    misconceptions=(
        MisconceptionForm("5a", "ddof ignored", "1 - M/v", "v has divisor n-1, M has divisor n."),
        MisconceptionForm("5b", "factor inverted", "1 - (n-1)*M/(n*v)", "Express SS_tot through v."),
        MisconceptionForm(
            "5c", "adjusted R^2 formula", "1 - (n-1)*M/((n-2)*v)", "No degrees-of-freedom correction is asked for."
        ),
    ),
)


GRADING = {
    "r2_score": R2,
    "mse_from_r2": MSE_FROM_R2,
    "early_stop": EARLY_STOP,
    "gd_r2_curves": DESCENT,
    "sym_r2_unbiased": SYM_R2_UNBIASED,
}


EQUIVALENT_MUTANTS = (
    (
        "the statement asks for one axis and names no error for more",
        (
            "mse_from_r2: y_true.ndim == 1 and y_true.size > 0 -> y_true.size > 0",
            "early_stop: val_mse.ndim == 1 and val_mse.size > 0 -> val_mse.size > 0",
        ),
    ),
    (
        "epoch 0 is the first best, whichever line says so",
        (
            "early_stop: best, lowest = 0, math.inf: 0 -> 1",
            "early_stop: epoch == 0 or value < lowest -> value < lowest",
        ),
    ),
    (
        "the total sum of squares asks for one axis of targets again",
        ("gd_r2_curves: X.ndim == 2 and y.ndim == 1 -> X.ndim == 2",),
    ),
    (
        "the product with the weights raises ValueError itself",
        (
            'gd_r2_curves: require(X_train.shape[1] == X_test.shape[1], "X_train and X_test must have the same columns") -> pass',
        ),
    ),
    ("stacking no weights raises ValueError itself", ("gd_r2_curves: lr > 0 and steps >= 0 -> lr > 0",)),
    (
        "one more update after the last entry is thrown away",
        ("gd_r2_curves: if step < steps -> if True", "gd_r2_curves: step < steps -> step <= steps"),
    ),
    (
        "the deviations do not depend on the origin but for rounding, which stays within the tolerance",
        ("_deviations: y - y[0] -> y + y[0]", "_deviations: y - y[0] -> y"),
    ),
    (
        "the largest of no targets raises ValueError itself",
        ("_total_sum: y.ndim == 1 and y.size > 0 -> y.ndim == 1", "_total_sum: y.size > 0 -> y.size >= 0"),
    ),
    (
        "a single target is constant, and so an error all the same",
        ('_total_sum: require(y.ndim == 1 and y.size > 0, f"{name} must be 1-D with at least one entry"): 0 -> 1',),
    ),
)
