"""What users wait for, in seconds: a class, each assignment as students write it, and the commands around them.

    python -m tests.bench.felt [--students 60] [--only WORD ...] [--json FILE]

Commands run whole, as users run them, and cost the processor time of all their processes; what others do on the machine
shows in the seconds by the clock, and hardly in those of the processor.  Every figure is also given as a multiple of
``python -c 'import numpy'`` in the same run.  Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from autograder.authoring.demo.build import write_class
from autograder.authoring.demo.kinds import another_way, misconceived, right
from autograder.course.exercises import load_exercise
from autograder.course.model import Course, load_course
from autograder.grading.grader import Grader, Settings
from autograder.intake.discovery import discover
from autograder.judging.questions import Questions, make_questions
from tests.bench.nbgrader import Spent, adopt, collect, timed

HERE = Path(__file__).parents[2]
VARIANT = 3
STYLES: dict[str, tuple[Callable[..., tuple[str, str]], int]] = {
    "as the reference": (right, 0),
    "another way": (another_way, 0),
    "a third way": (another_way, 1),
    "wrong in every part": (misconceived, 0),
}


def keeps_byte_code() -> bool:
    """Whether Python may keep what it compiled of this checkout; without that every start compiles it again."""
    folder = HERE / "autograder" / "__pycache__"
    return not os.environ.get("PYTHONDONTWRITEBYTECODE") and os.access(folder if folder.exists() else HERE, os.W_OK)


def commands(course: Course, students: int, folder: Path) -> Iterator[tuple[str, Callable[[], Spent]]]:
    """Yield what is measured, in an order in which each finds what it needs."""
    exercise_folder = course.assignments[0].exercises
    name = next(iter(exercise_folder))
    answer = folder / f"{name}.py"
    answer.write_text(right(load_exercise(HERE, name, hidden=True), 0)[1], encoding="utf-8")
    ours = partial(timed, HERE, HERE, "autograder")
    first, out = course.assignments[0].name, str(folder / "results")
    yield f"check {name}", partial(ours, "check", str(answer))
    yield f"class of {students}: grade --jobs 2", partial(class_of, course, students, folder)
    yield f"class of {students}: grade again", partial(ours, "grade", str(folder / "submitted"), "--out", out)
    yield f"class of {students}: report", partial(ours, "report", out)
    yield f"verify {name}", partial(ours, "verify", name)
    yield f"release {first}, anew", partial(ours, "release", first, "--to", str(folder / "anew"), "--format", "bundle")
    yield f"release {first}, verified", partial(ours, "release", first, "--to", str(folder / "b"), "--format", "bundle")


def class_of(course: Course, students: int, folder: Path) -> Spent:
    """Grade a demo class of all kinds of students."""
    roster = write_class(course, students, folder)
    asked = ("grade", str(folder / "submitted"), "--roster", str(roster), "--out", str(folder / "results"))
    return timed(HERE, HERE, "autograder", *asked, "--jobs", "2")


def assignments(course: Course, style: str, folder: Path) -> dict[str, float]:
    """Return what a submission of each assignment costs one warm worker: processor time, its children's included."""
    write, number = STYLES[style]
    spent = {}
    for one in course.assignments:
        for name in one.exercises:
            place = folder / style.replace(" ", "_") / "student" / one.name
            place.mkdir(parents=True, exist_ok=True)
            suffix, text = write(load_exercise(HERE, name, hidden=True), number)
            (place / f"{name}{suffix}").write_text(text, encoding="utf-8")
    found = discover(folder / style.replace(" ", "_"), course).submissions
    with Grader(Settings(HERE)) as grader:
        for submission in found:
            grader.grade(submission)  # questions, servers and formulas
        for assignment in course.assignments:
            before = time.process_time()
            graded = [grader.grade(submission) for submission in found if submission.assignment == assignment.name]
            children = sum(done.stored.record.seconds for done in graded)
            spent[assignment.name] = time.process_time() - before + children
    return spent


def all_questions(course: Course) -> tuple[float, float]:
    """Return what questions cost, every call drawn and every right value computed: of one variant, and of one more."""
    folders = [load_exercise(HERE, name, hidden=True) for name in course.exercises]
    spent = []
    before: Sequence[Questions | None] = [None] * len(folders)
    for variant, like in ((0, before), (VARIANT, before), (VARIANT + 1, None)):
        # the first time imports what the references need, and the last has at hand what all variants share
        started = time.process_time()
        before = [
            make_questions(folder.exercise, folder.secrets, variant, like=other)
            for folder, other in zip(folders, like or before, strict=True)
        ]
        for asked in (asked for questions in before if questions for part in questions.parts for asked in part.every):
            list(asked.expected)
        spent.append(time.process_time() - started)
    return spent[1], spent[2]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--only", nargs="+", default=[""], metavar="WORD", help="rows whose names have one of these")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not keeps_byte_code():
        print("byte code cannot be kept here: every start compiles the package anew, and is slower than users' are")
    course = load_course(HERE)
    adopt()
    numpy = min(timed(HERE, HERE, "timeit", "-n1", "-r1", "import numpy").processor for _ in range(3))
    collect()
    figures: dict[str, dict[str, float]] = {}

    def show(name: str, processor: float, clock: float | None = None) -> None:
        figures[name] = {"processor": processor, "times_numpy": processor / numpy} | ({"clock": clock} if clock else {})
        by_clock = f"{clock:8.2f} s by the clock" if clock else ""
        print(
            f"  {name:<44} {processor:8.3f} s of processor time {processor / numpy:8.1f} numpy {by_clock}", flush=True
        )

    def wanted(name: str) -> bool:
        return any(word in name for word in options.only)

    show("import numpy", numpy)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if wanted("all_questions"):
            first, more = all_questions(course)
            show("questions of one variant, all exercises", first)
            show("questions of one more variant", more)
        for style in filter(wanted, STYLES):
            for name, seconds in (costs := assignments(course, style, folder)).items():
                show(f"{name}, {style}", seconds)
            show(f"all assignments, {style}", sum(costs.values()))
        for name, run in commands(course, options.students, folder):
            if wanted(name):
                spent = run()
                show(name, spent.processor, spent.clock)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
