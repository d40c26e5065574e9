"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import numpy as np
from scipy import optimize, special

from autograder.checks import (
    Alternative,
    Contract,
    Example,
    Misconception,
    Probe,
    Secret,
    Tolerance,
    err,
    law,
    matches,
    mismatch,
    perf,
    standard,
)
from autograder.symbolic import MisconceptionForm, Question, Symbol
from exercises.influence_functions.checks import balanced
from reference import robust
from reference._arrays import require

f64 = np.float64
PRODUCTS = Tolerance(1e-12)  # two products


# --- E08.1 huber_loss ---


def draw_loss(g):
    return g.standard_t(1.5, size=(3, 7)), float(np.exp(g.normal()))


def draw_huge(g):
    return np.array([1e200, -1e200]), 2.0


def draw_million(g):
    return g.standard_t(1.5, size=1_000_000), 1.3


def overflow_law(observations):
    return "overflows on the way, even if the result hides it" if observations[0].facts.overflowed else None


def residuals(residual, delta):
    """Validated float64 residuals."""
    robust.huber_loss(residual, delta)
    return np.asarray(residual, f64)


def not_continuous(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, 0.5 * r * r, delta * np.abs(r))


def no_half(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, r * r, delta * (np.abs(r) - 0.5 * delta))


def line_unscaled(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, 0.5 * r * r, np.abs(r) - 0.5)


def line_signed(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, 0.5 * r * r, delta * (r - 0.5 * delta))


def pseudo_huber(residual, delta):
    r = residuals(residual, delta)
    return delta**2 * (np.sqrt(1 + (r / delta) ** 2) - 1)


def both_branches(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, 0.5 * r * r, delta * (np.abs(r) - 0.5 * delta))


def masked(residual, delta):
    r = np.array(residuals(residual, delta), ndmin=1)
    out, far = np.empty(r.shape), np.abs(r) > delta
    out[~far] = 0.5 * r[~far] ** 2
    out[far] = delta * (np.abs(r[far]) - 0.5 * delta)
    return out.reshape(np.shape(residual))


def by_scipy(residual, delta):
    r = residuals(residual, delta)
    return special.huber(delta, r)


HUBER_LOSS = Secret(
    reference=robust.huber_loss,
    checks=(
        *standard(draw_loss, "rand", "mut", "list", "f32", "strided", tolerance=PRODUCTS),
        err(([1.0], float("nan")), ([1.0], float("inf"))),
        matches("huge", "is finite for residuals of 1e200", draw_huge, tolerance=PRODUCTS),
        Contract(
            name="overflow", counts_as="huge", title="overflows nowhere on the way", inputs=lambda rng: [draw_huge(None)], law=overflow_law
        ),
        perf(draw_million, "a million residuals", tolerance=PRODUCTS),
    ),
    misconceptions=(
        Misconception("1a", "no continuity constant", not_continuous, "Do the two branches meet at |r|=delta?"),
        Misconception("1b", "1/2 missing in the core", no_half, "Slope at the joint?"),
        Misconception("1c", "linear branch not scaled with delta", line_unscaled, "Test delta=2."),
        Misconception("1d", "linear branch without abs", line_signed, "A loss cannot be negative."),
        Misconception("1e", "pseudo-Huber", pseudo_huber, "A smooth relative, another function."),
        Misconception(
            "1f", "both branches computed: r*r overflows", both_branches,
            "np.where evaluates both branches. Square 1e200.",
        ),
    ),
    alternatives=(Alternative("masked assignment", masked), Alternative("scipy", by_scipy)),
)  # fmt: skip


# --- E08.2 influence ---


def draw_influence(g):
    loss = str(g.choice(["mse", "mae", "huber"]))
    return g.standard_t(1.2, size=20), loss, float(np.exp(g.normal()))


def bounds_inputs(rng):
    r = rng(601).normal(scale=4.0, size=12)
    far = np.array([1e12, -1e12])
    return [
        (far, "huber", 1.7), (r, "huber", 1.7), (-r, "huber", 1.7), (r, "mse"), (r, "mse", -5.0), (r, "mae"), (r, "mae", 0.0),
    ]  # fmt: skip


def bounds_law(args, got, want):
    far, psi, mirrored, mse, mse_delta, mae, mae_delta = got
    if np.any(np.abs(far) > 1.7) or mismatch(psi, -mirrored, Tolerance(1e-12, 1e-12)):
        return "psi of the Huber loss is not odd, or exceeds delta"
    if mismatch(mse, mse_delta, PRODUCTS) or mismatch(mae, mae_delta, PRODUCTS):
        return "delta is not ignored for mse and mae"
    if mismatch(mse, np.asarray(args[3][0]), PRODUCTS) or mismatch(mae, np.sign(args[5][0]), PRODUCTS):
        return "psi of mse or mae is wrong"
    return None


def fresh_inputs(rng):
    r = rng(602).normal(size=6)
    return [(r, "mse"), (r, "mae"), (r, "huber", 100.0)]


def fresh_law(observations):
    return "shares memory with its argument" if any(o.facts.shares_memory for o in observations) else None


def psi(residual, loss, delta=1.0, mse=lambda r: r + 0.0, mae=np.sign, huber=lambda r, d: np.clip(r, -d, d)):
    """The right influence function with one branch to replace."""
    r = np.asarray(residual, f64)
    if loss == "mse":
        return mse(r)
    if loss == "mae":
        return mae(r)
    require(loss == "huber" and delta > 0, "loss or delta")
    return huber(r, delta)


def by_sign(residual, loss, delta=1.0):
    r = np.asarray(residual, f64)
    require(loss in ("mse", "mae", "huber") and (loss != "huber" or delta > 0), "loss or delta")
    if loss == "mse":
        return r.copy()
    return np.sign(r) if loss == "mae" else np.where(np.abs(r) <= delta, r, delta * np.sign(r))


INFLUENCE = Secret(
    reference=robust.influence,
    checks=(
        *standard(draw_influence, "rand", "mut", "list", "f32", "strided", tolerance=PRODUCTS),
        err(([1.0], "huber", -2.0)),
        Example(
            name="default", title="has delta 1 unless told otherwise", group="robustness",
            cases=((([-3.0, 0.5], "huber"), np.array([-1.0, 0.5])),),
        ),
        law("bounds", "is odd and bounded by delta; delta is ignored for mse and mae", bounds_inputs, bounds_law),
        Contract(name="fresh", title="does not share memory with its argument", inputs=fresh_inputs, law=fresh_law),
    ),
    misconceptions=(
        Misconception(
            "2a", "weight instead of influence",
            lambda *a: psi(*a, huber=lambda r, d: np.minimum(1.0, d / np.maximum(np.abs(r), 1e-300))),
            "The IRLS weight is psi(r)/r.",
        ),
        Misconception(
            "2b", "saturates at 1 whatever delta",
            lambda *a: psi(*a, huber=lambda r, d: np.where(np.abs(r) <= d, r, np.sign(r))),
            "Is psi continuous at delta?",
        ),
        Misconception(
            "2c", "redescends to 0", lambda *a: psi(*a, huber=lambda r, d: np.where(np.abs(r) <= d, r, 0.0)),
            "Beyond delta the loss still grows linearly.",
        ),
        Misconception("2d", "factor 2 for mse", lambda *a: psi(*a, mse=lambda r: 2 * r), "rho = r^2/2 here."),
        Misconception(
            "2e", "sign(0)=1", lambda *a: psi(*a, mae=lambda r: np.where(r >= 0, 1.0, -1.0)), "Symmetry: psi is odd.",
        ),
        Misconception(
            "2f", "sign of d loss/d yhat", lambda *a: psi(*a, huber=lambda r, d: -np.clip(r, -d, d)),
            "psi is the derivative with respect to r.",
        ),
        Misconception(
            "2g", "returns the input object", lambda *a: psi(*a, mse=lambda r: r),
            "If the caller changes the result, may the data change?",
        ),
    ),
    alternatives=(Alternative("piecewise with sign", by_sign),),
)  # fmt: skip


# --- E08.3 huber_location ---


def draw_location(g):
    n, scale = int(g.integers(1, 60)), 10 ** g.uniform(-6, 6)
    return scale * (g.standard_t(1.5, size=n) + 3.0), float(scale * g.uniform(0.05, 3))


def draw_large(g):
    return g.standard_t(1.5, size=200_000) + 3.0, 1.2


def limits_inputs(rng):
    y = rng(601).standard_t(2.0, size=31) + 1.0
    return [(y, 1e9), (y, 1e-7)]


def limits_law(args, got, want):
    y = args[0][0]
    if abs(got[0] - y.mean()) > 1e-6:
        return "does not approach the mean for a large delta"
    return "does not approach the median for a small delta" if abs(got[1] - np.median(y)) > 1e-6 else None


def equivariance_inputs(rng):
    y = rng(602).normal(size=15)
    return [(y, 1.3), (-3.0 * y + 7.0, 3.9)]


def equivariance_law(args, got, want):
    off = abs(got[1] - (-3.0 * got[0] + 7.0)) > 1e-7
    return "does not move and scale with the data: m(a y + c; |a| delta) = a m(y; delta) + c" if off else None


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


def one_step(y_true, delta):
    y = sample(y_true, delta)
    m = np.median(y)
    return float(m + np.clip(y - m, -delta, delta).mean())


def trimmed(y_true, delta):
    y = sample(y_true, delta)
    m = np.median(y)
    near = np.abs(y - m) <= delta
    return float(y[near].mean()) if near.any() else float(m)


def scaled_by_mad(y_true, delta):
    y = sample(y_true, delta)
    return robust.huber_location(y, delta * (np.median(np.abs(y - np.median(y))) / 0.6745 + 1e-300))


def ten_steps(y_true, delta):
    y = sample(y_true, delta)
    m = np.median(y)
    for _ in range(10):
        w = 1 / np.maximum(np.abs(y - m) / delta, 1)
        m = (w @ y) / w.sum()
    return float(m)


def narrow_bracket(y_true, delta):
    y = sample(y_true, delta)
    return bisect(y, delta, y.mean() - 0.1 * y.std(), y.mean() + 0.1 * y.std())


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


def by_brentq(y_true, delta):
    y = sample(y_true, delta)

    def pull(m):
        return float(np.clip(y - m, -delta, delta).sum())

    low, high = float(y.min()), float(y.max())
    if low == high or pull(low) == 0:
        return low
    return high if pull(high) == 0 else float(optimize.brentq(pull, low, high, xtol=1e-300, rtol=1e-15, maxiter=1000))


LOCATION = Secret(
    reference=robust.huber_location,
    checks=(
        *standard(
            draw_location, "rand", "mut", "list", "f32", "strided", tolerance=Tolerance(1e-9, 1e-300), accept=balanced
        ),
        err(([1.0], -1.0), ([[1.0]], 1.0)),
        law("limits", "approaches the mean and the median", limits_inputs, limits_law),
        law("equivariance", "moves and scales with the data", equivariance_inputs, equivariance_law),
        perf(draw_large, "200,000 samples", tolerance=Tolerance(1e-9), accept=balanced),
    ),
    misconceptions=(
        Misconception(
            "3a", "mean", lambda y, delta: float(sample(y, delta).mean()), "Move the largest value to infinity.",
        ),
        Misconception(
            "3b", "one winsorising step from the median", one_step, "Evaluate the sum of psi at your answer.",
        ),
        Misconception("3c", "trimmed mean around the median", trimmed, "Clipped is not dropped."),
        Misconception("3d", "delta multiplied by the MAD", scaled_by_mad, "delta is given in units of y."),
        Misconception("3e", "ten IRLS iterations", ten_steps, "Stop on the optimality condition, not on a count."),
        Misconception(
            "3f", "search bracket mean +- 3 sd", narrow_bracket,
            "With heavy tails the mean may be far from the bulk.",
        ),
    ),
    alternatives=(Alternative("IRLS to convergence", irls), Alternative("brentq", by_brentq)),
)  # fmt: skip


# --- E08.4 sensitivity_curve ---


def draw_curve(g):
    name = str(g.choice(["mean", "median", "largest"]))
    return g.normal(size=int(g.integers(1, 30))), 10 * g.normal(size=5), Probe(name)


def draw_sorting(g):
    return g.normal(size=8), 10 * g.normal(size=4), Probe("sorting_median")


def calls_inputs(rng):
    return [(rng(601).normal(size=7), np.array([1.0, -2.0, 30.0]), Probe("mean"))]


def calls_law(observations):
    sizes = sorted(shape for call in observations[0].facts.probe_calls for shape in call)
    if sizes != [(7,), (8,), (8,), (8,)]:
        return "does not call the estimator once with n entries and once with n + 1 for each x"
    return None


def curve(y_true, xs, estimator, factor=lambda n: n + 1, sample=np.append, sign=1.0):
    """The right curve with one piece to replace."""
    y, xs = np.asarray(y_true, f64), np.asarray(xs, f64)
    require(y.size > 0, "y is empty")
    base = float(estimator(y.copy()))
    return np.array([sign * factor(y.size) * (float(estimator(sample(y, x))) - base) for x in xs], f64)


def accumulating(y_true, xs, estimator):
    y, xs = np.asarray(y_true, f64), np.asarray(xs, f64)
    require(y.size > 0, "y is empty")
    base, grown, out = float(estimator(y.copy())), list(y), []
    for x in xs:
        grown.append(x)
        out.append((y.size + 1) * (float(estimator(np.array(grown))) - base))
    return np.array(out, f64)


def with_buffer(y_true, xs, estimator):
    y, xs = np.asarray(y_true, f64), np.asarray(xs, f64)
    require(y.size > 0, "y is empty")
    base, out = float(estimator(y.copy())), np.empty(xs.size)
    for j, x in enumerate(xs):
        buffer = np.empty(y.size + 1)
        buffer[:-1], buffer[-1] = y, x
        out[j] = (y.size + 1) * (float(estimator(buffer)) - base)
    return out


CURVE = Secret(
    reference=robust.sensitivity_curve,
    checks=(
        *standard(draw_curve, "rand", tolerance=Tolerance(1e-9, 1e-9)),
        matches("sorting", "is right for an estimator that sorts in place", draw_sorting, cases=2,
                tolerance=Tolerance(1e-9, 1e-9)),
        Contract(
            name="calls", title="calls the estimator m + 1 times, with n and n + 1 entries", group="scaling",
            inputs=calls_inputs, law=calls_law,
        ),
    ),
    misconceptions=(
        Misconception(
            "4a", "factor n", lambda *a: curve(*a, factor=lambda n: n), "Check: for the mean the curve is x-mean(y).",
        ),
        Misconception(
            "4b", "no factor", lambda *a: curve(*a, factor=lambda n: 1),
            "How does an effect of size 1/(n+1) become comparable?",
        ),
        Misconception(
            "4c", "replaces the last point instead of adding",
            lambda *a: curve(*a, sample=lambda y, x: np.append(y[:-1], x)),
            "How many points has the contaminated sample?",
        ),
        Misconception(
            "4d", "difference reversed", lambda *a: curve(*a, sign=-1.0), "Sign: a large x pulls the mean up.",
        ),
        Misconception(
            "4e", "appended points accumulate", accumulating, "Each x is a separate experiment.",
        ),
    ),
    alternatives=(Alternative("buffer", with_buffer),),
)  # fmt: skip

# --- E08.5 sym_psi_l1 ---


SYM_PSI_L1 = Question(
    id="sym_psi_l1",
    truth="sign(r)",
    symbols=(Symbol("r", draw=(-4, 4)),),
    loss="Abs(r)",
    wrt="r",
    equivalents=(
        "r/Abs(r)",
        "Piecewise((1, r>0),(-1, True))",
    ),
    misconceptions=(
        MisconceptionForm("5a", "constant 1", "1", "Odd function."),
        MisconceptionForm("5b", "|r|", "Abs(r)", "That is the loss."),
        MisconceptionForm("5c", "r", "r", "That belongs to squared error."),
    ),
    excluded=(("r", 0.0),),
    level="numeric",
)


# --- E08.6 sym_psi_huber ---


SYM_PSI_HUBER = Question(
    id="sym_psi_huber",
    truth="Piecewise((r, Abs(r)<=delta),(delta*sign(r), True))",
    symbols=(
        Symbol("r", draw=(-4, 4)),
        Symbol("delta", kind="positive", draw=(0.5, 2.5)),
    ),
    loss="where(Abs(r) <= delta, r**2/2, delta*(Abs(r) - delta/2))",
    wrt="r",
    convention="1/2 in the quadratic core",
    equivalents=(
        "Max(-delta, Min(r, delta))",
        "r*Min(1, delta/Abs(r))",
        "where(abs(r)<=delta, r, delta*r/abs(r))",
    ),
    misconceptions=(
        MisconceptionForm(
            "6a", "saturates at 1", "Piecewise((r, Abs(r)<=delta),(sign(r), True))", "Continuity at delta."
        ),
        MisconceptionForm("6b", "one-sided", "Min(r, delta)", "Look at r=-10."),
        MisconceptionForm("6c", "weight", "Min(1, delta/Abs(r))", "psi(r)=weight*r."),
        MisconceptionForm("6d", "no sign", "Piecewise((r, Abs(r)<=delta),(delta, True))", "Odd function."),
    ),
    excluded=(("r", 0.0),),
    level="numeric",
)


# --- E08.7 sym_psi_pseudo_huber ---


SYM_PSI_PSEUDO_HUBER = Question(
    id="sym_psi_pseudo_huber",
    truth="r/sqrt(1+(r/delta)**2)",
    symbols=(
        Symbol("r", draw=(-4, 4)),
        Symbol("delta", kind="positive", draw=(0.5, 2.5)),
    ),
    loss="delta**2*(sqrt(1+(r/delta)**2)-1)",
    wrt="r",
    equivalents=("delta*r/sqrt(delta**2+r**2)",),
    misconceptions=(
        MisconceptionForm(
            "7a",
            "inner derivative forgotten",
            "delta**2/(2*sqrt(1+(r/delta)**2))",
            "Chain rule: the root and its argument.",
        ),
        MisconceptionForm("7b", "delta^2 kept", "delta**2*r/sqrt(1+(r/delta)**2)", "For small r psi behaves like r."),
        MisconceptionForm("7c", "factor 1/2", "r/(2*sqrt(1+(r/delta)**2))", "Slope at 0?"),
    ),
    excluded=(("r", 0.0),),
    level="numeric",
)


GRADING = {
    "huber_loss": HUBER_LOSS,
    "influence": INFLUENCE,
    "huber_location": LOCATION,
    "sensitivity_curve": CURVE,
    "sym_psi_l1": SYM_PSI_L1,
    "sym_psi_huber": SYM_PSI_HUBER,
    "sym_psi_pseudo_huber": SYM_PSI_PSEUDO_HUBER,
}

EQUIVALENT_MUTANTS = (
    ("the two branches meet at delta", ("huber_loss: size <= delta -> size < delta",)),
    (
        "the conversion to float64 has made a copy already",
        ("influence: return xp.asarray(residual, copy=True): True -> False",),
    ),
    (
        "the minimum of no entries raises ValueError itself",
        (
            "huber_location: y_true.ndim == 1 and y_true.size >= 1 -> y_true.ndim == 1",
            'huber_location: require(y_true.ndim == 1 and y_true.size >= 1, "y_true must have shape (n,) with n >= 1"): 1 -> 0 #2',
        ),
    ),
    (
        "the bisection ends at neighbouring numbers all the same",
        (
            "huber_location: range(200) -> range(200 - 1)",
            "huber_location: if middle in (low, high) -> if False",
            "huber_location: _pull(y_true, middle, delta) > 0 -> _pull(y_true, middle, delta) >= 0",
        ),
    ),
    (
        "after the bisection low and high are neighbouring numbers",
        (
            "huber_location: low + 0.5 * (high - low) -> low - 0.5 * (high - low) #2",
            "huber_location: low + 0.5 * (high - low) -> low #2",
            "huber_location: 0.5 * (high - low) -> high - low #2",
            "huber_location: middle = low + 0.5 * (high - low): 0.5 -> 1.0 #2",
        ),
    ),
    (
        "the exercise does not say what holds for other shapes, and joining them raises ValueError",
        (
            "sensitivity_curve: y_true.ndim == 1 and y_true.size >= 1 -> y_true.size >= 1",
            'sensitivity_curve: require(xs.ndim == 1, "xs must be 1-D") -> pass',
        ),
    ),
    ("no positions give an empty result on the long way too", ("sensitivity_curve: if xs.size == 0 -> if False",)),
    (
        "the conversion to float64 has made a copy, and no estimator here overwrites values",
        ("sensitivity_curve: base = float(estimator(xp.asarray(y_true, copy=True))): True -> False",),
    ),
    ("only the sign counts, and which of two is smaller", ("_pull: xp.sum(psi) -> xp.mean(psi)",)),
    (
        "takes off the last rounding of a root that the bisection has found",
        (
            "_solve_piece: xp, residual = as_float(y_true - m)",
            "_solve_piece: inside = xp.abs(residual) < delta",
            "_solve_piece: count = int(xp.sum(xp.astype(inside, xp.int64)))",
            "_solve_piece: if count == 0:",
            "_solve_piece: step = float(xp.sum(xp.clip(residual, -delta, delta))) / count",
            "_solve_piece: better = m + step",
            "_solve_piece: return better if abs(_pull(y_true, better, delta)) <= abs(_pull(y_true, m, delta)) else m",
        ),
    ),
)
