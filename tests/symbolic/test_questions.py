"""The catalogue's symbolic parts: references and equivalent forms are accepted, misconceptions refused and named."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from autograder.symbolic import Question, Symbol, Unreadable, contradiction, grade, read
from tests.conftest import ROOT

from .questions import LEVELS, QUESTIONS

ORDER = ("numeric", "exact", "general")
RIGHT = [(key, form) for key, q in QUESTIONS.items() for form in (q.truth, *q.equivalents)]
WRONG = [(key, form) for key, q in QUESTIONS.items() for form in q.misconceptions]
DERIVED = [key for key, q in QUESTIONS.items() if q.loss is not None]
# derivatives whose value at a corner is a convention: the derivative of Abs is sign, which is 0 there
CORNERS: dict[str, str] = {}


def test_all_parts_are_there() -> None:
    assert len(QUESTIONS) == 33
    assert len({q.id for q in QUESTIONS.values()}) == 33


@pytest.mark.parametrize(("key", "form"), RIGHT)
def test_right_forms_are_accepted_at_their_level(key: str, form: str) -> None:
    verdict = grade(QUESTIONS[key], form)
    assert verdict.status == "correct", verdict.message
    assert verdict.proof is not None
    assert ORDER.index(verdict.proof) >= ORDER.index(LEVELS[key])


@pytest.mark.parametrize(("key", "form"), WRONG, ids=[f"{k}-{f.id}" for k, f in WRONG])
def test_misconceptions_are_refused_and_named(key: str, form: object) -> None:
    verdict = grade(QUESTIONS[key], form.answer)  # type: ignore[attr-defined]  # a MisconceptionForm
    assert verdict.status == "wrong"
    assert form.id in [m.id for m in verdict.misconceptions]  # type: ignore[attr-defined]  # a MisconceptionForm
    assert form.hint in verdict.message  # type: ignore[attr-defined]  # a MisconceptionForm


@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_a_witness_separates_every_wrong_form_of_the_right_shape(key: str) -> None:
    for form in QUESTIONS[key].misconceptions:
        verdict = grade(QUESTIONS[key], form.answer)
        reading = read(QUESTIONS[key], form.answer)
        assert not isinstance(reading, Unreadable)
        if reading.core is None:
            assert "shape" in verdict.message.lower()
        else:
            assert verdict.witness is not None
            assert verdict.witness.yours is None or verdict.witness.gap
            assert "your answer" in verdict.witness.text


@pytest.mark.parametrize("key", DERIVED)
def test_the_truth_is_the_derivative_of_the_loss(key: str) -> None:
    assert contradiction(QUESTIONS[key]) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"loss": "(tanh(z)-y)**2"}, "is not the derivative of the loss: at "),
        ({"wrt": "y"}, "is not the derivative of the loss: at "),
        ({"loss": "(tanh(z)-q)**2"}, "q is not a symbol"),
        ({"wrt": "z +"}, "does not read as an expression"),
        ({"loss": "gamma(z)"}, "cannot be worked out"),
    ],
)
def test_a_loss_that_does_not_give_the_truth_is_told(changes: dict[str, str], said: str) -> None:
    told = contradiction(replace(QUESTIONS["E07.6"], **changes))
    assert told is not None
    assert said in told


@pytest.mark.parametrize(
    "symbol",
    [
        ("lambda",),
        ("2z",),
        ("pi",),
        ("\N{GREEK SMALL LETTER LAMDA}",),
        ("z", (), "real", (3, -3)),
        ("z", (), "real", (1, 1)),
        ("z", (), "positive", (-1, 1)),
        ("z", (), "probability", (0, 2)),
    ],
)
def test_a_symbol_that_nobody_could_write_is_refused(symbol: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="symbol"):
        Symbol(*symbol)


@pytest.mark.parametrize(("key", "form"), RIGHT)
def test_the_echo_reads_as_the_same_expression(key: str, form: str) -> None:
    question = QUESTIONS[key]
    first = read(question, form)
    assert not isinstance(first, Unreadable)
    second = read(question, first.plain)
    assert not isinstance(second, Unreadable)
    assert second.plain == first.plain
    assert second.core == first.core
    assert first.latex.count("{") == first.latex.count("}")


def test_the_right_answer_of_one_question_is_not_that_of_another() -> None:
    accepted = {
        (key, other)
        for key, question in QUESTIONS.items()
        for other, source in QUESTIONS.items()
        if key != other and grade(question, source.truth).status == "correct"
    }
    assert accepted == set()


_MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$", re.S)
_OPERATOR = re.compile(r"\\d?frac\s*(\{\\(mathrm )?(d|partial)\s*\}|\{d\})\{(\\mathrm |\\partial ?)?d?\s*\w\}")


def shown(page: str) -> list[str]:
    """Return the formulas of a statement, each on one line, without a derivative in front."""
    found = (" ".join((whole or inline).split()) for whole, inline in _MATH.findall(page))
    return [_OPERATOR.sub("", one).strip() for text in found for one in text.split(r",\qquad")]


def cases(page: str) -> list[str]:
    """Return what a table says in words: one formula under a condition, else another."""
    rows = re.findall(r"\$([^$]+)\$ for \$([^$]+)\$, else \$([^$]+)\$", page)
    return [rf"\begin{{cases}}{one} & {when} \\ {other} & \text{{otherwise}}\end{{cases}}" for one, when, other in rows]


def expectations(page: str) -> list[str]:
    """Return expectations of quadratic functions by the moments that the statement names."""
    first, second = (re.search(rf"`(\w+)` \$=\\mathbb E\[Y{power}\]\$", page)[1] for power in ("", r"\^2"))  # type: ignore[index]  # named there
    found = []
    for inner in (re.fullmatch(r"\\mathbb E\[(.*Y.*)\]", text) for text in shown(page)):
        zero, one, minus = (inner[1].replace("Y", f"({y})") if inner else "0" for y in (0, 1, -1))
        found.append(f"{zero} + (({one}) - ({minus}))/2*{first} + ((({one}) + ({minus}))/2 - ({zero}))*{second}")
    return found


def of_one_entry(page: str) -> list[str]:
    """Return formulas of vectors for vectors of one entry, with the prediction that the part names."""
    (instead,) = re.findall(r"for \$p=k=1\$ with the prediction \$([^$]+)\$ of the datum instead of \$ur\$", page)
    entry = ((r"^\top", ""), (r"\Pi", r"\pi"), ("Ur", instead))
    found = shown(page)
    for old, new in entry:
        found = [text.replace(old, new) for text in found]
    return found


READ_BY = {"E02.6": expectations, "E08.6": cases, "E18.7": of_one_entry}
"""How a loss is read that a statement gives in a form that no answer can have; the others are read as answers are."""


@pytest.mark.parametrize("key", DERIVED)
def test_the_loss_that_a_statement_shows_is_the_loss_that_is_derived(key: str) -> None:
    """A loss is written twice, since people read norms, products and cases, which no printer of formulas chooses.

    Both are held together here: the statement is read as the answer of a student is, and judged by the engine.
    """
    question = QUESTIONS[key]
    written = {path: path.read_text() for path in ROOT.glob("exercises/*/derivations.py")}
    (page,) = (
        path.with_name("README.md").read_text() for path, text in written.items() if f'id="{question.id}"' in text
    )
    jacobian = question.loss == "p[i]"  # of each entry
    loss = Question(
        id=question.id,
        truth=question.loss or "",
        symbols=(*question.symbols, *question.hidden),
        shape=("K",) if jacobian else (),
        index=("i",) if jacobian else (),
        functions=question.functions,
    )
    texts = READ_BY.get(key, shown)(page)
    read_as = [grade(loss, text if key == "E02.6" else f"${text}$").status for text in texts]
    assert "correct" in read_as
