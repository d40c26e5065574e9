"""Scores of probabilities: scikit-learn, verification packages of meteorology, and calibration code of papers."""

import itertools

import numpy as np

from tests.realcode.corpus import right, short, wrong


def forecasts(y_prob, y_true):
    p, o = np.asarray(y_prob, float), np.asarray(y_true, float)
    if p.shape != o.shape or (p < 0).any() or (p > 1).any():
        raise ValueError("forecasts")
    return p, o


@right("brier_score", "scikit-learn: brier_score_loss, an average of squares")
def averaged(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return float(np.average((o - p) ** 2))


@wrong("brier_score", "Brier (1950): both classes of a yes-no event", "counts both classes")
def both_classes(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return np.mean(np.sum((np.stack([1 - p, p]) - np.stack([1 - o, o])) ** 2, axis=0))


@wrong("brier_score", "Keras: outputs (n, 1) against labels (n,)", "subtracts a row from a column: n x n residuals")
def broadcast(y_prob, y_true):
    p, o = np.asarray(y_prob, float), np.asarray(y_true, float)
    if (p < 0).any() or (p > 1).any():
        raise ValueError("forecasts")
    return np.mean((p.reshape(-1, 1) - o.ravel()) ** 2)


@wrong("brier_score", "competition notebooks: accuracy at 0.5, as an error rate", "rounds forecasts to 0 or 1")
def error_rate(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return np.mean((p > 0.5) != (o == 1))


@wrong("brier_score", "properscoring users: skill against the base rate", "returns the Brier skill score")
def skill(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    base = o.mean() * (1 - o.mean())
    return 1 - np.mean((p - o) ** 2) / (base if base else 1.0)


def table(probs, labels):
    P, c = np.asarray(probs, float), np.asarray(labels)
    if c.shape != P.shape[:1] or (c < 0).any() or (c >= P.shape[1]).any():
        raise ValueError("labels")
    return P, c


@right("brier_multiclass", "TensorFlow Probability: brier_score, expanded")
def expanded(probs, labels):
    P, c = table(probs, labels)
    return np.mean((P**2).sum(axis=1) - 2 * np.take_along_axis(P, c[:, None], axis=1)[:, 0] + 1)


@wrong("brier_multiclass", "Keras: mean_squared_error of one-hot targets", "averages over the classes")
def keras_mse(probs, labels):
    P, c = table(probs, labels)
    return np.mean((P - np.eye(P.shape[1])[c]) ** 2)


@wrong("brier_multiclass", "only the probability of the class that happened", "scores the true class alone")
def own_class(probs, labels):
    P, c = table(probs, labels)
    return np.mean((1 - P[np.arange(len(c)), c]) ** 2)


@right("murphy_decomposition", "pandas: groupby(forecast).agg(mean, size), as runs of sorted forecasts")
def grouped(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    base, reliability, resolution = o.mean(), 0.0, 0.0
    pairs = sorted(zip(p.tolist(), o.tolist(), strict=True))
    for value, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
        seen = [outcome for _, outcome in group]
        share, frequency = len(seen) / p.size, sum(seen) / len(seen)
        reliability += share * (value - frequency) ** 2
        resolution += share * (frequency - base) ** 2
    return reliability, resolution, base * (1 - base)


def by_bins(y_prob, y_true, name):
    p, o = forecasts(y_prob, y_true)
    bins = np.minimum((10 * p).astype(int), 9)
    base, reliability, resolution = o.mean(), 0.0, 0.0
    for b in np.unique(bins):
        inside = bins == b
        value = p[inside].mean() if name == "mean" else b / 10 + 0.05
        reliability += inside.mean() * (value - o[inside].mean()) ** 2
        resolution += inside.mean() * (o[inside].mean() - base) ** 2
    return reliability, resolution, base * (1 - base)


@wrong(
    "murphy_decomposition",
    "R, verification: brier() with ten bins and the mean forecast of each",
    "groups by ten bins with the mean forecast of each",
)
def verification_package(y_prob, y_true):
    return by_bins(y_prob, y_true, "mean")


@wrong("murphy_decomposition", "reliability diagrams: ten bins and their centres", "groups by ten equal bins")
def diagram(y_prob, y_true):
    return by_bins(y_prob, y_true, "centre")


@wrong(
    "murphy_decomposition",
    "np.round(p, 3) so that floats can be compared",
    "rounds forecasts to three decimals before grouping",
)
def rounded(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    return grouped(np.round(p, 3), o)


@short("murphy_decomposition", "one mask for each distinct forecast", "quadratic time")
def masks(y_prob, y_true):
    p, o = forecasts(y_prob, y_true)
    values, base = np.unique(p), o.mean()
    share = np.array([(p == v).mean() for v in values])
    frequency = np.array([o[p == v].mean() for v in values])
    return share @ (values - frequency) ** 2, share @ (frequency - base) ** 2, base * (1 - base)


@right("calibration_error", "Guo et al.: accuracy against confidence, bin by bin")
def bin_by_bin(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    which, error = np.minimum(np.floor(p * n_bins), n_bins - 1), 0.0
    for b in range(n_bins):
        inside = which == b
        if inside.any():
            error += inside.mean() * abs(o[inside].mean() - p[inside].mean())
    return error


def between(y_prob, y_true, n_bins, member):
    p, o = forecasts(y_prob, y_true)
    edges, error = np.linspace(0, 1, n_bins + 1), 0.0
    for low, high in itertools.pairwise(edges):
        inside = member(p, low, high)
        if inside.any():
            error += inside.mean() * abs(o[inside].mean() - p[inside].mean())
    return error


@wrong(
    "calibration_error",
    "temperature_scaling: confidences.gt(lower) * confidences.le(upper)",
    "closes bins on the right and loses p=0",
)
def gt_and_le(y_prob, y_true, n_bins):
    return between(y_prob, y_true, n_bins, lambda p, low, high: (p > low) & (p <= high))


@wrong("calibration_error", "masks (p >= low) & (p < high): the last edge is open", "puts p=1 into no bin")
def open_at_one(y_prob, y_true, n_bins):
    return between(y_prob, y_true, n_bins, lambda p, low, high: (p >= low) & (p < high))


@wrong("calibration_error", "netcal: the maximum calibration error", "returns the largest gap of a bin")
def maximum(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    which = np.minimum((p * n_bins).astype(int), n_bins - 1)
    return max(abs(o[which == b].mean() - p[which == b].mean()) for b in np.unique(which))


@wrong(
    "calibration_error",
    "scikit-learn: calibration_curve, gaps averaged over bins",
    "forgets to weigh bins by their size",
)
def curve_average(y_prob, y_true, n_bins):
    p, o = forecasts(y_prob, y_true)
    which = np.minimum((p * n_bins).astype(int), n_bins - 1)
    return np.mean([abs(o[which == b].mean() - p[which == b].mean()) for b in np.unique(which)])
