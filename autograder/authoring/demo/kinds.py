"""The kinds of demo students: what each hands in for an exercise, given the exercise's own functions."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import ModuleType

from autograder.authoring.standalone import NotExtractable, WrittenFunction, as_written, standalone
from autograder.course.exercises import ExerciseFolder
from autograder.exercise import Hidden, Part
from autograder.model import Value
from autograder.plain import dataclass
from autograder.symbolic import Question

AnswerWriter = Callable[[ExerciseFolder, int], tuple[str, str]]
"""Returns suffix and text of the file for an exercise and the student's number."""

MisconceptionCode = Callable[..., Value] | WrittenFunction
AnswerSource = MisconceptionCode | str

_STUB = "def {name}(*args):\n    raise NotImplementedError\n"


@dataclass(frozen=True)
class AnswerKind:
    """A kind of student."""

    name: str
    write: AnswerWriter


def parts_of(folder: ExerciseFolder) -> list[tuple[Part, Hidden]]:
    """Return the function parts of an exercise with their hidden halves."""
    return [(part, folder.secrets[part.name]) for part in folder.exercise.parts if part.name in folder.secrets]


def formulas_of(folder: ExerciseFolder) -> dict[str, Question]:
    """Return the questions of the symbolic parts of an exercise, in the order of the parts."""
    return {part.name: folder.questions[part.name] for part in folder.exercise.parts if part.name in folder.questions}


def _names(folder: ExerciseFolder) -> list[str]:
    return [part.name for part in folder.exercise.parts if part.name in folder.secrets or part.name in folder.questions]


def _formula(name: str, answer: str) -> str:
    return f"def {name}():\n    return {answer!r}\n"


def solution(folder: ExerciseFolder, **replaced: AnswerSource) -> str:
    """Return the worked solution with some parts replaced, by another function or by text (none for an empty one)."""
    functions: dict[str, MisconceptionCode] = {}
    texts: list[str] = []
    for part, secret in parts_of(folder):
        answer = replaced.get(part.name, secret.reference)
        if isinstance(answer, str):
            texts.append(answer)
        else:
            functions[part.name] = answer
    for name, question in formulas_of(folder).items():
        answer = replaced.get(name, _formula(name, question.truth))
        assert isinstance(answer, str)  # formulas are replaced by text alone
        texts.append(answer)
    # one text for all of them, so that a helper of one part cannot take the name of another
    return "\n\n".join([standalone(functions), *(text for text in texts if text)])


def _first(folder: ExerciseFolder) -> str:
    return parts_of(folder)[0][0].name


def right(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """Everything right."""
    return ".py", solution(folder)


def right_notebook(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """Everything right, in a notebook: a cell per part, a magic, a plot."""
    cells = ["%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"]
    cells += [standalone({part.name: secret.reference}) for part, secret in parts_of(folder)]
    formulas = formulas_of(folder)
    cells += [_formula(name, question.truth) for name, question in formulas.items()]
    return ".ipynb", notebook(cells, [None, *(part.name for part, _ in parts_of(folder)), *formulas])


def notebook(cells: Sequence[str], grade_ids: Sequence[str | None]) -> str:
    """Return a version 4 notebook of code cells; a grade_id makes a cell an nbgrader answer."""
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "cells": [_cell(i, text, name) for i, (text, name) in enumerate(zip(cells, grade_ids, strict=True))],
        },
        indent=1,
    )


def _cell(index: int, text: str, grade_id: str | None) -> dict[str, object]:
    answer = {"schema_version": 3, "grade": False, "solution": True, "locked": False, "task": False}
    return {
        "cell_type": "code",
        "id": f"cell-{index}",
        "execution_count": None,
        "metadata": {} if grade_id is None else {"nbgrader": {**answer, "grade_id": grade_id}},
        "outputs": [],
        "source": text,
    }


def another_way(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """Every part by one of its legitimate alternatives, where it has one."""
    chosen: dict[str, AnswerSource] = {}
    for part, secret in parts_of(folder):
        if secret.alternatives:
            other = secret.alternatives[number % len(secret.alternatives)]
            function = _extractable(_module(folder), part.name, "Alternative", other.title, other.right)
            if function is not None:
                chosen[part.name] = function
    for name, question in formulas_of(folder).items():
        if question.equivalents:
            chosen[name] = _formula(name, question.equivalents[number % len(question.equivalents)])
    return ".py", solution(folder, **chosen)


def chatty(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """Everything right, with prints and warnings in every function."""
    text = "import warnings\n\n" + solution(folder)
    for part, _ in parts_of(folder):
        text += (
            f"\n\n_quiet_{part.name} = {part.name}\n\ndef {part.name}(*args):\n"
            f"    print('in {part.name}', args)\n    warnings.warn('careful')\n    return _quiet_{part.name}(*args)\n"
        )
    return ".py", text


def misconceived(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """A misconception in every part: number ``number`` of each part's list, around and around."""
    wrong: dict[str, AnswerSource] = {}
    for part, secret in parts_of(folder):
        if secret.misconceptions:
            one = secret.misconceptions[number % len(secret.misconceptions)]
            function = _extractable(_module(folder), part.name, "Misconception", one.title, one.wrong)
            if function is not None:
                wrong[part.name] = function
    for name, question in formulas_of(folder).items():
        if question.misconceptions:
            wrong[name] = _formula(name, question.misconceptions[number % len(question.misconceptions)].answer)
    return ".py", solution(folder, **wrong)


def _module(folder: ExerciseFolder) -> ModuleType:
    return sys.modules[f"exercises.{folder.name}.grading"]


@lru_cache(maxsize=4096)
def _extractable(
    module: ModuleType, name: str, kind: str, title: str, function: Callable[..., Value]
) -> MisconceptionCode | None:
    """Return the function, or the expression that makes it, whichever works on its own; None if neither does."""
    for candidate in (lambda: function, lambda: as_written(module, kind, title)):
        try:
            if (found := candidate()) is not None:
                standalone({name: found})
                return found
        except NotExtractable:
            continue
    return None


def untouched(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """The stub as it was handed out."""
    return ".py", "\n\n".join(_STUB.format(name=name) for name in _names(folder))


def half_done(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """The first half of the parts right, the rest untouched."""
    names = _names(folder)
    rest = names[(len(names) + 1) // 2 :]
    return ".py", solution(folder, **{name: _STUB.format(name=name) for name in rest})


def first_only_missing(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """The first function deleted, the rest right."""
    return ".py", solution(folder, **{_first(folder): ""})


def syntax_error(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """A file that does not parse."""
    return ".py", solution(folder) + "\n\ndef broken(:\n    return\n"


def fails_at_import(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """The first function right, then an error while the file is loaded."""
    parts = parts_of(folder)
    head = standalone({parts[0][0].name: parts[0][1].reference})
    tail = [standalone({part.name: secret.reference for part, secret in parts[1:]})]
    tail += [_formula(name, question.truth) for name, question in formulas_of(folder).items()]
    return ".py", head + "\n\nprint(undefined_name)\n\n\n" + "\n\n".join(tail)


def _with_first(body: str) -> AnswerWriter:
    def write(folder: ExerciseFolder, number: int) -> tuple[str, str]:
        name = _first(folder)
        return ".py", solution(folder, **{name: f"def {name}(*args):\n{body}"})

    return write


loops = _with_first("    while True:\n        pass\n")
crashes = _with_first("    import os\n    os._exit(0)\n")
exits = _with_first("    import sys\n    sys.exit()\n")
eats_memory = _with_first("    table = [[0.0] * 10**6] * 10 + [[0.0] * 10**10]\n    return table\n")
returns_none = _with_first("    print(args)\n")
returns_text = _with_first("    return 'about right'\n")
raises = _with_first("    return 1 / 0\n")
reads_files = _with_first("    return open('/etc/passwd').read()\n")


def changes_input(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """Everything right, but every array argument is zeroed afterwards."""
    text = solution(folder)
    for part, _ in parts_of(folder):
        text += (
            f"\n\n_right_{part.name} = {part.name}\n\ndef {part.name}(*args):\n"
            f"    result = _right_{part.name}(*args)\n"
            "    for one in args:\n"
            "        if isinstance(one, np.ndarray):\n"
            "            one *= 0\n"
            "    return result\n"
        )
    return ".py", text


def shared_mistake(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """The first function's numbers off by a factor that no misconception has: several students hand in the same."""
    name = _first(folder)
    return ".py", solution(folder) + (
        f"\n\n_right_{name} = {name}\n\ndef _off(value):\n"
        "    if isinstance(value, tuple):\n"
        "        return tuple(map(_off, value))\n"
        "    return value * 1.7 if isinstance(value, (float, np.ndarray)) else value\n\n"
        f"def {name}(*args):\n    return _off(_right_{name}(*args))\n"
    )


def written(folder: ExerciseFolder, number: int) -> str:
    """Return what a student writes for the part that a person marks: more or less of its criteria, or nothing."""
    for part in folder.exercise.parts:
        if part.kind == "manual":
            titles = [one.title for one in part.criteria] or [part.summary]
            told = (titles, titles[:1], [], titles[1:])[number % 4]
            lines = [
                f"* {title[0].upper()}{title[1:]}: **see above**, since $y_i = f(x_i) + \\varepsilon_i$."
                for title in told
            ]
            return "\n".join(lines) or ("I am not sure." if number % 8 == 2 else "")
    return ""


def broken_notebook(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """A notebook cut off in the middle of its JSON."""
    return ".ipynb", right_notebook(folder, number)[1][:200]


def notebook_with_error(folder: ExerciseFolder, number: int) -> tuple[str, str]:
    """A notebook whose first answer does not parse; the other cells are right."""
    parts = parts_of(folder)
    cells = [
        f"def {parts[0][0].name}(:\n    return",
        *(standalone({part.name: secret.reference}) for part, secret in parts[1:]),
        *(_formula(name, question.truth) for name, question in formulas_of(folder).items()),
    ]
    return ".ipynb", notebook(cells, [*(part.name for part, _ in parts), *formulas_of(folder)])


KINDS: tuple[AnswerKind, ...] = (
    AnswerKind("right", right),
    AnswerKind("misconceived", misconceived),
    AnswerKind("half_done", half_done),
    AnswerKind("right_notebook", right_notebook),
    AnswerKind("misconceived", misconceived),
    AnswerKind("untouched", untouched),
    AnswerKind("another_way", another_way),
    AnswerKind("misconceived", misconceived),
    AnswerKind("chatty", chatty),
    AnswerKind("syntax_error", syntax_error),
    AnswerKind("misconceived", misconceived),
    AnswerKind("changes_input", changes_input),
    AnswerKind("first_missing", first_only_missing),
    AnswerKind("misconceived", misconceived),
    AnswerKind("returns_none", returns_none),
    AnswerKind("raises", raises),
    AnswerKind("notebook_with_error", notebook_with_error),
    AnswerKind("misconceived", misconceived),
    AnswerKind("fails_at_import", fails_at_import),
    AnswerKind("misconceived", misconceived),
)
"""Every twenty students of a class, in this order."""

ACCIDENTS: tuple[AnswerKind, ...] = (
    AnswerKind("loops", loops),
    AnswerKind("crashes", crashes),
    AnswerKind("eats_memory", eats_memory),
    AnswerKind("broken_notebook", broken_notebook),
    AnswerKind("exits", exits),
    AnswerKind("returns_text", returns_text),
    AnswerKind("reads_files", reads_files),
    *(3 * (AnswerKind("shared_mistake", shared_mistake),)),
)
"""Once in a class, the last three times: students 21, 22, ... while there are so many."""


def kind_of(number: int, *, slow: bool = True) -> AnswerKind:
    """Return the kind of student ``number``, counted from 0; with ``slow`` there are accidents among them."""
    if slow and len(KINDS) <= number < len(KINDS) + len(ACCIDENTS):
        return ACCIDENTS[number - len(KINDS)]
    return KINDS[number % len(KINDS)]


def misconception_number(number: int, *, slow: bool = True) -> int:
    """Return how many misconceived students come before this one."""
    return sum(kind_of(k, slow=slow).name == "misconceived" for k in range(number))
