"""What verification found, as data, JSON and text with the kill matrix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Literal, get_args

from autograder.exercise import Part
from autograder.plain import dataclass

ShownBy = Literal["values", "law", "check", "formula"]


@dataclass(frozen=True)
class MisconceptionResult:
    """One misconception against the checks of its part.

    ``caught_by`` names the checks that fail; ``recognisable`` says whether one of them is not a check of cost alone;
    ``named`` whether the grader then names it, ``together_with`` what it cannot tell from it; ``unseen`` whether it
    costs more than half of its part and passes every public check.  ``shown_by`` says what names it: its ``values`` on
    the naming set, a ``law`` that its numbers do not follow, a ``check`` of a corner or a contract, its ``formula``.
    """

    id: str
    title: str
    caught_by: tuple[str, ...]
    recognisable: bool
    named: bool
    together_with: tuple[str, ...]
    score: float
    unseen: bool = False
    shown_by: ShownBy | Literal[""] = ""

    @property
    def ok(self) -> bool:
        """Whether it is caught, and named where it can be."""
        return bool(self.caught_by) and (self.named or not self.recognisable)


@dataclass(frozen=True)
class PartResult:
    """Everything verified about one part; ``problems`` are the promises that do not hold, each with its place.

    Of a symbolic part ``proof`` is the level at which the truth is accepted, ``alternatives`` are its other forms, and
    ``table`` is the best score of garbage.  ``judging`` are the processor seconds of judging the reference's answers;
    ``library`` says what likely calls of a library get, ``corners`` what share of the part each corner can cost, and
    ``refusals`` are the kinds of bad input that must raise an error.
    """

    name: str
    number: str
    kind: str
    points: float
    examined: bool
    checks: tuple[str, ...] = ()
    seconds: tuple[tuple[str, float], ...] = ()
    reference: float = 0.0
    strict: float | None = None
    stub: str = ""
    table: float = 0.0
    alternatives: tuple[tuple[str, float], ...] = ()
    misconceptions: tuple[MisconceptionResult, ...] = ()
    problems: tuple[str, ...] = ()
    proof: str | None = None
    judging: float = 0.0
    library: tuple[tuple[str, str], ...] = ()
    corners: tuple[tuple[str, float], ...] = ()
    refusals: tuple[str, ...] = ()

    @classmethod
    def unexamined(cls, part: Part) -> PartResult:
        """Return what is known of a part before it is examined."""
        return cls(part.name, part.number, part.kind, part.points, examined=False)


@dataclass(frozen=True)
class ExerciseResult:
    """An exercise's parts and the promises of the exercise as a whole that do not hold.

    Of the displayed formulas of its statement ``held`` equal a reference; ``unchecked`` says why each other was not
    compared.
    """

    name: str
    number: str
    title: str
    points: float
    parts: tuple[PartResult, ...]
    problems: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    broken: bool = False
    """Whether it could not be verified at all."""
    held: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

    @property
    def all_problems(self) -> tuple[str, ...]:
        """Problems of the exercise and of its parts."""
        return (*self.problems, *(text for part in self.parts for text in part.problems))

    @property
    def cost(self) -> float:
        """Processor seconds of the calls of all checks at the reference's speed."""
        return sum(s for part in self.parts for _, s in part.seconds)

    @property
    def judging(self) -> float:
        """Processor seconds of judging the references' answers."""
        return sum(part.judging for part in self.parts)


def as_json(folders: Sequence[ExerciseResult]) -> dict[str, Any]:
    """Return the results of a verification as JSON data, version 1."""
    wrong = [m for folder in folders for part in folder.parts for m in part.misconceptions]
    return {
        "version": 1,
        "ok": not any(folder.all_problems for folder in folders),
        "rooms": len(folders),
        "parts": sum(len(folder.parts) for folder in folders),
        "examined": sum(part.examined for folder in folders for part in folder.parts),
        "symbolic": sum(part.examined and part.kind == "symbolic" for folder in folders for part in folder.parts),
        "points": sum(folder.points for folder in folders),
        "misconceptions": len(wrong),
        "caught": sum(bool(m.caught_by) for m in wrong),
        "recognisable": sum(m.recognisable for m in wrong),
        "named": sum(m.named for m in wrong),
        "named_by": {by: sum(m.named and m.shown_by == by for m in wrong) for by in get_args(ShownBy)},
        "never_named": [
            {"exercise": folder.name, "part": part.name, "id": m.id, "title": m.title, "caught_by": list(m.caught_by)}
            for folder in folders
            for part in folder.parts
            for m in part.misconceptions
            if not m.recognisable
        ],
        "unseen": sum(m.unseen for m in wrong),
        "exercises": [
            asdict(folder)
            | {
                "cost": round(folder.cost, 4),
                "judging": round(folder.judging, 4),
                "problems": list(folder.all_problems),
            }
            for folder in folders
        ],
    }


def as_text(folder: ExerciseResult, *, matrix: bool = True) -> str:
    """Return an exercise's result as text, with the kill matrix."""
    return "\n".join(_lines(folder, matrix))


def verdict(problems: int) -> str:
    """Say whether every promise holds, or how many do not."""
    if not problems:
        return "every promise holds"
    return "1 promise does not hold" if problems == 1 else f"{problems} promises do not hold"


def _lines(folder: ExerciseResult, matrix: bool) -> Iterator[str]:
    if folder.broken:
        yield f"{folder.name}: cannot be verified"
        yield from (f"  PROBLEM {text}" for text in folder.all_problems)
        return
    kept = verdict(len(folder.all_problems))
    yield f"{folder.number} {folder.name}: {folder.title} ({folder.points:g} points, {kept})"
    for part in folder.parts:
        if not part.examined:
            yield f"  {part.number} {part.name}: {part.kind} part, {part.points:g} points, not examined yet"
            continue
        if part.proof is not None:
            yield _formula_line(part)
            continue
        wrong = part.misconceptions
        named = sum(m.named for m in wrong)
        others = len(part.alternatives)
        yield (
            f"  {part.number} {part.name}: reference {part.reference:g}/{part.points:g}, "
            f"{others} alternative{'s' * (others != 1)}, {sum(bool(m.caught_by) for m in wrong)} of {len(wrong)} "
            f"misconceptions caught, {named} of {sum(m.recognisable for m in wrong)} recognisable named"
        )
        corners = ", ".join(f"{name} {share:.1%}" for name, share in part.corners) or "none"
        yield f"      corners and what they can cost: {corners}; kinds of refused input: {len(part.refusals)}"
        if matrix and wrong:
            yield from _matrix(part)
        unseen = [f"{m.id} {m.title}" for m in wrong if m.unseen]
        if unseen:
            yield f"      pass in public and cost more than half (check says so): {'; '.join(unseen)}"
        never = [f"{m.id} {m.title}" for m in wrong if m.caught_by and not m.recognisable]
        if never:
            yield f"      never named, since only a check that runs alone sees them: {'; '.join(never)}"
        yield from (f"      {text} (likely call): {what}" for text, what in part.library)
    costs = sorted(((s, f"{part.name}.{name}") for part in folder.parts for name, s in part.seconds), reverse=True)
    yield (
        f"  processor time at the reference's speed: {folder.cost:.3f} s of calls and {folder.judging:.3f} s "
        "of judging; costliest: " + ", ".join(f"{name} {seconds:.3f} s" for seconds, name in costs[:3])
    )
    yield from (f"  given on purpose: {text}" for text in folder.given)
    if folder.held or folder.unchecked:
        yield f"  displayed formulas: {len(folder.held)} compared with a reference, {len(folder.unchecked)} not checked"
    if matrix and folder.unchecked:
        yield from (f"      not checked: {text}" for text in folder.unchecked)
        yield r"      one is checked if it begins with a function: \mathrm{name}(x, y) = ..."
    yield from (f"  PROBLEM {text}" for text in folder.all_problems)


def _formula_line(part: PartResult) -> str:
    wrong, others = part.misconceptions, part.alternatives
    return (
        f"  {part.number} {part.name}: truth {part.reference:g}/{part.points:g} (proof: {part.proof}), "
        f"{sum(score == part.points for _, score in others)} of {len(others)} other forms accepted, "
        f"{sum(bool(m.caught_by) for m in wrong)} of {len(wrong)} misconceptions refused, "
        f"{sum(m.named for m in wrong)} named"
    )


def _matrix(part: PartResult) -> Iterator[str]:
    names = list(dict.fromkeys(part.checks))
    yield "      " + "misconception".ljust(46) + " ".join(name[:8].rjust(8) for name in names) + "  named"
    for wrong in part.misconceptions:
        cells = " ".join(("x" if name in wrong.caught_by else ".").rjust(8) for name in names)
        told = "yes" if wrong.named else "no" if wrong.recognisable else "-"
        yield "      " + f"{wrong.id} {wrong.title}"[:45].ljust(46) + cells + f"  {told}"
