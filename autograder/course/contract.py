"""The contract of a part, written once: the docstring of its stub, from which statement and reference have it.

A line ``{contract}`` in the section of a part in ``README.md`` expands to signature, arguments, result and errors as
the stub describes them (in NumPy's sections Parameters, Returns and Raises); handouts and notebooks hold the text.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError
from autograder.exercise import Hidden

MARK = "{contract}"

_UNDERLINED = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
_SECTION = re.compile(r"^(## +`?(.*?)`? *)$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """An argument, a result or an error: its names, its kind (array_like, shape (n,)) and what is said of it."""

    names: tuple[str, ...]
    kind: str
    text: str


@dataclass(frozen=True)
class Described:
    """What a stub's docstring says: the call, a summary, and the entries of the sections."""

    call: str
    summary: str
    parameters: tuple[Entry, ...] = ()
    returns: tuple[Entry, ...] = ()
    raises: tuple[Entry, ...] = ()


def described(node: ast.FunctionDef) -> Described:
    """Return what the docstring of a stub says."""
    text = ast.get_docstring(node) or ""
    opening, *rest = _UNDERLINED.split(text)
    sections = {name.strip(): body for name, body in zip(rest[::2], rest[1::2], strict=True)}
    return Described(
        f"{node.name}({ast.unparse(node.args)})",
        " ".join(opening.split()),
        tuple(_entries(sections.get("Parameters", ""))),
        tuple(_entries(sections.get("Returns", ""), named=False)),
        tuple(_entries(sections.get("Raises", ""))),
    )


def _entries(section: str, *, named: bool = True) -> Iterator[Entry]:
    """Yield the entries of a section: a line ``names : kind``, and what is said of them in the indented lines below."""
    for block in re.split(r"^(?=\S)", section, flags=re.MULTILINE):
        head, _, body = block.strip().partition("\n")
        names, colon, kind = head.partition(" : ")
        text = " ".join(body.split())
        if head and (named or colon):
            yield Entry(tuple(name.strip() for name in names.split(",")), kind.strip(), text)
        elif head:
            yield Entry((), head, text)


def as_markdown(one: Described) -> str:
    """Return a contract as the text of a statement."""
    lines = [f"`{one.call}`: {one.summary}", ""]
    for before, entries in (("", one.parameters), ("returns ", one.returns), ("raises ", one.raises)):
        for entry in entries:
            names = ", ".join(f"`{name}`" for name in entry.names)
            said = ". ".join(part.rstrip(".") for part in (entry.kind, entry.text) if part)
            lines.append(f"* {before}{': '.join(filter(None, (names, said)))}")
    return "\n".join(lines).rstrip()


def stated(statement: str, stub: str) -> str:
    """Return a statement with every contract in its place.

    Raises
    ------
    CourseError
        If a contract is asked for in a section that is not of a function in the stub.
    """
    if MARK not in statement:
        return statement
    functions = {node.name: node for node in ast.parse(stub).body if isinstance(node, ast.FunctionDef)}
    opening, *rest = _SECTION.split(statement)
    if MARK in opening:
        place = _place(statement, "")
        raise CourseError(f"{place}: {MARK} is above all sections; write it into the section of a part")
    pieces = [opening]
    for heading, name, body in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if MARK in body:
            if name not in functions:
                place = _place(statement, heading)
                raise CourseError(f"{place}: {MARK} in the section {name!r}, but the stub has no such function")
            body = body.replace(MARK, as_markdown(described(functions[name])))
        pieces.append(f"{heading}{body}")
    return "".join(pieces)


def _place(statement: str, heading: str) -> str:
    return f"README.md:{statement[: statement.index(MARK, statement.index(heading))].count(chr(10)) + 1}"


def contract_problems(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the arguments that a docstring describes and the stub does not have, or the other way round."""
    told = [name.lstrip("*") for entry in described(node).parameters for name in entry.names]
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    has = [one.arg for one in arguments if one is not None]
    if told and sorted(told) != sorted(has):
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
