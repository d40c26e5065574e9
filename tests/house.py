"""The structure of ``autograder/``: places, floors, import arrows, circles and lines that are written twice.

    python -m tests.house [CHECKOUT ...]

A *place* is a module or package directly below ``autograder/``; an *arrow* leads from a place to another one that any
of its modules imports; the *floors* are the length of the longest chain of arrows; a *circle* is a set of places that
reach each other.  Facades that keep old import paths alive are listed apart.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, takewhile
from pathlib import Path

# A module may import the floors below its own, nothing on the same floor or above; from the ground up.
FLOORS = (
    ("errors", "plain", "statuses"),
    ("text", "atomic", "moments", "supervise"),
    ("declared",),
    ("symbolic", "arrays", "model"),
    ("exercise",),
    ("checks", "course", "sandbox"),
    ("judging", "intake"),
    ("store", "authoring", "student"),
    ("grading", "release"),
    ("lms",),
    ("reports",),
    ("cli",),
    ("__main__",),
)
FLOOR = {place: floor for floor, places in enumerate(FLOORS) for place in places}
FACADES = ("notebook", "spec", "gradebook", "gradescope")


def place_of(file: Path, root: Path) -> str:
    """Return the place that a module belongs to."""
    return file.relative_to(root / "autograder").parts[0].removesuffix(".py")


@lru_cache(maxsize=1)  # what a file is asked for is asked in a row
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """Return the syntax tree of a file, node by node."""
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def imported(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports, wherever in it; relative names as absolute ones."""
    package = file.parent.parts[file.parts.index("autograder") :] if "autograder" in file.parts else ()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (above, node.module or "") if part)
            yield module
            yield from (
                f"{module}.{alias.name}"
                for alias in node.names
                if module == "autograder" and alias.name != "__version__"
            )


def documented(file: Path) -> Iterator[tuple[str, set[str], set[str]]]:
    """Yield name, documented and real parameters of every function and class of a file that documents parameters."""
    for node in nodes(file):
        if isinstance(node, ast.ClassDef):
            function = next((m for m in node.body if isinstance(m, ast.FunctionDef) and m.name == "__init__"), None)
            real = {
                one.target.id
                for one in node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            }
        elif isinstance(node, ast.FunctionDef):
            function = node
        else:
            continue
        if function is not None:
            a = function.args
            real = {one.arg for one in (*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg) if one is not None}
        section = re.search(
            r"^Parameters\n-+\n(.*?)(?=\n\n[A-Z]\w*\n---|\Z)", ast.get_docstring(node) or "", re.S | re.M
        )
        heads = re.findall(r"^(\S.*?)(?: : .*)?$", section[1], re.M) if section else []
        if heads:
            named = {name.strip().lstrip("*") for head in heads for name in head.split(",")}
            yield node.name, named, real - {"self", "cls"}


def unknown_types(file: Path) -> Iterator[tuple[str, str]]:
    """Yield name and type of what a docstring describes by a class that its module does not know."""
    known = {node.id for node in nodes(file) if isinstance(node, ast.Name)} | set(dir(builtins))
    for node in nodes(file):
        if isinstance(node, ast.ClassDef):
            known.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            known |= {(alias.asname or alias.name).split(".")[-1] for alias in node.names}
    for node in nodes(file):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            continue
        for head in re.findall(r"^[\w*, ]+ : (.*)$", ast.get_docstring(node) or "", re.M):
            said = re.sub(r"([\"'`]).*?\1", "", head)
            for word in re.findall(r"(?<![\w.])[A-Z][a-z]\w*", said):
                if word not in known:
                    yield getattr(node, "name", ""), word


def lines_of_code(file: Path) -> list[str]:
    """Return the lines of a file without blanks, comments, docstrings and imports."""
    text = file.read_text(encoding="utf-8")
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        text_only = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if text_only or isinstance(node, ast.Import | ast.ImportFrom):
            left_out |= {*range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    lines = ((n, line.strip()) for n, line in enumerate(text.splitlines(), 1))
    return [line for n, line in lines if line and n not in left_out and not line.startswith("#")]


def duplicates(root: Path, least: int = 6) -> Iterator[str]:
    """Yield where the same ``least`` and more lines of code are written twice, with their number."""
    files = {
        file.relative_to(root).as_posix(): lines_of_code(file) for file in sorted((root / "autograder").rglob("*.py"))
    }
    places: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for name, lines in files.items():
        for at in range(len(lines) - least + 1):
            places.setdefault(tuple(lines[at : at + least]), []).append((name, at))
    for same in places.values():
        for (one, i), (other, j) in combinations(same, 2):
            left, right = files[one], files[other]
            if not i or not j or left[i - 1] != right[j - 1]:  # only where a run of equal lines begins
                equal = sum(
                    1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left[i:], right[j:], strict=False))
                )
                yield f"{equal} lines: {one}, {other}: {left[i]}"


@dataclass(frozen=True)
class House:
    """Places with the places that each imports."""

    arrows: dict[str, frozenset[str]]

    @classmethod
    def of(cls, root: Path) -> House:
        """Measure a checkout."""
        found: dict[str, set[str]] = {}
        for file in sorted((root / "autograder").rglob("*.py")):
            place = place_of(file, root)
            if place not in (*FACADES, "__init__") or not (root / "autograder" / "model.py").exists():
                used = {name.split(".")[1] for name in imported(file) if name.startswith("autograder.")}
                found.setdefault(place, set()).update(used - {place})
        found.pop("__init__", None)
        return cls({place: frozenset(used & set(found)) for place, used in found.items()})

    def reached(self, start: str) -> frozenset[str]:
        """Return the places that a place reaches by arrows."""
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            new = self.arrows[waiting.pop()] - seen
            seen |= new
            waiting += new
        return frozenset(seen)

    @property
    def circles(self) -> list[frozenset[str]]:
        """Sets of two and more places that reach each other."""
        reach = {place: self.reached(place) for place in self.arrows}
        groups = {frozenset(q for q in reach if p in reach[q] and q in reach[p]) for p in self.arrows}
        return sorted((group for group in groups if len(group) > 1), key=sorted)

    @property
    def floors(self) -> int:
        """Places on the longest chain of arrows, a circle counted as one."""
        joined = {p: next((c for c in self.circles if p in c), frozenset({p})) for p in self.arrows}
        below = {g: {joined[q] for p in g for q in self.arrows[p]} - {g} for g in joined.values()}
        heights: dict[frozenset[str], int] = {}
        while len(heights) < len(below):
            heights |= {g: 1 + max((heights[b] for b in under), default=0)
                        for g, under in below.items() if g not in heights and under <= heights.keys()}  # fmt: skip
        return max(heights.values(), default=0)


def main(roots: list[Path]) -> None:
    """Print the measure of every checkout."""
    for root in roots:
        house = House.of(root)
        lines = sum(len(f.read_text(encoding="utf-8").splitlines()) for f in (root / "autograder").rglob("*.py"))
        up = [
            f"{place} -> {other}"
            for place, used in sorted(house.arrows.items())
            for other in sorted(used)
            if FLOOR.get(other, -1) >= FLOOR.get(place, len(FLOORS))
        ]
        print(f"{len(house.arrows)} places on {house.floors} floors, {sum(map(len, house.arrows.values()))} arrows, "
              f"{len(house.circles)} circles, {lines} lines")  # fmt: skip
        twice = list(duplicates(root))
        print(f"  written twice: {len(twice)} runs of six and more lines")
        for run in twice:
            print(f"    {run}")
        for circle in house.circles:
            print(f"  circle: {', '.join(sorted(circle))}")
        for arrow in up:
            print(f"  against the floors: {arrow}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [Path(__file__).parents[1]])
