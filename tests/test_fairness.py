"""A part refuses little, and a corner costs little or is what the part is about."""

import numpy as np
import pytest

from autograder.authoring.verify.fairness import corners, first_sentence, refusals, unfair
from autograder.authoring.verify.places import Problems
from autograder.checks import Example, Exercise, Hidden, Part, corner, raises, usual_checks
from autograder.course.exercises import ExerciseFolder
from autograder.judging.questions import make_questions

STATEMENT = """# Means

## mean

`mean(x)` · 4 points

The mean of `x`, which may hold entries of any size: 1.5e300 too. A second sentence. Raise `ValueError` if `x` is empty.

## other

Another part.
"""
EMPTY, FLAT, LATER = ([],), ([1.0],), ([2.0],)


def room_of(tmp_path, public, hidden=(), about=""):
    folder = tmp_path / "exercises" / "means"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(STATEMENT)
    (folder / "means.py").write_text("def mean(x):\n    raise NotImplementedError\n")
    (folder / "checks.py").touch()
    (folder / "grading.py").touch()
    part = Part("mean", points=4, checks=(Example(cases=((([1.0, 2.0],), 1.5),)), *public), about=about)
    secret = Hidden("mean", lambda x: float(np.mean(x)), (*usual_checks(lambda g: (g.normal(size=3),)), *hidden))
    exercise = Exercise("means", number="E91", title="Means", difficulty=1, minutes=5, parts=(part,))
    return ExerciseFolder(folder, exercise, {"mean": secret})


def said(folder):
    questions = make_questions(folder.exercise, folder.secrets).parts[0]
    return [text for text, _ in unfair(folder, questions, Problems(folder, "mean"))]


@pytest.mark.parametrize(
    ("public", "hidden", "count"),
    [
        ((), (), 0),
        ((raises(EMPTY),), (), 1),
        ((raises(EMPTY, FLAT),), (), 2),
        ((raises(shapes=[EMPTY, FLAT], undefined=[LATER, FLAT]),), (), 2),
        ((raises(shapes=[EMPTY]),), (raises(shapes=[FLAT], undefined=[LATER]),), 2),
        ((raises(EMPTY, FLAT, LATER),), (), 3),
        ((raises(shapes=[EMPTY]),), (raises(FLAT, LATER),), 3),
    ],
)
def test_kinds_of_refused_input_are_counted_over_both_halves_and_two_are_allowed(public, hidden, count, tmp_path):
    folder = room_of(tmp_path, public, hidden)
    assert len(refusals(make_questions(folder.exercise, folder.secrets).parts[0])) == count
    assert [f"{count} kinds of input must be refused" in text for text in said(folder)] == [True] * (count > 2)


LARGE = corner("large", "is right for large numbers", lambda g: (g.uniform(1e9, 2e9, size=3),))
DECISIVE = corner("large", "is right for large numbers", lambda g: (g.uniform(1e9, 2e9, size=3),), group="value")


@pytest.mark.parametrize(
    ("check", "about", "problem"),
    [
        (LARGE, "", ""),
        (LARGE, "entries of any size", ""),
        (DECISIVE, "entries of any size", ""),
        (DECISIVE, "", "counts as a value; say what the part is about"),
        (LARGE, "A second sentence", "which its first sentence does not say"),
    ],
)
def test_a_corner_counts_as_a_value_only_where_the_first_sentence_says_so(check, about, problem, tmp_path):
    found = said(room_of(tmp_path, (), (check,), about))
    assert [problem in text for text in found] == [True] * bool(problem)


def test_what_a_corner_can_cost_is_told(tmp_path):
    questions = make_questions((folder := room_of(tmp_path, (), (LARGE,))).exercise, folder.secrets).parts[0]
    ((name, cost),) = corners(questions)
    assert name == "large"
    assert 0 < cost <= 0.125


def test_the_first_sentence_ends_where_a_reader_ends_it():
    assert first_sentence(STATEMENT, "mean") == "The mean of `x`, which may hold entries of any size: 1.5e300 too."
    assert first_sentence(STATEMENT, "other") == "Another part."
    assert first_sentence(STATEMENT, "absent") == ""
