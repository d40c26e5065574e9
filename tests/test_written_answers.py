"""Written answers wherever students put them: each needs manual grading, with its text, and a blank one does not."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli.grade import grade_command
from autograder.cli.instructor import replay_command, show_command
from autograder.cli.marking import mark_command
from autograder.cli.reporting import diff_command
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.grading.byhand import WrittenAnswer, answer_in
from autograder.intake.notebook import read_notebook
from autograder.release.build import Release
from autograder.store.mark_tables import waiting
from autograder.store.store import open_store
from tests.conftest import ROOT, make_course
from tests.test_marks import MANUAL, RIGHT

WORDS = "Because the errors cancel, the mean is what remains."
OTHER = "# Second mean\n\nThe mean of two samples is asked for here.\n"
STATEMENT = "# First mean\n\nThe mean of a sample.\n\n## essay\n\n4 points \u00b7 marked by hand\n\nSay why.\n"


def cell(kind, text, **nbgrader):
    return {"cell_type": kind, "metadata": {"nbgrader": nbgrader} if nbgrader else {}, "source": text}


CODE = cell("code", RIGHT, solution=True, grade=False, grade_id="first_mean-sample_mean")
TEXT = cell("markdown", STATEMENT, locked=True, solution=False, grade=False, grade_id="first_mean-text-essay")
ANSWER = {"grade": True, "solution": True, "locked": False, "grade_id": "first_mean-essay"}
BLANK = cell("markdown", "YOUR ANSWER HERE", **ANSWER)


def bare(one):
    return {**one, "metadata": {}}


# name -> cells of the notebook
ANSWERED = {
    "in its cell": [CODE, TEXT, cell("markdown", WORDS, **ANSWER)],
    "in its cell, below the placeholder": [CODE, TEXT, cell("markdown", f"YOUR ANSWER HERE\n\n{WORDS}", **ANSWER)],
    "in a new cell": [CODE, TEXT, BLANK, cell("markdown", WORDS)],
    "in a new cell above": [cell("markdown", WORDS), CODE, TEXT, BLANK],
    "under the question": [CODE, {**TEXT, "source": f"{STATEMENT}\n{WORDS}\n"}, BLANK],
    "in the middle of the question": [CODE, {**TEXT, "source": STATEMENT.replace("## essay", f"{WORDS}\n\n## essay")}],
    "the cell replaced": [CODE, TEXT, cell("markdown", WORDS)],
    "as raw text": [CODE, TEXT, BLANK, cell("raw", WORDS)],
    "in a code cell": [CODE, TEXT, BLANK, cell("code", WORDS)],
    "in a code cell, as comments": [CODE, TEXT, BLANK, cell("code", f"# {WORDS}\n# So it is.")],
    "in a code cell, as a string": [CODE, TEXT, BLANK, cell("code", f'"""{WORDS}"""')],
    "no metadata at all": [bare(CODE), bare(TEXT), cell("markdown", WORDS)],
    "no metadata, placeholder left": [bare(CODE), bare(TEXT), bare(BLANK), cell("markdown", WORDS)],
    "as a list, quoted": [CODE, TEXT, BLANK, cell("markdown", f"> {WORDS}\n\n* second\n")],
}
UNANSWERED = {
    "left alone": [CODE, TEXT, BLANK],
    "the cell emptied": [CODE, TEXT, cell("markdown", " \n", **ANSWER)],
    "the cell deleted": [CODE, TEXT],
    "no metadata at all": [bare(CODE), bare(TEXT), bare(BLANK)],
    "the question typed anew by an editor": [CODE, {**TEXT, "source": STATEMENT.replace("\n", "  \n")}, BLANK],
    "a rule and an empty heading": [CODE, TEXT, BLANK, cell("markdown", "---\n\n##\n")],
    "code of one's own": [CODE, TEXT, BLANK, cell("code", "x = 1\nprint(x)  # to try it\n")],
    "another exercise in the same notebook": [CODE, TEXT, BLANK, cell("markdown", OTHER)],
    "a magic": [CODE, TEXT, BLANK, cell("code", "%matplotlib inline\n!pip install numpy\n")],
}


def notebook(cells):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def course_at(place):
    root = make_course(place / "course")
    folder = root / "exercises" / "first_mean"
    head, _, _ = (folder / "checks.py").read_text().rpartition("    ),\n)\n")
    (folder / "checks.py").write_text(head + MANUAL)
    (folder / "README.md").write_text(STATEMENT, encoding="utf-8")
    (root / "exercises" / "third_mean").mkdir()
    (root / "exercises" / "third_mean" / "README.md").write_text(OTHER, encoding="utf-8")
    return root


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = course_at(tmp_path)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    return root


def call(command, *args):
    done = CliRunner().invoke(command, [str(arg) for arg in args])
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def grade(tmp_path, *options, out="out"):
    return call(grade_command, tmp_path / "submitted", "--out", tmp_path / out, "--jobs", 1, "--unsafe", *options)


def hand_in(tmp_path, student, text, suffix=".ipynb"):
    place = tmp_path / "submitted" / student / "hw1" / f"first_mean{suffix}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def essays(tmp_path, out="out"):
    lines = (tmp_path / out / "results.jsonl").read_text().splitlines()
    found = (json.loads(line) for line in lines)
    return {r["student"]: (r, r["parts"][1]) for r in found if r["exercise"] == "first_mean"}


def test_every_written_answer_waits_with_its_text_and_every_blank_one_is_missing(course, tmp_path):
    for group in (ANSWERED, UNANSWERED):
        for number, cells in enumerate(group.values()):
            hand_in(tmp_path, f"{'yes' if group is ANSWERED else 'no'}{number:02}", notebook(cells))
    grade(tmp_path)
    found = essays(tmp_path)
    statuses = {student: (part["status"], record["pending_points"]) for student, (record, part) in found.items()}
    wanted = {f"yes{number:02}": ("manual", 2.0) for number in range(len(ANSWERED))}
    wanted |= {f"no{number:02}": ("missing", 0.0) for number in range(len(UNANSWERED))}
    named = {f"yes{number:02}": name for number, name in enumerate(ANSWERED)}
    named |= {f"no{number:02}": name for number, name in enumerate(UNANSWERED)}
    assert {named[s]: statuses[s] for s in wanted if statuses[s] != wanted[s]} == {}
    assert {record["score"] for record, _ in found.values()} == {2.0}
    with open_store(tmp_path / "out") as store:
        texts = {row.student: row.answer for row in waiting(store, ())}
    assert {named[s] for s, text in texts.items() if WORDS not in text} == set()
    assert not any("Say why" in text for text in texts.values())
    shown = call(show_command, "yes02", "first_mean", "--out", tmp_path / "out").output
    assert WORDS in shown
    assert "outside of its answer cell" in shown
    assert (
        "the same verdict" in call(replay_command, "yes02", "first_mean", "--out", tmp_path / "out", "--unsafe").output
    )


SCRIPTS = {
    "nbconvert": "#!/usr/bin/python\n# coding: utf-8\n\n{question}\n\n# In[1]:\n\n{code}\n\n\n{answer}\n\n# In[ ]:",
    "jupytext": "# %% [markdown]\n{question}\n\n# %%\n{code}\n\n# %% [markdown]\n{answer}\n",
}


@pytest.mark.parametrize("form", SCRIPTS)
@pytest.mark.parametrize(("answer", "status"), [(f"# {WORDS}", "manual"), ("# YOUR ANSWER HERE", "missing")])
def test_a_notebook_saved_as_a_script_keeps_its_written_answer(form, answer, status, course, tmp_path):
    question = "\n".join(f"# {line}".rstrip() for line in STATEMENT.splitlines())
    hand_in(tmp_path, "ann", SCRIPTS[form].format(question=question, code=RIGHT.strip(), answer=answer), ".py")
    grade(tmp_path)
    record, part = essays(tmp_path)["ann"]
    assert (record["score"], part["status"]) == (2.0, status)


def test_comments_in_an_ordinary_script_are_not_an_answer(course, tmp_path):
    hand_in(tmp_path, "ann", f"# Ann's solution\n\n{RIGHT}\n\n# done\n", ".py")
    grade(tmp_path)
    assert essays(tmp_path)["ann"][1]["status"] == "missing"


def mark(tmp_path, points, *more, student="ann", out="out"):
    return call(mark_command, student, "first_mean", "essay", points, "--who", "eve", "--out", tmp_path / out, *more)


@pytest.fixture(scope="module")
def remarked(tmp_path_factory):
    """A class in which each student was marked, then handed in another answer: student -> what was found."""
    place = tmp_path_factory.mktemp("remarked")
    changed = {f"yes: {name}": cells for name, cells in ANSWERED.items()}
    changed |= {f"no: {name}": cells for name, cells in UNANSWERED.items()}
    students = {f"s{number:02}": cells for number, cells in enumerate(changed.values())}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_COURSE", str(course_at(place)))
        for student in students:
            hand_in(place, student, notebook([CODE, TEXT, cell("markdown", "Short.", **ANSWER)]))
        grade(place)
        for student in students:
            mark(place, 0.5, "--comment", "too short", student=student)
        for student, cells in students.items():
            hand_in(place, student, notebook(cells))
        said = grade(place).output
        waits = essays(place)
        shown = {one: call(show_command, one, "first_mean", "--out", place / "out").output for one in students}
        call(mark_command, "--template", place / "t.csv", "--out", place / "out")
        rows = (place / "t.csv").read_text("utf-8-sig").splitlines()
        for student in students:
            mark(place, 1.5, student=student)  # of the new answer
        again = essays(place)
    return dict(zip(changed, students, strict=True)), said, waits, shown, rows, again


@pytest.mark.parametrize(
    "after", [f"{kind}: {name}" for kind, group in (("yes", ANSWERED), ("no", UNANSWERED)) for name in group]
)
def test_an_answer_that_changed_after_it_was_marked_waits_again_with_the_old_mark_shown(after, remarked):
    students, said, waits, shown, rows, again = remarked
    student = students[after]
    record, part = waits[student]
    assert (record["score"], record["pending_points"], part["status"]) == (2.0, 2.0, "manual")
    assert "marked 0.5 of 2" in part["message"]
    assert "marked 0.5 of 2" in shown[student]
    assert any(student in row and "0.5 of 2 by eve: too short" in row for row in rows)
    assert f"marked before, for another answer: {len(students)} (" in said
    record, _ = again[student]
    assert (record["score"], record["pending_points"]) == (3.5, 0.0)


def test_a_mark_stays_where_only_the_code_the_name_or_the_place_of_the_answer_changes(course, tmp_path):
    hand_in(tmp_path, "ann", notebook([CODE, TEXT, cell("markdown", WORDS, **ANSWER)]))
    grade(tmp_path)
    mark(tmp_path, 1.5, "--comment", "well")
    other = {**CODE, "source": CODE["source"] + "\nx = 1\n"}
    for cells in (
        [other, TEXT, cell("markdown", f"{WORDS}\n", **ANSWER)],
        [CODE, TEXT, BLANK, cell("markdown", WORDS)],
    ):
        hand_in(tmp_path, "ann", notebook(cells))
        grade(tmp_path)
        record, part = essays(tmp_path)["ann"]
        assert (part["score"], part["message"], record["pending_points"]) == (1.5, "well", 0.0)


SHARES = {2: 1.0, 1.5: 0.75, 0: 0.0}


@pytest.fixture(scope="module")
def reweighted(tmp_path_factory):
    """A class whose marks are those of ``SHARES``, before the part's weight changed, after it, and when it is back."""
    place = tmp_path_factory.mktemp("reweighted")
    students = {points: f"s{number}" for number, points in enumerate(SHARES)}
    with pytest.MonkeyPatch.context() as patch:
        root = course_at(place)
        patch.setenv("AUTOGRADER_COURSE", str(root))
        for student in students.values():
            hand_in(place, student, notebook(ANSWERED["in its cell"]))
        for out in ("out", "old"):
            grade(place, out=out)
            for points, student in students.items():
                mark(place, points, student=student, out=out)
        file = root / "course.yml"
        text = file.read_text()
        assert "first_mean: 4" in text
        file.write_text(text.replace("first_mean: 4", "first_mean: 10"))
        said = grade(place).output
        after = essays(place)
        shown = {one: call(show_command, one, "first_mean", "--out", place / "out").output for one in students.values()}
        compared = call(diff_command, place / "old", place / "out").output
        file.write_text(text)
        grade(place)
        back = essays(place)
    return students, said, after, shown, compared, back


@pytest.mark.parametrize(("points", "share"), SHARES.items())
def test_a_changed_weight_rescales_a_mark_and_says_so(points, share, reweighted):
    students, said, after, shown, compared, back = reweighted
    student = students[points]
    record, part = after[student]
    assert (part["score"], part["max_score"], record["score"]) == (5 * share, 5.0, 5.0 + 5 * share)
    told = f"{points:g} of 2, now {5 * share:g} of 5"
    assert told in part["message"]
    assert told in shown[student]
    for text in (said, compared):
        assert any(student in line and told in line for line in text.splitlines()), text
    assert back[student][1]["score"] == points


def test_a_table_written_for_an_earlier_answer_is_refused_by_name(course, tmp_path):
    hand_in(tmp_path, "ann", notebook(ANSWERED["in its cell"]))
    grade(tmp_path)
    table = tmp_path / "t.csv"
    call(mark_command, "--template", table, "--out", tmp_path / "out")
    table.write_text(table.read_text("utf-8-sig").replace("essay,,", "essay,1,"))
    hand_in(tmp_path, "ann", notebook([CODE, TEXT, cell("markdown", "Something else.", **ANSWER)]))
    grade(tmp_path)
    args = ["--from", str(table), "--who", "eve", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(mark_command, args)
    assert "ann handed in another answer to essay since" in str(done.exception)
    done = CliRunner().invoke(mark_command, ["--template", str(table), "--out", str(tmp_path / "out")])
    assert str(done.exception).endswith("1 row filled in for other answers; move it away, or choose another name")
    assert essays(tmp_path)["ann"][0]["pending_points"] == 2.0


def test_a_file_that_cannot_be_read_is_not_called_nothing(course, tmp_path):
    hand_in(tmp_path, "ann", "{ no notebook")
    grade(tmp_path)
    record, part = essays(tmp_path)["ann"]
    assert (record["status"], part["status"], part["message"]) == (
        "rejected",
        "load_error",
        "the file could not be read",
    )


@pytest.mark.parametrize("assignment", [one.name for one in load_course(ROOT).assignments])
def test_what_was_handed_out_and_not_touched_is_no_answer_in_any_notebook_of_the_course(assignment, monkeypatch):
    monkeypatch.setattr(Release, "helpers", lambda *_args, **_more: {})  # what a bundle holds besides its notebooks
    course = load_course(ROOT)
    release = Release.of(course, assignment, solved=False)
    notebooks = {name: data for files in (release.sources(), release.bundle()) for name, data in files.items()}
    assert {Path(name).stem for name in notebooks if name.endswith(".ipynb")} >= {f.name for f in release.folders}
    for name, data in notebooks.items():
        if name.endswith(".ipynb"):
            folder = load_exercise(ROOT, Path(name).stem, hidden=False)
            assert answer_in([read_notebook(data, Path(name).name)], [], folder) == WrittenAnswer(), name
