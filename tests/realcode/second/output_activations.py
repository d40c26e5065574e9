"""Output activations: framework formulas and careful rewritings."""

import math

import numpy as np
from scipy import optimize, special

from tests.realcode.corpus import right, short, wrong

KINDS = ("linear", "tanh", "sigmoid", "relu")


def known(z, kind):
    if kind not in KINDS:
        raise ValueError(kind)
    return np.asarray(z, float)


def as_given(value):
    return float(value) if np.ndim(value) == 0 else value


@right("activation_derivative", "products of two sigmoids, as special.expit gives them")
def expit_products(z, kind):
    z = known(z, kind)
    if kind == "linear":
        return as_given(np.ones_like(z))
    if kind == "relu":
        return as_given(np.where(z > 0, 1.0, 0.0))
    if kind == "sigmoid":
        return as_given(special.expit(z) * special.expit(-z))
    return as_given(4 * special.expit(2 * z) * special.expit(-2 * z))


@right("activation_derivative", "one exponential of -|z|")
def one_exponential(z, kind):
    z = known(z, kind)
    e = np.exp(-np.abs(z))
    out = {
        "linear": np.ones_like(z),
        "relu": (z > 0).astype(float),
        "sigmoid": e / (1 + e) ** 2,
        "tanh": (2 * e / (1 + e * e)) ** 2,
    }[kind]
    return as_given(out)


@wrong(
    "activation_derivative",
    "PyTorch in-place style: tanh' = y (1 - y)",
    "takes a (1 - a), the sigmoid's derivative, for tanh",
)
def sigmoid_for_tanh(z, kind):
    z = known(z, kind)
    if kind == "tanh":
        a = np.tanh(z)
        return as_given(a * (1 - a))
    return expit_products(z, kind)


@wrong("activation_derivative", "1 - tanh instead of 1 - tanh^2", "takes 1 - tanh for the derivative of tanh")
def square_forgotten(z, kind):
    z = known(z, kind)
    return as_given(1 - np.tanh(z)) if kind == "tanh" else expit_products(z, kind)


def pair(z, y_true, kind):
    z, y = known(z, kind), np.asarray(y_true, float)
    if z.shape != y.shape:
        raise ValueError("shapes")
    return z, y


FORWARD = {"linear": lambda z: z, "tanh": np.tanh, "sigmoid": special.expit, "relu": lambda z: np.maximum(z, 0)}


@right("output_delta", "the error from the end of the range that is near, so that nothing cancels")
def from_the_near_end(z, y_true, kind):
    z, y = pair(z, y_true, kind)
    if kind in ("linear", "relu"):
        return table_of_functions(z, y, kind)
    e = np.exp(-np.abs(z) * (2 if kind == "tanh" else 1))
    short_of = (2 if kind == "tanh" else 1) * e / (1 + e)
    if kind == "tanh":
        side = np.where(z < 0, -1.0, 1.0)
        error = (side - y) - side * short_of
    else:
        error = np.where(z < 0, short_of - y, (1 - y) - short_of)
    return as_given(error * expit_products(z, kind))


# labelled short at first, when the contract still asked of the difference what it asks of the slope
@right("output_delta", "a table of forward functions times the stable slope")
def table_of_functions(z, y_true, kind):
    z, y = pair(z, y_true, kind)
    return as_given((FORWARD[kind](z) - y) * expit_products(z, kind))


@wrong("output_delta", "Keras' mse: a factor 2", "keeps a factor 2 that 1/2 cancels")
def factor_two(z, y_true, kind):
    return as_given(2 * np.asarray(table_of_functions(z, y_true, kind)))


@wrong("output_delta", "cross-entropy's error: the slope left out", "forgets the activation's derivative")
def no_slope(z, y_true, kind):
    z, y = pair(z, y_true, kind)
    return as_given(FORWARD[kind](z) - y)


@wrong("output_delta", "leaky ReLU: a slope of 0.01 below 0", "uses a leaky relu")
def leaky(z, y_true, kind):
    z, y = pair(z, y_true, kind)
    if kind == "relu":
        return as_given((np.where(z > 0, z, 0.01 * z) - y) * np.where(z > 0, 1.0, 0.01))
    return table_of_functions(z, y, kind)


def step(kind):
    def sigmoid(z, y):
        e = math.exp(-abs(z))
        return ((1 if z > 0 else e) / (1 + e) - y) * e / (1 + e) ** 2

    def tanh(z, y):
        e = math.exp(-abs(z))
        return (math.tanh(z) - y) * (2 * e / (1 + e * e)) ** 2

    return {
        "linear": lambda z, y: z - y,
        "relu": lambda z, y: z - y if z > 0 else 0.0,
        "sigmoid": sigmoid,
        "tanh": tanh,
    }[kind]


def rated(kind, lr):
    if kind not in KINDS or not lr > 0:
        raise ValueError("kind or lr")


@right("gd_preactivation", "plain floats, appended to a list")
def floats(z0, y_true, kind, lr, steps):
    rated(kind, lr)
    slope, z, path = step(kind), float(z0), [float(z0)]
    for _ in range(steps):
        z -= lr * slope(z, float(y_true))
        path.append(z)
    return np.array(path)


@wrong("gd_preactivation", "the start is not recorded")
def without_start(z0, y_true, kind, lr, steps):
    return floats(z0, y_true, kind, lr, steps)[1:]


@wrong("gd_preactivation", "ascent: z + lr * delta", "climbs instead of descending")
def ascent(z0, y_true, kind, lr, steps):
    rated(kind, lr)
    slope, path = step(kind), [float(z0)]
    for _ in range(steps):
        path.append(path[-1] + lr * slope(max(min(path[-1], 1e6), -1e6), float(y_true)))
    return np.array(path)


def target(y_true, tol):
    if y_true < 1 or not tol > 0:
        raise ValueError("target or tol")


def log_signal(z, y):
    e = math.exp(-2 * z)
    error = (y - 1) + 2 * e / (1 + e)
    return math.log(error) + math.log(4) - 2 * z - 2 * math.log1p(e)


@right("saturation_point", "brentq on the logarithm of the signal")
def log_brentq(y_true, tol):
    target(y_true, tol)
    if tol >= y_true:
        return 0.0
    return optimize.brentq(lambda z: log_signal(z, y_true) - math.log(tol), 0.0, 300.0, xtol=1e-12)


@right("saturation_point", "bisection, a hundred halvings, on logarithms")
def halvings(y_true, tol):
    target(y_true, tol)
    if tol >= y_true:
        return 0.0
    low, high = 0.0, 200.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if log_signal(middle, y_true) > math.log(tol) else (low, middle)
    return high


@wrong("saturation_point", "the leading order: log(4 (y - 1)/tol)/2", "gives the leading term for large z")
def leading_order(y_true, tol):
    target(y_true, tol)
    if tol >= y_true:
        return 0.0
    return max(0.0, 0.5 * math.log(4 * max(y_true - 1, 1e-12) / tol))


def layer(X, W, b):
    X, W, b = (np.asarray(v, float) for v in (X, W, b))
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[1] or b.shape != (len(W),):
        raise ValueError("shapes")
    return X @ W.T + b


@right("dead_units", "the largest pre-activation of each unit")
def largest(X, W, b):
    return layer(X, W, b).max(axis=0) <= 0


@right("dead_units", "ReLU outputs that sum to zero")
def silent(X, W, b):
    return np.maximum(layer(X, W, b), 0).sum(axis=0) == 0


@wrong("dead_units", "dead on some sample", "counts units that are off for any sample, not for all")
def any_sample(X, W, b):
    return np.any(layer(X, W, b) <= 0, axis=0)


@wrong("dead_units", "strictly below zero", "takes a unit at exactly 0 as alive")
def strictly(X, W, b):
    return np.all(layer(X, W, b) < 0, axis=0)


@short("output_delta", "1 - tanh(z)**2", "digits in saturation")
def naive_tanh(z, y_true, kind):
    z, y = pair(z, y_true, kind)
    if kind != "tanh":
        return table_of_functions(z, y, kind)
    a = np.tanh(z)
    return as_given((a - y) * (1 - a**2))
