"""Gradients: einsum, tensordot, loops over samples, biases of shape (1,), paths that share one array."""

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def linear(X, y_true, w):
    A, y, v = np.asarray(X, float), np.asarray(y_true, float), np.asarray(w, float)
    if A.ndim != 2 or y.shape != A.shape[:1] or v.shape != A.shape[1:]:
        raise ValueError("shapes")
    return A, y, v


@right("mse_grad_linear", "einsum")
def with_einsum(X, y_true, w):
    A, y, v = linear(X, y_true, w)
    return 2.0 / len(y) * np.einsum("ij,i->j", A, np.einsum("ij,j->i", A, v) - y)


@wrong("mse_grad_linear", "columns throughout: a column comes back")
def column(X, y_true, w):
    A, y, v = linear(X, y_true, w)
    return 2.0 / len(y) * A.T @ (A @ v[:, None] - y[:, None])


@form("mse_grad_linear", "a list of partial derivatives")
def listed(X, y_true, w):
    A, y, v = linear(X, y_true, w)
    r = A @ v - y
    return [float(2.0 * (r @ A[:, j]) / len(y)) for j in range(A.shape[1])]


@wrong("mse_grad_linear", "the gradient of the root mean squared error")
def of_the_root(X, y_true, w):
    A, y, v = linear(X, y_true, w)
    r = A @ v - y
    with np.errstate(all="ignore"):
        return A.T @ r / len(y) / np.sqrt(np.mean(r**2))


def outputs(y_pred, y_true, J):
    p, y, D = np.asarray(y_pred, float), np.asarray(y_true, float), np.asarray(J, float)
    if p.shape != y.shape or D.shape[:-1] != p.shape:
        raise ValueError("shapes")
    return p, y, D


@right("chain_grad", "tensordot over all axes of the outputs")
def contracted(y_pred, y_true, J):
    p, y, D = outputs(y_pred, y_true, J)
    return np.tensordot(2 * (p - y) / p.size, D, axes=p.ndim)


@right("chain_grad", "a loop over np.ndindex")
def indexed(y_pred, y_true, J):
    p, y, D = outputs(y_pred, y_true, J)
    total = np.zeros(D.shape[-1])
    for s in np.ndindex(p.shape):
        total += 2 * (p[s] - y[s]) * D[s]
    return total / p.size


@wrong("chain_grad", "the Hessian's diagonal: J squared")
def squared_jacobian(y_pred, y_true, J):
    p, y, D = outputs(y_pred, y_true, J)
    return np.tensordot(2 * (p - y) / p.size, D**2, axes=p.ndim)


def network(W1, b1, w2, b2, X, y_true):
    W, b, v, A, y = (np.asarray(a, float) for a in (W1, b1, w2, X, y_true))
    if W.ndim != 2 or b.shape != W.shape[:1] or v.shape != b.shape or A.ndim != 2 or A.shape[1] != W.shape[1]:
        raise ValueError("shapes")
    if y.shape != A.shape[:1]:
        raise ValueError("targets")
    H = np.tanh(A @ W.T + b)
    e = 2 * (H @ v + b2 - y) / len(y)
    return W, v, A, H, e


@right("mlp_grad", "sample by sample, summed up")
def by_sample(W1, b1, w2, b2, X, y_true):
    W, v, A, H, e = network(W1, b1, w2, b2, X, y_true)
    gW, gb, gv, g = np.zeros(W.shape), np.zeros(len(v)), np.zeros(len(v)), 0.0
    for x, h, d in zip(A, H, e, strict=True):
        back = d * v * (1 - h * h)
        gW += np.outer(back, x)
        gb += back
        gv += d * h
        g += float(d)
    return gW, gb, gv, g


@form("mlp_grad", "keepdims: the last bias has shape (1,)")
def kept_axes(W1, b1, w2, b2, X, y_true):
    _, v, A, H, e = network(W1, b1, w2, b2, X, y_true)
    D = e[:, None] * v * (1 - H * H)
    return D.T @ A, D.sum(axis=0), H.T @ e, e.sum(keepdims=True)


@wrong("mlp_grad", "the derivative of relu where tanh is")
def relu_derivative(W1, b1, w2, b2, X, y_true):
    _, v, A, H, e = network(W1, b1, w2, b2, X, y_true)
    D = e[:, None] * v * (H > 0)
    return D.T @ A, D.sum(axis=0), H.T @ e, float(e.sum())


@wrong("numerical_grad", "scipy.optimize.approx_fprime", "takes a forward difference", "takes too small a step")
def approx_fprime(f, theta):
    from scipy import optimize

    t = np.array(theta, dtype=float)
    return optimize.approx_fprime(t.ravel(), lambda v: f(v.reshape(t.shape))).reshape(t.shape)


@right("numerical_grad", "four points, a step in proportion")
def four_points(f, theta):
    t = np.array(theta, dtype=float)
    out = np.zeros(t.shape)
    for i in np.ndindex(t.shape):
        h = 1e-3 * max(1.0, abs(t[i]))

        def at(k, i=i, h=h):
            moved = t.copy()
            moved[i] += k * h
            return f(moved)

        out[i] = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
    return out


def start(theta0, lr, steps):
    if lr <= 0 or steps < 0:
        raise ValueError("lr or steps")
    return np.array(theta0, dtype=float)


@right("gradient_descent", "a list of copies, stacked")
def stacked(grad, theta0, lr, steps):
    t = start(theta0, lr, steps)
    path = [t]
    for _ in range(steps):
        t = t - lr * np.array(grad(t.copy()), dtype=float)
        path.append(t)
    return np.stack(path)


@form("gradient_descent", "the list of arrays itself")
def unstacked(grad, theta0, lr, steps):
    return list(stacked(grad, theta0, lr, steps))


@wrong("gradient_descent", "appends the array that it updates", "stores the same array in every row")
def one_array(grad, theta0, lr, steps):
    t = start(theta0, lr, steps)
    path = [t]
    for _ in range(steps):
        t -= lr * np.asarray(grad(t))
        path.append(t)
    return np.array(path)


@short(
    "gradient_descent",
    "keeps the gradients in a list and adds them up at the end",
    "a gradient that is one array object",
)
def cumulated(grad, theta0, lr, steps):
    t = start(theta0, lr, steps)
    slopes, here = [], t
    for _ in range(steps):
        slopes.append(grad(here.copy()))
        here = here - lr * np.asarray(slopes[-1])
    return t - lr * np.concatenate([np.zeros((1, t.size)), np.cumsum(np.reshape(slopes, (-1, t.size)), axis=0)])
