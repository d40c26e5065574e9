"""Derivations of several lines: every line against the truth and against the line before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.symbolic.deciding.arithmetic import FLOATS, reals
from autograder.symbolic.deciding.decide import decide
from autograder.symbolic.deciding.evaluate import OverBudget, Work
from autograder.symbolic.deciding.prepared import Prepared, prepare
from autograder.symbolic.deciding.trial import DECIDING, Trial
from autograder.symbolic.explaining.feedback import Recognised, diagnose
from autograder.symbolic.explaining.grading import Verdict, grade
from autograder.symbolic.language.expr import Expr
from autograder.symbolic.language.question import Question, RequiredForm
from autograder.symbolic.language.reading import Reading, read, split_steps
from autograder.symbolic.language.surface import Node, Unreadable

MAX_LINES = 20

_WORK = 4 * DECIDING
"""Of all lines together; the lines after that stay undecided."""

LineStatus = Literal["ok", "start", "wrong", "follows", "returns", "undecided", "unreadable"]


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a derivation.

    ``status``: ``ok`` equals the quantity; ``start`` is the loss itself; ``wrong`` is the first line, or a later one,
    that does not follow from the line before; ``follows`` is wrong but follows from the wrong line before; ``returns``
    equals the quantity but does not follow from the wrong line before, so two errors cancel; ``undecided`` is too much
    work.
    """

    text: str
    status: LineStatus
    plain: str = ""
    latex: str = ""
    misconceptions: tuple[Recognised, ...] = ()
    factor: str | None = None
    message: str = ""


@dataclass(frozen=True, eq=False)
class ChainVerdict:
    """The lines, the number of the first wrong one (from 1), missing forms, and the verdict on the last line."""

    lines: tuple[Line, ...]
    first_wrong: int | None
    missing_forms: tuple[RequiredForm, ...]
    final: Verdict

    @property
    def status(self) -> str:
        """Status of the last line, which scores."""
        return self.final.status


def grade_chain(question: Question, text_or_lines: str | Sequence[str]) -> ChainVerdict:
    """Grade a derivation line by line; lines end at a line end or at ``=``.

    Parameters
    ----------
    question : Question
        With its truth, and with the loss if lines may start from it.
    text_or_lines : str or sequence of str
        The derivation; its last line scores.

    Returns
    -------
    ChainVerdict
    """
    texts = split_steps(text_or_lines) if isinstance(text_or_lines, str) else [t for t in text_or_lines if t.strip()]
    if not texts:
        return ChainVerdict((), None, question.required_forms, grade(question, ""))
    prepared = prepare(question)
    kept = texts[:MAX_LINES] if len(texts) <= MAX_LINES else [*texts[: MAX_LINES - 1], texts[-1]]
    lines: list[Line] = []
    nodes: list[Node] = []
    previous: tuple[Expr, str] | None = None
    work = Work(_WORK)
    for number, text in enumerate(kept):
        reading = read(question, text, steps=True)
        if number == 0 and isinstance(reading, Unreadable) and len(kept) > 1 and reading.code in ("name", "function"):
            continue  # the name of the quantity, as in dL/dz = ...
        line = _line(prepared, text, reading, previous, work)
        lines.append(line)
        if isinstance(reading, Reading):
            nodes.append(reading.node)
            if reading.core is not None:
                previous = (reading.core, line.status)
    final = grade(question, texts[-1])
    wrong = next((k for k, line in enumerate(lines, 1) if line.status == "wrong"), None)
    missing = tuple(form for form in question.required_forms if not any(_shows(node, form) for node in nodes))
    return ChainVerdict(tuple(lines), wrong, missing, final)


def _line(
    prepared: Prepared, text: str, reading: Reading | Unreadable, previous: tuple[Expr, str] | None, work: Work
) -> Line:
    if isinstance(reading, Unreadable):
        return Line(text, "unreadable", message=f"This line cannot be read: {reading}")
    plain, latex = reading.plain, reading.latex
    if reading.core is None:
        return Line(text, "wrong", plain, latex, message=f"The shapes do not fit: {reading.misfit}")
    trial = Trial(prepared, reading.core)
    status = decide(trial).status if work.left > 0 else "undecided"
    work.left -= trial.spent
    if status == "undecided":
        return Line(text, "undecided", plain, latex, message="This step takes too much work to decide.")
    if status == "correct":
        if previous is not None and previous[1] in ("wrong", "follows"):
            return Line(
                text,
                "returns",
                plain,
                latex,
                message="Right, but not a consequence of the line before: two errors cancel.",
            )
        return Line(text, "ok", plain, latex, message="Follows.")
    if prepared.loss is not None and (previous is None or previous[1] == "start") and _same(trial, prepared.loss):
        return Line(text, "start", plain, latex, message="The loss: a starting point.")
    if previous is not None and previous[1] in ("wrong", "follows") and _same(trial, previous[0]):
        return Line(text, "follows", plain, latex, message="Follows from the wrong line before.")
    found = diagnose(trial)
    said = "; ".join(f"{m.title}: {m.hint}" for m in found.misconceptions)
    said = (
        said
        or (f"right up to the factor {found.factor}" if found.factor else "")
        or (f"right only when {found.only_when}" if found.only_when else "")
    )
    message = f"This step is wrong{': ' if said else '.'}{said}"
    return Line(text, "wrong", plain, latex, found.misconceptions, found.factor, message)


def _same(trial: Trial, other: Expr) -> bool:
    """Whether a line equals another one at all points of the numeric test."""
    prepared, work = trial.prepared, Work(DECIDING)
    try:
        for k, (point, places) in enumerate(zip(prepared.points, prepared.places, strict=True)):
            if not prepared.close(trial.floats(k), prepared.values(FLOATS, other, point, places, work)):
                return False
        for point in prepared.real_points[:6]:
            x, y = trial.values(reals(), point), prepared.values(reals(), other, point, work=work)
            if (x is None) != (y is None) or (x is not None and y is not None and not prepared.real_close(x, y)):
                return False
    except OverBudget:
        return False
    return True


def _shows(node: Node, form: RequiredForm) -> bool:
    """Whether a function or an operator of the form stands in a line."""
    stack: list[object] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            if item and item[0] == "call" and item[1] in form.any_of:
                return True
            if item and item[0] in form.any_of and len(item) > 2:
                return True
            stack.extend(item)
    return False
