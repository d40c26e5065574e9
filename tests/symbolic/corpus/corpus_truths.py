"""What each question asks, computed from its definition and not from the reference formula.

Derivatives are central differences at 60 digits (step 1e-18, error near 1e-36), the minimiser of a quadratic is one
Newton step, a density is normalised by quadrature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from mpmath import mp, mpf

Values = Mapping[str, Any]
STEP = mpf(10) ** -18


def slope(f: Callable[[Any], Any], x: Any) -> Any:
    """First derivative of a scalar function."""
    return (f(x + STEP) - f(x - STEP)) / (2 * STEP)


def gradient(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """Gradient of a scalar function of an array."""
    out = np.empty(x.shape, dtype=object)
    for at in np.ndindex(x.shape):
        unit = np.full(x.shape, mpf(0), dtype=object)
        unit[at] = STEP
        out[at] = (f(x + unit) - f(x - unit)) / (2 * STEP)
    return out


def minimiser(f: Callable[[Any], Any]) -> Any:
    """Minimiser of a quadratic by one Newton step from 0 (exact: three values determine it)."""
    left, middle, right = f(mpf(-1)), f(mpf(0)), f(mpf(1))
    return (left - right) / (2 * (left - 2 * middle + right))


def softmax(z: np.ndarray) -> np.ndarray:
    """Probabilities of logits."""
    e = np.frompyfunc(mp.exp, 1, 1)(z)
    return e / np.sum(e)


def logits(p: np.ndarray) -> np.ndarray:
    """Logits of positive probabilities."""
    return np.frompyfunc(mp.log, 1, 1)(p)


def ols_gradient(v: Values) -> Any:
    """E01.6."""
    return gradient(lambda w: np.sum((v["X"].dot(w) - v["y"]) ** 2) / mpf(v["n"]), v["w"])


def normal_mean(v: Values) -> Any:
    """E03.5: the mean of a normal posterior is its mode; the data enter through n (theta - ybar)^2."""
    return minimiser(lambda t: (t - v["m0"]) ** 2 / v["tau2"] + v["n"] * (t - v["ybar"]) ** 2 / v["sigma2"])


def r2_unbiased(v: Values) -> Any:
    """E04.5: SS_res = n M, SS_tot = (n-1) v."""
    residual, total = v["n"] * v["M"], (v["n"] - 1) * v["v"]
    return 1 - residual / total


def tanh_weight(v: Values) -> Any:
    """E05.7."""
    return slope(lambda w: (mp.tanh(w * v["x"] + v["b"]) - v["y"]) ** 2, v["w"])


def delta_tanh(v: Values) -> Any:
    """E07.6."""
    return slope(lambda z: (mp.tanh(z) - v["y"]) ** 2 / 2, v["z"])


def delta_relu(v: Values) -> Any:
    """E07.7: zero at z = 0 by the stated convention."""
    if v["z"] == 0:
        return mpf(0)
    return slope(lambda z: (max(mpf(0), z) - v["y"]) ** 2 / 2, v["z"])


def psi_huber(v: Values) -> Any:
    """E08.6: the loss is differentiable everywhere; at the kink of psi the one-sided differences agree to O(step)."""
    delta = v["delta"]
    if abs(v["r"]) == delta:
        return v["r"]

    def rho(r: Any) -> Any:
        return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)

    return slope(rho, v["r"])


def psi_pseudo_huber(v: Values) -> Any:
    """E08.7."""
    return slope(lambda r: v["delta"] ** 2 * (mp.sqrt(1 + (r / v["delta"]) ** 2) - 1), v["r"])


def median_avar(v: Values) -> Any:
    """E09.5: f(0) is one over the integral of (1+t^2/nu)^(-(nu+1)/2); t = sqrt(nu) tan(a), then s = cos(a)^nu.

    The substitution takes the singularity of cos(a)^(nu-1) out: the mass is
    2 sqrt(nu)/nu * int_0^1 ds / sqrt(1-s^(2/nu)), and s = 1 - u^2 takes out the one at s = 1.
    """
    nu = mpf(v["nu"])

    def integrand(u: Any) -> Any:
        # 1 - (1-u^2)^(2/nu) without cancellation near u = 0
        return 2 * u / mp.sqrt(-mp.expm1(2 / nu * mp.log1p(-u * u))) if u else 2 / mp.sqrt(2 / nu)

    with mp.workdps(50):
        mass = 2 / mp.sqrt(nu) * mp.quad(integrand, [0, mpf(1) / 2, 1])
    return 1 / (4 * (1 / mass) ** 2)


def nll_ds(v: Values) -> Any:
    """E10.6."""
    return slope(lambda s: (mp.log(2 * mp.pi) + s + (v["y"] - v["mu"]) ** 2 * mp.exp(-s)) / 2, v["s"])


def optimal_c(v: Values) -> Any:
    """E11.6: E(c m - theta)^2 with E m = theta, Var m = sigma2/n."""
    theta, noise = v["theta"], v["sigma2"] / v["n"]
    return minimiser(lambda c: c * c * (theta * theta + noise) - 2 * c * theta * theta + theta * theta)


def softmax_jacobian(v: Values) -> Any:
    """E12.4: rows are outputs, columns logits."""
    z = logits(v["p"])
    return np.array([gradient(lambda u, i=i: softmax(u)[i], z) for i in range(len(z))], dtype=object)


def ce_grad(v: Values) -> Any:
    """E12.5."""
    return gradient(lambda z: -np.sum(v["y"] * logits(softmax(z))), logits(v["p"]))


def softmax_mse_grad(v: Values) -> Any:
    """E12.6."""
    return gradient(lambda z: np.sum((softmax(z) - v["y"]) ** 2) / 2, logits(v["p"]))


def saturation(v: Values) -> Any:
    """E12.7: component of the wrong class."""
    p = np.array([v["eps"], 1 - v["eps"]], dtype=object)
    return softmax_mse_grad({"p": p, "y": np.array([mpf(1), mpf(0)], dtype=object)})[1]


def delta_sigmoid(v: Values) -> Any:
    """E13.5."""
    return slope(lambda z: (1 / (1 + mp.exp(-z)) - v["o"]) ** 2 / 2, v["z"])


def brier_expected(v: Values) -> Any:
    """E13.6: sum over the two outcomes."""
    return sum(weight * (v["q"] - o) ** 2 for o, weight in ((mpf(1), v["p"]), (mpf(0), 1 - v["p"])))


def high_temperature(v: Values) -> Any:
    """E14.7: T(p_j-q_j) for logits with these means, at T = 1e12 and 2e12, extrapolated twice in 1/T."""
    size = int(v["K"])

    def others(first: Any, mean: Any) -> np.ndarray:
        rest = (size * mean - first) / (size - 1)
        spread = [mpf((-1) ** i) / 3 if i < 2 * ((size - 1) // 2) else mpf(0) for i in range(size - 1)]
        return np.array([first, *(rest + s for s in spread)], dtype=object)

    z, w = others(v["z_j"], v["zbar"]), others(v["v_j"], v["vbar"])

    def at(t: Any) -> Any:
        return t * (softmax(z / t)[0] - softmax(w / t)[0])

    t = mpf(10) ** 12
    one, two, four = at(t), at(2 * t), at(4 * t)
    return (8 * four - 6 * two + one) / 3


def psnr(v: Values) -> Any:
    """E15.7: ten times the base-ten logarithm of peak power over mean square."""
    return 10 * mp.log10(v["R"] ** 2 / v["M"])


def ae_decoder_grad(v: Values) -> Any:
    """E16.6."""
    x, a = v["X"], v["A"]
    return gradient(lambda b: np.sum((x - x.dot(a).dot(b)) ** 2) / mpf(v["n"]), v["B"])


def pc_tanh_grad(v: Values) -> Any:
    """E18.7."""
    return slope(
        lambda r: (v["pi_y"] * (v["y"] - mp.tanh(v["u"] * r)) ** 2 + v["pi_r"] * (r - v["m"]) ** 2) / 2, v["r"]
    )


TRUTHS: dict[str, Callable[[Values], Any]] = {
    "E01.6": ols_gradient, "E03.5": normal_mean, "E04.5": r2_unbiased, "E05.7": tanh_weight, "E07.6": delta_tanh,
    "E07.7": delta_relu, "E08.6": psi_huber, "E08.7": psi_pseudo_huber, "E09.5": median_avar, "E10.6": nll_ds,
    "E11.6": optimal_c, "E12.4": softmax_jacobian, "E12.5": ce_grad, "E12.6": softmax_mse_grad, "E12.7": saturation,
    "E13.5": delta_sigmoid, "E13.6": brier_expected, "E14.7": high_temperature, "E15.7": psnr, "E16.6": ae_decoder_grad,
    "E18.7": pc_tanh_grad,
}  # fmt: skip
