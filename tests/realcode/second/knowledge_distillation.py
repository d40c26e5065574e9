"""Distillation: Hinton's loss in PyTorch and Keras idioms."""

import numpy as np
from scipy import special

from tests.realcode.corpus import right, short, wrong


def warm(z, T):
    if not T > 0:
        raise ValueError("temperature")
    return np.asarray(z, float) / T


@right("softened_probs", "SciPy: special.softmax")
def scipy_softmax(logits, temperature):
    return special.softmax(warm(logits, temperature), axis=-1)


@right("softened_probs", "exp of log-probabilities")
def exp_of_log(logits, temperature):
    z = warm(logits, temperature)
    return np.exp(z - special.logsumexp(z, axis=-1, keepdims=True))


@wrong("softened_probs", "multiplied by the temperature (an inverse one)", "multiplies by T instead of dividing")
def inverse_temperature(logits, temperature):
    warm(logits, temperature)
    with np.errstate(all="ignore"):
        return special.softmax(np.asarray(logits, float) * min(temperature, 1e300), axis=-1)


@wrong("softened_probs", "softmax first, powers of 1/T without a new sum", "divides by the temperature after softmax")
def powers(logits, temperature):
    warm(logits, temperature)
    return special.softmax(np.asarray(logits, float), axis=-1) ** (1 / temperature)


def pair(s, t, T):
    s, t = np.asarray(s, float), np.asarray(t, float)
    if s.shape != t.shape or not T > 0:
        raise ValueError("shapes or temperature")
    return s / T, t / T


@right("kd_loss", "log_softmax as z - max - log sum exp")
def log_softmax(student_logits, teacher_logits, temperature):
    z, v = pair(student_logits, teacher_logits, temperature)
    shifted = z - z.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-(temperature**2) * np.mean(np.einsum("nk,nk->n", special.softmax(v, axis=1), logp)))


@wrong("kd_loss", "torch.nn.KLDivLoss: the entropy of the teacher subtracted", "returns the KL divergence")
def divergence(student_logits, teacher_logits, temperature):
    z, v = pair(student_logits, teacher_logits, temperature)
    logp, logq = special.log_softmax(z, axis=1), special.log_softmax(v, axis=1)
    return float(temperature**2 * np.mean(np.sum(np.exp(logq) * (logq - logp), axis=1)))


@wrong("kd_loss", "reduction='mean' over classes too", "averages over the classes as well")
def all_entries(student_logits, teacher_logits, temperature):
    return log_softmax(student_logits, teacher_logits, temperature) / np.shape(student_logits)[1]


@wrong("kd_loss", "the student at temperature one", "applies the temperature to the teacher alone")
def hard_student(student_logits, teacher_logits, temperature):
    z, v = pair(student_logits, teacher_logits, temperature)
    logp = special.log_softmax(z * temperature, axis=1)
    return float(-(temperature**2) * np.mean(np.sum(special.softmax(v, axis=1) * logp, axis=1)))


@right("kd_grad", "difference of two softmaxes, formed by expm1 where it is small")
def stable_difference(student_logits, teacher_logits, temperature):
    z, v = pair(student_logits, teacher_logits, temperature)
    logp, logq = special.log_softmax(z, axis=1), special.log_softmax(v, axis=1)
    with np.errstate(over="ignore"):
        diff = np.where(logp > logq, -np.exp(logp) * np.expm1(logq - logp), np.exp(logq) * np.expm1(logp - logq))
    return temperature * diff / len(z)


@right("kd_grad", "textbook: T (p - q) / n")
def textbook(student_logits, teacher_logits, temperature):
    z, v = pair(student_logits, teacher_logits, temperature)
    return temperature * (special.softmax(z, axis=1) - special.softmax(v, axis=1)) / len(z)


@wrong(
    "kd_grad", "T squared in front of p - q, the inner 1/T forgotten", "forgets that z/T has a derivative, T^2 (p-q)"
)
def t_squared(student_logits, teacher_logits, temperature):
    return temperature * textbook(student_logits, teacher_logits, temperature)


def logits(s, t):
    s, t = np.asarray(s, float), np.asarray(t, float)
    if s.shape != t.shape:
        raise ValueError("shapes")
    return s - t


@right("logit_mse", "a centring matrix")
def centring_matrix(student_logits, teacher_logits, center):
    d = logits(student_logits, teacher_logits)
    n, K = d.shape
    if center:
        d = d @ (np.eye(K) - np.ones((K, K)) / K)
    return float(np.sum(d * d) / (2 * K * n)), d / (K * n)


@wrong("logit_mse", "F.mse_loss: without the half", "forgets 1/2", "right up to the factor 2")
def mse_loss(student_logits, teacher_logits, center):
    loss, grad = centring_matrix(student_logits, teacher_logits, center)
    return 2 * loss, 2 * grad


@wrong("logit_mse", "centred over the batch instead of over the classes", "centres over the batch")
def centred_columns(student_logits, teacher_logits, center):
    d = logits(student_logits, teacher_logits)
    if center:
        d = d - d.mean(axis=0)
    return float(np.mean(d * d) / 2), d / d.size


@right("high_temperature_gap", "a comprehension over temperatures")
def comprehension(student_logits, teacher_logits, temperatures):
    _, limit = centring_matrix(student_logits, teacher_logits, True)
    return np.array(
        [np.max(np.abs(stable_difference(student_logits, teacher_logits, float(T)) - limit)) for T in temperatures]
    )


@wrong("high_temperature_gap", "a norm of the difference instead of its largest entry")
def euclidean(student_logits, teacher_logits, temperatures):
    _, limit = centring_matrix(student_logits, teacher_logits, True)
    return np.array(
        [np.linalg.norm(stable_difference(student_logits, teacher_logits, float(T)) - limit) for T in temperatures]
    )


@short(
    "kd_loss", "-sum q log(softmax)", "log 0 for large logits", "takes the logarithm of a probability that underflows"
)
def log_of_softmax(student_logits, teacher_logits, temperature):
    z, v = pair(student_logits, teacher_logits, temperature)
    with np.errstate(all="ignore"):
        logp = np.log(special.softmax(z, axis=1))
        return float(-(temperature**2) * np.mean(np.sum(special.softmax(v, axis=1) * logp, axis=1)))
