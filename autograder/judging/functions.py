"""Turn the sandbox's observations into a report: verdict of every check, points, status, misconception."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from autograder.checks import Property, Within, plain, show_call
from autograder.checks.abnormal import NOT_REACHED
from autograder.checks.forms import reformed
from autograder.checks.laws import verdict_on
from autograder.course.feedback_policy import hidden_message
from autograder.errors import CourseError
from autograder.judging.kept import kept_values
from autograder.judging.naming import Answers, recognise
from autograder.judging.points_rule import FORM, Judged, awarded_points, fraction, status, values_hold
from autograder.judging.questions import Asked, PartQuestions, Questions
from autograder.model import Failure, Observation, Outcome, PartReport, Value, Verdict
from autograder.statuses import UNSTARTED, PartStatus

_NAMED: tuple[PartStatus, ...] = ("wrong", "partial", "bad_output", "error")
"""Where a misconception is looked for."""

_ENDINGS: tuple[PartStatus, ...] = ("crash", "timeout", "memory", "output_limit", "forbidden", "protocol")
"""How a call can end the process, so that the calls after it are not reached."""


def judge_part(questions: PartQuestions, answers: Answers, worth: float) -> PartReport:
    """Judge one function part.

    Parameters
    ----------
    questions : PartQuestions
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
        If the part is not a function part.
    """
    if questions.part.kind != "function":
        raise CourseError(f"{questions.part.name}: a {questions.part.kind} part is not judged by checks")
    judged, share = shared(questions, answers)
    reached = _status(questions, answers, judged)
    begun = reached not in UNSTARTED
    undecided = reached == "undecided"
    outcomes = _outcomes(questions, judged, begun)
    known = recognise(questions, answers) if reached in _NAMED else None
    return PartReport(
        name=questions.part.name,
        kind="function",
        status=reached,
        score=awarded_points(share, worth) if begun and not undecided else 0.0,
        max_score=worth,
        pending=worth if undecided else 0.0,
        faults=tuple(
            one.verdict.fault
            for one in judged
            if one.verdict is not None and one.verdict.fault and (one.left_out or one.verdict.ok)
        ),
        on_naming_set=kept_values(questions, answers) if begun and questions.reference is not None else {},
        misconceptions=known.titles if known else (),
        hints=known.hints if known else (),
        message=_load_message(questions, judged)
        if reached in ("load_error", "missing")
        else _message(reached, outcomes),
        outcomes=outcomes,
    )


def shared(questions: PartQuestions, answers: Answers, *, granted: bool = False) -> tuple[list[Judged], float]:
    """Judge every check, and return the share of the points that they earn together.

    Where the values are right and only their form is wrong, all else is judged as if the form were right, and the form
    costs its own share.

    Parameters
    ----------
    questions : PartQuestions
        What was asked.
    answers : mapping
        What came back.
    granted : bool
        Whether scaling checks that were not run count as passed: a proof of the values has no need of them.
    """
    about, plain = bool(questions.part.about), _plain(questions, answers)
    judged = [_of_form(questions, answers, i, one) for i, one in enumerate(_judged(questions, answers, granted))]
    if not (values_hold(judged) and any(one.by_form for one in judged if one.check.group == "value")):
        return judged, fraction(judged, plain, about=about)
    # a list that is too long to be looked at has the same fault once more, and costs nothing more
    as_asked = [
        replace(one, left_out=True) if one.check.group == "scaling" and one.by_form else one
        for one in _judged(questions, _in_form(questions, answers), granted)
    ]
    both = [a if a.check.group == "value" else b for a, b in zip(judged, as_asked, strict=True)]
    return both, (1 - FORM) * fraction(as_asked, plain, about=about)


def _of_form(questions: PartQuestions, answers: Answers, i: int, one: Judged) -> Judged:
    """Mark the failure of a law for the values as one of form where the law holds in the form of the right values."""
    asked, reference = questions.asked[i], questions.reference
    seen = answers.get((questions.part.name, i), ())
    failure = None if one.verdict is None else one.verdict.failure
    law = isinstance(one.check, Property) and one.check.group == "value"
    if not law or failure is None or reference is None or not seen or not all(got.returned for got in seen):
        return one
    if all(isinstance(got.value, float) or _is_floats(got.value) for got in seen):
        return one
    mended = [
        replace(got, value=reformed(got.value, reference(call))) for got, call in zip(seen, asked.calls, strict=True)
    ]
    if not verdict_on(one.check, asked.calls, mended, asked.expected).ok:
        return one
    return replace(one, verdict=Verdict(replace(failure, form=True, abnormal="bad_output")), left_out=False)


def _is_floats(value: Value) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float64 and value.ndim > 0


def _outcomes(questions: PartQuestions, judged: Sequence[Judged], begun: bool) -> tuple[Outcome, ...]:
    """Return what is reported of every check; of work that was not begun, only what passed."""
    return tuple(
        _outcome(asked, one.verdict if tells and not one.left_out and (begun or one.ok) else None)
        for asked, one, tells in zip(questions.asked, judged, telling(judged), strict=True)
    )


def _judged(questions: PartQuestions, answers: Answers, granted: bool) -> list[Judged]:
    """Judge every check; those whose own code broke are left out."""
    judged = [_judge(asked, answers.get((questions.part.name, i)), granted) for i, asked in enumerate(questions.asked)]
    judged = _without_faults(questions, answers, judged)
    for i, (asked, one) in enumerate(zip(questions.asked, judged, strict=True)):
        if one.verdict is not None and not one.ok:
            fault = _fault_of_probe(questions, asked, answers[questions.part.name, i])
            if fault:
                judged[i] = replace(one, verdict=replace(one.verdict, fault=fault), left_out=True)
    return judged


def _plain(questions: PartQuestions, answers: Answers) -> Iterator[Verdict]:
    """Yield the verdicts on the plain draws, which are the same for everyone."""
    for i, asked in enumerate(questions.naming, len(questions.asked)):
        seen = answers.get((questions.part.name, i))
        if seen is not None:
            yield asked.judge(seen)


def _fault_of_probe(questions: PartQuestions, asked: Asked, seen: Sequence[Observation]) -> str:
    """Return that a probe raised on arguments of shapes that the reference gives it too; an empty string otherwise."""
    for call, one in zip(asked.calls, seen, strict=True):
        if not one.facts.probe_raised or not one.facts.probe_calls or questions.reference_seen is None:
            continue
        # with arguments of other shapes the function is called wrongly, which is the student's mistake
        if one.facts.probe_calls[-1] in questions.reference_seen(call).facts.probe_calls:
            return f"{show_call(call)}: the probe {one.facts.probe_raised}"
    return ""


def _in_form(questions: PartQuestions, answers: Answers) -> Answers:
    """Return the answers of a part in the container and dtype of the right ones, where the right ones are known.

    A check whose right values are not known here (a law, for a student who has no reference) is left unjudged.
    """
    mended: dict[tuple[str, int], Sequence[Observation]] = {}
    for i, asked in enumerate(questions.asked):
        seen, key = answers.get((questions.part.name, i)), (questions.part.name, i)
        if seen is None or (isinstance(asked.check, Property) and questions.reference is None):
            continue
        if isinstance(asked.check, Property):
            wanted: Sequence[Value] = [questions.reference(one) for one in asked.calls]  # type: ignore[misc]  # not None
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


def telling(judged: Sequence[Judged]) -> list[bool]:
    """Return which checks tell something that is true of these values, and not only what another check tells.

    Wrong values fail every layout and every corner, and a law speaks of values of the right form; what was never run
    is not a failure of its own.
    """
    value = [one for one in judged if one.check.group == "value"]
    holds = values_hold(judged)
    formless = any(_abnormal(one) == "bad_output" for one in value if not one.by_form)
    formed = any(one.by_form for one in value if not isinstance(one.check, Property))
    told = []
    for one in judged:
        failure = None if one.verdict is None else one.verdict.failure
        secondary = one.check.group != "value" and one.check.role in ("layout", "corner") and not holds
        law = isinstance(one.check, Property)
        of_form = law and (formed if one.check.group == "value" else formless)
        unrun = failure is not None and failure.message == NOT_REACHED
        told.append(failure is None or not (secondary or of_form or unrun))
    return told


def _abnormal(one: Judged) -> PartStatus | None:
    failure = None if one.verdict is None else one.verdict.failure
    return None if failure is None else failure.abnormal


def _judge(asked: Asked, seen: Sequence[Observation] | None, granted: bool) -> Judged:
    if seen is None:
        return Judged(asked.check, Verdict() if granted and asked.alone else None)
    return Judged(asked.check, asked.judge(seen))


def _without_faults(questions: PartQuestions, answers: Answers, judged: Sequence[Judged]) -> list[Judged]:
    """Leave out the checks whose own code broke, unless a value of the wrong form explains it."""
    found = [
        replace(one, left_out=True) if one.verdict is not None and one.verdict.fault and not one.verdict.ok else one
        for one in judged
    ]
    if not any(one.left_out for one in found):
        return found
    failures = [one.verdict.failure for one in judged if one.verdict is not None and one.verdict.failure is not None]
    if any(failure.abnormal is not None for failure in failures):
        return list(judged)
    for i, one in enumerate(found):
        forms = _forms(questions, i) if one.left_out else set()
        seen = answers.get((questions.part.name, i), ())
        if forms and any(_form(got.value) not in forms for got in seen):
            found[i] = judged[i]
    return found


def _forms(questions: PartQuestions, i: int) -> set[str]:
    """Return the forms of the right values: of the calls of a check, without a reference of the compared ones."""
    if questions.reference is not None:
        return {_form(questions.reference(one)) for one in questions.asked[i].calls}
    return {
        _form(want)
        for asked in questions.asked
        if asked.check.group == "value" and asked.check.compared
        for want in asked.check.wanted(asked.expected)
    }


def _form(value: Value) -> str:
    """Return what kind of value it is: a law that meets another kind than it was written for may break."""
    value = plain(value)
    if isinstance(value, np.ndarray):
        return f"array {value.dtype.kind in 'biuf'} {value.ndim}"
    if isinstance(value, int | float | Within) and not isinstance(value, bool):
        return "number"
    return f"{len(value)} items" if isinstance(value, tuple | list) else type(value).__name__


def _status(questions: PartQuestions, answers: Answers, judged: Sequence[Judged]) -> PartStatus:
    # in the order of the calls, those of the naming set among them
    seen = [o for (part, _), found in answers.items() if part == questions.part.name for o in found]
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


def _load_message(questions: PartQuestions, judged: Sequence[Judged]) -> str | None:
    """Return why the file cannot be loaded, or lacks the function: no check was run, so none says it.

    Only a public call's words count: a child that loads the file again for a hidden one may speak of what was hidden.
    """
    public = [one.verdict for asked, one in zip(questions.asked, judged, strict=True) if asked.visibility == "public"]
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
    failed = by_cause(outcomes)
    return failed[0].message if failed and failed[0].message is not None else hidden_message(o.title for o in failed)


def by_cause(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the failures, those that can be tried at home first, and of these the first cause first.

    Everything that tells a verdict (check, show, pages, comments) begins with the same one.
    """
    failed = [one for one in outcomes if one.outcome == "fail"]
    return sorted(failed, key=lambda one: (one.visibility != "public", _rank(one)))


def _rank(outcome: Outcome) -> int:
    """Order failures as causes: what ended the process, then the values, then what else does not hold."""
    ended = outcome.failure is not None and outcome.failure.abnormal in _ENDINGS
    return 0 if ended else 1 if outcome.group == "value" else 2


def judge(questions: Questions, answers: Answers, worth: Mapping[str, float]) -> tuple[PartReport, ...]:
    """Judge every function part; ``worth`` gives each part's points in this course."""
    functions = (part for part in questions.parts if part.part.kind == "function")
    return tuple(judge_part(part, answers, worth[part.part.name]) for part in functions)


def with_line(message: str, line: int | None) -> str:
    """Return a message with the line of the student's file, or of the cell that the message ends with."""
    if not line:
        return message
    said, bracket, cell = message.rpartition(" (cell ")
    if bracket and cell.endswith(")"):
        return f"{said} (line {line} of cell {cell}"
    return f"{message} (line {line} of your file)"
