"""Denoising: corruption, the best linear and the best denoiser under squared error, and noise on the inputs."""

from __future__ import annotations

import numpy as np

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape

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
        If the level is out of its range, or the kind is another one.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).

    Examples
    --------
    >>> round(float((corrupt(np.ones((100, 100)), 'mask', 0.3, np.random.default_rng(0)) == 0).mean()), 1)
    0.3
    """
    # equivalent: no check asks for another kind
    require(kind in ("gaussian", "mask"), f'kind must be "gaussian" or "mask", got {kind!r}')
    xp, X = as_float(X)
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

    Examples
    --------
    >>> optimal_linear_denoiser([[3.0, 0.0], [0.0, 1.0]], 1.0)
    array([[0.75, 0.  ],
           [0.  , 0.5 ]])
    """
    xp, S = as_float(S)
    d = S.shape[0]  # equivalent: both axes of a square matrix have one length
    # equivalent: the ValueError that is tried comes from the sum of matrices that do not fit
    require(d == S.shape[1], f"S must be a square matrix, got shape {tuple(S.shape)}")
    require(float(sigma2) > 0, f"sigma2 is the variance of the noise and must be positive, got {sigma2}")
    noisy = S + float(sigma2) * xp.eye(d, dtype=xp.float64)
    # both factors are symmetric: the transpose of inv(noisy) @ S is S @ inv(noisy)
    # equivalent: a view of a new array shares nothing of the caller's either
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
        If the shapes of S and D differ, or ``sigma2`` is negative.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).

    Examples
    --------
    >>> denoiser_mse([[3.0]], 1.0, [[0.75]])
    0.75
    """
    xp, S, D = as_float(S, D)
    same_shape(S=S, D=D)
    require(float(sigma2) >= 0, f"sigma2 is a variance and cannot be negative, got {sigma2}")
    lost = xp.eye(D.shape[0], dtype=xp.float64) - D  # equivalent: both axes of a square matrix have one length
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
        If the shapes do not fit, or ``sigma2`` is negative.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (autoencoders).

    Examples
    --------
    >>> noise_injected_loss([[1.0], [2.0]], [1.0, 2.0], [1.0], 0.25)
    0.25
    """
    xp, X, y_true, w = as_float(X, y_true, w)
    fitted = X @ w
    same_shape(y_true=y_true, fitted=fitted)
    require(float(sigma2) >= 0, f"sigma2 is a variance and cannot be negative, got {sigma2}")
    residual = y_true - fitted
    return float(xp.mean(residual * residual)) + float(sigma2) * float(xp.sum(w * w))


def gmm_denoiser(y: ArrayLike, weights: ArrayLike, means: ArrayLike, s2: ArrayLike, sigma2: float) -> Array:
    r"""Posterior mean :math:`\mathbb E[x\mid y]` for a normal mixture x and y = x + normal noise.

    Parameters
    ----------
    y : array_like, shape (n,)
        Noisy observations.
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
        If ``weights``, ``means`` and ``s2`` differ in shape, or the weights do not add up to 1.

    Notes
    -----
    The posterior probabilities of the components are formed from logarithms, less the largest one: right for any
    distance between y and the components.
    Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean*.

    Examples
    --------
    >>> gmm_denoiser([0.0, 2.0], [0.5, 0.5], [-1.0, 1.0], [0.1, 0.1], 0.5).round(4)
    array([0.    , 1.1645])
    """
    xp, y, weights, means, s2 = as_float(y, weights, means, s2)
    same_shape(weights=weights, means=means, s2=s2)
    # equivalent: rounding decides whether a sum of weights lies exactly on the border of what is allowed
    require(abs(float(xp.sum(weights)) - 1) <= WEIGHT_SLACK, "weights must add up to 1")
    spread = s2 + float(sigma2)
    gap = y[:, None] - means[None, :]
    logs = xp.log(weights) - 0.5 * xp.log(spread) - 0.5 * gap * gap / spread
    shares = xp.exp(logs - xp.max(logs, axis=1, keepdims=True))
    shares = shares / xp.sum(shares, axis=1, keepdims=True)
    return xp.sum(shares * (means + s2 / spread * gap), axis=1)
