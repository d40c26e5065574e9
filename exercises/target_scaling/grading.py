"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import numpy as np

from autograder.checks import (
    Broken, Example, Hidden, Limits, Property, Tolerance, borderline, corner, fast_enough, law, mismatch, right, strata,
    usual_checks, wrong,
)
from reference import scaling
from reference._arrays import require

f64 = np.float64
PATH = Tolerance(1e-9, mode="max")  # a stable iteration does not amplify rounding
RATE = Tolerance(1e-8)  # from the Gram matrix the largest eigenvalue has a relative error of about d eps
WEIGHTS = Tolerance(1e-8, mode="max")  # iteration and closed form differ by about t eps


# --- E06.1 standardize ---
def draw_targets(g, shape, low, high):
    return (10 ** g.uniform(low, high) * (g.normal(size=shape) + g.uniform(1, 3, size=shape[1:])),)


TARGETS = strata(draw_targets, ((30,), -12, -6), ((20, 3), -12, -6), ((50, 2), -12, -6), ((12,), 6, 12), ((7, 1), -1, 1),
    ((2, 4), -1, 1))


def draw_offset(g):
    return (1e6 + g.normal(size=200),)


def equiv_inputs(rng):
    y = rng("equiv").normal(size=25)
    return [(y,), (1e-9 * y,), (3e5 * y + 2e5,), (-2.0 * y + 1.0,)]


def equiv_law(args, got, want):
    z, small, shifted, mirrored = (one[0] for one in got)
    if mismatch(small, z, PATH) or mismatch(shifted, z, PATH):
        return Broken("z changes with the unit of y")
    return Broken("z does not change its sign with y") if mismatch(mirrored, -z, PATH) else None


def standardized(
    y, *, moments=lambda y: y.mean(axis=0), spread=lambda c: np.sqrt(np.mean(c * c, axis=0)),
    constant=lambda y: y.max(axis=0) == y.min(axis=0), unit=1.0,
):  # fmt: skip
    """The right standardisation with one link to replace."""
    scaling.standardize(y)
    y = np.asarray(y, f64)
    flat = constant(y)
    mean = np.where(flat, y[0], moments(y))
    std = np.where(flat, unit, spread(y - mean))
    z = (y - mean) / std
    return (z, float(mean), float(std)) if y.ndim == 1 else (z, mean, std)


def by_zero_std(y):
    scaling.standardize(y)
    y = np.asarray(y, f64)
    mean, std = np.mean(y, axis=0), np.std(y, axis=0)
    std = np.where(std == 0, 1.0, std)
    z = (y - mean) / std
    return (z, float(mean), float(std)) if y.ndim == 1 else (z, mean, std)


@right("standardize", "np.std")
def by_std(y):
    scaling.standardize(y)
    y = np.asarray(y, f64)
    same = np.ptp(y, axis=0) == 0
    mean, std = np.where(same, y[0], np.mean(y, axis=0)), np.where(same, 1.0, np.std(y, axis=0))
    return (y - mean) / std, mean, std


STANDARDIZE = Hidden("standardize", reference=scaling.standardize, checks=(
    *usual_checks(TARGETS, tolerance=PATH),
    corner("offset", "keeps six digits next to an offset of 1e6", draw_offset, tolerance=Tolerance(0.0, 1e-6)),
    law("equiv", "does not depend on the unit of y", equiv_inputs, equiv_law),
), misconceptions=(
    wrong("divides by n-1 (ddof=1)", lambda y: standardized(y, spread=lambda c: np.sqrt(np.sum(c * c, axis=0) / max(len(c) - 1, 1))),
        hint="Compute the mean of z^2."),
    wrong("divides by the variance", lambda y: standardized(y, spread=lambda c: np.mean(c * c, axis=0)),
        hint="What are the units of z?"),
    wrong("uses one mean and deviation for all columns", lambda y: standardized(y, moments=np.mean),
        hint="Each target column has its own unit."),
    wrong("takes a small spread as constant, whatever the scale", lambda y: standardized(y, constant=lambda y: y.std(axis=0) < 1e-8),
        hint="Express the targets in a unit that makes them 1e-12."),
    wrong("adds epsilon to the standard deviation", lambda y: standardized(y, spread=lambda c: np.sqrt(np.mean(c * c, axis=0)) + 1e-8),
        hint="Same data in smaller units: is the result the same?"),
    wrong("adds epsilon to the variance",
        lambda y: standardized(y, spread=lambda c: np.sqrt(np.mean(c * c, axis=0) + 1e-5)),
        hint="Same data in smaller units: is the result the same?"),
    wrong("divides by the range",
        lambda y: standardized(y, spread=lambda c: np.ptp(c, axis=0)),
        hint="Compute the mean of z^2."),
    wrong("finds constants by std == 0, which rounding defeats", by_zero_std, hint="Compute the mean of [0.1, 0.1, 0.1] in floating point."),
    wrong("returns NaN for a constant column", lambda y: standardized(y, unit=0.0), hint="What is zero divided by zero in floating point?"),
))


# --- E06.2 unstandardize_linear ---
def draw_model(g, d):
    return (
        g.normal(size=d), float(g.normal()), g.normal(size=d), np.exp(g.normal(size=d)), float(g.normal()),
        float(np.exp(g.normal())),
    )  # fmt: skip


def raw(
    w, b, x_mean, x_std, y_mean, y_std, *, slope=lambda w, xs, ys: ys * w / xs,
    intercept=lambda w, wr, b, xm, ym, ys: ym + ys * b - wr @ xm,
):  # fmt: skip
    """The right inversion with one link to replace."""
    scaling.unstandardize_linear(w, b, x_mean, x_std, y_mean, y_std)
    w, x_mean, x_std = (np.asarray(a, f64) for a in (w, x_mean, x_std))
    w_raw = slope(w, x_std, y_std)
    return w_raw, float(intercept(w, w_raw, b, x_mean, y_mean, y_std))


@right("unstandardize_linear", "via two predictions")
def by_predictions(w, b, x_mean, x_std, y_mean, y_std):
    scaling.unstandardize_linear(w, b, x_mean, x_std, y_mean, y_std)
    w, x_mean, x_std = (np.asarray(a, f64) for a in (w, x_mean, x_std))

    def predict(x):
        return y_mean + y_std * ((x - x_mean) / x_std @ w + b)

    origin = predict(np.zeros(w.size))
    return predict(np.eye(w.size)) - origin, origin


RAW = Hidden("unstandardize_linear", reference=scaling.unstandardize_linear, checks=(
    *usual_checks(strata(draw_model, (3,), (2,), (5,), (1,)), tolerance=Tolerance(1e-9, 1e-11)),
), misconceptions=(
    wrong("multiplies by x_std instead of dividing", lambda *a: raw(*a, slope=lambda w, xs, ys: ys * w * xs),
        hint="In which unit is w_raw: the unit of y per unit of x, or their product?"),
    wrong("forgets y_std in the slope", lambda *a: raw(*a, slope=lambda w, xs, ys: w / xs), hint="Which unit should a slope have, by the units of y and x?"),
    wrong("ignores x_mean in the intercept", lambda *a: raw(*a, intercept=lambda w, wr, b, xm, ym, ys: ym + ys * b),
        hint="Predict at x = x_mean: what must come out?"),
    wrong("takes the standardised weights in the intercept",
        lambda *a: raw(*a, intercept=lambda w, wr, b, xm, ym, ys: ym + ys * b - w @ xm),
        hint="Insert z_x and multiply out."),
    wrong("forgets to rescale b", lambda *a: raw(*a, intercept=lambda w, wr, b, xm, ym, ys: ym + b - wr @ xm),
        hint="b is in standardised units."),
))


# --- E06.3 gd_linear ---
def draw_problem(g, n=20, d=3):
    X = g.normal(size=(n, d))
    return X, g.normal(size=n), n / np.linalg.norm(X, 2) ** 2


def draw_path(g, n, d, steps, started, low, high):
    X, y, limit = draw_problem(g, n, d)
    scale = 10 ** g.uniform(low, high)
    return X, scale * y, float(g.uniform(0.3, 0.9) * limit), steps, scale * g.normal(size=d) if started else None


PATHS = strata(draw_path, (20, 3, 30, False, 2, 4), (29, 2, 12, True, 2, 4), (11, 4, 49, True, -4, -2),
    (8, 1, 3, False, -1, 1), (3, 3, 1, False, 4, 8), (15, 2, 0, True, -1, 1))


def descent_inputs(rng):
    X, y, limit = draw_problem(rng("descent"))
    start = np.linalg.svd(X)[2][0]  # the direction that explodes first
    return [(X, y, float(f * limit), 400, start) for f in (0.5, 0.97, 1.05)]


def descent_law(args, got, want):
    X, y, *_ = args[0]
    if any(path.shape != (401, X.shape[1]) for path in got):
        return Broken(f"does not return shape (401, {X.shape[1]})")
    below, near, above = (np.mean((path @ X.T - y) ** 2, axis=1) for path in got)
    for loss in (below, near):
        if np.any(np.diff(loss) > 1e-12 * loss[:-1]):
            return Broken("the loss rises somewhere at a stable rate")
    return None if above[-1] > 1e6 * above[0] else Broken("stays bounded at 1.05 times the largest stable rate")


def descend(
    X, y, lr, steps, w0=None, *, factor=lambda n: 2.0 / n, change=lambda g: g, start=np.zeros, given=np.asarray
):  # fmt: skip
    """The right descent with one link to replace."""
    require(lr > 0 and steps >= 0, "lr and steps")
    X, y = np.asarray(X, f64), np.asarray(y, f64)
    w = start(X.shape[1]) if w0 is None else given(w0, f64)
    scaling.mse_grad_linear(X, y, w)
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - lr * factor(y.size) * change(X.T @ (X @ path[-1] - y)))
    return np.array(path)


def normalised(g):
    return g / max(np.linalg.norm(g), 1e-300)


def near_zero(d):
    return 1e-3 * np.random.default_rng(0).normal(size=d)


@wrong("gd_linear", "changes the caller's w0", hint="Look at w0 after the call.")
def moves_start(X, y, lr, steps, w0=None):
    scaling.gd_linear(X, y, lr, 0, w0)
    X, y = np.asarray(X, f64), np.asarray(y, f64)
    w = np.zeros(X.shape[1]) if w0 is None else np.asarray(w0, f64)
    path = [w.copy()]
    for _ in range(steps):
        w -= lr * scaling.mse_grad_linear(X, y, w)
        path.append(w.copy())
    return np.array(path)


@right("gd_linear", "precomputed Gram matrix")
def by_gram(X, y, lr, steps, w0=None):
    scaling.gd_linear(X, y, lr, min(steps, 0), w0)
    X, y = np.asarray(X, f64), np.asarray(y, f64)
    w = np.zeros(X.shape[1]) if w0 is None else np.array(w0, f64)
    A, c = 2 * X.T @ X / y.size, 2 * X.T @ y / y.size
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - lr * (A @ path[-1] - c))
    return np.array(path)


DESCENT = Hidden("gd_linear", reference=scaling.gd_linear, checks=(
    *usual_checks(PATHS, "rand", "mut", "list", "strided", tolerance=PATH),
    law("descent", "descends below the largest stable rate and explodes above it", descent_inputs, descent_law),
), misconceptions=(
    wrong("loses the factor 2", lambda *a: descend(*a, factor=lambda n: 1.0 / n),
        hint="Differentiate the loss as written."),
    wrong("forgets 1/n", lambda *a: descend(*a, factor=lambda n: 2.0), hint="Duplicate all rows: should the gradient of a mean change?"),
    wrong("normalises the gradient", lambda *a: descend(*a, change=normalised),
        hint="Scale y by 10: does your path scale by 10?"),
    wrong("clips the gradient at 1", lambda *a: descend(*a, change=lambda g: np.clip(g, -1, 1)),
        hint="Scale y by 1e6 and compare the paths."),
    wrong("ignores w0", lambda X, y, lr, steps, w0=None: descend(X, y, lr, steps), hint="What is row 0 of the path if w0 is given?"),
    wrong("starts at random", lambda *a: descend(*a, start=near_zero),
        hint="Without w0 the start is specified."),
))


# --- E06.4 max_stable_lr ---
def draw_design(g, n, d, low, high):
    return (10 ** g.uniform(low, high) * g.normal(size=(n, d)),)


DESIGNS = strata(draw_design, (30, 3, -1, 1), (7, 5, -12, -4), (40, 2, 4, 12), (3, 6, -1, 1), (9, 1, -12, 12))


def draw_long_design(g):
    return (g.normal(size=(100_000, 3)),)


SINGLE_ENTRY = Example(
    name="single", title="accepts a single sample with one input", group="robustness",
    cases=((([[2.0]],), 0.25),),
)  # fmt: skip


def limit_by(size, factor=lambda n: float(n)):
    """n over the square of some size of X."""

    def rate(X):
        X = np.asarray(X, f64)
        require(X.ndim == 2 and X.size > 0, "X")
        s = size(X)
        return factor(len(X)) / s / s if s > 0 else np.inf

    return rate


def largest(X):
    return np.linalg.svd(X, compute_uv=False)[0]


def gram_size(X):
    A = X.T @ X if X.shape[0] >= X.shape[1] else X @ X.T
    return np.sqrt(np.linalg.eigvalsh(A)[-1])


LIMIT = Hidden("max_stable_lr", reference=scaling.max_stable_lr, checks=(
    *usual_checks(DESIGNS, tolerance=RATE),
    SINGLE_ENTRY,
    fast_enough(draw_long_design, "100,000 samples", tolerance=RATE),
), misconceptions=(
    wrong("gives 1/lambda_max instead of 2/lambda_max", limit_by(largest, lambda n: 0.5 * n),
        hint="|1-lr*lambda|<1: solve for lr."),
    wrong("loses the factor 2 of the Hessian", limit_by(largest, lambda n: 2.0 * n), hint="What is the second derivative of (1/n) * sum of r^2?"),
    wrong("forgets 1/n", limit_by(largest, lambda n: 1.0), hint="Duplicate all rows: does the limit change?"),
    wrong("takes the trace instead of the largest eigenvalue", limit_by(lambda X: np.sqrt((X**2).sum())),
        hint="That is a safe bound, not the limit."),
    wrong("takes the smallest singular value", limit_by(lambda X: np.linalg.svd(X, compute_uv=False)[-1]),
        hint="Which direction explodes first?"),
    wrong("builds the n x n Gram matrix", limit_by(lambda X: np.sqrt(np.linalg.eigvalsh(X @ X.T)[-1])),
        hint="X X^T has n^2 entries."),
), alternatives=(
    right("eigvalsh of the Gram matrix", limit_by(gram_size)),
    right("matrix 2-norm", limit_by(lambda X: np.linalg.norm(X, 2))),
))


# --- E06.5 gd_closed_form ---
def draw_closed(g, n, d, t, low, high, least=0.2, most=0.48):
    X, y, limit = draw_problem(g, n, d)
    return X, 10 ** g.uniform(low, high) * y, float(g.uniform(least, most) * limit), t


def draw_overshooting(g):
    return draw_closed(g, 12, 3, 5, -1, 1, 0.6, 0.95)


STEPS = strata(draw_closed, (20, 3, 4, -1, 1), (29, 2, 3, -12, -4), (11, 4, 7, 4, 12), (8, 1, 2, -1, 1), (25, 3, 40, -1, 1),
    (15, 2, 0, -1, 1))


def draw_rank_one(g):
    a, y = g.normal(size=(2, 5))
    X = np.outer(a, [1.0, 2.0])
    return X, y, float(0.4 * len(a) / (5 * a @ a)), int(g.integers(1, 40))


RANK_ZERO = Example(
    name="zero", title="stays where it is for X = 0", group="robustness",
    cases=((([[0.0, 0.0]], [1.0], 0.1, 5), np.array([0.0, 0.0])),),
)  # fmt: skip

UNITS = (1e-9, 1e9)


def extreme_inputs(rng):
    X, y, limit = draw_problem(rng("extreme"))
    g = rng("extreme 2")
    flat, z = np.outer(g.normal(size=12), [1.0, 2.0]), g.normal(size=12)
    rate = 0.4 * 12 / np.linalg.norm(flat, 2) ** 2
    return [
        (X, y, 1e-12, 10),
        (X, y, float(0.5 * limit), 10**12),
        *((unit * flat, z, float(rate / unit**2), 10**12) for unit in UNITS),
    ]


def extreme_law(args, got, want):
    X, y, lr, t = args[0]
    if mismatch(got[0], t * lr * 2 / len(y) * X.T @ y, WEIGHTS):
        return Broken("loses digits for a tiny learning rate")
    for at, ((X, y, *_), w) in enumerate(zip(args[1:], got[1:], strict=True), 1):
        # of all least-squares solutions descent from zero reaches the one of smallest norm, as lstsq does
        if mismatch(w, np.linalg.lstsq(X, y, rcond=None)[0], Tolerance(1e-6, mode="max")):
            rank = np.linalg.matrix_rank(X)
            return Broken(f"is not the least-squares solution of smallest norm after 1e12 steps, for X of rank {rank}", at)
    return None


def slow_progress(x, t):
    return -np.expm1(t * np.log1p(-x))


def closed(X, y, lr, t, *, small=lambda x: x < 0.5, slow=slow_progress, factor=2.0, later=0, zero=True):
    """The right closed form with one link to replace."""
    X, y = np.asarray(X, f64), np.asarray(y, f64)
    require(lr > 0 and t >= 0 and X.ndim == 2 and len(X) >= 1 and y.shape == (len(X),), "arguments")
    n, t = y.size, float(t + later)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    lam, g = factor / n * s * s, 2.0 / n * s * (U.T @ y)
    tiny = s <= 1e-13 * s[0]
    lam = np.where(tiny, 0.0, lam)
    x = lr * lam
    near = small(x)
    done = np.where(near, slow(np.where(near, x, 0.0), t), 1 - (1 - np.where(near, 1.0, x)) ** t)
    share = np.where(tiny, 0.0, g / np.where(tiny, 1.0, lam)) if zero else g / lam
    return Vt.T @ (done * share)


@wrong("gd_closed_form", "iterates instead of the closed form", hint="How long would 1e12 steps take?")
def literal(X, y, lr, t):
    X, y = np.asarray(X, f64), np.asarray(y, f64)
    require(lr > 0 and t >= 0 and X.ndim == 2 and len(X) >= 1 and y.shape == (len(X),), "arguments")
    w = np.zeros(X.shape[1])
    for _ in range(t):
        w = w - lr * 2 / y.size * (X.T @ (X @ w - y))
    return w


@right("gd_closed_form", "eigh and repeated squaring")
def by_squaring(X, y, lr, t):
    """Sum of the first t powers of 1 - lr * eigenvalue, the number of terms doubled as in repeated squaring."""
    X, y = np.asarray(X, f64), np.asarray(y, f64)
    require(lr > 0 and t >= 0 and X.ndim == 2 and len(X) >= 1 and y.shape == (len(X),), "arguments")
    lam, V = np.linalg.eigh(2 / y.size * X.T @ X)
    g = V.T @ (2 / y.size * X.T @ y)
    g = np.where(lam <= 1e-13 * lam[-1], 0.0, g)  # no gradient where there is no curvature
    total, power = np.zeros_like(lam), np.ones_like(lam)
    for bit in bin(t)[2:]:
        total, power = total + power * total, power * power
        if bit == "1":
            total, power = total + power, power * (1 - lr * lam)
    return V @ (lr * total * g)


def problem(X, y, lr, t):
    """Validated data, Hessian and gradient at zero."""
    X, y = np.asarray(X, f64), np.asarray(y, f64)
    require(lr > 0 and t >= 0 and X.ndim == 2 and len(X) >= 1 and y.shape == (len(X),), "arguments")
    return X, y, 2 / y.size * X.T @ X, 2 / y.size * X.T @ y


@borderline("gd_closed_form", "matrix power of I - lr H, with the pseudoinverse of H")
def by_matrix_power(X, y, lr, t):
    X, y, H, g = problem(X, y, lr, t)
    left = np.linalg.matrix_power(np.eye(len(H)) - lr * H, t)
    return (np.eye(len(H)) - left) @ np.linalg.pinv(H) @ g


@borderline("gd_closed_form", "eigenvectors of the Hessian, 1 - (1 - x)**t as it is")
def by_eigenvectors(X, y, lr, t):
    X, y, H, g = problem(X, y, lr, t)
    lam, V = np.linalg.eigh(H)
    tiny = lam <= 1e-12 * lam[-1]
    return V @ (np.where(tiny, 0.0, (1 - (1 - lr * lam) ** t) / np.where(tiny, 1.0, lam)) * (V.T @ g))


@borderline("gd_closed_form", "singular values, 1 - (1 - x)**t as it is")
def by_singular_values(X, y, lr, t):
    return closed(X, y, lr, t, small=lambda x: x < -1)


@borderline("gd_closed_form", "data in single precision")
def data_in_single(X, y, lr, t):
    X, y, _, _ = problem(X, y, lr, t)
    return closed(X.astype(np.float32), y.astype(np.float32), lr, t)


CLOSED = Hidden("gd_closed_form", reference=scaling.gd_closed_form, checks=(
    *usual_checks(STEPS, "rand", "mut", "list", "strided", tolerance=WEIGHTS),
    RANK_ZERO,
    corner("overshoot", "is right for rates that overshoot", draw_overshooting, draws=3, tolerance=WEIGHTS),
    corner("rank", "is right for X of rank 1", draw_rank_one, draws=3, tolerance=WEIGHTS),
    # alone and not compared: who iterates a trillion times loses this check only
    Property(name="extreme", title="is right for tiny rates and for 1e12 steps", group="robustness",
        inputs=extreme_inputs, law=extreme_law, limits=Limits()),
), misconceptions=(
    wrong("takes the exponential of continuous time", lambda *a: closed(*a, small=lambda x: x < 2, slow=lambda x, t: -np.expm1(-t * x)),
        hint="Compare with one explicit step: gradient flow is not gradient descent."),
    wrong("loses 1 - (1-x)^t to cancellation", lambda *a: closed(*a, small=lambda x: x < -1),
        hint="Which digits of 1-(1-1e-12)^10 are right? Look up expm1 and log1p."),
    wrong("takes the least-squares solution, whatever t",
        lambda X, y, lr, t: np.linalg.lstsq(np.asarray(X, f64), np.asarray(y, f64), rcond=None)[0] + 0 * closed(X, y, lr, t),
        hint="Where is the path after no step, and after one?"),
    wrong("counts one step too many", lambda *a: closed(*a, later=1), hint="Which weights do you get for t = 0?"),
    wrong("inverts a singular Hessian", lambda *a: closed(*a, zero=False),
        hint="What does GD do in a direction in which the gradient is zero?"),
    wrong("loses the factor 2 of the Hessian", lambda *a: closed(*a, factor=1.0), hint="Check t=1 against one gradient step."),
))
