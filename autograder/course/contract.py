"""The contract of a part, written once: the docstring of its stub, from which statement and reference have it.

A line ``[contract](NAME.py)`` in the section of a part in ``README.md`` is a link to the stub where the course lies.
Handouts and notebooks hold a table in its place: signature, arguments, result and errors as the stub describes them, in
NumPy's sections Parameters, Returns and Raises.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.errors import CourseError
from autograder.exercise import Hidden
from autograder.plain import dataclass, late

FORMULAS = "Answers that are formulas"
"""The heading below which the path page of a course explains how formulas are written."""

FORMULAS_ANCHOR = FORMULAS.lower().replace(" ", "-")

_MARK = late(r"^\[contract\]\((.*?)\) *$", re.MULTILINE)
_UNDERLINED = late(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
_SECTION = late(r"^## +`?(.*?)`? *$")


@dataclass(frozen=True)
class ContractEntry:
    """An argument, a result or an error: its names, its kind (array_like, shape (n,)) and what is said of it."""

    names: tuple[str, ...]
    kind: str
    text: str


@dataclass(frozen=True)
class Described:
    """What a stub's docstring says: the call, a summary, and the entries of the sections."""

    call: str
    summary: str
    parameters: tuple[ContractEntry, ...] = ()
    returns: tuple[ContractEntry, ...] = ()
    raises: tuple[ContractEntry, ...] = ()


def described(node: ast.FunctionDef) -> Described:
    """Return what the docstring of a stub says."""
    text = ast.get_docstring(node) or ""
    opening, *rest = _UNDERLINED.split(text)
    sections = {name.strip(): body for name, body in zip(rest[::2], rest[1::2], strict=True)}
    return Described(
        f"{node.name}({ast.unparse(node.args)})",
        " ".join(opening.strip().partition("\n\n")[0].split()),
        tuple(_entries(sections.get("Parameters", ""))),
        tuple(_entries(sections.get("Returns", ""), named=False)),
        tuple(_entries(sections.get("Raises", ""))),
    )


def _entries(section: str, *, named: bool = True) -> Iterator[ContractEntry]:
    """Yield the entries of a section: a line ``names : kind``, and what is said of them in the indented lines below."""
    for block in re.split(r"^(?=\S)", section, flags=re.MULTILINE):
        head, _, body = block.strip().partition("\n")
        names, colon, kind = head.partition(" : ")
        text = " ".join(body.split())
        if head and (named or colon):
            yield ContractEntry(tuple(name.strip() for name in names.split(",")), kind.strip(), text)
        elif head:
            yield ContractEntry((), head, text)


def as_markdown(one: Described) -> str:
    """Return a contract as a table of a statement."""
    rows = [(f"`{one.call}`", "", one.summary), ("---", "---", "---")]
    rows += [(_names(entry), entry.kind, entry.text) for entry in one.parameters]
    rows += [(f"returns {_names(entry)}".rstrip(), entry.kind, entry.text) for entry in one.returns]
    rows += [(f"raises {_names(entry)}".rstrip(), entry.kind, entry.text) for entry in one.raises]
    return "\n".join(f"| {' | '.join([first, *map(_cell, rest)])} |" for first, *rest in rows)


def _names(entry: ContractEntry) -> str:
    return ", ".join(f"`{name}`" for name in entry.names)


def _cell(text: str) -> str:
    """Return plain text as a cell of a table, in which ``|`` ends the cell and ``*`` begins emphasis."""
    return re.sub(r"([|*\\])", r"\\\1", text)


def stated(statement: str, stub: str, untouched: Path) -> str:
    """Return a statement with every contract in its place.

    Parameters
    ----------
    statement : str
        Text of ``README.md``.
    stub : str
        File name of the stub, which the links must name.
    untouched : Path
        The stub as it was handed out.

    Raises
    ------
    CourseError
        If a contract is asked for in a section that is not of a function in the stub, or the stub cannot be read.
    """
    if not _MARK.search(statement):
        return statement
    try:
        tree = ast.parse(untouched.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise CourseError(f"{untouched}:{error.lineno}: {error.msg}") from None
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    heading = ""
    lines = statement.split("\n")
    for i, line in enumerate(lines):
        if section := _SECTION.match(line):
            heading = section[1]
        if not (asked := _MARK.match(line)):
            continue
        place = f"README.md:{i + 1}"
        if asked[1] != stub:
            raise CourseError(f"{place}: the contract is in {stub}: write [contract]({stub})")
        if not heading:
            raise CourseError(f"{place}: the contract is above all sections; write it into the section of a part")
        if heading not in functions:
            raise CourseError(f"{place}: a contract in the section {heading!r}, but the stub has no such function")
        lines[i] = as_markdown(described(functions[heading]))
    return "\n".join(lines)


def contract_problems(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the arguments that a docstring describes and the stub does not have, or the other way round."""
    told = [name.lstrip("*") for entry in described(node).parameters for name in entry.names]
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    has = [one.arg for one in arguments if one is not None]
    opened = _UNDERLINED.search(ast.get_docstring(node) or "")
    if (told or (opened and has)) and sorted(told) != sorted(has):
        yield f"the docstring of {node.name} describes ({', '.join(told)}), but the arguments are ({', '.join(has)})"


def give_docstrings(stub: Path, hidden: Mapping[str, Hidden]) -> None:
    """Give every reference without a docstring the one of its stub; a stub that does not parse is named elsewhere."""
    if all(inspect.getdoc(part.reference) for part in hidden.values()):
        return
    try:
        tree = ast.parse(stub.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return
    for node in tree.body:
        part = hidden.get(getattr(node, "name", ""))
        if isinstance(node, ast.FunctionDef) and part is not None and inspect.isfunction(part.reference):
            part.reference.__doc__ = part.reference.__doc__ or ast.get_docstring(node)
