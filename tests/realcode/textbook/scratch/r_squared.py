import numpy as np


def r2_score(y_true, y_pred):
    y, p = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y.shape != p.shape or y.ndim != 1 or y.size == 0 or np.all(y == y[0]):
        raise ValueError("shapes differ, or the targets are constant")
    return 1.0 - np.mean((y - p) ** 2) / np.var(y)


def mse_from_r2(r2, y_true):
    y = np.asarray(y_true, float)
    if y.size == 0 or r2 > 1:
        raise ValueError("no targets, or r2 above 1")
    deviations = y - y.mean()
    return float((1 - r2) * (deviations @ deviations) / y.size)


def early_stop(val_mse, patience):
    values = np.asarray(val_mse, float).tolist()
    if not values or any(v != v for v in values) or patience < 1:
        raise ValueError("no epochs, NaN, or patience below 1")
    best_epoch, best_value, waited = 0, values[0], 0
    for epoch in range(1, len(values)):
        if values[epoch] < best_value:
            best_epoch, best_value, waited = epoch, values[epoch], 0
        else:
            waited += 1
            if waited >= patience:
                return best_epoch, epoch
    return best_epoch, len(values) - 1


def gd_r2_curves(X_train, y_train, X_test, y_test, lr, steps):
    X_train, y_train = np.asarray(X_train, float), np.asarray(y_train, float)
    X_test, y_test = np.asarray(X_test, float), np.asarray(y_test, float)
    if lr <= 0 or steps < 0 or X_train.ndim != 2 or X_test.ndim != 2 or X_train.shape[1] != X_test.shape[1]:
        raise ValueError("bad rate, steps or shapes")
    w = np.zeros(X_train.shape[1])
    curves = np.empty((2, steps + 1))
    for epoch in range(steps + 1):
        curves[0, epoch] = r2_score(y_train, X_train @ w)
        curves[1, epoch] = r2_score(y_test, X_test @ w)
        gradient = np.zeros_like(w)
        for x, target in zip(X_train, y_train):
            gradient += 2 * (x @ w - target) * x / len(X_train)
        w -= lr * gradient
    return curves[0], curves[1]


def sym_r2_unbiased():
    return "1 - M/(v*(n - 1)/n)"
