"""The figure of the room: where a tanh output learns, and where it does not."""

import numpy as np

BLUE = "#56B4E9"  # visible on the colour map for every common colour vision
Z = np.linspace(-6, 6, 241)
Y = np.linspace(-5, 5, 201)


def figure(functions, plt):
    """Draw |d/dz (tanh(z) - y)**2 / 2| over z and y with a logarithmic colour, and where the prediction is right.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without mlp_grad (a network of one unit whose hidden bias is z) the
        derivative is written out.
    plt : module
        matplotlib.pyplot.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.colors import LogNorm

    mlp = functions.get("mlp_grad")
    # a coarser grid where every point is one call
    z, y = (Z, Y) if mlp is None else (Z[::4], Y[::4])
    strength = [[_closed(a, b) if mlp is None else _from_network(mlp, a, b) for a in z] for b in y]
    drawing, axes = plt.subplots(figsize=(7, 5), layout="constrained")
    image = axes.pcolormesh(z, y, np.maximum(strength, 1e-6), norm=LogNorm(1e-5, 6), cmap="cividis", shading="nearest")
    drawing.colorbar(image, label=r"$|\partial L/\partial z| = |\tanh z - y|\,(1 - \tanh^2 z)$")
    axes.plot(Z, np.tanh(Z), "--", color=BLUE, label=r"$y = \tanh z$: the prediction is right")
    axes.set_xlabel("pre-activation $z$")
    axes.set_ylabel("target $y$")
    axes.legend(loc="upper right")
    return drawing


def _closed(z, y):
    return abs(np.tanh(z) - y) * (1 - np.tanh(z) ** 2)


def _from_network(mlp_grad, z, y):
    """The gradient of a single unit's bias; halved, because this loss has no 1/2."""
    return abs(mlp_grad([[0.0]], [z], [1.0], 0.0, [[0.0]], [y])[1][0]) / 2
