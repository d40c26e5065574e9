"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math

import numpy as np
from scipy import special

from autograder.checks import (
    Broken, Example, Hidden, Tolerance, borderline, corner, fast_enough, law, right, strata, usual_checks, wrong,
)
from reference import probabilities
from reference._arrays import require

f64 = np.float64
LOSS = Tolerance(1e-9, 1e-12)
GRADS = Tolerance(1e-8, 1e-13)


# --- E12.1 cross_entropy ---
def draw_entropy(g, n, K, size):
    return size * g.normal(size=(n, K)), g.integers(0, K, size=n)


drawn_entropies = strata(
    draw_entropy, (6, 4, 1.1), (19, 3, 1.7), (4, 7, 0.3), (12, 5, 11.0), (1, 2, 1.3), (8, 6, 130.0), (15, 2, 2.3e3), (5, 4, 3.1e5),
    (9, 3, 2.7e7), (7, 8, 37.0),
)  # fmt: skip


def draw_entropy_large(g):
    return g.normal(size=(100_000, 4)), g.integers(0, 4, size=100_000)


def classes(logits, labels):
    """Validated: logits, labels, and the logit of each sample's class."""
    probabilities.cross_entropy(logits, labels)
    logits, labels = np.asarray(logits, f64), np.asarray(labels)
    return logits, labels, logits[np.arange(len(labels)), labels]


@wrong("cross_entropy", "takes the logarithm of a probability that underflows", hint="log of an underflowed 0. Take the logarithm analytically.")
def of_softmax(logits, labels, floor=0.0):
    logits, labels, _ = classes(logits, labels)
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return -np.mean(np.log(np.clip(p[np.arange(len(labels)), labels], floor, 1.0)))


@wrong("cross_entropy", "adds 1e-12 to the probability", hint="The loss of a confident error is capped at 27.6. True value?")
def of_raised_softmax(logits, labels):
    logits, labels, _ = classes(logits, labels)
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(labels)), labels] + 1e-12))


@wrong("cross_entropy", "computes softmax without shifting, then its logarithm", hint="What is exp(1000) / exp(1000) in floating point?")
def of_unshifted_softmax(logits, labels):
    logits, labels, own = classes(logits, labels)
    return -np.mean(np.log(np.exp(own) / np.exp(logits).sum(1)))


@wrong("cross_entropy", "averages over the classes as well", hint="With two classes of equal logits the loss is log 2.")
def over_classes(logits, labels):
    logits, _, _ = classes(logits, labels)
    return probabilities.cross_entropy(logits, labels) / logits.shape[1]


def entropy_shifted_by(shift, average=np.mean, log=np.log):
    def loss(logits, labels):
        logits, _, own = classes(logits, labels)
        m = shift(logits)
        return average(m + log(np.exp(logits - m[:, None]).sum(1)) - own)

    return loss


def row_maximum(logits):
    return logits.max(1)


@wrong("cross_entropy", "lets negative labels count from the end", hint="What does Python do with the index -1, and is -1 a class?")
def negative_labels(logits, labels):
    logits, labels = np.asarray(logits, f64), np.asarray(labels)
    require(labels.shape == (len(logits),) and bool(np.all(labels < logits.shape[1])), "labels")
    own = logits[np.arange(len(labels)), labels]
    return np.mean(special.logsumexp(logits, axis=1) - own)


@right("cross_entropy", "scipy logsumexp")
def entropy_logsumexp(logits, labels):
    logits, _, own = classes(logits, labels)
    return np.mean(special.logsumexp(logits, axis=1) - own)


@right("cross_entropy", "pairwise differences")
def entropy_pairwise(logits, labels):
    logits, _, own = classes(logits, labels)
    behind = logits - own[:, None]
    top = behind.max(1)
    return np.mean(top + np.log(np.exp(behind - top[:, None]).sum(1)))


CROSS_ENTROPY = Hidden("cross_entropy", reference=probabilities.cross_entropy, checks=(
    *usual_checks(drawn_entropies, tolerance=LOSS),
    fast_enough(draw_entropy_large, "100,000 samples of 4 classes", tolerance=LOSS),
), misconceptions=(
    wrong("clips probabilities at 1e-12", lambda *a: of_softmax(*a, floor=1e-12),
        hint="The loss of a confident error is capped at 27.6. True value?"),
    wrong("exponentiates without shifting", entropy_shifted_by(lambda z: np.zeros(len(z))), hint="What is exp(1000) in floating point?"),
    wrong("sums over the samples", entropy_shifted_by(row_maximum, average=np.sum), hint="Give every sample twice: should a mean change?"),
    wrong("shifts by the maximum of the whole batch", entropy_shifted_by(lambda z: np.full(len(z), z.max())),
        hint="Rows far below the global maximum underflow."),
    wrong("takes base-2 logarithms", entropy_shifted_by(row_maximum, log=np.log2), hint="Which logarithm do the conventions name?"),
    wrong("measures in bits", lambda *a: probabilities.cross_entropy(*a) / math.log(2), hint="Which logarithm do the conventions name?"),
    wrong("normalises over the samples", lambda z, c: np.mean(special.logsumexp(z, axis=0)[classes(z, c)[1]] - classes(z, c)[2]),
        hint="What must the probabilities of one sample add up to?"),
))


# --- E12.2 softmax_grads ---
def draw_grads(g, n, K, size, soft):
    logits = size * g.normal(size=(n, K))
    return logits, g.dirichlet(np.ones(K), size=n) if soft else np.eye(K)[g.integers(0, K, size=n)]


drawn_grads = strata(
    draw_grads, (4, 3, 1.1, True), (8, 6, 1.3, False), (3, 4, 3.7, True), (1, 2, 2.1, False), (5, 5, 6.3, False), (2, 7, 0.2, True),
    (6, 2, 4.9, True), (7, 3, 8.1, False),
)  # fmt: skip


def draw_grads_large(g):
    return g.normal(size=(5_000, 200)), np.eye(200)[g.integers(0, 200, size=5_000)]


def zero_sum_inputs(rng):
    g = rng("zero_sum")
    logits, targets = 3 * g.normal(size=(6, 4)), g.dirichlet(np.ones(4), size=6)
    return [(logits, targets), (np.log(targets), targets)]


def zero_sum_law(args, got, want):
    for name, g, at_target in zip(("g_ce", "g_mse"), *got, strict=True):
        if g.shape != (6, 4) or np.max(np.abs(g.sum(1))) > 1e-12:
            return Broken(f"the rows of {name} do not sum to 0 over the classes")
        if np.max(np.abs(at_target)) > 1e-12:
            return Broken(f"{name} does not vanish at p = y")
    return None


CASES = tuple((margin, K) for margin in (5.0, 40.0, 300.0, 700.0) for K in (2, 5))


def saturation_inputs(rng):
    """Class 0 leads all others, among them the true class 1, by the margin."""
    return [(np.eye(K)[:1] * margin, np.eye(K)[1:2]) for margin, K in CASES]


def saturation_law(args, got, want):
    for at, ((margin, K), (g_ce, g_mse)) in enumerate(zip(CASES, got, strict=True)):
        if g_ce.shape != (1, K) or g_mse.shape != (1, K):
            return Broken(f"the gradients of one sample must have shape (1, {K})", at)
        small = np.exp(-margin)
        p = small / (1 + (K - 1) * small)  # of every class but the leader
        lead = 1 / (1 + (K - 1) * small)
        right = p * ((p - 1) - (lead**2 + p * (p - 1) + (K - 2) * p**2))
        if not abs(g_mse[0, 1] - right) <= 1e-8 * abs(right):
            return Broken(f"g_mse at the true class is not relatively accurate for a margin of {margin:g}", at)
        if not abs(g_mse[0, 0]) < 3 * (K - 1) * small + 1e-15:
            return Broken(f"g_mse at the leading wrong class does not vanish like exp(-margin) for a margin of {margin:g}", at)
        if not abs(g_ce[0, 1] + 1) <= small + 1e-12:
            return Broken(f"g_ce at the true class does not tend to -1 for a margin of {margin:g}", at)
    return None


def soft(logits, targets):
    """Validated probabilities and errors."""
    probabilities.softmax_grads(logits, targets)
    logits, targets = np.asarray(logits, f64), np.asarray(targets, f64)
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return p, p - targets


def grads(of_mse):
    """Both gradients, the second as ``of_mse(p, error, S)``."""

    def both(logits, targets):
        p, e = soft(logits, targets)
        return e, of_mse(p, e, np.sum(e * p, axis=1, keepdims=True))

    return both


@wrong("softmax_grads", "averages over the batch", hint="Per-sample gradients are asked for.")
def batch_averaged(logits, targets):
    g_ce, g_mse = probabilities.softmax_grads(logits, targets)
    return g_ce / len(g_ce), g_mse / len(g_mse)


@wrong("softmax_grads", "normalises over the samples", hint="Which axis holds the classes? Each row of p sums to 1.")
def over_samples(logits, targets):
    soft(logits, targets)
    logits, targets = np.asarray(logits, f64), np.asarray(targets, f64)
    p = special.softmax(logits, axis=0)
    e = p - targets
    return e, p * (e - np.sum(e * p, axis=1, keepdims=True))


@wrong("softmax_grads", "builds every Jacobian", hint="How many numbers are n*K*K for n = 200,000 and K = 50?")
def dense_jacobians(logits, targets):
    p, e = soft(logits, targets)
    J = p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]
    return e, np.einsum("nij,ni->nj", J, e)


@wrong("softmax_grads", "exponentiates without shifting", hint="Try logits of 1000: what is exp(1000) in floating point?")
def no_shift(logits, targets):
    soft(logits, targets)
    p = np.exp(np.asarray(logits, f64))
    p = p / p.sum(1, keepdims=True)
    e = p - np.asarray(targets, f64)
    return e, p * (e - np.sum(e * p, axis=1, keepdims=True))


@right("softmax_grads", "row loop with explicit product")
def row_loop(logits, targets):
    p, e = soft(logits, targets)
    return e, np.array([(np.diag(q) - np.outer(q, q)) @ r for q, r in zip(p, e, strict=True)])


@right("softmax_grads", "log-domain weights")
def log_domain(logits, targets):
    probabilities.softmax_grads(logits, targets)
    p = np.exp(special.log_softmax(np.asarray(logits, f64), axis=1))
    e = p - np.asarray(targets, f64)
    return e, p * e - p * np.einsum("nk,nk->n", p, e)[:, None]


@borderline("softmax_grads", "single precision inside")
def in_single(logits, targets):
    soft(logits, targets)
    logits, targets = np.asarray(logits, np.float32), np.asarray(targets, np.float32)
    p = special.softmax(logits, axis=1)
    e = p - targets
    return e.astype(f64), (p * (e - np.sum(p * e, axis=1, keepdims=True))).astype(f64)


def clipped(floor):
    """Both gradients of probabilities that are not below a floor."""

    def both(logits, targets):
        p, _ = soft(logits, targets)
        p = np.clip(p, floor, 1 - floor)
        e = p - np.asarray(targets, f64)
        return e, p * (e - np.sum(p * e, axis=1, keepdims=True))

    return both


SOFTMAX_GRADS = Hidden("softmax_grads", reference=probabilities.softmax_grads, borderlines=(
    borderline("p * (e - p . e) as it is", grads(lambda p, e, S: p * (e - S))),
    borderline("p * e - p * (p . e) as it is", grads(lambda p, e, S: p * e - p * S)),
    borderline("probabilities clipped at 1e-15", clipped(1e-15)),
    borderline("probabilities clipped at 1e-7", clipped(1e-7)),
), checks=(
    *usual_checks(drawn_grads, "rand", "mut", "list", "strided", tolerance=GRADS),
    law("zero_sum", "sums to zero over the classes and vanishes at p = y", zero_sum_inputs, zero_sum_law),
    law("saturation", "is relatively accurate where the model is confidently wrong", saturation_inputs, saturation_law,
        role="corner"),
    fast_enough(draw_grads_large, "5,000 samples of 200 classes", tolerance=GRADS),
), misconceptions=(
    wrong("uses the diagonal of the Jacobian alone", grads(lambda p, e, S: p * (1 - p) * e),
        hint="Softmax outputs are coupled: raising z_j lowers all other p_i. Do your gradients sum to zero?"),
    wrong("gives the error alone, as for cross-entropy", grads(lambda p, e, S: e * 1.0), hint="Which loss has the gradient p-y?"),
    wrong("keeps a factor 2 that 1/2 cancels", grads(lambda p, e, S: 2 * p * (e - S)), hint="What prefactor does the squared loss have in the conventions?"),
    wrong("averages over the classes", grads(lambda p, e, S: p * (e - S) / p.shape[1]), hint="Does the loss sum over the classes or average them?"),
    wrong("reverses the sign of the coupling term", grads(lambda p, e, S: p * (e + S)), hint="Check the sum over classes."),
))


# --- E12.3 steps_to_recover ---
def lead(z, c):
    return z[c] - np.max(np.delete(z, c))


def decided(z, c, lr, loss, max_steps):
    """Whether the state before and the state at the answer are both clear: no rounding can move the answer."""
    leads, p = [], None
    for _ in range(max_steps + 1):
        leads.append(lead(z, c))
        if leads[-1] > 0:
            break
        p = special.softmax(z)
        e = p - np.eye(z.size)[c]
        z = z - lr * (e if loss == "ce" else p * (e - e @ p))
    return min(abs(value) for value in leads[-2:]) > 1e-7


def draw_recovery(g, K, loss, rate):
    while True:
        c, w = (int(k) for k in g.permutation(K)[:2])
        z = 0.1 * g.normal(size=K)
        z[w] = np.max(z) + g.uniform(1, 4)
        args = z, c, float(rate * g.uniform(0.8, 1.25)), loss, 1000
        if decided(*args):
            return args


drawn_recoveries = strata(
    draw_recovery, (3, "mse", 0.6), (4, "ce", 0.2), (2, "mse", 0.3), (5, "ce", 0.5), (2, "ce", 0.11), (5, "mse", 0.4),
    (4, "mse", 0.7), (3, "ce", 0.3),
)  # fmt: skip


def descend(
    logits, label, lr, loss, max_steps, *,
    start=lambda z: np.array(z, dtype=f64), first=0, tests=1, won=lambda z, others: z > others,
    gradient=lambda p, e, loss: e if loss == "ce" else p * (e - e @ p),
):  # fmt: skip
    """The right loop with one link to replace."""
    probabilities.steps_to_recover(logits, label, lr, loss, 0)
    z = start(logits)
    others = np.arange(z.size) != label
    y = np.where(others, 0.0, 1.0)
    for t in range(max_steps + tests):
        if won(z[label], z[others].max()):
            return t + first
        p = np.exp(z - z.max())
        p /= p.sum()
        z -= lr * gradient(p, p - y, loss)
    return -1


@right("steps_to_recover", "gap formulation")
def gap_form(logits, label, lr, loss, max_steps):
    """Descent on the gaps z_c - z_k alone: the softmax knows nothing else."""
    probabilities.steps_to_recover(logits, label, lr, loss, 0)
    z = np.asarray(logits, f64)
    gap = z[label] - np.delete(z, label)
    for t in range(max_steps + 1):
        if np.all(gap > 0):
            return t
        p = special.softmax(np.append(-gap, 0.0))
        e = p - np.append(np.zeros(gap.size), 1.0)
        slope = e if loss == "ce" else p * (e - e @ p)
        gap = gap - lr * (slope[-1] - slope[:-1])
    return -1


STEPS = Hidden("steps_to_recover", reference=probabilities.steps_to_recover, checks=(
    *usual_checks(drawn_recoveries, "rand", "mut", "list", cases=8),
    corner("huge", "does not overflow for logits of 1000",
        (([0.0, 1000.0], 0, 600.0, "ce", 5), 1), (([1000.0, 1000.0], 0, 1.0, "mse", 5), 1)),
    Example(name="long", role="other", title="follows both losses from a margin of 9",
        cases=((([9.0, 0.0], 1, 0.5, "mse", 10_000), 4070), (([9.0, 0.0], 1, 0.5, "ce", 10_000), 10))),
), misconceptions=(
    wrong("counts steps from 1", lambda *a: descend(*a, first=1), hint="How many updates were made before the first test?"),
    wrong("counts ties as recovered", lambda *a: descend(*a, won=lambda z, others: z >= others),
        hint='"Strictly larger".'),
    wrong("leaves the state after the last step untested", lambda *a: descend(*a, tests=0), hint="Is the state after the last update tested?"),
    wrong("uses one gradient for both losses", lambda *a: descend(*a, gradient=lambda p, e, loss: e),
        hint="Look at the step counts of the two losses."),
    wrong("forgets the coupling term of MSE",
        lambda *a: descend(*a, gradient=lambda p, e, loss: e if loss == "ce" else p * (1 - p) * e * 2),
        hint="Does raising one logit change the other probabilities?"),
    wrong("changes the caller's z0", lambda *a: descend(*a, start=lambda z: np.asarray(z, dtype=f64)),
        hint="Look at z0 after the call."),
))
