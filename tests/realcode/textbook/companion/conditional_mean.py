import numpy as np


def best_constant(y_true, loss):
    y = np.asarray(y_true, float)
    if y.size == 0 or loss not in ("mse", "mae"):
        raise ValueError("empty sample or unknown loss")
    return np.mean(y) if loss == "mse" else np.median(y)


def group_means(x, y_true):
    x, y = np.asarray(x, float), np.asarray(y_true, float)
    if x.shape != y.shape or x.ndim != 1 or x.size == 0:
        raise ValueError("x and y must be 1-D of one length")
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    return values, np.bincount(inverse, weights=y) / counts


def conditional_mean(P, y_vals):
    P, y = np.asarray(P, float), np.asarray(y_vals, float)
    if P.ndim != 2 or y.shape != P.shape[1:] or np.any(P < 0) or abs(P.sum() - 1) > 1e-9:
        raise ValueError("not a joint distribution on these values")
    mass = P.sum(axis=1)
    safe = np.where(mass > 0, mass, 1.0)
    return np.where(mass > 0, (P / safe[:, None]) @ y, np.nan)


def risk_decomposition(P, y_vals, f):
    P, y, f = np.asarray(P, float), np.asarray(y_vals, float), np.asarray(f, float)
    m = conditional_mean(P, y)
    if f.shape != m.shape:
        raise ValueError("f must have one prediction for each x")
    mass = P.sum(axis=1)
    keep = mass > 0
    noise = np.sum(P[keep] * (y[None, :] - m[keep, None]) ** 2)
    excess = np.sum(mass[keep] * (m[keep] - f[keep]) ** 2)
    return noise + excess, noise, excess


def sym_risk_moments():
    return "m2 - 2*a*m1 + a**2"


def sym_risk_derivative():
    return "2*(a - m1)"
