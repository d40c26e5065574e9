"""Proving that an exercise keeps its promises: right answers pass, misconceptions are caught and named."""

from autograder.authoring.verify.engine import verify_exercise
from autograder.authoring.verify.report import ExerciseResult, MisconceptionResult, PartResult, as_json, as_text

__all__ = ["ExerciseResult", "MisconceptionResult", "PartResult", "as_json", "as_text", "verify_exercise"]
