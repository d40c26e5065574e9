import numpy as np


def best_constant(y_true, loss):
    y = sorted(np.asarray(y_true, float).ravel().tolist())
    if not y or loss not in ("mse", "mae"):
        raise ValueError("empty sample or unknown loss")
    if loss == "mse":
        return sum(y) / len(y)
    return y[len(y) // 2]


def group_means(x, y_true):
    x, y = np.asarray(x, float), np.asarray(y_true, float)
    if x.shape != y.shape or x.ndim != 1 or len(x) == 0:
        raise ValueError("x and y must be 1-D of one length")
    groups = {}
    for key, value in zip(x.tolist(), y.tolist()):
        total, count = groups.get(key, (0.0, 0))
        groups[key] = (total + value, count + 1)
    keys = sorted(groups)
    return np.array(keys), np.array([groups[k][0] / groups[k][1] for k in keys])


def conditional_mean(P, y_vals):
    P, y = np.asarray(P, float), np.asarray(y_vals, float)
    if P.ndim != 2 or y.shape != (P.shape[1],) or (P < 0).any() or not np.isclose(P.sum(), 1, rtol=0, atol=1e-9):
        raise ValueError("not a joint distribution on these values")
    means = np.full(len(P), np.nan)
    for i, row in enumerate(P):
        if row.sum() > 0:
            means[i] = np.average(y, weights=row)
    return means


def risk_decomposition(P, y_vals, f):
    P, y, f = np.asarray(P, float), np.asarray(y_vals, float), np.asarray(f, float)
    means = conditional_mean(P, y)
    if f.shape != means.shape:
        raise ValueError("f must have one prediction for each x")
    risk = noise = excess = 0.0
    for i in range(P.shape[0]):
        if P[i].sum() == 0:
            continue
        for j in range(P.shape[1]):
            risk += P[i, j] * (y[j] - f[i]) ** 2
            noise += P[i, j] * (y[j] - means[i]) ** 2
        excess += P[i].sum() * (means[i] - f[i]) ** 2
    return risk, noise, excess


def sym_risk_moments():
    return "(m1 - a)**2 + m2 - m1**2"


def sym_risk_derivative():
    return "-2*m1 + 2*a"
