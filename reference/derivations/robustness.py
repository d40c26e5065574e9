"""psi-functions of robust losses, and the median under Student's t."""

from __future__ import annotations

from .words import Comparison, Derivation, Fact, Path, Symbol

REAL, POSITIVE = Symbol(), Symbol(kind="positive")
HUBER_CASES = (
    ("r > delta", {"r": "delta+t"}),
    ("r = delta", {"r": "delta"}),
    ("0 < r < delta", {"r": "delta/(1+t)"}),
    ("r = 0", {"r": "0"}),
    ("-delta < r < 0", {"r": "-delta/(1+t)"}),
    ("r = -delta", {"r": "-delta"}),
    ("r < -delta", {"r": "-delta-t"}),
)

ROBUSTNESS: tuple[Derivation, ...] = (
    Derivation(
        number="E08.5",
        part="sym_psi_l1",
        title="Influence (psi) of the absolute error",
        quantity="abs(r)",
        name="rho",
        steps=(("differentiate", "r"),),
        stated="sign(r)",
        symbols={"r": REAL},
        cases=(("r > 0", {"r": "t"}), ("r < 0", {"r": "-t"})),
        lines=(("by the sign of `r`", "Piecewise((1, r>0),(-1, True))"), ("as a quotient", "r/abs(r)")),
        conclusion="Every residual pulls with the same strength; at 0 there is no derivative, and "
        "`sign(0)` as 0 is a choice.",
        convention="`r` is target minus prediction, not 0",
    ),
    Derivation(
        number="E08.6",
        part="sym_psi_huber",
        title="Influence (psi) of the Huber loss",
        quantity="where(abs(r)<=delta, r^2/2, delta*(abs(r)-delta/2))",
        name="rho",
        steps=(("differentiate", "r"),),
        stated="Piecewise((r, Abs(r)<=delta),(delta*sign(r), True))",
        symbols={"r": REAL, "delta": POSITIVE},
        cases=HUBER_CASES,
        lines=(
            ("branch by branch", "where(abs(r)<=delta, r, delta*sign(r))"),
            ("the residual, clipped", "Max(-delta, Min(r, delta))"),
        ),
        conclusion="Linear up to `delta`, constant beyond: squared error for small residuals, absolute "
        "error for large ones.",
        convention="1/2 in the quadratic branch; `r` is target minus prediction",
    ),
    Derivation(
        number="E08.7",
        part="sym_psi_pseudo_huber",
        title="Influence (psi) of the pseudo-Huber loss",
        quantity="delta^2*(sqrt(1+(r/delta)^2)-1)",
        name="rho",
        steps=(("differentiate", "r"),),
        stated="r/sqrt(1+(r/delta)**2)",
        symbols={"r": REAL, "delta": POSITIVE},
        lines=(
            (
                "derivative of the root times derivative of its argument",
                "delta^2*(1/(2*sqrt(1+(r/delta)^2)))*(2*r/delta^2)",
            ),
            ("common factor `delta`", "delta*r/sqrt(delta^2+r^2)"),
        ),
        facts=(
            Fact(
                words="Slope 1 at the origin, as for squared error.",
                left="D(r/sqrt(1+(r/delta)^2), r)",
                right="1",
                limit=("r", "0"),
            ),
        ),
        conclusion="A smooth Huber loss: bounded influence without a kink in psi.",
        convention="`r` is target minus prediction",
    ),
    Derivation(
        number="E09.5",
        part="sym_median_avar",
        title="Asymptotic variance of the median under Student's t",
        quantity="(1+x^2/nu)^(-(nu+1)/2)",
        name="g",
        steps=(("integrate", "x", "-oo", "oo"), ("insert", "mass", "1/(4*(1/mass)^2)")),
        result="V",
        stated="pi*nu*gamma(nu/2)**2/(4*gamma((nu+1)/2)**2)",
        symbols={"x": REAL, "nu": POSITIVE},
        lines=(
            ("the density at 0 is one over the integral of `g`", "1/(4*(gamma((nu+1)/2)/(sqrt(nu*pi)*gamma(nu/2)))^2)"),
        ),
        facts=(
            Fact(
                words="Cauchy noise, `nu` is 1.",
                left="pi*nu*gamma(nu/2)^2/(4*gamma((nu+1)/2)^2)",
                right="pi^2/4",
                limit=("nu", "1"),
            ),
            Fact(
                words="Normal noise, `nu` to infinity.",
                left="pi*nu*gamma(nu/2)^2/(4*gamma((nu+1)/2)^2)",
                right="pi/2",
                limit=("nu", "oo"),
            ),
        ),
        conclusion="Finite for every `nu`, where the variance of the mean is infinite for `nu<=2`.",
        convention="`V` is `n` times the asymptotic variance of the median, `1/(4*f_0^2)` with the density `f_0` at 0",
    ),
)

_TITLES = ("`psi`",)

INFLUENCE = Comparison(
    title="Influence of a large residual",
    highlight=False,
    words="`psi` is the derivative of the loss `rho` by the residual `r`: the pull of one observation. "
    "For squared error `r^2/2` it is `r`, without bound.",
    formulas={"absolute error": "E08.5", "Huber": "E08.6", "pseudo-Huber": "E08.7"},
    paths=(
        Path(
            title="An outlier far above",
            point={"r": ("r",)},
            parameter="r",
            to="oo",
            symbols={"r": POSITIVE, "delta": POSITIVE},
            rows=_TITLES,
            limits={"absolute error": ("1",), "Huber": ("delta",), "pseudo-Huber": ("delta",)},
        ),
        Path(
            title="An outlier far below, `r` = `-u`",
            point={"r": ("-u",)},
            parameter="u",
            to="oo",
            symbols={"u": POSITIVE, "delta": POSITIVE},
            rows=_TITLES,
            limits={"absolute error": ("-1",), "Huber": ("-delta",), "pseudo-Huber": ("-delta",)},
        ),
        Path(
            title="A small residual",
            point={"r": ("r",)},
            parameter="r",
            to="0",
            symbols={"r": POSITIVE, "delta": POSITIVE},
            rows=_TITLES,
            limits={"absolute error": ("1",), "Huber": ("0",), "pseudo-Huber": ("0",)},
            leading={"Huber": ("r",), "pseudo-Huber": ("r",)},
        ),
    ),
    conclusion="Squared error lets one outlier pull without bound; the others bound its influence. They "
    "bound the influence of outlying targets, not of outlying inputs.",
)
