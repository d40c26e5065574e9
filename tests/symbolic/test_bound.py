"""The size bound of ``autograder/symbolic/README.md``, against brute force at many sizes."""

from __future__ import annotations

import itertools
import random

import pytest

from autograder.symbolic import Question, Symbol, Unreadable, grade, read
from autograder.symbolic.deciding.bound import representatives, sizes_to_try
from autograder.symbolic.deciding.decide import decide
from autograder.symbolic.deciding.prepared import Prepared
from autograder.symbolic.deciding.trial import Trial
from autograder.symbolic.language.expr import Expr

from . import fuzz

ALL_SIZES = [{"K": k, "n": n} for k in (1, 2, 3, 5, 8, 9, 13, 17) for n in (1, 2, 4, 6)]
VALUES = [(sizes, fuzz.assignment(random.Random(7), sizes)) for sizes in ALL_SIZES]


def _polynomial(rng: random.Random) -> fuzz.Tree:
    """A factor that vanishes at some sizes in a row; the size is written as such, or as a sum of ones."""
    size = rng.choice(("K", "n"))
    first = rng.randrange(1, 5)
    product: fuzz.Tree = ("num", 1)
    for k in range(first, first + rng.randrange(1, 5)):
        count = ("sym", size) if rng.random() < 0.5 else ("sum", fuzz.NAMES[size][-1], size, ("num", 1))
        product = ("mul", product, ("add", count, ("num", -k)))
    return product


def _local(rng: random.Random) -> tuple[fuzz.Tree, fuzz.Tree]:
    """A sum of a function of one entry, and the same written differently."""
    e, x = ("exp", ("idx", "x", ("l",))), ("idx", "x", ("l",))
    bottom = ("add", ("num", 1), rng.choice((e, ("mul", x, x))))
    top = rng.choice((x, ("mul", x, ("idx", "A", ("l", "j"))), ("num", 1)))
    part = ("add", bottom, ("mul", ("num", -1), ("num", 1)))
    left = ("sum", "l", "n", ("div", ("mul", top, part), bottom))
    right = ("add", ("sum", "l", "n", top), ("mul", ("num", -1), ("sum", "l", "n", ("div", top, bottom))))
    return left, right


def _pair(rng: random.Random) -> tuple[fuzz.Tree, fuzz.Tree]:
    left, right = fuzz.pair(rng)
    if rng.random() < 0.4:
        a, b = _local(rng)
        left, right = ("add", left, a), ("add", right, b)
    if rng.random() < 0.5:
        extra = ("mul", _polynomial(rng), rng.choice((("idx", "p", ("j",)), ("sym", "t"), _local(rng)[0])))
        right = ("add", right, extra)
    return left, right


def _agree(left: fuzz.Tree, right: fuzz.Tree, values: object, sizes: dict[str, int], entries: range) -> bool:
    return all(
        fuzz.value(left, values, sizes, {"j": j})[0] == fuzz.value(right, values, sizes, {"j": j})[0]  # type: ignore[arg-type]
        for j in entries
    )


def _core(question: Question, text: str) -> Expr | None:
    reading = read(question, text)
    return None if isinstance(reading, Unreadable) else reading.core


@pytest.mark.parametrize("pairs", [100, pytest.param(400, marks=pytest.mark.integration)])
def test_pairs_agree_at_every_size_if_and_only_if_at_those_of_the_bound(pairs: int) -> None:
    rng = random.Random(19)
    equal = misled = decided = 0
    while decided < pairs:
        left, right = _pair(rng)
        if max(len(fuzz.text(left)), len(fuzz.text(right))) > 400:
            continue
        question = Question("bound", fuzz.text(left), fuzz.SYMBOLS, ("K",), ("j",))
        a, b = _core(question, fuzz.text(left)), _core(question, fuzz.text(right))
        sizes = None if a is None or b is None else sizes_to_try(question, a, b)
        if sizes is None or len(sizes["K"]) * len(sizes["n"]) > 60 or sizes["K"][-1] > 20 or sizes["n"][-1] > 20:
            continue
        decided += 1
        chosen = [dict(zip(sizes, each, strict=True)) for each in itertools.product(*sizes.values())]
        bound = all(_agree(left, right, fuzz.assignment(rng, s), s, range(1)) for s in chosen)
        brute = all(_agree(left, right, values, s, range(s["K"])) for s, values in VALUES)
        assert bound == brute, (fuzz.text(left), fuzz.text(right), sizes)
        small = all(
            _agree(left, right, v, s, range(s["K"])) for s, v in VALUES if s["K"] in (2, 3) and s["n"] in (2, 4)
        )
        equal += bound
        misled += small and not brute
    assert equal > pairs / 4
    assert misled > pairs / 40  # pairs on which a few small sizes would have lied


def test_the_bound_is_attained() -> None:
    """One size fewer would accept a wrong formula."""
    question = Question("q", "p[j]", fuzz.SYMBOLS[:1], ("K",), ("j",))
    for degree in (1, 2, 3):
        zeros = "*".join(f"(K - {k})" for k in range(4, 4 + degree))
        a, b = _core(question, "p[j]"), _core(question, f"p[j] + {zeros}*p[j]")
        assert a is not None
        assert b is not None
        sizes = sizes_to_try(question, a, b)
        assert sizes is not None
        assert len(sizes["K"]) == degree + 1


@pytest.mark.parametrize(
    "text",
    ["p[0]", "exp(K*p)", "sqrt(K)*p", "where(K > 3, p, y)", "inv(diag(p))@p", "Sum(1/(1 + p[k]), k)", "tanh(dot(p, y))",
     "Sum(1/(K + y[k]), k)", "p**K", "Sum(exp(p[k]), k)"],
)  # fmt: skip
def test_the_bound_is_silent_where_a_hypothesis_fails(text: str) -> None:
    question = Question("q", "p", fuzz.SYMBOLS[:2], ("K",), ("j",))
    truth, core = _core(question, "p"), _core(question, text)
    assert truth is not None
    assert core is not None
    assert sizes_to_try(question, truth, core) is None


def test_one_entry_stands_for_all_that_coincide_in_the_same_way() -> None:
    assert representatives((), {}) == [0]
    assert representatives(("K",), {"K": 4}) == [0]
    assert representatives(("K", "K"), {"K": 4}) == [0, 1]
    assert representatives(("K", "d"), {"K": 4, "d": 3}) == [0]
    assert representatives(("K", "K", "K"), {"K": 4}) == [0, 1, 4, 5, 6]


# --- functions under sums --------------------------------------------------------------------------------------

S = "1/(1+exp(-u[i]))"
U = "Sum(X[i,k]*w[k], k)"
SU = f"1/(1+exp(-{U}))"
T = f"tanh({U})"
FORMS: dict[str, tuple[str, ...]] = {
    "logistic, one weight": (
        f"Sum(({S}-y[i])*{S}*(1-{S})*v[i], i)/n",
        f"Sum(({S}-y[i])*({S}-({S})**2)*v[i], i)/n",
        f"Sum(({S}-y[i])*exp(-u[i])/(1+exp(-u[i]))**2*v[i], i)/n",
        f"Sum(({S}-y[i])*exp(u[i])/(1+exp(u[i]))**2*v[i], i)/n",
        f"Sum(({S}-y[i])/(2+exp(u[i])+exp(-u[i]))*v[i], i)/n",
        f"Sum(({S}-y[i])/(4*cosh(u[i]/2)**2)*v[i], i)/n",
        "Sum(((1+tanh(u[i]/2))/2-y[i])*(1-tanh(u[i]/2)**2)/4*v[i], i)/n",
        "Sum((exp(u[i])/(1+exp(u[i]))-y[i])*v[i]*exp(u[i])/(1+exp(u[i]))**2, i)/n",
    ),
    "logistic regression": (
        f"Sum(({SU}-y[i])*X[i,j], i)/n",
        f"Sum({SU}*X[i,j], i)/n - Sum(y[i]*X[i,j], i)/n",
        f"1/n*Sum((exp({U})/(1+exp({U}))-y[i])*X[i,j], i)",
        f"1/n*Sum(((1+tanh({U}/2))/2-y[i])*X[i,j], i)",
        "X.T@(1/(1+exp(-X@w)) - y)/n",
        "1/n*(1/(1+exp(-X@w)) - y)@X",
        "(X.T@(exp(X@w)/(1+exp(X@w))) - X.T@y)/n",
        "X.T@(1-1/(1+exp(X@w)) - y)/n",
    ),
    "regression through tanh": (
        f"2/n*Sum(({T}-y[i])*(1-{T}**2)*X[i,j], i)",
        f"2/n*Sum(({T}-y[i])/cosh({U})**2*X[i,j], i)",
        f"2/n*Sum(({T}-{T}**3-y[i]+y[i]*{T}**2)*X[i,j], i)",
        "2/n*X.T@((tanh(X@w)-y)*(1-tanh(X@w)**2))",
        "2/n*X.T@((tanh(X@w)-y)/cosh(X@w)**2)",
        "2/n*X.T@((sinh(X@w)/cosh(X@w)-y)/cosh(X@w)**2)",
        "2/n*X.T@((tanh(X@w)-y)*sech(X@w)**2)",
        "8/n*X.T@((tanh(X@w)-y)/(exp(X@w)+exp(-X@w))**2)",
    ),
    "a sum of reciprocals": (
        "Sum(1/(1+u[i]**2), i)",
        "n - Sum(u[i]**2/(1+u[i]**2), i)",
        "Sum((1+u[i]**2)/(1+u[i]**2)**2, i)",
        "n - sum(u**2/(1+u**2))",
        "n/2 + Sum((1-u[i]**2)/(1+u[i]**2), i)/2",
        "sum((1-u**2)/(1-u**4))",
    ),
    "a sum of squared tanh": (
        "Sum(tanh(u[i])**2, i)",
        "n - Sum(1/cosh(u[i])**2, i)",
        "Sum((1-1/cosh(u[i])**2), i)",
        "Sum(sinh(u[i])**2/cosh(u[i])**2, i)",
        "n - Sum(4/(exp(u[i])+exp(-u[i]))**2, i)",
        "n - 4*sum(exp(2*u)/(exp(2*u)+1)**2)",
    ),
}
SHAPED = {"logistic regression", "regression through tanh"}
SYMBOLS = (Symbol("u", ("n",)), Symbol("v", ("n",)), Symbol("y", ("n",)))
WIDE = (Symbol("X", ("n", "d")), Symbol("w", ("d",)), Symbol("y", ("n",)))
PAIRS = [(name, truth, right) for name, forms in FORMS.items() for truth in forms for right in forms if truth != right]


def _question(name: str, truth: str) -> Question:
    wide = name in SHAPED
    return Question(name, truth, WIDE if wide else SYMBOLS, ("d",) if wide else (), ("j",) if wide else ())


def test_there_are_more_than_sixty_pairs_with_functions_under_sums() -> None:
    assert len(PAIRS) > 60


@pytest.mark.parametrize(("name", "truth"), [(name, truth) for name, forms in FORMS.items() for truth in forms])
def test_functions_under_sums_are_decided_however_the_author_spelled_the_truth(name: str, truth: str) -> None:
    question = _question(name, truth)
    for right in FORMS[name]:
        verdict = grade(question, right)
        assert verdict.status == "correct", (right, verdict.message)
        assert verdict.proof in (("exact", "general") if name in SHAPED else ("general",))
    wrong = truth.replace("Sum(", "2*Sum(", 1).replace("X.T", "2*X.T", 1)
    if wrong != truth:
        assert grade(question, wrong).status == "wrong"


def test_a_proof_by_the_bound_is_not_taken_from_the_numbers_that_are_tried() -> None:
    question = _question("a sum of reciprocals", FORMS["a sum of reciprocals"][0])
    zeros = "*".join(f"(n-{k})" for k in range(2, 9))
    core = _core(question, f"{question.truth} + {zeros}*sum(u)")
    assert core is not None
    assert decide(Trial(Prepared(question), core)).status == "wrong"
