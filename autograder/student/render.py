"""A student's verdict as text: what holds, one failure explained, what is next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograder.judging.functions import by_cause, with_line
from autograder.model import Failure, PartReport
from autograder.plain import dataclass
from autograder.statuses import BLANK
from autograder.student.check import Checked
from autograder.student.cures import cure_of
from autograder.student.relations import where_wrong
from autograder.text import for_terminal_line, one_of

MARKS = {"correct": "ok", "not_started": "--", "missing": "--"}
WORDS = {
    "correct": "public checks pass",
    "not_started": "not started",
    "missing": "not defined",
    "load_error": "is not there",
}

VERBS = frozenset({
    "returns", "raises", "does", "is", "has", "uses", "needs", "ends", "breaks", "cannot", "must", "changes", "moves",
    "grows", "lies", "depends", "differs", "predicts",
})  # fmt: skip
"""With these a message about the function begins; any other message is a sentence of its own."""


@dataclass(frozen=True)
class Way:
    """How a student asks for more where the verdict is read: formats into which a part's name is put."""

    hint: str
    explain: str
    again: str


BY_HAND = "print what every line gives for a call with few small numbers, and follow each step by hand"
"""What helps against a wrong value of which nothing more is known."""
IN_TERMINAL = Way("autograder hint {}", "autograder check {}", "check again")
IN_NOTEBOOK = Way('from autograder.notebook import hint; hint("{}")', 'check("{}")', "run its cell and this one again")


def as_text(checked: Checked, paint: Paint | None = None, way: Way = IN_TERMINAL, *, explain_all: bool = False) -> str:
    """Return the verdict on one file; the first failing part is explained, or every one."""
    return "\n".join(_lines(checked, paint or Paint(False), way, explain_all))


class Paint:
    """Colours on a terminal, nothing elsewhere."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def __call__(self, text: str, code: str) -> str:
        """Return the text in a colour: an ANSI code such as ``31``."""
        return f"\x1b[{code}m{text}\x1b[0m" if self._on else text


def _lines(checked: Checked, paint: Paint, way: Way, explain_all: bool) -> Iterator[str]:
    exercise = checked.folder.exercise
    yield paint(f"{exercise.name}: {exercise.title}", "1")
    if checked.printed.strip():
        yield "  your code prints:"
        yield from (f"    {for_terminal_line(line)}" for line in checked.printed.rstrip().splitlines()[:20])
    explained: list[str] = []
    width = max((len(part.name) for part in checked.parts), default=0)
    for part in checked.parts:
        mark = MARKS.get(part.status, "no")
        colour = {"ok": "32", "no": "31"}.get(mark, "2")
        yield f"  {paint(mark, colour)}  {part.name.ljust(width)}  {_words(checked, part)}"
        if part.reading:
            yield f"        read as     {for_terminal_line(part.reading)}"
        yield from (f"        derivation  {for_terminal_line(line)}" for line in part.lines)
        if mark == "no" and (explain_all or not explained):
            explained.append(part.name)
            yield from _explain(part, dict(checked.slips).get(part.name, ""))
    by_hand = [part.name for part in checked.folder.exercise.parts if part.kind == "manual"]
    for words, wanted in (("marked by hand", True), ("not examined here", False)):
        names = [name for name in checked.unexamined if (name in by_hand) is wanted]
        if names:
            yield f"  ..  {words}: {', '.join(names)}"
    yield from (f"  note: {for_terminal_line(note)}" for note in checked.notes)
    yield from _end(checked, way, explained)


def _words(checked: Checked, part: PartReport) -> str:
    later = "; values are checked when graded" if part.status == "correct" and part.name in checked.blind else ""
    return WORDS.get(part.status, _first_words(part)) + later


def _first_words(part: PartReport) -> str:
    failed = by_cause(part.outcomes)
    return f"fails: {failed[0].title}" if failed else part.status


def _explain(part: PartReport, slip: str) -> Iterator[str]:
    failure = next((o.failure for o in by_cause(part.outcomes)), None)
    if failure is not None:
        yield from (f"        {line}" for line in failure_lines(failure))
    elif part.message:
        yield f"        because     it {for_terminal_line(part.message)}"
    cure = ""
    if failure is not None:
        shown = {"returned": failure.actual, "expected": failure.expected, "call": failure.call}
        cure = slip or cure_of(failure.message, part.kind, **shown)
        if not cure and part.kind == "function" and failure.actual is not None and failure.abnormal is None:
            cure = where_wrong(failure.actual, failure.expected or "") or BY_HAND
    if cure and not part.misconceptions:
        yield f"        think about {cure}"
    if part.misconceptions:
        yield f"        looks like  {one_of(part.misconceptions)}"
        yield from (f"        think about {hint}" for hint in dict.fromkeys(part.hints))


def failure_lines(failure: Failure) -> Iterator[str]:
    """Yield a failure as call, returned, expected."""
    if failure.call:
        yield f"call        {for_terminal_line(failure.call)}"
    if failure.actual is not None:
        yield f"returned    {for_terminal_line(failure.actual)}"
    if failure.expected is not None:
        yield f"expected    {for_terminal_line(failure.expected)}"
    message = for_terminal_line(failure.message)
    said = with_line(message, failure.line)
    yield f"because     {'it ' if _tells(message) else ''}{said}" if failure.call else message


def _tells(message: str) -> bool:
    """Whether a message says what the function does, so that `it` reads well before it."""
    return message.split(" ", 1)[0].rstrip(":") in VERBS


def _end(checked: Checked, way: Way, explained: Sequence[str]) -> Iterator[str]:
    """Yield what holds, the next step and the one after it: first what fails, then what is not started."""
    parts = checked.parts
    done = sum(part.status == "correct" for part in parts)
    yield ""
    if not parts:
        yield "Nothing here is checked before it is graded."
        return
    if checked.done:
        said = "This part passes its public checks" if done == 1 else f"All {done} parts pass their public checks"
        yield f"{said}; hidden checks follow when your work is graded."
        return
    only = "This part does not pass its public checks yet."
    yield only if len(parts) == 1 else f"{done} of {len(parts)} parts pass their public checks."
    first, *rest = checked.to_do
    if first.status == "load_error":
        yield f"Next: change what is named above, then {way.again}"
        return
    todo = "write" if first.status in BLANK else "change"
    yield f"Next: {todo} {first.name}, then {way.again}; for a hint: {way.hint.format(first.name)}"
    if rest and rest[0].status not in BLANK:
        shown = "explained above" if rest[0].name in explained else f"{way.explain.format(rest[0].name)} explains it"
        yield f"Then: change {rest[0].name}, which fails too; {shown}"
    elif rest:
        yield f"Then: write {rest[0].name}"


def as_json(checked: Checked) -> dict[str, Any]:
    """Return the verdict as JSON data for editors, version 1."""
    return {
        "version": 1,
        "exercise": checked.folder.name,
        "file": str(checked.file),
        "done": checked.done,
        "parts": [_part_json(part) for part in checked.parts],
        "unexamined": list(checked.unexamined),
        "notes": list(checked.notes),
        "values_checked_when_graded": [part.name for part in checked.parts if part.name in checked.blind],
        "printed": checked.printed,
    }


def _part_json(part: PartReport) -> dict[str, Any]:
    return {
        "name": part.name,
        "status": part.status,
        "reading": part.reading or None,
        "latex": part.latex or None,
        "lines": list(part.lines),
        "misconceptions": list(part.misconceptions),
        "hints": list(part.hints),
        "checks": [
            {
                "title": o.title,
                "group": o.group,
                "outcome": o.outcome,
                **(o.failure.as_json() if o.failure else {"message": None}),
            }
            for o in part.outcomes
        ],
    }
