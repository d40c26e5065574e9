"""Write into the statement of an exercise what each function earns, and how a formula is handed in.

The list of points is the checks' and follows the contract of a function; a formula has one line before its example.

    python -m autograder.authoring.statement [NAME ...]

in the course's folder renews both in ``exercises/NAME/README.md`` and prints how long each exercise takes: the stated
minutes next to those of reading and writing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.atomic import replacing
from autograder.course.contract import FORMULAS, FORMULAS_ANCHOR
from autograder.course.exercises import ExerciseFolder, exercise_names, load_exercise
from autograder.exercise import Part
from autograder.judging.points_rule import shares
from autograder.model import Check
from autograder.plain import dataclass

_SECTION = re.compile(r"^(?=## )", re.MULTILINE)
_ANSWER = re.compile(r"^(?:\*Answer:\* (?:.+\n)+\n)?(?=For example, at `)", re.MULTILINE)
_LIST = re.compile(r"^(\[contract\]\(.*\)\n)(?:\n(?:\* .*\n)+)?", re.MULTILINE)


def rewritten(folder: ExerciseFolder) -> str:
    """Return the statement of an exercise with the points of its functions and how its formulas are handed in."""
    sections = _SECTION.split(folder.statement.read_text(encoding="utf-8"))
    for k, section in enumerate(sections):
        name = section.partition("\n")[0].removeprefix("## ").strip("` ")
        if name in folder.secrets:
            lines = "".join(f"{line}\n" for line in earned(folder, folder.exercise.part(name)))
            sections[k] = _LIST.sub(lambda found, lines=lines: f"{found[1]}\n{lines}", section, count=1)
        elif name in folder.questions:
            line = handed_in_as(folder)
            sections[k] = _ANSWER.sub(lambda _, line=line: f"{line}\n\n", section, count=1)
    return "".join(sections)


def handed_in_as(folder: ExerciseFolder) -> str:
    """Return the line that says how a formula is handed in, with a link where the course has a page on it."""
    page = folder.statement.parent.parent / "README.md"
    told = page.is_file() and f"## {FORMULAS}\n" in page.read_text(encoding="utf-8")
    link = f" ([how formulas are written](../README.md#{FORMULAS_ANCHOR}))" if told else ""
    return (
        '*Answer:* return the formula as a string, such as `return "2*x"`, or as LaTeX in a raw string, such as\n'
        f'`return r"\\frac{{x}}{{n}}"`{link}.'
    )


def earned(folder: ExerciseFolder, part: Part) -> Iterator[str]:
    """Yield lines of what a function earns: for right values, for what else it promises, and for its refusals.

    Titles of hidden checks are not among them: the kind of such a check is named.
    """
    checks = (*part.checks, *folder.secrets[part.name].checks)
    held = shares(checks, about=bool(part.about))
    refusals = {check.counts_as or check.name for check in checks if check.role == "refusal"}
    refused = round(part.points * sum(share for name, share in held.items() if name in refusals), 2)
    robust = round(part.points * sum(share for name, share in held.items() if name not in refusals), 2)
    yield f"* **Core, {round(part.points - refused - robust, 2):g} of {part.points:g} points:** the right values."
    if robust:
        yield f"* **Robust, {robust:g} points:** {'; '.join(_promises(part, checks))}."
    if refused:
        yield f"* **Refusals, {refused:g} points:** the errors of the contract."


def _promises(part: Part, checks: tuple[Check, ...]) -> Iterator[str]:
    """Yield what the checks promise that are neither for values nor for refusals; layouts of an argument count once."""
    others = [check for check in checks if check.group != "value" and check.role != "refusal"]
    yield from (check.title for check in others if check in part.checks)
    hidden = [check for check in others if check not in part.checks]
    timed = [check.title for check in hidden if check.group == "scaling"]
    left = [check for check in hidden if check.group != "scaling" and check.role != "layout" and check.name != "mut"]
    if any(check.role == "layout" for check in hidden):
        yield "the same for lists, float32 and strided arrays"
    if any(check.name == "mut" for check in hidden):
        yield "arguments unchanged"
    if any(check.role == "corner" for check in left):
        yield "the special cases under *Robust* above"
    if any(check.role != "corner" for check in left):
        yield "other properties that follow from the definition"
    yield from (f"timed on {title}" if title[0].isdigit() else "the cost named above" for title in timed)


@dataclass(frozen=True)
class Effort:
    """What a student reads and writes in an exercise; ``stated`` are the minutes that the exercise names."""

    words: int
    parts: int
    difficulty: int
    stated: int

    @property
    def measured(self) -> float:
        """Minutes: one for a hundred words of mathematics; for each part ten, and two for each step of difficulty."""
        return self.words / 100 + self.parts * (10 + 2 * self.difficulty)

    @property
    def honest(self) -> bool:
        """Whether the stated minutes are those measured, within a twentieth."""
        return abs(self.stated - self.measured) <= 0.05 * self.measured


def effort(folder: ExerciseFolder) -> Effort:
    """Return how long an exercise takes, by its statement and its parts."""
    one = folder.exercise
    return Effort(len(folder.text().split()), len(one.parts), one.difficulty, one.minutes)


def main(names: list[str]) -> None:
    """Rewrite the statements of some exercises, or of all."""
    root = Path.cwd()
    for name in names or exercise_names(root):
        folder = load_exercise(root, name, hidden=True)
        text = rewritten(folder)
        if text != folder.statement.read_text(encoding="utf-8"):
            with replacing(folder.statement) as file:
                file.write(text)
            print(f"{name}: README.md is rewritten")
    print(f"{'exercise':28} words  parts  difficulty  measured  stated")
    for name in names or exercise_names(root):
        one = effort(load_exercise(root, name, hidden=False))
        verdict = "" if one.honest else "   more than a twentieth apart"
        print(
            f"{name:28} {one.words:5}  {one.parts:5}  {one.difficulty:10}  {one.measured:8.0f}  {one.stated:6}{verdict}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
