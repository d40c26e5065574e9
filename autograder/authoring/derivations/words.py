"""The results of checking derivations."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.plain import dataclass
from autograder.symbolic import Comparison, Derivation, Formula, Path
from autograder.symbolic.second.compare import Equality
from autograder.text import plural

ProgressReport = Callable[[int, int, str], None]
"""Called with the number done, the number of all, and what comes next."""


@dataclass(frozen=True)
class FormulaResult:
    """A formula of the course with its verdicts: the stated formula, a line of the derivation, or a fact."""

    words: str
    formula: str
    verdicts: tuple[Equality, ...]

    @property
    def ok(self) -> bool:
        """Whether it is proved wherever it was tried, and tried somewhere."""
        return bool(self.verdicts) and all(v.ok for v in self.verdicts)


@dataclass(frozen=True)
class Proved:
    """A displayed formula with the results that prove it; ``missing`` are derivations that are not there."""

    formula: Formula
    results: tuple[Result, ...]
    missing: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is a derivation and all of them hold."""
        return bool(self.results) and not self.missing and all(result.ok for result in self.results)


@dataclass(frozen=True)
class ShownStep:
    """One step as SymPy took it at the first sizes; ``formula`` is empty where it is too long to read."""

    words: str
    formula: str


@dataclass(frozen=True)
class Result:
    """What the check of one derivation comes to."""

    derivation: Derivation
    stated: FormulaResult
    lines: tuple[FormulaResult, ...] = ()
    facts: tuple[FormulaResult, ...] = ()
    trail: tuple[ShownStep, ...] = ()
    shown_at: str = ""
    engine: FormulaResult | None = None

    @property
    def ok(self) -> bool:
        """Whether everything is proved; ``engine`` is the engine's own proof for every size, where a part asks."""
        more = (self.engine,) if self.engine is not None else ()
        return all(held.ok for held in (self.stated, *self.lines, *self.facts, *more))

    @property
    def level(self) -> str:
        """How far the proof reaches, in words."""
        sizes = [size for size in self.derivation.sizes if size]
        sympy = f"SymPy at {plural(len(sizes), 'size')}" if sizes else "SymPy in general"
        return f"{sympy}; engine: {self.engine.words}" if self.engine is not None else sympy


@dataclass(frozen=True)
class TableEntry:
    """One entry of a comparison's table: exact value along the path, limit, leading order, and the verdicts."""

    exact: str
    limit: str
    leading: str
    verdicts: tuple[Equality, ...]

    @property
    def ok(self) -> bool:
        """Whether limit and leading order are proved."""
        return bool(self.verdicts) and all(v.ok for v in self.verdicts)


@dataclass(frozen=True)
class Table:
    """A path with one cell for each row and formula."""

    path: Path
    shown_at: str
    cells: Mapping[str, tuple[TableEntry, ...]]

    @property
    def ok(self) -> bool:
        """Whether all cells are proved."""
        return all(cell.ok for cells in self.cells.values() for cell in cells)

    def ordered(self, name: str) -> bool:
        """Whether the leading order of a formula is stated in some row."""
        return any(cell.leading for cell in self.cells[name])


@dataclass(frozen=True)
class ComparisonResult:
    """What the check of one comparison comes to."""

    comparison: Comparison
    formulas: Mapping[str, Derivation]
    tables: tuple[Table, ...] = ()
    facts: tuple[FormulaResult, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything is proved."""
        return all(table.ok for table in self.tables) and all(fact.ok for fact in self.facts)
