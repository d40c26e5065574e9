import numpy as np


def r2_score(y_true, y_pred):
    y_true, y_pred = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y_true.shape != y_pred.shape or y_true.ndim != 1 or y_true.size == 0:
        raise ValueError("y_true and y_pred must be 1-D of one length")
    ss_res = np.sum((y_true - y_pred) ** 2)
    ss_tot = np.sum((y_true - y_true.mean()) ** 2)
    if ss_tot == 0:
        raise ValueError("R^2 is not defined for constant targets")
    return 1 - ss_res / ss_tot


def mse_from_r2(r2, y_true):
    y = np.asarray(y_true, float)
    if y.size == 0 or r2 > 1:
        raise ValueError("no targets, or r2 above 1")
    return (1 - r2) * np.var(y)


def early_stop(val_mse, patience):
    values = np.asarray(val_mse, float)
    if values.size == 0 or np.any(np.isnan(values)) or patience < 1:
        raise ValueError("no epochs, NaN, or patience below 1")
    best = 0
    for t, value in enumerate(values):
        if value < values[best]:
            best = t
        if t - best >= patience:
            return best, t
    return best, len(values) - 1


def gd_r2_curves(X_train, y_train, X_test, y_test, lr, steps):
    X_train, y_train = np.asarray(X_train, float), np.asarray(y_train, float)
    X_test, y_test = np.asarray(X_test, float), np.asarray(y_test, float)
    if lr <= 0 or steps < 0 or X_train.ndim != 2 or X_test.ndim != 2 or X_train.shape[1] != X_test.shape[1]:
        raise ValueError("bad rate, steps or shapes")
    n, d = X_train.shape
    w = np.zeros(d)
    train, test = [], []
    for _ in range(steps + 1):
        train.append(r2_score(y_train, X_train @ w))
        test.append(r2_score(y_test, X_test @ w))
        w = w - lr * 2 / n * X_train.T @ (X_train @ w - y_train)
    return np.array(train), np.array(test)


def sym_r2_unbiased():
    return "1 - n*M/((n - 1)*v)"
