"""Report while an exercise is verified what the course's own rules would refuse later: file layout, ids of cells."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.release.build import Release
from autograder.text import read_text

IDS = Path("tests") / "grade_ids.txt"
"""Below the course: a line per released cell, where a course keeps such a table."""


def cell_lines(release: Release) -> Iterator[str]:
    """Yield a line per answer and graded cell: assignment, grade_id, type of the cell, kind, points."""
    sources = release.sources()
    for folder in release.folders:
        for cell in json.loads(sources[f"{folder.name}.ipynb"])["cells"]:
            meta = cell["metadata"]["nbgrader"]
            if meta["grade"] or meta["solution"]:
                points = f"{meta['points']:.6g}" if meta["grade"] else "-"
                yield f"{release.assignment.name} {meta['grade_id']} {cell['cell_type']} {_kind(meta)} {points}"


def _kind(meta: dict[str, bool]) -> str:
    if meta["grade"]:
        return "by hand" if meta["solution"] else "graded"
    return "answer" if meta["solution"] else "read only"


def id_problems(root: Path, names: Sequence[str]) -> Iterator[str]:
    """Yield the assignments of some exercises whose released cells are not those of the course's table."""
    if not (root / IDS).is_file():
        return
    pinned = read_text(root / IDS).splitlines()
    course = load_course(root)
    for assignment in course.assignments:
        if not set(names) & set(assignment.exercises):
            continue
        try:
            lines = list(cell_lines(Release.of(course, assignment.name, solved=False)))
        except CourseError as error:
            yield f"{assignment.name} cannot be made into notebooks: {error}"
            continue
        known = [line for line in pinned if line.startswith(f"{assignment.name} ")]
        different = [line for line in (*lines, *known) if (line in lines) != (line in known)]
        if different:
            yield (
                f"{IDS.as_posix()}: the cells of {assignment.name} are others ({different[0]!r}); nbgrader finds "
                "handed-in work by them: before the first release write the table anew, afterwards keep them"
            )


def format_problems(root: Path, names: Sequence[str]) -> Iterator[str]:
    """Yield the files of exercises that the course's formatter would change, where the course has one (ruff)."""
    settings = root / "pyproject.toml"
    if not settings.is_file() or "[tool.ruff" not in read_text(settings):
        return
    command = [sys.executable, "-m", "ruff"] if find_spec("ruff") is not None else [shutil.which("ruff") or ""]
    if not command[0]:
        return
    folders = [str(root / "exercises" / name) for name in names]
    for what, arguments in (
        ("would be laid out otherwise by ruff", ["format", "--check"]),
        ("refused by ruff", ["check", "--output-format=concise"]),
    ):
        ran = subprocess.run([*command, *arguments, *folders], cwd=root, capture_output=True, text=True, check=False)
        if ran.returncode == 1:
            for place, rule in list(_named(ran.stdout))[:5]:
                place = place.removeprefix(f"{root}/")
                yield f"{place}: {what}{f' ({rule})' if rule else ''}; run `ruff {arguments[0]} exercises`"


def _named(said: str) -> Iterator[tuple[str, str]]:
    """Yield file (with line) and rule of what ruff says, in the words of its versions."""
    for line in said.splitlines():
        formatted = re.match(r"Would reformat: (\S+)$|\s*--> (\S+\.py:\d+)", line)
        refused = re.match(r"(\S+\.py:\d+)(?::\d+)?: (.+)$", line)
        if formatted:
            yield formatted[1] or formatted[2], ""
        elif refused:
            yield refused[1], refused[2]
