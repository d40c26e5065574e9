"""The figure of the exercise: four output activations on their way to a target out of range."""

import numpy as np

from autograder.checks.palette import BLACK, BLUE, GREEN, ORANGE

# distinct for every common colour vision, and by their line
KINDS = (("linear", BLACK, "-"), ("tanh", ORANGE, "--"), ("sigmoid", BLUE, "-."), ("relu", GREEN, ":"))
START, RATE, STEPS = -0.5, 0.1, 10_000
TARGETS = (5.0, -2.0)


def figure(functions, plt):
    """Draw z_t over a logarithmic time axis for four activations and two targets.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without ``gd_preactivation`` slopes are measured on the loss.
    """
    drawing, panels = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    descend = functions.get("gd_preactivation", _descend)
    t = np.unique(np.geomspace(1, STEPS, 200).astype(int))
    for panel, target in zip(panels, TARGETS, strict=True):
        for kind, colour, line in KINDS:
            path = np.asarray(descend(START, target, kind, RATE, STEPS))
            panel.semilogx(t, path[t], line, color=colour, label=kind, linewidth=2)
        panel.set_xlabel(f"step $t$, learning rate {RATE}")
        panel.set_ylabel("pre-activation $z_t$")
        panel.set_title(f"target $y={target:g}$")
    panels[0].legend()
    return drawing


def _output(z, kind):
    if kind == "sigmoid":
        return 1 / (1 + np.exp(-z))
    return {"linear": z, "tanh": np.tanh(z), "relu": max(z, 0.0)}[kind]


def _descend(z0, y, kind, lr, steps, step=1e-4):
    path = [z0]
    for _ in range(steps):
        z = path[-1]
        above, below = ((_output(z + s, kind) - y) ** 2 / 2 for s in (step, -step))
        path.append(z - lr * (above - below) / (2 * step))
    return path
