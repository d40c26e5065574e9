"""Letters and binding strengths that every printer of formulas shares: text, LaTeX and MathML."""

from __future__ import annotations

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
