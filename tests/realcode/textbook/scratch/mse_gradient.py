import numpy as np


def mse_grad_linear(X, y_true, w):
    X, y, w = np.asarray(X, float), np.asarray(y_true, float), np.asarray(w, float)
    if X.ndim != 2 or y.shape != (X.shape[0],) or w.shape != (X.shape[1],) or len(y) == 0:
        raise ValueError("shapes do not fit")
    return np.einsum("ij,i->j", X, 2 * (X @ w - y)) / len(y)


def chain_grad(y_pred, y_true, J):
    y_pred, y_true, J = np.asarray(y_pred, float), np.asarray(y_true, float), np.asarray(J, float)
    if y_pred.shape != y_true.shape or J.shape[:-1] != y_pred.shape or y_pred.size == 0:
        raise ValueError("shapes do not fit")
    total = np.zeros(J.shape[-1])
    for s in np.ndindex(y_pred.shape):
        total += 2 * (y_pred[s] - y_true[s]) * J[s]
    return total / y_pred.size


def mlp_grad(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, X, y = (np.asarray(a, float) for a in (W1, b1, w2, X, y_true))
    h, d = W1.shape
    if b1.shape != (h,) or w2.shape != (h,) or X.ndim != 2 or X.shape[1] != d or y.shape != (len(X),) or len(X) == 0:
        raise ValueError("shapes do not fit")
    gW1, gb1, gw2, gb2 = np.zeros((h, d)), np.zeros(h), np.zeros(h), 0.0
    for x, target in zip(X, y):
        a = np.tanh(W1 @ x + b1)
        e = 2 * (w2 @ a + b2 - target) / len(X)
        back = e * w2 * (1 - a * a)
        gW1 += back[:, None] * x[None, :]
        gb1 += back
        gw2 += e * a
        gb2 += e
    return gW1, gb1, gw2, gb2


def numerical_grad(f, theta):
    x = np.array(theta, dtype=float)
    if x.size == 0:
        raise ValueError("theta is empty")
    g = np.zeros_like(x)
    flat = x.reshape(-1)
    for k in range(flat.size):
        h = np.finfo(float).eps ** 0.2 * max(1.0, abs(flat[k]))

        def at(shift, k=k):
            moved = flat.copy()
            moved[k] += shift
            return f(moved.reshape(x.shape))

        coarse = (at(h) - at(-h)) / (2 * h)
        fine = (at(h / 2) - at(-h / 2)) / h
        g.reshape(-1)[k] = (4 * fine - coarse) / 3
    return g


def gradient_descent(grad, theta0, lr, steps):
    theta = np.array(theta0, float)
    if theta.ndim != 1 or lr <= 0 or steps < 0:
        raise ValueError("theta0 must be 1-D, lr positive and steps not negative")
    path = np.empty((steps + 1, theta.size))
    path[0] = theta
    for t in range(steps):
        path[t + 1] = path[t] - lr * np.array(grad(path[t].copy()), float)
    return path


def sym_grad_index():
    return "-(2/n)*(y_i - yhat_i)*x_ij"


def sym_tanh_weight():
    return "2*x*(tanh(w*x + b) - y)/cosh(w*x + b)**2"
