"""Denoising: PyTorch's noise layers, Wiener filters, empirical Bayes of mixtures."""

import numpy as np
from scipy import special, stats

from tests.realcode.corpus import right, short, wrong


def in_range(kind, level):
    if not level >= 0 or (kind == "mask" and level > 1):
        raise ValueError("level")


@right("corrupt", "Bernoulli mask by binomial draws; noise by standard_normal")
def binomial_mask(X, kind, level, rng):
    in_range(kind, level)
    X = np.array(X, dtype=float)
    if kind == "gaussian":
        return X + level * rng.standard_normal(X.shape)
    return np.where(rng.binomial(1, level, X.shape) == 1, 0.0, X)


@wrong("corrupt", "torch.nn.Dropout: the rest is scaled up by 1/(1 - p)", "scales what is kept, as dropout does")
def dropout(X, kind, level, rng):
    in_range(kind, level)
    X = np.array(X, dtype=float)
    if kind == "gaussian":
        return X + rng.normal(0, level, X.shape)
    if level == 1:
        return np.zeros(X.shape)
    return X * (rng.random(X.shape) >= level) / (1 - level)


@wrong("corrupt", "a mask that keeps an entry with probability level", "takes level as the probability of keeping")
def keeps(X, kind, level, rng):
    in_range(kind, level)
    X = np.array(X, dtype=float)
    if kind == "gaussian":
        return X + rng.normal(0, level, X.shape)
    return np.where(rng.random(X.shape) < level, X, 0.0)


def covariance(S, sigma2):
    S = np.asarray(S, float)
    if S.ndim != 2 or S.shape[0] != S.shape[1] or not sigma2 > 0:
        raise ValueError("S or sigma2")
    return S


@right("optimal_linear_denoiser", "Wiener filter through the eigenvectors of S")
def wiener(S, sigma2):
    S = covariance(S, sigma2)
    lam, Q = np.linalg.eigh(S)
    lam = np.clip(lam, 0, None)
    return (Q * (lam / (lam + sigma2))) @ Q.T


@right("optimal_linear_denoiser", "transposed solve: S (S + sigma2 I)^-1")
def solved(S, sigma2):
    S = covariance(S, sigma2)
    return np.linalg.solve(S + sigma2 * np.eye(len(S)), S).T


@wrong(
    "optimal_linear_denoiser",
    "the gain of the noise: sigma2 (S + sigma2 I)^-1",
    "returns what is removed instead of what is kept",
)
def noise_gain(S, sigma2):
    S = covariance(S, sigma2)
    return sigma2 * np.linalg.inv(S + sigma2 * np.eye(len(S)))


@wrong("optimal_linear_denoiser", "shrinkage of the diagonal alone", "shrinks by the diagonal alone")
def diagonal(S, sigma2):
    S = covariance(S, sigma2)
    v = np.diag(S)
    return np.diag(v / (v + sigma2))


def matrices(S, sigma2, D):
    S, D = np.asarray(S, float), np.asarray(D, float)
    if S.shape != D.shape or S.ndim != 2 or sigma2 < 0:
        raise ValueError("shapes or sigma2")
    return S, D


@right("denoiser_mse", "einsum over the error's covariance")
def einsum_trace(S, sigma2, D):
    S, D = matrices(S, sigma2, D)
    A = np.eye(len(S)) - D
    return float(np.einsum("ij,jk,ik->", A, S, A) + sigma2 * np.sum(D**2))


@wrong(
    "denoiser_mse",
    "the formula of the optimal D for every D: tr(S - D S)",
    "gives the error of the optimal denoiser whatever D",
)
def optimal_formula(S, sigma2, D):
    S, D = matrices(S, sigma2, D)
    return float(np.trace(S - D @ S))


@wrong("denoiser_mse", "noise that passes through once: sigma2 tr(D)", "takes tr(D) instead of tr(D D^T)")
def trace_of_d(S, sigma2, D):
    S, D = matrices(S, sigma2, D)
    A = np.eye(len(S)) - D
    return float(np.trace(A @ S @ A.T) + sigma2 * np.trace(D))


def sample(X, y_true, w, sigma2):
    X, y, w = (np.asarray(v, float) for v in (X, y_true, w))
    if X.ndim != 2 or y.shape != X.shape[:1] or w.shape != X.shape[1:] or sigma2 < 0:
        raise ValueError("shapes or sigma2")
    return X, y, w


@right("noise_injected_loss", "Bishop 1995: training with noise is a penalty on the weights")
def penalty(X, y_true, w, sigma2):
    X, y, w = sample(X, y_true, w, sigma2)
    return float(np.linalg.norm(y - X @ w) ** 2 / len(y) + sigma2 * np.dot(w, w))


@wrong("noise_injected_loss", "a penalty that is averaged over the samples as well", "divides the penalty by n")
def averaged_penalty(X, y_true, w, sigma2):
    X, y, w = sample(X, y_true, w, sigma2)
    return float((np.sum((y - X @ w) ** 2) + sigma2 * np.dot(w, w)) / len(y))


def mixture(weights, means, s2):
    a, m, v = (np.asarray(one, float) for one in (weights, means, s2))
    if not a.shape == m.shape == v.shape or abs(a.sum() - 1) > 1e-6:
        raise ValueError("mixture")
    return a, m, v


@right("gmm_denoiser", "scikit-learn: logsumexp of weighted log densities")
def responsibilities(y, weights, means, s2, sigma2):
    a, m, v = mixture(weights, means, s2)
    y = np.asarray(y, float)[:, None]
    total = v + sigma2
    log = np.log(a) - 0.5 * np.log(total) - 0.5 * (y - m) ** 2 / total
    log -= special.logsumexp(log, axis=1, keepdims=True)
    return np.sum(np.exp(log) * (v * y + sigma2 * m) / total, axis=1)


@right("gmm_denoiser", "a loop over observations and components, largest exponent first")
def loop(y, weights, means, s2, sigma2):
    a, m, v = mixture(weights, means, s2)
    out = []
    for one in np.asarray(y, float):
        exponents = [stats.norm.logpdf(one, m[k], np.sqrt(v[k] + sigma2)) + np.log(a[k]) for k in range(len(a))]
        top = max(exponents)
        share = [np.exp(e - top) for e in exponents]
        post = [m[k] + v[k] / (v[k] + sigma2) * (one - m[k]) for k in range(len(a))]
        out.append(sum(r * p for r, p in zip(share, post, strict=True)) / sum(share))
    return np.array(out)


@short(
    "gmm_denoiser",
    "Bayes' rule with scipy.stats.norm.pdf",
    "0/0 where every density underflows",
    "exponentiates without shifting",
)
def plain_densities(y, weights, means, s2, sigma2):
    a, m, v = mixture(weights, means, s2)
    y = np.asarray(y, float)[:, None]
    r = a * stats.norm.pdf(y, m, np.sqrt(v + sigma2))
    r = r / r.sum(axis=1, keepdims=True)
    return np.sum(r * (m + v / (v + sigma2) * (y - m)), axis=1)


@wrong("gmm_denoiser", "hard assignment to the nearest component", "takes the component of the nearest mean only")
def hard(y, weights, means, s2, sigma2):
    _a, m, v = mixture(weights, means, s2)
    y = np.asarray(y, float)
    k = np.argmin(np.abs(y[:, None] - m), axis=1)
    return m[k] + v[k] / (v[k] + sigma2) * (y - m[k])
