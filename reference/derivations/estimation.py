"""Risk, posterior mean, noise models, bias and variance, denoising: what squared error estimates."""

from __future__ import annotations

from .words import Derivation, Fact, Symbol

REAL, POSITIVE, WHOLE = Symbol(), Symbol(kind="positive"), Symbol(kind="whole")
SAMPLES = ({"n": 2}, {"n": 3}, {"n": 4}, {"n": 5})
SPREAD = {"sigma2": "sigma^2", "tau2": "tau^2", "s2": "s^2", "m0": "m_0", "m1": "m_1", "m2": "m_2", "act": "thetahat"}
NEGATIVE_LOG = "-log(exp(-(y-mu)^2/(2*exp(s)))/sqrt(2*pi*exp(s)))"

ESTIMATION: tuple[Derivation, ...] = (
    Derivation(
        number="E02.5",
        part="sym_risk_moments",
        title="Squared-error risk of a constant in moments",
        quantity="(Y-a)^2",
        steps=(("expect", "Y", "m1", "m2"),),
        stated="m2 - 2*a*m1 + a**2",
        symbols={"Y": REAL, "a": REAL, "m1": REAL, "m2": REAL},
        lines=(
            ("expand the square and take the mean of each term", "m2 - 2*a*m1 + a^2"),
            ("variance plus squared distance from the mean", "(m2-m1^2) + (m1-a)^2"),
        ),
        conclusion="The risk is the variance of `Y` plus the squared distance of `a` from the mean: only "
        "the second term can be learned away.",
        convention="no 1/2; `m1` and `m2` are the means of `Y` and `Y^2`",
        notation=SPREAD,
    ),
    Derivation(
        number="E02.6",
        part="sym_risk_derivative",
        title="Derivative of the risk",
        quantity="(Y-a)^2",
        steps=(("expect", "Y", "m1", "m2"), ("differentiate", "a")),
        stated="2*(a-m1)",
        symbols={"Y": REAL, "a": REAL, "m1": REAL, "m2": REAL},
        lines=(("differentiate `m2 - 2*a*m1 + a^2`", "2*a - 2*m1"),),
        facts=(
            Fact(words="It vanishes at the mean.", left="2*(a-m1)", right="0", limit=("a", "m1")),
            Fact(words="The second derivative is 2: the mean is the only minimiser.", left="D(2*(a-m1), a)", right="2"),
        ),
        conclusion="Squared error estimates the (conditional) mean.",
        convention="no 1/2",
        notation=SPREAD,
    ),
    Derivation(
        number="E03.5",
        part="sym_normal_mean",
        title="Posterior mean of a normal mean",
        quantity="(act-theta)^2",
        steps=(
            ("average", "theta", "exp(-(theta-m0)^2/(2*tau2) - Sum((y[i]-theta)^2, i)/(2*sigma2))", "-oo", "oo"),
            ("minimise", "act"),
        ),
        stated="(n*tau2*ybar + sigma2*m0)/(n*tau2 + sigma2)",
        symbols={"act": REAL, "theta": REAL, "m0": REAL, "tau2": POSITIVE, "sigma2": POSITIVE, "y": Symbol(("n",))},
        definitions={"ybar": "Sum(y[i], i)/n"},
        sizes=SAMPLES[:3],
        lines=(
            ("precisions add, precision-weighted means add", "(m0/tau2+n*ybar/sigma2)/(1/tau2+n/sigma2)"),
            ("prior mean corrected towards the data", "m0 + n*tau2/(n*tau2+sigma2)*(ybar-m0)"),
        ),
        conclusion="The posterior expected squared loss is minimised by the posterior mean, a "
        "precision-weighted average of prior mean and sample mean.",
        convention="prior mean `m0` and variance `tau2`, `n` observations of variance `sigma2`",
        notation=SPREAD,
    ),
    Derivation(
        number="E03.6",
        part="sym_shrinkage",
        title="Weight of the data in the beta-binomial posterior mean",
        quantity="(act-theta)^2",
        steps=(
            ("average", "theta", "theta^(k+a-1)*(1-theta)^(n-k+b-1)", "0", "1"),
            ("minimise", "act"),
            ("insert", "mean", "mean - lam*(k/n) - (1-lam)*a/(a+b)"),
            ("solve", "lam"),
        ),
        stated="n/(a+b+n)",
        symbols={
            "act": REAL,
            "theta": POSITIVE,
            "k": POSITIVE,
            "n": POSITIVE,
            "a": POSITIVE,
            "b": POSITIVE,
            "lam": REAL,
        },
        lines=(("one minus the share of the pseudo-counts", "1-(a+b)/(a+b+n)"),),
        facts=(
            Fact(words="With ever more data the weight tends to 1.", left="n/(a+b+n)", right="1", limit=("n", "oo")),
        ),
        conclusion="The posterior mean is `(a+k)/(a+b+n)`: the prior counts as `a+b` observations.",
        convention="prior Beta(`a`, `b`), `k` successes of `n`",
        notation=SPREAD,
    ),
    Derivation(
        number="E10.5",
        part="sym_nll_dmu",
        title="Gaussian negative log-likelihood: derivative in the mean",
        quantity=NEGATIVE_LOG,
        name="l",
        steps=(("differentiate", "mu"),),
        stated="-(y-mu)*exp(-s)",
        symbols={"y": REAL, "mu": REAL, "s": REAL},
        lines=(("only the square depends on `mu`", "(mu-y)/exp(s)"),),
        conclusion="The gradient of squared error, weighted by the precision `exp(-s)`: noisy samples count less.",
        convention="one sample, `s` is the log-variance; the density is normalised",
    ),
    Derivation(
        number="E10.6",
        part="sym_nll_ds",
        title="Gaussian negative log-likelihood: derivative in the log-variance",
        quantity=NEGATIVE_LOG,
        name="l",
        steps=(("differentiate", "s"),),
        stated="(1-(y-mu)**2*exp(-s))/2",
        symbols={"y": REAL, "mu": REAL, "s": REAL},
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
    Derivation(
        number="E11.5",
        part="sym_shrinkage_mse",
        title="Mean squared error of a shrunken mean",
        quantity="(c/n*Sum(theta+e[i], i) - theta)^2",
        steps=(("expect", "e", "0", "sigma2"),),
        stated="c**2*sigma2/n + (1-c)**2*theta**2",
        symbols={"e": Symbol(("n",)), "c": REAL, "theta": REAL, "sigma2": POSITIVE},
        sizes=SAMPLES,
        lines=(
            ("variance, and the expanded square of the bias", "c^2*sigma2/n + theta^2 - 2*c*theta^2 + c^2*theta^2"),
        ),
        conclusion="Variance falls with `c^2` while the squared bias grows with `(1-c)^2`.",
        convention="`y_i` is `theta+e_i`, independent errors of mean 0 and variance `sigma2`",
        notation=SPREAD,
    ),
    Derivation(
        number="E11.6",
        part="sym_optimal_c",
        title="Optimal shrinkage",
        quantity="(c/n*Sum(theta+e[i], i) - theta)^2",
        steps=(("expect", "e", "0", "sigma2"), ("minimise", "c")),
        stated="theta**2/(theta**2+sigma2/n)",
        symbols={"e": Symbol(("n",)), "c": REAL, "theta": POSITIVE, "sigma2": POSITIVE},
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
        notation=SPREAD,
    ),
    Derivation(
        number="E13.6",
        part="sym_brier_expected",
        title="Expected Brier score of a forecast",
        quantity="(q-O)^2",
        steps=(("expect", "O", "p", "p"),),
        stated="(q-p)**2 + p*(1-p)",
        symbols={"O": REAL, "q": REAL, "p": REAL},
        lines=(
            ("two outcomes", "p*(1-q)^2 + (1-p)*q^2"),
            ("`O^2` equals `O`", "q^2 - 2*p*q + p"),
        ),
        facts=(
            Fact(
                words="The derivative in `q` is `2*(q-p)`: the score is strictly proper.",
                left="D(p*(1-q)^2 + (1-p)*q^2, q)",
                right="2*(q-p)",
            ),
        ),
        conclusion="Calibration error plus irreducible uncertainty: honesty is the only optimum.",
        convention="`O` is Bernoulli(`p`); no 1/2",
    ),
    Derivation(
        number="E17.6",
        part="sym_min_denoising_mse",
        title="Least mean squared error of a linear denoiser",
        quantity="(x - D1*(x+e))^2",
        steps=(("expect", "x", "0", "s2"), ("expect", "e", "0", "sigma2"), ("minimum", "D1")),
        stated="s2*sigma2/(s2+sigma2)",
        symbols={"x": REAL, "e": REAL, "D1": REAL, "s2": POSITIVE, "sigma2": POSITIVE},
        lines=(
            (
                "insert the gain `s2/(s2+sigma2)` into `(1-D1)^2*s2 + D1^2*sigma2`",
                "(sigma2/(s2+sigma2))^2*s2 + (s2/(s2+sigma2))^2*sigma2",
            ),
            ("harmonic sum of the two variances", "1/(1/s2+1/sigma2)"),
        ),
        conclusion="Posterior precisions add: the least error is the posterior variance.",
        convention="`x` and noise `e` independent, mean 0, variances `s2` and `sigma2`",
        notation={**SPREAD, "D1": "D"},
    ),
)
