"""Bayes estimators: conjugate updates, filters and posteriors on a grid."""

import numpy as np
from scipy import special, stats

from tests.realcode.corpus import right, short, wrong


def counts(k, n, a, b):
    k, n = np.asarray(k, float), np.asarray(n, float)
    if k.shape != n.shape or not a > 0 or not b > 0 or (k < 0).any() or (n < 0).any() or (k > n).any():
        raise ValueError("counts or prior")
    return k, n


def as_given(value):
    return float(value) if np.ndim(value) == 0 else value


@right("beta_binomial_mean", "SciPy: stats.beta(a + k, b + n - k).mean()")
def scipy_beta(k, n, a, b):
    k, n = counts(k, n, a, b)
    return as_given(stats.beta(a + k, b + n - k).mean())


@wrong("beta_binomial_mean", "Bishop, PRML: the mode of the beta posterior (MAP)", "returns the mode of the posterior")
def map_estimate(k, n, a, b):
    k, n = counts(k, n, a, b)
    with np.errstate(all="ignore"):
        return as_given((k + a - 1) / (n + a + b - 2))


@wrong(
    "beta_binomial_mean",
    "NLTK and naive Bayes code: add-one smoothing whatever the prior",
    "uses Laplace's rule whatever the prior",
)
def add_one(k, n, a, b):
    k, n = counts(k, n, a, b)
    return as_given((k + 1) / (n + 2))


def observations(y_obs, tau2, sigma2):
    y = np.asarray(y_obs, float)
    if y.ndim != 1 or not tau2 > 0 or not sigma2 > 0:
        raise ValueError("shape or variances")
    return y


@right("normal_posterior", "Gelman et al., Bayesian Data Analysis: precisions add up")
def precisions(y_obs, m0, tau2, sigma2):
    y = observations(y_obs, tau2, sigma2)
    total = 1 / tau2 + y.size / sigma2
    return (m0 / tau2 + y.sum() / sigma2) / total, 1 / total


@short(
    "normal_posterior", "FilterPy: the Kalman update, one observation at a time", "1 - gain cancels for a vague prior"
)
def kalman(y_obs, m0, tau2, sigma2):
    y = observations(y_obs, tau2, sigma2)
    m, v = float(m0), float(tau2)
    for one in y:
        gain = v / (v + sigma2)
        m, v = m + gain * (one - m), (1 - gain) * v
    return m, v


@wrong(
    "normal_posterior",
    "R and Stan users: standard deviations where variances are given",
    "uses variances as standard deviations",
)
def deviations(y_obs, m0, tau2, sigma2):
    y = observations(y_obs, tau2, sigma2)
    prior, data = 1 / np.float64(tau2) ** 2, y.size / np.float64(sigma2) ** 2
    with np.errstate(all="ignore"):
        return (prior * m0 + data * (y.mean() if y.size else 0.0)) / (prior + data), 1 / (prior + data)


def grid(theta, logw, actions=()):
    t, lw, a = np.asarray(theta, float), np.asarray(logw, float), np.asarray(actions, float)
    bad = t.ndim != 1 or t.shape != lw.shape or t.size == 0 or a.ndim != 1
    if bad or np.isnan(lw).any() or np.isposinf(lw).any() or not (lw > -np.inf).any():
        raise ValueError("grid or weights")
    return t, lw, a


@right("posterior_expected_loss", "ArviZ: normalised log-weights, by scipy.special.logsumexp")
def by_logsumexp(theta, logw, actions):
    t, lw, a = grid(theta, logw, actions)
    p = np.exp(lw - special.logsumexp(lw))
    mean = np.sum(p * t)
    return np.sum(p * (t - mean) ** 2) + (a - mean) ** 2


@short(
    "posterior_expected_loss",
    "McElreath, Statistical Rethinking: grid approximation without a shift",
    "exp of 1e4 overflows",
    "exponentiates without shifting",
)
def grid_approximation(theta, logw, actions):
    t, lw, a = grid(theta, logw, actions)
    p = np.exp(lw) / np.exp(lw).sum()
    mean = p @ t
    return p @ (t - mean) ** 2 + (a - mean) ** 2


@wrong(
    "posterior_expected_loss",
    "decision theory slides: only the distance to the posterior mean",
    "takes the loss at the posterior mean, without the variance",
)
def distance_to_mean(theta, logw, actions):
    t, lw, a = grid(theta, logw, actions)
    return (a - special.softmax(lw) @ t) ** 2


def increasing(theta, logw, loss):
    t, lw, _ = grid(theta, logw)
    if loss not in ("squared", "absolute", "zero_one") or np.any(np.diff(t) <= 0):
        raise ValueError("loss or grid")
    return t, lw


@right("bayes_estimate", "Berger, Statistical Decision Theory: mean, median, mode")
def three_summaries(theta, logw, loss):
    t, lw = increasing(theta, logw, loss)
    if loss == "zero_one":
        return t[np.argmax(lw)]
    w = np.exp(lw - lw.max())
    return np.average(t, weights=w) if loss == "squared" else t[np.flatnonzero(np.cumsum(w) >= w.sum() / 2)[0]]


@wrong(
    "bayes_estimate",
    "wquantiles: the weighted median by interpolation of the cumulative weights",
    "interpolates between grid points",
)
def interpolated(theta, logw, loss):
    t, lw = increasing(theta, logw, loss)
    if loss != "absolute":
        return three_summaries(theta, logw, loss)
    c = np.cumsum(special.softmax(lw))
    return np.interp(0.5, c, t)


@wrong(
    "bayes_estimate",
    "scripts that forget the weights: np.median of the grid",
    "takes the median of the grid points without their weights",
)
def grid_median(theta, logw, loss):
    t, _ = increasing(theta, logw, loss)
    return np.median(t) if loss == "absolute" else three_summaries(theta, logw, loss)
