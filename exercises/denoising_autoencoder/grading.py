"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math

import numpy as np
from scipy import special, stats

from autograder.checks import (
    Broken, Contract, Generator, Hidden, Tolerance, corner, fresh_draws, law, mismatch, right, strata, usual_checks,
    wrong,
)
from autograder.checks.statistics import binomial_violation, departure
from reference import denoising

f64 = np.float64
GAINS = Tolerance(1e-7, mode="max")


# --- E17.1 corrupt ---
NOISE, MASKED, SMALL = 0.4, 0.35, 30


def law_inputs(rng):
    """Data without a spread, so that what comes back shows the law; the last two are a single row."""
    X, Z, row = np.full((2000, 2), 1.7), np.full((2, 2), 0.6), np.full((1, 600), -0.8)
    return [
        (X, "gaussian", NOISE, Generator((20240, 0))),
        (X, "mask", MASKED, Generator((20240, 1))),
        *((Z, "mask", 0.45, Generator((20240, 2, k))) for k in range(SMALL)),
        (row, "gaussian", NOISE, Generator((20240, 3))),
        (row, "mask", MASKED, Generator((20240, 4))),
    ]


def law_law(args, got, want):
    """Five tests at 5e-11 each: a right solution fails with probability below 3e-10."""
    if any(np.shape(out) != np.shape(one[0]) for one, out in zip(args, got, strict=True)):
        return Broken("does not return an array of the shape of X")
    X, noisy, masked = args[0][0], np.asarray(got[0]), np.asarray(got[1])
    noise = noisy - X
    if off := departure(noise.ravel(), stats.norm(0.0, NOISE).cdf, 5e-11):
        return Broken(f"the noise is not normal with standard deviation level = {NOISE}: {off}", 0)
    if off := departure(noise.sum(axis=1), stats.norm(0.0, NOISE * math.sqrt(2)).cdf, 5e-11):
        return Broken(f"the noise of the entries of one row is not independent: of the sums of two, {off}", 0)
    gone = masked == 0.0
    if not np.array_equal(masked[~gone], X[~gone]):
        return Broken("entries that are not masked do not stay as they are", 1)
    if binomial_violation(int(gone.sum()), gone.size, MASKED, 5e-11):
        return Broken(f"about {gone.size * MASKED:.0f} of {gone.size} entries must be masked; here it is {int(gone.sum())}", 1)
    if binomial_violation(int(gone.all(axis=1).sum()), len(gone), MASKED**2, 5e-11):
        both, rows = int(gone.all(axis=1).sum()), len(gone)
        wanted = f"about {rows * MASKED**2:.0f} of {rows} rows must lose both entries; here it is {both}"
        return Broken(f"the entries of one row are not masked independently: {wanted}", 1)
    halves = sum(int(np.sum(np.asarray(out) == 0.0)) == 2 for out in got[2 : 2 + SMALL])
    if binomial_violation(halves, SMALL, 6 * (0.45 * 0.55) ** 2, 5e-11):
        wanted = f"about {SMALL * 6 * (0.45 * 0.55) ** 2:.0f} of {SMALL} calls must mask exactly two; here it is {halves}"
        return Broken(f"the number of masked entries is not random, though each entry has its own chance: {wanted}")
    return None


def draw_corrupt(g):
    return g.normal(size=(4, 3)), "gaussian", 0.5, Generator((11,))


def fresh_inputs(rng):
    X = rng("fresh").normal(size=(4, 3))
    return [(X, kind, level, Generator((5,))) for kind in ("gaussian", "mask") for level in (0.0, 0.5)]


def fresh_law(observations):
    if any(seen.facts.changed for seen in observations):
        return Broken("changes X")
    return Broken("shares memory with X") if any(seen.facts.shares_memory for seen in observations) else None


def mask_inputs(rng):
    X = rng("masks").normal(size=60)
    return [(X, "mask", 0.5, Generator((seed,))) for seed in (1, 1, 2, 3, 4, 5)]


def mask_law(observations):
    """Two right masks of 60 entries agree with probability 2**-60."""
    if any(seen.facts.touched_random for seen in observations):
        return Broken("uses the global random state instead of rng")
    first, again, *others = [np.asarray(seen.value) for seen in observations]
    if not np.array_equal(first, again):
        return Broken("the same generator state gives different masks")
    masks = [first, *others]
    same = any(np.array_equal(a, b) for i, a in enumerate(masks) for b in masks[:i])
    return Broken("different generators give the same mask") if same else None


def checked(X, kind, level):
    """Validated float64 data."""
    denoising.corrupt(X, kind, level, np.random.default_rng(0))
    return np.asarray(X, f64)


def corrupted(
    X, kind, level, rng, *, scale=float, shape=lambda X: X.shape, chance=lambda u, level: u < level,
    rest=lambda X, level: X,
):  # fmt: skip
    """The right corruption with one link to replace."""
    X = checked(X, kind, level)
    if kind == "gaussian":
        return X + scale(level) * rng.standard_normal(shape(X))
    return np.where(chance(rng.random(shape(X)), level), 0.0, rest(X, level))


def one_per_row(X):
    return (X.shape[0],) + (1,) * (X.ndim - 1)


@wrong("corrupt", "draws one noise value for each row", hint="Corrupt one row of a thousand entries: do the entries differ independently?")
def row_noise(X, kind, level, rng):
    return corrupted(X, kind, level, rng, shape=one_per_row if kind == "gaussian" else np.shape)


@wrong("corrupt", "masks whole rows", hint="Corrupt one row of a thousand entries: do the entries differ independently?")
def row_mask(X, kind, level, rng):
    return corrupted(X, kind, level, rng, shape=one_per_row if kind == "mask" else np.shape)


@wrong("corrupt", "masks an exact fraction of the entries", hint="Is the number of masked entries always the same, and should it be?")
def exact_share(X, kind, level, rng):
    X = checked(X, kind, level)
    if kind == "gaussian":
        return corrupted(X, kind, level, rng)
    out = X.flatten()
    out[rng.permutation(out.size)[: round(level * out.size)]] = 0.0
    return out.reshape(X.shape)


@wrong("corrupt", "changes the caller's array", hint="Print X after the call: is it what it was?")
def in_place(X, kind, level, rng):
    X = checked(X, kind, level)
    if kind == "mask":
        return corrupted(X, kind, level, rng)
    X += level * rng.standard_normal(X.shape)
    return X + 0.0


def shifted_noise(X, kind, level, rng):
    """What ``rng.normal(level, size=...)`` adds: its first argument is the mean."""
    X = checked(X, kind, level)
    return corrupted(X, kind, level, rng) if kind == "mask" or level == 0 else X + rng.normal(level, size=X.shape)


@right("corrupt", "binomial mask")
def binomial_mask(X, kind, level, rng):
    X = checked(X, kind, level)
    if kind == "gaussian":
        return X + rng.normal(0.0, level, size=X.shape)
    return X * rng.binomial(1, 1.0 - level, size=X.shape)


CORRUPT = Hidden("corrupt", reference=denoising.corrupt, checks=(
    law("law", "follows the law of both kinds (false alarm below 3e-10)", law_inputs, law_law, group="value"),
    *usual_checks(draw_corrupt, "mut"),
    Contract(name="fresh", title="returns a copy and leaves X alone", inputs=fresh_inputs, law=fresh_law),
    fresh_draws(lambda reps, rng: (np.zeros(reps), "gaussian", 1.0, rng)),
    Contract(name="masks", counts_as="rng", title="masks from rng only", inputs=mask_inputs, law=mask_law),
), misconceptions=(
    wrong("takes level as the mean of the noise", lambda X, kind, level, rng: shifted_noise(X, kind, level, rng),
        hint="What must the noise add up to, on average?"),
    wrong("takes level as the variance", lambda *a: corrupted(*a, scale=math.sqrt), hint="level is the standard deviation."),
    wrong("scales what is kept, as dropout does", lambda *a: corrupted(*a, rest=lambda X, level: X / max(1 - level, 1e-12)),
        hint="Unmasked entries stay as they are."),
    wrong("takes level as the probability of keeping", lambda *a: corrupted(*a, chance=lambda u, level: u >= level),
        hint="Which fraction is destroyed?"),
))


# --- E17.2 optimal_linear_denoiser ---
def covariance(g, d, rank):
    A = g.normal(size=(d, rank))
    return A @ A.T


def draw_denoiser(g, d, rank, noise, exponent=0):
    scale = 10 ** (exponent + g.uniform(-0.5, 0.5))
    return scale * covariance(g, d, rank), float(scale * noise * 10 ** g.uniform(-0.5, 0.5))


drawn_denoisers = strata(
    draw_denoiser, (3, 3, 0.7), (4, 2, 0.3), (2, 2, 3.0), (5, 5, 30.0), (5, 1, 0.03), (1, 1, 0.5), (3, 2, 1.3, -6), (4, 4, 0.4, 6),
)  # fmt: skip


def shrinkage(of_arguments):
    """A function of the validated covariance matrix and noise variance."""

    def denoiser(S, sigma2):
        denoising.optimal_linear_denoiser(S, sigma2)
        return of_arguments(np.asarray(S, f64), float(sigma2))

    return denoiser


def cut(S, sigma2):
    w, Q = np.linalg.eigh(S)
    return (Q * (w > sigma2)) @ Q.T


def by_eigenvalues(S, sigma2):
    w, Q = np.linalg.eigh(S)
    return (Q * (w / (w + sigma2))) @ Q.T


def noisy(S, sigma2):
    return S + sigma2 * np.eye(len(S))


DENOISER = Hidden("optimal_linear_denoiser", reference=denoising.optimal_linear_denoiser, checks=(
    *usual_checks(drawn_denoisers, "rand", "mut", "list", "strided", tolerance=GAINS),
), misconceptions=(
    wrong("amplifies instead of shrinking (the inverse denoiser)", shrinkage(lambda S, sigma2: np.linalg.pinv(S) @ noisy(S, sigma2)),
        hint="Should a denoiser amplify?"),
    wrong("squares sigma2", shrinkage(lambda S, sigma2: np.linalg.solve(noisy(S, sigma2**2), S).T.copy()),
        hint="sigma2 is already a variance."),
    wrong("takes the root of sigma2", shrinkage(lambda S, sigma2: np.linalg.solve(noisy(S, math.sqrt(sigma2)), S).T.copy()),
        hint="sigma2 is already a variance."),
    wrong("returns what is removed instead of what is kept", shrinkage(lambda S, sigma2: sigma2 * np.linalg.inv(noisy(S, sigma2))),
        hint="Let the noise go to 0: what should the denoiser do to its input?"),
    wrong("shrinks by the diagonal alone", shrinkage(lambda S, sigma2: np.diag(np.diag(S) / (np.diag(S) + sigma2))),
        hint="Correlated features help each other."),
    wrong("keeps directions above the noise whole and drops the rest", shrinkage(cut), hint="What should happen to a direction whose variance is twice the noise's?"),
), alternatives=(
    right("eigen form", shrinkage(by_eigenvalues)),
    right("I - sigma2 inverse", shrinkage(lambda S, sigma2: np.eye(len(S)) - sigma2 * np.linalg.inv(noisy(S, sigma2)))),
))


# --- E17.3 denoiser_mse ---
def draw_mse(g, d, rank, noise):
    return covariance(g, d, rank), float(noise * 10 ** g.uniform(-0.5, 0.5)), g.normal(size=(d, d))


drawn_errors = strata(
    draw_mse, (3, 3, 0.7), (4, 2, 0.3), (2, 2, 3.0), (5, 5, 30.0), (5, 1, 0.03), (1, 1, 0.5), (2, 1, 0.0), (4, 4, 0.4),
)  # fmt: skip


def residual(B, S):
    return np.trace(B @ S @ B.T)


def expected(S, sigma2, D, *, signal=residual, noise=lambda D, S: np.sum(D * D), mean=lambda total, d: total):
    """The right error with one link to replace."""
    denoising.denoiser_mse(S, sigma2, D)
    S, D, sigma2 = np.asarray(S, f64), np.asarray(D, f64), float(sigma2)
    return float(mean(signal(np.eye(len(S)) - D, S) + sigma2 * noise(D, S), len(S)))


@wrong("denoiser_mse", "gives the error of the optimal denoiser whatever D", hint="Does your result change when D changes?")
def of_the_best(S, sigma2, D):
    denoising.denoiser_mse(S, sigma2, D)
    S = np.asarray(S, f64)
    return float(sigma2 * np.trace(np.linalg.solve(noisy(S, max(sigma2, 1e-300)), S)))


@right("denoiser_mse", "expanded")
def expanded(S, sigma2, D):
    denoising.denoiser_mse(S, sigma2, D)
    S, D = np.asarray(S, f64), np.asarray(D, f64)
    return float(np.trace(S) - 2 * np.trace(D @ S) + np.trace(D @ noisy(S, sigma2) @ D.T))


MSE = Hidden("denoiser_mse", reference=denoising.denoiser_mse, checks=(
    *usual_checks(drawn_errors, "rand", "mut", "list", "strided"),
), misconceptions=(
    wrong("forgets the noise that passes through", lambda *a: expected(*a, noise=lambda D, S: 0.0), hint="The noise passes through D too."),
    wrong("squares sigma2", lambda S, sigma2, D: expected(S, sigma2**2, D), hint="sigma2 is already a variance."),
    wrong("counts the noise as if D let all of it pass", lambda *a: expected(*a, noise=lambda D, S: len(S)), hint="What does D do to the noise in its input?"),
    wrong("takes tr(D) instead of tr(D D^T)", lambda *a: expected(*a, noise=lambda D, S: np.trace(D)),
        hint="The two are equal at the optimum only: is D the optimal matrix?"),
    wrong("averages over the coordinates", lambda *a: expected(*a, mean=lambda total, d: total / d),
        hint="Does the statement sum over the coordinates or average them?"),
    wrong("forgets the transpose, B S B instead of B S B^T", lambda *a: expected(*a, signal=lambda B, S: np.trace(B @ S @ B)),
        hint="What is the covariance of B x, for a matrix B that is not symmetric?"),
))


# --- E17.4 noise_injected_loss ---
def draw_injected(g, n, d, noise):
    return g.normal(size=(n, d)), g.normal(size=n), g.normal(size=d), float(noise * 10 ** g.uniform(-0.3, 0.3))


drawn_injections = strata(draw_injected, (7, 3, 0.4), (19, 2, 2.5), (3, 4, 0.1), (1, 2, 0.6), (12, 1, 6.0), (5, 5, 0.0))


def injected(X, y_true, w, sigma2, *, penalty=lambda w, sigma2, n: sigma2 * (w @ w)):
    """The right loss with one link to replace."""
    denoising.noise_injected_loss(X, y_true, w, sigma2)
    X, y, w = np.asarray(X, f64), np.asarray(y_true, f64), np.asarray(w, f64)
    return float(np.mean((y - X @ w) ** 2) + penalty(w, float(sigma2), len(y)))


@wrong("noise_injected_loss", "estimates by simulation instead of the exact value", hint="An exact expectation is asked for.")
def sampled(X, y_true, w, sigma2):
    denoising.noise_injected_loss(X, y_true, w, sigma2)
    X, y, w = np.asarray(X, f64), np.asarray(y_true, f64), np.asarray(w, f64)
    noise = math.sqrt(sigma2) * np.random.default_rng(0).normal(size=(300, *X.shape))
    return float(np.mean((y - (X + noise) @ w) ** 2))


@right("noise_injected_loss", "norm")
def by_norms(X, y_true, w, sigma2):
    denoising.noise_injected_loss(X, y_true, w, sigma2)
    X, y, w = np.asarray(X, f64), np.asarray(y_true, f64), np.asarray(w, f64)
    return np.linalg.norm(X @ w - y) ** 2 / len(y) + sigma2 * np.linalg.norm(w) ** 2


INJECTED = Hidden("noise_injected_loss", reference=denoising.noise_injected_loss, checks=(
    *usual_checks(drawn_injections),
), misconceptions=(
    wrong("divides the penalty by n", lambda *a: injected(*a, penalty=lambda w, s, n: s * (w @ w) / n),
        hint="Each sample has its own noise: average, not sum."),
    wrong("counts the noise once for each feature", lambda *a: injected(*a, penalty=lambda w, s, n: s * len(w) * (w @ w)),
        hint="What is the variance of the scalar product of w and the noise?"),
    wrong("forgets to square the norm", lambda *a: injected(*a, penalty=lambda w, s, n: s * np.sqrt(w @ w)),
        hint="What is the variance of the scalar product of w and the noise?"),
    wrong("takes sigma instead of sigma2", lambda *a: injected(*a, penalty=lambda w, s, n: np.sqrt(s) * (w @ w)),
        hint="In what unit is a variance, and in what unit a standard deviation?"),
))


# --- E17.5 gmm_denoiser ---
def draw_mixture(g, K, points, noise):
    """Components of which the first ones are point masses; no density underflows, that is the corner's."""
    weights = g.uniform(0.2, 1.0, size=K)
    s2 = np.where(np.arange(K) < points, 0.0, 0.1 + g.exponential(size=K))
    return g.uniform(-6, 6, size=9), weights / weights.sum(), g.uniform(-3, 3, size=K), s2, float(noise * 10 ** g.uniform(-0.3, 0.3))


drawn_mixtures = strata(
    draw_mixture, (3, 0, 0.6), (2, 1, 0.3), (4, 2, 2.5), (1, 0, 0.4), (2, 2, 0.2), (3, 1, 0.1), (4, 0, 6.0), (1, 1, 0.5),
)  # fmt: skip


def linear_inputs(rng):
    y = 3 * rng("linear").normal(size=7)
    return [(y, [1.0], [0.7], [s2], sigma2) for s2, sigma2 in ((2.0, 0.5), (0.0, 1.0), (0.1, 10.0))]


def linear_law(args, got, want):
    for at, ((y, _, (m,), (s2,), sigma2), out) in enumerate(zip(args, got, strict=True)):
        if mismatch(out, m + s2 / (s2 + sigma2) * (y - m), Tolerance(1e-9, 1e-12)):
            return Broken("one component: not the straight line of slope s2 / (s2 + sigma2) through its mean", at)
    return None


def far_case(y):
    # the component of variance 1 explains a far observation incomparably better than the point mass at 2
    return (np.array([y]), [0.5, 0.5], [-1.0, 2.0], [1.0, 0.0], 1e-4), np.array([-1.0 + (y + 1.0) / 1.0001])


def mixture(
    y, weights, means, s2, sigma2, *,
    width=lambda v, t: t,
    prior=np.log,
    determinant=np.log,
    shift=lambda L: L - L.max(1, keepdims=True),
    shares=lambda L: np.exp(L),
    guess=lambda m, v, t, d, sigma2: m + v / t * d,
):  # fmt: skip
    """The right denoiser with one link to replace."""
    denoising.gmm_denoiser(y, weights, means, s2, sigma2)
    y, p, m, v = (np.asarray(a, f64) for a in (y, weights, means, s2))
    t = v + sigma2
    used, d = width(v, t), y[:, None] - m
    L = prior(p) - 0.5 * determinant(used) - 0.5 * d * d / used
    G = shares(shift(L))
    return np.sum(G / G.sum(1, keepdims=True) * guess(m, v, t, d, sigma2), axis=1)


@right("gmm_denoiser", "softmax")
def by_softmax(y, weights, means, s2, sigma2):
    denoising.gmm_denoiser(y, weights, means, s2, sigma2)
    y, p, m, v = (np.asarray(a, f64) for a in (y, weights, means, s2))
    logs = np.log(p) + stats.norm.logpdf(y[:, None], m, np.sqrt(v + sigma2))
    inside = (v * y[:, None] + sigma2 * m) / (v + sigma2)
    return np.einsum("nk,nk->n", special.softmax(logs, axis=1), inside)


MIXTURES = Hidden("gmm_denoiser", reference=denoising.gmm_denoiser, checks=(
    *usual_checks(drawn_mixtures, "rand", "mut", "list", "strided", tolerance=Tolerance(1e-8, 1e-10)),
    corner("far", "is right for |y| = 1e4 and little noise", far_case(1e4), far_case(-1e4), tolerance=Tolerance(1e-9)),
    law("linear", "is a straight line for one component", linear_inputs, linear_law),
), misconceptions=(
    wrong("forgets the noise in the responsibilities",
        lambda *a: mixture(*a, width=lambda v, t: np.maximum(v, 1e-12)),
        hint="y contains the noise: variance s2+sigma2."),
    wrong("weighs components by the prior", lambda *a: mixture(*a, width=lambda v, t: np.full_like(t, 1e300), determinant=np.zeros_like),
        hint="How sure are you of a component once you have seen y?"),
    wrong("forgets the determinant", lambda *a: mixture(*a, determinant=np.zeros_like),
        hint="Wide components have lower density."),
    wrong("ignores the components' weights", lambda *a: mixture(*a, prior=np.zeros_like), hint="Make one component a thousand times rarer: does your answer notice?"),
    wrong("uses the most probable component alone", lambda *a: mixture(*a, shares=lambda L: (L == L.max(1, keepdims=True)) * 1.0),
        hint="MSE wants the posterior mean."),
    wrong("takes the component of the nearest mean only", lambda *a: mixture(*a, prior=np.zeros_like, width=lambda v, t: np.full_like(t, 1e-6),
            determinant=np.zeros_like, shares=lambda L: (L == L.max(1, keepdims=True)) * 1.0),
        hint="MSE wants the posterior mean. And is the nearest component the most probable one?"),
    wrong("returns means of components without shrinkage", lambda *a: mixture(*a, guess=lambda m, v, t, d, sigma2: m + 0 * d),
        hint="Given its component, is x still uncertain? What is its posterior mean there?"),
    wrong("exponentiates without shifting", lambda *a: mixture(*a, shift=lambda L: L), hint="Try y = 1e4: what is left of the densities in floating point?"),
    wrong("shrinks the wrong way round", lambda *a: mixture(*a, guess=lambda m, v, t, d, sigma2: m + sigma2 / t * d),
        hint="With hardly any noise, should the answer be near y or near the mean?"),
))
