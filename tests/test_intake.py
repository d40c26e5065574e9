"""What students hand in: every layout is found, what is hostile is refused with a reason, nothing is followed."""

import json
import os
import pickle
import re
import stat
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import CourseError
from autograder.intake.discovery import discover
from autograder.intake.loading import load, read_document
from autograder.intake.magics import drop_magics
from autograder.intake.notebook import read_notebook
from autograder.intake.source import Rejected
from autograder.intake.tables import read_received, read_roster
from autograder.intake.zipped import members, unpacked
from autograder.text import as_id
from tests.attacks.inputs import archives, encodings, files, notebooks, tables
from tests.attacks.inputs.making import CODE, NB, class_at, notebook, zipped
from tests.attacks.inputs.notebooks import ANSWER, MANUAL, markdown
from tests.conftest import ROOT
from tests.course_files import course_at
from tests.gradescope_files import WHEN, listing


def found(path, course, *args, **more):
    """Every entry as (student, exercise) -> (status, file), after reading it as a worker process would."""
    entries = {}
    for entry in pickle.loads(pickle.dumps(discover(path, course, *args, **more).submissions)):
        read = load(entry)
        status = entry.status if entry.status != "found" or read.document else "rejected"
        assert (entry.student, entry.exercise) not in entries
        assert entry.assignment == course.assignment_of(entry.exercise).name
        entries[entry.student, entry.exercise] = (status, entry.file)
    return entries


# --- layouts ---------------------------------------------------------------------------------------------------

# layout -> (files, arguments, entries).  An exercise of the assignment that is not listed must be missing.
LAYOUTS = {
    "nbgrader": (
        {"ann/hw1/alpha.ipynb": NB, "ann/hw1/beta.py": CODE, "bob/hw2/gamma.py": CODE},
        {},
        {
            ("ann", "alpha"): ("found", "ann/hw1/alpha.ipynb"),
            ("ann", "beta"): ("found", "ann/hw1/beta.py"),
            ("bob", "gamma"): ("found", "bob/hw2/gamma.py"),
        },
    ),
    "one missing": (
        {"ann/hw1/alpha.py": CODE},
        {},
        {("ann", "alpha"): ("found", "ann/hw1/alpha.py"), ("ann", "beta"): ("missing", None)},
    ),
    "an empty folder of an assignment": (
        {"ann/hw1": None},
        {},
        {("ann", "alpha"): ("missing", None), ("ann", "beta"): ("missing", None)},
    ),
    "without assignment folder": (
        {"ann/gamma.ipynb": NB, "bob/gamma.py": CODE},
        {},
        {("ann", "gamma"): ("found", "ann/gamma.ipynb"), ("bob", "gamma"): ("found", "bob/gamma.py")},
    ),
    "both py and ipynb": (
        {"ann/gamma.ipynb": NB, "ann/gamma.py": CODE},
        {},
        {("ann", "gamma"): ("found", "ann/gamma.ipynb")},
    ),
    "a file per student": (
        {"ann.py": CODE, "bob.ipynb": NB, "cy.zip": zipped({"whatever.py": CODE})},
        {"exercise": "gamma"},
        {
            ("ann", "gamma"): ("found", "ann.py"),
            ("bob", "gamma"): ("found", "bob.ipynb"),
            ("cy", "gamma"): ("found", "cy.zip/whatever.py"),
        },
    ),
    "a file that answers none of an assignment's exercises stands for none": (
        {"ann.py": CODE},
        {"assignment": "hw1"},
        {("ann", "alpha"): ("rejected", "ann.py"), ("ann", "beta"): ("rejected", "ann.py")},
    ),
    "an archive per student": (
        {"ann.zip": zipped({"hw1/alpha.py": CODE, "hw1/beta.ipynb": NB}), "bob.zip": zipped({"x/gamma.py": CODE})},
        {},
        {
            ("ann", "alpha"): ("found", "ann.zip/hw1/alpha.py"),
            ("ann", "beta"): ("found", "ann.zip/hw1/beta.ipynb"),
            ("bob", "gamma"): ("found", "bob.zip/x/gamma.py"),
        },
    ),
    "an archive in a student's folder": (
        {"ann/hw2/all.zip": zipped({"gamma.py": CODE})},
        {},
        {("ann", "gamma"): ("found", "ann/hw2/all.zip/gamma.py")},
    ),
    "Canvas, unpacked": (
        {"doeann_101_900_gamma.py": CODE, "roebob_LATE_102_901_gamma-1.ipynb": NB},
        {},
        {
            ("doeann_101", "gamma"): ("found", "doeann_101_900_gamma.py"),
            ("roebob_102", "gamma"): ("found", "roebob_LATE_102_901_gamma-1.ipynb"),
        },
    ),
    "Canvas, any file name": (
        {"doeann_101_900_my_9_9_homework.py": CODE},
        {"exercise": "gamma"},
        {("doeann_101", "gamma"): ("found", "doeann_101_900_my_9_9_homework.py")},
    ),
    "Moodle, unpacked": (
        {
            "Ann Doe_11_assignsubmission_file_/gamma.py": CODE,
            "Bob_1 Roe_12_assignsubmission_file_/work.zip": zipped({"gamma.ipynb": NB}),
            "Bob_1 Roe_12_assignsubmission_onlinetext_/onlinetext.html": "hello",
            "Cy_13_assignsubmission_file_gamma.py": CODE,
        },
        {},
        {
            ("Ann Doe_11", "gamma"): ("found", "Ann Doe_11_assignsubmission_file_/gamma.py"),
            ("Bob_1 Roe_12", "gamma"): ("found", "Bob_1 Roe_12_assignsubmission_file_/work.zip/gamma.ipynb"),
            ("Cy_13", "gamma"): ("found", "Cy_13_assignsubmission_file_gamma.py"),
        },
    ),
    "a download of Gradescope": (
        {
            "submission_1/gamma.py": CODE,
            "submission_2/gamma.ipynb": NB,
            "submission_metadata.yml": listing({1: (WHEN, ("Ann Doe", "ann@x", "1")), 2: (WHEN, ("Bob", "", ""))}),
        },
        {},
        {
            ("ann@x", "gamma"): ("found", "submission_1/gamma.py"),
            ("Bob_2", "gamma"): ("found", "submission_2/gamma.ipynb"),
        },
    ),
    "a download of Gradescope without its metadata": (
        {"submission_1/gamma.py": CODE, "submission_2/gamma.ipynb": NB},
        {},
        {
            ("submission_1", "gamma"): ("found", "submission_1/gamma.py"),
            ("submission_2", "gamma"): ("found", "submission_2/gamma.ipynb"),
        },
    ),
    "clones of a bundle": (
        {
            "hw2-ann/.git/HEAD": "ref",
            "hw2-ann/exercises/gamma/gamma.py": CODE,
            "hw2-ann/exercises/gamma/checks.py": "",
            "hw2-ann/autograder/x.py": CODE,
            "hw2-bob/gamma.py": CODE,
        },
        {"exercise": "gamma"},
        {
            ("hw2-ann", "gamma"): ("found", "hw2-ann/exercises/gamma/gamma.py"),
            ("hw2-bob", "gamma"): ("found", "hw2-bob/gamma.py"),
        },
    ),
    "a student who is called as an assignment": (
        {"hw1/gamma.py": CODE, "ann/gamma.py": CODE},
        {"exercise": "gamma"},
        {("hw1", "gamma"): ("found", "hw1/gamma.py"), ("ann", "gamma"): ("found", "ann/gamma.py")},
    ),
    "a folder of Moodle's pattern below a student": (
        {"ann/gamma.py": CODE, "bob/Ann_11_assignsubmission_file_/gamma.py": CODE},
        {},
        {
            ("ann", "gamma"): ("found", "ann/gamma.py"),
            ("bob", "gamma"): ("found", "bob/Ann_11_assignsubmission_file_/gamma.py"),
        },
    ),
    "one assignment of several": (
        {"ann/hw1/alpha.py": CODE, "ann/hw2/gamma.py": CODE, "bob/hw1/alpha.py": CODE, "cy": None},
        {"assignment": "hw2"},
        {("ann", "gamma"): ("found", "ann/hw2/gamma.py"), ("cy", "gamma"): ("missing", None)},
    ),
    "one exercise of several": (
        {"ann/hw1/alpha.py": CODE, "ann/hw1/beta.py": CODE},
        {"exercise": "beta"},
        {("ann", "beta"): ("found", "ann/hw1/beta.py")},
    ),
    "misnamed, the rest of the class says which assignment": (
        {"ann/gamma.py": CODE, "bob/homework.py": CODE},
        {},
        {("ann", "gamma"): ("found", "ann/gamma.py"), ("bob", "gamma"): ("rejected", "bob/homework.py")},
    ),
    "other case, copies of a browser": (
        {"ann/Gamma.py": CODE, "bob/gamma (1).py": CODE, "cy/gamma.py": CODE, "cy/gamma (2).py": CODE},
        {},
        {
            ("ann", "gamma"): ("found", "ann/Gamma.py"),
            ("bob", "gamma"): ("found", "bob/gamma (1).py"),
            ("cy", "gamma"): ("found", "cy/gamma (2).py"),
        },
    ),
    "the folder of the assignment comes first": (
        {"ann/gamma.py": CODE, "ann/hw2/gamma.py": CODE, "ann/hw1/gamma.py": CODE},
        {"assignment": "hw2"},
        {("ann", "gamma"): ("found", "ann/hw2/gamma.py")},
    ),
    "litter": (
        {
            "ann/hw2/gamma.py": CODE,
            "ann/hw2/.ipynb_checkpoints/gamma.ipynb": NB,
            "ann/hw2/__pycache__/gamma.py": CODE,
            "__MACOSX/x": "",
            ".DS_Store": "",
            "notes.txt": "",
        },
        {},
        {("ann", "gamma"): ("found", "ann/hw2/gamma.py")},
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_every_layout_gives_one_entry_per_student_and_exercise(name, packed, tmp_path):
    files, arguments, wanted = LAYOUTS[name]
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path / "submitted", files)
    if packed:
        members = {name: content for name, content in files.items() if content is not None}
        members |= {f"{name}/": "" for name, content in files.items() if content is None}
        (tmp_path / "download.zip").write_bytes(zipped(members))
        path = tmp_path / "download.zip"
    got = found(path, course, **arguments)
    asked = arguments.get("exercise")
    for student, exercise in wanted:
        for other in course.assignment_of(exercise).exercises:
            if asked in (None, other):
                assert got[student, other] == wanted.get((student, other), ("missing", None))
    assert {student for student, _ in got} == {student for student, _ in wanted}


def test_a_single_file(tmp_path):
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path, {"ann/hw2/gamma.py": CODE, "bob.py": CODE, "cy/gamma.ipynb": NB})
    assert found(path / "ann/hw2/gamma.py", course) == {("ann", "gamma"): ("found", "gamma.py")}
    assert found(path / "cy/gamma.ipynb", course) == {("cy", "gamma"): ("found", "gamma.ipynb")}
    assert found(path / "bob.py", course, exercise="gamma") == {("bob", "gamma"): ("found", "bob.py")}


def test_one_students_own_folder(tmp_path):
    course = course_at(tmp_path / "course")
    class_at(tmp_path, {"ann/hw1/alpha.py": CODE, "bob/gamma.py": CODE, "bob/readme.txt": ""})
    assert found(tmp_path / "ann", course)["ann", "alpha"] == ("found", "hw1/alpha.py")
    assert found(tmp_path / "bob", course) == {("bob", "gamma"): ("found", "gamma.py")}
    assert found(tmp_path / "ann/hw1", course)["ann", "alpha"] == ("found", "alpha.py")  # as for the file alone


@pytest.mark.parametrize("results", ["results", "out/monday", "out/2026/monday"])
def test_the_folder_of_the_results_is_no_student(tmp_path, results):
    """Be it that ``grade . --out results`` is given once more; of a class or of one student's own folder."""
    course = course_at(tmp_path / "course")
    kept = {f"{results}/results.db": "", f"{results}/report/index.html": ""}
    for name, handed_in in (("class", "ann/gamma.py"), ("ann", "gamma.py")):
        path = class_at(tmp_path / name, {handed_in: CODE, **kept})
        seen = discover(path, course, "hw2", apart=path / results)
        assert {one.student for one in seen} == {"ann"}
        assert seen.ignored == (f"{results.split('/')[0]}: holds the results",)


def test_results_in_a_students_folder_are_not_among_the_files(tmp_path):
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path / "class", {"ann/gamma.py": CODE, "ann/results/gamma.py": "", "bob/gamma.py": CODE})
    assert found(path, course, "hw2", apart=path / "ann/results") == found(
        class_at(tmp_path / "without", {"ann/gamma.py": CODE, "bob/gamma.py": CODE}), course, "hw2"
    )


def test_a_class_in_a_folder_in_an_archive(tmp_path):
    course = course_at(tmp_path / "course")
    path = tmp_path / "x.zip"
    path.write_bytes(zipped({"submitted/ann/hw2/gamma.py": CODE, "submitted/bob/hw2/gamma.py": CODE}))
    assert {student for student, _ in found(path, course)} == {"ann", "bob"}


@pytest.mark.parametrize(
    ("policy", "file", "count"), [("last", "a_1_9_gamma-1.py", 1), ("first", "a_1_8_gamma.py", 1), ("best", None, 2)]
)
def test_of_several_uploads_the_course_says_which_counts(policy, file, count, tmp_path):
    course = course_at(tmp_path / "course", attempts=policy)
    path = class_at(tmp_path / "s", {"a_1_8_gamma.py": CODE, "a_1_9_gamma-1.py": CODE + "\n"})
    (entry,) = discover(path, course)
    assert entry.student == "a_1"
    assert len(entry.attempts) == count
    assert file in (None, entry.file)
    assert len({load(entry, attempt).sha256 for attempt in entry.attempts}) == count


@pytest.mark.parametrize(
    ("files", "arguments", "words"),
    [
        ({"notes.txt": ""}, {}, "no submission found .*notes.txt: belongs to no student.*PATH/<student>"),
        ({"ann.py": CODE}, {}, "ann.py is not the name of an exercise; say with --exercise"),
        ({"ann/hw1/alpha.py": CODE}, {"exercise": "alhpa"}, "did you mean 'alpha'"),
        ({"ann/hw1/alpha.py": CODE}, {"assignment": "hw3"}, "no assignment 'hw3'"),
        ({"ann/hw1/alpha.py": CODE}, {"assignment": "hw2", "exercise": "alpha"}, "belongs to hw1, not to"),
        ({"hw1/ann/alpha.py": CODE, "hw1/bob/alpha.py": CODE}, {}, "hw1 is an assignment, not a student"),
    ],
)
def test_what_cannot_be_found_is_told_to_the_instructor(files, arguments, words, tmp_path):
    course = course_at(tmp_path / "course")
    with pytest.raises(CourseError, match=words):
        discover(class_at(tmp_path / "s", files), course, **arguments)


def test_paths_that_hold_no_class(tmp_path):
    course = course_at(tmp_path / "course")
    (tmp_path / "broken.zip").write_bytes(b"PK nonsense")
    (tmp_path / "x.txt").touch()
    (tmp_path / "page.zip").write_bytes(b"\n<!DOCTYPE html><html>log in</html>")
    (tmp_path / "other.zip").write_bytes(b"Rar!\x1a\x07\0")
    (tmp_path / "empty.zip").touch()
    for name, words in (
        ("page.zip", "is not a readable zip archive but a web page; unpack"),
        ("other.zip", "is not a readable zip archive but a RAR archive"),
        ("empty.zip", "is empty"),
        ("gone", "does not exist"),
        ("x.txt", "is not a folder"),
        ("broken.zip", "is not a readable zip"),
    ):
        with pytest.raises(CourseError, match=words):
            discover(tmp_path / name, course)


# --- file types ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", files.KINDS)
def test_only_regular_files_of_sensible_size_are_read(name, tmp_path):
    files.check_kind(name, tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device or is refused nothing")
def test_a_device_is_refused(tmp_path):
    course = course_at(tmp_path / "course")
    try:
        path = class_at(
            tmp_path / "s", {"ann/gamma.py": lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))}
        )
    except PermissionError:
        pytest.skip("this machine does not allow making a device")
    (entry,) = discover(path, course)
    assert "is a device, not a regular file" in load(entry).message


def test_no_folder_that_is_a_link_is_entered(tmp_path):
    course = course_at(tmp_path / "course")
    class_at(tmp_path / "elsewhere", {"hw2/gamma.py": "SECRET = 1\n"})
    path = class_at(
        tmp_path / "s",
        {
            "ann": lambda path: path.symlink_to(tmp_path / "elsewhere"),
            "bob/hw2": lambda path: path.symlink_to(tmp_path / "elsewhere/hw2"),
            "cy/hw2/gamma.py": CODE,
        },
    )
    got = found(path, course)
    assert got["ann", "gamma"] == ("rejected", None)
    assert got["bob", "gamma"][0] in ("missing", "rejected")
    assert got["cy", "gamma"][0] == "found"


def test_a_file_swapped_for_a_link_after_discovery_is_not_followed(tmp_path):
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path / "s", {"ann/hw2/gamma.py": CODE, "bob/hw2/gamma.py": CODE})
    ann, bob = discover(path, course)
    class_at(tmp_path / "elsewhere", {"gamma.py": "SECRET = 1\n"})
    (path / "ann/hw2/gamma.py").unlink()
    (path / "ann/hw2/gamma.py").symlink_to(tmp_path / "elsewhere/gamma.py")
    (path / "bob/hw2").rename(path / "bob/old")
    (path / "bob/hw2").symlink_to(tmp_path / "elsewhere")
    for entry in (ann, bob):
        assert load(entry).document is None
        assert "link" in load(entry).message


def test_a_flood_of_files_rejects_its_student_only(tmp_path):
    course = course_at(tmp_path / "course")
    flood = {f"ann/f{number}": "" for number in range(2100)}
    got = found(class_at(tmp_path / "s", flood | {"bob/gamma.py": CODE}), course)
    assert got == {("ann", "gamma"): ("rejected", None), ("bob", "gamma"): ("found", "bob/gamma.py")}


# --- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", files.NAMES)
def test_odd_names_are_data_shown_escaped(name, tmp_path):
    files.check_name(name, tmp_path)


@given(st.text(st.characters(exclude_characters="/\0")), st.text(st.characters(exclude_characters="/\0")))
def test_shown_names_are_printable_and_one_to_one(first, second):
    assert as_id(first).isprintable()
    assert (as_id(first) == as_id(second)) == (first == second)


# --- encodings of .py ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", encodings.TEXTS)
def test_python_files_are_decoded_by_stated_rules(name, tmp_path):
    encodings.check_text(name, tmp_path)


def test_text_that_reads_backwards_is_noted():
    document = read_document("x = 1\n# \u202e } x\n".encode(), "gamma", ".py")
    assert document.notes
    assert "line 2" in document.notes[0]


# --- notebooks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", notebooks.NOTEBOOKS)
def test_notebooks_are_read_whatever_is_in_them(name, tmp_path):
    notebooks.check_notebook(name, tmp_path)


def test_written_answers_are_kept_for_a_person():
    text = notebook(markdown("# title"), markdown("because", nbgrader=MANUAL), markdown("no", nbgrader=ANSWER))
    document = read_notebook(text.encode(), "gamma.ipynb")
    assert [(cell.id, cell.text) for cell in document.answers] == [("essay", "because")]
    assert document.source.cells == ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["code", "markdown", "%%x\n"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "worksheets", "cell_type", "source", "input", "metadata", "nbgrader", "tags", "grade"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(_JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=300))
def test_no_notebook_raises_anything_but_rejected(data):
    with suppress(Rejected):
        read_notebook(data, "gamma.ipynb")
    with suppress(Rejected):
        read_document(data, "gamma", ".py")


# --- magics ----------------------------------------------------------------------------------------------------

MAGICS = {
    "line magic": ("%matplotlib inline\nx = 1\n", "\nx = 1\n"),
    "shell": ("!pip install x\nx = 1", "\nx = 1"),
    "indented": ("if x:\n    !ls\n", "if x:\n    pass\n"),
    "assigned": ("files = !ls\nt = %timeit f()\n", "\n\n"),
    "continued": ("!ls \\\n  -l\nx = 1", "\n\nx = 1"),
    "help": ("np.mean?\n?np\nf??\n", "\n\n\n"),
    "timed cell": ("%%time\nx = 1", "\nx = 1"),
    "timed and captured": ("%%capture\n%%time\nx = 1", "\n\nx = 1"),
    "bash cell": ("\n%%bash\nls", ""),
    "written file": ("%%writefile numpy.py\nx = 1", ""),
    "unknown cell": ("%%martian\nx = 1", ""),
    "remainder": ("x = 7 % 4\n", "x = 7 % 4\n"),
    "remainder on its own line": ("x = (7\n     % 4)\n", "x = (7\n     % 4)\n"),
    "remainder behind a backslash": ("x = 7 \\\n% 4\n", "x = 7 \\\n% 4\n"),
    "formatted text": ("s = '%d' % 3\n", "s = '%d' % 3\n"),
    "in a text": ("s = '''\n%time\n!ls\n'''\n", "s = '''\n%time\n!ls\n'''\n"),
    "behind a comment with an apostrophe": ("# it's\n%time\n", "# it's\n\n"),
    "not equal": ("x != y\n", "x != y\n"),
    "future": ("%%time\nfrom __future__ import annotations\n", "\nfrom __future__ import annotations\n"),
}


@pytest.mark.parametrize("name", MAGICS)
def test_magics_go_and_python_stays(name):
    text, wanted = MAGICS[name]
    assert drop_magics(text) == (wanted, wanted != text)


@given(
    st.lists(st.sampled_from(["%x", "!y", "'", '"', "'''", "\\", "\n", "(", ")", "#", "a", " ", "?", "="])).map("".join)
)
def test_dropping_magics_keeps_the_count_of_lines(text):
    kept, _ = drop_magics(text)
    assert kept.count("\n") == text.count("\n") or kept == ""


# how a cell of these lines is written in another place; their first line begins at the margin
SESSIONS = {
    "indented": lambda lines: [f"    {line}" for line in lines],
    "indented by a tab": lambda lines: [f"\t{line}" for line in lines],
    "Python": lambda lines: [f">>> {lines[0]}", *(f"... {line}" for line in lines[1:])],
    "Python, each": lambda lines: [f">>> {line}" for line in lines],
    "IPython": lambda lines: [f"In [12]: {lines[0]}", *(f"    ...: {line}" for line in lines[1:])],
    "IPython, below a line": lambda lines: ["", *(f"   ...: {line}" for line in lines)],
    "IPython, modes of vi": lambda lines: [f"[ins] In [3]: {lines[0]}", *(f"      ...: {line}" for line in lines[1:])],
}


@pytest.mark.parametrize("form", SESSIONS)
@given(
    lines=st.lists(st.sampled_from(["x = 1", "if x:", "    y", "# z", "s = '>>> x'", "(", ")"]), min_size=1, max_size=5)
)
def test_a_cell_that_was_copied_loses_its_prompts_and_its_indentation(form, lines):
    lines = [lines[0].strip(), *lines[1:]]
    assert drop_magics("\n".join(SESSIONS[form](lines)))[0].strip() == "\n".join(lines).strip()


@pytest.mark.parametrize("name", ["numpy", "statistics"])
def test_real_python_has_no_magics(name):
    import inspect

    text = inspect.getsource(__import__(name))
    assert drop_magics(text) == (text, False)


# --- archives --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", archives.ARCHIVES)
def test_archives_are_looked_into_and_never_trusted(name, tmp_path):
    archives.check_archive(name, tmp_path)


@given(st.binary(max_size=200), st.integers(0, 300), st.binary(min_size=1, max_size=8))
def test_no_archive_raises_anything_but_rejected(noise, position, patch):
    whole = zipped({"gamma.py": CODE, "hw1/alpha.ipynb": NB})
    patched = whole[:position] + patch + whole[position + len(patch) :]
    for data in (noise, b"PK\x03\x04" + noise, patched, whole[:position]):
        with suppress(Rejected):
            for index, *_ in members(data):
                with suppress(Rejected):
                    unpacked(data, index, 1000)


# --- written parts, times --------------------------------------------------------------------------------------


def test_written_parts_lie_beside_the_file(tmp_path):
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path / "s", {"ann/gamma.py": CODE, "ann/gamma.md": "because", "ann/gamma.png": b"\x89PNG"})
    (entry,) = discover(path, course)
    first = load(entry)
    assert dict(first.written) == {"ann/gamma.md": b"because", "ann/gamma.png": b"\x89PNG"}
    (path / "ann/gamma.md").write_text("because of this")
    second = load(entry)
    assert first.sha256 == second.sha256
    assert first.digest != second.digest


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-10-02 08:00:00.5 UTC", datetime(2026, 10, 2, 8, 0, 0, 500_000, UTC)),
        ("2026-10-02 08:00:00 +0200\n", datetime(2026, 10, 2, 8, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-10-02 08:00:00", datetime(2026, 10, 2, 8, tzinfo=UTC)),
        ("tomorrow", None),
        ("", None),
        ("9" * 2000, None),
        ("\ud800".encode("utf-8", "surrogatepass"), None),
    ],
)
def test_nbgraders_time_is_read_but_not_verified(text, wanted, tmp_path):
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path / "s", {"ann/hw2/gamma.py": CODE, "ann/hw2/timestamp.txt": text})
    (entry,) = discover(path, course)
    assert (entry.received, entry.verified) == (wanted, False)
    assert bool(entry.notes) == (wanted is None)


def test_the_table_of_times_beats_the_students_own(tmp_path):
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path / "s", {"ann/hw2/gamma.py": CODE, "ann/hw2/timestamp.txt": "2020-01-01 00:00:00 UTC"})
    table = tmp_path / "received.csv"
    table.write_text("student,assignment,time\nann,hw2,2026-10-02T08:00:00Z\n")
    (entry,) = discover(path, course, received=read_received(table, course))
    assert (entry.received, entry.verified) == (datetime(2026, 10, 2, 8, tzinfo=UTC), True)


@pytest.mark.parametrize("text", tables.RECEIVED)
def test_mistakes_in_the_table_of_times(text, tmp_path):
    tables.check_received(text, tmp_path)


# --- rosters ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", tables.ROSTERS)
def test_rosters_are_read_and_their_mistakes_named(name, tmp_path):
    tables.check_roster(name, tmp_path)


def test_everyone_on_the_roster_gets_an_entry_and_strangers_are_named(tmp_path):
    course = course_at(tmp_path / "course")
    (tmp_path / "roster.csv").write_text("student,name\nann,Ann\nbob,Bob\n")
    path = class_at(tmp_path / "s", {"ann/gamma.py": CODE, "eve/gamma.py": CODE})
    result = discover(path, course, roster=read_roster(tmp_path / "roster.csv"))
    assert [(entry.student, entry.status) for entry in result] == [
        ("ann", "found"),
        ("bob", "missing"),
        ("eve", "found"),
    ]
    assert result.unknown == ("eve",)


def test_names_of_learning_systems_become_the_rosters_ids(tmp_path):
    course = course_at(tmp_path / "course")
    (tmp_path / "roster.csv").write_text(
        "student,id,name\nann,101,Ann Doe\nbob,102,Bob Roe\ncy,103,Same\ndi,104,Same\n"
    )
    canvas = class_at(tmp_path / "c", {"doeann_101_9_gamma.py": CODE})
    roster = read_roster(tmp_path / "roster.csv")
    assert [entry.student for entry in discover(canvas, course, roster=roster) if entry.status == "found"] == ["ann"]
    moodle = class_at(
        tmp_path / "m",
        {"Bob Roe_7_assignsubmission_file_/gamma.py": CODE, "Same_8_assignsubmission_file_/gamma.py": CODE},
    )
    got = [entry.student for entry in discover(moodle, course, roster=roster) if entry.status == "found"]
    assert got == ["Same_8", "bob"]  # two people are called Same: neither is guessed


def test_the_readers_start_and_fork_without_arrays():
    """NumPy triples what each fork copies, and reading a notebook needs none of it."""
    text = "import sys, autograder.sandbox.server, autograder.intake.limited_child; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["../ann.py", "/ann.py", "..\\ann.py"])
def test_a_file_of_a_class_archive_whose_name_leads_out_of_it_is_its_students(name, tmp_path):
    """The student is told so, and not that nothing was handed in."""
    course = course_at(tmp_path / "course")
    path = tmp_path / "x.zip"
    path.write_bytes(zipped({name: CODE, "bob.py": CODE}))
    ann, bob = discover(path, course, exercise="gamma")
    assert (ann.student, ann.status, bob.status) == ("ann", "rejected", "found")
    assert "leads out of the archive" in ann.message


def test_a_child_that_reads_a_notebook_compiles_no_pattern(monkeypatch):
    """The fork server has compiled them; each child would pay more for that than for reading."""
    from autograder.intake import limited_child

    limited_child.rehearse()

    def compiled(*arguments):
        raise AssertionError(f"compiled in the child: {arguments[0]!r}")

    monkeypatch.setattr(re._compiler, "compile", compiled)
    cells = [
        *json.loads(NB)["cells"],
        {"cell_type": "code", "source": "%%time\n!ls\nx = [1,\n2]\nprint?", "metadata": {}},
    ]
    assert read_notebook(json.dumps({"cells": cells}).encode(), "file.ipynb").source.cells
