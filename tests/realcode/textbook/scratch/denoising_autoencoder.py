import numpy as np
from scipy.special import logsumexp


def corrupt(X, kind, level, rng):
    X = np.array(X, dtype=float)
    if X.size == 0 or kind not in ("gaussian", "mask") or level < 0 or (kind == "mask" and level > 1):
        raise ValueError("empty data, unknown kind, or level out of range")
    if kind == "gaussian":
        return X + rng.normal(0, level, size=X.shape)
    X[rng.uniform(size=X.shape) < level] = 0
    return X


def optimal_linear_denoiser(S, sigma2):
    S = np.asarray(S, float)
    if S.ndim != 2 or S.shape[0] != S.shape[1] or S.size == 0 or sigma2 <= 0:
        raise ValueError("S must be square and sigma2 positive")
    values, vectors = np.linalg.eigh(S)
    values = np.maximum(values, 0)
    return (vectors * (values / (values + sigma2))) @ vectors.T


def denoiser_mse(S, sigma2, D):
    S, D = np.asarray(S, float), np.asarray(D, float)
    if S.ndim != 2 or S.shape[0] != S.shape[1] or D.shape != S.shape or S.size == 0 or sigma2 < 0:
        raise ValueError("S and D must be square of one size, sigma2 not negative")
    A = np.eye(len(S)) - D
    return float(np.einsum("ij,jk,ik->", A, S, A) + sigma2 * (D**2).sum())


def noise_injected_loss(X, y_true, w, sigma2):
    X, y, w = np.asarray(X, float), np.asarray(y_true, float), np.asarray(w, float)
    if X.ndim != 2 or y.shape != (len(X),) or w.shape != (X.shape[1],) or len(y) == 0 or sigma2 < 0:
        raise ValueError("shapes do not fit, or negative variance")
    plain = sum((target - x @ w) ** 2 for x, target in zip(X, y)) / len(y)
    return float(plain + sigma2 * (w @ w))


def gmm_denoiser(y, weights, means, s2, sigma2):
    y, pi, mu, s2 = (np.asarray(a, float) for a in (y, weights, means, s2))
    if y.ndim != 1 or pi.ndim != 1 or pi.shape != mu.shape or pi.shape != s2.shape or pi.size == 0:
        raise ValueError("shapes do not fit")
    if (pi <= 0).any() or abs(pi.sum() - 1) > 1e-6 or (s2 < 0).any() or sigma2 <= 0:
        raise ValueError("impossible weights or variances")
    out = np.empty(len(y))
    for i, value in enumerate(y):
        total = s2 + sigma2
        logs = np.log(pi) - 0.5 * np.log(2 * np.pi * total) - (value - mu) ** 2 / (2 * total)
        r = np.exp(logs - logsumexp(logs))
        out[i] = r @ ((s2 * value + sigma2 * mu) / total)
    return out
