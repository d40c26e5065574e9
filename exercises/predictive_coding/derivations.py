"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, Fact, MisconceptionForm, Question, Symbol

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_pc_equilibrium",
            truth="(pi_y*u*y + pi_r*m)/(pi_y*u**2 + pi_r)",
            symbols=(
                Symbol("u", draw=(0.3, 2)),
                Symbol("y", draw=(-2, 3)),
                Symbol("m", draw=(-2, 3)),
                Symbol("pi_y", kind="positive", draw=(0.3, 3)),
                Symbol("pi_r", kind="positive", draw=(0.3, 3)),
            ),
            equivalents=("m + pi_y*u*(y-u*m)/(pi_y*u**2+pi_r)",),
            misconceptions=(
                MisconceptionForm(
                    "6a", "forgets to square u", "(pi_y*u*y + pi_r*m)/(pi_y*u + pi_r)", "What multiplies r where the derivative of the energy is set to zero?"
                ),
                MisconceptionForm("6b", "forgets u", "(pi_y*y + pi_r*m)/(pi_y + pi_r)", "What is the derivative of the prediction u r with respect to r?"),
                MisconceptionForm(
                    "6c", "uses variances instead of precisions", "(u*y/pi_y + m/pi_r)/(u**2/pi_y + 1/pi_r)", "pi is an inverse variance."
                ),
            ),
        ),
        title="Equilibrium of scalar predictive coding",
        quantity="1/2*(pi_y*(y-u*r)^2 + pi_r*(r-m)^2)",
        name="F",
        steps=(("minimise", "r"),),
        symbols=(Symbol("r"),),
        lines=(("prior corrected by the weighted prediction error", "m + pi_y*u*(y-u*m)/(pi_y*u^2+pi_r)"),),
        facts=(
            Fact(
                words="A precise input wins.",
                left="(pi_y*u*y + pi_r*m)/(pi_y*u^2 + pi_r)",
                right="y/u",
                limit=("pi_y", "oo"),
            ),
            Fact(
                words="A precise prior wins.",
                left="(pi_y*u*y + pi_r*m)/(pi_y*u^2 + pi_r)",
                right="m",
                limit=("pi_r", "oo"),
            ),
        ),
        conclusion="Inference by gradient descent ends at the posterior mean of a linear-Gaussian model.",
        convention="with 1/2; `pi_y` and `pi_r` are precisions",
    ),
    Derivation(
        question=Question(
            id="sym_pc_tanh_grad",
            truth="-pi_y*(y-tanh(u*r))*u*(1-tanh(u*r)**2) + pi_r*(r-m)",
            symbols=(
                Symbol("u", draw=(0.3, 2)),
                Symbol("y", draw=(-2, 3)),
                Symbol("m", draw=(-2, 3)),
                Symbol("pi_y", kind="positive", draw=(0.3, 3)),
                Symbol("pi_r", kind="positive", draw=(0.3, 3)),
                Symbol("r", draw=(-2, 2)),
            ),
            loss="1/2*pi_y*(y-tanh(u*r))**2 + 1/2*pi_r*(r-m)**2",
            wrt="r",
            convention="1/2 in front of both squares",
            equivalents=("pi_y*u*(tanh(u*r)-y)/cosh(u*r)^2 + pi_r*(r-m)",),
            misconceptions=(
                MisconceptionForm(
                    "7a",
                    "forgets the activation's derivative",
                    "-pi_y*(y-tanh(u*r))*u + pi_r*(r-m)",
                    "What is the derivative of tanh(u r) where it is saturated?",
                ),
                MisconceptionForm(
                    "7b", "forgets the inner derivative u", "-pi_y*(y-tanh(u*r))*(1-tanh(u*r)**2) + pi_r*(r-m)", "What is the inner derivative of tanh(u r)?"
                ),
                MisconceptionForm(
                    "7c", "reverses the sign of the data term", "pi_y*(y-tanh(u*r))*u*(1-tanh(u*r)**2) + pi_r*(r-m)", "In which direction does the energy grow when the prediction is too large?"
                ),
                MisconceptionForm("7d", "forgets the prior", "-pi_y*(y-tanh(u*r))*u*(1-tanh(u*r)**2)", "How many terms does the energy have?"),
            ),
        ),
        title="Energy gradient with a tanh prediction",
        name="F",
        symbols=(Symbol("u", kind="positive"),),
        lines=(
            (
                "error sent back through the slope of the prediction, plus the prior",
                "pi_y*u*(tanh(u*r)-y)/cosh(u*r)^2 + pi_r*(r-m)",
            ),
        ),
        facts=(
            Fact(
                words="In saturation only the prior is left (shown for a positive weight; a negative one mirrors it).",
                left="-pi_y*(y-tanh(u*r))*u*(1-tanh(u*r)^2)",
                right="0",
                limit=("r", "oo"),
            ),
        ),
        conclusion="The same saturation as in a network's output: a saturated prediction ignores its error.",
        convention="with 1/2; `pi_y` and `pi_r` are precisions",
    ),
)
