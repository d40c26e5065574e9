"""The class report: independent oracles for its figures, everything shown once, all text harmless."""

import base64
import hashlib
import re
from datetime import timedelta
from html.parser import HTMLParser

import numpy as np
import pytest
import scipy.stats
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.cli import cli
from autograder.course.feedback_policy import policy_of
from autograder.course.model import load_course
from autograder.lms.people import directory
from autograder.reports.engine import hashed
from autograder.reports.items import FEW, Spread, analyse, cronbach, pearson
from autograder.reports.site import write_handouts, write_report
from autograder.reports.student import agreement
from autograder.store.store import open_store
from autograder.store.stored import Mark
from tests import report_class as made

VOID = {"meta", "br", "img", "link", "input", "hr", "base", "rect", "circle", "line"}


class Page(HTMLParser):
    """Elements, links, text and the stack of open elements of a page: the browser's view, without a browser."""

    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.words, self.open, self.ids = [], [], [], [], []
        self.raw = path.read_text(encoding="utf-8")
        self.feed(self.raw)
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


@pytest.fixture(scope="module")
def lifelike(tmp_path_factory):
    return made.build(tmp_path_factory.mktemp("lifelike"), made.lifelike)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile")
    return made.build(root, lambda store: made.hostile(store, root / "roster.csv"), root / "roster.csv")


# --- item analysis ---------------------------------------------------------------------------------------------


def test_alpha_is_that_of_a_published_example():
    # Bland and Altman (1997), BMJ 314:572: 10 items whose variances add up to 11.16, a total of variance 77.44
    k, items, total = 10, 11.16, 77.44
    covariance = np.full((k, k), (total - items) / (k * (k - 1)))
    np.fill_diagonal(covariance, items / k)
    raw = np.random.default_rng(1).normal(size=(249, k))
    white = np.linalg.qr(raw - raw.mean(axis=0))[0] * np.sqrt(248)
    points = white @ np.linalg.cholesky(covariance).T
    assert cronbach(points) == pytest.approx(0.951, abs=5e-4)


def test_alpha_is_that_of_a_worked_table():
    answers = np.array([[1, 2, 2, 3, 2, 2, 3, 3, 2, 3], [1, 1, 1, 2, 3, 3, 2, 3, 3, 3], [1, 1, 2, 1, 2, 3, 3, 3, 2, 3]])
    assert cronbach(answers.T.astype(float)) == pytest.approx(0.773, abs=5e-4)


CLASSES = hnp.arrays(float, st.tuples(st.integers(2, 30), st.integers(2, 6)), elements=st.integers(0, 8).map(float))


@settings(max_examples=60)
@given(CLASSES)
def test_alpha_is_the_covariance_form_of_it(points):
    # k/(k-1) * (sum of the covariances between items) / (sum of all covariances)
    covariance = np.atleast_2d(np.cov(points, rowvar=False))
    k = covariance.shape[0]
    got = cronbach(points)
    if covariance.sum() <= 1e-9:
        assert got is None
    else:
        assert got == pytest.approx(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()), rel=1e-9, abs=1e-9)


@settings(max_examples=60)
@given(CLASSES, st.floats(0.5, 9))
def test_items_are_scipys_correlations_and_know_no_order_of_students(points, scale):
    names = [("e", f"p{k}") for k in range(points.shape[1])]
    items, alpha = analyse(names, points, np.full(points.shape[1], 8.0))
    for k, item in enumerate(items):
        rest = np.delete(points, k, axis=1).sum(axis=1)
        assert item.difficulty == pytest.approx(points[:, k].mean() / 8)
        if np.ptp(points[:, k]) and np.ptp(rest):
            assert item.correlation == pytest.approx(scipy.stats.pearsonr(points[:, k], rest).statistic, abs=1e-9)
            assert pearson(scale * points[:, k] + 1, rest) == pytest.approx(item.correlation, abs=1e-9)
        else:
            assert item.correlation is None
        assert (item.discrimination is None) == (len(points) < FEW)
    if alpha is not None:
        assert cronbach(points[::-1]) == pytest.approx(alpha)
        assert cronbach(points * scale) == pytest.approx(alpha)


def test_items_and_alpha_are_pingouins():
    """Against an independent implementation."""
    pingouin = pytest.importorskip("pingouin", reason="an oracle; install the extra `oracles`")
    import pandas

    rng = np.random.default_rng(5)
    points = np.round(rng.normal(4, 2, (40, 1)) + rng.normal(0, 1.5, (40, 5)), 2)
    items, alpha = analyse([("e", f"p{k}") for k in range(5)], points, np.full(5, 8.0))
    table = pandas.DataFrame(points)
    assert alpha == pytest.approx(pingouin.cronbach_alpha(table)[0], abs=1e-12)
    for k, item in enumerate(items):
        rest = pingouin.corr(points[:, k], np.delete(points, k, axis=1).sum(axis=1))
        assert item.correlation == pytest.approx(float(rest["r"].iloc[0]), abs=1e-5)
        assert item.difficulty == pytest.approx(float(table[k].mean() / 8.0), abs=1e-12)


def test_discrimination_is_the_gap_between_the_tails():
    points = np.stack([np.repeat([0.0, 4.0], 50), np.arange(100.0)], axis=1)
    (first, second), _ = analyse([("e", "a"), ("e", "b")], points, np.array([4.0, 99.0]))
    assert first.discrimination == pytest.approx(1.0)
    assert second.discrimination == pytest.approx(73 / 99)  # the means of 73 to 99 and of 0 to 26
    assert analyse([("e", "a")], points[:, :1] * 0, np.ones(1))[0][0].discrimination == 0.0


@given(st.permutations(range(12)), st.integers(0, 2**32 - 1))
def test_items_do_not_depend_on_the_order_of_the_class_list(order, seed):
    """Also where many students share the total at the border of a tail."""
    points = np.random.default_rng(seed).integers(0, 3, (12, 3)) / 10
    names, worth = [("e", name) for name in "abc"], np.full(3, 0.2)
    for one, other in zip(analyse(names, points, worth)[0], analyse(names, points[order], worth)[0], strict=True):
        assert one.discrimination == pytest.approx(other.discrimination, abs=1e-9)


@given(st.lists(st.floats(0, 100).map(lambda x: round(x, 2)), min_size=2, max_size=60))
def test_a_spread_is_numpys(values):
    found = Spread.of(values)
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    assert (found.low, found.median, found.high) == pytest.approx((low, middle, high), abs=1e-9)
    assert (found.mean, found.deviation) == pytest.approx((np.mean(values), np.std(values, ddof=1)), abs=1e-9)
    assert (found.count, found.least, found.most) == (len(values), min(values), max(values))


def test_a_spread_of_one_or_none_says_only_what_can_be_said():
    assert Spread.of([]) == Spread()
    one = Spread.of([3.0])
    assert (one.mean, one.low, one.high, one.deviation) == (3.0, 3.0, 3.0, None)


def test_a_part_that_nobody_has_marked_is_never_accused(tmp_path):
    """Neither where answers wait nor where none was handed in; where all are marked it is an item like the others."""

    def fill(store):
        for k in range(12):
            hand = made.part("g", 0.0, "manual" if k == 3 else "missing", kind="manual")
            marked = made.part("h", float(k % 5), "partial", kind="manual")
            nothing = made.part("i", 0.0, "missing", kind="manual")
            made.save(store, f"s{k:02d}", "alpha", made.part(score=float(k % 4)), hand, marked, nothing, waits=4.0)

    index = Page(made.build(tmp_path, fill) / "index.html")
    items = re.search(r'aria-labelledby="items">(.*?)</section>', index.raw, re.S)[1]
    said = dict(re.findall(r'<code>(\w)</code> <span class="soft">alpha</span>.*?<td[^>]*>([^<]*)</td></tr>', items))
    assert said["g"] == "Left out: 1 answer needs manual grading."
    assert said["i"] == "Left out: no answer was handed in."
    assert "Left out" not in said["f"] + said["h"]


def test_a_class_without_names_has_numbers_and_nothing_that_leads_back(tmp_path):
    with open_store(tmp_path) as store:
        made.lifelike(store)
        people = directory(made.students_of(store), None)
        numbers = {student: f"anon-{k:03d}" for k, student in enumerate(sorted(store.students(), reverse=True))}
        course = load_course(made.make_course(tmp_path))
        write_report(store, course, people, tmp_path / "report", numbers=numbers)
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["index.html", "marking.html"]
    for name in ("index.html", "marking.html"):
        page = Page(tmp_path / "report" / name)
        assert not re.findall(r"\bs\d\d\b|students/", page.raw.replace(made.COURSE, ""))
        assert page.open == []
    index = Page(tmp_path / "report" / "index.html").raw
    assert "f(1)" in index
    assert "f(-3.5)" not in index, "a hidden case is not for a class"
    rows = re.findall(r'<tr><th scope="row"><bdi>(anon-\d+)</bdi>', Page(tmp_path / "report" / "index.html").raw)
    assert rows == sorted(numbers.values())


def test_points_that_the_grader_owes_are_no_zero(tmp_path):
    def fill(store):
        for k in range(4):
            made.save(store, f"s{k}", "alpha", made.part(score=2.0))
        made.save(store, "s4", "alpha", made.part(score=0.0, status="load_error"), status="grader_error")

    index = Page(made.build(tmp_path, fill) / "index.html").raw
    scores = re.search(r'aria-labelledby="scores">(.*?)</section>', index, re.S)[1]
    assert re.findall(r'<td class="n">(?:<strong>)?([\d.]+)', scores)[:3] == ["4", "2", "2"]


# --- what is shown ---------------------------------------------------------------------------------------------


def test_every_student_has_one_row_and_one_page(lifelike):
    index = Page(lifelike / "index.html")
    pages = sorted((lifelike / "students").iterdir())
    assert [page.name for page in pages] == [f"{k + 1:04d}.html" for k in range(12)]
    row = re.findall(r'<tr><th scope="row"><a href="(students/\d+\.html)"><bdi>(s\d+)</bdi>', index.raw)
    assert row == [(f"students/{k + 1:04d}.html", f"s{k:02d}") for k in range(12)]
    for k, page in enumerate(map(Page, pages)):
        assert f"s{k:02d}" in page.text
        # every part of every exercise, once: on a card, or in the line of what was not answered
        places = re.findall(r'<h3 id=.*?</h3>|<p class="blank">.*?</p>', page.raw, re.DOTALL)
        assert sum(one.count("<code>") for one in places) == 4


def test_what_waits_is_late_missing_or_unread_is_listed(lifelike):
    index = Page(lifelike / "index.html").raw
    sections = dict(re.findall(r'<section aria-labelledby="(\w+)">(.*?)</section>', index, re.S))

    def listed(name):
        return sorted(set(re.findall(r"<bdi>(s\d+)</bdi>", sections[name])))

    assert listed("lists") == ["s03", "s05", "s06"]
    for kind, who in (("absent", "s05"), ("late", "s03"), ("trouble", "s06")):
        piece = sections["lists"].partition(f'id="{kind}"')[2].partition("</details>")[0]
        assert re.findall(r"<bdi>(s\d+)</bdi>", piece) == [who]
    assert "not a notebook" in sections["lists"]
    marking = Page(lifelike / "marking.html").raw
    written = re.findall(r'rownumber">\d+</span> <bdi>(s\d+)</bdi>', marking)
    assert sorted(written) == [f"s{k:02d}" for k in range(12) if k not in (5, 6)]
    tasks = re.findall(r"<strong>(\d+)</strong>(?:<a[^>]*>)?([A-Za-z ]+)", sections["todo"])
    assert [(int(count), what.strip()) for count, what in tasks] == [
        (10, "to read and mark"),
        (1, "handed in as a file that could not be used"),
        (2, "of the exercises"),
        (1, "handed in late"),
    ]


def test_a_misconception_is_shown_with_its_holders_and_an_example(lifelike):
    section = re.search(r'aria-labelledby="teach">(.*?)</section>', Page(lifelike / "index.html").raw, re.S)[1]
    assert "<strong>4</strong>" in section  # s01, s04, s07, s10
    assert "sum instead of mean" in section
    assert [part in section for part in ("f(1)", "2.0", "1.0")] == [True] * 3


def test_marks_by_hand_are_shown_and_count(tmp_path):
    def fill(store):
        made.lifelike(store, 2)
        store.mark(Mark("s00", "beta", "g", 3.0, "well argued", "prof", made.DUE))

    page = Page(made.build(tmp_path, fill) / "students" / "0001.html")
    assert "Marked 3 of 4 by prof" in page.text
    assert "well argued" in page.text
    assert "15 of 16" in page.text


def test_a_page_of_a_student_who_is_gone_does_not_stay(tmp_path):
    made.build(tmp_path, lambda store: made.lifelike(store, 2))
    (tmp_path / "report" / "students" / "0009.html").write_text("old")
    (tmp_path / "report" / "students" / "mine.txt").write_text("kept")
    made.build(tmp_path, lambda store: None)
    assert sorted(p.name for p in (tmp_path / "report" / "students").iterdir()) == [
        "0001.html",
        "0002.html",
        "mine.txt",
    ]


def test_a_class_of_nobody_has_a_page(tmp_path):
    page = Page(made.build(tmp_path, lambda store: None) / "index.html")
    assert page.open == []
    assert "No misconception was recognised." in page.text
    assert "Nothing is graded yet." in page.text


def test_a_class_of_one_is_counted_in_the_singular(tmp_path):
    folder = made.build(tmp_path, lambda store: made.lifelike(store, 1))
    assert "1 student, points after lateness" in Page(folder / "index.html").text
    assert "1 answer" in Page(folder / "marking.html").text
    for path in folder.rglob("*.html"):
        assert not re.search(r"\b1 (students|answers|parts|started days|wrong answers)\b", Page(path).text), path


def test_a_page_tells_failures_in_the_order_in_which_they_were_found_to_be_causes(tmp_path):
    def fill(store):
        told = [
            made.evidence("first cause", "public", "f([1, 2, 3, 4])"),
            made.evidence("what follows", "public", "f(1)"),
            made.evidence("hidden one", "hidden", "f(0)"),
        ]
        bad = made.part("f", 0.0, "wrong", checks=[made.check(t["title"], "fail", t["visibility"]) for t in told])
        made.save(store, "s", "alpha", bad, proof={"f": told})

    page = Page(made.build(tmp_path, fill) / "students" / "0001.html").text
    assert page.index("first cause") < page.index("what follows") < page.index("hidden one")


# --- what students may see -------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["always", "after_due", "never"])
@pytest.mark.parametrize("over", [False, True])
def test_a_page_for_a_student_says_of_hidden_checks_what_the_course_lets_through(when, over, tmp_path):
    root = made.make_course(tmp_path)
    text = made.COURSE + f"feedback: {{hidden_checks: {when}, misconceptions: {when}}}\n"
    (root / "course.yml").write_text(
        text.replace("exercises: {", "extensions: {x: 2026-10-05T12:00:00+00:00}, exercises: {")
    )
    course = load_course(root)
    with open_store(root) as store:
        made.lifelike(store)
        people = directory(made.students_of(store), None)
        moment = made.DUE + timedelta(days=5 if over else 1)
        write_handouts(store, course, people, root / "feedback", now=moment)
    page = Page(root / "feedback" / "s01.html")
    seen = when == "always" or (when == "after_due" and over)
    assert ("sum instead of mean" in page.text) == seen
    assert ("1 hidden withheld" in page.text) != seen
    assert "f(1)" in page.text
    for secret in ("f(-3.5)", "7.0", "3.5", "replay"):
        assert secret not in page.text  # values in hidden checks never
    assert not re.findall(r"s(?!01)\d\d", page.text)
    assert all(not value.startswith("..") for tag, name, value in page.attributes if name == "href")


def test_without_a_due_date_nothing_is_ever_after_it(tmp_path):
    root = made.make_course(tmp_path)
    (root / "course.yml").write_text("title: T\nassignments:\n  hw1: {title: H, exercises: {alpha: 1, beta: 1}}\n")
    course = load_course(root)
    assert policy_of(course, course.assignments[0], made.DUE + timedelta(days=9999)).hidden_checks is False


# --- harmless, and alone ---------------------------------------------------------------------------------------


def all_pages(folder):
    return [folder / "index.html", folder / "marking.html", *sorted((folder / "students").iterdir())]


@pytest.mark.parametrize("which", ["lifelike", "hostile"])
def test_pages_are_well_formed_have_one_policy_and_ask_nothing_of_the_network(which, request):
    folder = request.getfixturevalue(which)
    for path in all_pages(folder):
        page = Page(path)
        assert page.open == []
        assert len(page.ids) == len(set(page.ids))
        scripts = re.findall(r"<script>(.*?)</script>", page.raw, re.S)
        assert len(scripts) == page.tags.count("script") == (path.name == "index.html")
        assert set(page.tags).isdisjoint({"iframe", "object", "embed", "link", "base", "form", "input", "img"})
        policies = [v for (t, n, v) in page.attributes if n == "content" and v and "default-src" in v]
        css = re.search(r"<style>(.*?)</style>", page.raw, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        own = "".join(f" script-src 'sha256-{hashed(text)}';" for text in scripts)
        assert policies == [
            f"default-src 'none'; img-src data:; style-src 'sha256-{digest}';{own} base-uri 'none'; form-action 'none'"
        ]
        assert not [a for a in page.attributes if a[1].startswith("on") or a[1] in ("style", "srcdoc", "srcset")]
        for tag, name, value in page.attributes:
            if name in ("href", "src"):
                assert re.fullmatch(r"#[\w-]+|(\.\./)?(index|marking|students/\d{4,})\.html", value), (tag, value)
                if value.startswith("#"):
                    assert value[1:] in page.ids
                else:
                    assert (path.parent / value).is_file()


def test_no_control_of_a_terminal_or_a_reader_is_left(hostile):
    for path in all_pages(hostile):
        assert not set(path.read_text(encoding="utf-8")) & set("\x1b\x00\x07\x7f\x85\u202e\u2066\u2028")


def test_endless_text_is_cut_and_says_so(hostile):
    for path in all_pages(hostile):
        assert path.stat().st_size < 1_000_000
    assert "(20000 characters)" in (hostile / "index.html").read_text(encoding="utf-8")


# --- the picture of returned against expected ------------------------------------------------------------------

NUMBERS = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=3, max_size=20)


@settings(max_examples=60)
@given(NUMBERS, st.floats(0.5, 3))
def test_a_picture_holds_every_value_inside_its_frame(values, factor):
    printed = f"np.array({[round(factor * v, 4) for v in values]})"
    picture = agreement(printed, f"np.array({values}, dtype=np.float32)")
    if picture is not None:
        assert len(picture.dots) == len(values)
        assert all(0 <= x <= 100 and 0 <= y <= 100 for x, y in picture.dots)


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        (None, "np.array([1.0, 2.0, 3.0])"),
        ("np.array([1.0, 2.0, nan])", "np.array([1.0, 2.0, 3.0])"),
        ("np.array([1.0, 2.0])", "np.array([1.0, 2.0, 3.0])"),
        ("array of shape (30,), float64: [1.0, 2.0, 3.0, ...]", "array of shape (30,), float64: [1.0, 2.0, 4.0, ...]"),
        ("np.array([1.0, 2.0, 3.0])", "np.array([1.0, 2.0, 3.0000001])"),
        ("__import__('os').system('1 2 3')", "np.array([1.0, 2.0, 3.0])"),
        ("np.array([1e400, 2.0, 3.0])", "np.array([1.0, 2.0, 3.0])"),
        ("'" + "9" * 5000 + " 1 2'", "'1 2 4'"),
    ],
)
def test_there_is_no_picture_where_there_is_nothing_to_see(returned, expected):
    assert agreement(returned, expected) is None


# --- the command -----------------------------------------------------------------------------------------------


def test_the_command_writes_both_kinds_and_reports_the_roster(tmp_path, monkeypatch):
    root = made.make_course(tmp_path)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    with open_store(root / "results") as store:
        made.lifelike(store, 3)
    roster = root / "class.csv"
    roster.write_text("student,name\ns00,Ada\ns01,Emmy\nzoe,Zoe\n", encoding="utf-8")
    run = CliRunner().invoke(cli, ["report", str(root / "results"), "--roster", str(roster)], catch_exceptions=False)
    assert run.exit_code == 0
    assert "on the roster, without a result: 1 (zoe)" in run.stderr
    assert "with results, not on the roster: 1 (s02)" in run.stderr
    assert "Emmy" in (root / "results" / "report" / "index.html").read_text()
    run = CliRunner().invoke(cli, ["report", str(root / "results"), "--for-students"], catch_exceptions=False)
    assert sorted(p.name for p in (root / "results" / "feedback").iterdir()) == ["s00.html", "s01.html", "s02.html"]
    (root / "course.yml").write_text(made.COURSE.replace("due: 2026-10-01T12:00:00+00:00, ", ""), encoding="utf-8")
    run = CliRunner().invoke(cli, ["report", str(root / "results"), "--for-students"], catch_exceptions=False)
    assert "withheld until a due date, which is not set: 1 (hw1)" in run.stderr
    undated = made.COURSE.replace("exercises: {alpha: 8, beta: 8}", "exercises: {alpha: 8}")
    undated = undated.replace(
        "late:", "  hw2: {title: Second, exercises: {beta: 8}}\n  hw3: {title: Third, exercises: {gamma: 8}}\nlate:"
    )
    (root / "exercises" / "gamma").mkdir()
    (root / "exercises" / "gamma" / "checks.py").touch()
    (root / "course.yml").write_text(undated, encoding="utf-8")
    run = CliRunner().invoke(cli, ["report", str(root / "results"), "--for-students"], catch_exceptions=False)
    assert "withheld until a due date, which is not set: 1 (hw2)" in run.stderr, "nothing of hw3 is on a page"


def test_the_index_page_grows_slowly_enough_for_a_thousand_students(tmp_path):
    """Sizes only; how long a thousand take is printed by ``python -m tests.bench.report``."""
    root = made.make_course(tmp_path)
    with open_store(root) as store:
        made.lifelike(store)
        keys = store.keys()
        seeds = [(store.get(student, exercise)[0], ()) for student, _, exercise in keys]
        made.replicated(store, seeds, 150, np.random.default_rng(1))
        write_report(store, load_course(root), directory(made.students_of(store), None), root / "report")
    per_student = (root / "report" / "index.html").stat().st_size / 162
    assert per_student * 1000 < 2_000_000


def test_records_out_of_different_points_are_never_averaged_in_silence(tmp_path):
    def fill(store):
        made.save(store, "a", "alpha", made.part("f", score=4.0))
        made.save(store, "b", "alpha", made.part("f", score=4.0), made.part("g", score=0.0))

    text = Page(made.build(tmp_path, fill) / "index.html").text
    assert "not all graded with the same points: " in text
