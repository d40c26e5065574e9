"""Derivations: what the course states is what SymPy derives, and what is wrong is said to be wrong."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("sympy")

from autograder.authoring.derivations import (
    check,
    check_all,
    check_article,
    check_comparison,
    load,
    main_report,
    page,
    plaintext,
)
from autograder.authoring.derivations.mathml import Setter, prose
from autograder.authoring.derivations.plaintext import places
from autograder.errors import CourseError
from autograder.symbolic import Derivation, Symbol
from autograder.symbolic.second.compare import Equality

ROOT = Path(__file__).parents[2]
DERIVATIONS, COMPARISONS, CHAPTER = load(ROOT)
BY_NUMBER = {d.number: d for d in DERIVATIONS}
BY_NAME = {d.id: d for d in DERIVATIONS}
CENTRAL = COMPARISONS[0]
NAMES = [d.number for d in DERIVATIONS]
COMPARED = {name for comparison in COMPARISONS for name in comparison.formulas.values()}
SLOW = ("E03.5", "E03.6")  # SymPy needs seconds for each
# the integration tier proves all of them, at every size
SAMPLE = [d.number for k, d in enumerate(DERIVATIONS) if (k % 5 == 0 and d.number not in SLOW) or d.id in COMPARED]

# wrong statements that an author could make: prefactor, sign, a lost factor, a size written as a number
WRONG = {
    "E01.6": ["1/n*X.T@(X@w-y)", "2/n*X.T@(y-X@w)", "2/3*X.T@(X@w-y)", "2/n*(X@w-y)"],
    "E03.5": ["(tau2*ybar+sigma2*m0)/(tau2+sigma2)", "ybar"],
    "E03.6": ["n/(a+n)", "(a+b)/(a+b+n)"],
    "E04.5": ["1 - M/v"],
    "E05.6": ["1/n*(yhat_i-y_i)*x_ij", "2/n*(yhat_i-y_i)*yhat_i"],
    "E05.7": ["2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)", "2.000002*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)*x"],
    "E06.7": ["my + sy*b - w*mx/sx"],
    "E07.7": ["where(z>=0, z-y, 0)", "Max(z,0)-y"],
    "E08.5": ["1"],
    "E08.6": ["Piecewise((r, Abs(r)<=delta),(sign(r), True))", "Min(r, delta)"],
    "E09.5": ["pi*nu*gamma(nu/2)**2/gamma((nu+1)/2)**2", "pi/2"],
    "E10.6": ["1-(y-mu)**2*exp(-s)"],
    "E11.5": ["c**2*sigma2 + (1-c)**2*theta**2"],
    "E11.6": ["theta**2/(theta**2+sigma2)"],
    "E12.4": ["diag(p*(1-p))", "outer(p,p) - diag(p)", "p*(1-p)"],
    "E12.5": ["y - p", "p - y^2", "2/K*(p-y)"],
    "E12.6": ["2*p*((p-y) - dot(p-y,p))", "p*(1-p)*(p-y)", "2*p*(1-p)*(p-y)", "p - y"],
    "E12.7": ["-2*eps*(1-eps)**2", "2*eps"],
    "E14.6": ["T**2*(p_j-q_j)"],
    "E14.7": ["(z_j-v_j)/K", "((z_j-zbar)-(v_j-vbar))/2"],
    "E15.7": ["10*log(R**2/M)"],
    "E16.6": ["2/n*(X@A).T@(X - X@A@B)", "2/n*X.T@(X@A@B - X)"],
    "E18.6": ["(pi_y*y + pi_r*m)/(pi_y + pi_r)"],
}  # fmt: skip


@pytest.fixture(scope="module")
def outcome():
    """A sample of the derivations at their first size, and the comparisons in full."""
    small = [replace(BY_NUMBER[number], sizes=BY_NUMBER[number].sizes[:1]) for number in SAMPLE]
    said = []
    results, compared = check_all(small, COMPARISONS, lambda done, total, label: said.append((done, total)))
    return {r.derivation.number: r for r in results}, compared, said


@pytest.fixture(scope="module")
def everywhere():
    """Every derivation at all its sizes."""
    return {r.derivation.number: r for r in check_all(DERIVATIONS, ())[0]}


def holds(result):
    """Assert that a derivation, its lines and its facts hold wherever they were looked at."""
    faults = [(h.formula, v) for h in (result.stated, *result.lines, *result.facts) for v in h.verdicts if not v.ok]
    assert faults == []
    assert result.ok
    assert len(result.stated.verdicts) == len(result.derivation.sizes) * max(1, len(result.derivation.cases))


@pytest.mark.parametrize("number", SAMPLE)
def test_a_derivation_holds_at_its_first_size(outcome, number):
    holds(outcome[0][number])


@pytest.mark.integration
@pytest.mark.parametrize("number", NAMES)
def test_a_derivation_holds_at_every_size(everywhere, number):
    assert everywhere[number].derivation.sizes == BY_NUMBER[number].sizes
    holds(everywhere[number])


def test_every_symbolic_part_is_derived_once():
    assert len({d.part for d in DERIVATIONS if d.part}) == len([d for d in DERIVATIONS if d.part]) == 33
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.integration
def test_every_displayed_formula_of_the_chapter_has_a_derivation_that_holds(everywhere):
    proved = check_article(CHAPTER, tuple(everywhere.values()))
    assert [one.formula.words for one in proved if not one.ok] == []
    assert {d.id for d in DERIVATIONS if not d.part} <= {name for one in CHAPTER for name in one.derivations}


def test_the_list_of_displayed_formulas_is_that_of_the_text():
    lines = (ROOT / "tests" / "fixtures" / "chapter_formulas.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line[2:] for line in lines if line.startswith(("= ", "w "))]
    assert sorted(formula.latex for formula in CHAPTER) == sorted(wanted)
    order = [wanted.index(formula.latex) for formula in CHAPTER if f"= {formula.latex}" in lines]
    assert order == sorted(order)


def test_a_displayed_formula_without_a_derivation_is_told():
    (one,) = check_article([replace(CHAPTER[0], derivations=("absent",))], ())
    assert not one.ok
    assert one.missing == ("absent",)
    assert "no derivation is called absent" in plaintext.report((), (), (one,))


@pytest.mark.parametrize(
    ("number", "stated"),
    [
        ("E12.6", "p*((p-y) - dot(p-y,p))*(1+(K-2)*(K-3)*(K-4)*(K-5))"),
        ("E12.5", "(p-y)*(1+(K-2)*(K-3)*(K-4)*(K-5))"),
    ],
)
def test_a_factor_that_is_1_at_every_size_SymPy_tries_is_refuted_by_the_proof_for_every_size(number, stated):
    planted = replace(BY_NUMBER[number], stated=stated, lines=(), facts=())
    assert check(replace(planted, question=None)).ok
    result = check(planted)
    assert not result.ok
    assert result.stated.ok
    assert result.engine is not None
    assert result.engine.words == "refuted"
    assert "for every size, by the engine: refuted" in plaintext.report((result,), ())


@pytest.mark.parametrize("number", ["E12.5", pytest.param("E12.6", marks=pytest.mark.integration)])
def test_a_line_with_such_a_factor_is_refuted_too(number):
    right = BY_NUMBER[number]
    why, line = right.lines[-1]
    planted = f"({line})*(1+(K-2)*(K-3)*(K-4)*(K-5))"
    result = check(replace(right, lines=(*right.lines[:-1], (why, planted))))
    assert not result.ok
    assert [held.ok for held in result.lines] == [True] * (len(right.lines) - 1) + [False]
    (verdict,) = [v for v in result.lines[-1].verdicts if not v.ok]
    assert verdict.where == "every size"


def test_a_line_is_compared_with_the_line_before():
    right = BY_NUMBER["E12.6"]
    lines = [(why, f"2*({text})") if k in (1, 2) else (why, text) for k, (why, text) in enumerate(right.lines)]
    result = check(replace(right, lines=tuple(lines)))
    sympy = [all(v.ok for v in held.verdicts if v.where != "every size") for held in result.lines]
    assert sympy == [True, False, True, False]  # the third follows from the second, the fourth does not


def test_a_line_that_repeats_the_line_before_derives_nothing():
    right = BY_NUMBER["E12.5"]
    (why, text) = right.lines[-1]
    result = check(replace(right, lines=((why, text), (why, text.replace(" ", "")))))
    assert [held.ok for held in result.lines] == [True, False]
    assert "repeats the line before" in result.lines[1].verdicts[0].note


def test_a_derivation_that_never_meets_the_loss_of_its_question_is_reported():
    right = BY_NUMBER["E02.6"]
    assert check(right).ok
    result = check(replace(right, quantity="m2 - 2*a*m1 + a^2 + m1", steps=(("differentiate", "a"),)))
    assert "no step gives the loss of the question" in result.stated.verdicts[0].note


@pytest.mark.parametrize(
    ("changes", "formula"),
    [
        ({"conclusion": "It vanishes: `2*(x-a) = 0`."}, "2*(x-a) =  0"),
        ({"lines": (("since `(x-a)^2 = x^2-a^2`", "2*(x-a)"),)}, "(x-a)^2 =      x^2-a^2"),
    ],
)
def test_a_false_equation_in_a_reason_or_a_conclusion_is_caught(changes, formula):
    assert check(replace(SMALL, conclusion="It holds that `(x-a)^2 = (a-x)^2`.")).ok
    result = check(replace(SMALL, **changes))
    assert not result.ok
    (claim,) = [held for held in result.facts if not held.ok]
    assert claim.formula.replace(" ", "") == formula.replace(" ", "")


def test_the_text_report_prints_limits_as_limits():
    text = plaintext.report((check(BY_NUMBER["E07.6"]),), ())
    assert "limit as z -> oo of (tanh(z)-y)*(1-tanh(z)^2) = 0" in text


@pytest.mark.parametrize("number", NAMES)
def test_a_derivation_says_how_it_goes_and_what_it_means(number):
    derivation = BY_NUMBER[number]
    assert derivation.lines or not derivation.part
    assert derivation.conclusion
    assert derivation.convention


def test_softmax_is_taken_at_two_to_five_classes_and_data_at_three_samples_of_two_features():
    with_classes = [d for d in DERIVATIONS if {"K": 2} in d.sizes and len(d.sizes) > 1]
    assert len(with_classes) >= 5
    assert all([dict(s) for s in d.sizes] == [{"K": k} for k in (2, 3, 4, 5)] for d in with_classes)
    assert all(dict(d.sizes[0]) == {"n": 3, "d": 2} for d in DERIVATIONS if set(d.sizes[0]) == {"n", "d"})


@pytest.mark.core_sample(13)
@pytest.mark.parametrize(
    ("number", "formula"),
    [
        pytest.param(n, f, marks=pytest.mark.integration if n in SLOW else ())
        for n, formulas in WRONG.items()
        for f in formulas
    ],
)
def test_a_wrong_statement_is_reported_with_a_witness(number, formula):
    right = BY_NUMBER[number]
    result = check(replace(right, stated=formula, lines=(), facts=(), sizes=right.sizes[:2]))
    assert not result.ok
    assert {v.status for v in result.stated.verdicts} <= {"proved", "differs", "error"}
    assert any(v.note for v in result.stated.verdicts if not v.ok)


def test_a_formula_right_for_two_classes_only_is_proved_there_and_refuted_at_three():
    right = BY_NUMBER["E12.6"]
    verdicts = check(replace(right, stated="2*p*(1-p)*(p-y)", lines=(), facts=())).stated.verdicts
    assert [v.status for v in verdicts] == ["proved", "differs", "differs", "differs"]


def test_a_wrong_line_and_a_wrong_fact_are_named():
    right = BY_NUMBER["E07.6"]
    fact = replace(right.facts[1], right="-8")
    result = check(replace(right, lines=(("wrong", "tanh(z)-y"),), facts=(fact,)))
    assert result.stated.ok
    assert not result.lines[0].ok
    assert not result.facts[0].ok


@pytest.mark.parametrize("field_name", ["limits", "leading"])
def test_a_wrong_limit_of_the_comparison_is_reported(field_name):
    comparison = CENTRAL
    path = comparison.paths[0]
    wrong = {**getattr(path, field_name), "squared error": ("-1", "K*eps", "-eps")}
    compared = check_comparison(replace(comparison, paths=(replace(path, **{field_name: wrong}),), facts=()), BY_NAME)
    assert not compared.ok
    assert compared.tables[0].cells["cross-entropy"][0].ok
    assert not compared.tables[0].cells["squared error"][0].ok


def test_the_central_comparison_stands_in_full(outcome):
    (central,) = (c for c in outcome[1] if c.comparison == CENTRAL)
    assert central.ok
    assert central.comparison.central
    wrong = central.tables[0]
    assert [c.limit for c in wrong.cells["cross-entropy"]] == ["-1", "1", "0"]
    assert [c.limit for c in wrong.cells["squared error"]] == ["0", "0", "0"]
    assert [c.leading for c in wrong.cells["squared error"]] == ["-2*eps", "K*eps", "-eps"]
    assert {dict(s)["K"] for s in wrong.path.sizes} == {2, 3, 4, 5}


def test_progress_counts_to_the_end(outcome):
    said = outcome[2]
    total = len(SAMPLE) + len(COMPARISONS)
    assert said == [(done, total) for done in range(total + 1)]


# --- faults of an author ----------------------------------------------------------------------------------------


SMALL = Derivation(
    id="parabola",
    number="X1",
    title="A parabola",
    quantity="(x-a)^2",
    steps=(("differentiate", "x"),),
    stated="2*(x-a)",
    symbols=(Symbol("x"), Symbol("a")),
)


def test_a_derivation_says_what_is_missing():
    with pytest.raises(ValueError, match=r"derivation 'A parabola': stated is missing"):
        replace(SMALL, stated="")
    for kind, changes in (("kind", {"kind": "complex"}), ("of=", {"kind": "function"}), ("of=", {"of": "x"})):
        with pytest.raises((ValueError, CourseError), match=kind):
            Symbol("f", **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stated": "2*(x-"}, "cannot be read"),
        ({"stated": "2*(x-b)"}, "unknown name 'b'"),
        ({"steps": (("derive", "x"),)}, "unknown step 'derive'"),
        ({"steps": (("differentiate", "u"),)}, "differentiate u"),
        ({"quantity": "(x-a)^4", "steps": (("minimise", "x"),), "stated": "x"}, "second derivative"),
        ({"quantity": "exp(x)", "steps": (("minimise", "x"),), "stated": "x"}, "0 roots"),
        ({"steps": (("expect", "x", "0"),)}, "a moment beyond the 1 given"),
    ],
)
def test_a_fault_of_the_description_is_a_verdict_that_says_what_to_mend(changes, said):
    result = check(replace(SMALL, **changes))
    assert not result.ok
    assert result.stated.verdicts[0].status == "error"
    assert said in result.stated.verdicts[0].note


def test_a_derivation_without_sizes_proves_nothing():
    assert not check(replace(SMALL, sizes=())).ok


def test_a_course_without_derivations_is_an_error_that_names_the_file(tmp_path):
    write(tmp_path, "")
    with pytest.raises(CourseError, match=r"write DERIVATIONS in exercises/first/derivations.py"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DERIVATIONS = 1/0\n", r"derivations.py:1: .*ZeroDivisionError"),
        ("DERIVATIONS = ('a', 'b')\n", "DERIVATIONS holds a str; every entry is a Derivation"),
        ("COMPARISONS = 5\n", "COMPARISONS is a int; write a tuple"),
    ],
)
def test_a_fault_of_the_file_names_it(tmp_path, text, said):
    write(tmp_path, text)
    with pytest.raises(CourseError, match=said):
        load(tmp_path)


def write(root, derivations, more=""):
    """Write a course of one exercise without parts that are graded."""
    folder = root / "exercises" / "first"
    folder.mkdir(parents=True)
    checks = "from autograder.checks import Exercise, Part\nEXERCISE = Exercise('first', number='E90', title='First', "
    checks += "difficulty=1, minutes=5, "
    (folder / "checks.py").write_text(checks + "parts=(Part('essay', points=1, kind='manual'),))\n")
    (folder / "grading.py").write_text("")
    (folder / "derivations.py").write_text(derivations)
    (root / "exercises" / "chapter.py").write_text(more)


# --- the report -------------------------------------------------------------------------------------------------

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Collects tags and attributes, and checks that tags nest."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A small course folder: the report of two derivations and the central comparison."""
    root = tmp_path_factory.mktemp("course")
    text = (ROOT / "exercises" / "softmax_mse_vs_ce" / "derivations.py").read_text(encoding="utf-8")
    write(
        root,
        f"{text}\nfrom dataclasses import replace\n"
        "compared = COMPARISONS[0].formulas.values()\n"
        "DERIVATIONS = [replace(d, question=None) for d in DERIVATIONS if d.id in compared]\n",
        "from autograder.symbolic import Formula\nFORMULAS = (Formula('p - y', ('sym_ce_grad',), 'p - y'),)\n",
    )
    return main_report(root)


def test_the_entry_point_returns_both_reports_and_whether_all_holds(course):
    text, html, ok = course
    assert ok
    for part in ("E90.a", "E90.b", "confident wrong class", "2 derivations and 1 comparisons", "p - y"):
        assert part in text
        assert part in html
    assert "`" not in text


def test_the_page_is_self_contained_and_has_no_script(course):
    page = Page()
    page.feed(course[1])
    assert page.open == []
    assert not {"script", "iframe", "img", "link", "object", "embed", "form"} & set(page.tags)
    assert all(value.startswith("#") for _, name, value in page.attributes if name in ("href", "src", "action", "data"))
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not re.search(r"https?:|@import|url\(", course[1])
    policy = [
        value for tag, name, value in page.attributes if tag == "meta" and name == "content" and "default-src" in value
    ]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]
    assert "math" in page.tags


def test_links_lead_somewhere(course):
    page = Page()
    page.feed(course[1])
    ids = {value for _, name, value in page.attributes if name == "id"}
    assert {value[1:] for _, name, value in page.attributes if name == "href"} <= ids


def test_words_of_the_course_are_escaped():
    small = replace(SMALL, title="<b>bold</b>", conclusion="1 < 2 & `x`", stated="<script>", name="L")
    html = page.report(*check_all([small]))
    assert "<b>bold" not in html
    assert "<script>" not in html
    assert "1 &lt; 2 &amp; <math>" in html


def test_the_same_check_gives_the_same_report():
    wrong = replace(SMALL, stated="2*(x+a)")
    first, again = (plaintext.report(*check_all([wrong])) for _ in range(2))
    assert first == again
    assert "differs" in first


@pytest.mark.parametrize(
    ("formula", "markup"),
    [
        ("a/b", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        ("sigma2", "<msup><mi>σ</mi><mn>2</mn></msup>"),
        ("sigma2**2", "<msup><mi>σ</mi><mn>4</mn></msup>"),
        ("X.T", "<msup><mi>X</mi><mo>⊤</mo></msup>"),
        ("p[j]", "<msub><mi>p</mi><mrow><mi>j</mi></mrow></msub>"),
        ("-2*a", "<mrow><mo>−</mo><mrow><mn>2</mn><mo>&#x2062;</mo><mi>a</mi></mrow></mrow>"),
        ("p*y", "<mrow><mi>p</mi><mo>⊙</mo><mi>y</mi></mrow>"),
        ("tanh(z)^2", "<mrow><msup><mi>tanh</mi><mn>2</mn></msup><mrow><mo>(</mo><mi>z</mi><mo>)</mo></mrow></mrow>"),
        ("a <", "<mtext>a &lt;</mtext>"),
    ],
)
def test_formulas_are_set_as_they_are_written(formula, markup):
    assert Setter({"sigma2": "sigma^2"}, ("p", "y")).text(formula) == markup


def test_sums_keep_their_brackets():
    setter = Setter({}, ())
    assert "<mo>(</mo>" in setter.text("Sum(a[i]+b[i], i)")
    assert "<mo>(</mo>" in setter.text("Sum(a[i], i)*b")
    assert "<mo>(</mo>" not in setter.text("b*Sum(a[i], i)")
    assert "<mo>(</mo>" in setter.text("a-(b-c)")
    assert prose("x `a`", {}) == "x <math><mi>a</mi></math>"


@pytest.mark.parametrize(
    ("wheres", "said"),
    [
        (["K = 2", "K = 3", "K = 2"], "K = 2, 3"),
        (["n = 3, d = 2", "n = 2, d = 3"], "(n, d) = (3, 2), (2, 3)"),
        (["z > 0", "z = 0"], "z > 0; z = 0"),
        ([""], "in general"),
    ],
)
def test_places_are_told_shortly(wheres, said):
    assert places([Equality(where, "proved") for where in wheres]) == said
