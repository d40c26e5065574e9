"""The conditional mean: np.unique and np.add.at, dictionaries, tables of probabilities by einsum, integer tables."""

import numpy as np

from tests.realcode.corpus import right, short, wrong


def sample(y_true, loss):
    y = np.asarray(y_true, dtype=float)
    if y.size == 0 or loss not in ("mse", "mae"):
        raise ValueError("empty or loss")
    return y


@right("best_constant", "a dictionary of NumPy's functions")
def dispatch(y_true, loss):
    y = sample(y_true, loss)
    return float({"mse": np.mean, "mae": np.median}[loss](y))


@right("best_constant", "sorted list, the lower middle; early return for mse")
def lower_middle(y_true, loss):
    y = sample(y_true, loss)
    if loss == "mse":
        return float(sum(y - y[0]) / len(y) + y[0])
    return sorted(y.tolist())[(len(y) - 1) // 2]


@wrong("best_constant", "median for mse and mean for mae")
def exchanged(y_true, loss):
    y = sample(y_true, loss)
    return float(np.median(y) if loss == "mse" else np.mean(y))


@wrong("best_constant", "the middle of the unsorted list", "takes the middle element without sorting")
def unsorted_middle(y_true, loss):
    y = sample(y_true, loss)
    return float(y.mean() if loss == "mse" else y[len(y) // 2])


@wrong("best_constant", "the most frequent value for mae")
def mode(y_true, loss):
    y = sample(y_true, loss)
    if loss == "mse":
        return float(y.mean())
    values, counts = np.unique(y, return_counts=True)
    return float(values[np.argmax(counts)])


def samples(x, y_true):
    x, y = np.asarray(x, dtype=float), np.asarray(y_true, dtype=float)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError("shapes")
    return x, y


@right("group_means", "np.unique and np.add.at")
def add_at(x, y_true):
    x, y = samples(x, y_true)
    values, group, counts = np.unique(x, return_inverse=True, return_counts=True)
    sums = np.zeros(len(values))
    np.add.at(sums, group, y)
    return values, sums / counts


@right("group_means", "a dictionary of lists, sorted keys")
def dictionary(x, y_true):
    x, y = samples(x, y_true)
    lists = {}
    for key, value in zip(x.tolist(), y.tolist(), strict=True):
        lists.setdefault(key, []).append(value)
    keys = sorted(lists)
    return np.array(keys), np.array([sum(lists[k]) / len(lists[k]) for k in keys])


@short("group_means", "a list and a list", "the container: lists where arrays are asked for")
def two_lists(x, y_true):
    values, means = dictionary(x, y_true)
    return values.tolist(), means.tolist()


@wrong("group_means", "the median of every group", "takes medians of the groups")
def medians(x, y_true):
    x, y = samples(x, y_true)
    values = np.unique(x)
    return values, np.array([np.median(y[x == v]) for v in values])


@wrong("group_means", "counts divided by sums")
def upside_down(x, y_true):
    values, means = add_at(x, y_true)
    return values, 1 / np.where(means == 0, 1, means)


def joint(P, y_vals):
    P, y = np.asarray(P, dtype=float), np.asarray(y_vals, dtype=float)
    if P.ndim != 2 or y.shape != P.shape[1:] or np.any(P < 0) or abs(P.sum() - 1) > 1e-9:
        raise ValueError("table")
    return P, y


@right("conditional_mean", "row by row, with an early continue")
def row_by_row(P, y_vals):
    P, y = joint(P, y_vals)
    out = np.full(len(P), np.nan)
    for i, row in enumerate(P):
        mass = row.sum()
        if mass == 0:
            continue
        out[i] = (row / mass) @ y
    return out


@right("conditional_mean", "einsum and np.divide with where")
def divide_where(P, y_vals):
    P, y = joint(P, y_vals)
    mass = np.einsum("ij->i", P)
    return np.divide(np.einsum("ij,j->i", P, y), mass, out=np.full(mass.shape, np.nan), where=mass > 0)


@wrong("conditional_mean", "E[X | Y]: divides by the columns", "divides by P(Y), so conditions the wrong way round")
def by_columns(P, y_vals):
    P, y = joint(P, y_vals)
    columns = P.sum(0)
    Q = np.divide(P, columns, out=np.zeros_like(P), where=columns > 0)
    out = Q @ y
    out[P.sum(1) == 0] = np.nan
    return out


@wrong("conditional_mean", "the most probable value of every row", "returns the most probable y")
def most_probable(P, y_vals):
    P, y = joint(P, y_vals)
    out = y[np.argmax(P, axis=1)].astype(float)
    out[P.sum(1) == 0] = np.nan
    return out


@right("risk_decomposition", "masked rows, deviations from the conditional mean")
def masked_rows(P, y_vals, f):
    P, y = joint(P, y_vals)
    f = np.asarray(f, dtype=float)
    if f.shape != (len(P),):
        raise ValueError("f")
    keep = P.sum(axis=1) > 0
    P, f = P[keep], f[keep]
    p = P.sum(axis=1)
    m = P @ (y - y[0]) / p + y[0]
    noise = float(np.sum(P * (y[None, :] - m[:, None]) ** 2))
    excess = float(np.sum(p * (m - f) ** 2))
    return noise + excess, noise, excess


@right("risk_decomposition", "three sums in two loops")
def three_sums(P, y_vals, f):
    m = row_by_row(P, y_vals)
    P, y = joint(P, y_vals)
    f = np.asarray(f, dtype=float)
    if f.shape != m.shape:
        raise ValueError("f")
    risk = noise = excess = 0.0
    for i in range(P.shape[0]):
        if np.isnan(m[i]):
            continue
        for j in range(P.shape[1]):
            risk += P[i, j] * (y[j] - f[i]) ** 2
            noise += P[i, j] * (y[j] - m[i]) ** 2
            excess += P[i, j] * (m[i] - f[i]) ** 2
    return risk, noise, excess


@wrong("risk_decomposition", "the mean over rows in place of the expectation")
def unweighted_rows(P, y_vals, f):
    m = row_by_row(P, y_vals)
    _, noise, _ = three_sums(P, y_vals, f)
    excess = float(np.nanmean((m - np.asarray(f, float)) ** 2))
    return noise + excess, noise, excess


@wrong("risk_decomposition", "the total variance of Y as noise", "takes the total variance of Y as noise")
def total_variance(P, y_vals, f):
    risk, _, excess = three_sums(P, y_vals, f)
    P, y = joint(P, y_vals)
    q = P.sum(0)
    noise = float(q @ (y - q @ y) ** 2)
    return risk, noise, excess
