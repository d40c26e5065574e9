"""Compare what the hidden half of an exercise imports with the packages that a grader has or ``course.yml`` lists."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from autograder.course.exercises import DERIVED, ExerciseFolder
from autograder.course.model import packages_of
from autograder.sandbox.packages import PROVIDED, distribution_of, import_names

GRADER = frozenset({
    "autograder", *PROVIDED, "sympy", "mpmath", "matplotlib", "mpl_toolkits", "array_api_compat", "array_api_strict",
    "cupy", "cupyx", "yaml",
})  # fmt: skip
"""What every machine that grades has, or does without: requirements of the grade extra, and GPU libraries."""


def package_problems(folder: ExerciseFolder) -> Iterator[str]:
    """Yield the imports of the hidden half that work here by chance: of packages that ``course.yml`` does not list."""
    root = folder.path.parents[1]
    listed = {module for name in packages_of(root) for module in import_names(name)}
    for file in ("grading.py", DERIVED):
        if not (folder.path / file).is_file():
            continue
        for module, line in imported(folder.path / file):
            top = module.partition(".")[0]
            if (
                top in GRADER | listed | sys.stdlib_module_names
                or (root / top).is_dir()
                or (root / f"{top}.py").is_file()
            ):
                continue
            package = distribution_of(top)
            more = "" if find_spec(top) is not None else f", and pip install {package}"
            why = "which a machine that grades need not have"
            yield f"{file}:{line}: imports {module}, {why}: list {package} under packages in course.yml{more}"


def imported(file: Path) -> Iterator[tuple[str, int]]:
    """Yield the modules that a file imports, lazily too, with their lines; not those that it tries and does without."""
    tree = ast.parse(file.read_text(encoding="utf-8-sig"), str(file))
    tried = {id(inner) for node in ast.walk(tree) if _does_without(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in tried:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or "", node.lineno


def _does_without(node: ast.AST) -> bool:
    caught = [one.type for one in node.handlers] if isinstance(node, ast.Try) else []
    return any(name in ast.unparse(one) for one in caught if one for name in ("ImportError", "ModuleNotFoundError"))
