import numpy as np


def _principal(X):
    values, vectors = np.linalg.eigh(X.T @ X / len(X))
    return values[::-1], vectors[:, ::-1]


def pca_fit(X, k):
    X = np.asarray(X, float)
    if X.ndim != 2 or X.size == 0 or not 1 <= k <= min(X.shape):
        raise ValueError("X must be (n, d) and k between 1 and min(n, d)")
    mean = X.mean(axis=0)
    return mean, _principal(X - mean)[1][:, :k]


def reconstruct(X, mean, V):
    X, mean, V = np.asarray(X, float), np.asarray(mean, float), np.asarray(V, float)
    if X.ndim != 2 or V.ndim != 2 or mean.shape != (X.shape[1],) or len(V) != X.shape[1] or X.size == 0:
        raise ValueError("shapes do not fit")
    out = np.empty_like(X)
    for i, x in enumerate(X):
        out[i] = mean + V @ (V.T @ (x - mean))
    return out


def pca_mse(X, k):
    X = np.asarray(X, float)
    if X.ndim != 2 or X.size == 0 or not 0 <= k <= X.shape[1]:
        raise ValueError("X must be (n, d) and k between 0 and d")
    values, _ = _principal(X - X.mean(axis=0))
    return float(np.maximum(values[k:], 0).sum())


def linear_ae_grad(X, We, Wd):
    X, We, Wd = np.asarray(X, float), np.asarray(We, float), np.asarray(Wd, float)
    if X.ndim != 2 or We.ndim != 2 or len(We) != X.shape[1] or Wd.shape != We.T.shape or X.size == 0 or We.size == 0:
        raise ValueError("shapes do not fit")
    H = X @ We
    E = 2 * (H @ Wd - X) / len(X)
    return X.T @ (E @ Wd.T), H.T @ E


def train_linear_ae(X, k):
    X = np.asarray(X, float)
    if X.ndim != 2 or X.size == 0 or not 1 <= k <= X.shape[1]:
        raise ValueError("X must be (n, d) and k between 1 and d")
    V = np.linalg.svd(X, full_matrices=True)[2][:k].T
    return V, V.T
