"""The course file: every mistake named with its line; who decides what a student gets."""

import re
import stat
import subprocess
import sys
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.authoring.new_course import new_course
from autograder.course.late import LatePolicy
from autograder.course.model import (
    Assignment,
    Course,
    Feedback,
    ResourceLimits,
    SecretPlace,
    find_course,
    load_course,
    load_secret,
    variant_of,
)
from autograder.course.yaml_strict import parse_yaml
from autograder.errors import CourseError
from autograder.model import Limits
from autograder.sandbox.packages import versions
from tests.attacks.inputs import courses
from tests.conftest import ROOT
from tests.course_files import COURSE, course_at, make_course


@pytest.mark.parametrize("name", courses.MISTAKES)
def test_mistakes_are_named_with_line_field_and_what_is_allowed(name, tmp_path):
    courses.check_mistake(name, tmp_path)


def test_all_mistakes_come_at_once_in_order_of_lines(tmp_path):
    text = COURSE.replace("alpha: 10", "alpha: -1").replace("title: A", "titel: A").replace("gamma", "gama")
    with pytest.raises(CourseError) as caught:
        load_course(make_course(tmp_path, text + "backend: gpu\n"))
    lines = str(caught.value).splitlines()
    assert lines[0] == "course.yml: 5 mistakes"
    assert [line.split(": ")[0] for line in lines[1:]] == [f"course.yml:{number}" for number in (1, 1, 7, 10, 12)]


@pytest.mark.parametrize("name", courses.BYTES)
def test_bytes_that_are_no_course_file(name, tmp_path):
    courses.check_bytes(name, tmp_path)


def test_a_folder_as_course_file(tmp_path):
    (tmp_path / "course.yml").mkdir()
    with pytest.raises(CourseError, match="cannot be read"):
        load_course(tmp_path)


def test_the_course_says_what_the_file_says(tmp_path):
    course = course_at(tmp_path, variants="5", attempts="best", limits="{cpu_seconds: 0.5, memory_mib: 128}")
    assert course.title == "A course"
    assert course.exercises == ("alpha", "beta", "gamma")
    assert course.assignment("hw1").points == 30
    assert course.assignment_of("gamma").name == "hw2"
    assert (course.variants, course.attempts, course.backend) == (5, "best", "auto")
    assert course.limits.call == Limits(0.5, 128 << 20)
    assert course.limits.scaling(Limits(3.0)) == Limits(3.0)
    assert course.folder("alpha") == tmp_path.resolve() / "exercises" / "alpha"


@pytest.mark.parametrize("own", [True, False], ids=["a course of one's own", "this course"])
def test_every_field_is_explained_in_the_file_with_which_a_course_begins(own, tmp_path):
    text = ((new_course(tmp_path / "course", "C") if own else ROOT) / "course.yml").read_text(encoding="utf-8")
    given = {"root", "name"}  # by the place of the file, and by the key above
    named = {
        one.name
        for kind in (Course, Assignment, LatePolicy, ResourceLimits, Feedback, SecretPlace)
        for one in fields(kind)
    }
    assert [name for name in sorted(named - given) if not re.search(rf"\b{name}\b", text)] == []


def test_the_fields_that_a_new_course_shows_as_comments_are_read_without_the_sign(tmp_path):
    file = new_course(tmp_path / "course", "C") / "course.yml"
    text = re.sub(r"^( *)# ( *\w+:(?: |$))", r"\1\2", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    course = load_course(file.parent)
    assert course.assignments[0].by_team
    assert course.teams == {"red": ("alice", "bob")}
    assert (course.late.days_to_spend, course.limits.scaling_cpu_seconds) == (4, 10)
    assert "\n# " not in text.partition("\n")[2]


def test_unknown_names_come_with_a_suggestion(tmp_path):
    course = course_at(tmp_path)
    with pytest.raises(CourseError, match="did you mean 'hw1'"):
        course.assignment("hw11")
    with pytest.raises(CourseError, match="did you mean 'alpha'"):
        course.assignment_of("alhpa")


@pytest.mark.parametrize("listed", ["[squares]", "[{name: hw1, title: t, exercises: {alpha: 1}}]", "squares", "3", ""])
def test_assignments_are_named(listed, tmp_path):
    root = make_course(tmp_path, f"title: t\nassignments: {listed}\n")
    with pytest.raises(CourseError, match=r"course\.yml:2: assignments: given .*; allowed: a name for each assignment"):
        load_course(root)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_bring_the_yaml_reader_down(raw):
    with suppress(CourseError):
        parse_yaml(raw, "course.yml")


_YAML = st.recursive(
    st.sampled_from(["a", "'b'", "1", "1.5", "null", "&a x", "*a", "!!int 1", "2026-01-01", "", "{}", "~"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]")
        | st.dictionaries(st.sampled_from("abc<"), inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=20,
)


@given(value=_YAML, field=st.sampled_from(["title", "assignments", "late", "limits", "variants", "secret", "x"]))
def test_no_value_brings_the_course_reader_down(value, field, tmp_path_factory):
    fields = {"title": "t", "assignments": "{}", field: value}
    text = "".join(f"{name}: {given}\n" for name, given in fields.items())
    root = make_course(tmp_path_factory.getbasetemp() / "fuzz", text)
    with pytest.raises(CourseError):
        load_course(root)


# --- finding it ---


def test_the_course_is_found_upward_and_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOGRADER_COURSE", raising=False)
    root = make_course(tmp_path / "course")
    assert find_course(root / "exercises" / "alpha") == root.resolve()
    with pytest.raises(CourseError, match=r"no course\.yml in"):
        find_course(tmp_path)
    for named in (root, root / "course.yml"):
        monkeypatch.setenv("AUTOGRADER_COURSE", str(named))
        assert find_course(tmp_path) == root.resolve()
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tmp_path))
    with pytest.raises(CourseError, match="AUTOGRADER_COURSE"):
        find_course(root)


def test_finding_a_course_does_not_import_what_only_an_instructor_installs():
    code = "import sys, autograder.course.model; print({'pydantic', 'sqlalchemy', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- secret and variants ---


def test_a_secret_is_made_once_and_only_the_owner_can_read_it(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOGRADER_SECRET", raising=False)
    course = course_at(tmp_path)
    with pytest.raises(CourseError, match="no course secret"):
        load_secret(course)
    secret = load_secret(course, create=True)
    assert len(secret) == 64
    assert load_secret(course, create=True) == load_secret(course) == secret
    assert stat.S_IMODE((tmp_path / ".autograder-secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob(".autograder*")] == [".autograder-secret"]
    monkeypatch.setenv("AUTOGRADER_SECRET", "from the environment")
    assert load_secret(course) == b"from the environment"
    monkeypatch.setenv("AUTOGRADER_SECRET", "short")
    with pytest.raises(CourseError, match="at least 16"):
        load_secret(course)


def test_the_variant_is_the_hmac_of_the_design(tmp_path):
    course = course_at(tmp_path, variants="1000")
    # printf '%s' 'alpha|alice' | openssl dgst -sha256 -hmac 0123456789abcdef
    digest = "0a5001b8d8023817a006f2d124acb984639bdb3bac2b56b928ef19afcefd2b44"
    assert variant_of(course, "alpha", "alice", b"0123456789abcdef") == int(digest, 16) % 1000


def test_variants_are_spread_and_depend_on_secret_student_and_exercise(tmp_path):
    course = course_at(tmp_path, variants="4")
    counts = [0] * 4
    for number in range(400):
        counts[variant_of(course, "alpha", f"s{number}", b"a" * 16)] += 1
    assert min(counts) > 60
    wide = course_at(tmp_path, variants="1000000")
    drawn = {variant_of(wide, *names, secret) for names in (("alpha", "x"), ("beta", "x"), ("alpha", "y"))
             for secret in (b"a" * 16, b"b" * 16)}  # fmt: skip
    assert len(drawn) == 6


# --- lateness ---

DUE = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("student", "after", "days", "fraction"),
    [
        ("alice", timedelta(days=-1), 0, 0.0),
        ("alice", timedelta(0), 0, 0.0),
        ("alice", timedelta(minutes=30), 0, 0.0),  # grace
        ("alice", timedelta(minutes=31), 1, 0.1),
        ("alice", timedelta(days=1), 1, 0.1),
        ("alice", timedelta(days=1, minutes=30), 1, 0.1),  # grace counts for every day
        ("alice", timedelta(days=1, minutes=30, seconds=1), 2, 0.2),
        ("alice", timedelta(days=3, minutes=30), 3, 0.3),
        ("alice", timedelta(days=3, minutes=30, seconds=1), 4, 1.0),  # beyond max_days
        ("dora", timedelta(days=2, minutes=5), 0, 0.0),  # extension and grace
        ("dora", timedelta(days=2, minutes=31), 1, 0.1),
    ],
)
def test_started_days_cost_their_share(student, after, days, fraction, tmp_path):
    course = course_at(tmp_path)
    assignment = course.assignment("hw1")
    assert assignment.days_late(student, DUE + after, course.late) == days
    assert course.late.fraction(days) == pytest.approx(fraction)


def test_unknown_times_are_never_late(tmp_path):
    course = course_at(tmp_path)
    assert course.assignment("hw1").days_late("alice", None, course.late) is None
    assert course.assignment("hw2").days_late("alice", DUE, course.late) is None


@given(st.integers(0, 400), st.floats(0, 100))
def test_no_penalty_exceeds_the_points(days, percent):
    assert 0.0 <= LatePolicy(percent).fraction(days) <= 1.0


@pytest.mark.parametrize("name", ["", " ", "a b", "../x", "no-such-distribution"])
def test_a_package_that_cannot_be_one_is_not_installed(name):
    assert versions([name]) == {name: None}
