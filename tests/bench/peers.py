"""Other graders on the same functions.

Those that take any test file run the very calls that this grader asks for, with the right values written into the file
beforehand; nbgrader runs one plain assertion per function.  One process per submission, as each is really run; what
they need is written before the clock starts, and all may keep bytecode.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.small import EXERCISE, SOLUTION, TESTS, asked


def _test_file(root: Path, imports: str, head: str, method: str) -> str:
    """Return a test file with one test per function: every call of the exercise, compared with its right value."""
    space: dict[str, Any] = {}
    exec(compile(SOLUTION, "submission", "exec"), space)
    lines: dict[str, list[str]] = {}
    for function, args in asked(root):
        texts = [f"np.array({one.tolist()})" if isinstance(one, np.ndarray) else repr(one) for one in args]
        right = np.asarray(space[function](*args)).tolist()
        call = f"submission.{function}({', '.join(texts)})"
        lines.setdefault(function, []).append(f"np.testing.assert_allclose({call}, {right}, rtol=1e-9, atol=1e-12)")
    indent = "    " if head else ""
    tests = [
        method.format(name=name) + "".join(f"\n{indent}    {line}" for line in body) for name, body in lines.items()
    ]
    return "\n\n".join([f"import numpy as np\nimport {EXERCISE} as submission\n{imports}", head, *tests]) + "\n"


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONWARNINGS": "ignore", **more}


def _each(folder: Path, submissions: list[Path], command: list[str], environment: Mapping[str, str]) -> float:
    """Run the command once per submission, copied to where the tests import it; return submissions per second."""
    started = time.perf_counter()
    for one in submissions:
        shutil.copyfile(one, folder / f"{EXERCISE}.py")
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, env=environment)
        if done.returncode:
            raise RuntimeError(f"a right submission was refused: {done.stdout}{done.stderr}")
    return len(submissions) / (time.perf_counter() - started)


def pytest_each(root: Path, submissions: list[Path]) -> float:
    """Submissions per second of plain ``pytest``, without the plugins that happen to be installed."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "test_small.py").write_text(_test_file(root, "", "", "def test_{name}():"))
        (folder / "pytest.ini").write_text("[pytest]\n")
        environment = _environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        return _each(folder, submissions, [sys.executable, "-m", "pytest", "-q"], environment)


RUN_TESTS = """
import sys
import unittest

from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

with open("results.json", "w") as results:
    JSONTestRunner(visibility="visible", stream=results).run(unittest.defaultTestLoader.discover("tests"))
"""


def gradescope_each(root: Path, submissions: list[Path]) -> float:
    """Submissions per second of gradescope-utils' ``JSONTestRunner``, started as Gradescope's examples start it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "tests").mkdir()
        head = "class TestSmall(unittest.TestCase):"
        text = _test_file(
            root,
            "import unittest\nfrom gradescope_utils.autograder_utils.decorators import weight\n",
            head,
            "    @weight(2)\n    def test_{name}(self):",
        )
        (folder / "tests" / "test_small.py").write_text(text)
        (folder / "run_tests.py").write_text(RUN_TESTS)
        speed = _each(folder, submissions, [sys.executable, "run_tests.py"], _environment())
        scores = [test["score"] for test in json.loads((folder / "results.json").read_text())["tests"]]
        if scores != [2] * len(TESTS):
            raise RuntimeError(f"gradescope-utils gave {scores} to a right submission")
        return speed


def _meta(grade_id: str, *, test: bool) -> dict[str, object]:
    cell = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": test,
        "solution": not test,
        "locked": test,
        "task": False,
    }
    return {"nbgrader": {**cell, "points": 2} if test else cell}


def _notebook() -> Any:
    from nbformat.v4 import new_code_cell, new_notebook

    cells = [new_code_cell(SOLUTION, metadata=_meta("answer", test=False))]
    cells += [new_code_cell(text, metadata=_meta(f"test-{name}", test=True)) for name, text in TESTS.items()]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=kernel)


def nbgrader_autograde(students: int) -> float:
    """Submissions per second of ``nbgrader autograde`` with a default configuration."""
    import nbformat

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        source = root / "source" / "hw"
        source.mkdir(parents=True)
        nbformat.write(_notebook(), source / "five.ipynb")
        (root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'bench'\n")
        # nbgrader starts alembic and jupyter by name
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = _environment(PATH=path)
        command = [sys.executable, "-m", "nbgrader"]
        subprocess.run(
            [*command, "generate_assignment", "hw"], cwd=root, check=True, capture_output=True, env=environment
        )
        for k in range(students):
            target = root / "submitted" / f"s{k:05d}" / "hw"
            target.mkdir(parents=True)
            nbformat.write(_notebook(), target / "five.ipynb")
        started = time.perf_counter()
        subprocess.run([*command, "autograde", "hw"], cwd=root, check=True, capture_output=True, env=environment)
        return students / (time.perf_counter() - started)
