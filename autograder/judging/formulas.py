"""Symbolic parts: a function without arguments returns a formula as text, which is data from then on.

The student's process makes the one call; what it returned is decided elsewhere, by the whole question in a limited
child when it is graded (:func:`judge_answer`), by published points on the student's machine (:func:`judge_public`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from autograder.checks import show, show_call
from autograder.checks.answer import Returned, no_text
from autograder.exercise import Part
from autograder.model import Call, Failure, Observation, Outcome, PartReport, Visibility
from autograder.statuses import UNSTARTED, OutcomeName, PartStatus

if TYPE_CHECKING:  # numeric parts never import the symbolic package
    from autograder.symbolic.limited import Decided

Decide = Callable[[str], "Decided"]
"""Grades one text as the answer to one question."""


def judge_answer(part: Part, seen: Observation, decide: Decide, worth: float) -> PartReport:
    """Judge the answer to a symbolic part: all its points or none.

    Parameters
    ----------
    part : Part
        The part.
    seen : Observation
        What came of its call.
    decide : callable
        Grades the text.
    worth : float
        Points of the part in this course.

    Returns
    -------
    PartReport
        ``undecided`` has its points pending.
    """
    unanswered = _unanswered(part, seen, worth)
    if unanswered is not None:
        return unanswered
    found = decide(seen.value)
    marks: dict[str, OutcomeName] = {"correct": "pass", "undecided": "skip"}
    mark = marks.get(found.status, "fail")
    failure = None
    if mark == "fail":
        # the witness holds values of the answer asked for: it is evidence for an instructor, never a message
        failure = Failure(found.witness or found.message, show_call(Call(part.name)), found.plain or show(seen.value))
    return PartReport(
        name=part.name,
        kind="symbolic",
        status=found.status,
        score=worth if found.status == "correct" else 0.0,
        max_score=worth,
        misconceptions=found.misconceptions,
        hints=found.hints,
        proof=found.proof,
        message=found.message or None,
        outcomes=(_outcome("equals the quantity asked for", mark, "hidden", failure),),
        pending=worth if found.status == "undecided" else 0.0,
        reading=found.plain,
        latex=found.latex,
        statements=tuple(asdict(one) for one in found.statements),
    )


def judge_public(part: Part, seen: Observation, published: Mapping[str, Any] | None) -> PartReport | None:
    """Judge the answer to a symbolic part by what is published of its question; None where nothing is.

    ``correct`` then means that it agrees at the public points.
    """
    unanswered = _unanswered(part, seen, part.points)
    if unanswered is not None or published is None:
        return unanswered
    from autograder.symbolic import check_published

    found = check_published(dict(published), seen.value)
    statuses: dict[str, PartStatus] = {"agrees": "correct", "differs": "wrong", "unreadable": "unreadable"}
    status = statuses[found.status]
    failure = None
    if status != "correct":
        # a list of what an answer may use helps only where it could not be read or has the wrong shape
        needed = status == "unreadable" or "shape" in found.message
        said = f"{found.message} {allowed(published)}" if needed else found.message
        failure = Failure(said, actual=None if found.plain else show(seen.value))
    title = {"correct": "agrees", "unreadable": "cannot be read"}.get(status, "does not agree")
    title += "" if status == "unreadable" else " at the public points"
    outcome = _outcome(title, "fail" if failure else "pass", "public", failure)
    report = PartReport(part.name, "symbolic", status, 0.0, part.points, message=found.message, outcomes=(outcome,))
    return replace(report, reading=found.plain, latex=found.latex, lines=found.lines)


def allowed(published: Mapping[str, Any]) -> str:
    """Return what an answer may use, in words: symbols with their shapes, sizes, its own shape and index."""
    symbols = [f"{one['name']} {_shape(one['shape'])}" if one["shape"] else one["name"] for one in published["symbols"]]
    sizes = dict.fromkeys(size for one in (*published["symbols"], published) for size in one["shape"])
    said = f"It may use {', '.join([*symbols, *sizes])}"
    if published["shape"]:
        index = published["index"]
        one = f"one entry with the {'index' if len(index) == 1 else 'indices'} {' and '.join(index)}"
        said += f"; it has shape {_shape(published['shape'])}, or is {one}"
    return f"{said}."


def _shape(sizes: Sequence[str]) -> str:
    """Return a shape as NumPy prints it."""
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def _unanswered(part: Part, seen: Observation, worth: float) -> PartReport | None:
    failure = no_text(Call(part.name), seen)
    if failure is None:
        return None
    status = failure.abnormal or "bad_output"
    skip = status in UNSTARTED
    outcome = _outcome(Returned.title, "skip" if skip else "fail", "public", None if skip else failure)
    message = f"{failure.call}: {failure.message}"
    if status == "not_started":
        message = "not started: the function still raises NotImplementedError"
    return PartReport(part.name, "symbolic", status, 0.0, worth, message=message, outcomes=(outcome,))


def _outcome(title: str, mark: OutcomeName, visibility: Visibility, failure: Failure | None) -> Outcome:
    message = failure.message if failure is not None and visibility == "public" else None
    return Outcome("answer", title, "value", visibility, mark, message, failure)
