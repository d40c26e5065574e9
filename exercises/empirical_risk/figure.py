"""The figure of the room: the law of large numbers for one predictor, and the excess risk of the fitted one."""

import numpy as np

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "0.4"  # distinct for every common colour vision
PATHS, LENGTH = 20, 10_000
SLOPE, NOISE = 0.5, 1.0  # residual of the fixed predictor: SLOPE * x + e with x ~ N(0, 1), e ~ N(0, NOISE)
D, REPS = 3, 2000


def figure(functions, plt):
    """Draw |L_n - J| of 20 samples and the mean excess risk of least squares, both against n in log-log axes.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without ``running_risk`` or ``simulate_excess_risk`` only the theory is
        drawn in that panel.
    plt : module
        matplotlib.pyplot.

    Returns
    -------
    matplotlib.figure.Figure
    """
    drawing, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    risk = SLOPE**2 + NOISE
    ns = np.unique(np.geomspace(1, LENGTH, 200).astype(int))
    if "running_risk" in functions:
        for k in range(PATHS):
            x, e = np.random.default_rng([1, k]).normal(size=(2, LENGTH))
            path = functions["running_risk"](x + np.sqrt(NOISE) * e, (1 - SLOPE) * x, ns)
            left.loglog(ns, np.abs(path - risk), color=BLUE, alpha=0.35, linewidth=0.8)
    # the residual is normal with variance risk, so its square has the variance 2 risk^2
    left.loglog(ns, risk * np.sqrt(2 / ns), color=GREY, linestyle="--")
    left.set_xlabel("samples $n$")
    left.set_ylabel("$|L_n - J|$ of one fixed predictor")
    sizes = np.unique(np.geomspace(D + 2, 300, 12).astype(int))
    dense = np.geomspace(D + 2, 300, 200)
    right.loglog([], [], color=BLUE, alpha=0.5, label=f"{PATHS} samples")
    if "simulate_excess_risk" in functions:
        means = [
            np.mean(functions["simulate_excess_risk"](int(n), D, NOISE, REPS, np.random.default_rng([2, int(n)])))
            for n in sizes
        ]
        right.loglog(sizes, means, "o", color=ORANGE, label=f"mean of {REPS} fits")
    right.loglog(dense, NOISE * D / (dense - D - 1), "--", color=GREY, label="theory")
    right.set_xlabel("samples $n$")
    right.set_ylabel(rf"mean excess risk of least squares, $d={D}$")
    right.legend()
    return drawing
