"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Comparison, Derivation, Fact, MisconceptionForm, Path, Question, Symbol

HUBER_CASES = (
    ("r > delta", {"r": "delta+t"}),
    ("r = delta", {"r": "delta"}),
    ("0 < r < delta", {"r": "delta/(1+t)"}),
    ("r = 0", {"r": "0"}),
    ("-delta < r < 0", {"r": "-delta/(1+t)"}),
    ("r = -delta", {"r": "-delta"}),
    ("r < -delta", {"r": "-delta-t"}),
)

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_psi_l1",
            truth="sign(r)",
            symbols=(Symbol("r", draw=(-4, 4)),),
            loss="Abs(r)",
            wrt="r",
            equivalents=(
                "r/Abs(r)",
                "Piecewise((1, r>0),(-1, True))",
            ),
            misconceptions=(
                MisconceptionForm("5a", "gives 1 for either sign", "1", "What should become of psi when r changes its sign?"),
                MisconceptionForm("5b", "gives the loss |r| itself", "Abs(r)", "Is this the loss, or its derivative?"),
                MisconceptionForm("5c", "gives r, as for squared error", "r", "That belongs to squared error."),
            ),
            excluded=(("r", 0.0),),
            level="numeric",
        ),
        title="Influence (psi) of the absolute error",
        name="rho",
        cases=(("r > 0", {"r": "t"}), ("r < 0", {"r": "-t"})),
        lines=(("by the sign of `r`", "Piecewise((1, r>0),(-1, True))"), ("as a quotient", "r/abs(r)")),
        conclusion="Every residual pulls with the same strength; at 0 there is no derivative, and "
        "`sign(0)` as 0 is a choice.",
        convention="`r` is target minus prediction, not 0",
    ),
    Derivation(
        question=Question(
            id="sym_psi_huber",
            truth="Piecewise((r, Abs(r)<=delta),(delta*sign(r), True))",
            symbols=(
                Symbol("r", draw=(-4, 4)),
                Symbol("delta", kind="positive", draw=(0.5, 2.5)),
            ),
            loss="where(Abs(r) <= delta, r**2/2, delta*(Abs(r) - delta/2))",
            wrt="r",
            convention="1/2 in the quadratic core",
            equivalents=(
                "Max(-delta, Min(r, delta))",
                "r*Min(1, delta/Abs(r))",
                "where(abs(r)<=delta, r, delta*r/abs(r))",
            ),
            misconceptions=(
                MisconceptionForm(
                    "6a", "levels off at 1 whatever delta", "Piecewise((r, Abs(r)<=delta),(sign(r), True))", "What value does the linear part have where the constant part begins?"
                ),
                MisconceptionForm("6b", "limits large positive residuals alone", "Min(r, delta)", "Insert r = -10: on which side should psi be?"),
                MisconceptionForm("6c", "gives the weight instead of psi", "Min(1, delta/Abs(r))", "Is this psi, or the factor by which r is multiplied to get it?"),
                MisconceptionForm("6d", "forgets the sign beyond delta", "Piecewise((r, Abs(r)<=delta),(delta, True))", "What should become of psi when r changes its sign?"),
            ),
            excluded=(("r", 0.0),),
            level="numeric",
        ),
        title="Influence (psi) of the Huber loss",
        name="rho",
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
        question=Question(
            id="sym_psi_pseudo_huber",
            truth="r/sqrt(1+(r/delta)**2)",
            symbols=(
                Symbol("r", draw=(-4, 4)),
                Symbol("delta", kind="positive", draw=(0.5, 2.5)),
            ),
            loss="delta**2*(sqrt(1+(r/delta)**2)-1)",
            wrt="r",
            equivalents=("delta*r/sqrt(delta**2+r**2)",),
            misconceptions=(
                MisconceptionForm(
                    "7a",
                    "forgets the inner derivative",
                    "delta**2/(2*sqrt(1+(r/delta)**2))",
                    "Chain rule: the root and its argument.",
                ),
                MisconceptionForm(
                    "7b", "keeps the factor delta^2", "delta**2*r/sqrt(1+(r/delta)**2)", "For small r psi behaves like r."
                ),
                MisconceptionForm("7c", "keeps a factor 1/2", "r/(2*sqrt(1+(r/delta)**2))", "What slope does psi have at 0?"),
            ),
            excluded=(("r", 0.0),),
            level="numeric",
        ),
        title="Influence (psi) of the pseudo-Huber loss",
        name="rho",
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
        id="psi_squared_error",
        title="Influence (psi) of squared error",
        quantity="r^2/2",
        name="rho",
        steps=(("differentiate", "r"),),
        stated="r",
        symbols=(Symbol("r"),),
        lines=(("power rule", "2*r/2"),),
        facts=(Fact(words="It is unbounded.", left="r", right="oo", limit=("r", "oo")),),
        conclusion="Every residual pulls in proportion to its size.",
        convention="`r` is target minus prediction",
    ),
)

_TITLES = ("`psi`",)

COMPARISONS = (
    Comparison(
        title="Influence of a large residual",
        highlight=False,
        words="`psi` is the derivative of the loss `rho` by the residual `r`: the pull of one observation. "
        "For squared error `r^2/2` it is `r`, without bound.",
        formulas={"absolute error": "sym_psi_l1", "Huber": "sym_psi_huber", "pseudo-Huber": "sym_psi_pseudo_huber"},
        paths=(
            Path(
                title="An outlier far above",
                point={"r": ("r",)},
                parameter="r",
                to="oo",
                symbols=(
                    Symbol("r", kind="positive"),
                    Symbol("delta", kind="positive"),
                ),
                rows=_TITLES,
                limits={"absolute error": ("1",), "Huber": ("delta",), "pseudo-Huber": ("delta",)},
            ),
            Path(
                title="An outlier far below, `r` = `-u`",
                point={"r": ("-u",)},
                parameter="u",
                to="oo",
                symbols=(
                    Symbol("u", kind="positive"),
                    Symbol("delta", kind="positive"),
                ),
                rows=_TITLES,
                limits={"absolute error": ("-1",), "Huber": ("-delta",), "pseudo-Huber": ("-delta",)},
            ),
            Path(
                title="A small residual",
                point={"r": ("r",)},
                parameter="r",
                to="0",
                symbols=(
                    Symbol("r", kind="positive"),
                    Symbol("delta", kind="positive"),
                ),
                rows=_TITLES,
                limits={"absolute error": ("1",), "Huber": ("0",), "pseudo-Huber": ("0",)},
                leading={"Huber": ("r",), "pseudo-Huber": ("r",)},
            ),
        ),
        conclusion="Squared error lets one outlier pull without bound; the others bound its influence. They "
        "bound the influence of outlying targets, not of outlying inputs.",
    ),
)
