"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

RISK = "m2 - 2*a*m1 + a**2"

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_risk_moments",
            truth=RISK,
            symbols=(
                Symbol("a", draw=(-3, 3)),
                Symbol("m1", draw=(-3, 3)),
                Symbol("m2", kind="positive", draw=(9, 20)),
            ),
            equivalents=("(m2-m1**2)+(m1-a)**2",),
            misconceptions=(
                MisconceptionForm("5a", "forgets the variance", "(m1-a)**2", "Set a=m1: is the risk then zero?"),
                MisconceptionForm(
                    "5b", "takes the second moment for the variance", "m2 + (m1-a)**2", "m2 is E[Y^2], not the variance."
                ),
                MisconceptionForm("5c", "reverses the sign of the cross term", "m2 + 2*a*m1 + a**2", "Expand (Y-a)^2 term by term."),
            ),
        ),
        title="Squared-error risk of a constant in moments",
        quantity="(Y-a)^2",
        steps=(("expect", "Y", "m1", "m2"),),
        symbols=(Symbol("Y"),),
        lines=(
            ("expand the square and take the mean of each term", "m2 - 2*a*m1 + a^2"),
            ("variance plus squared distance from the mean", "(m2-m1^2) + (m1-a)^2"),
        ),
        conclusion="The risk is the variance of `Y` plus the squared distance of `a` from the mean: only "
        "the second term can be learned away.",
        convention="no 1/2; `m1` and `m2` are the means of `Y` and `Y^2`",
        notation={"m1": "m_1", "m2": "m_2"},
    ),
    Derivation(
        question=Question(
            id="sym_risk_derivative",
            truth="2*(a-m1)",
            symbols=(
                Symbol("a", draw=(-3, 3)),
                Symbol("m1", draw=(-3, 3)),
            ),
            loss=RISK,
            wrt="a",
            hidden=(Symbol("m2", kind="positive", draw=(9, 20)),),
            convention="no 1/2 in front of the squared error",
            equivalents=("2*a-2*m1",),
            misconceptions=(
                MisconceptionForm("6a", "reverses the sign", "2*(m1-a)", "For a far above the mean the risk must increase with a."),
                MisconceptionForm("6b", "loses the factor 2", "a-m1", "There is no 1/2 in front of the loss."),
                MisconceptionForm("6c", "differentiates twice", "2", "How often did you differentiate?"),
            ),
        ),
        title="Derivative of the risk",
        quantity="(Y-a)^2",
        steps=(("expect", "Y", "m1", "m2"), ("differentiate", "a")),
        symbols=(Symbol("Y"),),
        lines=(("differentiate `m2 - 2*a*m1 + a^2`", "2*a - 2*m1"),),
        facts=(
            Fact(words="It vanishes at the mean.", left="2*(a-m1)", right="0", limit=("a", "m1")),
            Fact(words="The second derivative is 2: the mean is the only minimiser.", left="D(2*(a-m1), a)", right="2"),
        ),
        conclusion="Squared error estimates the (conditional) mean.",
        convention="no 1/2",
        notation={"m1": "m_1", "m2": "m_2"},
    ),
    Derivation(
        id="best_prediction",
        title="Conditional mean: the best prediction at every input",
        quantity="(Y-f)^2",
        name="J",
        steps=(("expect", "Y", "m", "q"), ("minimise", "f")),
        stated="m",
        symbols=(
            Symbol("Y"),
            Symbol("f"),
            Symbol("x"),
            Symbol("m", kind="function", of="x"),
            Symbol("q", kind="function", of="x"),
        ),
        lines=(("the derivative `-2*m + 2*f` vanishes at one place", "m"),),
        facts=(Fact(words="The rest is the conditional variance.", left="q-2*m*f+f^2", right="(q-m^2)+(m-f)^2"),),
        conclusion="Whatever the distribution, the conditional mean `m` minimises the conditional risk at every `x`.",
        convention="`m` and `q` are the conditional means of `Y` and `Y^2` given `x`",
    ),
)
