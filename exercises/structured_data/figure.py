"""The figure of the exercise: an image under growing noise, and two averages of the same errors."""

import numpy as np

from autograder.checks.palette import BLUE, ORANGE

NOISES = (4, 16, 64)  # standard deviations, in grey levels of 255


def figure(functions, plt):
    """Draw an image with three levels of noise and their PSNR, and micro and macro MSE of ragged sequences.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; psnr and ragged_mse are used where they work.
    """
    rng = np.random.default_rng(15)
    drawing, axes = plt.subplots(1, 4, figsize=(13, 3.6), layout="constrained")
    clean = _picture(64)
    decibels = functions.get("psnr", _psnr)
    for place, sigma in zip(axes, NOISES, strict=False):
        noisy = np.clip(np.round(clean + sigma * rng.normal(size=clean.shape)), 0, 255).astype(np.uint8)
        place.imshow(noisy, cmap="gray", vmin=0, vmax=255)
        place.set_title(rf"noise $\sigma={sigma}$: {decibels(noisy, clean.astype(np.uint8), 255):.1f} dB")
        place.set_xlabel("column")
    axes[0].set_ylabel("row")
    for place in axes[1:3]:
        place.tick_params(labelleft=False)
    averages = functions.get("ragged_mse", _ragged)
    lengths = (2, 4, 8, 60)
    y_true = [rng.normal(size=n) for n in lengths]
    y_pred = [y + rng.normal(size=y.size) / np.sqrt(y.size) for y in y_true]
    right = axes[3]
    words = ("token", "sequence")
    right.bar(
        ('micro:\n"token"', 'macro:\n"sequence"'), [averages(y_true, y_pred, word) for word in words],
        color=(BLUE, ORANGE), width=0.6,
    )  # fmt: skip
    right.set_ylabel("mean squared error")
    right.set_title("long sequences fit better")
    return drawing


def _picture(size):
    """A smooth shade with a bright disc."""
    row, column = np.mgrid[0:size, 0:size] / (size - 1)
    disc = (row - 0.45) ** 2 + (column - 0.55) ** 2 < 0.08
    return np.round(60 + 80 * column + 80 * disc)


def _psnr(image, reference, data_range):
    error = np.mean((image.astype(float) - reference.astype(float)) ** 2)
    return 10 * np.log10(data_range**2 / error)


def _ragged(y_true, y_pred, reduction):
    squares = [(a - b) ** 2 for a, b in zip(y_true, y_pred, strict=True)]
    return np.mean(np.concatenate(squares)) if reduction == "token" else np.mean([q.mean() for q in squares])
