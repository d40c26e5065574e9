"""Course files."""

from __future__ import annotations

from autograder.course.model import load_course
from autograder.course.yaml_strict import MAX_BYTES
from autograder.errors import CourseError
from tests.attacks.inputs.making import expect, outcome
from tests.course_files import COURSE, make_course


def replaced(old, new):
    assert old in COURSE
    return COURSE.replace(old, new)


# what is wrong -> (the file, every line that the message must hold)
MISTAKES = {
    "appeals before due": (
        replaced(
            "exercises: {gamma: 30}",
            "exercises: {gamma: 30}\n    due: 2026-10-23T23:59:00+02:00\n    appeals_until: 2026-10-01T23:59:00+02:00",
        ),
        ["assignments.hw2.appeals_until: given '2026-10-01T23:59:00+02:00'; allowed: not before due"],
    ),
    "a team of nobody": (COURSE + "teams: {red: []}\n", ["course.yml:12: teams.red: given no student"]),
    "packages in a line": (COURSE + "packages: pandas\n", ["packages: given 'pandas'; allowed: a list"]),
    "a package with its version": (
        COURSE + "packages: ['pandas==2.0']\n",
        ["packages.0: given 'pandas==2.0'; allowed: a name of letters, digits, _, - and points, as pip takes it"],
    ),
    "a package without a name": (COURSE + "packages: ['']\n", ["packages.0: given ''; allowed: at least 1 character"]),
    "a variable in small letters": (
        COURSE + "secret: {environment: lower}\n",
        ["secret.environment: given 'lower'; allowed: capital letters, digits and _, a letter first"],
    ),
    "duplicate key": (COURSE + "title: again\n", ["course.yml:12: 'title' appears twice; the first is in line 1"]),
    "duplicate exercise": (
        replaced("{gamma: 30}", "{gamma: 30, gamma: 1}"),
        ["course.yml:10: 'gamma' appears twice"],
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
    "true is not a number": (
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
    "absent exercise": (
        replaced("{gamma: 30}", "{gama: 30}"),
        ["course.yml:10: assignments.hw2.exercises.gama: no folder exercises/gama/", "did you mean 'gamma'?"],
    ),
    "exercise twice": (replaced("{gamma: 30}", "{alpha: 30}"), ["already in hw1"]),
    "path as exercise": (replaced("{gamma: 30}", "{../x: 30}"), ["given '../x'; allowed: lower-case letters"]),
    "path as assignment": (replaced("  hw2:", "  a/b:"), ["course.yml:8: assignments.a/b: given 'a/b'; allowed"]),
    "no assignments": ("title: x\nassignments: {}\n", ["course.yml:2: assignments: at least one assignment"]),
    "secret outside": (COURSE + "secret: {file: ../s}\n", ["secret.file: given '../s'; allowed: a path inside"]),
    "secret itself": (COURSE + "secret: 123456\n", ["course.yml:12: secret: given 123456; allowed: fields"]),
    "environment": (COURSE + "secret: {environment: a b}\n", ["secret.environment: given 'a b'"]),
    "memory": (COURSE + "limits: {memory_mib: 1}\n", ["limits.memory_mib: given 1; allowed"]),
}


BYTES = {
    "bytes that are not UTF-8": (b"a: 1\nb: \xff\n", "course.yml:2: byte 8 is not UTF-8; save the file as UTF-8"),
    "too long": (b"#" * (MAX_BYTES + 1), f"more than {MAX_BYTES} bytes"),
    "UTF-16": ("title: x".encode("utf-16"), "is not UTF-8"),
}


def check_mistake(name, root):
    text, wanted = MISTAKES[name]
    _refused(make_course(root, text), wanted)


def check_bytes(name, root):
    raw, words = BYTES[name]
    make_course(root)
    (root / "course.yml").write_bytes(raw)
    _refused(root, [words])


def _refused(root, wanted):
    found = outcome(CourseError, lambda: load_course(root))
    for words in wanted:
        expect(found, CourseError(words))
