"""Grade submissions in one worker, which holds the exercises, their questions and a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from autograder import __version__
from autograder.course.exercises import ExerciseFolder, all_data, load_exercise
from autograder.course.model import load_course, load_secret, variant_of
from autograder.exercise import Part
from autograder.grading.byhand import WrittenAnswer, answer_in, digest_of_text, manual_report
from autograder.grading.evidence import evidence
from autograder.grading.several import fails_to_load, settles, with_notes
from autograder.intake.as_run import AsRun, as_run
from autograder.intake.as_text import with_text
from autograder.intake.contents import AskedFunctions
from autograder.intake.discovery import HandedFile, Submission
from autograder.intake.loading import LoadedFile, digest_of, load, read_document, syntax_notes
from autograder.intake.source import Document, Rejected
from autograder.judging.backends import NOTHING, Gpu, Said
from autograder.judging.dispatch import CheckKey, EncodedBatches, hand_out
from autograder.judging.formulas import judge_answer
from autograder.judging.functions import judge
from autograder.judging.questions import Elsewhere, make_questions
from autograder.model import Call, Observation, PartReport, Report, Value
from autograder.plain import Closing, dataclass
from autograder.sandbox.account import Account
from autograder.sandbox.budget import MemoryBudget
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle, Executor, GraderError, SandboxUnavailable
from autograder.sandbox.framing import Buffer
from autograder.sandbox.launch import ServerSettings
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Source
from autograder.sandbox.wire import Batch
from autograder.statuses import UNREADABLE, WAITING, PartStatus, RecordStatus
from autograder.store.generations import fingerprint
from autograder.store.records import FAULT, Record, for_students, record_of
from autograder.store.stored import Stored
from autograder.symbolic.language.question import Question
from autograder.symbolic.limited import Decider

KEPT_BYTES = 256 << 20
"""Questions are kept while their calls take no more than this; those used longest ago go first."""


@dataclass(frozen=True)
class Settings:
    """What a worker must know; the same settings give the same verdicts."""

    root: Path
    unsafe: bool = False
    backend: str = "auto"


@dataclass(frozen=True, eq=False)
class Graded:
    """A verdict with everything that is kept of it, and what there is to say of the backend since the one before."""

    stored: Stored
    files: tuple[tuple[str, bytes], ...]
    said: Said = NOTHING


class Grader(Closing):
    """Grades submissions one after the other; use it as a context manager.

    Parameters
    ----------
    settings : Settings
        Course and sandbox.
    executor : Executor, optional
        Runs the children; the sandbox by default.
    """

    def __init__(self, settings: Settings, executor: Executor | None = None) -> None:
        self._settings = settings
        self._course = load_course(settings.root)
        self._secret = load_secret(self._course, create=True)
        files = all_data(settings.root)
        how = ServerSettings(unsafe=settings.unsafe, harness="autograder.intake.reading_child")
        box = partial(Sandbox, settings=how, packages=self._course.packages, files=files)
        self._own = box(budget=MemoryBudget.of_machine()) if executor is None else None
        self._executor: Executor = executor or self._own  # type: ignore[assignment]  # one of the two is there
        self._folders: dict[str, ExerciseFolder] = {}
        self._encoded: dict[tuple[str, int], EncodedBatches] = {}
        self._decider = Decider()
        self._gpu = None if settings.backend == "numpy" else Gpu(settings.backend)

    def close(self) -> None:
        """End the sandbox and the helper for formulas, and free the questions."""
        self._decider.close()
        for questions in self._encoded.values():
            questions.close()
        if self._own is not None:
            self._own.close()

    @property
    def layers(self) -> str:
        """The sandbox layers in force, in short."""
        if self._own is None:
            return "none"
        try:
            return ", ".join(f"{layer.name}: {layer.state}" for layer in self._own.layers)
        except SandboxUnavailable:
            raise
        except GraderError:
            return "the sandbox did not start"

    def grade(self, submission: Submission) -> Graded:
        """Grade one submission; never raises for what a student did.

        With several attempts that count, the best is kept (the last of equals).
        """
        try:
            graded = self._best(submission)
        except SandboxUnavailable:
            raise
        except GraderError as error:  # before there was anything to judge: no child to read a notebook in
            graded = self.failed(submission, str(error))
        finally:
            if self._own is not None:
                self._own.abandon()
        return graded if self._gpu is None else replace(graded, said=self._gpu.said())

    def _best(self, submission: Submission) -> Graded:
        graded = self._of_attempts(submission)
        if submission.spare is None and not submission.team:
            return graded
        chosen = graded if submission.spare is None else self._first_begun(submission.spare, graded)
        return replace(chosen, stored=replace(chosen.stored, digest=digest_of(submission)))

    def _first_begun(self, spare: Submission | None, graded: Graded) -> Graded:
        """Return the verdict on the first of several files in which something is begun.

        A file that cannot be read or loaded may hold the student's work, so only a file in which something is begun
        takes its place.
        What is written by hand in a notebook without code counts with the file that comes after it.
        """
        tried = [graded]
        while not settles(tried[-1].stored.record) and spare is not None:
            tried.append(self._spare(spare, tried))
            spare = spare.spare
        *before, chosen = tried
        unread = [one for one in before if fails_to_load(one.stored.record)]
        if unread and not settles(chosen.stored.record):
            return unread[0]
        refused = [
            str(record.message) if record.status == "rejected" else f"{record.file}: no function of it could be loaded"
            for record in (one.stored.record for one in unread)
        ]
        notes = [*refused, f"{chosen.stored.record.file} counts"]
        return replace(chosen, stored=with_notes(chosen.stored, notes))

    def _spare(self, spare: Submission, before: Sequence[Graded]) -> Graded:
        """Grade the next of several files, with what was written by hand in those before it."""
        answered = (one for one in before if one.stored.answers and one.stored.record.status != "rejected")
        loaded = self._load(spare)
        loaded = replace(loaded, written=(*loaded.written, *(file for one in answered for file in one.files[:1])))
        return self._attempt(spare, spare.handed, loaded, loaded.digest)

    def _of_attempts(self, submission: Submission) -> Graded:
        if len(submission.attempts) < 2:
            loaded = self._load(submission)
            return self._attempt(submission, submission.handed, loaded, loaded.digest)
        digest = digest_of(submission)
        graded = [self._attempt(submission, one, self._load(submission, one), digest) for one in submission.attempts]
        return max(reversed(graded), key=lambda one: one.stored.record.score)

    def _load(self, submission: Submission, handed: HandedFile | None = None) -> LoadedFile:
        """Read a submission; a notebook in the child that is to run it, where this grader has a sandbox of its own."""
        own = self._own
        if own is None:
            return load(submission, handed)

        def begin(text: bytes) -> Buffer | None:
            variant = self.variant(submission.exercise, submission.team or submission.student)
            first = self._printed(submission.exercise, variant).first
            return own.begin(text, first.handle, self._course.limits.call)

        return load(submission, handed, begin)

    def failed(self, submission: Submission, why: str) -> Graded:
        """Return the verdict on a submission that could not be graded: a failure of the grader, to be tried again."""
        key = (submission.student, submission.assignment, submission.exercise)
        file = None if submission.handed is None else submission.handed.file
        record = self.ungraded(key, "grader_error", f"the grader failed: {why}", file, None)
        record = self._of_team(record, submission)
        stored = Stored(record, digest_of(submission), fingerprint(self._settings.root, key[2]), __version__)
        return Graded(stored, ())

    def _attempt(self, submission: Submission, handed: HandedFile | None, loaded: LoadedFile, digest: str) -> Graded:
        answer = self.answer(submission.exercise, loaded.document, loaded.written)
        record, report = self._record(submission, handed, loaded, answer)
        record = self._of_team(record, submission)
        stored = Stored(
            record=record,
            digest=digest,
            fingerprint=fingerprint(self._settings.root, submission.exercise),
            grader=__version__,
            layers=self.layers,
            evidence=evidence(report, self._settings.root),
            received=submission.received,
            verified=submission.verified,
            notes=record.notes,
            answers=self._answers(record, report, answer),
        )
        files = ((handed.file, loaded.data),) if handed is not None and loaded.sha256 is not None else ()
        return Graded(stored, (*files, *loaded.written))

    def answer(
        self, exercise: str, document: Document | None, companions: Sequence[tuple[str, bytes]]
    ) -> WrittenAnswer:
        """Return what was handed in for the part of an exercise that a person marks, if there is one."""
        folder = self._folder(exercise)
        if all(part.kind != "manual" for part in folder.exercise.parts):
            return WrittenAnswer()
        notebooks = [data for name, data in companions if name.lower().endswith(".ipynb")]
        files = [one for one in companions if not one[0].lower().endswith(".ipynb")]
        return answer_in([document, *(_read(data, exercise) for data in notebooks)], files, folder)

    def _answers(self, record: Record, report: Report | None, answer: WrittenAnswer) -> dict[str, str]:
        """Return what there is to show to a marker, by part."""
        parts = {part.name: part for part in self._folder(record.exercise).exercise.parts}
        found = {part["name"]: answer.text for part in record.parts if parts[part["name"]].kind == "manual"}
        for part in report.parts if report is not None else ():
            if part.status in (*WAITING, UNREADABLE):
                found.setdefault(part.name, part.written)
        return {name: text for name, text in found.items() if text}

    def _record(
        self, submission: Submission, handed: HandedFile | None, loaded: LoadedFile, answer: WrittenAnswer
    ) -> tuple[Record, Report | None]:
        key = (submission.student, submission.assignment, submission.exercise)
        file = handed.file if handed is not None else None
        notes = (*submission.notes, *loaded.notes)
        if loaded.document is None:
            status: RecordStatus = "missing" if submission.status == "missing" else "rejected"
            message = submission.message if status == "missing" else loaded.message
            record = self.ungraded(key, status, message, file, loaded.sha256, answer)
            return replace(record, notes=notes), None
        running = self.as_run(submission.exercise, loaded.document, loaded.written)
        try:
            report = self.report(
                submission.exercise, running.source, self.variant(key[2], submission.team or key[0]), answer
            )
        except GraderError as error:
            record = self.ungraded(key, "grader_error", f"the grader failed: {error}", file, loaded.sha256, answer)
            return replace(record, notes=notes), None
        faults = [f"{FAULT}, {part.name}: {fault}" for part in report.parts for fault in part.faults]
        notes = (*notes, *running.notes, *faults)
        if any(part.status == "load_error" for part in report.parts) and handed is not None:
            notes = (*notes, *syntax_notes(loaded.data, handed.suffix))
        asked = [part for part in report.parts if part.kind != "manual"]
        if asked and all(part.status == "missing" for part in asked):
            notes = (*notes, *self._misnamed(key[2], file, loaded.data))
        record = record_of(key, report, file=file, sha256=loaded.sha256, message=for_students(notes))
        return replace(record, notes=notes), report

    def _misnamed(self, exercise: str, file: str | None, data: bytes) -> list[str]:
        """Say which other exercises a file answers that defines nothing of its own."""
        others = sorted(AskedFunctions.of(self._course, (exercise,)).answers(data).largely - {exercise})
        what = f"{file}: defines nothing of {exercise}, but functions of {', '.join(others)}"
        return [f"{what}; name each file after its exercise and hand it in again"] if others else []

    def ungraded(
        self,
        key: tuple[str, str, str],
        status: RecordStatus,
        message: str | None,
        file: str | None,
        sha256: str | None,
        answer: WrittenAnswer = WrittenAnswer(),  # noqa: B008 - frozen
    ) -> Record:
        """Return the record of an exercise without a verdict: every part named, no points but those that wait."""
        worth = self._worth(key[2])
        kind: PartStatus = "missing" if status == "missing" else "load_error"
        parts = tuple(
            manual_report(part, worth[part.name], answer, readable=status == "missing")
            if part.kind == "manual"
            else PartReport(part.name, part.kind, kind, 0.0, worth[part.name])
            for part in self._folder(key[2]).exercise.parts
            if part.name in worth
        )
        report = Report(key[2], parts, self.variant(key[2], key[0]))
        return replace(record_of(key, report, file=file, sha256=sha256, message=message), status=status)

    def _of_team(self, record: Record, submission: Submission) -> Record:
        """Return the record of a team's submission, which has the variant of the team."""
        team = submission.team
        return replace(record, team=team, variant=self.variant(record.exercise, team)) if team else record

    def as_run(self, exercise: str, document: Document, companions: Sequence[tuple[str, bytes]]) -> AsRun:
        """Return a submission's code as it is run for an exercise, with the formulas of its texts."""
        folder = self._folder(exercise)
        source = with_text(document, companions, folder)
        names = [part.name for part in folder.exercise.parts]
        return as_run(source, names, folder.stub.read_text(encoding="utf-8"), self._course.packages)

    def variant(self, exercise: str, student: str) -> int:
        """Return the variant of a student in an exercise."""
        return variant_of(self._course, exercise, student, self._secret)

    def report(self, exercise: str, source: Source, variant: int, answer: WrittenAnswer = WrittenAnswer()) -> Report:  # noqa: B008 - frozen
        """Grade code against the questions of a variant; ``answer`` is what there is to mark by hand.

        Raises
        ------
        GraderError
            If the sandbox fails.
        """
        printed = self._printed(exercise, variant)
        answers, spent, over = self._run_calls(printed, source)
        if over:  # by the clock, which runs for everybody on a busy machine
            with self._own.alone() if self._own is not None else nullcontext():
                answers, again, _ = self._run_calls(printed, source)
            spent += again
        worth = self._worth(exercise)
        found = {part.name: part for part in judge(printed.questions, answers, worth)}
        for part, question in self._questions(exercise):
            text = answers[part.name, 0][0]
            judged = judge_answer(part, text, partial(self._decider.decide, question), worth[part.name])
            given = text.value if isinstance(text.value, str) else None
            found[part.name] = judged if given is None else replace(judged, answer=digest_of_text(given), written=given)
        parts = tuple(
            found[part.name] if part.name in found else manual_report(part, worth[part.name], answer)
            for part in self._folder(exercise).exercise.parts
            if part.name in worth
        )
        return Report(exercise, parts, variant, spent)

    def _run_calls(
        self, printed: EncodedBatches, source: Source
    ) -> tuple[dict[CheckKey, Sequence[Observation]], float, bool]:
        """Make all calls; return the answers, the processor seconds, and whether the limit by the clock was reached."""
        account = Account(self._course.limits.submission)
        spent = 0.0

        def run(batch: Batch, handle: BatchHandle) -> Sequence[Sequence[Observation]]:
            nonlocal spent
            seen = observe(self._executor, source, batch, handle, account)
            spent += seen.cpu_seconds
            return seen

        return hand_out(printed, run), spent, account.over

    def _folder(self, name: str) -> ExerciseFolder:
        if name not in self._folders:
            self._folders[name] = load_exercise(self._settings.root, name, hidden=True)
        return self._folders[name]

    def _questions(self, exercise: str) -> Iterator[tuple[Part, Question]]:
        folder = self._folder(exercise)
        return ((part, folder.questions[part.name]) for part in folder.exercise.parts if part.name in folder.questions)

    def _printed(self, exercise: str, variant: int) -> EncodedBatches:
        printed = self._encoded.pop((exercise, variant), None)
        if printed is None:
            folder = self._folder(exercise)
            like = next((one.questions for (name, _), one in self._encoded.items() if name == exercise), None)
            elsewhere = self._elsewhere(folder, variant)
            questions = make_questions(folder.exercise, folder.secrets, variant, elsewhere, like)
            printed = EncodedBatches(questions, folder.checks_source, self._course.limits)
        self._encoded[exercise, variant] = printed  # the last one used comes last
        while len(self._encoded) > 1 and sum(questions.size for questions in self._encoded.values()) > KEPT_BYTES:
            self._encoded.pop(next(iter(self._encoded))).close()
        return printed

    def _elsewhere(self, folder: ExerciseFolder, variant: int) -> Elsewhere | None:
        gpu = self._gpu
        if gpu is None:
            return None

        def compute(function: Callable[..., Value], call: Call, check: str, case: int) -> Value:
            return gpu.compute(function, call, folder.exercise.probes, f"{folder.name}, {check}", (variant, case))

        return compute

    def _worth(self, exercise: str) -> dict[str, float]:
        """Return the points in this course of each part that the grader or a person examines."""
        return self._folder(exercise).worth(self._course.assignment_of(exercise).exercises[exercise])


def _read(data: bytes, exercise: str) -> Document | None:
    """Return a notebook that lies next to the code, or None if it cannot be read."""
    try:
        return read_document(data, exercise, ".ipynb")
    except Rejected:
        return None
