"""The figure of the exercise: what ridge regression trades for what."""

import numpy as np

from autograder.checks.palette import BLACK, BLUE, GREY, ORANGE

NOISE = 1.0


def figure(functions, plt):
    """Draw squared bias, variance and the whole error of ridge against lambda, with the minimum marked.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without ridge_bias_variance its definition is evaluated with the full
        matrix H.
    """
    rng = np.random.default_rng(11)
    X = rng.normal(size=(30, 12)) @ np.diag(0.7 ** np.arange(12))
    w = rng.normal(size=12)
    both = functions.get("ridge_bias_variance", _from_the_definition)
    lams = np.logspace(-5, 3, 81)
    bias2, variance = np.array([both(X, w, NOISE, float(lam)) for lam in lams]).T
    total = bias2 + variance + NOISE
    best = int(np.argmin(total))
    drawing, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    axes.plot(lams, bias2, color=BLUE, label="squared bias")
    axes.plot(lams, variance, "--", color=ORANGE, label="variance")
    axes.plot(lams, total, color=BLACK, label="squared bias + variance + noise")
    axes.axhline(NOISE, linestyle=":", color=GREY, label="noise")
    axes.plot(lams[best], total[best], "o", color=BLACK, label=rf"minimum at $\lambda$ = {lams[best]:.2g}")
    axes.set_xscale("log")
    axes.set_xlabel(r"penalty $\lambda$")
    axes.set_ylabel("mean squared error of a prediction")
    axes.legend()
    return drawing


def _from_the_definition(X, w, sigma2, lam):
    n, d = X.shape
    H = X @ np.linalg.inv(X.T @ X + n * lam * np.eye(d)) @ X.T
    bias = H @ X @ w - X @ w
    return np.mean(bias**2), sigma2 * np.trace(H @ H) / n
