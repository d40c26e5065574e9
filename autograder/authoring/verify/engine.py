"""Verification of one exercise: its own functions are graded as if students had written them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from autograder.authoring.leaks.exercise_files import problems_of
from autograder.authoring.leaks.withheld import withheld
from autograder.authoring.verify.displayed import displayed_formulas
from autograder.authoring.verify.drawn import figure_problems
from autograder.authoring.verify.draws import draw_problems
from autograder.authoring.verify.formulas import verify_formula
from autograder.authoring.verify.function_part import verify_function
from autograder.authoring.verify.handout import handout_problems
from autograder.authoring.verify.packages import package_problems
from autograder.authoring.verify.places import Problems, placed
from autograder.authoring.verify.promised import promised_problems
from autograder.authoring.verify.promises import exercise_problems
from autograder.authoring.verify.report import ExerciseResult, PartResult
from autograder.authoring.verify.subject import Subject
from autograder.authoring.verify.within import within
from autograder.course.exercises import ExerciseFolder
from autograder.declared import at_line
from autograder.judging.questions import PartQuestions, make_questions
from autograder.symbolic.limited import Decider
from autograder.text import read_text


def verify_exercise(
    folder: ExerciseFolder, *, strict: bool = True, tick: Callable[[str], None] = lambda text: None
) -> ExerciseResult:
    """Verify every promise of an exercise.

    Parameters
    ----------
    folder : ExerciseFolder
        Loaded with its hidden half.
    strict : bool
        Whether to run the reference under array-api-strict as well.
    tick : callable
        Called with a few words before each piece of work.

    Returns
    -------
    ExerciseResult

    Raises
    ------
    CourseError
        If the exercise is so wrong that it cannot be verified: files that cannot be read, an endless reference.
    """
    with within(folder.path) as again:

        def progress(text: str) -> None:
            again()
            tick(text)

        return _verify_exercise(folder, strict, progress)


def _verify_exercise(folder: ExerciseFolder, strict: bool, tick: Callable[[str], None]) -> ExerciseResult:
    exercise = folder.exercise
    tick("files, hints and the statement")
    _refuse_unreadable(folder)
    known = withheld(folder)
    problems = [*exercise_problems(folder), *package_problems(folder), *problems_of(folder, shown_files(folder), known)]
    tick("right values")
    questions = make_questions(exercise, folder.secrets)
    tick("the same calls in another process")
    problems += draw_problems(folder)
    problems += promised_problems(folder)
    statement = folder.path / "README.md"
    formulas = displayed_formulas(folder, read_text(statement) if statement.is_file() else "")
    problems += formulas.problems
    all_questions = {p.part.name: p for p in questions.parts}
    with Decider() as decider:
        subject = Subject(folder, questions, decider)
        results = tuple(_verify_parts(subject, all_questions, strict, tick))
    if statement.is_file() and folder.stub.is_file():
        tick("the handout where students are")
        problems += handout_problems(folder, subject.right)
        tick("the figure")
        problems += figure_problems(folder)
    whole = tuple(placed(folder.path, problem, "checks.py") for problem in problems)
    return ExerciseResult(
        folder.name, exercise.number, exercise.title, exercise.points, results, whole, exercise.given,
        held=formulas.held, unchecked=formulas.unchecked,
    )  # fmt: skip


def _refuse_unreadable(folder: ExerciseFolder) -> None:
    """Stop at a file that is not text, or a program that does not parse: everything else reads them."""
    read_text(folder.path / "grading.py")
    for name, text in shown_files(folder).items():
        if name.endswith(".py"):
            try:
                ast.parse(text, str(folder.path / name))
            except SyntaxError as error:
                raise at_line(error, folder.path / name) from error


def shown_files(folder: ExerciseFolder) -> dict[str, str]:
    """Return the files of an exercise that students get as text."""
    names = ("README.md", folder.stub.name, "checks.py", "figure.py")
    return {name: read_text(folder.path / name) for name in names if (folder.path / name).is_file()}


def _verify_parts(
    subject: Subject, all_questions: Mapping[str, PartQuestions], strict: bool, tick: Callable[[str], None]
) -> Iterator[PartResult]:
    folder = subject.folder
    for part in folder.exercise.parts:
        if part.kind == "manual":
            yield PartResult.unexamined(part)
            continue
        tick(part.name)
        questions, problems = all_questions[part.name], Problems(folder, part.name)
        if part.name in folder.secrets:
            yield verify_function(subject, questions, folder.secrets[part.name], strict, tick)
        elif part.name in folder.questions:
            stub = subject.grade_stub(questions).report
            hand = partial(subject.hand, questions)
            yield verify_formula(questions, folder.questions[part.name], hand, stub, problems)
        else:
            problems.add("grading.py has no entry for this part")
            yield replace(PartResult.unexamined(part), problems=problems.found)
