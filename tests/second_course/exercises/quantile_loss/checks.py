from autograder.checks import EXACT, Broken, Exercise, Part, example, law, mismatch, raises


def mirrored_inputs(rng):
    g = rng(600)
    y, q = g.normal(size=20), g.normal(size=20)
    return [(y, q, 0.3), (-y, -q, 0.7)]


def mirrored_law(args, got, want):
    return Broken("is not the same for mirrored data at level 1 - tau") if mismatch(*got, EXACT) else None


PINBALL_LOSS = Part(
    "pinball_loss",
    points=6,
    summary="the loss whose minimiser is a quantile",
    checks=(
        example((([4.0, 1.0], [2.0, 2.0], 0.75), 0.875), (([1.0], [1.0], 0.5), 0.0)),
        raises(([1.0], [1.0, 2.0], 0.5), ([1.0], [1.0], 1.0)),
        law("mirror", "is the same for mirrored data at level 1 - tau", mirrored_inputs, mirrored_law),
    ),
    hints=("Draw the loss over the residual: two lines.", "Which of the two slopes is negative?"),
)

SYM_SLOPE = Part(
    "sym_slope", points=2, kind="symbolic", summary="the slope of the loss", hints=("Two values, one for each side.",)
)

EXERCISE = Exercise(
    "quantile_loss",
    number="Q1",
    title="The quantile loss",
    difficulty=2,
    minutes=30,
    given=("where(r > 0, tau * r, (tau - 1) * r)",),
    parts=(PINBALL_LOSS, SYM_SLOPE),
)
