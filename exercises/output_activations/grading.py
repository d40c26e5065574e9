"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math

import numpy as np
from scipy import optimize, special

from autograder.checks import (
    Broken, Example, Hidden, Limits, Property, Tolerance, borderline, corner, fast_enough, law, matches, right, strata, usual_checks,
    wrong,
)
from exercises.output_activations.checks import KINDS, NEAR
from reference import activations
from reference._arrays import require

f64 = np.float64
SIGNAL = Tolerance(1e-10, 1e-13)
TAIL = Tolerance(1e-10)  # no absolute part: it would hide the exponential tail


def kinds_of(draw):
    """Draws ``draw(g, kind)`` of each activation in turn."""
    return strata(draw, *((kind,) for kind in ("tanh", "sigmoid", "relu", "linear")))


# --- E07.1 activation_derivative ---
def draw_derivative(g, kind):
    return 1.5 * g.normal(size=(3, 4)), kind


def draw_far(g, kind):
    """Both tails, from where a subtraction from 1 has lost a few digits to where it has lost all."""
    z = np.append(g.uniform(8, 19, size=3), g.uniform(20, 290, size=3))
    return np.concatenate([z, -z]), kind


def draw_large(g):
    return 1.5 * g.normal(size=100_000), "tanh"


def huge_inputs(rng):
    z = np.array([1e3, -1e3, 1e6, -1e6])
    return [(z, "tanh"), (z, "sigmoid")]


def huge_law(args, got, want):
    for at, ((z, kind), slope) in enumerate(zip(args, got, strict=True)):
        if slope.shape != z.shape or not np.all((slope >= 0) & (slope <= 1e-300)):
            return Broken(f"the derivative of {kind} is not practically 0 for |z| of 1000 and more", at)
    return None


def tanh_slope(z):
    e = np.exp(-2 * np.abs(z))
    return 4 * e / (1 + e) ** 2


def sigmoid_slope(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def overflowing(z):
    e = np.exp(-z)
    return e / (1 + e) ** 2


def derivative(tanh=tanh_slope, sigmoid=sigmoid_slope, relu=lambda z: z > 0):
    """The right derivatives with one of them to replace."""
    slopes = {"linear": np.ones_like, "tanh": tanh, "sigmoid": sigmoid, "relu": relu}

    def slope(z, kind):
        require(kind in slopes, "kind")
        # + 0.0 turns bool into float and 0-d arrays into numbers
        return slopes[kind](np.asarray(z, f64)) + 0.0

    return slope


DERIVATIVE = Hidden("activation_derivative", reference=activations.activation_derivative, checks=(
    *usual_checks(kinds_of(draw_derivative), "rand", tolerance=SIGNAL),
    *usual_checks(kinds_of(draw_derivative), "mut", "list", "f32", "strided", tolerance=SIGNAL),
    corner("tail", "is relatively accurate in the tails", strata(draw_far, ("tanh",), ("sigmoid",)), tolerance=TAIL),
    law("huge", "is finite and not negative for |z| up to 1e6", huge_inputs, huge_law, group="robustness"),
    fast_enough(draw_large, "100,000 pre-activations", tolerance=SIGNAL),
), misconceptions=(
    wrong("loses 1 - tanh^2 to cancellation", derivative(tanh=lambda z: 1 - np.tanh(z) ** 2),
        hint="This is fine for small z. How many digits remain at z = 15?"),
    wrong("takes 1 - tanh for the derivative of tanh", derivative(tanh=lambda z: 1 - np.tanh(z)), hint="It must be even in z."),
    wrong("takes a (1 - a), the sigmoid's derivative, for tanh", derivative(tanh=lambda z: np.tanh(z) * (1 - np.tanh(z))),
        hint="What is the slope of tanh at 0?"),
    wrong("takes the sigmoid's derivative at its output", derivative(sigmoid=lambda z: z * (1 - z)),
        hint="Is the argument z or the sigmoid of z?"),
    wrong("forgets (1-s) in the sigmoid's derivative", derivative(sigmoid=lambda z: 1 / (1 + np.exp(-z))),
        hint="How large is the slope of the sigmoid at 0?"),
    wrong("takes 1 for the derivative of relu at 0", derivative(relu=lambda z: z >= 0), hint="The convention at 0 is stated."),
    wrong("lets the sigmoid overflow", derivative(sigmoid=overflowing), hint="Insert z = -1000: what is exp(1000) in floating point?"),
    wrong("takes the derivative at the output", derivative(tanh=lambda z: 1 - z**2),
        hint="Is the argument z or tanh(z)?"),
), alternatives=(
    right("cosh", derivative(tanh=lambda z: 1 / np.cosh(z) ** 2)),
    right("expit product", derivative(sigmoid=lambda z: special.expit(z) * special.expit(-z))),
))


# --- E07.2 output_delta ---
def draw_delta(g, kind):
    return 2 * g.normal(size=12), 3 * g.normal(size=12), kind


def draw_tail(g):
    return draw_far(g, "tanh")[0], 5 + g.normal(size=12), "tanh"


def silent_inputs(rng):
    y = 3 * rng("dead").normal(size=9)
    return [(z, y, "relu") for z in (np.zeros(9), np.linspace(-4.0, 0.0, 9))]


def silent_law(args, got, want):
    silent = all(delta.shape == (9,) and not delta.any() for delta in got)
    return None if silent else Broken("is not exactly 0 for a ReLU with z <= 0")


def activation(z, kind):
    if kind == "sigmoid":
        return special.expit(z)
    return {"linear": z, "tanh": np.tanh(z), "relu": np.maximum(z, 0.0)}[kind]


def delta_by(
    combine=lambda a, y, d, z: (a - y) * d, target=lambda y, kind: y, slope=activations.activation_derivative
):  # fmt: skip
    """The right error signal with one link to replace."""

    def delta(z, y_true, kind):
        activations.output_delta(z, y_true, kind)
        z, y = np.asarray(z, f64), np.asarray(y_true, f64)
        return combine(activation(z, kind), target(y, kind), slope(z, kind), z)

    return delta


def leaky(z, kind):
    return np.where((z <= 0) & (kind == "relu"), 0.01, activations.activation_derivative(z, kind))


def clipped(y, kind):
    return np.clip(y, -1, 1) if kind == "tanh" else y


@right("output_delta", "own formulas")
def own_formulas(z, y_true, kind):
    activations.output_delta(z, y_true, kind)
    z, y = np.asarray(z, f64), np.asarray(y_true, f64)
    if kind == "linear":
        return z - y
    if kind == "relu":
        return np.where(z > 0, z - y, 0.0)
    if kind == "tanh":
        return (np.tanh(z) - y) / np.cosh(z) ** 2
    s = special.expit(z)
    return (s - y) * s * special.expit(-z)


DELTA = Hidden("output_delta", reference=activations.output_delta, checks=(
    *usual_checks(kinds_of(draw_delta), tolerance=SIGNAL),
    corner("tail", "is relatively accurate where tanh is saturated", draw_tail, tolerance=TAIL),
    law("dead", "is exactly 0 for a ReLU with z <= 0", silent_inputs, silent_law),
), misconceptions=(
    wrong("keeps a factor 2 that 1/2 cancels", delta_by(lambda a, y, d, z: 2 * (a - y) * d),
        hint="What prefactor does L have here?"),
    wrong("reverses the sign", delta_by(lambda a, y, d, z: (y - a) * d), hint="Where the output exceeds the target, does the loss grow or fall with the output?"),
    wrong("forgets the activation's derivative", delta_by(lambda a, y, d, z: (a - y) * np.ones_like(d)),
        hint="Cross-entropy has that gradient. Does squared error?"),
    wrong("uses a leaky relu", delta_by(slope=leaky), hint="A plain ReLU has no slope on the negative side."),
    wrong("uses z instead of f(z)", delta_by(lambda a, y, d, z: (z - y) * d),
        hint="The error compares the output with the target."),
    wrong("clips targets to the range of f", delta_by(target=clipped), hint="Is the target 5 or 1?"),
))


# --- E07.3 gd_preactivation ---
def draw_path(g, kind):
    z0, y_true = g.choice([-1, 1]) * g.uniform(0.3, 2.0), 2 * g.normal()
    return float(z0), float(y_true), kind, float(g.uniform(0.05, 0.3)), int(g.integers(5, 40))


def draw_relu(g):
    """A ReLU on either side of 0, with targets on either side."""
    return float(g.uniform(0.3, 2)), float(-g.uniform(0.3, 2)), "relu", float(g.uniform(0.05, 0.3)), 25


AT_REST = Example(
    name="rest", title="stays at the start: for no steps, and far out in saturation", group="robustness",
    cases=(
        ((0.5, 2.0, "tanh", 0.1, 0), np.array([0.5])),
        *(((far, 5.0, kind, 0.1, 2), np.full(3, far)) for far in (-1000.0, 1000.0) for kind in ("tanh", "sigmoid")),
    ),
)  # fmt: skip


def creep_inputs(rng):
    return [(0.0, 5.0, "tanh", 0.1, 20_000)]


def creep_law(args, got, want):
    z = got[0]
    if z.shape != (20_001,):
        return Broken("does not return shape (steps + 1,)")
    if abs(z[-1] - z[2_000] - math.log(10) / 2) > 0.01:
        return Broken("from step 2,000 to step 20,000 a saturated tanh must creep by log(10)/2")
    off = abs(z[-1] - math.log(32 * 0.1 * 2e4) / 2) > 0.01
    return Broken("after 20,000 steps z must be close to log(32 lr t)/2") if off else None


def gate(u, y):
    return u - y if u > 0 else 0.0


def tanh_signal(u, y):
    e = math.exp(-2 * abs(u))
    return (math.tanh(u) - y) * 4 * e / (1 + e) ** 2


def sigmoid_signal(u, y):
    e = math.exp(-abs(u))
    return ((1.0 if u >= 0 else e) / (1 + e) - y) * e / (1 + e) ** 2


def descend(factor=-1.0, relu=gate, tanh=tanh_signal):
    """The right descent with one link to replace."""
    signals = {"linear": lambda u, y: u - y, "tanh": tanh, "sigmoid": sigmoid_signal, "relu": relu}

    def path(z0, y_true, kind, lr, steps):
        require(kind in signals and lr > 0 and steps >= 0, "arguments")
        z = [float(z0)]
        for _ in range(steps):
            z.append(z[-1] + factor * lr * signals[kind](z[-1], y_true))
        return np.array(z)

    return path


@right("gd_preactivation", "calls output_delta on arrays")
def by_arrays(z0, y_true, kind, lr, steps):
    require(kind in KINDS and lr > 0 and steps >= 0, "arguments")
    z = np.empty(steps + 1)
    z[0] = z0
    for t in range(steps):
        z[t + 1] = z[t] - lr * activations.output_delta(z[t : t + 1], np.array([y_true], f64), kind)[0]
    return z


DESCENT = Hidden("gd_preactivation", reference=activations.gd_preactivation, checks=(
    *usual_checks(kinds_of(draw_path), "rand", tolerance=Tolerance(1e-8, 1e-9)),
    matches("crossing", "stops a ReLU at the kink", draw_relu, group="value", cases=2, tolerance=Tolerance(1e-8, 1e-9)),
    AT_REST,
    # alone, with the time that 20,000 steps on arrays of one entry may take
    Property(name="creep", title="creeps like log(t)/2 when tanh cannot reach its target", inputs=creep_inputs,
        law=creep_law, limits=Limits()),
), misconceptions=(
    wrong("climbs instead of descending", descend(factor=1.0), hint="Does the loss fall along your path?"),
    wrong("forgets the activation's derivative, as a perceptron does", descend(tanh=lambda u, y: math.tanh(u) - y),
        hint="With y=5 your z runs away linearly: does the gradient really stay large?"),
    wrong("keeps a factor 2 that 1/2 cancels", descend(factor=-2.0), hint="L has the 1/2 here."),
    wrong("switches relu by the sign of the target", descend(relu=lambda u, y: u - y if y > 0 else 0.0),
        hint="The gate depends on z."),
    wrong("uses a leaky relu", descend(relu=lambda u, y: u - y if u > 0 else 0.01 * (0 - y)),
        hint="A plain ReLU is exactly flat for z<=0."),
))


# --- E07.4 saturation_point ---
def draw_saturation(g, low, high, least, most):
    return float(1 + 10 ** g.uniform(low, high)), float(10 ** g.uniform(least, most))


TARGETS = strata(draw_saturation, (-0.5, 1, -3, -1), (-3, -1, -12, -6), (3, 5, -12, -2), (0, 2, -40, -20), (-2, 4, -100, -60),
    (4, 5, -1, 0))


AT_ONCE = Example(
    name="start", title="is 0 for a tolerance that the signal at z = 0 just meets", group="robustness",
    cases=tuple(((y, y), 0.0) for y in (1.0, 2.0, 1e6)), tolerance=NEAR,
)  # fmt: skip


def deep_inputs(rng):
    return [(y, tol) for y in (1.0, 1.53, 5.2, 1.1e3) for tol in (0.87, 1.3e-3, 2.1e-12, 3.7e-60)]


def log_signal(z, y, front=math.log(4)):
    """Logarithm of the size of the error signal."""
    e = math.exp(-2 * z)
    return math.log((y - 1) + 2 * e / (1 + e)) + front - 2 * z - 2 * math.log1p(e)


def deep_law(args, got, want):
    for at, ((y, tol), z) in enumerate(zip(args, got, strict=True)):
        if abs(log_signal(float(z), y) - math.log(tol)) > 1e-6:
            return Broken(f"the error signal for y_true = {y:g} is not {tol:g} there", at)
    return None


def checked(y, tol):
    require(y >= 1 and tol > 0, "arguments")
    return tol >= y


def bisect(signal=log_signal, widest=math.inf):
    """Bisection on the logarithm of the signal, with the signal or the bracket to replace."""

    def point(y, tol):
        if checked(y, tol):
            return 0.0
        level, low, high = math.log(tol), 0.0, 1.0
        while signal(high, y) > level:
            if high >= widest:
                return float(high)
            high = min(2 * high, widest)
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if signal(middle, y) > level else (low, middle)
        return (low + high) / 2

    return point


def subtracting(z, y):
    return math.log(max((y - math.tanh(z)) * (1 - math.tanh(z) ** 2), 1e-320))


@wrong("saturation_point", "gives the leading term for large z", hint="This is good for a tiny tol only; test a tol near y.")
def asymptotic(y, tol):
    return 0.0 if checked(y, tol) else max(0.0, 0.5 * math.log(4 * max(y - 1, 1e-9) / tol))


def slope_only(z, y):
    return math.log(4) - 2 * z - 2 * math.log1p(math.exp(-2 * z))


def halved_until(width):
    """Bisection that stops at a bracket of this width."""

    def point(y, tol):
        if checked(y, tol):
            return 0.0
        level, low, high = math.log(tol), 0.0, 1.0
        while log_signal(high, y) > level:
            high *= 2
        while high - low > width:
            middle = (low + high) / 2
            low, high = (middle, high) if log_signal(middle, y) > level else (low, middle)
        return (low + high) / 2

    return point


@borderline("saturation_point", "a library's root finder with its default tolerance, on the logarithm of the signal")
def by_library(y, tol):
    return 0.0 if checked(y, tol) else float(optimize.brentq(lambda z: log_signal(z, y) - math.log(tol), 0.0, 150.0))


@borderline("saturation_point", "a library's root finder on the signal itself, 1 - tanh(z) from exponentials")
def by_library_unscaled(y, tol):
    if checked(y, tol):
        return 0.0

    def signal(z):
        e = math.exp(-2 * z)
        return ((y - 1) + 2 * e / (1 + e)) * 4 * e / (1 + e) ** 2

    return float(optimize.brentq(lambda z: signal(z) - tol, 0.0, 150.0))


@borderline("saturation_point", "single precision in the result")
def in_single(y, tol):
    return float(np.float32(activations.saturation_point(y, tol)))


SATURATION = Hidden("saturation_point", reference=activations.saturation_point, borderlines=tuple(
    borderline(f"bisection that stops at a width of 1e-{digits}", halved_until(10.0**-digits)) for digits in (6, 8, 10)
), checks=(
    *usual_checks(TARGETS, "rand", tolerance=NEAR),
    AT_ONCE,
    law("residual", "the error signal at that point is tol, down to 1e-60", deep_inputs, deep_law),
), misconceptions=(
    wrong("loses 1 - tanh(z)^2 to cancellation", bisect(subtracting, 1e3),
        hint="For z>19 the floating-point tanh equals 1."),
    wrong("forgets the error", bisect(slope_only), hint="delta is a product of two factors."),
    wrong("keeps a factor 2 that 1/2 cancels", bisect(lambda z, y: log_signal(z, y, math.log(8))), hint="What prefactor does the loss of this exercise have?"),
    wrong("searches between 0 and 20 alone", bisect(widest=20.0), hint="tol=1e-60 needs z near 70."),
), alternatives=(right("bisection in z", bisect()),))


# --- E07.5 dead_units ---
def draw_layer(g, n, d, h, down):
    return g.normal(size=(n, d)), g.normal(size=(h, d)), g.normal(size=h) - down


LAYERS = strata(draw_layer, (5, 2, 16, 1.2), (7, 3, 12, 1.6), (4, 1, 20, 0.8), (1, 2, 9, 0.0))


def dead_by(verdict, bias=1.0):
    """A verdict on the matrix of pre-activations (n, h)."""

    def dead(X, W, b):
        activations.dead_units(X, W, b)
        X, W, b = (np.asarray(a, f64) for a in (X, W, b))
        return verdict(X @ W.T + bias * b)

    return dead


DEAD = Hidden("dead_units", reference=activations.dead_units, checks=(
    *usual_checks(LAYERS, "rand", "mut", "list", "strided"),
), misconceptions=(
    wrong("counts units that are off for any sample, not for all", dead_by(lambda Z: np.any(Z <= 0, axis=0)),
        hint="A unit that fires for one sample still learns."),
    wrong("takes a unit at exactly 0 as alive", dead_by(lambda Z: np.all(Z < 0, axis=0)),
        hint="What is the slope at exactly 0 by convention?"),
    wrong("counts samples instead of units", dead_by(lambda Z: np.all(Z <= 0, axis=1)), hint="How many answers are asked: one for each unit or for each sample?"),
    wrong("ignores the bias", dead_by(lambda Z: np.all(Z <= 0, axis=0), bias=0.0),
        hint="A large negative bias kills a unit."),
    wrong("counts units that are off for most samples", dead_by(lambda Z: np.mean(Z <= 0, axis=0) > 0.5),
        hint="One positive pre-activation is enough to stay alive."),
    wrong("looks at the mean pre-activation", dead_by(lambda Z: Z.mean(axis=0) <= 0),
        hint="One positive pre-activation is enough to stay alive."),
), alternatives=(right("maximum", dead_by(lambda Z: Z.max(axis=0) <= 0)),))
