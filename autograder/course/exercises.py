"""Finding and loading exercises: the public half that students have, and the hidden half that only a grader loads."""

from __future__ import annotations

import ast
import importlib.util
import itertools
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, TypeVar

from autograder.course.contract import give_docstrings, stated
from autograder.course.declarations import at, by_kind, check_library, hidden_half, letters_of, public_half
from autograder.course.model import memory_of
from autograder.declared import at_line
from autograder.errors import CourseError
from autograder.exercise import Exercise, Hidden, Part
from autograder.plain import dataclass
from autograder.text import did_you_mean, part_of, refuse_zeros

if TYPE_CHECKING:  # exercises without symbolic parts, and students' checks of numeric parts, never import it
    from autograder.symbolic import Comparison, Derivation, Formula, Question

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class ExerciseFolder:
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
        nearby = self.path / "README.md"
        return nearby if nearby.is_file() else self.folder / "README.md"

    @property
    def data(self) -> tuple[Path, ...]:
        """The data files, which a submission finds in its working folder."""
        return data_of(self.path)

    def text(self) -> str:
        """Return the text of the exercise with the contracts of its parts in their places.

        Raises
        ------
        CourseError
            If it cannot be read.
        """
        try:
            return stated(self.statement.read_text(encoding="utf-8"), self.stub.name, self.untouched)
        except (OSError, UnicodeDecodeError) as error:
            raise CourseError(f"{self.statement}: cannot be read: {error}") from None

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


def data_of(folder: Path) -> tuple[Path, ...]:
    """Return the data files of an exercise, pictures left out; none if the folder does not exist."""
    return tuple(file for file in sorted(folder.glob("*")) if is_data(file) and not file.name.endswith(PICTURES))


def data_files(folder: Path) -> dict[str, bytes]:
    """Return the data files and pictures of an exercise by name.

    Raises
    ------
    CourseError
        If one has more than 1 MiB, or all together more than 4 MiB: every student gets them.
    """
    try:
        files = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if is_data(file)}
    except OSError as error:
        raise CourseError(f"{error.filename}: cannot be read: {error.strerror}") from None
    for name, content in files.items():
        if len(content) > _LARGEST:
            size = len(content) / 2**20
            raise CourseError(f"{folder / name}: has {size:.1f} MiB; a data file may have 1 MiB: draw or shorten it")
    if sum(map(len, files.values())) > _TOGETHER:
        raise CourseError(f"{folder}: the data files have more than 4 MiB together; shorten them")
    return files


def all_data(root: Path) -> dict[str, bytes]:
    """Return the data files of all exercises of a course: a submission finds them in its working folder.

    Raises
    ------
    CourseError
        If a file is too large, or two exercises have different files of one name.
    """
    found: dict[str, tuple[Path, bytes]] = {}
    for name in exercise_names(root):
        folder = folder_of(root, name)
        for file, data in data_files(folder).items():
            other, same = found.setdefault(file, (folder, data))
            if same != data:
                raise CourseError(f"{folder / file}: {other.name} has another file of this name; rename one of them")
    return {name: data for name, (_, data) in found.items() if not name.endswith(PICTURES)}


HANDED_OUT = "checks"
"""Folder of a handout that declares its exercises; ``exercises/`` then holds only what a student reads and writes."""


def folder_of(root: Path, name: str) -> Path:
    """Return the folder that declares an exercise: ``exercises/NAME``, in a handout ``checks/NAME``."""
    handed_out = root / HANDED_OUT / name
    return handed_out if (handed_out / "checks.py").is_file() else root / "exercises" / name


def exercise_names(root: Path) -> tuple[str, ...]:
    """Return the names of all exercises of a course, sorted.

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


def with_part(root: Path, name: str) -> list[tuple[ExerciseFolder, Part]]:
    """Return the exercises that have a part of this name, each with the part."""
    quoted = (f'"{name}"', f"'{name}'")
    found: list[tuple[ExerciseFolder, Part]] = []
    for one in exercise_names(root):
        text = (folder_of(root, one) / "checks.py").read_text(encoding="utf-8")
        if any(q in text for q in quoted):  # loading only the exercises that can be meant saves a second
            folder = load_exercise(root, one, hidden=False)
            found += [(folder, part) for part in folder.exercise.parts if part.name == name]
    return found


def load_exercise(root: Path, name: str, *, hidden: bool) -> ExerciseFolder:
    """Load an exercise.

    Parameters
    ----------
    root : Path
        Folder of the course.
    name : str
        Name of the exercise.
    hidden : bool
        Whether to load ``grading.py`` and ``derivations.py`` too.

    Raises
    ------
    CourseError
        If the exercise is not there, a file of it cannot be loaded, or it does not define what it must.
    """
    path = folder_of(root, name)
    if not (path / "checks.py").is_file():
        end = part_of(name, [one.name for one, _ in with_part(root, name)])
        raise CourseError(f"no exercise {name!r}" + (end or f"; there are {', '.join(exercise_names(root)) or 'none'}"))
    exercise = public_half(path / "checks.py", _load(root, path / "checks.py"), name)
    if not hidden:
        return ExerciseFolder(path, exercise, {})
    exercise = replace(exercise, memory=memory_of(root))
    module = _load(root, path / "grading.py")
    check_library(path / "grading.py", module, (part.name for part in exercise.parts if part.kind == "function"))
    secrets = hidden_half(path / "grading.py", module, exercise)
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
    functions, questions = by_kind(path / "grading.py", exercise, secrets)
    folder = ExerciseFolder(path, exercise, functions, questions, derivations, comparisons)
    if folder.untouched.is_file():
        give_docstrings(folder.untouched, functions)
    return folder


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
    letters = (f"{exercise.number}.{letters_of(k)}" for k in itertools.count())
    return (
        tuple(replace(one, number=numbers.get(one.part, "") or next(letters)) for one in derivations),
        _listed(file, module, "COMPARISONS", Comparison),
    )


def code_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder that are code: Python, and the kernels of a GPU."""
    return itertools.chain(folder.rglob("*.py"), folder.rglob("*.cu"))


def shared_modules(root: Path, name: str) -> tuple[Path, ...]:
    """Return the files of the course that an exercise imports, but for its own folder and the reference, sorted.

    A package is returned whole.  The files are read and not run.
    """
    found: dict[str, tuple[Path, ...]] = dict.fromkeys(("reference", "autograder", f"exercises.{name}"), ())
    there = sorted(path.stem for path in root.iterdir() if path.stem.isidentifier() and path.stem not in found)
    waiting = [*folder_of(root, name).glob("*.py")]
    while waiting:
        for module in _imported(waiting.pop(), there) - found.keys():
            place = root.joinpath(*module.split("."))
            found[module] = tuple(place.rglob("*.py")) if place.is_dir() else ()
            found[module] += tuple(file for file in (place.with_suffix(".py"),) if file.is_file())
            waiting += found[module]
    return tuple(sorted({file for files in found.values() for file in files}))


def _imported(file: Path, there: list[str]) -> set[str]:
    """Return the modules that a file names in its imports: by their first name, below ``exercises`` by two."""
    try:
        data = file.read_bytes()
        if not re.search(rf"^\s*(?:from|import)\b.*\b(?:{'|'.join(there)})\b".encode(), data, re.MULTILINE):
            return set()  # most files, and parsing takes long
        tree = ast.parse(data)
    except (OSError, SyntaxError, ValueError):  # loading it says what is wrong
        return set()
    names = [one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [f"{node.module}.{one.name}" for one in node.names]
    return {".".join(name.split(".")[: 2 if name.startswith("exercises.") else 1]) for name in names}


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
        data = self.get_data(path)
        refuse_zeros(path, data)
        return self.source_to_code(data, path)
