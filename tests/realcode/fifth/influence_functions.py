"""Influence functions: scipy's Huber, piecewise, bounded minimisation, sorted samples, lists."""

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def positive(delta):
    if not delta > 0:
        raise ValueError("delta")
    return float(delta)


@right("huber_loss", "scipy.special.huber")
def scipy_huber(residual, delta):
    from scipy import special

    return special.huber(positive(delta), np.asarray(residual, dtype=float))


@right("huber_loss", "boolean indexing into an array of zeros")
def indexed(residual, delta):
    d = positive(delta)
    r = np.abs(np.asarray(residual, dtype=float))
    out = np.zeros(r.shape)
    small = r <= d
    out[small] = r[small] ** 2 / 2
    out[~small] = d * (r[~small] - d / 2)
    return out[()]


@form("huber_loss", "np.vectorize, a list")
def listed(residual, delta):
    d = positive(delta)
    f = np.vectorize(lambda r: r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2), otypes=[float])
    return f(np.asarray(residual, dtype=float)).tolist()


@wrong("huber_loss", "a bisquare that levels off")
def bisquare(residual, delta):
    d = positive(delta)
    u = np.clip(np.asarray(residual, dtype=float) / d, -1, 1)
    return d * d / 6 * (1 - (1 - u * u) ** 3)


def known(loss, delta):
    if loss not in ("mse", "mae", "huber") or (loss == "huber" and not delta > 0):
        raise ValueError("loss or delta")


@right("influence", "a dictionary of lambdas")
def by_dictionary(residual, loss, delta=1.0):
    known(loss, delta)
    r = np.array(residual, dtype=float)
    return {"mse": lambda: r, "mae": lambda: np.sign(r), "huber": lambda: np.clip(r, -delta, delta)}[loss]()


@short("influence", "np.asarray, returned as it is for mse", "a fresh array", "returns the caller's own array")
def as_it_is(residual, loss, delta=1.0):
    known(loss, delta)
    r = np.asarray(residual, dtype=float)
    return r if loss == "mse" else np.sign(r) if loss == "mae" else np.clip(r, -delta, delta)


@short("influence", "a view of the argument", "a fresh array", "returns the caller's own array")
def view(residual, loss, delta=1.0):
    known(loss, delta)
    r = np.asarray(residual, dtype=float)
    return r[...] if loss == "mse" else np.sign(r) if loss == "mae" else np.clip(r, -delta, delta)


@wrong("influence", "psi of the prediction: r = y_pred - y_true", "reverses the sign")
def of_prediction(residual, loss, delta=1.0):
    return -by_dictionary(residual, loss, delta)


def numbers(y_true, delta):
    y = np.asarray(y_true, dtype=float)
    if y.size == 0:
        raise ValueError("empty")
    return y, positive(delta)


@right("huber_location", "bisection of the sum of clipped residuals")
def bisected(y_true, delta):
    y, d = numbers(y_true, delta)
    low, high = y.min(), y.max()
    for _ in range(200):
        middle = low + (high - low) / 2
        if np.clip(y - middle, -d, d).sum() > 0:
            low = middle
        else:
            high = middle
    return float(high)


@wrong("huber_location", "one M-step from the median with MAD-scaled residuals")
def one_step(y_true, delta):
    y, d = numbers(y_true, delta)
    m = np.median(y)
    s = 1.4826 * np.median(np.abs(y - m)) or 1.0
    return float(m + s * np.clip((y - m) / s, -d, d).mean())


def positions(y_true, xs):
    y, x = np.asarray(y_true, dtype=float), np.asarray(xs, dtype=float)
    if y.size == 0:
        raise ValueError("empty")
    return y, x


@right("sensitivity_curve", "np.append for every call, copies made")
def appended(y_true, xs, estimator):
    y, x = positions(y_true, xs)
    base = estimator(np.array(y))
    return np.fromiter(((y.size + 1) * (estimator(np.append(y, v)) - base) for v in x), dtype=float)


@form("sensitivity_curve", "a list")
def listed_curve(y_true, xs, estimator):
    return appended(y_true, xs, estimator).tolist()


@short(
    "sensitivity_curve",
    "np.asarray goes to the estimator",
    "unchanged data",
    "hands the caller's own array to the estimator",
)
def own_array(y_true, xs, estimator):
    y, x = positions(y_true, xs)
    base = estimator(y)
    return np.array([(y.size + 1) * (estimator(np.concatenate([y, [v]])) - base) for v in x], dtype=float)


@short(
    "sensitivity_curve", "one buffer whose last entry is replaced", "an estimator that sorts its argument",
)  # fmt: skip
def buffer(y_true, xs, estimator):
    y, x = positions(y_true, xs)
    base = estimator(y.copy())
    room = np.append(y, 0.0)
    out = np.empty(x.size)
    for i, v in enumerate(x):
        room[-1] = v
        out[i] = (y.size + 1) * (estimator(room) - base)
    return out
