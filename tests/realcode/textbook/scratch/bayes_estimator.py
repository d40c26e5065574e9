import numpy as np
from scipy.special import logsumexp


def beta_binomial_mean(k, n, a, b):
    k, n = np.asarray(k, float), np.asarray(n, float)
    if k.shape != n.shape or a <= 0 or b <= 0 or np.any(k < 0) or np.any(k > n):
        raise ValueError("shapes differ, or counts and prior are not possible")
    alpha, beta = a + k, b + n - k
    return alpha / (alpha + beta)


def normal_posterior(y_obs, m0, tau2, sigma2):
    y = np.asarray(y_obs, float)
    if y.ndim != 1 or tau2 <= 0 or sigma2 <= 0:
        raise ValueError("y_obs must be 1-D and variances positive")
    mean, var = float(m0), float(tau2)
    for value in y:
        gain = var / (var + sigma2)
        mean += gain * (value - mean)
        var = var * sigma2 / (var + sigma2)
    return mean, var


def _posterior(theta, logw):
    theta, logw = np.asarray(theta, float), np.asarray(logw, float)
    if theta.ndim != 1 or theta.shape != logw.shape or theta.size == 0:
        raise ValueError("theta and logw must be 1-D of one length")
    if np.isnan(logw).any() or logw.max() == np.inf or logw.max() == -np.inf:
        raise ValueError("weights must be numbers, and one of them positive")
    return theta, np.exp(logw - logsumexp(logw))


def posterior_expected_loss(theta, logw, actions):
    theta, w = _posterior(theta, logw)
    actions = np.asarray(actions, float)
    if actions.ndim != 1:
        raise ValueError("actions must be 1-D")
    centre = float(np.sum(w * theta))
    spread = float(np.sum(w * (theta - centre) ** 2))
    return np.array([spread + (a - centre) ** 2 for a in actions], dtype=float)


def bayes_estimate(theta, logw, loss):
    theta, w = _posterior(theta, logw)
    if loss not in ("squared", "absolute", "zero_one") or not all(a < b for a, b in zip(theta, theta[1:])):
        raise ValueError("unknown loss or theta not increasing")
    if loss == "squared":
        return float(np.dot(w, theta))
    if loss == "zero_one":
        return float(theta[w == w.max()][0])
    total = 0.0
    for value, weight in zip(theta, w):
        total += weight
        if total >= 0.5:
            return float(value)
    return float(theta[-1])


def sym_normal_mean():
    return "(sigma2*m0 + n*tau2*ybar)/(sigma2 + n*tau2)"


def sym_shrinkage():
    return "1/(1 + (a + b)/n)"
