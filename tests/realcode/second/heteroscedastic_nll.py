"""Gaussian likelihoods: PyTorch, TensorFlow Probability, SciPy's minimisers."""

import math

import numpy as np
from scipy import optimize, special, stats

from tests.realcode.corpus import right, wrong


def same(*arrays):
    arrays = [np.asarray(v, float) for v in arrays]
    if len({v.shape for v in arrays}) > 1:
        raise ValueError("shapes")
    return arrays


@right("gaussian_nll", "standardised residuals: (r exp(-s/2))**2")
def standardised(y_true, mu, logvar):
    y, m, s = same(y_true, mu, logvar)
    half = np.exp(-s / 4)
    z = ((y - m) * half) * half
    return float(0.5 * np.mean(np.log(2 * np.pi) + s + z * z))


@right("gaussian_nll", "SciPy: -norm.logpdf(y, mu, exp(s/2))")
def scipy_logpdf(y_true, mu, logvar):
    y, m, s = same(y_true, mu, logvar)
    return float(-np.mean(stats.norm.logpdf(y, m, np.exp(s / 2))))


@wrong("gaussian_nll", "torch.nn.GaussianNLLLoss: full=False drops the constant", "drops the constant log(2 pi)/2")
def without_constant(y_true, mu, logvar):
    return standardised(y_true, mu, logvar) - 0.5 * math.log(2 * math.pi)


@wrong("gaussian_nll", "s taken as the log of the standard deviation", "takes s as log sigma")
def log_sigma(y_true, mu, logvar):
    y, m, s = same(y_true, mu, logvar)
    return standardised(y, m, 2 * s)


@right("nll_grads", "signs and exponents apart")
def exponents(y_true, mu, logvar):
    y, m, s = same(y_true, mu, logvar)
    r, quarter = y - m, np.exp(-s / 4)
    z = r * quarter * quarter
    with np.errstate(over="ignore", invalid="ignore"):
        dmu = -(z * quarter * quarter) / r.size
    return dmu, 0.5 * (1 - z * z) / r.size


@wrong("nll_grads", "gradients of every sample's loss, without 1/N", "forgets 1/N")
def per_sample(y_true, mu, logvar):
    y, m, s = same(y_true, mu, logvar)
    dmu, ds = exponents(y, m, s)
    return dmu * y.size, ds * y.size


@wrong(
    "nll_grads", "with respect to the variance instead of its logarithm", "differentiates by sigma^2 instead of its log"
)
def by_variance(y_true, mu, logvar):
    y, m, s = same(y_true, mu, logvar)
    dmu, ds = exponents(y, m, s)
    return dmu, ds * np.exp(-s)


def deviations(sigma, level):
    sigma = np.asarray(sigma, float)
    if not 0 < level < 1 or np.any(sigma <= 0):
        raise ValueError("level or sigma")
    return sigma


@right("homoscedastic_coverage", "error functions of math")
def error_functions(sigma, level):
    sigma = deviations(sigma, level)
    half = math.sqrt(np.mean(sigma**2)) * special.erfinv(level) * math.sqrt(2)
    return np.array([math.erf(half / s / math.sqrt(2)) for s in sigma])


@wrong("homoscedastic_coverage", "the mean of the standard deviations", "averages sigma instead of its squares")
def mean_deviation(sigma, level):
    sigma = deviations(sigma, level)
    return 2 * stats.norm.cdf(stats.norm.ppf((1 + level) / 2) * sigma.mean() / sigma) - 1


@wrong("homoscedastic_coverage", "z of the level itself: a one-sided quantile", "takes a one-sided quantile")
def one_sided(sigma, level):
    sigma = deviations(sigma, level)
    half = stats.norm.ppf(level) * np.sqrt(np.mean(sigma**2))
    return 2 * stats.norm.cdf(half / sigma) - 1


def line(x, y_true):
    x, y = same(x, y_true)
    if np.all(x == x[0]):
        raise ValueError("x")
    return x, y


def standard_units(x, y):
    c, k = y.mean(), y.std()
    return c, k, (y - c) / k


@right("fit_heteroscedastic", "BFGS with the gradient, from the least-squares fit, in standard units")
def bfgs(x, y_true):
    x, y = line(x, y_true)
    c, k, z = standard_units(x, y)

    def loss(t):
        r, s = z - t[0] - t[1] * x, t[2] + t[3] * x
        p = np.exp(-s)
        e = r * p
        g = 0.5 * (1 - r * e)
        return 0.5 * np.mean(s + r * e), np.array([-e.mean(), -(e * x).mean(), g.mean(), (g * x).mean()])

    b, a = np.polyfit(x, z, 1)
    start = np.array([a, b, np.log(np.mean((z - a - b * x) ** 2)), 0.0])
    t = optimize.minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 5000}).x
    return np.array([c + k * t[0], k * t[1], t[2] + 2 * np.log(k), t[3]])


@wrong(
    "fit_heteroscedastic",
    "two steps: least squares, then a regression of log r^2",
    "regresses log r^2 on residuals of least squares",
)
def two_steps(x, y_true):
    x, y = line(x, y_true)
    b, a = np.polyfit(x, y, 1)
    d, c = np.polyfit(x, np.log((y - a - b * x) ** 2), 1)
    return np.array([a, b, c, d])


@wrong("fit_heteroscedastic", "ordinary least squares with one variance", "fits one constant variance")
def homoscedastic(x, y_true):
    x, y = line(x, y_true)
    b, a = np.polyfit(x, y, 1)
    return np.array([a, b, np.log(np.mean((y - a - b * x) ** 2)), 0.0])
