"""The linear autoencoder and PCA.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check linear_autoencoder

Conventions: a sample per row; the reconstruction error is the mean over the n samples of the squared distance, summed (not
averaged) over the d features, without 1/2; arguments are array_like, computed in float64, and never changed.
"""

import numpy as np


def pca_fit(X, k):
    """Mean and first k principal directions of the centred data.

    Parameters
    ----------
    X : array_like, shape (n, d)
        A sample per row; not centred, of any scale.
    k : int
        1 <= k <= min(n, d).

    Returns
    -------
    mean : ndarray, shape (d,), float64
    V : ndarray, shape (d, k), float64
        Orthonormal columns in the order of decreasing variance; the sign of each is free.

    Raises
    ------
    ValueError
        If k is out of range.

    Notes
    -----
    No n x n matrix. Timed on 50,000 samples.
    """
    raise NotImplementedError


def reconstruct(X, mean, V):
    """Encode every sample by its k coordinates along the columns of V, and decode it again.

    Parameters
    ----------
    X : array_like, shape (n, d)
    mean : array_like, shape (d,)
    V : array_like, shape (d, k)
        Orthonormal columns.

    Returns
    -------
    ndarray, shape (n, d), float64
        For each sample the nearest point of the affine space through mean that the columns of V span.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    raise NotImplementedError


def pca_mse(X, k):
    """Smallest possible reconstruction error by k numbers per sample (best affine map of rank k).

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
        Not centred.
    k : int
        0 <= k <= d.

    Returns
    -------
    float
        Mean over samples, sum over features, in squared units of X; right if it is off by less than 1e-9 of the total
        variance.

    Raises
    ------
    ValueError
        If k is out of range.
    """
    raise NotImplementedError


def linear_ae_grad(X, We, Wd):
    """Gradients of L = (1/n) * ||X - X We Wd||_F**2 with respect to encoder and decoder.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
        Used as it is: do not centre it.
    We : array_like, shape (d, k), k >= 1
        Encoder.
    Wd : array_like, shape (k, d)
        Decoder; a matrix of its own, not tied to We.

    Returns
    -------
    gWe : ndarray, shape (d, k), float64
    gWd : ndarray, shape (k, d), float64

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Timed on 50,000 samples.
    """
    raise NotImplementedError


def train_linear_ae(X, k):
    """Encoder and decoder of smallest loss L = (1/n) * ||X - X We Wd||_F**2, by any method.

    Parameters
    ----------
    X : array_like, shape (n, d)
        With column means 0; of scale 1e-6 to 1e6.
    k : int
        1 <= k <= d.

    Returns
    -------
    We : ndarray, shape (d, k), float64
    Wd : ndarray, shape (k, d), float64
        Any pair whose loss is at most 1.001 times the smallest possible one, plus 1e-9 * (1/n) * ||X||_F**2.

    Raises
    ------
    ValueError
        If k is out of range.

    Notes
    -----
    Equal calls give equal results.  Random starts come from a generator of your own, with a fixed seed: the global
    random state is neither read nor changed.
    """
    raise NotImplementedError


def sym_ae_decoder_grad():
    """Gradient dL/dB of L = (1/n) * ||X - X A B||_F**2 with respect to the decoder B.

    Returns
    -------
    str
        Array expression in X (n, d), A (d, k), B (k, d) and n, for example "X@A@B" (which is not right).
    """
    raise NotImplementedError
