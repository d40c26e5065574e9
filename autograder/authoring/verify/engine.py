"""Verification of one exercise: its own functions are graded as if students had written them."""

from __future__ import annotations

import ast
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import ModuleType

from autograder.authoring.leaks.exercise_files import problems_of
from autograder.authoring.leaks.withheld import withheld
from autograder.authoring.verify.drawn import figure_problems
from autograder.authoring.verify.draws import draw_problems, unseeded, untouched
from autograder.authoring.verify.fairness import corners, refusals, unfair
from autograder.authoring.verify.forked import ForkExecutor
from autograder.authoring.verify.formulas import NOT_UNTOUCHED, verify_formula
from autograder.authoring.verify.handout import handout_problems
from autograder.authoring.verify.places import Problems, placed, said_at
from autograder.authoring.verify.promises import exercise_problems, public_table
from autograder.authoring.verify.report import ExerciseResult, MisconceptionResult, PartResult
from autograder.authoring.verify.sabotage import promises_of
from autograder.authoring.verify.vacuous import passes_anything
from autograder.authoring.verify.within import within
from autograder.checks import show_call
from autograder.course.exercises import ExerciseFolder
from autograder.declared import at_line
from autograder.exercise import Hidden, Misconception
from autograder.judging.backends import any_library, under
from autograder.judging.dispatch import EncodedBatches, hand_out
from autograder.judging.formulas import judge_answer
from autograder.judging.functions import failure_line, judge_part
from autograder.judging.naming import Answers
from autograder.judging.questions import Asked, PartQuestions, Questions, make_questions
from autograder.model import Call, Observation, PartReport, ReadOnly, Value
from autograder.plain import dataclass
from autograder.sandbox.executor import BatchHandle
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch
from autograder.symbolic.limited import Decider
from autograder.text import plural, read_text

STRICT = "array_api_strict"

_STOPPED = ("timeout", "crash", "memory")

MISCONCEPTIONS = 3
"""Of a function part at least: fewer than three wrong answers have not been looked for."""


def verify_exercise(
    folder: ExerciseFolder, *, strict: bool = True, tick: Callable[[str], None] = lambda text: None
) -> ExerciseResult:
    """Verify every promise of an exercise.

    Parameters
    ----------
    exercise : ExerciseFolder
        Loaded with its hidden half.
    strict : bool
        Whether to run the reference under array-api-strict as well.
    tick : callable
        Called with a few words before each piece of work.

    Returns
    -------
    ExerciseResult

    Raises
    ------
    CourseError
        If the exercise is so wrong that it cannot be verified: files that cannot be read, an endless reference.
    """
    with within(folder.path) as again:

        def progress(text: str) -> None:
            again()
            tick(text)

        return _verify_exercise(folder, strict, progress)


def _verify_exercise(folder: ExerciseFolder, strict: bool, tick: Callable[[str], None]) -> ExerciseResult:
    exercise = folder.exercise
    tick("files, hints and the statement")
    _refuse_unreadable(folder)
    known = withheld(folder)
    problems = [*exercise_problems(folder), *problems_of(folder, shown_files(folder), known)]
    tick("right values")
    questions = make_questions(exercise, folder.secrets)
    tick("the same calls in another process")
    problems += draw_problems(folder)
    all_questions = {p.part.name: p for p in questions.parts}
    with Decider() as decider:
        subject = _Subject(folder, questions, decider)
        results = tuple(_verify_parts(subject, all_questions, strict, tick))
    if (folder.path / "README.md").is_file() and folder.stub.is_file():
        tick("the handout where students are")
        problems += handout_problems(folder, subject.right)
        tick("the figure")
        problems += figure_problems(folder)
    whole = tuple(placed(folder.path, problem, "checks.py") for problem in problems)
    return ExerciseResult(folder.name, exercise.number, exercise.title, exercise.points, results, whole, exercise.given)


def _refuse_unreadable(folder: ExerciseFolder) -> None:
    """Stop at a file that is not text, or a program that does not parse: everything else reads them."""
    read_text(folder.path / "grading.py")
    for name, text in shown_files(folder).items():
        if name.endswith(".py"):
            try:
                ast.parse(text, str(folder.path / name))
            except SyntaxError as error:
                raise at_line(error, folder.path / name) from error


def shown_files(folder: ExerciseFolder) -> dict[str, str]:
    """Return the files of an exercise that students get as text."""
    names = ("README.md", folder.stub.name, "checks.py", "figure.py")
    return {name: read_text(folder.path / name) for name in names if (folder.path / name).is_file()}


def _verify_parts(
    subject: _Subject, all_questions: Mapping[str, PartQuestions], strict: bool, tick: Callable[[str], None]
) -> Iterator[PartResult]:
    folder = subject.folder
    for part in folder.exercise.parts:
        if part.kind == "manual":
            yield PartResult(part.name, part.number, part.kind, part.points, examined=False)
            continue
        tick(part.name)
        questions, problems = all_questions[part.name], Problems(folder, part.name)
        if part.name in folder.secrets:
            yield _verify_part(subject, questions, folder.secrets[part.name], strict, tick)
        elif part.name in folder.questions:
            stub = subject.grade_stub(questions).report
            hand = partial(subject.hand, questions)
            yield verify_formula(questions, folder.questions[part.name], hand, stub, problems)
        else:
            problems.add("grading.py has no entry for this part")
            yield PartResult(part.name, part.number, part.kind, part.points, False, problems=problems.found)


@dataclass(frozen=True, eq=False)
class Graded:
    """What came of a function in the place of a student's.

    ``seconds`` are the processor seconds of the calls of each check; ``judging`` those of judging all of them.
    """

    report: PartReport
    answers: Answers
    seconds: Mapping[str, float]
    judging: float

    @property
    def full(self) -> bool:
        """Whether it gets full marks."""
        return self.report.status == "correct" and self.report.score == self.report.max_score


class _Subject:
    """Grades an author's functions in the place of a student's."""

    def __init__(self, folder: ExerciseFolder, questions: Questions, decider: Decider) -> None:
        self.folder, self.questions, self._decider = folder, questions, decider
        self.right: dict[tuple[str, int], Sequence[Observation]] = {}
        """What the references answer, by part and position of the check."""

    def grade(self, part: PartQuestions, function: Callable[..., Value]) -> Graded:
        """Grade one function as the answer to one part."""
        module = ModuleType("subject")
        setattr(module, part.part.name, function)
        source = Source("subject.py", (Cell("subject", "from subject import *"),))
        return self._grade(part, source, lambda: sys.modules.__setitem__("subject", module))

    def hand(self, part: PartQuestions, text: str) -> PartReport:
        """Grade a text as the answer to a symbolic part."""
        return self.grade(part, lambda: text).report

    def grade_stub(self, part: PartQuestions) -> Graded:
        """Grade the untouched stub."""
        return self._grade(
            part, Source(self.folder.stub.name, (Cell("stub", read_text(self.folder.stub)),)), lambda: None
        )

    def _grade(self, part: PartQuestions, source: Source, prepare: Callable[[], None]) -> Graded:
        def at_its_data() -> None:
            os.chdir(self.folder.path)  # where a submission finds the data files
            prepare()

        executor = ForkExecutor(at_its_data)

        def run(batch: Batch, handle: BatchHandle) -> Sequence[Sequence[Observation]]:
            return observe(executor, source, batch, handle)

        with EncodedBatches(self.questions, self.folder.checks_source, parts=[part.part.name]) as printed:
            answers = hand_out(printed, run)
        if part.part.kind == "symbolic":
            decide = partial(self._decider.decide, self.folder.questions[part.part.name])
            report = judge_answer(part.part, answers[part.part.name, 0][0], decide, part.part.points)
            return Graded(report, answers, {}, 0.0)
        seconds: dict[str, float] = {}
        for (_, i), seen in answers.items():
            asked = part.every[i]
            name = f"scaling:{asked.check.name}" if asked.alone else asked.check.name
            seconds[name] = seconds.get(name, 0.0) + sum(one.seconds for one in seen)
        started = time.process_time()
        report = judge_part(part, answers, part.part.points)
        return Graded(report, answers, seconds, time.process_time() - started)


def _verify_part(
    subject: _Subject, part: PartQuestions, secret: Hidden, strict: bool, tick: Callable[[str], None]
) -> PartResult:
    problems = Problems(subject.folder, part.part.name)
    with unseeded() as random, untouched(subject.folder, part) as changed:
        right = subject.grade(part, secret.reference)
    for check in changed:
        said = f"the check {check.name!r} changes its arguments while it judges; change a copy"
        problems.add(said, problems.of_check(check, "public" if check in part.part.checks else "hidden"))
    for what in dict.fromkeys(random):
        problems.add(f"a check uses {what} while it judges; fix a seed")
    subject.right |= right.answers
    if not any(asked.check.group == "value" for asked in part.asked):
        problems.add(
            "no check counts as a value, so no answer earns a point: add example(...), usual_checks(..., 'rand'), or "
            "for a simulation law(..., group='value')"
        )
    else:
        _expect_full(problems, "the reference", secret.reference, right.report)
    strict_score = None
    if strict and right.full and any_library(secret.reference):
        under_strict = subject.grade(part, under(STRICT, secret.reference)).report
        _expect_full(problems, f"the reference under {STRICT}", secret.reference, under_strict)
        strict_score = under_strict.score
    stub = subject.grade_stub(part).report
    if stub.status != "not_started" or stub.score:
        problems.add(NOT_UNTOUCHED.format(stub), problems.of_stub())
    table = subject.grade(part, public_table(part)).report
    if table.score:
        problems.add(f"a table of the public answers earns {table.score:g} points")
    alternatives = []
    for other in secret.alternatives:
        tick(f"{part.part.name}: alternative {other.title!r}")
        report = subject.grade(part, other.right).report
        _expect_full(problems, f"the alternative {other.title!r}", other.right, report)
        alternatives.append((other.title, report.score))
    for almost in secret.borderlines:
        for broken in _breaks(part, subject.grade(part, almost.answer).answers, right.answers):
            problems.add(f"the borderline answer {almost.title!r} {broken}", problems.of_function(almost.answer))
    tick(f"{part.part.name}: {plural(len(secret.misconceptions), 'misconception')}")
    wrong = [_try_wrong(subject, part, one, right.answers, problems) for one in secret.misconceptions]
    if len(wrong) < MISCONCEPTIONS:
        problems.add(
            f"{plural(len(wrong), 'misconception')}; at least {MISCONCEPTIONS} are needed: "
            "write down the wrong answers that you expect"
        )
    for text, place in unfair(subject.folder, part, problems):
        problems.add(text, place)
    if right.full:
        for asked in _vacuous(part, right.answers):
            said = f"the check {asked.check.name!r} ({asked.check.title}) passes whatever is returned; let it fail"
            problems.add(said, problems.of_check(asked.check, asked.visibility))
        for text, place in _unkept(subject, part, secret):
            problems.add(text, place)
    library = tuple(_library(subject, part, problems))
    return PartResult(
        name=part.part.name,
        number=part.part.number,
        kind=part.part.kind,
        points=part.part.points,
        examined=True,
        checks=tuple(asked.check.name for asked in part.asked),
        seconds=tuple(sorted(right.seconds.items())),
        judging=right.judging,
        reference=right.report.score,
        strict=strict_score,
        stub=stub.status,
        table=table.score,
        alternatives=tuple(alternatives),
        misconceptions=tuple(wrong),
        problems=problems.found,
        library=library,
        corners=tuple(corners(part)),
        refusals=refusals(part),
    )


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
    subject: _Subject, part: PartQuestions, one: Misconception, right: Answers, problems: Problems
) -> MisconceptionResult:
    graded = subject.grade(part, one.wrong)
    who, place = f"misconception {one.id} ({one.title})", problems.of_function(one.wrong)
    for fault in graded.report.faults:
        problems.fault(who, fault)
    found = _wrong(part, one, graded.report)
    for broken in _breaks(part, graded.answers, right):
        problems.add(f"{who} {broken}", place)
    if not found.caught_by:
        problems.add(f"{who} passes every check", place)
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
        unseen=report.score < report.max_score / 2
        and not any(o.outcome == "fail" and o.visibility == "public" for o in report.outcomes),
    )


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


def _read_only(call: Call) -> bool:
    return any(isinstance(argument, ReadOnly) for argument in call.args)


def _vacuous(part: PartQuestions, right: Answers) -> Iterator[Asked]:
    return (
        part.asked[i] for (_, i), seen in right.items() if i < len(part.asked) and passes_anything(part.asked[i], seen)
    )


def _unkept(subject: _Subject, part: PartQuestions, secret: Hidden) -> Iterator[tuple[str, str]]:
    for promise, words in promises_of(subject.folder, part):
        but = "" if promise.applies(part) else promise.idle
        if not but and subject.grade(part, promise.breaking(secret.reference)).full:
            but = f"an answer that {promise.breach} gets full marks; {promise.advice}"
        if but:
            yield f"the statement says {words!r}, but {but}", said_at(subject.folder, part.part.name, words)


def _library(subject: _Subject, part: PartQuestions, problems: Problems) -> Iterator[tuple[str, str]]:
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
