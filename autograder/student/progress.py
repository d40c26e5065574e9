"""What a student has seen: which hints, kept beside the course in ``.autograder/progress.json``; and the stub back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from autograder.course.exercises import Room
from autograder.errors import CourseError
from autograder.exercise import Part

PLACE = Path(".autograder") / "progress.json"


def next_hint(root: Path, room: Room, part: Part) -> tuple[int, str]:
    """Return number and text of a part's next hint and remember that it was shown; the last one repeats.

    Raises
    ------
    CourseError
        If the part has no hints.
    """
    if not part.hints:
        raise CourseError(f"{part.name} has no hints")
    seen = _load(root)
    key = f"{room.name}.{part.name}"
    number = min(seen.get(key, 0) + 1, len(part.hints))
    seen[key] = number
    _save(root, seen)
    return number, part.hints[number - 1]


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


def reset(root: Path, room: Room) -> Path:
    """Bring the untouched stub back; the student's file is kept under the returned name.

    Raises
    ------
    CourseError
        If no untouched copy can be found, or the file is untouched already.
    """
    pristine = _pristine(root, room)
    current = room.stub.read_text(encoding="utf-8") if room.stub.is_file() else None
    if current == pristine:
        raise CourseError(f"{room.stub.name} is untouched already")
    kept = next(p for k in range(1, 10_000) if not (p := room.path / f"{room.name}.kept{k}.txt").exists())
    if current is not None:
        room.stub.rename(kept)
    room.stub.write_text(pristine, encoding="utf-8")
    return kept


def _pristine(root: Path, room: Room) -> str:
    frozen = room.path / "stub.txt"
    if frozen.is_file():
        return frozen.read_text(encoding="utf-8")
    place = room.stub.relative_to(root).as_posix()
    try:
        found = subprocess.run(
            ["git", "-C", str(root), "show", f"HEAD:./{place}"], capture_output=True, check=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CourseError(
            f"no untouched copy of {room.stub.name}: neither {frozen.name} beside it nor a committed version in git"
        ) from error
    return found.stdout.decode("utf-8")
