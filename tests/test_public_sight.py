"""What public checks cannot see is said where they pass, and no points are told from them alone."""

from dataclasses import replace

import pytest

from autograder.authoring.verify.report import ExerciseResult, MisconceptionResult, PartResult
from autograder.authoring.verify.report import as_json as verified
from autograder.judging.public_half import blind_parts, digest, freeze
from autograder.model import PartReport
from autograder.student.check import Checked
from autograder.student.render import as_json, as_text
from tests.conftest import course_exercise

LATER = "values are checked when graded"
NAME = "empirical_risk"


@pytest.fixture(scope="module")
def folder():
    return course_exercise(NAME)


def checked(folder, status, blind):
    part = PartReport("mse", "function", status, 0.0, 3.0)
    return Checked(folder, folder.stub, (part,), "", (), frozenset(blind))


@pytest.mark.parametrize("blind", [(), ("mse",)])
@pytest.mark.parametrize("status", ["correct", "wrong"])
def test_the_ok_line_says_what_is_checked_later_and_only_where_it_is_so(folder, status, blind):
    told = checked(folder, status, blind)
    assert (LATER in as_text(told)) is (status == "correct" and bool(blind))
    assert as_json(told)["values_checked_when_graded"] == list(blind)
    assert "points" not in as_text(told)


def test_a_part_is_blind_if_a_misconception_with_wrong_values_passes_in_public(folder):
    def public(checks):
        parts = tuple(replace(p, checks=checks) for p in folder.exercise.parts if p.name == "mse")
        return replace(folder, exercise=replace(folder.exercise, parts=parts))

    seeing = next(part.checks for part in folder.exercise.parts if part.name == "mse")
    assert "mse" not in freeze(public(seeing))["blind"]
    assert "mse" in freeze(public(tuple(c for c in seeing if c.role == "refusal")))["blind"]


def test_without_frozen_data_a_part_without_public_values_is_blind(folder, tmp_path):
    away = replace(folder, path=tmp_path)
    bare = {p.name for p in folder.exercise.parts if p.kind == "function" and all(c.group != "value" for c in p.checks)}
    assert blind_parts(away) == bare


@pytest.mark.parametrize("file", ["exercises/one/grading.py", "exercises/one/table.csv", "reference/losses.py"])
def test_what_is_frozen_is_made_again_when_a_file_that_it_is_made_from_changes(file, tmp_path):
    place = tmp_path / file
    for folder in (tmp_path / "exercises" / "one", tmp_path / "reference"):
        folder.mkdir(parents=True)
    before = digest(tmp_path / "exercises" / "one")
    place.write_text("1")
    first = digest(tmp_path / "exercises" / "one")
    place.write_text("2")
    assert len({before, first, digest(tmp_path / "exercises" / "one")}) == 3


def found(number, *, caught=True, recognisable=True, shown_by="values"):
    return MisconceptionResult(
        str(number), f"mistake {number}", ("rand",) * caught, recognisable, recognisable, (), 0.0, shown_by=shown_by
    )


def test_verify_counts_what_names_each_misconception_and_lists_those_that_are_never_named():
    wrong = (found(1), found(2, shown_by="law"), found(3, shown_by="check"), found(4, recognisable=False, shown_by=""))
    part = PartResult("mse", "E01.1", "function", 3.0, True, misconceptions=wrong)
    data = verified([ExerciseResult("empirical_risk", "E01", "Risk", 3.0, (part,))])
    assert data["named_by"] == {"values": 1, "law": 1, "check": 1, "formula": 0}
    assert sum(data["named_by"].values()) + len(data["never_named"]) == data["misconceptions"]
    assert [one["title"] for one in data["never_named"]] == ["mistake 4"]
