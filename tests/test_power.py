"""The power of the checks, measured: of thousands of small changes of the references none passes unexplained."""

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.integration
def test_no_mutant_of_any_exercise_survives():
    command = [sys.executable, "-m", "autograder", "verify", "--mutants"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert [line for line in done.stdout.splitlines() if re.search("SURVIVES|PROBLEM", line)] == []
    made, killed = re.search(r"^(\d+) mutants: (\d+) killed, \d+ explained, 0 survive$", done.stdout, re.M).groups()
    assert int(made) > int(killed) > 3000
    assert done.returncode == 0, done.stderr
