"""The MSE gradient: prediction error times output sensitivity.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check mse_gradient

Conventions: the loss is a mean without 1/2, the residual is prediction minus target; arguments are array_like, computed
in float64; arguments are never changed.
"""

import numpy as np


def mse_grad_linear(X, y_true, w):
    """Gradient of L(w) = (1/n) * ||X w - y_true||**2 with respect to w.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
    y_true : array_like, shape (n,)
    w : array_like, shape (d,)

    Returns
    -------
    ndarray, shape (d,), float64

    Raises
    ------
    ValueError
        On any shape mismatch (y_true of shape (n, 1) is one).

    Notes
    -----
    O(n d) time and memory. Timed on 100,000 samples.
    """
    raise NotImplementedError


def chain_grad(y_pred, y_true, J):
    """Gradient of (1/N) * sum over all s of (y_pred[s] - y_true[s])**2 for any model, given its Jacobian.

    Parameters
    ----------
    y_pred, y_true : array_like, one common shape S (one axis or more)
        N = prod(S) >= 1 is the number of all outputs of all samples.
    J : array_like, shape S + (p,)
        J[s, k] is the derivative of y_pred[s] with respect to parameter k.

    Returns
    -------
    ndarray, shape (p,), float64

    Raises
    ------
    ValueError
        On a shape mismatch.
    """
    raise NotImplementedError


def mlp_grad(W1, b1, w2, b2, X, y_true):
    """Gradients of (1/n) * sum of (y_pred - y_true)**2 for y_pred = w2 . tanh(W1 x + b1) + b2.

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
        Arrays with the shapes of W1, b1, w2 and a number.

    Raises
    ------
    ValueError
        On a shape mismatch.
    """
    raise NotImplementedError


def numerical_grad(f, theta):
    """Numerical gradient of a scalar function.

    Parameters
    ----------
    f : callable
        Smooth; takes a real array of the shape of theta and returns a number.
    theta : array_like, not empty
        Any shape, also a list; stays unchanged.  Entries may be as large as 1e6: the step must scale with them.

    Returns
    -------
    ndarray, shape of theta, float64
        Largest error at most 1e-8 of the largest entry of the gradient, with at most 6 calls of f per coordinate plus one.
    """
    raise NotImplementedError


def gradient_descent(grad, theta0, lr, steps):
    """Path of theta_{t+1} = theta_t - lr * grad(theta_t).

    Parameters
    ----------
    grad : callable
        Takes an array of shape (p,), returns the gradient; may return the same array object every time.
        It is called exactly `steps` times.
    theta0 : array_like, shape (p,)
        Start; stays unchanged.
    lr : float, > 0
        Learning rate.
    steps : int, >= 0

    Returns
    -------
    ndarray, shape (steps + 1, p), float64
        Row 0 is theta0.

    Raises
    ------
    ValueError
        If lr <= 0 or steps < 0.
    """
    raise NotImplementedError


def sym_grad_index():
    """The summand T_i of dL/dw_j = sum_i T_i for L = (1/n) * sum (yhat_i - y_i)**2, yhat_i = sum_j x_ij w_j.

    Returns
    -------
    str
        In n, y_i, yhat_i and x_ij, for example "y_i*x_ij" (which is not right).
    """
    raise NotImplementedError


def sym_tanh_weight():
    """Derivative of (tanh(w*x + b) - y)**2 (no 1/2) with respect to w.

    Returns
    -------
    str
        In w, x, b and y.  Several lines are a derivation; the last line is the answer.
    """
    raise NotImplementedError
