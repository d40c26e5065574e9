"""What a course writes down about its derivations, and what a check of them comes to.

The course's own classes are only asked to have these attributes; their meaning is described where a course defines
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from autograder.symbolic.second.compare import Equality
from autograder.symbolic.second.scene import SymbolLike
from autograder.text import plural

Progress = Callable[[int, int, str], None]
"""Called with the number done, the number of all, and what comes next."""


class FactLike(Protocol):
    """A statement ``left = right``, at a limit if one is given."""

    @property
    def words(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def left(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def right(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def limit(self) -> tuple[str, ...]: ...  # noqa: D102 - described by the class
    @property
    def sizes(self) -> Sequence[Mapping[str, int]]: ...  # noqa: D102 - described by the class


class SceneLike(Protocol):
    """What formulas are read in: symbols, definitions and the sizes at which they are proved."""

    @property
    def symbols(self) -> Mapping[str, SymbolLike]: ...  # noqa: D102 - described by the class
    @property
    def sizes(self) -> Sequence[Mapping[str, int]]: ...  # noqa: D102 - described by the class


class DerivationLike(SceneLike, Protocol):
    """A quantity, the steps SymPy takes, the stated general formula, and the derivation by hand."""

    @property
    def number(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def part(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def title(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def quantity(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def name(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def steps(self) -> Sequence[tuple[str, ...]]: ...  # noqa: D102 - described by the class
    @property
    def stated(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def definitions(self) -> Mapping[str, str]: ...  # noqa: D102 - described by the class
    @property
    def index(self) -> tuple[str, ...]: ...  # noqa: D102 - described by the class
    @property
    def held_as(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def cases(self) -> Sequence[tuple[str, Mapping[str, str]]]: ...  # noqa: D102 - described by the class
    @property
    def lines(self) -> Sequence[tuple[str, str]]: ...  # noqa: D102 - described by the class
    @property
    def facts(self) -> Sequence[FactLike]: ...  # noqa: D102 - described by the class
    @property
    def conclusion(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def convention(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def notation(self) -> Mapping[str, str]: ...  # noqa: D102 - described by the class
    @property
    def result(self) -> str: ...  # noqa: D102 - described by the class


class PathLike(SceneLike, Protocol):
    """A way along which formulas are compared."""

    @property
    def title(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def words(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def point(self) -> Mapping[str, tuple[str, ...]]: ...  # noqa: D102 - described by the class
    @property
    def parameter(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def to(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def side(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def rows(self) -> tuple[str, ...]: ...  # noqa: D102 - described by the class
    @property
    def limits(self) -> Mapping[str, tuple[str, ...]]: ...  # noqa: D102 - described by the class
    @property
    def leading(self) -> Mapping[str, tuple[str, ...]]: ...  # noqa: D102 - described by the class


class ComparisonLike(SceneLike, Protocol):
    """Formulas side by side along several paths."""

    @property
    def title(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def words(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def formulas(self) -> Mapping[str, str]: ...  # noqa: D102 - described by the class
    @property
    def index(self) -> tuple[str, ...]: ...  # noqa: D102 - described by the class
    @property
    def paths(self) -> Sequence[PathLike]: ...  # noqa: D102 - described by the class
    @property
    def definitions(self) -> Mapping[str, str]: ...  # noqa: D102 - described by the class
    @property
    def facts(self) -> Sequence[FactLike]: ...  # noqa: D102 - described by the class
    @property
    def highlight(self) -> bool: ...  # noqa: D102 - described by the class
    @property
    def conclusion(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def notation(self) -> Mapping[str, str]: ...  # noqa: D102 - described by the class


@dataclass(frozen=True)
class Held:
    """A formula of the course with its verdicts: the stated formula, a line of the derivation, or a fact."""

    words: str
    formula: str
    verdicts: tuple[Equality, ...]

    @property
    def ok(self) -> bool:
        """Whether it is proved wherever it was tried, and tried somewhere."""
        return bool(self.verdicts) and all(v.ok for v in self.verdicts)


class FormulaLike(Protocol):
    """A displayed formula of the text that a course teaches, and the numbers of the derivations that prove it."""

    @property
    def words(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def derivations(self) -> Sequence[str]: ...  # noqa: D102 - described by the class


@dataclass(frozen=True)
class Proved:
    """A displayed formula with the results that prove it; ``missing`` are derivations that are not there."""

    formula: FormulaLike
    results: tuple[Result, ...]
    missing: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is a derivation and all of them hold."""
        return bool(self.results) and not self.missing and all(result.ok for result in self.results)


@dataclass(frozen=True)
class Shown:
    """One step as SymPy took it at the first sizes; ``formula`` is empty where it is too long to read."""

    words: str
    formula: str


@dataclass(frozen=True)
class Result:
    """What the check of one derivation comes to."""

    derivation: DerivationLike
    stated: Held
    lines: tuple[Held, ...] = ()
    facts: tuple[Held, ...] = ()
    trail: tuple[Shown, ...] = ()
    shown_at: str = ""
    engine: Held | None = None

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
class Cell:
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

    path: PathLike
    shown_at: str
    cells: Mapping[str, tuple[Cell, ...]]

    @property
    def ok(self) -> bool:
        """Whether all cells are proved."""
        return all(cell.ok for cells in self.cells.values() for cell in cells)

    def ordered(self, name: str) -> bool:
        """Whether the leading order of a formula is stated in some row."""
        return any(cell.leading for cell in self.cells[name])


@dataclass(frozen=True)
class Compared:
    """What the check of one comparison comes to."""

    comparison: ComparisonLike
    formulas: Mapping[str, DerivationLike]
    tables: tuple[Table, ...] = ()
    facts: tuple[Held, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether everything is proved."""
        return all(table.ok for table in self.tables) and all(fact.ok for fact in self.facts)
