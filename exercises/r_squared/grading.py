"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""
# helpers get the arguments of a call as *a
# mypy: disable-error-code="call-arg"

from functools import lru_cache

import numpy as np

from autograder.checks import (
    Broken, Example, Hidden, Tolerance, corner, law, mismatch, right, strata, usual_checks, wrong,
)
from autograder.errors import CourseError
from reference import evaluation
from reference._arrays import require

f64 = np.float64
SUMS = Tolerance(1e-9)


# --- E04.1 r2_score ---
def draw_scored(g, n, low, high, noise=1.0):
    y, scale = g.normal(size=n), 10 ** g.uniform(low, high)
    return scale * y, scale * (0.7 * y + 0.2 + noise * g.normal(size=n))


SCORED = strata(draw_scored, (40, -12, -4, 2.0), (30, -12, -4, 0.4), (25, -12, -4, 1.5), (60, 4, 12), (50, -1, 1), (3, -12, 12))


def draw_offset(g):
    y = 1e8 + g.normal(size=200)
    return y, y + 0.3 * g.normal(size=200)


def asym_law(args, got, want):
    if mismatch(tuple(got), (0.5, 11 / 14), SUMS):
        return Broken("exchanging y_true and y_pred must change the result: [1, 2, 3] and [1, 2, 4] give 1/2 and 11/14")
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


@wrong("r2_score", "finds constant y by SS_tot == 0, which rounding defeats", hint="Compute the mean of [0.1,0.1,0.1] in floating point.")
def constant_by_sum(y_true, y_pred):
    y, yhat = np.asarray(y_true, f64), np.asarray(y_pred, f64)
    require(y.ndim == 1 and y.shape == yhat.shape and y.size > 0 and total(y) != 0, "constant")
    return float(1 - residual(y, yhat) / total(y))


def explained(y, yhat):
    return (total(y) - residual(y, yhat)) / total(y)


R2 = Hidden("r2_score", reference=evaluation.r2_score, checks=(
    *usual_checks(SCORED, tolerance=Tolerance(1e-9, 1e-9)),
    corner("offset", "keeps six digits for targets near 1e8", draw_offset, tolerance=Tolerance(0.0, 1e-6)),
    law("asym", "tells targets from predictions", lambda rng: [([1, 2, 3], [1, 2, 4]), ([1, 2, 4], [1, 2, 3])],
        asym_law),
), misconceptions=(
    wrong("returns the squared correlation", lambda *a: scored(*a, lambda y, yhat: np.corrcoef(y, yhat)[0, 1] ** 2),
        hint="Predict 3,2,1 for 1,2,3: is that a perfect model?"),
    wrong("divides by the variance of the predictions",
        lambda *a: scored(*a, lambda y, yhat: 1 - residual(y, yhat) / total(yhat)),
        hint="Which baseline is the model compared with?"),
    wrong("compares with 0 instead of the mean (uncentred)",
        lambda *a: scored(*a, lambda y, yhat: 1 - residual(y, yhat) / np.sum(y * y)),
        hint="Add 100 to every target and every prediction: may the score change?"),
    wrong("adjusts for one regressor",
        lambda *a: scored(*a, lambda y, yhat: 1 - residual(y, yhat) / total(y) * (y.size - 1) / max(y.size - 2, 1)),
        hint="Does the function know how many weights the model has?"),
    wrong("mixes MSE with the unbiased variance",
        lambda *a: scored(*a, lambda y, yhat: 1 - np.mean((y - yhat) ** 2) / np.var(y, ddof=1)),
        hint="Predict the mean: R^2 must be exactly 0."),
    wrong("takes the mean residual out (explained variance)",
        lambda *a: scored(*a, lambda y, yhat: 1 - np.var(y - yhat) / np.var(y)),
        hint="Add 1 to every prediction: does the model stay as good?"),
    wrong("divides the regression's sum of squares by the total",
        lambda *a: scored(*a, lambda y, yhat: np.sum((yhat - y.mean()) ** 2) / total(y)),
        hint="That equals R^2 for a least-squares fit with an intercept. Is it one?"),
    wrong("adds a small number to the denominator",
        lambda *a: scored(*a, lambda y, yhat: 1 - residual(y, yhat) / (total(y) + 1e-7)),
        hint="Express the targets in a unit that makes them 1e-9. May R^2 change?"),
    wrong("clips at 0", lambda *a: scored(*a, lambda y, yhat: max(0.0, explained(y, yhat))),
        hint="Can a model be worse than the mean?"),
    wrong("loses SS_tot to cancellation",
        lambda *a: scored(*a, lambda y, yhat: 1 - residual(y, yhat) / (np.sum(y * y) - y.size * y.mean() ** 2)),
        hint="y near 1e8: subtract two numbers near 1e18."),
), alternatives=(
    right("via variances ddof=0", lambda *a: scored(*a, lambda y, yhat: 1 - np.mean((y - yhat) ** 2) / np.var(y))),
    right("explained fraction", lambda *a: scored(*a, explained)),
))


# --- E04.2 mse_from_r2 ---
def draw_r2(g, n, low, high, least, most):
    return float(g.uniform(least, most)), g.normal(size=n) * 10 ** g.uniform(low, high)


REACHED = strata(draw_r2, (30, -1, 1, 0.2, 0.9), (12, -12, -4, -2, 0), (45, 4, 12, 0.2, 0.9), (2, -12, 12, 0.2, 0.9))


CONSTANT = Example(
    name="constant", title="is 0 for constant targets, and for a single one", group="robustness",
    cases=(((0.25, [0.1, 0.1, 0.1]), 0.0), ((0.25, [3.0]), 0.0)),
)  # fmt: skip


def predictions(y):
    return 0.5 * y + 1


def roundtrip_inputs(rng):
    targets = rng("roundtrip").normal(size=(4, 25)) + 3
    return [(evaluation.r2_score(y, predictions(y)), y) for y in targets]


def roundtrip_law(args, got, want):
    for at, ((_, y), mse) in enumerate(zip(args, got, strict=True)):
        if mismatch(mse, np.mean((y - predictions(y)) ** 2), SUMS):
            return Broken("predictions with this R^2 have another mean squared error", at)
    return None


def from_r2(r2, y_true, of):
    """Validated: ``of(r2, y)``."""
    evaluation.mse_from_r2(r2, y_true)
    return float(of(float(r2), np.asarray(y_true, f64)))


@wrong("mse_from_r2", "accepts r2 above 1", hint="Can an MSE be negative?")
def unchecked(r2, y_true):
    require(np.size(y_true) > 0, "empty")
    return (1 - r2) * float(np.var(np.asarray(y_true, f64)))


MSE_FROM_R2 = Hidden("mse_from_r2", reference=evaluation.mse_from_r2, checks=(
    *usual_checks(REACHED, tolerance=SUMS),
    CONSTANT,
    law("roundtrip", "gives the mean squared error back", roundtrip_inputs, roundtrip_law),
), misconceptions=(
    wrong("divides by n-1 (ddof=1)", lambda *a: from_r2(*a, lambda r2, y: (1 - r2) * np.var(y, ddof=1)),
        hint="Which variance makes R^2 = 1 - MSE/s2 exact?"),
    wrong("takes SS_tot instead of the variance", lambda *a: from_r2(*a, lambda r2, y: (1 - r2) * total(y)),
        hint="MSE is an average, SS_tot a sum."),
    wrong("returns r2 times the variance", lambda *a: from_r2(*a, lambda r2, y: r2 * np.var(y)), hint="What is the MSE of a perfect model?"),
    wrong("takes the standard deviation", lambda *a: from_r2(*a, lambda r2, y: (1 - r2) * np.std(y)), hint="In what unit is a standard deviation, and in what unit an MSE?"),
), alternatives=(right("np.var", lambda *a: from_r2(*a, lambda r2, y: (1 - r2) * np.var(y))),))


# --- E04.3 early_stop ---
def draw_epochs(g, patience, low, high, tie=False):
    t = np.arange(40)
    curve = 4 * np.exp(-t / g.uniform(3, 15)) + 0.03 * t + g.uniform(0.05, 0.4) * g.normal(size=40)
    curve = curve * 10 ** g.uniform(low, high)
    if tie:  # the epoch after the best one is as good
        best, _ = evaluation.early_stop(curve, patience)
        curve[min(best + 1, 39)] = curve[best]
    return curve, patience


EPOCHS = strata(draw_epochs, (3, -9, -6, True), (5, -9, -6, True), (2, -9, -6, True), (1, -1, 1), (8, 4, 9), (4, -1, 1))


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


@right("early_stop", "cumulative minimum")
def by_cumulative_minimum(val_mse, patience):
    evaluation.early_stop(val_mse, patience)
    v, epochs = np.asarray(val_mse, f64), np.arange(np.size(val_mse))
    lowest = np.minimum.accumulate(v)
    fresh = np.concatenate([[True], v[1:] < lowest[:-1]])
    best = np.maximum.accumulate(np.where(fresh, epochs, 0))
    over = np.flatnonzero(epochs - best >= patience)
    stop = over[0] if over.size else epochs[-1]
    return best[stop], stop


EARLY_STOP = Hidden("early_stop", reference=evaluation.early_stop, checks=(
    *usual_checks(EPOCHS, tolerance=SUMS),
), misconceptions=(
    wrong("looks into the future for the global minimum", lambda *a: scanned(*a, over=lambda *state: False),
        hint="At the stopping epoch the later values are not known yet."),
    wrong("counts ties as improvements", lambda *a: scanned(*a, improves=lambda v, best, t: v[t] <= v[best]),
        hint='Read "strictly".'),
    wrong("asks an improvement to exceed a tolerance",
        lambda *a: scanned(*a, improves=lambda v, best, t: v[t] < v[best] - 1e-4),
        hint="Express the errors in a unit that makes them 1e-6. May the best epoch change?"),
    wrong("counts increases alone, not every epoch without improvement", lambda *a: scanned(*a, over=rising),
        hint="The curve may wiggle below its previous value and still not improve on the best."),
    wrong("waits one epoch too many", lambda *a: scanned(*a, over=lambda v, best, t, patience: t - best > patience),
        hint="With patience 1 and a worse epoch 1, when do you stop?"),
    wrong("returns the stopping epoch as best", lambda *a: scanned(*a, stopped=lambda best, t: (t, t)),
        hint="Which weights would you restore?"),
))


# --- E04.4 gd_r2_curves ---
CURVES = Tolerance(1e-8, 1e-8)  # at most 40 contractive steps, each accurate to eps


def problem(g, n, m, d, weight, noise):
    X, X_test = g.normal(size=(n, d)), g.normal(size=(m, d))
    y, y_test = (
        weight * X.sum(axis=1) + noise * g.normal(size=n),
        weight * X_test.sum(axis=1) + noise * g.normal(size=m),
    )
    return X, y, X_test, y_test


def draw_descent(g, d, steps):
    return *problem(g, 30, 20, d, 1.0, 1.0), float(g.uniform(0.02, 0.15)), steps


DESCENTS = strata(draw_descent, (3, 25), (1, 12), (5, 38), (2, 3), (4, 1), (1, 40))


def monotone_inputs(rng):
    g = rng("monotone")
    data = problem(g, 40, 15, 4, 1.0, 1.5)
    return [(*data, float(share * 40 / np.linalg.norm(data[0], 2) ** 2), 80) for share in (0.4, 0.95)]


def monotone_law(args, got, want):
    for at, ((X, y, *_), (train, _)) in enumerate(zip(args, got, strict=True)):
        best = explained(y, X @ np.linalg.lstsq(X, y, rcond=None)[0])
        if not np.all(np.diff(train) >= -1e-10):
            return Broken("the training R^2 falls although the learning rate is stable", at)
        if not np.all(train <= best + 1e-10):
            return Broken("the training R^2 exceeds that of least squares", at)
    return None


RISE, FALL = 0.05, 0.2


def inverted_u_inputs(rng):
    return [inverted_u_data()]


@lru_cache(maxsize=1)
def inverted_u_data():
    """Draw until the right curve has the shape with a margin, from the same seeds in every variant."""
    for attempt in range(98):
        data = (*problem(np.random.default_rng([4, attempt]), 24, 200, 20, 0.6, 2.0), 0.1, 3000)
        if shape_problem(evaluation.gd_r2_curves(*data)[1], 2 * RISE, 1.5 * FALL) is None:
            return data
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
    return Broken("the test R^2 must stay finite") if not np.isfinite(test).all() else shape_problem(test)


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


@right("gd_r2_curves", "Gram matrix iteration")
def gram_matrix(X_train, y_train, X_test, y_test, lr, steps):
    evaluation.gd_r2_curves(X_train, y_train, X_test, y_test, lr, 0)
    require(steps >= 0, "steps")
    X, y, X_test, y_test = (np.asarray(a, f64) for a in (X_train, y_train, X_test, y_test))
    G, c = 2 * lr / y.size * (X.T @ X), 2 * lr / y.size * (X.T @ y)
    path = [np.zeros(X.shape[1])]
    for _ in range(steps):
        path.append(path[-1] - G @ path[-1] + c)
    return np.array([r2(y, X @ w) for w in path]), np.array([r2(y_test, X_test @ w) for w in path])


DESCENT = Hidden("gd_r2_curves", reference=evaluation.gd_r2_curves, checks=(
    *usual_checks(DESCENTS, cases=6, tolerance=CURVES),
    law("monotone", "the training R^2 never falls", monotone_inputs, monotone_law),
    law("inverted_u", "the test R^2 rises, then falls", inverted_u_inputs, inverted_u_law),
), misconceptions=(
    wrong("takes the training mean as the baseline of the test data",
        lambda *a: descended(*a, test=lambda y, y_test, yhat: r2(y_test, yhat, np.sum((y_test - y.mean()) ** 2))),
        hint="R^2 on a data set compares with the mean of that data set."),
    wrong("loses the factor 2 in the gradient", lambda *a: descended(*a, factor=lambda n: 1.0 / n),
        hint="Differentiate the loss as it is written."),
    wrong("records after the update instead of before", lambda *a: descended(*a, early=True), hint="Entry 0 is the untrained model."),
    wrong("sums the gradient instead of averaging", lambda *a: descended(*a, factor=lambda n: 2.0),
        hint="Does the step size depend on n in your code?"),
    wrong("trains on the test data too", lambda *a: descended(*a, peeks=True),
        hint="No information may flow from the test set into w."),
    wrong("gives one R^2 for both sets",
        lambda *a: descended(*a, test=lambda y, y_test, yhat: r2(y_test, yhat, y_test.size * np.var(np.r_[y, y_test]))),
        hint="Which targets define SS_tot of the test curve?"),
))
