"""Running the public checks of one exercise on a student's own file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from autograder.course.exercises import ExerciseFolder, exercise_names, load_exercise, with_part
from autograder.course.model import call_limits_of, packages_of
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.intake.as_run import as_run
from autograder.intake.as_text import with_text
from autograder.intake.source import Document, Rejected
from autograder.judging.formulas import judge_public
from autograder.judging.functions import judge_part
from autograder.judging.public_half import blind_parts, published_questions, with_wrong_answers, wrong_answers
from autograder.judging.questions import PartQuestions, public_questions
from autograder.model import Call, Observation, PartReport, Probe
from autograder.plain import dataclass
from autograder.sandbox.lone import observe_lone
from autograder.sandbox.packages import WELL_KNOWN
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Segment
from autograder.statuses import BLANK
from autograder.text import did_you_mean

SUFFIXES = (".py", ".ipynb")
"""Endings of the files that can be checked."""


@dataclass(frozen=True, eq=False)
class Checked:
    """The public verdict on one file: parts in order, what the code printed, and parts not examined yet."""

    folder: ExerciseFolder
    file: Path
    parts: tuple[PartReport, ...]
    printed: str
    unexamined: tuple[str, ...]
    blind: frozenset[str] = frozenset()
    """Parts whose public checks cannot see every mistake that costs most of the points."""
    notes: tuple[str, ...] = ()
    """What a newer Python may understand and this one does not, as when it is graded."""
    slips: tuple[tuple[str, str], ...] = ()
    """Parts whose values are wrong, with what in their code may be the cause."""

    @property
    def done(self) -> bool:
        """Whether every examined part passes its public checks."""
        return all(part.status == "correct" for part in self.parts)

    @property
    def state(self) -> str:
        """``done``, ``not started`` or ``failing``."""
        if self.done:
            return "done"
        fresh = all(part.status in BLANK for part in self.parts)
        return "not started" if fresh else "failing"

    @property
    def next_part(self) -> PartReport | None:
        """The part to work on: the first that fails, else the first that is not started; None if all pass."""
        return next(iter(self.to_do), None)

    @property
    def to_do(self) -> tuple[PartReport, ...]:
        """The parts that do not pass: those that fail, then those that are not started."""
        open_ = [part for part in self.parts if part.status != "correct"]
        return tuple(sorted(open_, key=lambda part: part.status in BLANK))


def exercise_at(root: Path, folder: Path) -> str | None:
    """Return the exercise whose folder this is, or in whose folder it lies."""
    folders = (root / "exercises").resolve()
    place = folder.resolve()
    name = place.relative_to(folders).parts[0] if folders in place.parents else None
    return name if name in exercise_names(root) else None


@dataclass(frozen=True)
class Target:
    """What a command line names: an exercise, the file that answers it, and the parts that are meant (all if none)."""

    exercise: str
    file: Path
    parts: tuple[str, ...] = ()
    own: bool = False
    """Whether the file was named itself, wherever it is."""


def find_target(root: Path, target: str) -> Target:
    """Return what a name or a path on the command line means.

    Raises
    ------
    CourseError
        If it is neither an exercise nor a part nor a readable ``.py`` or ``.ipynb`` named like an exercise.
    """
    names = exercise_names(root)
    path = Path(target)
    name = target if target in names else exercise_at(root, path) if path.is_dir() else None
    if name is not None:
        return Target(name, answers_of(root, name)[0])
    if path.suffix in SUFFIXES:
        if path.stem not in names:
            raise CourseError(f"{target}: the file must be named like its exercise; there are {', '.join(names)}")
        if not path.is_file():
            raise CourseError(f"{target}: no such file")
        return Target(path.stem, path, own=True)
    folder, part = part_named(root, target)
    return Target(folder.name, answers_of(root, folder.name)[0], (part.name,))


def together(targets: Iterable[Target]) -> list[Target]:
    """Return the targets with the parts of one exercise in one place, in the order in which they were named."""
    found: dict[tuple[str, Path], list[Target]] = {}
    for one in targets:
        found.setdefault((one.exercise, one.file), []).append(one)
    joined = []
    for same in found.values():
        parts = dict.fromkeys(name for one in same for name in one.parts)
        joined.append(replace(same[0], parts=tuple(parts) if all(one.parts for one in same) else ()))
    return joined


def part_named(root: Path, name: str, exercise: str | None = None) -> tuple[ExerciseFolder, Part]:
    """Return the part of a name with its exercise, which must be given too where several have such a part.

    Raises
    ------
    CourseError
        If there is none, or several exercises have one.
    """
    if exercise is not None:
        folder = load_exercise(root, exercise, hidden=False)
        return folder, folder.exercise.part(name)
    folders = exercise_names(root)
    found = with_part(root, name)
    if not found:
        if name in folders:
            parts = ", ".join(part.name for part in load_exercise(root, name, hidden=False).exercise.parts)
            raise CourseError(f"{name} is an exercise; name one of its parts: {parts}")
        known = [*folders]
        known += [part.name for one in folders for part in load_exercise(root, one, hidden=False).exercise.parts]
        near = did_you_mean(name, known, listed=0) or f"; the exercises are {', '.join(folders)}"
        raise CourseError(f"no exercise or part {name!r}{near}")
    if len(found) > 1:
        several = ", ".join(folder.name for folder, _ in found)
        raise CourseError(f"{name!r} is a part of {several}: name the exercise ({found[0][0].name})")
    return found[0]


def check_file(root: Path, name: str, file: Path, parts: tuple[str, ...] = ()) -> Checked:
    """Run the public checks of an exercise on a file.

    Parameters
    ----------
    root : Path
        Folder of the course.
    name : str
        The exercise.
    file : Path
        A ``.py`` or ``.ipynb``.
    parts : tuple of str
        Parts to examine, all if none is named.

    Raises
    ------
    CourseError
        If the file cannot be read or the exercise is broken.
    """
    folder = load_exercise(root, name, hidden=False)
    document = read_document(file, name)
    text = file.with_suffix(".md")
    written = [(text.name, text.read_bytes())] if file.suffix == ".py" and text.is_file() else []
    found = check_source(root, folder, with_text(document, written, folder), file, parts)
    if any(part.status == "load_error" for part in found.parts):
        from autograder.intake.contents import notebook_version, syntax_notes

        cells = ((cell.id, cell.text) for cell in document.source.cells)
        version = notebook_version(file.read_bytes()) if file.suffix == ".ipynb" else None
        found = replace(found, notes=syntax_notes(cells, version, "checked"))
    return found


def check_target(root: Path, target: Target | str) -> Checked:
    """Run the public checks on what a command line names: an exercise, its folder, some parts, or a file.

    Raises
    ------
    CourseError
        As :func:`find_target` and :func:`check_file`.
    """
    one = find_target(root, target) if isinstance(target, str) else target
    if one.own:
        return check_file(root, one.exercise, one.file, one.parts)
    return check_exercise(root, one.exercise, one.parts)


def answers_of(root: Path, name: str) -> tuple[Path, Path]:
    """Return the files in which an exercise can be answered: the ``.py`` and the notebook next to it.

    They are in ``exercises/NAME/``; in a release of nbgrader, which has no such folder, next to ``course.yml``.
    """
    folder = root / "exercises" / name
    script = (folder if folder.is_dir() else root) / f"{name}.py"
    return script, script.with_suffix(".ipynb")


def check_exercise(root: Path, name: str, parts: tuple[str, ...] = ()) -> Checked:
    """Run the public checks where an exercise is answered.

    As when both files are handed in, the notebook counts as soon as something is begun in it.

    Raises
    ------
    CourseError
        As :func:`check_file`.
    """
    script, notebook = answers_of(root, name)
    if not notebook.is_file():
        return check_file(root, name, script if script.is_file() or script.parent != root else notebook, parts)
    found = check_file(root, name, notebook)
    if found.state == "not started" and script.is_file():
        return check_file(root, name, script, parts)
    return check_file(root, name, notebook, parts) if parts else found


def check_source(
    root: Path, folder: ExerciseFolder, source: Source, file: Path, parts: tuple[str, ...] = ()
) -> Checked:
    """Run the public checks of an exercise, or of some of its parts, on code that was read from ``file``."""
    all_questions = tuple(p for p in public_questions(folder.exercise, {}) if not parts or p.part.name in parts)
    limits = call_limits_of(root)
    segments = tuple(
        Segment(p.part.name, limits, False, tuple(call for asked in p.asked for call in asked.calls))
        for p in all_questions
    )
    stub = folder.untouched.read_text(encoding="utf-8") if folder.untouched != folder.stub else None
    words = {word for cell in source.cells for word in re.findall(r"\w+", cell.text)}  # "shape" mentions no shap
    packages = () if words.isdisjoint(WELL_KNOWN) else packages_of(root)
    source = as_run(source, [part.name for part in folder.exercise.parts], stub, packages).source
    seen = observe_lone(
        source, Batch(folder.name, segments, _probes(folder, segments)), files=folder.data, show_output=True
    )
    pairs = list(zip(all_questions, seen, strict=True))
    reports = {p.part.name: _judge(p, one) for p, one in pairs if p.part.kind == "function"}
    if any(r.status in ("wrong", "bad_output") for r in reports.values()):
        known = wrong_answers(root, folder)
        reports = {p.part.name: _judge(with_wrong_answers(p, known), one) for p, one in pairs if p.part.name in reports}
    for questions, (one,) in ((p, s) for p, s in pairs if p.part.kind == "symbolic"):
        # a part that is not answered yet needs nothing of what is published
        published = published_questions(root, folder).get(questions.part.name) if one.returned else None
        report = judge_public(questions.part, one, published)
        if report is not None:
            reports[questions.part.name] = report
    wanted = parts or tuple(part.name for part in folder.exercise.parts)
    unexamined = tuple(p.name for p in folder.exercise.parts if p.name in wanted and p.name not in reports)
    in_order = tuple(reports[p.part.name] for p in all_questions if p.part.name in reports)
    slips = tuple((p.name, _slip(source, p.name)) for p in in_order if p.status == "wrong")
    return Checked(folder, file, in_order, seen.printed, unexamined, blind_parts(folder), slips=slips)


def _slip(source: Source, part: str) -> str:
    from autograder.student.cures import slip_in

    return next(filter(None, (slip_in(cell.text, part) for cell in reversed(source.cells))), "")


def read_document(file: Path, name: str) -> Document:
    """Return the code and the texts of a student's own ``.py`` or ``.ipynb``.

    Raises
    ------
    CourseError
        If the file cannot be read, with the reason.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        advice = f"; autograder reset {file.stem} brings the stub back" if isinstance(error, FileNotFoundError) else ""
        raise CourseError(f"{file}: {error.strerror}{advice}") from error
    if file.suffix == ".py":
        from autograder.intake.decode import decode_python
        from autograder.intake.magics import script

        try:
            return Document(Source(f"{name}.py", (Cell("file", script(decode_python(data))[0]),)))
        except Rejected as error:
            raise CourseError(f"{file}: {error}") from error
    from autograder.intake.notebook import read_notebook

    try:
        return read_notebook(data, f"{name}.ipynb")
    except Rejected as error:
        raise CourseError(f"{file}: {error}") from error


def _probes(folder: ExerciseFolder, segments: tuple[Segment, ...]) -> str | None:
    calls: list[Call] = [call for segment in segments for call in segment.calls]
    return folder.checks_source if any(isinstance(a, Probe) for call in calls for a in call.args) else None


def _judge(questions: PartQuestions, seen: list[Observation]) -> PartReport:
    answers, at = {}, 0
    for i, asked in enumerate(questions.asked):
        answers[questions.part.name, i] = seen[at : at + len(asked.calls)]
        at += len(asked.calls)
    return judge_part(questions, answers, questions.part.points)
