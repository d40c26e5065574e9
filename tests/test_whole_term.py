"""A term from the first evening to the second term, every number against tables that were worked out by hand."""

import csv
import json
import re
from collections import Counter

import numpy as np
import pytest

from autograder.store.store import open_store
from tests import term as made
from tests.term import TABLE, student


@pytest.fixture(scope="module", params=[pytest.param(10), pytest.param(500, marks=pytest.mark.integration)])
def term(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("term") / "course"
    with made.course(root):
        yield made.run(root, request.param)


def test_every_student_has_the_points_that_the_table_says(term):
    as_the_table_says(term)


def as_the_table_says(term):
    rows = term.totals()
    assert sorted(rows) == [student(k) for k in term.numbers]
    for k in term.numbers:
        kind, row = TABLE[k % 10], rows[student(k)]
        assert float(row["score"]) == pytest.approx(kind.hw1 + kind.hw2), (k, row)
        assert int(row["days_spent"]) == kind.spent, (k, row)
        assert float(row["pending_points"]) == kind.pending, (k, row)
        assert row["rejected"] == ("first_mean" if kind.code == "broken" else "")


def test_the_class_page_says_the_same_of_the_class(term):
    page = (term.out / "report" / "index.html").read_text()
    scores = re.search(r'aria-labelledby="scores">(.*?)</section>', page, re.S)[1]
    cells = dict(re.findall(r'<tr><th scope="row">(hw\d)</th>(.*?)</tr>', scores, re.S))
    present = [k for k in range(term.students) if TABLE[k % 10].code is not None]
    hw1 = [TABLE[k % 10].hw1 for k in present]
    low, middle, high = np.quantile(hw1, [0.25, 0.5, 0.75])
    wanted = [len(hw1), np.mean(hw1), None, np.std(hw1, ddof=1), min(hw1), low, middle, high, max(hw1), 4]
    found = [float(text) for text in re.findall(r'<td class="n">(?:<strong>)?([\d.]+)', cells["hw1"])]
    assert [a for a, b in zip(found, wanted, strict=True) if b is not None] == pytest.approx(
        [b for b in wanted if b is not None], abs=0.00501
    )
    todo = re.search(r'aria-labelledby="todo">(.*?)</section>', page, re.S)[1]
    tens = term.students // 10
    counts = dict(re.findall(r"<strong>(\d+)</strong>(?:<a[^>]*>)?([a-z ]+)", todo))
    counts = {
        what.strip(): int(count) for count, what in re.findall(r"<strong>(\d+)</strong>(?:<a[^>]*>)?([a-z ]+)", todo)
    }
    assert counts["to read and mark"] == tens  # the kind that was not marked
    assert counts["handed in as a file that could not be used"] == tens
    # hw1: kinds 1, 2, 6 and 9; hw2: the two of every fifth team
    assert counts["handed in late"] == 6 * tens


def test_a_students_page_says_criteria_and_free_days(term):
    page = (term.out / "feedback" / f"{student(1)}.html").read_text()
    assert "Free late days: 1 of 2 spent." in page
    assert re.findall(
        r'class="(pass|fail)"><span class="mark">.</span><span class="out">(?:not )?met: </span>([a-z ]+)', page
    ) == [
        ("pass", "names the reason "),
        ("fail", "gives an example "),
    ]
    assert "an example is missing" in page


def test_the_version_without_names_names_nobody(term):
    for name in ("index.html", "marking.html"):
        assert not re.findall(r"s\d{4}\b|Student \d", (term.out / "report-anonymous" / name).read_text())


def test_canvas_gets_what_counts(term):
    with (term.root / "canvas.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["SIS Login ID"].startswith("s")]
    assert len(rows) == term.students
    for row in rows:
        kind = TABLE[int(row["SIS Login ID"][1:]) % 10]
        values = [float(row[next(name for name in row if name.startswith(hw))]) for hw in ("hw1", "hw2")]
        assert values == pytest.approx([kind.hw1, kind.hw2])


def test_similarity_tools_get_each_submission_once(term):
    hw1 = sum(TABLE[k % 10].code in ("right", "stub") for k in range(term.students))
    teams = sum(team % 5 != 4 for team in range(term.students // 2))
    for tool, pattern in (("dolos", "{}/anon-*.py"), ("jplag", "{}/submissions/*/*.py")):
        found = {
            name: len(list((term.out / tool).glob(pattern.format(name)))) for name in ("first_mean", "second_mean")
        }
        assert found == {"first_mean": hw1, "second_mean": teams}


def test_a_team_has_one_verdict_and_a_record_for_each_member(term):
    records = [json.loads(line) for line in (term.out / "results.jsonl").read_text().splitlines()]
    assert Counter(record["exercise"] for record in records) == {
        "first_mean": term.students,
        "second_mean": term.students,
    }
    teams = {}
    for record in records:
        if record["exercise"] == "second_mean":
            teams.setdefault(record["team"], []).append({**record, "student": ""})
    assert all(len(members) == 2 and members[0] == members[1] for members in teams.values())


def test_after_a_regrade_and_in_the_next_term_the_numbers_are_those_of_the_table_too(term):
    """One after the other: each step changes what the one before left."""
    feedback = (term.out / "feedback" / f"{student(0)}.html").read_text()
    made.regrade(term)
    for k, row in enumerate(term.totals().values()):
        kind = TABLE[k % 10]
        assert float(row["score"]) == pytest.approx(kind.hw1_then + kind.hw2), (k, row)
    said = term.do("diff", term.out / "published", term.out, "--notes", term.root / "notes.csv")
    gained = sum(TABLE[k % 10].hw1_then - TABLE[k % 10].hw1 for k in range(term.students))
    moved = sum(TABLE[k % 10].hw1_then != TABLE[k % 10].hw1 for k in range(term.students))
    assert f"first_mean: {moved} students with other points, {gained:g} gained, 0 lost" in said
    with (term.root / "notes.csv").open(newline="") as stream:
        assert len(list(csv.DictReader(stream))) == moved
    term.do("report", term.out, "--roster", term.root / "class.csv", "--for-students")
    assert (term.out / "feedback" / f"{student(0)}.html").read_text() == feedback, "nothing is shown unpublished"

    asked = term.root / "appeals.csv"
    asked.write_text(
        "student,exercise,part,text,time\n"
        f"Student 1,first_mean,essay,there is one,2026-10-20T12:00:00Z\n"
        f"{student(7)},first_mean,,it opened here,2026-11-02T12:00:00Z\n"
    )
    term.do("appeals", asked, "--out", term.out, "--unsafe")
    with (term.root / "appeals-answers.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["student"], row["part"], row["in_time"], row["points"]) for row in rows] == [
        (student(1), "essay", "yes", "2.25"),
        (student(7), "sample_mean", "no", "0"),
        (student(7), "essay", "no", "0"),
    ]
    assert rows[0]["replayed"] == "the same verdict"
    assert rows[0]["marked_by"].startswith("assistant ")

    with open_store(term.out) as store:
        before = {
            (record.student, record.exercise): record.variant for record in store.records() if record.status == "graded"
        }
    following = made.second_term(term, min(term.students, 100))  # 500: python -m tests.term
    as_the_table_says(following)
    with open_store(term.out) as store:
        after = {
            (record.student, record.exercise): record.variant for record in store.records() if record.status == "graded"
        }
        written = sum(TABLE[k % 10].ticks is not None for k in following.numbers)
        assert len(store.marks()) == written, "no mark of the first term is left"
    if term.students > 10:  # in a class of 10 all three variants may be the same by chance
        again = before.keys() & after.keys()
        assert any(before[key] != after[key] for key in again), "another secret draws other variants"
    assert (term.root / "archive" / "first.zip").is_file()


@pytest.mark.integration
def test_nbgraders_gradebook_has_the_same_numbers(tmp_path):
    api = pytest.importorskip("nbgrader.api", reason="nbgrader is not installed")
    root = tmp_path / "course"
    with made.course(root):
        made.run(root, 10, nbgrader=True)
        with api.Gradebook(f"sqlite:///{root / 'nb' / 'gradebook.db'}") as book:
            found = {
                (one.student.id, one.assignment.name): (
                    one.score - sum(row.late_submission_penalty or 0.0 for row in one.notebooks),
                    any(row.needs_manual_grade for row in one.notebooks),
                )
                for name in ("hw1", "hw2")
                for one in book.assignment_submissions(name)
            }
    for k in range(10):
        kind = TABLE[k]
        if kind.code is not None:
            assert found[student(k), "hw1"] == (pytest.approx(kind.hw1), bool(kind.pending)), k
        if kind.hw2:
            assert found[student(k), "hw2"][0] == pytest.approx(kind.hw2), k
