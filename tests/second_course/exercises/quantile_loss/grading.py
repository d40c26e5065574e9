import numpy as np

from autograder.arrays import as_float, require, same_shape
from autograder.checks import Hidden, right, usual_checks, wrong
from autograder.symbolic import MisconceptionForm, Question, Symbol


def pinball_loss(y_true, y_pred, tau):
    xp, y, q = as_float(y_true, y_pred)
    same_shape(y_true=y, y_pred=q)
    require(y.size > 0 and 0 < tau < 1, "no entry, or tau is not between 0 and 1")
    r = y - q
    return float(xp.mean(xp.where(r > 0, tau * r, (tau - 1) * r)))


def draw(g):
    n = int(g.integers(2, 30))
    return g.normal(size=n), g.normal(size=n), float(g.uniform(0.05, 0.95))


PINBALL_LOSS = Hidden("pinball_loss", pinball_loss, usual_checks(draw))


@right("pinball_loss", "the larger of two lines")
def larger(y_true, y_pred, tau):
    pinball_loss(y_true, y_pred, tau)
    r = np.asarray(y_true, np.float64) - np.asarray(y_pred, np.float64)
    return float(np.mean(np.maximum(tau * r, (tau - 1) * r)))


@wrong("pinball_loss", "the other level", hint="Which side is dearer for tau = 0.9?")
def swapped(y_true, y_pred, tau):
    return pinball_loss(y_pred, y_true, tau)


@wrong("pinball_loss", "the absolute error", hint="Does your result depend on tau?")
def absolute(y_true, y_pred, tau):
    return 2 * pinball_loss(y_true, y_pred, tau) if tau == 0.5 else pinball_loss(y_true, y_pred, 0.5) * 2


@wrong("pinball_loss", "the sum instead of the mean", hint="Does it stay the same when every entry appears twice?")
def total(y_true, y_pred, tau):
    return pinball_loss(y_true, y_pred, tau) * np.size(y_true)


LIBRARY = {
    "pinball_loss": {"np.quantile(y_true - y_pred, tau)": lambda y, q, tau: float(np.quantile(np.subtract(y, q), tau))}
}

SYM_SLOPE = Question(
    id="sym_slope",
    truth="where(r > 0, tau, tau - 1)",
    symbols=(Symbol("r", domain=(-3, 3)), Symbol("tau", domain=(0.1, 0.9))),
    loss="where(r > 0, tau*r, (tau - 1)*r)",
    wrt="r",
    misconceptions=(
        MisconceptionForm("2a", "the other side", "where(r > 0, tau - 1, tau)", "Is the loss positive on both sides?"),
        MisconceptionForm("2b", "the slope of the absolute value", "sign(r)", "Does it depend on tau?"),
    ),
)
