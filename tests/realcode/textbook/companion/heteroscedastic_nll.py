import numpy as np
from scipy import optimize, stats


def gaussian_nll(y_true, mu, logvar):
    y, mu, s = np.asarray(y_true, float), np.asarray(mu, float), np.asarray(logvar, float)
    if not y.shape == mu.shape == s.shape or y.size == 0:
        raise ValueError("shapes differ, or there are no entries")
    return 0.5 * np.mean(np.log(2 * np.pi) + s + (y - mu) ** 2 * np.exp(-s))


def nll_grads(y_true, mu, logvar):
    y, mu, s = np.asarray(y_true, float), np.asarray(mu, float), np.asarray(logvar, float)
    if not y.shape == mu.shape == s.shape or y.size == 0:
        raise ValueError("shapes differ, or there are no entries")
    r = y - mu
    return -r * np.exp(-s) / y.size, 0.5 * (1 - r**2 * np.exp(-s)) / y.size


def homoscedastic_coverage(sigma, level):
    sigma = np.asarray(sigma, float)
    if sigma.ndim != 1 or sigma.size == 0 or np.any(~(sigma > 0)) or not 0 < level < 1:
        raise ValueError("sigma must be positive and level inside (0, 1)")
    z = stats.norm.ppf((1 + level) / 2)
    bar = np.sqrt(np.mean(sigma**2))
    return 2 * stats.norm.cdf(z * bar / sigma) - 1


def fit_heteroscedastic(x, y_true):
    x, y = np.asarray(x, float), np.asarray(y_true, float)
    if x.shape != y.shape or x.ndim != 1 or x.size < 4 or np.all(x == x[0]):
        raise ValueError("shapes differ, too few samples, or constant x")
    centre, scale = y.mean(), y.std()
    u = (y - centre) / scale

    def loss(p):
        a, b, c, d = p
        s = c + d * x
        return 0.5 * np.mean(s + (u - a - b * x) ** 2 * np.exp(-s))

    b, a = np.polyfit(x, u, 1)
    start = [a, b, np.log(np.mean((u - a - b * x) ** 2)), 0.0]
    best = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-9})
    a, b, c, d = best.x
    return np.array([centre + scale * a, scale * b, c + 2 * np.log(scale), d])
