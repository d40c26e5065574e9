"""What is told of an answer is true of it, begins with the first cause, and reads alike wherever it is read."""

import html
import json
import re

import pytest
from click.testing import CliRunner

from autograder.checks.abnormal import abnormal
from autograder.cli import cli
from autograder.course.feedback_policy import LEAST
from autograder.lms.nbgrader.verdicts import verdicts
from autograder.model import WHILE_LOADING, Call, Observation
from autograder.store.store import open_store

BODY = """import numpy as np


def sample_mean(y_true):
    y = np.asarray(y_true, dtype=float)
    {}
"""
GUARD = "if y.size == 0:\n        raise ValueError('empty')\n    "
ANSWERS = {
    "the sum": (GUARD + "return float(y.sum())", "returns a wrong value"),
    "a right list": (GUARD + "return [float(y.mean())]", "the numbers are right: write float(np.squeeze(result))"),
    "an array of one": (GUARD + "return y.mean(keepdims=True).reshape(1)", "the numbers are right: write float("),
    "no guard": ("return float(np.mean(y)) if y.size else 0.0", "returns a value"),
    "an error": ("return y[99]", "raises IndexError"),
    "a text": (GUARD + "return 'three'", "returns a str, expected a number"),
}
QUICK = ("the sum", "a right list")
ANSWERS["a loop"] = ("while y.size: pass", "does not end in time")


def run(root, *words, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    return CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)


def words_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.integration) for name in ANSWERS]
)
def test_check_record_show_page_and_nbgrader_begin_with_the_same_cause_in_the_same_words(
    name, mini, tmp_path, monkeypatch
):
    body, told = ANSWERS[name]
    file = tmp_path / "in" / "alice" / "hw" / "first_mean.py"
    file.parent.mkdir(parents=True)
    file.write_text(BODY.format(body))
    checked = run(mini, "check", file, "--json", monkeypatch=monkeypatch)
    (part,) = json.loads(checked.stdout)[0]["parts"]
    text = run(mini, "check", file, monkeypatch=monkeypatch).stdout
    out = tmp_path / "out"
    graded = run(mini, "grade", file, "--exercise", "first_mean", "--out", out, "--jobs", "1", monkeypatch=monkeypatch)
    assert graded.exit_code == 0, graded.output
    with open_store(out) as store:
        (record,) = store.records()
    shown = run(mini, "show", record.student, "first_mean", "--out", out, monkeypatch=monkeypatch).stdout
    run(mini, "report", out, monkeypatch=monkeypatch)
    page = words_of((out / "report" / "students" / "0001.html").read_text())
    comment = verdicts(record, LEAST)[0].said

    failed = [one for one in part["checks"] if one["outcome"] == "fail"]
    first = next(one for one in failed if one["message"] in text)
    message, call = first["message"], first["call"]
    assert told in message
    assert message in record.parts[0]["message"]
    assert record.parts[0]["message"].startswith(call)
    assert all(message in where for where in (text, shown, page))
    assert message in html.unescape(comment)
    others = [one["message"] for one in failed if one["message"] not in (message, None)]
    assert all(shown.index(message) < shown.rindex(one) for one in others)


@pytest.mark.parametrize(
    "name",
    [
        "a right list",
        *(pytest.param(n, marks=pytest.mark.integration) for n in ("the sum", "an array of one", "a text")),
    ],
)
def test_nothing_is_told_that_is_untrue_of_the_values(name, mini, tmp_path, monkeypatch):
    file = tmp_path / "first_mean.py"
    file.write_text(BODY.format(ANSWERS[name][0]))
    out = tmp_path / "out"
    run(mini, "grade", file, "--exercise", "first_mean", "--out", out, "--jobs", "1", monkeypatch=monkeypatch)
    with open_store(out) as store:
        (record,) = store.records()
    told = {check["title"]: check["outcome"] for check in record.parts[0]["checks"]}
    # an answer that returns the same for every layout has no fault of layouts
    assert [title for title in told if re.search("list|float32|contiguous", title) and told[title] == "fail"] == []
    if name != "the sum":  # a sum does move by more than the constant
        assert told["moves with a constant added to y_true"] != "fail"


@pytest.mark.parametrize("reason", ["of more than 100000 items", "nested more than 6 deep"])
def test_what_is_too_much_for_a_list_is_said_to_be_that_and_not_another_type(reason):
    failure = abnormal(Call("f", ()), Observation("bad_output", type_name="value", message=reason))
    assert failure.message == f"returns a value {reason}; return an array"


@pytest.mark.parametrize("ending", ["timeout", "memory", "crash"])
def test_code_that_does_not_load_is_not_said_of_a_call(ending):
    failure = abnormal(Call("f", (1.0,)), Observation(ending, message=WHILE_LOADING))
    assert failure.call == ""
    assert failure.message.endswith(": it is the code outside of functions, which runs first")


LARGE = (
    Call("f", ()),
    Observation("bad_output", type_name="array of shape (10000000,)", message="of 80000000 bytes; ..."),
)


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("an array of shape (3,)", "returns an array of shape (10000000,), expected an array of shape (3,)"),
        ("a number", "returns an array of shape (10000000,), expected a number"),
        ("an array of shape (10000000,)", "returns an array of shape (10000000,) of 80000000 bytes; ..."),
        ("", "returns an array of shape (10000000,) of 80000000 bytes; ..."),
    ],
)
def test_an_answer_of_which_the_shape_alone_was_read_is_told_by_it(expected, told):
    assert abnormal(*LARGE, expected).message == told
