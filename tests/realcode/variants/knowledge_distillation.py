"""Distillation: tutorials, library losses and the logit matching of Ba and Caruana."""

import numpy as np
from scipy import special

from tests.realcode.corpus import right, short, wrong


def logits_of(student, teacher, T=1.0):
    z, v = np.asarray(student, float), np.asarray(teacher, float)
    if z.shape != v.shape or not T > 0:
        raise ValueError("shapes or temperature")
    return z, v


@right("softened_probs", "SciPy: softmax(z / T, axis=-1)")
def by_scipy(logits, temperature):
    if not temperature > 0:
        raise ValueError("temperature")
    return special.softmax(np.asarray(logits, float) / temperature, axis=-1)


@short(
    "softened_probs",
    "from scratch: exp(z / T) without a shift",
    "exp(1000) overflows",
    "exponentiates without shifting",
)
def unshifted(logits, temperature):
    if not temperature > 0:
        raise ValueError("temperature")
    e = np.exp(np.asarray(logits, float) / temperature)
    return e / e.sum(axis=-1, keepdims=True)


@wrong(
    "softened_probs",
    "text generation: probabilities ** (1 / T) left as logits * T",
    "multiplies by T instead of dividing",
)
def sharpened(logits, temperature):
    return by_scipy(np.asarray(logits, float), 1 / temperature) if temperature > 0 else by_scipy(logits, temperature)


@wrong("softened_probs", "e.sum() over the whole array", "normalises over the whole batch")
def one_distribution(logits, temperature):
    if not temperature > 0:
        raise ValueError("temperature")
    z = np.asarray(logits, float) / temperature
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum()


@right("kd_loss", "soft targets against log_softmax, times T * T")
def soft_targets(student_logits, teacher_logits, temperature):
    z, v = logits_of(student_logits, teacher_logits, temperature)
    q = special.softmax(v / temperature, axis=1)
    return temperature**2 * np.mean(-(q * special.log_softmax(z / temperature, axis=1)).sum(axis=1))


@short(
    "kd_loss", "np.log of a softmax", "log of an underflowed 0", "takes the logarithm of a probability that underflows"
)
def log_of_softmax(student_logits, teacher_logits, temperature):
    z, v = logits_of(student_logits, teacher_logits, temperature)
    p, q = special.softmax(z / temperature, axis=1), special.softmax(v / temperature, axis=1)
    return temperature**2 * -np.mean((q * np.log(p)).sum(axis=1))


@wrong("kd_loss", "PyTorch tutorial: KLDivLoss(reduction='batchmean') * T ** 2", "returns the KL divergence")
def batchmean(student_logits, teacher_logits, temperature):
    z, v = logits_of(student_logits, teacher_logits, temperature)
    log_p, log_q = (special.log_softmax(a / temperature, axis=1) for a in (z, v))
    return temperature**2 * np.sum(np.exp(log_q) * (log_q - log_p)) / len(z)


@wrong("kd_loss", "Keras example without the factor", "forgets the factor T^2")
def without_factor(student_logits, teacher_logits, temperature):
    return soft_targets(student_logits, teacher_logits, temperature) / temperature**2


@wrong("kd_loss", "F.kl_div with its arguments exchanged", "exchanges teacher and student")
def exchanged(student_logits, teacher_logits, temperature):
    return soft_targets(teacher_logits, student_logits, temperature)


@wrong("kd_loss", "hard distillation (DeiT): the teacher's argmax", "takes the teacher's favourite class as the label")
def hard(student_logits, teacher_logits, temperature):
    z, v = logits_of(student_logits, teacher_logits, temperature)
    log_p = special.log_softmax(z / temperature, axis=1)
    return -(temperature**2) * np.mean(log_p[np.arange(len(z)), v.argmax(axis=1)])


@right("kd_grad", "Hinton, Vinyals and Dean: T (p - q), averaged over the batch")
def hinton(student_logits, teacher_logits, temperature):
    z, v = logits_of(student_logits, teacher_logits, temperature)
    return temperature * (by_scipy(z, temperature) - by_scipy(v, temperature)) / z.shape[0]


@wrong(
    "kd_grad",
    "Hinton, Vinyals and Dean, equation 2: (p - q) / T of the loss without T^2",
    "forgets the factor T^2 of the loss, (p-q)/T",
)
def equation_two(student_logits, teacher_logits, temperature):
    return hinton(student_logits, teacher_logits, temperature) / temperature**2


@wrong("kd_grad", "the gradient of each sample, summed later", "forgets 1/n")
def each_sample(student_logits, teacher_logits, temperature):
    return hinton(student_logits, teacher_logits, temperature) * len(student_logits)


@right("logit_mse", "Ba and Caruana: half the squared distance of logits, over the classes")
def matching(student_logits, teacher_logits, center):
    z, v = logits_of(student_logits, teacher_logits)
    d = z - v
    if center:
        d = d - np.mean(d, axis=1)[:, None]
    n, K = d.shape
    return 0.5 * np.sum(d**2) / (n * K), d / (n * K)


@wrong("logit_mse", "PyTorch: mse_loss of the logits and its gradient", "right up to the factor 2")
def mse_loss(student_logits, teacher_logits, center):
    loss, gradient = matching(student_logits, teacher_logits, center)
    return 2 * loss, 2 * gradient


@wrong("logit_mse", "StandardScaler: columns are centred", "centres over the batch")
def columns_centred(student_logits, teacher_logits, center):
    z, v = logits_of(student_logits, teacher_logits)
    d = z - v
    d = d - d.mean(axis=0) if center else d
    return 0.5 * np.mean(d**2), d / d.size


@right("high_temperature_gap", "a list of norms, one for each temperature")
def norms(student_logits, teacher_logits, temperatures):
    z, v = logits_of(student_logits, teacher_logits)
    limit = matching(z, v, True)[1]
    return np.array([np.linalg.norm((hinton(z, v, T) - limit).ravel(), np.inf) for T in np.asarray(temperatures)])


@wrong("high_temperature_gap", "logit matching as it is written in the paper", "forgets to centre the logits")
def uncentred(student_logits, teacher_logits, temperatures):
    z, v = logits_of(student_logits, teacher_logits)
    limit = matching(z, v, False)[1]
    return np.array([np.abs(hinton(z, v, T) - limit).max() for T in np.asarray(temperatures)])
