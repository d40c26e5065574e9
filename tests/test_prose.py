"""Prose is free of the habits that a pattern recognises; the rest is for readers."""

import re

import pytest

from tests import prose


def test_no_file_has_one_of_the_habits():
    assert [str(habit) for path in prose.files() for habit in prose.habits_in(path)] == []


@pytest.mark.parametrize(
    ("habit", "text"),
    [
        ("an inversion", "Changed are operators and signs."),
        ("an inversion", "no such field; known are title, assignments"),
        ("'is no X'", "this is no text file"),
        ("'stands' for is", "what stands in braces"),
        ("'nobody' and its kin", "the student whom a name means"),
        ("'beside'", "a file beside the code"),
        ("'waits for a person'", "it waits for a person"),
        ("a house word", "array-api-strict as its conscience"),
    ],
)
def test_every_habit_is_recognised(habit, text):
    assert [name for name, (pattern, _) in prose.HABITS.items() if re.search(pattern, text)] == [habit]


@pytest.mark.parametrize("begin", ["# ", '    """', "x = f'", "// "])
@pytest.mark.parametrize("text", ["Changed are operators.", "Nobody knows.", "Ghosts: known are two"])
def test_a_file_with_a_habit_is_not_passed_over(begin, text):
    assert prose._ANYWHERE.search(f"Some text.\n{begin}{text}\n")


@pytest.mark.parametrize(
    "text", ["there is no store", "it is no longer there", "a symbol that stands for a size", "runs as ``nobody``"]
)
def test_plain_phrases_pass(text):
    assert not any(re.search(pattern, text) for pattern, _ in prose.HABITS.values())
