"""Every displayed formula of the statements and of the path is a definition, or holds where it is computed.

A formula that is added or changed fails here until an author says which of the two it is.
"""

import re

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import gamma, softmax

from tests.conftest import ROOT

RNG = np.random.default_rng(20261130)
START = RNG.bit_generator.state


def close(got, want, rtol=1e-7, atol=1e-9):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)


def slope(function, at, step=1e-6):
    """Central differences of a scalar function of an array."""
    at = np.asarray(at, float)
    moves = np.eye(at.size).reshape(at.size, *at.shape) * step
    return np.array([(function(at + move) - function(at - move)) / (2 * step) for move in moves]).reshape(at.shape)


def posterior_mean_is_best():
    theta, weights, a = RNG.normal(size=5), RNG.dirichlet(np.ones(5)), 0.3
    mean = weights @ theta
    close(weights @ (a - theta) ** 2, (a - mean) ** 2 + weights @ (theta - mean) ** 2)


def noise_bias_variance():
    f, sigma, fits, weights = 0.7, 0.4, RNG.normal(size=6), RNG.dirichlet(np.ones(6))
    noise = np.array([-sigma, sigma])  # two points of mean 0 and variance sigma squared
    risk = sum(w * 0.5 * (f + e - fit) ** 2 for w, fit in zip(weights, fits, strict=True) for e in noise)
    mean = weights @ fits
    close(risk, sigma**2 + (mean - f) ** 2 + weights @ (fits - mean) ** 2)


def ridge_solves():
    X, y, lam = RNG.normal(size=(9, 3)), RNG.normal(size=9), 0.2
    w = np.linalg.solve(X.T @ X + 9 * lam * np.eye(3), X.T @ y)
    close(slope(lambda v: np.mean((X @ v - y) ** 2) + lam * v @ v, w), np.zeros(3), atol=1e-7)


def ridge_bias_and_variance():
    X, w, lam, sigma2, n = RNG.normal(size=(8, 3)), RNG.normal(size=3), 0.3, 0.5, 8
    H = X @ np.linalg.solve(X.T @ X + n * lam * np.eye(3), X.T)
    close(np.mean((H @ X @ w - X @ w) ** 2), np.sum(((H - np.eye(n)) @ X @ w) ** 2) / n)
    close(np.trace(sigma2 * H @ H.T) / n, sigma2 / n * np.trace(H @ H))


def murphy():
    p, o = RNG.choice([0.1, 0.4, 0.8], size=200), RNG.integers(0, 2, 200).astype(float)
    groups = [(np.mean(p == v), v, o[p == v].mean()) for v in np.unique(p)]
    reliability = sum(share * (v - mean) ** 2 for share, v, mean in groups)
    resolution = sum(share * (mean - o.mean()) ** 2 for share, _, mean in groups)
    close(np.mean((p - o) ** 2), reliability - resolution + o.mean() * (1 - o.mean()))


def noise_and_excess():
    joint, y, f = RNG.dirichlet(np.ones(12)).reshape(3, 4), RNG.normal(size=4), RNG.normal(size=3)
    px = joint.sum(1)
    mean = joint @ y / px
    noise = np.sum(joint * (y - mean[:, None]) ** 2)
    close(np.sum(joint * (y - f[:, None]) ** 2), noise + px @ (mean - f) ** 2)


def linear_denoiser():
    A, sigma2 = RNG.normal(size=(3, 3)), 0.7
    S = A @ A.T
    D = S @ np.linalg.inv(S + sigma2 * np.eye(3))
    close(S - D @ (S + sigma2 * np.eye(3)), np.zeros((3, 3)))  # E[(x - D xt) xt^T] = S - D (S + sigma2 I)
    x, e = RNG.normal(size=3), RNG.normal(size=3)
    close(x - D @ (x + e), (np.eye(3) - D) @ x - D @ e)


def tweedie():
    weights, means, variances, sigma2, y = np.array([0.3, 0.7]), np.array([-1.0, 2.0]), np.array([0.5, 1.5]), 0.8, 0.4
    total = variances + sigma2

    def density(at):
        return np.sum(weights * stats.norm.pdf(at, means, np.sqrt(total)))

    resp = weights * stats.norm.pdf(y, means, np.sqrt(total)) / density(y)
    exact = np.sum(resp * (means + variances / total * (y - means)))
    close(exact, y + sigma2 * (np.log(density(y + 1e-5)) - np.log(density(y - 1e-5))) / 2e-5, rtol=1e-6)


def excess_risk_of_least_squares():
    n, d, sigma2 = 12, 3, 2.0
    close(sigma2 * d / (n - d + 1) * stats.f.mean(d, n - d + 1), sigma2 * d / (n - d - 1))
    X, e = RNG.normal(size=(4000, n, d)), RNG.normal(0, np.sqrt(sigma2), size=(4000, n, 1))
    errors = np.sum(np.linalg.solve(X.swapaxes(1, 2) @ X, X.swapaxes(1, 2) @ e) ** 2, axis=(1, 2))
    law = stats.f(d, n - d + 1, scale=sigma2 * d / (n - d + 1))
    assert stats.kstest(errors, law.cdf).pvalue > 1e-4


def student_density():
    for nu in (0.7, 1.0, 3.5, 30.0):
        x = np.linspace(-5, 5, 11)
        mine = gamma((nu + 1) / 2) / (np.sqrt(nu * np.pi) * gamma(nu / 2)) * (1 + x**2 / nu) ** (-(nu + 1) / 2)
        close(mine, stats.t.pdf(x, nu))


def location_is_asymptotically_normal():
    """For the mean and normal data the formula is the variance; for Huber's location a simulation agrees."""
    delta, n, reps = 1.0, 200, 4000
    density = stats.norm.pdf
    square = 2 * (integrate.quad(lambda r: r**2 * density(r), 0, delta)[0] + delta**2 * stats.norm.sf(delta))
    wanted = square / (stats.norm.cdf(delta) - stats.norm.cdf(-delta)) ** 2
    y = RNG.normal(size=(reps, n))
    m = np.median(y, axis=1)
    for _ in range(60):
        m = m + np.mean(np.clip(y - m[:, None], -delta, delta), axis=1)
    close(n * np.var(m), wanted, rtol=0.1)


def gaussian_likelihood():
    mu, s, y = 0.3, -0.8, 1.1
    close(0.5 * (np.log(2 * np.pi) + s + (y - mu) ** 2 * np.exp(-s)), -stats.norm.logpdf(y, mu, np.exp(s / 2)))


def constant_variance_of_best_fit():
    variances, weights = RNG.uniform(0.5, 2, 4), RNG.dirichlet(np.ones(4))
    grid = np.linspace(0.3, 3, 20001)
    losses = 0.5 * np.log(grid) + 0.5 * (weights @ variances) / grid
    close(grid[np.argmin(losses)], weights @ variances, rtol=1e-3)


def sensitivity_of_the_mean():
    y, x = RNG.normal(size=7), 4.2
    close(8 * (np.mean([*y, x]) - y.mean()), x - y.mean())


def distillation_limit():
    """With centring the gradient at a high temperature is that of the logits; without it a constant is left over."""
    n, K, T = 4, 3, 1e4
    z, v = RNG.normal(size=(n, K)), RNG.normal(size=(n, K))
    gradient = T * (softmax(z / T, axis=1) - softmax(v / T, axis=1)) / n
    d = (z - z.mean(1, keepdims=True)) - (v - v.mean(1, keepdims=True))
    close(gradient, d / (n * K), atol=1e-4)
    gap = (z - v) / (n * K) - gradient
    close(gap, np.repeat((z.mean(1) - v.mean(1))[:, None], K, 1) / (n * K), atol=1e-4)


def distillation_loss():
    T, z, q = 2.5, RNG.normal(size=4), RNG.dirichlet(np.ones(4))
    close(slope(lambda a: -(T**2) * q @ np.log(softmax(a / T)), z), T * (softmax(z / T) - q), rtol=1e-5)


def projection():
    X = RNG.normal(size=(20, 4)) @ RNG.normal(size=(4, 4))
    C = X - X.mean(0)
    _, s, Vt = np.linalg.svd(C, full_matrices=False)
    V = Vt[:2].T
    close(np.sum((C - C @ V @ V.T) ** 2), np.sum(s[2:] ** 2))


def chain_rule():
    X, y = RNG.normal(size=(6, 2)), RNG.normal(size=6)

    def f(theta):
        return np.tanh(X @ theta)

    theta = RNG.normal(size=2)
    sensitivity = (1 - f(theta) ** 2)[:, None] * X
    close(slope(lambda t: np.mean((f(t) - y) ** 2), theta), 2 / 6 * (f(theta) - y) @ sensitivity, rtol=1e-5)


def output_signal():
    z, y = 0.4, 5.0
    close(slope(lambda a: 0.5 * (np.tanh(a[0]) - y) ** 2, [z]), (np.tanh(z) - y) * (1 - np.tanh(z) ** 2), rtol=1e-6)


def saturated_signal():
    z = np.array([6.0, 9.0, 12.0])
    exact = (np.tanh(z) - 5.0) / np.cosh(z) ** 2
    close(exact, -16 * np.exp(-2 * z), rtol=1e-4)


def energy_descends():
    U, piy, pir = RNG.normal(size=(3, 2)), RNG.uniform(0.5, 2, 3), RNG.uniform(0.5, 2, 2)
    A = U.T @ np.diag(piy) @ U + np.diag(pir)
    edge = 2 / np.linalg.eigvalsh(A).max()
    for lr, converges in ((0.99 * edge, True), (1.01 * edge, False)):
        assert bool(np.abs(np.linalg.eigvals(np.eye(2) - lr * A)).max() < 1) is converges


def r_squared_and_mse():
    y, p = RNG.normal(size=30), RNG.normal(size=30)
    close(1 - np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2), 1 - np.mean((y - p) ** 2) / np.var(y))


def softmax_gradients():
    z, y = RNG.normal(size=4), RNG.dirichlet(np.ones(4))
    p = softmax(z)
    close(slope(lambda a: -y @ np.log(softmax(a)), z), p - y, rtol=1e-5)
    close(slope(lambda a: 0.5 * np.sum((softmax(a) - y) ** 2), z), (p - y) * p - p * ((p - y) @ p), rtol=1e-5)


def complex_gain():
    x, y = (RNG.normal(size=6) + 1j * RNG.normal(size=6) for _ in range(2))
    best = np.vdot(x, y) / np.vdot(x, x)
    for step in (1e-3, -1e-3, 1e-3j, -1e-3j):
        assert np.sum(np.abs(y - (best + step) * x) ** 2) > np.sum(np.abs(y - best * x) ** 2)


def error_contracts():
    X, y, w, lr = RNG.normal(size=(8, 3)), RNG.normal(size=8), RNG.normal(size=3), 0.05
    H, best = 2 / 8 * X.T @ X, np.linalg.lstsq(X, y, rcond=None)[0]
    after = w - lr * 2 / 8 * X.T @ (X @ w - y)
    close(after - best, (np.eye(3) - lr * H) @ (w - best))


def decibels():
    close(10 * np.log10(255.0**2 / 1.0), 48.1308036)


DEFINITION = None

FORMULAS = {
    "bayes_estimator": {r"\operatorname{Var}(\theta\mid y)": posterior_mean_is_best},
    "bias_variance": {
        r"\text{noise}": noise_bias_variance,
        "w=X^\\top y": ridge_solves,
        r"\operatorname{tr}(H^2)": ridge_bias_and_variance,
    },
    "brier_calibration": {r"(p_i-o_i)^2": DEFINITION, r"\text{reliability}": murphy},
    "conditional_mean": {r"\text{excess}": noise_and_excess},
    "denoising_autoencoder": {
        r"\mathbb E[x\mid\tilde x]": DEFINITION,
        "(I-D)\\,x-De": linear_denoiser,
        r"\tilde x^\top\big]=0": linear_denoiser,
        "w^\\top(x_i+e_i)": DEFINITION,
        r"\log p(y)": tweedie,
    },
    "empirical_risk": {
        "J(f)=": DEFINITION,
        "F_{d,": excess_risk_of_least_squares,
        r"\frac{\sigma^2 d}": excess_risk_of_least_squares,
    },
    "heavy_tails": {"f_\\nu(x)=": student_density, r"\psi'": location_is_asymptotically_normal},
    "heteroscedastic_nll": {r"\bar\sigma^2=": constant_variance_of_best_fit, r"\ell(\mu,s)": gaussian_likelihood},
    "influence_functions": {
        r"\psi(r)=\rho'(r)": DEFINITION,
        r"\psi(y_i-m)=0": DEFINITION,
        r"\mathrm{SC}(x)=": sensitivity_of_the_mean,
        "g(m-e)": DEFINITION,  # how exact an answer must be
    },
    "knowledge_distillation": {
        r"q=\operatorname{softmax}": DEFINITION,
        "H(q_i,p_i)": distillation_loss,
        r"\frac1{2K}": distillation_limit,
    },
    "linear_autoencoder": {"L(W_e,W_d)=": DEFINITION, r"VV^\top": projection},
    "mse_gradient": {r"\text{output sensitivity}": chain_rule},
    "output_activations": {r"\delta=\frac": output_signal, r"\delta\approx": saturated_signal},
    "predictive_coding": {"F(r)=": DEFINITION, r"\lambda_{\max}": energy_descends},
    "r_squared": {r"SS_{\text{res}}=": DEFINITION, r"L_{\text{MSE}}}{s_y^2}": r_squared_and_mse},
    "softmax_mse_vs_ce": {"p_k=": DEFINITION, r"L_{\mathrm{CE}}=": softmax_gradients},
    "structured_data": {r"\sum_i w_i}": DEFINITION, r"\hat a=": complex_gain, r"\mathrm{PSNR}=": decibels},
    "target_scaling": {"e_{t+1}=": error_contracts},
    "": {
        "J(f)=": DEFINITION,
        r"L(f)=\frac1n": DEFINITION,
        "R^2=1-": r_squared_and_mse,
        r"\nabla_\theta L=": chain_rule,
        r"\partial L_{\mathrm{CE}}": softmax_gradients,
    },
}
"""By page (the path has no name) a piece of each displayed formula, and what computes it."""


@pytest.mark.parametrize("page", FORMULAS)
def test_every_displayed_formula_is_a_definition_or_is_computed_here(page):
    text = (ROOT / "exercises" / page / "README.md").read_text(encoding="utf-8")
    shown = [" ".join(one.split()) for one in re.findall(r"\$\$(.*?)\$\$", text, re.DOTALL)]
    found = [[piece for piece in FORMULAS[page] if piece in one] for one in shown]
    assert [one for one, pieces in zip(shown, found, strict=True) if len(pieces) != 1] == []
    assert {pieces[0] for pieces in found} == set(FORMULAS[page])


def test_every_statement_is_looked_at():
    pages = {p.parent.name for p in (ROOT / "exercises").glob("*/README.md")}
    shown = {p for p in pages if "$$" in (ROOT / "exercises" / p / "README.md").read_text(encoding="utf-8")}
    assert shown <= set(FORMULAS)


@pytest.mark.parametrize(
    "computed", sorted({one for of in FORMULAS.values() for one in of.values() if one}, key=lambda f: f.__name__)
)
def test_a_displayed_formula_holds(computed):
    RNG.bit_generator.state = START  # the same draws in any order of the tests
    computed()
