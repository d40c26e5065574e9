"""Gaussian likelihoods as deep-learning libraries write them, and two-step fits of econometrics."""

import math

import numpy as np
from scipy import optimize, stats

from tests.realcode.corpus import right, short, wrong

LOG2PI = math.log(2 * math.pi)


def same(*arrays):
    arrays = tuple(np.asarray(a, float) for a in arrays)
    if len({a.shape for a in arrays}) > 1:
        raise ValueError("shapes")
    return arrays


@right("gaussian_nll", "TensorFlow Probability: -Normal(mu, exp(s / 2)).log_prob(y)")
def log_prob(y_true, mu, logvar):
    y, mu, s = same(y_true, mu, logvar)
    scale = np.exp(0.5 * s)
    z = (y - mu) / scale
    return np.mean(0.5 * z * z + np.log(scale) + 0.5 * LOG2PI)


@short(
    "gaussian_nll",
    "PyTorch: GaussianNLLLoss(full=True) of the variance exp(s)",
    "exp(1400) is infinite",
    "forms e^(-s) and (y-mu)^2 apart, which overflow",
)
def of_the_variance(y_true, mu, logvar):
    y, mu, s = same(y_true, mu, logvar)
    var = np.exp(s)
    return 0.5 * np.mean(np.log(var) + (y - mu) ** 2 / var + LOG2PI)


@wrong("gaussian_nll", "PyTorch: GaussianNLLLoss(full=True, eps=1e-6)", "keeps the variance above 1e-6")
def floored(y_true, mu, logvar):
    y, mu, s = same(y_true, mu, logvar)
    var = np.maximum(np.exp(s), 1e-6)
    return 0.5 * np.mean(np.log(var) + (y - mu) ** 2 / var + LOG2PI)


@wrong("gaussian_nll", "PyTorch: GaussianNLLLoss with its default full=False", "drops the constant log(2 pi)/2")
def without_constant(y_true, mu, logvar):
    y, mu, s = same(y_true, mu, logvar)
    return 0.5 * np.mean(s + (y - mu) ** 2 * np.exp(-s))


@wrong("gaussian_nll", "variational autoencoders: logvar.clamp(-10, 10)", "clamps the log-variance to +-10")
def clamped(y_true, mu, logvar):
    y, mu, s = same(y_true, mu, logvar)
    s = np.clip(s, -10, 10)
    return 0.5 * np.mean(LOG2PI + s + (y - mu) ** 2 * np.exp(-s))


@wrong("gaussian_nll", "policy gradients: the second output read as log_std", "takes s as log sigma")
def of_log_std(y_true, mu, logvar):
    y, mu, log_std = same(y_true, mu, logvar)
    return np.mean(0.5 * ((y - mu) * np.exp(-log_std)) ** 2 + log_std + 0.5 * LOG2PI)


@wrong("gaussian_nll", "tutorials: the variance as the scale of a normal", "uses exp(s) as the standard deviation")
def variance_as_scale(y_true, mu, logvar):
    y, mu, s = same(y_true, mu, logvar)
    return 0.5 * np.mean(LOG2PI + s + ((y - mu) / np.exp(s)) ** 2)


@short(
    "nll_grads",
    "Nix and Weigend: weighted by the precision",
    "0 times inf at large |s|",
    "multiplies inf by 0 at large |s|",
)
def precision_weighted(y_true, mu, logvar):
    y, mu, s = same(y_true, mu, logvar)
    r, precision = y - mu, np.exp(-s)
    return -r * precision / r.size, 0.5 * (1 - r**2 * precision) / r.size


@right("nll_grads", "backpropagation by hand: the standardised residual first")
def standardised_first(y_true, mu, logvar):
    y, mu, s = same(y_true, mu, logvar)
    root = np.exp(-s / 2)
    z = (y - mu) * root
    return -z * root / z.size, (0.5 - 0.5 * z * z) / z.size


@wrong("nll_grads", "gradients of the summed loss", "forgets 1/N")
def summed(y_true, mu, logvar):
    dmu, ds = standardised_first(y_true, mu, logvar)
    return dmu * dmu.size, ds * ds.size


@wrong("nll_grads", "two heads: the mean head keeps its MSE", "forgets the precision in dmu, as in the gradient of MSE")
def mean_head_by_mse(y_true, mu, logvar):
    y, mu, s = same(y_true, mu, logvar)
    return (mu - y) / y.size, standardised_first(y, mu, s)[1]


def noise(sigma, level):
    s = np.asarray(sigma, float)
    if not 0 < level < 1 or (s <= 0).any():
        raise ValueError("sigma or level")
    return s


@right("homoscedastic_coverage", "SciPy: norm.cdf at both ends")
def both_ends(sigma, level):
    s = noise(sigma, level)
    half = stats.norm.ppf(0.5 + level / 2) * np.linalg.norm(s) / np.sqrt(s.size)
    return stats.norm.cdf(half, scale=s) - stats.norm.cdf(-half, scale=s)


@wrong("homoscedastic_coverage", "norm.ppf(0.95) for a 95 % interval", "takes a one-sided quantile")
def one_sided(sigma, level):
    s = noise(sigma, level)
    return 1 - 2 * stats.norm.sf(stats.norm.ppf(level) * np.sqrt(np.mean(s**2)) / s)


@wrong("homoscedastic_coverage", "pooled deviation as a mean of deviations", "averages sigma instead of its squares")
def mean_deviation(sigma, level):
    s = noise(sigma, level)
    return 1 - 2 * stats.norm.sf(stats.norm.ppf(0.5 + level / 2) * np.mean(s) / s)


def line(x, y):
    x, y = same(x, y)
    if np.all(x == x[0]):
        raise ValueError("x is constant")
    return x, y, np.column_stack([np.ones_like(x), x])


@short("fit_heteroscedastic", "SciPy: minimize(method='BFGS') in the units of y", "targets of 1e-6 or 1e6")
def raw_bfgs(x, y_true):
    x, y, A = line(x, y_true)
    w = np.linalg.lstsq(A, y, rcond=None)[0]

    def objective(p):
        s = p[2] + p[3] * x
        return np.mean(s + (y - A @ p[:2]) ** 2 * np.exp(-s))

    start = [*w, np.log(np.mean((y - A @ w) ** 2)), 0.0]
    with np.errstate(all="ignore"):
        return optimize.minimize(objective, start, method="BFGS", options={"gtol": 1e-7}).x


@wrong(
    "fit_heteroscedastic",
    "Harvey: regression of log squared residuals",
    "regresses log r^2 on residuals of least squares",
)
def harvey(x, y_true):
    x, y, A = line(x, y_true)
    w = np.linalg.lstsq(A, y, rcond=None)[0]
    return np.concatenate([w, np.linalg.lstsq(A, np.log((y - A @ w) ** 2), rcond=None)[0]])


@wrong("fit_heteroscedastic", "scikit-learn: LinearRegression and one residual variance", "fits one constant variance")
def one_variance(x, y_true):
    x, y, A = line(x, y_true)
    w = np.linalg.lstsq(A, y, rcond=None)[0]
    return np.array([*w, np.log(np.mean((y - A @ w) ** 2)), 0.0])
