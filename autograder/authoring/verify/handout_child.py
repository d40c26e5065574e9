"""Runs in an interpreter of its own: import a handout's files and run its public checks with what students have.

Called as ``handout_child.py PACKAGE HANDOUT NAME RIGHT MODULE...``, with the modules of the packages in ``course.yml``;
prints the problems as a JSON list of strings.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import pickle
import resource
import runpy
import sys
import traceback
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

PROCESSOR = 120
"""Processor seconds, of which about one is needed."""

STUDENT = frozenset({
    "autograder", "numpy", "yaml", "_yaml", "click", "rich", "markdown_it", "mdurl", "pygments", "colorama",
    "typing_extensions",
})  # fmt: skip
"""Top-level modules of the package's own requirements, without extras: all that ``checks.py`` may need,
so that `check` answers at once."""

ANSWERS = frozenset({"scipy"})
"""What a stub may import besides, as answers do."""

FIGURE = frozenset({"matplotlib", "mpl_toolkits"})
"""What ``figure.py`` may import besides: `autograder plot` asks for it."""


class OnlyStudents(MetaPathFinder):
    """Refuses every module that a student does not have to the exercise and to this package.

    What other packages import is theirs: those in ``course.yml`` need others in turn.
    """

    def __init__(self, modules: frozenset[str], ours: Sequence[str]) -> None:
        self.allowed, self.ours = STUDENT | modules, tuple(ours)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> None:
        """Refuse a module, or leave it to the finders that follow."""
        top = fullname.partition(".")[0]
        if top not in self.allowed and top not in sys.stdlib_module_names and _importer().startswith(self.ours):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def _importer() -> str:
    """Return the file of the code that imports."""
    frame = sys._getframe(2)  # what called the finder
    while frame.f_back is not None and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    return frame.f_code.co_filename


class NotCheckable(Exception):
    """The handout's `autograder check` reports an error of the exercise."""


def main(package: str, handout: str, name: str, right: str, *listed: str) -> None:
    """Try a handout and print what is wrong with it."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    modules = frozenset(listed)
    sys.meta_path.insert(0, OnlyStudents(modules, (handout, f"{package}/autograder/")))
    sys.path.insert(0, package)
    print(json.dumps(list(_problems(Path(handout), name, Path(right), modules))))


def _problems(handout: Path, name: str, right: Path, modules: frozenset[str]) -> Iterator[str]:
    folder = handout / "exercises" / name
    more = {"figure": FIGURE | ANSWERS, name: ANSWERS}
    known = {file: STUDENT | modules | more.get(file.stem, frozenset()) for file in sorted(folder.glob("*.py"))}
    foreign = [found for file, allowed in known.items() for found in _foreign(file, allowed)]
    yield from foreign
    if foreign:
        return
    try:
        printed, parts = _checked(name)
    except NotCheckable as error:
        place, _, what = str(error).partition(": ")
        yield f"{place}: {what}; in the handout, where only what students have can be read"
        return
    if printed:
        place = _line_of(folder / "checks.py", "print(")
        yield f"{place}: prints {printed.splitlines()[0]!r} while it is loaded; take it out, for `check --json` is read"
    for part in parts:
        if part["status"] not in ("not_started", "manual"):
            place = _line_of(folder / f"{name}.py", f"def {part['name']}(")
            yield f"{place}: in the handout the stub of {part['name']} is {part['status']}; it must be not_started"
    yield from _judged(handout, name, right)


def _checked(name: str) -> tuple[str, list[dict[str, Any]]]:
    """Return what the exercise prints, and the parts that `autograder check NAME --json` reports to a student."""
    sys.argv = ["autograder", "check", name, "--json"]
    said, why = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(why), contextlib.suppress(SystemExit):
        runpy.run_module("autograder", run_name="__main__")
    printed, found, report = f"\n{said.getvalue()}".rpartition("\n[\n")
    if not found:  # an error in the exercise, which stops every command
        raise NotCheckable(why.getvalue().strip().removeprefix("error: "))
    parts: list[dict[str, Any]] = json.loads(f"[{report}")[0]["parts"]
    return printed.strip(), parts


def _judged(handout: Path, name: str, right: Path) -> Iterator[str]:
    """Run every public check on what the reference answers."""
    from autograder.checks.laws import verdict_on
    from autograder.course.declarations import at
    from autograder.course.exercises import load_exercise
    from autograder.judging.drawn import generator

    exercise = load_exercise(handout, name, hidden=False).exercise
    answers = pickle.loads(right.read_bytes())  # `verify` wrote it from the reference; no student's bytes are in it
    for (part, i), seen in answers.items():
        check = exercise.part(part).checks[i]
        place = at(handout / "exercises" / name / "checks.py", part)
        try:
            calls = check.calls(generator(exercise.part(part).number, None))
            failure = verdict_on(check, calls, seen, (None,) * len(calls)).failure
        except Exception as error:  # an author's check may fail in any way
            what = f"in the handout the public check {check.name!r} of {part} raises {_text(error)}"
            yield f"{_where(error) or place}: {what}"
            continue
        if failure is not None:
            what = f"in the handout the public check {check.name!r} of {part} fails for right values"
            yield f"{place}: {what}: {failure.message}"


def _foreign(file: Path, allowed: frozenset[str]) -> Iterator[str]:
    """Yield the imports of a file, lazy ones too, that students cannot make."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        yield f"{file.name}: {error}"
        return
    for node in ast.walk(tree):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""] if not node.level else [_NEXT]
        for module in modules:
            top, line = module.partition(".")[0], getattr(node, "lineno", 0)
            if top not in allowed and top not in sys.stdlib_module_names:
                cure = "move it to grading.py"
                if module != _NEXT:
                    cure = f"list its package under packages in course.yml, or {cure}"
                yield f"{file.name}:{line}: imports {module}, which students do not have: {cure}"


_NEXT = "a neighbouring file"


def _line_of(file: Path, words: str) -> str:
    """Return ``file:line`` of the first line that begins with some words; the file alone if no line does."""
    lines = file.read_text(encoding="utf-8").splitlines()
    line = next((i for i, line in enumerate(lines, 1) if line.strip().startswith(words)), None)
    return f"{file.name}:{line}" if line else file.name


def _where(error: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).name == "checks.py"]
    return f"checks.py:{frames[-1].lineno}" if frames else ""


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main(*sys.argv[1:])
