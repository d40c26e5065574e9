"""Grade an author's functions as if a student had handed them in, in forked children."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import ModuleType

from autograder.authoring.verify.forked import ForkExecutor
from autograder.course.exercises import ExerciseFolder
from autograder.judging.dispatch import EncodedBatches, hand_out
from autograder.judging.formulas import judge_answer
from autograder.judging.functions import judge_part
from autograder.judging.naming import Answers
from autograder.judging.questions import PartQuestions, Questions
from autograder.model import Observation, PartReport, Value
from autograder.plain import dataclass
from autograder.sandbox.executor import BatchHandle
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch
from autograder.symbolic.limited import Decider
from autograder.text import read_text


@dataclass(frozen=True, eq=False)
class TrialVerdict:
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


class Subject:
    """Grades an author's functions in the place of a student's."""

    def __init__(self, folder: ExerciseFolder, questions: Questions, decider: Decider) -> None:
        self.folder, self.questions, self._decider = folder, questions, decider
        self.right: dict[tuple[str, int], Sequence[Observation]] = {}
        """What the references answer, by part and position of the check."""

    def grade(self, part: PartQuestions, function: Callable[..., Value]) -> TrialVerdict:
        """Grade one function as the answer to one part."""
        module = ModuleType("subject")
        setattr(module, part.part.name, function)
        source = Source("subject.py", (Cell("subject", "from subject import *"),))
        return self._grade(part, source, lambda: sys.modules.__setitem__("subject", module))

    def hand(self, part: PartQuestions, text: str) -> PartReport:
        """Grade a text as the answer to a symbolic part."""
        return self.grade(part, lambda: text).report

    def grade_stub(self, part: PartQuestions) -> TrialVerdict:
        """Grade the untouched stub."""
        return self._grade(
            part, Source(self.folder.stub.name, (Cell("stub", read_text(self.folder.stub)),)), lambda: None
        )

    def _grade(self, part: PartQuestions, source: Source, prepare: Callable[[], None]) -> TrialVerdict:
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
            return TrialVerdict(report, answers, {}, 0.0)
        seconds: dict[str, float] = {}
        for (_, i), seen in answers.items():
            asked = part.every[i]
            name = f"scaling:{asked.check.name}" if asked.alone else asked.check.name
            seconds[name] = seconds.get(name, 0.0) + sum(one.seconds for one in seen)
        started = time.process_time()
        report = judge_part(part, answers, part.part.points)
        return TrialVerdict(report, answers, seconds, time.process_time() - started)
