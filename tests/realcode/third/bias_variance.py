"""Bias and variance: generators of pairs, classes with fit and predict, blocked matrices, keepdims."""

import statistics

import numpy as np

from tests.realcode.corpus import right, short, wrong


def parts_of(y_pred, f_true, noise_var):
    P, f = np.asarray(y_pred, dtype=float), np.asarray(f_true, dtype=float)
    if P.ndim != 2 or f.shape != P.shape[1:] or noise_var < 0:
        raise ValueError("shapes or noise_var")
    return P, f


@right("bias_variance", "keepdims and broadcasting, one line each")
def with_keepdims(y_pred, f_true, noise_var):
    P, f = parts_of(y_pred, f_true, noise_var)
    centre = P.mean(axis=0, keepdims=True)
    bias2, variance = ((centre - f) ** 2).mean(), ((P - centre) ** 2).mean()
    return float(bias2), float(variance), float(noise_var), float(bias2 + variance + noise_var)


@right("bias_variance", "the standard library: fmean and pvariance, column by column")
def by_statistics(y_pred, f_true, noise_var):
    P, f = parts_of(y_pred, f_true, noise_var)
    columns = P.T.tolist()
    bias2 = statistics.fmean((statistics.fmean(c) - t) ** 2 for c, t in zip(columns, f.tolist(), strict=True))
    variance = statistics.fmean(statistics.pvariance(c) for c in columns)
    return bias2, variance, float(noise_var), bias2 + variance + float(noise_var)


@right("bias_variance", "Welford's running mean and sum of squares, model after model")
def welford(y_pred, f_true, noise_var):
    P, f = parts_of(y_pred, f_true, noise_var)
    mean, squares = np.zeros(f.shape), np.zeros(f.shape)
    for count, row in enumerate(P, 1):
        step = row - mean
        mean += step / count
        squares += step * (row - mean)
    bias2, variance = float(np.mean((mean - f) ** 2)), float(np.mean(squares) / len(P))
    return bias2, variance, float(noise_var), bias2 + variance + float(noise_var)


@wrong("bias_variance", "the standard deviation over the models in the place of the variance")
def spread(y_pred, f_true, noise_var):
    P, f = parts_of(y_pred, f_true, noise_var)
    bias2, deviation = float(np.mean((P.mean(0) - f) ** 2)), float(np.mean(P.std(0)))
    return bias2, deviation, float(noise_var), bias2 + deviation + noise_var


@wrong("bias_variance", "the main prediction is the median over the models")
def around_the_median(y_pred, f_true, noise_var):
    P, f = parts_of(y_pred, f_true, noise_var)
    main = np.median(P, axis=0)
    bias2, variance = float(np.mean((main - f) ** 2)), float(np.mean((P - main) ** 2))
    return bias2, variance, float(noise_var), bias2 + variance + noise_var


class Ridge:
    """Estimator with fit and coef_."""

    def __init__(self, alpha):
        self.alpha = alpha

    def fit(self, X, y):
        n, d = X.shape
        A = X.T @ X
        A.flat[:: d + 1] += n * self.alpha
        self.coef_ = np.linalg.lstsq(A, X.T @ y, rcond=None)[0]
        return self


def design(X, y, lam, least=0.0):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or y.shape != (len(X),) or lam < least:
        raise ValueError("shapes or lam")
    return X, y


@right("ridge_fit", "a class with fit and coef_, the penalty added to the diagonal in place")
def by_class(X, y_true, lam):
    X, y = design(X, y_true, lam)
    return Ridge(lam).fit(X, y).coef_


@right("ridge_fit", "the dual form: weights as combinations of rows, solved with the Gram matrix")
def dual(X, y_true, lam):
    X, y = design(X, y_true, lam)
    if lam == 0:
        return np.linalg.pinv(X) @ y
    return X.T @ np.linalg.solve(X @ X.T + len(y) * lam * np.eye(len(y)), y)


@wrong("ridge_fit", "statsmodels: fit_regularized of (1/2n) rss + alpha/2 * |w|_1: soft thresholds")
def lasso(X, y_true, lam):
    X, y = design(X, y_true, lam)
    w = np.linalg.lstsq(X, y, rcond=None)[0]
    return np.sign(w) * np.maximum(np.abs(w) - lam, 0.0)


@wrong("ridge_fit", "from-scratch code with theta[0] as intercept: the first weight is not penalised")
def first_free(X, y_true, lam):
    X, y = design(X, y_true, lam)
    D = np.eye(X.shape[1])
    D[0, 0] = 0.0
    return np.linalg.lstsq(X.T @ X + len(y) * lam * D, X.T @ y, rcond=None)[0]


@right("ridge_fit", "the inverse of the normal equations, as on slides")
def inverse(X, y_true, lam):
    X, y = design(X, y_true, lam)
    return np.linalg.inv(X.T @ X + len(y) * lam * np.eye(X.shape[1])) @ X.T @ y


@short(
    "bias_variance",
    "E[P^2] - E[P]^2, as in the derivation",
    "six digits at an offset of 1e8",
    "loses the variance to cancellation in E[P^2] - E[P]^2",
)
def moments(y_pred, f_true, noise_var):
    P, f = parts_of(y_pred, f_true, noise_var)
    bias2, variance = float(np.mean((P.mean(0) - f) ** 2)), float(np.mean((P**2).mean(0) - P.mean(0) ** 2))
    return bias2, variance, float(noise_var), bias2 + variance + noise_var
