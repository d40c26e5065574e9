"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

NEGATIVE_LOG = "-log(exp(-(y-mu)^2/(2*exp(s)))/sqrt(2*pi*exp(s)))"

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_nll_dmu",
            truth="-(y-mu)*exp(-s)",
            symbols=(
                Symbol("y", draw=(-2, 2)),
                Symbol("mu", draw=(-2, 2)),
                Symbol("s", draw=(-2, 2)),
            ),
            loss=NEGATIVE_LOG,
            wrt="mu",
            convention="1/2 in front of the whole negative log-likelihood",
            equivalents=("(mu-y)/exp(s)",),
            misconceptions=(
                MisconceptionForm("5a", "reverses the sign", "(y-mu)*exp(-s)", "Is the loss larger or smaller when mu moves towards y?"),
                MisconceptionForm("5b", "forgets the precision", "mu-y", "How should the error count where the variance is large?"),
                MisconceptionForm("5c", "keeps a factor 2 that 1/2 cancels", "-2*(y-mu)*exp(-s)", "Which factor does the square have in the statement?"),
                MisconceptionForm("5d", "takes s as log sigma", "-(y-mu)*exp(-2*s)", "s is the log-variance."),
            ),
        ),
        title="Gaussian negative log-likelihood: derivative in the mean",
        name="l",
        lines=(("only the square depends on `mu`", "(mu-y)/exp(s)"),),
        conclusion="The gradient of squared error, weighted by the precision `exp(-s)`: noisy samples count less.",
        convention="one sample, `s` is the log-variance; the density is normalised",
    ),
    Derivation(
        question=Question(
            id="sym_nll_ds",
            truth="(1-(y-mu)**2*exp(-s))/2",
            symbols=(
                Symbol("y", draw=(-2, 2)),
                Symbol("mu", draw=(-2, 2)),
                Symbol("s", draw=(-2, 2)),
            ),
            loss=NEGATIVE_LOG,
            wrt="s",
            convention="1/2 in front of the whole negative log-likelihood",
            equivalents=("1/2 - (y-mu)**2/(2*exp(s))",),
            misconceptions=(
                MisconceptionForm("6a", "reverses the sign of the exponent's derivative", "(1+(y-mu)**2*exp(-s))/2", "What is the derivative of exp(-s), its sign included?"),
                MisconceptionForm("6b", "differentiates by sigma^2 instead of its log", "(1-(y-mu)**2*exp(-s))*exp(-s)/2", "Is the derivative with respect to s or to the variance?"),
                MisconceptionForm("6c", "forgets 1/2", "1-(y-mu)**2*exp(-s)", "Which terms does the factor 1/2 of the loss reach?"),
                MisconceptionForm("6d", "forgets the derivative of s/2", "-(y-mu)**2*exp(-s)/2", "What does the first term of the loss contribute?"),
            ),
        ),
        title="Gaussian negative log-likelihood: derivative in the log-variance",
        name="l",
        lines=(
            ("the loss is `1/2*(log(2*pi) + s + (y-mu)^2*exp(-s))`", "D(1/2*(log(2*pi) + s + (y-mu)^2*exp(-s)), s)"),
            ("term by term", "1/2 - (y-mu)^2/(2*exp(s))"),
        ),
        facts=(
            Fact(
                words="It vanishes where `exp(s)` is the squared residual.",
                left="(1-(y-mu)^2*exp(-s))/2",
                right="0",
                limit=("s", "log((y-mu)^2)"),
            ),
        ),
        conclusion="Over-confidence (`exp(s)` below the squared residual) and under-confidence are both "
        "penalised; the loss is unbounded below if the residual is 0.",
        convention="one sample, `s` is the log-variance",
    ),
)
