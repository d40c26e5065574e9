"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

SAMPLES = ({"n": 2}, {"n": 3}, {"n": 4}, {"n": 5})

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_r2_unbiased",
            truth="1 - n*M/((n-1)*v)",
            symbols=(
                Symbol("M", kind="positive", draw=(0.1, 9)),
                Symbol("v", kind="positive", draw=(0.1, 9)),
                Symbol("n", draw=(2, 40), integer=True),
            ),
            equivalents=("((n-1)*v - n*M)/((n-1)*v)",),
            misconceptions=(
                MisconceptionForm("5a", "ignores that v divides by n-1", "1 - M/v", "v has divisor n-1, M has divisor n."),
                MisconceptionForm("5b", "inverts the factor n/(n-1)", "1 - (n-1)*M/(n*v)", "Express SS_tot through v."),
                MisconceptionForm(
                    "5c",
                    "gives the adjusted R^2",
                    "1 - (n-1)*M/((n-2)*v)",
                    "No degrees-of-freedom correction is asked for.",
                ),
            ),
        ),
        title="R² from the MSE and the unbiased variance",
        quantity="1 - Sum((y[i]-yhat[i])^2, i)/Sum((y[i]-ybar)^2, i)",
        name="R2",
        symbols=(
            Symbol("y", ("n",)),
            Symbol("yhat", ("n",)),
        ),
        definitions={
            "ybar": "Sum(y[i], i)/n",
            "M": "Sum((y[i]-yhat[i])^2, i)/n",
            "v": "Sum((y[i]-ybar)^2, i)/(n-1)",
        },
        sizes=SAMPLES,
        lines=(("the residual sum of squares is `n*M`, the total one `(n-1)*v`", "((n-1)*v - n*M)/((n-1)*v)"),),
        facts=(
            Fact(
                words="With the population variance `v*(n-1)/n` the factor is 1.",
                left="1 - M/(v*(n-1)/n)",
                right="1 - n*M/((n-1)*v)",
            ),
        ),
        conclusion="On one data set `R2` is an affine, strictly decreasing function of the MSE; the "
        "sample variance brings the factor `n/(n-1)`.",
        convention="`M` with divisor `n`, `v` with divisor `n-1`",
        notation={"R2": "R^2"},
    ),
    Derivation(
        id="sign_of_r2",
        title="Sign of the coefficient of determination",
        quantity="sign(1-L/v)",
        name="S",
        stated="sign(v-L)",
        symbols=(
            Symbol("L"),
            Symbol("v", kind="positive"),
        ),
        cases=(
            ("L > v", {"L": "v+t"}),
            ("L = v", {"L": "v"}),
            ("0 < L < v", {"L": "v/(1+t)"}),
            ("L = 0", {"L": "0"}),
        ),
        lines=(("multiply by the positive `v`", "sign((v-L)/v)"),),
        conclusion="The coefficient is negative exactly where the MSE exceeds the variance of the targets.",
        convention="`L` is the MSE, `v` the variance with divisor n",
    ),
    Derivation(
        id="r2_from_mse",
        title="Coefficient of determination from MSE and variance",
        quantity="1 - Sum((y[i]-yhat[i])^2, i)/Sum((y[i]-ybar)^2, i)",
        name="R2",
        stated="1 - L/v",
        symbols=(
            Symbol("y", ("n",)),
            Symbol("yhat", ("n",)),
        ),
        definitions={
            "ybar": "Sum(y[i], i)/n",
            "L": "Sum((y[i]-yhat[i])^2, i)/n",
            "v": "Sum((y[i]-ybar)^2, i)/n",
        },
        sizes=({"n": 2}, {"n": 3}, {"n": 4}, {"n": 5}),
        lines=(("both sums are `n` times a mean", "1 - n*L/(n*v)"),),
        conclusion="On fixed targets an affine, strictly decreasing function of the MSE.",
        convention="both divisors are `n`",
        notation={"R2": "R^2"},
    ),
)
