"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_median_avar",
            truth="pi*nu*gamma(nu/2)**2/(4*gamma((nu+1)/2)**2)",
            symbols=(Symbol("nu", kind="positive", draw=(0.6, 9)),),
            equivalents=("1/(4*(gamma((nu+1)/2)/(sqrt(nu*pi)*gamma(nu/2)))**2)",),
            misconceptions=(
                MisconceptionForm(
                    "5a", "forgets to square the density", "sqrt(pi*nu)*gamma(nu/2)/(4*gamma((nu+1)/2))", "To which power is the density taken in the variance of a median?"
                ),
                MisconceptionForm("5b", "gives the normal limit pi/2 for every nu", "pi/2", "That is nu -> infinity."),
                MisconceptionForm(
                    "5c", "loses the factor 4", "pi*nu*gamma(nu/2)**2/gamma((nu+1)/2)**2", "Compare with the Cauchy distribution, nu = 1, by hand."
                ),
            ),
            level="numeric",
        ),
        title="Asymptotic variance of the median under Student's t",
        quantity="(1+x^2/nu)^(-(nu+1)/2)",
        name="g",
        steps=(("integrate", "x", "-oo", "oo"), ("insert", "mass", "1/(4*(1/mass)^2)")),
        result="V",
        symbols=(Symbol("x"),),
        lines=(
            ("the density at 0 is one over the integral of `g`", "1/(4*(gamma((nu+1)/2)/(sqrt(nu*pi)*gamma(nu/2)))^2)"),
        ),
        facts=(
            Fact(
                words="Cauchy noise, `nu` is 1.",
                left="pi*nu*gamma(nu/2)^2/(4*gamma((nu+1)/2)^2)",
                right="pi^2/4",
                limit=("nu", "1"),
            ),
            Fact(
                words="Normal noise, `nu` to infinity.",
                left="pi*nu*gamma(nu/2)^2/(4*gamma((nu+1)/2)^2)",
                right="pi/2",
                limit=("nu", "oo"),
            ),
        ),
        conclusion="Finite for every `nu`, where the variance of the mean is infinite for `nu<=2`.",
        convention="`V` is `n` times the asymptotic variance of the median, `1/(4*f_0^2)` with the density `f_0` at 0",
    ),
    Derivation(
        id="infinite_variance",
        title="Student's t with nu in (1, 2): the variance is infinite",
        quantity="x^(a-1)",
        name="g",
        steps=(("integrate", "x", "1", "T"), ("limit", "T", "oo")),
        stated="oo",
        symbols=(
            Symbol("x", kind="positive"),
            Symbol("a", kind="positive"),
            Symbol("T", kind="positive"),
            Symbol("nu", kind="positive"),
        ),
        facts=(
            Fact(
                words="Up to a factor with the limit `nu^((nu+1)/2)` the integrand of the variance is `x^(1-nu)`.",
                left="x^2*(1+x^2/nu)^(-(nu+1)/2)/x^(1-nu)",
                right="x^(nu+1)*(1+x^2/nu)^(-(nu+1)/2)",
            ),
            Fact(words="The factor tends to it.", left="x^2/(1+x^2/nu)", right="nu", limit=("x", "oo")),
            Fact(words="For nu = 2 the integral is a logarithm.", left="D(log(x), x)", right="1/x"),
            Fact(words="It has no bound either.", left="log(x)", right="oo", limit=("x", "oo")),
        ),
        conclusion="For `1<nu`, `nu<=2` the mean exists and the variance does not: `a` is `2-nu`.",
        convention="tail of the integral from 1 on; `a` is `2-nu`, positive",
    ),
)
