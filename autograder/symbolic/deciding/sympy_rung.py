"""The last rung: SymPy in a child with limits, for scalar answers on which the other tests are silent.

The expressions cross as JSON trees and are rebuilt node by node; no text is ever handed to SymPy's parser.  Its yes
counts as ``numeric`` at most, its no and its silence leave the answer to a person.
"""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.symbolic.deciding.decide import Decision
from autograder.symbolic.deciding.prepared import Prepared
from autograder.symbolic.language.expr import Expr, walk

_SECONDS = 4
_BYTES = 1 << 30
_WALL = 15


def settle_by_sympy(prepared: Prepared, core: Expr, decision: Decision) -> Decision:
    """Ask SymPy about an undecided scalar answer; return the decision unchanged where it does not settle it."""
    indexed = any(e[0] in ("idx", "sum", "delta", "inv") for e in walk(core))
    if prepared.question.sizes or indexed or "too much work" in decision.reason:
        return decision
    if not agrees(prepared, core):
        return decision
    return Decision("correct", "numeric", reason="settled by SymPy")


def agrees(prepared: Prepared, core: Expr) -> bool:
    """Whether SymPy, in a child with limits, simplifies the difference to 0."""
    symbols = [[s.name, s.integer, s.positive] for s in prepared.question.symbols]
    job = json.dumps({"a": to_json(core), "b": to_json(prepared.truth), "symbols": symbols})
    package = str(Path(__file__).resolve().parents[3])
    command = [sys.executable, "-s", "-m", f"{__package__}.sympy_child"]
    try:
        done = subprocess.run(
            command,
            input=job,
            capture_output=True,
            text=True,
            timeout=_WALL,
            cwd=package,
            env={"PYTHONPATH": package},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == "equal"


def to_json(e: Any) -> Any:
    """Return an expression with fractions as pairs of whole numbers."""
    if isinstance(e, Fraction):
        return {"n": [str(e.numerator), str(e.denominator)]}
    return [to_json(x) for x in e] if isinstance(e, tuple) else e


def limits() -> tuple[int, int]:
    """Processor seconds and bytes of the child."""
    return _SECONDS, _BYTES
