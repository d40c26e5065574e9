"""Principal components and linear autoencoders: scikit-learn, course notes and gradient descent."""

import numpy as np
import scipy.linalg

from tests.realcode.corpus import right, short, wrong


def data(X, k, least=1, both=False):
    X = np.asarray(X, float)
    if not least <= k <= (min(X.shape) if both else X.shape[1]):
        raise ValueError("k")
    return X


@right("pca_fit", "scikit-learn: PCA(svd_solver='full'), transposed")
def sklearn_full(X, k):
    X = data(X, k, both=True)
    mean = X.mean(axis=0)
    _, _, Vt = scipy.linalg.svd(X - mean, full_matrices=False)
    return mean, Vt[:k].T.copy()


@right("pca_fit", "course notes: eigenvectors of np.cov, sorted by argsort")
def by_covariance(X, k):
    X = data(X, k, both=True)
    values, Q = np.linalg.eigh(np.atleast_2d(np.cov(X, rowvar=False)))
    return X.mean(axis=0), Q[:, np.argsort(values)[::-1][:k]]


@wrong("pca_fit", "scikit-learn: TruncatedSVD of the data as they are", "forgets to centre")
def truncated_svd(X, k):
    X = data(X, k, both=True)
    return X.mean(axis=0), np.linalg.svd(X, full_matrices=False)[2][:k].T.copy()


@wrong("pca_fit", "np.linalg.eigh: the first k columns", "keeps the smallest directions")
def first_columns(X, k):
    X = data(X, k, both=True)
    _, Q = np.linalg.eigh(np.atleast_2d(np.cov(X, rowvar=False)))
    return X.mean(axis=0), Q[:, :k].copy()


@wrong("pca_fit", "StandardScaler before PCA", "standardises the features")
def scaled(X, k):
    X = data(X, k, both=True)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    return X.mean(axis=0), np.linalg.svd(Z, full_matrices=False)[2][:k].T.copy()


def fitting(X, mean, V):
    X, m, V = np.asarray(X, float), np.asarray(mean, float), np.asarray(V, float)
    if m.shape != X.shape[1:] or V.shape[0] != X.shape[1]:
        raise ValueError("shapes")
    return X, m, V


@right("reconstruct", "scikit-learn: inverse_transform(transform(X))")
def transform_and_back(X, mean, V):
    X, m, V = fitting(X, mean, V)
    codes = np.dot(X, V) - np.dot(m, V)
    return np.dot(codes, V.T) + m


@wrong("reconstruct", "codes @ components_ without the mean", "forgets to add the mean back")
def without_mean(X, mean, V):
    X, m, V = fitting(X, mean, V)
    return (X - m) @ V @ V.T


@wrong("reconstruct", "each batch centred by its own mean", "takes the mean of X instead of the given one")
def own_mean(X, mean, V):
    X, _, V = fitting(X, mean, V)
    return X.mean(axis=0) + (X - X.mean(axis=0)) @ V @ V.T


@right("pca_mse", "Bishop, PRML: the sum of the discarded eigenvalues")
def discarded(X, k):
    X = data(X, k, least=0)
    values = np.linalg.eigvalsh(np.atleast_2d(np.cov(X, rowvar=False, bias=True)))
    return float(values[: X.shape[1] - k].sum())


@wrong("pca_mse", "scikit-learn: explained_variance_ has the divisor n - 1", "divides by n-1")
def explained_variance(X, k):
    X = data(X, k, least=0)
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    return float((s[k:] ** 2).sum() / (len(X) - 1))


@wrong("pca_mse", "mean_squared_error(X, reconstruction): a mean over all entries", "averages over the features too")
def entry_mean(X, k):
    return discarded(X, k) / np.shape(X)[1]


@wrong("pca_mse", "1 - explained_variance_ratio_.sum()", "returns a fraction of the variance")
def ratio(X, k):
    return discarded(X, k) / discarded(X, 0)


def layers(X, We, Wd):
    X, A, B = (np.asarray(a, float) for a in (X, We, Wd))
    if A.shape[0] != X.shape[1] or B.shape != A.shape[::-1]:
        raise ValueError("shapes")
    return X, A, B


@right("linear_ae_grad", "backpropagation: layer by layer")
def backpropagation(X, We, Wd):
    X, A, B = layers(X, We, Wd)
    H = X @ A
    d_out = 2 * (H @ B - X) / X.shape[0]
    return X.T @ (d_out @ B.T), H.T @ d_out


@wrong("linear_ae_grad", "PyTorch: nn.MSELoss, a mean over all entries", "divides by n*d instead of n")
def mse_loss(X, We, Wd):
    gA, gB = backpropagation(X, We, Wd)
    return gA / np.shape(X)[1], gB / np.shape(X)[1]


@wrong("linear_ae_grad", "1/2 from the derivation", "loses the factor 2")
def halved(X, We, Wd):
    gA, gB = backpropagation(X, We, Wd)
    return gA / 2, gB / 2


@wrong("linear_ae_grad", "tied weights: one gradient for both", "assumes tied weights")
def tied(X, We, Wd):
    gA, gB = backpropagation(X, We, Wd)
    return gA + gB.T, gB + gA.T


@right("train_linear_ae", "Baldi and Hornik: the encoder by PCA, the decoder by least squares")
def baldi_hornik(X, k):
    X = data(X, k)
    A = np.linalg.svd(X, full_matrices=True)[2][:k].T
    return A.copy(), np.linalg.lstsq(X @ A, X, rcond=None)[0]


@short("train_linear_ae", "PyTorch tutorials: gradient descent with a fixed rate", "data of the scale 1e-6 and 1e6")
def fixed_rate(X, k):
    X, g = data(X, k), np.random.default_rng(1)
    A, B = 0.1 * g.normal(size=(X.shape[1], k)), 0.1 * g.normal(size=(k, X.shape[1]))
    with np.errstate(all="ignore"):
        for _ in range(15000):
            gA, gB = backpropagation(X, A, B)
            A, B = A - 0.01 * gA, B - 0.01 * gB
    return A, B


@wrong("train_linear_ae", "random projections (Johnson and Lindenstrauss)", "projects on random directions")
def projection(X, k):
    X = data(X, k)
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(X.shape[1], k)))[0]
    return Q, Q.T.copy()


@wrong("train_linear_ae", "np.linalg.eigh: the first k columns", "keeps the smallest directions")
def smallest(X, k):
    X = data(X, k)
    Q = np.linalg.eigh(X.T @ X)[1][:, :k]
    return Q.copy(), Q.T.copy()
