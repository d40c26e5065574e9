"""The page that a student gets back: points add up, advice belongs to what failed, the student's own code is there."""

import html
import itertools
import json
import re
from datetime import timedelta

import pytest

from autograder.checks.standard import LAYOUT_TITLES
from autograder.course.model import load_course
from autograder.lms.people import directory
from autograder.reports.advice import next_step, why_so_many
from autograder.reports.own_code import own_code
from autograder.reports.site import write_handouts
from autograder.reports.student import ExerciseView, PartView
from autograder.store.records import Record
from autograder.store.store import open_store
from autograder.store.stored import Stored
from autograder.student.cures import cure_of
from tests import report_class as made
from tests.conftest import keep, make_course

HINT = "the part's own first hint"


def check(group, outcome="fail", visibility="public"):
    return {"title": f"a {group} check", "group": group, "visibility": visibility, "outcome": outcome, "message": None}


def part(status, *checks, **more):
    return made.part("f", more.pop("score", 0.0), status, 4.0, checks=checks, **more)


STATUSES = (
    "timeout",
    "memory",
    "output_limit",
    "crash",
    "forbidden",
    "load_error",
    "bad_output",
    "error",
    "unreadable",
)


@pytest.mark.parametrize("status", STATUSES)
def test_code_that_returns_no_value_is_told_what_kind_of_fault_it_is_never_the_first_hint(status):
    said = next_step(part(status, check("value")), (), HINT)
    assert said != HINT
    assert len({next_step(part(one, check("value")), (), HINT) for one in STATUSES}) == len(STATUSES)
    assert "{" not in said


@pytest.mark.parametrize("group", ["contract", "robustness", "scaling"])
def test_right_values_are_not_told_how_to_find_the_values(group):
    said = next_step(part("partial", check("value", "pass"), check(group), score=3.0), (), HINT)
    assert said not in ("", HINT)


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        ("error", "raises AttributeError: 'list' object has no attribute 'T'", "np.asarray"),
        ("bad_output", "returns None, expected a number", "return"),
        ("bad_output", "returns a wrong value", HINT),
        ("bad_output", "returns a complex value, expected a number", "dtype"),
        ("wrong", "returns a wrong value", HINT),
    ],
)
def test_advice_is_that_of_check_where_python_itself_names_the_fault(status, message, words):
    failures = [{"title": "a value check", "message": message}]
    said = next_step(part(status, check("value")), failures, HINT)
    assert words in said
    assert not cure_of(message) or cure_of(message)[1:] in said


@pytest.mark.parametrize("title", [*sorted(LAYOUT_TITLES), "is finite for 1e200"])
def test_an_extreme_case_is_not_told_to_convert_its_arguments(title):
    said = next_step(part("partial", check("value", "pass"), check("robustness") | {"title": title}), (), HINT)
    assert ("np.asarray" in said) == (title in LAYOUT_TITLES)


def test_a_named_misconception_is_advice_enough_and_what_is_right_needs_none():
    assert next_step(part("wrong", check("value"), misconceptions=["sum"]), (), HINT) == ""
    assert next_step(part("correct", check("value", "pass")), (), HINT) == ""
    assert next_step(part("wrong", check("value")), (), HINT) == HINT
    assert next_step(part("not_started"), (), HINT) == HINT


@pytest.mark.parametrize(
    ("status", "score", "checks", "words"),
    [
        ("partial", 3.75, (check("value", "pass"), check("contract")), "“a contract check” fails: −0.25"),
        ("partial", 3.0, (check("value", "pass"), check("contract"), check("scaling")), "2 other checks fail: −1"),
        ("wrong", 1.0, (check("value"),), "1 of 4 are given"),
        ("wrong", 0.0, (check("value"),), "earns nothing"),
        ("correct", 4.0, (check("value", "pass"),), ""),
        ("not_started", 0.0, (), ""),
        ("load_error", 0.0, (check("value"),), ""),
        ("timeout", 0.0, (check("value"),), "Not every value could be computed"),
    ],
)
def test_why_a_part_earned_what_it_earned_is_a_sentence(status, score, checks, words):
    said = why_so_many(part(status, *checks, score=score))
    assert words in said
    assert bool(said) is bool(words)


SCRIPT = "import numpy as np\n\ndef f(x):\n    return 1\n\n@np.vectorize\ndef g(x):\n    return 2\n"


def as_notebook(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "source": list(cells_of)} for cells_of in cells]}).encode()


@pytest.mark.parametrize(
    ("file", "data", "wanted"),
    [
        ("a.py", SCRIPT.encode(), {"f": [(3, "def f(x):"), (4, "    return 1")],
                                   "g": [(6, "@np.vectorize"), (7, "def g(x):"), (8, "    return 2")]}),
        ("a.py", b"def f(x):\n    return (\n\ndef g(x):\n    pass\n",
         {"f": [(1, "def f(x):"), (2, "    return ("), (3, "")], "g": [(4, "def g(x):"), (5, "    pass")]}),
        ("a.ipynb", as_notebook(["def f(x):\n", "    return 1\n"], ["\n", "def f(x):\n", "    return 2\n"]),
         {"f": [(2, "def f(x):"), (3, "    return 2")]}),
        ("a.py", b'def f(x):\n    """One.\n\n    More.\n    """\n    return 1\n',
         {"f": [(1, "def f(x):"), (6, "    return 1")]}),
        ("a.py", b'def f(x):\n    """One."""\n    return """a\nb"""\n',
         {"f": [(1, "def f(x):"), (2, '    """One."""'), (3, '    return """a'), (4, 'b"""')]}),
        ("a.py", b"def f(x):\n    r\'\'\'One.\n    \'\'\'\n    return (\n",
         {"f": [(1, "def f(x):"), (4, "    return (")]}),
        ("a.py", b'def f(x):\n    """One.\n    return 1\n',
         {"f": [(1, "def f(x):"), (2, '    """One.'), (3, "    return 1")]}),
        ("a.ipynb", b"not json", {}),
        ("a.ipynb", b"[" * 100_000, {}),
        ("a.py", b"(" * 100_000, {}),
        ("a.py", None, {}),
        ("a.py", b"x = 1\n" * 1_000_000, {}),
    ],
)  # fmt: skip
def test_a_student_s_functions_are_read_and_never_run(file, data, wanted):
    assert {
        name: [(line.number, line.text) for line in lines] for name, lines in own_code(file, data).items()
    } == wanted


@pytest.fixture
def pages(tmp_path):
    """Write the page of one late student with a wrong, a partial, an unanswered and a waiting part."""

    def write(course_text=made.COURSE, code=b"def f(x):\n    return <b>2</b>\n", after=timedelta(days=9)):
        root = made.make_course(tmp_path)
        (root / "course.yml").write_text(course_text)
        told = {"f": [{**made.evidence(), "line": 2}]}
        parts = (
            made.part("f", 0.0, "wrong", checks=[made.check("exact cases", "fail")]),
            made.part("g", 3.75, "partial", checks=[made.check("values"), check("contract")]),
        )
        late = made.DUE + timedelta(hours=30)
        with open_store(root) as store:
            record = Record("ann", "hw1", "alpha", "graded", file="alpha.py", sha256="ab" * 32, score=3.75,
                            max_score=8.0, parts=parts)  # fmt: skip
            keep(store, Stored(record, "d", "f", "1", received=late, evidence=told), [("alpha.py", code)])
            sha = store.get("ann", "alpha")[1][0][1]
            keep(store, Stored(Record(**{**record.__dict__, "sha256": sha}), "d", "f", "1", received=late,
                               evidence=told), [("alpha.py", code)])  # fmt: skip
            others = made.part("f", 0.0, "not_started"), made.part("g", 0.0, "manual", kind="manual")
            made.save(store, "ann", "beta", *others, received=late, waits=4.0)
            write_handouts(store, load_course(root), directory(["ann"], None), root / "feedback", now=made.DUE + after)
        return (root / "feedback" / "ann.html").read_text()

    return write


NOT_LOADED = (
    "cannot be loaded: SyntaxError: bad",
    "cannot be loaded: SyntaxError: bad (line 3 of your file)",
    "ends early",
)


@pytest.mark.parametrize("reasons", list(itertools.permutations(NOT_LOADED)))
def test_what_could_not_be_loaded_is_one_card_for_each_reason_with_its_line(reasons):
    def view(name, reason):
        part = {"name": name, "status": "load_error"}
        return PartView(part, reason, (), None, (), 0, (), "", ())

    parts = [view(name, reason) for name, reason in zip("abc", reasons, strict=True)]
    cards = ExerciseView("An exercise", None, (), None, parts).unloaded
    assert set(cards) == set(NOT_LOADED[1:])
    assert sorted(len(parts) for parts in cards.values()) == [1, 2]


def plain(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))


def test_points_add_up_on_the_page_with_due_date_and_rule(pages):
    page = pages()
    account = page[page.index('<table class="account">') : page.index("</table>")]
    numbers = [
        float(n.replace("\u2212", "-")) for n in re.findall(r"<td>(?:up to )?([\u2212\d.]+)", html.unescape(account))
    ]
    assert numbers == [3.75, 0.0, -0.75, 3.0, 4.0]  # exercises, lateness, together, what waits
    assert sum(numbers[:3]) == numbers[3]
    said = plain(account)
    for words in (
        "due 2026-10-01 12:00 UTC",
        "received 2026-10-02 18:00 UTC",
        "2 started days late",
        "10 % of the points",
    ):
        assert words in said


def test_the_student_s_code_is_next_to_the_failure_its_line_marked_and_nothing_in_it_acts(pages):
    page = pages()
    assert "return <b>2</b>" in plain(page) or "return &lt;b&gt;2&lt;/b&gt;" in page
    assert "<b>2</b>" not in page
    assert re.search(r'class="line named"><span class="no">2', page)


def test_what_was_not_answered_is_a_line(pages):
    page = pages()
    assert page.count("<article") == 3  # wrong, partial, waiting
    assert "Not answered: f 4" in plain(page)


@pytest.mark.parametrize("when", ["never", "after_due"])
@pytest.mark.parametrize("days", [-1, 1, 9])
def test_a_worked_solution_is_shown_only_after_the_last_extension_and_where_the_course_says_so(tmp_path, when, days):
    root = make_course(tmp_path / "course")
    due = "due: 2026-10-01T12:00:00+00:00\n    extensions: {bob: 2026-10-04T12:00:00+00:00}\n    exercises:"
    text = (root / "course.yml").read_text().replace("exercises:", due, 1)
    (root / "course.yml").write_text(f"{text}feedback: {{solutions: {when}}}\n")
    with open_store(tmp_path) as store:
        record = Record("ann", "hw1", "first_mean", "graded", file="f.py", sha256="ab" * 32, score=0.0, max_score=4.0,
                        parts=(made.part("sample_mean", 0.0, "wrong"),))  # fmt: skip
        keep(store, Stored(record, "d", "f", "1"), [("f.py", b"")])
        now = made.DUE + timedelta(days=days)
        write_handouts(store, load_course(root), directory(["ann"], None), tmp_path / "out", now=now)
    page = (tmp_path / "out" / "ann.html").read_text()
    assert ("A worked solution" in page) is (when == "after_due" and days == 9)


def test_parts_that_could_not_be_loaded_for_one_reason_are_one_card(tmp_path):
    root = made.make_course(tmp_path)
    said = "cannot be loaded: SyntaxError: invalid syntax (line 3 of your file)"
    parts = tuple(made.part(name, 0.0, "load_error", message=said, checks=[check("value")]) for name in ("f", "g", "h"))
    with open_store(root) as store:
        made.save(store, "ann", "alpha", *parts)
        write_handouts(store, load_course(root), directory(["ann"], None), root / "feedback")
    page = (root / "feedback" / "ann.html").read_text()
    assert page.count("<article") == page.count("line 3 of your file") == 1
    assert "f , g , h load error" in plain(page)
