"""Posterior means: scipy's distributions, filters, named tuples, loops over the grid."""

from typing import NamedTuple

import numpy as np
from scipy import special, stats

from tests.realcode.corpus import right, short, wrong


class Posterior(NamedTuple):
    mean: float
    var: float


def counts(k, n, a, b):
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    if k.shape != n.shape or np.any(k < 0) or np.any(k > n) or a <= 0 or b <= 0:
        raise ValueError("counts or prior")
    return k, n


@right("beta_binomial_mean", "scipy.stats.beta(a + k, b + n - k).mean()")
def scipy_beta(k, n, a, b):
    k, n = counts(k, n, a, b)
    mean = stats.beta(a + k, b + n - k).mean()
    return float(mean) if k.ndim == 0 else np.asarray(mean)


@right("beta_binomial_mean", "weighted mean of prior and data, early return for no trials")
def weighted(k, n, a, b):
    k, n = counts(k, n, a, b)
    if n.ndim == 0:
        if n == 0:
            return a / (a + b)
        lam = n / (n + a + b)
        return float(lam * (k / n) + (1 - lam) * a / (a + b))
    out = np.empty(n.shape)
    for i in np.ndindex(n.shape):
        out[i] = weighted(float(k[i]), float(n[i]), a, b)
    return out


@short("beta_binomial_mean", "assert in place of ValueError", "the refusals: an assertion error is another one")
def with_assertions(k, n, a, b):
    k, n = np.asarray(k, float), np.asarray(n, float)
    assert k.shape == n.shape
    assert np.all((k >= 0) & (k <= n))
    assert a > 0
    assert b > 0
    out = (k + a) / (n + a + b)
    return float(out) if out.ndim == 0 else out


@wrong("beta_binomial_mean", "a + k over b + n - k: the odds")
def odds(k, n, a, b):
    k, n = counts(k, n, a, b)
    out = (a + k) / (b + n - k)
    return float(out) if out.ndim == 0 else out


@wrong("beta_binomial_mean", "Laplace's rule whatever the prior", "uses Laplace's rule whatever the prior")
def laplace(k, n, a, b):
    k, n = counts(k, n, a, b)
    out = (k + 1) / (n + 2)
    return float(out) if out.ndim == 0 else out


def normal(y, tau2, sigma2):
    y = np.asarray(y, dtype=float)
    if tau2 <= 0 or sigma2 <= 0:
        raise ValueError("variances")
    return y


@short("normal_posterior", "Kalman's gain for the mean of all, as a named tuple", "variances of 1e200 and 1e-200")
def gain(y_obs, m0, tau2, sigma2):
    y = normal(y_obs, tau2, sigma2)
    if y.size == 0:
        return Posterior(float(m0), float(tau2))
    ratio = sigma2 / len(y) / tau2
    k = 1 / (1 + ratio)
    mean = m0 * (ratio * k if ratio < 1 else 1 - k) + k * y.mean() if np.isfinite(ratio) else m0
    var = tau2 * (ratio * k) if ratio <= 1 else tau2 * (1 - k) if ratio < 1e3 else tau2 / (1 + 1 / ratio)
    return Posterior(float(mean), float(var))


@wrong("normal_posterior", "the mean of the data weighs sigma2: weights exchanged")
def exchanged_weights(y_obs, m0, tau2, sigma2):
    y = normal(y_obs, tau2, sigma2)
    if not y.size:
        return float(m0), float(tau2)
    v = 1 / (1 / tau2 + len(y) / sigma2)
    lam = (sigma2 / len(y)) / (tau2 + sigma2 / len(y))
    return float(lam * y.mean() + (1 - lam) * m0), float(v)


@wrong("normal_posterior", "the predictive variance: sigma2 is added", "returns the variance of a new observation")
def predictive(y_obs, m0, tau2, sigma2):
    y = normal(y_obs, tau2, sigma2)
    v = 1 / (1 / tau2 + len(y) / sigma2)
    return float(v * (m0 / tau2 + y.sum() / sigma2)), float(v + sigma2)


@wrong("normal_posterior", "one observation: n is left out", "forgets to divide sigma2 by n")
def single(y_obs, m0, tau2, sigma2):
    y = normal(y_obs, tau2, sigma2)
    if not y.size:
        return float(m0), float(tau2)
    v = 1 / (1 / tau2 + 1 / sigma2)
    return float(v * (m0 / tau2 + y.mean() / sigma2)), float(v)


def weights(theta, logw):
    t, lw = np.asarray(theta, dtype=float), np.asarray(logw, dtype=float)
    if t.shape != lw.shape or not np.any(lw > -np.inf):
        raise ValueError("shapes or weights")
    return t, special.softmax(lw)


@right("posterior_expected_loss", "scipy's softmax; variance plus squared distance to the mean")
def around_the_mean(theta, logw, actions):
    t, p = weights(theta, logw)
    middle = t[0]
    m = np.sum(p * (t - middle))
    v = np.sum(p * (t - middle - m) ** 2)
    return v + (np.asarray(actions, dtype=float) - middle - m) ** 2


@wrong("posterior_expected_loss", "the weights themselves, not normalised")
def not_normalised(theta, logw, actions):
    t, _ = weights(theta, logw)
    w = np.exp(np.asarray(logw, float) - np.max(logw))
    a = np.asarray(actions, float)
    return np.array([np.sum(w * (x - t) ** 2) for x in a])


@wrong("posterior_expected_loss", "the log-weights as weights")
def logs_as_weights(theta, logw, actions):
    t, _ = weights(theta, logw)
    lw = np.where(np.isfinite(logw), logw, 0.0)
    w = lw / (lw.sum() or 1.0)
    a = np.asarray(actions, float)
    return np.array([np.sum(w * (x - t) ** 2) for x in a])


@right("bayes_estimate", "searchsorted in the cumulative weights")
def searchsorted(theta, logw, loss):
    t, lw = np.asarray(theta, dtype=float), np.asarray(logw, dtype=float)
    if np.any(np.diff(t) <= 0) or loss not in ("squared", "absolute", "zero_one"):
        raise ValueError("theta or loss")
    if loss == "zero_one":
        return float(t[np.argmax(lw)])
    w = np.exp(lw - lw.max())
    if loss == "squared":
        return float(t[0] + np.sum(w * (t - t[0])) / w.sum())
    c = np.cumsum(w)
    return float(t[np.searchsorted(c, c[-1] / 2)])


@short(
    "bayes_estimate",
    "the median needs more than a half",
    "ties at exactly 1/2",
    "asks the cumulative weight to be above 1/2, not at least 1/2",
)
def more_than_half(theta, logw, loss):
    if loss != "absolute":
        return searchsorted(theta, logw, loss)
    t, p = weights(theta, logw)
    searchsorted(theta, logw, loss)
    return float(t[np.searchsorted(np.cumsum(p), 0.5, side="right")])


@short("bayes_estimate", "the last mode on ties", "the first of several modes", "returns the last of several modes")
def last_mode(theta, logw, loss):
    if loss != "zero_one":
        return searchsorted(theta, logw, loss)
    searchsorted(theta, logw, loss)
    lw = np.asarray(logw, float)
    return float(np.asarray(theta, float)[len(lw) - 1 - np.argmax(lw[::-1])])
