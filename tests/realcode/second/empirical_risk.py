"""Empirical risk: scikit-learn, PyTorch and NumPy idioms of losses and least squares."""

import numpy as np
from scipy import linalg

from tests.realcode.corpus import right, short, wrong


def same(y_true, y_pred):
    y, p = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y.shape != p.shape or y.size == 0:
        raise ValueError("shapes")
    return y, p


@right("mse", "flattened residuals and their inner product")
def inner_product(y_true, y_pred):
    y, p = same(y_true, y_pred)
    r = (y - p).ravel()
    return float(r @ r / r.size)


@right("mse", "functional Python: sum of a generator")
def generator_sum(y_true, y_pred):
    y, p = same(y_true, y_pred)
    return sum((float(a) - float(b)) ** 2 for a, b in zip(y.flat, p.flat, strict=True)) / y.size


@wrong("mse", "scikit-learn's root_mean_squared_error", "returns the root (RMSE)")
def root(y_true, y_pred):
    y, p = same(y_true, y_pred)
    return float(np.sqrt(np.mean((y - p) ** 2)))


@wrong("mse", "torch: reduction='sum'", "sums instead of averaging")
def summed(y_true, y_pred):
    y, p = same(y_true, y_pred)
    return float(np.sum((y - p) ** 2))


@short("mse", "E y^2 - 2 E y p + E p^2", "the digits of a common offset of 1e8", "expands the square, which cancels")
def expanded(y_true, y_pred):
    y, p = same(y_true, y_pred)
    return float(np.mean(y * y) - 2 * np.mean(y * p) + np.mean(p * p))


def moments(w, b, mu, Sigma, beta, beta0, sigma2):
    w, mu, S, beta = (np.asarray(v, float) for v in (w, mu, Sigma, beta))
    if not (w.shape == mu.shape == beta.shape) or S.shape != w.shape * 2 or sigma2 < 0:
        raise ValueError("shapes or sigma2")
    return w, mu, S, beta


@right("population_risk", "bias and variance of the difference, as a quadratic form")
def quadratic_form(w, b, mu, Sigma, beta, beta0, sigma2):
    w, mu, S, beta = moments(w, b, mu, Sigma, beta, beta0, sigma2)
    d = beta - w
    return float(np.einsum("i,ij,j", d, S, d) + (np.dot(d, mu) + beta0 - b) ** 2 + sigma2)


@right("population_risk", "second moments of (1, x)")
def second_moments(w, b, mu, Sigma, beta, beta0, sigma2):
    w, mu, S, beta = moments(w, b, mu, Sigma, beta, beta0, sigma2)
    d = np.append(beta0 - b, beta - w)
    M = np.block([[np.ones((1, 1)), mu[None, :]], [mu[:, None], S + np.outer(mu, mu)]])
    return float(d @ M @ d + sigma2)


@wrong("population_risk", "Sigma read as E[x x']", "uses the covariance as second moment", "reads Sigma as E[x x^T]")
def covariance_as_moment(w, b, mu, Sigma, beta, beta0, sigma2):
    w, mu, S, beta = moments(w, b, mu, Sigma, beta, beta0, sigma2)
    d, c = beta - w, beta0 - b
    return float(d @ S @ d + 2 * c * (d @ mu) + c * c + sigma2)


@wrong("population_risk", "the noise is left out: the excess over the best risk", "forgets the irreducible noise")
def excess(w, b, mu, Sigma, beta, beta0, sigma2):
    return (
        quadratic_form(w, b, mu, Sigma, beta, beta0, 0.0)
        if sigma2 >= 0
        else moments(w, b, mu, Sigma, beta, beta0, sigma2)
    )


def design(X, y):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or y.shape != (len(X),) or len(X) < X.shape[1]:
        raise ValueError("shapes")
    return X, y


@right("ols_fit", "statsmodels: QR and back substitution")
def by_qr(X, y):
    X, y = design(X, y)
    Q, R = np.linalg.qr(X)
    return linalg.solve_triangular(R, Q.T @ y)


@right("ols_fit", "np.linalg.pinv")
def by_pinv(X, y):
    X, y = design(X, y)
    return np.linalg.pinv(X) @ y


@wrong(
    "ols_fit",
    "scikit-learn's LinearRegression with its intercept",
    "centres the data first",
    "adds an intercept column",
)
def with_intercept(X, y):
    X, y = design(X, y)
    return np.linalg.lstsq(X - X.mean(0), y - y.mean(), rcond=None)[0]


def prefixes(y_true, y_pred, ns):
    y, p = np.asarray(y_true, float), np.asarray(y_pred, float)
    ns = np.asarray(ns, dtype=int)
    if y.shape != p.shape or np.any(ns < 1) or np.any(ns > len(y)):
        raise ValueError("shapes or ns")
    return y, p, ns


@right("running_risk", "cumulative mean, indexed")
def cumulative(y_true, y_pred, ns):
    y, p, ns = prefixes(y_true, y_pred, ns)
    return (np.add.accumulate(np.square(y - p)) / np.arange(1, len(y) + 1))[ns - 1]


@wrong("running_risk", "the n-th loss itself", "takes the loss of the n-th sample alone")
def single_losses(y_true, y_pred, ns):
    y, p, ns = prefixes(y_true, y_pred, ns)
    return ((y - p) ** 2)[ns - 1]


@wrong("running_risk", "off by one: the sum before the n-th sample", "sums the first n-1 losses")
def off_by_one(y_true, y_pred, ns):
    y, p, ns = prefixes(y_true, y_pred, ns)
    return np.append(0.0, np.cumsum((y - p) ** 2))[ns - 1] / ns


@right("simulate_excess_risk", "all replications at once: batched normal equations")
def batched(n, d, sigma2, reps, rng):
    if n < d + 1 or sigma2 < 0:
        raise ValueError("n or sigma2")
    X = rng.standard_normal((reps, n, d))
    e = np.sqrt(sigma2) * rng.standard_normal((reps, n, 1))
    Xt = X.transpose(0, 2, 1)
    return np.sum(np.linalg.solve(Xt @ X, Xt @ e)[..., 0] ** 2, axis=1)


@wrong(
    "simulate_excess_risk",
    "the mean over the weights of the squared error",
    "averages over coordinates instead of adding their squares",
)
def mean_over_weights(n, d, sigma2, reps, rng):
    return batched(n, d, sigma2, reps, rng) / d


@wrong("simulate_excess_risk", "training risk in place of the excess", "measures the training error")
def training_risk(n, d, sigma2, reps, rng):
    if n < d + 1 or sigma2 < 0:
        raise ValueError("n or sigma2")
    out = []
    for _ in range(reps):
        X = rng.normal(size=(n, d))
        y = X.sum(1) + np.sqrt(sigma2) * rng.normal(size=n)
        w = np.linalg.lstsq(X, y, rcond=None)[0]
        out.append(np.mean((y - X @ w) ** 2))
    return np.array(out)


def excesses(n, d, sigma2, reps, rng, excess):
    if n < d + 1 or sigma2 < 0:
        raise ValueError("n or sigma2")
    out = np.zeros(reps)
    for i in range(reps):
        X = rng.standard_normal((n, d))
        y = X @ np.ones(d) + np.sqrt(sigma2) * rng.standard_normal(n)
        out[i] = excess(np.linalg.pinv(X) @ y)
    return out


@right("simulate_excess_risk", "rows from multivariate_normal, one sample after the other")
def rows_of_a_multivariate_normal(n, d, sigma2, reps, rng):
    if n < d + 1 or sigma2 < 0:
        raise ValueError("n or sigma2")
    risks = []
    for _ in range(reps):
        X = rng.multivariate_normal(np.zeros(d), np.eye(d), size=n)
        y = rng.normal(X.sum(axis=1), sigma2**0.5)
        risks.append(float(np.sum(np.square(np.linalg.lstsq(X, y, rcond=None)[0] - 1))))
    return np.array(risks)


def polar(size, rng):
    """Marsaglia's polar method: points outside of the disc are thrown away."""
    made = np.empty(0)
    while made.size < size:
        u, v = 2 * rng.random((2, (size - made.size) // 2 + 1)) - 1
        s = u * u + v * v
        u, v, s = u[s < 1], v[s < 1], s[s < 1]
        made = np.concatenate([made, *(np.sqrt(-2 * np.log(s) / s) * np.stack([u, v]))])
    return made[:size]


@right("simulate_excess_risk", "Numerical Recipes: normal deviates by rejection")
def polar_deviates(n, d, sigma2, reps, rng):
    if n < d + 1 or sigma2 < 0:
        raise ValueError("n or sigma2")
    pool = polar(reps * n * (d + 1), rng).reshape(reps, n, d + 1)
    X, e = pool[..., :d], np.sqrt(sigma2) * pool[..., d]
    Xt = X.transpose(0, 2, 1)
    return np.sum(np.linalg.solve(Xt @ X, Xt @ e[..., None]) ** 2, axis=(1, 2))


ESTIMATES = "estimates the excess risk on test points"


@wrong("simulate_excess_risk", "a fresh test set of ten in every replication", ESTIMATES)
def ten_test_points(n, d, sigma2, reps, rng):
    return excesses(n, d, sigma2, reps, rng, lambda w: np.mean((rng.normal(size=(10, d)) @ (w - 1)) ** 2))


@wrong("simulate_excess_risk", "a fresh test set of a thousand in every replication", ESTIMATES)
def thousand_test_points(n, d, sigma2, reps, rng):
    return excesses(n, d, sigma2, reps, rng, lambda w: np.mean((rng.normal(size=(1000, d)) @ (w - 1)) ** 2))


@wrong("simulate_excess_risk", "one test set of 2,000 for all replications", ESTIMATES)
def one_test_set(n, d, sigma2, reps, rng):
    T = rng.normal(size=(2000, d))
    return excesses(n, d, sigma2, reps, rng, lambda w: np.mean((T @ (w - 1)) ** 2))


@wrong("simulate_excess_risk", "test error minus the noise of the test targets", ESTIMATES)
def test_error_minus_noise(n, d, sigma2, reps, rng):
    def excess(w):
        T, e = rng.normal(size=(500, d)), np.sqrt(sigma2) * rng.normal(size=500)
        return np.mean((T.sum(1) + e - T @ w) ** 2) - np.mean(e**2)

    return excesses(n, d, sigma2, reps, rng, excess)
