"""What several test files need: a tiny course of its own, so that no law depends on the real exercises."""

import gc
import re
import shutil
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from autograder.authoring.new_exercise import new_exercise
from autograder.course.exercises import ExerciseFolder, load_exercise

# A busy machine must not fail a law: nothing in the tests is judged by the clock.
settings.register_profile("laws", deadline=None)
settings.load_profile("laws")

ROOT = Path(__file__).parents[1]

COURSE = """
title: A course for tests
assignments:
  hw1:
    title: First
    exercises:
      first_mean: 4
      second_mean: 8
variants: 3
"""


_INTEGRATION_ALONE = re.compile(r"^pytestmark = (?:\[\s*)?pytest\.mark\.integration\b", re.MULTILINE)


def pytest_ignore_collect(collection_path, config):
    """Leave out of the core tier the files that are integration tests as a whole: their imports take seconds."""
    if config.option.markexpr == "not integration" and collection_path.match("test_*.py"):
        return bool(_INTEGRATION_ALONE.search(collection_path.read_text(encoding="utf-8"))) or None
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Never look for garbage in what is imported and collected: all of it lives until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)  # before cases are chosen by their marks
def pytest_collection_modifyitems(items):
    """Leave of a test with ``core_sample(n)`` that many cases, spread over all, to the core tier."""
    sampled = {}
    for item in items:
        if (marker := item.get_closest_marker("core_sample")) is not None:
            sampled.setdefault((item.path, item.originalname), (marker.args[0], []))[1].append(item)
    for size, cases in sampled.values():
        kept = {k * len(cases) // size for k in range(min(size, len(cases)))}
        for k, item in enumerate(cases):
            if k not in kept:
                item.add_marker(pytest.mark.integration)


@cache
def course_exercise(name: str) -> ExerciseFolder:
    """Load an exercise of this checkout with its hidden half, once in a process."""
    return load_exercise(ROOT, name, hidden=True)


def make_course(root: Path) -> Path:
    """Write a course with two exercises made from the template."""
    (root / "exercises").mkdir(parents=True)
    for name in ("first_mean", "second_mean"):
        new_exercise(root, name)
    statement = root / "exercises" / "second_mean" / "README.md"
    statement.write_text(statement.read_text(encoding="utf-8").replace("4 points", "8 points"), encoding="utf-8")
    (root / "course.yml").write_text(COURSE, encoding="utf-8")
    (root / ".autograder-secret").write_text("a secret for tests only\n", encoding="utf-8")
    (root / ".autograder-secret").chmod(0o600)
    return root


@pytest.fixture(scope="session")
def root():
    """The course in this checkout."""
    return ROOT


@pytest.fixture(scope="session")
def mini(tmp_path_factory):
    """A course of two small exercises; not to be changed."""
    return make_course(tmp_path_factory.mktemp("mini") / "course")


def as_made(place: Path) -> Path:
    """Give a folder, that a fixture made once and tests change, what it held at the first call."""
    kept = place.with_name(f"{place.name}-as-made")
    if kept.exists():
        shutil.rmtree(place)
        shutil.copytree(kept, place, symlinks=True)
    else:
        shutil.copytree(place, kept, symlinks=True)
    return place


def keep(store, stored, files=()):
    """Commit one verdict."""
    store.save([(stored, files)])
