"""Other graders on the same functions and the same calls."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.bench.small import SOLUTION, TESTS


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


def _notebook() -> nbformat.NotebookNode:
    cells = [new_code_cell(SOLUTION, metadata=_meta("answer", test=False))]
    cells += [new_code_cell(text, metadata=_meta(f"test-{name}", test=True)) for name, text in TESTS.items()]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=kernel)


def nbgrader_autograde(students: int) -> float:
    """Submissions per second of ``nbgrader autograde`` with a default configuration."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        source = root / "source" / "hw"
        source.mkdir(parents=True)
        nbformat.write(_notebook(), source / "five.ipynb")
        (root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'bench'\n")
        # nbgrader starts alembic and jupyter by name
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = {**os.environ, "PYTHONWARNINGS": "ignore", "PATH": path}
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
