"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, MisconceptionForm, Question, Symbol

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_min_denoising_mse",
            truth="s2*sigma2/(s2+sigma2)",
            symbols=(
                Symbol("s2", kind="positive", draw=(0.2, 5)),
                Symbol("sigma2", kind="positive", draw=(0.2, 5)),
            ),
            equivalents=("1/(1/s2+1/sigma2)",),
            misconceptions=(
                MisconceptionForm("6a", "gives the best gain instead of its error", "s2/(s2+sigma2)", "That is the optimal D."),
                MisconceptionForm("6b", "gives the error of doing nothing (D = 1)", "sigma2", "Which D belongs to this value, and is it the best one?"),
                MisconceptionForm("6c", "forgets the noise that passes through", "s2*(sigma2/(s2+sigma2))**2", "What does D do to the noise, and where is that in your formula?"),
            ),
        ),
        title="Least mean squared error of a linear denoiser",
        quantity="(x - D1*(x+e))^2",
        steps=(("expect", "x", "0", "s2"), ("expect", "e", "0", "sigma2"), ("minimum", "D1")),
        symbols=(
            Symbol("x"),
            Symbol("e"),
            Symbol("D1"),
        ),
        lines=(
            (
                "insert the gain `s2/(s2+sigma2)` into `(1-D1)^2*s2 + D1^2*sigma2`",
                "(sigma2/(s2+sigma2))^2*s2 + (s2/(s2+sigma2))^2*sigma2",
            ),
            ("harmonic sum of the two variances", "1/(1/s2+1/sigma2)"),
        ),
        conclusion="Posterior precisions add: the least error is the posterior variance.",
        convention="`x` and noise `e` independent, mean 0, variances `s2` and `sigma2`",
        notation={"s2": "s^2", "sigma2": "sigma^2", "D1": "D"},
    ),
)
