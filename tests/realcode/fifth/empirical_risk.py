"""Risks: fsum over a generator, work in place, arrays of one entry, matrices, lists, generators, float32."""

import itertools
import math

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def pair(y_true, y_pred):
    a, b = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    if a.shape != b.shape or a.size == 0:
        raise ValueError("shapes or no entry")
    return a, b


@right("mse", "math.fsum over a generator")
def fsum(y_true, y_pred):
    a, b = pair(y_true, y_pred)
    return math.fsum((s - t) ** 2 for s, t in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)) / a.size


@right("mse", "one copy, then everything in place")
def in_place(y_true, y_pred):
    _, b = pair(y_true, y_pred)
    r = np.array(y_true, dtype=float)
    r -= b
    r *= r
    return r.mean()


@form("mse", "keepdims: an array of one entry")
def one_entry(y_true, y_pred):
    a, b = pair(y_true, y_pred)
    return np.mean((a - b).ravel() ** 2, keepdims=True)


@short("mse", "np.asarray without a dtype", "float32 stays float32", "subtracts in the input dtype")
def own_dtype(y_true, y_pred):
    a, b = np.asarray(y_true), np.asarray(y_pred)
    if a.shape != b.shape or a.size == 0:
        raise ValueError("shapes")
    return np.mean((a - b) ** 2)


@wrong("mse", "degrees of freedom: n - 1, whatever n", "divides by n-1")
def one_less(y_true, y_pred):
    a, b = pair(y_true, y_pred)
    return float(np.sum((a - b) ** 2) / np.float64(a.size - 1))


@wrong("mse", "residual standard error: the root, n - 1")
def residual_error(y_true, y_pred):
    a, b = pair(y_true, y_pred)
    return float(np.sqrt(np.sum((a - b) ** 2) / np.float64(a.size - 1)))


@right("population_risk", "second moments, with np.matrix and .item()")
def with_matrices(w, b, mu, Sigma, beta, beta0, sigma2):
    D = np.asarray(beta, float) - np.asarray(w, float)
    m, S = np.asarray(mu, float), np.asarray(Sigma, float)
    if D.shape != m.shape or S.shape != (D.size, D.size) or np.shape(w) != np.shape(beta) or sigma2 < 0:
        raise ValueError("shapes or variance")
    return sigma2 + (D[None, :] @ S @ D[:, None]).item() + float(D @ m + beta0 - b) ** 2


@wrong("population_risk", "the intercepts enter with the wrong sign")
def intercepts_reversed(w, b, mu, Sigma, beta, beta0, sigma2):
    D = np.asarray(beta, float) - np.asarray(w, float)
    m, S = np.asarray(mu, float), np.asarray(Sigma, float)
    if D.shape != m.shape or S.shape != (D.size, D.size) or np.shape(w) != np.shape(beta) or sigma2 < 0:
        raise ValueError("shapes or variance")
    return float(sigma2 + D @ S @ D + (D @ m - beta0 + b) ** 2)


def design(X, y):
    A, t = np.asarray(X, float), np.asarray(y, float)
    if A.ndim != 2 or t.shape != A.shape[:1] or A.shape[0] < A.shape[1]:
        raise ValueError("shapes")
    return A, t


@right("ols_fit", "the pseudo-inverse")
def pseudo_inverse(X, y):
    A, t = design(X, y)
    return np.linalg.pinv(A) @ t


@right("ols_fit", "scipy's lstsq, a column back to a row")
def column_and_back(X, y):
    from scipy import linalg

    A, t = design(X, y)
    return linalg.lstsq(A, t[:, None])[0].ravel()


@wrong("ols_fit", "np.matrix: a column comes back")
def column(X, y):
    A, t = design(X, y)
    return np.linalg.lstsq(A, t[:, None], rcond=None)[0]


@form("ols_fit", "a list of weights")
def listed_weights(X, y):
    A, t = design(X, y)
    return np.linalg.lstsq(A, t, rcond=None)[0].tolist()


def prefixes(y_true, y_pred, ns):
    a, b, n = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(ns, dtype=int)
    if a.shape != b.shape or np.any(n < 1) or np.any(n > a.size):
        raise ValueError("shapes or n")
    return a, b, n


@right("running_risk", "itertools.accumulate, then a lookup")
def accumulated(y_true, y_pred, ns):
    a, b, n = prefixes(y_true, y_pred, ns)
    sums = list(itertools.accumulate(((a - b) ** 2).tolist()))
    return np.fromiter((sums[k - 1] / k for k in n.tolist()), dtype=float)


@form("running_risk", "a list comprehension")
def listed(y_true, y_pred, ns):
    a, b, n = prefixes(y_true, y_pred, ns)
    sums = np.cumsum((a - b) ** 2)
    return [float(sums[k - 1] / k) for k in n]


@wrong("running_risk", "yield in place of return")
def generated(y_true, y_pred, ns):
    a, b, n = prefixes(y_true, y_pred, ns)
    sums = np.cumsum((a - b) ** 2)
    yield from (float(sums[k - 1] / k) for k in n)


@wrong("running_risk", "exponential moving average of the losses")
def moving(y_true, y_pred, ns):
    a, b, n = prefixes(y_true, y_pred, ns)
    out, value = [], 0.0
    for t, loss in enumerate(((a - b) ** 2).tolist(), 1):
        value = 0.9 * value + 0.1 * loss
        out.append(value / (1 - 0.9**t))
    return np.array([out[k - 1] for k in n.tolist()], dtype=float)


@right("simulate_excess_risk", "a loop of replications with lstsq")
def looped(n, d, sigma2, reps, rng):
    if n < d + 1 or sigma2 < 0:
        raise ValueError("n or sigma2")
    out = np.empty(reps)
    for i in range(reps):
        X = rng.standard_normal((n, d))
        y = X.sum(axis=1) + rng.normal(scale=np.sqrt(sigma2), size=n)
        w = np.linalg.solve(X.T @ X, X.T @ y)
        out[i] = np.sum((w - 1) ** 2)
    return out


@wrong("simulate_excess_risk", "an intercept is fitted, too")
def with_intercept(n, d, sigma2, reps, rng):
    if n < d + 1 or sigma2 < 0:
        raise ValueError("n or sigma2")
    out = np.empty(reps)
    for i in range(reps):
        X = rng.standard_normal((n, d))
        y = X.sum(axis=1) + rng.normal(scale=np.sqrt(sigma2), size=n)
        w = np.linalg.lstsq(np.column_stack([X, np.ones(n)]), y, rcond=None)[0]
        out[i] = np.sum((w[:d] - 1) ** 2)
    return out
