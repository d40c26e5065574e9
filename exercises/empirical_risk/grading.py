"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import functools
import math

import numpy as np
from scipy import special

from autograder.checks import (
    Alternative,
    Example,
    Generator,
    Misconception,
    Secret,
    Tolerance,
    err,
    fresh_draws,
    law,
    matches,
    mismatch,
    perf,
    standard,
)
from autograder.checks.statistics import dkw_violation, hoeffding_halfwidth
from autograder.symbolic import MisconceptionForm, Question, Symbol
from reference import risks
from reference._arrays import require

f64 = np.float64
SUMS = Tolerance(1e-9)  # naive summation loses n * eps
SOLVE = Tolerance(1e-6, mode="norm")  # normal equations lose cond**2 * eps = 2e-10 times a modest constant


# --- E01.1 mse ---


def draw_mse(g):
    n = int(g.choice([1, 2, 7, 100, 1000]))
    scale = 10 ** g.uniform(-12, 12)
    return scale * g.normal(size=n), scale * g.normal(size=n)


def draw_offset(g):
    y = 1e8 + g.normal(size=500)
    return y, y + g.normal(size=500)


def draw_uint8(g):
    return np.array([0, 255], np.uint8), np.array([255, 0], np.uint8)


def draw_million(g):
    return g.normal(size=1_000_000), g.normal(size=1_000_000)


def checked(y_true, y_pred):
    """Validated float64 arguments: what the wrong answers below share with the right one."""
    y_true, y_pred = np.asarray(y_true, f64), np.asarray(y_pred, f64)
    require(y_true.shape == y_pred.shape and y_true.size > 0, "shapes")
    return y_true, y_pred


def residual(y_true, y_pred):
    y_true, y_pred = checked(y_true, y_pred)
    return y_true - y_pred


def mse_expanded(y_true, y_pred):
    y, yhat = checked(y_true, y_pred)
    return np.mean(y * y) - 2 * np.mean(y * yhat) + np.mean(yhat * yhat)


def mse_input_dtype(y_true, y_pred):
    checked(y_true, y_pred)
    r = np.asarray(y_true) - np.asarray(y_pred)
    return float(np.mean(r * r))


def mse_broadcasting(y_true, y_pred):
    y, yhat = np.asarray(y_true, f64), np.asarray(y_pred, f64)
    require(y.size == yhat.size and y.size > 0, "sizes")
    return np.mean((y - yhat) ** 2)


def mse_loop(y_true, y_pred):
    y, yhat = checked(y_true, y_pred)
    total = 0.0
    for a, b in zip(y.ravel().tolist(), yhat.ravel().tolist(), strict=True):
        total += (a - b) ** 2
    return total / y.size


def mse_dot(y_true, y_pred):
    r = residual(y_true, y_pred).ravel()
    return np.asarray(r @ r / r.size)


MSE = Secret(
    reference=risks.mse,
    checks=(
        *standard(draw_mse, "rand", "mut", "list", "f32", "strided", tolerance=SUMS),
        err((np.zeros((3, 1)), np.zeros(3)), (np.zeros(3), 1.0)),
        matches("offset", "keeps six digits under a common offset of 1e8", draw_offset, tolerance=Tolerance(1e-6)),
        matches("uint8", "does not wrap around for unsigned integers", draw_uint8, tolerance=SUMS),
        perf(draw_million, "a million samples", tolerance=SUMS),
    ),
    misconceptions=(
        Misconception(
            "1a", "sum instead of mean", lambda y, yhat: np.sum(residual(y, yhat) ** 2),
            "Duplicate every observation: should an average loss change?",
        ),
        Misconception(
            "1b", "factor 1/2 kept from the derivation", lambda y, yhat: 0.5 * np.mean(residual(y, yhat) ** 2),
            "Check the value for a single residual of 3.",
        ),
        Misconception(
            "1c", "RMSE returned", lambda y, yhat: np.sqrt(np.mean(residual(y, yhat) ** 2)),
            "What are the units of your result, and of a squared error?",
        ),
        Misconception(
            "1d", "unbiased-variance divisor n-1",
            lambda y, yhat: np.sum(residual(y, yhat) ** 2) / max(np.size(y) - 1, 1),
            "Which average does the empirical risk take? Nothing was estimated here.",
        ),
        Misconception(
            "1e", "expanded square", mse_expanded,
            "Try y near 1e8: how many digits are left after subtracting numbers of size 1e16?",
        ),
        Misconception(
            "1f", "subtracts in the input dtype", mse_input_dtype,
            "What is 0-255 for 8-bit unsigned integers? And how many digits has float32?",
        ),
        Misconception(
            "1g", "silent broadcasting of (n,1) against (n,)", mse_broadcasting,
            "Look at the shape of y-yhat when one of them is a column.",
        ),
    ),
    alternatives=(
        Alternative("python loop", mse_loop),
        Alternative("dot product, 0-d result", mse_dot),
        Alternative("norm squared", lambda y, yhat: np.linalg.norm(residual(y, yhat)) ** 2 / np.size(y)),
    ),
)  # fmt: skip


# --- E01.2 population_risk ---


def draw_population(g):
    d = int(g.integers(1, 6))
    A = g.normal(size=(d, d))
    return g.normal(size=d), g.normal(), g.normal(size=d), A @ A.T, g.normal(size=d), g.normal(), g.normal() ** 2


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
    return "differs from the average loss over 400,000 draws" if off else None


def linear(w, b, mu, Sigma, beta, beta0, sigma2):
    """Validated pieces: D, bias, Sigma, mu, sigma2."""
    risks.population_risk(w, b, mu, Sigma, beta, beta0, sigma2)
    D, mu = np.asarray(beta, f64) - np.asarray(w, f64), np.asarray(mu, f64)
    return D, D @ mu + beta0 - b, np.asarray(Sigma, f64), mu, float(sigma2), beta0 - b


def second_moment_form(*args):
    D, _, S, mu, sigma2, shift = linear(*args)
    second = S + np.outer(mu, mu)
    return sigma2 + D @ second @ D + 2 * shift * (D @ mu) + shift**2


def covariance_form(*args):
    _, bias, S, _, sigma2, _ = linear(*args)
    w, beta = np.asarray(args[0], f64), np.asarray(args[4], f64)
    return beta @ S @ beta + sigma2 + w @ S @ w - 2 * (beta @ S @ w) + bias**2


def without_noise(*args):
    D, bias, S, *_ = linear(*args)
    return D @ S @ D + bias**2


def errors_apart(*args):
    D, _, S, mu, sigma2, shift = linear(*args)
    return sigma2 + D @ S @ D + (D @ mu) ** 2 + shift**2


def covariance_as_moment(*args):
    D, _, S, _, sigma2, shift = linear(*args)
    return sigma2 + D @ S @ D + shift**2


def mean_twice(*args):
    D, bias, S, mu, sigma2, _ = linear(*args)
    return sigma2 + D @ (S + np.outer(mu, mu)) @ D + bias**2


def noise_as_deviation(*args):
    D, bias, S, _, sigma2, _ = linear(*args)
    return np.sqrt(sigma2) + D @ S @ D + bias**2


POPULATION_RISK = Secret(
    reference=risks.population_risk,
    checks=(
        *standard(draw_population, "rand", "mut", "list", "f32", "strided", tolerance=Tolerance(1e-9, 1e-12)),
        err(
            ([1.0, 1.0], 0.0, [0.0, 0.0], [[1.0, 0.0]], [1.0, 1.0], 0.0, 1.0),
            ([[1.0], [1.0]], 0.0, [0.0, 0.0], np.eye(2), [1.0, 1.0], 0.0, 1.0),
            ([1.0, 1.0], 0.0, [0.0, 0.0], np.eye(2), [1.0], 0.0, 1.0),
        ),
        Example(
            name="noiseless", title="allows a noise variance of 0", group="robustness",
            cases=((([1.0], 0.0, [0.0], [[1.0]], [3.0], 0.0, 0.0), 4.0),),
        ),
        law("mc", "agrees with a simulated average (false alarm below 1e-10)", lambda rng: [MC], mc_law),
    ),
    misconceptions=(
        Misconception(
            "2a", "forgets the irreducible noise", without_noise,
            "Insert the true parameters: can the risk be zero when Y is noisy?",
        ),
        Misconception(
            "2b", "adds mean and intercept errors separately", errors_apart,
            "The two systematic errors can cancel: expand the square of their sum.",
        ),
        Misconception(
            "2c", "uses the covariance as second moment", covariance_as_moment,
            "Is E[x x^T] equal to Cov(x) when the mean is not zero?",
        ),
        Misconception(
            "2d", "adds mu mu^T twice", mean_twice, "Which term already contains the mean of x?",
        ),
        Misconception(
            "2e", "noise enters as standard deviation", noise_as_deviation,
            "Is the argument a variance or a standard deviation?",
        ),
    ),
    alternatives=(
        Alternative("second-moment form", second_moment_form),
        Alternative("variances and covariance", covariance_form),
    ),
)  # fmt: skip


# --- E01.3 ols_fit ---


def draw_ols(g):
    n, d = int(g.integers(8, 60)), int(g.integers(1, 5))
    X = g.normal(size=(n, d)) * g.uniform(0.2, 5, size=d) + 1.0
    return X * 10 ** g.uniform(-8, 8), g.normal(size=n) * 10 ** g.uniform(-8, 8)


def draw_illcond(g):
    first = g.normal(size=50)
    return np.column_stack([first, first + 4e-3 * g.normal(size=50)]), g.normal(size=50)


def draw_tall(g):
    return g.normal(size=(200_000, 3)), g.normal(size=200_000)


def equiv_inputs(rng):
    g = rng(601)
    X, y = g.normal(size=(20, 3)), g.normal(size=20)
    return [(X, y), (X @ MIX, y), (X, -3.0 * y)]


MIX = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, -1.0], [1.0, 0.0, 3.0]])


def equiv_law(args, got, want):
    w, mixed, scaled = got
    if mismatch(mixed, np.linalg.solve(MIX, w), SOLVE):
        return "does not transform with the columns of X: w(XA, y) = A^-1 w(X, y)"
    return "does not scale with y: w(X, a y) = a w(X, y)" if mismatch(scaled, -3.0 * w, SOLVE) else None


def design(X, y):
    risks.ols_fit(X, y)
    return np.asarray(X, f64), np.asarray(y, f64)


def with_intercept(X, y):
    X, y = design(X, y)
    return np.linalg.lstsq(np.column_stack([np.ones(len(y)), X]), y, rcond=None)[0][1:]


def centred(X, y):
    X, y = design(X, y)
    return np.linalg.lstsq(X - X.mean(0), y - y.mean(), rcond=None)[0]


def ridge(X, y):
    X, y = design(X, y)
    return np.linalg.solve(X.T @ X + 1e-6 * np.eye(X.shape[1]), X.T @ y)


def stopped_early(X, y):
    X, y = design(X, y)
    w = np.zeros(X.shape[1])
    for _ in range(2000):
        w = w - 0.01 * 2 / len(y) * (X.T @ (X @ w - y))
    return w


def full_svd(X, y):
    X, y = design(X, y)
    U, s, Vt = np.linalg.svd(X, full_matrices=True)
    return Vt.T @ ((U[:, : len(s)].T @ y) / s)


def half_divided(X, y):
    X, y = design(X, y)
    return np.linalg.solve(X.T @ X / len(y), X.T @ y)


def normal_equations(X, y):
    X, y = design(X, y)
    return np.linalg.solve(X.T @ X, X.T @ y)


def explicit_inverse(X, y):
    X, y = design(X, y)
    return np.linalg.inv(X.T @ X) @ X.T @ y


def by_qr(X, y):
    Q, R = np.linalg.qr(design(X, y)[0])
    return np.linalg.solve(R, Q.T @ np.asarray(y, f64))


OLS_FIT = Secret(
    reference=risks.ols_fit,
    checks=(
        *standard(draw_ols, "rand", "mut", "list", "f32", "strided", tolerance=SOLVE),
        err(([[1.0, 2.0, 3.0]], [1.0]), ([[1.0], [2.0]], [[1.0], [2.0]])),
        Example(
            name="square", title="fits as many weights as samples", group="robustness", tolerance=SOLVE,
            cases=((([[2.0, 0.0], [1.0, 1.0]], [4.0, 3.0]), np.array([2.0, 1.0])),),
        ),
        matches("illcond", "stays accurate for a condition number of 500", draw_illcond, tolerance=SOLVE),
        law("equiv", "transforms with the columns of X and scales with y", equiv_inputs, equiv_law),
        perf(draw_tall, "200,000 samples", gibibytes=10, tolerance=SOLVE),
    ),
    misconceptions=(
        Misconception(
            "3a", "adds an intercept column", with_intercept,
            "The model is w.x without a constant. Compare the residual sums.",
        ),
        Misconception(
            "3b", "centres the data first", centred,
            "Centring is the same as fitting an intercept. Is there one here?",
        ),
        Misconception(
            "3c", 'ridge "for stability"', ridge, "Rescale X by 1e-8: does your regulariser rescale too?",
        ),
        Misconception(
            "3d", "gradient descent stopped early", stopped_early,
            "Evaluate the gradient at your answer. Is it zero at every scale of X?",
        ),
        Misconception(
            "3e", "full SVD (n x n matrix U)", full_svd, "How many entries has U for n=200000?",
        ),
        Misconception(
            "3f", "divides the normal equations by n on one side only", half_divided,
            "Where does 1/n appear when you set the gradient to zero, and does it survive?",
        ),
    ),
    alternatives=(
        Alternative("normal equations", normal_equations),
        Alternative("pinv", lambda X, y: np.linalg.pinv(design(X, y)[0]) @ np.asarray(y, f64)),
        Alternative("QR", by_qr),
        Alternative("explicit inverse", explicit_inverse),
    ),
)  # fmt: skip


# --- E01.4 running_risk ---


def draw_running(g):
    N = int(g.integers(1, 400))
    return g.normal(size=N), g.normal(size=N), g.integers(1, N + 1, size=9)


def draw_all_prefixes(g):
    return g.normal(size=1_000_000), g.normal(size=1_000_000), np.arange(1, 1_000_001)


def prefixes(y, yhat, ns):
    """Validated squared residuals and counts."""
    risks.running_risk(y, yhat, ns)
    return (np.asarray(y, f64) - np.asarray(yhat, f64)) ** 2, np.asarray(ns, f64).astype(int)


def off_by_one(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    c = np.cumsum(r2)
    return np.append(c, c[-1])[ns] / ns


def divides_by_all(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    return np.cumsum(r2)[ns - 1] / r2.size


def sorts(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    ns = np.sort(ns)
    return np.cumsum(r2)[ns - 1] / ns


def quadratic(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    return np.array([np.mean(r2[:n]) for n in ns], f64)


def accepts_zero(y, yhat, ns):
    y, yhat = checked(y, yhat)
    ns = np.asarray(ns, f64).astype(int)
    require(y.ndim == 1 and (ns.size == 0 or (ns.min() >= 0 and ns.max() <= y.size)), "ns")
    return np.cumsum((y - yhat) ** 2)[ns - 1] / ns


def running_loop(y, yhat, ns):
    r2, ns = prefixes(y, yhat, ns)
    totals, total = [], 0.0
    for value in r2.tolist():
        total += value
        totals.append(total)
    return np.array([totals[n - 1] / n for n in ns.tolist()], f64)


RUNNING_RISK = Secret(
    reference=risks.running_risk,
    checks=(
        *standard(draw_running, "rand", "mut", "list", "f32", "strided", tolerance=SUMS),
        err(
            ([1.0, 2.0], [0.0, 0.0], [3]), ([], [], []), ([1.0, 2.0], [0.0, 0.0], [1, 0]),
            ([[1.0]], [[0.0]], [1]), ([1.0, 2.0], [0.0, 0.0], [[1], [2]]),
        ),
        perf(draw_all_prefixes, "a million prefixes", cpu_seconds=5, tolerance=SUMS),
    ),
    misconceptions=(
        Misconception(
            "4a", "index off by one (sum of first n+1)", off_by_one, "Which samples enter for n=1?",
        ),
        Misconception(
            "4b", "always divides by N", divides_by_all,
            "For n=1 the risk of one sample is its own squared error.",
        ),
        Misconception("4c", "sorts ns", sorts, "Does entry j still belong to ns[j] when ns is not sorted?"),
        Misconception(
            "4d", "recomputes every mean (quadratic time)", quadratic,
            "How often is the first residual squared and added in your code?",
        ),
        Misconception(
            "4e", "accepts n=0 through negative indexing", accepts_zero, "What does index -1 mean in Python?",
        ),
    ),
    alternatives=(Alternative("running loop", running_loop),),
)  # fmt: skip


# --- E01.5 simulate_excess_risk ---

SETTINGS = ((12, 3, 2.0), (4, 3, 0.5))


def law_inputs(rng):
    return [(n, d, sigma2, 4000, Generator((20240, k))) for k, (n, d, sigma2) in enumerate(SETTINGS)]


def law_law(args, got, want):
    """DKW at 1e-10 each: a right solution fails with probability below 2e-10."""
    for (n, d, sigma2, reps, _), sample in zip(args, got, strict=True):
        if sample.shape != (reps,):
            return "does not return an array of shape (reps,)"
        scaled = np.asarray(sample) * (n - d + 1) / (sigma2 * d)
        if dkw_violation(scaled, functools.partial(special.fdtr, d, n - d + 1), 1e-10):
            return "the replications do not follow the law sigma2 * d / (n - d + 1) * F(d, n - d + 1)"
    return None


def simulate(n, d, sigma2, reps, rng, one):
    """Check arguments, then ``reps`` times ``one(X, y)`` on a fresh sample."""
    require(d >= 1 and n >= d + 1 and reps >= 1 and sigma2 >= 0, "arguments")
    out = np.empty(reps)
    for k in range(reps):
        X = rng.normal(size=(n, d))
        out[k] = one(X, X.sum(1) + math.sqrt(sigma2) * rng.normal(size=n))
    return out


def fit(X, y):
    return np.linalg.lstsq(X, y, rcond=None)[0]


def training_error(n, d, sigma2, reps, rng):
    return simulate(n, d, sigma2, reps, rng, lambda X, y: np.mean((X @ fit(X, y) - y) ** 2))


def one_design(n, d, sigma2, reps, rng):
    require(d >= 1 and n >= d + 1 and reps >= 1 and sigma2 >= 0, "arguments")
    X = rng.normal(size=(n, d))
    return np.array([np.sum((fit(X, X.sum(1) + math.sqrt(sigma2) * rng.normal(size=n)) - 1) ** 2) for _ in range(reps)])


def variance_as_deviation(n, d, sigma2, reps, rng):
    require(sigma2 >= 0, "sigma2")
    return simulate(n, d, sigma2**2, reps, rng, lambda X, y: np.sum((fit(X, y) - 1.0) ** 2))


def global_random(n, d, sigma2, reps, rng):
    return simulate(n, d, sigma2, reps, np.random, lambda X, y: np.sum((fit(X, y) - 1.0) ** 2))


def not_excess(n, d, sigma2, reps, rng):
    return simulate(n, d, sigma2, reps, rng, lambda X, y: sigma2 + np.sum((fit(X, y) - 1.0) ** 2))


def batched_normal_equations(n, d, sigma2, reps, rng):
    require(d >= 1 and n >= d + 1 and reps >= 1 and sigma2 >= 0, "arguments")
    X = rng.normal(size=(reps, n, d))
    e = math.sqrt(sigma2) * rng.normal(size=(reps, n))
    Xt = X.transpose(0, 2, 1)
    error = np.linalg.solve(Xt @ X, Xt @ e[..., None])[..., 0]
    return (error**2).sum(1)


SIMULATE = Secret(
    reference=risks.simulate_excess_risk,
    checks=(
        err((5, 2, -1.0, 10, Generator((0,))), (5, 2, 1.0, 0, Generator((0,)))),
        Example(
            name="least", title="takes one weight, two samples and one replication", group="robustness",
            cases=(((2, 1, 0.0, 1, Generator((0,))), np.zeros(1)),),
        ),
        law("law", "follows the exact law (false alarm below 2e-10)", law_inputs, law_law, group="value"),
        fresh_draws(lambda reps, rng: (8, 2, 1.0, reps, rng)),
    ),
    misconceptions=(
        Misconception(
            "5a", "training error instead of population excess risk", training_error,
            "The training residuals are smaller than the noise. Which distribution is the risk taken over?",
        ),
        Misconception(
            "5b", "one design X for all replications", one_design,
            "Is X random in the definition? Try n = d+1, where the design matters most.",
        ),
        Misconception(
            "5c", "sigma2 used as standard deviation", variance_as_deviation,
            "Check the sample variance of your noise for sigma2=4.",
        ),
        Misconception(
            "5d", "mean over coordinates instead of the squared norm",
            lambda *a: simulate(*a, lambda X, y: np.mean((fit(X, y) - 1.0) ** 2)),
            "E[(x.(w-w*))^2] for x~N(0,I): which function of w-w* is it?",
        ),
        Misconception(
            "5e", "ignores rng (global numpy random)", global_random,
            "Who decides about the random numbers, you or the caller?",
        ),
        Misconception("5f", "risk instead of excess risk", not_excess, "What remains at the true weights?"),
    ),
    alternatives=(Alternative("batched normal equations", batched_normal_equations),),
)  # fmt: skip

# --- E01.6 sym_ols_gradient ---


SYM_OLS_GRADIENT = Question(
    id="sym_ols_gradient",
    truth="2/n*X.T@(X@w-y)",
    symbols=(Symbol("X", ("n", "d")), Symbol("w", ("d",)), Symbol("y", ("n",))),
    shape=("d",),
    index=("j",),
    loss="1/n*Sum((Sum(X[i,l]*w[l], l) - y[i])**2, i)",
    wrt="w[j]",
    convention="mean over the n samples, no 1/2",
    equivalents=(
        "2*(X.T@X@w - X.T@y)/n",
        "2/n*(X@w-y)@X",
    ),
    misconceptions=(
        MisconceptionForm(
            "6a",
            "sign of the residual",
            "2/n*X.T@(y-X@w)",
            "In which direction does the loss grow when all predictions are too large?",
        ),
        MisconceptionForm("6b", "factor 2 lost", "1/n*X.T@(X@w-y)", "Differentiate r^2 for one sample."),
        MisconceptionForm(
            "6c", "1/n lost", "2*X.T@(X@w-y)", "Duplicate the data set: does the gradient of a mean double?"
        ),
        MisconceptionForm(
            "6d",
            "X not transposed (shape)",
            "2/n*(X@w-y)@X.T",
            "Write the shape of every factor; the answer has one entry per weight.",
        ),
    ),
    level="general",
)


GRADING = {
    "mse": MSE,
    "population_risk": POPULATION_RISK,
    "ols_fit": OLS_FIT,
    "running_risk": RUNNING_RISK,
    "simulate_excess_risk": SIMULATE,
    "sym_ols_gradient": SYM_OLS_GRADIENT,
}

EQUIVALENT_MUTANTS = (
    ("the squared difference is symmetric", ("mse: as_float(y_true, y_pred) -> as_float(y_pred, y_true)",)),
    (
        "the exercise does not say what holds for an empty w",
        (
            "population_risk: w.ndim == 1 and d > 0 -> w.ndim == 1",
            "population_risk: d > 0 -> d >= 0",
        ),
    ),
    ("Sigma is symmetric", ("population_risk: Sigma @ D -> D @ Sigma",)),
    (
        "the next line or the solver raises ValueError itself",
        (
            "ols_fit: X.ndim == 2 and y.ndim == 1 -> y.ndim == 1",
            'ols_fit: require(y.shape[0] == n, f"X has {n} rows, y has {y.shape[0]} entries") -> pass',
            'ols_fit: require(n >= d >= 1, f"at least as many samples as weights are needed, got n={n}, d={d}") -> pass',
        ),
    ),
    (
        "the exercise does not say what holds without columns",
        ('ols_fit: require(n >= d >= 1, f"at least as many samples as weights are needed, got n={n}, d={d}"): 1 -> 0',),
    ),
    (
        "the cumulative sum of a matrix raises ValueError itself",
        ("running_risk: y_true.ndim == 1 and counts.ndim == 1 -> counts.ndim == 1",),
    ),
    ("no prefixes give an empty result on the long way too", ("running_risk: if counts.size == 0 -> if False",)),
    ("calls by students leave out xp", ("simulate_excess_risk: namespace() if xp is None else xp -> namespace()",)),
)
