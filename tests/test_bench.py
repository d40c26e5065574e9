"""The one command that measures: it lists what it can, runs a section, survives one that fails, and compares runs."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.bench.__main__ import SECTIONS, Section, compare, file_for, run
from tests.conftest import ROOT


def bench(*arguments):
    command = [sys.executable, "-m", "tests.bench", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


def test_the_command_lists_its_sections():
    done = bench("--list")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == [one.name for one in SECTIONS]


@pytest.mark.parametrize("arguments", [text for one in SECTIONS for text in (one.full, one.quick)])
def test_every_section_has_its_program(arguments):
    assert find_spec(f"tests.bench.{arguments.split()[0]}") is not None


def test_a_section_runs_and_is_kept_by_version_and_date(tmp_path):
    done = bench("--quick", "--only", "sandbox", "--json", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = (tmp_path / "kept").iterdir()
    results = json.loads(file.read_text(encoding="utf-8"))
    assert file.name.startswith(f"{results['version']}-{results['date'][:10]}")
    assert {one["ratio"] > 0 for one in results["sections"]["sandbox"]["figures"].values()} == {True}


def test_a_failing_section_says_so_and_does_not_end_the_others(capfd):
    broken = Section("broken", "no such option", "floor --nothing", "floor --nothing")
    absent = Section("absent", "no such package", "floor", "floor", needs="no_such_package")
    results = run([broken, absent], quick=True)
    assert "exit code 1" in results["sections"]["broken"]["failed"]
    assert results["sections"]["absent"] == {"skipped": "no_such_package is not installed"}
    assert "broken failed" in capfd.readouterr().out


def of(figures, **more):
    kept = {"version": "1", "date": "2026-01-01T00:00:00+00:00", "machine": "m", "quick": False}
    return {**kept, "sections": {"one": {"load": 1.0, "figures": figures}}, **more}


def test_two_runs_are_compared_figure_by_figure():
    earlier = of({"a": {"b": 2.0}, "c": [4], "zero": 0})
    title, *lines = compare(of({"a": {"b": 3.0}, "c": [2, "text"], "new": 1, "zero": 0}), earlier)
    assert "over 1 of 2026-01-01" in title
    assert [(line.split()[0], line.split(maxsplit=4)[4]) for line in lines] == [
        ("1.500", "one / a / b"), ("0.500", "one / c / 0"), ("-", "one / zero"),
    ]  # fmt: skip
    assert any("--quick" in line for line in compare(of({}), of({}, quick=True)))


def test_a_file_is_taken_by_its_name(tmp_path):
    assert file_for(tmp_path / "here.json", of({})) == tmp_path / "here.json"
    assert file_for(tmp_path, of({})) == tmp_path / "1-2026-01-01T000000Z.json"
