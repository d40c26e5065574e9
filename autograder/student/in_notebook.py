"""The public checks and the hints inside a notebook: ``from autograder.notebook import check, hint``.

The verdict is that of ``autograder check``: the function, with everything of the notebook that it uses, is written out
and run in a child process, so a loop that never ends or a crash leaves the kernel alone.  Needs neither ``reference/``
nor ``grading.py``; the room is looked for by ``AUTOGRADER_COURSE`` or from the working folder upward.
"""

from __future__ import annotations

import ast
import html
import inspect
import math
import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.course.exercises import Room, load_room, room_names
from autograder.course.model import find_course
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.judging.dispatch import Printed, hand_out
from autograder.judging.functions import judge_part
from autograder.judging.questions import make_paper
from autograder.model import Observation, PartReport
from autograder.sandbox.lone import observe_lone
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Sheet
from autograder.student.check import Checked, check_source
from autograder.student.progress import next_hint
from autograder.student.render import as_text
from autograder.text import did_you_mean

MAX_VALUES = 10_000
"""Entries of a notebook's array that are copied into the child; functions should not lean on larger ones."""

_HINT = "from autograder.notebook import hint; hint({})"
_BADGES = {"ok": "#1a7f37", "no": "#b42318", "--": "#636b78", "..": "#636b78"}
_PRE = "margin:0;line-height:1.4;white-space:pre-wrap;word-break:normal;overflow-wrap:break-word"
"""Jupyter's own style breaks long lines within words."""
_HANGING = "display:inline-block;box-sizing:border-box;max-width:100%;padding-left:12em;text-indent:-12em"
"""Where a long explanation is broken it goes on below its beginning, right of its label."""


@dataclass(frozen=True)
class Shown:
    """A verdict as a notebook shows it: plain text, and the same text in HTML with everything escaped.

    ``latex`` is how a symbolic answer was read; in HTML it follows the text as mathematics.
    """

    text: str
    latex: str = ""

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        lines = "\n".join(_html_line(i, line) for i, line in enumerate(self.text.splitlines()))
        # nothing in a pre is typeset, so a dollar that a student's function returns stays a dollar
        return f'<pre class="autograder" style="{_PRE}">{lines}</pre>{_html_mathematics(self.latex)}'


def _html_line(number: int, line: str) -> str:
    if number == 0:
        return f"<b>{html.escape(line)}</b>"
    if line.startswith(" " * 8):
        return f'<span style="{_HANGING}">{html.escape(line)}</span>'
    badge = _BADGES.get(line[2:4]) if line.startswith("  ") else None
    if badge is None:
        return html.escape(line)
    # white on a dark ground of its own can be read in every theme; the margins keep the columns where they are
    style = f"background-color:{badge};color:#ffffff;border-radius:3px;padding:0 4px;margin:0 -4px"
    return f'  <span style="{style}">{html.escape(line[2:4])}</span>{html.escape(line[4:])}'


def _html_mathematics(latex: str) -> str:
    if not latex:
        return ""
    read = html.escape(latex)
    return f'<div class="autograder-reading" style="margin:8px 0 0 0">Read as $\\displaystyle {read}$</div>'


def check(function: Callable[..., Any], exercise: str | None = None) -> Shown:
    """Run the public checks of the part that a function of the notebook answers.

    Parameters
    ----------
    function : callable
        The notebook's function, named like the part.
    exercise : str, optional
        Needed only where several exercises have a part of that name.

    Returns
    -------
    Shown
        The verdict, or in one line why there is none; nothing is raised.
    """
    try:
        return _check(function, exercise)
    except CourseError as error:
        return Shown(f"not checked: {error}")
    except Exception as error:
        # whatever else fails here is told in a line: a traceback through this package helps no student
        return Shown(f"not checked: {type(error).__name__}: {error}")


def _check(function: Callable[..., Any], exercise: str | None) -> Shown:
    if not callable(function):
        raise CourseError("give the function itself, without quotes and brackets: check(name_of_the_function)")
    name = getattr(function, "__name__", type(function).__name__)
    root = find_course()
    room, part = _part_named(root, name, exercise)
    if part.kind == "manual":
        raise CourseError(f"{name} is marked by a person")
    source = Source(f"{room.name}.ipynb", written_out(function))
    checked: Checked = check_source(root, room, source, room.path / f"{room.name}.ipynb", (part.name,))
    return Shown(as_text(checked, hint=_HINT), "".join(report.latex for report in checked.parts))


def hint(part: Callable[..., Any] | str, exercise: str | None = None) -> Shown:
    """Show the next hint for a part, from general to specific, as ``autograder hint`` does.

    Parameters
    ----------
    part : callable or str
        The notebook's function, or the part's name where there is no such function yet.
    exercise : str, optional
        Needed only where several exercises have a part of that name.

    Returns
    -------
    Shown
        The hint, or in one line why there is none; nothing is raised.
    """
    name = part if isinstance(part, str) else getattr(part, "__name__", type(part).__name__)
    try:
        root = find_course()
        room, found = _part_named(root, name, exercise)
        number, text = next_hint(root, room, found)
    except CourseError as error:
        return Shown(f"no hint: {error}")
    return Shown(f"{room.name}, {found.name}: hint {number} of {len(found.hints)}\n  {text}")


def _part_named(root: Path, name: str, exercise: str | None) -> tuple[Room, Part]:
    if exercise is not None:
        room = load_room(root, exercise, hidden=False)
        return room, room.exercise.part(name)
    quoted = (f'"{name}"', f"'{name}'")
    known: list[str] = []
    found: list[tuple[Room, Part]] = []
    for one in room_names(root):
        text = (root / "exercises" / one / "checks.py").read_text(encoding="utf-8")
        if any(q in text for q in quoted):  # loading only the rooms that can be meant saves a second
            room = load_room(root, one, hidden=False)
            found += [(room, part) for part in room.exercise.parts if part.name == name]
            known += [part.name for part in room.exercise.parts]
    if not found:
        raise CourseError(f"no exercise asks for {name!r}: the function must be named like its part"
                          f"{did_you_mean(name, known)}")  # fmt: skip
    if len(found) > 1:
        rooms = ", ".join(room.name for room, _ in found)
        raise CourseError(f"{name!r} is asked in {rooms}: name the exercise too: ({name}, {found[0][0].name!r})")
    return found[0]


# --- the graded cell -------------------------------------------------------------------------------------------


def graded(name: str, exercise: str, points: float) -> float:
    """Return the points of a part, for the graded cell of a notebook, and print why.

    The hidden checks run where the course on this machine has them, else the public ones; ``nbgrader validate``, which
    is for students, runs the public ones everywhere.  The code runs in a plain child of the kernel, which a hostile
    notebook can reach: these marks are as safe as the kernel is.

    Parameters
    ----------
    name, exercise : str
        The part and its exercise.
    points : float
        What the part is worth in this course.

    Returns
    -------
    float
        Between 0 and ``points``.
    """
    validating = os.environ.get("NBGRADER_EXECUTION") == "validate"
    try:
        report, hidden = _graded(name, exercise, points, public=validating)
    except CourseError as error:
        print(f"{exercise}.{name}: not graded: {error}", file=sys.stderr if validating else sys.stdout)
        return 0.0
    if validating:
        return _validated(name, report, points)
    score = min(max(float(report.score), 0.0), float(points))
    print(f"{exercise}.{name}: {score:g} of {points:g} ({report.status})")
    for outcome in report.outcomes:
        if outcome.outcome == "fail" and outcome.visibility == "public":
            print(f"  fails: {outcome.message or outcome.title}")
    if not hidden:
        print("  public checks only: there are no hidden ones here")
    elif _may_tell(exercise):  # what a graded cell prints becomes part of the feedback
        failed = sum(o.outcome == "fail" and o.visibility == "hidden" for o in report.outcomes)
        print(f"  {failed} hidden checks fail")
    print("  marked inside the notebook's kernel, which does not isolate it (unsafe); `autograder grade` does")
    return score


def _validated(name: str, report: PartReport, points: float) -> float:
    """Return the points for ``nbgrader validate``; where they are not all, what it shows as the cell's error."""
    if report.status == "correct":
        return float(points)
    failed = next((o for o in report.outcomes if o.outcome == "fail"), None)
    said = report.message or (f"fails: {failed.message or failed.title}" if failed else report.status.replace("_", " "))
    # validate shows what is on stderr; else it says "passed some but not all of the tests" whatever was passed
    print(f"{name}: {said}", file=sys.stderr)
    return 0.0


def _may_tell(exercise: str) -> bool:
    from autograder.course.feedback_policy import sight_of
    from autograder.course.model import load_course

    try:
        course = load_course(find_course())
    except CourseError:
        return False
    asked = next((one for one in course.assignments if exercise in one.exercises), None)
    return sight_of(course, asked, datetime.now(UTC)).hidden_checks


def _graded(name: str, exercise: str, points: float, *, public: bool = False) -> tuple[PartReport, bool]:
    root = find_course()
    hidden = not public and (root / "exercises" / exercise / "grading.py").is_file()
    room = load_room(root, exercise, hidden=hidden)
    part = room.exercise.part(name)
    function = vars(sys.modules["__main__"]).get(name)
    source = Source(f"{exercise}.ipynb", written_out(function) if callable(function) else ())
    if name not in room.secrets and name not in room.questions:
        found = check_source(root, room, source, room.stub, (name,)).parts
        if not found:
            raise CourseError("there is nothing to check it by")
        return replace(found[0], score=points if part.kind == "symbolic" and found[0].status == "correct"
                       else found[0].score * points / part.points), False  # fmt: skip

    def run(sheet: Sheet, _handle: object) -> Sequence[Sequence[Observation]]:
        # all calls at once: a kernel keeps nothing from the code that runs in it
        return observe_lone(source, replace(sheet, segments=tuple(replace(s, hidden=False) for s in sheet.segments)))

    asked = replace(room.exercise, parts=(part,))
    paper = make_paper(asked, room.secrets, _variant(root, exercise))
    with Printed(paper, room.checks_source) as printed:
        answers = hand_out(printed, run)
    if part.kind == "function":
        return judge_part(paper.parts[0], answers, points), True
    # numeric parts do without the symbolic package
    from autograder.judging.formulas import judge_answer
    from autograder.symbolic.limited import Decider

    with Decider() as decider:
        question = room.questions[name]
        return judge_answer(part, answers[name, 0][0], partial(decider.decide, question), points), True


def _variant(root: Path, exercise: str) -> int:
    """Return the variant of the student in whose folder ``autograded/<student>/<assignment>`` the kernel runs."""
    from autograder.course.model import load_course, variant_of

    place = Path.cwd()
    if place.parent.parent.name != "autograded":
        return 0
    try:
        return variant_of(load_course(root), exercise, place.parent.name)
    except CourseError:
        return 0  # without the course secret every student has the first variant


# --- a function with all it uses -------------------------------------------------------------------------------


def written_out(function: Callable[..., Any]) -> tuple[Cell, ...]:
    """Return a function of the notebook and everything that it uses there, as cells that can run elsewhere.

    Raises
    ------
    CourseError
        If the source of the function is gone.
    """
    name = getattr(function, "__name__", "function")
    plain = inspect.unwrap(function)
    notebook = getattr(plain, "__globals__", {})
    writer = _Writer(notebook)
    if not writer.add(name, function):
        raise CourseError(f"the source of {name} cannot be found; run the cell that defines it again")
    return tuple(writer.cells)


class _Writer:
    """Collects cells, each after those it needs."""

    def __init__(self, notebook: Mapping[str, Any]) -> None:
        self._notebook = notebook
        self._seen: set[str] = set()
        self.cells: list[Cell] = []

    def add(self, name: str, value: Any) -> bool:
        """Add what defines a name; False if that cannot be written."""
        self._seen.add(name)
        text = self._text(name, value)
        if text is not None:
            self.cells.append(Cell(name, text))
        return text is not None

    def _text(self, name: str, value: Any) -> str | None:
        if isinstance(value, ModuleType):
            return f"import {value.__name__} as {name}"
        if self._is_own(value):
            return self._definition(name, value)
        if not callable(value):
            literal = _literal(value)
            return None if literal is None else f"{name} = {literal}"
        module, inner = getattr(value, "__module__", None), getattr(value, "__name__", None)
        if module and inner and getattr(sys.modules.get(module), inner, None) is value:
            return f"from {module} import {inner} as {name}"
        return None

    def _is_own(self, value: Any) -> bool:
        plain = inspect.unwrap(value) if callable(value) else value
        if inspect.isfunction(plain):
            return plain.__globals__ is self._notebook
        return inspect.isclass(value) and value.__module__ == self._notebook.get("__name__")

    def _definition(self, name: str, value: Any) -> str | None:
        try:
            lines, first = inspect.getsourcelines(value)
            # empty lines before it: a line that a verdict names is then the line in the notebook's cell
            text = "\n" * max(first - 1, 0) + textwrap.dedent("".join(lines))
            tree = ast.parse(text)
        except (OSError, TypeError, SyntaxError):
            return None
        for used in sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}):
            if used in self._notebook and used not in self._seen:
                self.add(used, self._notebook[used])
        defined = set(_defined(tree))
        inner = getattr(value, "__name__", name)
        return text if name in defined or inner not in defined else f"{text}\n{name} = {inner}\n"


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _literal(value: Any) -> str | None:
    """Return an expression for a plain value, or None if it is no plain value."""
    if value is None or isinstance(value, bool | int | str | bytes):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"float({str(value)!r})"
    if isinstance(value, np.generic | np.ndarray):
        items = _literal(value.tolist()) if value.size <= MAX_VALUES else None
        kind = f"__import__('numpy').array({items}, dtype={str(value.dtype)!r})"
        return None if items is None else kind if isinstance(value, np.ndarray) else f"{kind}[()]"
    if isinstance(value, list | tuple):
        parts = [_literal(item) for item in value]
        inner = ", ".join(part for part in parts if part is not None)
        if None in parts:
            return None
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        keys, values = _literal(list(value)), _literal(list(value.values()))
        return None if keys is None or values is None else f"dict(zip({keys}, {values}))"
    return None
