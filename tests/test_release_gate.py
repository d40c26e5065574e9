"""What keeps a release back: a broken promise, something hidden in the files, an interruption; and what it leaves."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from autograder.atomic import replace_folder
from autograder.authoring.leaks.hidden_inputs import HiddenNumbers, hidden_numbers
from autograder.authoring.verify.kept import PLACE, digest
from autograder.authoring.verify.pool import KEPT, keep_sound, known_sound
from autograder.authoring.verify.report import ExerciseResult, PartResult
from autograder.authoring.verify.variants import VariantRow, Variants, keep
from autograder.cli import cli
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.judging.drawn import generator
from autograder.release import build, course_folder
from autograder.release.build import Release, write_bundle
from autograder.release.leaks import Leak, refuse_leaks
from autograder.release.proof import Unproven, prove
from tests.conftest import ROOT, make_course


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


@pytest.fixture
def release_command(course, tmp_path, monkeypatch):
    """Run the command on the course; return exit code, stderr and whether anything was left behind."""
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))

    def run(*arguments):
        out = tmp_path / "deep" / "out"
        said = CliRunner().invoke(cli, ["release", "hw1", "--to", str(out), *arguments])
        return said.exit_code, said.stderr, sorted(p.name for p in out.rglob("*")) if out.parent.exists() else None

    return run


# --- promises --------------------------------------------------------------------------------------------------

BROKEN = {
    "a reference that is wrong": ("return float(", "return 2 * float(", "the reference gets"),
    "a misconception that is right": ("max(y.size - 1, 1)", "y.size", "passes every check"),
    "a reference that raises": ("return float(", "return (1 / 0) * float(", "ZeroDivisionError"),
}


def breaking(course, name):
    right, wrong, words = BROKEN[name]
    file = course / "exercises" / "second_mean" / "grading.py"
    text = file.read_text()
    assert right in text
    file.write_text(text.replace(right, wrong, 1))
    return words


@pytest.mark.core_sample(1)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_keeps_the_release_back(course, release_command, name):
    words = breaking(course, name)
    code, said, left = release_command("--format", "bundle")
    assert (code, left) == (1, None), said
    assert words in said
    assert "second_mean" in said
    assert "Traceback" not in said


@pytest.mark.integration
def test_what_is_verified_is_not_verified_again_until_something_changes(course):
    lines = []
    prove(course, ["first_mean", "second_mean"], say=lines.append)
    assert lines[-1] == "verified 2 of 2: second_mean"
    lines.clear()
    prove(course, ["first_mean", "second_mean"], say=lines.append)
    assert lines[-1] == "2 of 2 exercises are verified and have not changed since"
    for name in ("README.md", "checks.py", "grading.py", "second_mean.py"):
        before = digest(course, "second_mean")
        file = course / "exercises" / "second_mean" / name
        file.write_text(file.read_text() + "\n")
        assert digest(course, "second_mean") != before
    (course / "exercises" / "second_mean" / "public.json").write_text("{}")
    kept = json.loads((course / PLACE / KEPT / "first_mean.json").read_text())
    assert kept["digest"] == digest(course, "first_mean")
    breaking(course, "a reference that is wrong")
    lines.clear()
    with pytest.raises(Unproven, match="the reference gets"):
        prove(course, ["first_mean", "second_mean"], say=lines.append)
    assert "verifying second_mean: references, misconceptions, alternatives" in lines


def in_variants(*shares):
    return Variants("first_mean", len(shares), (VariantRow("first_mean", "borderline", "rounded", shares, ()),))


def test_a_release_says_which_exercises_were_not_judged_in_all_variants_since_they_changed(course, monkeypatch):
    monkeypatch.setattr("autograder.release.proof.verify_exercises", lambda *_args, **_more: iter(()))
    count, lines = load_course(course).variants, []
    keep(course, digest(course, "first_mean"), in_variants(*[1.0] * count))
    prove(course, ["first_mean", "second_mean"], say=lines.append)
    assert lines[0].startswith(f"advice: 1 exercise not judged in all {count} variants since the last change")
    assert lines[0].endswith("`autograder verify --variants all second_mean` does it once, in minutes")
    keep(course, "of other files", in_variants(*[1.0] * count))
    prove(course, ["first_mean"], say=lines.append)
    assert any("--variants all first_mean`" in line for line in lines)


def test_a_release_is_refused_where_an_answer_was_seen_to_earn_by_the_variant(course):
    count = load_course(course).variants
    keep(course, digest(course, "first_mean"), in_variants(0.25, *[1.0] * (count - 1)))
    with pytest.raises(
        Unproven, match="first_mean: first_mean: borderline 'rounded': earns 25% to 100% by the variant"
    ):
        prove(course, ["first_mean"])


def test_an_exercise_with_problems_is_not_remembered(course, monkeypatch):
    part = PartResult("p", "1", "function", 1.0, True, problems=("grading.py:3: p: it is wrong",))
    wrong = ExerciseResult("first_mean", "1", "t", 1.0, (part,))
    monkeypatch.setattr("autograder.release.proof.verify_exercises", lambda *_args, **_more: iter([wrong]))
    for _ in range(2):
        with pytest.raises(Unproven, match=r"first_mean: grading\.py:3: p: it is wrong"):
            prove(course, ["first_mean"])
    assert not (course / PLACE).exists()


def test_verify_shows_what_it_kept_of_a_sound_exercise_and_looks_again_when_asked_or_changed(course, monkeypatch):
    part = PartResult("p", "1", "function", 1.0, True, ("hand",), (("hand", 0.25),), 1.0, 1.0, "not_started")
    asked = []

    def verified(root, names, **_):
        asked.append(list(names))
        return (ExerciseResult(name, "1", "t", 1.0, (part,), (), ("x + 1",)) for name in names)

    monkeypatch.setattr("autograder.authoring.verify.pool.verify_exercises", verified)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))

    def verify(*words):
        done = CliRunner().invoke(cli, ["verify", "first_mean", "second_mean", *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    first = verify()
    assert verify() == first
    assert json.loads(verify("--json"))["exercises"][0]["parts"][0]["seconds"] == [["hand", 0.25]]
    verify("--anew")
    stub = course / "exercises" / "second_mean" / "second_mean.py"
    stub.write_text(stub.read_text() + "\n")
    verify()
    prove(course, ["first_mean", "second_mean"])
    assert asked == [["first_mean", "second_mean"], ["first_mean", "second_mean"], ["second_mean"]]


def test_what_a_release_proved_without_the_strict_library_is_not_taken_for_all_of_it(course):
    for strict in (None, 1.0):
        part = PartResult("p", "1", "function", 1.0, True, strict=strict)
        keep_sound(course, "digest", ExerciseResult("first_mean", "1", "t", 1.0, (part,)))
        assert known_sound(course, "first_mean", "digest", strict=False) is not None
        assert (known_sound(course, "first_mean", "digest", strict=True) is None) is (strict is None)


def test_a_digest_hangs_on_the_points_of_the_exercise_and_the_packages_and_on_no_date(course):
    before, file = digest(course, "first_mean"), course / "course.yml"
    file.write_text(
        file.read_text().replace("    title: First\n", "    title: Another\n    due: 2026-10-23T23:59:00+02:00\n")
    )
    assert digest(course, "first_mean") == before
    text = file.read_text()
    for changed in (re.sub(r"first_mean: \d+", "first_mean: 77", text), f"{text}packages: [pandas]\n"):
        file.write_text(changed)
        assert digest(course, "first_mean") != before


# --- hidden inputs as numbers ----------------------------------------------------------------------------------


def hidden_array(root, name, variant=1):
    """Return the first array of at least eight numbers that a hidden check of an exercise gives to students' code."""
    folder = load_exercise(root, name, hidden=True)
    for part in folder.exercise.parts:
        for check in folder.secrets[part.name].checks if part.name in folder.secrets else ():
            for call in check.calls(generator(part.number, variant)):
                for argument in call.args:
                    if isinstance(argument, np.ndarray) and argument.dtype.kind == "f" and argument.size >= 8:
                        return argument.ravel()
    raise AssertionError(name)


def notebook_with(text):
    output = {"output_type": "execute_result", "data": {"text/plain": [f"{line}\n" for line in text.splitlines()]}}
    return json.dumps({"cells": [{"cell_type": "code", "source": "x", "outputs": [output]}]}).encode()


PRINTED = {
    "repr of a list": lambda x: repr(x.tolist()),
    "numpy, eight digits": str,
    "a table": lambda x: "\n".join(f"| {v:.6e} |" for v in x),
    "JSON": lambda x: json.dumps({"array": x.tolist()}),
    "from the middle": lambda x: repr(x[3:8].tolist()),
}


@pytest.mark.parametrize("printed", PRINTED)
@pytest.mark.parametrize("variant", [0, 2])
def test_hidden_inputs_are_found_however_they_are_printed(course, printed, variant):
    folder = load_exercise(course, "first_mean", hidden=True)
    text = PRINTED[printed](hidden_array(course, "first_mean", variant))
    for path, data in (("exercises/first_mean/x.txt", text.encode()), ("x.ipynb", notebook_with(text))):
        with pytest.raises(Leak, match="an input of a hidden check"):
            refuse_leaks({path: data}, [folder], variants=3)


def test_numbers_that_are_nobodys_secret_are_not_found():
    folders = [load_exercise(ROOT, name, hidden=True) for name in load_course(ROOT).exercises[:4]]
    numbers = hidden_numbers(folders, 2)
    assert numbers.runs
    for text in ("", "1 2 3 4 5 6 7 8 9 10", "0.1234 0.5678 1.2345 9.8765", "nan inf 1e400 -0.0 2.5 .5 5."):
        assert not numbers.found_in(text)
    assert not HiddenNumbers().found_in("1.2345 1.2346 1.2347 1.2348")


def test_a_hidden_input_in_the_text_of_an_exercise_keeps_the_release_back(course, release_command):
    text = course / "exercises" / "first_mean" / "README.md"
    text.write_text(f"{text.read_text()}\nFor example `{hidden_array(course, 'first_mean').tolist()}`.\n")
    code, said, left = release_command("--format", "bundle")
    assert (code, left) == (1, None)
    assert "README.md: holds an input of a hidden check" in said


# --- interruptions ---------------------------------------------------------------------------------------------


def stop(*_args, **_more):
    raise KeyboardInterrupt


def files_below(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("there", [False, True])
def test_an_interrupted_bundle_leaves_what_was_there(course, tmp_path, monkeypatch, there):
    release = Release.of(load_course(course), "hw1", solved=False)
    out = tmp_path / "a" / "b"
    if there:
        write_bundle(release, out)
    before = files_below(tmp_path / "a") if there else None
    monkeypatch.setattr(build.Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_bundle(release, out)
    assert (files_below(tmp_path / "a") if there else None) == before
    assert there or not (tmp_path / "a").exists()


@pytest.mark.parametrize("stage", ["generate aside", "generate in place", "replace"])
def test_an_interrupted_course_folder_is_what_it_was(course, tmp_path, monkeypatch, stage):
    """nbgrader itself is played here: what is tested is what happens around it."""
    calls = []

    def generate(folder, name, *options):
        calls.append(options)
        # the second release generates twice: to be searched, then once more with the course's own gradebook
        if (stage, len(calls)) in (("generate aside", 2), ("generate in place", 3)):
            stop()
        named = dict(option.split("=", 1) for option in options)
        source, made = (folder / named.get(f"--CourseDirectory.{d}_directory", d) for d in ("source", "release"))
        shutil.copytree(source / name, made / name, dirs_exist_ok=True)
        if not named.get("--CourseDirectory.release_directory"):
            (folder / "aside.db").write_bytes(b"a gradebook")

    monkeypatch.setattr(course_folder, "_generate", generate)
    monkeypatch.setattr(course_folder, "_nbgrader", lambda *_: None)
    monkeypatch.setattr(course_folder.importlib.util, "find_spec", lambda _name: True)
    out = tmp_path / "x" / "nb"
    course_folder.write_course_folder(Release.of(load_course(course), "hw1", solved=False), out)
    before = files_below(tmp_path / "x")
    assert "nb/gradebook.db" in before
    text = course / "exercises" / "first_mean" / "README.md"
    text.write_text(text.read_text() + "\nOne more sentence.\n")
    again = Release.of(load_course(course), "hw1", solved=False)
    if stage == "replace":
        replaced = []

        def replace(new, old):
            replaced.append(old)
            if len(replaced) == 2:  # the source is in place, the release is not
                stop()
            replace_folder(new, old)

        monkeypatch.setattr(course_folder, "replace_folder", replace)
    with pytest.raises(KeyboardInterrupt):
        course_folder.write_course_folder(again, out)
    assert files_below(tmp_path / "x") == before
    assert os.listdir(tmp_path / "x") == ["nb"]


def test_a_folder_may_be_relative(course, tmp_path, monkeypatch):
    """nbgrader runs in another folder, and its gradebook must be found from there."""

    def generate(folder, name, *options):
        assert folder.is_absolute()
        assert all(str(folder) in option for option in options)
        shutil.copytree(folder / "source" / name, folder / "release" / name)
        (folder / "aside.db").write_bytes(b"a gradebook")

    monkeypatch.setattr(course_folder, "_generate", generate)
    monkeypatch.setattr(course_folder, "_nbgrader", lambda *_: None)
    monkeypatch.setattr(course_folder.importlib.util, "find_spec", lambda _name: True)
    monkeypatch.chdir(tmp_path)
    release = Release.of(load_course(course), "hw1", solved=False)
    assert str(course_folder.write_course_folder(release, course_folder.Path("nb"))) == "nb/release/hw1"
    assert (tmp_path / "nb" / "release" / "hw1" / "first_mean.ipynb").is_file()


def test_a_first_course_folder_that_is_interrupted_leaves_nothing(course, tmp_path, monkeypatch):
    monkeypatch.setattr(course_folder, "_generate", stop)
    monkeypatch.setattr(course_folder.importlib.util, "find_spec", lambda _name: True)
    with pytest.raises(KeyboardInterrupt):
        course_folder.write_course_folder(Release.of(load_course(course), "hw1", solved=False), tmp_path / "x" / "nb")
    assert not (tmp_path / "x").exists()


def test_a_folder_that_cannot_be_made_is_told(course, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="cannot be written"):
        write_bundle(Release.of(load_course(course), "hw1", solved=False), tmp_path / "file" / "below")


def test_a_release_that_is_told_to_end_leaves_nothing(course, tmp_path):
    """The real command, stopped while it verifies."""
    out = tmp_path / "out"
    ran = subprocess.Popen(
        [sys.executable, "-m", "autograder", "release", "hw1", "--to", str(out / "deep"), "--format", "bundle"],
        env={**os.environ, "AUTOGRADER_COURSE": str(course), "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert any("verifying" in line for line in ran.stderr)
    ran.send_signal(signal.SIGTERM)
    said = ran.communicate()[1]
    assert ran.returncode not in (0, None)
    assert "Traceback" not in said, said
    assert not out.exists()
