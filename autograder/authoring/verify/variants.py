"""One code, one mark: right, wrong and borderline answers of an exercise on the hidden inputs of every variant.

The authors' functions run in this process, check by check, without the checks of cost; what is public, and the naming
set, is the same in every variant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from autograder.authoring.verify.kept import remember, remembered
from autograder.authoring.verify.within import within
from autograder.course.exercises import ExerciseFolder, load_exercise
from autograder.errors import CourseError
from autograder.exercise import Hidden
from autograder.judging.functions import shared, telling
from autograder.judging.questions import Asked, PartQuestions, Questions, make_questions
from autograder.judging.watched import watched
from autograder.model import Observation, Value
from autograder.plain import dataclass

KEPT = "variants"
"""Kind of the findings that are kept."""

MOST = 256
"""Variants that are judged; a course with more draws them alike."""

KINDS = ("reference", "alternative", "misconception", "borderline")


@dataclass(frozen=True)
class VariantRow:
    """One answer to a part in all variants: the share of the points, and the variants in which each check fails."""

    part: str
    kind: str
    title: str
    shares: tuple[float, ...]
    failing: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What depends on the variant."""
        count = len(self.shares)
        split = [(name, where) for name, where in self.failing if len(where) < count]
        who = f"{self.part}: {self.kind} {self.title!r}" if self.kind != "reference" else f"{self.part}: the reference"
        said = [f"{who}: the check {name!r} fails in {_listed(where)} only" for name, where in split]
        low, high = min(self.shares), max(self.shares)
        return (*said, f"{who}: earns {low:.0%} to {high:.0%} by the variant") if low < high else tuple(said)


@dataclass(frozen=True)
class Variants:
    """An exercise in all variants."""

    exercise: str
    count: int
    rows: tuple[VariantRow, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What depends on the variant, for each answer."""
        return tuple(problem for row in self.rows for problem in row.problems)


def in_all_variants(folder: ExerciseFolder, count: int) -> Variants:
    """Judge every answer that the author declared in each of ``count`` variants.

    Parameters
    ----------
    folder : ExerciseFolder
        Loaded with its hidden half.
    count : int
        How many variants the course has.

    Raises
    ------
    CourseError
        If inputs cannot be drawn, or an answer does not end.
    """
    with within(folder.path) as again:
        all_questions: list[Questions] = []
        for variant in range(count):
            again()
            all_questions.append(make_questions(folder.exercise, folder.secrets, variant))
        rows = []
        for name, secret in folder.secrets.items():
            for kind, title, function in answers_of(secret):
                rows.append(row_of(folder, all_questions, name, kind, title, function, again))
    return Variants(folder.name, count, tuple(rows))


def answers_of(secret: Hidden) -> Iterator[tuple[str, str, Callable[..., Value]]]:
    """Yield kind, title and function of every answer to a part that its author declared."""
    yield "reference", "", secret.reference
    yield from (("alternative", one.title, one.right) for one in secret.alternatives)
    yield from (("misconception", f"{one.id} {one.title}", one.wrong) for one in secret.misconceptions)
    yield from (("borderline", one.title, one.answer) for one in secret.borderlines)


def known(root: Path, name: str, digest: str, count: int) -> Variants | None:
    """Return what was found of an unchanged exercise in as many variants; None if it was not looked for since."""
    found = remembered(root, KEPT, name, digest, Variants)
    return found if found is not None and found.count == count else None


def keep(root: Path, digest: str, found: Variants) -> None:
    """Keep what was found until something changes."""
    remember(root, KEPT, found.exercise, digest, found)


def _part(questions: Questions, name: str) -> PartQuestions:
    return next(one for one in questions.parts if one.part.name == name)


def row_of(
    folder: ExerciseFolder,
    all_questions: Sequence[Questions],
    name: str,
    kind: str,
    title: str,
    function: Callable[..., Value],
    again: Callable[[], None] = lambda: None,
) -> VariantRow:
    """Judge one function as the answer to a part on the hidden inputs of each variant.

    ``again`` is called before each check, to grant it its time.
    """
    parts = [_part(questions, name) for questions in all_questions]
    first = parts[0]
    failing: dict[str, list[int]] = {}
    shares: list[float] = []

    def seen(asked: Asked) -> list[Observation]:
        again()
        return [watched(function, call, folder.exercise.probes) for call in asked.calls]

    common = len(first.asked)  # from there on the naming set, which everyone is asked
    same = {
        i: seen(one)
        for i, one in enumerate(first.every)
        if i >= common or (one.visibility == "public" and not one.alone)
    }
    for variant, part in enumerate(parts):
        asked = tuple(first.asked[i] if i in same else one for i, one in enumerate(part.asked))
        its = replace(part, asked=asked, naming=first.naming)
        own = {i: seen(one) for i, one in enumerate(asked) if i not in same and not one.alone}
        again()
        judged, share = shared(its, {(name, i): found for i, found in (same | own).items()}, granted=True)
        shares.append(round(share, 9))
        for one, tells in zip(judged, telling(judged), strict=True):
            if tells and not one.ok:  # only the value checks report wrong values
                failing.setdefault(one.check.name, []).append(variant)
    return VariantRow(parts[0].part.name, kind, title, tuple(shares), tuple((n, tuple(w)) for n, w in failing.items()))


def verify_variants(root: Path, name: str, count: int) -> Variants | str:
    """Judge the answers of an exercise in all variants, for a process of its own; an error comes back as its text."""
    try:
        with within(root / "exercises" / name):
            folder = load_exercise(root, name, hidden=True)
        return in_all_variants(folder, count)
    except CourseError as error:
        return str(error)


# --- report --------------------------------------------------------------------------------------------


def as_text(found: Variants) -> str:
    """Return what was found as text: a line for each part, its borderline answers, and what depends on the variant."""
    return "\n".join(_lines(found))


def _lines(found: Variants) -> Iterator[str]:
    problems = len(found.problems)
    verdict = "one verdict for each check" if not problems else f"{problems} verdicts depend on the variant"
    yield f"{found.exercise}: {len(found.rows)} answers in {found.count} variants, {verdict}"
    for part in dict.fromkeys(row.part for row in found.rows):
        rows = [row for row in found.rows if row.part == part]
        counts = ", ".join(f"{sum(row.kind == kind for row in rows)} {kind}" for kind in KINDS)
        yield f"  {part}: {counts}"
        for row in (row for row in rows if row.kind == "borderline"):
            low, high = min(row.shares), max(row.shares)
            share = f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"
            fails = ", ".join(name for name, _ in row.failing) or "nothing"
            yield f"      borderline {row.title!r}: {share} of the points; fails {fails}"
    yield from (f"  PROBLEM {text}" for text in found.problems)


def _listed(variants: Sequence[int]) -> str:
    return f"variant{'s' * (len(variants) > 1)} {', '.join(map(str, variants))}"


def as_json(found: Variants) -> dict[str, Any]:
    """Return what was found as JSON data."""
    return {**asdict(found), "problems": list(found.problems)}
