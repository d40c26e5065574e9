"""Heteroscedastic likelihood: scipy.stats, standardised residuals, library losses with clamps, math.erf."""

import math
from statistics import NormalDist

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def triple(y_true, mu, logvar):
    y, m, s = (np.asarray(v, dtype=float) for v in (y_true, mu, logvar))
    if not y.shape == m.shape == s.shape:
        raise ValueError("shapes")
    return y, m, s


@right("gaussian_nll", "the standardised residual, squared")
def standardised(y_true, mu, logvar):
    y, m, s = triple(y_true, mu, logvar)
    z = (y - m) * np.exp(-s / 2)
    return float(np.mean(0.5 * (math.log(2 * math.pi) + s + z * z)))


@right("gaussian_nll", "scipy.stats.norm.logpdf with scale exp(s / 2)")
def logpdf(y_true, mu, logvar):
    from scipy import stats

    y, m, s = triple(y_true, mu, logvar)
    return -np.mean(stats.norm.logpdf(y, loc=m, scale=np.exp(s / 2)))


@wrong("gaussian_nll", "GaussianNLLLoss(full=False)", "drops the constant log(2 pi)/2")
def library_loss(y_true, mu, logvar):
    y, m, s = triple(y_true, mu, logvar)
    with np.errstate(all="ignore"):
        z = (y - m) * np.exp(-s / 2)
        return float(np.mean(0.5 * (s + z * z)))


@form("gaussian_nll", "an array of one entry")
def one_entry(y_true, mu, logvar):
    return np.array([standardised(y_true, mu, logvar)])


@wrong("gaussian_nll", "a softplus of the output as the variance")
def softplus(y_true, mu, logvar):
    y, m, s = triple(y_true, mu, logvar)
    v = np.logaddexp(0, s) + 1e-300
    with np.errstate(all="ignore"):
        return float(np.mean(0.5 * (np.log(2 * np.pi * v) + (y - m) ** 2 / v)))


@right("nll_grads", "through the standardised residual, in two factors")
def two_factors(y_true, mu, logvar):
    y, m, s = triple(y_true, mu, logvar)
    with np.errstate(all="ignore"):
        half = np.exp(-s / 2)
        z = (y - m) * half
        return -z * half / y.size, (0.5 - 0.5 * z * z) / y.size


@short("nll_grads", "exp(-s) and r**2 apart", "the extreme ranges", "multiplies inf by 0 at large |s|")
def apart(y_true, mu, logvar):
    y, m, s = triple(y_true, mu, logvar)
    with np.errstate(all="ignore"):
        v = np.exp(-s)
        r = y - m
        return -r * v / y.size, 0.5 * (1 - r**2 * v) / y.size


@form("nll_grads", "one array with both gradients as rows")
def stacked(y_true, mu, logvar):
    return np.array(two_factors(y_true, mu, logvar))


def spread(sigma, level):
    s = np.asarray(sigma, dtype=float)
    if not 0 < level < 1 or np.any(s <= 0):
        raise ValueError("level or sigma")
    return s


@right("homoscedastic_coverage", "NormalDist and math.erf in a loop")
def erf_loop(sigma, level):
    s = spread(sigma, level)
    unit = float(s.max())
    bar = unit * math.sqrt(math.fsum((v / unit) ** 2 for v in s) / len(s))
    z = NormalDist().inv_cdf((1 + level) / 2)
    return np.array([math.erf(z * bar / v / math.sqrt(2)) for v in s])


@form("homoscedastic_coverage", "a list")
def listed(sigma, level):
    return erf_loop(sigma, level).tolist()


@wrong("homoscedastic_coverage", "Student's t with n - 1 degrees for the quantile")
def student(sigma, level):
    from scipy import special

    s = spread(sigma, level)
    bar = np.sqrt(np.mean(s**2))
    z = special.stdtrit(max(len(s) - 1, 1), (1 + level) / 2)
    return special.erf(z * bar / s / math.sqrt(2))
