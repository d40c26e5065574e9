"""Check kinds, comparison and the short names that exercises are written in."""

from autograder.checks.compare import Mismatch, Within, is_number, mismatch, plain
from autograder.checks.compat import Secret as Secret
from autograder.checks.compat import err as err
from autograder.checks.compat import hand as hand
from autograder.checks.compat import matches as matches
from autograder.checks.compat import perf as perf
from autograder.checks.compat import standard as standard
from autograder.checks.held import Broken
from autograder.checks.kinds import (
    Compared,
    Example,
    MatchesReference,
    Raises,
    Unchanged,
    as_float32,
    as_list,
    as_strided,
    call,
)
from autograder.checks.laws import Contract, Property
from autograder.checks.registered import borderline, right, wrong
from autograder.checks.show import show, show_call
from autograder.checks.standard import (
    corner,
    data,
    example,
    fast_enough,
    fresh_draws,
    law,
    no_more_draws,
    raises,
    strata,
    usual_checks,
)
from autograder.exercise import Alternative, Borderline, Criterion, Exercise, Hidden, Misconception, Part
from autograder.model import (
    EXACT,
    Call,
    Check,
    DataFile,
    Generator,
    Limits,
    Observation,
    Probe,
    ReadOnly,
    Rng,
    Strided,
    Tolerance,
)

__all__ = [
    "EXACT",
    "Alternative",
    "Borderline",
    "Broken",
    "Call",
    "Check",
    "Compared",
    "Contract",
    "Criterion",
    "DataFile",
    "Example",
    "Exercise",
    "Generator",
    "Hidden",
    "Limits",
    "MatchesReference",
    "Misconception",
    "Mismatch",
    "Observation",
    "Part",
    "Probe",
    "Property",
    "Raises",
    "ReadOnly",
    "Rng",
    "Strided",
    "Tolerance",
    "Unchanged",
    "Within",
    "as_float32",
    "as_list",
    "as_strided",
    "borderline",
    "call",
    "corner",
    "data",
    "example",
    "fast_enough",
    "fresh_draws",
    "is_number",
    "law",
    "matches",
    "mismatch",
    "no_more_draws",
    "plain",
    "raises",
    "right",
    "show",
    "show_call",
    "strata",
    "usual_checks",
    "wrong",
]
