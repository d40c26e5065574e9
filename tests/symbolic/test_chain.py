"""Derivations of several lines: the first wrong line, what follows from it, and errors that cancel."""

from __future__ import annotations

import pytest

from autograder.symbolic import grade, grade_chain
from autograder.symbolic.explaining.chain import remarks

from .derivations import RIGHT as RIGHT_TEXTS
from .derivations import WRONG as WRONG_TEXTS
from .questions import QUESTIONS

SOFTMAX = QUESTIONS["E12.6"]
LOSS = "1/2*Sum((p[k]-y[k])**2, k)"
CHAIN_RULE = "Sum((p[k]-y[k])*D(p[k], z[j]), k)"
JACOBIAN = "Sum((p[k]-y[k])*p[k]*(delta(k,j)-p[j]), k)"
SPLIT = "(p[j]-y[j])*p[j] - p[j]*Sum((p[k]-y[k])*p[k], k)"
FINAL = "p[j]*(p[j]-y[j] - Sum((p[k]-y[k])*p[k], k))"

RIGHT = {
    "every step": [LOSS, f"D({LOSS}, z[j])", CHAIN_RULE, JACOBIAN, SPLIT, FINAL],
    "arrays": ["(diag(p)-outer(p,p))@(p-y)", "p*(p-y) - p*dot(p, p-y)"],
    "equal signs": [f"dL/dz_j = D({LOSS}, z[j]) = {JACOBIAN} = {FINAL}"],
    "both forms": [CHAIN_RULE, JACOBIAN, "(diag(p)-outer(p,p))@(p-y)", FINAL],
}

# name: lines, number of the first wrong line, status of each line, a misconception's title or None
WRONG: dict[str, tuple[list[str], int, str, str | None]] = {
    "diagonal Jacobian": (
        [LOSS, CHAIN_RULE, "(p[j]-y[j])*p[j]*(1-p[j])", "p*(1-p)*(p-y)"],
        3, "start ok wrong follows", "uses the diagonal of the Jacobian alone",
    ),
    "sign in the Jacobian": (
        [CHAIN_RULE, "Sum((p[k]-y[k])*p[k]*(delta(k,j)+p[j]), k)", "p*(p-y) + p*dot(p-y, p)"],
        2, "ok wrong follows", "sign of the off-diagonal Jacobian",
    ),
    "no Jacobian": (
        [LOSS, "Sum((p[k]-y[k])*delta(k,j), k)", "p[j]-y[j]"], 2, "start wrong follows", "softmax Jacobian missing",
    ),
    "factor 2 at once": (
        [f"2*{JACOBIAN}", f"2*{FINAL}"], 1, "wrong follows", "keeps a factor 2 that 1/2 cancels",
    ),
    "two errors cancel": (
        [JACOBIAN, f"2*({SPLIT})", FINAL], 2, "ok wrong returns", "keeps a factor 2 that 1/2 cancels",
    ),
    "off-diagonal only": (
        [CHAIN_RULE, "-p[j]*Sum((p[k]-y[k])*p[k], k)"], 2, "ok wrong", "off-diagonal Jacobian only",
    ),
    "scalar product with y": (
        [JACOBIAN, "p[j]*(p[j]-y[j] - Sum((p[k]-y[k])*y[k], k))"], 2, "ok wrong",
        "multiplies the errors by y instead of p",
    ),
    "sum of errors": (
        [JACOBIAN, SPLIT, "p*((p-y) - sum(p-y))"], 3, "ok ok wrong",
        "sums the errors without weighing them by p",
    ),
    "p before the sum lost": (
        [JACOBIAN, "(p[j]-y[j]) - Sum((p[k]-y[k])*p[k], k)"], 2, "ok wrong",
        "forgets p in front of the bracket",
    ),
    "mean over the classes": (
        [JACOBIAN, f"{FINAL}/K"], 2, "ok wrong", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_derivations_have_no_wrong_line(name: str) -> None:
    verdict = grade_chain(SOFTMAX, "\n".join(RIGHT[name]))
    assert verdict.first_wrong is None
    assert verdict.status == "correct"
    assert verdict.missing_forms == ()
    assert {line.status for line in verdict.lines} <= {"ok", "start"}


@pytest.mark.parametrize("name", WRONG)
def test_the_first_wrong_line_is_named(name: str) -> None:
    lines, first, statuses, title = WRONG[name]
    verdict = grade_chain(SOFTMAX, "\n".join(lines))
    assert verdict.first_wrong == first
    assert [line.status for line in verdict.lines] == statuses.split()
    found = verdict.lines[first - 1]
    if title is None:
        assert found.factor == "1/K"
    else:
        assert title in [m.title for m in found.misconceptions]
    assert verdict.status == ("correct" if statuses.endswith("returns") else "wrong")


def test_a_required_form_is_missed() -> None:
    verdict = grade_chain(SOFTMAX, [LOSS, FINAL])
    assert verdict.status == "correct"
    assert [form.title for form in verdict.missing_forms] == ["the softmax Jacobian"]


def test_an_unreadable_line_does_not_stop_the_rest() -> None:
    verdict = grade_chain(SOFTMAX, [CHAIN_RULE, "p[j]*(p[j]", FINAL])
    assert [line.status for line in verdict.lines] == ["ok", "unreadable", "ok"]
    assert verdict.status == "correct"


def test_a_derivative_may_stand_in_a_step_but_not_in_the_answer() -> None:
    assert grade_chain(SOFTMAX, [f"D({LOSS}, z[j])", FINAL]).status == "correct"
    assert grade(SOFTMAX, f"D({LOSS}, z[j])").status == "unreadable"
    assert grade_chain(SOFTMAX, [FINAL, f"D({LOSS}, z[j])"]).status == "unreadable"


def test_the_last_line_of_a_text_scores() -> None:
    assert grade(SOFTMAX, f"{LOSS}\n{JACOBIAN}\n{FINAL}\n").status == "correct"
    assert grade(SOFTMAX, f"{FINAL}\np - y").status == "wrong"
    assert grade(SOFTMAX, f"dL/dz = {FINAL}").status == "correct"


def test_a_scalar_derivation() -> None:
    question = QUESTIONS["E05.7"]
    loss = "(tanh(w*x+b)-y)**2"
    verdict = grade_chain(question, [loss, f"D({loss}, w)", "2*(tanh(w*x+b)-y)*D(tanh(w*x+b), w)", question.truth])
    assert verdict.first_wrong is None
    verdict = grade_chain(question, [f"D({loss}, w)", "2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)", question.truth])
    assert [line.status for line in verdict.lines] == ["ok", "wrong", "returns"]
    assert verdict.lines[1].misconceptions[0].id == "7a"


def test_long_derivations_are_judged_to_the_end() -> None:
    verdict = grade_chain(SOFTMAX, [JACOBIAN] * 60 + [f"2*{FINAL}", FINAL])
    assert verdict.status == "correct"
    assert [line.number for line in verdict.lines] == list(range(1, 63))
    assert verdict.first_wrong == 61
    assert verdict.lines[-1].status == "returns"


def test_of_more_than_20000_characters_the_last_line_alone_is_read() -> None:
    verdict = grade_chain(SOFTMAX, f"{FINAL}\n" * 500)
    assert verdict.status == "correct"
    assert verdict.lines == ()
    assert list(remarks(verdict)) == ["Only the last line was read: a derivation has at most 20,000 characters."]


@pytest.mark.parametrize("name", [*RIGHT_TEXTS, *WRONG_TEXTS])
def test_every_line_gets_the_verdict_that_it_was_labelled_with(name: str) -> None:
    key, text, labels = {**RIGHT_TEXTS, **WRONG_TEXTS}[name]
    verdict = grade_chain(QUESTIONS[key], text)
    assert " ".join(f"{line.number}:{line.status}" for line in verdict.lines) == labels
    if name in RIGHT_TEXTS:
        assert verdict.status == "correct"
        assert verdict.first_wrong is None


def test_the_derivation_of_p_minus_y_from_the_logits_is_proved_in_general() -> None:
    verdict = grade_chain(QUESTIONS["E12.5"], RIGHT_TEXTS["cross-entropy in logits"][1])
    assert verdict.final.proof == "general"
    assert [line.proof for line in verdict.lines] == [None, None, "general", "general"]


@pytest.mark.parametrize("answer", ["exp(z[j])/Sum(exp(z[k]),k) - y[j]", "exp(z_j)/Sum(exp(z_k), k) - y_j"])
def test_logits_and_probabilities_stand_in_one_answer(answer: str) -> None:
    assert grade(QUESTIONS["E12.5"], answer).proof == "general"


@pytest.mark.parametrize("answer", ["exp(z[j]) - y[j]", "z[j] - y[j]", "log(p[j]) - z[j]"])
def test_what_depends_on_a_common_shift_of_the_logits_is_wrong(answer: str) -> None:
    assert grade(QUESTIONS["E12.5"], answer).status == "wrong"


@pytest.mark.parametrize("name", RIGHT_TEXTS)
def test_a_line_that_cannot_be_compared_is_never_called_wrong(name: str) -> None:
    key, text, _ = RIGHT_TEXTS[name]
    odd = ["17*quux**3", "this is a remark", "sqrt(-1)", "log(0*pi)", "gamma(0)"]
    for k, line in enumerate(odd):
        verdict = grade_chain(QUESTIONS[key], f"{line}\n{text}" if k % 2 else f"{text.splitlines()[0]}\n{text}")
        assert "wrong" not in [line.status for line in verdict.lines]
        assert "returns" not in [line.status for line in verdict.lines]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("2/n*X.T@(X@w-y) = 0", "correct"),
        ("dL/dw = 2/n*X.T@(X@w-y) = 0", "correct"),
        ("grad = 2/n*X.T@(X@w-y)", "correct"),
        ("r = X@w - y; 2/n*X.T@r", "correct"),
        ("2/n*X.T@r where r = X@w - y", "correct"),
        ("2/n*X.T@r, where r = y - X@w", "wrong"),
        ("Answer: 2/n*X.T@(X@w-y)", "correct"),
        ("so dL/dw = 2/n*X.T@(X@w-y), as required.", "correct"),
        ("2/n*X.T@(X@w\n  - y)", "correct"),
        ("2/n*X.T@(X@w-y) if n > 0 else 0", "unreadable"),
        ("the gradient", "unreadable"),
        ("", "unreadable"),
    ],
)
def test_the_answer_is_found_among_names_and_words(text: str, status: str) -> None:
    assert grade(QUESTIONS["E01.6"], text).status == status


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("E06.7", "w_raw = w*sy/sx\nmy + b*sy - w_raw*mx"),
        ("E06.7", "w_raw = w*sy/sx\nb_raw = my + b*sy - w_raw*mx"),
        ("E06.7", "w_r = w*sy/sx\nmy + b*sy - w_r*mx"),
        ("E01.6", "y_pred = X@w\n2/n*X.T@(y_pred - y)"),
        ("E01.6", "y_hat = X@w\n2/n*X.T@(y_hat - y)"),
        ("E18.6", "pi_post = pi_y*u**2 + pi_r\n(pi_y*u*y + pi_r*m)/pi_post"),
    ],
)
def test_an_own_name_may_begin_with_a_symbol_and_a_subscript(question: str, text: str) -> None:
    """``w_raw`` is not an entry of a number ``w``; ``y_pred`` has more letters than an entry of ``y`` has indices."""
    verdict = grade_chain(QUESTIONS[question], text)
    assert verdict.final.status == "correct"
    assert verdict.lines[0].status == "defines"


@pytest.mark.parametrize("sign", ["", "= "])
def test_a_line_that_follows_at_small_sizes_only_does_not_follow(sign: str) -> None:
    text = f"p[j] - y[j]\n{sign}(p[j] - y[j])*(1+(K-2)*(K-3)*(K-4)*(K-5))\np - y"
    lines = grade_chain(QUESTIONS["E12.5"], text).lines
    assert [line.status for line in lines][:2] == ["ok", "wrong"]
