"""The figure of the exercise: where one tanh output gets a gradient signal, and where it gets none."""

import numpy as np

SMALLEST = 1e-4  # of the colour scale
Z = np.linspace(-6.0, 6.0, 121)
TARGETS = np.linspace(-5.0, 5.0, 101)


def figure(functions, plt):
    """Draw the size of dL/dz for L = (tanh(z) - y)**2 / 2 over pre-activation z and target y, in logarithmic colours.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without ``chain_grad`` the slope is measured on the loss.
    """
    rows = _by_chain(functions["chain_grad"]) if "chain_grad" in functions else _by_differences()
    drawing, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    size = np.maximum(np.abs(rows), SMALLEST)
    # cividis looks alike for every common colour vision
    mesh = axes.pcolormesh(Z, TARGETS, size, norm="log", vmin=SMALLEST, vmax=size.max(), cmap="cividis")
    drawing.colorbar(mesh, label=r"$|\partial L/\partial z|$ for $L=\frac{1}{2}(\tanh z-y)^2$")
    axes.plot(Z, np.tanh(Z), color="white", linestyle="--", label=r"no error: $y=\tanh z$")
    axes.set_xlabel("pre-activation $z$")
    axes.set_ylabel("target $y$")
    axes.legend(loc="upper left", facecolor="0.3", labelcolor="white")
    return drawing


def _by_chain(chain_grad, step=1e-5):
    """One call per target: the pre-activations are the parameters, and each output depends on its own only."""
    out, sensitivity = np.tanh(Z), np.diag((np.tanh(Z + step) - np.tanh(Z - step)) / (2 * step))
    # its loss is the mean of squares without 1/2
    return np.array([len(Z) / 2 * chain_grad(out, np.full_like(out, y), sensitivity) for y in TARGETS])


def _by_differences(step=1e-5):
    def loss(z):
        return (np.tanh(z) - TARGETS[:, None]) ** 2 / 2

    return (loss(Z + step) - loss(Z - step)) / (2 * step)
