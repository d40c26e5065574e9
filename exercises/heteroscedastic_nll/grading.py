"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math
from functools import lru_cache

import numpy as np
from scipy import optimize, special, stats

from autograder.checks import (
    Broken, Hidden, Tolerance, borderline, corner, fast_enough, law, mismatch, right, strata, usual_checks, wrong,
)
from autograder.checks.numeric import central_difference
from autograder.checks.statistics import binomial_violation
from exercises.heteroscedastic_nll.checks import NATS, mean_nll
from reference import likelihoods

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
def in_units(g, shape, centre):
    """Targets, means and log-variances around a centre, in units in which the standardised residuals are of order 1."""
    unit = math.exp(centre / 2)
    return unit * g.normal(size=shape), unit * g.normal(size=shape), centre + 2 * g.normal(size=shape)


drawn_entries = strata(
    in_units, (7, 0.3), (30, -1.0), ((3, 4), 0.0), (12, -40.0), (40, -30.0), (9, -20.0), (1, 0.7), (25, 30.0), (14, 40.0),
    (50, 20.0), ((2, 1, 5), 1.0), (19, -12.0),
)  # fmt: skip


def draw_large(g):
    return g.normal(size=100_000), g.normal(size=100_000), g.normal(size=100_000)


# arguments (y, mu, s) of which only the term exists, and the two factors of that term multiplied in the exponent
HUGE, TINY = math.exp(400 * math.log(10) - 900), math.exp(900 - 400 * math.log(10))
EDGES = (
    ([0.0], [0.0], [1400.0]),
    ([0.0], [0.0], [-1400.0]),
    ([1e-200], [0.0], [-900.0]),
    ([1e200], [0.0], [900.0]),
)


def extreme(*values):
    title = "is right where only the product of the factors exists"
    return corner("extreme", title, *zip(EDGES, values, strict=True), tolerance=Tolerance(1e-9))


def logpdf_inputs(rng):
    g = rng("logpdf")
    return [(g.normal(size=20), g.normal(size=20), g.normal(size=20))]


def logpdf_law(args, got, want):
    y, mu, s = args[0]
    right = -np.mean(stats.norm.logpdf(y, mu, np.exp(s / 2)))
    return Broken("is not the mean of the negative normal log-densities") if mismatch(got[0], right, SUMS) else None


def nll(of_entries):
    return lambda *a: of_entries(*standardised(*a))


def nll_of(other):
    """The mean negative log-likelihood of another log-variance than the given one."""
    return lambda y_true, mu, logvar: likelihoods.gaussian_nll(y_true, mu, other(standardised(y_true, mu, logvar)[1]))


@wrong("gaussian_nll", "forms e^(-s) and (y-mu)^2 apart, which overflow",
       hint="What is 0 times e^1400 in floating point? Standardise before squaring.")
def formed_separately(y_true, mu, logvar):
    r, s = plain_residual(y_true, mu, logvar)
    return 0.5 * np.mean(LOG2PI + s + r**2 * np.exp(-s))


@right("gaussian_nll", "exponent form")
def exponent_form(y_true, mu, logvar):
    r, s = plain_residual(y_true, mu, logvar)
    with np.errstate(divide="ignore"):
        return 0.5 * np.mean(LOG2PI + s + np.exp(2 * np.log(np.abs(r)) - s))


@right("gaussian_nll", "scipy")
def by_scipy(y_true, mu, logvar):
    _, s, _ = standardised(y_true, mu, logvar)
    return -np.mean(stats.norm.logpdf(np.asarray(y_true, f64), np.asarray(mu, f64), np.exp(s / 2)))


NLL = Hidden("gaussian_nll", reference=likelihoods.gaussian_nll, checks=(
    *usual_checks(drawn_entries, tolerance=SUMS),
    extreme((LOG2PI + 1400) / 2, (LOG2PI - 1400) / 2, (LOG2PI - 900 + TINY) / 2, (LOG2PI + 900 + HUGE) / 2),
    law("logpdf", "agrees with normal log-densities", logpdf_inputs, logpdf_law),
    fast_enough(draw_large, "100,000 entries", tolerance=SUMS),
), misconceptions=(
    wrong("drops the constant log(2 pi)/2", nll(lambda u, s, e: 0.5 * np.mean(s + u * u)),
        hint="The value is asked for, not only the minimiser."),
    wrong("takes s as log sigma", nll(lambda u, s, e: 0.5 * np.mean(LOG2PI + 2 * s + (u * e) ** 2)),
        hint="s is the log of the variance."),
    wrong("uses exp(s) as the standard deviation", nll(lambda u, s, e: 0.5 * np.mean(LOG2PI + s + (u * e) ** 2)),
        hint="Of which quantity is s the logarithm?"),
    wrong("clamps the log-variance to +-10", nll_of(lambda s: np.clip(s, -10, 10)),
        hint="Measure everything in other units, a million times smaller: what happens to s?"),
    wrong("keeps the variance above 1e-6", nll_of(lambda s: np.maximum(s, math.log(1e-6))),
        hint="Is a variance of 1e-8 impossible? It depends on the unit."),
    wrong("adds 1e-6 to the variance", nll_of(lambda s: np.log(np.exp(s) + 1e-6)),
        hint="exp(s) is never 0: what is the small number for?"),
    wrong("forgets the term of the log-variance", nll(lambda u, s, e: 0.5 * np.mean(LOG2PI + u * u)),
        hint="Without it, infinite variance is free."),
    wrong("forgets 1/2 in front of s", nll(lambda u, s, e: 0.5 * np.mean(LOG2PI + 2 * s + u * u)),
        hint="How does log sigma depend on s, the log-variance?"),
    wrong("sums instead of averaging", nll(lambda u, s, e: 0.5 * np.sum(LOG2PI + s + u * u)), hint="Give every entry twice: should a mean change?"),
))


# --- E10.2 nll_grads ---
drawn_tables = strata(
    in_units, ((3, 4), 0.3), ((5, 2), -1.0), (7, 0.0), ((2, 3), -20.0), ((4, 5), 20.0), ((1, 6), 1.0), ((3, 1), -12.0), (1, 0.7),
)  # fmt: skip
SLOPES = Tolerance(1e-9, 1e-12, "max")  # entries that nearly cancel are compared with the largest


def fd_inputs(rng):
    g = rng("fd")
    return [(g.normal(size=(3, 2)), g.normal(size=(3, 2)), g.normal(size=(3, 2)))]


def fd_law(args, got, want):
    y, mu, s = args[0]
    slopes = (
        central_difference(lambda m: likelihoods.gaussian_nll(y, m, s), mu),
        central_difference(lambda v: likelihoods.gaussian_nll(y, mu, v), s),
    )
    for name, gradient, slope in zip(("dmu", "dlogvar"), got[0], slopes, strict=True):
        if mismatch(gradient, slope, Tolerance(1e-6, mode="max")):
            return Broken(f"{name} is not the slope of the mean negative log-likelihood (central differences)")
    return None


def grads(of_entries):
    return lambda *a: of_entries(*standardised(*a))


@wrong("nll_grads", "multiplies inf by 0 at large |s|", hint="Test s=-1400 with y=mu.")
def separate_grads(y_true, mu, logvar):
    r, s = plain_residual(y_true, mu, logvar)
    q = np.exp(-s)
    return -r * q / r.size, 0.5 * (1.0 - r**2 * q) / r.size


@wrong("nll_grads", "forgets the precision in dmu, as in the gradient of MSE", hint="Which points should count more?")
def unweighted(y_true, mu, logvar):
    u, _, _ = standardised(y_true, mu, logvar)
    r, _ = plain_residual(y_true, mu, logvar)
    return -r / u.size, 0.5 * (1.0 - u * u) / u.size


def clamped_grads(y_true, mu, logvar):
    _, s, _ = standardised(y_true, mu, logvar)
    return likelihoods.nll_grads(y_true, mu, np.clip(s, -10, 10))


@right("nll_grads", "log form")
def log_form(y_true, mu, logvar):
    r, s = plain_residual(y_true, mu, logvar)
    with np.errstate(divide="ignore"):
        size = np.log(np.abs(r))
    return -np.sign(r) * np.exp(size - s) / r.size, 0.5 * (1 - np.exp(2 * size - s)) / r.size


GRADS = Hidden("nll_grads", reference=likelihoods.nll_grads, checks=(
    *usual_checks(drawn_tables, tolerance=SUMS),
    law("fd", "is the slope of the mean negative log-likelihood", fd_inputs, fd_law),
    extreme((np.array([0.0]), np.array([0.5])), (np.array([0.0]), np.array([0.5])),
        (np.array([-math.exp(900 - 200 * math.log(10))]), np.array([0.5 * (1 - TINY)])),
        (np.array([-math.exp(200 * math.log(10) - 900)]), np.array([0.5 * (1 - HUGE)]))),
), misconceptions=(
    wrong("takes s as log sigma", grads(lambda u, s, e: (-u * e * e * e / u.size, (1.0 - (u * e) ** 2) / u.size)),
        hint="s is the log of the variance."),
    wrong("clamps the log-variance to +-10", clamped_grads,
        hint="Measure everything in other units, a million times smaller: what happens to s?"),
    wrong("reverses the sign of dmu", grads(lambda u, s, e: (u * e / u.size, 0.5 * (1.0 - u * u) / u.size)),
        hint="Raising mu towards y must lower the loss."),
    wrong("forgets 1/N", grads(lambda u, s, e: (-u * e, 0.5 * (1.0 - u * u))), hint="The NLL is a mean."),
    wrong("differentiates by sigma^2 instead of its log",
        grads(lambda u, s, e: (-u * e / u.size, 0.5 * (1.0 - u * u) * np.exp(-s) / u.size)),
        hint="Chain rule from sigma^2 to s."),
    wrong("forgets 1/2 in ds", grads(lambda u, s, e: (-u * e / u.size, (1.0 - u * u) / u.size)),
        hint="Compare with finite differences."),
))


# --- E10.3 homoscedastic_coverage ---
def draw_noise(g, n, exponent, low):
    return np.exp(0.7 * g.normal(size=n)) * 10 ** (exponent + g.uniform(-1, 1)), g.uniform(low, low + 0.3)


drawn_noise = strata(
    draw_noise, (7, 0, 0.65), (12, 1, 0.35), (2, -1, 0.68), (20, -9, 0.05), (5, 9, 0.69), (1, 0, 0.5), (9, -5, 0.2), (15, 5, 0.6),
)  # fmt: skip


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
            share = f"it is {float(coverage):.4g}, and {inside / DRAWS:.4g} of {DRAWS:,} draws are inside the interval"
            return Broken(f"at sigma = {s:g} {share}")
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


COVERAGE = Hidden("homoscedastic_coverage", reference=likelihoods.homoscedastic_coverage, checks=(
    *usual_checks(drawn_noise),
    law("mc", "agrees with simulated noise (false alarm below 1e-9)", mc_inputs, mc_law),
), misconceptions=(
    wrong("averages sigma instead of its squares", lambda *a: coverage(*a, pooled=np.mean),
        hint="Which quantity does the residual mean square estimate?"),
    wrong("takes a one-sided quantile", lambda *a: coverage(*a, quantile=stats.norm.ppf),
        hint="Central interval: how much probability is left in each tail?"),
    wrong("inverts the ratio", lambda *a: coverage(*a, share=lambda z, bar, s: special.erf(z * s / bar / math.sqrt(2))),
        hint="Where the noise is small, is a fixed-width interval too wide or too narrow?"),
    wrong("counts one side of the interval", lambda *a: coverage(*a, share=lambda z, bar, s: stats.norm.cdf(z * bar / s)),
        hint="How many ends has the interval?"),
    wrong("uses the variance as a standard deviation", lambda *a: coverage(*a, pooled=lambda s: np.mean(s**2)),
        hint="Change the unit of sigma: does a coverage have a unit?"),
    wrong("returns the nominal level everywhere",
        lambda sigma, level: coverage(sigma, level, share=lambda z, bar, s: np.full(s.shape, float(level))),
        hint="That is the claim being tested."),
), alternatives=(
    right("cdf difference",
        lambda *a: coverage(*a, share=lambda z, bar, s: stats.norm.cdf(z * bar / s) - stats.norm.cdf(-z * bar / s))),
))


# --- E10.4 fit_heteroscedastic ---
SAME_FIT = Tolerance(1e-3)  # two optimisers with the same mistake; right answers are judged by the likelihood


def draw_fit(g, n, d):
    x, (a, b, c) = g.uniform(-2, 2, size=n), g.uniform(-1, 1, size=3)
    return x, a + b * x + np.exp((c + d * x) / 2) * g.normal(size=n)


def draw_known(g, seed, n, d, noise):
    """One sample in every variant, up to a little noise: where an answer stops early, it stops for everyone."""
    known = np.random.default_rng(seed)
    x, e = known.uniform(-2, 2, size=n), known.normal(size=n)
    return x, 0.5 - 0.8 * x + np.exp((0.3 + d * x) / 2) * (e + noise * g.normal(size=n))


# many rounds of weights on the first known sample; a simplex that collapses far from the minimum on the second, where
# more noise would decide by chance whether it does
STEEP, COLLAPSING = (86, 150, 1.5, 0.02), (111, 150, 1.2, 1e-6)
drawn_fits = strata(
    lambda g, *kind: draw_fit(g, *kind) if len(kind) == 2 else draw_known(g, *kind),
    (250, 0.7), (150, -0.9), (400, 0.2), (200, 1.0), (180, -0.4), (300, -1.0), STEEP, COLLAPSING,
)  # fmt: skip


def near_optimum(args, got, want):
    gap = mean_nll(*args, got) - mean_nll(*args, want)
    return None if gap <= NATS else Broken(f"its mean negative log-likelihood is {gap:.3g} nats above the smallest one")



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


@wrong("fit_heteroscedastic", "alternates once", hint="After new weights the variance fit changes.")
def one_pass(x, y):
    """The exact variance fit to the residuals of ordinary least squares, then one reweighting of the mean."""
    k = np.std(np.asarray(y, f64))
    a, b, c, d = alternating(x, y, rounds=1, reweight=False)
    x, y = np.asarray(x, f64), np.asarray(y, f64)
    A, e = np.column_stack([np.ones_like(x), x]), np.exp(-0.5 * (c - 2 * math.log(k) + d * x))
    w = np.linalg.lstsq(A * e[:, None], y * e, rcond=None)[0]
    return np.array([*w, c, d])


@right("fit_heteroscedastic", "BFGS on standardised targets")
def by_bfgs(x, y):
    likelihoods.fit_heteroscedastic(x, y)
    x, y = np.asarray(x, f64), np.asarray(y, f64)
    centre, k = y.mean(), y.std()
    found = optimize.minimize(lambda p: mean_nll(x, (y - centre) / k, p), np.zeros(4), method="BFGS").x
    return np.array([k * found[0] + centre, k * found[1], found[2] + 2 * math.log(k), found[3]])


@right("fit_heteroscedastic", "Nelder-Mead restarted")
def by_nelder_mead(x, y):
    likelihoods.fit_heteroscedastic(x, y)
    x, y = np.asarray(x, f64), np.asarray(y, f64)
    centre, k, p = y.mean(), y.std(), np.zeros(4)
    for _ in range(4):
        p = optimize.minimize(
            lambda q: mean_nll(x, (y - centre) / k, q), p, method="Nelder-Mead",
            options={"xatol": 1e-7, "fatol": 1e-13, "maxiter": 2000},
        ).x  # fmt: skip
    return np.array([k * p[0] + centre, k * p[1], p[2] + 2 * math.log(k), p[3]])


def minimised(method, standardise=True, **options):
    """A library's minimiser from zeros, on standardised targets or on those that are given."""

    def fit(x, y):
        likelihoods.fit_heteroscedastic(x, y)
        x, y = np.asarray(x, f64), np.asarray(y, f64)
        centre, k = (y.mean(), y.std()) if standardise else (0.0, 1.0)
        with np.errstate(all="ignore"):
            a, b, c, d = optimize.minimize(lambda p: mean_nll(x, (y - centre) / k, p), np.zeros(4), method=method, options=options).x
        return np.array([k * a + centre, k * b, c + 2 * math.log(k), d])

    return fit


FIT = Hidden("fit_heteroscedastic", reference=likelihoods.fit_heteroscedastic, borderlines=(
    borderline("BFGS as it is, on the targets that are given", minimised("BFGS", standardise=False)),
    borderline("L-BFGS-B as it is", minimised("L-BFGS-B")),
    borderline("Nelder-Mead as it is", minimised("Nelder-Mead")),
    *(borderline(f"alternating fits, {rounds} rounds", lambda x, y, rounds=rounds: alternating(x, y, rounds=rounds)) for rounds in (2, 5, 10)),
), checks=(
    *usual_checks(drawn_fits, "rand", "mut", "list", "strided", cases=8, tolerance=SAME_FIT, also_right=near_optimum),
), misconceptions=(
    wrong("regresses log r^2 on residuals of least squares", lambda x, y: alternating(x, y, rounds=0, log_residuals=True),
        hint="E[log r^2] is not log E[r^2]; is the NLL gradient zero?"),
    wrong("fits one constant variance", lambda x, y: alternating(x, y, rounds=0), hint="Look at the residuals for large x."),
    wrong("returns the log of the standard deviation",
        lambda x, y: alternating(x, y, back=lambda w, t, k: [k * w[0], k * w[1], 0.5 * (t[0] + 2 * math.log(k)), 0.5 * t[1]]),
        hint="Is c + d x the logarithm of the variance or of the standard deviation?"),
    wrong("forgets to scale the variance's parameters back",
        lambda x, y: alternating(x, y, back=lambda w, t, k: [k * w[0], k * w[1], t[0], t[1]]),
        hint="You fitted standardised targets."),
    wrong("fits the mean without weights", lambda x, y: alternating(x, y, rounds=1, reweight=False),
        hint="Is the gradient with respect to a and b zero?"),
))
