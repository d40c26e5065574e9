"""From observations to a report: every check's verdict, the points, the status and the misconception's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograder.checks import Property, Within, mismatch, plain
from autograder.checks.forms import reformed
from autograder.checks.kinds import NOT_REACHED
from autograder.course.feedback_policy import hidden_message
from autograder.errors import CourseError
from autograder.judging.points_rule import FORM, Judged, fraction, points, status, values_hold
from autograder.judging.questions import Asked, Fingerprint, Paper, PartPaper
from autograder.judging.trusted import Raised
from autograder.model import (
    Call,
    Check,
    Failure,
    Observation,
    Outcome,
    PartReport,
    PartStatus,
    Tolerance,
    Value,
    Verdict,
)

Answers = Mapping[tuple[str, int], Sequence[Observation]]
"""Observations by part name and position of the check in the part's paper; a check that was not run is absent."""

_UNSTARTED: tuple[PartStatus, ...] = ("not_started", "missing", "load_error")

_ENDINGS: tuple[PartStatus, ...] = ("crash", "timeout", "memory", "output_limit", "forbidden", "protocol")
"""How a call can end the process, so that the calls after it are not reached."""

FACTORS: tuple[tuple[str, Callable[[int, int], float]], ...] = (
    ("1/2", lambda n, k: 0.5),
    ("2", lambda n, k: 2.0),
    ("-1", lambda n, k: -1.0),
    ("n", lambda n, k: n),
    ("1/n", lambda n, k: 1.0 / n),
    ("K", lambda n, k: k),
    ("1/K", lambda n, k: 1.0 / k),
)
"""Generic constant factors, tried after the catalogue's misconceptions: n is the first axis of the first array
argument, K the last axis of it."""


@dataclass(frozen=True)
class Recognised:
    """Misconceptions that the outputs of a part agree with on every compared case."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    hints: tuple[str, ...]


def judge_part(paper: PartPaper, answers: Answers, worth: float) -> PartReport:
    """Judge one function part.

    Parameters
    ----------
    paper : PartPaper
        What was asked.
    answers : mapping
        What came back.
    worth : float
        Points of the part in this course.

    Returns
    -------
    PartReport

    Raises
    ------
    CourseError
        If the part is no function part.
    """
    if paper.part.kind != "function":
        raise CourseError(f"{paper.part.name}: a {paper.part.kind} part is not judged by checks")
    judged = _judged(paper, answers)
    earned = fraction(judged, about=bool(paper.part.about))
    if any(one.by_form for one in judged if one.check.group == "value") and values_hold(judged):
        as_asked = _judged(paper, _in_form(paper, answers))
        earned = (1 - FORM) * fraction(as_asked, about=bool(paper.part.about))
        judged = [a if a.check.group == "value" else b for a, b in zip(judged, as_asked, strict=True)]
    reached = _status(paper, answers, judged)
    skip = reached in _UNSTARTED
    outcomes = tuple(
        _outcome(asked, None if one.left_out or (skip and not one.ok) or not tells else one.verdict)
        for asked, one, tells in zip(paper.asked, judged, _telling(judged), strict=True)
    )
    known = recognise(paper, answers) if reached in ("wrong", "partial", "bad_output", "error") else None
    return PartReport(
        name=paper.part.name,
        kind="function",
        status=reached,
        score=0.0 if skip or reached == "undecided" else points(earned, worth),
        max_score=worth,
        pending=worth if reached == "undecided" else 0.0,
        faults=tuple(one.verdict.fault for one in judged if one.left_out and one.verdict is not None),
        misconceptions=known.titles if known else (),
        hints=known.hints if known else (),
        message=_load_message(paper, judged) if reached == "load_error" else _message(reached, outcomes),
        outcomes=outcomes,
    )


def _judged(paper: PartPaper, answers: Answers) -> list[Judged]:
    """Judge every check; those whose own code broke are left out."""
    judged = [_judge(asked, answers.get((paper.part.name, i))) for i, asked in enumerate(paper.asked)]
    return _without_faults(paper, answers, judged)


def _in_form(paper: PartPaper, answers: Answers) -> Answers:
    """Return the answers of a part in the container and dtype of the right ones, where the right ones are known.

    A check whose right values are not known here (a law, for a student who has no reference) is left unjudged.
    """
    mended: dict[tuple[str, int], Sequence[Observation]] = {}
    for i, asked in enumerate(paper.asked):
        seen, key = answers.get((paper.part.name, i)), (paper.part.name, i)
        if seen is None or (isinstance(asked.check, Property) and paper.reference is None):
            continue
        if isinstance(asked.check, Property):
            wanted: Sequence[Value] = [paper.reference(one) for one in asked.calls]  # type: ignore[misc]  # not None
        elif asked.check.role != "refusal" and asked.check.group != "contract":
            wanted = asked.check.wanted(asked.expected)
        else:
            mended[key] = seen
            continue
        mended[key] = [
            replace(one, value=reformed(one.value, want)) if one.returned else one
            for one, want in zip(seen, wanted, strict=True)
        ]
    return mended


def _telling(judged: Sequence[Judged]) -> list[bool]:
    """Return which checks tell something that is true of these values, and not only what another check tells.

    Wrong values fail every layout and every corner, and a law speaks of values of the right form; what was never run
    is not a failure of its own.
    """
    value = [one for one in judged if one.check.group == "value"]
    holds = values_hold(judged)
    formless = any(_abnormal(one) == "bad_output" for one in value if not one.by_form)
    told = []
    for one in judged:
        failure = None if one.verdict is None else one.verdict.failure
        beside = one.check.group != "value" and one.check.role in ("layout", "corner") and not holds
        of_form = isinstance(one.check, Property) and one.check.group != "value" and formless
        unrun = failure is not None and failure.message == NOT_REACHED
        told.append(failure is None or not (beside or of_form or unrun))
    return told


def _abnormal(one: Judged) -> PartStatus | None:
    failure = None if one.verdict is None else one.verdict.failure
    return None if failure is None else failure.abnormal


def _judge(asked: Asked, seen: Sequence[Observation] | None) -> Judged:
    if seen is None:
        return Judged(asked.check, None)
    return Judged(asked.check, asked.judge(seen))


def _without_faults(paper: PartPaper, answers: Answers, judged: Sequence[Judged]) -> list[Judged]:
    """Leave out the checks whose own code broke, unless a value of the wrong form explains it."""
    found = [replace(one, left_out=True) if one.verdict is not None and one.verdict.fault else one for one in judged]
    if not any(one.left_out for one in found):
        return found
    failures = [one.verdict.failure for one in judged if one.verdict is not None and one.verdict.failure is not None]
    if any(failure.abnormal is not None for failure in failures):
        return list(judged)
    forms = {
        _form(want)
        for asked in paper.asked
        if asked.check.group == "value" and asked.check.compared
        for want in asked.check.wanted(asked.expected)
    }
    for i, one in enumerate(found):
        seen = answers.get((paper.part.name, i), ())
        if one.left_out and forms and any(_form(got.value) not in forms for got in seen):
            found[i] = judged[i]
    return found


def _form(value: Value) -> str:
    """Return what kind of value it is: a law that meets another kind than it was written for may break."""
    value = plain(value)
    if isinstance(value, np.ndarray):
        return f"array {value.dtype.kind in 'biuf'}"
    if isinstance(value, int | float | Within) and not isinstance(value, bool):
        return "number"
    return f"{len(value)} items" if isinstance(value, tuple | list) else type(value).__name__


def _status(paper: PartPaper, answers: Answers, judged: Sequence[Judged]) -> PartStatus:
    seen = [o for i in range(len(paper.asked)) for o in answers.get((paper.part.name, i), ())]
    if seen and all(one.error == "NotImplementedError" for one in seen):
        return "not_started"
    if seen and all(one.ending == "missing" for one in seen):
        return "missing"
    found = status(judged)
    if found == "crash":  # also what an earlier call left undone: then that call's ending is the cause
        return next((name for one in seen for name in _ENDINGS if one.ending == name), found)
    # some, not all, calls raise it: the work was begun
    return "error" if found == "not_started" else found


def _outcome(asked: Asked, verdict: Verdict | None) -> Outcome:
    check = asked.check
    if verdict is None:
        return Outcome(check.name, check.title, check.group, asked.visibility, "skip")
    if verdict.failure is None:
        return Outcome(check.name, check.title, check.group, asked.visibility, "pass")
    message = failure_line(verdict.failure) if asked.visibility == "public" else None
    return Outcome(check.name, check.title, check.group, asked.visibility, "fail", message, verdict.failure)


def failure_line(failure: Failure) -> str:
    """Return a failure in one line: ``risk([1], [3]): returns a wrong value; returned 2.0, expected 4.0``."""
    text = f"{failure.call}: {failure.message}" if failure.call else failure.message
    if failure.actual is not None:
        text += f"; returned {failure.actual}"
    if failure.expected is not None:
        text += f", expected {failure.expected}" if failure.actual is not None else f"; expected: {failure.expected}"
    return text


def _load_message(paper: PartPaper, judged: Sequence[Judged]) -> str | None:
    """Return why the file cannot be loaded: no check was run, so none says it.

    Only a public call's words count: a child that loads the file again for a hidden one may speak of what was hidden.
    """
    public = [one.verdict for asked, one in zip(paper.asked, judged, strict=True) if asked.visibility == "public"]
    failure = next((verdict.failure for verdict in public if verdict and verdict.failure), None)
    if failure is None:
        return None
    return with_line(failure.message, failure.line)


def _message(reached: PartStatus, outcomes: Sequence[Outcome]) -> str | None:
    if reached == "correct":
        return None
    if reached == "undecided":
        return "a check of this exercise could not judge these values; needs manual grading"
    if reached == "not_started":
        return "not started: the function still raises NotImplementedError"
    failed = sorted((o for o in outcomes if o.outcome == "fail"), key=_rank)
    public = [o.message for o in failed if o.message is not None]
    return public[0] if public else hidden_message(o.title for o in failed)


def _rank(outcome: Outcome) -> int:
    """Order failures as causes: what ended the process, then the values, then what else does not hold."""
    ended = outcome.failure is not None and outcome.failure.abnormal in _ENDINGS
    return 0 if ended else 1 if outcome.group == "value" else 2


# --- naming the misconception ----------------------------------------------------------------------------------


def recognise(paper: PartPaper, answers: Answers) -> Recognised | None:
    """Name the misconceptions whose outputs agree with a student's on every compared case.

    Several that cannot be told apart are listed together; generic constant factors are tried after them.
    """
    seen = list(_compared_answers(paper, answers))
    compared = list(paper.compared())
    if not compared or len(seen) != len(compared):
        return None
    if all(_right(*triple, one) for triple, one in zip(compared, seen, strict=True)):
        return None
    known = [print_ for print_ in paper.fingerprints if _agrees(compared, seen, print_) and paper.shows(print_)]
    if known:
        return Recognised(tuple(f.id for f in known), tuple(f.title for f in known), tuple(f.hint for f in known))
    for name, factor in FACTORS:
        if _off_by(compared, seen, factor):
            title = f"right up to the factor {name}"
            return Recognised((), (title,), ("Right up to a constant factor: read the prefactor again.",))
    return None


def _compared_answers(paper: PartPaper, answers: Answers) -> Iterator[Observation]:
    for i, asked in enumerate(paper.asked):
        if asked.check.compared:
            yield from answers.get((paper.part.name, i), ())


def _right(check: Check, call: Call, want: Value, seen: Observation) -> bool:
    return seen.returned and check.accepts(call, seen.value, want)


def _agrees(compared: Sequence[tuple[Check, Call, Value]], seen: Sequence[Observation], wrong: Fingerprint) -> bool:
    for (check, call, _), one, value in zip(compared, seen, wrong.values, strict=True):
        if isinstance(value, Raised):
            if one.error != value.error:
                return False
        elif not one.returned or not check.agrees(call, one.value, value):
            return False
    return True


def _off_by(
    compared: Sequence[tuple[Check, Call, Value]],
    seen: Sequence[Observation],
    factor: Callable[[int, int], float],
) -> bool:
    telling = False
    for (check, call, want), one in zip(compared, seen, strict=True):
        if not one.returned:
            return False
        n, k = _sizes(call)
        scaled = _times(want, factor(n, k)) if n and k else None
        if scaled is None or not check.agrees(call, one.value, scaled):
            return False
        telling = telling or mismatch(one.value, want, Tolerance(1e-6)) is not None
    return telling


def _sizes(call: Call) -> tuple[int, int]:
    for argument in call.args:
        array = getattr(argument, "array", argument)
        if isinstance(array, np.ndarray | list | tuple):
            try:
                shape = np.shape(array)
            except ValueError:
                continue
            if shape:
                return shape[0], shape[-1]
    return 1, 1


def _times(value: Value, factor: float) -> Value:
    value = plain(value)
    if isinstance(value, tuple):
        items = tuple(_times(item, factor) for item in value)
        return None if any(item is None for item in items) else items
    if isinstance(value, bool | str) or value is None or not isinstance(value, int | float | np.ndarray):
        return None
    if isinstance(value, np.ndarray) and value.dtype.kind not in "fc":
        return None
    return value * factor


def judge(paper: Paper, answers: Answers, worth: Mapping[str, float]) -> tuple[PartReport, ...]:
    """Judge every function part of a paper; ``worth`` gives each part's points in this course."""
    functions = (part for part in paper.parts if part.part.kind == "function")
    return tuple(judge_part(part, answers, worth[part.part.name]) for part in functions)


def with_line(message: str, line: int | None) -> str:
    """Return a message with the line of the student's file, or of the cell that the message ends with."""
    if not line:
        return message
    said, bracket, cell = message.rpartition(" (cell ")
    if bracket and cell.endswith(")"):
        return f"{said} (line {line} of cell {cell}"
    return f"{message} (line {line} of your file)"
