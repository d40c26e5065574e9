"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Comparison, Derivation, Fact, MisconceptionForm, Path, Question, Symbol

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_delta_tanh",
            truth="(tanh(z)-y)*(1-tanh(z)**2)",
            symbols=(
                Symbol("z", draw=(-2, 2)),
                Symbol("y", draw=(-5, 5)),
            ),
            loss="1/2*(tanh(z)-y)**2",
            wrt="z",
            convention="1/2 in front of the loss",
            equivalents=(
                "(tanh(z)-y)/cosh(z)**2",
                "(tanh(z)-y)*4*exp(2*z)/(exp(2*z)+1)**2",
            ),
            misconceptions=(
                MisconceptionForm("6a", "keeps a factor 2 that 1/2 cancels", "2*(tanh(z)-y)*(1-tanh(z)**2)", "What prefactor does the loss in the statement have?"),
                MisconceptionForm("6b", "forgets the activation's derivative", "tanh(z)-y", "Second factor of the chain rule?"),
                MisconceptionForm("6c", "takes 1 - tanh for the derivative of tanh", "(tanh(z)-y)*(1-tanh(z))", "What is the derivative of tanh, in terms of its value?"),
                MisconceptionForm("6d", "reverses the sign", "(y-tanh(z))*(1-tanh(z)**2)", "Sign at z large, y=0."),
            ),
        ),
        title="Output delta of tanh",
        lines=(
            ("error times slope of the activation", "(tanh(z)-y)/cosh(z)^2"),
            ("in exponentials", "(tanh(z)-y)*4*exp(2*z)/(exp(2*z)+1)^2"),
        ),
        facts=(
            Fact(
                words="The gradient vanishes in saturation, whatever the target.",
                left="(tanh(z)-y)*(1-tanh(z)^2)",
                right="0",
                limit=("z", "oo"),
            ),
            Fact(
                words="For the target 5 it falls like `-16*exp(-2*z)`.",
                left="(tanh(z)-5)*(1-tanh(z)^2)*exp(2*z)",
                right="-16",
                limit=("z", "oo"),
            ),
        ),
        conclusion="An unreachable target drives `z` to infinity; the gradient decays exponentially, so "
        "after `t` steps of rate `eta` the pre-activation has crept to about "
        "`1/2*log(32*eta*t)`, and it never quite stops.",
        convention="one sample, with 1/2",
    ),
    Derivation(
        question=Question(
            id="sym_delta_relu",
            truth="Piecewise((z-y, z>0),(0, True))",
            symbols=(
                Symbol("z", draw=(-2, 2)),
                Symbol("y", draw=(-5, 5)),
            ),
            loss="1/2*(where(z>0, z, 0)-y)**2",
            wrt="z",
            convention="1/2 in front of the loss; f'(0) = 0",
            equivalents=(
                "(Max(0,z)-y)*Heaviside(z)",
                "where(z>0, z-y, 0)",
            ),
            misconceptions=(
                MisconceptionForm("7a", "lets the error pass where z < 0", "Max(z,0)-y", "For z<0 the output does not react to z."),
                MisconceptionForm(
                    "7b", "applies the derivative of relu to the output alone", "z*Heaviside(z)-y", "The whole product (a-y)f' is gated."
                ),
                MisconceptionForm(
                    "7c", "switches relu by y instead of z", "Piecewise((z-y, y>0),(0, True))", "Which quantity passes through the ReLU?"
                ),
                MisconceptionForm("7d", "keeps a factor 2 that 1/2 cancels", "2*Piecewise((z-y, z>0),(0, True))", "What prefactor does the loss in the statement have?"),
            ),
            special=((("z", 0.0),),),
            level="numeric",
        ),
        title="Output delta of ReLU",
        cases=(("z > 0", {"z": "t"}), ("z = 0", {"z": "0"}), ("z < 0", {"z": "-t"})),
        lines=(
            ("error times gate", "(Max(0,z)-y)*Heaviside(z)"),
            ("where the gate is open the output is `z`", "where(z>0, z-y, 0)"),
        ),
        facts=(
            Fact(words="The slope from the right at 0 is `-y` ...", left="z-y", right="-y", limit=("z", "0", "+")),
            Fact(
                words="... and from the left it is 0: the value at 0 is a convention.",
                left="where(z>0, z-y, 0)",
                right="0",
                limit=("z", "0", "-"),
            ),
        ),
        conclusion="For `z<=0` the sample sends no signal, however wrong the output is. The unit is dead "
        "only if that holds for every input.",
        convention="one sample, with 1/2; the slope of ReLU at 0 and `Heaviside(0)` are 0",
    ),
    Derivation(
        id="delta_for_any_activation",
        title="Output delta for any activation",
        quantity="1/2*(f-y)^2",
        steps=(("differentiate", "z"),),
        stated="(f-y)*D(f, z)",
        symbols=(
            Symbol("z"),
            Symbol("y"),
            Symbol("f", kind="function", of="z"),
        ),
        lines=(("outer derivative times inner derivative", "(f-y)*D(f, z)"),),
        facts=(Fact(words="For the linear activation the slope is 1.", left="D(z, z)", right="1"),),
        conclusion="Error times slope of the activation, for every differentiable `f`.",
        convention="one sample, with 1/2; `f` is a function of `z` of which nothing is known",
    ),
)

_NAMES = ("`D(L,z)`",)

COMPARISONS = (
    Comparison(
        title="Output activations: the error signal in saturation",
        words="For `1/2*(a-y)^2` with the output `a` the error signal is the error `a-y` times the slope of "
        "the activation. A linear output has the slope 1: its signal `z-y` never vanishes before the "
        "error does.",
        formulas={"tanh": "sym_delta_tanh", "sigmoid": "sym_delta_sigmoid", "ReLU": "sym_delta_relu"},
        paths=(
            Path(
                title="Large positive pre-activation, target `y`",
                point={"z": ("z",), "y": ("y",), "o": ("y",)},
                parameter="z",
                to="oo",
                symbols=(
                    Symbol("z", kind="positive"),
                    Symbol("y"),
                ),
                rows=_NAMES,
                limits={"tanh": ("0",), "sigmoid": ("0",), "ReLU": ("oo",)},
                leading={"tanh": ("4*(1-y)*exp(-2*z)",), "sigmoid": ("(1-y)*exp(-z)",)},
            ),
            Path(
                title="Large negative pre-activation, `z` = `-u`",
                point={"z": ("-u",), "y": ("y",), "o": ("y",)},
                parameter="u",
                to="oo",
                symbols=(
                    Symbol("u", kind="positive"),
                    Symbol("y"),
                ),
                rows=_NAMES,
                limits={"tanh": ("0",), "sigmoid": ("0",), "ReLU": ("0",)},
                leading={"tanh": ("-4*(1+y)*exp(-2*u)",), "sigmoid": ("-y*exp(-u)",)},
            ),
            Path(
                title="An unreachable target, `y` = 5",
                point={"z": ("z",), "y": ("5",), "o": ("5",)},
                parameter="z",
                to="oo",
                symbols=(Symbol("z", kind="positive"),),
                rows=_NAMES,
                limits={"tanh": ("0",), "sigmoid": ("0",), "ReLU": ("oo",)},
                leading={"tanh": ("-16*exp(-2*z)",), "sigmoid": ("-4*exp(-z)",)},
            ),
        ),
        conclusion="The range of the activation must match the range of the target: a saturated unit with a "
        "large error has no gradient, and a ReLU with a negative pre-activation has none at all.",
    ),
)
