"""Check an exercise's files, stub and hints, and that a table of the public answers earns nothing."""

from __future__ import annotations

import ast
import inspect
import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np

from autograder.authoring.verify.page import SECTION, page_problems
from autograder.authoring.verify.places import of_text, of_word
from autograder.authoring.verify.worked import explanation_problems
from autograder.checks import Example, MatchesReference, show
from autograder.course.contract import contract_problems
from autograder.course.declarations import at
from autograder.course.exercises import (
    DATA,
    ExerciseFolder,
    all_data,
    data_files,
    exercise_names,
    is_data,
    load_exercise,
)
from autograder.course.model import load_course
from autograder.declared import is_text, twice
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.judging.drawn import drawn_calls
from autograder.judging.questions import PartQuestions
from autograder.model import Value
from autograder.text import did_you_mean, plural, read_text

FILES = frozenset({"README.md", "checks.py", "grading.py"})
OPTIONAL = frozenset({"figure.py", "derivations.py"})

_POINTS = re.compile(r"\b(\d+(?:\.\d+)?) points?\b")
_MINUTES = re.compile(r"\b(\d+) minutes?\b")
_DIFFICULTY = re.compile(r"\bdifficulty (\d)\b")
_LINKED = re.compile(r"\]\((?!\w+:|#|/)([\w./-]+)\)")
"""Relative links of Markdown, pictures among them."""
_TIMED = re.compile(r"\btimed on\s+(?=\d)", re.IGNORECASE)
_DATA_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_IDENTIFIER = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")


def exercise_problems(folder: ExerciseFolder) -> Iterator[str]:
    """Yield the promises of an exercise's files that do not hold, each with the next step."""
    passing = ("__pycache__", "public.json")
    names = {p.name for p in folder.path.iterdir() if p.name not in passing and ".kept" not in p.name}
    wanted = FILES | {folder.stub.name}
    for name in sorted(wanted - names):
        yield f"{name}: is missing; `autograder new` shows what it holds"
    for name in sorted(name for name in names if (folder.path / name).is_symlink()):
        yield f"{name}: is a link, which leads elsewhere on another machine: put the file itself here"
    for name in sorted(names - wanted - OPTIONAL):
        if not is_data(folder.path / name) and not (folder.path / name).is_symlink():
            yield f"{name}: unexpected in an exercise; move it out, or give it as data ({', '.join(DATA)})"
    data = sorted(name for name in names if is_data(folder.path / name))
    for name in data:
        if not _DATA_NAME.fullmatch(name):
            yield f"{name}: allowed for the name of a data file: letters, digits, _, - and a point"
        elif name.lower() in {other.lower() for other in data if other < name}:
            yield f"{name}: another file differs from it by capitals alone, which some systems cannot keep: rename one"
    try:
        data_files(folder.path)
        all_data(folder.path.parents[1])
    except CourseError as error:
        yield str(error)
    if folder.stub.is_file():
        yield from _stub_problems(folder)
    if "README.md" in names:
        yield from _readme_problems(folder)
    yield from _size_problems(folder)
    yield from _number_problems(folder)
    yield from explanation_problems(folder)
    for part in folder.exercise.parts:
        place = of_word(folder.path / "checks.py", part.name)
        yield from (f"{place}: {part.name}: {problem}" for problem in _part_problems(part))


def _number_problems(folder: ExerciseFolder) -> Iterator[str]:
    """Yield what another exercise has too: a number, since numbers seed hidden inputs, or a part's name."""
    root, own = folder.path.parents[1], {folder.exercise.number, *(part.number for part in folder.exercise.parts)}
    for name in exercise_names(root):
        if name == folder.name:
            continue
        try:
            other = load_exercise(root, name, hidden=False).exercise
        except CourseError:  # its own verification names it
            continue
        if other.name in {part.name for part in folder.exercise.parts}:
            place = at(folder.path / "checks.py", other.name)
            yield f"{place}: the part {other.name} has the name of an exercise, and `check` takes either: rename one"
        for number in sorted(own & {other.number, *(part.number for part in other.parts)}):
            place = at(folder.path / "checks.py", folder.exercise.number)
            yield f"{place}: {number}: {name} has this number too, and numbers seed the hidden inputs"


def _readme_problems(folder: ExerciseFolder) -> Iterator[str]:
    """Yield sections that are missing or name no part, and points that are not those of the part in the course."""
    file = folder.path / "README.md"
    text = read_text(file)
    try:
        folder.text()
    except CourseError as error:
        yield str(error)
    yield from _title_problems(folder, text)
    yield from page_problems(folder, text)
    for target in dict.fromkeys(_LINKED.findall(text)):
        if not (folder.path / target).exists():
            yield f"{of_text(file, f']({target}')}: links to {target}, which is not there: add it or take the link out"
    headings = SECTION.findall(text)
    parts = {part.name: part for part in folder.exercise.parts}
    for name in parts:
        if name not in headings:
            yield f"README.md:1: does not say what {name} asks; add a section `## {name}`"
    for heading in {name for name in headings if headings.count(name) > 1}:
        yield f"{of_text(file, f'## {heading}')}: there are two sections {heading!r}; write one"
    for heading in headings:
        if heading not in parts and _IDENTIFIER.fullmatch(heading):
            place = of_text(file, f"## {heading}")
            yield f"{place}: the section {heading!r} names no part{did_you_mean(heading, parts)}"
    scale = _scale(folder)
    start, *sections = SECTION.split(text)
    for pattern, has in ((_MINUTES, folder.exercise.minutes), (_DIFFICULTY, folder.exercise.difficulty)):
        stated = pattern.search(start)
        if stated is not None and int(stated[1]) != has:
            yield f"{of_text(file, stated[0])}: says {stated[0]}, but checks.py says {has}: make them agree"
    total = folder.exercise.points * scale
    said = _POINTS.search(start)
    if said is not None and float(said[1]) != total:
        place = of_text(file, said[0])
        yield f"{place}: says {said[0]}, but the exercise has {total:g} in this course: make them agree"
    for heading, section in zip(sections[::2], sections[1::2], strict=True):
        said = _POINTS.search(section)
        if heading in parts and said is not None and abs(float(said[1]) - parts[heading].points * scale) > 5e-3:
            section_of = re.search(rf"^## +`?{heading}.*", text, re.MULTILINE)
            yield (
                f"{of_text(file, said[0], section_of[0] if section_of else '')}: says {said[0]} for {heading}, "
                f"but it has {parts[heading].points * scale:g} in this course: make them agree"
            )


def _title_problems(folder: ExerciseFolder, text: str) -> Iterator[str]:
    """Yield that the statement has no title, or another one than checks.py gives."""
    title = folder.exercise.title
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first.startswith("# "):
        yield f"README.md:1: begins without a title; write `# {title}` in its first line"
    elif not first.rstrip(" #").endswith(title):  # a number may come before it
        yield f"{of_text(folder.path / 'README.md', first)}: the title is {first[2:].strip()!r}, in checks.py {title!r}"


def _size_problems(folder: ExerciseFolder) -> Iterator[str]:
    """Yield which texts leave out what a part is timed on, or name another size than its scaling check has."""
    texts: dict[str, dict[str, str]] = {"README.md": {}, folder.stub.name: {}}
    with suppress(CourseError):  # a statement that cannot be read is named already
        _, *sections = SECTION.split(folder.text())
        texts["README.md"] = dict(zip(sections[::2], sections[1::2], strict=True))
    if folder.stub.is_file():
        body = ast.parse(read_text(folder.stub)).body
        texts[folder.stub.name] = {n.name: ast.get_docstring(n) or "" for n in body if isinstance(n, ast.FunctionDef)}
    for part, secret in folder.secrets.items():
        timed = [c for c in secret.checks if isinstance(c, MatchesReference) and c.group == "scaling"]
        sizes = [check.title for check in timed]
        for check in timed:
            for call in drawn_calls(folder.exercise, folder.exercise.part(part), check, variant=None):
                given = set[int]().union(*map(_sizes, call.args))
                wrong = [n for n in re.findall(r"\d[\d,]*", check.title) if int(n.replace(",", "")) not in given]
                if wrong:
                    yield (
                        f"{of_word(folder.path / 'grading.py', check.title)}: "
                        f"the scaling check {check.title!r} of {part} is not drawn with "
                        f"{' and '.join(wrong)} entries: make them agree"
                    )
        for file, sections_of in texts.items():
            place = of_text(folder.path / file, f"def {part}(" if file.endswith(".py") else f"## {part}")
            text = " ".join(sections_of.get(part, "").split())
            said = {text[found.end() :] for found in _TIMED.finditer(text)}
            named = [size for size in sizes if any(rest.startswith(size) for rest in said)]
            for size in [size for size in sizes if size not in named]:
                yield f"{place}: does not say how large the inputs of {part} are: write `Timed on {size}.`"
            for rest in sorted(rest for rest in said if not any(rest.startswith(size) for size in sizes)):
                has = f"Timed on {sizes[0]}" if sizes else "nothing: no scaling check is declared"
                yield f"{place}: says `timed on {rest[:40]}` of {part}, but grading.py has {has}: make them agree"


def _sizes(argument: Value) -> set[int]:
    """Return the lengths of an argument, and how many different numbers it holds."""
    array = np.asarray(getattr(argument, "array", argument))
    return {*array.shape, len(np.unique(array))} if array.dtype.kind in "biufc" else set()


def _scale(folder: ExerciseFolder) -> float:
    """Return by what course.yml multiplies the points of the parts: 1 for an exercise in no assignment."""
    try:
        course = load_course(folder.path.parents[1])
    except CourseError:  # every other command reports a wrong course file
        return 1.0
    worth = [a.exercises[folder.name] for a in course.assignments if folder.name in a.exercises]
    return worth[0] / folder.exercise.points if worth else 1.0


def _stub_problems(folder: ExerciseFolder) -> Iterator[str]:
    tree = ast.parse(read_text(folder.stub))
    functions: dict[str, ast.FunctionDef] = {}
    for stub in (one for one in tree.body if isinstance(one, ast.FunctionDef)):
        if stub.name in functions:
            yield f"{folder.stub.name}:{stub.lineno}: {stub.name} is defined a second time; keep one"
        functions[stub.name] = stub
    for part in folder.exercise.parts:
        if part.kind == "manual":
            continue
        node = functions.pop(part.name, None)
        if node is None:
            yield f"{folder.stub.name}:1: has no function {part.name}; add the stub"
            continue
        place = f"{folder.stub.name}:{node.lineno}"
        yield from (f"{place}: {problem}" for problem in contract_problems(node))
        if ast.get_docstring(node) is None:
            yield f"{place}: {part.name} has no docstring: say shapes, dtypes and errors"
        elif not isinstance(node.body[-1], ast.Raise):
            yield f"{place}: {part.name} must end with `raise NotImplementedError`"
        elif (wanted := _signature(folder, part)) not in (None, given := _arguments(node)):
            yield f"{place}: {part.name}{given} is {part.name}{wanted} in the reference: make them agree"
    by_hand = [part.name for part in folder.exercise.parts if part.kind == "manual"]
    for name, node in functions.items():
        why = "is not a part of the exercise: remove it or list it in checks.py"
        if name in by_hand:
            why = f"is marked by hand: its answer is text, in {folder.name}.md or the notebook; remove the function"
        yield f"{folder.stub.name}:{node.lineno}: {name} {why}"
    yield from _acts(folder.stub.name, tree)


_TALKS = frozenset({"print", "input", "breakpoint", "help", "exit", "quit"})


def _acts(file: str, tree: ast.Module) -> Iterator[str]:
    """Yield what a stub does besides defining: it prints or asks, or runs something when it is loaded."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TALKS:
            yield f"{file}:{node.lineno}: calls {node.func.id}(), and every student's file would: take it out"
    for line in (node for node in tree.body if not isinstance(node, _DEFINES) and not is_text(node)):
        yield (
            f"{file}:{line.lineno}: `{ast.unparse(line).splitlines()[0]}` runs when the stub is loaded; "
            "a stub imports, names constants and defines functions"
        )


_DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.ClassDef, ast.Try, ast.If)


def _arguments(node: ast.FunctionDef) -> str:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    for argument in filter(None, every):
        argument.annotation = None
    return f"({ast.unparse(node.args)})"


def _signature(folder: ExerciseFolder, part: Part) -> str | None:
    """Return the arguments of a part's reference as a stub writes them, or None if they cannot be told."""
    if part.kind == "symbolic":
        return "()"
    secret = folder.secrets.get(part.name)
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


def _part_problems(part: Part) -> Iterator[str]:
    fewest = 0 if part.kind == "manual" else 1
    yield from (f"hint {i} is empty" for i, hint in enumerate(part.hints, 1) if not hint.strip())
    if (again := twice(" ".join(hint.split()).rstrip(".?! ").lower() for hint in part.hints)) is not None:
        yield f"two hints are the same: {again!r}"
    if not fewest <= len(part.hints) <= 5:
        yield f"{plural(len(part.hints), 'hint')}; one to five are needed, from general to specific"
    if not part.summary:
        yield "the summary is empty"
    if part.kind == "function" and not part.checks:
        yield "there is no public check"
    for check in part.checks:
        cases = check.cases if isinstance(check, Example) else ()
        if twice(pickle.dumps(args).hex() for args, _ in cases) is not None:
            yield f"the check {check.name!r} has two cases of the same arguments; keep one"


def public_table(part: PartQuestions) -> Callable[..., Value]:
    """Return a cheat: a function that looks public calls up in a table, and raises ValueError for all others."""
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
