"""Run as a program by :mod:`autograder.symbolic.deciding.sympy_rung`: limits itself, then asks SymPy for a verdict."""

from __future__ import annotations

import json
import sys
from typing import Any

from autograder.symbolic.deciding.sympy_rung import limits


def _limit() -> None:
    try:
        import resource
    except ImportError:  # no such limits outside POSIX; the parent's clock still holds
        return
    seconds, size = limits()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def build(e: Any, symbols: dict[str, Any]) -> Any:
    """Return the SymPy expression of a JSON tree."""
    import sympy as sp

    kind = e[0]
    if kind == "num":
        return sp.Rational(int(e[1]["n"][0]), int(e[1]["n"][1]))
    if kind == "const":
        return sp.pi
    if kind == "sym":
        return symbols[e[1]]
    if kind in ("add", "mul"):
        return (sp.Add if kind == "add" else sp.Mul)(*(build(x, symbols) for x in e[1]))
    if kind == "pow":
        return sp.Pow(build(e[1], symbols), build(e[2], symbols))
    if kind == "fn":
        table = {"Abs": sp.Abs, "Min": sp.Min, "Max": sp.Max}
        function = table.get(e[1]) or getattr(sp, e[1])
        args = [build(x, symbols) for x in e[2]]
        return function(args[0], 0) if e[1] == "Heaviside" else function(*args)
    if kind == "pw":
        return sp.Piecewise(*((build(v, symbols), _condition(c, symbols)) for v, c in e[1]))
    raise ValueError(kind)


def _condition(c: Any, symbols: dict[str, Any]) -> Any:
    import sympy as sp

    kind = c[0]
    if kind == "true":
        return sp.true
    if kind == "not":
        return sp.Not(_condition(c[1], symbols))
    if kind in ("and", "or"):
        return (sp.And if kind == "and" else sp.Or)(*(_condition(x, symbols) for x in c[1]))
    relation = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne}[c[1]]
    return relation(build(c[2], symbols), build(c[3], symbols))


def main() -> None:
    """Read a job from standard input and print ``equal`` or ``unknown``."""
    _limit()
    import sympy as sp

    job = json.load(sys.stdin)
    symbols = {n: sp.Symbol(n, real=True, integer=i or None, positive=p or None) for n, i, p in job["symbols"]}
    difference = build(job["a"], symbols) - build(job["b"], symbols)
    print("equal" if sp.simplify(difference) == 0 else "unknown")


if __name__ == "__main__":
    main()
