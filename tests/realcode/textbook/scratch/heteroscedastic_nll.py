import numpy as np
from scipy import optimize
from scipy.special import erf, erfinv


def gaussian_nll(y_true, mu, logvar):
    y, mu, s = np.asarray(y_true, float), np.asarray(mu, float), np.asarray(logvar, float)
    if not y.shape == mu.shape == s.shape or y.size == 0:
        raise ValueError("shapes differ, or there are no entries")
    standardised = (y - mu) * np.exp(-s / 2)
    return float(np.mean(0.5 * (np.log(2 * np.pi) + s + standardised**2)))


def nll_grads(y_true, mu, logvar):
    y, mu, s = np.asarray(y_true, float), np.asarray(mu, float), np.asarray(logvar, float)
    if not y.shape == mu.shape == s.shape or y.size == 0:
        raise ValueError("shapes differ, or there are no entries")
    half = np.exp(-s / 2)
    standardised = (y - mu) * half
    return -standardised * half / y.size, 0.5 * (1 - standardised**2) / y.size


def homoscedastic_coverage(sigma, level):
    sigma = np.asarray(sigma, float)
    if sigma.ndim != 1 or sigma.size == 0 or not (sigma > 0).all() or not 0 < level < 1:
        raise ValueError("sigma must be positive and level inside (0, 1)")
    bar = np.sqrt((sigma**2).mean())
    return np.array([erf(erfinv(level) * bar / one) for one in sigma])


def fit_heteroscedastic(x, y_true):
    x, y = np.asarray(x, float), np.asarray(y_true, float)
    if x.shape != y.shape or x.ndim != 1 or x.size < 4 or np.all(x == x[0]):
        raise ValueError("shapes differ, too few samples, or constant x")
    scale = np.std(y)
    u = y / scale
    A = np.column_stack([np.ones_like(x), x])

    def profile(d):
        weights = np.exp(-d * (x - x.mean()))
        beta = np.linalg.lstsq(A * np.sqrt(weights)[:, None], u * np.sqrt(weights), rcond=None)[0]
        c = np.log(np.mean(weights * (u - A @ beta) ** 2))
        return 0.5 * c, beta, c

    grid = np.linspace(-20, 20, 81)
    start = grid[np.argmin([profile(d)[0] for d in grid])]
    d = optimize.minimize_scalar(
        lambda v: profile(v)[0], bounds=(start - 1, start + 1), method="bounded", options={"xatol": 1e-10}
    ).x
    _, (a, b), c = profile(d)
    return np.array([scale * a, scale * b, c - d * x.mean() + 2 * np.log(scale), d])
