"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import numpy as np
from scipy import optimize, special, stats

from autograder.checks import (
    Broken, Contract, Example, Hidden, Probe, Tolerance, borderline, corner, fast_enough, law, mismatch, right, strata,
    usual_checks, wrong,
)
from exercises.influence_functions.checks import as_good, balanced
from reference import robust
from reference._arrays import require

f64 = np.float64
PRODUCTS = Tolerance(1e-12)  # two products


# --- E08.1 huber_loss ---
def draw_loss(g, shape, low, high):
    return g.standard_t(1.5, size=shape), float(g.uniform(low, high))


LOSSES = strata(draw_loss, ((3, 7), 1.4, 3.0), ((20,), 0.2, 0.8), ((4, 5), 0.2, 0.8), ((1,), 0.3, 3.0))


def draw_huge(g):
    return 1e200 * g.uniform(0.3, 1.0, size=2) * [1, -1], float(g.uniform(1, 3))


def draw_many(g):
    return g.standard_t(1.5, size=100_000), 1.3


def residuals(residual, delta):
    """Validated float64 residuals."""
    robust.huber_loss(residual, delta)
    return np.asarray(residual, f64)


@wrong("huber_loss", "forgets the constant that joins both branches", hint="Do the two branches meet at |r|=delta?")
def not_continuous(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, 0.5 * r * r, delta * np.abs(r))


@wrong("huber_loss", "forgets 1/2 in the quadratic core", hint="Which slope have the two branches where they meet?")
def no_half(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, r * r, delta * (np.abs(r) - 0.5 * delta))


@wrong("huber_loss", "forgets to scale the linear branch by delta", hint="Test delta = 2: do the two branches still meet?")
def line_unscaled(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, 0.5 * r * r, np.abs(r) - 0.5)


@wrong("huber_loss", "forgets the absolute value in the linear branch", hint="A loss cannot be negative.")
def line_signed(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, 0.5 * r * r, delta * (r - 0.5 * delta))


@wrong("huber_loss", "returns the pseudo-Huber loss", hint="That is the pseudo-Huber loss: is your result exactly r**2 / 2 for small r?")
def pseudo_huber(residual, delta):
    r = residuals(residual, delta)
    return delta**2 * (np.sqrt(1 + (r / delta) ** 2) - 1)


@wrong("huber_loss", "divides by delta (smooth L1)", hint="What is the slope of your loss far out: delta, or 1?")
def smooth_l1(residual, delta):
    return robust.huber_loss(residual, delta) / delta


@wrong("huber_loss", "averages over the residuals", hint="How many numbers does the statement ask for?")
def averaged(residual, delta):
    return float(np.mean(robust.huber_loss(residual, delta)))


@wrong("huber_loss", "returns twice the loss", hint="The squared core carries a factor 1/2.")
def twice(residual, delta):
    return 2 * robust.huber_loss(residual, delta)


@right("huber_loss", "both branches computed")
def both_branches(residual, delta):
    r = residuals(residual, delta)
    with np.errstate(over="ignore"):
        return np.where(np.abs(r) <= delta, 0.5 * r * r, delta * (np.abs(r) - 0.5 * delta))


@right("huber_loss", "masked assignment")
def masked(residual, delta):
    r = np.array(residuals(residual, delta), ndmin=1)
    out, far = np.empty(r.shape), np.abs(r) > delta
    out[~far] = 0.5 * r[~far] ** 2
    out[far] = delta * (np.abs(r[far]) - 0.5 * delta)
    return out.reshape(np.shape(residual))


@right("huber_loss", "scipy")
def by_scipy(residual, delta):
    r = residuals(residual, delta)
    return special.huber(delta, r)


HUBER_LOSS = Hidden("huber_loss", reference=robust.huber_loss, checks=(
    *usual_checks(LOSSES, tolerance=PRODUCTS),
    corner("huge", "is finite for residuals of 1e200", draw_huge, tolerance=PRODUCTS),
    fast_enough(draw_many, "100,000 residuals", tolerance=PRODUCTS),
))


# --- E08.2 influence ---
def draw_influence(g, loss, low, high):
    return 2 * g.standard_t(1.2, size=20), loss, float(g.uniform(low, high))


INFLUENCES = strata(draw_influence, ("huber", 1.3, 2.5), ("mse", 0.2, 3), ("mae", 0.2, 3), ("huber", 0.2, 0.8))


def bounds_inputs(rng):
    r = rng("bounds").normal(scale=4.0, size=12)
    far = np.array([1e12, -1e12])
    return [
        (far, "huber", 1.7), (r, "huber", 1.7), (-r, "huber", 1.7), (r, "mse"), (r, "mse", -5.0), (r, "mae"), (r, "mae", 0.0),
    ]  # fmt: skip


def bounds_law(args, got, want):
    far, psi, mirrored, mse, mse_delta, mae, mae_delta = got
    if np.any(np.abs(far) > 1.7) or mismatch(psi, -mirrored, Tolerance(1e-12, 1e-12)):
        return Broken("psi of the Huber loss is not odd, or exceeds delta")
    if mismatch(mse, mse_delta, PRODUCTS) or mismatch(mae, mae_delta, PRODUCTS):
        return Broken("delta is not ignored for mse and mae")
    if mismatch(mse, np.asarray(args[3][0]), PRODUCTS) or mismatch(mae, np.sign(args[5][0]), PRODUCTS):
        return Broken("psi of mse or mae is wrong")
    return None


def fresh_inputs(rng):
    r = rng("fresh").normal(size=6)
    return [(r, "mse"), (r, "mae"), (r, "huber", 100.0)]


def fresh_law(observations):
    return Broken("shares memory with its argument") if any(o.facts.shares_memory for o in observations) else None


def psi(residual, loss, delta=1.0, mse=lambda r: r + 0.0, mae=np.sign, huber=lambda r, d: np.clip(r, -d, d)):
    """The right influence function with one branch to replace."""
    r = np.asarray(residual, f64)
    if loss == "mse":
        return mse(r)
    if loss == "mae":
        return mae(r)
    require(loss == "huber" and delta > 0, "loss or delta")
    return huber(r, delta)


@right("influence", "piecewise with sign")
def by_sign(residual, loss, delta=1.0):
    r = np.asarray(residual, f64)
    require(loss in ("mse", "mae", "huber") and (loss != "huber" or delta > 0), "loss or delta")
    if loss == "mse":
        return r.copy()
    return np.sign(r) if loss == "mae" else np.where(np.abs(r) <= delta, r, delta * np.sign(r))


INFLUENCE = Hidden("influence", reference=robust.influence, checks=(
    *usual_checks(INFLUENCES, tolerance=PRODUCTS),
    Example(name="default", title="has delta 1 unless told otherwise", group="robustness",
        cases=((([-3.0, 0.5], "huber"), np.array([-1.0, 0.5])),)),
    law("bounds", "is odd and bounded by delta; delta is ignored for mse and mae", bounds_inputs, bounds_law),
    Contract(name="fresh", title="does not share memory with its argument", inputs=fresh_inputs, law=fresh_law),
), misconceptions=(
    wrong("returns the weight instead of the influence",
        lambda *a: psi(*a, huber=lambda r, d: np.minimum(1.0, d / np.maximum(np.abs(r), 1e-300))),
        hint="The IRLS weight is psi(r)/r."),
    wrong("takes weights instead of influence for all three losses", lambda *a: psi(*a, mse=np.ones_like,
            mae=lambda r: 1 / np.where(r == 0, 1.0, np.abs(r)), huber=lambda r, d: np.minimum(1.0, d / np.maximum(np.abs(r), 1e-300))),
        hint="The IRLS weight is psi(r)/r."),
    wrong("levels off at 1 whatever delta",
        lambda *a: psi(*a, huber=lambda r, d: np.where(np.abs(r) <= d, r, np.sign(r))),
        hint="Is psi continuous at delta?"),
    wrong("falls back to 0 for large residuals", lambda *a: psi(*a, huber=lambda r, d: np.where(np.abs(r) <= d, r, 0.0)),
        hint="Beyond delta the loss still grows linearly."),
    wrong("keeps a factor 2 for mse", lambda *a: psi(*a, mse=lambda r: 2 * r), hint="What prefactor does the squared loss of this exercise have?"),
    wrong("returns 1 for mae at 0", lambda *a: psi(*a, mae=lambda r: np.where(r >= 0, 1.0, -1.0)), hint="What should psi be at 0, if psi(-r) = -psi(r)?"),
    wrong("reverses the sign", lambda *a: -psi(*a),
        hint="psi is the derivative with respect to r."),
    wrong("returns the caller's own array", lambda *a: psi(*a, mse=lambda r: r),
        hint="If the caller changes the result, may the data change?"),
))


# --- E08.3 huber_location ---
def draw_location(g, n, low, high, least, most):
    scale = 10 ** g.uniform(low, high)
    return scale * (g.standard_t(1.5, size=n) + 3.0), float(scale * g.uniform(least, most))


def draw_clusters(g):
    """Few observations in the middle of many that pull: reweighting comes slowly from the median to the answer."""
    y = np.repeat([-1.2, 0.4, 0.9, 2.0], [11, 1, 1, 10])
    return y + 0.02 * g.normal(size=23), 1.0


LOCATIONS = strata(lambda g, *kind: draw_location(g, *kind) if kind else draw_clusters(g), (), (61, -1, 1, 0.15, 0.2), (81, -2, 0, 0.15, 0.2), (23, 4, 6, 0.3, 0.5), (40, -1, 1, 1, 3),
    (12, 4, 6, 0.5, 3), (1, -2, 6, 0.1, 3))
SHARP = strata(draw_location, (31, -12, -11, 0.3, 0.5), (45, 4, 6, 0.3, 0.5), (24, -12, -11, 0.3, 0.5))


def draw_large(g):
    return g.standard_t(1.5, size=50_000) + 3.0, 1.2


def limits_inputs(rng):
    y = np.random.default_rng(8).standard_t(2.0, size=31) + 1.0
    return [(y, 1e9), (y, 1e-7)]


def limits_law(args, got, want):
    y = args[0][0]
    if abs(got[0] - y.mean()) > 1e-4:
        return Broken("does not approach the mean for a large delta")
    return Broken("does not approach the median for a small delta") if abs(got[1] - np.median(y)) > 1e-4 else None


def equivariance_inputs(rng):
    y = np.random.default_rng(9).normal(size=15)
    return [(y, 1.3), (-3.0 * y + 7.0, 3.9)]


def equivariance_law(args, got, want):
    off = abs(got[1] - (-3.0 * got[0] + 7.0)) > 1e-4
    return Broken("does not move and scale with the data: m(a y + c; |a| delta) = a m(y; delta) + c") if off else None


def sample(y_true, delta):
    """Validated float64 sample."""
    y = np.asarray(y_true, f64)
    require(y.ndim == 1 and y.size > 0 and delta > 0, "arguments")
    return y


def bisect(y, delta, low, high):
    for _ in range(200):
        m = (low + high) / 2
        if np.clip(y - m, -delta, delta).sum() > 0:
            low = m
        else:
            high = m
    return float((low + high) / 2)


@wrong("huber_location", "winsorises once around the median", hint="Evaluate the sum of psi at your answer.")
def one_step(y_true, delta):
    y = sample(y_true, delta)
    m = np.median(y)
    return float(m + np.clip(y - m, -delta, delta).mean())


@wrong("huber_location", "trims what is far from the median", hint="Does a residual beyond delta still pull, or is it dropped?")
def trimmed(y_true, delta):
    y = sample(y_true, delta)
    m = np.median(y)
    near = np.abs(y - m) <= delta
    return float(y[near].mean()) if near.any() else float(m)


@wrong("huber_location", "multiplies delta by the median absolute deviation", hint="delta is given in units of y.")
def scaled_by_mad(y_true, delta):
    y = sample(y_true, delta)
    return robust.huber_location(y, delta * (np.median(np.abs(y - np.median(y))) / 0.6745 + 1e-300))


@wrong("huber_location", "stops after ten reweightings", hint="Stop on the optimality condition, not on a count.")
def ten_steps(y_true, delta):
    y = sample(y_true, delta)
    m = np.median(y)
    for _ in range(10):
        w = 1 / np.maximum(np.abs(y - m) / delta, 1)
        m = (w @ y) / w.sum()
    return float(m)


@wrong("huber_location", "searches within three standard deviations of the mean", hint="With heavy tails the mean may be far from the bulk.")
def narrow_bracket(y_true, delta):
    y = sample(y_true, delta)
    return bisect(y, delta, y.mean() - 0.1 * y.std(), y.mean() + 0.1 * y.std())


@right("huber_location", "IRLS to convergence")
def irls(y_true, delta):
    y = sample(y_true, delta)
    m = np.median(y)
    for _ in range(20_000):
        w = 1 / np.maximum(np.abs(y - m) / delta, 1)
        new = (w @ y) / w.sum()
        if abs(new - m) <= 1e-15 * np.max(np.abs(y)):
            return float(new)
        m = new
    return float(m)


@right("huber_location", "brentq")
def by_brentq(y_true, delta):
    y = sample(y_true, delta)

    def pull(m):
        return float(np.clip(y - m, -delta, delta).sum())

    low, high = float(y.min()), float(y.max())
    if low == high or pull(low) == 0:
        return low
    return high if pull(high) == 0 else float(optimize.brentq(pull, low, high, xtol=1e-300, rtol=1e-15, maxiter=1000))


def reweighted(stop):
    """Iteratively reweighted means until the relative change falls below ``stop``."""

    def location(y_true, delta):
        y = sample(y_true, delta)
        m = float(np.median(y))
        for _ in range(2000):
            w = delta / np.maximum(np.abs(y - m), delta)
            m, before = float((w @ y) / w.sum()), m
            if abs(m - before) <= stop * abs(m):
                break
        return m

    return location


LOCATION = Hidden("huber_location", reference=robust.huber_location, borderlines=tuple(
    borderline(f"reweighting that stops at 1e-{digits}", reweighted(10.0**-digits)) for digits in (6, 8, 10)
), checks=(
    *usual_checks(LOCATIONS, tolerance=Tolerance(1e-6, 1e-300), also_right=as_good),
    corner("digits", "is right to the last digits, also for data of 1e-12", SHARP, tolerance=Tolerance(1e-9, 1e-300), also_right=balanced),
    law("limits", "approaches the mean and the median", limits_inputs, limits_law),
    law("equivariance", "moves and scales with the data", equivariance_inputs, equivariance_law),
    fast_enough(draw_large, "50,000 samples", tolerance=Tolerance(1e-6), also_right=as_good),
), misconceptions=(
    wrong("returns the mean", lambda y, delta: float(sample(y, delta).mean()), hint="Move the largest value to infinity."),
    wrong("trims a tenth on each side",
        lambda y, delta: float(stats.trim_mean(sample(y, delta), 0.1)), hint="Clipped is not dropped; and where is delta?"),
))


# --- E08.4 sensitivity_curve ---
def draw_curve(g, name, n):
    return g.normal(size=n), 10 * g.normal(size=5), Probe(name)


CURVES = strata(draw_curve, ("mean", 9), ("median", 12), ("largest", 5), ("median", 21), ("mean", 1))


def draw_sorting(g):
    """Observations that are not in order, for an estimator that puts them there."""
    y = g.normal(size=9)
    return np.append(y[::2].max() + 1, y), 10 * g.normal(size=4), Probe("sorting_median")


def calls_inputs(rng):
    return [(rng("calls").normal(size=7), np.array([1.0, -2.0, 30.0]), Probe("mean"))]


def calls_law(observations):
    sizes = sorted(shape for call in observations[0].facts.probe_calls for shape in call)
    if sizes != [(7,), (8,), (8,), (8,)]:
        return Broken("does not call the estimator once with n entries and once with n + 1 for each x")
    return None


def caller_law(observations):
    return Broken("changes y_true") if observations[0].facts.changed else None


def curve(y_true, xs, estimator, factor=lambda n: n + 1, sample=np.append, sign=1.0):
    """The right curve with one piece to replace."""
    y, xs = np.asarray(y_true, f64), np.asarray(xs, f64)
    require(y.size > 0, "y is empty")
    base = float(estimator(y.copy()))
    return np.array([sign * factor(y.size) * (float(estimator(sample(y, x))) - base) for x in xs], f64)


@wrong("sensitivity_curve", "keeps the points added before", hint="Each x is a separate experiment.")
def accumulating(y_true, xs, estimator):
    y, xs = np.asarray(y_true, f64), np.asarray(xs, f64)
    require(y.size > 0, "y is empty")
    base, grown, out = float(estimator(y.copy())), list(y), []
    for x in xs:
        grown.append(x)
        out.append((y.size + 1) * (float(estimator(np.array(grown))) - base))
    return np.array(out, f64)


@right("sensitivity_curve", "buffer")
def with_buffer(y_true, xs, estimator):
    y, xs = np.asarray(y_true, f64), np.asarray(xs, f64)
    require(y.size > 0, "y is empty")
    base, out = float(estimator(y.copy())), np.empty(xs.size)
    for j, x in enumerate(xs):
        buffer = np.empty(y.size + 1)
        buffer[:-1], buffer[-1] = y, x
        out[j] = (y.size + 1) * (float(estimator(buffer)) - base)
    return out


def callers_array(y_true, xs, estimator):
    y, xs = np.asarray(y_true, f64), np.asarray(xs, f64)
    require(y.size > 0, "y is empty")
    base = float(estimator(y))
    return np.array([(y.size + 1) * (float(estimator(np.append(y, x))) - base) for x in xs], f64)


CURVE = Hidden("sensitivity_curve", reference=robust.sensitivity_curve, checks=(
    *usual_checks(CURVES, "rand", tolerance=Tolerance(1e-9, 1e-9)),
    *usual_checks(CURVES, "mut"),
    Contract(name="caller", title="leaves y_true unchanged, whatever the estimator does",
        inputs=lambda rng: [draw_sorting(rng("caller"))], law=caller_law),
    corner("sorting", "is right for an estimator that sorts in place", draw_sorting, draws=2,
        tolerance=Tolerance(1e-9, 1e-9)),
    Contract(name="calls", title="calls the estimator m + 1 times, with n and n + 1 entries", group="scaling",
        inputs=calls_inputs, law=calls_law),
), misconceptions=(
    wrong("hands the caller's own array to the estimator", callers_array,
        hint="Look at y_true after the call, with an estimator that sorts."),
    wrong("multiplies by n instead of n+1", lambda *a: curve(*a, factor=lambda n: n), hint="For the mean the curve must be x - mean(y): is it?"),
    wrong("forgets the factor n+1", lambda *a: curve(*a, factor=lambda n: 1),
        hint="How does an effect of size 1/(n+1) become comparable?"),
    wrong("replaces the last point instead of adding one", lambda *a: curve(*a, sample=lambda y, x: np.append(y[:-1], x)),
        hint="How many points has the contaminated sample?"),
    wrong("reverses the difference", lambda *a: curve(*a, sign=-1.0), hint="A large x pulls the mean up: which sign has the curve there?"),
))
