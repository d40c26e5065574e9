"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import numpy as np

from autograder.checks import Broken, Hidden, Tolerance, law, mismatch, right, strata, usual_checks, wrong
from exercises.predictive_coding.checks import model
from reference import predictive_coding

f64 = np.float64
GRADS = Tolerance(1e-9, 1e-11)
PATHS = Tolerance(1e-8, 1e-9)


def draw_energy(g, p, k):
    return (
        g.normal(size=p), g.normal(size=k), g.normal(size=(p, k)), g.normal(size=k), 0.05 + g.exponential(size=p),
        0.05 + g.exponential(size=k),
    )  # fmt: skip


SIZES = ((4, 2), (3, 3), (6, 1), (1, 1), (2, 3), (5, 2), (1, 2))
drawn_energies = strata(draw_energy, *SIZES)


def arrays(y, r, U, m, pi_y, pi_r):
    """Validated float64 arguments of the energy."""
    predictive_coding.pc_energy(y, r, U, m, pi_y, pi_r)
    return tuple(np.asarray(value, f64) for value in (y, r, U, m, pi_y, pi_r))


# --- E18.1 pc_energy ---
def energy(y, r, U, m, pi_y, pi_r, *, half=0.5, data=lambda a, e: a @ (e * e), prior=lambda b, r, m: b @ (r - m) ** 2):
    """The right energy with one link to replace."""
    y, r, U, m, a, b = arrays(y, r, U, m, pi_y, pi_r)
    return float(half * (data(a, y - U @ r) + prior(b, r, m)))


@right("pc_energy", "diag")
def by_diagonals(y, r, U, m, pi_y, pi_r):
    y, r, U, m, a, b = arrays(y, r, U, m, pi_y, pi_r)
    e, d = y - U @ r, r - m
    return 0.5 * (e @ np.diag(a) @ e + d @ np.diag(b) @ d)


def over_variances(a, e):
    with np.errstate(all="ignore"):
        return np.sum(e * e / a)


ENERGY = Hidden("pc_energy", reference=predictive_coding.pc_energy, checks=(
    *usual_checks(drawn_energies),
), misconceptions=(
    wrong("forgets 1/2", lambda *a: energy(*a, half=1.0), hint="Which factor does a square have in a negative log density?"),
    wrong("uses variances instead of precisions",
        lambda *a: energy(*a, data=lambda a, e: (1 / np.maximum(a, 1e-12)) @ (e * e)),
        hint="A precise sensor must count more."),
    wrong("divides by both precisions",
        lambda *a: energy(*a, data=over_variances, prior=lambda b, r, m: over_variances(b, r - m)),
        hint="A precise sensor must count more."),
    wrong("averages both sums",
        lambda *a: energy(*a, data=lambda a, e: np.mean(a * e * e), prior=lambda b, r, m: np.mean(b * (r - m) ** 2)),
        hint="Does the energy sum over the units or average them?"),
    wrong("forgets the prior", lambda *a: energy(*a, prior=lambda b, r, m: 0.0), hint="How many kinds of prediction errors are in the energy?"),
    wrong("centres the prior at zero", lambda *a: energy(*a, prior=lambda b, r, m: b @ r**2),
        hint="What does the level above predict of the causes?"),
    wrong("squares the precision", lambda *a: energy(*a, data=lambda a, e: (a * a) @ (e * e)),
        hint="pi is the inverse variance."),
    wrong("averages instead of summing", lambda *a: energy(*a, data=lambda a, e: a @ (e * e) / e.size), hint="Does the energy sum over the units or average them?"),
))


# --- E18.2 pc_grad ---
def zero_inputs(rng):
    g = rng("zero")
    inputs = []
    for p, k in ((4, 3), (2, 3), (1, 1)):
        y, U, m, pi_y, pi_r = model(g, p, k)
        r = np.linalg.solve((U.T * pi_y) @ U + np.diag(pi_r), U.T @ (pi_y * y) + pi_r * m)
        inputs.append((y, r, U, m, pi_y, pi_r))
    return inputs


def zero_law(args, got, want):
    flat = all(np.shape(out) == np.shape(one[1]) and np.max(np.abs(out)) <= 1e-9 for one, out in zip(args, got))
    return None if flat else Broken("is not zero at the posterior mean")


def linear_back(U, a, e):
    return U.T @ (a * e)


def gradient(y, r, U, m, pi_y, pi_r, *, back=linear_back, sign=-1.0, prior=lambda b, r, m: b * (r - m)):
    """The right gradient with one link to replace."""
    y, r, U, m, a, b = arrays(y, r, U, m, pi_y, pi_r)
    return sign * back(U, a, y - U @ r) + prior(b, r, m)


@right("pc_grad", "assembled system")
def assembled(y, r, U, m, pi_y, pi_r):
    y, r, U, m, a, b = arrays(y, r, U, m, pi_y, pi_r)
    H = U.T @ np.diag(a) @ U + np.diag(b)
    return H @ r - (U.T @ (a * y) + b * m)


GRADIENT = Hidden("pc_grad", reference=predictive_coding.pc_grad, checks=(
    *usual_checks(drawn_energies, tolerance=GRADS),
    law("zero", "is zero at the posterior mean", zero_inputs, zero_law),
), misconceptions=(
    wrong("reverses the sign of the data term", lambda *a: gradient(*a, sign=1.0),
        hint="Where y exceeds its prediction, should descent raise r or lower it?"),
    wrong("forgets the prior term", lambda *a: gradient(*a, prior=lambda b, r, m: 0.0),
        hint="What holds a cause that no sensor sees?"),
    wrong("reverses the sign of the prior term", lambda *a: gradient(*a, prior=lambda b, r, m: b * (m - r)),
        hint="The prior pulls towards m."),
    wrong("forgets the precision of y", lambda *a: gradient(*a, back=lambda U, a, e: U.T @ e), hint="How much should an error count whose precision is 0?"),
    wrong("forgets to transpose U",
        lambda *a: gradient(*a, back=lambda U, a, e: (np.ones_like(U).T * U.mean()) @ (a * e)),
        hint="Errors travel back through the transposed weights."),
    wrong("applies the precision after U^T", lambda *a: gradient(*a, back=lambda U, a, e: a.mean() * (U.T @ e)),
        hint="Each sensor has its own precision."),
))


# --- E18.3 pc_infer ---
def draw_path(g, p, k, steps, started):
    y, _, U, m, pi_y, pi_r = draw_energy(g, p, k)
    limit = 2 / np.linalg.eigvalsh((U.T * pi_y) @ U + np.diag(pi_r))[-1]
    drawn = (y, U, m, pi_y, pi_r, float(g.uniform(0.1, 0.9) * limit), steps)
    return (*drawn, g.normal(size=m.size)) if started else drawn


drawn_paths = strata(
    draw_path, (4, 2, 7, False), (3, 3, 20, True), (6, 1, 5, False), (1, 1, 1, True), (2, 3, 0, False), (5, 2, 39, True),
    (1, 2, 0, True), (3, 2, 12, False),
)  # fmt: skip


@right("pc_infer", "own gradient")
def descent(
    y, U, m, pi_y, pi_r, lr, steps, r0=None, *, start=lambda m, r0: m if r0 is None else r0, move=lambda g: -g,
    rows=lambda out: out,
):  # fmt: skip
    """The right path with one link to replace."""
    predictive_coding.pc_infer(y, U, m, pi_y, pi_r, lr, 0, r0)
    y, U, m, a, b = (np.asarray(value, f64) for value in (y, U, m, pi_y, pi_r))
    out = np.empty((steps + 1, m.size))
    out[0] = start(m, r0)
    for t in range(steps):
        out[t + 1] = out[t] + lr * move(b * (out[t] - m) - U.T @ (a * (y - U @ out[t])))
    return rows(out)


@wrong("pc_infer", "changes the caller's r0", hint="Look at r0 after the call.")
def moves_start(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    predictive_coding.pc_infer(y, U, m, pi_y, pi_r, lr, 0, r0)
    r = np.array(m, f64) if r0 is None else np.asarray(r0, f64)
    path = [r.copy()]
    for _ in range(steps):
        r -= lr * predictive_coding.pc_grad(y, r, U, m, pi_y, pi_r)
        path.append(r.copy())
    return np.array(path)


@wrong("pc_infer", "starts at m itself, which every step then moves", hint="Is the prior mean after a step still what it was?")
def moves_prior(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    predictive_coding.pc_infer(y, U, m, pi_y, pi_r, lr, 0, r0)
    m = np.array(m, f64)
    r = m if r0 is None else np.array(r0, f64)
    path = [r.copy()]
    for _ in range(steps):
        r -= lr * predictive_coding.pc_grad(y, r, U, m, pi_y, pi_r)
        path.append(r.copy())
    return np.array(path)


@right("pc_infer", "linear recursion")
def as_recursion(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    """A linear recursion with its own gradient: r becomes A r + c."""
    predictive_coding.pc_infer(y, U, m, pi_y, pi_r, lr, 0, r0)
    y, U, m, a, b = (np.asarray(value, f64) for value in (y, U, m, pi_y, pi_r))
    A = np.eye(m.size) - lr * (U.T @ np.diag(a) @ U + np.diag(b))
    c = lr * (U.T @ (a * y) + b * m)
    path = [np.array(m if r0 is None else r0, f64)]
    for _ in range(steps):
        path.append(A @ path[-1] + c)
    return np.array(path)


INFER = Hidden("pc_infer", reference=predictive_coding.pc_infer, checks=(
    *usual_checks(drawn_paths, "rand", "mut", "strided", tolerance=PATHS),
), misconceptions=(
    wrong("starts at zero where no r0 is given", lambda *a: descent(*a, start=lambda m, r0: 0 * m if r0 is None else r0),
        hint="Default start is the top-down prediction."),
    wrong("climbs instead of descending", lambda *a: descent(*a, move=lambda g: g), hint="Does the energy fall along your path?"),
    wrong("ignores r0", lambda *a: descent(*a, start=lambda m, r0: m), hint="What should row 0 of the path be when r0 is given?"),
    wrong("leaves out the start", lambda *a: descent(*a, rows=lambda out: out[1:]), hint="How many rows does a path of `steps` steps have, with its start?"),
    wrong("normalises the step", lambda *a: descent(*a, move=lambda g: -g / max(np.linalg.norm(g), 1e-300)),
        hint="How long should a step be where the gradient is large?"),
))


# --- E18.4 pc_posterior_mean ---
def draw_posterior(g, p, k):
    y, _, *model = draw_energy(g, p, k)
    return y, *model


drawn_posteriors = strata(draw_posterior, *SIZES)


def limits_inputs(rng):
    y, _, m, pi_y, pi_r = model(rng("limits"), 6, 2)
    U = np.linalg.qr(rng("limits 2").normal(size=(6, 2)))[0] * [2.0, 1.0]
    return [
        (y, U, m, pi_y, pi_r),
        (y, U, m, pi_y * 1e8, pi_r),
        (y, U, m, pi_y, pi_r * 1e8),
        (y, U, m, pi_y * 1e8, pi_r * 1e8),
    ]


def limits_law(args, got, want):
    y, U, m, pi_y, _ = args[0]
    root = np.sqrt(pi_y)
    fit = np.linalg.lstsq(root[:, None] * U, root * y, rcond=None)[0]
    middle, precise_data, precise_prior, both = got
    if mismatch(precise_data, fit, Tolerance(1e-6, 1e-6)):
        return Broken("is not the weighted least-squares fit for very precise data")
    if mismatch(precise_prior, m, Tolerance(1e-6, 1e-6)):
        return Broken("is not m for a very precise prior")
    return Broken("changes when all precisions are multiplied by one number") if mismatch(both, middle, PATHS) else None


def scalar_inputs(rng):
    g = rng("scalar")
    return [
        (g.normal(size=n), np.ones((n, 1)), np.array([m]), np.full(n, 1 / sigma2), np.array([1 / tau2]))
        for n, m, tau2, sigma2 in ((5, 0.5, 2.0, 3.0), (1, -1.0, 0.5, 0.1))
    ]


def scalar_law(args, got, want):
    for at, ((y, _, m, pi_y, pi_r), out) in enumerate(zip(args, got, strict=True)):
        right = (pi_r * m + np.sum(pi_y * y)) / (pi_r + np.sum(pi_y))
        if mismatch(out, right, PATHS):
            return Broken("one cause seen by equal sensors: not the posterior mean of a normal mean under a normal prior", at)
    return None


def solved(
    y, U, m, pi_y, pi_r, *,
    precisions=lambda a, b: (a, b),
    prior=np.diag,
    answer=lambda P, U, a, y, m: m + np.linalg.solve(P, U.T @ (a * (y - U @ m))),
):  # fmt: skip
    """The right solution with one link to replace."""
    predictive_coding.pc_posterior_mean(y, U, m, pi_y, pi_r)
    y, U, m, a, b = (np.asarray(value, f64) for value in (y, U, m, pi_y, pi_r))
    a, b = precisions(a, b)
    return answer((U.T * a) @ U + prior(b), U, a, y, m)


def inverted(a, b):
    return 1 / np.maximum(a, 1e-12), 1 / np.maximum(b, 1e-12)


@right("pc_posterior_mean", "direct")
def direct(y, U, m, pi_y, pi_r):
    b = np.asarray(pi_r, f64)
    return solved(
        y, U, m, pi_y, pi_r, answer=lambda P, U, a, y, m: np.linalg.inv(P) @ (U.T @ (a * y) + b * m)
    )  # fmt: skip


@right("pc_posterior_mean", "stacked least squares")
def stacked(y, U, m, pi_y, pi_r):
    predictive_coding.pc_posterior_mean(y, U, m, pi_y, pi_r)
    y, U, m, a, b = (np.asarray(value, f64) for value in (y, U, m, np.sqrt(pi_y), np.sqrt(pi_r)))
    rows = np.vstack([a[:, None] * U, np.diag(b)])
    return np.linalg.lstsq(rows, np.concatenate([a * y, b * m]), rcond=None)[0]


def data_alone(P, U, a, y, m):
    return np.linalg.lstsq(np.sqrt(a)[:, None] * U, np.sqrt(a) * y, rcond=None)[0]


POSTERIOR = Hidden("pc_posterior_mean", reference=predictive_coding.pc_posterior_mean, checks=(
    *usual_checks(drawn_posteriors, "rand", "mut", "list", "strided", tolerance=PATHS),
    law("limits", "is right where data or prior are very precise", limits_inputs,
        limits_law, role="corner"),
    law("scalar", "agrees with the posterior mean of a normal mean", scalar_inputs, scalar_law),
), misconceptions=(
    wrong("forgets the precision of the prior mean",
        lambda *a: solved(*a, answer=lambda P, U, a, y, m: np.linalg.solve(P, U.T @ (a * y) + m)), hint="How much should the prediction from above count if its precision is 0?"),
    wrong("uses variances instead of precisions", lambda *a: solved(*a, precisions=inverted),
        hint="Let the precision of the data grow: should the data be believed more or less?"),
    wrong("forgets the prior: weighted least squares", lambda *a: solved(*a, answer=data_alone),
        hint="What holds a cause that no sensor sees?"),
    wrong("uses one penalty for all precisions", lambda *a: solved(*a, prior=lambda b: b.mean() * np.eye(b.size)),
        hint="Each cause has its own precision."),
    wrong("forgets the precision of the data", lambda *a: solved(*a, precisions=lambda a, b: (np.ones_like(a), b)),
        hint="In how many places of the equation does the precision of the data occur?"),
    wrong("ignores the prior mean",
        lambda *a: solved(*a, answer=lambda P, U, a, y, m: np.linalg.solve(P, U.T @ (a * y))), hint="Switch the data off: where should the causes end?"),
))


# --- E18.5 pc_learn_step ---
def draw_learning(g, n, p, k):
    return (
        g.normal(size=(n, p)), g.normal(size=(n, k)), g.normal(size=(p, k)), 0.05 + g.exponential(size=p),
        float(g.uniform(0.01, 1.0)),
    )  # fmt: skip


drawn_samples = strata(draw_learning, (5, 3, 2), (7, 2, 3), (3, 4, 1), (1, 2, 2), (2, 1, 1), (6, 5, 3))


def learned(
    Y, R, U, pi_y, lr, *,
    rate=lambda lr, n: lr / n,
    error=lambda E, a: E * a,
    product=lambda E, R, U: E.T @ R,
    update=lambda U, step: U + step,
):  # fmt: skip
    """The right step with one link to replace."""
    predictive_coding.pc_learn_step(Y, R, U, pi_y, lr)
    Y, R, U, a = (np.asarray(value, f64) for value in (Y, R, U, pi_y))
    return update(U, rate(lr, len(Y)) * product(error(Y - R @ U.T, a), R, U))


def in_place(U, step):
    U += step
    return U


@right("pc_learn_step", "einsum")
def by_einsum(Y, R, U, pi_y, lr):
    predictive_coding.pc_learn_step(Y, R, U, pi_y, lr)
    Y, R, U, a = (np.asarray(value, f64) for value in (Y, R, U, pi_y))
    errors = Y - np.einsum("pk,nk->np", U, R)
    return U + lr * np.einsum("p,np,nk->pk", a, errors, R) / len(Y)


@right("pc_learn_step", "loop")
def by_loop(Y, R, U, pi_y, lr):
    predictive_coding.pc_learn_step(Y, R, U, pi_y, lr)
    Y, R, U, a = (np.asarray(value, f64) for value in (Y, R, U, pi_y))
    step = np.zeros_like(U)
    for y, r in zip(Y, R, strict=True):
        step += np.outer(a * (y - U @ r), r)
    return U + lr * step / len(Y)


LEARN = Hidden("pc_learn_step", reference=predictive_coding.pc_learn_step, checks=(
    *usual_checks(drawn_samples, tolerance=GRADS),
), misconceptions=(
    wrong("sums over the samples", lambda *a: learned(*a, rate=lambda lr, n: lr), hint="Give every sample twice: should a mean change?"),
    wrong("climbs instead of descending", lambda *a: learned(*a, update=lambda U, step: U - step),
        hint="The error is y minus its prediction: do the weights move with it or against it?"),
    wrong("forgets the precision", lambda *a: learned(*a, error=lambda E, a: E), hint="How much should an error count whose precision is 0?"),
    wrong("transposes the outer product", lambda *a: learned(*a, product=lambda E, R, U: (R.T @ E).reshape(U.shape)),
        hint="U[i,j] connects cause j with unit i."),
    wrong("averages before multiplying",
        lambda *a: learned(*a, product=lambda E, R, U: len(R) * np.outer(E.mean(0), R.mean(0))),
        hint="Is the mean of a product the product of the means?"),
    wrong("changes the caller's array", lambda *a: learned(*a, update=in_place), hint="Print U after the call: is it what it was?"),
))
