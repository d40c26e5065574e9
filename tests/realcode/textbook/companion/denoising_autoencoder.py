import numpy as np


def corrupt(X, kind, level, rng):
    X = np.asarray(X, float)
    if X.size == 0 or kind not in ("gaussian", "mask") or level < 0 or (kind == "mask" and level > 1):
        raise ValueError("empty data, unknown kind, or level out of range")
    if kind == "gaussian":
        return X + level * rng.standard_normal(X.shape)
    return np.where(rng.random(X.shape) < level, 0.0, X)


def optimal_linear_denoiser(S, sigma2):
    S = np.asarray(S, float)
    if S.ndim != 2 or S.shape[0] != S.shape[1] or S.size == 0 or sigma2 <= 0:
        raise ValueError("S must be square and sigma2 positive")
    return np.linalg.solve(S + sigma2 * np.eye(len(S)), S).T


def denoiser_mse(S, sigma2, D):
    S, D = np.asarray(S, float), np.asarray(D, float)
    if S.ndim != 2 or S.shape[0] != S.shape[1] or D.shape != S.shape or S.size == 0 or sigma2 < 0:
        raise ValueError("S and D must be square of one size, sigma2 not negative")
    A = np.eye(len(S)) - D
    return np.trace(A @ S @ A.T) + sigma2 * np.trace(D @ D.T)


def noise_injected_loss(X, y_true, w, sigma2):
    X, y, w = np.asarray(X, float), np.asarray(y_true, float), np.asarray(w, float)
    if X.ndim != 2 or y.shape != X.shape[:1] or w.shape != X.shape[1:] or y.size == 0 or sigma2 < 0:
        raise ValueError("shapes do not fit, or negative variance")
    return np.mean((y - X @ w) ** 2) + sigma2 * np.sum(w**2)


def gmm_denoiser(y, weights, means, s2, sigma2):
    y, pi, mu, s2 = (np.asarray(a, float) for a in (y, weights, means, s2))
    if y.ndim != 1 or pi.ndim != 1 or not pi.shape == mu.shape == s2.shape or pi.size == 0:
        raise ValueError("shapes do not fit")
    if np.any(pi <= 0) or abs(pi.sum() - 1) > 1e-6 or np.any(s2 < 0) or sigma2 <= 0:
        raise ValueError("impossible weights or variances")
    v = s2 + sigma2
    log_r = np.log(pi) - 0.5 * np.log(v) - 0.5 * (y[:, None] - mu) ** 2 / v
    r = np.exp(log_r - log_r.max(axis=1, keepdims=True))
    r = r / r.sum(axis=1, keepdims=True)
    return np.sum(r * (mu + s2 / v * (y[:, None] - mu)), axis=1)
