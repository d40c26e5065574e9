"""Bayes estimators: conjugate updates of SciPy's users, filters, and what else people call an estimate."""

import math

import numpy as np
from scipy import special, stats

from tests.realcode.corpus import right, short, wrong


def counted(k, n, a, b):
    k, n = np.asarray(k, float), np.asarray(n, float)
    if k.shape != n.shape or np.any(k < 0) or np.any(k > n) or not (a > 0 and b > 0):
        raise ValueError("counts or prior")
    return k, n


def as_given(value):
    return float(value) if np.ndim(value) == 0 else value


@right("beta_binomial_mean", "SciPy: stats.beta of the updated parameters")
def frozen_beta(k, n, a, b):
    k, n = counted(k, n, a, b)
    return as_given(stats.beta(a + k, b + n - k).mean())


@right("beta_binomial_mean", "lecture notes: a weighted average of frequency and prior mean")
def weighted_average(k, n, a, b):
    k, n = counted(k, n, a, b)
    weight = n / (n + a + b)
    frequency = np.divide(k, n, out=np.zeros_like(k), where=n > 0)
    return as_given(weight * frequency + (1 - weight) * a / (a + b))


@wrong("beta_binomial_mean", "textbook exercises: the mode of the posterior", "returns the mode of the posterior")
def posterior_mode(k, n, a, b):
    k, n = counted(k, n, a, b)
    return as_given((k + a - 1) / (n + a + b - 2 + (n + a + b == 2)))


@wrong(
    "beta_binomial_mean",
    "naive Bayes classifiers: add-one smoothing, whatever the prior",
    "uses Laplace's rule whatever the prior",
)
def add_one(k, n, a, b):
    k, n = counted(k, n, a, b)
    return as_given((k + 1) / (n + 2))


def observed(y_obs, tau2, sigma2):
    if not (tau2 > 0 and sigma2 > 0):
        raise ValueError("variances")
    return np.asarray(y_obs, float)


@right("normal_posterior", "credibility theory: both weights written as ratios")
def credibility(y_obs, m0, tau2, sigma2):
    y = observed(y_obs, tau2, sigma2)
    n = len(y)
    if n == 0:
        return float(m0), float(tau2)
    tau2, sigma2 = float(tau2), float(sigma2)
    data = n / (n + sigma2 / tau2)
    prior = 1 / (1 + n * (tau2 / sigma2))
    return data * float(y.mean()) + prior * m0, 1 / (1 / tau2 + n / sigma2)


@wrong(
    "normal_posterior", "predictive distribution in place of the posterior", "returns the variance of a new observation"
)
def predictive(y_obs, m0, tau2, sigma2):
    mean, var = credibility(y_obs, m0, tau2, sigma2)
    return mean, var + sigma2


@wrong(
    "normal_posterior", "only one observation's worth of precision for the mean of all", "forgets to divide sigma2 by n"
)
def one_observation(y_obs, m0, tau2, sigma2):
    y = observed(y_obs, tau2, sigma2)
    if len(y) == 0:
        return float(m0), float(tau2)
    var = 1 / (1 / tau2 + 1 / sigma2)
    return float(var * (m0 / tau2 + y.mean() / sigma2)), var


def weights(theta, logw):
    theta, logw = np.asarray(theta, float), np.asarray(logw, float)
    if theta.shape != logw.shape or np.all(logw == -np.inf):
        raise ValueError("grid or weights")
    return theta, special.softmax(logw)


@right("posterior_expected_loss", "SciPy: special.softmax, then bias and variance")
def bias_and_variance(theta, logw, actions):
    theta, p = weights(theta, logw)
    mean = np.average(theta, weights=p)
    return (np.asarray(actions, float) - mean) ** 2 + np.average((theta - mean) ** 2, weights=p)


@short(
    "posterior_expected_loss",
    "E[theta^2] - 2 a E[theta] + a^2",
    "loses the digits of a grid near 1e8",
    "loses the variance to cancellation in E[t^2] - m^2",
)
def moments(theta, logw, actions):
    theta, p = weights(theta, logw)
    a = np.asarray(actions, float)
    return a**2 - 2 * a * (p @ theta) + p @ theta**2


@wrong(
    "posterior_expected_loss",
    "what is left of the loss when the variance is forgotten",
    "takes the loss at the posterior mean, without the variance",
)
def bias_only(theta, logw, actions):
    theta, p = weights(theta, logw)
    return (np.asarray(actions, float) - p @ theta) ** 2


def increasing(theta, logw):
    theta = np.asarray(theta, float)
    if np.any(np.diff(theta) <= 0):
        raise ValueError("grid")
    return weights(theta, logw)


@right("bayes_estimate", "a dictionary of functions, as in decision theory notebooks")
def table_of_losses(theta, logw, loss):
    theta, p = increasing(theta, logw)
    actions = {
        "squared": lambda: float(theta @ p),
        "absolute": lambda: float(theta[np.argmax(np.cumsum(p) >= p.sum() / 2)]),
        "zero_one": lambda: float(theta[np.argmax(np.asarray(logw, float))]),
    }
    if loss not in actions:
        raise ValueError(loss)
    return actions[loss]()


@wrong("bayes_estimate", "np.interp of the distribution function at one half", "interpolates between grid points")
def interpolated_median(theta, logw, loss):
    theta, p = increasing(theta, logw)
    if loss == "absolute":
        return float(np.interp(0.5, np.cumsum(p), theta))
    return table_of_losses(theta, logw, loss)


@wrong(
    "bayes_estimate",
    "np.median of the grid, without its weights",
    "takes the median of the grid points without their weights",
)
def unweighted_median(theta, logw, loss):
    theta, _p = increasing(theta, logw)
    if loss == "absolute":
        return float(sorted(theta)[math.ceil(len(theta) / 2) - 1])
    return table_of_losses(theta, logw, loss)
