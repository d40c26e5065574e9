"""Principal components and the linear autoencoder: best reconstruction by k numbers per sample."""

from __future__ import annotations

from autograder.arrays import Array, ArrayLike, as_float, require


def pca_fit(X: ArrayLike, k: int) -> tuple[Array, Array]:
    r"""Mean and first k principal directions.

    Parameters
    ----------
    X : array_like, shape (n, d)
        A sample per row.
    k : int, 1 <= k <= min(n, d)

    Returns
    -------
    mean : array, shape (d,), float64
    V : array, shape (d, k), float64
        Orthonormal columns in the order of decreasing variance of the centred data; their signs are arbitrary.

    Raises
    ------
    ValueError
        If k is out of range.

    Notes
    -----
    From the reduced singular value decomposition: O(n d min(n, d)) time, no n x n matrix.
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).

    Examples
    --------
    >>> mean, V = pca_fit([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]], 1)
    >>> mean, abs(V).round(4)
    (array([2., 2.]), array([[0.7071],
           [0.7071]]))
    """
    xp, X = as_float(X)
    n, d = X.shape
    require(1 <= k <= min(n, d), f"k must be between 1 and min(n, d) = {min(n, d)}, got {k}")
    mean = xp.mean(X, axis=0)
    _, _, Vt = xp.linalg.svd(X - mean, full_matrices=False)
    # equivalent: a view of a new array shares nothing of the caller's either
    return mean, xp.asarray(Vt[:k, :].T, copy=True)


def reconstruct(X: ArrayLike, mean: ArrayLike, V: ArrayLike) -> Array:
    r"""Orthogonal projection of every sample on the affine space through ``mean`` spanned by V.

    Parameters
    ----------
    X : array_like, shape (n, d)
    mean : array_like, shape (d,)
    V : array_like, shape (d, k)
        Orthonormal columns.

    Returns
    -------
    array, shape (n, d), float64
        :math:`m+(x-m)VV^\top` for every row x.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    O(n d k): neither an n x n nor a d x d matrix.
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).

    Examples
    --------
    >>> reconstruct([[1.0, 3.0]], [0.0, 0.0], [[1.0], [0.0]])
    array([[1., 0.]])
    """
    _, X, mean, V = as_float(X, mean, V)
    d = X.shape[1]
    require(tuple(mean.shape) == (d,), f"mean must have shape ({d},), got {tuple(mean.shape)}")
    return mean + ((X - mean) @ V) @ V.T


def pca_mse(X: ArrayLike, k: int) -> float:
    r"""Smallest reconstruction error over all affine maps of rank k.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
    k : int, 0 <= k <= d

    Returns
    -------
    float
        :math:`\frac1n\sum_i\lVert x_i-\hat x_i\rVert^2`: mean over samples, sum over features; the sum of the d - k
        smallest eigenvalues of the covariance matrix with the divisor n.

    Raises
    ------
    ValueError
        If k is out of range.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).

    Examples
    --------
    >>> round(pca_mse([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [0.0, -0.5]], 1), 6)
    0.125
    """
    xp, X = as_float(X)
    n, d = X.shape
    require(0 <= k <= d, f"k must be between 0 and d = {d}, got {k}")
    lost = xp.linalg.svdvals(X - xp.mean(X, axis=0))[k:]
    return float(xp.sum(lost * lost) / n)


def linear_ae_grad(X: ArrayLike, We: ArrayLike, Wd: ArrayLike) -> tuple[Array, Array]:
    r"""Gradients of the loss :math:`L=\frac1n\lVert X-XW_eW_d\rVert_F^2` of a linear autoencoder.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
        Used as it is: not centred.
    We : array_like, shape (d, k)
        Encoder.
    Wd : array_like, shape (k, d)
        Decoder.

    Returns
    -------
    gWe, gWd : arrays of the shapes of We and Wd, float64
        No 1/2, mean over samples, sum over features; the residual is reconstruction minus data.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    O(n d k).  Chapter: *Applications and Interdisciplinary Connections* (autoencoders).

    Examples
    --------
    >>> linear_ae_grad([[1.0, 2.0]], [[1.0], [0.0]], [[1.0, 0.0]])
    (array([[0.],
           [0.]]), array([[ 0., -4.]]))
    """
    _, X, We, Wd = as_float(X, We, Wd)
    n, d = X.shape
    k = We.shape[1]
    require(tuple(Wd.shape) == (k, d), f"Wd must have shape ({k}, {d})")
    codes = X @ We
    residual = codes @ Wd - X
    return 2.0 / n * (X.T @ (residual @ Wd.T)), 2.0 / n * (codes.T @ residual)


def train_linear_ae(X: ArrayLike, k: int) -> tuple[Array, Array]:
    r"""Encoder and decoder with the smallest reconstruction error, in closed form.

    Parameters
    ----------
    X : array_like, shape (n, d)
        With column means 0.
    k : int, 1 <= k <= d

    Returns
    -------
    We : array, shape (d, k), float64
    Wd : array, shape (k, d), float64
        One of the minimisers of :math:`\frac1n\lVert X-XW_eW_d\rVert_F^2`: the others are :math:`W_eG,G^{-1}W_d`.

    Raises
    ------
    ValueError
        If k is out of range.

    Notes
    -----
    The eigenvectors of the k largest eigenvalues of :math:`X^\top X`.
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).

    Examples
    --------
    >>> We, Wd = train_linear_ae([[1.0, 1.0], [-1.0, -1.0]], 1)
    >>> (We @ Wd).round(4)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    xp, X = as_float(X)
    d = X.shape[1]
    require(1 <= k <= d, f"k must be between 1 and d = {d}, got {k}")
    _, Q = xp.linalg.eigh(X.T @ X)
    top = xp.flip(Q, axis=1)[:, :k]
    # equivalent: a view of a new array shares nothing of the caller's either
    return xp.asarray(top, copy=True), xp.asarray(top.T, copy=True)
