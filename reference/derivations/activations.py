"""Squared error through output activations, side by side: where the error signal survives and where it does not."""

from __future__ import annotations

from .words import Comparison, Path, Symbol

REAL, POSITIVE = Symbol(), Symbol(kind="positive")
_NAMES = ("`D(L,z)`",)

ACTIVATIONS = Comparison(
    title="Output activations: the error signal in saturation",
    words="For `1/2*(a-y)^2` with the output `a` the error signal is the error `a-y` times the slope of "
    "the activation. A linear output has the slope 1: its signal `z-y` never vanishes before the "
    "error does.",
    formulas={"tanh": "E07.6", "sigmoid": "E13.5", "ReLU": "E07.7"},
    paths=(
        Path(
            title="Large positive pre-activation, target `y`",
            point={"z": ("z",), "y": ("y",), "o": ("y",)},
            parameter="z",
            to="oo",
            symbols={"z": POSITIVE, "y": REAL},
            rows=_NAMES,
            limits={"tanh": ("0",), "sigmoid": ("0",), "ReLU": ("oo",)},
            leading={"tanh": ("4*(1-y)*exp(-2*z)",), "sigmoid": ("(1-y)*exp(-z)",)},
        ),
        Path(
            title="Large negative pre-activation, `z` = `-u`",
            point={"z": ("-u",), "y": ("y",), "o": ("y",)},
            parameter="u",
            to="oo",
            symbols={"u": POSITIVE, "y": REAL},
            rows=_NAMES,
            limits={"tanh": ("0",), "sigmoid": ("0",), "ReLU": ("0",)},
            leading={"tanh": ("-4*(1+y)*exp(-2*u)",), "sigmoid": ("-y*exp(-u)",)},
        ),
        Path(
            title="An unreachable target, `y` = 5",
            point={"z": ("z",), "y": ("5",), "o": ("5",)},
            parameter="z",
            to="oo",
            symbols={"z": POSITIVE},
            rows=_NAMES,
            limits={"tanh": ("0",), "sigmoid": ("0",), "ReLU": ("oo",)},
            leading={"tanh": ("-16*exp(-2*z)",), "sigmoid": ("-4*exp(-z)",)},
        ),
    ),
    conclusion="The range of the activation must match the range of the target: a saturated unit with a "
    "large error has no gradient, and a ReLU with a negative pre-activation has none at all.",
)
