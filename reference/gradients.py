"""Gradients of the mean squared error: prediction error times output sensitivity."""

from __future__ import annotations

from collections.abc import Callable

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape


def mse_grad_linear(X: ArrayLike, y_true: ArrayLike, w: ArrayLike) -> Array:
    r"""Gradient :math:`\frac2n X^\top(Xw-y)` of :math:`\frac1n\lVert Xw-y\rVert^2` with respect to w.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
    y_true : array_like, shape (n,)
    w : array_like, shape (d,)

    Returns
    -------
    array, shape (d,), float64
        The residual is prediction minus target.

    Raises
    ------
    ValueError
        On any shape mismatch (also y of shape (n, 1)) and for n = 0.

    Notes
    -----
    Chapter: *MSE in Action: Optimization via Gradient Descent*; problem 3148575.

    Examples
    --------
    >>> mse_grad_linear([[1.0], [2.0]], [1.0, 2.0], [0.0])
    array([-5.])
    """
    _, X, y_true, w = as_float(X, y_true, w)
    # equivalent: the exercise names an error for lengths that do not fit, not for other axes or for no samples
    require(X.ndim == 2 and X.shape[0] >= 1, "X must have shape (n, d) with n >= 1")
    n, d = X.shape
    require(tuple(y_true.shape) == (n,), f"y_true must have shape ({n},), got {tuple(y_true.shape)}")
    require(tuple(w.shape) == (d,), f"w must have shape ({d},), got {tuple(w.shape)}")
    residual = X @ w - y_true
    return (2.0 / n) * (X.T @ residual)


def chain_grad(y_pred: ArrayLike, y_true: ArrayLike, J: ArrayLike) -> Array:
    r"""Gradient of :math:`\frac1N\sum_s(\hat y_s-y_s)^2` for any model, given its Jacobian.

    Parameters
    ----------
    y_pred, y_true : array_like, one common shape S (1-D or more)
        N = prod(S) >= 1 counts all outputs of all samples.
    J : array_like, shape S + (p,)
        ``J[s, k]`` is the derivative of output s with respect to parameter k.

    Returns
    -------
    array, shape (p,), float64
        :math:`\frac2N\sum_s(\hat y_s-y_s)J_{sk}`.

    Raises
    ------
    ValueError
        On a shape mismatch or N = 0.

    Notes
    -----
    Chapter: *MSE in Action* (prediction error times output sensitivity); problem 3148575.

    Examples
    --------
    >>> chain_grad([1.0, 3.0], [0.0, 1.0], [[1.0], [2.0]])
    array([5.])
    """
    xp, y_pred, y_true, J = as_float(y_pred, y_true, J)
    same_shape(y_pred=y_pred, y_true=y_true)
    # equivalent: the exercise does not say what holds for a prediction without an axis or without an entry
    require(y_pred.ndim >= 1 and y_pred.size >= 1, "y_pred and y_true must be at least 1-D and not empty")
    require(
        # equivalent: where all axes but the last agree, the number of axes does too
        J.ndim == y_pred.ndim + 1 and tuple(J.shape[:-1]) == tuple(y_pred.shape),
        f"J must have shape {tuple(y_pred.shape)} + (p,), got {tuple(J.shape)}",
    )
    residual = xp.reshape(y_pred - y_true, (-1,))  # equivalent: NumPy infers a length for any negative number
    return (2.0 / residual.size) * (residual @ xp.reshape(J, (residual.size, J.shape[-1])))


def mlp_grad(
    W1: ArrayLike, b1: ArrayLike, w2: ArrayLike, b2: float, X: ArrayLike, y_true: ArrayLike
) -> tuple[Array, Array, Array, float]:
    r"""Gradients of :math:`\frac1n\sum(\hat y_i-y_i)^2` for :math:`\hat y=w_2\cdot\tanh(W_1x+b_1)+b_2`.

    Parameters
    ----------
    W1 : array_like, shape (h, d)
    b1, w2 : array_like, shape (h,)
    b2 : float
    X : array_like, shape (n, d), n >= 1
    y_true : array_like, shape (n,)

    Returns
    -------
    (gW1, gb1, gw2, gb2)
        With the shapes of the parameters; gb2 is a number.

    Raises
    ------
    ValueError
        On a shape mismatch and for n = 0.

    Notes
    -----
    Chapter: *MSE in Action*; problem 3148575.

    Examples
    --------
    >>> gW1, gb1, gw2, gb2 = mlp_grad([[1.0]], [0.0], [2.0], 0.5, [[0.0]], [0.0])
    >>> gW1, gb1, gw2, gb2
    (array([[0.]]), array([2.]), array([0.]), 1.0)
    """
    xp, W1, b1, w2, shift, X, y_true = as_float(W1, b1, w2, b2, X, y_true)
    # equivalent: the exercise names an error for lengths that do not fit, not for other axes
    require(W1.ndim == 2 and X.ndim == 2, "W1 and X must be 2-D")
    h, d = W1.shape
    n = X.shape[0]
    require(tuple(b1.shape) == (h,) and tuple(w2.shape) == (h,), f"b1 and w2 must have shape ({h},)")
    # equivalent: the exercise does not say whether an array of one entry may stand for the number b2
    require(shift.ndim == 0, "b2 must be a number")
    # equivalent: the ValueError that is tried comes from the product of matrices that do not fit
    require(X.shape[1] == d and tuple(y_true.shape) == (n,), "X must have shape (n, d) and y_true (n,)")
    # equivalent: the exercise does not say what holds without samples
    require(n >= 1, "at least one sample is needed")
    H = xp.tanh(X @ W1.T + b1)
    error = (2.0 / n) * (H @ w2 + shift - y_true)
    # walk back: output, hidden activation, pre-activation
    delta = error[:, None] * w2[None, :] * (1.0 - H * H)
    return delta.T @ X, xp.sum(delta, axis=0), H.T @ error, float(xp.sum(error))


def numerical_grad(f: Callable[[Array], float], theta: ArrayLike) -> Array:
    r"""Gradient of a scalar function by central differences.

    Parameters
    ----------
    f : callable
        Smooth real function of an array of the shape of ``theta``.
    theta : array_like, not empty
        Left unchanged.

    Returns
    -------
    array, shape of theta, float64
        Each coordinate moves by :math:`\pm\epsilon^{1/3}\max(1,|\theta_i|)`: truncation h² and rounding eps/h balance.

    Raises
    ------
    ValueError
        If ``theta`` is empty.

    Notes
    -----
    Two calls of f per coordinate.  Chapter: *MSE in Action* (checking gradients); problem 3148575.

    Examples
    --------
    >>> numerical_grad(lambda t: float((t**2).sum()), [1.0, -2.0]).round(6)
    array([ 2., -4.])
    """
    xp, theta = as_float(theta)
    # equivalent: the exercise does not say what holds without coordinates
    require(theta.size > 0, "theta must not be empty")
    flat = xp.reshape(theta, (-1,))  # equivalent: NumPy infers a length for any negative number
    slopes = []
    for i in range(flat.size):
        # equivalent: another step of the right order is as good
        step = float(xp.finfo(xp.float64).eps) ** (1 / 3) * max(1.0, abs(float(flat[i])))
        up, down = xp.asarray(flat, copy=True), xp.asarray(flat, copy=True)
        up[i] = flat[i] + step
        down[i] = flat[i] - step
        rise = float(f(xp.reshape(up, theta.shape))) - float(f(xp.reshape(down, theta.shape)))
        # the step that was really taken, after rounding
        slopes.append(rise / float(up[i] - down[i]))
    return xp.reshape(xp.asarray(slopes, dtype=xp.float64), theta.shape)


def gradient_descent(grad: Callable[[Array], ArrayLike], theta0: ArrayLike, lr: float, steps: int) -> Array:
    r"""Path of gradient descent :math:`\theta_{t+1}=\theta_t-\eta\nabla(\theta_t)`.

    Parameters
    ----------
    grad : callable
        Gradient at an array of shape (p,); may return the same buffer every time.  Called exactly ``steps`` times.
    theta0 : array_like, shape (p,)
        Start, left unchanged.
    lr : float, > 0
        Learning rate.
    steps : int, >= 0

    Returns
    -------
    array, shape (steps + 1, p), float64
        Row 0 is the start.

    Raises
    ------
    ValueError
        If lr <= 0, steps < 0 or theta0 is not 1-D.

    Notes
    -----
    Chapter: *MSE in Action: Optimization via Gradient Descent*; problem 3148575.

    Examples
    --------
    >>> gradient_descent(lambda t: 2 * t, [1.0], 0.25, 3)
    array([[1.   ],
           [0.5  ],
           [0.25 ],
           [0.125]])
    """
    xp, theta = as_float(theta0)
    # equivalent: the exercise does not say what holds for other shapes
    require(theta.ndim == 1, f"theta0 must be 1-D, got {theta.ndim} axes")
    require(float(lr) > 0, "lr must be positive")
    require(steps >= 0, "steps must not be negative")
    # equivalent: no copy is promised to grad; answers without any are caught as "updates theta0 in place" and "stores
    # the same array in every row"
    path = [xp.asarray(theta, copy=True)]
    for _ in range(steps):
        # equivalent: no copy is promised to grad; answers without any are caught as "updates theta0 in place" and
        # "stores the same array in every row"
        slope = xp.astype(xp.asarray(grad(xp.asarray(path[-1], copy=True))), xp.float64)
        path.append(path[-1] - float(lr) * slope)
    return xp.stack(path)
