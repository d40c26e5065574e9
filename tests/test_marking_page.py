"""Written answers: read on one page, marked by criteria in a table in the same order, taken back without loss."""

import base64
import csv
import json
import re
import shlex
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli import cli
from autograder.cli.marking import mark_command
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.exercise import Criterion, Part
from autograder.lms.people import directory
from autograder.reports.exercise_texts import Hints
from autograder.reports.marking import write_marking
from autograder.reports.written import PICTURES, as_uri, formula, pictures_in, rendered
from autograder.store.alike import side_by_side, words_of
from autograder.store.mark_tables import Waiting, read_marks, shares, waiting, write_template
from autograder.store.marks import MarkBook, Standing, set_marks, worth_now
from autograder.store.pseudonyms import numbers_of
from autograder.store.records import Record
from autograder.store.store import open_store
from autograder.store.stored import Mark, Stored
from tests.conftest import ROOT, keep
from tests.report_class import DUE, HOSTILE, make_course
from tests.test_report_browser import noise

RUBRIC = (
    {"name": "figure", "points": 1.0, "title": "the figure"},
    {"name": "reason", "points": 2.0, "title": "the reason"},
    {"name": "end", "points": 1.0, "title": "the end"},
)
SENTENCES = (
    "The relation holds on each data set with its own variance.",
    "The relation holds on each data set, with its own variance!",
    "Training lowers the training error alone; late epochs fit noise.",
    "late epochs fit noise, training lowers the training error only",
    "I do not know.",
    "Because $R^2 = 1 - L/s^2$ is about one data set.",
)


def essay(answer, worth=4.0, rubric=RUBRIC, name="essay"):
    return {
        "name": name, "kind": "manual", "status": "manual", "score": 0.0, "max_score": worth, "misconceptions": [],
        "proof": None, "message": "needs manual grading", "checks": [], "answer": f"hash of {answer}",
        "criteria": [dict(one) for one in rubric],
    }  # fmt: skip


def hand_in(store, student, answer, files=(), **more):
    part = essay(answer, **more)
    record = Record(
        student, "hw1", "alpha", "graded", file="alpha.py", sha256="ab" * 32, max_score=part["max_score"],
        pending_points=part["max_score"], parts=(part,),
    )  # fmt: skip
    keep(store, Stored(record, "d", "f", "1", answers={"essay": answer}), [("alpha.py", b"code"), *files])


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A results folder with 200 written answers of a few kinds, one row of the rubric for each criterion."""
    (tmp_path / "course").mkdir()
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    with open_store(root / "results") as store:
        for k in range(200):
            hand_in(store, f"s{k:03d}", SENTENCES[k % len(SENTENCES)] + (f" ({k})" if k % 7 == 0 else ""))
    return root / "results"


def call(*args):
    return CliRunner().invoke(mark_command, [str(arg) for arg in args], catch_exceptions=False)


def table(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def write(path, rows, delimiter=","):
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def scores(out):
    with open_store(out) as store:
        return {r.student: (r.score, r.pending_points) for r in MarkBook(store.marks()).records(store)}


# --- the table and the page ---


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_two_hundred_answers_are_marked_by_criteria_and_come_back_without_loss(desk, tmp_path, delimiter):
    target = tmp_path / "to-mark.csv"
    done = call("--template", target, "--out", desk)
    next_one = shlex.split(re.search("then: autograder mark (.*)", done.output)[1])
    rows = table(target)
    assert len(rows) == 200
    wanted = {}
    for k, row in enumerate(rows):
        if k % 10 == 9:
            continue  # still waits
        ticks = [k % 2 == 0, k % 3 == 0, k % 5 == 0]
        for name, tick in zip(("figure", "reason", "end"), ticks, strict=True):
            row[f"tick_{name}"] = "x" if tick else "0"
        row["comment"] = "read the slopes; again" if k % 4 == 0 else ""
        wanted[row["student"]] = 1.0 * ticks[0] + 2.0 * ticks[1] + 1.0 * ticks[2]
    write(target, rows, delimiter)
    done = call(*next_one, "--who", "tutor")
    assert "180 marks by tutor" in done.output
    assert "20 answers still need manual grading" in done.output
    found = scores(desk)
    assert {who: found[who][0] for who in wanted} == wanted
    assert {who for who, (_, pending) in found.items() if pending} == set(found) - set(wanted)
    with open_store(desk) as store:
        kept = store.marks()
    assert {mark.comment for mark in kept} == {"", "read the slopes; again"}
    assert all({name for name, _ in mark.criteria} == {"figure", "reason", "end"} for mark in kept)


EXCEL = {"encoding": "utf-8-sig", "delimiter": ";", "lineterminator": "\r\n"}
SPREADSHEETS = {
    "Excel, German": {**EXCEL, "decimal": ",", "yes": "WAHR", "no": "FALSCH"},
    "Excel, French": {**EXCEL, "decimal": ",", "yes": "VRAI", "no": "FAUX"},
    "Excel, Unicode text": {"encoding": "utf-16", "delimiter": "\t", "lineterminator": "\r\n", "decimal": ","},
    "Numbers": {"lineterminator": "\r\n", "quoting": csv.QUOTE_MINIMAL},
    "Numbers, German": {"delimiter": ";", "lineterminator": "\n", "decimal": ","},
    "Google Sheets": {"lineterminator": "\r\n", "yes": "TRUE", "no": "FALSE"},
    "LibreOffice, all quoted": {"delimiter": ",", "quoting": csv.QUOTE_ALL, "lineterminator": "\n"},
    "pandas": {"lineterminator": "\n", "yes": "1.0", "no": "0.0"},
}


@pytest.mark.parametrize("program", SPREADSHEETS)
def test_a_table_comes_back_from_a_spreadsheet_as_it_was_filled_in(program, tmp_path, monkeypatch):
    """Ids that are numbers lose their zeros there; texts with line ends, quotes, formulas and signs come back."""
    (tmp_path / "course").mkdir()
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    texts = ["one; two, three", 'a "quoted" word\nand a line', "=1+1", "-5 %", "Ünïcödé 平均", "x\ty", "0012", "plain"]
    with open_store(root / "results") as store:
        for k, text in enumerate(texts):
            hand_in(store, f"{k:05d}", text)
    call("--template", tmp_path / "to-mark.csv", "--out", root / "results")
    how = dict(SPREADSHEETS[program])
    encoding, decimal = how.pop("encoding", "utf-8"), how.pop("decimal", ".")
    yes, no = how.pop("yes", "x"), how.pop("no", "0")
    rows = table(tmp_path / "to-mark.csv")
    wanted = {}
    for k, row in enumerate(rows):
        who = row["student"]
        if k % 2:
            row["points"], wanted[who] = f"{k / 4:g}".replace(".", decimal), k / 4
        else:
            row |= {"tick_figure": yes, "tick_reason": no, "tick_end": yes}
            wanted[who] = 2.0
        row["comment"] = texts[k] if not texts[k].startswith("=") else ""
        for name, cell in row.items():  # a cell of digits is a number
            row[name] = str(int(cell)) if cell.isdecimal() and name != "comment" else cell
        assert not re.fullmatch(r"\d+([.,]\d+)?([eE]\d+)?", row["answer_id"]), "would be rounded as a number"
    back = tmp_path / "back.csv"
    with back.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), **how)
        writer.writeheader()
        writer.writerows(rows)
    done = call("--from", back, "--who", "tutor", "--out", root / "results")
    assert done.exit_code == 0, done.output
    found = scores(root / "results")
    assert {who: found[who][0] for who in wanted} == wanted
    with open_store(root / "results") as store:
        comments = {" ".join(mark.comment.split()) for mark in store.marks()}
    assert comments == {" ".join(text.split()) for text in texts if not text.startswith("=")} | {""}


def through_openpyxl(path):
    """Open the table in a workbook, as cells that a spreadsheet knows as text or as numbers; yield rows to fill in."""
    openpyxl = pytest.importorskip("openpyxl", reason="an oracle; install the extra `oracles`")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.save(path.with_suffix(".xlsx"))
    book = openpyxl.load_workbook(path.with_suffix(".xlsx"))
    head, *body = [list(row) for row in book.active.iter_rows(values_only=True)]
    return [dict(zip(head, row, strict=True)) for row in body], True


def through_pandas(path):
    """Read the table as pandas does, which guesses a type for each column."""
    pandas = pytest.importorskip("pandas", reason="an oracle; install the extra `oracles`")
    return pandas.read_csv(path, encoding="utf-8-sig").astype(object).to_dict("records"), False


@pytest.mark.parametrize("through", [through_openpyxl, through_pandas])
def test_two_hundred_answers_come_back_from_a_real_spreadsheet_library(through, tmp_path, monkeypatch):
    """Numbers lose their zeros and become floats there; ticks are booleans, comments have several lines."""
    (tmp_path / "course").mkdir()
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    with open_store(root / "results") as store:
        for k in range(200):
            hand_in(store, f"{k:07d}", f"Größe {k}: Straße\nzweite Zeile; =1+1", worth=4.0)
    path = tmp_path / "to-mark.csv"
    call("--template", path, "--out", root / "results")
    rows, booleans = through(path)
    comments = ("", "=SUM(A1)", "Zeile 1\nZeile 2; mit Umlaut ä, „Zitat“", "0012", "3,5 fehlt", "-1 for the figure")
    wanted = {}
    for k, row in enumerate(rows):
        ticks = (k % 2 == 0, k % 3 == 0, k % 5 == 0)
        yes, no = (True, False) if booleans else (1.0, 0.0)
        row |= {
            f"tick_{name}": yes if tick else no for name, tick in zip(("figure", "reason", "end"), ticks, strict=True)
        }
        row["comment"] = comments[k % len(comments)]
        points = ticks[0] + 2.0 * ticks[1] + ticks[2]
        wanted[f"{int(row['student']):07d}"] = points, " ".join(row["comment"].split())
    if booleans:
        book = pytest.importorskip("openpyxl").Workbook()
        for row in ([*rows[0]], *([*row.values()] for row in rows)):
            book.active.append(row)
        cells = [["" if cell is None else cell for cell in row] for row in book.active.iter_rows(values_only=True)]
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=";").writerows(cells)
    else:
        pytest.importorskip("pandas").DataFrame(rows).to_csv(path, index=False)
    done = call("--from", path, "--who", "tutor", "--out", root / "results")
    assert done.exit_code == 0, done.output
    assert "200 marks by tutor" in done.output
    with open_store(root / "results") as store:
        kept = {mark.student: (mark.points, " ".join(mark.comment.split())) for mark in store.marks()}
    assert kept == wanted


def test_a_number_without_its_zeros_goes_to_one_student_alone(tmp_path, monkeypatch):
    (tmp_path / "course").mkdir()
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    with open_store(root / "results") as store:
        for who in ("007", "07", "0012"):
            hand_in(store, who, f"the answer of {who}")
    call("--template", tmp_path / "to-mark.csv", "--out", root / "results")
    rows = [row | {"points": "1", "student": str(int(row["student"]))} for row in table(tmp_path / "to-mark.csv")]
    write(tmp_path / "to-mark.csv", rows)
    with open_store(root / "results") as store:
        with pytest.raises(CourseError) as raised:
            read_marks(tmp_path / "to-mark.csv", store, "tutor")
        assert str(raised.value).count("no student") == 2, "007 and 07 are named, 0012 is read"
        write(tmp_path / "to-mark.csv", [row for row in rows if row["student"] == "12"])
        assert [mark.student for mark in read_marks(tmp_path / "to-mark.csv", store, "tutor")] == ["0012"]


def test_the_page_has_the_rows_of_the_table_in_its_order(desk, tmp_path):
    target = tmp_path / "to-mark.csv"
    call("--template", target, "--out", desk)
    with open_store(desk) as store:
        people = directory(store.students(), None)
        write_marking(store, load_course(desk.parent), people, Hints(), tmp_path)
    page = (tmp_path / "marking.html").read_text()
    heads = re.findall(r'class="rownumber">(\d+)</span> <bdi>(\w+)</bdi>', page)
    assert heads == [(row["row"], row["student"]) for row in table(target)]
    assert page.count("<article") == 200
    for one in RUBRIC:
        assert one["title"] in page


def test_the_order_is_that_of_the_course_and_of_the_parts_and_commands_name_the_results(tmp_path, monkeypatch):
    root = make_course(tmp_path)
    (root / "course.yml").write_text(
        (root / "course.yml").read_text().replace("alpha: 8, beta: 8", "beta: 8, alpha: 8")
    )
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    out = root / "the results"
    wanted = [("beta", "why"), ("beta", "also"), ("alpha", "why"), ("alpha", "also")]
    with open_store(out) as store:
        for exercise in ("alpha", "beta"):
            parts = tuple(essay("because", name=name) for name in ("why", "also"))
            keep(
                store, Stored(Record("ann", "hw1", exercise, "graded", parts=parts, pending_points=8.0), "d", "f", "1")
            )
    call("--template", tmp_path / "to-mark.csv", "--out", out)
    assert [(row["exercise"], row["part"]) for row in table(tmp_path / "to-mark.csv")] == wanted
    for more in ([], ["--anonymous"]):
        done = CliRunner().invoke(cli, ["report", str(out), *more], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    for kind in ("report", "report-anonymous"):
        page = (out / kind / "marking.html").read_text()
        assert re.findall(r'<h2 id="q\d"><code>(\w+)</code> <span class="soft">(\w+)', page) == [
            (part, exercise) for exercise, part in wanted
        ]
        named = f"&#39;{out}&#39;"
        assert [
            line.endswith(f"--out {named}") for line in re.search(r"<pre.*?</pre>", page, re.S)[0][:-6].split("\n")
        ] == [
            True,
            True,
        ]
        for other in (out / kind).rglob("*.html"):
            assert not re.search(r"\bDIR\b", other.read_text()), other
    student = next((out / "report" / "students").iterdir()).read_text()
    assert f"autograder replay ann beta --out {named}" in student


def test_without_names_the_page_and_the_table_have_the_same_numbers_and_come_back(desk, tmp_path):
    target = tmp_path / "to-mark.csv"
    assert call("--template", target, "--anonymous", "--out", desk).exit_code == 0
    rows = table(target)
    with open_store(desk) as store:
        students = store.students()
        numbers = numbers_of(desk, students)
        write_marking(store, load_course(desk.parent), directory(students, None), Hints(), tmp_path, numbers)
    text = target.read_text() + (tmp_path / "marking.html").read_text()
    assert not [student for student in students if re.search(rf"\b{student}\b", text)]
    assert len(set(numbers.values())) == len(students)
    rows[0]["points"] = "3"
    write(target, rows[:1])
    assert call("--from", target, "--who", "tutor", "--out", desk).exit_code == 0
    behind = {number: student for student, number in numbers.items()}
    assert scores(desk)[behind[rows[0]["student"]]] == (3.0, 0.0)


def test_a_share_is_for_one_person_and_together_they_are_everything(desk, tmp_path):
    assert call("--template", tmp_path / "to-mark.csv", "--split", 5, "--out", desk).exit_code == 0
    parts = [table(tmp_path / f"to-mark-{k}.csv") for k in range(1, 6)]
    call("--template", tmp_path / "all.csv", "--out", desk)
    assert [row for part in parts for row in part] == table(tmp_path / "all.csv")
    assert all(part for part in parts)


@given(st.lists(st.sampled_from(["a", "b c", "B, c!", "d"]), min_size=1, max_size=60), st.integers(2, 9))
def test_shares_keep_order_and_equal_answers_together(texts, several):
    order = side_by_side(texts)
    rows = [Waiting(f"s{k}", "e", "p", 1.0, "", answer=texts[k]) for k in order]
    found = shares(rows, several)
    assert len(found) == several
    assert [row for share in found for row in share] == rows
    for text in {words_of(text) for text in texts}:
        assert sum(any(words_of(row.answer) == text for row in share) for share in found) == 1


@given(st.lists(st.text("abc \u00e4,.", max_size=30), max_size=40), st.randoms())
def test_equal_texts_are_neighbours_whatever_the_order_they_come_in(texts, random):
    order = side_by_side(texts)
    assert sorted(order) == list(range(len(texts)))
    words = [words_of(texts[k]) for k in order]
    runs = [word for k, word in enumerate(words) if k == 0 or words[k - 1] != word]
    assert len(runs) == len(set(words))
    shuffled = random.sample(texts, len(texts))
    assert [words_of(shuffled[k]) for k in side_by_side(shuffled)] == words


def test_a_text_is_next_to_its_paraphrase():
    order = side_by_side(SENTENCES)
    for a, b in ((0, 1), (2, 3)):
        assert abs(order.index(a) - order.index(b)) == 1


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        ({"tick_figure": "maybe"}, "allowed: x where it is met"),
        ({"tick_figure": "x", "points": "3"}, "leave one blank"),
        ({"tick_verse": "x"}, "no criterion 'verse'"),
        ({"points": "9"}, "allowed: 0 to 4"),
        ({"points": "many"}, "a number such as 2.5"),
    ],
)
def test_a_row_that_cannot_be_is_named_by_its_line_and_nothing_is_kept(desk, tmp_path, cells, word):
    target = tmp_path / "to-mark.csv"
    call("--template", target, "--out", desk)
    rows = table(target)
    rows[0]["points"] = "1"
    rows[1] |= cells
    write(target, [row | {key: row.get(key, "") for key in cells} for row in rows])
    with open_store(desk) as store:
        with pytest.raises(CourseError, match=word) as raised:
            read_marks(target, store, "tutor")
        assert str(raised.value).startswith("to-mark.csv:3: ")
        assert store.marks() == []


def test_a_mark_that_replaces_another_persons_is_named_with_both_values(desk, tmp_path):
    """Two people took the table at the same time; the marks that agree are not worth a word."""
    call("--template", tmp_path / "to-mark.csv", "--out", desk)
    rows = table(tmp_path / "to-mark.csv")[:3]
    write(tmp_path / "a.csv", [{**row, "points": "2"} for row in rows])
    write(tmp_path / "b.csv", [{**row, "points": points} for row, points in zip(rows, ("1", "2", "3"), strict=True)])
    assert "replaced" not in call("--from", tmp_path / "a.csv", "--who", "ann", "--out", desk).output
    said = call("--from", tmp_path / "b.csv", "--who", "ben", "--out", desk).output
    assert re.findall(r"replaced: (\w+) alpha essay: (\d) by ann, now (\d) by ben", said) == [
        (rows[0]["student"], "2", "1"),
        (rows[2]["student"], "2", "3"),
    ]
    assert "replaced" not in call("--from", tmp_path / "b.csv", "--who", "ben", "--out", desk).output


def test_a_comment_that_is_often_used_is_offered_and_chosen_by_its_number(desk, tmp_path):
    for k, comment in enumerate(["No figure.", "No figure.", "See #3 on page 2", "Well said."]):
        call(f"s{k:03d}", "alpha", "essay", 1, "--comment", comment, "--who", "t", "--out", desk)
    target = tmp_path / "to-mark.csv"
    call("--template", target, "--out", desk)
    rows = table(target)
    assert rows[0]["comments_so_far"] == "#1 No figure. #2 See 3 on page 2 #3 Well said."
    for row, comment in zip(rows, ("#1", "#3", "#7", "own words"), strict=False):
        row |= {"points": "1", "comment": comment}
    write(target, rows)
    with open_store(desk) as store:
        marks = read_marks(target, store, "tutor")
    assert [mark.comment for mark in marks] == ["No figure.", "Well said.", "#7", "own words"]


# --- criteria ---


def marked(ticks, rubric, worth=4.0):
    part = essay("x", worth, rubric)
    mark = Mark("s", "alpha", "essay", 0.0, "", "t", DUE, worth, part["answer"], tuple(ticks.items()))
    return part, mark


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.floats(0.1, 100),
)
def test_ticked_criteria_are_worth_their_share_and_all_of_them_the_whole(weights, ticks, worth):
    rubric = Part(
        "f", points=sum(weights), kind="manual",
        criteria=tuple(Criterion(f"c{k}", weight, "t") for k, weight in enumerate(weights)),
    ).rubric(worth)  # fmt: skip
    part, mark = marked({f"c{k}": ticks[k] for k in range(len(weights))}, rubric, worth)
    got = worth_now(mark, worth, rubric)
    assert got == pytest.approx(
        worth * sum(w for w, t in zip(weights, ticks, strict=False) if t) / sum(weights), abs=1e-4
    )
    if all(ticks[: len(weights)]):
        assert Standing.of(mark, part).counted(part)["status"] == "correct"


def test_other_points_of_a_criterion_rescore_who_has_it_and_another_list_puts_it_back():
    part, mark = marked({"figure": True, "reason": False, "end": True}, RUBRIC)
    assert worth_now(mark, 4.0, RUBRIC) == 2.0
    heavier = ({**RUBRIC[0], "points": 2.5}, {**RUBRIC[1], "points": 0.5}, RUBRIC[2])
    after = Standing.of(mark, {**part, "criteria": heavier})
    assert (after.current, after.points, after.rescaled) == (True, 3.5, True)
    renamed = ({**RUBRIC[0], "name": "plot"}, *RUBRIC[1:])
    gone = Standing.of(mark, {**part, "criteria": renamed})
    assert not gone.current
    assert "by other criteria it was marked 0 of 4" in gone.counted({**part, "criteria": renamed})["message"]
    retitled = ({**RUBRIC[0], "title": "in other words"}, *RUBRIC[1:])
    assert Standing.of(mark, {**part, "criteria": retitled}).current


def test_points_without_criteria_stay_whatever_becomes_of_the_list(desk):
    with open_store(desk) as store:
        set_marks(store, [Mark("s001", "alpha", "essay", 3.0, "", "t", DUE)])
        hand_in(store, "s001", SENTENCES[1], rubric=RUBRIC[:1])
        record = next(r for r in MarkBook(store.marks()).records(store) if r.student == "s001")
    assert (record.score, record.pending_points) == (3.0, 0.0)


def test_a_criterion_is_ticked_from_the_command_line(desk):
    done = call("s001", "alpha", "essay", "--tick", "figure", "--tick", "end", "--who", "t", "--out", desk)
    assert done.exit_code == 0, done.output
    assert scores(desk)["s001"] == (2.0, 0.0)
    with pytest.raises(CourseError, match="did you mean 'figure'"):
        call("s001", "alpha", "essay", "--tick", "figur", "--who", "t", "--out", desk)


@pytest.mark.parametrize(
    ("criteria", "points", "kind", "word"),
    [
        ((Criterion("a", 1, "t"),), 2, "manual", "add up to 1; allowed: 2"),
        ((Criterion("a", 1, "t"), Criterion("a", 1, "t")), 2, "manual", "two criteria are called 'a'"),
        ((Criterion("a", 2, "t"),), 2, "function", "marked by the grader"),
    ],
)
def test_a_rubric_that_cannot_be_is_an_error_of_the_author(criteria, points, kind, word):
    with pytest.raises(CourseError, match=word):
        Part("f", points=points, kind=kind, criteria=criteria)


@pytest.mark.parametrize("exercise", ["r_squared", "heavy_tails"])
def test_the_statement_names_every_criterion(exercise):
    from autograder.course.exercises import load_exercise

    statement = " ".join((ROOT / "exercises" / exercise / "README.md").read_text().split())
    criteria = [c for part in load_exercise(ROOT, exercise, hidden=False).exercise.parts for c in part.criteria]
    assert criteria
    assert [c.title for c in criteria if c.title not in statement] == []


# --- what was written, on a page ---


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("*so* **it** `is`", "<em>so</em> <strong>it</strong> <code>is</code>"),
        ("$x^2$", "<msup><mi>x</mi><mn>2</mn></msup>"),
        ("$$\\frac{1}{n}$$", "<mfrac>"),
        ("$a<b$", "<mo>&lt;</mo>"),
        ("| a |\n|--:|\n| 1 |", "<td>1</td>"),
        ("# Title", "<p><strong>Title</strong></p>"),
        ("![fig](attachment:x.png)", "(picture: fig)"),
        ("[here](https://example.org)", "[here](https://example.org)"),
        ("$\\unclosed{$", "<code>\\unclosed{</code>"),
    ],
)
def test_an_answer_is_read_as_it_was_meant(text, part):
    assert part in rendered(text)


def tags(markup):
    root = ET.fromstring(f"<div>{markup}</div>")
    return {(one.tag, name) for one in root.iter() for name in (*one.attrib, None)}


@pytest.mark.parametrize("text", [*HOSTILE, *(f"${text[:300]}$" for text in HOSTILE), "$\\href{javascript:x}{y}$",
                                  "$\\text{<img src=x onerror=y>}$", "$\\style{x:y}{z}$", "$a\" onx=\"b$"])  # fmt: skip
def test_nothing_of_an_answer_can_act(text):
    plain_tags = {"div", "p", "em", "strong", "code", "pre", "ul", "ol", "li", "hr", "br", "blockquote", "table",
                  "thead", "tbody", "tr", "th", "td", "s", "span", "section"}  # fmt: skip
    for name, attribute in tags(rendered(text)):
        assert name in plain_tags or re.fullmatch(r"m[a-z]+", name), name
        assert attribute in (None, "class", "start") or re.fullmatch(r"m[a-z]+", name), attribute
        assert not (attribute or "").startswith(("on", "href", "src"))


@given(st.text(alphabet="$\\{}^_<>&\"'frac sqrt left x1", max_size=60))
def test_any_formula_is_well_formed(text):
    ET.fromstring(formula(text).replace("\0", ""))


def test_pictures_of_a_submission_are_shown_and_nothing_else_is_one(tmp_path):
    text = noise(4).partition(",")[2]
    png = base64.b64decode(text)
    cells = [
        {"cell_type": "markdown", "source": "", "attachments": {"f.png": {"image/png": text}}},
        {"cell_type": "code", "source": "", "outputs": [{"data": {"image/png": [text], "text/html": "<script>"}}, 3]},
        {"cell_type": "code", "outputs": [{"data": {"image/png": "!!", "image/svg+xml": "<svg/>"}}]},
        "no cell",
    ]
    notebook = json.dumps({"cells": cells}).encode()
    assert len(list(pictures_in([("a.ipynb", notebook), ("b.png", png), ("c.svg", b"<svg/>"), ("d.txt", png)]))) == 3
    assert len(list(pictures_in([("b.png", png)] * 40))) == PICTURES
    assert list(pictures_in([("a.ipynb", b"[" * 100_000), ("b.png", b"GIF89a"), ("e.jpg", b"\xff\xd8\xff")])) == []
    assert as_uri(png[:16] + (60_000).to_bytes(4, "big") * 2 + png[24:]) is None


def test_the_page_says_so_where_nothing_waits(tmp_path):
    (tmp_path / "course").mkdir()
    root = make_course(tmp_path / "course")
    with open_store(root / "results") as store:
        assert write_marking(store, load_course(root), directory([], None), Hints(), tmp_path) == 0
        assert list(waiting(store, ())) == []
        assert write_template(tmp_path / "t.csv", []) == 0
    assert "Nothing needs manual grading." in (tmp_path / "marking.html").read_text()
