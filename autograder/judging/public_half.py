"""Freeze what a student's check needs of the hidden half: how each misconception answers the public cases.

``public.json`` is next to the stubs.  A release writes it; in a course checkout it is made on first need and again
whenever one of the files that it is made from changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from autograder.course.exercises import ExerciseFolder, data_of, load_exercise
from autograder.errors import CourseError
from autograder.judging.packed import pack, unpack
from autograder.judging.questions import PartQuestions, WrongAnswer, make_questions, public_questions
from autograder.text import install

FILE = "public.json"
VERSION = 2


def freeze(folder: ExerciseFolder) -> dict[str, Any]:
    """Return the content of an exercise's ``public.json``.

    Parameters
    ----------
    folder : ExerciseFolder
        Loaded with its hidden half.

    Returns
    -------
    dict
        JSON data: ``version``, ``digest`` of the sources; by function part (``parts``) the misconceptions with their
        hints and their answers to the public cases; by symbolic part (``questions``) what may be known of its question;
        the parts that public checks do not decide (``blind``).
    """
    return {
        "version": VERSION,
        "digest": digest(folder.path),
        "parts": {
            questions.part.name: [
                {"id": f.id, "title": f.title, "hint": f.hint, "values": [pack(v) for v in f.values]}
                for f in questions.wrong_answers
                if questions.shows(f, plain=False)
            ]
            for questions in public_questions(folder.exercise, folder.secrets)
            if questions.part.kind == "function"
        },
        "questions": _published(folder),
        "blind": [one.part.name for one in make_questions(folder.exercise, folder.secrets, 0).parts if _is_blind(one)],
    }


def _is_blind(questions: PartQuestions) -> bool:
    """Whether some misconception passes every public check and has wrong values all the same."""
    public = [i for i, asked in enumerate(questions.asked) if asked.visibility == "public"]
    values = [i for i, asked in enumerate(questions.asked) if asked.check.group == "value" and not asked.alone]
    return any(
        not any(questions.breaks(wrong, i) for i in public) and any(questions.breaks(wrong, i) for i in values)
        for wrong in questions.wrong_answers
    )


def blind_parts(folder: ExerciseFolder) -> frozenset[str]:
    """Return the parts whose public checks cannot see a mistake that costs more than half of the points.

    Where nothing is frozen, those without a public value check.
    """
    data = _read(folder.path / FILE)
    if data is not None and "blind" in data:
        return frozenset(data["blind"])
    functions = [part for part in folder.exercise.parts if part.kind == "function"]
    return frozenset(part.name for part in functions if all(check.group != "value" for check in part.checks))


def _published(folder: ExerciseFolder) -> dict[str, Any]:
    if not folder.questions:
        return {}
    # numeric exercises do without it
    from autograder.symbolic import publish

    return {name: publish(question) for name, question in folder.questions.items()}


def digest(path: Path) -> str:
    """Return a hash of the files that the frozen data are made from: the exercise's own, and the reference."""
    total = hashlib.sha256()
    sources = [path / name for name in ("checks.py", "grading.py", "derivations.py")]
    reference = (path.parents[1] / "reference").rglob("*.py")
    for file in sorted([*filter(Path.is_file, sources), *data_of(path), *reference]):
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def wrong_answers(root: Path, folder: ExerciseFolder) -> dict[str, tuple[WrongAnswer, ...]]:
    """Return the misconceptions of each part as answers to its public cases; none where nothing is frozen.

    In a checkout that has ``grading.py`` a stale or missing ``public.json`` is made anew.
    """
    data = _frozen(root, folder)
    return {} if data is None else {name: _thaw(items) for name, items in data["parts"].items()}


def published_questions(root: Path, folder: ExerciseFolder) -> dict[str, Any]:
    """Return what is published of each symbolic part's question; nothing where nothing is frozen."""
    data = _frozen(root, folder)
    return {} if data is None else data.get("questions", {})


def _frozen(root: Path, folder: ExerciseFolder) -> dict[str, Any] | None:
    file = folder.path / FILE
    data = _read(file)
    if (folder.path / "grading.py").is_file() and (data is None or data.get("digest") != digest(folder.path)):
        try:
            data = freeze(load_exercise(root, folder.name, hidden=True))
        except (CourseError, ImportError) as error:
            if "No module named" not in str(error):
                raise
            advice = f"what the course itself needs is brought by: {install('grade')}"
            raise CourseError(f"{error}; {advice}") from None
        with contextlib.suppress(OSError):  # a checkout that cannot be written to still checks, only slower
            file.write_text(json.dumps(data), encoding="utf-8")
    return data


def _read(file: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    known = isinstance(data, dict) and data.get("version") == VERSION and isinstance(data.get("parts"), dict)
    return data if known else None


def _thaw(items: list[dict[str, Any]]) -> tuple[WrongAnswer, ...]:
    return tuple(WrongAnswer(i["id"], i["title"], i["hint"], tuple(unpack(v) for v in i["values"])) for i in items)


def with_wrong_answers(questions: PartQuestions, known: dict[str, tuple[WrongAnswer, ...]]) -> PartQuestions:
    """Return public questions with the frozen misconceptions of its part."""
    return PartQuestions(questions.part, questions.asked, known.get(questions.part.name, ()))
