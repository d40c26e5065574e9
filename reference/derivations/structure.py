"""Autoencoders and predictive coding."""

from __future__ import annotations

from .words import Derivation, Fact, Symbol

REAL, POSITIVE = Symbol(), Symbol(kind="positive")
CODING = {"u": POSITIVE, "y": REAL, "m": REAL, "pi_y": POSITIVE, "pi_r": POSITIVE, "r": REAL}

STRUCTURE: tuple[Derivation, ...] = (
    Derivation(
        number="E16.6",
        part="sym_ae_decoder_grad",
        title="Decoder gradient of the linear autoencoder",
        quantity="1/n*Sum(Sum((X[i,m] - Sum(Sum(X[i,l]*A[l,c]*B[c,m], l), c))^2, m), i)",
        steps=(("differentiate", "B"),),
        stated="2/n*(X@A).T@(X@A@B - X)",
        symbols={"X": Symbol(("n", "d")), "A": Symbol(("d", "k")), "B": Symbol(("k", "d"))},
        index=("a", "b"),
        sizes=({"n": 3, "d": 2, "k": 1}, {"n": 2, "d": 3, "k": 2}, {"n": 3, "d": 2, "k": 4}),
        lines=(
            (
                "linear regression of `X` on the codes `X@A`, column by column",
                "2/n*Sum((X@A)[i,a]*((X@A@B)[i,b] - X[i,b]), i)",
            ),
            ("expanded", "2/n*(A.T@X.T@X@A@B - A.T@X.T@X)"),
        ),
        conclusion="The decoder solves a least-squares problem on the codes; its gradient is codes "
        "transposed times reconstruction error.",
        convention="mean over `n` samples, sum over `d` features, no 1/2",
    ),
    Derivation(
        number="E18.6",
        part="sym_pc_equilibrium",
        title="Equilibrium of scalar predictive coding",
        quantity="1/2*(pi_y*(y-u*r)^2 + pi_r*(r-m)^2)",
        name="F",
        steps=(("minimise", "r"),),
        stated="(pi_y*u*y + pi_r*m)/(pi_y*u**2 + pi_r)",
        symbols=CODING,
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
        number="E18.7",
        part="sym_pc_tanh_grad",
        title="Energy gradient with a tanh prediction",
        quantity="1/2*(pi_y*(y-tanh(u*r))^2 + pi_r*(r-m)^2)",
        name="F",
        steps=(("differentiate", "r"),),
        stated="-pi_y*(y-tanh(u*r))*u*(1-tanh(u*r)**2) + pi_r*(r-m)",
        symbols=CODING,
        lines=(
            (
                "error sent back through the slope of the prediction, plus the prior",
                "pi_y*u*(tanh(u*r)-y)/cosh(u*r)^2 + pi_r*(r-m)",
            ),
        ),
        facts=(
            Fact(
                words="In saturation only the prior is left.",
                left="-pi_y*(y-tanh(u*r))*u*(1-tanh(u*r)^2)",
                right="0",
                limit=("r", "oo"),
            ),
        ),
        conclusion="The same saturation as in a network's output: a saturated prediction ignores its error.",
        convention="with 1/2; `pi_y` and `pi_r` are precisions",
    ),
)
