"""What students hand in: every layout is found, what is hostile is refused with a reason, nothing is followed."""

import io
import json
import os
import pickle
import socket
import stat
import struct
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake import Rejected, discover, load, read_document, read_received, read_roster, shown
from autograder.intake.archive import members, unpacked
from autograder.intake.magics import drop_magics
from autograder.intake.notebook import read_notebook
from autograder.spec import CourseError
from tests.course_files import course_at

CODE = "def f():\n    return 1\n"


def notebook(*cells, **more):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more})


def code_cell(source=CODE, **metadata):
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def zipped(members):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return raw.getvalue()


def class_at(root, files):
    """Lay out a class: text or bytes as files, None as an empty folder, a callable makes its own thing."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir(exist_ok=True)
        elif callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


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

NB = notebook(code_cell())
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
    "a file per student for a whole assignment": (
        {"ann.py": CODE},
        {"assignment": "hw1"},
        {("ann", "alpha"): ("found", "ann.py"), ("ann", "beta"): ("found", "ann.py")},
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
        {("ann", "gamma"): ("found", "ann/gamma.py"), ("bob", "gamma"): ("missing", None)},
    ),
    "other case, copies of a browser": (
        {"ann/Gamma.py": CODE, "bob/gamma (1).py": CODE, "cy/gamma.py": CODE, "cy/gamma (2).py": CODE},
        {},
        {
            ("ann", "gamma"): ("found", "ann/Gamma.py"),
            ("bob", "gamma"): ("found", "bob/gamma (1).py"),
            ("cy", "gamma"): ("found", "cy/gamma.py"),
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
    for name, words in (("gone", "does not exist"), ("x.txt", "is no folder"), ("broken.zip", "is no zip archive")):
        with pytest.raises(CourseError, match=words):
            discover(tmp_path / name, course)


# --- file types ------------------------------------------------------------------------------------------------


def _socket(path):
    here = os.getcwd()
    os.chdir(path.parent)  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(path.name)
    finally:
        os.chdir(here)


def _secret_link(path):
    secret = path.parents[3] / "secret.py"
    secret.write_text("SECRET = 1\n")
    path.symlink_to(secret)


def _big(size):
    def make(path):
        path.touch()
        os.truncate(path, size)

    return make


# kind -> (what is made where gamma.py should be, words of the message)
KINDS = {
    "FIFO": (os.mkfifo, "is a FIFO, not a regular file"),
    "socket": (_socket, "is a socket, not a regular file"),
    "folder": (lambda path: path.mkdir(), "is a folder, not a file"),
    "link": (_secret_link, "is a symbolic link, not a regular file"),
    "dangling link": (lambda path: path.symlink_to("nowhere"), "is a symbolic link"),
    "link to itself": (lambda path: path.symlink_to(path.name), "is a symbolic link"),
    "link to a device": (lambda path: path.symlink_to("/dev/zero"), "is a symbolic link"),
    "huge": (_big(1 << 40), "has 1099511627776 bytes; at most 2000000 are read"),
    "one byte too big": (_big(2_000_001), "has 2000001 bytes; at most 2000000 are read"),
}


@pytest.mark.parametrize("name", KINDS)
def test_only_regular_files_of_sensible_size_are_read(name, tmp_path):
    make, words = KINDS[name]
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path / "s", {"ann/hw2/gamma.py": make, "bob/hw2/gamma.py": CODE})
    ann, bob = discover(path, course)
    read = load(ann)
    assert read.document is None
    assert words in read.message
    assert read.message.startswith("ann/hw2/gamma.py: ")
    assert load(bob).document is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device or is refused nothing")
def test_a_device_is_refused(tmp_path):
    course = course_at(tmp_path / "course")
    try:
        path = class_at(
            tmp_path / "s", {"ann/gamma.py": lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))}
        )
    except PermissionError:
        pytest.skip("this machine lets nobody make a device")
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

NAMES = {
    "a\nb": "a\\x0ab",
    "\u202eann": "\\u202eann",
    "-rf": "-rf",
    "...": "...",
    "=1+1": "=1+1",
    "a b": "a b",
    "\u0623\u062d\u0645\u062f": "\u0623\u062d\u0645\u062f",
    "a\\b": "a\\\\b",
    "\x1b[31mred": "\\x1b[31mred",
    "zero\u200bwidth": "zero\\u200bwidth",
    "caf\udce9": "caf\\xe9",
    "%s{0}$HOME`id`": "%s{0}$HOME`id`",
    "a,b;c\"d'e": "a,b;c\"d'e",
    "<script>": "<script>",
}


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_are_data_shown_escaped(name, tmp_path):
    course = course_at(tmp_path / "course")
    folder = tmp_path / "s" / name / "hw2"
    folder.mkdir(parents=True)
    (folder / "gamma.py").write_text(CODE)
    assert found(tmp_path / "s", course) == {(NAMES[name], "gamma"): ("found", f"{NAMES[name]}/hw2/gamma.py")}


@given(st.text(st.characters(exclude_characters="/\0")), st.text(st.characters(exclude_characters="/\0")))
def test_shown_names_are_printable_and_one_to_one(first, second):
    assert shown(first).isprintable()
    assert (shown(first) == shown(second)) == (first == second)


# --- encodings of .py ------------------------------------------------------------------------------------------

# name -> (bytes, the text, or words of the message)
TEXTS = {
    "plain": (b"x = 1\n", "x = 1\n"),
    "empty": (b"", ""),
    "UTF-8": ("x = 'é'\n".encode(), "x = 'é'\n"),
    "UTF-8 with mark": (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
    "UTF-16": ("x = 'é'\n".encode("utf-16"), "x = 'é'\n"),
    "UTF-16, big end first": (b"\xfe\xff" + "x = 1\n".encode("utf-16-be"), "x = 1\n"),
    "Windows line ends": (b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
    "old line ends": (b"x = 1\ry = 2", "x = 1\ny = 2"),
    "coding line": (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
    "coding in line two": (b"#!/usr/bin/python\n# coding=cp1252\n'\x80'", "#!/usr/bin/python\n# coding=cp1252\n'€'"),
    "coding below code is a comment": (b"x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n"),
    "Latin-1 without saying so": (b"a = 1\nx = '\xe9'\n", Rejected("byte 11 (line 2) is not UTF-8")),
    "coding lies": (b"# coding: ascii\nx = '\xe9'\n", Rejected("byte 21 (line 2) is not ASCII")),
    "unknown coding": (b"# coding: martian\n", Rejected("the encoding 'martian' is not known; save the file as")),
    "coding that hides code": (b"# coding: unicode_escape\n", Rejected("the encoding 'unicode_escape' is not known")),
    "coding that is no text": (b"# coding: base64\n", Rejected("the encoding 'base64' is not known")),
    "coding as a path": (b"# coding: ..os\n", Rejected("the encoding '..os' is not known")),
    "UTF-32": ("x = 1".encode("utf-32"), Rejected("the file is UTF-32; save it as UTF-8")),
    "half a character": (b"\xff\xfex\x00=", Rejected("is not UTF-16")),
    "NUL": (b"x = 1\ny\0 = 2", Rejected("character 7 (line 2) is NUL")),
    "a program": (b"\x7fELF\x02\x01\x01\0", Rejected("is NUL")),
    "overlong": (b"x = '\xc0\xaf'", Rejected("byte 5 (line 1) is not UTF-8")),
}


@pytest.mark.parametrize("name", TEXTS)
def test_python_files_are_decoded_by_stated_rules(name):
    data, wanted = TEXTS[name]
    if isinstance(wanted, str):
        (cell,) = read_document(data, "gamma", ".py").source.cells
        assert cell.text == wanted
    else:
        with pytest.raises(Rejected) as caught:
            read_document(data, "gamma", ".py")
        assert str(wanted) in str(caught.value)


def test_text_that_reads_backwards_is_noted():
    document = read_document("x = 1\n# \u202e } x\n".encode(), "gamma", ".py")
    assert document.notes
    assert "line 2" in document.notes[0]


# --- notebooks -------------------------------------------------------------------------------------------------

ANSWER = {"schema_version": 3, "grade": False, "solution": True, "locked": False, "task": False, "grade_id": "cell-f"}
CHECK = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "points": 100, "grade_id": "test-f"}
MANUAL = {"schema_version": 3, "grade": True, "solution": True, "locked": False, "points": 3, "grade_id": "essay"}


def markdown(source, **metadata):
    return {"cell_type": "markdown", "source": source, "metadata": metadata}


# name -> (file, its code cells as (id, text), or words of the message)
NOTEBOOKS = {
    "format 4": (notebook(code_cell("a\n"), code_cell(["b\n", "c"])), [("cell-1", "a\n"), ("cell-2", "b\nc")]),
    "format 3": (
        json.dumps({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["a\n", "b"]}]}]}),
        [("cell-1", "a\nb")],
    ),
    "grade id": (notebook(code_cell("a", nbgrader=ANSWER)), [("cell-f", "a")]),
    "check cell": (notebook(code_cell("a"), code_cell("assert f()", nbgrader=CHECK)), [("cell-1", "a")]),
    "tagged check cell": (notebook(code_cell("a", tags=["autograder-check"])), []),
    "points in metadata": (notebook(code_cell("a", nbgrader=ANSWER | {"points": 1e99})), [("cell-f", "a")]),
    "metadata gone": (notebook({"cell_type": "code", "source": "a"}), [("cell-1", "a")]),
    "metadata is a list": (notebook({"cell_type": "code", "source": "a", "metadata": [1]}), [("cell-1", "a")]),
    "nbgrader is a number": (notebook(code_cell("a", nbgrader=3)), [("cell-1", "a")]),
    "grade id is hostile": (notebook(code_cell("a", nbgrader=ANSWER | {"grade_id": "../\x1b"})), [("cell-1", "a")]),
    "old schema": (notebook(code_cell("a", nbgrader=ANSWER | {"schema_version": 1})), [("cell-f", "a")]),
    "source is a number": (notebook(code_cell(5), code_cell("a")), [("cell-2", "a")]),
    "source is a mixed list": (notebook(code_cell(["a", 1]), code_cell("a")), [("cell-2", "a")]),
    "a cell is a string": (notebook("hello", code_cell("a")), [("cell-2", "a")]),
    "outputs": (notebook(code_cell("a") | {"outputs": [{"text": "10/10 correct"}]}), [("cell-1", "a")]),
    "other kernel": (notebook(code_cell("a"), metadata={"kernelspec": {"argv": ["rm", "-rf"]}}), [("cell-1", "a")]),
    "no format": (json.dumps({"cells": [code_cell("a")]}), [("cell-1", "a")]),
    "cells twice": ('{"cells": [], "cells": [{"cell_type": "code", "source": "a"}]}', [("cell-1", "a")]),
    "NaN": ('{"cells": [{"cell_type": "code", "source": "a"}], "x": NaN, "y": -Infinity}', [("cell-1", "a")]),
    "long number": ('{"cells": [], "x": ' + "9" * 100_000 + "}", []),
    "with mark": ("\ufeff" + notebook(code_cell("a")), [("cell-1", "a")]),
    "half a surrogate": ('{"cells": [{"cell_type": "code", "source": "\\ud800"}]}', [("cell-1", "\ufffd")]),
    "NUL": (notebook(code_cell("a\0")), [("cell-1", "a\ufffd")]),
    "magics": (notebook(code_cell("%matplotlib inline\na")), [("cell-1", "\na")]),
    "shell cell": (notebook(code_cell("%%bash\nrm -rf /")), [("cell-1", "")]),
    "no cells": (notebook(), []),
    "empty": ("", Rejected("the notebook is empty")),
    "not JSON": ("def f():\n    return 1\n", Rejected("the notebook is not JSON: Expecting value in line 1")),
    "cut short": (notebook(code_cell("a"))[:40], Rejected("the notebook is not JSON")),
    "a list": ("[1, 2]", Rejected("is JSON, but no notebook")),
    "null": ("null", Rejected("is JSON, but no notebook")),
    "other JSON": ('{"a": 1}', Rejected("is JSON, but no notebook")),
    "cells is a dict": ('{"cells": {"a": 1}}', Rejected("is JSON, but no notebook")),
    "deep lists": ("[" * 100_000, Rejected("nested deeper than 64 levels")),
    "deep dicts": ('{"a":' * 100_000, Rejected("nested deeper than 64 levels")),
    "deep metadata": (notebook(metadata={"a": json.loads("[" * 99 + "]" * 99)}), Rejected("nested deeper than 64")),
    "brackets in a string": (notebook(code_cell("[" * 1000)), [("cell-1", "[" * 1000)]),
    "many cells": (notebook(*[code_cell("")] * 5001), Rejected("has 5001 cells; at most 5000")),
    "much code": (notebook(code_cell("a" * 2_000_001)), Rejected("2000001 characters of code; at most 2000000")),
    "Latin-1": (notebook(code_cell("a")).encode() + b"\xe9", Rejected("is not UTF-8")),
    "bytes": (b"\x89PNG\r\n\x1a\n", Rejected("byte 0 (line 1) is not UTF-8")),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_are_read_whatever_is_in_them(name):
    text, wanted = NOTEBOOKS[name]
    data = text.encode() if isinstance(text, str) else text
    if isinstance(wanted, list):
        assert [(cell.id, cell.text) for cell in read_notebook(data, "gamma.ipynb").source.cells] == wanted
    else:
        with pytest.raises(Rejected) as caught:
            read_notebook(data, "gamma.ipynb")
        assert str(wanted) in str(caught.value)


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


@pytest.mark.parametrize("name", ["numpy", "statistics"])
def test_real_python_has_no_magics(name):
    import inspect

    text = inspect.getsource(__import__(name))
    assert drop_magics(text) == (text, False)


# --- archives --------------------------------------------------------------------------------------------------


def _one(name, data=CODE, mode=0o100644, **more):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = more.pop("method", zipfile.ZIP_DEFLATED)
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(info, data)
    return raw.getvalue()


def _encrypted():
    raw = bytearray(_one("gamma.py"))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def _corrupt():
    raw = bytearray(_one("gamma.py", method=zipfile.ZIP_STORED))
    raw[raw.index(b"def f")] ^= 0xFF
    return bytes(raw)


def _lying():
    """A member whose headers claim one byte."""
    raw = bytearray(_one("gamma.py", "x = 1\n" * 10_000))
    raw[22:26] = struct.pack("<I", 1)
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = struct.pack("<I", 1)
    return bytes(raw)


# name -> (archive, status of gamma, words of the message)
ARCHIVES = {
    "plain": (_one("gamma.py"), "found", None),
    "wrapped": (_one("my homework/gamma.py"), "found", None),
    "backslashes": (_one("hw2\\gamma.py"), "found", None),
    "with litter": (zipped({"gamma.py": CODE, "__MACOSX/._gamma.py": "x", "._gamma.py": "x"}), "found", None),
    "climbs": (_one("../gamma.py"), "missing", "nothing was submitted"),
    "climbs on Windows": (_one("..\\gamma.py"), "missing", "nothing was submitted"),
    "absolute": (_one("/gamma.py"), "missing", "nothing was submitted"),
    "too deep": (_one("a/" * 20 + "gamma.py"), "missing", "nothing was submitted"),
    "link": (_one("gamma.py", "/etc/passwd", mode=0o120777), "rejected", "is a symbolic link"),
    "folder": (_one("gamma.py/"), "rejected", "is a folder"),
    "encrypted": (_encrypted(), "rejected", "is encrypted in the archive"),
    "corrupt": (_corrupt(), "rejected", "is damaged in the archive"),
    "lies about its size": (_lying(), "rejected", "is damaged in the archive"),
    "bomb": (_one("gamma.py", b"#" * 1_900_000), "rejected", "more than 200 times its size"),
    "too big": (_one("gamma.py", os.urandom(2_100_000)), "rejected", "has 2100000 bytes; at most 2000000"),
    "many bombs": (zipped({f"{k}.bin": bytes(30_000_000) for k in range(7)}), "rejected", "unpacks to 210000000 bytes"),
    "many members": (zipped({f"f{k}": "" for k in range(2001)}), "rejected", "more than 2000 members"),
    "an archive in an archive": (_one("inner.zip", _one("gamma.py")), "missing", "nothing was submitted"),
    "lzma": (_one("gamma.py", method=zipfile.ZIP_LZMA), "rejected", "is packed by method 14"),
    "empty archive": (zipped({}), "missing", "nothing was submitted"),
    "empty file": (b"", "rejected", "is no zip archive"),
    "no archive": (b"Rar!\x1a\x07", "rejected", "is no zip archive"),
    "cut short": (_one("gamma.py")[:-30], "rejected", "is no zip archive"),
    "a program in front": (b"MZ" * 100 + _one("gamma.py"), "found", None),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_are_looked_into_and_never_trusted(name, tmp_path):
    data, status, words = ARCHIVES[name]
    course = course_at(tmp_path / "course")
    path = class_at(tmp_path / "s", {"ann.zip": data, "bob/hw2/gamma.py": CODE})
    ann, bob = discover(path, course, assignment="hw2")
    read = load(ann)
    assert (ann.student, bob.student) == ("ann", "bob")
    assert ("found" if read.document else "rejected" if ann.status == "found" else ann.status) == status
    assert read.message is words is None or words in read.message
    assert load(bob).document is not None
    assert sorted(item.name for item in tmp_path.iterdir()) == ["course", "s"]


@given(st.binary(max_size=200), st.integers(0, 300), st.binary(min_size=1, max_size=8))
def test_no_archive_raises_anything_but_rejected(noise, position, patch):
    whole = zipped({"gamma.py": CODE, "hw1/alpha.ipynb": NB})
    patched = whole[:position] + patch + whole[position + len(patch) :]
    for data in (noise, b"PK\x03\x04" + noise, patched, whole[:position]):
        with suppress(Rejected):
            for index, _ in enumerate(members(data)):
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


RECEIVED = {
    "student,assignment\nann,hw1\n": "no column time; needed are student, assignment, time",
    "student,assignment,time\nann,hw11,2026-10-02T08:00:00Z\n": "received.csv:2: no assignment 'hw11'; did you mean",
    "student,assignment,time\nann,hw1,2026-10-02T08:00:00\n": "received.csv:2: given '2026-10-02T08:00:00'; allowed",
    "student,assignment,time\nann,hw1,yesterday\n,hw1,2026-10-02T08:00:00Z\n": "received.csv:3: student is blank",
    "student,assignment,time\nann,hw1,2026-10-02T08:00:00Z\nann,hw1,2026-10-02T08:00:00Z\n": "3: 'ann' stands twice",
}


@pytest.mark.parametrize("text", RECEIVED)
def test_mistakes_in_the_table_of_times(text, tmp_path):
    (tmp_path / "received.csv").write_text(text)
    with pytest.raises(CourseError) as caught:
        read_received(tmp_path / "received.csv", course_at(tmp_path / "course"))
    assert RECEIVED[text] in str(caught.value)


# --- rosters ---------------------------------------------------------------------------------------------------

# name -> (file, ids, or words of the message)
ROSTERS = {
    "plain": (b"student,name\nann,Ann Doe\nbob,Bob Roe\n", ["ann", "bob"]),
    "with mark": (b"\xef\xbb\xbfstudent,name\nann,Ann\n", ["ann"]),
    "semicolons": (b"student;name\nann;Doe, Ann\n", ["ann"]),
    "tabs in UTF-16": ("student\tname\nann\tAnn\n".encode("utf-16"), ["ann"]),
    "Windows line ends, blank lines": (b"student,name\r\n\r\nann,Ann\r\n,,\r\n", ["ann"]),
    "other heading": (b"Name, E-Mail\nAnn,ann@x\n", ["ann@x"]),
    "short lines": (b"name,student\nAnn,ann\nBob\n", CourseError("roster.csv:3: student is blank")),
    "long lines": (b"student\nann,more,and more\n", ["ann"]),
    "Canvas": (
        b'Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"Doe, Ann",101,S1,ann,A\n',
        ["ann"],
    ),
    "Moodle": (b"Identifier,Full name,Email address\nParticipant 11,Ann Doe,ann@x\n", ["11"]),
    "quoted newline": (b'student,name\n"an\nn",Ann\n', ["an\\x0an"]),
    "formula": (b"student,name\n=1+1,Ann\n", ["=1+1"]),
    "twice": (
        b"student,name\nann,A\nbob,B\nann,C\n",
        CourseError("roster.csv:4: 'ann' stands twice; the first is in line 2"),
    ),
    "blank id": (b"student,name\n,Ann\n ,Bob\n", CourseError("roster.csv:2: student is blank\nroster.csv:3")),
    "no id column": (b"name,grade\nAnn,1\n", CourseError("roster.csv:1: no column for the student's id")),
    "Latin-1": (
        b"student,name\nann,Ren\xe9\n",
        CourseError("byte 20 (line 2) is not UTF-8; save the file as UTF-8 (in a"),
    ),
    "NUL": (b"student,name\na\0nn,Ann\n", CourseError("is NUL")),
    "empty": (b"", CourseError("roster.csv: is empty")),
    "nobody": (b"student,name\n", CourseError("roster.csv: no student in it")),
    "broken quotes": (b'student,name\n"ann,Ann\nbob,Bob\n', CourseError("check the quotes")),
    "huge cell": (b"student,name\nann," + b"x" * 200_000 + b"\n", CourseError("field larger than field limit")),
}


@pytest.mark.parametrize("name", ROSTERS)
def test_rosters_are_read_and_their_mistakes_named(name, tmp_path):
    raw, wanted = ROSTERS[name]
    (tmp_path / "roster.csv").write_bytes(raw)
    if isinstance(wanted, list):
        assert [person.student for person in read_roster(tmp_path / "roster.csv").people] == wanted
    else:
        with pytest.raises(CourseError) as caught:
            read_roster(tmp_path / "roster.csv")
        assert str(wanted) in str(caught.value)


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
    assert got == ["Same_8", "bob"]  # two people are called Same: nobody is guessed
