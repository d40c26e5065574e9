"""The figure of the exercise: the bands of a constant and of a fitted variance, and how often they hold the target."""

import numpy as np

from autograder.checks.palette import BLUE, GREY, ORANGE

TRUTH = (1.0, 0.5, -1.0, 1.2)  # a, b, c, d
Z, LEVEL = 1.6448536269514722, 0.9  # half-width in standard deviations of the central 90 % interval
BINS = 12


def figure(functions, plt):
    """Draw data with both 90 % bands, and below them the share of targets inside, bin by bin.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without the fit the true parameters are drawn.
    """
    x, y = _sample(np.random.default_rng(10))
    fitted = "fit_heteroscedastic" in functions
    a, b, c, d = functions["fit_heteroscedastic"](x, y) if fitted else TRUTH
    mean, spread = a + b * x, np.exp((c + d * x) / 2)
    slope, intercept = np.polyfit(x, y, 1)
    line = intercept + slope * x
    pooled = np.full_like(x, np.sqrt(np.mean((y - line) ** 2)))
    drawing, (top, bottom) = plt.subplots(2, 1, figsize=(8, 7), sharex=True, layout="constrained")
    top.scatter(x, y, s=4, color=GREY, label="data")
    top.plot(x, mean, "--", color="black", label="mean")
    for centre, sigma, colour, label in (
        (line, pooled, ORANGE, "constant variance"),
        (mean, spread, BLUE, "fitted variance" if fitted else "true variance"),
    ):
        top.plot(x, centre - Z * sigma, color=colour, label=f"90 % band, {label}")
        top.plot(x, centre + Z * sigma, color=colour)
        middles, share = _coverage(x, np.abs(y - centre) <= Z * sigma)
        bottom.plot(middles, share, "o-", color=colour)
    top.set_ylabel("target $y$")
    top.legend(loc="upper left")
    if "homoscedastic_coverage" in functions:
        true_sigma = np.exp((TRUTH[2] + TRUTH[3] * x) / 2)
        expected = functions["homoscedastic_coverage"](true_sigma, LEVEL)
        bottom.plot(x, expected, ":", color=ORANGE, label="true coverage, constant variance")
    bottom.axhline(LEVEL, linestyle="--", color="black", linewidth=1, label="nominal")
    bottom.set_xlabel("input $x$")
    bottom.set_ylabel("share inside the band")
    bottom.legend(loc="lower left")
    return drawing


def _sample(rng, n=3000):
    a, b, c, d = TRUTH
    x = np.sort(rng.uniform(-2, 2, size=n))
    return x, a + b * x + np.exp((c + d * x) / 2) * rng.normal(size=n)


def _coverage(x, inside):
    edges = np.linspace(x[0], x[-1], BINS + 1)
    which = np.clip(np.digitize(x, edges) - 1, 0, BINS - 1)
    return (edges[1:] + edges[:-1]) / 2, np.bincount(which, weights=inside, minlength=BINS) / np.bincount(which)
