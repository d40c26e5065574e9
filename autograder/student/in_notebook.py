"""The public checks and the hints inside a notebook: ``from autograder.notebook import check, hint``.

The verdict is that of ``autograder check``: the function, with everything of the notebook that it uses, is written out
and run in a child process, so a loop that never ends or a crash leaves the kernel alone.  Needs neither ``reference/``
nor ``grading.py``; the exercise is looked for by ``AUTOGRADER_COURSE`` or from the working folder upward.
"""

from __future__ import annotations

import html
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from autograder.course.exercises import folder_of, load_exercise
from autograder.course.model import find_course
from autograder.errors import CourseError
from autograder.judging.dispatch import EncodedBatches, hand_out
from autograder.judging.functions import judge_part
from autograder.judging.questions import make_questions
from autograder.model import Observation, PartReport
from autograder.plain import dataclass
from autograder.sandbox.lone import observe_lone
from autograder.sandbox.source import Source
from autograder.sandbox.wire import Batch
from autograder.student.check import Checked, answers_of, check_source, part_named
from autograder.student.progress import next_hint
from autograder.student.render import IN_NOTEBOOK, as_text
from autograder.student.written_out import written_out

_EXECUTION = "NBGRADER_EXECUTION"
"""Set by nbgrader while it runs a notebook: ``autograde`` or ``validate``."""
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


def check(
    function: Callable[..., Any] | str = "", exercise: str | None = None, points: float | None = None
) -> Shown | float:
    """Run the public checks of the part that a function of the notebook answers.

    Parameters
    ----------
    function : callable or str
        The notebook's function, named like the part, or that name.
    exercise : str, optional
        Needed only where several exercises have a part of that name.
    points : float, optional
        What the part is worth.  Where nbgrader runs the notebook to grade or to validate it, the points that are
        earned are returned, as :func:`graded` does.

    Returns
    -------
    Shown or float
        The verdict, or in one line why there is none; nothing is raised.
    """
    name = _name_of(function)
    if points is not None and exercise is not None and os.environ.get(_EXECUTION):
        return graded(name, exercise, points)
    try:
        return _check(function, name, exercise)
    except CourseError as error:
        return Shown(f"not checked: {error}")
    except Exception as error:
        # any other failure is reported in one line: a traceback through this package does not help a student
        return Shown(f"not checked: {type(error).__name__}: {error}")


def _name_of(function: Callable[..., Any] | str) -> str:
    return function if isinstance(function, str) else str(getattr(function, "__name__", type(function).__name__))


def _check(function: Callable[..., Any] | str, name: str, exercise: str | None) -> Shown:
    if not (callable(function) or (isinstance(function, str) and function)):
        raise CourseError('give the name of the function: check("name")')
    root = find_course()
    folder, part = part_named(root, name, exercise)
    if part.kind == "manual":
        raise CourseError(f"{name} needs manual grading; there is nothing to check")
    found = vars(sys.modules["__main__"]).get(name) if isinstance(function, str) else function
    if not callable(found):
        raise CourseError(f"{name} is not defined: run the cell that holds it first, then this one")
    source = Source(f"{folder.name}.ipynb", written_out(found))
    checked: Checked = check_source(root, folder, source, answers_of(root, folder.name)[1], (part.name,))
    return Shown(as_text(checked, way=IN_NOTEBOOK), "".join(report.latex for report in checked.parts))


def hint(part: Callable[..., Any] | str = "", exercise: str | None = None) -> Shown:
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
    name = _name_of(part)
    try:
        if not name:
            raise CourseError('give the name of a part: hint("name")')
        root = find_course()
        folder, found = part_named(root, name, exercise)
        number, text = next_hint(root, folder, found)
    except CourseError as error:
        return Shown(f"no hint: {error}")
    return Shown(f"{folder.name}, {found.name}: hint {number} of {len(found.hints)}\n  {text}")


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
    validating = os.environ.get(_EXECUTION) == "validate"
    try:
        report, hidden = _graded(name, exercise, points, public=validating)
    except CourseError as error:
        print(f"{exercise}.{name}: not graded: {error}", file=sys.stderr if validating else sys.stdout)
        return 0.0
    if validating:
        return _validated(name, report, points)
    score = min(max(float(report.score), 0.0), float(points))
    # a score of public checks alone would promise what hidden ones may take
    public = "public checks pass" if report.status == "correct" else "public checks do not all pass"
    print(f"{exercise}.{name}: {f'{score:g} of {points:g} ({report.status})' if hidden else public}")
    for outcome in report.outcomes:
        if outcome.outcome == "fail" and outcome.visibility == "public":
            print(f"  fails: {outcome.message or outcome.title}")
    if not hidden:
        print("  hidden checks follow when your work is graded")
    elif _may_tell(exercise):  # what a graded cell prints becomes part of the feedback
        failed = sum(o.outcome == "fail" and o.visibility == "hidden" for o in report.outcomes)
        print(f"  {failed} hidden checks fail")
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
    from autograder.course.feedback_policy import policy_of
    from autograder.course.model import load_course

    try:
        course = load_course(find_course())
    except CourseError:
        return False
    asked = next((one for one in course.assignments if exercise in one.exercises), None)
    return policy_of(course, asked, datetime.now(UTC)).hidden_checks


def _graded(name: str, exercise: str, points: float, *, public: bool = False) -> tuple[PartReport, bool]:
    root = find_course()
    hidden = not public and (folder_of(root, exercise) / "grading.py").is_file()
    folder = load_exercise(root, exercise, hidden=hidden)
    part = folder.exercise.part(name)
    function = vars(sys.modules["__main__"]).get(name)
    source = Source(f"{exercise}.ipynb", written_out(function) if callable(function) else ())
    if name not in folder.secrets and name not in folder.questions:
        found = check_source(root, folder, source, folder.stub, (name,)).parts
        if not found:
            raise CourseError(f"{name} has no public check; it is judged when it is graded")
        return replace(found[0], score=points if part.kind == "symbolic" and found[0].status == "correct"
                       else found[0].score * points / part.points), False  # fmt: skip

    def run(batch: Batch, _handle: object) -> Sequence[Sequence[Observation]]:
        # all calls at once: a kernel keeps nothing from the code that runs in it
        public = replace(batch, segments=tuple(replace(s, hidden=False) for s in batch.segments))
        return observe_lone(source, public, files=folder.data)

    asked = replace(folder.exercise, parts=(part,))
    questions = make_questions(asked, folder.secrets, _variant(root, exercise))
    with EncodedBatches(questions, folder.checks_source) as printed:
        answers = hand_out(printed, run)
    if part.kind == "function":
        return judge_part(questions.parts[0], answers, points), True
    # numeric parts do without the symbolic package
    from autograder.judging.formulas import judge_answer
    from autograder.symbolic.limited import Decider

    with Decider() as decider:
        question = folder.questions[name]
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
