"""Corruption, Wiener filters, ridge by noise and mixtures, as libraries and textbooks write them."""

import numpy as np
from scipy import special, stats

from tests.realcode.corpus import right, short, wrong


def levels(X, kind, level):
    X = np.asarray(X, float)
    if level < 0 or (kind == "mask" and level > 1):
        raise ValueError("level")
    return X


@right("corrupt", "Vincent et al.: a binomial mask, or normal noise")
def vincent(X, kind, level, rng):
    X = levels(X, kind, level)
    if kind == "gaussian":
        return rng.normal(X, level)
    return X * rng.binomial(1, 1 - level, X.shape)


@wrong("corrupt", "Keras: Dropout divides by the share that is kept", "scales what is kept, as dropout does")
def dropout(X, kind, level, rng):
    X = levels(X, kind, level)
    if kind == "gaussian":
        return X + level * rng.standard_normal(X.shape)
    kept = rng.random(X.shape) >= level
    return np.where(kept, X / max(1 - level, 1e-12), 0.0)


@wrong("corrupt", "scikit-image: random_noise takes a variance", "takes level as the variance")
def random_noise(X, kind, level, rng):
    X = levels(X, kind, level)
    if kind == "gaussian":
        return X + rng.normal(0, np.sqrt(level), X.shape)
    return np.where(rng.random(X.shape) < level, 0.0, X)


@wrong(
    "corrupt",
    "np.random.Generator.choice without replacement: an exact share",
    "masks an exact fraction of the entries",
)
def without_replacement(X, kind, level, rng):
    X = levels(X, kind, level)
    if kind == "gaussian":
        return X + level * rng.standard_normal(X.shape)
    out = X.copy().ravel()
    out[rng.choice(out.size, round(level * out.size), replace=False)] = 0.0
    return out.reshape(X.shape)


def covariance(S, sigma2):
    S = np.asarray(S, float)
    if S.shape != S.shape[::-1] or not sigma2 > 0:
        raise ValueError("S or sigma2")
    return S


@right("optimal_linear_denoiser", "SciPy: the Wiener filter, by solve with a positive definite matrix")
def wiener(S, sigma2):
    S = covariance(S, sigma2)
    return np.linalg.solve(S + sigma2 * np.identity(len(S)), S).T


@right("optimal_linear_denoiser", "Kalman update: S inv(S + R)")
def kalman(S, sigma2):
    S = covariance(S, sigma2)
    return S @ np.linalg.inv(S + np.diag(np.full(len(S), sigma2)))


@wrong("optimal_linear_denoiser", "each feature by its own variance", "shrinks by the diagonal alone")
def by_feature(S, sigma2):
    S = covariance(S, sigma2)
    v = np.diag(S)
    return np.diag(v / (v + sigma2))


@wrong(
    "optimal_linear_denoiser",
    "PCA denoising: directions above the noise are kept",
    "keeps directions above the noise whole and drops the rest",
)
def hard(S, sigma2):
    S = covariance(S, sigma2)
    w, Q = np.linalg.eigh(S)
    return Q[:, w > sigma2] @ Q[:, w > sigma2].T


def matrices(S, sigma2, D):
    S, D = np.asarray(S, float), np.asarray(D, float)
    if S.shape != D.shape or sigma2 < 0:
        raise ValueError("shapes or sigma2")
    return S, D


@right("denoiser_mse", "traces, expanded")
def traces(S, sigma2, D):
    S, D = matrices(S, sigma2, D)
    I = np.eye(len(S))
    return np.einsum("ij,jk,ik->", I - D, S, I - D) + sigma2 * np.linalg.norm(D) ** 2


@wrong("denoiser_mse", "only what the denoiser does to the signal", "forgets the noise that passes through")
def signal_only(S, sigma2, D):
    return traces(S, 0.0, D) if sigma2 >= 0 else matrices(S, sigma2, D)


@wrong("denoiser_mse", "a mean over the components", "averages over the coordinates")
def mean_over_components(S, sigma2, D):
    return traces(S, sigma2, D) / len(S)


def regression(X, y_true, w, sigma2):
    X, y, w = (np.asarray(a, float) for a in (X, y_true, w))
    if y.shape != X.shape[:1] or w.shape != X.shape[1:] or sigma2 < 0:
        raise ValueError("shapes or sigma2")
    return X, y, w


@right("noise_injected_loss", "Bishop (1995): training with noise is Tikhonov regularisation")
def tikhonov(X, y_true, w, sigma2):
    X, y, w = regression(X, y_true, w, sigma2)
    return np.mean((X @ w - y) ** 2) + sigma2 * np.dot(w, w)


@wrong("noise_injected_loss", "ridge of scikit-learn, divided by n", "divides the penalty by n")
def sklearn_ridge(X, y_true, w, sigma2):
    X, y, w = regression(X, y_true, w, sigma2)
    return (np.sum((X @ w - y) ** 2) + sigma2 * np.dot(w, w)) / len(y)


@wrong("noise_injected_loss", "the noise given by its deviation", "takes sigma instead of sigma2")
def by_deviation(X, y_true, w, sigma2):
    X, y, w = regression(X, y_true, w, sigma2)
    return np.mean((X @ w - y) ** 2) + np.sqrt(sigma2) * np.dot(w, w)


def mixture(y, weights, means, s2):
    y, p, m, v = (np.asarray(a, float) for a in (y, weights, means, s2))
    if not p.shape == m.shape == v.shape or abs(p.sum() - 1) > 1e-6:
        raise ValueError("components")
    return y[:, None], p, m, v


@right("gmm_denoiser", "SciPy: responsibilities by logsumexp")
def by_logsumexp(y, weights, means, s2, sigma2):
    y, p, m, v = mixture(y, weights, means, s2)
    logs = np.log(p) + stats.norm.logpdf(y, m, np.sqrt(v + sigma2))
    r = np.exp(logs - special.logsumexp(logs, axis=1, keepdims=True))
    return np.sum(r * (m + v / (v + sigma2) * (y - m)), axis=1)


@short(
    "gmm_denoiser",
    "products of densities, then normalised",
    "every density is 0 far out",
    "exponentiates without shifting",
)
def densities(y, weights, means, s2, sigma2):
    y, p, m, v = mixture(y, weights, means, s2)
    r = p * stats.norm.pdf(y, m, np.sqrt(v + sigma2))
    return np.sum(r * (v * y + sigma2 * m) / (v + sigma2), axis=1) / r.sum(axis=1)


@wrong(
    "gmm_denoiser",
    "scikit-learn: GaussianMixture.predict, the most likely component",
    "uses the most probable component alone",
)
def predict(y, weights, means, s2, sigma2):
    y, p, m, v = mixture(y, weights, means, s2)
    best = np.argmax(np.log(p) + stats.norm.logpdf(y, m, np.sqrt(v + sigma2)), axis=1)
    return m[best] + v[best] / (v[best] + sigma2) * (y[:, 0] - m[best])


@wrong("gmm_denoiser", "the means of the components, averaged", "returns means of components without shrinkage")
def means_only(y, weights, means, s2, sigma2):
    y, p, m, v = mixture(y, weights, means, s2)
    return special.softmax(np.log(p) + stats.norm.logpdf(y, m, np.sqrt(v + sigma2)), axis=1) @ m
