"""Gradients: backpropagation as course code writes it, and gradient checkers."""

import numpy as np
import scipy.optimize

from tests.realcode.corpus import right, wrong


def rows(X, y_true, w):
    X, y, w = np.asarray(X, float), np.asarray(y_true, float), np.asarray(w, float)
    if X.ndim != 2 or len(X) == 0 or y.shape != X.shape[:1] or w.shape != X.shape[1:]:
        raise ValueError("shapes")
    return X, y, w


@right("mse_grad_linear", "fast.ai: diff, then 2 * X.T @ diff / n")
def fastai(X, y_true, w):
    X, y, w = rows(X, y_true, w)
    diff = X @ w - y
    return 2.0 * X.T @ diff / X.shape[0]


@wrong("mse_grad_linear", "Ng, Machine Learning: 1/m, the gradient of the loss with 1/2", "loses the factor 2")
def one_over_m(X, y_true, w):
    X, y, w = rows(X, y_true, w)
    return X.T @ (X @ w - y) / len(y)


@wrong("mse_grad_linear", "from-scratch perceptrons: y - prediction, added later", "reverses the sign")
def minus_later(X, y_true, w):
    X, y, w = rows(X, y_true, w)
    return 2 / len(y) * X.T @ (y - X @ w)


@right("chain_grad", "JAX: the vector-Jacobian product of the residual")
def vector_jacobian(y_pred, y_true, J):
    p, y, J = (np.asarray(a, float) for a in (y_pred, y_true, J))
    if p.shape != y.shape or p.size == 0 or p.ndim == 0 or J.ndim != p.ndim + 1 or J.shape[:-1] != p.shape:
        raise ValueError("shapes")
    return np.einsum("s,sk->k", 2 * (p - y).ravel() / p.size, J.reshape(p.size, -1))


@wrong("chain_grad", "multi-output code: divided by the batch only", "averages over samples, not over outputs")
def by_batch(y_pred, y_true, J):
    return vector_jacobian(y_pred, y_true, J) * np.size(y_pred) / np.shape(y_pred)[0]


def backward(W1, b1, w2, b2, X, y_true, slope, bias):
    W1, b1, w2, b2, X, y = (np.asarray(a, float) for a in (W1, b1, w2, b2, X, y_true))
    if W1.ndim != 2 or X.ndim != 2 or len(X) == 0 or X.shape[1] != W1.shape[1] or y.shape != X.shape[:1]:
        raise ValueError("shapes")
    if b1.shape != W1.shape[:1] or w2.shape != W1.shape[:1] or b2.shape != ():
        raise ValueError("shapes")
    hidden = np.tanh(X @ W1.T + b1)
    dout = 2 * (hidden @ w2 + b2 - y) / len(y)
    dhidden = np.outer(dout, w2) * slope(hidden)
    return dhidden.T @ X, bias(dhidden), hidden.T @ dout, dout.sum()


@right("mlp_grad", "CS231n: a two-layer net, with tanh in place of ReLU")
def cs231n(*a):
    return backward(*a, lambda h: 1 - h**2, lambda d: d.sum(axis=0))


@wrong(
    "mlp_grad",
    "Trask, A neural network in 11 lines: out * (1 - out), which belongs to the sigmoid",
    "takes the derivative of the sigmoid, h (1 - h)",
)
def sigmoid_slope(*a):
    return backward(*a, lambda h: h * (1 - h), lambda d: d.sum(axis=0))


@wrong("mlp_grad", "from-scratch code: the mean over the batch taken twice", "averages the bias gradient twice")
def mean_bias(*a):
    return backward(*a, lambda h: 1 - h**2, lambda d: d.mean(axis=0))


def stepped(f, theta, step, formula):
    t = np.array(theta, dtype=float)
    if t.size == 0:
        raise ValueError("empty")
    g = np.zeros_like(t)
    for i in np.ndindex(t.shape):
        keep, h = t[i], step(t[i])

        def at(moved, i=i, keep=keep):
            t[i] = moved
            value = f(t.copy())
            t[i] = keep
            return value

        g[i] = formula(at, keep, h)
    return g


def central(at, x, h):
    return (at(x + h) - at(x - h)) / ((x + h) - (x - h))


@right("numerical_grad", "Numerical Recipes: a fifth-order stencil with a relative step")
def relative_stencil(f, theta):
    def stencil(at, x, h):
        return (8 * (at(x + h) - at(x - h)) - (at(x + 2 * h) - at(x - 2 * h))) / (12 * h)

    return stepped(f, theta, lambda x: 2.0 ** np.round(np.log2(1e-3 * max(1.0, abs(x)))), stencil)


@wrong("numerical_grad", "CS231n: eval_numerical_gradient_array with h=1e-5", "takes one fixed step")
def fixed_step(f, theta):
    return stepped(f, theta, lambda x: 1e-5, lambda at, x, h: (at(x + h) - at(x - h)) / (2 * h))


@wrong("numerical_grad", "Ng, Deep Learning: gradient checking with epsilon = 1e-7", "takes a fixed step of 1e-7")
def tiny_step(f, theta):
    return stepped(f, theta, lambda x: 1e-7, lambda at, x, h: (at(x + h) - at(x - h)) / (2 * h))


@wrong("numerical_grad", "SciPy: optimize.approx_fprime, forward differences", "takes a forward difference")
def forward(f, theta):
    t = np.array(theta, dtype=float)
    if t.size == 0:
        raise ValueError("empty")
    return scipy.optimize.approx_fprime(t.ravel(), lambda v: f(v.reshape(t.shape))).reshape(t.shape)


def steps(grad, theta0, lr, n, append):
    t = np.array(theta0, dtype=float)
    if t.ndim != 1 or lr <= 0 or n < 0:
        raise ValueError("arguments")
    path = [append(t)]
    for _ in range(n):
        t -= lr * grad(t)
        path.append(append(t))
    return np.array(path)


@right("gradient_descent", "course notebooks: a list of copies")
def copies(grad, theta0, lr, steps_):
    return steps(grad, theta0, lr, steps_, np.copy)


@wrong(
    "gradient_descent", "course notebooks: the list holds one array many times", "stores the same array in every row"
)
def aliases(grad, theta0, lr, steps_):
    return steps(grad, theta0, lr, steps_, lambda t: t)
