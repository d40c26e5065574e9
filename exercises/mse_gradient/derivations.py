"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

LINEAR_SIZES = ({"n": 3, "d": 2}, {"n": 2, "d": 3}, {"n": 4, "d": 2}, {"n": 5, "d": 3})

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_grad_index",
            truth="2/n*(yhat_i-y_i)*x_ij",
            symbols=(Symbol("x", ("n", "d")), Symbol("yhat", ("n",)), Symbol("y", ("n",))),
            shape=("n", "d"),
            index=("i", "j"),
            convention="mean over the n samples, no 1/2; residual yhat - y",
            equivalents=("-2*x_ij*(y_i-yhat_i)/n",),
            misconceptions=(
                MisconceptionForm(
                    "6a", "reverses the sign", "2/n*(y_i-yhat_i)*x_ij", "Derivative of (yhat-y)^2 with respect to yhat."
                ),
                MisconceptionForm("6b", "loses the factor 2", "1/n*(yhat_i-y_i)*x_ij", "There is no 1/2 in this loss."),
                MisconceptionForm(
                    "6c", "takes the prediction instead of the input", "2/n*(yhat_i-y_i)*yhat_i", "d yhat_i/d w_j is which quantity?"
                ),
                MisconceptionForm("6d", "forgets 1/n", "2*(yhat_i-y_i)*x_ij", "Duplicate all samples: should the gradient of a mean change?"),
            ),
            level="general",
        ),
        title="Summand of the gradient in index form",
        quantity="1/n*Sum((yhat[i]-y[i])^2, i)",
        steps=(("differentiate", "w"),),
        symbols=(Symbol("w", ("d",)),),
        definitions={"yhat[i]": "Sum(x[i,k]*w[k], k)"},
        index=("j",),
        held_as="Sum({}, i)",
        sizes=LINEAR_SIZES,
        lines=(("outer derivative times inner derivative", "Sum(1/n*2*(yhat[i]-y[i])*x[i,j], i)"),),
        conclusion="Prediction error times output sensitivity: the two factors of every gradient of squared error.",
        convention="mean over n samples, no 1/2; the summand is asked for, its sum over `i` is held against SymPy",
    ),
    Derivation(
        question=Question(
            id="sym_tanh_weight",
            truth="2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)*x",
            symbols=(
                Symbol("w", draw=(-2, 2)),
                Symbol("x", draw=(-2, 2)),
                Symbol("b", draw=(-1, 1)),
                Symbol("y", draw=(-3, 3)),
            ),
            loss="(tanh(w*x+b)-y)**2",
            wrt="w",
            convention="no 1/2 in front of the loss",
            equivalents=("2*x*(tanh(w*x+b)-y)/cosh(w*x+b)**2",),
            misconceptions=(
                MisconceptionForm(
                    "7a",
                    "forgets the inner derivative x",
                    "2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)",
                    "w multiplies x inside tanh.",
                ),
                MisconceptionForm(
                    "7b", "forgets the activation's derivative", "2*(tanh(w*x+b)-y)*x", "How many factors does the chain rule give for a square of a tanh of w x + b?"
                ),
                MisconceptionForm(
                    "7c",
                    "takes 1 - tanh for the derivative of tanh",
                    "2*(tanh(w*x+b)-y)*(1-tanh(w*x+b))*x",
                    "Evaluate tanh' at 0 and infinity.",
                ),
                MisconceptionForm(
                    "7d",
                    "adds b to the inner derivative",
                    "2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)*(x+b)",
                    "Differentiate w*x+b with respect to w.",
                ),
            ),
        ),
        title="Weight gradient through a tanh output",
        lines=(
            (
                "error, sensitivity of the output, sensitivity of the pre-activation",
                "2*(tanh(w*x+b)-y)*(1/cosh(w*x+b)^2)*x",
            ),
            ("the derivative of tanh is `1-tanh(u)^2`", "2*x*(tanh(w*x+b)-y)*(1-tanh(w*x+b)^2)"),
        ),
        facts=(
            Fact(
                words="For a large weight the gradient vanishes although the error does not (here `x` is "
                "1, `b` is 0 and `y` is 5).",
                left="2*(tanh(w)-5)*(1-tanh(w)^2)",
                right="0",
                limit=("w", "oo"),
            ),
        ),
        conclusion="Three factors: a large error cannot help where the sensitivity of the activation has gone.",
        convention="one sample, no 1/2",
    ),
    Derivation(
        id="gradient_for_any_model",
        title="Gradient of the MSE for any model",
        quantity="1/n*Sum((f[i]-y[i])^2, i)",
        steps=(("differentiate", "theta"),),
        stated="2/n*Sum((f[i]-y[i])*D(f[i], theta[j]), i)",
        symbols=(
            Symbol("theta", ("d",)),
            Symbol("f", ("n",), kind="function", of="theta"),
            Symbol("y", ("n",)),
        ),
        index=("j",),
        sizes=({"n": 3, "d": 2}, {"n": 2, "d": 3}),
        lines=(("chain rule for every sample", "1/n*Sum(2*(f[i]-y[i])*D(f[i], theta[j]), i)"),),
        conclusion="Error times sensitivity, averaged, for every differentiable model: `f` is a function of which "
        "nothing is known.",
        convention="mean over `n` samples; `f_i` is the prediction for sample `i`",
    ),
)
