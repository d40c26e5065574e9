"""Softmax, sigmoid and distillation: squared error on probabilities against cross-entropy."""

from __future__ import annotations

from .words import Comparison, Derivation, Fact, Path, Symbol

REAL, POSITIVE, WHOLE = Symbol(), Symbol(kind="positive"), Symbol(kind="whole")
CLASSES = ({"K": 2}, {"K": 3}, {"K": 4}, {"K": 5})
LOGITS, LABEL = Symbol(("K",)), Symbol(("K",), "label")
SOFTMAX = {"p[k]": "exp(z[k])/Sum(exp(z[l]), l)"}
HALF_SQUARED = "1/2*Sum((p[k]-y[k])^2, k)"

CLASSIFICATION: tuple[Derivation, ...] = (
    Derivation(
        number="E12.4",
        part="sym_softmax_jacobian",
        title="Jacobian of the softmax",
        quantity="p",
        name="p",
        steps=(("differentiate", "z"),),
        stated="diag(p) - outer(p,p)",
        symbols={"z": LOGITS},
        definitions=SOFTMAX,
        index=("i", "j"),
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
        number="E12.5",
        part="sym_ce_grad",
        title="Gradient of cross-entropy through the softmax",
        quantity="-Sum(y[k]*log(p[k]), k)",
        steps=(("differentiate", "z"),),
        stated="p - y",
        symbols={"z": LOGITS, "y": LABEL},
        definitions=SOFTMAX,
        index=("j",),
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
        number="E12.6",
        part="sym_softmax_mse_grad",
        title="Gradient of squared error through the softmax",
        quantity=HALF_SQUARED,
        steps=(("differentiate", "z"),),
        stated="p*((p-y) - dot(p-y,p))",
        symbols={"z": LOGITS, "y": LABEL},
        definitions=SOFTMAX,
        index=("j",),
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
        number="E12.7",
        part="sym_saturation",
        title="Saturation with two classes: the wrong logit",
        quantity=HALF_SQUARED,
        steps=(("differentiate", "z"), ("at", "y", "1", "0"), ("at", "z", "log(eps/(1-eps))", "0"), ("entry", "2")),
        stated="2*eps*(1-eps)**2",
        result="D(L, z_w)",
        symbols={"z": LOGITS, "y": Symbol(("K",)), "eps": POSITIVE},
        definitions=SOFTMAX,
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
        number="E13.5",
        part="sym_delta_sigmoid",
        title="Output delta of the sigmoid",
        quantity="1/2*(a-o)^2",
        steps=(("differentiate", "z"),),
        stated="(1/(1+exp(-z)) - o)*exp(-z)/(1+exp(-z))**2",
        symbols={"z": REAL, "o": REAL},
        definitions={"a": "1/(1+exp(-z))"},
        lines=(
            ("error times slope of the sigmoid", "(a-o)*a*(1-a)"),
            ("through `tanh(z/2)`", "((1+tanh(z/2))/2 - o)*(1-tanh(z/2)^2)/4"),
        ),
        facts=(
            Fact(
                words="Confidently wrong (`o` = 1, `z` to minus infinity): no signal.",
                left="(1/(1+exp(-z)) - 1)*exp(-z)/(1+exp(-z))^2",
                right="0",
                limit=("z", "-oo"),
            ),
            Fact(
                words="Cross-entropy keeps its signal there.", left="1/(1+exp(-z)) - 1", right="-1", limit=("z", "-oo")
            ),
        ),
        conclusion="As a score of probabilities squared error is proper and bounded; as a training loss "
        "behind a saturating link it starves.",
        convention="one sample, with 1/2",
    ),
    Derivation(
        number="E14.6",
        part="sym_kd_grad",
        title="Gradient of distillation",
        quantity="T^2*(-Sum(q[k]*log(p[k]), k))",
        steps=(("differentiate", "z"),),
        stated="T*(p_j-q_j)",
        symbols={"z": LOGITS, "q": LABEL, "T": POSITIVE},
        definitions={"p[k]": "exp(z[k]/T)/Sum(exp(z[l]/T), l)"},
        index=("j",),
        sizes=CLASSES,
        lines=(
            ("the inner derivative of `z/T` is `1/T`", "T^2*(1/T)*(p[j]-q[j])"),
            ("one `T` is left", "T*p[j] - T*q[j]"),
        ),
        conclusion="The factor `T^2` keeps the size of the gradient when the temperature changes.",
        convention="one sample; `p` is the softmax of `z/T`, `q` sums to 1",
    ),
    Derivation(
        number="E14.7",
        part="sym_high_temperature",
        title="Distillation at high temperature",
        quantity="T*(p[j]-q[j])",
        name="g",
        steps=(("limit", "T", "oo"),),
        stated="((z_j-zbar)-(v_j-vbar))/K",
        symbols={"z": LOGITS, "v": LOGITS, "T": POSITIVE},
        definitions={
            "p[k]": "exp(z[k]/T)/Sum(exp(z[l]/T), l)",
            "q[k]": "exp(v[k]/T)/Sum(exp(v[l]/T), l)",
            "zbar": "Sum(z[k], k)/K",
            "vbar": "Sum(v[k], k)/K",
        },
        index=("j",),
        sizes=CLASSES,
        lines=(
            ("to first order `p_j` is `1/K + (z_j-zbar)/(K*T)`, and likewise `q_j`", "(z[j]-zbar)/K - (v[j]-vbar)/K"),
            ("the gradient of `1/(2*K)` times the squared distance of centred logits", "(z[j]-v[j]-zbar+vbar)/K"),
        ),
        conclusion="At high temperature distillation is squared error on centred logits; the `1/K` "
        "belongs to it, and without centring the two differ by a constant.",
        convention="row means `zbar` and `vbar`",
    ),
)

_ROWS = ("true class `c`", "confident wrong class `w`", "any other class")
_PARAMETER = {"eps": POSITIVE}
_HOT = ("1", "0")

CENTRAL = Comparison(
    title="Softmax: squared error against cross-entropy",
    words="Both losses look at the same probabilities `p`, the softmax of the logits `z`, and the same "
    "one-hot label: `y_c` is 1. "
    "The tables follow each logit's gradient while the model becomes ever surer of what it says.",
    formulas={"cross-entropy": "E12.5", "squared error": "E12.6"},
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
            symbols={"m": POSITIVE},
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
            symbols={"eps": POSITIVE, "a": POSITIVE},
            rows=("true class `c`", "wrong class of share `a`", "wrong class of share `1-a`"),
            limits={"cross-entropy": ("-1", "a", "1-a"), "squared error": ("0", "a*(1-a)*(2*a-1)", "-a*(1-a)*(2*a-1)")},
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
            symbols={},
            rows=("true class `c`", "any other class"),
            limits={"cross-entropy": ("-(K-1)/K", "1/K"), "squared error": ("-(K-1)/K^2", "1/K^2")},
            sizes=({"K": 3}, {"K": 2}, {"K": 4}, {"K": 5}),
        ),
    ),
    symbols={"z": LOGITS},
    definitions=SOFTMAX,
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
)
