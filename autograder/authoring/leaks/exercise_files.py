"""The search for the hidden half of an exercise in its own files: what ``verify`` says before a release refuses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograder.authoring.leaks.withheld import Found, Withheld, strings
from autograder.course.declarations import at
from autograder.course.exercises import ExerciseFolder


def problems_of(folder: ExerciseFolder, files: Mapping[str, str], known: Withheld) -> Iterator[str]:
    """Yield what the files of an exercise that students get give away, with the next step."""
    for name, text in files.items():
        found = known.in_program(text) if name.endswith(".py") else known.in_text(text)
        yield from (f"{_line_in(name, text, one)}: holds {described(one)}" for one in dict.fromkeys(found))
    grading, checks = folder.path / "grading.py", folder.path / "checks.py"
    for title, hint in _said(folder):
        found = known.in_text(f"{title}\n{hint}")
        yield from (
            f"{at(grading, title)}: the misconception {title!r} (title or hint) holds {described(one)}"
            for one in dict.fromkeys(found)
        )
    for part, text in _published(folder):
        found = known.in_text(text)
        yield from (
            f"{at(grading, part)}: public.json, which students get, has of {part} {described(one)}"
            for one in dict.fromkeys(found)
        )
    for given in known.idle:
        yield f"{at(checks, given)}: given= declares {given!r}, which nothing hidden matches: remove it"


def _line_in(name: str, text: str, found: Found) -> str:
    """Return the file with the line that holds what was found; a formula may be written with other blanks."""
    wanted = "".join(found.quoted.split())
    lines = ("".join(line.split()) for line in text.splitlines())
    line = next((i for i, one in enumerate(lines, 1) if wanted and wanted in one), None)
    return f"{name}:{line}" if line else name


def _published(folder: ExerciseFolder) -> Iterator[tuple[str, str]]:
    """Yield what students get of each symbolic question, the loss among it."""
    if folder.questions:
        from autograder.symbolic import publish

        yield from ((part, "\n".join(strings(publish(question)))) for part, question in folder.questions.items())


def _said(folder: ExerciseFolder) -> Iterator[tuple[str, str]]:
    """Yield title and hint of every misconception: a student who makes the mistake reads them."""
    yield from ((m.title, m.hint) for secret in folder.secrets.values() for m in secret.misconceptions)
    yield from ((m.title, m.hint) for question in folder.questions.values() for m in question.misconceptions)


def described(found: Found) -> str:
    """Return a finding in words for the author."""
    quoted = f": {found.quoted}" if found.quoted and found.quoted != found.where else ""
    advice = "take it out" if found.what.startswith("an input") else "say it otherwise, or declare it in given="
    return f"{found.what} of {found.where}{quoted}; {advice}"
