"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_delta_sigmoid",
            truth="(1/(1+exp(-z)) - o)*exp(-z)/(1+exp(-z))**2",
            symbols=(
                Symbol("z", draw=(-4, 4)),
                Symbol("o", draw=(0, 1), integer=True),
            ),
            loss="1/2*(1/(1+exp(-z)) - o)**2",
            wrt="z",
            convention="1/2 in front of the loss",
            equivalents=(
                "(1/(1+exp(-z)) - o)*(1/(1+exp(-z)))*(1/(1+exp(z)))",
                "((1+tanh(z/2))/2 - o)*(1-tanh(z/2)**2)/4",
            ),
            functions=("sigma", "sigmoid"),
            misconceptions=(
                MisconceptionForm("5a", "gives the gradient of cross-entropy", "1/(1+exp(-z)) - o", "That is for the log loss."),
                MisconceptionForm("5b", "keeps a factor 2 that 1/2 cancels", "2*(1/(1+exp(-z)) - o)*exp(-z)/(1+exp(-z))**2", "Does the statement have a factor 1/2 in front of the square?"),
                MisconceptionForm(
                    "5c",
                    "takes sigma for the derivative sigma(1-sigma)",
                    "(1/(1+exp(-z)) - o)/(1+exp(-z))",
                    "What is the derivative of the sigmoid, in terms of its value?",
                ),
                MisconceptionForm(
                    "5d", "reverses the sign", "(o - 1/(1+exp(-z)))*exp(-z)/(1+exp(-z))**2", "o=0: raising z raises the loss."
                ),
            ),
        ),
        title="Output delta of the sigmoid",
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
        question=Question(
            id="sym_brier_expected",
            truth="(q-p)**2 + p*(1-p)",
            symbols=(
                Symbol("q", kind="probability", draw=(0, 1)),
                Symbol("p", kind="probability", draw=(0, 1)),
            ),
            equivalents=("p*(1-q)^2 + (1-p)*q^2",),
            misconceptions=(
                MisconceptionForm("6a", "forgets the uncertainty", "(q-p)**2", "Perfect forecast q=p: is the score 0?"),
                MisconceptionForm("6b", "takes the variance of the forecast instead of the outcome", "(q-p)**2 + q*(1-q)", "Which of q and p is the probability with which O is drawn?"),
                MisconceptionForm("6c", "forgets to square the bias", "abs(q-p) + p*(1-p)", "Expand the two cases O=0,1."),
            ),
        ),
        title="Expected Brier score of a forecast",
        quantity="(q-O)^2",
        steps=(("expect", "O", "p", "p"),),
        symbols=(Symbol("O"),),
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
)
