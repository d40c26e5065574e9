"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math

import numpy as np

from autograder.checks import (
    Broken, Contract, Hidden, Probe, Tolerance, borderline, fast_enough, law, matches, mismatch, right, strata, usual_checks, wrong,
)
from reference import gradients
from reference._arrays import require

f64 = np.float64
MAX_NORM = Tolerance(1e-9, mode="max")  # forward error of two matrix-vector products ~ (n + d) eps


# --- E05.1 mse_grad_linear ---
def draw_linear(g, n, d, low, high):
    scale = 10 ** g.uniform(low, high)
    return g.normal(size=(n, d)), scale * g.normal(size=n), scale * g.normal(size=d)


ROWS = strata(draw_linear, (30, 3, -1, 1), (7, 2, -12, -4), (80, 5, 4, 12), (1, 3, -1, 1), (12, 1, -12, 12))


def draw_tall(g):
    return g.normal(size=(100_000, 3)), g.normal(size=100_000), g.normal(size=3)


def zero_inputs(rng):
    g = rng("zero")
    X, y, w = g.normal(size=(12, 3)), g.normal(size=12), g.normal(size=3)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    return [(X, y, best), (X, y, w), (np.vstack([X, X]), np.concatenate([y, y]), w)]


def zero_law(args, got, want):
    at_best, once, twice = got
    if at_best.shape != (3,) or np.max(np.abs(at_best)) > 1e-12:
        return Broken("is not zero at the least-squares solution")
    return Broken("changes when every row is duplicated") if mismatch(twice, once, Tolerance(1e-9, 1e-12)) else None


def rows(X, y, w):
    """Validated float64 arguments and the residual."""
    gradients.mse_grad_linear(X, y, w)
    X, y, w = (np.asarray(a, f64) for a in (X, y, w))
    return X, y, w, X @ w - y


@wrong("mse_grad_linear", "reverses the sign", hint="Take one step against your gradient: does the loss fall?")
def reversed_sign(X, y, w):
    X, y, w, r = rows(X, y, w)
    return (2.0 / len(y)) * (X.T @ -r)


@wrong("mse_grad_linear", "loses the factor 2", hint="The loss has no 1/2.")
def no_two(X, y, w):
    X, y, w, r = rows(X, y, w)
    return (1.0 / len(y)) * (X.T @ r)


@wrong("mse_grad_linear", "forgets 1/n", hint="Duplicate every row: should the gradient of a mean change?")
def not_averaged(X, y, w):
    X, y, w, r = rows(X, y, w)
    return 2.0 * (X.T @ r)


@wrong("mse_grad_linear", "divides by n*d instead of n", hint="The average runs over samples, not over matrix entries.")
def over_entries(X, y, w):
    X, y, w, r = rows(X, y, w)
    return (2.0 / X.size) * (X.T @ r)


@wrong("mse_grad_linear", "multiplies the mean residual by the mean input", hint="Is the mean of a product the product of the means?")
def mean_times_mean(X, y, w):
    X, y, w, r = rows(X, y, w)
    return (2.0 / len(y)) * (X.sum(0) * np.mean(r))


@wrong("mse_grad_linear", "subtracts a row from a column: n x n residuals", hint="Print the shape of Xw-y.")
def column_target(X, y, w):
    X, y, w = (np.asarray(a, f64) for a in (X, y, w))
    require(X.ndim == 2 and len(X) > 0 and y.ndim > 0 and y.shape[0] == len(X) and w.shape == (X.shape[1],), "shapes")
    return ((2.0 / len(X)) * (X.T @ (X @ w - y))) if y.ndim == 1 else (2.0 / len(X)) * (X.T @ (X @ w - y)).sum(1)


@right("mse_grad_linear", "loop over samples")
def linear_loop(X, y, w):
    X, y, w, r = rows(X, y, w)
    g = np.zeros(w.size)
    for row, error in zip(X, r, strict=True):
        g += 2.0 * error * row / len(y)
    return g


@right("mse_grad_linear", "einsum")
def linear_einsum(X, y, w):
    X, y, w, r = rows(X, y, w)
    return np.einsum("i,ij->j", r, X) * 2 / len(y)


LINEAR = Hidden("mse_grad_linear", reference=gradients.mse_grad_linear, checks=(
    *usual_checks(ROWS, tolerance=MAX_NORM),
    law("zero", "vanishes at the least-squares solution; duplicated rows change nothing", zero_inputs, zero_law),
    fast_enough(draw_tall, "100,000 samples", tolerance=MAX_NORM),
))


# --- E05.2 chain_grad ---
def draw_chain(g, S, p):
    return g.normal(size=S), g.normal(size=S), g.normal(size=(*S, p))


OUTPUTS = strata(draw_chain, ((4, 3), 2), ((2, 5), 3), ((3, 2, 4), 1), ((5,), 4), ((1,), 2), ((1, 3), 3))


def outputs(y_pred, y_true, J):
    """Validated: residual (N,), Jacobian (N, p), shape of the targets."""
    gradients.chain_grad(y_pred, y_true, J)
    y_pred, y_true, J = (np.asarray(a, f64) for a in (y_pred, y_true, J))
    return (y_pred - y_true).reshape(-1), J.reshape(-1, J.shape[-1]), y_true.shape


@wrong("chain_grad", "averages over samples, not over outputs",
       hint="How many squared errors enter the mean when every sample has two outputs?")
def over_samples(*a):
    r, J, S = outputs(*a)
    return (2.0 / S[0]) * (r @ J)


@wrong("chain_grad", "squares the error before the chain rule", hint="What is the derivative of the square of one residual?")
def error_squared(*a):
    r, J, _ = outputs(*a)
    return (2.0 / r.size) * ((r * np.abs(r)) @ J)


@wrong("chain_grad", "forgets the error", hint="What should happen when the prediction is perfect?")
def sensitivity_only(*a):
    r, J, _ = outputs(*a)
    return (2.0 / r.size) * (np.sign(r) @ J)


@wrong("chain_grad", "averages outputs before multiplying", hint="Each output has its own sensitivity.")
def outputs_averaged(*a):
    r, J, S = outputs(*a)
    flat = np.repeat(r.reshape(S[0], -1).mean(1), r.size // S[0])
    return (2.0 / r.size) * (flat @ J)


@wrong("chain_grad", "reverses the sign", hint="d(yhat-y)^2/d yhat has which sign for yhat>y?")
def chain_sign(*a):
    r, J, _ = outputs(*a)
    return (2.0 / r.size) * (-r @ J)


@right("chain_grad", "tensordot")
def chain_tensordot(y_pred, y_true, J):
    outputs(y_pred, y_true, J)
    r = np.asarray(y_pred, f64) - np.asarray(y_true, f64)
    return 2.0 / r.size * np.tensordot(r, np.asarray(J, f64), axes=r.ndim)


@right("chain_grad", "sum of products")
def chain_sum(*a):
    r, J, _ = outputs(*a)
    return sum(2.0 * e * row for e, row in zip(r, J, strict=True)) / r.size


CHAIN = Hidden("chain_grad", reference=gradients.chain_grad, checks=(
    *usual_checks(OUTPUTS, tolerance=Tolerance(1e-9, 1e-12, "max")),
))


# --- E05.3 mlp_grad ---
def draw_mlp(g, n, d, h):
    return (
        g.normal(size=(h, d)), g.normal(size=h), g.normal(size=h), g.normal(), g.normal(size=(n, d)), g.normal(size=n),
    )  # fmt: skip


NETS = strata(draw_mlp, (8, 2, 3), (11, 3, 5), (4, 1, 2), (1, 2, 4), (5, 3, 1))


def backward(theta, factor=2.0, slope=lambda H: 1 - H * H, out=lambda w2: w2, bias=np.sum):
    """The right backward pass with one link to replace."""
    gradients.mlp_grad(*theta)
    W1, b1, w2, b2, X, y = (np.asarray(a, f64) for a in theta)
    H = np.tanh(X @ W1.T + b1)
    d = (factor / y.size) * (H @ w2 + b2 - y)
    A = d[:, None] * out(w2) * slope(H)
    return A.T @ X, bias(A, axis=0), H.T @ d, float(d.sum())


@right("mlp_grad", "per-sample loop")
def mlp_loop(W1, b1, w2, b2, X, y):
    gradients.mlp_grad(W1, b1, w2, b2, X, y)
    W1, b1, w2, X, y = (np.asarray(a, f64) for a in (W1, b1, w2, X, y))
    gW1, gb1, gw2, gb2 = np.zeros(W1.shape), np.zeros(b1.shape), np.zeros(w2.shape), 0.0
    for x, target in zip(X, y, strict=True):
        a = np.tanh(W1 @ x + b1)
        e = 2 * (w2 @ a + b2 - target) / len(y)
        back = e * w2 * (1 - a**2)
        gW1 += np.outer(back, x)
        gb1 += back
        gw2 += e * a
        gb2 += e
    return gW1, gb1, gw2, gb2


MLP = Hidden("mlp_grad", reference=gradients.mlp_grad, checks=(
    *usual_checks(NETS, tolerance=Tolerance(1e-9, 1e-11)),
), misconceptions=(
    wrong("takes 1 - tanh for the derivative of tanh", lambda *a: backward(a, slope=lambda H: 1 - H),
        hint="Check the derivative of tanh at 0 and at large arguments."),
    wrong("takes the derivative of tanh at the activation", lambda *a: backward(a, slope=lambda H: 1 - np.tanh(H) ** 2),
        hint="Is the argument of your derivative z, or already tanh(z)?"),
    wrong("takes the derivative of the sigmoid, h (1 - h)", lambda *a: backward(a, slope=lambda H: H * (1 - H)),
        hint="Which activation has the derivative h (1 - h)? Compare at z = 0."),
    wrong("forgets the activation's derivative", lambda *a: backward(a, slope=np.ones_like),
        hint="Walk the graph backwards: which node lies between w2 and W1?"),
    wrong("forgets w2 in the hidden layer's gradient", lambda *a: backward(a, out=np.ones_like),
        hint="How does the output depend on each hidden unit?"),
    wrong("loses the factor 2", lambda *a: backward(a, factor=1.0), hint="The loss has no 1/2."),
    wrong("averages the bias gradient twice", lambda *a: backward(a, bias=np.mean),
        hint="The factor 1/n is already inside the error signal."),
))


# --- E05.4 numerical_grad ---
def draw_point(g, probe, shape, spread):
    return Probe(probe), spread * g.normal(size=shape)


def draw_far(g):
    return Probe("far_quadratic"), 1e6 * g.uniform(0.3, 3.0, size=12) * np.resize([1, -1], 12)


NEAR = strata(draw_point, ("sum_exp", 3, 0.3), ("sum_sin", (6, 6), 1.0), ("product", 2, 2.0))


def slope(f, theta):
    """The true gradient of a probe function, from calculus."""
    t = np.asarray(theta, f64)
    return {
        "sum_exp": lambda: 10 * np.exp(10 * t),
        "sum_sin": lambda: np.cos(t),
        "far_quadratic": lambda: 2 * (t - 2e6),
        "product": lambda: np.array([t[1] ** 2, 2 * t[0] * t[1]]),
    }[f.name]()


def accurate(args, got, want):
    off = mismatch(got, slope(*args), Tolerance(1e-8, mode="max"))
    return Broken("the largest error exceeds 1e-8 of the largest entry") if off else None


def points(rng):
    return [draw_point(rng("sines"), "sum_sin", (2, 2), 1.0), draw_point(rng("product"), "product", 2, 2.0)]


def unchanged_law(observations):
    return Broken("changes theta") if any(1 in seen.facts.changed for seen in observations) else None


def calls_law(observations):
    for at, (theta, seen) in enumerate(zip(((2, 2), (2,)), observations, strict=True)):
        if seen.facts.probe_count > 6 * math.prod(theta) + 1:
            return Broken(f"calls f {seen.facts.probe_count} times for {math.prod(theta)} coordinates", at)
        if any(shapes != (theta,) for shapes in seen.facts.probe_calls):
            return Broken("calls f with an array of another shape than theta", at)
    return None


def differences(f, theta, step, forward=False, distance=2.0, in_place=False):
    t = np.array(theta, dtype=f64) if not (in_place and isinstance(theta, np.ndarray)) else theta
    require(t.size > 0, "theta")
    out = np.empty(t.shape)
    for i in np.ndindex(t.shape):
        h = step(t[i])
        a = t if in_place else t.copy()
        b = t.copy()
        a[i] += h
        b[i] -= 0.0 if forward else h
        out[i] = (f(a) - f(b)) / (h if forward else distance * h)
    return out


def scaled(value):
    return np.finfo(float).eps ** (1 / 3) * max(1.0, abs(value))


@right("numerical_grad", "five-point stencil")
def five_points(f, theta):
    t = np.array(theta, dtype=f64)
    require(t.size > 0, "theta")
    out = np.empty(t.shape)
    for i in np.ndindex(t.shape):
        h, at = 1e-3 * max(1.0, abs(t[i])), []
        for k in (-2, -1, 1, 2):
            moved = t.copy()
            moved[i] += k * h
            at.append(f(moved))
        out[i] = (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * h)
    return out


@borderline("numerical_grad", "forward differences of two steps, extrapolated")
def extrapolated(f, theta):
    h = np.finfo(float).eps ** (1 / 3)
    once, twice = (differences(f, theta, lambda v, k=k: k * h * max(1.0, abs(v)), forward=True) for k in (1, 2))
    return 2 * once - twice


@borderline("numerical_grad", "single precision in the result")
def rounded_to_single(f, theta):
    return differences(f, theta, scaled).astype(np.float32).astype(f64)


STEPS_OF_SIZE = (
    ("1e-4 max(1, |x|)", lambda v: 1e-4 * max(1.0, abs(v))),
    ("1e-6 max(1, |x|)", lambda v: 1e-6 * max(1.0, abs(v))),
    ("sqrt(eps) max(1, |x|)", lambda v: math.sqrt(np.finfo(float).eps) * max(1.0, abs(v))),
    ("eps**(1/3) (1 + |x|)", lambda v: np.finfo(float).eps ** (1 / 3) * (1 + abs(v))),
)

NUMERICAL = Hidden("numerical_grad", reference=gradients.numerical_grad, borderlines=tuple(
    borderline(f"central difference, step {said}", lambda f, t, step=step: differences(f, t, step)) for said, step in STEPS_OF_SIZE
), checks=(
    *usual_checks(NEAR, "rand", cases=6, tolerance=Tolerance(1e-8, mode="max"), also_right=accurate),
    matches("far", "is accurate to 1e-8 for coordinates of size 1e6", draw_far, group="value", cases=3,
        tolerance=Tolerance(1e-8, mode="max"), also_right=accurate),
    Contract(name="mut", title="leaves theta unchanged", inputs=points, law=unchanged_law),
    Contract(name="calls", title="calls f at most 6 times per coordinate, plus one", group="scaling", inputs=points,
        law=calls_law),
), misconceptions=(
    wrong("takes a forward difference", lambda f, t: differences(f, t, scaled, forward=True),
        hint="Expand f(t+h) to second order. Which error remains?"),
    wrong("takes too small a step", lambda f, t: differences(f, t, lambda v: 1e-12 * max(1.0, abs(v))),
        hint="Rounding errors are divided by h."),
    wrong("takes one fixed step", lambda f, t: differences(f, t, lambda v: 1e-5),
        hint="At t = 1e6, how far apart are the two values of f, and how many of their digits are right?"),
    wrong("takes a fixed step of 1e-7", lambda f, t: differences(f, t, lambda v: 1e-7),
        hint="Rounding errors of f are divided by h. Which h balances them with the truncation, and at t = 1e6?"),
    wrong("takes a step that ignores the size of x", lambda f, t: differences(f, t, lambda v: np.finfo(float).eps ** (1 / 3)),
        hint="At t=1e6, how many digits does t+h keep?"),
    wrong("changes the caller's array", lambda f, t: differences(f, t, scaled, in_place=True),
        hint="Look at theta after the call."),
    wrong("divides by h instead of 2h", lambda f, t: differences(f, t, scaled, distance=1.0),
        hint="How far apart are your two evaluation points?"),
))


# --- E05.5 gradient_descent ---
DESCENTS = (
    (Probe("identity"), np.array([4.3, 2.1]), 0.47, 4),
    (Probe("minus_three"), np.array([1.2]), 0.13, 7),
    (Probe("minus_three"), np.array([1.2]), 0.13, 0),
)


def draw_descent(g, probe, p, steps):
    return Probe(probe), 10 ** g.uniform(-2, 2) * g.normal(size=p), g.uniform(0.3, 0.9), steps


PATHS = strata(draw_descent, ("identity", 3, 5), ("minus_three", 1, 9), ("stretched", 2, 4), ("minus_three", 2, 60),
    ("identity", 1, 1))


def start_law(observations):
    return Broken("changes theta0") if any(1 in seen.facts.changed for seen in observations) else None


def steps_law(observations):
    for at, ((_, _, _, steps), seen) in enumerate(zip(DESCENTS, observations, strict=True)):
        if seen.facts.probe_count != steps:
            return Broken(f"calls grad {seen.facts.probe_count} times in {steps} steps", at)
    return None


@right("gradient_descent", "list of arrays")
def descend(grad, theta0, lr, steps, sign=-1.0, dtype=f64):
    t = np.array(theta0, dtype=dtype)
    require(lr > 0 and steps >= 0 and t.ndim == 1, "arguments")
    out = [t.copy()]
    for _ in range(steps):
        out.append((out[-1] + sign * lr * np.asarray(grad(out[-1].copy()))).astype(t.dtype))
    return np.array(out)


@wrong("gradient_descent", "stores the same array in every row", hint="Print two consecutive rows.")
def same_row(grad, theta0, lr, steps):
    t = np.array(theta0, dtype=f64)
    require(lr > 0 and steps >= 0 and t.ndim == 1, "arguments")
    path = [t]
    for _ in range(steps):
        t -= lr * np.asarray(grad(t.copy()))
        path.append(t)
    return np.array(path)


@wrong("gradient_descent", "updates theta0 in place", hint="Look at theta0 after the call.")
def moves_start(grad, theta0, lr, steps):
    t = np.asarray(theta0, dtype=f64)
    require(lr > 0 and steps >= 0 and t.ndim == 1, "arguments")
    out = [t.copy()]
    for _ in range(steps):
        t -= lr * np.asarray(grad(t.copy()))
        out.append(t.copy())
    return np.array(out)


@wrong("gradient_descent", "truncates after an integer start", hint="What happens to 0.5 in an integer array?")
def integer_start(grad, theta0, lr, steps):
    return descend(grad, theta0, lr, steps, dtype=np.asarray(theta0).dtype)


@wrong("gradient_descent", "stops where the gradient is small", hint="How many rows does the path have, wherever it starts?")
def stops_early(grad, theta0, lr, steps):
    path = descend(grad, theta0, lr, steps)
    at = [k for k in range(1, steps + 1) if np.linalg.norm(path[k] - path[k - 1]) < lr * 1e-6]
    return path[: at[0] + 1] if at else path


DESCENT = Hidden("gradient_descent", reference=gradients.gradient_descent, checks=(
    *usual_checks(PATHS, "rand", "list", "f32", "strided", tolerance=MAX_NORM),
    Contract(name="mut", title="leaves theta0 unchanged", inputs=lambda rng: DESCENTS, law=start_law),
    Contract(name="calls", title="calls grad exactly steps times", inputs=lambda rng: DESCENTS, law=steps_law),
), misconceptions=(
    wrong("climbs instead of descending", lambda *a: descend(*a, sign=1.0), hint="Which sign reduces the loss?"),
    wrong("leaves out the final point", lambda *a: descend(*a)[:-1], hint="How many rows do 0 steps give?"),
))
