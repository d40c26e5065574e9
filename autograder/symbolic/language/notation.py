"""What readers and printers of formulas share: tokens, letters, and how tightly a node binds."""

from __future__ import annotations

from autograder.plain import dataclass


class NotRead(Exception):
    """A spelling that is not read, or that has two meanings: its column, and what to write instead."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


@dataclass(frozen=True)
class Token:
    """A token: its kind, what it says, its column, and the spaces before it."""

    kind: str
    text: str
    column: int
    gap: str = ""


GREEK: dict[str, str] = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lam": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
"""Names of the language that are Greek letters; ``lam`` because ``lambda`` is a word of Python."""

PRECEDENCE: dict[str, int] = {
    "or": 1, "and": 2, "not": 3, "cmp": 4, "+": 5, "-": 5, "*": 6, "/": 6, "@": 6, "neg": 7, "**": 8,
}  # fmt: skip
"""How tightly a node of the surface tree binds."""

ATOM = 9
"""Binding strength of every node that is not in :data:`PRECEDENCE`: it never needs brackets."""

ACCENTS: dict[str, str] = {"hat": "^", "bar": "¯"}
"""Endings of names that are set as accents: ``yhat``, ``ybar``."""
