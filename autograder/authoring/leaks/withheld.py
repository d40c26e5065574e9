"""What of an exercise only the grader may know, kind by kind, and the search for it in one text.

A kind of secret is a generator: lines of code, expressions (in a normal form), titles of hidden checks, answers to
symbolic questions, inputs of hidden checks.  What an author gives away on purpose is declared in ``given`` of the
exercise; nothing else is exempt.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from functools import cached_property, partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from autograder.authoring.leaks.expressions import LEAST, in_program, in_text, normal, weight
from autograder.authoring.leaks.hidden_inputs import HiddenNumbers, hidden_numbers
from autograder.authoring.standalone import NotExtractable, node_of
from autograder.course.exercises import ExerciseFolder
from autograder.declared import is_text
from autograder.plain import dataclass
from autograder.text import read_text

if TYPE_CHECKING:  # exercises without symbolic parts never import it
    from autograder.symbolic import Question

MIN_LINE = 24
"""Characters of a line that is taken for distinctive; shorter ones are in every program."""

MIN_FORMULA = 12
"""Characters of a symbolic answer that no text contains by accident."""

WHOLE = 3
"""Operators of a returned expression that is taken for distinctive: it is the answer, not a step of it."""


_LATEX = re.compile(r"\$+([^$]+)\$+")
_SIDES = re.compile(r"(?<![<>\\!])=|\\approx|\\q?quad|\\;|,")
_LATEX_LEAST = 8  # characters of a formula that is worth reading


AnswerCode = tuple[ModuleType, ast.FunctionDef | ast.Lambda]
"""A function of the hidden half: its module and its text as a tree."""


@dataclass(frozen=True)
class Found:
    """Something hidden in a text: what it is, where the grader has it, and the text that gives it away."""

    what: str
    where: str
    quoted: str


@dataclass(frozen=True, eq=False)
class Withheld:
    """What must not be found, with where it is from; ``given`` is what the author gives away on purpose."""

    lines: Mapping[str, str]
    functions: Mapping[str, frozenset[str]]
    expressions: Mapping[str, str]
    titles: frozenset[str]
    questions: Mapping[str, Question]
    numbers: HiddenNumbers
    given: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set)
    """Entries of ``given`` without which something would have been found."""

    def in_text(self, text: str) -> Iterator[Found]:
        """Yield what a sentence, a README or the cells of a notebook hold."""
        yield from self.in_lines(text)
        yield from self._within(text)
        yield from self._in_expressions(in_text(text, least=2))
        yield from self._in_latex(text)

    def in_program(self, text: str) -> Iterator[Found]:
        """Yield what a program holds, in its code and in its strings."""
        yield from self.in_lines(text)
        try:
            tree = ast.parse(text)
        except SyntaxError:
            return
        yield from self._in_expressions((form, ast.unparse(node)) for form, node in in_program(tree, least=2))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from self._within(node.value)
                yield from self._in_expressions(in_text(node.value, least=2))

    def _within(self, text: str) -> Iterator[Found]:
        """Yield the hidden lines of code that a sentence quotes; a call with plain names is like a signature."""
        quoted = (line for line in sorted(self.lines) if line in text and not re.fullmatch(r"\w+\([\w, ]*\)", line))
        yield from (Found("code", self.lines[line], line) for line in quoted if not self._gives(line))

    def in_lines(self, text: str) -> Iterator[Found]:
        """Yield what a text holds letter for letter: lines of code, titles and inputs of hidden checks."""
        lines = {line.strip() for line in text.splitlines()}
        for line in sorted(lines & self.lines.keys()):
            if not self._gives(line):
                yield Found("code", self.lines[line], line)
        for where, body in self.functions.items():
            if len(body) > 1 and 2 * len(body & lines) > len(body) and not all(map(self._gives, body & lines)):
                yield Found("most of the code", where, where)
        for title in sorted(self.titles):
            if title in text and not self._gives(title):
                yield Found("the title of a hidden check", "grading.py", title)
        for part, question in self.questions.items():
            for formula in (question.truth, *question.equivalents):
                if len(formula) >= MIN_FORMULA and formula in text and not self._gives(formula):
                    yield Found("a formula", f"the answer to {part}", formula)
        if self.numbers.found_in(text):
            yield Found("an input of a hidden check", "grading.py", "")

    def _in_expressions(self, found: Iterable[tuple[str, str]]) -> Iterator[Found]:
        told: list[str] = []
        for form, spelled in found:
            if any(spelled in larger for larger in told):
                continue
            where = self.expressions.get(form) or self._answers(spelled)
            if where is not None:
                told.append(spelled)
                if not self._gives(spelled, form):
                    yield Found("a formula", where, spelled)

    def _in_latex(self, text: str) -> Iterator[Found]:
        """Yield the answers to symbolic questions that a text states between dollar signs."""
        for piece in (one.strip() for span in _LATEX.findall(text) for one in _SIDES.split(span)):
            for part, agrees in self._latex_judges.items() if len(piece) >= _LATEX_LEAST else ():
                if agrees(piece) and not self._gives(piece) and not self._gives_answer(agrees):
                    yield Found("a formula", part, piece)

    @cached_property
    def _latex_judges(self) -> dict[str, Callable[[str], bool]]:
        return {f"the answer to {part}": _published_judge(question) for part, question in self.questions.items()}

    def _answers(self, spelled: str) -> str | None:
        """Return the part that a formula answers, however it is written, or None."""
        found = (part for part, agrees in self._judges.items() if agrees(spelled))
        return next((part for part in found if not self._gives_answer(self._latex_judges[part])), None)

    @cached_property
    def _judges(self) -> dict[str, Callable[[str], bool]]:
        return {f"the answer to {part}": _judge_of(question) for part, question in self.questions.items()}

    def _gives(self, text: str, form: str | None = None) -> bool:
        for given, forms in self._given_forms:
            if text.strip() in given or (form or _whole(text)) in forms:
                self.used.add(given)
                return True
        return False

    def _gives_answer(self, agrees: Callable[[str], bool]) -> bool:
        """Whether something that is given is the same answer, in whatever notation."""
        found = [given for given in self.given if agrees(given)]
        self.used.update(found)
        return bool(found)

    @cached_property
    def _given_forms(self) -> tuple[tuple[str, frozenset[str]], ...]:
        return tuple((given, _forms_of(given)) for given in self.given)

    @property
    def idle(self) -> tuple[str, ...]:
        """Entries of ``given`` that exempt nothing of what was searched so far."""
        return tuple(given for given in self.given if given not in self.used)


def withheld(folder: ExerciseFolder, *, variants: int = 1) -> Withheld:
    """Collect what must not be found of an exercise that is loaded with its hidden half."""
    answers = tuple(reached(folder))
    functions = dict(_functions(folder, answers))
    public = {check.title for part in folder.exercise.parts for check in part.checks}
    return Withheld(
        lines=dict(_reference(folder.path.parents[1])) | {line: w for w, found in functions.items() for line in found},
        functions=functions,
        expressions=dict(_expressions(folder, answers)),
        titles=frozenset(t for t in _hidden_titles(folder) if t not in public and len(t) >= MIN_LINE),
        questions=folder.questions,
        numbers=hidden_numbers([folder], variants),
        given=tuple(getattr(folder.exercise, "given", ())),
    )


def _hidden_titles(folder: ExerciseFolder) -> Iterator[str]:
    """Yield the titles of hidden checks but for the sizes that scaling checks state: the statement names them."""
    checks = (check for secret in folder.secrets.values() for check in secret.checks)
    return (check.title for check in checks if not (check.group == "scaling" and check.limits))


# --- code ------------------------------------------------------------------------------------------------------


def _functions(folder: ExerciseFolder, answers: Sequence[AnswerCode]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each hidden function's place and the distinctive lines of its body."""
    for module, node in answers:
        if isinstance(node, ast.FunctionDef):
            found = frozenset(_distinctive(node, inspect.getsource(module).splitlines()))
            if found:
                yield _place(folder, module, node), found


def _reference(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the distinctive lines of the course's whole reference, with where they are from."""
    for file in sorted((root / "reference").rglob("*.py")):
        text = read_text(file)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                where = f"{node.name} in {file.relative_to(root).as_posix()}"
                yield from ((line, where) for line in _distinctive(node, text.splitlines()))


def _distinctive(node: ast.FunctionDef, lines: list[str]) -> Iterator[str]:
    for statement in node.body:
        if not is_text(statement):
            for line in map(str.strip, lines[statement.lineno - 1 : statement.end_lineno]):
                if len(line) >= MIN_LINE and not line.startswith(("#", "raise ", '"', "'", 'return "', "for ", "if ")):
                    yield line


def _expressions(folder: ExerciseFolder, answers: Sequence[AnswerCode]) -> Iterator[tuple[str, str]]:
    for module, node in answers:
        where = _place(folder, module, node)
        for form, _ in in_program(node, least=LEAST):
            yield form, where
        for value in _returned(node):
            if weight(value) >= WHOLE:
                yield normal(value), where


def _returned(node: ast.FunctionDef | ast.Lambda) -> Iterator[ast.expr]:
    """Yield what a function returns, and the entries of a returned tuple, which are formulas of their own."""
    returned = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value is not None]
    for value in [node.body] if isinstance(node, ast.Lambda) else returned:
        yield value
        if isinstance(value, ast.Tuple):
            yield from value.elts


def reached(folder: ExerciseFolder) -> Iterator[AnswerCode]:
    """Yield the functions of the hidden half: references, alternatives, misconceptions and their helpers.

    What ``checks.py`` defines is not hidden.
    """
    waiting: list[Any] = []
    for secret in folder.secrets.values():
        waiting += [secret.reference, *(other.right for other in secret.alternatives)]
        waiting += [*(one.wrong for one in secret.misconceptions), *(one.answer for one in secret.borderlines)]
    seen: set[int] = set()
    while waiting:
        function = inspect.unwrap(waiting.pop(0))
        module = inspect.getmodule(function)
        if isinstance(function, partial):
            waiting.append(function.func)
        if not inspect.isfunction(function) or module is None or id(function) in seen:
            continue
        seen.add(id(function))
        if not _is_hidden(folder, module):
            continue
        try:
            yield module, node_of(module, function.__code__)
        except NotExtractable:  # made by exec or by a decorator: there is no text that could be quoted
            continue
        waiting += _used_by(function, module)


def _used_by(function: FunctionType, module: ModuleType) -> Iterator[FunctionType]:
    """Yield the functions whose names a function's code has: of its own module, or of a module that it knows."""
    names = list(_names(function.__code__))
    for owner in (module, *(m for name in names if isinstance(m := vars(module).get(name), ModuleType))):
        yield from (value for name in names if inspect.isfunction(value := vars(owner).get(name)))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _is_hidden(folder: ExerciseFolder, module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    if file is None:
        return False
    path, root = Path(file).resolve(), folder.path.parents[1].resolve()
    return path.name != "checks.py" and (path.parent == folder.path.resolve() or (root / "reference") in path.parents)


def _place(folder: ExerciseFolder, module: ModuleType, node: ast.FunctionDef | ast.Lambda) -> str:
    path, root = Path(str(module.__file__)).resolve(), folder.path.parents[1].resolve()
    file = path.relative_to(root).as_posix() if root in path.parents else path.name
    return f"{node.name} in {file}" if isinstance(node, ast.FunctionDef) else f"line {node.lineno} of {file}"


def _forms_of(text: str) -> frozenset[str]:
    with suppress(SyntaxError):
        return frozenset(form for form, _ in in_program(ast.parse(text.strip()), least=1))
    return frozenset(form for form, _ in in_text(text, least=1))


def _whole(text: str) -> str | None:
    """Return the normal form of a text that is one expression, or None."""
    with suppress(SyntaxError):
        return normal(ast.parse(text.strip(), mode="eval").body)
    return None


# --- answers to symbolic questions -----------------------------------------------------------------------------


def _published_judge(question: Question) -> Callable[[str], bool]:
    """Return whether a formula is an answer, decided at the public points as a student's check decides it."""
    from autograder.symbolic import check_published, publish

    published = publish(question)
    return lambda text: bool(check_published(published, text).status == "agrees")


def _judge_of(question: Question) -> Callable[[str], bool]:
    """Return a judge of whether an expression is the answer; for an answer of a single symbol it is always False."""
    tree = _parsed(question.truth)
    if tree is None or weight(tree) < 2:
        return lambda text: False
    agrees = _published_judge(question)
    known = {symbol.name for symbol in question.symbols}

    def judge(text: str) -> bool:
        names = {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
        return bool(names & known) and agrees(text)

    return judge


def _parsed(formula: str) -> ast.AST | None:
    try:
        return ast.parse(formula.replace("^", "**"), mode="eval")
    except SyntaxError:
        return None


# --- files ------------------------------------------------------------------------------------------------------


def strings(data: Any) -> Iterator[str]:
    """Yield the strings of JSON data; a list of strings is the lines of one."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        if data and all(isinstance(item, str) for item in data):
            yield "".join(data)
        else:
            for item in data:
                yield from strings(item)
    elif isinstance(data, dict):
        for item in data.values():
            yield from strings(item)


def readable(path: str, data: bytes) -> str:
    """Return the text that a search sees: of a notebook the sources and outputs of its cells."""
    text = data.decode("utf-8", "replace")
    return "\n".join(strings(json.loads(text))) if path.endswith(".ipynb") else text
