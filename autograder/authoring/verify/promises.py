"""What a room promises beside its checks: its files, its stub, its hints; and the oldest cheat against it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator

from autograder.checks import Example, show
from autograder.course.exercises import Room, at, load_room, room_names
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.judging.questions import PartPaper
from autograder.model import Value

FILES = frozenset({"README.md", "checks.py", "grading.py", "figure.py"})
LEAKS = ("reference", "grading", "scipy")


def room_problems(room: Room) -> Iterator[str]:
    """Yield the promises of a room's files that do not hold, each with the next step."""
    passing = ("__pycache__", "public.json")
    names = {p.name for p in room.path.iterdir() if p.name not in passing and ".kept" not in p.name}
    wanted = FILES | {room.stub.name}
    for name in sorted(wanted - names):
        yield f"{name} is missing: `autograder new` shows what it holds"
    for name in sorted(names - wanted):
        yield f"{name} does not belong into a room: move it out"
    if room.stub.is_file():
        yield from _stub_problems(room)
    yield from _leaks(room)
    if "README.md" in names:
        text = (room.path / "README.md").read_text(encoding="utf-8")
        for part in room.exercise.parts:
            if part.name not in text:
                yield f"README.md does not say what {part.name} asks: add a section"
    yield from _number_problems(room)
    for part in room.exercise.parts:
        yield from _part_problems(part)


def _number_problems(room: Room) -> Iterator[str]:
    """Yield which other exercise has the number of this one, or of one of its parts: numbers seed hidden inputs."""
    root, own = room.path.parents[1], {room.exercise.number, *(part.number for part in room.exercise.parts)}
    for name in room_names(root):
        if name == room.name:
            continue
        try:
            other = load_room(root, name, hidden=False).exercise
        except CourseError:  # its own verification names it
            continue
        for number in sorted(own & {other.number, *(part.number for part in other.parts)}):
            place = at(room.path / "checks.py", room.exercise.number)
            yield f"{place}: {number}: {name} has this number too, and numbers seed the hidden inputs"


def _stub_problems(room: Room) -> Iterator[str]:
    tree = ast.parse(room.stub.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for part in room.exercise.parts:
        if part.kind == "manual":
            continue
        node = functions.pop(part.name, None)
        if node is None:
            yield f"{room.stub.name} has no function {part.name}: add the stub"
        elif ast.get_docstring(node) is None:
            yield f"{room.stub.name}: {part.name} has no docstring: say shapes, dtypes and errors"
        elif not isinstance(node.body[-1], ast.Raise):
            yield f"{room.stub.name}: {part.name} must end with `raise NotImplementedError`"
        elif (wanted := _signature(room, part)) not in (None, given := _arguments(node)):
            yield f"{room.stub.name}: {part.name}{given} is {part.name}{wanted} in the reference: make them agree"
    for name in functions:
        yield f"{room.stub.name}: {name} is no part of the exercise: remove it or list it in checks.py"


def _arguments(node: ast.FunctionDef) -> str:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    for argument in filter(None, every):
        argument.annotation = None
    return f"({ast.unparse(node.args)})"


def _signature(room: Room, part: Part) -> str | None:
    """Return the arguments of a part's reference as a stub writes them, or None if they cannot be told."""
    if part.kind == "symbolic":
        return "()"
    secret = room.secrets.get(part.name)
    if secret is None:
        return None
    try:
        found = inspect.signature(secret.reference)
    except (TypeError, ValueError):  # a function of another language
        return None
    # the array library is the grader's choice
    shown = [p.replace(annotation=p.empty) for p in found.parameters.values() if p.name != "xp"]
    text = str(found.replace(parameters=shown, return_annotation=found.empty))
    try:
        node = ast.parse(f"def f{text}: pass").body[0]
    except SyntaxError:  # a default that cannot be written as an expression
        return None
    return _arguments(node) if isinstance(node, ast.FunctionDef) else None


def _leaks(room: Room) -> Iterator[str]:
    tree = ast.parse(room.checks_source)
    for node in ast.walk(tree):
        modules = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        for module in modules:
            if set(module.split(".")) & set(LEAKS):
                yield f"checks.py imports {module}, which students do not have: move that check to grading.py"


def _part_problems(part: Part) -> Iterator[str]:
    if not 1 <= len(part.hints) <= 5 or not all(hint.strip() for hint in part.hints):
        yield f"{part.name}: {len(part.hints)} hints; one to five are needed, from general to specific"
    if not part.summary:
        yield f"{part.name}: the summary is empty"
    if part.kind == "function" and not part.checks:
        yield f"{part.name}: there is no public check"


def public_table(part: PartPaper) -> Callable[..., Value]:
    """Return the oldest cheat: a table of the public answers, and ValueError for everything else."""
    table: dict[str, Value] = {}
    for asked in part.asked:
        if asked.visibility == "public" and isinstance(asked.check, Example):
            for call, want in zip(asked.calls, asked.check.wanted(asked.expected), strict=True):
                table[show(call.args)] = getattr(want, "low", want)

    def cheat(*args: Value) -> Value:
        key = show(args)
        if key not in table:
            raise ValueError("not in the table")
        return table[key]

    return cheat
