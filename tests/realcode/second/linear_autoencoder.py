"""PCA and linear autoencoders: scikit-learn, PyTorch, lecture notes."""

import numpy as np
from scipy import linalg

from tests.realcode.corpus import right, short, wrong


def table(X, k, low=1, high=None):
    X = np.asarray(X, float)
    if not low <= k <= (X.shape[1] if high is None else high(X)):
        raise ValueError("k")
    return X


@right("pca_fit", "scikit-learn: svd of the centred data")
def centred_svd(X, k):
    X = table(X, k, high=lambda X: min(X.shape))
    mean = X.mean(axis=0)
    return mean, linalg.svd(X - mean, full_matrices=False)[2][:k].T


@wrong("pca_fit", "svd of the raw data, not centred", "forgets to centre")
def raw_svd(X, k):
    X = table(X, k, high=lambda X: min(X.shape))
    return X.mean(axis=0), np.linalg.svd(X, full_matrices=False)[2][:k].T


@wrong("pca_fit", "eigh: the first k columns, of the smallest eigenvalues", "keeps the smallest directions")
def smallest(X, k):
    X = table(X, k, high=lambda X: min(X.shape))
    mean = X.mean(axis=0)
    return mean, np.linalg.eigh((X - mean).T @ (X - mean))[1][:, :k]


@wrong("pca_fit", "scikit-learn's components_: rows instead of columns", "takes rows as features")
def components(X, k):
    mean, V = centred_svd(X, k)
    return mean, V.T


def parts(X, mean, V):
    X, mean, V = (np.asarray(v, float) for v in (X, mean, V))
    if X.ndim != 2 or V.ndim != 2 or mean.shape != X.shape[1:] or V.shape[0] != X.shape[1]:
        raise ValueError("shapes")
    return X, mean, V


@right("reconstruct", "einsum of codes and directions")
def einsum_codes(X, mean, V):
    X, mean, V = parts(X, mean, V)
    codes = np.einsum("nd,dk->nk", X - mean, V)
    return mean + np.einsum("nk,dk->nd", codes, V)


@wrong("reconstruct", "projected without subtracting the mean first", "forgets to subtract the mean")
def mean_added(X, mean, V):
    X, mean, V = parts(X, mean, V)
    return X @ V @ V.T + mean


@wrong("reconstruct", "the mean of X in place of the one that is given", "takes the mean of X instead of the given one")
def own_mean(X, mean, V):
    X, mean, V = parts(X, mean, V)
    m = X.mean(axis=0)
    return (X - m) @ V @ V.T + m


@right("pca_mse", "discarded squared singular values")
def discarded(X, k):
    X = table(X, k, low=0)
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    return float(np.sum(s[k:] ** 2) / len(X))


@wrong("pca_mse", "sklearn's explained_variance_: divisor n - 1", "divides by n-1")
def unbiased(X, k):
    return discarded(X, k) * len(X) / max(len(X) - 1, 1)


@wrong("pca_mse", "np.mean over samples and features", "averages over the features too")
def per_feature(X, k):
    return discarded(X, k) / np.shape(X)[1]


@wrong("pca_mse", "the variance that is kept", "sums the variance that is kept, not lost")
def kept(X, k):
    return discarded(X, 0) - discarded(X, k)


def network(X, We, Wd):
    X, A, B = (np.asarray(v, float) for v in (X, We, Wd))
    if X.ndim != 2 or A.ndim != 2 or B.shape != A.shape[::-1] or A.shape[0] != X.shape[1]:
        raise ValueError("shapes")
    return X, A, B


@right("linear_ae_grad", "backpropagation with named intermediates")
def backprop(X, We, Wd):
    X, A, B = network(X, We, Wd)
    hidden = X @ A
    d_out = 2.0 / len(X) * (hidden @ B - X)
    d_hidden = d_out @ B.T
    return X.T @ d_hidden, hidden.T @ d_out


@right("linear_ae_grad", "matrix calculus with S = X'X/n")
def by_covariance(X, We, Wd):
    X, A, B = network(X, We, Wd)
    S = X.T @ X / len(X)
    E = A @ B - np.eye(len(S))
    return 2 * S @ E @ B.T, 2 * A.T @ S @ E


@wrong("linear_ae_grad", "Keras: mse averages over the features too", "divides by n*d instead of n")
def keras_mean(X, We, Wd):
    gA, gB = backprop(X, We, Wd)
    d = np.shape(X)[1]
    return gA / d, gB / d


@wrong("linear_ae_grad", "tied weights: both gradients added up", "assumes tied weights")
def tied(X, We, Wd):
    gA, gB = backprop(X, We, Wd)
    return gA + gB.T, gA.T + gB


@right("train_linear_ae", "the principal directions as encoder and decoder")
def principal(X, k):
    X = table(X, k)
    V = np.linalg.eigh(X.T @ X)[1][:, ::-1][:, :k]
    return V, V.T


@right("train_linear_ae", "power iteration with deflation by QR, a fixed generator")
def subspace_iteration(X, k):
    X = table(X, k)
    S = X.T @ X / max(np.abs(X).max(), 1e-300) ** 2
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(len(S), k)))[0]
    for _ in range(5000):
        Q = np.linalg.qr(S @ Q)[0]
    return Q, Q.T


@right("train_linear_ae", "alternating least squares from a seeded start")
def alternating(X, k):
    X = table(X, k)
    B = np.random.default_rng(1).normal(size=(k, X.shape[1]))
    for _ in range(3000):
        A = np.linalg.pinv(B)
        H = X @ A
        B = np.linalg.lstsq(H, X, rcond=None)[0]
    return np.linalg.pinv(B), B


@wrong("train_linear_ae", "random features, never trained", "projects on random directions")
def untrained(X, k):
    X = table(X, k)
    A = np.linalg.qr(np.random.default_rng(0).normal(size=(X.shape[1], k)))[0]
    return A, A.T


@short("train_linear_ae", "Adam with a rate of 0.01 and 3,000 epochs", "data of other scales than 1")
def adam(X, k):
    X = table(X, k)
    rng = np.random.default_rng(0)
    d = X.shape[1]
    W = [rng.normal(size=(d, k)) * 0.1, rng.normal(size=(k, d)) * 0.1]
    m, v = [np.zeros_like(w) for w in W], [np.zeros_like(w) for w in W]
    for t in range(1, 3001):
        for i, g in enumerate(by_covariance(X, *W)):
            m[i] = 0.9 * m[i] + 0.1 * g
            v[i] = 0.999 * v[i] + 0.001 * g * g
            W[i] = W[i] - 0.01 * (m[i] / (1 - 0.9**t)) / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)
    return W[0], W[1]
