"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_normal_mean",
            truth="(n*tau2*ybar + sigma2*m0)/(n*tau2 + sigma2)",
            symbols=(
                Symbol("m0", draw=(-3, 3)),
                Symbol("tau2", kind="positive", draw=(0.2, 5)),
                Symbol("sigma2", kind="positive", draw=(0.2, 5)),
                Symbol("n", draw=(1, 9), integer=True),
                Symbol("ybar", draw=(-3, 3)),
            ),
            equivalents=("(m0/tau2+n*ybar/sigma2)/(1/tau2+n/sigma2)",),
            misconceptions=(
                MisconceptionForm(
                    "5a", "weighs all n observations like a single one", "(tau2*ybar+sigma2*m0)/(tau2+sigma2)", "Let n grow: the data must win."
                ),
                MisconceptionForm(
                    "5b", "exchanges the weights of prior and data", "(n*tau2*m0+sigma2*ybar)/(n*tau2+sigma2)", "Let tau2 go to infinity."
                ),
                MisconceptionForm(
                    "5c",
                    "weighs by standard deviations instead of variances",
                    "(n*sqrt(tau2)*ybar+sqrt(sigma2)*m0)/(n*sqrt(tau2)+sqrt(sigma2))",
                    "Precisions are reciprocals of variances.",
                ),
            ),
        ),
        title="Posterior mean of a normal mean",
        quantity="(act-theta)^2",
        steps=(
            ("average", "theta", "exp(-(theta-m0)^2/(2*tau2) - Sum((y[i]-theta)^2, i)/(2*sigma2))", "-oo", "oo"),
            ("minimise", "act"),
        ),
        symbols=(
            Symbol("act"),
            Symbol("theta"),
            Symbol("y", ("n",)),
        ),
        definitions={"ybar": "Sum(y[i], i)/n"},
        sizes=({"n": 2}, {"n": 3}, {"n": 4}),
        lines=(
            ("precisions add, precision-weighted means add", "(m0/tau2+n*ybar/sigma2)/(1/tau2+n/sigma2)"),
            ("prior mean corrected towards the data", "m0 + n*tau2/(n*tau2+sigma2)*(ybar-m0)"),
        ),
        conclusion="The posterior expected squared loss is minimised by the posterior mean, a "
        "precision-weighted average of prior mean and sample mean.",
        convention="prior mean `m0` and variance `tau2`, `n` observations of variance `sigma2`",
        notation={"sigma2": "sigma^2", "tau2": "tau^2", "m0": "m_0", "act": "thetahat"},
    ),
    Derivation(
        question=Question(
            id="sym_shrinkage",
            truth="n/(a+b+n)",
            symbols=(
                Symbol("a", kind="positive", draw=(1, 9)),
                Symbol("b", kind="positive", draw=(1, 9)),
                Symbol("n", draw=(1, 50), integer=True),
            ),
            equivalents=("1-(a+b)/(a+b+n)",),
            misconceptions=(
                MisconceptionForm(
                    "6a", "gives the weight of the prior instead of the data", "(a+b)/(a+b+n)", "lambda multiplies the data term: what is it for huge n?"
                ),
                MisconceptionForm(
                    "6b", "counts a alone as the size of the prior", "n/(a+n)", "Both pseudo-counts add to the prior sample size."
                ),
                MisconceptionForm("6c", "shrinks as for the mode", "n/(a+b+n-2)", "That is for the posterior mode."),
            ),
        ),
        title="Weight of the data in the beta-binomial posterior mean",
        quantity="(act-theta)^2",
        steps=(
            ("average", "theta", "theta^(k+a-1)*(1-theta)^(n-k+b-1)", "0", "1"),
            ("minimise", "act"),
            ("insert", "mean", "mean - lam*(k/n) - (1-lam)*a/(a+b)"),
            ("solve", "lam"),
        ),
        symbols=(
            Symbol("act"),
            Symbol("theta", kind="positive"),
            Symbol("k", kind="positive"),
            Symbol("lam"),
        ),
        lines=(("one minus the share of the pseudo-counts", "1-(a+b)/(a+b+n)"),),
        facts=(
            Fact(words="With ever more data the weight tends to 1.", left="n/(a+b+n)", right="1", limit=("n", "oo")),
        ),
        conclusion="The posterior mean is `(a+k)/(a+b+n)`: the prior counts as `a+b` observations.",
        convention="prior Beta(`a`, `b`), `k` successes of `n`",
        notation={"act": "thetahat"},
    ),
    Derivation(
        id="bayes_estimate",
        title="Bayes estimate under squared error, for any posterior",
        quantity="(a-theta)^2",
        steps=(("expect", "theta", "mean", "second"), ("minimise", "a")),
        stated="mean",
        symbols=(
            Symbol("a"),
            Symbol("theta"),
            Symbol("mean"),
            Symbol("second"),
        ),
        lines=(("only the posterior mean enters the minimiser", "mean"),),
        facts=(Fact(words="The second derivative is 2.", left="D(D(second-2*a*mean+a^2, a), a)", right="2"),),
        conclusion="The posterior enters through its first two moments only, so its shape does not matter.",
        convention="`mean` and `second` are the posterior means of `theta` and `theta^2`",
    ),
)
