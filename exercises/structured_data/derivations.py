"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_psnr",
            truth="10*log(R**2/M)/log(10)",
            symbols=(
                Symbol("R", kind="positive", draw=(1, 9)),
                Symbol("M", kind="positive", draw=(0.1, 9)),
            ),
            equivalents=("(20*log(R) - 10*log(M))/log(10)",),
            misconceptions=(
                MisconceptionForm("7a", "forgets that log is natural here", "10*log(R**2/M)", "Which logarithm is `log` in the language of answers?"),
                MisconceptionForm(
                    "7b", "takes 20 for a ratio of squares", "20*log(R**2/M)/log(10)", "Is your ratio one of amplitudes or of powers?"
                ),
                MisconceptionForm("7c", "forgets to square R", "10*log(R/M)/log(10)", "In what unit is your ratio?"),
            ),
        ),
        title="Peak signal-to-noise ratio in decibels",
        quantity="10^(Q/10) - R^2/M",
        name="G",
        steps=(("solve", "Q"),),
        result="Q",
        symbols=(Symbol("Q"),),
        lines=(("logarithm to base ten of the power ratio", "(20*log(R) - 10*log(M))/log(10)"),),
        facts=(
            Fact(
                words="A hundredfold MSE costs 20 dB.",
                left="10*log(R^2/(100*M))/log(10)",
                right="10*log(R^2/M)/log(10) - 20",
            ),
        ),
        conclusion="`Q` decibels mean that the peak power is `10^(Q/10)` times the mean squared error.",
        convention="`M` is the mean squared error, `R` the range; log is natural",
    ),
)
