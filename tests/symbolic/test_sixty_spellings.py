"""Sixty spellings of every symbolic part: signs, powers, letters, spaces, words around it, and LaTeX."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator

import pytest

from autograder.symbolic import Question, Reading, grade, read
from autograder.symbolic.language.notation import GREEK

from .questions import QUESTIONS

SPELLINGS = 60
_GREEK = re.compile(rf"(?<![A-Za-z_0-9])({'|'.join(sorted({*GREEK} - {'gamma'}, key=len, reverse=True))})(?![A-Za-z])")
_UP = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_POWERS = (
    lambda t: t,
    lambda t: t.replace("**", "^"),
    lambda t: re.sub(r"\*\*(\d)(?![\d.])", lambda m: m[1].translate(_UP), t),
)
_MINUS = (lambda t: t, lambda t: t.replace("-", "\N{MINUS SIGN}"))
_NAMES = (lambda t: t, lambda t: _GREEK.sub(lambda m: GREEK[m[1]], t))
_SPACES = (lambda t: t, lambda t: re.sub(r" *([-+]) *", r" \1 ", t), lambda t: t.replace(" ", ""))
_AROUND = ("{}", "({})", "L' = {}", "{}  # simplified", "Let me think about it first.\n{}", "1. {}", "answer := {}")
_LATEX = (
    "${}$", r"\[{}\]", "$$\n{}\n$$", r"\begin{{align}}{}\end{{align}}", r"$\boxed{{{}}}$", r"${}$ \quad \tag{{1}}",
    r"$\displaystyle {}.$", r"$\frac{{dL}}{{dx}} = {}$", r"$1 \cdot \left({}\right)$", r"$\left({}\right)$",
    r"$\bigl({}\bigr)$",
    r"$\underbrace{{{}}}_{{\text{{the answer}}}}$", "So we get ${}$.",
    r"\begin{{equation}}\label{{a}}{}\end{{equation}}",
    r"$\left[{}\right]$", r"$\color{{red}} {}$",
)  # fmt: skip


def _texts(question: Question) -> Iterator[str]:
    products = (lambda t: t,)
    if not question.sizes and not question.shape:
        products += (lambda t: re.sub(r"(?<!\*)\*(?!\*)", "·", t), lambda t: re.sub(r"(?<!\*)\*(?!\*)", " × ", t))
    for form in (question.truth, *question.equivalents):
        for around, *changes in itertools.product(_AROUND, _POWERS, _MINUS, _NAMES, _SPACES, products):
            text = form
            for change in changes:
                text = change(text)
            yield around.format(text)


def _latex(question: Question) -> Iterator[str]:
    for form in (question.truth, *question.equivalents):
        reading = read(question, form)
        assert isinstance(reading, Reading)
        written = reading.latex
        yield from (dress.format(written) for dress in _LATEX)
        yield "$" + written.replace(r"\frac", r"\dfrac") + "$"
        yield "$" + written.replace(r"\left", "").replace(r"\right", "") + "$"


@pytest.mark.core_sample(6)
@pytest.mark.parametrize("number", QUESTIONS)
def test_sixty_spellings_of_a_part_are_read_as_meant(number: str) -> None:
    question = QUESTIONS[number]
    plain, latex = list(dict.fromkeys(_texts(question))), list(dict.fromkeys(_latex(question)))
    some = random.Random(number).sample(plain, min(len(plain), max(SPELLINGS - len(latex), 30)))
    texts = list(dict.fromkeys([*some, *latex]))
    assert len(texts) >= min(SPELLINGS, len(plain) + len(latex))
    for text in texts:
        verdict = grade(question, text)
        assert verdict.status == "correct", (text, verdict.plain, verdict.message)
        assert verdict.plain
