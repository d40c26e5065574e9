"""The report as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent, wrap

from autograder.authoring.derivations.words import ComparisonResult, FormulaResult, Proved, Result, Table
from autograder.symbolic.second.compare import Equality

WIDTH = 110
METHOD = (
    "SymPy takes every quantity at concrete sizes and goes through the steps. The first line and the stated formula "
    "are compared with the outcome, every other line with the line before; facts, and equations in the words, are "
    "proved by themselves. The engine proves the formulas of parts for every size. Where two sides differ, a point is "
    "shown at which they do."
)
"""How the report comes about, in words."""
_MARK = {True: "ok", False: "NO"}


def report(results: Sequence[Result], compared: Sequence[ComparisonResult], article: Sequence[Proved] = ()) -> str:
    """Return the whole report: a summary, the formulas of the text, the comparisons, then every derivation."""
    parts = [*_head(results, compared), *_article(article)]
    for comparison in compared:
        parts += ["", *_comparison(comparison)]
    for result in results:
        parts += ["", *_derivation(result)]
    return "\n".join(parts) + "\n"


def _article(article: Sequence[Proved]) -> Iterator[str]:
    if not article:
        return
    held = sum(one.ok for one in article)
    yield ""
    yield from _title(f"The displayed formulas: {held} of {len(article)} proved")
    for one in article:
        yield f"  [{_MARK[one.ok]}] {one.formula.words}"
        yield from (f"         {r.derivation.number}: {r.level}" for r in one.results)
        if one.missing:
            yield f"         no derivation is called {', '.join(one.missing)}"


def summary(results: Sequence[Result], compared: Sequence[ComparisonResult]) -> str:
    """Return one sentence: how much is proved."""
    proved = sum(result.ok for result in results) + sum(comparison.ok for comparison in compared)
    verdicts = [v for held in _all_held(results, compared) for v in held.verdicts]
    verdicts += [
        v for c in compared for t in c.tables for cells in t.cells.values() for cell in cells for v in cell.verdicts
    ]
    good = sum(v.ok for v in verdicts)
    return (
        f"{len(results)} derivations and {len(compared)} comparisons: {proved} of {len(results) + len(compared)} hold; "
        f"{good} of {len(verdicts)} equations proved"
    )


def places(verdicts: Sequence[Equality]) -> str:
    """Return where something was proved: ``K = 2, 3, 4, 5`` for sizes that differ in one number."""
    wheres = list(dict.fromkeys(v.where for v in verdicts if v.where))
    names = {where.split(" = ")[0] for where in wheres}
    if len(names) == 1 and all(where.count(" = ") == 1 and "," not in where for where in wheres):
        return f"{names.pop()} = {', '.join(where.split(' = ')[1] for where in wheres)}"
    sizes = [dict(part.split(" = ") for part in where.split(", ")) for where in wheres if where.count(" = ") > 1]
    if sizes and len(sizes) == len(wheres):
        vectors = ", ".join(f"({', '.join(size.values())})" for size in sizes)
        return f"({', '.join(sizes[0])}) = {vectors}"
    return "; ".join(wheres) or "in general"


def unquoted(words: str) -> str:
    """Return words without the backticks around formulas."""
    return words.replace("`", "")


def _all_held(results: Sequence[Result], compared: Sequence[ComparisonResult]) -> Iterator[FormulaResult]:
    for result in results:
        yield from (result.stated, *result.lines, *result.facts)
    for comparison in compared:
        yield from comparison.facts


def _head(results: Sequence[Result], compared: Sequence[ComparisonResult]) -> list[str]:
    title = "Derivations"
    return [title, "=" * len(title), "", f"{summary(results, compared)}.", "", *wrap(METHOD, WIDTH)]


def _comparison(compared: ComparisonResult) -> Iterator[str]:
    comparison = compared.comparison
    yield from _title(f"[{_MARK[compared.ok]}] {comparison.title}")
    yield from wrap(unquoted(comparison.words), WIDTH)
    yield ""
    for name, derivation in compared.formulas.items():
        yield f"  {name + ':':20} {derivation.stated}    ({derivation.number})"
    for table in compared.tables:
        yield ""
        yield from _table(table)
    if compared.facts:
        yield ""
        for fact in compared.facts:
            yield from _held(fact)
    yield ""
    yield from wrap(f"Conclusion. {unquoted(comparison.conclusion)}", WIDTH)


def _table(table: Table) -> Iterator[str]:
    path = table.path
    yield f"  {unquoted(path.title)}"
    if path.words:
        yield f"  {unquoted(path.words)}"
    at = f" at {table.shown_at}" if table.shown_at else ""
    for name, cells in table.cells.items():
        yield f"    {name}{at}"
        for row, cell in zip(path.rows, cells, strict=True):
            order = f"   ~ {cell.leading}" if cell.leading else ""
            arrow = "->" if path.to else " ="
            yield f"      [{_MARK[cell.ok]}] {unquoted(row) + ':':26} {cell.exact}  {arrow} {cell.limit}{order}"
            yield from (f"           {v.where}: {v.status}. {v.note}" for v in cell.verdicts if not v.ok)


def _derivation(result: Result) -> Iterator[str]:
    derivation = result.derivation
    yield from _title(f"[{_MARK[result.ok]}] {derivation.number}  {derivation.title}")
    if derivation.convention:
        yield from wrap(f"Convention: {unquoted(derivation.convention)}.", WIDTH)
    yield f"  {derivation.name} = {derivation.quantity}"
    for left, right in derivation.definitions.items():
        yield f"    where {left} = {right}"
    at = f" at {result.shown_at}" if result.shown_at else ""
    if any(step.formula for step in result.trail):
        yield f"  SymPy{at}:"
    for step in result.trail:
        if step.formula:
            yield f"    {unquoted(step.words)}: {step.formula}"
    if result.lines:
        yield "  By hand:"
        for line in result.lines:
            yield from _held(line)
    yield "  Stated:"
    yield from _held(result.stated)
    if result.engine is not None:
        yield f"    [{_MARK[result.engine.ok]}] for every size, by the engine: {result.engine.words}"
        yield from (f"         {v.status}. {v.note}" for v in result.engine.verdicts if not v.ok)
    if result.facts:
        yield "  Facts:"
        for fact in result.facts:
            yield from _held(fact)
    if derivation.conclusion:
        yield from wrap(
            f"Conclusion. {unquoted(derivation.conclusion)}", WIDTH, initial_indent="  ", subsequent_indent="  "
        )


def _held(held: FormulaResult) -> Iterator[str]:
    yield f"    [{_MARK[held.ok]}] {held.formula}"
    where = f"proved: {places(held.verdicts)}" if held.ok else "not proved"
    yield from indent("\n".join(wrap(f"{unquoted(held.words)}  ({where})", WIDTH - 9)), " " * 9).splitlines()
    yield from (f"         {v.where or 'in general'}: {v.status}. {v.note}" for v in held.verdicts if not v.ok)


def _title(text: str) -> tuple[str, str]:
    return text, "-" * len(text)
