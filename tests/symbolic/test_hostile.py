"""Hostile and careless texts: nothing runs, nothing hangs, and every refusal says why.

A work limit, not a clock, is what bounds the cost; the benchmark prints the times.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.symbolic import grade, grade_chain

from .questions import QUESTIONS

SOFTMAX = QUESTIONS["E12.6"]
RIGHT = SOFTMAX.truth

UNREADABLE = {
    "import": "__import__('os').system('touch {mark}')",
    "import without quotes": "__import__(os)",
    "lambda": "(lambda: 1)()",
    "f-string": "f'{p}'",
    "attribute": "p.__class__",
    "object graph": "p.T.__class__.__base__.__subclasses__()",
    "method": "p.sum()",
    "call of a symbol": "p(p - y)",
    "eval": "eval(p)",
    "keyword": "sum(p, axis=0)",
    "starred": "dot(*p)",
    "comprehension": "[p for p in y]",
    "walrus": "(a := 1)",
    "conditional": "p if p else y",
    "await": "await p",
    "power tower": "9**9**9**9",
    "nested powers": "((((9**64)**64)**64)**64)*p",
    "great exponent": "(1 + p)**(10**7)",
    "folded exponent": "7**10**9",
    "negative great exponent": "p**-1000",
    "great degree": "(p@y + p@p + 1)**30*(p@y + p@p + 2)**30",
    "factorial": "factorial(100000000)",
    "long number": "1" * 100,
    "great number": "1e999999999",
    "hexadecimal": "0x10",
    "imaginary": "1j",
    "string": "'p'",
    "deep brackets": "(" * 500 + "p" + ")" * 500,
    "deep signs": "-" * 1900 + "p",
    "deep not": "not " * 400 + "p",
    "long": "p + " * 5000 + "p",
    "many terms": "+".join(["p"] * 700),
    "sums in sums": "Sum(Sum(Sum(Sum(Sum(p[a]*p[b]*p[c]*p[d]*p[e],a),b),c),d),e)",
    "Cyrillic p": "р - y",
    "full-width p": "ｐ - y",
    "mathematical p": "𝐩 - y",
    "minus sign": "p − y",
    "direction mark": "p\u202e - y",
    "null": "p\x00",
    "semicolon": "p; y",
    "comment": "p # - y",
    "slice": "p[0:1]",
    "negative index": "p[-1]",
    "great index": "p[1000000]",
    "array as index": "p[p]",
    "implicit product": "2p",
    "brackets side by side": "(p)(y)",
    "equation": "a == b",
    "condition": "p < y",
    "LaTeX": r"\frac{1}{2} p",
    "ellipsis": "...",
    "nothing": "",
    "spaces": "   ",
    "truth value": "True",
    "None": "None",
    "division by zero": "p/0",
    "unbound index": "Sum(p[i], k)*p[i]*p[j]",
    "index as value": "p[j]*j",
    "mixed forms": "p*p[j]",
    "derivative": "D(1/2*Sum((p[k]-y[k])**2, k), z[j])",
    "equation without a right side": "p - y =",
}

WRONG = {
    "great gamma": "gamma(10**50)*p",
    "gamma of gamma": "gamma(gamma(gamma(50)))*p",
    "exp tower": "exp(exp(exp(exp(100))))*p",
    "high power of a sum": "(p + y + K + 1)**64",
    "powers of sums": "((p + y + K + 1)**8)**8",
    "four sums": "Sum(Sum(Sum(Sum((p[a]+p[b]+p[c]+p[d])**40,a),b),c),d)",
    "long product of matrices": "diag(p)" + "@outer(p, y)" * 20 + "@p",
    "inverse of inverses": "inv(inv(inv(diag(p))))@p",
    "inverse of zero": "inv(0*diag(p))@p",
    "nested cases": "where(p>0," * 50 + "p" + ",p)" * 50,
    "nested inverses": "inv(" * 40 + "diag(p)" + ")" * 40 + "@p",
    "nested functions": "tanh(" * 55 + "p" + ")" * 55,
    "nested roots": "sqrt(" * 55 + "p" + ")" * 55,
    "symbolic tower": "K**K**K**K*p",
    "many factors": "*".join(["(p+1)"] * 60),
    "hidden division by zero": "p/(y - y)",
    "three times a fixed sum": "Sum(p[k], (k, 0, 19))",
    "huge fixed range": "Sum(p[k], (k, 1, 10**9))",
}

FACTORS = "*".join(f"(p+{i})" for i in range(1, 40))
SWAPPED = "*".join(f"({i}+p)" for i in range(1, 40))

COSTLY_BUT_RIGHT = {
    "cancelling powers": f"{RIGHT} + (p@y+p@p+K+1)**30 - (1+p@y+p@p+K)**30",
    "cancelling products": f"{RIGHT} + {FACTORS} - {SWAPPED}",
    "cancelling sums": f"{RIGHT} + Sum(Sum(Sum((p[a]+p[b]*y[c])**9,a),b),c) - Sum(Sum(Sum((p[b]+p[a]*y[c])**9,a),b),c)",
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_not_in_the_language_is_refused_with_a_reason(name: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    modules = set(sys.modules)
    verdict = grade(SOFTMAX, UNREADABLE[name].replace("{mark}", str(mark)))
    assert verdict.status == "unreadable"
    assert verdict.unreadable is not None
    assert len(verdict.message) > 25
    assert not mark.exists()
    assert set(sys.modules) == modules


@pytest.mark.parametrize("name", WRONG)
def test_costly_answers_end_as_wrong(name: str) -> None:
    assert grade(SOFTMAX, WRONG[name]).status == "wrong"


@pytest.mark.parametrize("name", COSTLY_BUT_RIGHT)
def test_cancelling_parts_do_not_make_a_right_answer_wrong(name: str) -> None:
    assert grade(SOFTMAX, COSTLY_BUT_RIGHT[name]).status == "correct"


@pytest.mark.parametrize("name", [*UNREADABLE, *WRONG])
def test_a_derivation_with_such_a_line_is_graded_all_the_same(name: str) -> None:
    text = {**UNREADABLE, **WRONG}[name].replace("\n", " ")
    chain = grade_chain(SOFTMAX, [text, RIGHT])
    assert chain.final.status == "correct"


def test_columns_point_at_the_place() -> None:
    verdict = grade(SOFTMAX, "p * (p - yy)")
    assert verdict.unreadable is not None
    assert verdict.unreadable.column == 10
    verdict = grade(SOFTMAX, "p^2 - yy")
    assert verdict.unreadable is not None
    assert verdict.unreadable.column == 7


def test_reading_and_grading_leave_numpy_and_sympy_alone() -> None:
    import subprocess

    code = (
        "import sys\n"
        "from autograder.symbolic import Question, Symbol, grade\n"
        "assert not {'numpy', 'sympy', 'mpmath'} & set(sys.modules)\n"
        "q = Question('q', '2*(a-m)', (Symbol('a'), Symbol('m')))\n"
        "assert grade(q, '2*a-2*m').status == 'correct'\n"
        "assert grade(q, 'a-m').status == 'wrong'\n"
        "assert not {'numpy', 'sympy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
