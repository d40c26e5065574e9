"""MSE and the coefficient of determination; the inverted U of the test curve.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check r_squared

Conventions: MSE is a mean without 1/2; the variance that goes with it has divisor n (ddof = 0); epochs are counted from
0, the untrained model; arguments are array_like, computed in float64; bad or empty input raises ValueError; arguments
are never changed.
"""

import numpy as np


def r2_score(y_true, y_pred):
    """Coefficient of determination 1 - SS_res / SS_tot.

    SS_res is the sum of the squared residuals, SS_tot the sum of the squared deviations of y_true from its mean.

    Parameters
    ----------
    y_true, y_pred : array_like, shape (n,)
        At any scale; at least six digits for targets near 1e8 that differ by about 1.

    Returns
    -------
    float
        Without unit; may be negative.

    Raises
    ------
    ValueError
        If the shapes differ, or all entries of y_true are equal as floating-point numbers.
    """
    raise NotImplementedError


def mse_from_r2(r2, y_true):
    """Mean squared error that belongs to a given R^2 on given targets.

    Parameters
    ----------
    r2 : float
        At most 1.
    y_true : array_like, shape (n,), n >= 1
        The targets; constant ones are fine here and give 0.

    Returns
    -------
    float
        In squared units of y.

    Raises
    ------
    ValueError
        If r2 > 1.
    """
    raise NotImplementedError


def early_stop(val_mse, patience):
    """Best epoch and stopping epoch of training with early stopping.

    Epochs t = 0, 1, ... are looked at in order.  An epoch improves if its value is strictly below the best so far
    (epoch 0 always improves) and is then the best epoch.  Training stops at the first t with t - best_epoch >= patience.

    Parameters
    ----------
    val_mse : array_like, shape (T,), T >= 1
        Validation error after each epoch.
    patience : int
        At least 1.

    Returns
    -------
    best_epoch, stop_epoch : int
        stop_epoch is T - 1 if training never stops early.

    Raises
    ------
    ValueError
        If val_mse is empty or patience < 1.
    """
    raise NotImplementedError


def gd_r2_curves(X_train, y_train, X_test, y_test, lr, steps):
    """R^2 on training and test data along gradient descent for a linear model without intercept.

    The loss is (1/n) * ||X_train @ w - y_train||**2; every step uses all training data; w starts at zero.

    Parameters
    ----------
    X_train, X_test : array_like, shapes (n, d) and (m, d)
    y_train, y_test : array_like, shapes (n,) and (m,)
    lr : float
        Learning rate, positive.
    steps : int
        Number of updates, not negative.

    Returns
    -------
    r2_train, r2_test : ndarray, each of shape (steps + 1,), float64
        Entry t belongs to the weights after t updates; entry 0 to w = 0.  Each set of targets is compared with its own
        mean.

    Raises
    ------
    ValueError
        If the shapes do not fit, or y_train or y_test is constant.
    """
    raise NotImplementedError


def sym_r2_unbiased():
    """R^2 in terms of the mean squared error M, the number n of samples, and the unbiased variance v of the targets.

    v has the divisor n - 1.

    Returns
    -------
    str
        In M, v and n, for example "M*v/n" (which is not right).
    """
    raise NotImplementedError
