"""Symbolic answers: reading them without evaluating them, deciding them, and saying what is wrong.

``read`` reads, ``grade`` judges one answer, ``grade_chain`` a derivation line by line; ``publish`` and
``check_published`` serve students before grading, ``contradiction`` serves a question's author.
A :class:`Question` is data that an exercise writes; :mod:`autograder.symbolic.language.question` has a full example.
"""

from __future__ import annotations

from autograder.symbolic.deciding.decide import Witness
from autograder.symbolic.explaining.chain import ChainVerdict, Line, grade_chain
from autograder.symbolic.explaining.feedback import RecognisedMistake
from autograder.symbolic.explaining.grading import FormulaVerdict, contradiction, grade
from autograder.symbolic.explaining.publish import PublicVerdict, check_published, publish
from autograder.symbolic.language.question import MisconceptionForm, Question, RequiredForm, Symbol
from autograder.symbolic.language.reading import Reading, read
from autograder.symbolic.language.stated import Comparison, Derivation, Fact, Formula, Path
from autograder.symbolic.language.surface import Unreadable

__all__ = [
    "ChainVerdict",
    "Comparison",
    "Derivation",
    "Fact",
    "Formula",
    "FormulaVerdict",
    "Line",
    "MisconceptionForm",
    "Path",
    "PublicVerdict",
    "Question",
    "Reading",
    "RecognisedMistake",
    "RequiredForm",
    "Symbol",
    "Unreadable",
    "Witness",
    "check_published",
    "contradiction",
    "grade",
    "grade_chain",
    "publish",
    "read",
]
