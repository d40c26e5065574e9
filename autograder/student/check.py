"""Running the public checks of one exercise on a student's own file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.course.exercises import Room, load_room, room_names
from autograder.course.model import packages_of
from autograder.errors import CourseError
from autograder.intake.as_run import as_run
from autograder.judging.formulas import judge_public
from autograder.judging.functions import judge_part
from autograder.judging.public_half import fingerprints, questions, with_fingerprints
from autograder.judging.questions import PartPaper, public_papers
from autograder.model import Call, Limits, Observation, PartReport, Probe
from autograder.sandbox.lone import observe_lone
from autograder.sandbox.packages import WELL_KNOWN
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Segment, Sheet

SUFFIXES = (".py", ".ipynb")


@dataclass(frozen=True, eq=False)
class Checked:
    """The public verdict on one file: parts in order, what the code printed, and parts not examined yet."""

    room: Room
    file: Path
    parts: tuple[PartReport, ...]
    printed: str
    unexamined: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether every examined part passes its public checks."""
        return all(part.status == "correct" for part in self.parts)

    @property
    def state(self) -> str:
        """``done``, ``not started`` or ``failing``."""
        if self.done:
            return "done"
        fresh = all(part.status in ("not_started", "missing") for part in self.parts)
        return "not started" if fresh else "failing"


def room_at(root: Path, folder: Path) -> str | None:
    """Return the exercise whose folder this is, or in whose folder it lies."""
    rooms = (root / "exercises").resolve()
    place = folder.resolve()
    name = place.relative_to(rooms).parts[0] if rooms in place.parents else None
    return name if name in room_names(root) else None


def find_target(root: Path, target: str) -> tuple[str, Path]:
    """Return exercise and file for a name or a path on the command line.

    Raises
    ------
    CourseError
        If it is neither an exercise nor a readable ``.py`` or ``.ipynb`` named like one.
    """
    names = room_names(root)
    path = Path(target)
    name = target if target in names else room_at(root, path) if path.is_dir() else None
    if name is not None:
        return name, answers_of(root, name)[0]
    if path.suffix in SUFFIXES:
        if path.stem not in names:
            raise CourseError(f"{target}: the file must be named like its exercise; there are {', '.join(names)}")
        if not path.is_file():
            raise CourseError(f"{target}: no such file")
        return path.stem, path
    import difflib

    near = difflib.get_close_matches(target, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(names)}"
    raise CourseError(f"no exercise {target!r}{hint}")


def check_file(root: Path, name: str, file: Path) -> Checked:
    """Run the public checks of an exercise on a file.

    Parameters
    ----------
    root : Path
        Folder of the course.
    name : str
        The exercise.
    file : Path
        A ``.py`` or ``.ipynb``.

    Raises
    ------
    CourseError
        If the file cannot be read or the room is broken.
    """
    room = load_room(root, name, hidden=False)
    return check_source(root, room, read_source(file, name), file)


def check_target(root: Path, target: str) -> Checked:
    """Run the public checks on what a command line names: an exercise, its folder, or a file.

    Raises
    ------
    CourseError
        As :func:`find_target` and :func:`check_file`.
    """
    name, file = find_target(root, target)
    return check_file(root, name, file) if Path(target).suffix in SUFFIXES else check_exercise(root, name)


def answers_of(root: Path, name: str) -> tuple[Path, Path]:
    """Return the files in which an exercise can be answered: the ``.py`` and the notebook beside it."""
    script = root / "exercises" / name / f"{name}.py"
    return script, script.with_suffix(".ipynb")


def check_exercise(root: Path, name: str) -> Checked:
    """Run the public checks where an exercise is answered.

    As when both files are handed in, the notebook counts as soon as something is begun in it.

    Raises
    ------
    CourseError
        As :func:`check_file`.
    """
    script, notebook = answers_of(root, name)
    if not notebook.is_file():
        return check_file(root, name, script)
    found = check_file(root, name, notebook)
    return check_file(root, name, script) if found.state == "not started" and script.is_file() else found


def check_source(root: Path, room: Room, source: Source, file: Path, parts: tuple[str, ...] | None = None) -> Checked:
    """Run the public checks of a room, or of some of its parts, on code that was read from ``file``."""
    papers = tuple(p for p in public_papers(room.exercise, {}) if parts is None or p.part.name in parts)
    segments = tuple(
        Segment(p.part.name, Limits(), False, tuple(call for asked in p.asked for call in asked.calls)) for p in papers
    )
    released = room.path / "stub.txt"
    stub = released.read_text(encoding="utf-8") if released.is_file() else None
    mentioned = any(name in cell.text for cell in source.cells for name in WELL_KNOWN)
    packages = packages_of(root) if mentioned else ()
    source = as_run(source, [part.name for part in room.exercise.parts], stub, packages).source
    seen = observe_lone(source, Sheet(room.name, segments, _probes(room, segments)), show_output=True)
    pairs = list(zip(papers, seen, strict=True))
    reports = {p.part.name: _judge(p, one) for p, one in pairs if p.part.kind == "function"}
    if any(r.status in ("wrong", "bad_output") for r in reports.values()):
        known = fingerprints(root, room)
        reports = {p.part.name: _judge(with_fingerprints(p, known), one) for p, one in pairs if p.part.name in reports}
    for paper, (one,) in ((p, s) for p, s in pairs if p.part.kind == "symbolic"):
        # a part that is not answered yet needs nothing of what is published
        published = questions(root, room).get(paper.part.name) if one.returned else None
        report = judge_public(paper.part, one, published)
        if report is not None:
            reports[paper.part.name] = report
    unexamined = tuple(p.name for p in room.exercise.parts if p.name not in reports and parts is None)
    in_order = tuple(reports[p.part.name] for p in papers if p.part.name in reports)
    return Checked(room, file, in_order, seen.printed, unexamined)


def read_source(file: Path, name: str) -> Source:
    """Return the code of a student's own ``.py`` or ``.ipynb``.

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
        from autograder.intake.source import Rejected

        try:
            return Source(f"{name}.py", (Cell("file", decode_python(data)),))
        except Rejected as error:
            raise CourseError(f"{file}: {error}") from error
    from autograder.intake.notebook import read_notebook
    from autograder.intake.source import Rejected

    try:
        return read_notebook(data, f"{name}.ipynb").source
    except Rejected as error:
        raise CourseError(f"{file}: {error}") from error


def _probes(room: Room, segments: tuple[Segment, ...]) -> str | None:
    calls: list[Call] = [call for segment in segments for call in segment.calls]
    return room.checks_source if any(isinstance(a, Probe) for call in calls for a in call.args) else None


def _judge(paper: PartPaper, seen: list[Observation]) -> PartReport:
    answers, at = {}, 0
    for i, asked in enumerate(paper.asked):
        answers[paper.part.name, i] = seen[at : at + len(asked.calls)]
        at += len(asked.calls)
    return judge_part(paper, answers, paper.part.points)
