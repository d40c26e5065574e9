"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, MisconceptionForm, Question, Symbol

CLASSES = ({"K": 2}, {"K": 3}, {"K": 4}, {"K": 5})

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_kd_grad",
            truth="T*(p_j-q_j)",
            symbols=(
                Symbol("T", kind="positive", draw=(0.5, 9)),
                Symbol("p", ("K",), kind="probability", logits="z", temperature="T"),
                Symbol("q", ("K",), kind="probability"),
            ),
            shape=("K",),
            index=("j",),
            loss="-T**2*Sum(q[k]*log(p[k]), k)",
            wrt="z[j]",
            hidden=(Symbol("z", ("K",)),),
            convention="the factor T^2 belongs to the loss",
            equivalents=("T*p_j - T*q_j",),
            functions=("softmax",),
            misconceptions=(
                MisconceptionForm("6a", "forgets that z/T has a derivative, T^2 (p-q)", "T**2*(p_j-q_j)", "What is the inner derivative of z/T?"),
                MisconceptionForm("6b", "forgets the factor T^2 of the loss, (p-q)/T", "(p_j-q_j)/T", "The factor T^2 belongs to the loss."),
                MisconceptionForm("6c", "reverses the sign", "T*(q_j-p_j)", "Too much student mass on j: z_j must fall."),
            ),
            level="general",
        ),
        title="Gradient of distillation",
        sizes=CLASSES,
        lines=(
            ("the inner derivative of `z/T` is `1/T`", "T^2*(1/T)*(p[j]-q[j])"),
            ("one `T` is left", "T*p[j] - T*q[j]"),
        ),
        conclusion="The factor `T^2` keeps the size of the gradient when the temperature changes.",
        convention="one sample; `p` is the softmax of `z/T`, `q` sums to 1",
    ),
    Derivation(
        question=Question(
            id="sym_high_temperature",
            truth="((z_j-zbar)-(v_j-vbar))/K",
            symbols=(
                Symbol("z_j", draw=(-3, 3)),
                Symbol("zbar", draw=(-3, 3)),
                Symbol("v_j", draw=(-3, 3)),
                Symbol("vbar", draw=(-3, 3)),
                Symbol("K", draw=(2, 9), integer=True),
            ),
            equivalents=("(z_j - v_j - zbar + vbar)/K",),
            misconceptions=(
                MisconceptionForm("7a", "forgets to centre the logits", "(z_j-v_j)/K", "Add a constant to all z: does T(p-q) change?"),
                MisconceptionForm("7b", "forgets 1/K", "(z_j-zbar)-(v_j-vbar)", "What value does each probability have for very large T?"),
                MisconceptionForm("7c", "divides by K twice", "((z_j-zbar)-(v_j-vbar))/K**2", "Expand exp to first order."),
            ),
        ),
        title="Distillation at high temperature",
        quantity="T*(p[j]-q[j])",
        name="g",
        steps=(("limit", "T", "oo"),),
        symbols=(
            Symbol("z", ("K",)),
            Symbol("v", ("K",)),
            Symbol("T", kind="positive"),
        ),
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
