"""The cost of an assignment: sums over verified exercises, calls and judging, with advice where it is too much."""

import json

import pytest
from click.testing import CliRunner

from autograder.authoring.verify import ExerciseResult, PartResult
from autograder.authoring.verify.cost import JUDGING, LIMIT, as_data, as_lines, assignment_costs
from autograder.cli import author
from tests.conftest import ROOT


def folder(name, *checks, number="E01", judging=0.125):
    part = PartResult("part", f"{number}.1", "function", 5, True, seconds=checks, judging=judging)
    return ExerciseResult(name, number, name, 5, (part,))


EXERCISES = (
    folder("first", ("hand", 0.125), ("rand", 0.25), ("scaling:perf", 1.0)),
    folder("second", ("hand", 0.5), number="E02"),
    folder("third", ("hand", 0.25), number="E03"),
)
PLAN = {"one": ("first", "second"), "two": ("third", "fourth"), "three": ("fifth",)}


def test_exercises_add_up_by_assignment_and_scaling_checks_count():
    costs = {one.name: one for one in assignment_costs(EXERCISES, PLAN)}
    assert {name: one.seconds for name, one in costs.items()} == {"one": 1.875, "two": 0.25}
    assert {name: one.judging for name, one in costs.items()} == {"one": 0.25, "two": 0.125}
    assert costs["one"].left_out == ()
    assert (costs["two"].exercises, costs["two"].left_out) == (("third",), ("fourth",))
    assert costs["one"].costliest[0] == ("first.part.scaling:perf", 1.0)


@pytest.mark.parametrize(
    ("seconds", "judging", "ok"),
    [(LIMIT, JUDGING, True), (LIMIT + 1e-6, JUDGING, False), (LIMIT, JUDGING + 1e-6, False)],
)
def test_an_assignment_above_a_limit_gets_advice(seconds, judging, ok):
    costs = assignment_costs([folder("first", ("hand", seconds), judging=judging)], {"one": ("first",)})
    assert as_data(costs)[0]["ok"] is ok
    text = "\n".join(as_lines(costs))
    assert ("ADVICE one" in text) is not ok
    assert ("first.part.hand" in text) is not ok


@pytest.mark.parametrize("seconds", [0.125, 2.0])
def test_the_command_says_the_cost_and_no_time_fails_it(monkeypatch, seconds):
    name = author.exercise_names(ROOT)[0]
    monkeypatch.setenv("AUTOGRADER_COURSE", str(ROOT))
    monkeypatch.setattr(author, "_verify_all", lambda root, names, *_: [folder(name, ("hand", seconds))])
    monkeypatch.setattr(author, "_house_problems", lambda root, folders: ())
    shown = CliRunner().invoke(author.verify_command, [name])
    assert shown.exit_code == 0
    assert f"{seconds:.3f} s of calls, 0.125 s of judging, 1 of " in shown.output
    assert "every promise holds" in shown.output.splitlines()[-1]
    data = json.loads(CliRunner().invoke(author.verify_command, [name, "--json"]).output)
    assert (data["ok"], [one["seconds"] for one in data["assignments"]]) == (True, [seconds])
