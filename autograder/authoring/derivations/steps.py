"""The verbs of a derivation: what SymPy does to the quantity, one function per verb."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from autograder.errors import CourseError
from autograder.symbolic.second.scene import Scene, SympyValue


def _map(function: Callable[[Any], Any], value: SympyValue) -> SympyValue:
    return np.frompyfunc(function, 1, 1)(value) if np.ndim(value) else function(value)


def differentiate(scene: Scene, value: SympyValue, by: str) -> SympyValue:
    """Derivative by a scalar or by every entry of an array; the axes of the variable come last."""
    variable = scene.values[by]
    if not np.ndim(variable):
        return _map(lambda e: sp.diff(e, variable), value)
    out = np.empty((*np.shape(value), *np.shape(variable)), dtype=object)
    for at in np.ndindex(np.shape(variable)):
        out[(..., *at)] = _map(partial(_slope, variable[at]), value)
    return out


def _slope(by: sp.Symbol, e: sp.Expr) -> sp.Expr:
    return sp.diff(e, by)


def expect(scene: Scene, value: SympyValue, over: str, *moments: str) -> SympyValue:
    """Expectation of a polynomial in a random symbol with these moments; entries of an array are independent."""
    variables = list(np.ravel(np.asarray(scene.values[over], dtype=object)))
    means = [sp.Integer(1), *(scene.read(moment) for moment in moments)]

    def mean(e: sp.Expr) -> sp.Expr:
        terms = sp.Poly(sp.expand(e), *variables).terms()
        if any(power >= len(means) for powers, _ in terms for power in powers):
            raise CourseError(f"expect {over}: a moment beyond the {len(moments)} given is needed")
        return sp.expand(sum(c * sp.prod([means[power] for power in powers]) for powers, c in terms))

    return _map(mean, value)


def average(scene: Scene, value: SympyValue, over: str, weight: str, low: str, high: str) -> SympyValue:
    """Mean of a polynomial in ``over`` under a density proportional to ``weight`` on (low, high)."""
    variable = scene.values[over]
    terms = sp.Poly(sp.expand(value), variable).terms()
    bounds = (variable, scene.read(low), scene.read(high))
    exponent = sp.expand(sp.expand_log(sp.log(scene.read(weight)), force=True))
    moments = _normal_moments if exponent.is_polynomial(variable) else _beta_moments
    means = moments(exponent, bounds, max(power for (power,), _ in terms))
    return sp.simplify(sum(c * means[power] for (power,), c in terms))


# SymPy integrates a two-parameter weight in a second and the full expression in half a minute; higher moments follow
# from the normalising integral: x exp(B x) is the derivative by B, x times x^(A-1) is the same weight at A+1.


def _normal_moments(exponent: sp.Expr, bounds: tuple[sp.Symbol, sp.Expr, sp.Expr], highest: int) -> list[sp.Expr]:
    x = bounds[0]
    if sp.degree(exponent, x) != 2:
        raise CourseError(f"average: exp({exponent}) is not a normal density in {x}")
    a, b = sp.Symbol("A", positive=True), sp.Symbol("B", real=True)
    mass = sp.simplify(sp.integrate(sp.exp(-a * x**2 / 2 + b * x), bounds))
    found = {a: -2 * exponent.coeff(x, 2), b: exponent.coeff(x, 1)}
    return [sp.simplify(sp.diff(mass, b, m) / mass).subs(found) for m in range(highest + 1)]


def _beta_moments(exponent: sp.Expr, bounds: tuple[sp.Symbol, sp.Expr, sp.Expr], highest: int) -> list[sp.Expr]:
    x = bounds[0]
    low, high = exponent.coeff(sp.log(x)), exponent.coeff(sp.log(1 - x))
    if sp.expand(exponent - low * sp.log(x) - high * sp.log(1 - x)).has(x):
        raise CourseError(f"average: exp({exponent}) is neither a normal nor a beta density in {x}")
    a, b = sp.symbols("A B", positive=True)
    mass = sp.gammasimp(sp.hyperexpand(sp.integrate(x ** (a - 1) * (1 - x) ** (b - 1), bounds)))
    found = {a: low + 1, b: high + 1}
    return [sp.gammasimp(mass.subs(a, a + m) / mass).subs(found) for m in range(highest + 1)]


def integrate(scene: Scene, value: SympyValue, over: str, low: str, high: str) -> SympyValue:
    """Definite integral."""
    bounds = (scene.values[over], scene.read(low), scene.read(high))
    return _map(lambda e: sp.integrate(e, bounds), value)


def minimise(scene: Scene, value: SympyValue, over: str) -> SympyValue:
    """The one root of the derivative; CourseError if there is another number of them, or it is not a minimum."""
    variable = scene.values[over]
    root = _root(sp.diff(value, variable), variable, f"minimise {over}")
    curvature = sp.simplify(sp.diff(value, variable, 2).subs(variable, root))
    if curvature.is_negative or curvature.is_zero:
        raise CourseError(f"minimise {over}: the second derivative is {curvature}")
    return root


def minimum(scene: Scene, value: SympyValue, over: str) -> SympyValue:
    """The value at the minimiser."""
    return sp.simplify(value.subs(scene.values[over], minimise(scene, value, over)))


def solve(scene: Scene, value: SympyValue, unknown: str) -> SympyValue:
    """The one root of the quantity in ``unknown``."""
    return _root(value, scene.values[unknown], f"solve {unknown}")


def _root(e: sp.Expr, variable: sp.Symbol, verb: str) -> sp.Expr:
    roots = sp.solve(sp.together(e), variable)
    if len(roots) != 1:
        raise CourseError(f"{verb}: {len(roots)} roots instead of one")
    return sp.simplify(roots[0])


def limit(scene: Scene, value: SympyValue, of: str, to: str) -> SympyValue:
    """Limit of every entry."""
    return _map(lambda e: limit_of(e, scene.values[of], scene.read(to)), value)


def limit_of(e: sp.Expr, variable: sp.Symbol, to: sp.Expr, side: str = "+") -> sp.Expr:
    """Limit of one expression; at infinity through the reciprocal, where indeterminate by l'Hopital's rule.

    SymPy's own limit is the fallback: on softmax expressions with several free logits it takes minutes.
    """
    e = sp.piecewise_fold(e).replace(sp.Piecewise, lambda *branches: _branch(branches, variable, to))
    if to == sp.oo:
        h = sp.Symbol("h", positive=True)
        quick = _hopital(e.subs(variable, 1 / h), h)
        return quick if quick is not None else sp.limit(e, variable, sp.oo)
    return sp.limit(e, variable, to, side) if to == -sp.oo or e.has(sp.Piecewise) else _at(e, variable, to, side)


def _branch(branches: tuple[sp.Tuple, ...], variable: sp.Symbol, to: sp.Expr) -> sp.Expr:
    """The branch that holds near the limit, where every condition up to it is decided there and not at its boundary."""
    for value, condition in branches:
        near = condition.subs(variable, to)
        boundary = (
            isinstance(condition, sp.core.relational.Relational)
            and (condition.lhs - condition.rhs).subs(variable, to) == 0
        )
        if near == sp.true and not boundary:
            return value
        if near != sp.false or boundary:
            break
    return sp.Piecewise(*branches)


def _at(e: sp.Expr, variable: sp.Symbol, to: sp.Expr, side: str) -> sp.Expr:
    inserted = e.subs(variable, to)
    if inserted.is_finite and not inserted.has(sp.nan, sp.zoo):
        return sp.simplify(inserted)
    return sp.limit(e, variable, to, side)


def _hopital(e: sp.Expr, h: sp.Symbol) -> sp.Expr | None:
    """Value at h = 0 of a quotient that is smooth there, or None if it is not."""
    top, bottom = sp.fraction(sp.together(e))
    for _ in range(3):
        if any(part.subs(h, 0).has(sp.nan, sp.zoo, sp.oo, -sp.oo) for part in (top, bottom)):
            return None
        high, low = (sp.simplify(part.subs(h, 0)) for part in (top, bottom))
        if low != 0:
            return sp.simplify(high / low)
        if high != 0:
            return None
        top, bottom = sp.diff(top, h), sp.diff(bottom, h)
    return None


def at(scene: Scene, value: SympyValue, name: str, *texts: str) -> SympyValue:
    """Insert values for a symbol, or one for each entry of a vector."""
    names = np.ravel(np.asarray(scene.values[name], dtype=object))
    inserted = dict(zip(names, (scene.read(text) for text in texts), strict=True))
    return _map(lambda e: sp.simplify(e.subs(inserted)), value)


def entry(scene: Scene, value: SympyValue, *position: str) -> SympyValue:
    """One entry of an array, counted from 1."""
    return value[tuple(int(p) - 1 for p in position)]


def insert(scene: Scene, value: SympyValue, name: str, text: str) -> SympyValue:
    """Go on with ``text``, in which ``name`` is the quantity so far."""
    scene.values[name] = value
    return scene.read(text)


VERBS: dict[str, Callable[..., SympyValue]] = {
    verb.__name__: verb
    for verb in (differentiate, expect, average, integrate, minimise, minimum, solve, limit, at, entry, insert)
}
"""The verbs by name."""

PHRASES: dict[str, str] = {
    "differentiate": "differentiate with respect to {0}", "expect": "take the expectation over {0}",
    "average": "average over {0} with weight {1}", "integrate": "integrate over {0} from {1} to {2}",
    "minimise": "minimise over {0}", "minimum": "insert the minimiser over {0}", "solve": "solve for {0}",
    "limit": "let {0} tend to {1}", "at": "insert values for {0}", "entry": "take entry {0}",
    "insert": "form {1}, {0} being the above",
}  # fmt: skip
"""How a report words the verbs; the arguments are formulas."""


def take(scene: Scene, value: SympyValue, step: tuple[str, ...]) -> SympyValue:
    """Take one step.

    Raises
    ------
    CourseError
        If the verb is unknown, its arguments do not fit, or it cannot be carried out.
    """
    verb, *arguments = step
    if verb not in VERBS:
        raise CourseError(f"unknown step {verb!r}; the verbs are {', '.join(VERBS)}")
    try:
        return VERBS[verb](scene, value, *arguments)
    except (TypeError, ValueError, KeyError, IndexError, sp.PolynomialError) as error:
        raise CourseError(f"step {' '.join(step)!r}: {error}") from error
