"""Hostile inputs that no other test tries; ``python -m tests.attacks --inputs`` tries them all."""

import pytest

from tests.attacks.inputs.all import CLASSES

TRIED_ELSEWHERE = {
    "file types", "names", "encodings", "notebooks", "archives", "course files", "bytes of course files", "rosters",
    "times of submission", "symbolic answers",
}  # fmt: skip
HERE = [
    pytest.param(check, name, id=f"{kind}: {str(name)[:40]!r}")
    for kind, table, check in CLASSES
    if kind not in TRIED_ELSEWHERE
    for name in table
]


@pytest.mark.parametrize(("check", "name"), HERE)
def test_a_hostile_input_gets_its_verdict(check, name, tmp_path):
    check(name, tmp_path)


def test_the_tables_are_what_they_claim():
    assert sum(len(table) for _, table, _ in CLASSES) >= 200
    assert all(len(table) >= 3 for _, table, _ in CLASSES)
