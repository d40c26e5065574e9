"""A course of one's own: a folder with ``course.yml`` and one working exercise of a few lines."""

from __future__ import annotations

import json
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from autograder.errors import CourseError


def new_course(place: Path, title: str) -> Path:
    """Make a course.

    Parameters
    ----------
    place : Path
        Its folder: made if it is not there, otherwise without a course so far.
    title : str
        Its title.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    CourseError
        If the folder holds a file of that name already, or cannot be written to; then nothing is changed.
    """
    template = files("autograder.authoring").joinpath("templates", "course")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as aside:
            made = Path(aside) / "course"
            # a JSON string is a YAML string, whatever the title holds
            fill(template, made, {"title": json.dumps(title, ensure_ascii=False)})
            (made / "README.md").write_text(_readme(template, title), encoding="utf-8")
            taken = [file.name for file in made.iterdir() if (place / file.name).exists()]
            if taken:
                raise CourseError(f"{place}: holds {taken[0]} already; choose another folder")
            place.mkdir(exist_ok=True)
            for file in made.iterdir():
                file.rename(place / file.name)
    except OSError as error:
        raise CourseError(f"{place}: cannot be made: {error.strerror}") from None
    return place


def _readme(template: Traversable, title: str) -> str:
    return Template(template.joinpath("README.md.txt").read_text(encoding="utf-8")).safe_substitute(title=title)


def fill(template: Traversable, target: Path, fields: dict[str, str]) -> None:
    """Write the files of a template below a folder, with fields put in; ``gitignore`` gets its dot."""
    target.mkdir(parents=True)
    for entry in template.iterdir():
        if entry.is_dir():
            fill(entry, target / entry.name, fields)
        elif entry.name.endswith(".txt"):
            name = entry.name.removesuffix(".txt").replace("gitignore", ".gitignore")
            name = name.replace("stub.py", f"{fields.get('name', 'stub')}.py")
            text = Template(entry.read_text(encoding="utf-8")).safe_substitute(fields)
            (target / name).write_text(text, encoding="utf-8")
