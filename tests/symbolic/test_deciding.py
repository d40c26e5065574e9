"""Near misses, special cases, boundaries: what decides, and what is said."""

from __future__ import annotations

import pytest

from autograder.symbolic import Question, Symbol, Unreadable, grade, read
from autograder.symbolic.deciding.bound import counts_to_try
from autograder.symbolic.language.expr import ZERO

from .questions import QUESTIONS

SOFTMAX, TANH, RELU, HUBER = (QUESTIONS[k] for k in ("E12.6", "E07.6", "E07.7", "E08.6"))
OLS, DECODER, JACOBIAN = (QUESTIONS[k] for k in ("E01.6", "E16.6", "E12.4"))


@pytest.mark.parametrize("change", ["1e-6*p", "1e-12*K", "1e-40*p*y", "1e-60*p", "4611686018427377339*1e-58*p"])
def test_near_misses_are_refused_however_small(change: str) -> None:
    verdict = grade(SOFTMAX, f"{SOFTMAX.truth} + {change}")
    assert verdict.status == "wrong"
    assert verdict.witness is not None
    assert verdict.only_when is None


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        (SOFTMAX, "2/K*p*((p-y) - dot(p-y,p))", "K = 2"),
        (SOFTMAX, "5/K*p*((p-y) - dot(p-y,p))", "K = 5"),
        (SOFTMAX, "p*((p-y^2) - dot(p-y,p))", "the label is one-hot"),
        (SOFTMAX, "p[j]*(p[j]-y[j]-(p[0]-y[0])*p[0]-(p[1]-y[1])*p[1])", "K = 2"),
        (SOFTMAX, "p[j]*(p[j]-y[j]-Sum((p[k]-y[k])*p[k], (k, 1, 3)))", "K = 3"),
        (OLS, "2/5*X.T@(X@w-y)", "n = 5"),
        (QUESTIONS["E08.5"], "1 + 0*r", "r > 0"),
        (QUESTIONS["E08.7"], "Abs(r)/sqrt(1+(r/delta)**2)", "r > 0"),
        (QUESTIONS["E14.7"], "((z_j-zbar)-(v_j-vbar))/4", "K = 4"),
    ],
)
def test_right_in_a_special_case_only(question: Question, text: str, said: str) -> None:
    verdict = grade(question, text)
    assert verdict.status == "wrong"
    known = bool(verdict.misconceptions)
    assert known or verdict.only_when == said or verdict.factor is not None
    if verdict.only_when:
        assert said.split()[0] in verdict.message


@pytest.mark.parametrize(
    ("question", "text", "factor"),
    [
        (SOFTMAX, "p*((p-y) - dot(p-y,p))/K", "1/K"),
        (SOFTMAX, "-3*p*((p-y) - dot(p-y,p))", "-3"),
        (OLS, "2*n*X.T@(X@w-y)", "n**2"),
        (OLS, "X.T@(X@w-y)", "n/2"),
        (DECODER, "(X@A).T@(X@A@B - X)", "n/2"),
        (TANH, "-2*(tanh(z)-y)/cosh(z)^2", "-2"),
    ],
)
def test_constant_factors_are_named(question: Question, text: str, factor: str) -> None:
    verdict = grade(question, text)
    assert verdict.status == "wrong"
    assert verdict.factor == factor
    assert factor in verdict.message


@pytest.mark.parametrize(
    "text",
    [
        "Piecewise((z-y, z>=0),(0, True))",
        "where(z>1e-9, z-y, 0)",
        "where(z>-1e-30, z-y, 0)",
        "(z-y)*Heaviside(z) + where(z==0.7, 1, 0)",
        "(z-y)*Heaviside(z) + where(abs(z-0.7)<1e-9, 1, 0)",
        "(z-y)*Heaviside(z) + where((z-0.7)**2<1e-18, 1, 0)",
        "(z-y)*Heaviside(z) + 1e-6*Max(0, z-1.9999)",
        "(z-y)*(1+z/abs(z))/2",
        "Piecewise((z-y, z>0))",
        "where(z>0, z-y, 0/z)",
    ],
)
def test_every_boundary_of_a_piecewise_answer_is_reached(text: str) -> None:
    verdict = grade(RELU, text)
    # 0/z has no value at z = 0 only, and is folded to 0 on reading
    assert verdict.status == ("correct" if "0/z" in text else "wrong"), verdict.message


@pytest.mark.parametrize(
    "text",
    [
        "where(z<=0, 0, z-y)",
        "where(not z>0, 0, z-y)",
        "where(z>0 and z>-1, z-y, 0)",
        "Max(z,0)*Heaviside(z)-y*Heaviside(z)",
        "(z-y)*(1+sign(z))/2*abs(sign(z))",
        "(z-y)*(1-Heaviside(-z))*Heaviside(z)",
    ],
)
def test_other_ways_to_write_the_pieces(text: str) -> None:
    assert grade(RELU, text).status == "correct"


@pytest.mark.parametrize(
    "text",
    [
        "Piecewise((tanh(z)-y, z>-1.9))*(1-tanh(z)**2)",
        f"{TANH.truth} + sqrt(z+1.95)**2 - z - 1.95",
        f"{TANH.truth} + log(z+1.95) - log(z+1.95)",
        f"{TANH.truth} + sqrt(1 - (z-0.7)**2*100000)*0 + sqrt((z-0.7)**2 - 1e-12) - ((z-0.7)**2 - 1e-12)**0.5",
    ],
)
def test_an_answer_needs_a_value_wherever_the_quantity_has_one(text: str) -> None:
    verdict = grade(TANH, text)
    assert verdict.status == "wrong"
    assert "no value" in verdict.message


def test_huber_boundaries_are_where_the_symbols_meet() -> None:
    assert grade(HUBER, "where(abs(r)<delta, r, delta*sign(r))").status == "correct"
    assert grade(HUBER, "where(abs(r)<=delta*1.0000001, r, delta*sign(r))").status == "wrong"
    assert grade(HUBER, "where(abs(r)<=delta, r, delta*sign(r)) + where(r==delta, 1e-9, 0)").status == "wrong"


def test_no_value_at_one_hot_labels_is_wrong() -> None:
    verdict = grade(QUESTIONS["E12.5"], "(p*y - y*y)/y")
    assert verdict.status == "wrong"
    assert "no value" in verdict.message


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        ("p[j]*Sum(Sum(y[k]*p[i]*(p[j]-y[j]-p[i]+y[i]),k),i)", "general"),
        (f"{SOFTMAX.truth} + sum(exp(p+y)) - dot(exp(p), exp(y))", "exact"),
        (f"{SOFTMAX.truth} + Max(p,y) - Max(y,p)", "general"),
        (f"{SOFTMAX.truth} + abs(p) - p", "general"),
        (f"where(p > 0, {SOFTMAX.truth}, y)", "general"),
        (f"{SOFTMAX.truth} + inv(diag(p))@p - 1", "exact"),
        ("p_i*(p_i - y_i - Sum((p_k-y_k)*p_k, k))", "general"),
        ("(diag(p)-outer(p,p))[j,i]*0 + p[j]*(p[j]-y[j]-dot(p-y,p))", None),
    ],
)
def test_unusual_forms(text: str, proof: str | None) -> None:
    verdict = grade(SOFTMAX, text)
    if proof is None:
        assert verdict.status == "unreadable"
    else:
        assert (verdict.status, verdict.proof) == ("correct", proof)


def test_a_polynomial_that_vanishes_at_all_tried_sizes_is_not_accepted() -> None:
    zeros = "*".join(f"(K-{k})" for k in range(2, 11))
    assert grade(SOFTMAX, f"{SOFTMAX.truth} + {zeros}*p").status != "correct"
    zeros = "*".join(f"(K-{k})" for k in range(2, 42))
    assert grade(SOFTMAX, f"{SOFTMAX.truth} + {zeros}*p").status != "correct"


_ZEROS = "*".join(f"(K-{k})" for k in range(3, 8))


@pytest.mark.parametrize(
    "extra",
    [
        "1e-3*(sqrt((K-6)**2) - (6-K))",
        "(K-3)*(K-4)*(K-5)*sin(p)",
        "(K-3)*(K-4)*(K-5)*log(p)",
        "(K-3)*(K-4)*(K-5)*sqrt(p+K)",
        "(K-3)*(K-4)*(K-5)*Max(p, y)",
        "where(K>5, 1e-6, 0)*p",
        "Max(0, K-9)*p",
        "abs(K-6)*p - (6-K)*p",
        f"{_ZEROS}*tanh(p)",
        f"{_ZEROS}*(inv(diag(p))@p)",
        f"{_ZEROS}*Sum(1/(1+p[k]), k)",
        f"{_ZEROS}*(K-8)*(K-9)*(K-10)*sin(p)",
        "sin(pi*K)*p",
        "1e-9*sin(pi*K/60)*" + _ZEROS,
    ],
)
def test_no_form_is_accepted_because_it_is_right_at_the_sizes_that_are_tried(extra: str) -> None:
    assert grade(SOFTMAX, f"{SOFTMAX.truth} + {extra}").status in ("wrong", "undecided")
    assert (
        grade(OLS, f"{OLS.truth} + {extra.replace('K', 'n').replace('p', 'w').replace('y', 'w')}").status != "correct"
    )


@pytest.mark.parametrize("number", ["E03.5", "E03.6", "E04.5", "E11.5", "E14.7"])
@pytest.mark.parametrize(
    "extra",
    ["{zeros}*sin({other})", "{zeros}*{other}", "sqrt(({n}-60)**2) - (60-{n})", "where({n}>{last},1,0)",
     "where({n}=={last},1e-9,0)", "where({n}==25,1e-9,0)", "where({n}>{last}-0.5,1e-9,0)", "Max(0, {n}-100)"],
)  # fmt: skip
def test_nor_because_it_is_right_at_the_whole_numbers_that_are_tried(number: str, extra: str) -> None:
    question = QUESTIONS[number]
    count = next(s for s in question.symbols if s.counts)
    other = next(s.name for s in question.symbols if not s.integer)
    low, high = map(int, count.drawn)
    zeros = "*".join(f"({count.name}-{k})" for k in range(low, min(high, low + 30) + 1))
    text = extra.format(zeros=zeros, other=other, n=count.name, last=high)
    assert grade(question, f"{question.truth} + {text}").status in ("wrong", "undecided")


@pytest.mark.parametrize(
    ("form", "degree"),
    [
        ("K**2*p", 2),
        ("p/K", 1),
        ("1/K + K", 2),
        ("(K+1)**3/(K-1)**2", 3),
        ("((K+1)/K)**-2", 2),
        ("p*sum(p)", 0),
        ("sqrt(K)*p", None),
        ("where(K>3, p, y)", None),
        ("exp(p)", 0),
        ("p**K", None),
    ],
)
def test_the_degree_in_a_size_is_bounded_or_refused(form: str, degree: int | None) -> None:
    reading = read(SOFTMAX, form)
    assert not isinstance(reading, Unreadable)
    assert reading.core is not None
    counts = counts_to_try(SOFTMAX, ["K"], reading.core, ZERO)
    assert counts == (None if degree is None else {"K": degree + 1})


def test_shapes_that_do_not_fit_are_said() -> None:
    verdict = grade(OLS, "X@(X@w-y)")
    assert verdict.status == "wrong"
    assert "(n, d) @ (n,)" in verdict.message
    verdict = grade(JACOBIAN, "eye(3) - outer(p,p)")
    assert verdict.status == "wrong"
    assert "fixes a size" in verdict.message
    assert grade(OLS, "2/n*Sum(X[j,i]*(X@w-y)[i], i)").status == "wrong"


def test_a_jacobian_needs_both_indices_in_their_places() -> None:
    question = Question("outer", "outer(p, y)", JACOBIAN.symbols + SOFTMAX.symbols[1:], ("K", "K"), ("i", "j"))
    assert grade(question, "p[i]*y[j]").status == "correct"
    assert grade(question, "p[j]*y[i]").status == "wrong"
    assert grade(question, "outer(y, p).T").status == "correct"
    assert isinstance(read(question, "p[k]*y[j]"), Unreadable)


def test_undecided_waits_for_a_person() -> None:
    verdict = grade(SOFTMAX, f"{SOFTMAX.truth} + where(p > 1e-9, 0, 1)")
    assert verdict.status == "undecided"
    assert "person" in verdict.message


def test_verdicts_are_reproducible() -> None:
    from autograder.symbolic.deciding.prepared import prepare

    first = grade(SOFTMAX, "p*(1-p)*(p-y) + 1")
    prepare.cache_clear()
    second = grade(SOFTMAX, "p*(1-p)*(p-y) + 1")
    assert first.witness is not None
    assert second.witness is not None
    assert first.witness.text == second.witness.text


def test_verdicts_cross_processes() -> None:
    import pickle

    for text in (SOFTMAX.truth, "p - y", "p -", "outer(p, y)", f"{SOFTMAX.truth} + 1e-40*p"):
        verdict = grade(SOFTMAX, text)
        again = pickle.loads(pickle.dumps(verdict))
        assert (again.status, again.message, again.witness) == (verdict.status, verdict.message, verdict.witness)


def test_a_reading_has_plain_text_and_latex() -> None:
    reading = read(SOFTMAX, "p[j]^2 - Sum(p[k]*(y[k]-1/2), k)")
    assert not isinstance(reading, Unreadable)
    assert reading.plain == "p[j]**2 - Sum(p[k]*(y[k] - 1/2), k)"
    assert reading.latex == r"{{p}_{j}}^{2} - \sum_{k} {p}_{k} \, \left({y}_{k} - \frac{1}{2}\right)"


def test_the_example_of_the_documentation_holds() -> None:
    import autograder.symbolic.language.question as module

    code = [line[4:] for line in (module.__doc__ or "").split("\n") if line.startswith("    ")]
    namespace: dict[str, object] = {}
    exec(  # the text of our own documentation
        "from autograder.symbolic import grade\n" + "\n".join(code), namespace
    )
    question = namespace["QUESTION"]
    assert isinstance(question, Question)
    assert all(grade(question, form).status == "correct" for form in (question.truth, *question.equivalents))
    assert namespace["verdict"].misconceptions[0].id == "6a"  # type: ignore[attr-defined]  # a FormulaVerdict


@pytest.mark.parametrize(
    ("text", "truth"), [("gamma(x+1)", "x*gamma(x)"), ("sin(2*x)", "2*sin(x)*cos(x)"), ("sqrt(x**2)", "Abs(x)")]
)
def test_functions_without_a_normal_form_are_decided_numerically(text: str, truth: str) -> None:
    question = Question("f", truth, (Symbol("x", draw=(-2.5, 2.5) if "sqrt" in text else (0.1, 3)),))
    verdict = grade(question, text)
    assert (verdict.status, verdict.proof) == ("correct", "numeric")


RANGE = "p[i]*(p[i] - y[i] - Sum(p[j]*(p[j]-y[j]), (j, {})))"
LATEX = r"p_i\left(p_i-y_i-\sum_{{{}}}p_j(p_j-y_j)\right)"


@pytest.mark.parametrize(
    "text",
    [
        *(RANGE.format(part) for part in ("1, K-1", "0, K", "2, K", "1, K-3", "-1, K", "i, K", "1, i", "1, K+1")),
        *(LATEX.format(bounds) for bounds in ("j=1}^{K-1", "j=2}^{K", "j=0}^{K", "j=i}^{K", r"j\ne i")),
    ],
)  # fmt: skip
def test_a_sum_over_a_part_of_its_range_is_never_taken_for_the_whole(text: str) -> None:
    assert grade(SOFTMAX, text).status in ("unreadable", "wrong")


@pytest.mark.parametrize(
    "text", [RANGE.format("1, K"), RANGE.format("0, K-1"), LATEX.format("j=1}^{K"), LATEX.format("j=0}^{K-1")]
)
def test_a_sum_over_the_whole_range_counts_from_1_or_from_0(text: str) -> None:
    assert grade(SOFTMAX, text).status == "correct"


@pytest.mark.parametrize(
    ("question", "text", "status"),
    [
        (TANH, "(tanh(z)-y)*(1-tanh(z)**2)*exp(10**6*z)/exp(10**6*z)", "correct"),
        (TANH, "(tanh(z)-y)*(1-tanh(z)**2)*(exp(10**9*z)+1)/(1+exp(10**9*z))", "correct"),
        (RELU, "where(z > 0, (z-y)*exp(10**6*z)*exp(-10**6*z), 0)", "correct"),
        (RELU, "(z - y)/(1 + exp(-100000*z))", "wrong"),
        (RELU, "(z - y)/(1 + exp(-10**20*z))", "wrong"),
        (TANH, "(tanh(z)-y)*(1-tanh(z)**2)*log(z)/log(z)", "wrong"),
    ],
)
def test_what_is_too_large_to_be_computed_has_a_value_all_the_same(question: Question, text: str, status: str) -> None:
    verdict = grade(question, text)
    assert verdict.status == status
    assert ("no value" in verdict.message) == ("log" in text)
