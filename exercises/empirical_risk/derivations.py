"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

LINEAR_SIZES = ({"n": 3, "d": 2}, {"n": 2, "d": 3}, {"n": 4, "d": 2}, {"n": 5, "d": 3})

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_ols_gradient",
            truth="2/n*X.T@(X@w-y)",
            symbols=(Symbol("X", ("n", "d")), Symbol("w", ("d",)), Symbol("y", ("n",))),
            shape=("d",),
            index=("j",),
            loss="1/n*Sum((Sum(X[i,l]*w[l], l) - y[i])**2, i)",
            wrt="w[j]",
            convention="mean over the n samples, no 1/2",
            equivalents=(
                "2*(X.T@X@w - X.T@y)/n",
                "2/n*(X@w-y)@X",
            ),
            misconceptions=(
                MisconceptionForm(
                    "6a",
                    "reverses the sign of the residual",
                    "2/n*X.T@(y-X@w)",
                    "In which direction does the loss grow when all predictions are too large?",
                ),
                MisconceptionForm("6b", "loses the factor 2", "1/n*X.T@(X@w-y)", "Differentiate r^2 for one sample."),
                MisconceptionForm(
                    "6c", "loses the factor 1/n", "2*X.T@(X@w-y)", "Duplicate the data set: does the gradient of a mean double?"
                ),
                MisconceptionForm(
                    "6d",
                    "forgets to transpose X",
                    "2/n*(X@w-y)@X.T",
                    "Write the shape of every factor; the answer has one entry per weight.",
                ),
            ),
            level="general",
        ),
        title="Gradient of the mean squared error of a linear model",
        sizes=LINEAR_SIZES,
        lines=(
            (
                "differentiate each square; the inner derivative of sample `i` is `X[i,j]`",
                "1/n*Sum(2*(Sum(X[i,k]*w[k], k)-y[i])*X[i,j], i)",
            ),
            ("the sum over samples is a product with the transposed design", "2/n*(X.T@(X@w) - X.T@y)"),
        ),
        facts=(
            Fact(
                words="The gradient vanishes at the least-squares solution.",
                left="2/n*X.T@(X@(inv(X.T@X)@(X.T@y))-y)",
                right="0*w",
                sizes=({"n": 3, "d": 2},),
            ),
        ),
        conclusion="Error times input, averaged. The curvature `2/n*X.T@X` holds no target: for a linear "
        "model the stable learning rates do not depend on the units of `y`.",
        convention="mean over `n` samples, no 1/2, residual prediction minus target",
    ),
)
