"""R^2 and early stopping: scikit-learn's checks, loops with early returns, NumPy's correlation, signs and offsets."""

import numpy as np

from tests.realcode.corpus import right, short, wrong


def pair(y_true, y_pred):
    y, p = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    if y.shape != p.shape or y.ndim != 1 or y.size == 0 or np.ptp(y) == 0:
        raise ValueError("shapes or constant targets")
    return y, p


@right("r2_score", "two means, the ratio last, as scikit-learn")
def ratio_of_means(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    numerator, denominator = np.average((y - p) ** 2), np.average((y - np.average(y)) ** 2)
    return 1.0 - float(numerator / denominator)


@right("r2_score", "sums by a loop over shifted targets")
def loop_over_shifted(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    first = y[0]
    shifted = [float(v - first) for v in y]
    mean = sum(shifted) / len(shifted)
    res = tot = 0.0
    for value, moved, guess in zip(y, shifted, p, strict=True):
        res += (value - guess) ** 2
        tot += (moved - mean) ** 2
    return float(1 - res / tot)


@short("r2_score", "assert in place of ValueError", "the refusals: an assertion error is another one")
def with_assertions(y_true, y_pred):
    y, p = np.array(y_true, float), np.array(y_pred, float)
    assert y.shape == p.shape
    assert np.ptp(y) > 0
    return float(1 - np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2))


@wrong("r2_score", "NumPy's corrcoef, squared", "returns the squared correlation")
def correlation(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    c = np.corrcoef(y, p)[0, 1]
    return float(np.nan_to_num(c) ** 2)


@wrong("r2_score", "the square root of the ratio: 1 - RMSE / std")
def root_ratio(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return float(1 - np.sqrt(np.mean((y - p) ** 2)) / np.std(y))


@wrong("r2_score", "cut off at 0, as a share should be", "clips at 0")
def not_negative(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return max(0.0, float(1 - np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2)))


@wrong("r2_score", "the deviations from the median")
def from_the_median(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return float(1 - np.sum((y - p) ** 2) / np.sum((y - np.median(y)) ** 2))


@right("mse_from_r2", "variance by pairs of deviations")
def by_deviations(r2, y_true):
    if r2 > 1:
        raise ValueError("r2")
    y = np.asarray(y_true, dtype=float)
    deviations = y - y.mean()
    return float((1 - r2) * deviations.dot(deviations) / y.size)


@right("mse_from_r2", "early return for a perfect fit, statistics.pvariance else")
def by_statistics(r2, y_true):
    if r2 > 1:
        raise ValueError("r2")
    if r2 == 1:
        return 0.0
    return (1 - float(r2)) * float(np.var(np.array(y_true, float), ddof=0))


@wrong("mse_from_r2", "r2 times the variance: the explained part", "returns r2 times the variance")
def explained(r2, y_true):
    if r2 > 1:
        raise ValueError("r2")
    return float(r2 * np.var(np.asarray(y_true, float)))


@wrong("mse_from_r2", "1 - r2^2, as if r2 were a correlation")
def squared_again(r2, y_true):
    if r2 > 1:
        raise ValueError("r2")
    return float((1 - r2**2) * np.var(np.asarray(y_true, float)))


def curve(val_mse, patience):
    v = np.asarray(val_mse, dtype=float)
    if v.size == 0 or patience < 1:
        raise ValueError("empty or patience")
    return v


@right("early_stop", "cumulative minimum and its first place")
def cumulative_minimum(val_mse, patience):
    v = curve(val_mse, patience)
    best, stop = 0, len(v) - 1
    for t in range(len(v)):
        best = int(np.argmin(v[: t + 1]))
        if t - best >= patience:
            stop = t
            break
    return best, stop


@right("early_stop", "a while loop with a counter, as Keras")
def keras_counter(val_mse, patience):
    v = curve(val_mse, patience)
    best, wait, t, lowest = 0, 0, 0, float(v[0])
    while t + 1 < len(v):
        t += 1
        if v[t] < lowest:
            best, wait, lowest = t, 0, float(v[t])
            continue
        wait += 1
        if wait >= patience:
            return best, t
    return best, t


@wrong("early_stop", "stops at the epoch before the one that decides")
def one_epoch_early(val_mse, patience):
    best, stop = keras_counter(val_mse, patience)
    return best, stop - (stop - best >= patience)


@wrong("early_stop", "compares with the epoch before, not with the best")
def against_the_last(val_mse, patience):
    v = curve(val_mse, patience)
    best, wait = 0, 0
    for t in range(1, len(v)):
        if v[t] < v[t - 1]:
            best, wait = t, 0
        else:
            wait += 1
            if wait >= patience:
                return best, t
    return best, len(v) - 1


def sets(X, y, Z, u):
    X, y, Z, u = (np.asarray(a, dtype=float) for a in (X, y, Z, u))
    if X.ndim != 2 or Z.ndim != 2 or X.shape[1] != Z.shape[1] or y.shape != X.shape[:1] or u.shape != Z.shape[:1]:
        raise ValueError("shapes")
    if not y.size or not u.size or np.ptp(y) == 0 or np.ptp(u) == 0:
        raise ValueError("constant targets")
    return X, y, Z, u


def score(y, p):
    return 1 - np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2)


@right("gd_r2_curves", "all weights first, then both curves by broadcasting")
def weights_first(X_train, y_train, X_test, y_test, lr, steps):
    X, y, Z, u = sets(X_train, y_train, X_test, y_test)
    W = np.zeros((steps + 1, X.shape[1]))
    for t in range(steps):
        W[t + 1] = W[t] - lr * 2 * X.T @ (X @ W[t] - y) / len(y)
    curves = []
    for A, v in ((X, y), (Z, u)):
        residual = v[:, None] - A @ W.T
        curves.append(1 - np.einsum("nt,nt->t", residual, residual) / np.sum((v - v.mean()) ** 2))
    return tuple(curves)


@right("gd_r2_curves", "lists that grow, one score after the other")
def growing_lists(X_train, y_train, X_test, y_test, lr, steps):
    X, y, Z, u = sets(X_train, y_train, X_test, y_test)
    w = np.zeros(X.shape[1])
    train, test = [score(y, X @ w)], [score(u, Z @ w)]
    for _ in range(steps):
        w = w - (2.0 * lr / len(X)) * (X @ w - y) @ X
        train.append(score(y, X @ w))
        test.append(score(u, Z @ w))
    return np.array(train), np.array(test)


@wrong("gd_r2_curves", "one step more before the first score", "records after the update instead of before")
def step_first(X_train, y_train, X_test, y_test, lr, steps):
    train, test = growing_lists(X_train, y_train, X_test, y_test, lr, steps + 1)
    return train[1:], test[1:]


@wrong("gd_r2_curves", "stochastic steps: one sample at a time")
def one_sample(X_train, y_train, X_test, y_test, lr, steps):
    X, y, Z, u = sets(X_train, y_train, X_test, y_test)
    w = np.zeros(X.shape[1])
    train, test = [score(y, X @ w)], [score(u, Z @ w)]
    for t in range(steps):
        i = t % len(y)
        w = w - lr * 2 * (X[i] @ w - y[i]) * X[i]
        train.append(score(y, X @ w))
        test.append(score(u, Z @ w))
    return np.array(train), np.array(test)
