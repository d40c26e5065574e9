import numpy as np


def beta_binomial_mean(k, n, a, b):
    k, n = np.asarray(k, float), np.asarray(n, float)
    if k.shape != n.shape or a <= 0 or b <= 0 or np.any(k < 0) or np.any(k > n):
        raise ValueError("shapes differ, or counts and prior are not possible")
    return (a + k) / (a + b + n)


def normal_posterior(y_obs, m0, tau2, sigma2):
    y = np.asarray(y_obs, float)
    if y.ndim != 1 or tau2 <= 0 or sigma2 <= 0:
        raise ValueError("y_obs must be 1-D and variances positive")
    if y.size == 0:
        return float(m0), float(tau2)
    precision = 1 / tau2 + y.size / sigma2
    mean = (m0 / tau2 + y.sum() / sigma2) / precision
    return mean, 1 / precision


def _weights(theta, logw):
    theta, logw = np.asarray(theta, float), np.asarray(logw, float)
    if theta.ndim != 1 or theta.shape != logw.shape or theta.size == 0:
        raise ValueError("theta and logw must be 1-D of one length")
    top = logw.max()
    if not np.isfinite(top) or np.any(np.isnan(logw)):
        raise ValueError("weights must be numbers, and one of them positive")
    w = np.exp(logw - top)
    return theta, w / w.sum()


def posterior_expected_loss(theta, logw, actions):
    theta, w = _weights(theta, logw)
    actions = np.asarray(actions, float)
    if actions.ndim != 1:
        raise ValueError("actions must be 1-D")
    mean = w @ theta
    variance = w @ (theta - mean) ** 2
    return (actions - mean) ** 2 + variance


def bayes_estimate(theta, logw, loss):
    theta, w = _weights(theta, logw)
    if loss not in ("squared", "absolute", "zero_one") or np.any(np.diff(theta) <= 0):
        raise ValueError("unknown loss or theta not increasing")
    if loss == "squared":
        return float(w @ theta)
    if loss == "absolute":
        return float(theta[np.searchsorted(np.cumsum(w), 0.5)])
    return float(theta[np.argmax(w)])


def sym_normal_mean():
    return "(m0/tau2 + n*ybar/sigma2)/(1/tau2 + n/sigma2)"


def sym_shrinkage():
    return "n/(a + b + n)"
