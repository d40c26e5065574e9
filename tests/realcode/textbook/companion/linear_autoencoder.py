import numpy as np


def pca_fit(X, k):
    X = np.asarray(X, float)
    if X.ndim != 2 or X.size == 0 or not 1 <= k <= min(X.shape):
        raise ValueError("X must be (n, d) and k between 1 and min(n, d)")
    mean = X.mean(axis=0)
    return mean, np.linalg.svd(X - mean, full_matrices=False)[2][:k].T


def reconstruct(X, mean, V):
    X, mean, V = np.asarray(X, float), np.asarray(mean, float), np.asarray(V, float)
    if X.ndim != 2 or V.ndim != 2 or mean.shape != X.shape[1:] or V.shape[0] != X.shape[1] or X.size == 0:
        raise ValueError("shapes do not fit")
    return mean + (X - mean) @ V @ V.T


def pca_mse(X, k):
    X = np.asarray(X, float)
    if X.ndim != 2 or X.size == 0 or not 0 <= k <= X.shape[1]:
        raise ValueError("X must be (n, d) and k between 0 and d")
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    return np.sum(s[k:] ** 2) / len(X)


def linear_ae_grad(X, We, Wd):
    X, We, Wd = np.asarray(X, float), np.asarray(We, float), np.asarray(Wd, float)
    if (
        X.ndim != 2
        or We.ndim != 2
        or We.shape[0] != X.shape[1]
        or Wd.shape != We.T.shape
        or X.size == 0
        or We.size == 0
    ):
        raise ValueError("shapes do not fit")
    R = X @ We @ Wd - X
    return 2 / len(X) * X.T @ R @ Wd.T, 2 / len(X) * (X @ We).T @ R


def train_linear_ae(X, k):
    X = np.asarray(X, float)
    if X.ndim != 2 or X.size == 0 or not 1 <= k <= X.shape[1]:
        raise ValueError("X must be (n, d) and k between 1 and d")
    rng = np.random.default_rng(0)
    We, Wd = 0.1 * rng.standard_normal((X.shape[1], k)), 0.1 * rng.standard_normal((k, X.shape[1]))
    for _ in range(20000):
        gWe, gWd = linear_ae_grad(X, We, Wd)
        We, Wd = We - 0.01 * gWe, Wd - 0.01 * gWd
    return We, Wd
