"""Remember which hints a student has seen, in ``.autograder/progress.json``; restore a stub."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from autograder.course.exercises import HANDED_OUT, ExerciseFolder
from autograder.course.model import handed_out
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.student.as_notebook import build_notebook, named_section, read_stub
from autograder.student.check import answers_of

PLACE = Path(".autograder") / "progress.json"


def next_hint(root: Path, folder: ExerciseFolder, part: Part) -> tuple[int, str]:
    """Return number and text of a part's next hint and remember that it was shown; the last one repeats.

    Raises
    ------
    CourseError
        If the part has no hints.
    """
    if not part.hints:
        raise CourseError(f"{part.name} has no hints; read its section in the exercise's README.md")
    seen = _load(root)
    key = f"{folder.name}.{part.name}"
    number = min(seen.get(key, 0) + 1, len(part.hints))
    seen[key] = number
    _save(root, seen)
    return number, part.hints[number - 1]


def seen_hints(root: Path, folder: ExerciseFolder, part: Part) -> tuple[str, ...]:
    """Return the hints of a part that were shown already, in their order."""
    return part.hints[: _load(root).get(f"{folder.name}.{part.name}", 0)]


def _load(root: Path) -> dict[str, int]:
    try:
        data = json.loads((root / PLACE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): v for k, v in data.items() if isinstance(v, int)} if isinstance(data, dict) else {}


def _save(root: Path, seen: dict[str, int]) -> None:
    file = root / PLACE
    try:
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(seen, indent=1, sort_keys=True), encoding="utf-8")
    except OSError:
        # hints must work in a folder that cannot be written to; they then start again
        return


def reset(root: Path, folder: ExerciseFolder) -> tuple[tuple[Path, Path | None], ...]:
    """Bring the untouched files of an exercise back; what was changed in them is kept under another name.

    Returns
    -------
    tuple of (Path, Path or None)
        Each file that is untouched again, and where the student's is kept; None where there was none.  Files that
        are untouched already are left as they are.

    Raises
    ------
    CourseError
        If no untouched copy can be found.
    """
    script, notebook = answers_of(root, folder.name)
    untouched: dict[Path, str] = {}
    if script.parent != root:
        untouched[script] = _pristine(root, folder)
    if folder.path.parent.name == HANDED_OUT:  # elsewhere no notebook was handed out, or by an earlier version
        untouched[notebook] = handed_out_notebook(root, folder, flat=script.parent == root)
    done: list[tuple[Path, Path | None]] = []
    for file, text in untouched.items():
        current = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else None
        if current is not None and (current == text or (file == notebook and not _begun(current, text))):
            continue
        ending = "txt" if file == script else "ipynb.txt"
        kept = next(
            p for k in range(1, 10_000) if not (p := file.with_name(f"{folder.name}.kept{k}.{ending}")).exists()
        )
        if current is not None:
            file.rename(kept)
        file.write_text(text, encoding="utf-8")
        done.append((file, kept if current is not None else None))
    return tuple(done)


def _begun(notebook: str, untouched: str) -> bool:
    """Whether the cells of a notebook are others than when it was handed out; outputs and metadata do not count."""

    def cells(text: str) -> list[str]:
        return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]

    try:
        return cells(notebook) != cells(untouched)
    except (ValueError, KeyError, TypeError):
        return True


def handed_out_notebook(root: Path, folder: ExerciseFolder, *, flat: bool) -> str:
    """Return the notebook of an exercise as a handout holds it, made again from its other files."""
    assignment, exercises = handed_out(root)
    points = exercises.get(folder.name, folder.exercise.points)
    scale = points / folder.exercise.points
    worth = {part.name: part.points * scale for part in folder.exercise.parts}
    page = root / "exercises" / "README.md"
    opening = ""
    if folder.name == next(iter(exercises), None) and page.is_file():
        opening = named_section(page.read_text(encoding="utf-8"), assignment)
    return build_notebook(folder, worth, read_stub(folder).functions, at="" if flat else None, opening=opening)


def _pristine(root: Path, folder: ExerciseFolder) -> str:
    if folder.untouched != folder.stub:
        return folder.untouched.read_text(encoding="utf-8")
    place = folder.stub.relative_to(root).as_posix()
    try:
        found = subprocess.run(
            ["git", "-C", str(root), "show", f"HEAD:./{place}"], capture_output=True, check=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CourseError(
            f"no untouched copy of {folder.stub.name} here: this folder is neither a handout nor a clone; "
            "unpack the handout again into another folder"
        ) from error
    return found.stdout.decode("utf-8")
