"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import numpy as np

from autograder.checks import Broken, Contract, Hidden, Tolerance, borderline, corner, fast_enough, law, right, strata, usual_checks, wrong
from exercises.linear_autoencoder.checks import principal, trained
from reference import autoencoders

f64 = np.float64
DIRECTIONS = Tolerance(1e-6, mode="max")  # only recognises misconceptions: right answers are judged by the criterion
SUMS = Tolerance(1e-9, 1e-11)
GRADS = Tolerance(1e-9, 1e-10)


# --- drawing data ---
def spectral_data(g, n, d, exponent=0.0, ratio=0.6):
    """Centred data with singular values of one ratio, in a random frame: directions are told apart."""
    scores, _ = np.linalg.qr(np.column_stack([np.ones(n), g.normal(size=(n, d))]))
    rotation, _ = np.linalg.qr(g.normal(size=(d, d)))
    # the columns after the first are orthonormal and add up to 0
    return np.sqrt(n) * 10**exponent * g.uniform(1.2, 2.2) * (scores[:, 1:] * ratio ** np.arange(d)) @ rotation.T


def draw_shifted(g, n, d, k, exponent=0.0):
    X = spectral_data(g, n, d, exponent)
    return X + np.std(X) * 30 * g.normal(size=d), k


def draw_training(g, n, d, k, exponent=0.0, ratio=0.6):
    X = spectral_data(g, n, d, exponent, ratio)
    return X - X.mean(0), k


SIZES = ((30, 4, 2), (20, 3, 1), (50, 6, 4), (40, 2, 1), (25, 5, 3), (60, 6, 1))
drawn_fits = strata(draw_shifted, *SIZES, (35, 3, 3), (45, 2, 2))
drawn_errors = strata(draw_shifted, *SIZES, (35, 3, 0), (45, 4, 4))
drawn_trainings = strata(draw_training, (30, 4, 2), (20, 3, 1), (50, 4, 2), (40, 2, 1), (25, 3, 1), (60, 3, 2))
# nothing may be left over, and one variance is 10,000 times smaller than another: a number of steps is not enough
drawn_out = strata(draw_training, (60, 3, 3, 0.0, 0.1), (40, 3, 3, 0.0, 0.1))
UNITS = ((30, 4, 2, -6.0), (40, 3, 1, 6.0))
fits_in_units, trainings_in_units = strata(draw_shifted, *UNITS), strata(draw_training, *UNITS)


def draw_tall(g):
    rotation, _ = np.linalg.qr(g.normal(size=(5, 5)))
    return g.normal(size=(50_000, 5)) * 0.5 ** np.arange(5) @ rotation.T + 20.0, 3


# --- E16.1 pca_fit ---
def fitted(
    X, k, *, centre=lambda X: X - X.mean(0), order=slice(None),
    directions=lambda U, Vt, d, k: Vt[:k].T,
):  # fmt: skip
    """The right fit with one link to replace."""
    autoencoders.pca_fit(X, k)
    X = np.asarray(X, f64)
    U, _, Vt = np.linalg.svd(centre(X), full_matrices=False)
    return X.mean(0), directions(U, Vt[order], X.shape[1], k).copy()


@wrong("pca_fit", "computes a full n x n SVD", hint="How much memory does an n x n matrix need for n = 200,000?")
def full_svd(X, k):
    # the validation of the others would cost a factorisation: this one is about memory only
    X = np.asarray(X, f64)
    if X.ndim != 2 or not 1 <= k <= min(X.shape):
        raise ValueError("arguments")
    return X.mean(0), np.linalg.svd(X - X.mean(0), full_matrices=True)[2][:k].T.copy()


def by_covariance(ddof):
    def fit(X, k):
        autoencoders.pca_fit(X, k)
        X = np.asarray(X, f64)
        _, Q = np.linalg.eigh(np.atleast_2d(np.cov(X.T, ddof=ddof)))
        return X.mean(0), Q[:, ::-1][:, :k].copy()

    return fit


FIT = Hidden("pca_fit", reference=autoencoders.pca_fit, checks=(
    *usual_checks(drawn_fits, "rand", "mut", "list", "strided", tolerance=DIRECTIONS, also_right=principal),
    corner("units", "is right for data of the scale 1e-6 and 1e6", fits_in_units, draws=2, tolerance=DIRECTIONS, also_right=principal),
    fast_enough(draw_tall, "50,000 samples", tolerance=DIRECTIONS, also_right=principal),
), misconceptions=(
    wrong("forgets to centre", lambda *a: fitted(*a, centre=lambda X: X),
        hint="With a large mean the first direction points to the mean."),
    wrong("takes rows as features", lambda *a: fitted(*a, directions=lambda U, Vt, d, k: Vt[:, :k]),
        hint="Which axis of V^T holds the directions?"),
    wrong("keeps the smallest directions", lambda *a: fitted(*a, order=slice(None, None, -1)),
        hint="eigh sorts ascending, svd descending."),
    wrong("standardises the features", lambda *a: fitted(*a, centre=lambda X: (X - X.mean(0)) / X.std(0)),
        hint="That is PCA of the correlation matrix."),
    wrong("returns left singular vectors (scores)", lambda *a: fitted(*a, directions=lambda U, Vt, d, k: U[:d, :k]),
        hint="Directions live in feature space."),
), alternatives=(right("eigh of the covariance", by_covariance(0)), right("ddof=1 covariance", by_covariance(1))))


# --- E16.2 reconstruct ---
def draw_projection(g, n, d, k):
    V, _ = np.linalg.qr(g.normal(size=(d, k)))
    return g.normal(size=(n, d)), g.normal(size=d), V


drawn_projections = strata(draw_projection, (5, 4, 2), (8, 3, 1), (2, 5, 3), (1, 2, 1), (6, 1, 1), (4, 3, 3))


def projected(
    X, mean, V, *, encode=lambda X, m, V: (X - m) @ V, decode=lambda H, V: H @ V.T, back=lambda X, m, P: m + P
):
    """The right reconstruction with one link to replace."""
    autoencoders.reconstruct(X, mean, V)
    X, m, V = np.asarray(X, f64), np.asarray(mean, f64), np.asarray(V, f64)
    return back(X, m, decode(encode(X, m, V), V))


def of_own_mean(X, m, V):
    return (X - X.mean(0)) @ V


@right("reconstruct", "einsum")
def by_einsum(X, mean, V):
    return projected(
        X, mean, V, encode=lambda X, m, V: np.einsum("ij,jk->ik", X - m, V),
        decode=lambda H, V: np.einsum("ik,jk->ij", H, V),
    )  # fmt: skip


@right("reconstruct", "projector")
def by_projector(X, mean, V):
    return projected(X, mean, V, encode=lambda X, m, V: (X - m) @ (V @ V.T), decode=lambda H, V: H)


RECONSTRUCT = Hidden("reconstruct", reference=autoencoders.reconstruct, checks=(
    *usual_checks(drawn_projections, tolerance=SUMS),
), misconceptions=(
    wrong("takes the mean of X instead of the given one",
        lambda X, mean, V: projected(X, mean, V, encode=of_own_mean, back=lambda X, m, P: X.mean(0) + P),
        hint="The mean is an argument: a single new sample has a mean of its own."),
    wrong("forgets to add the mean back", lambda *a: projected(*a, back=lambda X, m, P: P),
        hint="Project the mean itself: what should come out?"),
    wrong("forgets to subtract the mean", lambda *a: projected(*a, encode=lambda X, m, V: X @ V),
        hint="Encode deviations from the mean."),
    wrong("returns the codes", lambda *a: projected(*a, decode=lambda H, V: H @ np.eye(V.shape[1], len(V))),
        hint="What shape should the result have, and what shape does yours have?"),
    wrong("returns what the projection loses", lambda *a: projected(*a, back=lambda X, m, P: X - P), hint="That is the part thrown away."),
))


# --- E16.3 pca_mse ---
def within_variance(args, got, want):
    """The reference up to 1e-9 of the total variance: the error itself may be 0."""
    X = np.asarray(args[0], f64)
    total = np.sum((X - X.mean(0)) ** 2) / len(X)
    return None if abs(got - want) <= 1e-9 * total else Broken("is not the smallest reconstruction error")


def tail(X, k, *, centre=lambda X: X - X.mean(0), kept=lambda s, k: s[k:] ** 2, divisor=lambda X, s: len(X)):
    """The right error with one link to replace."""
    autoencoders.pca_mse(X, k)
    X = np.asarray(X, f64)
    s = np.linalg.svd(centre(X), compute_uv=False)
    return float(np.sum(kept(s, k)) / divisor(X, s))


@right("pca_mse", "eigenvalues")
def by_eigenvalues(X, k):
    autoencoders.pca_mse(X, k)
    D = np.asarray(X, f64) - np.mean(np.asarray(X, f64), axis=0)
    return float(np.sum(np.linalg.eigvalsh(D.T @ D / len(D))[: D.shape[1] - k]))


ERROR = Hidden("pca_mse", reference=autoencoders.pca_mse, checks=(
    *usual_checks(drawn_errors, "rand", "mut", "list", "strided", tolerance=Tolerance(1e-9), also_right=within_variance),
), misconceptions=(
    wrong("divides by n-1", lambda *a: tail(*a, divisor=lambda X, s: max(len(X) - 1, 1)),
        hint="Reconstruction error is a mean over samples."),
    wrong("averages over the features too", lambda *a: tail(*a, divisor=lambda X, s: X.size), hint="Does the statement sum over the features or average them?"),
    wrong("sums the variance that is kept, not lost", lambda *a: tail(*a, kept=lambda s, k: s[:k] ** 2),
        hint="For k = 0, is everything lost or everything kept?"),
    wrong("forgets to square the singular values", lambda *a: tail(*a, kept=lambda s, k: s[k:]), hint="In what unit is a singular value, and in what unit a squared error?"),
    wrong("forgets to centre", lambda *a: tail(*a, centre=lambda X: X), hint="Move all samples by the same vector: should the error change?"),
    wrong("returns a fraction of the variance", lambda *a: tail(*a, divisor=lambda X, s: np.sum(s**2)), hint="Scale the data by 10: should the error change?"),
))


# --- E16.4 linear_ae_grad ---
def draw_gradient(g, n, d, k):
    return g.normal(size=(n, d)), g.normal(size=(d, k)), g.normal(size=(k, d))


def draw_gradient_tall(g):
    return g.normal(size=(50_000, 5)), g.normal(size=(5, 2)), g.normal(size=(2, 5))


drawn_gradients = strata(draw_gradient, (5, 4, 2), (8, 3, 1), (2, 5, 3), (1, 2, 1), (6, 1, 2), (7, 2, 3))


def stationary_inputs(rng):
    g = rng("stationary")
    X = g.normal(size=(15, 4)) * [3.0, 2.0, 1.0, 0.5] @ np.linalg.qr(g.normal(size=(4, 4)))[0]
    X = X - X.mean(0)
    V = np.linalg.svd(X, full_matrices=False)[2][:2].T
    G = g.normal(size=(2, 2)) + 2 * np.eye(2)
    return [(X, V, V.T), (X, V @ G, np.linalg.solve(G, V.T))]


def stationary_law(args, got, want):
    for at, ((X, _, _), gradients) in enumerate(zip(args, got, strict=True)):
        if not all(np.max(np.abs(gradient)) <= 1e-9 * np.sum(X * X) for gradient in gradients):
            return Broken("the gradients do not vanish at the principal directions of centred data", at)
    return None


def gradients(
    X, We, Wd, *, divisor=len, error=lambda R, X: R - X, through=lambda B: B.T, inputs=lambda X, H, A: H,
    tie=lambda gA, gB: (gA, gB),
):  # fmt: skip
    """The right gradients with one link to replace."""
    autoencoders.linear_ae_grad(X, We, Wd)
    X, A, B = np.asarray(X, f64), np.asarray(We, f64), np.asarray(Wd, f64)
    H = X @ A
    E = 2.0 / divisor(X) * error(H @ B, X)
    return tie(X.T @ (E @ through(B)), inputs(X, H, A).T @ E)


def tied(gA, gB):
    G = gA + gB.T
    return G, G.T.copy()


@right("linear_ae_grad", "via the Gram matrix")
def by_gram(X, We, Wd):
    autoencoders.linear_ae_grad(X, We, Wd)
    X, A, B = np.asarray(X, f64), np.asarray(We, f64), np.asarray(Wd, f64)
    C = 2.0 / len(X) * (X.T @ X)
    M = A @ B - np.eye(len(C))
    return C @ M @ B.T, A.T @ C @ M


GRADIENTS = Hidden("linear_ae_grad", reference=autoencoders.linear_ae_grad, checks=(
    *usual_checks(drawn_gradients, tolerance=GRADS),
    law("stationary", "vanish at every minimum", stationary_inputs, stationary_law),
    fast_enough(draw_gradient_tall, "50,000 samples", tolerance=GRADS),
), misconceptions=(
    wrong("loses the factor 2", lambda *a: gradients(*a, divisor=lambda X: 2 * len(X)), hint="Is there a factor 1/2 in L?"),
    wrong("divides by n*d instead of n", lambda *a: gradients(*a, divisor=np.size), hint="Over what does L average: samples, features or both?"),
    wrong("centres X first",
        lambda X, We, Wd: gradients(np.asarray(X, f64) - np.mean(np.asarray(X, f64), axis=0), We, Wd),
        hint="Is the data used as it is? Try a single sample."),
    wrong("reverses the sign", lambda *a: gradients(*a, error=lambda R, X: X - R), hint="In which direction does the loss grow when the reconstruction is too large?"),
    wrong("forgets B^T in the encoder's gradient", lambda *a: gradients(*a, through=lambda B: np.ones_like(B.T)),
        hint="The error reaches the code through the decoder."),
    wrong("takes X instead of the code in the decoder's gradient",
        lambda *a: gradients(*a, inputs=lambda X, H, A: X @ np.ones_like(A)), hint="What is the input of the decoder?"),
    wrong("assumes tied weights", lambda *a: gradients(*a, tie=tied), hint="We and Wd are independent."),
))


# --- E16.5 train_linear_ae ---
def untouched_inputs(rng):
    args = draw_training(rng("rng"), 30, 4, 2)
    return [args, args]


def untouched_law(observations):
    if any(seen.facts.touched_random for seen in observations):
        return Broken("uses the global random state")
    first, again = ([np.asarray(item) for item in seen.value] for seen in observations)
    same = all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, again, strict=True))
    return None if same else Broken("gives different results for equal calls")


def encoder(
    X, k, *, data=lambda X: X, choose=lambda Q, X, k: Q[:, ::-1][:, :k], decoder=lambda V, w, k: V.T,
):  # fmt: skip
    """The right training with one link to replace."""
    autoencoders.train_linear_ae(X, k)
    X = np.asarray(X, f64)
    w, Q = np.linalg.eigh(data(X).T @ data(X) / len(X))
    V = choose(Q, X, k)
    return V.copy(), decoder(V, w[::-1], k).copy()


def random_space(Q, X, k):
    return np.linalg.qr(np.random.default_rng(0).normal(size=(X.shape[1], k)))[0]


@wrong("train_linear_ae", "takes 100 steps of gradient descent",
       hint="Is the gradient small relative to its start? What if X is in other units?")
def hundred_steps(X, k):
    autoencoders.train_linear_ae(X, k)
    X, g = np.asarray(X, f64), np.random.default_rng(0)
    A, B = 0.1 * g.normal(size=(X.shape[1], k)), 0.1 * g.normal(size=(k, X.shape[1]))
    # small enough never to diverge: a chaotic path would depend on rounding, and could not be recognised
    rate = 0.01 / max(1.0, np.sum(X * X) / len(X))
    for _ in range(100):
        gA, gB = gradients(X, A, B)
        A, B = A - rate * gA, B - rate * gB
    return A, B


@right("train_linear_ae", "alternating least squares")
def alternating(X, k):
    autoencoders.train_linear_ae(X, k)
    X = np.asarray(X, f64)
    A = np.random.default_rng(3).normal(size=(X.shape[1], k))
    for _ in range(60):
        A = np.linalg.qr(A)[0]
        B = np.linalg.lstsq(X @ A, X, rcond=None)[0]
        A = np.linalg.pinv(B)
    return A, B


@right("train_linear_ae", "rotated PCA")
def rotated(X, k):
    V, _ = autoencoders.train_linear_ae(X, k)
    G = np.random.default_rng(4).normal(size=(k, k)) + 3 * np.eye(k)
    return V @ G, np.linalg.solve(G, V.T)


def descent(rate, steps):
    """Gradient descent with a fixed rate that stops after a number of steps."""

    def train(X, k):
        autoencoders.train_linear_ae(X, k)
        X, g = np.asarray(X, f64), np.random.default_rng(0)
        A, B = 0.1 * g.normal(size=(X.shape[1], k)), 0.1 * g.normal(size=(k, X.shape[1]))
        with np.errstate(all="ignore"):
            for _ in range(steps):
                gA, gB = gradients(X, A, B)
                A, B = A - rate * gA, B - rate * gB
        return A, B

    return train


TRAINING = Hidden("train_linear_ae", reference=autoencoders.train_linear_ae, borderlines=tuple(
    borderline(f"gradient descent, {steps:,} steps of rate {rate:g}", descent(rate, steps))
    for rate, steps in ((0.02, 1000), (0.02, 2000), (0.05, 2000), (0.1, 2000), (0.05, 5000))
), checks=(
    *usual_checks(drawn_trainings, "rand", "mut", "list", "strided", cases=6, tolerance=DIRECTIONS, also_right=trained),
    corner("units", "is right for data of the scale 1e-6 and 1e6", trainings_in_units, draws=2, tolerance=DIRECTIONS, also_right=trained),
    corner("done", "goes on until nothing is left, for k = d and variances of very different size", drawn_out, draws=6,
        tolerance=DIRECTIONS, also_right=trained),
    Contract(name="rng", title="is reproducible and leaves the global random state alone", inputs=untouched_inputs,
        law=untouched_law),
), misconceptions=(
    wrong("projects on random directions", lambda *a: encoder(*a, choose=random_space),
        hint="Compare the loss with the tail of eigenvalues."),
    wrong("keeps the smallest directions", lambda *a: encoder(*a, choose=lambda Q, X, k: Q[:, :k]),
        hint="In which order does your routine return the eigenvalues?"),
    wrong("keeps the first k features", lambda *a: encoder(*a, choose=lambda Q, X, k: np.eye(len(Q))[:, :k]),
        hint="Features are not principal directions."),
    wrong("standardises the features first", lambda *a: encoder(*a, data=lambda X: X / X.std(0)),
        hint="The loss is in the original units."),
    wrong("scales the decoder by eigenvalues",
        lambda *a: encoder(*a, decoder=lambda V, w, k: (V * np.sqrt(w[:k] / w[0])).T),
        hint="Given We, which Wd minimises the loss?"),
))
