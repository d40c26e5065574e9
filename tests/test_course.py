"""The course file: every mistake named with its line; who decides what a student gets."""

import stat
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import LatePolicy, find_course, load_course, load_secret, variant_of
from autograder.course_yaml import MAX_BYTES, parse_yaml
from autograder.spec import CourseError, Limits
from tests.course_files import COURSE, course_at, make_course


def replaced(old, new):
    assert old in COURSE
    return COURSE.replace(old, new)


# what is wrong -> (the file, every line that the message must hold)
MISTAKES = {
    "duplicate key": (COURSE + "title: again\n", ["course.yml:12: 'title' stands twice; the first is in line 1"]),
    "duplicate exercise": (
        replaced("{gamma: 30}", "{gamma: 30, gamma: 1}"),
        ["course.yml:10: 'gamma' stands twice"],
    ),
    "anchor": (replaced("A course", "&x A course"), ["course.yml:1: anchors (&name) are not allowed"]),
    "alias": (COURSE + "backend: *x\n", ["course.yml:12: aliases (*name) are not allowed"]),
    "tag": (replaced("A course", "!!python/name:os.system ''"), ["course.yml:1: tags", "are not allowed"]),
    "deep": (COURSE + "late2: " + "[" * 30, ["course.yml:12: nested deeper than 16 levels"]),
    "two documents": (COURSE + "---\ntitle: x\n", ["course.yml:12: not valid YAML"]),
    "syntax": (replaced("title: A course", "title: A: course"), ["course.yml:1: not valid YAML"]),
    "tab": (replaced("  hw2:", "\thw2:"), ["course.yml:8: not valid YAML"]),
    "control character": (replaced("A course", "A \x07course"), ["course.yml:1: a control character"]),
    "list as key": (COURSE + "? [a]\n: 1\n", ["course.yml:12: a key must be plain text"]),
    "merge key": (COURSE + "<<: {title: x}\n", ["course.yml:12: <<: no such field"]),
    "empty": ("", ["course.yml:1: the file: given nothing; allowed: fields"]),
    "a list": ("- 1\n", ["course.yml:1: the file: given [1]; allowed: fields"]),
    "no title": (replaced("title: A course\n", ""), ["title: is missing; it is required"]),
    "misspelt": (replaced("title: A", "titel: A"), ["course.yml:1: titel: no such field; did you mean 'title'?"]),
    "misspelt choice": (
        COURSE + "attempts: bset\n",
        ["course.yml:12: attempts: given 'bset'; allowed: last, first, best; did you mean 'best'?"],
    ),
    "yes is text": (COURSE + "backend: yes\n", ["backend: given 'yes'; allowed: auto, numpy, cupy"]),
    "unknown field": (
        replaced("grace_minutes", "grace_minute"),
        ["course.yml:11: late.grace_minute: no such field; did you mean 'grace_minutes'?"],
    ),
    "text for a number": (
        replaced("alpha: 10", "alpha: '10'"),
        ["course.yml:7: assignments.hw1.exercises.alpha: given '10'; allowed: a valid number"],
    ),
    "octal is text": (replaced("alpha: 10", "alpha: 010"), ["alpha: given '010'; allowed: a valid number"]),
    "sexagesimal is text": (replaced("alpha: 10", "alpha: 1:30"), ["alpha: given '1:30'; allowed: a valid number"]),
    "infinite": (replaced("alpha: 10", "alpha: .inf"), ["alpha: given '.inf'; allowed: a valid number"]),
    "huge integer": (replaced("alpha: 10", "alpha: " + "9" * 5000), ["alpha: given '999", "a valid number"]),
    "no points": (replaced("alpha: 10", "alpha: 0"), ["alpha: given 0; allowed: greater than 0"]),
    "true is no number": (
        COURSE + "variants: true\n",
        ["course.yml:12: variants: given True; allowed: a valid integer"],
    ),
    "half a variant": (COURSE + "variants: 1.5\n", ["variants: given 1.5; allowed: a valid integer"]),
    "no variants": (COURSE + "variants: 0\n", ["variants: given 0; allowed: greater than or equal to 1"]),
    "percent": (replaced("percent_per_day: 10", "percent_per_day: 101"), ["late.percent_per_day: given 101; allowed"]),
    "no zone": (replaced("12:00:00+00:00", "12:00:00"), ["course.yml:5: assignments.hw1.due", "with its zone"]),
    "a date only": (replaced("2026-10-01T12:00:00+00:00", "2026-10-01"), ["course.yml:5", "with its zone"]),
    "no such day": (replaced("2026-10-01T", "2026-02-30T"), ["course.yml:5: assignments.hw1.due: given '2026-02-30T"]),
    "early extension": (
        replaced("2026-10-03T", "2026-09-03T"),
        ["course.yml:6: assignments.hw1.extensions.dora", "allowed: not before due"],
    ),
    "extension without due": (
        replaced("    due: 2026-10-01T12:00:00+00:00\n", ""),
        ["assignments.hw1.extensions: an extension needs a due date"],
    ),
    "absent room": (
        replaced("{gamma: 30}", "{gama: 30}"),
        ["course.yml:10: assignments.hw2.exercises.gama: no room exercises/gama/", "did you mean 'gamma'?"],
    ),
    "exercise twice": (replaced("{gamma: 30}", "{alpha: 30}"), ["stands in hw1 already"]),
    "path as exercise": (replaced("{gamma: 30}", "{../x: 30}"), ["given '../x'; allowed: a small letter"]),
    "path as assignment": (replaced("  hw2:", "  a/b:"), ["course.yml:8: assignments.a/b: given 'a/b'; allowed"]),
    "no assignments": ("title: x\nassignments: {}\n", ["course.yml:2: assignments: at least one assignment"]),
    "secret outside": (COURSE + "secret: {file: ../s}\n", ["secret.file: given '../s'; allowed: a path inside"]),
    "secret itself": (COURSE + "secret: 123456\n", ["course.yml:12: secret: given 123456; allowed: fields"]),
    "environment": (COURSE + "secret: {environment: a b}\n", ["secret.environment: given 'a b'"]),
    "memory": (COURSE + "limits: {memory_mib: 1}\n", ["limits.memory_mib: given 1; allowed"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named_with_line_field_and_what_is_allowed(name, tmp_path):
    text, wanted = MISTAKES[name]
    with pytest.raises(CourseError) as caught:
        load_course(make_course(tmp_path, text))
    for words in wanted:
        assert words in str(caught.value)


def test_all_mistakes_come_at_once_in_order_of_lines(tmp_path):
    text = COURSE.replace("alpha: 10", "alpha: -1").replace("title: A", "titel: A").replace("gamma", "gama")
    with pytest.raises(CourseError) as caught:
        load_course(make_course(tmp_path, text + "backend: gpu\n"))
    lines = str(caught.value).splitlines()
    assert lines[0] == "course.yml: 5 mistakes"
    assert [line.split(": ")[0] for line in lines[1:]] == [f"course.yml:{number}" for number in (1, 1, 7, 10, 12)]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"a: 1\nb: \xff\n", "course.yml:2: byte 8 is not UTF-8; save the file as UTF-8"),
        (b"#" * (MAX_BYTES + 1), "a course file may have at most"),
        ("title: x".encode("utf-16"), "is not UTF-8"),
    ],
)
def test_bytes_that_are_no_course_file(raw, words, tmp_path):
    make_course(tmp_path)
    (tmp_path / "course.yml").write_bytes(raw)
    with pytest.raises(CourseError, match=words):
        load_course(tmp_path)


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
    assert course.limits.scaling == Limits(20.0, 6 << 30)
    assert course.room("alpha") == tmp_path.resolve() / "exercises" / "alpha"


def test_unknown_names_come_with_a_suggestion(tmp_path):
    course = course_at(tmp_path)
    with pytest.raises(CourseError, match="did you mean 'hw1'"):
        course.assignment("hw11")
    with pytest.raises(CourseError, match="did you mean 'alpha'"):
        course.assignment_of("alhpa")


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
    root = make_course(tmp_path_factory.getbasetemp() / "fuzz", f"title: t\nassignments: {{}}\n{field}: {value}\n")
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
    code = "import sys, autograder.course; print([m for m in ('pydantic', 'sqlalchemy', 'yaml') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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
        ("alice", timedelta(days=1, seconds=1), 2, 0.2),
        ("alice", timedelta(days=3), 3, 0.3),
        ("alice", timedelta(days=3, seconds=1), 4, 1.0),  # beyond max_days
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
