"""Formulas of a statement in `verify`: they equal a function, contradict the one they name, or are listed."""

import numpy as np
import pytest

from autograder.authoring.verify.displayed import displayed_formulas
from autograder.authoring.verify.promised import promised_problems
from autograder.course.exercises import exercise_names, load_exercise
from tests.conftest import ROOT, make_course

RIGHT = [
    r"$$\mathrm{sample\_mean}(y)=\frac1n\sum_{i=1}^n y_i$$",
    r"$$\operatorname{sample\_mean}(x) = \frac{1}{n}\sum_i x_i .$$",
    r"$\text{sample mean}=\frac1n\sum_i y_i$",
    r"$$\bar y=\frac1n\sum_{i=1}^n y_i$$",
    r"$$a=\frac1n\sum_i y_i,\qquad \mathrm{sample\_mean}(y)=\frac{\sum_i y_i}{n}$$",
]
WRONG = [
    r"$$\mathrm{sample\_mean}(y)=\frac1{n-1}\sum_{i=1}^n y_i$$",
    r"$$\mathrm{sample\_mean}(y)=\sum_i y_i$$",
    r"$\mathrm{sample\_mean}(y)=-\frac1n\sum_i y_i$",
    r"$$\operatorname{sample\_mean}(y)=\frac2n\sum_i y_i$$",
    r"$$\mathrm{sample\_mean}(y)=\sqrt{\frac1n\sum_i y_i^2}$$",
]
LISTED = {
    r"$$\bar y=\frac2n\sum_i y_i$$": "it is 2 times sample_mean",
    r"$$\mathbb E[y\mid x]$$": "names no function",
    r"$$\mathrm{sample\_mean}(y)=\int y$$": "int is not read",
    r"$$\mathrm{sample\_mean}(y)=\frac1n\sum_i w_iy_i$$": "w",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return load_exercise(make_course(tmp_path_factory.mktemp("course")), "first_mean", hidden=True)


@pytest.mark.parametrize("text", RIGHT)
def test_a_formula_that_equals_a_function_holds(folder, text):
    found = displayed_formulas(folder, text)
    assert found.held
    assert found.problems == ()


@pytest.mark.parametrize("text", WRONG)
def test_a_formula_that_names_a_function_and_is_not_its_value_is_a_problem(folder, text):
    (said,) = displayed_formulas(folder, text).problems
    assert "make them agree" in said


@pytest.mark.parametrize("text", LISTED)
def test_what_cannot_be_compared_is_listed_with_the_reason(folder, text):
    found = displayed_formulas(folder, text)
    assert found.problems == found.held == ()
    assert LISTED[text] in found.unchecked[0]


@pytest.mark.parametrize(
    "text", ["`$$x$$`", "```\n$$\\mathrm{sample\\_mean}(y)=0$$\n```", "no formula, 5 \\$ and 6 \\$"]
)
def test_code_is_not_a_formula(folder, text):
    found = displayed_formulas(folder, text)
    assert found.held + found.problems + found.unchecked == ()


@pytest.mark.parametrize("name", exercise_names(ROOT))
def test_no_statement_or_contract_of_the_course_is_accused(name):
    with np.errstate(all="ignore"):
        known = load_exercise(ROOT, name, hidden=True)
        assert displayed_formulas(known, known.text()).problems == ()
    assert list(promised_problems(known)) == []
