"""Gradients: course assignments, autograd checkers, NumPy idioms."""

import numpy as np

from tests.realcode.corpus import right, short, wrong


def linear(X, y, w):
    X, y, w = (np.asarray(v, float) for v in (X, y, w))
    if X.ndim != 2 or y.shape != X.shape[:1] or w.shape != X.shape[1:]:
        raise ValueError("shapes")
    return X, y, w


@right("mse_grad_linear", "a sum of outer contributions by einsum")
def einsum_linear(X, y_true, w):
    X, y, w = linear(X, y_true, w)
    return 2 * np.einsum("nd,n->d", X, X @ w - y) / len(y)


@right("mse_grad_linear", "np.mean of rows times errors")
def mean_of_rows(X, y_true, w):
    X, y, w = linear(X, y_true, w)
    return np.mean(2 * X * (X @ w - y)[:, np.newaxis], axis=0)


@wrong("mse_grad_linear", "machine-learning courses: J with 1/(2m)", "loses the factor 2")
def half(X, y_true, w):
    return np.asarray(einsum_linear(X, y_true, w)) / 2


@wrong("mse_grad_linear", "averaged over samples and weights", "divides by n*d instead of n")
def mean_of_all(X, y_true, w):
    X, y, w = linear(X, y_true, w)
    return 2 * X.T @ (X @ w - y) / X.size


def model(p, y, J):
    p, y, J = (np.asarray(v, float) for v in (p, y, J))
    if p.shape != y.shape or J.shape[:-1] != p.shape:
        raise ValueError("shapes")
    return p, y, J


@right("chain_grad", "reshaped to a matrix")
def reshaped(y_pred, y_true, J):
    p, y, J = model(y_pred, y_true, J)
    return 2 / p.size * (p - y).ravel() @ J.reshape(p.size, -1)


@right("chain_grad", "np.tensordot over all axes of the outputs")
def tensordot(y_pred, y_true, J):
    p, y, J = model(y_pred, y_true, J)
    return 2.0 * np.tensordot(p - y, J, axes=p.ndim) / p.size


@wrong("chain_grad", "divided by the batch size alone", "averages over samples, not over outputs")
def batch_only(y_pred, y_true, J):
    p, y, J = model(y_pred, y_true, J)
    return 2 * np.tensordot(p - y, J, axes=p.ndim) / len(p)


def net(W1, b1, w2, b2, X, y):
    W1, b1, w2, X, y = (np.asarray(v, float) for v in (W1, b1, w2, X, y))
    h, d = W1.shape if W1.ndim == 2 else (-1, -1)
    if W1.ndim != 2 or b1.shape != (h,) or w2.shape != (h,) or X.ndim != 2 or X.shape[1] != d or y.shape != (len(X),):
        raise ValueError("shapes")
    return W1, b1, w2, float(b2), X, y


@right("mlp_grad", "cs231n style: cache, dout, dhidden")
def cached(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, b2, X, y = net(W1, b1, w2, b2, X, y_true)
    hidden = np.tanh(X @ W1.T + b1)
    dout = 2 * (hidden @ w2 + b2 - y) / len(y)
    dhidden = np.outer(dout, w2) * (1 - hidden**2)
    return dhidden.T @ X, dhidden.sum(axis=0), hidden.T @ dout, float(dout.sum())


@right("mlp_grad", "one sample at a time, summed")
def sample_by_sample(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, b2, X, y = net(W1, b1, w2, b2, X, y_true)
    total = [np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(w2), 0.0]
    for x, target in zip(X, y, strict=True):
        a = np.tanh(W1 @ x + b1)
        e = 2 * (w2 @ a + b2 - target) / len(y)
        delta = e * w2 * (1 - a * a)
        for i, part in enumerate((np.outer(delta, x), delta, e * a, e)):
            total[i] = total[i] + part
    return total[0], total[1], total[2], float(total[3])


@wrong("mlp_grad", "sigmoid's derivative a (1 - a) for tanh", "takes the derivative of the sigmoid, h (1 - h)")
def sigmoid_slope(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, b2, X, y = net(W1, b1, w2, b2, X, y_true)
    a = np.tanh(X @ W1.T + b1)
    dout = 2 * (a @ w2 + b2 - y) / len(y)
    dz = np.outer(dout, w2) * a * (1 - a)
    return dz.T @ X, dz.sum(axis=0), a.T @ dout, float(dout.sum())


@wrong("mlp_grad", "the derivative at the activation: 1 - tanh(a)^2", "takes the derivative of tanh at the activation")
def tanh_twice(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, b2, X, y = net(W1, b1, w2, b2, X, y_true)
    a = np.tanh(X @ W1.T + b1)
    dout = 2 * (a @ w2 + b2 - y) / len(y)
    dz = np.outer(dout, w2) * (1 - np.tanh(a) ** 2)
    return dz.T @ X, dz.sum(axis=0), a.T @ dout, float(dout.sum())


@right("numerical_grad", "Richardson: two central differences with a relative step")
def richardson(f, theta):
    t = np.array(theta, dtype=float)
    g = np.empty_like(t)
    for i in np.ndindex(t.shape):
        h = 1e-3 * max(1.0, abs(t[i]))
        slopes = []
        for step in (h, h / 2):
            up, down = t.copy(), t.copy()
            up[i] += step
            down[i] -= step
            slopes.append((f(up) - f(down)) / (up[i] - down[i]))
        g[i] = (4 * slopes[1] - slopes[0]) / 3
    return g


@wrong("numerical_grad", "TensorFlow's checker: forward difference with 1e-6", "takes a forward difference")
def forward(f, theta):
    t = np.array(theta, dtype=float)
    base, g = f(t.copy()), np.empty_like(t)
    for i in np.ndindex(t.shape):
        up = t.copy()
        up[i] += 1e-6
        g[i] = (f(up) - base) / 1e-6
    return g


def descent(theta0, lr, steps):
    if not lr > 0 or steps < 0:
        raise ValueError("lr or steps")
    return np.array(theta0, dtype=float)


@right("gradient_descent", "a list of points, stacked at the end")
def stacked(grad, theta0, lr, steps):
    path = [descent(theta0, lr, steps)]
    for _ in range(steps):
        path.append(path[-1] - lr * np.asarray(grad(path[-1].copy()), float))
    return np.stack(path)


@wrong("gradient_descent", "the same array appended again and again", "stores the same array in every row")
def aliased(grad, theta0, lr, steps):
    t = descent(theta0, lr, steps)
    path = [t]
    for _ in range(steps):
        t -= lr * grad(t)
        path.append(t)
    return np.array(path)


@wrong("gradient_descent", "heavy-ball momentum of 0.9")
def momentum(grad, theta0, lr, steps):
    t = descent(theta0, lr, steps)
    velocity, path = np.zeros_like(t), [t.copy()]
    for _ in range(steps):
        velocity = 0.9 * velocity - lr * grad(t.copy())
        t = t + velocity
        path.append(t.copy())
    return np.array(path)


@short("gradient_descent", "steps counted in the gradient's own buffer", "one call too many of grad")
def extra_call(grad, theta0, lr, steps):
    t = descent(theta0, lr, steps)
    path = [t.copy()]
    g = np.array(grad(t.copy()), float)
    for _ in range(steps):
        t = t - lr * g
        path.append(t.copy())
        g = np.array(grad(t.copy()), float)
    return np.array(path)
