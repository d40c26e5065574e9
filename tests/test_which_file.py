"""Which exercise a file answers, and that nothing handed in is called nothing."""

import gzip
import io
import json
import warnings
import zipfile

import pytest

from autograder.course.model import load_course
from autograder.grading.grader import Settings
from autograder.grading.run import grade_all
from autograder.intake.discovery import discover
from autograder.intake.loading import load
from autograder.intake.names import exercise_in, exercise_within, plain_stem
from autograder.store.store import open_store
from tests.attacks.inputs.making import NB, class_at, code_cell, notebook, zipped
from tests.conftest import make_course
from tests.course_files import course_at

STUBS = {
    exercise: "\n\n".join(f"def {exercise}_{name}(*x):\n    raise NotImplementedError\n" for name in names)
    for exercise, names in {"alpha": ("mean", "sum"), "beta": ("one", "two", "three"), "gamma": ("norm",)}.items()
}
ALPHA, BETA = (STUBS[name].replace("raise NotImplementedError", "return 1") for name in ("alpha", "beta"))


def cells(exercise, *parts, ids=True):
    """A notebook with a function per part, with or without the release's metadata."""
    return notebook(
        *(
            code_cell(
                f"def {part}(*x):\n    return 1\n", **({"nbgrader": {"grade_id": f"{exercise}-{part}"}} if ids else {})
            )
            for part in parts
        )
    )


@pytest.fixture
def course(tmp_path):
    found = course_at(tmp_path / "course")
    for name, stub in STUBS.items():
        (found.folder(name) / f"{name}.py").write_text(stub)
    return found


def found(path, course, **asked):
    """Student and exercise -> status after reading, the file, and what the record would say."""
    entries = {}
    for entry in discover(path, course, **asked):
        read = load(entry)
        status = "rejected" if entry.status == "found" and read.document is None else entry.status
        said = "; ".join(filter(None, (entry.message or read.message, *entry.notes, *read.notes)))
        entries[entry.student, entry.exercise] = (status, entry.file, said)
    return entries


# --- names -----------------------------------------------------------------------------------------------------

COPIES = [
    "alpha (1)", "alpha(2)", "alpha-1", "alpha-Copy1", "Copy_of_alpha", "Copy of alpha", "Copy_of_Copy_of_alpha",
    "Copy of alpha (1)", "Copy_of_alpha-Copy2 (3)", "alpha - Copy", "alpha - Copy (2)", "alpha copy", "alpha copy 2",
    "Alpha_copy", "Kopie von alpha", "alpha - Kopie", "Copie de alpha", "Copia de alpha (1)", "Copy (2) of alpha",
    "alpha.ipynb", "alpha.ipynb (1)", "alpha (1) (1)", "ALPHA", "alpha_1", "alpha-2-1",
]  # fmt: skip


@pytest.mark.parametrize("stem", COPIES)
def test_a_copy_has_the_name_of_its_original(stem):
    assert exercise_in(stem, {"alpha", "beta"})[0] == "alpha"


@pytest.mark.parametrize("stem", ["alphabet", "copy", "my alpha work", "1", "(1)", "-Copy1", "Copy_of_", "beta2gamma"])
def test_other_names_name_no_exercise(stem):
    assert exercise_in(stem, {"alpha", "beta", "gamma"}) is None
    assert plain_stem(stem)[0]


def test_names_with_spaces_dashes_and_digits_of_their_own():
    assert exercise_in("Mean Error-1", {"mean_error"}) == ("mean_error", 1)
    assert exercise_in("part_2", {"part_2", "part"}) == ("part_2", 0)
    assert exercise_within("ella-mean_error", {"mean_error", "mean"}) == "mean_error"
    assert exercise_within("beta and alpha", {"alpha", "beta"}) is None


# --- by name, by cells, by functions ---------------------------------------------------------------------------

# case -> files of ann, what is asked, exercise -> file (None: missing)
ANSWERS = {
    "two downloads of Colab": (
        {"Copy_of_alpha.ipynb": NB, "Copy_of_beta.ipynb": NB},
        {"alpha": "Copy_of_alpha.ipynb", "beta": "Copy_of_beta.ipynb"},
    ),
    "renamed, the cells say it": (
        {"homework.ipynb": cells("alpha", "alpha_mean"), "r.ipynb": cells("beta", "beta_one")},
        {"alpha": "homework.ipynb", "beta": "r.ipynb"},
    ),
    "renamed, the cells are renamed functions": (
        {"homework.ipynb": cells("alpha", "mine"), "beta.py": BETA},
        {"alpha": "homework.ipynb", "beta": "beta.py"},
    ),
    "renamed, without metadata": (
        {"x.ipynb": cells("", "alpha_mean", "alpha_sum", ids=False), "y.py": BETA},
        {"alpha": "x.ipynb", "beta": "y.py"},
    ),
    "one file for both": ({"all.py": ALPHA + BETA}, {"alpha": "all.py", "beta": "all.py"}),
    "one file for both, under the name of one": ({"alpha.py": ALPHA + BETA}, {"alpha": "alpha.py", "beta": "alpha.py"}),
    "one file for one": ({"all.py": ALPHA}, {"alpha": "all.py", "beta": None}),
    "a helper is not another exercise": (
        {"alpha.py": ALPHA, "utils.py": "def beta_one():\n    return 2\n"},
        {"alpha": "alpha.py", "beta": None},
    ),
    "a beginning, and nothing else": (
        {"work.py": "def beta_one():\n    return 2\n"},
        {"alpha": None, "beta": "work.py"},
    ),
    "the name within another": ({"ella-alpha.py": "x = 1\n"}, {"alpha": "ella-alpha.py", "beta": None}),
    "the wrong folder": ({"hw2/alpha.py": ALPHA}, {"alpha": "hw2/alpha.py", "beta": None}),
    "functions in UTF-16": ({"x.py": ALPHA.encode("utf-16")}, {"alpha": "x.py", "beta": None}),
    "deep in folders": (
        {"Users/ann/a b/uni/ps/alpha.py": ALPHA},
        {"alpha": "Users/ann/a b/uni/ps/alpha.py", "beta": None},
    ),
    "an extended attribute of macOS": (
        {"._alpha.py": b"\0\5\x16\7", "alpha.py": ALPHA},
        {"alpha": "alpha.py", "beta": None},
    ),
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("case", ANSWERS)
def test_a_file_answers_what_its_name_or_else_its_contents_say(case, packed, course, tmp_path):
    files, wanted = ANSWERS[case]
    if packed:
        path, above = class_at(tmp_path / "s", {"ann.zip": zipped(files)}), "ann.zip/"
    else:
        path, above = class_at(tmp_path / "s", {f"ann/{name}": content for name, content in files.items()}), "ann/"
    seen = found(path, course, assignment="hw1")
    for exercise, file in wanted.items():
        status, where, _ = seen["ann", exercise]
        assert (status, where) == (("missing", None) if file is None else ("found", above + file))


# --- what cannot be used ---------------------------------------------------------------------------------------

CONFLICT = "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> theirs\n"
PAGE = "<!DOCTYPE html>\n<html><body>def alpha_mean</body></html>"

# file in ann's folder of hw1 -> words of the record of alpha
UNUSABLE = {
    "alpha.ipynb.txt": (NB, "rename it to alpha.ipynb"),
    "alpha.ipynb.json": (NB, "rename it to alpha.ipynb"),
    "alpha.py.txt": (ALPHA, "rename it to alpha.py"),
    "alpha (1).ipynb.txt": (NB, "rename it to alpha (1).ipynb"),
    "alpha.py.bak": (ALPHA, "rename it to alpha.py"),
    "alpha.ipynb~": (NB, "rename it to alpha.ipynb"),
    ".alpha.py.swp": (b"b0VIM", "save the .ipynb or .py itself"),
    "hw1.rar": (b"Rar!\x1a\x07\0", "not opened; hand in the .ipynb or .py itself, or a .zip"),
    "hw1.7z": (b"7z\xbc\xaf", "not opened"),
    "hw1.tar.gz": (gzip.compress(b"x"), "not opened"),
    "hw1.tgz": (gzip.compress(b"x"), "not opened"),
    "alpha.html": (PAGE, "a web page"),
    "alpha.pdf": (b"%PDF-1.4", "documents (.pdf) are not run"),
    "solution.docx": (b"PK\3\4", "documents (.docx) are not run"),
    "alpha.Rmd": ("text", "files of this kind (.rmd) are not run"),
    "alpha.url": ("[InternetShortcut]", "is a link and not a file"),
    "outer.zip": (zipped({"inner.zip": zipped({"alpha.py": ALPHA})}), "a zip inside of a zip is not opened"),
    "empty.zip": (zipped({}), "holds no file that can be read"),
    "hw1.zip": (b"", "is not a readable zip archive"),
    "alpha.ipynb": (PAGE, "is a web page"),
    "Copy_of_alpha.ipynb": (b"%PDF-1.4", "is a PDF"),
    "alpha (2).ipynb": (b"PK\3\4rest", "is a zip archive"),
    "alpha-1.ipynb": ("", "the notebook is empty"),
    "Alpha.ipynb": (
        '{\n<<<<<<< HEAD\n "cells": [],\n=======\n "cells": [1],\n>>>>>>> x\n}',
        "line 2: has merge conflict markers",
    ),
    "alpha.py": (CONFLICT, "line 1: has merge conflict markers"),
    "Alpha.py": (NB, "is a notebook; rename it"),
    "alpha_1.py": (b"{\\rtf1 x}", "document of a word processor"),
    "homework.py": ("x = 1\n", "neither its name nor its contents say which exercise it answers"),
    "notes.ipynb": (NB, "neither its name nor its contents say"),
    "alpha-2.ipynb": (ALPHA, "is not a notebook; save the notebook itself or, if this is Python code, rename the file"),
    "alpha.md": ("The answer is 3.", "is neither a notebook (.ipynb) nor a .py"),
    "alpha.png": (b"\x89PNG", "is neither a notebook (.ipynb) nor a .py"),
    "solution.md": ("The answer is 3.", "is neither a notebook (.ipynb) nor a .py"),
    "photo.jpg": (b"\xff\xd8", "is neither a notebook (.ipynb) nor a .py"),
    "data.csv": ("1,2", "is neither a notebook (.ipynb) nor a .py"),
    "all.zip": (b"Rar!\x1a\x07\0", "is not a readable zip archive but a RAR archive"),
    "half.zip": (b"%PDF-1.4", "is not a readable zip archive but a PDF"),
    ".ipynb_checkpoints/alpha-checkpoint.ipynb": (NB, "is a copy that Jupyter keeps for itself; hand in the notebook"),
    ".ipynb_checkpoints/Untitled-checkpoint.ipynb": (NB, "is a copy that Jupyter keeps for itself"),
}


@pytest.mark.core_sample(39)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_cannot_be_used_is_rejected_by_name_and_reason(name, packed, course, tmp_path):
    content, words = UNUSABLE[name]
    if packed and name.endswith(".zip"):
        pytest.skip("is a zip itself")
    handed = {"ann/hw1/all.zip": zipped({name: content})} if packed else {f"ann/hw1/{name}": content}
    path = class_at(tmp_path / "s", {**handed, "bob/hw1/alpha.py": ALPHA})
    seen = found(path, course, assignment="hw1")
    status, _, said = seen["ann", "alpha"]
    assert status == "rejected"
    assert words in said
    assert name in said
    assert seen["bob", "alpha"][0] == "found"


def test_nothing_is_missing_only_where_nothing_is_there(course, tmp_path):
    path = class_at(
        tmp_path / "s", {"ann/hw1": None, "bob/hw1/.DS_Store": "", "cy/hw1/timestamp.txt": "2026-10-02 08:00:00 UTC"}
    )
    assert {(status, said) for status, _, said in found(path, course, assignment="hw1").values()} == {
        ("missing", "nothing was submitted")
    }


def test_a_checkpoint_stands_for_its_own_exercise_only_and_never_where_there_is_another_file(course, tmp_path):
    files = {".ipynb_checkpoints/alpha-checkpoint.ipynb": NB, ".ipynb_checkpoints/beta-checkpoint.ipynb": NB}
    path = class_at(tmp_path / "s", {**{f"ann/hw1/{name}": NB for name in files}, "ann/hw1/alpha.ipynb": NB})
    seen = found(path, course, assignment="hw1")
    assert seen["ann", "alpha"] == ("found", "ann/hw1/alpha.ipynb", "")
    assert (seen["ann", "beta"][0], "beta-checkpoint" in seen["ann", "beta"][2]) == ("rejected", True)
    instructors = class_at(tmp_path / "t", {".ipynb_checkpoints/ann-checkpoint.ipynb": NB, "ann/hw1/alpha.ipynb": NB})
    assert {student for student, _ in found(instructors, course, assignment="hw1")} == {"ann"}


def test_what_counts_names_the_files_that_do_not(course, tmp_path):
    handed = {"alpha.py": ALPHA, "alpha.html": PAGE, "old.rar": b"Rar!", "utils.py": "x = 1\n", "data.csv": "1"}
    path = class_at(tmp_path / "s", {f"ann/hw1/{name}": content for name, content in handed.items()})
    discovery = discover(path, course, assignment="hw1")
    alpha, beta = discovery
    assert alpha.status == "found"
    assert all(any(name in note for note in alpha.notes) for name in ("alpha.html", "old.rar", "utils.py"))
    assert (beta.status, "old.rar" in beta.message) == ("rejected", True)  # it may hold anything
    assert any("alpha.html" in line for line in discovery.unused)


@pytest.mark.parametrize("names", [("alpha.py", "alpha.py"), ("./alpha.py", "alpha.py"), ("x\\alpha.py", "x/alpha.py")])
def test_of_members_of_one_name_the_last_counts_as_it_does_when_unpacked(names, course, tmp_path):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, text in zip(names, ("# first\n", "# last\n"), strict=True):
            archive.writestr(name, text + ALPHA)
    path = class_at(tmp_path / "s", {"ann.zip": raw.getvalue()})
    (entry,) = discover(path, course, exercise="alpha")
    assert load(entry).data.startswith(b"# last")
    assert "2 files for this exercise" in " ".join(entry.notes)


# --- litter ----------------------------------------------------------------------------------------------------

_FLOOD = {f"lib/python3/x{number}.py": "" for number in range(2100)}
LITTER = {
    ".venv": {f".venv/{name}": "" for name in _FLOOD},
    "venv in a folder": {f"hw/venv/{name}": "" for name in _FLOOD},
    "an environment of any name": {"mine/pyvenv.cfg": "", **{f"mine/{name}": "" for name in _FLOOD}},
    "an environment made where the answers are": {"pyvenv.cfg": "", **_FLOOD},
    "node_modules": {f"node_modules/{name}": "" for name in _FLOOD},
    "__MACOSX": {f"__MACOSX/{name}": "" for name in _FLOOD},
    "caches": {f"__pycache__/{name}": "" for name in _FLOOD},
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("kind", LITTER)
def test_litter_is_taken_out_before_anything_is_counted(kind, packed, course, tmp_path):
    files = {**LITTER[kind], "alpha.py": ALPHA}
    if packed:
        path = class_at(tmp_path / "s", {"ann.zip": zipped(files)})
    else:
        path = class_at(tmp_path / "s", {f"ann/{name}": content for name, content in files.items()})
    status, file, said = found(path, course, exercise="alpha")["ann", "alpha"]
    assert (status, file, said) == ("found", "ann.zip/alpha.py" if packed else "ann/alpha.py", "")


# --- of several files, the one in which something is begun -----------------------------------------------------

NAME, FUNCTION = "first_mean", "sample_mean"
BLANK = f"def {FUNCTION}(y_true):\n    raise NotImplementedError\n"
RIGHT = f"import numpy as np\n\n\ndef {FUNCTION}(y_true):\n    y = np.asarray(y_true, dtype=float)\n" + (
    "    if y.size == 0:\n        raise ValueError\n    return float(y.mean())\n"
)
WRONG = f"def {FUNCTION}(y_true):\n    return 7.0\n"


def book(text):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [code_cell(text)]})


# case -> files, the one that counts, score
ORIGINAL, ONCE, TWICE, SCRIPT = f"{NAME}.ipynb", f"{NAME} (1).ipynb", f"{NAME} (2).ipynb", f"{NAME}.py"
JUPYTER, COLAB = f"{NAME}-Copy1.ipynb", f"Copy_of_{NAME}.ipynb"
SEVERAL = {
    "blank original, begun download": ({ORIGINAL: book(BLANK), ONCE: book(RIGHT)}, ONCE, 4.0),
    "begun original, blank download": ({ORIGINAL: book(RIGHT), ONCE: book(BLANK)}, ORIGINAL, 4.0),
    "blank original, begun copy of Jupyter's": ({ORIGINAL: book(BLANK), JUPYTER: book(RIGHT)}, JUPYTER, 4.0),
    "both begun: the later copy": ({ORIGINAL: book(RIGHT), ONCE: book(WRONG)}, ONCE, 0.0),
    "three downloads, one begun": (
        {ORIGINAL: book(BLANK), ONCE: book(RIGHT), TWICE: book(BLANK)},
        ONCE,
        4.0,
    ),
    "blank at the top, begun in a folder": ({SCRIPT: BLANK, f"my work/{NAME}.py": RIGHT}, f"my work/{NAME}.py", 4.0),
    "blank under its name, begun under another": ({SCRIPT: BLANK, "final.py": RIGHT}, "final.py", 4.0),
    "damaged under its name, begun as a copy": ({ORIGINAL: "{", COLAB: book(RIGHT)}, COLAB, 4.0),
    "a begun file gives way to none that is damaged": ({ORIGINAL: book(RIGHT), ONCE: "{"}, ORIGINAL, 4.0),
    "ten versions, by folder": (
        {f"Version 9/{NAME}.py": WRONG, f"Version 10/{NAME}.py": RIGHT},
        f"Version 10/{NAME}.py",
        4.0,
    ),
    "damaged, the other is blank": ({ORIGINAL: "{", SCRIPT: BLANK}, ORIGINAL, 0.0),
}


def test_a_file_that_answers_another_exercise_than_its_name_says_is_noted(tmp_path):
    root = make_course(tmp_path / "course")
    other = next(name for name in load_course(root).exercises if name != NAME)
    spread = "def spread(y):\n    raise NotImplementedError\n"
    (root / "exercises" / other / f"{other}.py").write_text(spread)
    names = ("ann", "bob")
    path = class_at(
        tmp_path / "s", dict(zip((f"{one}/hw1/{NAME}.py" for one in names), (spread, "x = 1\n"), strict=True))
    )
    with open_store(tmp_path / "out") as store:
        grade_all(discover(path, load_course(root), exercise=NAME).submissions, store, Settings(root))
        ann, bob = store.records()
    assert f"ann/hw1/{NAME}.py: defines nothing of {NAME}, but functions of {other}" in " ".join(ann.notes)
    assert bob.notes == ()


@pytest.fixture(scope="module", params=[False, True], ids=["folder", "zip"])
def begun(request, mini, tmp_path_factory):
    """A class with a student for each case: student -> record."""
    place, handed = tmp_path_factory.mktemp("begun"), {}
    for number, (files, _, _) in enumerate(SEVERAL.values()):
        if request.param:
            handed[f"s{number:02}/hw1/all.zip"] = zipped(dict(reversed(files.items())))
        else:
            handed |= {f"s{number:02}/hw1/{name}": content for name, content in files.items()}
    found = discover(class_at(place / "s", handed), load_course(mini), exercise=NAME)
    with open_store(place / "out") as store:
        grade_all(found.submissions, store, Settings(mini))
        return {record.student: record for record in store.records()}


@pytest.mark.parametrize("case", SEVERAL)
def test_the_file_in_which_something_is_begun_counts_and_the_others_are_named(case, begun):
    files, counts, score = SEVERAL[case]
    student = f"s{list(SEVERAL).index(case):02}"
    record = begun[student]
    assert len(begun) == len(SEVERAL)
    assert (record.score, record.file.removeprefix(f"{student}/hw1/").removeprefix("all.zip/")) == (score, counts)
    assert all(name in " ".join(record.notes) for name in files)
