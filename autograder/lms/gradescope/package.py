"""The zip that an instructor uploads to Gradescope: this package, one assignment with its hidden half, two scripts.

Layout: Gradescope autograder documentation, "Autograder Specifications": ``setup.sh`` and ``run_autograder`` at the top
of the archive, which lies in ``/autograder/source`` there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from autograder.atomic import write_whole
from autograder.course.exercises import DERIVED, ExerciseFolder, data_files, shared_modules
from autograder.course.model import SecretPlace
from autograder.course.schema import as_data
from autograder.errors import CourseError
from autograder.release.build import Release
from autograder.release.zipped import packed
from autograder.text import DISTRIBUTION

SETTINGS = "gradescope.json"
_EXTRAS = ("grade", "symbolic")

_SETUP = """#!/usr/bin/env bash
# Runs once, as root, when Gradescope builds the image.
set -euo pipefail
base="${AUTOGRADER_BASE:-/autograder}"
apt-get update
apt-get install -y python3 python3-venv
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    apt-get install -y python3.11 python3.11-venv
    python=python3.11
fi
"$python" -m venv "$base/venv"
"$base/venv/bin/pip" install -r "$base/source/requirements.txt"
cd "$base/source"
# the course secret of this image; it chooses each student's hidden inputs
(umask 077 && "$base/venv/bin/python" -c 'import secrets; print(secrets.token_hex(32))' > course/.autograder-secret)
# what of the sandbox this machine has, for the build log
AUTOGRADER_COURSE="$base/source/course" "$base/venv/bin/python" -m autograder doctor || true
"""

_RUN = """#!/usr/bin/env bash
# Runs for every submission.  Results go to results/results.json, everything said here to the instructor alone.
base="${AUTOGRADER_BASE:-/autograder}"
python="${AUTOGRADER_PYTHON:-$base/venv/bin/python}"
cd "$base/source" && exec "$python" -m autograder.lms.gradescope.run "$base"
"""

_README = """{title}: the Gradescope autograder of {assignment}

FOR THE INSTRUCTOR ALONE.  This archive holds the right answers (grading.py, reference/).  Upload it to a programming
assignment of Gradescope ("Configure Autograder"), worth {points:g} points; never hand it out.

Students upload one notebook or .py file per exercise: {names}.

* Each submission is graded in the sandbox of `autograder grade`.  {unsafe}
* What students see follows `feedback` in course.yml: results of hidden checks and misconceptions always, after the due
  date of Gradescope, or never; inputs of hidden checks never.
* A penalty for lateness is that of course.yml, by the time of upload that Gradescope tells and the student's e-mail
  address in `extensions`.  Leave the penalty in Gradescope at none.
* Parts that are marked by hand earn 0 here; the output says how many points wait for you.
* Where the grader itself fails, there is no results.json: Gradescope says that the autograder failed, and no score
  stands for it.  The reason is in the output that only you can see.
* Hidden inputs are drawn with a secret that is made with the image, so they differ from those of a grading at home.
"""

_REFUSES = """Where the kernel there lacks a
  layer that it needs (Landlock, seccomp), it grades nothing and says so; the build log names the layers.  A release
  with --unsafe grades all the same: then a submission could read the answers in this archive and the network."""
_TOLERATES = """This release grades even where
  the kernel there lacks a layer (--unsafe): then a submission can read the answers in this archive and reach the
  network.  Answers still never enter the process that runs it, and time and memory stay limited."""


def write_package(release: Release, to: Path, *, unsafe: bool = False) -> Path:
    """Write ``<assignment>-gradescope.zip`` into a folder; the same course gives the same bytes.

    Parameters
    ----------
    release : Release
        The assignment.
    to : Path
        The folder.
    unsafe : bool
        Whether to grade there even where a required layer of the sandbox is missing.

    Raises
    ------
    CourseError
        If the folder cannot be written to.
    """
    files = package_files(release, unsafe=unsafe)
    data = packed("", files, programs=("setup.sh", "run_autograder"), written=release.written)
    return write_whole(to / f"{release.assignment.name}-gradescope.zip", data, private=True)


def package_files(release: Release, *, unsafe: bool) -> dict[str, bytes]:
    """Return the files of the archive; the course secret is none of them."""
    course, assignment = release.course, release.assignment
    readme = _README.format(
        title=course.title,
        assignment=assignment.name,
        points=sum(sum(release.worth(folder).values()) for folder in release.folders),
        names=", ".join(f"{folder.name}.ipynb" for folder in release.folders),
        unsafe=_TOLERATES if unsafe else _REFUSES,
    )
    settings = {"assignment": assignment.name, "unsafe": unsafe}
    files = {
        "setup.sh": _SETUP.encode(),
        "run_autograder": _RUN.encode(),
        "README.txt": readme.encode(),
        "requirements.txt": ("\n".join([*_requirements(), *course.packages]) + "\n").encode(),
        SETTINGS: (json.dumps(settings) + "\n").encode(),
        # JSON is YAML: the course file of one assignment
        "course/course.yml": (json.dumps(_course(release), indent=1, ensure_ascii=False) + "\n").encode(),
    }
    for folder in release.folders:
        files |= _folder(folder)
        shared = shared_modules(course.root, folder.name)
        files |= {f"course/{file.relative_to(course.root).as_posix()}": file.read_bytes() for file in shared}
    files |= _below(course.root / "reference", "course/reference", ".py")
    return files | _below(Path(__file__).parents[2], "autograder", ".py", ".txt", ".j2", ".css")


def _folder(folder: ExerciseFolder) -> dict[str, bytes]:
    names = ["checks.py", "grading.py", f"{folder.name}.py", "README.md", *([DERIVED] if folder.derivations else [])]
    files = {name: (folder.path / name).read_bytes() for name in names} | data_files(folder.path)
    return {f"course/exercises/{folder.name}/{name}": content for name, content in files.items()}


def _below(folder: Path, to: str, *suffixes: str) -> dict[str, bytes]:
    found = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix in suffixes)
    return {f"{to}/{p.relative_to(folder).as_posix()}": p.read_bytes() for p in found}


def _requirements() -> list[str]:
    """Return what this package needs to grade, without its other extras."""
    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        raise CourseError(f"{DISTRIBUTION} is not installed, so what it needs is unknown: pip install -e .") from None
    found = []
    for line in lines:
        requirement, _, condition = line.partition(";")
        extra = condition.replace("'", '"').partition('extra == "')[2].partition('"')[0]
        if (not condition or extra in _EXTRAS) and not requirement.startswith(DISTRIBUTION):  # it is in the archive
            found.append(requirement.strip())
    return found


def _course(release: Release) -> dict[str, Any]:
    """Return the course file of the package: this assignment alone, the secret where ``setup.sh`` writes it."""
    alone = replace(release.course, assignments=(release.assignment,), backend="numpy", secret=SecretPlace())
    return as_data(alone)
