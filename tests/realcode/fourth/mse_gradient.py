"""The MSE gradient: an estimator's checks and named tuples; loops of a first year; broadcasting; complex steps."""

from typing import NamedTuple

import numpy as np

from tests.realcode.corpus import right, short, wrong


class Gradients(NamedTuple):
    W1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: float


def table(X, y, w):
    X, y, w = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64), np.asarray(w, dtype=np.float64)
    if X.ndim != 2 or y.shape != X.shape[:1] or w.shape != X.shape[1:]:
        raise ValueError("shapes")
    return X, y, w


@right("mse_grad_linear", "one einsum over residuals and inputs, keywords only")
def einsum_gradient(X, y_true, w):
    def gradient(*, inputs, residuals):
        return np.einsum("n,nd->d", residuals, inputs, optimize=True) * (2.0 / inputs.shape[0])

    X, y, w = table(X, y_true, w)
    return gradient(inputs=X, residuals=X.dot(w) - y)


@right("mse_grad_linear", "normal matrix first: (2/n) (X'X w - X'y)")
def by_normal_matrix(X, y_true, w):
    X, y, w = table(X, y_true, w)
    return 2 * ((X.T @ X) @ w - X.T @ y) / len(y)


@right("mse_grad_linear", "columns one by one, total in the end")
def column_by_column(X, y_true, w):
    X, y, w = table(X, y_true, w)
    residual = np.zeros(len(y))
    for j in range(len(w)):
        residual += X[:, j] * w[j]
    residual -= y
    answer = np.zeros(len(w))
    for j in range(len(w)):
        answer[j] = 2 * np.sum(residual * X[:, j]) / len(y)
    return answer


@short("mse_grad_linear", "assert in place of ValueError", "the refusals: an assertion error is another one")
def with_assertions(X, y_true, w):
    X, y, w = np.array(X, float), np.array(y_true, float), np.array(w, float)
    assert X.ndim == 2
    assert y.shape == (len(X),)
    assert w.shape == (X.shape[1],)
    return X.T @ (X @ w - y) * 2 / len(y)


@wrong("mse_grad_linear", "the mean over all entries of the outer product")
def mean_of_everything(X, y_true, w):
    X, y, w = table(X, y_true, w)
    return np.full(w.shape, 2 * np.mean((X @ w - y)[:, None] * X))


@wrong("mse_grad_linear", "the residual of the sum: absolute values forgotten in an L1 gradient")
def sign_gradient(X, y_true, w):
    X, y, w = table(X, y_true, w)
    return X.T @ np.sign(X @ w - y) / len(y)


def jacobian(y_pred, y_true, J):
    p, y, J = (np.asarray(a, dtype=float) for a in (y_pred, y_true, J))
    if p.shape != y.shape or p.ndim < 1 or J.ndim != p.ndim + 1 or J.shape[:-1] != p.shape:
        raise ValueError("shapes")
    return p, y, J


@right("chain_grad", "tensordot over all sample axes")
def by_tensordot(y_pred, y_true, J):
    p, y, J = jacobian(y_pred, y_true, J)
    return 2.0 / p.size * np.tensordot(p - y, J, axes=p.ndim)


@right("chain_grad", "broadcast product, then sum over every axis but the last")
def by_broadcast(y_pred, y_true, J):
    p, y, J = jacobian(y_pred, y_true, J)
    return np.sum(2 * (p - y)[..., np.newaxis] * J, axis=tuple(range(p.ndim))) / p.size


@wrong("chain_grad", "mean over the first axis, sum over the others", "averages over samples, not over outputs")
def mean_over_first(y_pred, y_true, J):
    p, y, J = jacobian(y_pred, y_true, J)
    g = (2 * (p - y)[..., None] * J).mean(axis=0)
    return g.reshape(-1, J.shape[-1]).sum(axis=0)


@wrong("chain_grad", "half the squared error: no factor 2", "right up to the factor 1/2")
def half_error(y_pred, y_true, J):
    p, y, J = jacobian(y_pred, y_true, J)
    return (p - y).ravel() @ J.reshape(p.size, -1) / p.size


def network(W1, b1, w2, b2, X, y):
    W1, b1, w2, X, y = (np.asarray(a, dtype=float) for a in (W1, b1, w2, X, y))
    if W1.ndim != 2 or X.ndim != 2 or b1.shape != W1.shape[:1] or w2.shape != b1.shape or np.ndim(b2) != 0:
        raise ValueError("shapes")
    if X.shape[1] != W1.shape[1] or y.shape != X.shape[:1]:
        raise ValueError("shapes")
    return W1, b1, w2, float(b2), X, y


@right("mlp_grad", "a named tuple of gradients by einsum")
def named_tuple(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, b2, X, y = network(W1, b1, w2, b2, X, y_true)
    a = np.tanh(X @ W1.T + b1)
    e = 2 * (a @ w2 + b2 - y) / len(y)
    hidden = e[:, None] * w2 * (1 - a**2)
    return Gradients(np.einsum("nh,nd->hd", hidden, X), hidden.sum(0), np.einsum("n,nh->h", e, a), float(e.sum()))


@right("mlp_grad", "sample after sample, unit after unit")
def nested_loops(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, b2, X, y = network(W1, b1, w2, b2, X, y_true)
    gW, gb, gw, g0 = np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(w2), 0.0
    for x, target in zip(X, y, strict=True):
        a = [np.tanh(sum(W1[h, k] * x[k] for k in range(len(x))) + b1[h]) for h in range(len(b1))]
        out = sum(w2[h] * a[h] for h in range(len(b1))) + b2
        e = 2 * (out - target) / len(y)
        g0 += e
        for h in range(len(b1)):
            gw[h] += e * a[h]
            back = e * w2[h] * (1 - a[h] ** 2)
            gb[h] += back
            gW[h] += back * x
    return gW, gb, gw, g0


@wrong(
    "mlp_grad",
    "the derivative of tanh at its output: 1 - tanh(tanh(z))^2",
    "takes the derivative of tanh at the activation",
)
def tanh_twice(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, b2, X, y = network(W1, b1, w2, b2, X, y_true)
    a = np.tanh(X @ W1.T + b1)
    e = 2 * (a @ w2 + b2 - y) / len(y)
    hidden = e[:, None] * w2 * (1 - np.tanh(a) ** 2)
    return hidden.T @ X, hidden.sum(0), a.T @ e, e.sum()


@wrong("mlp_grad", "the bias of the output layer has the mean of the layer below")
def bias_by_activation(W1, b1, w2, b2, X, y_true):
    W1, b1, w2, b2, X, y = network(W1, b1, w2, b2, X, y_true)
    a = np.tanh(X @ W1.T + b1)
    e = 2 * (a @ w2 + b2 - y) / len(y)
    hidden = e[:, None] * w2 * (1 - a**2)
    return hidden.T @ X, hidden.mean(0), a.T @ e, e.mean()


@right("numerical_grad", "Richardson: two central differences, the step relative to the entry")
def richardson(f, theta):
    t = np.array(theta, dtype=float)
    out = np.empty(t.shape)
    for i in np.ndindex(t.shape):
        h = 1e-3 * max(1.0, abs(t[i]))

        def at(step, i=i):
            moved = t.copy()
            moved[i] += step
            return float(f(moved))

        out[i] = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    return out


@wrong("numerical_grad", "three-point forward formula with a step of 1e-4")
def forward_three_points(f, theta):
    t = np.array(theta, dtype=float)
    out = np.empty(t.shape)
    base = f(t.copy())
    for i in np.ndindex(t.shape):
        one, two = t.copy(), t.copy()
        one[i] += 1e-4
        two[i] += 2e-4
        out[i] = (4 * f(one) - f(two) - 3 * base) / 2e-4
    return out


def start(theta0, lr, steps):
    if lr <= 0:
        raise ValueError("lr")
    if steps < 0:
        raise ValueError("steps")
    return np.array(theta0, dtype=np.float64)


@right("gradient_descent", "early return for no step, a list of copies else")
def early_return(grad, theta0, lr, steps):
    t = start(theta0, lr, steps)
    if steps == 0:
        return t[None, :]
    path = [t]
    for _ in range(steps):
        t = t - lr * np.asarray(grad(t.copy()), dtype=float)
        path.append(t)
    return np.stack(path)


@right("gradient_descent", "a table written row by row, recursion in the rows")
def table_of_rows(grad, theta0, lr, steps):
    t = start(theta0, lr, steps)
    path = np.zeros((steps + 1, t.size))
    path[0] = t
    for k, row in enumerate(path[:-1]):
        path[k + 1] = row - np.multiply(lr, grad(row))
    return path


@wrong("gradient_descent", "a momentum of 0.9 that nobody asked for")
def momentum(grad, theta0, lr, steps):
    t = start(theta0, lr, steps)
    v, path = np.zeros_like(t), [t]
    for _ in range(steps):
        v = 0.9 * v - lr * np.array(grad(t.copy()), dtype=float)
        t = t + v
        path.append(t)
    return np.array(path)


@wrong("gradient_descent", "the rate halves after every step")
def decaying_rate(grad, theta0, lr, steps):
    t = start(theta0, lr, steps)
    path = [t]
    for k in range(steps):
        t = t - lr / (k + 1) * np.array(grad(t.copy()), dtype=float)
        path.append(t)
    return np.array(path)


@wrong("gradient_descent", "the gradient of the start, again and again")
def gradient_of_the_start(grad, theta0, lr, steps):
    t = start(theta0, lr, steps)
    calls = [np.array(grad(t.copy()), dtype=float) for _ in range(steps)]
    return np.array([t - k * lr * (calls[0] if calls else 0) for k in range(steps + 1)])
