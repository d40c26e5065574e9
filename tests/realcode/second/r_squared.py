"""R^2: scikit-learn, statsmodels, Keras callbacks, course code."""

import numpy as np

from tests.realcode.corpus import right, wrong


def varied(y_true, y_pred):
    y, p = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y.shape != p.shape or np.ptp(y) == 0:
        raise ValueError("shapes or constant targets")
    return y, p


@right("r2_score", "ratio of norms")
def norms(y_true, y_pred):
    y, p = varied(y_true, y_pred)
    return float(1 - (np.linalg.norm(y - p) / np.linalg.norm(y - y.mean())) ** 2)


@right("r2_score", "1 - MSE / variance")
def mse_over_variance(y_true, y_pred):
    y, p = varied(y_true, y_pred)
    return float(1 - np.mean((y - p) ** 2) / np.var(y))


@wrong("r2_score", "SciPy: linregress' rvalue squared", "returns the squared correlation")
def correlation(y_true, y_pred):
    y, p = varied(y_true, y_pred)
    a, b = y - y.mean(), p - p.mean()
    return float((a @ b) ** 2 / (a @ a) / (b @ b)) if b @ b > 0 else 0.0


@wrong("r2_score", "statsmodels without intercept: uncentred", "compares with 0 instead of the mean (uncentred)")
def uncentred(y_true, y_pred):
    y, p = varied(y_true, y_pred)
    return float(1 - np.sum((y - p) ** 2) / np.sum(y**2))


@wrong("r2_score", "adjusted R^2 with one regressor", "adjusts for one regressor")
def adjusted(y_true, y_pred):
    y, p = varied(y_true, y_pred)
    n = len(y)
    return 1 - (1 - norms(y, p)) * (n - 1) / max(n - 2, 1)


@wrong("r2_score", "targets and predictions in each other's place", "divides by the variance of the predictions")
def swapped(y_true, y_pred):
    y, p = varied(y_true, y_pred)
    total = np.sum((p - p.mean()) ** 2)
    return float(1 - np.sum((y - p) ** 2) / total) if total > 0 else 0.0


@right("mse_from_r2", "unexplained share of the variance")
def share(r2, y_true):
    if r2 > 1:
        raise ValueError("r2")
    y = np.asarray(y_true, float)
    return float((1 - r2) * np.mean((y - y.mean()) ** 2))


@wrong("mse_from_r2", "pandas' Series.var", "divides by n-1 (ddof=1)")
def pandas_var(r2, y_true):
    y = np.asarray(y_true, float)
    return share(r2, y) * len(y) / max(len(y) - 1, 1)


@wrong("mse_from_r2", "the explained share", "returns r2 times the variance")
def explained(r2, y_true):
    if r2 > 1:
        raise ValueError("r2")
    return float(r2 * np.var(np.asarray(y_true, float)))


def curve(val_mse, patience):
    v = np.asarray(val_mse, float).tolist()
    if not v or patience < 1:
        raise ValueError("curve or patience")
    return v


@right("early_stop", "Keras callback: a counter that waits")
def counter(val_mse, patience):
    v = curve(val_mse, patience)
    best, best_epoch, wait = float("inf"), 0, 0
    for epoch, value in enumerate(v):
        if epoch == 0 or value < best:
            best, best_epoch, wait = value, epoch, 0
        else:
            wait += 1
            if wait >= patience:
                return best_epoch, epoch
    return best_epoch, len(v) - 1


@wrong("early_stop", "min_delta = 1e-4, as some callbacks default", "asks an improvement to exceed a tolerance")
def min_delta(val_mse, patience):
    v = curve(val_mse, patience)
    best, best_epoch = v[0], 0
    for epoch, value in enumerate(v):
        if value < best - 1e-4:
            best, best_epoch = value, epoch
        if epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(v) - 1


@wrong("early_stop", "counts ties as improvements", "counts ties as improvements")
def ties(val_mse, patience):
    v = curve(val_mse, patience)
    best, best_epoch = v[0], 0
    for epoch, value in enumerate(v):
        if value <= best:
            best, best_epoch = value, epoch
        if epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(v) - 1


@wrong(
    "early_stop",
    "consecutive rises instead of epochs since the best",
    "counts increases alone, not every epoch without improvement",
)
def rises(val_mse, patience):
    v = curve(val_mse, patience)
    wait, best_epoch = 0, 0
    for epoch in range(1, len(v)):
        wait = wait + 1 if v[epoch] >= v[epoch - 1] else 0
        if v[epoch] < v[best_epoch]:
            best_epoch = epoch
        if wait >= patience:
            return best_epoch, epoch
    return best_epoch, len(v) - 1


def sets(X_train, y_train, X_test, y_test):
    X, y, Z, u = (np.asarray(v, float) for v in (X_train, y_train, X_test, y_test))
    if X.ndim != 2 or Z.ndim != 2 or X.shape[1] != Z.shape[1] or y.shape != (len(X),) or u.shape != (len(Z),):
        raise ValueError("shapes")
    if np.all(y == y[0]) or np.all(u == u[0]):
        raise ValueError("constant targets")
    return X, y, Z, u


@right("gd_r2_curves", "weights collected first, scores afterwards")
def collected(X_train, y_train, X_test, y_test, lr, steps):
    X, y, Z, u = sets(X_train, y_train, X_test, y_test)
    W = np.zeros((steps + 1, X.shape[1]))
    for t in range(steps):
        W[t + 1] = W[t] - lr * 2 / len(y) * X.T @ (X @ W[t] - y)

    def score(A, target):
        return 1 - np.mean((W @ A.T - target) ** 2, axis=1) / target.var()

    return score(X, y), score(Z, u)


@wrong("gd_r2_curves", "the step without the factor 2", "loses the factor 2 in the gradient")
def half_step(X_train, y_train, X_test, y_test, lr, steps):
    return collected(X_train, y_train, X_test, y_test, lr / 2, steps)


@wrong(
    "gd_r2_curves",
    "test targets against the mean of the training targets",
    "takes the training mean as the baseline of the test data",
)
def training_mean(X_train, y_train, X_test, y_test, lr, steps):
    X, y, Z, u = sets(X_train, y_train, X_test, y_test)
    train, test = collected(X, y, Z, u, lr, steps)
    return train, 1 - (1 - test) * np.var(u) / np.mean((u - y.mean()) ** 2)


# labelled short at first; "at any scale" is the first thing that the contract says of the targets
@wrong("r2_score", "np.allclose for constants: refuses targets whose unit is large")
def isclose(y_true, y_pred):
    y, p = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y.shape != p.shape or np.allclose(y, y[0]):
        raise ValueError("constant")
    return norms(y, p)
