"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

SAMPLES = ({"n": 2}, {"n": 3}, {"n": 4}, {"n": 5})

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_shrinkage_mse",
            truth="c**2*sigma2/n + (1-c)**2*theta**2",
            symbols=(
                Symbol("c", draw=(0.1, 2)),
                Symbol("theta", draw=(0.3, 3)),
                Symbol("sigma2", kind="positive", draw=(0.2, 3)),
                Symbol("n", draw=(1, 12), integer=True),
            ),
            equivalents=("c**2*sigma2/n + theta**2 - 2*c*theta**2 + c**2*theta**2",),
            misconceptions=(
                MisconceptionForm("5a", "forgets the bias", "c**2*sigma2/n", "E[c*mean] is c*theta."),
                MisconceptionForm("5b", "forgets to scale the variance by c^2", "sigma2/n + (1-c)**2*theta**2", "Var(cZ)=c^2 Var Z."),
                MisconceptionForm("5c", "forgets to square the bias", "c**2*sigma2/n + (1-c)*theta", "What power of the bias has the unit of a squared error?"),
                MisconceptionForm("5d", "uses the variance of one value instead of the mean of n", "c**2*sigma2 + (1-c)**2*theta**2", "What is the variance of a mean of n values?"),
            ),
        ),
        title="Mean squared error of a shrunken mean",
        quantity="(c/n*Sum(theta+e[i], i) - theta)^2",
        steps=(("expect", "e", "0", "sigma2"),),
        symbols=(Symbol("e", ("n",)),),
        sizes=SAMPLES,
        lines=(
            ("variance, and the expanded square of the bias", "c^2*sigma2/n + theta^2 - 2*c*theta^2 + c^2*theta^2"),
        ),
        conclusion="Variance falls with `c^2` while the squared bias grows with `(1-c)^2`.",
        convention="`y_i` is `theta+e_i`, independent errors of mean 0 and variance `sigma2`",
        notation={"sigma2": "sigma^2"},
    ),
    Derivation(
        question=Question(
            id="sym_optimal_c",
            truth="theta**2/(theta**2+sigma2/n)",
            symbols=(
                Symbol("theta", draw=(0.3, 3)),
                Symbol("sigma2", kind="positive", draw=(0.2, 3)),
                Symbol("n", draw=(1, 12), integer=True),
            ),
            equivalents=("n*theta**2/(n*theta**2+sigma2)",),
            misconceptions=(
                MisconceptionForm("6a", "insists on no bias (c = 1)", "1", "Set the derivative to zero."),
                MisconceptionForm("6b", "puts the noise into the numerator", "(sigma2/n)/(theta**2+sigma2/n)", "Without noise, why should an estimate be shrunk at all?"),
                MisconceptionForm("6c", "uses the variance of one value instead of the mean of n", "theta**2/(theta**2+sigma2)", "What is the variance of a mean of n values?"),
            ),
        ),
        title="Optimal shrinkage",
        quantity="(c/n*Sum(theta+e[i], i) - theta)^2",
        steps=(("expect", "e", "0", "sigma2"), ("minimise", "c")),
        symbols=(
            Symbol("e", ("n",)),
            Symbol("c"),
        ),
        sizes=SAMPLES,
        lines=(("set `2*c*sigma2/n - 2*(1-c)*theta^2` to zero", "n*theta^2/(n*theta^2+sigma2)"),),
        facts=(
            Fact(
                words="Without noise there is nothing to shrink.",
                left="theta^2/(theta^2+sigma2/n)",
                right="1",
                limit=("sigma2", "0", "+"),
            ),
        ),
        conclusion="The optimal `c` is below 1 for every noise level: some bias lowers the mean squared error.",
        convention="as in the mean squared error of a shrunken mean",
        notation={"sigma2": "sigma^2"},
    ),
)
