"""The figure of the exercise: distillation becomes logit matching, and what a temperature does to a teacher."""

import numpy as np

from autograder.checks.palette import BLUE, GREEN, GREY, ORANGE

STUDENT = np.array([[2.0, 0.0, -1.0, 0.5], [0.5, 1.0, 0.0, -1.5]])
TEACHER = np.array([[6.0, 2.0, 1.0, -1.0], [3.0, 0.0, 0.5, 0.0]])


def figure(functions, plt):
    """Draw the gap to the high-temperature limit against T, and the teacher's probabilities for three temperatures.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; missing ones are replaced by slopes of the losses and by the definition.
    """
    drawing, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    temperatures = np.geomspace(1, 1000, 25)
    gap = functions.get("high_temperature_gap", _gap)(STUDENT, TEACHER, temperatures)
    left.loglog(temperatures, gap, "o-", color=BLUE, markersize=4, label="largest entry of the difference")
    left.loglog(temperatures, gap[-1] * temperatures[-1] / temperatures, "--", color=GREY, label="slope $-1$")
    left.set_xlabel("temperature $T$")
    left.set_ylabel("|distillation gradient $-$ centred logit gradient|")
    left.legend()
    soften = functions.get("softened_probs", _soften)
    classes = np.arange(TEACHER.shape[1])
    for shift, (T, colour) in enumerate(((1.0, BLUE), (4.0, ORANGE), (20.0, GREEN))):
        right.bar(classes + 0.27 * (shift - 1), soften(TEACHER, T)[0], width=0.25, color=colour, label=f"$T={T:g}$")
    right.set_xticks(classes)
    right.set_xlabel("class")
    right.set_ylabel("softened probability of the teacher")
    right.legend()
    return drawing


def _soften(logits, T):
    weights = np.exp((logits - logits.max(axis=-1, keepdims=True)) / T)
    return weights / weights.sum(axis=-1, keepdims=True)


def _distillation(student, T):
    q = _soften(TEACHER, T)
    return -(T**2) * np.mean(np.sum(q * np.log(_soften(student, T)), axis=1))


def _centred(student):
    d = student - TEACHER
    return np.mean((d - d.mean(axis=1, keepdims=True)) ** 2) / 2


def _gap(student, teacher, temperatures, step=1e-2):
    gaps = []
    for T in temperatures:
        largest = 0.0
        for index in np.ndindex(student.shape):
            move = np.zeros_like(student)
            move[index] = step
            rise = [
                loss(student + move) - loss(student - move) for loss in (lambda Z, T=T: _distillation(Z, T), _centred)
            ]
            largest = max(largest, abs(rise[0] - rise[1]) / (2 * step))
        gaps.append(largest)
    return np.array(gaps)
