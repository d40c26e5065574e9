"""Everything that the tests have of written answers to the symbolic parts, right and wrong, by the name of the part."""

from __future__ import annotations

from autograder.course.exercises import exercise_names
from tests.conftest import ROOT, course_exercise

from .derivations import RIGHT, WRONG
from .test_corpus import CORPUS
from .test_spelling import LATEX
from .test_spelling import RIGHT as SPELLED
from .test_students import STUDENTS


def written() -> dict[str, list[str]]:
    """Return the distinct texts of each part: formulas in text and LaTeX, and derivations."""
    folders = [course_exercise(name) for name in exercise_names(ROOT)]
    parts = {folder.exercise.part(name).number: name for folder in folders for name in folder.questions}
    questions = {name: question for folder in folders for name, question in folder.questions.items()}
    texts: list[tuple[str, str]] = []
    for part, question in questions.items():
        forms = (question.truth, *question.equivalents, *(form.answer for form in question.misconceptions))
        texts += [(part, text) for text in forms]
        said = STUDENTS["formulas"][part]
        texts += [(part, text) for text in (*said["right"], *said["wrong"])]
        texts += [(part, text) for one in said.get("refused", ()) for text in (one["text"], one["write"])]
    texts += [(one["part"], one["text"]) for one in STUDENTS["derivations"]]
    texts += [(parts[entry["question"]], answer["text"]) for entry in CORPUS for answer in entry["answers"]]
    texts += [(parts[key], text) for key, text in (*SPELLED, *LATEX)]
    texts += [(parts[key], text) for key, text, _ in (*RIGHT.values(), *WRONG.values())]
    return {part: list(dict.fromkeys(text for name, text in texts if name == part)) for part in questions}
