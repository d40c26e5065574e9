"""The report as one self-contained HTML page: MathML, no script, nothing fetched.

``templates/page.html.j2`` is the page; here are the formulas that it sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.authoring.derivations import mathml, plaintext
from autograder.authoring.derivations.mathml import Setter, row, wrap
from autograder.authoring.derivations.words import ComparisonResult, Proved, Result, Table, TableEntry
from autograder.symbolic import Derivation, Fact, Path
from autograder.symbolic.second.scene import names


def report(results: Sequence[Result], compared: Sequence[ComparisonResult], article: Sequence[Proved] = ()) -> str:
    """Return the page: a summary, contents, the formulas of the text, the comparisons, then every derivation."""
    pages = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.globals |= {
        "prose": _prose,
        "formula": _formula,
        "equation": _equation,
        "continued": _continued,
        "definition": _definition,
        "fact": _fact,
        "tends": _tends,
        "places": plaintext.places,
        "sizes": _sizes,
        "signal": _signal,
    }
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    numbers = [d.number for c in compared for d in c.formulas.values()]
    return pages.get_template("page.html.j2").render(
        results=results,
        compared=compared,
        article=article,
        by_number=dict.fromkeys(numbers) | {result.derivation.number: result for result in results},
        summary=plaintext.summary(results, compared),
        method=plaintext.METHOD,
        style=Markup(style),
    )


def _prose(words: str, notation: Mapping[str, str]) -> Markup:
    return Markup(mathml.prose(words, notation))


def _formula(text: str, notation: Mapping[str, str]) -> Markup:
    return Markup(wrap(Setter(notation, ()).text(text)))


def _equation(d: Derivation, formula: str) -> Markup:
    """Return a formula with what it is equal to on its left."""
    setter = _setter(d)
    return Markup(wrap(_left(d, setter, formula), "<mo>=</mo>", setter.text(formula)))


def _continued(d: Derivation, formula: str) -> Markup:
    return Markup(wrap("<mo>=</mo>", _setter(d).text(formula)))


def _definition(d: Derivation) -> Markup:
    """Return what the derivation starts from, and the definitions of its names."""
    setter = _setter(d)
    pairs = [(d.name, d.quantity)] if d.quantity != d.name else []
    parts = [wrap(setter.text(n), "<mo>=</mo>", setter.text(f)) for n, f in (*pairs, *d.definitions.items())]
    return Markup("<span class=soft>, &nbsp; </span>".join(parts))


def _fact(fact: Fact, notation: Mapping[str, str]) -> Markup:
    setter = Setter(notation, ())
    inner = setter.text(fact.left)
    if fact.limit:
        inner = row(_limit_sign(setter, fact.limit), inner)
    return Markup(wrap(inner, "<mo>=</mo>", setter.text(fact.right)))


def _tends(path: Path, notation: Mapping[str, str]) -> Markup:
    return Markup(wrap(_limit_sign(Setter(notation, ()), (path.parameter, path.to))))


def _sizes(path: Path) -> str:
    sizes = sorted(next(iter(s.items())) for s in path.sizes if s)
    return f"{sizes[0][0]} = {', '.join(str(number) for _, number in sizes)}" if sizes else "in general"


def _signal(table: Table, at: int, cell: TableEntry) -> str:
    """Return how a cell is coloured where some formulas have lost their signal while others keep it."""
    limits = [cells[at].limit for cells in table.cells.values()]
    if "0" not in limits or all(limit == "0" for limit in limits):
        return ""
    return "zero" if cell.limit == "0" else "alive"


def _setter(d: Derivation) -> Setter:
    return Setter(d.notation, d.arrays)


def _left(d: Derivation, setter: Setter, formula: str) -> str:
    """What a formula is: named by the course, or after the last step that gives it a name.

    The entry of an array carries its subscripts where the formula is in index form.
    """
    if d.result:
        return setter.text(d.result)
    index = list(d.index) if names(formula) & set(d.index) else []
    shapes = {symbol.name: symbol.shape for symbol in d.symbols}
    for verb, *arguments in reversed(d.steps):
        axes = len(shapes[arguments[0]]) if verb == "differentiate" else 0
        of = setter.text(_entry(arguments[0], index[len(index) - axes :] if axes else [])) if arguments else ""
        name = setter.text(_entry(d.name, index[: len(index) - axes]))
        match verb:
            case "differentiate":
                return f"<mfrac>{row('<mo>∂</mo>', name)}{row('<mo>∂</mo>', of)}</mfrac>"
            case "minimise":
                return f"<msup>{of}<mo>⋆</mo></msup>"
            case "minimum":
                return row(f"<munder><mo>min</mo>{of}</munder>", name)
            case "solve":
                return of
            case "limit":
                return row(_limit_sign(setter, tuple(arguments)), name)
            case "expect":
                return row("<mi>𝔼</mi>", "<mo>[</mo>", name, "<mo>]</mo>")
    return setter.text(_entry(d.name, index))


def _entry(name: str, index: Sequence[str]) -> str:
    return f"{name}[{', '.join(index)}]" if index else name


def _limit_sign(setter: Setter, limit: tuple[str, ...]) -> str:
    symbol, to, *side = limit
    where = setter.text(to)
    if side:
        where = f"<msup>{where}<mo>{'−' if side[0] == '-' else '+'}</mo></msup>"
    return f"<munder><mo>lim</mo>{row(setter.text(symbol), '<mo>→</mo>', where)}</munder>"
