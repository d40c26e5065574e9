"""Denoising: corruption, the best linear and the best denoiser under squared error, and noise on the inputs."""

from __future__ import annotations

import numpy as np

from autograder.arrays import Array, ArrayLike, as_float, require

WEIGHT_SLACK = 1e-6  # how far the weights of a mixture may be from adding up to 1


def corrupt(X: ArrayLike, kind: str, level: float, rng: np.random.Generator) -> Array:
    r"""Corrupt data by additive normal noise or by setting entries to zero, independently per entry.

    Parameters
    ----------
    X : array_like, any shape, at least one entry
    kind : {"gaussian", "mask"}
        ``"gaussian"``: add ``level`` times a standard normal number; ``"mask"``: set to 0 with probability ``level``.
    level : float
        Standard deviation in units of X, >= 0; or a probability.
    rng : numpy.random.Generator
        The only source of randomness; draws are made by NumPy.

    Returns
    -------
    array, shape of X, float64
        A fresh array in the namespace of X.

    Raises
    ------
    ValueError
        If X is empty, the kind is unknown or the level is out of range.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).
    """
    xp, X = as_float(X)
    require(X.size > 0, "X has no entry")
    require(kind in ("gaussian", "mask"), f'kind must be "gaussian" or "mask", got {kind!r}')
    level = float(level)
    if kind == "gaussian":
        require(level >= 0, f"level is a standard deviation and cannot be negative, got {level}")
        return X + level * xp.asarray(rng.standard_normal(X.shape))  # equivalent: normal noise is symmetric
    require(0 <= level <= 1, f"level is a probability and must be between 0 and 1, got {level}")
    # equivalent: a uniform number equals the level with probability 2**-53
    return xp.where(xp.asarray(rng.random(X.shape) < level), xp.zeros_like(X), X)


def optimal_linear_denoiser(S: ArrayLike, sigma2: float) -> Array:
    r"""Matrix D with the least :math:`\mathbb E\lVert x-D(x+e)\rVert^2`.

    Parameters
    ----------
    S : array_like, shape (d, d), d >= 1
        Covariance matrix of x, which has mean 0; symmetric, positive semidefinite, possibly singular.
    sigma2 : float, > 0
        Variance of every component of the noise e, which is independent of x.

    Returns
    -------
    array, shape (d, d), float64
        :math:`S(S+\sigma^2I)^{-1}`.

    Raises
    ------
    ValueError
        If S is not square or ``sigma2`` is not positive.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).
    """
    xp, S = as_float(S)
    d = _square(S, "S")
    require(float(sigma2) > 0, f"sigma2 is the variance of the noise and must be positive, got {sigma2}")
    noisy = S + float(sigma2) * xp.eye(d, dtype=xp.float64)
    # both factors are symmetric: the transpose of inv(noisy) @ S is S @ inv(noisy)
    # equivalent: without the copy a view of a fresh array is returned
    return xp.asarray(xp.linalg.solve(noisy, S).T, copy=True)


def denoiser_mse(S: ArrayLike, sigma2: float, D: ArrayLike) -> float:
    r"""Expected squared error :math:`\mathbb E\lVert x-D(x+e)\rVert^2` of any linear denoiser.

    Parameters
    ----------
    S : array_like, shape (d, d)
        Covariance matrix of x, which has mean 0.
    sigma2 : float, >= 0
        Variance of every component of the noise e, which is independent of x.
    D : array_like, shape (d, d)

    Returns
    -------
    float
        :math:`\operatorname{tr}[(I-D)S(I-D)^\top]+\sigma^2\operatorname{tr}(DD^\top)`: summed over the components.

    Raises
    ------
    ValueError
        If the shapes do not fit or ``sigma2`` is negative.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).
    """
    xp, S, D = as_float(S, D)
    d = _square(S, "S")
    require(_square(D, "D") == d, f"D must have shape ({d}, {d}), got {tuple(D.shape)}")
    require(float(sigma2) >= 0, f"sigma2 is a variance and cannot be negative, got {sigma2}")
    lost = xp.eye(d, dtype=xp.float64) - D
    # tr(B S B^T) is the sum over the entries of (B S) * B
    return float(xp.sum((lost @ S) * lost)) + float(sigma2) * float(xp.sum(D * D))


def noise_injected_loss(X: ArrayLike, y_true: ArrayLike, w: ArrayLike, sigma2: float) -> float:
    r"""Expected MSE of a linear model whose inputs are corrupted by normal noise.

    Parameters
    ----------
    X : array_like, shape (n, d)
    y_true : array_like, shape (n,), n >= 1
    w : array_like, shape (d,)
    sigma2 : float, >= 0
        Variance of every component of the noise, independent for all samples and features.

    Returns
    -------
    float
        :math:`\frac1n\lVert y-Xw\rVert^2+\sigma^2\lVert w\rVert^2`, exactly.

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no entry, or ``sigma2`` is negative.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).
    """
    xp, X, y_true, w = as_float(X, y_true, w)
    # equivalent: unpacking the shape, or a product of matrices that do not fit, raises ValueError itself
    require(X.ndim == 2 and X.size > 0, "X must have shape (n, d) with n >= 1 and d >= 1")
    n, d = X.shape
    require(y_true.ndim == 1 and y_true.shape[0] == n, f"y_true must have shape ({n},)")
    # equivalent: unpacking the shape, or a product of matrices that do not fit, raises ValueError itself
    require(w.ndim == 1 and w.shape[0] == d, f"w must have shape ({d},)")
    require(float(sigma2) >= 0, f"sigma2 is a variance and cannot be negative, got {sigma2}")
    residual = y_true - X @ w
    return float(xp.mean(residual * residual)) + float(sigma2) * float(xp.sum(w * w))


def gmm_denoiser(y: ArrayLike, weights: ArrayLike, means: ArrayLike, s2: ArrayLike, sigma2: float) -> Array:
    r"""Posterior mean :math:`\mathbb E[x\mid y]` for a normal mixture x and y = x + normal noise.

    Parameters
    ----------
    y : array_like, shape (n,)
        Noisy observations; none gives an empty array.
    weights, means, s2 : array_like, shape (K,), K >= 1
        Positive weights that add up to 1 within 1e-6, means, and variances >= 0 of the components; a component of
        variance 0 is a point mass.
    sigma2 : float, > 0
        Variance of the noise.

    Returns
    -------
    array, shape (n,), float64
        The denoiser with the least expected squared error.

    Raises
    ------
    ValueError
        If the shapes do not fit, the weights are no weights, a variance is negative, or ``sigma2`` is not positive.

    Notes
    -----
    The posterior probabilities of the components are formed from logarithms, less the largest one: right for any
    distance between y and the components.
    Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean*.
    """
    xp, y, weights, means, s2 = as_float(y, weights, means, s2)
    require(y.ndim == 1, "y must have shape (n,)")
    # equivalent: no weights add up to 0, which is refused next
    require(weights.ndim == 1 and weights.shape[0] >= 1, "weights must have shape (K,) with K >= 1")
    K = weights.shape[0]
    require(tuple(means.shape) == (K,) and tuple(s2.shape) == (K,), f"means and s2 must have shape ({K},)")
    require(bool(xp.all(weights > 0)), "weights must be positive")
    # equivalent: rounding decides whether a sum of weights lies exactly on the border of what is allowed
    require(abs(float(xp.sum(weights)) - 1) <= WEIGHT_SLACK, "weights must add up to 1")
    require(bool(xp.all(s2 >= 0)), "s2 holds variances and cannot be negative")
    noise = float(sigma2)
    require(noise > 0, f"sigma2 is the variance of the noise and must be positive, got {sigma2}")
    if y.shape[0] == 0:  # equivalent: no observations give an empty result on the long way too
        return xp.zeros_like(y)  # equivalent: no observations give an empty result on the long way too
    spread = s2 + noise
    gap = y[:, None] - means[None, :]
    logs = xp.log(weights) - 0.5 * xp.log(spread) - 0.5 * gap * gap / spread
    shares = xp.exp(logs - xp.max(logs, axis=1, keepdims=True))
    shares = shares / xp.sum(shares, axis=1, keepdims=True)
    return xp.sum(shares * (means + s2 / spread * gap), axis=1)


def _square(A: Array, name: str) -> int:
    # equivalent: both axes of a square matrix have one length
    require(A.ndim == 2 and A.shape[0] == A.shape[1] and A.shape[0] >= 1, f"{name} must be a square matrix")
    return int(A.shape[0])  # equivalent: both axes of a square matrix have one length
