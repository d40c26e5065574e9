"""Prose is free of the habits that a pattern recognises; the rest is for readers."""

import re

import pytest

from tests import prose


@pytest.mark.parametrize("path", list(prose.files()), ids=lambda path: path.relative_to(prose.ROOT).as_posix())
def test_a_file_has_none_of_the_habits(path):
    assert not list(map(str, prose.habits_in(path)))


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


@pytest.mark.parametrize(
    "text", ["there is no store", "it is no longer there", "a symbol that stands for a size", "runs as ``nobody``"]
)
def test_plain_phrases_pass(text):
    assert not any(re.search(pattern, text) for pattern, _ in prose.HABITS.values())
