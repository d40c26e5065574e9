"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Comparison, Derivation, Fact, MisconceptionForm, Path, Question, RequiredForm, Symbol

CLASSES = ({"K": 2}, {"K": 3}, {"K": 4}, {"K": 5})

P, Y = Symbol("p", ("K",), kind="probability", logits="z"), Symbol("y", ("K",), kind="label")
Z = Symbol("z", ("K",))
HALF_SQUARED = "1/2*Sum((p[k]-y[k])**2, k)"

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_softmax_jacobian",
            truth="diag(p) - outer(p,p)",
            symbols=(P,),
            shape=("K", "K"),
            index=("i", "j"),
            loss="p[i]",
            wrt="z[j]",
            hidden=(Z,),
            equivalents=("diag(p)@(eye(K) - outer(1+0*p, p))",),
            functions=("softmax",),
            misconceptions=(
                MisconceptionForm("4a", "gives the diagonal alone", "diag(p*(1-p))", "Off-diagonal entries: p_i depends on z_j."),
                MisconceptionForm("4b", "reverses the sign", "outer(p,p) - diag(p)", "Raise one logit: does its own probability rise or fall?"),
                MisconceptionForm("4c", "takes the identity instead of diag(p)", "eye(K) - outer(p,p)", "Rows must sum to zero."),
            ),
            level="general",
        ),
        title="Jacobian of the softmax",
        name="p",
        sizes=CLASSES,
        lines=(
            ("quotient rule", "(delta(i,j)*exp(z[i])*Sum(exp(z[l]), l) - exp(z[i])*exp(z[j]))/Sum(exp(z[l]), l)^2"),
            ("in probabilities", "p[i]*(delta(i,j) - p[j])"),
        ),
        facts=(
            Fact(
                words="Rows sum to zero: a common shift of the logits changes nothing.",
                left="(diag(p) - outer(p,p))@(1+0*p)",
                right="0*p",
            ),
        ),
        conclusion="The outputs are coupled: raising one logit lowers all other probabilities.",
        convention="entry `i`, `j` is `D(p_i, z_j)`",
    ),
    Derivation(
        question=Question(
            id="sym_ce_grad",
            truth="p - y",
            symbols=(P, Y),
            shape=("K",),
            index=("j",),
            loss="-Sum(y[k]*log(p[k]), k)",
            wrt="z[j]",
            hidden=(Z,),
            equivalents=("(diag(p)-outer(p,p))@(-y/p)",),
            functions=("softmax",),
            misconceptions=(
                MisconceptionForm("5a", "reverses the sign", "y - p", "Descent must raise the true logit."),
                MisconceptionForm("5b", "differentiates by p instead of z", "-y/p", "Continue to z through the softmax."),
                MisconceptionForm("5c", "gives the gradient of squared error", "p*((p-y) - dot(p-y,p))", "The gradient of which loss is this?"),
            ),
            level="general",
        ),
        title="Gradient of cross-entropy through the softmax",
        sizes=CLASSES,
        lines=(
            ("chain rule with the Jacobian", "-Sum(y[k]/p[k]*p[k]*(delta(k,j)-p[j]), k)"),
            ("`p_k` cancels: the logarithm undoes the saturation", "-Sum(y[k]*delta(k,j), k) + p[j]*Sum(y[k], k)"),
            ("`y` sums to 1", "p[j] - y[j]"),
        ),
        facts=(Fact(words="The entries sum to zero.", left="Sum(p[j]-y[j], j)", right="0"),),
        conclusion="The error itself, with no further factor: bounded, and large exactly where the "
        "prediction is wrong.",
        convention="one sample; `y` sums to 1, one-hot or soft",
    ),
    Derivation(
        question=Question(
            id="sym_softmax_mse_grad",
            truth="p*((p-y) - dot(p-y,p))",
            symbols=(P, Y),
            shape=("K",),
            index=("j",),
            loss=HALF_SQUARED,
            wrt="z[j]",
            hidden=(Z,),
            convention="1/2 in front of the sum over the classes",
            equivalents=(
                "(p-y)*p - p*sum((p-y)*p)",
                "(diag(p)-outer(p,p))@(p-y)",
            ),
            functions=("softmax",),
            misconceptions=(
                MisconceptionForm("6a", "uses the diagonal of the Jacobian alone", "p*(1-p)*(p-y)", "Do the entries sum to 0?"),
                MisconceptionForm("6b", "keeps a factor 2 that 1/2 cancels", "2*p*((p-y) - dot(p-y,p))", "What prefactor does the loss in the statement have?"),
                MisconceptionForm(
                    "6c", "forgets p in front of the bracket", "(p-y) - dot(p-y,p)", "Which factor do all terms of the gradient share?"
                ),
                MisconceptionForm("6d", "multiplies the errors by y instead of p", "p*((p-y) - dot(p-y,y))", "With which vector is the error multiplied in the sum?"),
                MisconceptionForm("6e", "sums the errors without weighing them by p", "p*((p-y) - sum(p-y))", "What is the sum of all errors p - y?"),
            ),
            required_forms=(RequiredForm("the softmax Jacobian", ("delta", "diag", "eye", "outer")),),
            level="general",
        ),
        title="Gradient of squared error through the softmax",
        sizes=CLASSES,
        lines=(
            ("chain rule with the Jacobian of the softmax", "Sum((p[i]-y[i])*p[i]*(delta(i,j)-p[j]), i)"),
            ("the delta picks the term `i` = `j`", "(p[j]-y[j])*p[j] - p[j]*Sum((p[i]-y[i])*p[i], i)"),
            ("`p_j` is a factor of every term", "p[j]*((p[j]-y[j]) - Sum((p[i]-y[i])*p[i], i))"),
            ("as Jacobian times error", "(diag(p)-outer(p,p))@(p-y)"),
        ),
        facts=(Fact(words="The entries sum to zero.", left="sum(p*((p-y) - dot(p-y,p)))", right="0"),),
        conclusion="Every entry carries the factor `p_j`: a class that the model has ruled out cannot call for help.",
        convention="one sample, sum over classes, with 1/2",
    ),
    Derivation(
        question=Question(
            id="sym_saturation",
            truth="2*eps*(1-eps)**2",
            symbols=(Symbol("eps", kind="probability", draw=(0.05, 0.95)),),
            equivalents=("2*eps - 4*eps^2 + 2*eps^3",),
            misconceptions=(
                MisconceptionForm("7a", "gives the gradient of cross-entropy", "1-eps", "That does not vanish: which loss is it?"),
                MisconceptionForm("7b", "ignores that both outputs change", "eps*(1-eps)**2", "Both outputs change when z_w moves."),
                MisconceptionForm(
                    "7c", "gives the derivative by z_c, with the other sign", "-2*eps*(1-eps)**2", "Raising the wrong logit increases the loss."
                ),
                MisconceptionForm("7d", "gives the limit for small eps", "2*eps", "Exact expression, not the limit."),
            ),
        ),
        title="Saturation with two classes: the wrong logit",
        quantity=HALF_SQUARED,
        steps=(("differentiate", "z"), ("at", "y", "1", "0"), ("at", "z", "log(eps/(1-eps))", "0"), ("entry", "2")),
        result="D(L, z_w)",
        symbols=(P, Z, Symbol("y", ("K",))),
        sizes=({"K": 2},),
        lines=(
            (
                "entry `w` of the general formula with `p_w` = `1-eps` and `y_w` = 0",
                "(1-eps)*((1-eps) - ((eps-1)*eps + (1-eps)^2))",
            ),
            ("expanded", "2*eps - 4*eps^2 + 2*eps^3"),
        ),
        facts=(
            Fact(
                words="It vanishes for a confidently wrong model.",
                left="2*eps*(1-eps)^2",
                right="0",
                limit=("eps", "0", "+"),
            ),
            Fact(
                words="Its derivative has the one root `1/3` between 0 and 1 ...",
                left="D(2*eps*(1-eps)^2, eps)",
                right="2*(1-eps)*(1-3*eps)",
            ),
            Fact(words="... where it reaches its largest value.", left="2*(1/3)*(1-1/3)^2", right="8/27"),
        ),
        conclusion="With two classes both logits starve: the wrong one gets `2*eps*(1-eps)^2`, the right "
        "one the negative of it.",
        convention="`p_c` = `eps`, `p_w` = `1-eps`; with 1/2",
        notation={"eps": "epsilon"},
    ),
    Derivation(
        id="saturation_for_every_K",
        title="Saturation for every number of classes",
        quantity="-p*(1 - 2*p + Q)",
        name="g",
        steps=(("limit", "p", "0"),),
        stated="0",
        symbols=(
            Symbol("p"),
            Symbol("Q"),
        ),
        lines=(("every term carries the factor `p`", "0*Q"),),
        facts=(
            Fact(words="Cross-entropy keeps its signal.", left="p-1", right="-1", limit=("p", "0")),
            Fact(words="The bracket is at most 2, as `Q` is at most 1.", left="1-2*p+Q", right="1+Q", limit=("p", "0")),
        ),
        conclusion="`K` enters through `Q` only, the sum of squared probabilities, which lies between 0 and 1: so for "
        "every `K` the true class starves under squared error, while cross-entropy pulls with -1.",
        convention="`p` is the probability of the true class; entry `c` of the gradient",
    ),
)

_ROWS = ("true class `c`", "confident wrong class `w`", "any other class")
_PARAMETER = (Symbol("eps", kind="positive"),)
_HOT = ("1", "0")

COMPARISONS = (
    Comparison(
        title="Softmax: squared error against cross-entropy",
        central=True,
        words="Both losses look at the same probabilities `p`, the softmax of the logits `z`, and the same "
        "one-hot label: `y_c` is 1. "
        "The tables follow each logit's gradient while the model becomes ever surer of what it says.",
        formulas={"cross-entropy": "sym_ce_grad", "squared error": "sym_softmax_mse_grad"},
        index=("j",),
        paths=(
            Path(
                title="Confidently wrong: all other classes as unlikely as the true one",
                words="`p_w` = `1-(K-1)*eps`, every other class `eps`",
                point={"p": ("eps", "1-(K-1)*eps", "eps"), "y": _HOT},
                parameter="eps",
                symbols=_PARAMETER,
                rows=_ROWS,
                limits={"cross-entropy": ("-1", "1", "0"), "squared error": ("0", "0", "0")},
                leading={"cross-entropy": ("-1", "1", "eps"), "squared error": ("-2*eps", "K*eps", "-eps")},
                sizes=({"K": 3}, {"K": 2}, {"K": 4}, {"K": 5}),
            ),
            Path(
                title="Confidently wrong with two classes",
                words="`p_c` = `eps`, `p_w` = `1-eps`",
                point={"p": ("eps", "1-eps"), "y": _HOT},
                parameter="eps",
                symbols=_PARAMETER,
                rows=_ROWS[:2],
                limits={"cross-entropy": ("-1", "1"), "squared error": ("0", "0")},
                leading={"cross-entropy": ("-1", "1"), "squared error": ("-2*eps", "2*eps")},
                sizes=({"K": 2},),
            ),
            Path(
                title="The same in logits: margin `m` of the wrong class over the true one",
                words="`z_c` = 0, `z_w` = `m`, two classes",
                point={"p": ("1/(1+exp(m))", "exp(m)/(1+exp(m))"), "y": _HOT},
                parameter="m",
                to="oo",
                symbols=(Symbol("m", kind="positive"),),
                rows=_ROWS[:2],
                limits={"cross-entropy": ("-1", "1"), "squared error": ("0", "0")},
                leading={"cross-entropy": ("-1", "1"), "squared error": ("-2*exp(-m)", "2*exp(-m)")},
                sizes=({"K": 2},),
            ),
            Path(
                title="Wrong mass spread over two classes: only the true class starves",
                words="`p_c` = `eps`; the rest is shared as `a` to `1-a`, `0<a<1`. The wrong logits keep a "
                "signal unless `a` is `1/2`",
                point={"p": ("eps", "a*(1-eps)", "(1-a)*(1-eps)"), "y": _HOT},
                parameter="eps",
                symbols=(
                    Symbol("eps", kind="positive"),
                    Symbol("a", kind="positive"),
                ),
                rows=("true class `c`", "wrong class of share `a`", "wrong class of share `1-a`"),
                limits={
                    "cross-entropy": ("-1", "a", "1-a"),
                    "squared error": ("0", "a*(1-a)*(2*a-1)", "-a*(1-a)*(2*a-1)"),
                },
                sizes=({"K": 3},),
            ),
            Path(
                title="Confidently right",
                words="`p_c` = `1-(K-1)*eps`, every other class `eps`",
                point={"p": ("1-(K-1)*eps", "eps"), "y": _HOT},
                parameter="eps",
                symbols=_PARAMETER,
                rows=("true class `c`", "any other class"),
                limits={"cross-entropy": ("0", "0"), "squared error": ("0", "0")},
                leading={"cross-entropy": ("-(K-1)*eps", "eps"), "squared error": ("-K*(K-1)*eps^2", "K*eps^2")},
                sizes=({"K": 3}, {"K": 2}, {"K": 4}, {"K": 5}),
            ),
            Path(
                title="No opinion: uniform probabilities",
                words="every class has `1/K`; nothing tends anywhere",
                point={"p": ("1/K",), "y": _HOT},
                parameter="",
                to="",
                symbols=(),
                rows=("true class `c`", "any other class"),
                limits={"cross-entropy": ("-(K-1)/K", "1/K"), "squared error": ("-(K-1)/K^2", "1/K^2")},
                sizes=({"K": 3}, {"K": 2}, {"K": 4}, {"K": 5}),
            ),
        ),
        symbols=(P, Z),
        sizes=CLASSES,
        facts=(
            Fact(
                words="For the true class (here the first) the bracket of the squared-error gradient lies "
                "between 0 and 2, so its size is at most `2*p[1]`.",
                left="p[1]*((p[1]-1) - (Sum(p[k]^2, k) - p[1]))",
                right="-p[1]*(1 - 2*p[1] + Sum(p[k]^2, k))",
            ),
            Fact(
                words="For a wrong class (here the second) the bracket, not the factor `p[2]`, closes when "
                "`p[2]` tends to 1.",
                left="p[2]*(p[2] - (Sum(p[k]^2, k) - p[1]))",
                right="p[2]*(p[2] + p[1] - Sum(p[k]^2, k))",
            ),
        ),
        conclusion="When the model is confidently wrong, cross-entropy pushes the true logit with full "
        "strength 1, while squared error pushes it with at most `2*p_c`, "
        "which is next to nothing. At uniform probabilities squared error is only a factor `K` weaker: the "
        "trouble is confident error, not distance as such.",
        notation={"eps": "epsilon"},
    ),
)
