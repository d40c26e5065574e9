"""Read a YAML file strictly, remembering the line of every value.

YAML 1.1 turns ``no`` into False, ``12:30`` into 750, ``010`` into 8 and a date into an object without its time zone;
aliases let nine lines unfold into gigabytes.  A course file needs none of that: keys are text, values are text,
whole numbers, decimals, true, false or null; everything else is refused with its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from autograder.errors import CourseError
from autograder.plain import dataclass

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Marked:
    """A YAML document: ``data`` (dicts, lists, scalars) and ``lines``, the 1-based line of every field by its path."""

    data: Any
    lines: Mapping[FieldPath, int]

    def line(self, path: FieldPath) -> int:
        """Return the line of that field, or of the nearest field around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _StrictLoader(yaml.SafeLoader):
    """Safe loader that refuses anchors, aliases, tags and depth while composing, before anything unfolds."""

    # Its own table: only the plain types of YAML 1.2 are recognised, the rest stays text.
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own hook

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it without types
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise RefusedAtLine(line, "aliases (*name) are not allowed; write the value out")
        if event.anchor is not None:
            raise RefusedAtLine(line, "anchors (&name) are not allowed; write the value out")
        if event.tag is not None:
            raise RefusedAtLine(line, f"tags ({event.tag!r}) are not allowed")
        if self.depth >= MAX_DEPTH:
            raise RefusedAtLine(line, f"nested deeper than {MAX_DEPTH} levels")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"^-?(?:0|[1-9][0-9]{0,17})$", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"^-?[0-9]{1,18}\.[0-9]{1,18}$", list("-0123456789")),
):
    _StrictLoader.add_implicit_resolver(_tag, re.compile(_pattern), _first)


class RefusedAtLine(Exception):
    """A mistake at a line; becomes a CourseError that also names the file."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line, self.text = line, text


def parse_yaml(raw: bytes, name: str) -> Marked:
    """Parse a YAML document.

    Parameters
    ----------
    raw : bytes
        The whole file, UTF-8 with or without byte order mark, at most 256 kB.
    name : str
        The file's name for messages.

    Raises
    ------
    CourseError
        For anything that is not plain YAML: syntax, duplicate keys, anchors, aliases, tags, nesting, size, encoding.
    """
    if len(raw) > MAX_BYTES:
        raise CourseError(f"{name}: more than {MAX_BYTES} bytes; a course file has a few thousand")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CourseError(f"{name}:{line}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    try:
        return _build(text)
    except RefusedAtLine as error:
        raise CourseError(f"{name}:{error.line}: {error.text}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise CourseError(f"{name}:{line}: a control character that YAML does not allow") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise CourseError(f"{name}:{line}: not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise CourseError(f"{name}: not valid YAML: {type(error).__name__}") from None


def _build(text: str) -> Marked:
    loader = _StrictLoader(text)
    lines: dict[FieldPath, int] = {}
    try:
        node = loader.get_single_node()
        data = None if node is None else _plain(loader, node, (), lines)
    finally:
        loader.dispose()
    return Marked(data, lines)


def _plain(loader: _StrictLoader, node: yaml.Node, path: FieldPath, lines: dict[FieldPath, int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*path, i), lines) for i, item in enumerate(node.value)]
    value: Any = loader.construct_object(node)
    return value


def _mapping(
    loader: _StrictLoader, node: yaml.MappingNode, path: FieldPath, lines: dict[FieldPath, int]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise RefusedAtLine(line, "a key must be plain text")
        key = str(key_node.value)  # the text as written: 0123 and yes are names here, not 83 and True
        if key in found:
            raise RefusedAtLine(line, f"{key!r} appears twice; the first is in line {lines[(*path, key)]}")
        lines[(*path, key)] = line
        found[key] = _plain(loader, value_node, (*path, key), lines)
    return found
