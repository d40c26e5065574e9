"""A course with one exercise of five small functions, and submissions for it: the same work for every grader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.course.exercises import load_exercise
from autograder.judging.questions import make_questions
from autograder.judging.trusted import resolve

EXERCISE = "five_small"

CHECKS = '''
"""Five small functions."""

import numpy as np

from autograder.checks import Exercise, Part, example

Y, P = [1.0, 2.0, 4.0], [1.0, 3.0, 2.0]


def part(k, name, cases):
    return Part(name=name, number=f"E90.{k}", points=2, summary=name, checks=(example(*cases),), hints=("a", "b", "c"))


EXERCISE = Exercise(
    name="five_small", number="E90", title="Five small functions", difficulty=1, minutes=1,
    parts=(
        part(1, "mse", [((Y, P), 5 / 3), ((2.0, 5.0), 9.0)]),
        part(2, "mae", [((Y, P), 1.0), ((2.0, 5.0), 3.0)]),
        part(3, "residual", [((Y, P), np.array([0.0, 1.0, -2.0]))]),
        part(4, "clip", [((Y, 2.0), np.array([1.0, 2.0, 2.0]))]),
        part(5, "r2", [((Y, Y), 1.0)]),
    ),
)
'''

GRADING = '''
"""Reference and hidden checks of the five small functions."""

import numpy as np

from autograder.checks import Hidden, usual_checks


def mse(y, p):
    return float(np.mean((np.asarray(p, float) - np.asarray(y, float)) ** 2))


def mae(y, p):
    return float(np.mean(np.abs(np.asarray(p, float) - np.asarray(y, float))))


def residual(y, p):
    return np.asarray(p, float) - np.asarray(y, float)


def clip(y, c):
    return np.clip(np.asarray(y, float), -c, c)


def r2(y, p):
    y, p = np.asarray(y, float), np.asarray(p, float)
    return float(1 - np.sum((p - y) ** 2) / np.sum((y - y.mean()) ** 2))


def pair(g):
    return g.normal(size=20), g.normal(size=20)


def bound(g):
    return g.normal(size=20), float(g.uniform(0.1, 2))


GRADING = {
    name: Hidden(name, function, checks=usual_checks(bound if name == "clip" else pair, "rand", cases=6))
    for name, function in (("mse", mse), ("mae", mae), ("residual", residual), ("clip", clip), ("r2", r2))
}
'''

FUNCTIONS = {
    "mse": """def mse(y, p):
    return float(np.mean((np.asarray(p, float) - np.asarray(y, float)) ** 2))
""",
    "mae": """def mae(y, p):
    return float(np.mean(np.abs(np.asarray(p, float) - np.asarray(y, float))))
""",
    "residual": """def residual(y, p):
    return np.asarray(p, float) - np.asarray(y, float)
""",
    "clip": """def clip(y, c):
    return np.clip(np.asarray(y, float), -c, c)
""",
    "r2": """def r2(y, p):
    y, p = np.asarray(y, float), np.asarray(p, float)
    return float(1 - np.sum((p - y) ** 2) / np.sum((y - y.mean()) ** 2))
""",
}

TESTS = {
    "mse": "assert abs(mse([1.0, 2.0, 4.0], [1.0, 3.0, 2.0]) - 5 / 3) < 1e-12",
    "mae": "assert abs(mae([1.0, 2.0, 4.0], [1.0, 3.0, 2.0]) - 1.0) < 1e-12",
    "residual": "assert np.allclose(residual([1.0, 2.0, 4.0], [1.0, 3.0, 2.0]), [0.0, 1.0, -2.0])",
    "clip": "assert np.allclose(clip([1.0, 2.0, 4.0], 2.0), [1.0, 2.0, 2.0])",
    "r2": "assert abs(r2([1.0, 2.0, 4.0], [1.0, 2.0, 4.0]) - 1.0) < 1e-12",
}
"""One plain assertion per function."""

SOLUTION = "\n".join(["", "import numpy as np", "", "", "\n\n".join(FUNCTIONS.values())])

COURSE = """
title: Benchmark
assignments:
  hw:
    title: Five small functions
    exercises:
      five_small: 10
variants: 1
"""


def write_course(root: Path, students: int) -> Path:
    """Write the course and ``students`` right submissions; return the folder of the submissions."""
    exercise_folder = root / "exercises" / EXERCISE
    exercise_folder.mkdir(parents=True)
    (exercise_folder / "checks.py").write_text(CHECKS)
    (exercise_folder / "grading.py").write_text(GRADING)
    (exercise_folder / f"{EXERCISE}.py").write_text(SOLUTION)
    (root / "course.yml").write_text(COURSE)
    submitted = root / "submitted"
    for k in range(students):
        folder = submitted / f"s{k:05d}" / "hw"
        folder.mkdir(parents=True)
        (folder / f"{EXERCISE}.py").write_text(f"{SOLUTION}\n# {k}\n")
    return submitted


def asked(root: Path) -> list[tuple[str, list[Any]]]:
    """Return every call that this grader makes for a submission: the function's name and the arguments."""
    folder = load_exercise(root, EXERCISE, hidden=True)
    questions = make_questions(folder.exercise, folder.secrets, 0)
    calls = [call for part in questions.parts for one in part.every for call in one.calls]
    return [(call.function, [resolve(a, {}) for a in call.args]) for call in calls]


def release_course(root: Path, text: str = COURSE) -> Path:
    """Write the course as an author would: with stubs and a text for students; return its folder."""
    folder = root / "exercises" / EXERCISE
    folder.mkdir(parents=True)
    (root / "reference").mkdir()
    stubs = [code.partition("\n")[0] + "\n    raise NotImplementedError" for code in FUNCTIONS.values()]
    (folder / "checks.py").write_text(CHECKS)
    (folder / "grading.py").write_text(GRADING)
    (folder / f"{EXERCISE}.py").write_text("import numpy as np\n\n\n" + "\n\n\n".join(stubs) + "\n")
    sections = "".join(f"## {name}\n\nWrite `{name}`.\n\n" for name in FUNCTIONS)
    (folder / "README.md").write_text(f"# Five small functions\n\n{sections}")
    (root / "course.yml").write_text(text)
    return root
