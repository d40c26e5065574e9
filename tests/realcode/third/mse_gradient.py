"""Gradients: a small autograd, layers with backward, dictionaries of gradients, reversed loops."""

import numpy as np

from tests.realcode.corpus import right, wrong


def checked(X, y_true, w):
    X, y, w = (np.asarray(a, dtype=float) for a in (X, y_true, w))
    if X.ndim != 2 or y.shape != X.shape[:1] or w.shape != X.shape[1:]:
        raise ValueError("shapes")
    return X, y, w


@right("mse_grad_linear", "a loop over weights, each a mean of residual times feature")
def by_weight(X, y_true, w):
    X, y, w = checked(X, y_true, w)
    r = X @ w - y
    return np.array([2.0 * np.mean(r * X[:, j]) for j in range(X.shape[1])])


@right("mse_grad_linear", "columns kept two-dimensional and squeezed at the end")
def columns(X, y_true, w):
    X, y, w = checked(X, y_true, w)
    error = X @ w[:, np.newaxis] - y[:, np.newaxis]
    return (2 * X.T @ error / len(X)).squeeze(axis=1)


@wrong("mse_grad_linear", "weight decay of 1e-4 left in the step")
def decayed(X, y_true, w):
    X, y, w = checked(X, y_true, w)
    return 2 * X.T @ (X @ w - y) / len(y) + 1e-4 * w


@wrong("mse_grad_linear", "the gradient divided by its norm, clipped at 1 (clip_grad_norm_)")
def norm_clipped(X, y_true, w):
    X, y, w = checked(X, y_true, w)
    g = 2 * X.T @ (X @ w - y) / len(y)
    return g * min(1.0, 1.0 / max(np.linalg.norm(g), 1e-300))


class Linear:
    """Layer with grads in attributes, as in from-scratch libraries."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b

    def backward(self, upstream):
        self.dW, self.db = upstream.T @ self.x, upstream.sum(0)
        return upstream @ self.W


def network(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, X, y = (np.asarray(a, dtype=float) for a in (W1, b1, w2, X, y_true))
    if W1.ndim != 2 or X.ndim != 2 or X.shape[1] != W1.shape[1] or not b1.shape == w2.shape == W1.shape[:1]:
        raise ValueError("shapes")
    if y.shape != X.shape[:1]:
        raise ValueError("targets")
    return Linear(W1, b1), Linear(w2[np.newaxis], np.array([float(b2)])), X, y


@right("mlp_grad", "layers with forward and backward")
def layers(W1, b1, w2, b2, X, y_true):
    first, second, X, y = network(W1, b1, w2, b2, X, y_true)
    h = np.tanh(first.forward(X))
    error = second.forward(h)[:, 0] - y
    upstream = second.backward(2 / len(y) * error[:, None])
    first.backward(upstream * (1 - h * h))
    return first.dW, first.db, second.dW[0], float(second.db[0])


@wrong("mlp_grad", "ReLU's mask for tanh's slope")
def relu_mask(W1, b1, w2, b2, X, y_true):
    first, second, X, y = network(W1, b1, w2, b2, X, y_true)
    h = np.tanh(first.forward(X))
    error = second.forward(h)[:, 0] - y
    upstream = second.backward(2 / len(y) * error[:, None])
    first.backward(upstream * (h > 0))
    return first.dW, first.db, second.dW[0], float(second.db[0])


@wrong("mlp_grad", "zero_grad is missing: the output layer's gradient is added to twice")
def accumulated(W1, b1, w2, b2, X, y_true):
    gW1, gb1, gw2, gb2 = layers(W1, b1, w2, b2, X, y_true)
    return gW1, gb1, 2 * gw2, 2 * gb2


@right("numerical_grad", "np.nditer with multi_index, a step relative to 1 + |x|")
def nditer(f, theta):
    t = np.array(theta, dtype=float)
    if t.size == 0:
        raise ValueError("empty")
    g, it = np.zeros_like(t), np.nditer(t, flags=["multi_index"])
    for value in it:
        i, h = it.multi_index, 6e-6 * (1 + abs(float(value)))
        up, down = t.copy(), t.copy()
        up[i] += h
        down[i] -= h
        g[i] = (f(up) - f(down)) / (up[i] - down[i])
    return g


@wrong("numerical_grad", "a step of 0.001, which is enough for a plot")
def coarse(f, theta):
    t = np.array(theta, dtype=float)
    g = np.zeros_like(t)
    for i in np.ndindex(t.shape):
        up, down = t.copy(), t.copy()
        up[i] += 1e-3
        down[i] -= 1e-3
        g[i] = (f(up) - f(down)) / 2e-3
    return g


@right("gradient_descent", "itertools.accumulate of the update")
def accumulate(grad, theta0, lr, steps):
    import itertools  # as in a notebook's cell

    if lr <= 0 or steps < 0:
        raise ValueError("lr or steps")
    start = np.array(theta0, dtype=float)
    path = itertools.accumulate(range(steps), lambda t, _: t - lr * np.array(grad(t)), initial=start)
    return np.stack(list(path))


@wrong("gradient_descent", "a rate that decays as 1 / (1 + t)")
def decaying(grad, theta0, lr, steps):
    if lr <= 0 or steps < 0:
        raise ValueError("lr or steps")
    path = [np.array(theta0, dtype=float)]
    for t in range(steps):
        path.append(path[-1] - lr / (1 + t) * np.array(grad(path[-1].copy())))
    return np.array(path)
