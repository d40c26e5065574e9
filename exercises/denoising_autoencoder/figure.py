"""The figure of the exercise: the best denoiser of a mixture of two components, and the best straight line."""

import numpy as np

from autograder.checks.palette import BLUE, GREY, ORANGE

SIGMA2 = 0.5
MEANS = np.array([-1.0, 1.0])
SPREADS = ((0.0, BLUE, "-", "two points"), (0.15, ORANGE, "--", "two bumps"))


def figure(functions, plt):
    """Draw E[x | y] against y for two point masses and for two normal components, with the lines of linear denoisers.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; missing ones are replaced by an average over a grid of x and by the best
        gain on a grid.
    """
    y = np.linspace(-4.0, 4.0, 321)
    denoise = functions.get("gmm_denoiser", _posterior_mean)
    gain = functions.get("optimal_linear_denoiser", _best_gain)
    drawing, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    axes.plot(y, y, ":", color=GREY, label="no denoising")
    for s2, colour, line, name in SPREADS:
        variance = float(np.mean(MEANS**2)) + s2
        slope = float(np.asarray(gain([[variance]], SIGMA2)).item())
        axes.plot(y, slope * y, line, color=colour, linewidth=1, label=f"best line, {name}")
        curve = denoise(y, np.array([0.5, 0.5]), MEANS, np.full(2, s2), SIGMA2)
        axes.plot(y, curve, line, color=colour, linewidth=2.5, label=rf"$E[x \mid y]$, {name}")
    axes.set_ylim(-2.2, 2.2)
    axes.set_xlabel("noisy observation $y$")
    axes.set_ylabel(r"denoised value $\hat x$")
    axes.set_title(rf"noise variance $\sigma^2 = {SIGMA2}$")
    axes.legend()
    return drawing


def _posterior_mean(y, weights, means, s2, sigma2):
    """Average of x over a grid, weighted with its density times that of the noise."""
    x = np.concatenate([m + np.sqrt(v) * np.linspace(-5.0, 5.0, 201) for m, v in zip(means, s2, strict=True)])
    prior = np.concatenate([w * np.exp(-0.5 * np.linspace(-5.0, 5.0, 201) ** 2) for w in weights])
    joint = prior * np.exp(-((y[:, None] - x) ** 2) / (2 * sigma2))
    return joint @ x / joint.sum(axis=1)


def _best_gain(S, sigma2):
    gains = np.linspace(0.0, 1.0, 10_001)
    return gains[np.argmin((1 - gains) ** 2 * S[0][0] + gains**2 * sigma2)]
