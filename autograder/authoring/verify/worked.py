"""What an author wrote down and nothing ran: worked calls of a statement, explanations of mutants."""

from __future__ import annotations

import ast
import doctest
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from autograder.authoring.verify.places import of_text
from autograder.checks import Example, Tolerance, mismatch, show
from autograder.course.exercises import ExerciseFolder
from autograder.exercise import Hidden
from autograder.model import Value
from autograder.text import read_text

_DECIMALS = re.compile(r"\d\.(\d+)(?:e([+-]?\d+))?")
_COMMENT = re.compile(r"#\s*([A-Za-z]+)\s*(:?)\s*(.*)")


def worked_problems(folder: ExerciseFolder, sections: dict[str, str]) -> Iterator[str]:
    """Yield the worked calls of a statement's sections, and of the stub, whose result the reference does not give."""
    texts = [(folder.path / "README.md", name, text) for name, text in sections.items()]
    with suppress(SyntaxError, OSError):  # a stub that cannot be read is named elsewhere
        functions = [node for node in ast.parse(read_text(folder.stub)).body if isinstance(node, ast.FunctionDef)]
        texts += [(folder.stub, node.name, ast.get_docstring(node) or "") for node in functions]
    for file, part, text in texts:
        secret = folder.secrets.get(part)
        for formula, said in _formulas(folder, part, text) if secret else ():
            yield f"{of_text(file, formula)}: {part}: the formula {formula} {said}"
        for example in doctest.DocTestParser().get_examples(_fenced(text)) if secret and _is_doctest(text) else ():
            line = example.source.partition("\n")[0]
            own = secret is not None and example.source.startswith(f"{part}(") and example.want.strip()
            if secret is not None and own and (said := _differs(part, secret, example)):
                yield f"{of_text(file, line)}: {part}: the worked call {line} {said}"


def _formulas(folder: ExerciseFolder, part: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the formulas in code that a text gives for a part, `part(x) = sum(x)`, where an exact case contradicts."""
    cases = [case for check in folder.exercise.part(part).checks if isinstance(check, Example) for case in check.cases]
    for written in re.findall(rf"`({part}\([\w, ]*\) = [^`]+)`", text):
        head, _, right = written.partition(" = ")
        names = [name.strip() for name in head[len(part) + 1 : -1].split(",")]
        said = next((said for args, want in cases if (said := _contradicts(names, right, args, want))), "")
        if said:
            yield written, said


def _contradicts(names: Sequence[str], right: str, args: Sequence[Value], want: Value) -> str:
    """Return how a formula in code is not the result of an exact case; empty where it is, or is not Python."""
    given = dict(zip(names, (np.asarray(a) if isinstance(a, list) else a for a in args), strict=False))
    try:
        with np.errstate(all="ignore"):
            got = eval(right, {**vars(np), "np": np, **given})  # an author's file, like grading.py
    except Exception:  # mathematics that is not Python's
        return ""
    if not isinstance(want, float | int | complex | np.ndarray) or _near(got, want, _ROUGH):
        return ""
    return f"gives {show(got)} for the arguments {show(args)}, where the case says {show(want)}"


_ROUGH = Tolerance(1e-6, 1e-9)


def _fenced(text: str) -> str:
    """Return a text in which the end of fenced code ends a result, as a blank line does."""
    return re.sub(r"^ *(?:```|~~~).*$", "", text, flags=re.MULTILINE)


def _is_doctest(text: str) -> bool:
    with suppress(ValueError):  # its dialogue is not written as Python shows it
        return bool(doctest.DocTestParser().get_examples(_fenced(text)))
    return False


def _differs(part: str, secret: Hidden, example: doctest.Example) -> str:
    """Return how a worked call's result is not the reference's; empty where it is, to the digits that are written."""
    space = {**vars(np), "np": np, "inf": np.inf, "nan": np.nan, part: secret.reference}
    try:
        wanted = eval(example.want, space)  # an author's file, like grading.py
    except Exception:  # not a value, such as text about it, or a traceback
        return ""
    try:
        with np.errstate(all="ignore"):
            got = eval(example.source, space)  # the same file, which its author runs anyway
    except Exception as error:  # whatever the reference raises is not the result that is written
        return f"raises {type(error).__name__}: {error}"
    if _near(got, wanted, _precision(example.want)):
        return ""
    return f"gives {show(got)}, not {example.want.strip()}"


def _near(got: Value, wanted: Value, tolerance: Tolerance) -> bool:
    """Whether two results are the same, their containers and the sign of an axis that is free aside."""
    if isinstance(wanted, tuple | list) and isinstance(got, tuple) and len(got) == len(wanted):
        return all(_near(one, other, tolerance) for one, other in zip(got, wanted, strict=True))
    if isinstance(wanted, str | dict | None):
        return bool(got == wanted)
    with suppress(TypeError, ValueError):
        kind = complex if np.iscomplexobj(got) or np.iscomplexobj(wanted) else float
        one, other = np.asarray(got, dtype=kind), np.asarray(wanted, dtype=kind)
        return any(mismatch(sign * one, other, tolerance) is None for sign in (1, -1) if sign == 1 or other.ndim > 1)
    return False


def _precision(text: str) -> Tolerance:
    """Return the tolerance of the digits that are written: half of the last one."""
    lasts = [10.0 ** (int(power or 0) - len(digits)) for digits, power in _DECIMALS.findall(text)]
    return Tolerance(1e-6, 0.51 * min(lasts, default=0.1))


def explanation_problems(folder: ExerciseFolder) -> Iterator[str]:
    """Yield the comments that are to explain a mutant and do not: without a reason, or misspelt."""
    root = folder.path.parents[1]
    files = {folder.path / "grading.py"}
    for secret in folder.secrets.values():
        module = sys.modules.get(getattr(secret.reference, "__module__", ""))
        file = Path(getattr(module, "__file__", None) or root)
        files |= {file} if file.is_relative_to(root) and file.is_file() else set()
    for file in sorted(files):
        for number, comment in _comments(read_text(file)):
            found = _COMMENT.fullmatch(comment)
            if found is None:
                continue
            word, colon, reason = found[1].lower(), found[2], found[3]
            place = (
                f"{file.relative_to(folder.path) if file.parent == folder.path else file.relative_to(root)}:{number}"
            )
            if word == "equivalent" and (colon or not reason) and len(reason) < 3:
                yield f"{place}: `# equivalent:` without a reason; write why no input can show the change of this line"
            elif word != "equivalent" and colon and get_close_matches(word, ["equivalent"], cutoff=0.8):
                yield f"{place}: `# {found[1]}:` is read by nothing; did you mean `# equivalent: {reason}`?"


def _comments(text: str) -> Iterator[tuple[int, str]]:
    with suppress(tokenize.TokenError, SyntaxError):  # a file that does not parse is named elsewhere
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string.strip()
