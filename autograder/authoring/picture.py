"""Draw the picture of an exercise's statement: its figure from the reference, readable on light and on dark pages.

    python -m autograder.authoring.picture [NAME ...]

writes ``exercises/NAME/NAME.svg``, which the statement shows with a text for those who do not see it.  The file holds
both colour schemes, paper included, so it can be read on any page.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.atomic import write_whole
from autograder.checks.palette import BLUE, GREEN, ORANGE
from autograder.course.exercises import ExerciseFolder, exercise_names, load_exercise
from autograder.course.figures import figure_of
from autograder.course.model import find_course

MOST_SHAPES = 300
"""Of one artist, such as the dots of a scatter plot."""

LIGHT = {
    "ink": "#1f2328", "paper": "#fefefe", "line": "#8a9099", "blue": BLUE, "orange": ORANGE,
    "green": GREEN, "grey": "#808080",
}  # fmt: skip
DARK = {
    "ink": "#e6edf3", "paper": "#161b22", "line": "#7d8590", "blue": "#6cb6ff", "orange": "#f0a35e",
    "green": "#3fcf9f", "grey": "#9aa3ad",
}  # fmt: skip
"""Colours of the two schemes by name; matplotlib draws with the light ones."""


def picture(folder: ExerciseFolder) -> str:
    """Return the figure of an exercise as SVG, drawn from the reference.

    Raises
    ------
    CourseError
        If the exercise has no figure.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    functions = {name: hidden.reference for name, hidden in folder.secrets.items()}
    ink, line = LIGHT["ink"], LIGHT["line"]
    style: dict[Any, Any] = {
        "svg.fonttype": "path", "svg.hashsalt": folder.name, "text.color": ink, "axes.labelcolor": ink,
        "xtick.color": ink, "ytick.color": ink, "axes.edgecolor": line, "figure.facecolor": LIGHT["paper"],
        "axes.facecolor": LIGHT["paper"], "legend.facecolor": LIGHT["paper"], "legend.edgecolor": line,
        "savefig.facecolor": LIGHT["paper"], "path.simplify_threshold": 1.0,
    }  # fmt: skip
    stream = io.StringIO()
    with matplotlib.rc_context(style):
        drawn = figure_of(folder.path / "figure.py")(functions, pyplot)
        for artist in drawn.findobj(_is_heavy):
            artist.set_rasterized(True)
        drawn.savefig(stream, format="svg", dpi=120, metadata={"Date": None, "Creator": None})
        pyplot.close(drawn)
    return in_both_schemes(stream.getvalue())


def _is_heavy(artist: Any) -> bool:
    """Whether an artist draws more shapes than a page should hold: they become pixels."""
    offsets = getattr(artist, "get_offsets", None)
    return type(artist).__name__ == "QuadMesh" or (offsets is not None and len(offsets()) > MOST_SHAPES)


def in_both_schemes(svg: str) -> str:
    """Return an SVG whose colours follow the reader's scheme: each known colour becomes a variable of a style sheet."""
    svg = re.sub(r"#000000\b", LIGHT["ink"], svg)
    for name, colour in LIGHT.items():
        svg = re.sub(re.escape(colour), f"var(--{name})", svg, flags=re.IGNORECASE)
    # an attribute knows no variable, a style does
    svg = re.sub(r' (fill|stroke)="(var\(--\w+\))"', r' style="\1: \2"', svg)
    sheet = f"svg {{ {_declared(LIGHT)} }} @media (prefers-color-scheme: dark) {{ svg {{ {_declared(DARK)} }} }}"
    svg = re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), svg)
    head, tag, rest = svg.partition("<defs>")
    return f"{head}<style>{sheet}</style>\n{tag}{rest}"


def _declared(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


def main(names: list[str]) -> None:
    """Write the pictures of some exercises, or of all that have a figure."""
    root = find_course(Path.cwd())
    for name in names or exercise_names(root):
        folder = load_exercise(root, name, hidden=True)
        if (folder.path / "figure.py").is_file():
            print(write_whole(folder.path / f"{name}.svg", picture(folder).encode()))


if __name__ == "__main__":
    main(sys.argv[1:])
