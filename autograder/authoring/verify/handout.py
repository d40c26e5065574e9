"""Try the handout of an exercise in an interpreter that can import only what students have."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.authoring.verify.child import Silent, said_by
from autograder.course.exercises import ExerciseFolder
from autograder.course.model import packages_of
from autograder.judging.public_half import FILE as FROZEN
from autograder.judging.public_half import freeze
from autograder.model import Observation
from autograder.sandbox.packages import import_names

_HIDDEN = ("grading.py", "derivations.py", FROZEN)


def handout_problems(
    exercise_folder: ExerciseFolder, right: Mapping[tuple[str, int], Sequence[Observation]]
) -> Iterator[str]:
    """Yield what does not work in the handout: a file that cannot be imported, a public check that fails there.

    Parameters
    ----------
    exercise_folder : ExerciseFolder
        Loaded with its hidden half.
    right : mapping
        What the reference answers, by part and position of the check.
    """
    public = {
        key: list(seen) for key, seen in right.items() if key[1] < len(exercise_folder.exercise.part(key[0]).checks)
    }
    packages = packages_of(exercise_folder.path.parents[1])
    with tempfile.TemporaryDirectory(prefix="handout-") as above:
        folder = Path(above) / "handout"
        place = folder / "exercises" / exercise_folder.name
        shutil.copytree(exercise_folder.path, place, ignore=shutil.ignore_patterns(*_HIDDEN, "__pycache__", "*.kept*"))
        (place / FROZEN).write_text(json.dumps(freeze(exercise_folder)), encoding="utf-8")
        (folder / "course.yml").write_text(
            _COURSE.format(
                name=exercise_folder.name, points=exercise_folder.exercise.points, packages=json.dumps(packages)
            ),
            encoding="utf-8",
        )
        (Path(above) / "right.pickle").write_bytes(pickle.dumps(public))
        package = Path(__file__).parents[3]
        child = Path(__file__).with_name("handout_child.py")
        modules = [one for name in packages for one in import_names(name)]
        try:
            said: list[str] = said_by(
                "-I",
                child,
                package,
                folder,
                exercise_folder.name,
                Path(above) / "right.pickle",
                *modules,
                env={k: v for k, v in os.environ.items() if k != "AUTOGRADER_COURSE"},
                cwd=folder,
            )
        except Silent as why:
            said = [f"the handout cannot be tried: {why}"]
        for line in said:
            yield line.replace(f"{place}/", "").replace(f"{folder}/", "")


_COURSE = """title: A handout
assignments:
  tried:
    title: Tried
    exercises:
      {name}: {points:g}
packages: {packages}
"""
