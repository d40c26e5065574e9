"""Check a derivation: SymPy takes the steps at every size, and the course's formulas are compared with the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import sympy as sp

from autograder.authoring.derivations.steps import PHRASES, limit_of, take
from autograder.authoring.derivations.words import (
    ComparisonResult,
    FormulaResult,
    ProgressReport,
    Proved,
    Result,
    ShownStep,
    Table,
    TableEntry,
)
from autograder.errors import CourseError
from autograder.symbolic import Comparison, Derivation, Fact, Formula, Path, Symbol
from autograder.symbolic.deciding.decide import decide
from autograder.symbolic.deciding.prepared import prepare
from autograder.symbolic.deciding.trial import Trial
from autograder.symbolic.explaining.chain import grade_chain
from autograder.symbolic.explaining.grading import contradiction
from autograder.symbolic.language.printing import plain
from autograder.symbolic.language.question import Question
from autograder.symbolic.language.reading import expression
from autograder.symbolic.language.steps import at_equals
from autograder.symbolic.second.compare import Equality, equal
from autograder.symbolic.second.scene import Scene, SympyValue, names, tree
from autograder.text import plural

_READABLE = 45
"""Operations up to which an expression of SymPy is shown."""


def check(derivation: Derivation) -> Result:
    """Derive at every size, and compare what is written with the outcome.

    The first line is compared with what SymPy derives, every other line with the line before, and the stated formula
    with what SymPy derives; facts are proved by themselves, and so are equations between backticks in a reason or a
    conclusion.  The engine reads the lines too, as those of a student, and proves the stated formula of a part for
    every size where it can.

    A fault of the description (a formula that cannot be read, a step that cannot be taken) is a verdict of status
    ``error``.
    """
    stated: list[Equality] = []
    lines: list[list[Equality]] = [_repeated(derivation, k) for k in range(len(derivation.lines))]
    trail: tuple[ShownStep, ...] = ()
    for sizes in derivation.sizes:
        where = _where(sizes)
        try:
            scene = Scene(derivation.symbols, sizes, derivation.definitions)
            values = _derive(scene, derivation)
            value = values[-1]
            trail = trail or _trail(derivation, values)
            stated += _loss_is_met(scene, derivation, values, where)
            stated += _hold(scene, derivation, value, derivation.held_as.format(derivation.stated), where)
            for verdicts, (_, text) in zip(lines, derivation.lines, strict=True):
                verdicts += _hold(scene, derivation, value, text, where)
                value = _value_of(scene, derivation, text, value)
        except CourseError as error:
            stated.append(Equality(where, "error", str(error)))
    for verdicts, seen in zip(lines, _lines_by_engine(derivation), strict=True):
        verdicts += seen
    question = derivation.question
    return Result(
        derivation,
        FormulaResult("stated formula", derivation.stated, tuple(stated)),
        tuple(FormulaResult(why, text, tuple(v)) for (why, text), v in zip(derivation.lines, lines, strict=True)),
        (*(_fact(fact, derivation, derivation.definitions) for fact in derivation.facts), *_claims(derivation)),
        trail,
        _where(derivation.sizes[0]) if derivation.sizes else "",
        *([_by_engine(question, derivation.stated)] if question is not None else []),
    )


def _repeated(derivation: Derivation, k: int) -> list[Equality]:
    """Return the problem of a line that repeats the line before: it derives nothing."""
    try:
        same = k > 0 and plain(tree(derivation.lines[k][1])) == plain(tree(derivation.lines[k - 1][1]))
    except CourseError:
        return []  # it is reported where it is read at a size
    return [Equality("", "error", "it repeats the line before; write another form, or delete it")] if same else []


def _loss_is_met(scene: Scene, derivation: Derivation, values: Sequence[SympyValue], where: str) -> Iterator[Equality]:
    """The loss of the question is on the way where the derivation starts from something else."""
    loss = derivation.question.loss if derivation.question is not None else None
    if loss is None or loss == derivation.quantity:
        return
    met = scene.read(loss, _held_in(loss, derivation.index))
    if not any(np.shape(met) == np.shape(value) and equal(value, met, where).ok for value in values):
        yield Equality(where, "differs", f"no step gives the loss of the question, {loss}")


def _lines_by_engine(derivation: Derivation) -> list[list[Equality]]:
    """What the engine says of every line for every size; nothing where it reads a line differently or not at all."""
    found: list[list[Equality]] = [[] for _ in derivation.lines]
    question = derivation.question
    if question is None or derivation.held_as != "{}":
        return found
    given = [f"{name} = {text}" for name, text in derivation.definitions.items() if "[" not in name]
    texts = [text for _, text in derivation.lines]
    for line in grade_chain(question, [*given, *texts, question.truth]).lines:
        place = line.number - 1 - len(given)
        if 0 <= place < len(texts) and line.status in ("wrong", "follows", "returns", "other"):
            found[place].append(Equality("every size", "differs", "the engine: not equal to the stated formula"))
    return found


def _value_of(scene: Scene, derivation: Derivation, text: str, before: SympyValue) -> SympyValue:
    """The value of a line, with which the next one is compared; the one before where it has none."""
    try:
        return scene.read(text, derivation.index)
    except CourseError:
        return before


def _held_in(text: str, index: tuple[str, ...]) -> tuple[str, ...]:
    """Return the indices that occur in a formula."""
    held = names(text)
    return tuple(i for i in index if i in held)


def _by_engine(question: Question, stated: str) -> FormulaResult:
    """The engine's proof that the stated formula is the answer of the part, for every size where its bound holds."""
    try:
        decision = decide(Trial(prepare(question), expression(question, stated)))
    except ValueError as error:
        return FormulaResult("not read", stated, (Equality("every size", "error", str(error)),))
    if decision.status == "wrong":
        note = decision.witness.text if decision.witness is not None else decision.reason
        return FormulaResult("refuted", stated, (Equality("every size", "differs", note),))
    if decision.status == "undecided":
        return FormulaResult("not decided", stated, (Equality("every size", "undecided", decision.reason),))
    wrong = contradiction(question)
    if wrong is not None:
        return FormulaResult("refuted", stated, (Equality("every size", "differs", wrong),))
    sizes = f", equal at {plural(decision.sizes, 'combination')} of sizes" if decision.sizes else ""
    return FormulaResult(f"{decision.proof}{sizes}", stated, (Equality("every size", "proved"),))


def _claims(derivation: Derivation) -> Iterator[FormulaResult]:
    """Check equations between backticks in the reasons and in the conclusion."""
    for words in (*(why for why, _ in derivation.lines), derivation.conclusion):
        for formula in words.split("`")[1::2]:
            sides = at_equals(formula)
            if len(sides) == 2 and all(side.strip() for side in sides):
                claim = Fact(words="as the words say", left=sides[0], right=sides[1])
                yield _fact(claim, derivation, derivation.definitions)


def check_all(
    derivations: Sequence[Derivation],
    comparisons: Sequence[Comparison] = (),
    progress: ProgressReport | None = None,
) -> tuple[tuple[Result, ...], tuple[ComparisonResult, ...]]:
    """Check everything in order; ``progress`` is called before each one."""
    total = len(derivations) + len(comparisons)
    tell = progress or (lambda done, of, label: None)
    results = []
    for done, derivation in enumerate(derivations):
        tell(done, total, f"{derivation.number} {derivation.title}")
        results.append(check(derivation))
    by_name = {d.id: d for d in derivations}
    compared = []
    for done, comparison in enumerate(comparisons, start=len(derivations)):
        tell(done, total, comparison.title)
        compared.append(check_comparison(comparison, by_name))
    tell(total, total, "done")
    return tuple(results), tuple(compared)


def check_article(formulas: Sequence[Formula], results: Sequence[Result]) -> tuple[Proved, ...]:
    """Pair the displayed formulas of a text with the results that prove them."""
    found = {result.derivation.id: result for result in results}
    return tuple(
        Proved(
            formula,
            tuple(found[name] for name in formula.derivations if name in found),
            tuple(name for name in formula.derivations if name not in found),
        )
        for formula in formulas
    )


def check_comparison(comparison: Comparison, derivations: Mapping[str, Derivation]) -> ComparisonResult:
    """Prove the limits and leading orders of every formula of a comparison along every path.

    Raises
    ------
    CourseError
        If a formula names no derivation.
    """
    unknown = set(comparison.formulas.values()) - set(derivations)
    if unknown:
        raise CourseError(f"{comparison.title}: no derivation is called {', '.join(sorted(unknown))}")
    formulas = {name: derivations[number] for name, number in comparison.formulas.items()}
    return ComparisonResult(
        comparison,
        formulas,
        tuple(_table(path, comparison, formulas) for path in comparison.paths),
        tuple(_fact(fact, comparison, comparison.definitions) for fact in comparison.facts),
    )


def _derive(scene: Scene, derivation: Derivation) -> tuple[SympyValue, ...]:
    """The quantity and what every step makes of it."""
    values = [scene.read(derivation.quantity, _held_in(derivation.quantity, derivation.index))]
    for step in derivation.steps:
        values.append(take(scene, values[-1], step))
    return tuple(values)


def _trail(derivation: Derivation, values: Sequence[SympyValue]) -> tuple[ShownStep, ...]:
    phrases = [PHRASES[verb].format(*(f"`{a}`" for a in arguments)) for verb, *arguments in derivation.steps]
    return tuple(
        ShownStep(words, _readable(value)) for words, value in zip(("definition", *phrases), values, strict=True)
    )


def _readable(value: SympyValue) -> str:
    """Return SymPy's expression as text (of an array the first entry), empty if it is long."""
    first = np.ravel(np.asarray(value, dtype=object))[0]
    if first.has(sp.Piecewise) or sp.count_ops(first) > 10 * _READABLE:
        short = first
    else:
        short = min((first, sp.factor(first)), key=sp.count_ops)
    return str(sp.sstr(short)) if sp.count_ops(short) <= _READABLE else ""


def _hold(scene: Scene, derivation: Derivation, value: SympyValue, text: str, where: str) -> Iterable[Equality]:
    try:
        other = scene.read(text, derivation.index)
    except CourseError as error:
        return (Equality(where, "error", str(error)),)
    if not derivation.cases:
        return (equal(value, other, where),)
    verdicts = []
    for name, insertion in derivation.cases:
        inner = Scene((*derivation.symbols, Symbol("t", kind="positive")), {})
        at = {inner.values[symbol]: inner.read(formula) for symbol, formula in insertion.items()}
        label = f"{where}, {name}" if where else name
        verdicts.append(equal(value.subs(at), other.subs(at), label))
    return verdicts


def _fact(fact: Fact, scene_of: Derivation | Comparison, definitions: Mapping[str, str]) -> FormulaResult:
    verdicts = []
    for sizes in fact.sizes or scene_of.sizes:
        where = _where(sizes)
        try:
            scene = Scene(scene_of.symbols, sizes, definitions)
            left, right = scene.read(fact.left), scene.read(fact.right)
            if fact.limit:
                symbol, to, *side = fact.limit
                left = limit_of(left, scene.values[symbol], scene.read(to), *side)
            verdicts.append(equal(left, right, where))
        except CourseError as error:
            verdicts.append(Equality(where, "error", str(error)))
        except NotImplementedError as error:
            verdicts.append(Equality(where, "error", f"SymPy cannot take this limit: {error}"))
    limit = f"limit as {fact.limit[0]} -> {fact.limit[1]}{''.join(fact.limit[2:])} of " if fact.limit else ""
    return FormulaResult(fact.words, f"{limit}{fact.left} = {fact.right}", tuple(verdicts))


def _table(path: Path, comparison: Comparison, formulas: Mapping[str, Derivation]) -> Table:
    cells = {
        name: tuple(_cell(path, comparison, name, derivation, row) for row in range(len(path.rows)))
        for name, derivation in formulas.items()
    }
    return Table(path, _where(path.sizes[0]), cells)


def _cell(path: Path, comparison: Comparison, name: str, derivation: Derivation, row: int) -> TableEntry:
    limit, leading = path.limits[name][row], path.leading.get(name, ("",) * len(path.rows))[row]
    verdicts: list[Equality] = []
    exact = ""
    for sizes in path.sizes:
        where = _where(sizes)
        scene = Scene(path.symbols, sizes)
        entries = _entries(scene, path, comparison, derivation, sizes)
        for place in _places(row, len(path.rows), len(entries)):
            entry = entries[place]
            exact = exact or str(sp.sstr(sp.factor(entry) if not entry.has(sp.Piecewise) else entry))
            verdicts.append(_tends(scene, path, entry, limit, where))
            if leading:
                verdicts.append(_tends(scene, path, entry / scene.read(leading), "1", f"{where} leading order".strip()))
    return TableEntry(exact, limit, leading, tuple(verdicts))


def _entries(
    scene: Scene, path: Path, comparison: Comparison, derivation: Derivation, sizes: Mapping[str, int]
) -> list[sp.Expr]:
    """Entries of a formula along the path; the last text of a point is repeated up to the size."""
    inner = Scene([s for s in path.symbols if s.name not in path.point], sizes)
    for name, texts in path.point.items():
        values = [scene.read(text) for text in texts]
        if not comparison.index:
            inner.values[name] = values[0]
            continue
        (count,) = sizes.values()
        inner.values[name] = np.array([*values, *[values[-1]] * (count - len(values))][:count], dtype=object)
    value = inner.read(derivation.stated, comparison.index)
    return list(np.ravel(np.asarray(value, dtype=object)))


def _places(row: int, rows: int, entries: int) -> range:
    """Entries that a row speaks of: the last row stands for all that follow."""
    return range(row, entries) if row == rows - 1 else range(row, row + 1)


def _tends(scene: Scene, path: Path, entry: sp.Expr, to: str, where: str) -> Equality:
    if path.to:
        entry = limit_of(entry, scene.values[path.parameter], scene.read(path.to), path.side)
    wanted = scene.read(to)
    return Equality(where, "proved") if entry == wanted else equal(entry, wanted, where)


def _where(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sizes.items())
