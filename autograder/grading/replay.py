"""Grade a stored submission again, and explain what changed if the verdict differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from autograder import __version__
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.grading.grader import Grader, Settings
from autograder.intake.loading import read_document
from autograder.intake.source import Rejected
from autograder.store.generations import changed, fingerprint
from autograder.store.people import no_result_of
from autograder.store.records import Record, record_of
from autograder.store.second_opinions import contradicted_in, held_back
from autograder.store.store import Store
from autograder.store.stored import Stored
from autograder.store.waiting import closed, is_closed
from autograder.text import lines_for_terminal


def replay(store: Store, course: Course, student: str, exercise: str, *, unsafe: bool = False) -> tuple[bool, str]:
    """Grade a stored submission again.

    Returns
    -------
    (bool, str)
        Whether the verdict is the same (seconds aside), and the account of it.

    Raises
    ------
    CourseError
        If there is no such result, or its file was not kept.
    """
    found = store.get(student, exercise)
    if found is None:
        raise CourseError(no_result_of(store, student, exercise))
    stored, files = found
    if stored.record.status == "graded" and not files:
        why = "`forget --as` removed it with the name, so the verdict cannot be replayed"
        raise CourseError(f"{student}, {exercise}: the file was removed from the store; {why}")
    if not files or stored.record.sha256 is None:
        raise CourseError(
            f"{student}, {exercise}: nothing was handed in that could be graded ({stored.record.status}); "
            "`autograder show` says why"
        )
    data = store.blob(stored.record.sha256)
    if data is None:
        raise CourseError(
            f"{student}, {exercise}: the file {stored.record.sha256} was removed from the store; grade it again"
        )
    settings = Settings(course.root, unsafe, course.backend)
    companions = [(name, store.blob(sha256) or b"") for name, sha256 in files if name != stored.record.file]
    now = _again(settings, stored.record, data, companions)
    same = _verdict(now) == _verdict(stored.record)
    lines = [f"{student}, {exercise}: " + ("the same verdict" if same else "another verdict")]
    lines += [f"  {line}" for line in _changes(stored.record, now)]
    lines += [f"  {line}" for line in _circumstances(stored, settings, exercise)]
    return same, lines_for_terminal(lines)


def _again(settings: Settings, old: Record, data: bytes, companions: list[tuple[str, bytes]]) -> Record:
    with Grader(settings) as grader:
        variant = grader.variant(old.exercise, old.team or old.student)
        try:
            document = read_document(data, old.exercise, old.suffix)
        except Rejected as error:
            message = f"{old.file}: {error}"
            again = grader.ungraded(
                old.key, "rejected", message, old.file, old.sha256, grader.answer(old.exercise, None, companions)
            )
            return replace(again, notes=old.notes, team=old.team, variant=variant)
        running = grader.as_run(old.exercise, document, companions).source
        report = grader.report(old.exercise, running, variant, grader.answer(old.exercise, document, companions))
        record = record_of(old.key, report, file=old.file, sha256=old.sha256, message=old.message)
        record = replace(record, notes=old.notes, team=old.team)
        # what was written into the record after grading, by rules that no replay can ask again
        record = held_back(record, contradicted_in(old))
        return closed(record) if is_closed(old) else record


def _verdict(record: Record) -> Record:
    return replace(record, seconds=0.0)


def _changes(old: Record, new: Record) -> Iterator[str]:
    yield f"score {old.score:g} of {old.max_score:g}" + (
        "" if (old.score, old.max_score) == (new.score, new.max_score) else f", now {new.score:g} of {new.max_score:g}"
    )
    if old.variant != new.variant:
        yield f"variant {old.variant}, now {new.variant}: the course secret or the number of variants changed"
    before = {part["name"]: part for part in old.parts}
    for part in new.parts:
        was = before.get(part["name"])
        if was is None:
            yield f"{part['name']}: was not examined then"
        elif (was["status"], was["score"]) != (part["status"], part["score"]):
            yield f"{part['name']}: {was['status']} {was['score']:g}, now {part['status']} {part['score']:g}"


def _circumstances(stored: Stored, settings: Settings, exercise: str) -> Iterator[str]:
    if stored.grader != __version__:
        yield f"graded by version {stored.grader}, this is {__version__}"
    yield changed(stored.fingerprint, fingerprint(settings.root, exercise)) or (
        "the course, the reference and the package are unchanged"
    )
    weaker = [one for one in stored.layers.split(", ") if one and not one.endswith(": in force")]
    layers = f"in force, except {', '.join(weaker)}" if weaker else "all layers in force"
    yield f"sandbox then: {layers if stored.layers else 'not known'}"
