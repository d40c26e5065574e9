"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""
# helpers get the arguments of a call as *a
# mypy: disable-error-code="call-arg"

import functools
import math

import numpy as np
from scipy import special

from autograder.checks import (
    Broken, Example, Generator, Hidden, Tolerance, fast_enough, fresh_draws, law, matches, mismatch, right, strata,
    usual_checks, wrong,
)
from autograder.checks.statistics import departure, hoeffding_halfwidth
from reference import risks
from reference._arrays import require

f64 = np.float64
SUMS = Tolerance(1e-9)  # naive summation loses n * eps
SOLVE = Tolerance(1e-6, mode="norm")  # normal equations lose cond**2 * eps = 2e-10 times a modest constant


# --- E01.1 mse ---
def draw_mse(g, n, low, high):
    scale = 10 ** g.uniform(low, high)
    return scale * g.normal(size=n), scale * g.normal(size=n)


SIZES = strata(draw_mse, (7, -1, 1), (100, -12, -4), (1000, 4, 12), (2, -12, 12), (1, -12, 12))


def draw_offset(g):
    y = 1e8 + g.normal(size=500)
    return y, y + g.normal(size=500)


def draw_uint8(g):
    return g.integers(0, 128, size=9).astype(np.uint8), g.integers(128, 256, size=9).astype(np.uint8)


def draw_large(g):
    return g.normal(size=100_000), g.normal(size=100_000)


def checked(y_true, y_pred):
    """Validated float64 arguments: what the wrong answers below share with the right one."""
    y_true, y_pred = np.asarray(y_true, f64), np.asarray(y_pred, f64)
    require(y_true.shape == y_pred.shape and y_true.size > 0, "shapes")
    return y_true, y_pred


def residual(y_true, y_pred):
    y_true, y_pred = checked(y_true, y_pred)
    return y_true - y_pred


@wrong("mse", "expands the square, which cancels",
       hint="Try y near 1e8: how many digits are left after subtracting numbers of size 1e16?")
def mse_expanded(y_true, y_pred):
    y, yhat = checked(y_true, y_pred)
    return np.mean(y * y) - 2 * np.mean(y * yhat) + np.mean(yhat * yhat)


@wrong("mse", "subtracts in the input dtype",
       hint="What is 0-255 for 8-bit unsigned integers? And how many digits has float32?")
def mse_input_dtype(y_true, y_pred):
    checked(y_true, y_pred)
    r = np.asarray(y_true) - np.asarray(y_pred)
    return float(np.mean(r * r))


@wrong("mse", "accepts a column (n,1) against a row (n,)",
       hint="Look at the shape of y-yhat when one of them is a column.")
def mse_broadcasting(y_true, y_pred):
    y, yhat = np.asarray(y_true, f64), np.asarray(y_pred, f64)
    require(y.size == yhat.size and y.size > 0, "sizes")
    return np.mean((y - yhat) ** 2)


@wrong("mse", "subtracts a row from a column: n x n residuals",
       hint="Print the shape of the residuals. How many of them has a sample of n?")
def mse_outer(y_true, y_pred):
    y, yhat = checked(y_true, y_pred)
    return np.mean((y.reshape(-1, 1) - yhat.reshape(1, -1)) ** 2)


@right("mse", "python loop")
def mse_loop(y_true, y_pred):
    y, yhat = checked(y_true, y_pred)
    total = 0.0
    for a, b in zip(y.ravel().tolist(), yhat.ravel().tolist(), strict=True):
        total += (a - b) ** 2
    return total / y.size


@right("mse", "dot product, 0-d result")
def mse_dot(y_true, y_pred):
    r = residual(y_true, y_pred).ravel()
    return np.asarray(r @ r / r.size)


MSE = Hidden("mse", reference=risks.mse, checks=(
    *usual_checks(SIZES, tolerance=SUMS),
    matches("offset", "keeps six digits under a common offset of 1e8", draw_offset, tolerance=Tolerance(1e-6)),
    matches("uint8", "does not wrap around for unsigned integers", draw_uint8, tolerance=SUMS),
    fast_enough(draw_large, "100,000 samples", tolerance=SUMS),
), misconceptions=(
    wrong("sums instead of averaging", lambda y, yhat: np.sum(residual(y, yhat) ** 2),
        hint="Duplicate every observation: should an average loss change?"),
    wrong("keeps the factor 1/2 of a derivation", lambda y, yhat: 0.5 * np.mean(residual(y, yhat) ** 2),
        hint="Check the value for a single residual of 3."),
    wrong("returns the root (RMSE)", lambda y, yhat: np.sqrt(np.mean(residual(y, yhat) ** 2)),
        hint="What are the units of your result, and of a squared error?"),
    wrong("averages absolute errors", lambda y, yhat: np.mean(np.abs(residual(y, yhat))),
        hint="Double all residuals: what should become of a squared error?"),
    wrong("divides integers without remainder", lambda y, yhat: np.sum(residual(y, yhat) ** 2) // np.size(y),
        hint="Which residuals have a mean square of 5/3, and can your function return that?"),
    wrong("divides by n-1", lambda y, yhat: np.sum(residual(y, yhat) ** 2) / max(np.size(y) - 1, 1),
        hint="Which average does the empirical risk take? Nothing was estimated here."),
), alternatives=(right("norm squared", lambda y, yhat: np.linalg.norm(residual(y, yhat)) ** 2 / np.size(y)),))


# --- E01.2 population_risk ---
def draw_population(g, d):
    A = g.normal(size=(d, d))
    return g.normal(size=d), g.normal(), g.normal(size=d), A @ A.T, g.normal(size=d), g.normal(), g.normal() ** 2


WIDTHS = strata(draw_population, (3,), (2,), (5,), (1,))

MC = ([0.5, -1.0], 0.25, [1.0, -0.5], [[1.0, 0.0], [0.0, 1.0]], [1.0, 2.0], -0.5, 1.0)
DRAWS = 400_000


@functools.cache
def mc_average():
    """Average of a bounded loss and its bound: x uniform on the shifted {-1, 1}^2, the noise a fair sign."""
    w, b, mu, _, beta, beta0, _ = (np.asarray(a, f64) for a in MC)
    g = np.random.default_rng(20240)
    x = mu + g.choice([-1.0, 1.0], size=(DRAWS, 2))
    loss = (x @ beta + beta0 + g.choice([-1.0, 1.0], size=DRAWS) - x @ w - b) ** 2
    return loss.mean(), (np.abs(beta - w).sum() + abs((beta - w) @ mu + beta0 - b) + 1.0) ** 2


def mc_law(args, got, want):
    """Hoeffding at 1e-10."""
    average, largest = mc_average()
    off = abs(got[0] - average) > hoeffding_halfwidth(DRAWS, largest, 1e-10)
    return Broken(f"is {got[0]:.6g}, but the average loss over 400,000 draws is {average:.6g}") if off else None


def linear(w, b, mu, Sigma, beta, beta0, sigma2):
    """Validated pieces: D, bias, Sigma, mu, sigma2."""
    risks.population_risk(w, b, mu, Sigma, beta, beta0, sigma2)
    D, mu = np.asarray(beta, f64) - np.asarray(w, f64), np.asarray(mu, f64)
    return D, D @ mu + beta0 - b, np.asarray(Sigma, f64), mu, float(sigma2), beta0 - b


@right("population_risk", "second-moment form")
def second_moment_form(*args):
    D, _, S, mu, sigma2, shift = linear(*args)
    second = S + np.outer(mu, mu)
    return sigma2 + D @ second @ D + 2 * shift * (D @ mu) + shift**2


@right("population_risk", "variances and covariance")
def covariance_form(*args):
    _, bias, S, _, sigma2, _ = linear(*args)
    w, beta = np.asarray(args[0], f64), np.asarray(args[4], f64)
    return beta @ S @ beta + sigma2 + w @ S @ w - 2 * (beta @ S @ w) + bias**2


@wrong("population_risk", "forgets the irreducible noise",
       hint="Insert the true parameters: can the risk be zero when Y is noisy?")
def without_noise(*args):
    D, bias, S, *_ = linear(*args)
    return D @ S @ D + bias**2


@wrong("population_risk", "adds mean and intercept errors separately",
       hint="The two systematic errors can cancel: expand the square of their sum.")
def errors_apart(*args):
    D, _, S, mu, sigma2, shift = linear(*args)
    return sigma2 + D @ S @ D + (D @ mu) ** 2 + shift**2


@wrong("population_risk", "uses the covariance as second moment",
       hint="Is E[x x^T] equal to Cov(x) when the mean is not zero?")
def covariance_as_moment(*args):
    D, _, S, _, sigma2, shift = linear(*args)
    return sigma2 + D @ S @ D + shift**2


@wrong("population_risk", "reads Sigma as E[x x^T]", hint="Is E[x x^T] equal to Cov(x) when the mean is not zero?")
def moment_for_covariance(*args):
    D, _, S, mu, sigma2, shift = linear(*args)
    return sigma2 + D @ S @ D + 2 * shift * (D @ mu) + shift**2


@wrong("population_risk", "adds mu mu^T twice", hint="Which term already contains the mean of x?")
def mean_twice(*args):
    D, bias, S, mu, sigma2, _ = linear(*args)
    return sigma2 + D @ (S + np.outer(mu, mu)) @ D + bias**2


@wrong("population_risk", "squares the noise variance", hint="In which unit is sigma2, and in which unit is the risk?")
def noise_squared(*args):
    D, bias, S, _, sigma2, _ = linear(*args)
    return sigma2**2 + D @ S @ D + bias**2


@wrong("population_risk", "adds the noise's standard deviation instead of its variance",
       hint="Is the argument a variance or a standard deviation?")
def noise_as_deviation(*args):
    D, bias, S, _, sigma2, _ = linear(*args)
    return np.sqrt(sigma2) + D @ S @ D + bias**2


POPULATION_RISK = Hidden("population_risk", reference=risks.population_risk, checks=(
    *usual_checks(WIDTHS, tolerance=Tolerance(1e-9, 1e-12)),
    Example(name="noiseless", title="allows a noise variance of 0", group="robustness",
        cases=((([1.0], 0.0, [0.0], [[1.0]], [3.0], 0.0, 0.0), 4.0),)),
    law("mc", "agrees with a simulated average (false alarm below 1e-10)", lambda rng: [MC], mc_law),
))


# --- E01.3 ols_fit ---
def draw_ols(g, n, d, low, high):
    X = g.normal(size=(n, d)) * g.uniform(0.2, 5, size=d) + 1.0
    return X * 10 ** g.uniform(low, high), g.normal(size=n) * 10 ** g.uniform(-8, 8)


DESIGNS = strata(draw_ols, (30, 2, -0.5, 0.5), (50, 3, -8, -4), (20, 4, 4, 8), (12, 1, -8, -4), (9, 2, 4, 8))


def draw_illcond(g):
    first = g.normal(size=50)
    return np.column_stack([first, first + 4e-3 * g.normal(size=50)]), g.normal(size=50)


def draw_tall(g):
    return g.normal(size=(50_000, 3)), g.normal(size=50_000)


def equiv_inputs(rng):
    g = rng("equiv")
    X, y = 0.1 * g.normal(size=(20, 3)), g.normal(size=20)
    return [(X, y), (X @ MIX, y), (X, -3.0 * y)]


MIX = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, -1.0], [1.0, 0.0, 3.0]])


def equiv_law(args, got, want):
    w, mixed, scaled = got
    if mismatch(mixed, np.linalg.solve(MIX, w), SOLVE):
        return Broken("does not transform with the columns of X: w(XA, y) = A^-1 w(X, y)")
    return Broken("does not scale with y: w(X, a y) = a w(X, y)") if mismatch(scaled, -3.0 * w, SOLVE) else None


def design(X, y):
    risks.ols_fit(X, y)
    return np.asarray(X, f64), np.asarray(y, f64)


@wrong("ols_fit", "adds an intercept column", hint="The model is w.x without a constant. Compare the residual sums.")
def with_intercept(X, y):
    X, y = design(X, y)
    return np.linalg.lstsq(np.column_stack([np.ones(len(y)), X]), y, rcond=None)[0][1:]


@wrong("ols_fit", "centres the data first", hint="Centring is the same as fitting an intercept. Is there one here?")
def centred(X, y):
    X, y = design(X, y)
    return np.linalg.lstsq(X - X.mean(0), y - y.mean(), rcond=None)[0]


@wrong("ols_fit", 'adds a ridge penalty "for stability"', hint="Rescale X by 1e-8: does your regulariser rescale too?")
def ridge(X, y):
    X, y = design(X, y)
    return np.linalg.solve(X.T @ X + 1e-6 * np.eye(X.shape[1]), X.T @ y)


@wrong("ols_fit", "stops gradient descent early",
       hint="Evaluate the gradient at your answer. Is it zero at every scale of X?")
def stopped_early(X, y):
    X, y = design(X, y)
    w = np.zeros(X.shape[1])
    for _ in range(2000):
        w = w - 0.01 * 2 / len(y) * (X.T @ (X @ w - y))
    return w


@wrong("ols_fit", "computes a full SVD with an n x n matrix U", hint="How many entries has U for n=200000?")
def full_svd(X, y):
    X, y = design(X, y)
    U, s, Vt = np.linalg.svd(X, full_matrices=True)
    return Vt.T @ ((U[:, : len(s)].T @ y) / s)


@wrong("ols_fit", "divides the normal equations by n on one side only",
       hint="Where does 1/n appear when you set the gradient to zero, and does it survive?")
def half_divided(X, y):
    X, y = design(X, y)
    return np.linalg.solve(X.T @ X / len(y), X.T @ y)


@right("ols_fit", "normal equations")
def normal_equations(X, y):
    X, y = design(X, y)
    return np.linalg.solve(X.T @ X, X.T @ y)


@right("ols_fit", "explicit inverse")
def explicit_inverse(X, y):
    X, y = design(X, y)
    return np.linalg.inv(X.T @ X) @ X.T @ y


@right("ols_fit", "QR")
def by_qr(X, y):
    Q, R = np.linalg.qr(design(X, y)[0])
    return np.linalg.solve(R, Q.T @ np.asarray(y, f64))


OLS_FIT = Hidden("ols_fit", reference=risks.ols_fit, checks=(
    *usual_checks(DESIGNS, tolerance=SOLVE),
    Example(name="square", title="fits as many weights as samples", group="robustness", tolerance=SOLVE,
        cases=((([[2.0, 0.0], [1.0, 1.0]], [4.0, 3.0]), np.array([2.0, 1.0])),)),
    matches("illcond", "stays accurate for a condition number of 500", draw_illcond, tolerance=SOLVE),
    law("equiv", "transforms with the columns of X and scales with y", equiv_inputs, equiv_law),
    fast_enough(draw_tall, "50,000 samples", tolerance=SOLVE),
), alternatives=(right("pinv", lambda X, y: np.linalg.pinv(design(X, y)[0]) @ np.asarray(y, f64)),))


# --- E01.4 running_risk ---
def draw_running(g, N):
    return g.normal(size=N), g.normal(size=N), g.permutation(np.append(g.integers(1, N + 1, size=8), N))


LENGTHS = strata(draw_running, (40,), (400,), (7,), (1,), (2,))


def draw_all_prefixes(g):
    return g.normal(size=200_000), g.normal(size=200_000), np.arange(1, 200_001)


def prefixes(y, yhat, ns):
    """Validated squared residuals and counts."""
    risks.running_risk(y, yhat, ns)
    return (np.asarray(y, f64) - np.asarray(yhat, f64)) ** 2, np.asarray(ns, f64).astype(int)


@wrong("running_risk", "sums the first n+1 values", hint="Which samples enter for n=1?")
def off_by_one(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    c = np.cumsum(r2)
    return np.append(c, c[-1])[ns] / ns


@wrong("running_risk", "sums the first n-1 losses", hint="Which samples enter for n=1?")
def one_too_few(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    return np.append(0.0, np.cumsum(r2))[ns - 1] / ns


@wrong("running_risk", "takes the loss of the n-th sample alone", hint="For n=2, which samples enter?")
def single_loss(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    return r2[ns - 1]


@wrong("running_risk", "always divides by N", hint="For n=1 the risk of one sample is its own squared error.")
def divides_by_all(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    return np.cumsum(r2)[ns - 1] / r2.size


@wrong("running_risk", "sums instead of means", hint="Duplicate every sample: should an average loss change?")
def sums(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    return np.cumsum(r2)[ns - 1]


@wrong("running_risk", "sorts ns", hint="Does entry j still belong to ns[j] when ns is not sorted?")
def sorts(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    ns = np.sort(ns)
    return np.cumsum(r2)[ns - 1] / ns


@wrong("running_risk", "recomputes every mean (quadratic time)",
       hint="How often is the first residual squared and added in your code?")
def quadratic(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    return np.array([np.mean(r2[:n]) for n in ns], f64)


@wrong("running_risk", "accepts n=0, which indexes from the end", hint="What does index -1 mean in Python?")
def accepts_zero(y, yhat, ns):
    y, yhat = checked(y, yhat)
    ns = np.asarray(ns, f64).astype(int)
    require(y.ndim == 1 and (ns.size == 0 or (ns.min() >= 0 and ns.max() <= y.size)), "ns")
    return np.cumsum((y - yhat) ** 2)[ns - 1] / ns


@right("running_risk", "running loop")
def running_loop(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    totals, total = [], 0.0
    for value in r2.tolist():
        total += value
        totals.append(total)
    return np.array([totals[n - 1] / n for n in ns.tolist()], f64)


RUNNING_RISK = Hidden("running_risk", reference=risks.running_risk, checks=(
    *usual_checks(LENGTHS, tolerance=SUMS),
    fast_enough(draw_all_prefixes, "200,000 samples and all their prefixes", tolerance=SUMS),
))


# --- E01.5 simulate_excess_risk ---
SETTINGS = ((12, 3, 2.3), (4, 3, 0.45))


def law_inputs(rng):
    return [(n, d, sigma2, 4000, Generator((20240, k))) for k, (n, d, sigma2) in enumerate(SETTINGS)]


def law_law(args, got, want):
    """DKW at 1e-10 each: a right solution fails with probability below 2e-10."""
    for at, ((n, d, sigma2, reps, _), sample) in enumerate(zip(args, got, strict=True)):
        if sample.shape != (reps,):
            return Broken("does not return an array of shape (reps,)", at)
        unit = sigma2 * d / (n - d + 1)
        if off := departure(np.asarray(sample), lambda e, n=n, d=d, unit=unit: special.fdtr(d, n - d + 1, e / unit), 1e-10):
            where = f"n = {n}, d = {d}, sigma2 = {sigma2}"
            return Broken(f"the replications do not follow the law sigma2 * d / (n - d + 1) * F(d, n - d + 1) for {where}: {off}", at)
    return None


def simulate(n, d, sigma2, reps, rng, one):
    """Check arguments, then ``one(X, y)`` on ``reps`` fresh samples at once."""
    require(d >= 1 and n >= d + 1 and reps >= 1 and sigma2 >= 0, "arguments")
    X = rng.normal(size=(reps, n, d))
    return one(X, X.sum(2) + math.sqrt(sigma2) * rng.normal(size=(reps, n)))


def fit(X, y):
    Xt = np.swapaxes(X, -1, -2)
    return np.linalg.solve(Xt @ X, Xt @ y[..., None])[..., 0]


def distance(X, y):
    return np.sum((fit(X, y) - 1.0) ** 2, axis=-1)


@wrong("simulate_excess_risk", "measures the training error",
       hint="The training residuals are smaller than the noise. Which distribution is the risk taken over?")
def training_error(n, d, sigma2, reps, rng):
    return simulate(n, d, sigma2, reps, rng, lambda X, y: np.mean(((X @ fit(X, y)[..., None])[..., 0] - y) ** 2, axis=1))


@wrong("simulate_excess_risk", "draws one design X for all replications",
       hint="Is X random in the definition? Try n = d+1, where the design matters most.")
def one_design(n, d, sigma2, reps, rng):
    require(d >= 1 and n >= d + 1 and reps >= 1 and sigma2 >= 0, "arguments")
    X = rng.normal(size=(n, d))
    return distance(X, X.sum(1) + math.sqrt(sigma2) * rng.normal(size=(reps, n)))


@wrong("simulate_excess_risk", "uses sigma2 as the standard deviation",
       hint="Check the sample variance of your noise for sigma2=4.")
def variance_as_deviation(n, d, sigma2, reps, rng):
    require(sigma2 >= 0, "sigma2")
    return simulate(n, d, sigma2**2, reps, rng, distance)


@wrong("simulate_excess_risk", "draws from NumPy's global generator",
       hint="Who decides about the random numbers, you or the caller?")
def global_random(n, d, sigma2, reps, rng):
    return simulate(n, d, sigma2, reps, np.random, distance)


@wrong("simulate_excess_risk", "returns the risk instead of the excess risk", hint="What remains at the true weights?")
def not_excess(n, d, sigma2, reps, rng):
    return simulate(n, d, sigma2, reps, rng, lambda X, y: sigma2 + distance(X, y))


@wrong("simulate_excess_risk", "estimates the excess risk on test points",
       hint="The mean over x ~ N(0, I) of (x.(w_hat - 1))^2 is a formula. What does drawing x add to it?")
def on_test_points(n, d, sigma2, reps, rng):
    def measured(X, y):
        return np.array([np.mean((rng.normal(size=(1000, d)) @ (w - 1.0)) ** 2) for w in fit(X, y)])

    return simulate(n, d, sigma2, reps, rng, measured)


@right("simulate_excess_risk", "batched normal equations")
def batched_normal_equations(n, d, sigma2, reps, rng):
    require(d >= 1 and n >= d + 1 and reps >= 1 and sigma2 >= 0, "arguments")
    X = rng.normal(size=(reps, n, d))
    e = math.sqrt(sigma2) * rng.normal(size=(reps, n))
    Xt = X.transpose(0, 2, 1)
    error = np.linalg.solve(Xt @ X, Xt @ e[..., None])[..., 0]
    return (error**2).sum(1)


SIMULATE = Hidden("simulate_excess_risk", reference=risks.simulate_excess_risk, checks=(
    Example(name="least", title="takes one weight, two samples and one replication", group="robustness",
        cases=(((2, 1, 0.0, 1, Generator((0,))), np.zeros(1)),)),
    law("law", "follows the exact law (false alarm below 2e-10)", law_inputs, law_law, group="value"),
    fresh_draws(lambda reps, rng: (8, 2, 1.0, reps, rng)),
), misconceptions=(
    wrong("averages over coordinates instead of adding their squares",
        lambda *a: simulate(*a, lambda X, y: np.mean((fit(X, y) - 1.0) ** 2, axis=1)),
        hint="E[(x.(w-w*))^2] for x~N(0,I): which function of w-w* is it?"),
))
