"""Check that a part asks little besides its mathematics: few refusals, and only cheap corners or its own subject."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.authoring.verify.places import Problems, of_text
from autograder.checks import Raises
from autograder.checks.kinds import REASONS
from autograder.course.exercises import ExerciseFolder
from autograder.judging.points_rule import shares
from autograder.judging.questions import PartQuestions

MOST_REFUSALS = 2
"""Kinds of bad input: shapes that would broadcast silently, and values for which the quantity is undefined."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`$*\[])")
_SIGNATURE = re.compile(r"^(?:`[^`]*`.*|[0-9.]+ )\bpoints?\b.*$", re.MULTILINE)
_WHY = re.compile(r"^\*Why:\*.*?\n\n", re.MULTILINE | re.DOTALL)


def corners(part: PartQuestions) -> Iterator[tuple[str, float]]:
    """Yield every corner with the share of the part that it can cost; one that counts as a value costs all of it."""
    checks = [asked.check for asked in part.asked]
    held = shares(checks, about=bool(part.part.about))
    found = [check for check in checks if check.role == "corner"]
    yield from dict.fromkeys((c.name, held.get(c.counts_as or c.name, 1.0)) for c in found)


def refusals(part: PartQuestions) -> tuple[str, ...]:
    """Return the kinds of bad input that a part must refuse; each input without a reason is one."""
    refused = [asked.check for asked in part.asked if isinstance(asked.check, Raises)]
    kinds = [kind if kind in REASONS else f"{i}, {kind}" for i, check in enumerate(refused) for kind in check.kinds]
    return tuple(dict.fromkeys(kinds))


def unfair(folder: ExerciseFolder, part: PartQuestions, problems: Problems) -> Iterator[tuple[str, str]]:
    """Yield what a part asks too much, with the place."""
    kinds = refusals(part)
    if len(kinds) > MOST_REFUSALS:
        yield (
            f"{len(kinds)} kinds of input must be refused; {MOST_REFUSALS} at most: write raises(shapes=[...], "
            "undefined=[...]) in checks.py, and try nothing else",
            "",
        )
    about = part.part.about
    for asked in part.asked:
        if asked.check.role == "corner" and asked.check.group == "value" and not about:
            yield (
                f"the corner {asked.check.name!r} counts as a value; say what the part is about: Part(about=...), "
                "in words of its first sentence",
                problems.of_check(asked.check, asked.visibility),
            )
    if about and about not in (first := first_sentence(folder.text(), part.part.name)):
        yield (
            f"it is about {about!r}, which its first sentence does not say: {first!r}",
            of_text(folder.path / "README.md", f"## {part.part.name}"),
        )


def first_sentence(statement: str, part: str) -> str:
    """Return the first sentence of a part's section, its points and its reason aside; empty where there is none."""
    section = re.search(rf"^## +`?{re.escape(part)}`? *$(.*?)(?=^## |\Z)", statement, re.MULTILINE | re.DOTALL)
    text = _WHY.sub("", _SIGNATURE.sub("", section[1], count=1), count=1).strip() if section else ""
    return " ".join(_SENTENCE.split(" ".join(text.split()), maxsplit=1)[0].split())
