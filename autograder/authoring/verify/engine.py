"""Verification of one room: its own functions are graded as if students had written them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import ModuleType

from autograder.authoring.verify.forked import ForkExecutor
from autograder.authoring.verify.formulas import stated_formulas, verify_formula
from autograder.authoring.verify.promises import public_table, room_problems
from autograder.authoring.verify.report import MisconceptionResult, PartResult, RoomResult
from autograder.course.exercises import Room
from autograder.exercise import Hidden, Misconception
from autograder.judging.backends import under
from autograder.judging.dispatch import Printed, hand_out
from autograder.judging.formulas import judge_answer
from autograder.judging.functions import failure_line, judge_part
from autograder.judging.questions import Paper, PartPaper, make_paper
from autograder.model import Observation, PartReport, Value
from autograder.sandbox.executor import SheetHandle
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Sheet
from autograder.symbolic.limited import Decider

Functions = Mapping[str, Callable[..., Value]]

STRICT = "array_api_strict"


def verify_room(room: Room, *, strict: bool = True, tick: Callable[[str], None] = lambda text: None) -> RoomResult:
    """Verify every promise of a room.

    Parameters
    ----------
    room : Room
        Loaded with its hidden half.
    strict : bool
        Whether to run the reference under array-api-strict as well.
    tick : callable
        Called with a few words before each piece of work.

    Returns
    -------
    RoomResult
    """
    exercise = room.exercise
    tick(f"{room.name}: paper")
    paper = make_paper(exercise, room.secrets)
    papers = {p.part.name: p for p in paper.parts}
    with Decider() as decider:
        results = tuple(_verify_parts(_Subject(room, paper, decider), papers, strict, tick))
    return RoomResult(room.name, exercise.number, exercise.title, exercise.points, results, tuple(room_problems(room)))


def _verify_parts(
    subject: _Subject, papers: Mapping[str, PartPaper], strict: bool, tick: Callable[[str], None]
) -> Iterator[PartResult]:
    room = subject.room
    stated = stated_formulas(room.path.parents[1]) if room.questions else None
    for part in room.exercise.parts:
        if part.kind == "manual":
            yield PartResult(part.name, part.number, part.kind, part.points, examined=False)
            continue
        tick(f"{room.name}: {part.name}")
        paper = papers[part.name]
        if part.name in room.secrets:
            yield _verify_part(subject, paper, room.secrets[part.name], strict)
        elif part.name in room.questions:
            stub = subject.report_stub(paper)
            yield verify_formula(paper, room.questions[part.name], partial(subject.hand, paper), stub, stated)
        else:
            problem = ("grading.py has no entry for this part",)
            yield PartResult(part.name, part.number, part.kind, part.points, False, problems=problem)


class _Subject:
    """Grades an author's functions in the place of a student's."""

    def __init__(self, room: Room, paper: Paper, decider: Decider) -> None:
        self.room, self.paper, self._decider = room, paper, decider

    def report(self, part: PartPaper, function: Callable[..., Value]) -> tuple[PartReport, dict[str, float]]:
        """Grade one function as the answer to one part; also the processor seconds of each check."""
        module = ModuleType("subject")
        setattr(module, part.part.name, function)
        source = Source("subject.py", (Cell("subject", "from subject import *"),))
        return self._report(part, source, ForkExecutor(lambda: sys.modules.__setitem__("subject", module)))

    def hand(self, part: PartPaper, text: str) -> PartReport:
        """Grade a text as the answer to a symbolic part."""
        return self.report(part, lambda: text)[0]

    def report_stub(self, part: PartPaper) -> PartReport:
        """Grade the untouched stub."""
        text = self.room.stub.read_text(encoding="utf-8")
        return self._report(part, Source(self.room.stub.name, (Cell("stub", text),)), ForkExecutor())[0]

    def _report(self, part: PartPaper, source: Source, executor: ForkExecutor) -> tuple[PartReport, dict[str, float]]:
        def run(sheet: Sheet, handle: SheetHandle) -> Sequence[Sequence[Observation]]:
            return observe(executor, source, sheet, handle)

        with Printed(self.paper, self.room.checks_source, parts=[part.part.name]) as printed:
            answers = hand_out(printed, run)
        if part.part.kind == "symbolic":
            decide = partial(self._decider.decide, self.room.questions[part.part.name])
            return judge_answer(part.part, answers[part.part.name, 0][0], decide, part.part.points), {}
        seconds: dict[str, float] = {}
        for (_, i), seen in answers.items():
            asked = part.asked[i]
            name = f"scaling:{asked.check.name}" if asked.alone else asked.check.name
            seconds[name] = seconds.get(name, 0.0) + sum(one.seconds for one in seen)
        return judge_part(part, answers, part.part.points), seconds


def _verify_part(subject: _Subject, part: PartPaper, secret: Hidden, strict: bool) -> PartResult:
    problems: list[str] = []
    right, seconds = subject.report(part, secret.reference)
    _expect_full(problems, "the reference", right)
    strict_score = None
    if strict:
        under_strict, _ = subject.report(part, under(STRICT, secret.reference))
        _expect_full(problems, f"the reference under {STRICT}", under_strict)
        strict_score = under_strict.score
    stub = subject.report_stub(part)
    if stub.status != "not_started" or stub.score:
        problems.append(f"the stub is {stub.status} with {stub.score:g} points; it must be not_started with 0")
    table, _ = subject.report(part, public_table(part))
    if table.score:
        problems.append(f"a table of the public answers earns {table.score:g} points")
    alternatives = []
    for other in secret.alternatives:
        report, _ = subject.report(part, other.right)
        _expect_full(problems, f"the alternative {other.title!r}", report)
        alternatives.append((other.title, report.score))
    wrong = tuple(_verify_wrong(problems, subject, part, one) for one in secret.misconceptions)
    problems += [f"misconception {m.id} ({m.title}) passes every check" for m in wrong if not m.caught_by]
    problems += [f"misconception {m.id} ({m.title}) is not named" for m in wrong if m.recognisable and not m.named]
    return PartResult(
        name=part.part.name,
        number=part.part.number,
        kind=part.part.kind,
        points=part.part.points,
        examined=True,
        checks=tuple(asked.check.name for asked in part.asked),
        seconds=tuple(sorted(seconds.items())),
        reference=right.score,
        strict=strict_score,
        stub=stub.status,
        table=table.score,
        alternatives=tuple(alternatives),
        misconceptions=wrong,
        problems=tuple(problems),
    )


def _expect_full(problems: list[str], who: str, report: PartReport) -> None:
    problems += [f"on the values of {who} breaks {fault}" for fault in report.faults]
    if report.status == "correct" and report.score == report.max_score:
        return
    failed = [
        f"{o.name}: {failure_line(o.failure) if o.failure else o.outcome}"
        for o in report.outcomes
        if o.outcome != "pass"
    ]
    problems.append(f"{who} gets {report.score:g} of {report.max_score:g} ({'; '.join(failed)})")


def _verify_wrong(problems: list[str], subject: _Subject, part: PartPaper, wrong: Misconception) -> MisconceptionResult:
    report, _ = subject.report(part, wrong.wrong)
    problems += [f"on the values of misconception {wrong.id} ({wrong.title}) breaks {fault}" for fault in report.faults]
    recognisable = any(print_.id == wrong.id and part.shows(print_) for print_ in part.fingerprints)
    return MisconceptionResult(
        id=wrong.id,
        title=wrong.title,
        caught_by=tuple(dict.fromkeys(o.name for o in report.outcomes if o.outcome == "fail")),
        recognisable=recognisable,
        named=recognisable and wrong.title in report.misconceptions,
        together_with=tuple(t for t in report.misconceptions if t != wrong.title),
        score=report.score,
    )
