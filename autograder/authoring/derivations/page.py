"""The report as one self-contained HTML page: MathML, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby

from autograder.authoring.derivations import plaintext
from autograder.authoring.derivations.formula import names
from autograder.authoring.derivations.mathml import Setter, prose, row, wrap
from autograder.authoring.derivations.words import (
    Cell,
    Compared,
    ComparisonLike,
    DerivationLike,
    FactLike,
    Held,
    PathLike,
    Result,
    Table,
)

_MARK = {True: "✓", False: "✗"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def report(results: Sequence[Result], compared: Sequence[Compared]) -> str:
    """Return the page: a summary, the list of contents, the comparisons, then every derivation."""
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    by_number = {result.derivation.number: result for result in results}
    body = "\n".join(
        (
            *_head(results, compared),
            *(_comparison(c, at, by_number) for at, c in enumerate(compared)),
            *_derivations(results),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Derivations</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}\n"
        "<footer>A green mark means that SymPy proved the equation, at the sizes it names, when the page was made; "
        "the formula itself is stated for all sizes.</footer>\n</body>\n</html>\n"
    )


def _head(results: Sequence[Result], compared: Sequence[Compared]) -> Iterator[str]:
    yield "<header>"
    yield "<h1>Derivations</h1>"
    yield f'<p class="summary">{escape(plaintext.summary(results, compared))}.</p>'
    yield f"<p>{escape(plaintext.METHOD)}</p>"
    yield "<nav><ol>"
    for at, comparison in enumerate(compared):
        yield f'<li>{_tick(comparison.ok)} <a href="#c{at + 1}">{escape(comparison.comparison.title)}</a></li>'
    for result in results:
        d = result.derivation
        yield (
            f'<li>{_tick(result.ok)} <span class="number">{escape(d.number)}</span> '
            f'<a href="#{escape(d.number)}">{escape(d.title)}</a></li>'
        )
    yield "</ol></nav>\n</header>\n<main>"


def _tick(ok: bool) -> str:
    return f'<span class="badge{"" if ok else " bad"}">{_MARK[ok]}</span>'


def _badge(held_or_cell: Held | Cell, ok: bool) -> str:
    where = plaintext.places(held_or_cell.verdicts)
    short = where if len(where) < 45 else f"{where.count(';') + 1} cases"
    return f'<span class="badge{"" if ok else " bad"}" title="{escape(where)}">{_MARK[ok]} {escape(short)}</span>'


def _notes(held_or_cell: Held | Cell) -> str:
    faults = (v for v in held_or_cell.verdicts if not v.ok)
    return "".join(
        f'<div class="note">{escape(v.where or "in general")}: {escape(v.status)}. {escape(v.note)}</div>'
        for v in faults
    )


# --- one derivation ----------------------------------------------------------------------------------------------


def _derivations(results: Sequence[Result]) -> Iterator[str]:
    yield "<h2>All derivations</h2>"
    for _, group in groupby(results, key=lambda r: r.derivation.number.partition(".")[0]):
        yield from (_derivation(result) for result in group)
    yield "</main>"


def _derivation(result: Result) -> str:
    d = result.derivation
    return "\n".join(
        (
            f'<article id="{escape(d.number)}"{"" if result.ok else " class=bad"}>',
            f'<h3><span class="number">{escape(d.number)}</span> {escape(d.title)} {_tick(result.ok)}</h3>',
            f'<p class="convention">{prose(d.convention, d.notation)} · <code>{escape(d.part)}</code></p>',
            *_inner(result),
            f'<p class="conclusion">{prose(d.conclusion, d.notation)}</p>' if d.conclusion else "",
            "</article>",
        )
    )


def _inner(result: Result) -> Iterator[str]:
    """Definition, lines by hand, stated formula, facts, and what SymPy wrote."""
    d = result.derivation
    yield f'<div class="formula">{_definition(d)}</div>'
    if result.lines:
        yield '<div class="label">derivation</div><div class="scroll"><table class="steps">'
        yield from (_line(line, d, first=at == 0) for at, line in enumerate(result.lines))
        yield "</table></div>"
    ok = result.stated.ok
    yield (
        f'<div class="stated{"" if ok else " bad"}"><div>{_equation(d, d.held_as.format(d.stated))}</div>'
        f"<div>{_badge(result.stated, ok)}</div></div>{_notes(result.stated)}"
    )
    if result.facts:
        yield '<div class="label">what follows</div><div class="scroll"><table class="steps">'
        yield from (
            _fact(held, fact, Setter(d.notation, _arrays(d))) for held, fact in zip(result.facts, d.facts, strict=True)
        )
        yield "</table></div>"
    yield from _trail(result)


def _line(line: Held, d: DerivationLike, first: bool) -> str:
    formula = _equation(d, line.formula) if first else _formula("=", line.formula, d)
    return (
        f'<tr><td class="why">{prose(line.words, d.notation)}</td><td>{formula}{_notes(line)}</td>'
        f'<td class="held">{_badge(line, line.ok)}</td></tr>'
    )


def _fact(held: Held, fact: FactLike, setter: Setter) -> str:
    inner = setter.text(fact.left)
    if fact.limit:
        inner = row(_limit_sign(setter, fact.limit), inner)
    equation = wrap(inner, "<mo>=</mo>", setter.text(fact.right))
    return (
        f'<tr><td class="why">{prose(held.words, setter.notation)}</td><td>{equation}{_notes(held)}</td>'
        f'<td class="held">{_badge(held, held.ok)}</td></tr>'
    )


def _trail(result: Result) -> Iterator[str]:
    shown = [step for step in result.trail if step.formula]
    if len(shown) < 2:
        return
    at = f" at {result.shown_at}" if result.shown_at else ""
    at += ", first entry" if result.derivation.index else ""
    yield f"<details open><summary>What SymPy wrote{escape(at)}</summary>" + '<div class="scroll"><table class="steps">'
    for step in shown:
        words = prose(step.words, result.derivation.notation)
        yield f'<tr><td class="why">{words}</td><td>{_try(step.formula, result.derivation.notation)}</td></tr>'
    yield "</table></div></details>"


def _definition(d: DerivationLike) -> str:
    parts = [_formula(d.name + "=", d.quantity, d)] if d.quantity != d.name else []
    parts += [_formula(f"{left}=", right, d) for left, right in d.definitions.items()]
    return "<span class=soft>, &nbsp; </span>".join(parts)


def _formula(before: str, formula: str, d: DerivationLike) -> str:
    """A formula with what stands before it: ``=`` or ``name=``."""
    setter = Setter(d.notation, _arrays(d))
    name = before.rstrip("=")
    left = setter.text(name) if name else ""
    return wrap(left, "<mo>=</mo>", setter.text(formula))


def _equation(d: DerivationLike, formula: str) -> str:
    setter = Setter(d.notation, _arrays(d))
    return wrap(_left(d, setter, formula), "<mo>=</mo>", setter.text(formula))


def _left(d: DerivationLike, setter: Setter, formula: str) -> str:
    """What a formula is: named by the course, or after the last step that gives it a name.

    The entry of an array carries its subscripts where the formula is in index form.
    """
    if d.result:
        return setter.text(d.result)
    index = list(d.index) if names(formula) & set(d.index) else []
    for verb, *arguments in reversed(list(d.steps)):
        axes = len(d.symbols[arguments[0]].shape) if verb == "differentiate" else 0
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


def _arrays(d: DerivationLike) -> set[str]:
    defined = {name.partition("[")[0] for name in d.definitions if "[" in name}
    return {name for name, symbol in d.symbols.items() if symbol.shape} | defined


def _try(formula: str, notation: Mapping[str, str]) -> str:
    return wrap(Setter(notation, ()).text(formula))


# --- one comparison ----------------------------------------------------------------------------------------------


def _comparison(compared: Compared, at: int, results: Mapping[str, Result]) -> str:
    comparison = compared.comparison
    parts = [
        f'<h2 id="c{at + 1}">{escape(comparison.title)} {_tick(compared.ok)}</h2>',
        f"<p>{prose(comparison.words, comparison.notation)}</p>",
        '<div class="pair">',
        *(_side(name, d, results.get(d.number)) for name, d in compared.formulas.items()),
        "</div>",
        *(_table(table, comparison) for table in compared.tables),
    ]
    if compared.facts:
        parts += ['<div class="label">what follows</div><div class="scroll"><table class="steps">']
        parts += [
            _fact(held, fact, Setter(comparison.notation, ()))
            for held, fact in zip(compared.facts, comparison.facts, strict=True)
        ]
        parts += ["</table></div>"]
    parts += [f'<p class="conclusion"><strong>{prose(comparison.conclusion, comparison.notation)}</strong></p>']
    return "\n".join(parts)


def _side(name: str, d: DerivationLike, result: Result | None) -> str:
    lines = result.lines if result else ()
    steps = "".join(
        f'<div class="formula">{_equation(d, line.formula) if at == 0 else _formula("=", line.formula, d)}'
        f'<div class="why">{prose(line.words, d.notation)}</div></div>'
        for at, line in enumerate(lines)
    )
    return (
        f'<div><div class="label">{escape(name)} · <a href="#{escape(d.number)}">{escape(d.number)}</a></div>'
        f'<div class="formula">{_definition(d)}</div>{steps}'
        f'<div class="formula">{_equation(d, d.stated)}</div></div>'
    )


def _table(table: Table, comparison: ComparisonLike) -> str:
    path = table.path
    setter = Setter(comparison.notation, ())
    ordered = {name: any(cell.leading for cell in cells) for name, cells in table.cells.items()}
    tends = _limit_sign(setter, (path.parameter, path.to)) if path.to else ""
    head, second = ['<th rowspan="2"></th>'], []
    exact = f"exact, {escape(table.shown_at)}" if table.shown_at else "exact"
    for name in table.cells:
        columns = 2 + ordered[name]
        head.append(f'<th class="formula-name first" colspan="{columns}">{escape(name)}</th>')
        second.append(f'<th class="first">{exact}</th>')
        second.append(f"<th>{wrap(tends) if tends else 'value'}</th>")
        second += ["<th>behaves like</th>"] * ordered[name]
    rows = "".join(_row(table, at, ordered, setter, comparison) for at in range(len(path.rows)))
    words = f'<p class="soft">{prose(path.words, comparison.notation)}</p>' if path.words else ""
    badge = f'<span class="badge{"" if table.ok else " bad"}">{_MARK[table.ok]} {escape(_sizes(path))}</span>'
    heads = f"<thead><tr>{''.join(head)}</tr><tr>{''.join(second)}</tr></thead>"
    return (
        f"<h4>{prose(path.title, comparison.notation)} {badge}</h4>{words}"
        f'<div class="scroll"><table class="limits">{heads}<tbody>{rows}</tbody></table></div>'
    )


def _row(table: Table, at: int, ordered: Mapping[str, bool], setter: Setter, comparison: ComparisonLike) -> str:
    starved = comparison.highlight and _starved([cells[at].limit for cells in table.cells.values()])
    cells = (_cells(cells[at], ordered[name], setter, starved) for name, cells in table.cells.items())
    return f"<tr><td>{prose(table.path.rows[at], comparison.notation)}</td>{''.join(cells)}</tr>"


def _starved(limits: Sequence[str]) -> bool:
    """Whether some formulas have lost their signal in this row while others keep it."""
    return "0" in limits and any(limit != "0" for limit in limits)


def _cells(cell: Cell, ordered: bool, setter: Setter, starved: bool) -> str:
    kind = "" if not starved else "zero" if cell.limit == "0" else "alive"
    out = f'<td class="first">{wrap(setter.text(cell.exact))}{_notes(cell)}</td>'
    out += f'<td class="{kind}">{wrap(setter.text(cell.limit))}</td>'
    if ordered:
        out += f"<td>{wrap(setter.text(cell.leading)) if cell.leading else ''}</td>"
    return out


def _sizes(path: PathLike) -> str:
    sizes = sorted(next(iter(s.items())) for s in path.sizes if s)
    return f"{sizes[0][0]} = {', '.join(str(number) for _, number in sizes)}" if sizes else "in general"
