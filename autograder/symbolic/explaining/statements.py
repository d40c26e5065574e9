"""What a verdict claims, formula by formula, so that a second judge can confirm or contradict it."""

from __future__ import annotations

import re

from autograder.symbolic.explaining.derivation import WrittenDerivation, WrittenPiece
from autograder.symbolic.explaining.grading import FormulaVerdict
from autograder.symbolic.second.statement import Statement

_MOST = 60
"""Lines of one derivation that are judged twice."""


def claims(chain: WrittenDerivation, verdict: FormulaVerdict) -> tuple[Statement, ...]:
    """Return what is claimed of the answer (line 0), and of every line that was judged."""
    found: list[Statement] = []
    if chain.answer is not None and chain.answer.node is not None and verdict.status in ("correct", "wrong"):
        at = verdict.witness.point if verdict.witness is not None else ""
        found.append(_of(chain, chain.answer, verdict.status == "correct", at=at, line=0))
    for piece in chain.pieces:
        if piece is chain.answer or piece.left or piece.node is None or piece.value is None:
            continue
        if piece.asked and piece.status in ("ok", "returns"):
            found.append(_of(chain, piece, True))
        elif piece.asked and piece.status in ("wrong", "follows"):
            found.append(_of(chain, piece, False))
        elif piece.explicit and piece.anchor is not None and piece.anchor.node is not None:
            if piece.status in ("ok", "start", "follows"):
                found.append(_of(chain, piece, True, against=chain.printed(piece.anchor.node)))
            elif piece.status == "wrong":
                found.append(_of(chain, piece, False, against=chain.printed(piece.anchor.node)))
    return tuple(found[:_MOST])


def _of(
    chain: WrittenDerivation,
    piece: WrittenPiece,
    equal: bool,
    *,
    against: str = "",
    at: str = "",
    line: int | None = None,
) -> Statement:
    assert piece.node is not None  # the caller has looked
    value, text = piece.value, chain.printed(piece.node)
    index = chain.question.index if value is None or value.from_array or not value.index else value.index
    names: list[tuple[str, tuple[str, ...], str]] = []
    words = _words(f"{text} {against}")
    for name, named in reversed(chain.names.items()):  # a definition may use those before it
        if named.formula and name in words:
            names.insert(0, (name, named.at, named.formula))
            words |= _words(named.formula)
    return Statement(piece.number if line is None else line, text, equal, against, index, tuple(names), at)


def _words(text: str) -> set[str]:
    """Return the names in a text; ``e`` is one of ``e_k``."""
    found = set(re.findall(r"[A-Za-z]\w*", text))
    return found | {word.rpartition("_")[0] for word in found}
