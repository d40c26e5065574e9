"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

SAMPLES = ({"n": 2}, {"n": 3}, {"n": 4}, {"n": 5})

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_scaled_mse",
            truth="alpha**2*M",
            symbols=(
                Symbol("alpha", kind="positive", draw=(0.2, 5)),
                Symbol("M", kind="positive", draw=(0.2, 5)),
            ),
            equivalents=("alpha*alpha*M",),
            misconceptions=(
                MisconceptionForm("6a", "scales by alpha instead of its square", "alpha*M", "Double the unit: by which factor does a squared error change?"),
                MisconceptionForm("6b", "forgets the scaling", "M", "Change metres to millimetres: does the MSE keep its number?"),
                MisconceptionForm(
                    "6c", "adds alpha", "alpha**2*M + alpha", "What happens to a common shift in a difference?"
                ),
            ),
        ),
        title="Mean squared error after a change of units",
        quantity="1/n*Sum(((alpha*yhat[i]+c)-(alpha*y[i]+c))^2, i)",
        symbols=(
            Symbol("y", ("n",)),
            Symbol("yhat", ("n",)),
            Symbol("c"),
        ),
        definitions={"M": "1/n*Sum((yhat[i]-y[i])^2, i)"},
        sizes=SAMPLES,
        lines=(("the common shift cancels in every difference", "1/n*Sum(alpha^2*(yhat[i]-y[i])^2, i)"),),
        conclusion="The loss scales with the square of the unit, the gradient in the parameters of a "
        "linear model with the unit; from zero the whole path of gradient descent scales "
        "along.",
        convention="mean over n samples",
    ),
    Derivation(
        question=Question(
            id="sym_raw_intercept",
            truth="my + sy*b - sy*w*mx/sx",
            symbols=(
                Symbol("w", draw=(-2, 2)),
                Symbol("b", draw=(-2, 2)),
                Symbol("mx", draw=(-2, 2)),
                Symbol("sx", kind="positive", draw=(0.3, 3)),
                Symbol("my", draw=(-2, 2)),
                Symbol("sy", kind="positive", draw=(0.3, 3)),
            ),
            equivalents=("my + sy*(b - w*mx/sx)",),
            misconceptions=(
                MisconceptionForm(
                    "7a",
                    "forgets sy in the slope",
                    "my + sy*b - w*mx/sx",
                    "Insert z_x and z_y and collect the constants.",
                ),
                MisconceptionForm("7b", "forgets to rescale b", "my + b - sy*w*mx/sx", "b is in standardised units."),
                MisconceptionForm("7c", "reverses the sign of the slope term", "my + sy*b + sy*w*mx/sx", "Evaluate the model at x=0."),
            ),
        ),
        title="Intercept in raw units of a model trained on standardised data",
        quantity="(u-my)/sy - (w*(x-mx)/sx + b)",
        name="G",
        steps=(("solve", "u"), ("at", "x", "0")),
        result="b_raw",
        symbols=(
            Symbol("u"),
            Symbol("x"),
        ),
        lines=(("`u` is `my + sy*(w*(x-mx)/sx + b)`, read at x = 0", "my + sy*(b - w*mx/sx)"),),
        conclusion="The intercept is the raw prediction at x = 0: both means and both scales enter.",
        convention="standardised input `(x-mx)/sx` and target `(u-my)/sy`",
        notation={"mx": "m_x", "my": "m_y", "sx": "s_x", "sy": "s_y", "b_raw": "b_raw"},
    ),
    Derivation(
        id="scaled_weights",
        title="Optimal weights under a change of units",
        quantity="inv(X.T@X)@(X.T@(alpha*y))",
        name="w",
        stated="alpha*(inv(X.T@X)@(X.T@y))",
        symbols=(
            Symbol("X", ("n", "d")),
            Symbol("y", ("n",)),
            Symbol("alpha"),
        ),
        sizes=({"n": 3, "d": 2},),
        lines=(("`alpha` is a factor of every entry", "inv(X.T@X)@(alpha*(X.T@y))"),),
        facts=(
            Fact(
                words="It is the minimiser: the gradient for the scaled targets vanishes there.",
                left="2/n*X.T@(X@(alpha*(inv(X.T@X)@(X.T@y)))-alpha*y)",
                right="0*(X.T@y)",
            ),
        ),
        conclusion="The least-squares weights scale with the targets.",
        convention="linear model, `X.T@X` invertible",
    ),
    Derivation(
        id="scaled_path",
        title="One step of gradient descent under a change of units",
        quantity="alpha*w - eta*2/n*X.T@(X@(alpha*w)-alpha*y)",
        name="v",
        stated="alpha*(w - eta*2/n*X.T@(X@w-y))",
        symbols=(
            Symbol("X", ("n", "d")),
            Symbol("y", ("n",)),
            Symbol("alpha"),
            Symbol("w", ("d",)),
            Symbol("eta", kind="positive"),
        ),
        sizes=({"n": 3, "d": 2}, {"n": 4, "d": 2}),
        lines=(("`alpha` is a factor of the gradient", "alpha*w - alpha*eta*2/n*X.T@(X@w-y)"),),
        facts=(Fact(words="From zero the first step scales as well.", left="alpha*(0*w)", right="0*w"),),
        conclusion="By induction the whole path from zero scales by `alpha`, at the same learning rate.",
        convention="linear model, same rate `eta`, start at zero",
    ),
)
