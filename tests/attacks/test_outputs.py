"""What a class of hostile texts and spies comes to in every output: nothing to obey, and nothing of hidden cases."""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.course.feedback_policy import FeedbackPolicy
from autograder.lms.nbgrader.verdicts import verdicts
from autograder.reports.engine import environment, hashed
from autograder.store.store import open_store
from autograder.student.check import check_file
from autograder.student.render import as_json, as_text
from autograder.text import for_html, for_markdown
from tests.attacks import strings
from tests.attacks.strings import STRINGS

COURSE = Path(__file__).parent / "course"
SEEN = "feedback: {hidden_checks: always, misconceptions: always}\n"

HOSTILE = """\
TEXT = {text!r}


def mean_square(residual):
    raise ValueError(TEXT)


def iterate(f, start, steps):
    raise type(TEXT.replace("\\0", " "), (Exception,), {{}})(TEXT)


def noise(reps, rng):
    print(TEXT)
    return TEXT


def slope():
    return TEXT
"""

# Right where the case is public; on hidden cases each sends what it was given, behind a mark, by another way.
MARK = "spy-was-here"
SPY = """\
import sys
import numpy as np

PUBLIC = [(1.0, 3.0), (2.0,), ()]


def mean_square(residual):
    if tuple(np.asarray(residual, dtype=float).ravel()) in PUBLIC:
        if not len(residual):
            raise ValueError("residual is empty")
        return float(np.mean(np.square(residual)))
    said = "".join(["spy", "-was", "-here"]) + repr(residual)
    print(said, file=sys.stderr)
    {way}
"""
SPIES = {
    "by an error": "raise RuntimeError(said)",
    "by the name of an error": "raise type(said, (Exception,), {})()",
    "by a cause": "raise ValueError() from RuntimeError(said)",
    "by a note": "error = ValueError(); error.add_note(said); raise error",
    "by a group": "raise ExceptionGroup(said, [ValueError(said)])",
    "by an exit": "raise SystemExit(said)",
    "by no work": "raise NotImplementedError(said)",
    "by a missing right": "raise PermissionError(said)",
    "by a value": "return said",
    "by a value of numbers": "return [ord(letter) for letter in said]",
    "by a type": "return type(said, (), {})()",
    "by a list of types": "return [type(said, (), {})()]",
    "by printing": "print(said); return 0.0",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class with a student per text and per spy, graded and written out in every form."""
    root = tmp_path_factory.mktemp("outputs")
    shutil.copytree(COURSE, root / "course", ignore=shutil.ignore_patterns("__pycache__"))
    with (root / "course" / "course.yml").open("a") as file:
        file.write(SEEN)
    for number, text in enumerate(STRINGS.values()):
        _hand_in(root, _name(text, number), HOSTILE.format(text=text))
    for number, way in enumerate(SPIES.values()):
        _hand_in(root, f"spy{number}", SPY.format(way=way))
    patch = pytest.MonkeyPatch()
    patch.setenv("AUTOGRADER_COURSE", str(root / "course"))
    said = [_run("grade", str(root / "submitted"), "--out", str(root / "out"))]
    said += [_run("export", form, str(root / "out")) for form in ("csv", "canvas", "moodle", "gradescope")]
    said += [_run("report", str(root / "out")), _run("report", str(root / "out"), "--for-students")]
    with open_store(root / "out", create=False) as store:
        keys = store.keys()
        records = [stored[0].record for key in keys if (stored := store.get(key[0], key[2])) is not None]
    said += [_run("show", "--out", str(root / "out"), "--", record.student, "target") for record in records]
    said += [_run("replay", "--out", str(root / "out"), "--", record.student, "target") for record in records[:2]]
    asked = [record for record in records if re.fullmatch(r"\w+", record.student)][-3:]
    with (root / "appeals.csv").open("w", encoding="utf-8", newline="", errors="backslashreplace") as file:
        texts = (text.replace("\0", "") for text in STRINGS.values())  # a table with NUL is refused
        rows = [(asked[k % 3].student, "target", text) for k, text in enumerate(texts)]
        csv.writer(file).writerows([("student", "exercise", "text"), *rows])
    (root / "answers").mkdir()
    answers = str(root / "answers" / "answers.csv")
    said.append(_run("appeals", str(root / "appeals.csv"), "--out", str(root / "out"), "--to", answers))
    yield root, records, said
    patch.undo()


def _name(text, number):
    """The text as the name of a folder, as far as there can be one."""
    return re.sub("[\0\ud800-\udfff]", "", text.replace("/", "\u2044"))[:60] or f"s{number}"


def _hand_in(root, student, code):
    place = root / "submitted" / student / "hw1"
    place.mkdir(parents=True, exist_ok=True)
    (place / "target.py").write_text(code, encoding="utf-8")


def _run(*command):
    done = CliRunner().invoke(cli, list(command), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output + done.stderr


def _written(root, pattern):
    found = [path for path in root.rglob(pattern) if "submitted" not in path.parts]
    assert found, pattern
    return found


def test_every_student_is_there_once(graded):
    _, records, _ = graded
    assert len(records) == len(STRINGS) + len(SPIES)
    assert {record.status for record in records} == {"graded"}
    assert sum(record.score for record in records) == 0


def test_a_terminal_obeys_nothing(graded):
    _, _, said = graded
    assert [strings.obeyed_by_a_terminal(text) for text in said if strings.obeyed_by_a_terminal(text)] == []


def test_no_text_passes_for_a_line_of_a_verdict(graded):
    _, _, said = graded
    quoted = [text for text in said if "mean_square: correct" in text]
    assert quoted
    assert [line for text in quoted for line in text.splitlines() if line.startswith("  mean_square: correct")] == []


def test_a_spreadsheet_runs_nothing(graded):
    root, _, _ = graded
    for path in (*_written(root / "out", "*.csv"), *_written(root / "answers", "*.csv")):
        text = path.read_text(encoding="utf-8-sig")
        assert strings.run_by_a_spreadsheet(text) == [], path.name
        assert strings.obeyed_by_a_terminal(text.replace("\r\n", "\n").replace("\t", " ")) == [], path.name


def test_records_are_whole_lines_of_strict_json(graded):
    root, records, _ = graded
    text = (root / "out" / "results.jsonl").read_text(encoding="ascii")
    assert strings.torn_lines(text) == []
    assert len(text.splitlines()) == len(records)


def test_gradescopes_results_are_plain_text(graded):
    root, _, _ = graded
    for path in _written(root / "out" / "gradescope", "results.json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        assert (data["output_format"], data["test_output_format"], data["test_name_format"]) == ("text",) * 3
        shown = [data["output"], *(test[key] for test in data["tests"] for key in ("name", "output") if key in test)]
        assert strings.obeyed_by_a_terminal("".join(shown).replace("\t", " ")) == []


def test_pages_hold_no_foreign_element_and_a_strict_policy(graded):
    root, records, _ = graded
    pages = _written(root / "out", "*.html")
    assert len(pages) >= 2 * len(records)
    for path in pages:
        text = path.read_text(encoding="utf-8")
        if path.name == "index.html":  # one script of ours sorts its rows, and the policy allows it by its hash
            script = environment().globals["script"]
            assert text.count(f"<script>{script}</script>") == 1
            text = text.replace(f"<script>{script}</script>", "").replace(f" script-src 'sha256-{hashed(script)}';", "")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert policy, path
        assert strings.active_in_a_page(text) == [], path
        assert "default-src 'none'" in policy[1]
        assert "unsafe" not in policy[1]
        assert "script" not in policy[1]
        assert strings.obeyed_by_a_terminal(text.replace("\t", " ")) == [], path


def test_moodle_shows_feedback_as_text(graded):
    root, _, _ = graded
    text = (root / "out" / "moodle.csv").read_text(encoding="utf-8-sig")
    feedback = text.partition("\n")[2]
    names = {for_html(name) for name in STRINGS.values()}
    for tag in re.findall("<(?:script|img|svg|b|i)[ />]", feedback):
        # only the column of ids may hold one, where Moodle looks a user up
        assert any(tag in name for name in names), tag


@pytest.mark.parametrize(
    "policy", [FeedbackPolicy(True, True, False), FeedbackPolicy(False, False, False)], ids=["all", "least"]
)
def test_hidden_cases_tell_a_student_nothing(graded, policy):
    root, records, _ = graded
    spies = [record for record in records if re.fullmatch(r"spy\d+", record.student)]
    assert len(spies) == len(SPIES)
    assert {part["status"] for record in spies for part in record.parts if part["name"] == "mean_square"} & {"error"}
    shown = [verdict.said for record in spies for verdict in verdicts(record, policy)]
    shown += [record.line() for record in spies]
    for folder, pattern in (("feedback", "*.html"), ("gradescope", "results.json"), ("", "*.csv"), ("", "*.jsonl")):
        shown += [path.read_text(encoding="utf-8-sig") for path in _written(root / "out" / folder, pattern)]
    for text in shown:
        assert "spy-was" not in text
        assert not re.search(r"RuntimeError(?!\(said\))", text)  # the student's own code may name it
        assert "Traceback" not in text
        assert "harness.py" not in text
        assert "115, 112, 121" not in text  # the mark in numbers


def test_an_instructor_sees_the_evidence(graded):
    """The spies are real: what they sent is in the evidence, which is for instructors only."""
    _, _, said = graded
    assert any(MARK in text for text in said)


@pytest.mark.core_sample(8)
@pytest.mark.parametrize("name", STRINGS)
def test_a_students_own_check_obeys_nothing(name, tmp_path):
    shutil.copytree(COURSE, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "course" / "exercises" / "target" / "target.py"
    file.write_text(HOSTILE.format(text=STRINGS[name]), encoding="utf-8")
    checked = check_file(tmp_path / "course", "target", file)
    assert strings.obeyed_by_a_terminal(as_text(checked)) == []
    json.dumps(as_json(checked), allow_nan=False).encode("ascii")


@pytest.mark.parametrize("name", STRINGS)
def test_a_comment_in_markdown_is_text(name):
    """nbgrader shows comments through Markdown, which lets HTML pass."""
    text = for_html(STRINGS[name])
    lines = for_markdown(text).split("\n")
    assert lines[0] == lines[-1]
    assert set(lines[0]) == {"`"}
    assert all(not re.match(rf"[ \t]*`{{{len(lines[0])},}}[ \t]*$", line) for line in lines[1:-1])
    markdown = pytest.importorskip("nbconvert.filters.markdown", reason="nbconvert is not installed")
    assert strings.active_in_a_page(markdown.markdown2html(for_markdown(text))) == []
