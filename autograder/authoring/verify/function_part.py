"""Verification of a function part: reference, stub, alternatives and misconceptions get what they must."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from autograder.authoring.verify.draws import changing_checks, unseeded
from autograder.authoring.verify.fairness import corners, refusals, unfair
from autograder.authoring.verify.formulas import NOT_UNTOUCHED
from autograder.authoring.verify.places import Problems, said_at
from autograder.authoring.verify.promises import public_table
from autograder.authoring.verify.report import MisconceptionResult, PartResult, ShownBy
from autograder.authoring.verify.sabotage import promises_of
from autograder.authoring.verify.steady import blind, changed
from autograder.authoring.verify.subject import Subject, TrialVerdict
from autograder.checks import Unchanged, show_call
from autograder.checks.laws import verdict_on
from autograder.exercise import Hidden, Misconception
from autograder.judging.backends import any_library, under
from autograder.judging.functions import failure_line
from autograder.judging.naming import Answers
from autograder.judging.questions import Asked, PartQuestions
from autograder.model import Call, Facts, Observation, PartReport, ReadOnly, Value
from autograder.text import plural

STRICT = "array_api_strict"

_STOPPED = ("timeout", "crash", "memory")

MISCONCEPTIONS = 3
"""Of a function part at least: fewer than three wrong answers have not been looked for."""


def verify_function(
    subject: Subject, part: PartQuestions, secret: Hidden, strict: bool, tick: Callable[[str], None]
) -> PartResult:
    """Verify every promise of a function part."""
    problems = Problems(subject.folder, part.part.name)
    right = _try_reference(subject, part, secret, problems)
    strict_score = _try_strict(subject, part, secret, problems) if strict and right.full else None
    stub, table = _try_nothing(subject, part, problems)
    alternatives = tuple(_try_right(subject, part, secret, problems, tick))
    for almost in secret.borderlines:
        for broken in _breaks(part, subject.grade(part, almost.answer).answers, right.answers):
            problems.add(f"the borderline answer {almost.title!r} {broken}", problems.of_function(almost.answer))
    tick(f"{part.part.name}: {plural(len(secret.misconceptions), 'misconception')}")
    wrong = tuple(_try_wrong(subject, part, one, right.answers, problems) for one in secret.misconceptions)
    _examine_checks(subject, part, secret, right, problems)
    library = tuple(_library(subject, part, problems))
    return replace(
        PartResult.unexamined(part.part),
        examined=True,
        checks=tuple(asked.check.name for asked in part.asked),
        seconds=tuple(sorted(right.seconds.items())),
        judging=right.judging,
        reference=right.report.score,
        strict=strict_score,
        stub=stub.status,
        table=table.score,
        alternatives=alternatives,
        misconceptions=wrong,
        problems=problems.found,
        library=library,
        corners=tuple(corners(part)),
        refusals=refusals(part),
    )


def _try_reference(subject: Subject, part: PartQuestions, secret: Hidden, problems: Problems) -> TrialVerdict:
    """Grade the reference, which gets full marks; the checks judge it without drawing or changing anything."""
    with unseeded() as random, changing_checks(subject.folder, part) as changed:
        right = subject.grade(part, secret.reference)
    for check in changed:
        said = f"the check {check.name!r} changes its arguments while it judges; change a copy"
        problems.add(said, problems.of_check(check, "public" if check in part.part.checks else "hidden"))
    for what in dict.fromkeys(random):
        problems.add(f"a check uses {what} while it judges; fix a seed")
    if any(isinstance(asked.check, Unchanged) for asked in part.asked):
        for call, seen in _calls(part, right.answers):
            if seen.facts.changed:
                said = f"the reference changes its arguments in {show_call(call)}; work on a copy"
                problems.add(said, problems.of_function(secret.reference))
                break
    subject.right |= right.answers
    if any(asked.check.group == "value" for asked in part.asked):
        _expect_full(problems, "the reference", secret.reference, right.report)
    else:
        problems.add(
            "no check counts as a value, so no answer earns a point: add example(...), usual_checks(..., 'rand'), or "
            "for a simulation law(..., group='value')"
        )
    return right


def _try_strict(subject: Subject, part: PartQuestions, secret: Hidden, problems: Problems) -> float | None:
    """Return what the reference earns under array-api-strict, which is all; None if it is written for NumPy alone."""
    if not any_library(secret.reference):
        return None
    report = subject.grade(part, under(STRICT, secret.reference)).report
    _expect_full(problems, f"the reference under {STRICT}", secret.reference, report)
    return report.score


def _try_nothing(subject: Subject, part: PartQuestions, problems: Problems) -> tuple[PartReport, PartReport]:
    """Grade the stub and a table of the public answers, which earn nothing."""
    stub = subject.grade_stub(part).report
    if stub.status != "not_started" or stub.score:
        problems.add(NOT_UNTOUCHED.format(stub), problems.of_stub())
    table = subject.grade(part, public_table(part)).report
    if table.score:
        problems.add(f"a table of the public answers earns {table.score:g} points")
    return stub, table


def _try_right(
    subject: Subject, part: PartQuestions, secret: Hidden, problems: Problems, tick: Callable[[str], None]
) -> Iterator[tuple[str, float]]:
    """Yield the alternatives with what they earn, which is all."""
    for other in secret.alternatives:
        tick(f"{part.part.name}: alternative {other.title!r}")
        report = subject.grade(part, other.right).report
        _expect_full(problems, f"the alternative {other.title!r}", other.right, report)
        yield other.title, report.score


def _examine_checks(
    subject: Subject, part: PartQuestions, secret: Hidden, right: TrialVerdict, problems: Problems
) -> None:
    """Look for too few misconceptions, for checks that are unfair or idle, and for idle promises."""
    if len(secret.misconceptions) < MISCONCEPTIONS:
        problems.add(
            f"{plural(len(secret.misconceptions), 'misconception')}; at least {MISCONCEPTIONS} are needed: "
            "write down the wrong answers that you expect"
        )
    for text, place in unfair(subject.folder, part, problems):
        problems.add(text, place)
    for one, other in itertools.combinations(secret.misconceptions, 2):
        if _same_code(one.wrong, other.wrong):
            said = f"misconceptions {one.id} ({one.title}) and {other.id} ({other.title}) are the same code; keep one"
            problems.add(said, problems.of_function(other.wrong))
    if right.full:
        for asked, said in _idle(part, right.answers):
            problems.add(said, problems.of_check(asked.check, asked.visibility))
        for said in changed(part):
            problems.add(said, problems.of_function(secret.reference))
        for text, place in _unkept(subject, part, secret):
            problems.add(text, place)


def _same_code(one: Callable[..., Value], other: Callable[..., Value]) -> bool:
    """Whether two functions do the same by their code; what another function made may still differ."""
    codes = [getattr(function, "__code__", None) for function in (one, other)]
    if one is other or any(code is None or code.co_freevars for code in codes):
        return one is other
    first, second = ((c.co_code, c.co_consts, c.co_names) for c in codes if c is not None)
    return first == second and getattr(one, "__defaults__", None) == getattr(other, "__defaults__", None)


def _expect_full(problems: Problems, who: str, function: Callable[..., Value], report: PartReport) -> None:
    for fault in report.faults:
        problems.fault(who, fault)
    if report.status == "correct" and report.score == report.max_score:
        return
    failed = [
        f"{o.name}: {failure_line(o.failure) if o.failure else o.outcome}"
        for o in report.outcomes
        if o.outcome != "pass"
    ]
    said = f"{who} gets {report.score:g} of {report.max_score:g} ({'; '.join(failed)})"
    problems.add(said, problems.of_function(function))


def _try_wrong(
    subject: Subject, part: PartQuestions, one: Misconception, right: Answers, problems: Problems
) -> MisconceptionResult:
    graded = subject.grade(part, one.wrong)
    who, place = f"misconception {one.id} ({one.title})", problems.of_function(one.wrong)
    for fault in graded.report.faults:
        problems.fault(who, fault)
    found = _wrong(part, one, graded.report)
    for broken in _breaks(part, graded.answers, right):
        problems.add(f"{who} {broken}", place)
    if not found.caught_by:
        problems.add(f"{who} passes every check; add a check or an input that shows it", place)
    if found.recognisable and not found.named:
        problems.add(f"{who} is not named", place)
    return found


def _wrong(part: PartQuestions, wrong: Misconception, report: PartReport) -> MisconceptionResult:
    cheap = {asked.check.name for asked in part.asked if not asked.alone}
    recognisable = any(o.outcome == "fail" and o.name in cheap for o in report.outcomes)
    return MisconceptionResult(
        id=wrong.id,
        title=wrong.title,
        caught_by=tuple(dict.fromkeys(o.name for o in report.outcomes if o.outcome == "fail")),
        recognisable=recognisable,
        named=recognisable and wrong.title in report.misconceptions,
        together_with=tuple(t for t in report.misconceptions if t != wrong.title),
        score=report.score,
        shown_by=_shown_by(part, wrong, report) if recognisable else "",
        unseen=report.score < report.max_score / 2
        and not any(o.outcome == "fail" and o.visibility == "public" for o in report.outcomes),
    )


def _shown_by(part: PartQuestions, wrong: Misconception, report: PartReport) -> ShownBy:
    """Say what names a misconception; a part without compared values is judged by laws."""
    if any(one.id == wrong.id and part.shows(one) for one in part.wrong_answers):
        return "values"
    compared = any(case.plain for case in part.compared())
    by_law = not compared and any(o.outcome == "fail" and o.group == "value" for o in report.outcomes)
    return "law" if by_law else "check"


def _breaks(part: PartQuestions, answers: Answers, right: Answers) -> Iterator[str]:
    """Yield that a misconception raises where the reference returns: then it is not wrong, it is broken."""
    for key, seen in answers.items():
        for call, one, wanted in zip(part.every[key[1]].calls, seen, right.get(key, ()), strict=False):
            if one.returned and one.value is None and wanted.returned and wanted.value is not None:
                yield f"returns None in {show_call(call)}: is a return missing?"
                return
            # an argument that cannot be written to is there to stop exactly one mistake
            if one.returned or not wanted.returned or _read_only(call):
                continue
            # a mistake may cost time or memory where only that is asked for
            if one.ending == "error" or (one.ending in _STOPPED and not part.asked[key[1]].alone):
                what = f"raises {one.error}: {one.message}" if one.ending == "error" else f"ends by {one.ending}"
                yield (
                    f"{what} in {show_call(call)}, where the reference returns a value; "
                    "it must return what the mistake gives"
                )
                return


def _calls(part: PartQuestions, answers: Answers) -> Iterator[tuple[Call, Observation]]:
    for key, seen in answers.items():
        yield from zip(part.every[key[1]].calls, seen, strict=False)


def _read_only(call: Call) -> bool:
    return any(isinstance(argument, ReadOnly) for argument in call.args)


def _idle(part: PartQuestions, right: Answers) -> Iterator[tuple[Asked, str]]:
    """Yield the checks that let wrong values pass, with what is wrong."""
    for (_, i), seen in right.items():
        if i >= len(part.asked):
            continue
        asked = part.asked[i]
        if passes_anything(asked, seen):
            yield (
                asked,
                f"the check {asked.check.name!r} ({asked.check.title}) passes whatever is returned; let it fail",
            )
        elif said := blind(asked, seen):
            yield asked, said


_FORGED = Facts(
    changed=tuple(range(8)),
    shares_memory=True,
    touched_random=True,
    probe_calls=(((1,),),) * 3,
    probe_count=3,
    overflowed=True,
    drawn=10**6,
)


def passes_anything(asked: Asked, right: Sequence[Observation]) -> bool:
    """Whether a check passes for values that are all wrong, each in its own way, and for every breach of a contract."""
    return all(verdict_on(asked.check, asked.calls, seen, asked.expected).ok for seen in _spoilt(right))


def _spoilt(right: Sequence[Observation]) -> Iterator[list[Observation]]:
    g = np.random.default_rng(0)
    for spoil in (lambda value: _noisy(value, g), lambda value: _noisy(value, g, -1), _zero, lambda value: 0.0):
        yield [Observation("value", value=spoil(one.value), facts=_FORGED) for one in right]


def _noisy(value: Value, g: np.random.Generator, sign: int = 1) -> Value:
    if isinstance(value, list | tuple):
        return type(value)(_noisy(item, g, sign) for item in value)
    if isinstance(value, bool | np.bool_):
        return not value
    if isinstance(value, np.ndarray) and value.dtype.kind in "iufc":
        return sign * (value * (1.5 + g.random(value.shape)) + 0.3 * (1 + g.random(value.shape)))
    if isinstance(value, int | float | complex | np.number):
        return sign * (value * (1.5 + g.random()) + 0.3)
    return value


def _zero(value: Value) -> Value:
    if isinstance(value, list | tuple):
        return type(value)(_zero(item) for item in value)
    return np.zeros_like(value) if isinstance(value, np.ndarray) else 0.0


def _unkept(subject: Subject, part: PartQuestions, secret: Hidden) -> Iterator[tuple[str, str]]:
    for promise, words in promises_of(subject.folder, part):
        but = "" if promise.applies(part) else promise.idle
        if not but and subject.grade(part, promise.breaking(secret.reference)).full:
            but = f"an answer that {promise.breach} gets full marks; {promise.advice}"
        if but:
            yield f"the statement says {words!r}, but {but}", said_at(subject.folder, part.part.name, words)


def _library(subject: Subject, part: PartQuestions, problems: Problems) -> Iterator[tuple[str, str]]:
    """Yield what the calls of a library get that the author lists in LIBRARY of grading.py as likely answers."""
    listed = getattr(sys.modules[f"exercises.{subject.folder.name}.grading"], "LIBRARY", {})
    for text, function in listed.get(part.part.name, {}).items():
        graded = subject.grade(part, function)
        report = graded.report
        if not any(one.returned for seen in graded.answers.values() for one in seen):
            problems.add(f"the likely call {text!r} returns nothing: {report.message}", problems.of_word(text))
        named = f", named {', '.join(report.misconceptions)}" if report.misconceptions else ""
        unnamed = ", without a name" if report.status == "wrong" and not named else ""
        yield text, f"{report.status}, {report.score:g} of {report.max_score:g}{named}{unnamed}"
