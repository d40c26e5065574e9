"""Output activations: derivatives from course code and deep-learning libraries."""

import numpy as np
from scipy import special

from tests.realcode.corpus import right, short, wrong

KINDS = ("linear", "tanh", "sigmoid", "relu")


def slope(z, kind, tanh, sigmoid, relu):
    z = np.asarray(z, float)
    if kind not in KINDS:
        raise ValueError("unknown kind")
    if kind == "linear":
        return np.ones_like(z)
    return {"tanh": tanh, "sigmoid": sigmoid, "relu": relu}[kind](z)


def sech2(z):
    return 1 / np.cosh(np.clip(z, -350, 350)) ** 2


def logistic(z):
    return special.expit(z) * special.expit(-z)


def step(z):
    return (z > 0).astype(float)


@right("activation_derivative", "JAX: sech squared and expit(z) * expit(-z)")
def stable(z, kind):
    return slope(z, kind, sech2, logistic, step)


@short(
    "activation_derivative", "every course: 1 - tanh(z)**2", "cancels in saturation", "loses 1 - tanh^2 to cancellation"
)
def one_minus_square(z, kind):
    return slope(z, kind, lambda z: 1 - np.tanh(z) ** 2, logistic, step)


@wrong("activation_derivative", "Keras users: relu'(0) = 1", "takes 1 for the derivative of relu at 0")
def heaviside_one(z, kind):
    return slope(z, kind, sech2, logistic, lambda z: (z >= 0).astype(float))


@wrong(
    "activation_derivative",
    "Trask: x * (1 - x), with the output as the argument",
    "takes the sigmoid's derivative at its output",
)
def output_as_argument(z, kind):
    return slope(z, kind, sech2, lambda s: s * (1 - s), step)


def output(z, kind):
    return {"linear": z, "tanh": np.tanh(z), "sigmoid": special.expit(z), "relu": np.maximum(z, 0)}[kind]


def signal(z, y_true, kind, of):
    z, y = np.asarray(z, float), np.asarray(y_true, float)
    if kind not in KINDS or z.shape != y.shape:
        raise ValueError("kind or shapes")
    return of(output(z, kind), y, stable(z, kind))


@right("output_delta", "Nielsen, Neural Networks and Deep Learning: (a - y) * sigmoid_prime(z)")
def nielsen(z, y_true, kind):
    return signal(z, y_true, kind, lambda a, y, d: (a - y) * d)


@wrong("output_delta", "Keras: the gradient of the mean of squares, factor 2", "keeps a factor 2 that 1/2 cancels")
def keras(z, y_true, kind):
    return signal(z, y_true, kind, lambda a, y, d: 2 * (a - y) * d)


@wrong("output_delta", "Bishop, PRML, canonical links: a - y whatever the loss", "forgets the activation's derivative")
def canonical_link(z, y_true, kind):
    return signal(z, y_true, kind, lambda a, y, d: a - y)


def descent(z0, y_true, kind, lr, steps, relu_slope):
    if kind not in KINDS or lr <= 0 or steps < 0:
        raise ValueError("arguments")
    z = np.empty(steps + 1)
    z[0] = z0
    for t in range(steps):
        u = float(z[t])
        if kind == "linear":
            d = u - y_true
        elif kind == "relu":
            d = (u if u > 0 else 0.0) - y_true
            d *= 1.0 if u > 0 else relu_slope
        elif kind == "tanh":
            e = np.exp(-2 * abs(u))
            d = (np.tanh(u) - y_true) * 4 * e / (1 + e) ** 2
        else:
            e = np.exp(-abs(u))
            d = ((1 if u > 0 else e) / (1 + e) - y_true) * e / (1 + e) ** 2
        z[t + 1] = u - lr * d
    return z


@right("gd_preactivation", "course notebooks: a loop over floats")
def loop(z0, y_true, kind, lr, steps):
    return descent(z0, y_true, kind, lr, steps, 0.0)


@wrong("gd_preactivation", "torch.nn.LeakyReLU(0.01)", "uses a leaky relu")
def leaky(z0, y_true, kind, lr, steps):
    return descent(z0, y_true, kind, lr, steps, 0.01)


def layer(X, W, b):
    X, W, b = (np.asarray(a, float) for a in (X, W, b))
    if X.ndim != 2 or W.ndim != 2 or b.shape != W.shape[:1] or X.shape[1] != W.shape[1] or len(X) == 0:
        raise ValueError("shapes")
    return X @ W.T + b


@right("dead_units", "CS231n: units whose ReLU output is 0 for every sample")
def never_active(X, W, b):
    return (np.maximum(0, layer(X, W, b)) == 0).all(axis=0)


@wrong("dead_units", "notebooks: the axis of the samples kept", "counts samples instead of units")
def per_sample(X, W, b):
    return (layer(X, W, b) <= 0).all(axis=1)


@wrong(
    "dead_units",
    "TensorBoard users: a histogram that is mostly zero counts as dead",
    "counts units that are off for most samples",
)
def mostly(X, W, b):
    return (layer(X, W, b) <= 0).mean(axis=0) > 0.5
