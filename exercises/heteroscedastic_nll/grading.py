"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math
from functools import lru_cache

import numpy as np
from scipy import optimize, special, stats

from autograder.checks import Alternative, Example, Misconception, Secret, Tolerance, err, law, mismatch, perf, standard
from autograder.checks.numeric import central_difference
from autograder.checks.statistics import binomial_violation
from autograder.symbolic import MisconceptionForm, Question, Symbol
from reference import likelihoods
from reference._arrays import require

f64 = np.float64
SUMS = Tolerance(1e-9, 1e-12)
LOG2PI = math.log(2 * math.pi)


def standardised(y_true, mu, logvar):
    """Validated: standardised residual u, log-variance s, root precision e."""
    likelihoods.gaussian_nll(y_true, mu, logvar)
    y, mu, s = (np.asarray(a, f64) for a in (y_true, mu, logvar))
    e = np.exp(-0.5 * s)
    return (y - mu) * e, s, e


def plain_residual(y_true, mu, logvar):
    """Validated: residual r, log-variance s."""
    _, s, _ = standardised(y_true, mu, logvar)
    return np.asarray(y_true, f64) - np.asarray(mu, f64), s


# --- E10.1 gaussian_nll ---


def draw_entries(g):
    n = int(g.integers(1, 50))
    return g.normal(size=n), g.normal(size=n), 2 * g.normal(size=n)


def draw_million(g):
    return g.normal(size=1_000_000), g.normal(size=1_000_000), g.normal(size=1_000_000)


# arguments (y, mu, s) of which only the term exists, and the two factors of that term multiplied in the exponent
HUGE, TINY = math.exp(400 * math.log(10) - 900), math.exp(900 - 400 * math.log(10))
EDGES = (
    ([0.0], [0.0], [1400.0]),
    ([0.0], [0.0], [-1400.0]),
    ([1e-200], [0.0], [-900.0]),
    ([1e200], [0.0], [900.0]),
)


def extreme(*values):
    return Example(
        name="extreme", title="is right where only the product of the factors exists", group="robustness",
        cases=tuple(zip(EDGES, values, strict=True)), tolerance=Tolerance(1e-9),
    )  # fmt: skip


def logpdf_inputs(rng):
    g = rng(601)
    return [(g.normal(size=20), g.normal(size=20), g.normal(size=20))]


def logpdf_law(args, got, want):
    y, mu, s = args[0]
    right = -np.mean(stats.norm.logpdf(y, mu, np.exp(s / 2)))
    return "is not the mean of the negative normal log-densities" if mismatch(got[0], right, SUMS) else None


def nll(of_entries):
    return lambda *a: of_entries(*standardised(*a))


def formed_separately(y_true, mu, logvar):
    r, s = plain_residual(y_true, mu, logvar)
    return 0.5 * np.mean(LOG2PI + s + r**2 * np.exp(-s))


def exponent_form(y_true, mu, logvar):
    r, s = plain_residual(y_true, mu, logvar)
    with np.errstate(divide="ignore"):
        return 0.5 * np.mean(LOG2PI + s + np.exp(2 * np.log(np.abs(r)) - s))


def by_scipy(y_true, mu, logvar):
    _, s, _ = standardised(y_true, mu, logvar)
    return -np.mean(stats.norm.logpdf(np.asarray(y_true, f64), np.asarray(mu, f64), np.exp(s / 2)))


NLL = Secret(
    reference=likelihoods.gaussian_nll,
    checks=(
        *standard(draw_entries, "rand", "mut", "list", "f32", "strided", tolerance=SUMS),
        err(([1.0], [1.0], [[0.0]])),
        extreme((LOG2PI + 1400) / 2, (LOG2PI - 1400) / 2, (LOG2PI - 900 + TINY) / 2, (LOG2PI + 900 + HUGE) / 2),
        law("logpdf", "agrees with normal log-densities", logpdf_inputs, logpdf_law),
        perf(draw_million, "a million entries", tolerance=SUMS),
    ),
    misconceptions=(
        Misconception(
            "1a", "e^(-s) and (y-mu)^2 formed separately", formed_separately,
            "What is 0 times e^1400 in floating point? Standardise before squaring.",
        ),
        Misconception(
            "1b", "constant dropped", nll(lambda u, s, e: 0.5 * np.mean(s + u * u)),
            "The value is asked for, not only the minimiser.",
        ),
        Misconception(
            "1c", "s taken as log sigma", nll(lambda u, s, e: 0.5 * np.mean(LOG2PI + s + (u * e) ** 2)),
            "s is the log of the variance.",
        ),
        Misconception(
            "1d", "log term missing", nll(lambda u, s, e: 0.5 * np.mean(LOG2PI + u * u)),
            "Without it, infinite variance is free.",
        ),
        Misconception(
            "1e", "1/2 missing in front of s", nll(lambda u, s, e: 0.5 * np.mean(LOG2PI + 2 * s + u * u)),
            "log sigma = s/2.",
        ),
        Misconception(
            "1f", "sum", nll(lambda u, s, e: 0.5 * np.sum(LOG2PI + s + u * u)), "Average over entries.",
        ),
    ),
    alternatives=(Alternative("exponent form", exponent_form), Alternative("scipy", by_scipy)),
)  # fmt: skip


# --- E10.2 nll_grads ---


def draw_tables(g):
    shape = tuple(int(k) for k in g.integers(1, 6, size=2))
    return g.normal(size=shape), g.normal(size=shape), 2 * g.normal(size=shape)


def fd_inputs(rng):
    g = rng(601)
    return [(g.normal(size=(3, 2)), g.normal(size=(3, 2)), g.normal(size=(3, 2)))]


def fd_law(args, got, want):
    y, mu, s = args[0]
    slopes = (
        central_difference(lambda m: likelihoods.gaussian_nll(y, m, s), mu),
        central_difference(lambda v: likelihoods.gaussian_nll(y, mu, v), s),
    )
    for name, gradient, slope in zip(("dmu", "dlogvar"), got[0], slopes, strict=True):
        if mismatch(gradient, slope, Tolerance(1e-6, mode="max")):
            return f"{name} is not the slope of the mean negative log-likelihood (central differences)"
    return None


SCALES = (1e-12, 1e12)


def scale_inputs(rng):
    g = rng(602)
    y, mu, s = g.normal(size=15), g.normal(size=15), g.normal(size=15)
    return [(y, mu, s), *((k * y, k * mu, s + 2 * math.log(k)) for k in SCALES)]


def scale_law(args, got, want):
    """The standardised residual cancels; 1e-9 relative to the largest entry covers the rounding of s."""
    dmu, ds = got[0]
    tolerance = Tolerance(1e-9, mode="max")
    for k, pair in zip(SCALES, got[1:], strict=True):
        if mismatch(pair[0], dmu / k, tolerance) or mismatch(pair[1], ds, tolerance):
            return f"a change of unit by {k:g} must divide dmu by it and leave dlogvar as it is"
    return None


def grads(of_entries):
    return lambda *a: of_entries(*standardised(*a))


def separate_grads(y_true, mu, logvar):
    r, s = plain_residual(y_true, mu, logvar)
    q = np.exp(-s)
    return -r * q / r.size, 0.5 * (1.0 - r**2 * q) / r.size


def unweighted(y_true, mu, logvar):
    u, _, _ = standardised(y_true, mu, logvar)
    r, _ = plain_residual(y_true, mu, logvar)
    return -r / u.size, 0.5 * (1.0 - u * u) / u.size


def log_form(y_true, mu, logvar):
    r, s = plain_residual(y_true, mu, logvar)
    with np.errstate(divide="ignore"):
        size = np.log(np.abs(r))
    return -np.sign(r) * np.exp(size - s) / r.size, 0.5 * (1 - np.exp(2 * size - s)) / r.size


GRADS = Secret(
    reference=likelihoods.nll_grads,
    checks=(
        *standard(draw_tables, "rand", "mut", "list", "f32", "strided", tolerance=SUMS),
        law("fd", "is the slope of the mean negative log-likelihood", fd_inputs, fd_law),
        law("scale", "follows a change of unit", scale_inputs, scale_law),
        extreme(
            (np.array([0.0]), np.array([0.5])),
            (np.array([0.0]), np.array([0.5])),
            (np.array([-math.exp(900 - 200 * math.log(10))]), np.array([0.5 * (1 - TINY)])),
            (np.array([-math.exp(200 * math.log(10) - 900)]), np.array([0.5 * (1 - HUGE)])),
        ),
    ),
    misconceptions=(
        Misconception(
            "2a", "sign of dmu", grads(lambda u, s, e: (u * e / u.size, 0.5 * (1.0 - u * u) / u.size)),
            "Raising mu towards y must lower the loss.",
        ),
        Misconception(
            "2b", "1/N missing", grads(lambda u, s, e: (-u * e, 0.5 * (1.0 - u * u))), "The NLL is a mean.",
        ),
        Misconception(
            "2c", "gradient for sigma^2 instead of its log",
            grads(lambda u, s, e: (-u * e / u.size, 0.5 * (1.0 - u * u) * np.exp(-s) / u.size)),
            "Chain rule from sigma^2 to s.",
        ),
        Misconception(
            "2d", "dmu not weighted by the precision (MSE gradient)", unweighted, "Which points should count more?",
        ),
        Misconception(
            "2e", "1/2 missing in ds", grads(lambda u, s, e: (-u * e / u.size, (1.0 - u * u) / u.size)),
            "Compare with finite differences.",
        ),
        Misconception("2f", "inf*0 at large |s|", separate_grads, "Test s=-1400 with y=mu."),
    ),
    alternatives=(Alternative("log form", log_form),),
)  # fmt: skip


# --- E10.3 homoscedastic_coverage ---


def draw_noise(g):
    n = int(g.integers(1, 20))
    return np.exp(g.normal(size=n)) * 10 ** g.uniform(-12, 12), g.uniform(0.05, 0.99)


def draw_noise_float32(g):
    n = int(g.integers(1, 20))
    return np.exp(g.normal(size=n)) * 10 ** g.uniform(-6, 6), g.uniform(0.05, 0.99)


def mc_inputs(rng):
    return [([0.5, 1.0, 2.0], 0.9)]


DRAWS = 200_000


@lru_cache(maxsize=1)
def drawn_inside(sigma, level):
    """How many draws lie inside the interval, per sigma: the same for all answers."""
    rng = np.random.default_rng(20240)
    half = stats.norm.ppf((1 + level) / 2) * math.sqrt(np.mean(np.square(sigma)))
    return [int(np.sum(np.abs(s * rng.standard_normal(DRAWS)) <= half)) for s in sigma]


def mc_law(args, got, want):
    """Exact binomial test of 200,000 draws per input at 1e-10 each: a right answer fails with probability 3e-10."""
    sigma, level = args[0]
    for s, inside, coverage in zip(sigma, drawn_inside(tuple(sigma), level), got[0], strict=True):
        if not 0 < coverage < 1 or binomial_violation(inside, DRAWS, float(coverage), 1e-10):
            return f"at sigma = {s:g} it differs from the share of {DRAWS:,} draws inside the interval"
    return None


def coverage(
    sigma, level, *,
    quantile=lambda level: stats.norm.ppf(0.5 * (1 + level)),
    pooled=lambda s: s.max() * np.sqrt(np.mean((s / s.max()) ** 2)),
    share=lambda z, bar, s: special.erf(z * bar / s / math.sqrt(2)),
):  # fmt: skip
    """The right coverage with one link to replace."""
    likelihoods.homoscedastic_coverage(sigma, level)
    s = np.asarray(sigma, f64)
    return share(quantile(level), pooled(s), s)


COVERAGE = Secret(
    reference=likelihoods.homoscedastic_coverage,
    checks=(
        *standard(draw_noise, "rand", "mut", "list", "strided"),
        *standard(draw_noise_float32, "f32"),
        err(([0.0, 1.0], 0.9), ([], 0.9), ([[1.0, 2.0]], 0.9)),
        law("mc", "agrees with simulated noise (false alarm below 1e-9)", mc_inputs, mc_law),
    ),
    misconceptions=(
        Misconception(
            "3a", "average of sigma instead of root mean square", lambda *a: coverage(*a, pooled=np.mean),
            "Which quantity does the residual mean square estimate?",
        ),
        Misconception(
            "3b", "one-sided quantile", lambda *a: coverage(*a, quantile=stats.norm.ppf),
            "Central interval: how much probability is left in each tail?",
        ),
        Misconception(
            "3c", "ratio inverted",
            lambda *a: coverage(*a, share=lambda z, bar, s: special.erf(z * s / bar / math.sqrt(2))),
            "Where the noise is small, is a fixed-width interval too wide or too narrow?",
        ),
        Misconception(
            "3d", "one-sided coverage", lambda *a: coverage(*a, share=lambda z, bar, s: stats.norm.cdf(z * bar / s)),
            "Two ends.",
        ),
        Misconception(
            "3e", "returns the level everywhere",
            lambda sigma, level: coverage(sigma, level, share=lambda z, bar, s: np.full(s.shape, float(level))),
            "That is the claim being tested.",
        ),
    ),
    alternatives=(
        Alternative(
            "cdf difference",
            lambda *a: coverage(*a, share=lambda z, bar, s: stats.norm.cdf(z * bar / s) - stats.norm.cdf(-z * bar / s)),
        ),
    ),
)  # fmt: skip


# --- E10.4 fit_heteroscedastic ---

NATS = 1e-7  # quadratic at the optimum: parameters within about 1e-3 standard errors times sqrt(n)
SAME_FIT = Tolerance(1e-3)  # two optimisers with the same mistake; right answers are judged by the likelihood


def draw_fit(g):
    n = int(g.integers(150, 400))
    x, (a, b, c, d) = g.uniform(-2, 2, size=n), g.normal(size=4)
    return x, (a + b * x + np.exp((c + d * x) / 2) * g.normal(size=n)) * 10 ** g.uniform(-6, 6)


def fit_nll(x, y, found):
    x, y, (a, b, c, d) = np.asarray(x, f64), np.asarray(y, f64), np.asarray(found, f64)
    s = c + d * x
    with np.errstate(over="ignore", invalid="ignore"):
        return 0.5 * float(np.mean(LOG2PI + s + ((y - a - b * x) * np.exp(-s / 2)) ** 2))


def near_optimum(args, got, want):
    gap = fit_nll(*args, got) - fit_nll(*args, want)
    return None if gap <= NATS else f"its mean negative log-likelihood is {gap:.3g} nats above the smallest one"


COLUMN = np.array([[1.0], [3.0], [2.0], [5.0], [4.0], [7.0]])

# two samples at each of two inputs: the means 1/2 and 3/2, the variances 1/4 and 9/4
TWO_INPUTS = Example(
    name="two_inputs", title="gives two inputs their means and variances", group="robustness",
    cases=((([0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 3.0]), np.array([0.5, 1.0, -math.log(4), math.log(9)])),),
    tolerance=SAME_FIT, accept=near_optimum,
)  # fmt: skip


def beats_inputs(rng):
    g = rng(601)
    x = g.uniform(-2, 2, size=300)
    return [(x, 1.0 - x + np.exp((0.5 + 1.5 * x) / 2) * g.normal(size=300))]


def beats_law(args, got, want):
    x, y = args[0]
    b, a = np.polyfit(x, y, 1)
    constant = [a, b, math.log(np.mean((y - a - b * x) ** 2)), 0.0]
    gain = fit_nll(x, y, constant) - fit_nll(x, y, got[0])
    return None if gain >= 0.05 else "is not better than a constant variance on data whose noise depends strongly on x"


def alternating(
    x, y, *,
    rounds=500, reweight=True, log_residuals=False,
    back=lambda w, t, k: [k * w[0], k * w[1], t[0] + 2 * math.log(k), t[1]],
):  # fmt: skip
    """Fit standardised targets by turns, mean and log-variance, with one link to replace."""
    likelihoods.fit_heteroscedastic(x, y)
    x, y = np.asarray(x, f64), np.asarray(y, f64)
    A, k = np.column_stack([np.ones_like(x), x]), y.std()
    z = y / k
    w = np.linalg.lstsq(A, z, rcond=None)[0]
    t = np.array([math.log(np.mean((z - A @ w) ** 2)), 0.0])
    if log_residuals:
        t = np.linalg.lstsq(A, np.log((z - A @ w) ** 2), rcond=None)[0]
    for _ in range(rounds):
        e = np.exp(-0.5 * (A @ t))
        if reweight:
            w = np.linalg.lstsq(A * e[:, None], z * e, rcond=None)[0]
        t = log_variance(A, (z - A @ w) ** 2, t, steps=1 if reweight else 100)
    return np.array(back(w, t, k))


def log_variance(A, square, t, steps):
    """Scoring steps for the log-variance at a fixed mean, each halved until the likelihood rises."""
    for _ in range(steps):
        step = np.linalg.lstsq(A, square * np.exp(-(A @ t)) - 1, rcond=None)[0]
        before = profile(A, square, t)
        while np.max(np.abs(step)) > 1e-9 and not profile(A, square, t + step) <= before:
            step = step / 2
        if np.max(np.abs(step)) <= 1e-9:
            return t
        t = t + step
    return t


def profile(A, square, t):
    with np.errstate(over="ignore"):
        return np.mean(A @ t + square * np.exp(-(A @ t)))


def one_pass(x, y):
    """The exact variance fit to the residuals of ordinary least squares, then one reweighting of the mean."""
    k = np.std(np.asarray(y, f64))
    a, b, c, d = alternating(x, y, rounds=1, reweight=False)
    x, y = np.asarray(x, f64), np.asarray(y, f64)
    A, e = np.column_stack([np.ones_like(x), x]), np.exp(-0.5 * (c - 2 * math.log(k) + d * x))
    w = np.linalg.lstsq(A * e[:, None], y * e, rcond=None)[0]
    return np.array([*w, c, d])


def by_bfgs(x, y):
    likelihoods.fit_heteroscedastic(x, y)
    x, y = np.asarray(x, f64), np.asarray(y, f64)
    centre, k = y.mean(), y.std()
    found = optimize.minimize(lambda p: fit_nll(x, (y - centre) / k, p), np.zeros(4), method="BFGS").x
    return np.array([k * found[0] + centre, k * found[1], found[2] + 2 * math.log(k), found[3]])


def by_nelder_mead(x, y):
    likelihoods.fit_heteroscedastic(x, y)
    x, y = np.asarray(x, f64), np.asarray(y, f64)
    centre, k, p = y.mean(), y.std(), np.zeros(4)
    for _ in range(4):
        p = optimize.minimize(
            lambda q: fit_nll(x, (y - centre) / k, q), p, method="Nelder-Mead",
            options={"xatol": 1e-7, "fatol": 1e-13, "maxiter": 2000},
        ).x  # fmt: skip
    return np.array([k * p[0] + centre, k * p[1], p[2] + 2 * math.log(k), p[3]])


FIT = Secret(
    reference=likelihoods.fit_heteroscedastic,
    checks=(
        *standard(
            draw_fit, "rand", "mut", "list", "strided", cases=8, tolerance=SAME_FIT, accept=near_optimum,
        ),
        err(
            ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0]),
            ([0.0, 1.0, 2.0], [0.0, 2.0, 1.0]),
            ([0.7] * 7, [1.0, 3.0, 2.0, 5.0, 4.0, 7.0, 6.0]),
            (np.arange(6.0), COLUMN),
            (np.arange(6.0)[:, None], COLUMN),
        ),
        TWO_INPUTS,
        law("beats", "is better than a constant variance where the noise depends on x", beats_inputs, beats_law),
    ),
    misconceptions=(
        Misconception(
            "4a", "OLS mean plus regression of log r^2", lambda x, y: alternating(x, y, rounds=0, log_residuals=True),
            "E[log r^2] is not log E[r^2]; is the NLL gradient zero?",
        ),
        Misconception(
            "4b", "constant variance", lambda x, y: alternating(x, y, rounds=0), "Look at the residuals for large x.",
        ),
        Misconception(
            "4c", "log standard deviation returned",
            lambda x, y: alternating(
                x, y, back=lambda w, t, k: [k * w[0], k * w[1], 0.5 * (t[0] + 2 * math.log(k)), 0.5 * t[1]]
            ),
            "c+dx is the log-variance.",
        ),
        Misconception("4d", "one pass only", one_pass, "After new weights the variance fit changes."),
        Misconception(
            "4e", "scale correction of c forgotten",
            lambda x, y: alternating(x, y, back=lambda w, t, k: [k * w[0], k * w[1], t[0], t[1]]),
            "You fitted standardised targets.",
        ),
        Misconception(
            "4f", "OLS mean, exact variance (no reweighting)", lambda x, y: alternating(x, y, rounds=1, reweight=False),
            "Is the gradient with respect to a and b zero?",
        ),
    ),
    alternatives=(
        Alternative("BFGS on standardised targets", by_bfgs), Alternative("Nelder-Mead restarted", by_nelder_mead)
    ),
)  # fmt: skip

# --- E10.5 sym_nll_dmu ---


SYM_NLL_DMU = Question(
    id="sym_nll_dmu",
    truth="-(y-mu)*exp(-s)",
    symbols=(
        Symbol("y", draw=(-2, 2)),
        Symbol("mu", draw=(-2, 2)),
        Symbol("s", draw=(-2, 2)),
    ),
    loss="1/2*(log(2*pi) + s + (y-mu)**2*exp(-s))",
    wrt="mu",
    convention="1/2 in front of the whole negative log-likelihood",
    equivalents=("(mu-y)/exp(s)",),
    misconceptions=(
        MisconceptionForm("5a", "sign", "(y-mu)*exp(-s)", "Step direction."),
        MisconceptionForm("5b", "unweighted", "mu-y", "Precision factor."),
        MisconceptionForm("5c", "factor 2", "-2*(y-mu)*exp(-s)", "1/2 in front."),
        MisconceptionForm("5d", "sigma as s", "-(y-mu)*exp(-2*s)", "s is the log-variance."),
    ),
)


# --- E10.6 sym_nll_ds ---


SYM_NLL_DS = Question(
    id="sym_nll_ds",
    truth="(1-(y-mu)**2*exp(-s))/2",
    symbols=(
        Symbol("y", draw=(-2, 2)),
        Symbol("mu", draw=(-2, 2)),
        Symbol("s", draw=(-2, 2)),
    ),
    loss="1/2*(log(2*pi) + s + (y-mu)**2*exp(-s))",
    wrt="s",
    convention="1/2 in front of the whole negative log-likelihood",
    equivalents=("1/2 - (y-mu)**2/(2*exp(s))",),
    misconceptions=(
        MisconceptionForm("6a", "sign of the exponent", "(1+(y-mu)**2*exp(-s))/2", "Derivative of e^-s."),
        MisconceptionForm("6b", "gradient for sigma^2", "(1-(y-mu)**2*exp(-s))*exp(-s)/2", "Chain rule."),
        MisconceptionForm("6c", "1/2 missing", "1-(y-mu)**2*exp(-s)", "Both terms carry 1/2."),
        MisconceptionForm("6d", "first term missing", "-(y-mu)**2*exp(-s)/2", "Differentiate s/2."),
    ),
)


GRADING = {
    "gaussian_nll": NLL,
    "nll_grads": GRADS,
    "homoscedastic_coverage": COVERAGE,
    "fit_heteroscedastic": FIT,
    "sym_nll_dmu": SYM_NLL_DMU,
    "sym_nll_ds": SYM_NLL_DS,
}


EQUIVALENT_MUTANTS = (
    (
        "the largest of no numbers raises ValueError itself",
        (
            "homoscedastic_coverage: sigma.ndim == 1 and sigma.size > 0 -> sigma.ndim == 1",
            "homoscedastic_coverage: sigma.size > 0 -> sigma.size >= 0",
        ),
    ),
    (
        "any entry will do as a unit in which squares neither overflow nor vanish",
        ("homoscedastic_coverage: xp.max(sigma) -> xp.min(sigma)",),
    ),
    (
        "every entry is a witness of whether all are equal",
        ('fit_heteroscedastic: require(bool(xp.any(x != x[0])), "x is constant: no slope can be fitted"): 0 -> 1',),
    ),
    (
        "inputs are of order 1, and there every origin and unit of them leads to the same fit",
        (
            "fit_heteroscedastic: centre = float(xp.mean(x))",
            "fit_heteroscedastic: width = float(xp.max(xp.abs(x - centre)))",
        ),
    ),
    (
        "only where the fit starts, and in which unit of y",
        (
            "fit_heteroscedastic: a, b = _weighted_line(xp, u, y_true, flat)",
            "fit_heteroscedastic: spread = float(xp.max(xp.abs(residual)))",
            "fit_heteroscedastic: spread *= float(xp.mean((residual / spread) ** 2)) ** 0.5",
            "_fit_standardised: a = b = c = d = 0.0",
        ),
    ),
    (
        "points on a line are not asked for, and real noise is far above rounding",
        (
            'fit_heteroscedastic: require(spread > 1e-14 * float(xp.max(xp.abs(y_true))), "the points lie on a line: the likelihood has no maximum")',
        ),
    ),
    (
        "chooses the way to the optimum, not the optimum: the steps vanish nowhere else",
        (
            "_fit_standardised: for _ in range(_STEPS):",
            "_fit_standardised: before, part = _profile(xp, u, square, c, d), min(1.0, 10 / max(abs(dc) + abs(dd), 1.0))",
            "_fit_standardised: while part > 1e-9 and not _profile(xp, u, square, c + part * dc, d + part * dd) <= before:",
            "_fit_standardised: part /= 2",
            "_fit_standardised: c, d = c + part * dc, d + part * dd",
            "_fit_standardised: if max(abs(dc), abs(dd)) < 1e-12 or part <= 1e-9:",
            "_profile: s = c + d * u",
            "_profile: return float(xp.mean(s + square * xp.exp(-s)))",
        ),
    ),
)
