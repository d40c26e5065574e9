"""Combine what the files of an exercise declare: every part with its hidden half, and nothing left over."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeGuard

from autograder.errors import CourseError
from autograder.exercise import Alternative, Borderline, Exercise, Hidden, Misconception, Part
from autograder.model import Check, Probe
from autograder.text import did_you_mean

if TYPE_CHECKING:  # exercises without symbolic parts never import it
    from autograder.symbolic import Question


def public_half(file: Path, module: ModuleType, name: str) -> Exercise:
    """Return the exercise that ``checks.py`` declares, with the probes that it registers.

    Raises
    ------
    CourseError
        If there is none, it has another name, or something declared is not used.
    """
    exercise = getattr(module, "EXERCISE", None)
    if not isinstance(exercise, Exercise):
        raise CourseError(f"{file}: must define EXERCISE, an Exercise with name={name!r}")
    if exercise.name != name:
        raise CourseError(f"{at(file, exercise.name)}: name: given {exercise.name!r}; allowed: {name!r}")
    checks = [check for part in exercise.parts for check in part.checks]
    _refuse_idle(file, module, [*exercise.parts, *checks], "EXERCISE does not have it")
    _refuse_misspelt(file, module, "PROBES")
    if exercise.probes and not hasattr(module, "PROBES"):
        place = _assigned(file, "EXERCISE")
        raise CourseError(f"{place}: probes: write PROBES = {{...}} in checks.py, where a student's process reads them")
    probes = getattr(module, "PROBES", {})
    if not isinstance(probes, dict) or not all(isinstance(n, str) and callable(f) for n, f in probes.items()):
        raise CourseError(f"{_assigned(file, 'PROBES')}: PROBES: allowed: a dictionary of functions by name")
    # a student's process reads PROBES, so nothing else is offered to the reference
    return replace(exercise, probes=probes)


def _refuse_misspelt(file: Path, module: ModuleType, word: str) -> None:
    """Refuse a dictionary under a name that is nearly a word of the language, that nothing reads."""
    if hasattr(module, word):
        return
    for name, value in vars(module).items():
        if isinstance(value, dict) and name.isupper() and get_close_matches(name, [word], cutoff=0.8):
            raise CourseError(f"{_assigned(file, name)}: {name}: nothing reads it; did you mean {word!r}?")


def hidden_half(file: Path, module: ModuleType, exercise: Exercise) -> dict[str, object]:
    """Return the hidden half of every part: what ``grading.py`` declares, with what it registers at its functions.

    Raises
    ------
    CourseError
        If a half is declared twice or is missing, or something declared is not used.
    """
    found = _declared(file, module)
    for name, function in _registered(module):
        hidden = found.get(name)
        if isinstance(hidden, Hidden):
            found[name] = _with(file, hidden, name, function)
        elif name not in found:  # an entry of the wrong kind is named later
            known = [part for part, value in found.items() if isinstance(value, Hidden)]
            raise CourseError(f"{at(file, name)}: no Hidden for the part {name!r}{did_you_mean(name, known)}")
    if not hasattr(module, "GRADING"):  # version 0.1, whose checks are copied to get names of their own
        several = [one for one in found.values() if isinstance(one, Hidden)]
        used: list[Declaration] = []
        for one in several:
            used += [*one.checks, *one.misconceptions, *one.alternatives, *one.borderlines]
        _refuse_idle(file, module, used, "no Hidden has it")
    for i, part in enumerate(exercise.parts, 1):
        hidden = found.get(part.name)
        if isinstance(hidden, Hidden):
            found[part.name] = replace(hidden, misconceptions=tuple(_lettered(i, hidden.misconceptions)))
    return found


def _declared(file: Path, module: ModuleType) -> dict[str, object]:
    """Return what a module declares of each part: a Hidden or a Question, by the name of the part."""
    found: dict[str, object] = dict(getattr(module, "GRADING", {}))  # a dict by part name, as in version 0.1
    values = dict.fromkeys(one for one in vars(module).values() if isinstance(one, Hidden) or _is_question(one))
    for value in values:
        name = value.part if isinstance(value, Hidden) else value.id
        if name and found.setdefault(name, value) is not value:
            raise CourseError(f"{at(file, name)}: {name!r} is declared twice")
    return found


def _registered(module: ModuleType) -> list[tuple[str, Registered]]:
    """Return what is declared above the functions of a module, each with the name of its part."""
    functions = dict.fromkeys(one for one in vars(module).values() if hasattr(one, "registered"))
    return [one for function in functions for one in function.registered]


def _with(file: Path, hidden: Hidden, part: str, one: Registered) -> Hidden:
    """Return the hidden half of a part with a misconception, an alternative or a borderline answer more."""
    try:
        if isinstance(one, Misconception):
            return replace(hidden, misconceptions=(*hidden.misconceptions, one))
        if isinstance(one, Borderline):
            return replace(hidden, borderlines=(*hidden.borderlines, one))
        return replace(hidden, alternatives=(*hidden.alternatives, one))
    except CourseError as error:
        raise CourseError(f"{at(file, one.title)}: {part}: {error}") from error


def _lettered(number: int, misconceptions: Iterable[Misconception]) -> Iterator[Misconception]:
    """Yield misconceptions with an id: the number of the part and a letter, where none is given."""
    for k, one in enumerate(misconceptions):
        yield one if one.id else replace(one, id=f"{number}{letters_of(k)}")


Registered = Misconception | Alternative | Borderline
Declaration = Part | Check | Misconception | Alternative | Borderline


def _refuse_idle(file: Path, module: ModuleType, used: Iterable[Declaration], why: str) -> None:
    """Refuse a part, a check, a misconception or an alternative that is declared and used nowhere."""
    known = {_identity(one) for one in used}
    for name, value in vars(module).items():
        if isinstance(value, Declaration) and _identity(value) not in known:
            raise CourseError(f"{_assigned(file, name)}: {name} is declared, but {why}: add it, or remove it")


def _identity(one: Declaration) -> str | int:
    return one.name if isinstance(one, Part) else id(one)  # a part is copied to get its number


def _assigned(file: Path, name: str) -> str:
    """Return ``file:line`` of the line that gives a name its value."""
    lines = file.read_text(encoding="utf-8").splitlines()
    line = next((i for i, line in enumerate(lines, 1) if line.startswith((f"{name} ", f"{name}:"))), None)
    return f"{file}:{line}" if line else str(file)


def letters_of(number: int) -> str:
    """Return a, b, ..., z, za, zb, ..."""
    return "z" * (number // 26) + chr(ord("a") + number % 26)


def check_library(file: Path, module: ModuleType, parts: Iterable[str]) -> None:
    """Raise CourseError unless LIBRARY is of the form ``{part: {text of the call: function}}``."""
    _refuse_misspelt(file, module, "LIBRARY")
    library, known = getattr(module, "LIBRARY", {}), list(parts)
    place = _assigned(file, "LIBRARY")
    if not isinstance(library, dict):
        raise CourseError(f"{place}: LIBRARY: allowed: a dictionary of calls by part")
    for part, calls in library.items():
        if part not in known:
            raise CourseError(f"{at(file, part)}: LIBRARY: no function part {part!r}{did_you_mean(str(part), known)}")
        if not isinstance(calls, dict) or not all(isinstance(t, str) and callable(f) for t, f in calls.items()):
            raise CourseError(f"{at(file, part)}: LIBRARY: {part}: allowed: functions by the text of the call")


def by_kind(
    file: Path, exercise: Exercise, entries: Mapping[str, object]
) -> tuple[dict[str, Hidden], dict[str, Question]]:
    """Return the entries of function parts and of symbolic parts; raise CourseError for an entry of another kind."""
    secrets: dict[str, Hidden] = {}
    questions: dict[str, Question] = {}
    for name, entry in entries.items():
        kind = exercise.part(name).kind
        if kind == "function" and isinstance(entry, Hidden):
            secrets[name] = entry
        elif kind == "symbolic" and _is_question(entry):
            questions[name] = entry
            _formulas_read(file, name, entry)
        else:
            wanted = {"function": "a Hidden", "symbolic": "a Question"}.get(kind, "no entry")
            raise CourseError(f"{at(file, name)}: {name}: a {kind} part has {wanted}, not {type(entry).__name__}")
    for name, secret in secrets.items():
        for where, checks in ((file.with_name("checks.py"), exercise.part(name).checks), (file, secret.checks)):
            for check in checks:
                _arguments_fit(where, name, check, secret, list(exercise.probes))
    return secrets, questions


def _arguments_fit(where: Path, name: str, check: Check, secret: Hidden, known: list[str]) -> None:
    """Refuse written cases with more or fewer arguments than the reference takes, or with an unknown probe."""
    cases = getattr(check, "cases", None)
    given = [case[0] for case in cases] if isinstance(cases, tuple) else getattr(check, "inputs", ())
    try:
        signature = inspect.signature(secret.reference)
    except (TypeError, ValueError):  # a function of another language
        return
    for i, args in enumerate(given if isinstance(given, list | tuple) else (), 1):
        for probe in (one.name for one in args if isinstance(one, Probe) and one.name not in known):
            meant = did_you_mean(probe, known) if known else "; checks.py defines no PROBES"
            raise CourseError(f"{at(where, probe)}: {name}: case {i} of {check.name!r}: no probe {probe!r}{meant}")
        try:
            signature.bind(*args)
        except TypeError:
            taken = ", ".join(one for one in signature.parameters if one != "xp")
            raise CourseError(
                f"{at(where, name)}: {name}: case {i} of {check.name!r} gives {len(args)} arguments; "
                f"{name}({taken}) takes others"
            ) from None


def at(file: Path, word: object) -> str:
    """Return ``file:line`` of the first line that holds a word in quotes; the file alone if no line does."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = (i for i, line in enumerate(lines, 1) if f'"{word}"' in line or f"'{word}'" in line)
    line = next(found, None)
    return f"{file}:{line}" if line is not None else str(file)


def _formulas_read(file: Path, name: str, question: Question) -> None:
    """Refuse a question with a formula that cannot be read."""
    from autograder.symbolic.language.reading import unreadable

    for formula, why in unreadable(question):
        own = [one for one in (file, file.with_name("derivations.py")) if one.is_file()]
        found = [at(one, word) for word in (formula, name) for one in own]
        raise CourseError(f"{next((p for p in found if p.rpartition(':')[2].isdigit()), file)}: {name}: {why}")


def _is_question(entry: object) -> TypeGuard[Question]:
    if type(entry).__name__ != "Question":  # so that exercises without symbolic parts never import the package
        return False
    from autograder.symbolic import Question

    return isinstance(entry, Question)
