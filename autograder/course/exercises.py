"""Finding and loading rooms: the public half that students have, and the hidden half that only a grader loads."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, TypeGuard, TypeVar

from autograder.declared import at_line
from autograder.errors import CourseError
from autograder.exercise import Alternative, Borderline, Exercise, Hidden, Misconception, Part
from autograder.model import Check, Probe
from autograder.text import did_you_mean

if TYPE_CHECKING:  # rooms without symbolic parts, and students' checks of numeric parts, never import it
    from autograder.symbolic import Comparison, Derivation, Formula, Question

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Room:
    """One exercise, loaded from the folder ``path`` that declares it.

    ``secrets`` (of function parts), ``questions`` (of symbolic parts), ``derivations`` and ``comparisons`` are empty
    without the hidden half.
    """

    path: Path
    exercise: Exercise
    secrets: Mapping[str, Hidden]
    questions: Mapping[str, Question] = field(default_factory=dict)
    derivations: tuple[Derivation, ...] = ()
    comparisons: tuple[Comparison, ...] = ()

    @property
    def name(self) -> str:
        """Name of the folder, the stub and the notebook."""
        return self.path.name

    @property
    def folder(self) -> Path:
        """The folder where the student writes; in a course it declares the exercise too."""
        return self.path.parents[1] / "exercises" / self.name

    @property
    def stub(self) -> Path:
        """The script where the student writes."""
        return self.folder / f"{self.name}.py"

    @property
    def untouched(self) -> Path:
        """The script as it was handed out; in a course the script itself."""
        released = self.path / "stub.txt"
        return released if released.is_file() else self.stub

    @property
    def statement(self) -> Path:
        """The text of the exercise."""
        beside = self.path / "README.md"
        return beside if beside.is_file() else self.folder / "README.md"

    @property
    def checks_source(self) -> str:
        """Text of ``checks.py``, which registers the probe functions."""
        return (self.path / "checks.py").read_text(encoding="utf-8")

    def worth(self, points: float) -> dict[str, float]:
        """Return what each part earns of an exercise's points in a course: parts that are graded, or marked by hand.

        A formula that nothing can judge, because the hidden half has no question for it, is worth nothing.
        """
        scale = points / self.exercise.points
        graded = (part for part in self.exercise.parts if part.kind != "symbolic" or part.name in self.questions)
        return {part.name: part.points * scale for part in graded}


PICTURES = (".png", ".jpg", ".svg")
DATA = (".csv", ".json", ".npy", ".npz", ".txt", ".tsv", *PICTURES)
"""Endings of the data files and pictures that may lie next to an exercise; they ship with it."""

_MADE = ("public.json", "stub.txt")
_LARGEST, _TOGETHER = 1 << 20, 4 << 20


def is_data(file: Path) -> bool:
    """Whether a file of an exercise is data or a picture."""
    return file.suffix in DATA and file.name not in _MADE and file.is_file()


def data_files(folder: Path) -> dict[str, bytes]:
    """Return the data files and pictures of an exercise by name.

    Raises
    ------
    CourseError
        If one has more than 1 MiB, or all together more than 4 MiB: every student gets them.
    """
    files = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if is_data(file)}
    for name, content in files.items():
        if len(content) > _LARGEST:
            size = len(content) / 2**20
            raise CourseError(f"{folder / name}: has {size:.1f} MiB; a data file may have 1 MiB: draw or shorten it")
    if sum(map(len, files.values())) > _TOGETHER:
        raise CourseError(f"{folder}: the data files have more than 4 MiB together; shorten them")
    return files


HANDED_OUT = "checks"
"""Folder of a handout that declares its exercises; ``exercises/`` then holds only what a student reads and writes."""


def folder_of(root: Path, name: str) -> Path:
    """Return the folder that declares an exercise: ``exercises/NAME``, in a handout ``checks/NAME``."""
    handed_out = root / HANDED_OUT / name
    return handed_out if (handed_out / "checks.py").is_file() else root / "exercises" / name


def room_names(root: Path) -> tuple[str, ...]:
    """Return the names of all rooms of a course, sorted.

    Raises
    ------
    CourseError
        If the course has no folder ``exercises``.
    """
    folder = root / "exercises"
    if not folder.is_dir() and not (root / HANDED_OUT).is_dir():
        raise CourseError(f"{root}: no folder exercises/; run this inside a course, or set AUTOGRADER_COURSE")
    found = (p for p in (*folder.glob("*"), *(root / HANDED_OUT).glob("*")) if (p / "checks.py").is_file())
    return tuple(sorted({p.name for p in found}))


def load_room(root: Path, name: str, *, hidden: bool) -> Room:
    """Load a room.

    Parameters
    ----------
    root : Path
        Folder of the course.
    name : str
        Name of the room.
    hidden : bool
        Whether to load ``grading.py`` and ``derivations.py`` too.

    Raises
    ------
    CourseError
        If the room is not there, a file of it cannot be loaded, or it does not define what it must.
    """
    path = folder_of(root, name)
    if not (path / "checks.py").is_file():
        raise CourseError(f"no exercise {name!r}; there are {', '.join(room_names(root)) or 'none'}")
    exercise = _public(path / "checks.py", _load(root, path / "checks.py"), name)
    if not hidden:
        return Room(path, exercise, {})
    module = _load(root, path / "grading.py")
    _check_library(path / "grading.py", module, (part.name for part in exercise.parts if part.kind == "function"))
    secrets = _declared(path / "grading.py", module, exercise)
    derivations, comparisons = _derived(root, path / DERIVED, exercise)
    for one in derivations:
        if one.question is not None and secrets.setdefault(one.id, one.question) is not one.question:
            raise CourseError(f"{at(path / DERIVED, one.id)}: {one.id!r} is declared twice")
    if not secrets and any(part.kind != "manual" for part in exercise.parts):
        raise CourseError(f"{path / 'grading.py'}: declares no hidden half; write a Hidden for every function part")
    known = [part.name for part in exercise.parts]
    for unknown in [name for name in secrets if name not in known]:
        file = path / (DERIVED if unknown in [one.id for one in derivations] else "grading.py")
        raise CourseError(f"{at(file, unknown)}: checks.py has no part {unknown!r}{did_you_mean(str(unknown), known)}")
    return Room(path, exercise, *_by_kind(path / "grading.py", exercise, secrets), derivations, comparisons)


DERIVED = "derivations.py"
"""The file in which an exercise derives its stated formulas."""


def _derived(root: Path, file: Path, exercise: Exercise) -> tuple[tuple[Derivation, ...], tuple[Comparison, ...]]:
    """Return the derivations of an exercise, numbered like its parts or by letters, and its comparisons."""
    if not file.is_file():
        return (), ()
    module = _load(root, file)
    from autograder.symbolic import Comparison, Derivation

    derivations = _listed(file, module, "DERIVATIONS", Derivation)
    numbers = {part.name: part.number for part in exercise.parts}
    letters = (f"{exercise.number}.{_letters(k)}" for k in itertools.count())
    return (
        tuple(replace(one, number=numbers.get(one.part, "") or next(letters)) for one in derivations),
        _listed(file, module, "COMPARISONS", Comparison),
    )


def load_formulas(root: Path) -> tuple[Formula, ...]:
    """Return the displayed formulas of the text that a course teaches: ``FORMULAS`` of ``exercises/chapter.py``."""
    file = root / "exercises" / "chapter.py"
    if not file.is_file():
        return ()
    from autograder.symbolic import Formula

    return _listed(file, _load(root, file), "FORMULAS", Formula)


def _listed(file: Path, module: ModuleType, name: str, kind: type[T]) -> tuple[T, ...]:
    listed = getattr(module, name, ())
    if not isinstance(listed, tuple | list):
        raise CourseError(f"{file}: {name} is a {type(listed).__name__}; write a tuple of one or more")
    for one in listed:
        if not isinstance(one, kind):
            raise CourseError(f"{file}: {name} holds a {type(one).__name__}; every entry is a {kind.__name__}")
    return tuple(listed)


def _public(file: Path, module: ModuleType, name: str) -> Exercise:
    """Return the exercise that ``checks.py`` declares, with the probes that it registers."""
    exercise = getattr(module, "EXERCISE", None)
    if not isinstance(exercise, Exercise):
        raise CourseError(f"{file}: must define EXERCISE, an Exercise with name={name!r}")
    if exercise.name != name:
        raise CourseError(f"{at(file, exercise.name)}: name: given {exercise.name!r}; allowed: {name!r}")
    checks = [check for part in exercise.parts for check in part.checks]
    _refuse_idle(file, module, [*exercise.parts, *checks], "EXERCISE does not have it")
    probes = getattr(module, "PROBES", {})
    if not isinstance(probes, dict) or not all(isinstance(n, str) and callable(f) for n, f in probes.items()):
        raise CourseError(f"{_assigned(file, 'PROBES')}: PROBES: allowed: a dictionary of functions by name")
    # a student's process reads PROBES, so nothing else is offered to the reference
    return replace(exercise, probes=probes)


def _declared(file: Path, module: ModuleType, exercise: Exercise) -> dict[str, object]:
    """Return the hidden half of every part: what ``grading.py`` declares, with what it registers at its functions."""
    found: dict[str, object] = dict(getattr(module, "GRADING", {}))  # a dict by part name, as in version 0.1
    values = dict.fromkeys(one for one in vars(module).values() if isinstance(one, Hidden) or _is_question(one))
    for value in values:
        name = value.part if isinstance(value, Hidden) else value.id
        if name and found.setdefault(name, value) is not value:
            raise CourseError(f"{at(file, name)}: {name!r} is declared twice")
    functions = dict.fromkeys(one for one in vars(module).values() if hasattr(one, "registered"))
    registered = [one for function in functions for one in function.registered]
    for part, declared in registered:
        hidden = found.get(part)
        if not isinstance(hidden, Hidden) and part in found:
            continue  # the wrong kind of entry is named later
        if not isinstance(hidden, Hidden):
            known = [name for name, value in found.items() if isinstance(value, Hidden)]
            raise CourseError(f"{at(file, part)}: no Hidden for the part {part!r}{did_you_mean(part, known)}")
        try:
            if isinstance(declared, Misconception):
                found[part] = replace(hidden, misconceptions=(*hidden.misconceptions, declared))
            elif isinstance(declared, Borderline):
                found[part] = replace(hidden, borderlines=(*hidden.borderlines, declared))
            else:
                found[part] = replace(hidden, alternatives=(*hidden.alternatives, declared))
        except CourseError as error:
            raise CourseError(f"{at(file, declared.title)}: {part}: {error}") from error
    parts = [one for one in found.values() if isinstance(one, Hidden)]
    used: list[Declaration] = []
    for one in parts:
        used += [*one.checks, *one.misconceptions, *one.alternatives, *one.borderlines]
    if not hasattr(module, "GRADING"):  # version 0.1, whose checks are copied to get names of their own
        _refuse_idle(file, module, used, "no Hidden has it")
    for i, part in enumerate(exercise.parts, 1):
        hidden = found.get(part.name)
        if isinstance(hidden, Hidden):
            wrong = (
                one if one.id else replace(one, id=f"{i}{_letters(k)}") for k, one in enumerate(hidden.misconceptions)
            )
            found[part.name] = replace(hidden, misconceptions=tuple(wrong))
    return found


Declaration = Part | Check | Misconception | Alternative | Borderline


def _refuse_idle(file: Path, module: ModuleType, used: Iterable[Declaration], why: str) -> None:
    """Refuse a part, a check, a misconception or an alternative that is declared and used nowhere."""
    known = {_identity(one) for one in used}
    for name, value in vars(module).items():
        if isinstance(value, Declaration) and _identity(value) not in known:
            raise CourseError(f"{_assigned(file, name)}: {name} is declared, but {why}: add it, or remove it")


def _identity(one: Declaration) -> str | int:
    return one.name if isinstance(one, Part) else id(one)  # a part is copied to get its number


def _assigned(file: Path, name: str) -> str:
    """Return ``file:line`` of the line that gives a name its value."""
    lines = file.read_text(encoding="utf-8").splitlines()
    line = next((i for i, line in enumerate(lines, 1) if line.startswith((f"{name} ", f"{name}:"))), None)
    return f"{file}:{line}" if line else str(file)


def _letters(number: int) -> str:
    """Return a, b, ..., z, za, zb, ..."""
    return "z" * (number // 26) + chr(ord("a") + number % 26)


def _check_library(file: Path, module: ModuleType, parts: Iterable[str]) -> None:
    """Refuse a LIBRARY that is not of the form ``{part: {text of the call: function}}``."""
    library, known = getattr(module, "LIBRARY", {}), list(parts)
    place = _assigned(file, "LIBRARY")
    if not isinstance(library, dict):
        raise CourseError(f"{place}: LIBRARY: allowed: a dictionary of calls by part")
    for part, calls in library.items():
        if part not in known:
            raise CourseError(f"{at(file, part)}: LIBRARY: no function part {part!r}{did_you_mean(str(part), known)}")
        if not isinstance(calls, dict) or not all(isinstance(t, str) and callable(f) for t, f in calls.items()):
            raise CourseError(f"{at(file, part)}: LIBRARY: {part}: allowed: functions by the text of the call")


def _by_kind(
    file: Path, exercise: Exercise, entries: Mapping[str, object]
) -> tuple[dict[str, Hidden], dict[str, Question]]:
    """Return the entries of function parts and those of symbolic parts."""
    secrets: dict[str, Hidden] = {}
    questions: dict[str, Question] = {}
    for name, entry in entries.items():
        kind = exercise.part(name).kind
        if kind == "function" and isinstance(entry, Hidden):
            secrets[name] = entry
        elif kind == "symbolic" and _is_question(entry):
            questions[name] = entry
        else:
            wanted = {"function": "a Hidden", "symbolic": "a Question"}.get(kind, "no entry")
            raise CourseError(f"{at(file, name)}: {name}: a {kind} part has {wanted}, not {type(entry).__name__}")
    for name, secret in secrets.items():
        for where, checks in ((file.with_name("checks.py"), exercise.part(name).checks), (file, secret.checks)):
            for check in checks:
                _arguments_fit(where, name, check, secret, list(exercise.probes))
    return secrets, questions


def _arguments_fit(where: Path, name: str, check: Check, secret: Hidden, known: list[str]) -> None:
    """Refuse written cases with more or fewer arguments than the reference takes, or with an unknown probe."""
    cases = getattr(check, "cases", None)
    given = [case[0] for case in cases] if isinstance(cases, tuple) else getattr(check, "inputs", ())
    try:
        signature = inspect.signature(secret.reference)
    except (TypeError, ValueError):  # a function of another language
        return
    for i, args in enumerate(given if isinstance(given, list | tuple) else (), 1):
        for probe in (one.name for one in args if isinstance(one, Probe) and one.name not in known):
            meant = did_you_mean(probe, known) if known else "; checks.py defines no PROBES"
            raise CourseError(f"{at(where, probe)}: {name}: case {i} of {check.name!r}: no probe {probe!r}{meant}")
        try:
            signature.bind(*args)
        except TypeError:
            taken = ", ".join(one for one in signature.parameters if one != "xp")
            raise CourseError(
                f"{at(where, name)}: {name}: case {i} of {check.name!r} gives {len(args)} arguments; "
                f"{name}({taken}) takes others"
            ) from None


def at(file: Path, word: object) -> str:
    """Return ``file:line`` of the first line on which a word stands in quotes; the file alone if there is none."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = (i for i, line in enumerate(lines, 1) if f'"{word}"' in line or f"'{word}'" in line)
    line = next(found, None)
    return f"{file}:{line}" if line is not None else str(file)


def _is_question(entry: object) -> TypeGuard[Question]:
    if type(entry).__name__ != "Question":  # so that exercises without symbolic parts never import the package
        return False
    from autograder.symbolic import Question

    return isinstance(entry, Question)


def _load(root: Path, file: Path) -> ModuleType:
    if str(root) not in sys.path:
        # grading.py imports the course's reference package
        sys.path.insert(0, str(root))
    if not file.is_file():
        raise CourseError(f"{file}: no such file")
    name = f"exercises.{file.parent.name}.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file, loader=_FromSource(name, str(file)))
    if spec is None or spec.loader is None:
        raise CourseError(f"{file}: cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        # an author's file may fail in any way; the author reads where
        raise at_line(error, file) from error
    return module


class _FromSource(SourceFileLoader):
    """Load a module from its source alone: byte code that is a second old may belong to an earlier text."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the source; the byte code cache is neither read nor written."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)
