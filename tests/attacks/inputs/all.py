"""Every table of hostile inputs with what holds an entry of it against its verdict: ``check(name, folder)``."""

from __future__ import annotations

from autograder.reports.engine import environment
from autograder.symbolic import grade
from autograder.text import as_id, encodable, for_html, for_markdown, for_spreadsheet
from tests.attacks import strings
from tests.attacks.inputs import archives, courses, encodings, files, left, marks, notebooks, tables
from tests.symbolic.hostile import TEXTS
from tests.symbolic.questions import QUESTIONS


def check_symbolic(name, root):
    number, text, status, said = TEXTS[name]
    verdict = grade(QUESTIONS[number], text.replace("{mark}", str(root / "mark")))
    assert verdict.status == status
    assert said in verdict.message
    assert not (root / "mark").exists()


def check_string(name, root):
    """A text is for_html wherever it is as_id; the outputs of the commands are held against all texts at once."""
    text = strings.STRINGS[name]
    assert as_id(text).isprintable()
    assert strings.obeyed_by_a_terminal(for_html(text).replace("\t", " ")) == []
    assert strings.run_by_a_spreadsheet(for_spreadsheet(text)) == []
    assert for_markdown(text).split("\n")[0] == for_markdown(text).split("\n")[-1]
    encodable(text).encode()
    page = environment().from_string("<p>{{ text }}</p>").render(text=text)
    assert strings.active_in_a_page(page) == []


CLASSES = (
    ("file types", files.KINDS, files.check_kind),
    ("names", files.NAMES, files.check_name),
    ("encodings", encodings.TEXTS, encodings.check_text),
    ("notebooks", notebooks.NOTEBOOKS, notebooks.check_notebook),
    ("archives", archives.ARCHIVES, archives.check_archive),
    ("course files", courses.MISTAKES, courses.check_mistake),
    ("bytes of course files", courses.BYTES, courses.check_bytes),
    ("rosters", tables.ROSTERS, tables.check_roster),
    ("times of submission", tables.RECEIVED, tables.check_received),
    ("marks by hand", marks.MARKS, marks.check_marks),
    ("texts in outputs", strings.STRINGS, check_string),
    ("symbolic answers", TEXTS, check_symbolic),
    ("left behind: stores", left.STORES, left.check_store),
    ("left behind: secrets", left.SECRETS, left.check_secret),
)
