import numpy as np


def mse_grad_linear(X, y_true, w):
    X, y, w = np.asarray(X, float), np.asarray(y_true, float), np.asarray(w, float)
    if X.ndim != 2 or y.shape != X.shape[:1] or w.shape != X.shape[1:] or y.size == 0:
        raise ValueError("shapes do not fit")
    return 2 / len(y) * X.T @ (X @ w - y)


def chain_grad(y_pred, y_true, J):
    y_pred, y_true, J = np.asarray(y_pred, float), np.asarray(y_true, float), np.asarray(J, float)
    if y_pred.shape != y_true.shape or J.shape[:-1] != y_pred.shape or y_pred.size == 0:
        raise ValueError("shapes do not fit")
    residual = (y_pred - y_true).ravel()
    return 2 / residual.size * residual @ J.reshape(residual.size, -1)


def mlp_grad(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, X, y = (np.asarray(a, float) for a in (W1, b1, w2, X, y_true))
    if W1.ndim != 2 or X.ndim != 2 or b1.shape != W1.shape[:1] or w2.shape != b1.shape:
        raise ValueError("shapes do not fit")
    if X.shape[1] != W1.shape[1] or y.shape != X.shape[:1] or y.size == 0:
        raise ValueError("shapes do not fit")
    n = len(y)
    H = np.tanh(X @ W1.T + b1)
    e = H @ w2 + b2 - y
    delta = np.outer(e, w2) * (1 - H**2)
    return 2 / n * delta.T @ X, 2 / n * delta.sum(axis=0), 2 / n * H.T @ e, 2 / n * e.sum()


def numerical_grad(f, theta):
    theta = np.array(theta, float)
    if theta.size == 0:
        raise ValueError("theta is empty")
    grad = np.empty_like(theta)
    for i in np.ndindex(theta.shape):
        h = 1e-3 * max(1.0, abs(theta[i]))
        values = []
        for k in (-2, -1, 1, 2):
            moved = theta.copy()
            moved[i] += k * h
            values.append(f(moved))
        grad[i] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
    return grad


def gradient_descent(grad, theta0, lr, steps):
    theta = np.array(theta0, float)
    if theta.ndim != 1 or lr <= 0 or steps < 0:
        raise ValueError("theta0 must be 1-D, lr positive and steps not negative")
    path = [theta]
    for _ in range(steps):
        theta = theta - lr * np.asarray(grad(theta))
        path.append(theta)
    return np.array(path)


def sym_grad_index():
    return "2/n*(yhat_i - y_i)*x_ij"


def sym_tanh_weight():
    return "2*(tanh(w*x + b) - y)*(1 - tanh(w*x + b)**2)*x"
