"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import numpy as np
from scipy import special

from autograder.checks import Broken, Hidden, Tolerance, fast_enough, law, mismatch, right, strata, usual_checks, wrong
from reference import distillation
from reference._arrays import require

f64 = np.float64
PROBS = Tolerance(1e-9, 1e-300)  # exponential tails are compared relatively
LOSS = Tolerance(1e-9, 1e-12)
GRAD = Tolerance(1e-8, 1e-11)
GAP = Tolerance(1e-5, 1e-11)  # T (p - q) loses T * eps, and the gap itself is of size 1 / T


# --- E14.1 softened_probs ---
def draw_probs(g, shape, size, T):
    """Logits whose quotients by the temperature are of that size, at a temperature of about T."""
    T = float(T * 2 ** g.uniform(-0.5, 0.5))
    return size * T * g.normal(size=shape), T


drawn_probs = strata(
    draw_probs, ((4, 3), 1.1, 2.3), ((5,), 2.3, 0.6), ((2, 3, 4), 0.7, 7.0), ((3, 6), 11.0, 1.7), ((5, 2), 25.0, 0.04), ((1, 1), 1.0, 3.0),
    ((2, 5, 1, 3), 4.1, 60.0), ((8, 4), 0.03, 90.0),
)  # fmt: skip


def draw_probs_large(g):
    return 5 * g.normal(size=(10_000, 10)), 3.0


def soft(
    logits, temperature, *, cool=lambda d, T: d / T, shift=lambda Z: Z.max(axis=-1, keepdims=True),
    total=lambda e: e.sum(axis=-1, keepdims=True), weights=np.exp,
):  # fmt: skip
    """The right distribution with one link to replace."""
    distillation.softened_probs(logits, temperature)
    Z, T = np.asarray(logits, f64), float(temperature)
    e = weights(cool(Z - shift(Z), T))
    return e / total(e)


@wrong("softened_probs", "divides by the temperature after softmax", hint="T then cancels in the normalisation.")
def temperature_after(logits, temperature):
    return soft(logits, temperature, cool=lambda d, T: d, weights=lambda d: np.exp(d) / float(temperature))


@wrong("softened_probs", "normalises over the samples", hint="Classes are on the last axis.")
def first_axis(logits, temperature):
    return soft(
        logits, temperature,
        shift=lambda Z: Z.max(axis=0, keepdims=True), total=lambda e: e.sum(axis=0, keepdims=True),
    )  # fmt: skip


@right("softened_probs", "scipy")
def checked_scipy(logits, temperature):
    soft(logits, temperature)
    return special.softmax(np.asarray(logits, f64) / temperature, axis=-1)


@right("softened_probs", "log form")
def log_form(logits, temperature):
    soft(logits, temperature)
    return np.exp(special.log_softmax(np.asarray(logits, f64) / temperature, axis=-1))


SOFTENED = Hidden("softened_probs", reference=distillation.softened_probs, checks=(
    *usual_checks(drawn_probs, tolerance=PROBS),
    fast_enough(draw_probs_large, "10,000 samples of 10 classes", tolerance=PROBS),
), misconceptions=(
    wrong("ignores the temperature", lambda *a: soft(*a, cool=lambda d, T: d), hint="Does it change with T at all?"),
    wrong("multiplies by T instead of dividing", lambda *a: soft(*a, cool=lambda d, T: d * T),
        hint="Does a high temperature sharpen or flatten?"),
    wrong("exponentiates without shifting", lambda *a: soft(*a, shift=lambda Z: 0.0), hint="Try logits of 1000 at T = 0.01: what is exp(1e5) in floating point?"),
    wrong("normalises over the whole batch", lambda *a: soft(*a, total=lambda e: e.sum()), hint="Over which axis should probabilities add up to 1?"),
))


# --- E14.2 kd_loss ---
def draw_pair(g, n, K, size, T):
    return size * g.normal(size=(n, K)), size * g.normal(size=(n, K)), float(T * 2 ** g.uniform(-0.5, 0.5))


drawn_pairs = strata(
    draw_pair, (3, 4, 1.1, 2.7), (8, 3, 2.3, 0.6), (2, 6, 0.7, 14.0), (1, 2, 1.7, 4.0), (5, 5, 6.0, 0.9), (4, 2, 9.0, 1.6),
    (7, 4, 3.1, 30.0), (6, 3, 0.2, 0.35),
)  # fmt: skip


def shift_inputs(rng):
    g = rng("shift")
    Zs, Zt, T = g.normal(size=(3, 4)), g.normal(size=(3, 4)), 2.0
    return [(Zs, Zt, T), (Zs + 20 * g.normal(size=(3, 1)), Zt, T), (Zs, Zt + 20 * g.normal(size=(3, 1)), T)]


def shift_law(args, got, want):
    if mismatch(got[1], got[0], LOSS):
        return Broken("changes when a constant is added to a row of the student's logits")
    return (
        Broken("changes when a constant is added to a row of the teacher's logits") if mismatch(got[2], got[0], LOSS) else None
    )


def log_p_of(student, T):
    d = (student - student.max(1, keepdims=True)) / T
    return d - np.log(np.exp(d).sum(1, keepdims=True))


def log_of_raised_softmax(student, T):
    return np.log(special.softmax(student / T, axis=1) + 1e-12)


def log_of_softmax(student, T):
    d = (student - student.max(1, keepdims=True)) / T
    return np.log(np.exp(d) / np.exp(d).sum(1, keepdims=True))


def distil(
    student_logits, teacher_logits, temperature, *, factor=lambda T: T * T, log_p=log_p_of, teacher_T=lambda T: T,
    student_T=lambda T: T, swap=False, entropy=0.0, classes=np.sum, samples=np.mean, targets=lambda q: q,
):  # fmt: skip
    """The right loss with one link to replace."""
    distillation.kd_loss(student_logits, teacher_logits, temperature)
    A, B, T = np.asarray(student_logits, f64), np.asarray(teacher_logits, f64), float(temperature)
    A, B = (B, A) if swap else (A, B)
    q = targets(special.softmax(B / teacher_T(T), axis=1))
    each = entropy * special.xlogy(q, q) - q * log_p(A, student_T(T))
    return factor(T) * samples(classes(each, axis=1))


def one_hot(q):
    return np.eye(q.shape[1])[q.argmax(1)]


@right("kd_loss", "scipy")
def loss_by_scipy(student_logits, teacher_logits, temperature):
    distillation.kd_loss(student_logits, teacher_logits, temperature)
    A, B, T = np.asarray(student_logits, f64), np.asarray(teacher_logits, f64), temperature
    q = special.softmax(B / T, axis=1)
    return T**2 * -np.sum(q * special.log_softmax(A / T, axis=1)) / len(A)


KD_LOSS = Hidden("kd_loss", reference=distillation.kd_loss, checks=(
    *usual_checks(drawn_pairs, tolerance=LOSS),
    law("shift", "ignores a constant added to a row of either logits", shift_inputs, shift_law),
), misconceptions=(
    wrong("forgets the factor T^2", lambda *a: distil(*a, factor=lambda T: 1.0),
        hint="How large are the gradients at T=20 without it?"),
    wrong("multiplies by T instead of T^2", lambda *a: distil(*a, factor=lambda T: T),
        hint="Gradient with respect to the logits carries 1/T, and p-q another 1/T."),
    wrong("exchanges teacher and student", lambda *a: distil(*a, swap=True),
        hint="Which distribution is inside the logarithm?"),
    wrong("returns the KL divergence", lambda *a: distil(*a, entropy=1.0), hint="The entropy of q is not subtracted here."),
    wrong("applies the temperature to the student alone", lambda *a: distil(*a, teacher_T=lambda T: 1.0), hint="Which of the two logits does the statement divide by T?"),
    wrong("applies the temperature to the teacher alone", lambda *a: distil(*a, student_T=lambda T: 1.0), hint="Which of the two logits does the statement divide by T?"),
    wrong("takes the teacher's favourite class as the label", lambda *a: distil(*a, targets=one_hot),
        hint="What does the teacher say of the other classes?"),
    wrong("sums over the samples", lambda *a: distil(*a, samples=np.sum), hint="Give every sample twice: should a mean change?"),
    wrong("adds 1e-12 to the probability", lambda *a: distil(*a, log_p=log_of_raised_softmax),
        hint="Which loss does a student get that is sure of the wrong class?"),
    wrong("takes the logarithm of a probability that underflows", lambda *a: distil(*a, log_p=log_of_softmax), hint="What is 0 times log 0 in floating point?"),
    wrong("averages over the classes as well", lambda *a: distil(*a, classes=np.mean), hint="Does the statement sum over the classes or average them?"),
))


# --- E14.3 kd_grad ---
def zero_sum_inputs(rng):
    g = rng("zero_sum")
    return [(g.normal(size=(4, 5)), g.normal(size=(4, 5)), 4.0)]


def zero_sum_law(args, got, want):
    ok = got[0].shape == (4, 5) and np.max(np.abs(got[0].sum(1))) <= 1e-12
    return None if ok else Broken("the rows do not sum to 0")


@right("kd_grad", "scipy")
def slope(student_logits, teacher_logits, temperature, *, factor=lambda T: T, divide=len, pull=lambda p, q: p - q):
    """The right gradient with one link to replace."""
    distillation.kd_grad(student_logits, teacher_logits, temperature)
    A, B, T = np.asarray(student_logits, f64), np.asarray(teacher_logits, f64), float(temperature)
    p, q = special.softmax(A / T, axis=1), special.softmax(B / T, axis=1)
    return factor(T) * pull(p, q) / divide(A)


def of_squared_error(p, q):
    e = p - q
    return p * (e - (e * p).sum(1, keepdims=True))


KD_GRAD = Hidden("kd_grad", reference=distillation.kd_grad, checks=(
    *usual_checks(drawn_pairs, tolerance=GRAD),
    law("zero_sum", "sums to zero over the classes", zero_sum_inputs, zero_sum_law),
), misconceptions=(
    wrong("forgets that z/T has a derivative, T^2 (p-q)", lambda *a: slope(*a, factor=lambda T: T * T), hint="Which factor does the derivative of z/T bring?"),
    wrong("forgets the factor T^2 of the loss, (p-q)/T", lambda *a: slope(*a, factor=lambda T: 1 / T), hint="Which factor is in front of the loss?"),
    wrong("forgets the factor T", lambda *a: slope(*a, factor=lambda T: 1.0),
        hint="Start from T^2 times the cross-entropy."),
    wrong("reverses the sign", lambda *a: slope(*a, pull=lambda p, q: q - p),
        hint="If the student is too confident in k, z_k must fall."),
    wrong("forgets 1/n", lambda *a: slope(*a, divide=lambda A: 1), hint="Does the loss sum over the samples or average them?"),
    wrong("divides by n*K instead of n", lambda *a: slope(*a, divide=np.size), hint="Over what does the loss average: samples, classes or both?"),
    wrong("differentiates the squared error of probabilities", lambda *a: slope(*a, pull=of_squared_error),
        hint="Cross-entropy, not squared error of probabilities."),
))


# --- E14.4 logit_mse ---
def draw_logits(g, n, K, center):
    return g.normal(size=(n, K)) + 0.4, g.normal(size=(n, K)), center


drawn_logits = strata(
    draw_logits, (3, 4, True), (5, 3, False), (8, 6, True), (1, 2, False), (2, 5, True), (7, 2, False), (1, 3, True), (4, 4, False),
)  # fmt: skip


def row_shift_inputs(rng):
    g = rng("shift")
    Zs, Zt, shift = g.normal(size=(3, 4)), g.normal(size=(3, 4)), 5 * g.normal(size=(3, 1))
    return [(Z, Zt, center) for center in (True, False) for Z in (Zs, Zs + shift)]


def row_shift_law(args, got, want):
    centred, centred_shifted, plain, plain_shifted = got
    if mismatch(centred_shifted, centred, Tolerance(1e-9, 1e-12, "max")):
        return Broken("with center=True it changes when a constant is added to a row")
    if not mismatch(plain_shifted[0], plain[0], Tolerance(1e-3)):
        return Broken("with center=False it must notice a constant added to a row")
    return None


def mse_of(
    student_logits, teacher_logits, center, *, centre=lambda d: d - d.mean(1, keepdims=True), alone=False,
    loss_by=lambda n, K: 2 * K * n, grad_by=lambda n, K: K * n,
):  # fmt: skip
    """The right pair with one link to replace."""
    distillation.logit_mse(student_logits, teacher_logits, center)
    A, B = np.asarray(student_logits, f64), np.asarray(teacher_logits, f64)
    d = (centre(A) if center else A) - B if alone else (centre(A - B) if center else A - B)
    return float(np.sum(d * d) / loss_by(*d.shape)), d / grad_by(*d.shape)


@right("logit_mse", "projection matrix")
def by_projection(student_logits, teacher_logits, center):
    distillation.logit_mse(student_logits, teacher_logits, center)
    A, B = np.asarray(student_logits, f64), np.asarray(teacher_logits, f64)
    n, K = A.shape
    P = np.eye(K) - (np.ones((K, K)) / K if center else 0.0)
    d = (A - B) @ P
    return np.einsum("nk,nk->", d, d) / (2 * K * n), d @ P / (K * n)


LOGIT_MSE = Hidden("logit_mse", reference=distillation.logit_mse, checks=(
    *usual_checks(drawn_logits, tolerance=LOSS),
    law("shift", "ignores a constant added to a row if and only if centred", row_shift_inputs, row_shift_law),
), misconceptions=(
    wrong("forgets 1/2", lambda *a: mse_of(*a, loss_by=lambda n, K: K * n),
        hint="The gradient and the loss must match."),
    wrong("forgets to average over the classes", lambda *a: mse_of(*a, loss_by=lambda n, K: 2 * n, grad_by=lambda n, K: n),
        hint="What factor does the statement put before the sum over the classes?"),
    wrong("centres over the batch", lambda *a: mse_of(*a, centre=lambda d: d - d.mean(0, keepdims=True)),
        hint="Which axis does softmax ignore shifts of?"),
    wrong("centres the student alone", lambda *a: mse_of(*a, alone=True), hint="Teacher logits may have any mean too."),
    wrong("ignores center", lambda *a: mse_of(*a, centre=lambda d: d), hint="Add 5 to all student logits."),
    wrong("keeps a factor 2 in the gradient", lambda *a: mse_of(*a, grad_by=lambda n, K: K * n / 2),
        hint="Compare it with finite differences of your own loss."),
))


# --- E14.5 high_temperature_gap ---
def draw_gap(g, n, K, m):
    return 2 * g.normal(size=(n, K)), 2 * g.normal(size=(n, K)), 10 ** g.uniform(0, 3, size=m)


drawn_gaps = strata(draw_gap, (3, 4, 5), (2, 3, 2), (5, 6, 7), (1, 2, 3), (4, 3, 1), (6, 5, 4))


def gaps(
    student_logits, teacher_logits, temperatures, *, center=True, factor=lambda T: 1.0, largest=np.max, relative=False,
    size=np.abs,
):  # fmt: skip
    """The right gaps with one link to replace."""
    limit = distillation.logit_mse(student_logits, teacher_logits, center)[1]
    unit = max(np.max(np.abs(limit)), 1e-300) if relative else 1.0
    Ts = np.asarray(temperatures, f64).tolist()
    grads = [distillation.kd_grad(student_logits, teacher_logits, T) * factor(T) for T in Ts]
    return np.array([largest(size(grad - limit)) / unit for grad in grads], f64)


@right("high_temperature_gap", "vectorised over T")
def over_temperatures(student_logits, teacher_logits, temperatures):
    Ts = np.asarray(temperatures, f64)
    require(bool(np.all(Ts > 0)), "temperatures")
    limit = distillation.logit_mse(student_logits, teacher_logits, True)[1]
    A, B = np.asarray(student_logits, f64), np.asarray(teacher_logits, f64)
    T = Ts[:, None, None]
    grads = T * (special.softmax(A / T, axis=2) - special.softmax(B / T, axis=2)) / len(A)
    return np.abs(grads - limit).max(axis=(1, 2))


GAPS = Hidden("high_temperature_gap", reference=distillation.high_temperature_gap, checks=(
    *usual_checks(drawn_gaps, tolerance=GAP),
), misconceptions=(
    wrong("forgets to centre the logits", lambda *a: gaps(*a, center=False),
        hint="Does your gap tend to zero for logits with different row means?"),
    wrong("forgets the absolute value", lambda *a: gaps(*a, size=lambda d: d), hint="Can the largest gap be one of the negative entries?"),
    wrong("drops the factor T^2", lambda *a: gaps(*a, factor=lambda T: T**-2), hint="Without T^2 the gradients vanish."),
    wrong("averages instead of taking the maximum", lambda *a: gaps(*a, largest=np.mean), hint="Is the largest entry asked, or an average one?"),
    wrong("returns a relative gap", lambda *a: gaps(*a, relative=True), hint="Is the gap asked, or its ratio to the gradient?"),
))
