"""An author's mistake is named with file and line, on load or by ``verify``: exit code 1 or 2, never 3."""
# ruff: noqa: E501  # a table: one mistake a row

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from autograder.authoring.verify import draws, engine, within
from autograder.authoring.verify.handout import handout_problems
from autograder.authoring.verify.packages import package_problems
from autograder.authoring.verify.pool import _verify
from autograder.authoring.verify.promises import exercise_problems
from autograder.course.exercises import load_exercise
from autograder.errors import CourseError
from autograder.judging.questions import make_questions
from autograder.model import Limits, Memory, Observation
from tests.conftest import ROOT, make_course

NAME = "first_mean"
STUB, CHECKS, GRADING = f"{NAME}.py", "checks.py", "grading.py"
LAW = 'return Broken("does not move with y_true") if mismatch(shifted, mean + 3.0, Tolerance(1e-9, 1e-12)) else None'
SHIFT = 'law("shift", "moves with a constant added to y_true", shift_inputs, shift_law)'
EXAMPLE = "example((([1, 2, 6],), 3.0), ((2.0,), 2.0))"
DRAW = "return (10 ** g.uniform(-6, 6) * g.normal(size=int(g.integers(1, 50))),)"

# mistake: (file, what is written, what is written by mistake, what is said)
ON_LOAD = {
    # groups, kinds, names
    "a typo in a group": (CHECKS, SHIFT, SHIFT[:-1] + ', group="valeu")', "did you mean 'value'?"),
    "a longer typo in a group": (CHECKS, SHIFT, SHIFT[:-1] + ', group="propertty")', "did you mean 'property'?"),
    "an unknown kind": (CHECKS, "points=4,", 'points=4, kind="symbolc",', "did you mean 'symbolic'?"),
    "a kind in another language": (CHECKS, "points=4,", 'points=4, kind="manuel",', "did you mean 'manual'?"),
    "checks of a manual part": (CHECKS, "points=4,", 'points=4, kind="manual",', "a manual part is not judged by checks"),
    "an unknown usual check": (GRADING, "usual_checks(draw,", 'usual_checks(draw, "randm",', "did you mean 'rand'?"),
    "an unknown mode of a tolerance": (GRADING, 'mode="max"', 'mode="maxx"', "did you mean 'max'?"),
    "a name that no function has": (CHECKS, 'Part(\n            "sample_mean"', 'Part(\n            "sample mean"', "name of a function"),
    "the name of another exercise": (CHECKS, f'"{NAME}"', '"frist_mean"', f"allowed: '{NAME}'"),
    # unknown and missing fields
    "a typo in a field": (CHECKS, "summary=", "sumary=", "did you mean 'summary'?"),
    "a typo in an argument": (CHECKS, SHIFT, SHIFT[:-1] + ', grup="value")', "did you mean 'group'?"),
    "a missing field": (CHECKS, "minutes=60,", "", "missing 1 required keyword-only argument: 'minutes'"),
    "a part without points": (CHECKS, "points=4,", "", "missing 1 required keyword-only argument: 'points'"),
    "an unknown word": (CHECKS, "raises(", "raise_error(", "NameError: name 'raise_error' is not defined"),
    "a word that cannot be imported": (CHECKS, "import Broken,", "import Brocken,", "cannot import name 'Brocken'"),
    # commas and tuples
    "a missing comma after the only check": (CHECKS, f"{EXAMPLE},\n                raises(([],)),\n                {SHIFT},", EXAMPLE, "a tuple of one needs a comma"),
    "a missing comma after the only alternative": (GRADING, "/ np.size(y)),),", "/ np.size(y))),", "a tuple of one needs a comma"),
    "a string for a tuple of hints": (CHECKS, "hints=(", 'hints="one" or (', "a tuple of one needs a comma"),
    "a case without its value": (CHECKS, EXAMPLE, "example((2.0,))", "write ((arguments), value)"),
    "a case without its tuple of arguments": (CHECKS, EXAMPLE, "example((2.0, 2.0))", "write ((arguments), value)"),
    "a case of four items": (CHECKS, EXAMPLE, "example(([1.0], [1.0], 0.5, 0.0))", "write ((arguments), value)"),
    "a case with an argument too many": (CHECKS, "((2.0,), 2.0)", "((2.0, 1.0), 2.0)", "gives 2 arguments; sample_mean(y_true)"),
    "a case with an argument too few": (CHECKS, "((2.0,), 2.0)", "((), 2.0)", "gives 0 arguments; sample_mean(y_true)"),
    "no case": (CHECKS, EXAMPLE, "example()", "has no case"),
    "a bad input without its tuple": (CHECKS, "raises(([],))", "raises([])", "write the tuple of arguments"),
    "a bad input with too many arguments": (CHECKS, "raises(([],))", "raises(([], 1))", "gives 2 arguments"),
    "no bad input": (CHECKS, "raises(([],))", "raises()", "has no bad input"),
    "an error that Python lacks": (CHECKS, "raises(([],))", 'raises(([],), error="ValeError")', "did you mean 'ValueError'?"),
    "a list for a tuple": (CHECKS, "parts=(", "parts=[][:] or [1] or (", "allowed: a tuple"),
    # numbers
    "points of zero": (CHECKS, "points=4", "points=0", "allowed: a number above 0"),
    "points that round to nothing": (CHECKS, "points=4", "points=0.001", "allowed: from 0.01"),
    "a title of two lines": (CHECKS, 'title="First mean"', 'title="First\\nmean"', "title: given 'First\\nmean'; allowed: a single line"),
    "a summary of two lines": (CHECKS, 'summary="', 'summary="a\\n', "allowed: a single line"),
    "a title of a misconception of two lines": (GRADING, '"the sum"', '"the\\nsum"', "title: given 'the\\nsum'; allowed: a single line"),
    "points as text": (CHECKS, "points=4", 'points="4"', "given '4'; allowed: a number"),
    "difficulty nine": (CHECKS, "difficulty=1", "difficulty=9", "allowed: 1 to 5"),
    "minutes as text": (CHECKS, "minutes=60", 'minutes="60"', "allowed: a whole number"),
    "a tolerance below zero": (GRADING, "Tolerance(1e-9, mode", "Tolerance(-1e-9, mode", "allowed: numbers from 0"),
    # twice
    "two checks of one name": (CHECKS, f"{SHIFT},", f"{SHIFT}, {SHIFT},", "two public checks are called 'shift'"),
    # functions
    "a law that is not a function": (CHECKS, "shift_inputs, shift_law)", "shift_inputs, 3)", "given 3; allowed: a function"),
    "a draw that is not a function": (GRADING, "usual_checks(draw,", 'usual_checks("draw",', "allowed: a function"),
    "a reference that was called": (GRADING, "reference=sample_mean", "reference=sample_mean([1])", "allowed: a function"),
    "an alternative that was called": (GRADING, "lambda y: np.sum(checked(y)) / np.size(y)", "3.0", "allowed: a function"),
    # the hidden half
    "a hidden half of no part": (GRADING, 'Hidden(\n    "sample_mean"', 'Hidden(\n    "sample_maen"', "no Hidden for the part 'sample_mean'; did you mean 'sample_maen'?"),
    "a misconception of no part": (GRADING, '@wrong("sample_mean"', '@wrong("sample_maen"', "did you mean 'sample_mean'?"),
    "a misconception without a hint": (GRADING, ', hint="What is the mean of a constant?")', ")", "missing 1 required keyword-only argument: 'hint'"),
    "one hidden half twice": (GRADING, "SAMPLE_MEAN = ", 'AGAIN = Hidden("sample_mean", reference=sample_mean)\nSAMPLE_MEAN = ', "is declared twice"),
    "something else for a function": (GRADING, "SAMPLE_MEAN = Hidden(", 'GRADING = {"sample_mean": 3}\nSAMPLE_MEAN = dict and (lambda *a, **k: None)(', "a function part has a Hidden, not int"),
    "a misconception without a title": (GRADING, '"divides by n-1"', '" "', "title: given an empty text"),
    "a misconception with an empty hint": (GRADING, 'hint="What is the mean of a constant?"', 'hint=""', "hint: given an empty text"),
    "a misconception that names no part": (GRADING, '@wrong("sample_mean", "the sum"', '@wrong("the sum"', "write @wrong("),
    "a misconception that is not called": (GRADING, '@wrong("sample_mean", "the median", hint="Does one entry that is far away move it?")', "@wrong", "TypeError"),
    "two misconceptions of one title": (GRADING, '"the sum"', '"the median"', "two misconceptions have the title 'the median'"),
    "a misconception in no list": (GRADING, "def draw(g):", 'HALF = wrong("halved", lambda y: 0.5, hint="Is it?")\n\n\ndef draw(g):', "HALF is declared, but no Hidden has it"),
    "an alternative in no list": (GRADING, "def draw(g):", 'HALF = right("halved", lambda y: 0.5)\n\n\ndef draw(g):', "HALF is declared, but no Hidden has it"),
    "a hidden check in no list": (GRADING, "def draw(g):", 'TINY = usual_checks(lambda g: (1.0,), "mut")[0]\n\n\ndef draw(g):', "TINY is declared, but no Hidden has it"),
    "a public check in no list": (CHECKS, "EXERCISE = ", "ONE = example(((1.0,), 1.0))\n\nEXERCISE = ", "ONE is declared, but EXERCISE does not have it"),
    "a part in no list": (CHECKS, "EXERCISE = ", 'OTHER = Part("other", points=1)\n\nEXERCISE = ', "OTHER is declared, but EXERCISE does not have it"),
    "no cases to draw": (GRADING, "usual_checks(draw,", "usual_checks(draw, cases=0,", "allowed: a whole number from 1"),
    "checks that are not unpacked": (GRADING, "checks=usual_checks(draw, tolerance", "checks=(usual_checks(draw), tolerance", "SyntaxError"),
    "two sets of checks that are not unpacked": (GRADING, "checks=usual_checks(", "checks=2 * (usual_checks(draw),) or usual_checks(", "allowed: a Check"),
    "a number for a tolerance": (GRADING, 'Tolerance(1e-9, mode="max")', "1e-9", "allowed: a Tolerance"),
    "text for a tolerance": (GRADING, "Tolerance(1e-9,", 'Tolerance("1e-9",', "rtol: given '1e-9'; allowed: a number"),
    "a string for what is given": (CHECKS, "minutes=60,", "minutes=60, given=('sum(y)'),", "a tuple of one needs a comma"),
    "an empty number": (CHECKS, 'number="E01"', 'number=""', "number: given an empty text"),
    "a library without its part": (GRADING, "def draw(g):", 'LIBRARY = {"sample_maen": {"np.mean(y)": np.mean}}\n\n\ndef draw(g):', "did you mean 'sample_mean'?"),
    "a library call that is not a function": (GRADING, "def draw(g):", 'LIBRARY = {"sample_mean": {"np.mean(y)": 3.0}}\n\n\ndef draw(g):', "allowed: functions by the text of the call"),
    "a probe that is not there": (CHECKS, EXAMPLE, 'example((([1, 2, 6],), 3.0), ((__import__("autograder.checks").checks.Probe("f"),), 2.0))', "no probe 'f'; checks.py defines no PROBES"),
    "probes in a list": (CHECKS, "EXERCISE = ", "PROBES = [abs]\n\nEXERCISE = ", "PROBES: allowed: a dictionary of functions by name"),
    "a file that ends the program": (CHECKS, "EXERCISE = ", "raise SystemExit\n\nEXERCISE = ", "SystemExit"),
    "a data file that is not there": (CHECKS, "EXERCISE = ", 'from pathlib import Path\nfrom autograder.checks import data\nD = data(Path(__file__).with_name("no.csv"))\nEXERCISE = ', "the data file no.csv cannot be read"),
    "a limit of nothing": (GRADING, "SAMPLE_MEAN = ", '__import__("autograder.checks").checks.fast_enough(draw, "large", cpu_seconds=0)\nSAMPLE_MEAN = ', "both must be above 0"),
    "a package that is not installed": (GRADING, "import numpy as np", "import numpy as np\nimport no_such_package", "No module named 'no_such_package'; install its package, and list it under packages in course.yml"),
    "a misspelt package": (GRADING, "import numpy as np", "import nunpy as np", "No module named 'nunpy'; did you mean 'numpy'?"),
    "a syntax error": (GRADING, "def draw(g):", "def draw(g:", "SyntaxError"),
    "no exercise": (CHECKS, "EXERCISE = ", "EXCERCISE = ", "must define EXERCISE"),
    # what looks like a word of the language
    "a dictionary of library calls under another name": (GRADING, "def draw(g):", 'LIBARY = {"sample_mean": {"np.mean(y)": np.mean}}\n\n\ndef draw(g):', "LIBARY: nothing reads it; did you mean 'LIBRARY'?"),
    "probes under another name": (CHECKS, "EXERCISE = ", 'PROBE = {"f": abs}\n\nEXERCISE = ', "PROBE: nothing reads it; did you mean 'PROBES'?"),
    "probes in the exercise": (CHECKS, "minutes=60,", "minutes=60, probes={'f': abs},", "write PROBES = {...} in checks.py"),
    "two alternatives of one title": (GRADING, "alternatives=(", 'alternatives=(right("sum over n", lambda y: np.mean(checked(y))), ', "two alternatives have the title 'sum over n'"),
    "a tolerance finer than floats": (GRADING, 'Tolerance(1e-9, mode="max")', "Tolerance(1e-17)", "given 1e-17, but two right ways may differ in the last digit; take EXACT"),
    "a public half that imports the hidden one": (CHECKS, "EXERCISE = ", "from grading import sample_mean\n\nEXERCISE = ", "an exercise's files do not import each other: students have no grading.py"),
    "given= in a list": (CHECKS, "minutes=60,", "minutes=60, given=['x'],", "given: given ['x']; allowed: a tuple"),
    "criteria that are numbers": (CHECKS, "points=4,", "points=4, criteria=(1,),", "criteria: item 1: given 1; allowed: a Criterion"),
    "a title with a hidden character": (CHECKS, 'title="First mean"', 'title="First\\u202emean"', "allowed: a single line"),
    "part and reference exchanged": (GRADING, '"sample_mean",\n    reference=sample_mean', 'sample_mean,\n    "sample_mean"', "Hidden: part: given"),
    "an assertion that fails": (CHECKS, "EXERCISE = ", "assert 1 == 2\n\nEXERCISE = ", "AssertionError"),
    "a byte of zero": (CHECKS, "EXERCISE = ", "# \0\nEXERCISE = ", "holds a byte of zero"),
    "tabs among blanks": (GRADING, "    if y.size == 0:", "\tif y.size == 0:", "TabError"),
    # values and markers
    "a tolerance without an end": (GRADING, "Tolerance(1e-9, mode", 'Tolerance(1e-9, float("inf"), mode', "allowed: an rtol below 1"),
    "a tolerance by which 0 is right": (GRADING, "Tolerance(1e-9, mode", "Tolerance(1.0, mode", "with 1 the value 0 is always right"),
    "a tolerance of nothing": (GRADING, 'Tolerance(1e-9, mode="max")', "Tolerance(0.0)", "may differ in the last digit; take EXACT"),
    "a function for a value": (CHECKS, EXAMPLE, "example((([1, 2, 6],), len))", "a function is given as Probe(name)"),
    "a set for an argument": (CHECKS, EXAMPLE, "example((({1, 2},), 1.5))", "case 1: argument: given {1, 2}; allowed: numbers"),
    "a set for bad input": (CHECKS, "raises(([],))", "raises((set(),))", "bad input 1: argument: given set()"),
    "an array of objects": (CHECKS, EXAMPLE, "example(((__import__('numpy').array([1.0, None]),), 1.5))", "argument: given an array of dtype object; allowed: arrays of numbers"),
    "an array of text": (CHECKS, EXAMPLE, "example(((__import__('numpy').array(['a']),), 1.5))", "argument: given an array of dtype <U1; allowed: arrays of numbers"),
    "a million cases": (GRADING, "usual_checks(draw,", "usual_checks(draw, cases=1_000_000,", "allowed: a whole number from 1 to 1000"),
    "a number for a list of bad input": (CHECKS, "raises(([],))", "raises(shapes=3)", "shapes: given 3; allowed: a list of tuples"),
    "a seed that is not a tuple": (CHECKS, EXAMPLE, 'example(((__import__("autograder.checks").checks.Generator(1),), 1.0))', "allowed: a tuple of whole numbers, (1,) for one"),
    "a list that is read only": (CHECKS, EXAMPLE, 'example(((__import__("autograder.checks").checks.ReadOnly([1.0]),), 1.0))', "ReadOnly: given [1.0]; allowed: an array"),
    "a number that is strided": (CHECKS, EXAMPLE, 'example(((__import__("autograder.checks").checks.Strided(1.0),), 1.0))', "Strided: given 1.0; allowed: an array"),
    "an interval of text": (CHECKS, EXAMPLE, 'example((([1.0],), __import__("autograder.checks").checks.Within("0", 2.0)))', "low: given '0'; allowed: a number"),
    "an interval the other way round": (CHECKS, EXAMPLE, 'example((([1.0],), __import__("autograder.checks").checks.Within(2.0, 0.0)))', "the smaller end first"),
    "the name of a data file for its path": (CHECKS, EXAMPLE, 'example(((__import__("autograder.checks").checks.data("a.csv"),), 1.0))', "write data(Path(__file__).with_name('a.csv'))"),
    "a usual check named twice": (GRADING, "usual_checks(draw,", 'usual_checks(draw, "rand", "rand",', "'rand' is named twice"),
    "a corner of no draws": (GRADING, "SAMPLE_MEAN = ", '__import__("autograder.checks").checks.corner("c", "t", draw, draws=0)\nSAMPLE_MEAN = ', "cases: given 0; allowed: a whole number from 1"),
    "a law with the name of a value check": (GRADING, "checks=usual_checks(draw, tolerance=Tolerance(1e-9, mode=\"max\")),", 'checks=(*usual_checks(draw), __import__("autograder.checks").checks.matches("rand", "t", draw)),', "a value check and another one are called 'rand'"),
    "a class for a misconception": (GRADING, "def total(y_true):\n    return float(checked(y_true).sum())", "class Total:\n    pass", "above a function"),
    "points that are not a number": (CHECKS, "points=4", 'points=float("nan")', "points: given nan; allowed: a number"),
    "points without an end": (CHECKS, "points=4", 'points=float("inf")', "points: given inf; allowed: a number above 0"),
    "points of True": (CHECKS, "points=4", "points=True", "points: given True; allowed: a number"),
    "a number for the number": (CHECKS, 'number="E01"', "number=1", "number: given 1; allowed: a string"),
    "minutes below zero": (CHECKS, "minutes=60", "minutes=-5", "minutes: given -5; allowed: a number above 0"),
    "half a difficulty": (CHECKS, "difficulty=1", "difficulty=1.5", "given 1.5; allowed: a whole number"),
    "a keyword of Python for a part": (CHECKS, 'Part(\n            "sample_mean"', 'Part(\n            "lambda"', "allowed: the name of a function"),
    "a number for a hint": (CHECKS, "hints=(", "hints=(3,) or (", "hints: item 1: given 3; allowed: a string"),
    "a list for a case": (CHECKS, EXAMPLE, "example([([1, 2, 6],), 3.0])", "write ((arguments), value)"),
    "a tolerance that is a number, of a case": (CHECKS, "((2.0,), 2.0))", "((2.0,), 2.0), tolerance=1e-9)", "allowed: a Tolerance"),
    "a typo in an argument of bad input": (CHECKS, "raises(([],))", "raises(undefinde=[([],)])", "did you mean 'undefined'?"),
    "names of usual checks in a tuple": (GRADING, "usual_checks(draw,", 'usual_checks(draw, ("rand", "mut"),', "known: rand, mut, list, f32, strided"),
    "text for the number of cases": (GRADING, "usual_checks(draw,", 'usual_checks(draw, cases="12",', "cases: given '12'; allowed: a whole number"),
    "a misconception with a number for a hint": (GRADING, 'hint="What is the mean of a constant?"', "hint=3", "hint: given 3; allowed: a string"),
}  # fmt: skip

ON_VERIFY = {
    # the statement as a text; what is quick to say
    "code that does not end": ("README.md", "## sample_mean", "```python\nx = 1\n\n## sample_mean", "README.md:11: the code that begins here does not end: close it by a line of ```"),
    "a formula that does not end": ("README.md", "## sample_mean", "The loss $x^2 is good.\n\n## sample_mean", "README.md:11: a formula in the paragraph that begins here does not end"),
    "a section without a question": ("README.md", "The mean of all entries. The argument stays unchanged.\n\n[contract](first_mean.py)\n", "", "the section 'sample_mean' says nothing; write what is asked"),
    "a misspelt contract": ("README.md", "[contract]", "[contrat]", "'contrat' is not a contract: write [contract](first_mean.py)"),
    "a contract in a file that is not there": ("README.md", "[contract](first_mean.py)", "[contract](frist_mean.py)", "the contract is in first_mean.py"),
    "a misspelt function in the statement": ("README.md", "The mean of all entries.", "`sampel_mean(y_true)` is the mean of all entries.", "names sampel_mean, which is not a part; did you mean 'sample_mean'?"),
    "a misspelt section": ("README.md", "## sample_mean", "## sampel_mean", "the section 'sampel_mean' names no part; did you mean 'sample_mean'?"),
    "an error in the statement that nothing tries": ("README.md", "stays unchanged.", "stays unchanged. Raises `TypeError` for text.", "says that it raises TypeError, but no check tries it: add raises(..., error='TypeError')"),
    "an error in the contract that nothing tries": (CHECKS, "raises(([],))", "raises(([],), error='Exception')", "first_mean.py:24: sample_mean: says that it raises ValueError, but no check tries it"),
    "other points in the statement": ("README.md", "4 points", "5 points", "says 5 points for sample_mean, but it has 4"),
    "an argument without a description": (STUB, "    y_true : array_like, any shape, not empty\n", "", "describes (), but the arguments are (y_true)"),
    "a description of another argument": (STUB, "    y_true : array_like", "    y_pred : array_like", "describes (y_pred), but the arguments are (y_true)"),
    "a stub of a coroutine": (STUB, "def sample_mean(y_true):", "async def sample_mean(y_true):", "first_mean.py:1: has no function sample_mean; add the stub"),
    "a stub that returns": (STUB, "    raise NotImplementedError", "    return 0.0", "must end with `raise NotImplementedError`"),
    "an empty hint": (CHECKS, '"What does the public case with three entries average?"', '" "', "hint 1 is empty"),
    "a hint twice": (CHECKS, '"Convert to float64 first; how many entries has a 2-D array?"', '"What does the public case with three entries average?"', "two hints are the same"),
    "six hints": (CHECKS, "hints=(", 'hints=("a?", "b?", "c?", ', "6 hints; one to five are needed"),
    "a case twice": (CHECKS, "((2.0,), 2.0)", "((2.0,), 2.0), ((2.0,), 2.0)", "the check 'hand' has two cases of the same arguments; keep one"),
    "given= that matches nothing": (CHECKS, "minutes=60,", "minutes=60, given=('no such text anywhere',),", "which nothing hidden matches: remove it"),
    "about= that the statement does not say": (CHECKS, "points=4,", "points=4, about='no such words',", "it is about 'no such words', which its first sentence does not say"),
    "a figure of a function that is not there": ("figure.py", 'functions.get("sample_mean"', 'functions.get("sampel_mean"', "asks for the function 'sampel_mean', which is not a part; did you mean 'sample_mean'?"),
    "a figure that prints": ("figure.py", "return drawn", "print('drawn')\n    return drawn", "prints 'drawn' while it runs"),
    "a reference that prints": (GRADING, "return float(checked(y_true).mean())", "print('mean')\n    return float(checked(y_true).mean())", "prints 'mean' while it runs; take it out, for `verify --json` is read"),
    "a reference that sorts a list": (GRADING, "return float(checked(y_true).mean())", "y_true.sort() if isinstance(y_true, list) else None\n    return float(checked(y_true).mean())", "the reference changes its arguments in sample_mean("),
    "one misconception twice": (GRADING, "return float(np.median(checked(y_true)))", "return float(checked(y_true).sum())", "are the same code; keep one"),
    "a generator for an argument": (GRADING, DRAW, "return (g,)", "an argument cannot be passed to a submission"),
    "a draw that yields": (GRADING, DRAW, "yield (g.normal(size=3),)", "it gives a tuple of arguments, (x,) for a single one"),
    "a reference that ends the program": (GRADING, "return float(checked(y_true).mean())", "raise SystemExit", "the reference of sample_mean raises SystemExit"),
    "a draw that ends the program": (GRADING, DRAW, "raise SystemExit", "they cannot be drawn: SystemExit"),
    "a law that ends the program": (CHECKS, LAW, "raise SystemExit", "breaks the law 'shift': SystemExit"),
    "a misconception without its return": (GRADING, "return float(checked(y_true).sum())", "float(checked(y_true).sum())", "returns None in sample_mean([1, 2, 6]): is a return missing?"),
    "a misconception that is right": (GRADING, "return float(checked(y_true).sum())", "return sample_mean(y_true)", "1b (the sum) passes every check"),
    "a hint that is the reference": (CHECKS, '"What does the public case with three entries average?"', '"Write return float(checked(y_true).mean()) and be done."', "holds code of sample_mean in"),
    "a figure that opens a window": ("figure.py", "return drawn", "plt.show()\n    return drawn", "plt.show() opens a window"),
    "a law that never fails": (CHECKS, LAW, "return None", "passes whatever is returned; let it fail"),
    "a tolerance of every value": (GRADING, "Tolerance(1e-9, mode=\"max\")", "Tolerance(1e-9, 1e9)", "passes whatever is returned; let it fail"),
    "draws of the global generator": (GRADING, DRAW, "return (np.random.normal(size=5),)", "its calls differ when they are built again"),
    "draws that remember": (GRADING, DRAW, "draw.seen = getattr(draw, 'seen', 0) + 1\n    return (g.normal(size=3) + draw.seen,)", "its calls differ when they are built again"),
    "a reference of NaN": (GRADING, "return float(checked(y_true).mean())", "return float('nan') * float(checked(y_true).mean())", "the reference gets 0 of 4"),
    "a reference without its return": (GRADING, "return float(checked(y_true).mean())", "float(checked(y_true).mean())", "returns None, expected a number"),
    "a reference that changes its argument": (GRADING, "return float(checked(y_true).mean())", "y_true = np.asarray(y_true)\n    y_true[...] = 0\n    return 0.0", "the reference gets 0 of 4"),
    "a reference without a bottom": (GRADING, "return float(checked(y_true).mean())", "return sample_mean(y_true)", "raises RecursionError"),
    "a name error in a law": (CHECKS, LAW, "return brokn(got)", "NameError: name 'brokn' is not defined"),
    "a law that returns False": (CHECKS, LAW, "return False", "returned False; it returns None where it holds"),
    "a law that fails for some values only": (CHECKS, LAW, "return None if got[0] + 3 == got[1] else 1 / 0", "ZeroDivisionError"),
    "inputs of a law that are not tuples": (CHECKS, "return [(y,), (y + 3.0,)]", "return [y, y + 3.0]", "a tuple of arguments"),
    "inputs of a law that fail": (CHECKS, "return [(y,), (y + 3.0,)]", "return [(y,), (z,)]", "NameError: name 'z' is not defined"),
    "no inputs of a law": (CHECKS, "return [(y,), (y + 3.0,)]", "return []", "they give a list of tuples"),
    "a draw without its comma": (GRADING, "1, 50))),)", "1, 50))))", "a tuple of arguments, (x,) for a single one"),
    "a draw that fails": (GRADING, DRAW, "return (g.nomral(),)", "has no attribute 'nomral'"),
    "a draw that the reference refuses": (GRADING, DRAW, "return ([],)", "draw inputs that the part allows"),
    "a criterion that fails": (GRADING, "usual_checks(draw,", "usual_checks(draw, also_right=lambda a, g, w: 1 / 0,", "ZeroDivisionError"),
    "a law that takes two arguments": (CHECKS, "def shift_law(args, got, want):", "def shift_law(args, got):", "takes 2 positional arguments but 3 were given"),
    "a law that needs the reference and does not say so": (CHECKS, LAW, "return None if mean == want[0] + 0 else Broken('is another')", "TypeError"),
    "a law that returns the class": (CHECKS, LAW, "return Broken", "it returns None where it holds"),
    "a law that says nothing": (CHECKS, LAW, "return None if got[0] == 3 else Broken('')", "message: given an empty text"),
    "inputs that take no generator": (CHECKS, "def shift_inputs(rng):", "def shift_inputs():", "takes 0 positional arguments but 1 was given"),
    "a criterion that returns True": (GRADING, "usual_checks(draw,", "usual_checks(draw, also_right=lambda a, g, w: True,", "returned True; it returns None where it holds"),
    "a draw with an argument too many": (GRADING, "1, 50))),)", "1, 50))), 1.0)", "takes 1 positional argument but 2 were given"),
    "an input that the reference does not refuse": (CHECKS, "raises(([],))", "raises(([],), ([1.0],))", "the reference gets"),
    "an endless reference": (GRADING, "return float(checked(y_true).mean())", "while True:\n        pass", "sample_mean does not end"),
    "an endless draw": (GRADING, DRAW, "while True:\n        pass", "draw does not end"),
    "an endless law": (CHECKS, LAW, "while True:\n        pass", "shift_law does not end"),
    "an endless misconception": (GRADING, "return float(np.median(checked(y_true)))", "while True:\n        pass", "middle does not end"),
    "an endless file": (CHECKS, "EXERCISE = ", "while True:\n    pass\nEXERCISE = ", "does not end"),
    "an endless figure": ("figure.py", "return drawn", "while True:\n        pass", "figure does not end"),
    "a figure that is not returned": ("figure.py", "return drawn", "", "figure returns NoneType; it returns the figure drawn"),
    "no function in the figure": ("figure.py", "def figure(", "def fig(", "defines no function figure(functions, plt)"),
    "a misconception with another signature": (GRADING, "def total(y_true):", "def total(y_true, n):", "the sum) raises TypeError"),
    "a reference that returns a set": (GRADING, "return float(checked(y_true).mean())", "return {float(checked(y_true).mean())}", "returns a value of type set"),
    "the same input every time": (GRADING, DRAW, "return (np.arange(5.0),)", "all 12 cases of 'rand' are the same"),
    "a figure that takes one argument": ("figure.py", "def figure(functions, plt)", "def figure(functions)", "figure takes two arguments"),
    "a likely call that cannot be made": (GRADING, "def draw(g):", 'LIBRARY = {"sample_mean": {"np.mean(y)": lambda y: np.maen(y)}}\n\n\ndef draw(g):', "the likely call 'np.mean(y)' returns nothing"),
    "a picture that is not there": ("README.md", "## sample_mean", "![A picture](no.png)\n\n## sample_mean", "links to no.png, which is not there"),
    "another section of the same name": ("README.md", "## sample_mean", "## sample_mean\n\nOnce.\n\n## sample_mean", "there are two sections 'sample_mean'"),
    "other minutes in the statement": (CHECKS, "minutes=60", "minutes=30", "says 60 minutes, but checks.py says 30"),
    "another difficulty in the statement": (CHECKS, "difficulty=1", "difficulty=2", "says difficulty 1, but checks.py says 2"),
    "a stub that is there twice": (STUB, "import numpy as np", "import numpy as np\n\n\ndef sample_mean(y_true):\n    \"\"\"Once.\"\"\"\n    raise NotImplementedError", "sample_mean is defined a second time; keep one"),
    "a syntax error in the stub": (STUB, "def sample_mean(y_true):", "def sample_mean(y_true:", "SyntaxError"),
    "a draw of objects": (GRADING, DRAW, "return (np.array([None]),)", "the check 'rand' of sample_mean: an argument cannot be passed to a submission"),
    "a law that changes its arguments": (CHECKS, LAW, "args[0][0][:] = 0\n    return None if got[0] + 3 - got[1] < 1e-9 else Broken('is another')", "the check 'shift' changes its arguments while it judges"),
    "a dictionary for a number": (CHECKS, "((2.0,), 2.0)", "((2.0,), {'mean': 2.0})", "returns a number, expected a dict of 1"),
    "a promise about calls of no function": ("README.md", "The argument stays unchanged.", "`f` is called exactly once.", "says 'called exactly', but no check gives a function to call"),
    "a borderline answer that fails": (GRADING, "def draw(g):", '@__import__("autograder.checks").checks.borderline("sample_mean", "in single")\ndef single(y):\n    return np.flaot32(sum(checked(y)))\n\n\ndef draw(g):', "the borderline answer 'in single' raises AttributeError"),
    "a misconception that ends the process": (GRADING, "return float(np.median(checked(y_true)))", "__import__('os')._exit(3)", "the median) raises SystemExit: os._exit ends the process"),
    "a reference that ends the process": (GRADING, "return float(checked(y_true).mean())", "__import__('os')._exit(3)", "raises SystemExit on a call of the check 'rand': os._exit ends the process"),
    "a draw that ends the process": (GRADING, DRAW, "__import__('os').abort()", "they cannot be drawn: SystemExit: os.abort ends the process"),
    "a law that ends the process": (CHECKS, LAW, "__import__('os')._exit(3)", "breaks the law 'shift': SystemExit: os._exit ends the process"),
    "a file that ends the process": (CHECKS, "EXERCISE = ", "__import__('os')._exit(3)\nEXERCISE = ", "SystemExit: os._exit ends the process"),
    "a figure that ends the process": ("figure.py", "return drawn", "__import__('os')._exit(3)", "os._exit ends the process"),
    "a draw that kills the process": (GRADING, DRAW, "__import__('os').kill(__import__('os').getpid(), 9)", "PermissionError: calls os.kill; an exercise ends no process"),
    "a law that becomes another program": (CHECKS, LAW, "__import__('os').execv('/bin/true', ['true'])", "PermissionError: calls os.exec; an exercise ends no process"),
    "points that are drawn": (CHECKS, "points=4", "points=__import__('random').SystemRandom().uniform(1.0, 9.0)", "sample_mean: points differs from process to process; write a fixed value"),
    "a hint that is drawn": (CHECKS, "hints=(", "hints=(__import__('random').SystemRandom().random().hex(), ", "sample_mean: hints differs from process to process; write a fixed value"),
    "a hidden half that prints": (GRADING, "def draw(g):", "print('here')\n\n\ndef draw(g):", "prints 'here' while it is loaded"),
    "a package that the course does not list": (GRADING, "def draw(g):", "def draw(g):\n    import pytest", "imports pytest, which a machine that grades need not have: list pytest under packages in course.yml"),
    "a package under another name": (GRADING, "def draw(g):", "def draw(g):\n    if g is None:\n        import sklearn.linear_model", "list scikit-learn under packages in course.yml"),
    "a package that is not installed, imported late": (GRADING, "def draw(g):", "def draw(g):\n    if g is None:\n        from no_such_package import one", "under packages in course.yml, and pip install no_such_package"),
    "a sleeping reference": (GRADING, "return float(checked(y_true).mean())", "__import__('time').sleep(9999)", "sample_mean waits"),
    "a sleeping draw": (GRADING, DRAW, "__import__('time').sleep(9999)", "draw waits"),
    "a sleeping law": (CHECKS, LAW, "__import__('time').sleep(9999)", "shift_law waits"),
    "a sleeping misconception": (GRADING, "return float(np.median(checked(y_true)))", "__import__('time').sleep(9999)", "middle waits"),
    "a sleeping answer to some inputs": (GRADING, "return float(np.median(checked(y_true)))", "return float(np.median(checked(y_true))) if np.asarray(y_true).dtype != np.float32 else __import__('time').sleep(9999)", "the median) raises Endless"),
    "a sleeping figure": ("figure.py", "return drawn", "__import__('time').sleep(9999)", "figure waits"),
    "a sleeping file": (CHECKS, "EXERCISE = ", "__import__('time').sleep(9999)\nEXERCISE = ", "waits"),
    "a file that writes a file": (CHECKS, "EXERCISE = ", "open('left.txt', 'w').close()\nEXERCISE = ", "PermissionError: writes left.txt"),
    "a reference that writes a file": (GRADING, "return float(checked(y_true).mean())", "np.savetxt('left.txt', [1.0])\n    return float(checked(y_true).mean())", "raises PermissionError on a call of the check 'rand': writes left.txt"),
    "a law that removes a file": (CHECKS, LAW, "__import__('os').remove('left.txt')", "PermissionError: os.remove left.txt"),
    "a figure that writes a file": ("figure.py", "return drawn", "drawn.savefig('left.png')\n    return drawn", "PermissionError: writes left.png"),
    "a print left in the stub": (STUB, "    raise NotImplementedError", "    print(y_true)\n    raise NotImplementedError", "calls print()"),
    "a stub that does something": (STUB, "import numpy as np", "import numpy as np\n\nnp.seterr(all='raise')", "runs when the stub is loaded"),
    "a statement without a title": ("README.md", "# First mean\n", "\n", "begins without a title; write `# First mean`"),
    "a statement with another title": ("README.md", "# First mean", "# Second mean", "the title is 'Second mean', in checks.py 'First mean'"),
    "an atol larger than the values": (GRADING, 'Tolerance(1e-9, mode="max")', "Tolerance(1e-9, 1e5)", "its atol of 100000 is larger than the right values"),
    "a reference that changes its answer after hundreds of calls": (GRADING, "return float(checked(y_true).mean())", "sample_mean.calls = getattr(sample_mean, 'calls', 0) + 1\n    return float(checked(y_true).mean()) + (sample_mean.calls > 300)", "let it remember nothing between calls"),
    "an explanation of a mutant without a reason": (GRADING, "return float(checked(y_true).mean())", "return float(checked(y_true).mean())  # equivalent:", "`# equivalent:` without a reason"),
    "an explanation of a mutant that is misspelt": (GRADING, "return float(checked(y_true).mean())", "return float(checked(y_true).mean())  # equivalant: it is so", "did you mean `# equivalent: it is so`?"),
    "a worked call with another result": ("README.md", "The mean of all entries.", "The mean of all entries.\n\n```python\n>>> sample_mean([1.0, 2.0])\n1.75\n```\n", "the worked call sample_mean([1.0, 2.0]) gives 1.5, not 1.75"),
    "a worked call that is refused": ("README.md", "The mean of all entries.", "The mean of all entries.\n\n```python\n>>> sample_mean([])\n1.75\n```\n", "the worked call sample_mean([]) raises ValueError"),
    "a worked call in the stub with another result": (STUB, "    y_true : array_like, any shape, not empty\n", "    y_true : array_like, any shape, not empty\n\n    Examples\n    --------\n    >>> sample_mean([1.0, 2.0])\n    1.75\n", "the worked call sample_mean([1.0, 2.0]) gives 1.5, not 1.75"),
    "a formula of the function that an exact case contradicts": ("README.md", "The mean of all entries.", "`sample_mean(y_true) = sum(y_true) / (size(y_true) - 1)`, the mean of all entries.", "where the case says 3"),
    "a misspelt function in a hint": (CHECKS, '"What does the public case with three entries average?"', '"Call sampel_mean on three entries."', "names sampel_mean, which is not a part; did you mean 'sample_mean'?"),
    "a misspelt function in a worked call": ("README.md", "The mean of all entries.", "The mean of all entries.\n\n```python\n>>> sampel_mean([1.0])\n1.0\n```\n", "names sampel_mean, which is not a part"),
    "arguments that the function lacks": ("README.md", "The mean of all entries.", "`sample_mean(y_true, weights)` is the mean.", "but its arguments are (y_true): make them agree"),
    "a link to a place on the author's machine": ("README.md", "The mean of all entries.", "The mean of all entries, see [this](/my/notes.md).", "links to /my/notes.md, a place on one machine"),
    "a picture with a backslash": ("README.md", "The mean of all entries.", "The mean of all entries. ![x](pictures\\a.png)", "a place on one machine"),
    "a brace without its other end": ("README.md", "\\frac1n", "\\frac{1n", "a brace or \\left has no other end"),
    "a note to oneself in the statement": ("README.md", "The mean of all entries.", "TODO: say what is asked.", "TODO is left in what students read"),
    "a note to oneself in a hint": (GRADING, 'hint="What is the mean of a constant?"', 'hint="FIXME"', "FIXME is left in what students read"),
    "a tolerance of half the value": (GRADING, "Tolerance(1e-9, mode", "Tolerance(0.5, mode", "takes values for right that are 50% off"),
    "a file that starts a program": (CHECKS, "EXERCISE = ", "__import__('os').system('true')\nEXERCISE = ", "PermissionError: calls os.system"),
    "a number used by another exercise": (CHECKS, 'number="E01"', 'number="E02"', "second_mean has this number"),
    # what nothing compared
    "a displayed formula that is not the function": ("README.md", "The mean of all entries.", "The mean of all entries.\n\n$$\\mathrm{sample\\_mean}(y)=\\frac1{n-1}\\sum_{i=1}^n y_i$$", "gives 4.5 where sample_mean(np.array([1.0, 2.0, 6.0])) is 3: make them agree"),
    "a formula in the line with the wrong sign": ("README.md", "The mean of all entries.", "It is $\\operatorname{sample\\_mean}(y)=-\\frac1n\\sum_i y_i$.", "gives -3 where sample_mean("),
    "a type that the reference does not return": (STUB, "    float\n", "    int\n", "the contract says `int`, but the reference returns 3.0, of type float"),
    "an array where a number is returned": (STUB, "    float\n", "    ndarray, shape (n,), float64\n", "the contract says `ndarray, shape (n,), float64`, but the reference returns 3.0"),
    "an annotation of another type": (STUB, "def sample_mean(y_true):", "def sample_mean(y_true: str):", "y_true is annotated str, but a case gives [1, 2, 6]"),
    "an annotation of another result": (STUB, "def sample_mean(y_true):", "def sample_mean(y_true) -> str:", "annotated to return str, but the reference returns 3.0"),
    "a reference that warns": (GRADING, "return float(checked(y_true).mean())", "__import__('warnings').warn('careful')\n    return float(checked(y_true).mean())", "the reference warns in sample_mean([1, 2, 6]): UserWarning: careful"),
    "HTML in the statement": ("README.md", "The mean of all entries.", "The <b>mean</b> of all entries.", "<b> is HTML, which not every page renders"),
    "a comment in the statement": ("README.md", "The mean of all entries.", "The mean of all entries. <!-- sum / n -->", "is a comment, which students may read"),
    "a link without a target": ("README.md", "The mean of all entries.", "The mean of all entries, see [this]( ).", "is a link without words or without a target"),
    "a link that no browser opens": ("README.md", "The mean of all entries.", "The mean of all entries, see [this](htp://a.org).", "htp://a.org is not an address that a browser opens"),
    "a picture without words": ("README.md", "The mean of all entries.", "The mean of all entries. ![](https://a.org/b.png)", "has no words for students who do not see it"),
    "a hint twice, in other capitals": (CHECKS, '"Convert to float64 first; how many entries has a 2-D array?"', '"what does the public case with three entries average"', "two hints are the same"),
}  # fmt: skip


@pytest.fixture
def exercise(tmp_path):
    return make_course(tmp_path / "course") / "exercises" / NAME


def change(exercise, file, before, after):
    text = (exercise / file).read_text(encoding="utf-8")
    assert before in text
    (exercise / file).write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize("mistake", ON_LOAD)
def test_a_mistake_is_named_on_load_with_file_and_line(exercise, mistake):
    file, before, after, said = ON_LOAD[mistake]
    change(exercise, file, before, after)
    with pytest.raises(CourseError) as error:
        load_exercise(exercise.parents[1], NAME, hidden=True)
    assert said in str(error.value).replace("Did you mean", "did you mean")  # so Python 3.13 says itself
    line = "" if mistake == "no exercise" else r":\d+"
    assert re.match(rf"{re.escape(str(exercise))}/(checks|grading)\.py{line}: ", str(error.value)), str(error.value)


SYMBOLIC = {
    "an unknown symbol in the truth": ('truth="where(r > 0, tau, tau - 1)"', 'truth="where(r > 0, tua, tau - 1)"', "tua is not a symbol of this question"),
    "a bracket too few in the truth": ('truth="where(r > 0, tau, tau - 1)"', 'truth="where(r > 0, tau, tau - 1"', "sym_slope"),
    "an unknown symbol in the loss": ('loss="where(r > 0, tau*r, (tau - 1)*r)"', 'loss="where(r > 0, tau*q, (tau - 1)*r)"', "q is not a symbol of this question"),
    "a misconception that cannot be read": ('"sign(r)"', '"signum(r) r"', "misconception 2b (the slope of the absolute value): 'signum(r) r'"),
    "a domain of one number": ("domain=(0.1, 0.9)", "domain=0.5", "symbol tau: domain: given 0.5; allowed: (low, high)"),
    "a domain the other way round": ("domain=(0.1, 0.9)", "domain=(0.9, 0.1)", "symbol tau: the range (0.9, 0.1) is empty"),
    "a symbol twice": ('Symbol("r", domain=(-3, 3)),', 'Symbol("r"), Symbol("r"),', "r is declared twice"),
    "a question of no part": ('id="sym_slope"', 'id="sym_sloep"', "did you mean 'sym_slope'?"),
    "a question as a reference": ("LIBRARY = {", 'SLOPE = Hidden("sym_slope", Question("s", "r", (Symbol("r"),)))\n\nLIBRARY = {', "a symbolic part has no Hidden: write SYM_SLOPE = Question(id='sym_slope', ...) by itself"),
    "a typo in a field of a question": ('wrt="r"', 'wtr="r"', "did you mean 'wrt'?"),
}  # fmt: skip


@pytest.mark.core_sample(3)
@pytest.mark.parametrize("mistake", SYMBOLIC)
def test_a_mistake_in_a_question_is_named_on_load_with_file_and_line(tmp_path, mistake):
    course = copytree(Path(__file__).with_name("second_course"), tmp_path / "course")
    before, after, said = SYMBOLIC[mistake]
    change(course / "exercises" / "quantile_loss", GRADING, before, after)
    with pytest.raises(CourseError) as error:
        load_exercise(course, "quantile_loss", hidden=True)
    assert said in str(error.value).replace("Did you mean", "did you mean")  # so Python 3.13 says itself
    assert re.match(rf"{re.escape(str(course))}/exercises/quantile_loss/grading\.py:\d+: ", str(error.value))


@pytest.mark.integration  # tries two handouts
def test_a_package_that_the_course_lists_is_handed_out_and_may_be_imported(exercise):
    change(exercise, GRADING, "def draw(g):", "def draw(g):\n    import libcst")
    change(exercise, STUB, "import numpy as np", "import libcst\nimport numpy as np\nimport scipy.linalg")
    root = exercise.parents[1]
    known = load_exercise(root, NAME, hidden=True)
    assert len(list(package_problems(known))) == 1
    assert any(
        f"{STUB}:8: imports libcst, which students do not have: list its package" in one
        for one in handout_problems(known, {})
    )
    with (root / "course.yml").open("a", encoding="utf-8") as file:
        file.write("packages: [libcst]\n")
    assert list(package_problems(known)) == []
    assert list(handout_problems(known, {})) == []


def test_a_package_that_an_exercise_tries_and_does_without_need_not_be_listed(exercise):
    tried = "try:\n    import no_such_package\nexcept ImportError:\n    no_such_package = None\n\n\ndef draw(g):"
    change(exercise, GRADING, "def draw(g):", tried)
    assert list(package_problems(load_exercise(exercise.parents[1], NAME, hidden=True))) == []


def test_a_function_for_a_part_that_is_marked_by_hand_is_named_with_where_the_answer_goes(exercise):
    change(exercise, CHECKS, "    parts=(", '    parts=(\n        Part("why", points=1, kind="manual"),')
    change(
        exercise,
        STUB,
        "def sample_mean",
        'def why():\n    """Say why."""\n    raise NotImplementedError\n\n\ndef sample_mean',
    )
    found = list(exercise_problems(load_exercise(exercise.parents[1], NAME, hidden=True)))
    said = f"why is marked by hand: its answer is text, in {NAME}.md or the notebook; remove the function"
    assert any(re.fullmatch(rf"{NAME}\.py:\d+: {re.escape(said)}", one) for one in found), found


def verify(exercise, *more):
    return subprocess.run(
        [sys.executable, "-m", "autograder", "verify", NAME, *more],
        cwd=exercise,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def patience(monkeypatch, seconds=within.SECONDS, idle=within.IDLE):
    for function in (within.within, within.within.__wrapped__):
        monkeypatch.setattr(function, "__defaults__", (seconds, idle))


PLACE = re.compile(r"((checks|grading|figure|first_mean)\.py|README\.md):\d+: ")


@pytest.mark.core_sample(3)
@pytest.mark.parametrize("mistake", ON_VERIFY)
def test_a_mistake_is_named_by_verify_with_file_and_line(exercise, mistake, monkeypatch):
    file, before, after, said = ON_VERIFY[mistake]
    change(exercise, file, before, after)
    # in this process, without the handout and with less patience
    monkeypatch.setattr(engine, "handout_problems", lambda folder, right: ())
    again = load_exercise(exercise.parents[1], NAME, hidden=True) if "drawn" in mistake else None
    monkeypatch.setattr(draws, "_elsewhere", lambda folder: draws.digests(again or folder))
    if "endless" in mistake:
        patience(monkeypatch, seconds=2.0)
    if "sleeping" in mistake:  # with all processor time: on a slow machine the code before it takes some too
        patience(monkeypatch, idle=1.0)
    result = _verify(exercise.parents[1], NAME, strict=False, loud=False)
    problems = [re.sub(r"\s+", " ", problem) for problem in result.all_problems]
    assert any(said in problem for problem in problems), problems
    assert [problem for problem in problems if not PLACE.match(problem)] == []


@pytest.mark.core_sample(1)
@pytest.mark.parametrize(
    ("mistake", "code"),
    [("a draw that fails", 2), ("a law that returns False", 1), ("a number used by another exercise", 1)],
)
def test_a_mistake_named_by_verify_is_a_promise_that_does_not_hold_or_wrong_use(exercise, mistake, code):
    file, before, after, said = ON_VERIFY[mistake]
    change(exercise, file, before, after)
    done = verify(exercise)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in re.sub(r"\s+", " ", done.stdout)
    assert "Traceback" not in done.stderr


@pytest.mark.integration
def test_a_draw_that_takes_all_memory_is_the_authors(exercise):
    change(exercise, GRADING, DRAW, "return (np.ones(10 * 2**30 // 8),)")
    done = verify(exercise)
    assert done.returncode == 2, done.stdout + done.stderr
    assert re.search(r"grading\.py:\d+: .* cannot be drawn: .*MemoryError", re.sub(r"\s+", " ", done.stdout))


LARGE = {
    "a draw": (GRADING, DRAW, "draw.calls = getattr(draw, 'calls', 0) + 1\n    return (np.ones(1001),)", "'rand'"),
    "the inputs of a law": (CHECKS, "return [(y,), (y + 3.0,)]", "return [([1.0] * 1001,)]", "'shift'"),
    "a written case": (CHECKS, EXAMPLE, "example((([1.0] * 1001,), 1.0))", "'hand'"),
    "bad input": (CHECKS, "raises(([],))", "raises(([1.0] * 1001,))", "'err'"),
    "a large case": (GRADING, "checks=", "checks=(__import__('autograder.checks').checks.fast_enough(lambda g: (np.ones(1001),), '8 million', gibibytes=1e-6),) + ", "'perf'"),
}  # fmt: skip


@pytest.mark.core_sample(2)
@pytest.mark.parametrize("who", LARGE)
def test_arguments_larger_than_a_call_may_use_are_refused_at_the_first_call(exercise, who):
    file, before, after, check = LARGE[who]
    change(exercise, file, before, after)
    folder = load_exercise(exercise.parents[1], NAME, hidden=True)
    drawn = folder.secrets["sample_mean"].checks[0].draw
    assert who == "a large case" or draws.digests(folder)  # the course allows a gibibyte
    drawn.calls = 0
    small = replace(folder.exercise, memory=Memory(8000))
    with pytest.raises(CourseError) as error:
        make_questions(small, folder.secrets)
    said = re.sub(r"\s+", " ", str(error.value))
    assert re.match(rf"{exercise}/{re.escape(file)}:\d+: sample_mean: the inputs of the check ", said), said
    assert re.search(r"one call gets 0\.0 MiB \(argument 1: 0\.0 MiB\), but may use 0\.0 MiB; draw less", said), said
    assert f"the check {check}" in said
    assert drawn.calls == (who == "a draw")


def test_arguments_of_a_check_that_are_too_large_together_are_refused_before_all_are_drawn(exercise):
    change(
        exercise, GRADING, DRAW, "draw.calls = getattr(draw, 'calls', 0) + 1\n    return (np.ones(50) * draw.calls,)"
    )
    folder = load_exercise(exercise.parents[1], NAME, hidden=True)
    drawn = folder.secrets["sample_mean"].checks[0].draw
    with pytest.raises(CourseError) as error:
        make_questions(replace(folder.exercise, memory=Memory(4 * 400)), folder.secrets)
    said = re.sub(r"\s+", " ", str(error.value))
    assert re.match(
        rf"{exercise}/grading\.py:\d+: sample_mean: the inputs of the check 'rand': its calls get more than", said
    ), said
    assert "together; fewer cases or draw less, or allow more by memory_mib" in said
    assert drawn.calls == 5


OWN = """class Own(Check):
    def calls(self, rng):
        return (call([1.0, 2.0]), call([4.0]))

    def judge(self, calls, observations, expected):
        return None if observations[0].value < observations[1].value else Broken("falls", at=1)


"""
OWN_MISTAKES = {  # what is written, what is written by mistake, what is said
    "no verdict in words": ("None if", "True if", "the judge of 'own'"),
    "an error": ("observations[0].value <", "observations[0].vaule <", "AttributeError"),
    "a list of arguments for calls": ("(call([1.0, 2.0]), call([4.0]))", "[([1.0, 2.0],)]", "the check 'own': calls() returned"),
    "no calls": ("(call([1.0, 2.0]), call([4.0]))", "()", "the check 'own': calls() returned (); it returns a tuple of one or more call(...)"),
    "one call for a tuple": ("(call([1.0, 2.0]), call([4.0]))", "call([1.0])", "it returns a tuple of one or more call(...)"),
    "a call with too many arguments": ("call([4.0])", "call([4.0], 1.0)", "own: sample_mean([4.0], 1.0): raises TypeError"),
    "a judge without expected": ("observations, expected)", "observations)", "judge() takes 3 positional arguments but 4 were given"),
    "no group": ('group="property"', "", "missing 1 required keyword-only argument: 'group'"),
    "no judge": ("def judge", "def jugde", "abstract method"),
}  # fmt: skip


def with_an_own_kind(exercise, before="", after=""):
    change(exercise, CHECKS, "import Broken,", "import Broken, Check, call,")
    change(exercise, CHECKS, "EXERCISE = ", f"{OWN}EXERCISE = ")
    change(exercise, CHECKS, SHIFT, f'{SHIFT}, Own(name="own", title="grows", group="property")')
    change(exercise, CHECKS, before, after)


@pytest.mark.core_sample(2)
@pytest.mark.parametrize("mistake", OWN_MISTAKES)
def test_a_mistake_in_a_check_of_ones_own_kind_is_named_by_verify_with_file_and_line(exercise, mistake, monkeypatch):
    before, after, said = OWN_MISTAKES[mistake]
    with_an_own_kind(exercise, before, after)
    (exercise / "figure.py").unlink()  # drawing it costs as much as all the rest
    monkeypatch.setattr(engine, "handout_problems", lambda folder, right: ())
    monkeypatch.setattr(draws, "_elsewhere", draws.digests)
    result = _verify(exercise.parents[1], NAME, strict=False, loud=False)
    problems = [re.sub(r"\s+", " ", problem) for problem in result.all_problems]
    assert any(said in problem for problem in problems), problems
    assert [problem for problem in problems if not PLACE.match(problem)] == []


def test_a_check_of_ones_own_kind_answers_as_a_law_does(exercise):
    with_an_own_kind(exercise)
    folder = load_exercise(exercise.parents[1], NAME, hidden=True)
    (asked,) = (
        one for one in make_questions(folder.exercise, folder.secrets).parts[0].asked if one.check.name == "own"
    )
    right, wrong = ([Observation("value", value=one) for one in seen] for seen in ((1.5, 4.0), (4.0, 1.5)))
    assert asked.judge(right).ok
    assert (asked.judge(wrong).failure.message, asked.judge(wrong).failure.actual) == ("falls", "1.5")
    failed = asked.judge(
        [right[0], Observation("error", error="ValueError")]
    )  # of the student, though judge fails on it
    assert (failed.failure.message, failed.failure.abnormal, failed.fault) == ("raises ValueError", "error", "")


def test_what_a_call_may_use_is_what_the_course_says(exercise):
    root = exercise.parents[1]
    assert load_exercise(root, NAME, hidden=True).exercise.memory == Memory(1 << 30)
    with (root / "course.yml").open("a", encoding="utf-8") as file:
        file.write("limits:\n  memory_mib: 64\n  scaling_memory_mib: 128\n")
    memory = load_exercise(root, NAME, hidden=True).exercise.memory
    assert (memory.of(None), memory.of(Limits(1.0, 1 << 30))) == (64 << 20, 128 << 20)
    assert Memory().of(Limits(1.0, 1 << 20)) == 1 << 20


def test_a_process_for_authors_code_ends_with_the_one_that_started_it(tmp_path):
    program = tmp_path / "killed.py"
    program.write_text(
        "import os, signal\n"
        "from autograder.authoring.verify.pool import processes\n"
        "if __name__ == '__main__':\n"
        "    with processes(1) as pool:\n"
        "        print(pool.submit(os.getpid).result(), flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, program], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )  # this ends when the worker has closed its outputs
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not Path(f"/proc/{int(done.stdout)}/fd/1").exists()


@pytest.mark.core_sample(1)
@pytest.mark.parametrize("mistake", ["a typo in a group", "no case", "a syntax error"])
def test_a_mistake_on_load_is_wrong_use_of_the_program(exercise, mistake):
    file, before, after, said = ON_LOAD[mistake]
    change(exercise, file, before, after)
    done = verify(exercise)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.core_sample(2)
@pytest.mark.parametrize("name", ["README.md", STUB, "figure.py", "numbers.csv"])
def test_a_link_in_the_place_of_a_file_is_named(exercise, tmp_path, name):
    if not (exercise / name).is_file():
        (exercise / name).write_text("1.0\n", encoding="utf-8")
    (exercise / name).rename(tmp_path / name)
    (exercise / name).symlink_to(tmp_path / name)
    folder = load_exercise(exercise.parents[1], NAME, hidden=True)
    assert [problem.partition(",")[0] for problem in exercise_problems(folder)] == [f"{name}: is a link"]


@pytest.mark.core_sample(1)
@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["two words.csv"], "two words.csv: allowed for the name of a data file"),
        (["a;b.csv"], "a;b.csv: allowed for the name of a data file"),
        (["Prices.csv", "prices.csv"], "prices.csv: another file differs from it by capitals alone"),
        (["prices.xlsx"], "prices.xlsx: unexpected in an exercise"),
    ],
)
def test_the_name_of_a_data_file_is_one_that_every_system_keeps(exercise, names, said):
    for name in names:
        (exercise / name).write_text("1.0\n", encoding="utf-8")
    folder = load_exercise(exercise.parents[1], NAME, hidden=True)
    assert [problem[: len(said)] for problem in exercise_problems(folder)] == [said]


@pytest.mark.core_sample(1)
@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_the_line_ends_of_another_system_are_no_mistake(exercise, end):
    for file in (STUB, CHECKS, GRADING, "README.md"):
        (exercise / file).write_bytes((exercise / file).read_bytes().replace(b"\n", end))
    folder = load_exercise(exercise.parents[1], NAME, hidden=True)
    assert list(exercise_problems(folder)) == []
