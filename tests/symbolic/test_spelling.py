"""What students write: read as meant and echoed, or refused with a cure that works."""

from __future__ import annotations

import pytest

from autograder.symbolic import Unreadable, grade, read

from .questions import QUESTIONS

RIGHT = [
    ("E12.6", "p_j (p_j - y_j - Sum((p_k-y_k) p_k, k))"),
    ("E12.6", "p_j(p_j-y_j-\N{N-ARY SUMMATION}((p_k-y_k)p_k, k))"),
    ("E12.5", "softmax(z) - y"),
    ("E12.5", "exp(z[j])/Sum(exp(z[k]),k) - y[j]"),
    ("E12.5", "p \N{MINUS SIGN} y"),
    ("E12.4", "where(i==j, p_i(1-p_i), -p_i p_j)"),
    ("E12.4", "where(i != j, -p_i*p_j, p_i - p_i\N{SUPERSCRIPT TWO})"),
    ("E12.4", "p_i(\N{GREEK SMALL LETTER DELTA}_ij - p_j)"),
    ("E12.4", "p_i*(delta_ij - p_j)"),
    ("E12.7", "2\N{GREEK SMALL LETTER EPSILON}(1-\N{GREEK SMALL LETTER EPSILON})\N{SUPERSCRIPT TWO}"),
    ("E12.7", "2*epsilon*(1-epsilon)^2"),
    ("E13.5", "(\N{GREEK SMALL LETTER SIGMA}(z)-o)\N{GREEK SMALL LETTER SIGMA}(z)(1-\N{GREEK SMALL LETTER SIGMA}(z))"),
    ("E13.5", "(sigmoid(z)-o)*sigmoid(z)*(1-sigmoid(z))"),
    ("E13.5", "(1/(1+e^-z) - o) * e^-z/(1+e^-z)^2"),
    ("E13.5", "(s-o)*s*(1-s) where s = 1/(1+exp(-z))"),
    ("E13.5", "s = 1/(1+exp(-z)); (s-o)*s*(1-s)"),
    ("E13.5", "s = sigma(z)\n(s-o)*s*(1-s)"),
    ("E13.6", "p - 2q p + q^2"),
    ("E14.6", "T(p_j-q_j)"),
    ("E14.6", "T (p - q)"),
    ("E14.6", "T\N{MIDDLE DOT}(softmax(z/T) - q)"),
    ("E07.6", "(tanh z - y)(1 - tanh^2 z)"),
    ("E07.6", "(tanh(z)-y)(1-tanh\N{SUPERSCRIPT TWO}(z))"),
    ("E07.6", "(np.tanh(z) - y)/np.cosh(z)**2"),
    ("E07.7", "where(z>0, z-y, 0)"),
    ("E07.7", "(relu(z)-y)*Heaviside(z)"),
    ("E08.5", "sgn(r)"),
    ("E08.6", "where(|r| <= \N{GREEK SMALL LETTER DELTA}, r, \N{GREEK SMALL LETTER DELTA}*sign(r))"),
    ("E08.6", "maximum(-delta, minimum(r, delta))"),
    ("E08.7", "r/\N{SQUARE ROOT}(1+r\N{SUPERSCRIPT TWO}/\N{GREEK SMALL LETTER DELTA}\N{SUPERSCRIPT TWO})"),
    ("E10.6", "1/2 (1 - (y-mu)^2 e^(-s))"),
    ("E10.6", "(1 - (y-\N{GREEK SMALL LETTER MU})\N{SUPERSCRIPT TWO} exp(-s))/2"),
    ("E11.5", "c\N{SUPERSCRIPT TWO}\N{GREEK SMALL LETTER SIGMA}\N{SUPERSCRIPT TWO}/n + (1-c)^2 theta^2"),
    ("E11.6", "theta^2/(theta^2+sigma^2/n)"),
    ("E03.5", "(sigma^2 m_0 + n tau^2 y_bar)/(sigma^2 + n tau^2)"),
    ("E03.5", "(sigma^2 m0 + n tau^2 y\N{COMBINING MACRON})/(sigma^2 + n tau^2)"),
    ("E05.6", "2/n (yhat_i - y_i) x_ij"),
    ("E05.6", "2/n (y\N{COMBINING CIRCUMFLEX ACCENT}_i - y_i) x_{ij}"),
    ("E05.7", "2 (tanh(w x+b)-y) (1-tanh^2(w x+b)) x"),
    ("E01.6", "2/n X.T@(X@w \N{MINUS SIGN} y)"),
    ("E01.6", "2/n*X^T@(X@w-y)"),
    ("E01.6", "2/n*X.T@(X@w-y) = 0"),
    ("E01.6", "2/n*X.T@(X@w-y) = dL/dw"),
    ("E01.6", "dL/dw = 2/n*X.T@(X@w-y)"),
    ("E01.6", "2/n*Sum(x_ij*(Sum(x_ik w_k,k)-y_i),i)"),
    ("E15.7", "10 log10(R^2/M)"),
    ("E15.7", "10*ln(R^2/M)/ln(10)"),
    ("E09.5", "pi*nu*gamma(nu/2)^2/(4 gamma((nu+1)/2)^2)"),
    ("E18.6", "(pi_y u y + pi_r m)/(pi_y u^2 + pi_r)"),
]


@pytest.mark.parametrize(("number", "text"), RIGHT)
def test_usual_spellings_are_read_as_meant_and_the_echo_reads_alike(number: str, text: str) -> None:
    question = QUESTIONS[number]
    verdict = grade(question, text)
    assert verdict.status == "correct", verdict.message
    assert verdict.plain
    assert verdict.plain.isascii()
    again = grade(question, verdict.plain)
    assert "=" in text.replace("==", "").replace("!=", "").replace("<=", "") or again.status == "correct"


CURED = [
    ("E12.5", "p\N{MIDDLE DOT}y", "write p*y", None),
    ("E01.6", "2/n X^T (X w - y)", "write @ for the matrix product", "2/n X^T @ (X @ w - y)"),
    ("E16.6", "2/n (X A)^T (X A B - X)", "write @ for the matrix product", "2/n (X@A)^T @ (X@A@B - X)"),
    ("E10.6", "1/2(1-(y-mu)^2*exp(-s))", "(a/b)*c", "(1/2)*(1-(y-mu)^2*exp(-s))"),
    ("E05.7", "2x(tanh(wx+b)-y)sech^2(wx+b)", "did you mean w*x?", "2x(tanh(w*x+b)-y)sech^2(w*x+b)"),
    ("E07.6", "(tanh z^2 - y)", "with brackets", None),
    ("E14.6", "p(p-q)", "products need *", None),
    ("E12.6", "np.dot(p, y", "check operators and brackets", None),
    ("E07.6", "(sigma(z)-y)", "1/(1 + exp(-u))", None),
]


@pytest.mark.parametrize(("number", "text", "cure", "cured"), CURED)
def test_what_is_refused_comes_with_a_cure_that_works(number: str, text: str, cure: str, cured: str | None) -> None:
    reading = read(QUESTIONS[number], text)
    assert isinstance(reading, Unreadable)
    assert cure in reading.message
    if cured is not None:
        assert grade(QUESTIONS[number], cured).status == "correct"


@pytest.mark.parametrize(
    ("number", "text", "said"),
    [
        (
            "E12.4",
            "diag(p) - p@p.T",
            "p @ p.T is a number, since a vector is its own transpose; the matrix is outer(p, p)",
        ),
        ("E12.4", "diag(p) - p*p.T", "the matrix is outer(p, p)"),
        ("E12.6", "(diag(p)-p@p.T)@(p-y)", "the matrix is outer(p, p)"),
        ("E08.7", "r/(1+r^2/delta^2)^1/2", "for a root write (1 + r**2/delta**2)**(1/2)"),
        ("E04.5", "1 - n*M/(n-1)*v", "with brackets, n*M/((n - 1)*v), the answer is right"),
    ],
)
def test_traps_of_spelling_are_named_with_what_to_write(number: str, text: str, said: str) -> None:
    verdict = grade(QUESTIONS[number], text)
    assert verdict.status == "wrong"
    assert said in verdict.message


def test_the_cures_of_the_traps_are_right() -> None:
    assert grade(QUESTIONS["E12.4"], "diag(p) - outer(p, p)").status == "correct"
    assert grade(QUESTIONS["E08.7"], "r/(1+r^2/delta^2)**(1/2)").status == "correct"


# --- LaTeX -----------------------------------------------------------------------------------------------------

LATEX = [
    ("E01.6", r"$\frac{2}{n} X^\top (Xw - y)$"),
    ("E01.6", r"\frac2n X^T(Xw-y)"),
    ("E01.6", r"\frac{\partial L}{\partial w} = \frac{2}{n} X^{\top} (Xw-y)"),
    ("E01.6", r"\frac{2}{n}\sum_{i=1}^{n} X_{ij}\left(\sum_k X_{ik} w_k - y_i\right)"),
    ("E03.5", r"\frac{\sigma^2 m_0+n\tau^2\bar y}{\sigma^2+n\tau^2}"),
    ("E05.6", r"\frac{2}{n}(\hat y_i-y_i)x_{ij}"),
    ("E05.7", r"2(\tanh(wx+b)-y)(1-\tanh^2(wx+b))x"),
    ("E07.6", r"(\tanh z - y)(1-\tanh^2 z)"),
    ("E07.7", r"\begin{cases} z-y & z>0 \\ 0 & \text{otherwise}\end{cases}"),
    ("E08.5", r"\operatorname{sgn}(r)"),
    ("E08.6", r"\begin{cases} r & \text{if } |r|\le\delta \\ \delta\,\operatorname{sgn}(r) & \text{else} \end{cases}"),
    ("E08.7", r"\frac{r}{\sqrt{1+r^2/\delta^2}}"),
    ("E09.5", r"\frac{\pi\nu\,\Gamma(\nu/2)^2}{4\,\Gamma((\nu+1)/2)^2}"),
    ("E10.6", r"\frac12\left(1-(y-\mu)^2 e^{-s}\right)"),
    ("E11.5", r"c^2\frac{\sigma^2}{n}+(1-c)^2\theta^2"),
    ("E11.6", r"\dfrac{\theta^2}{\theta^2+\sigma^2/n}"),
    ("E12.4", r"p_i(\delta_{ij}-p_j)"),
    ("E12.4", r"\mathrm{diag}(p) - pp^\top"),
    ("E12.5", r"\operatorname{softmax}(z) - y"),
    ("E12.5", r"\frac{e^{z_j}}{\sum_k e^{z_k}} - y_j"),
    ("E12.6", r"p_j(p_j-y_j-\sum_k (p_k-y_k)p_k)"),
    ("E12.6", r"$(\operatorname{diag}(p) - p p^\top)(p-y)$"),
    ("E12.7", r"2\varepsilon(1-\varepsilon)^2"),
    ("E13.5", r"(\sigma(z)-o)\sigma(z)(1-\sigma(z))"),
    ("E13.5", r"\frac{e^{-z}}{(1+e^{-z})^2}\left(\frac{1}{1+e^{-z}}-o\right)"),
    ("E14.6", r"$T(p_j-q_j)$"),
    ("E16.6", r"\frac{2}{n}(XA)^\top(XAB-X)"),
    ("E18.6", r"\frac{\pi_y u y+\pi_r m}{\pi_y u^2+\pi_r}"),
]
"""Among them the spellings on which parsers that are maintained go wrong: indices, calls, transposes, hats, e."""


@pytest.mark.parametrize(("number", "text"), LATEX)
def test_latex_is_read_as_meant_and_the_echo_reads_alike(number: str, text: str) -> None:
    question = QUESTIONS[number]
    verdict = grade(question, text)
    assert verdict.status == "correct", verdict.message
    assert grade(question, verdict.plain).status == "correct"
    assert grade(question, f"${verdict.latex}$").status == "correct"


LATEX_CURED = [
    ("E12.5", r"p \cdot y", r"write p \odot y", None),
    ("E12.6", r"$p y$", r"p^\top y (a number)", None),
    ("E01.6", r"\frac{2}{n} X^{-2} y", r"{\circ 2}", None),
    ("E07.6", r"\tanh^{-1} z", "an inverse function or a power?", None),
    ("E07.6", r"e^-z", None, None),
    ("E05.7", r"\tanh wx", "where does the argument end?", None),
    ("E10.6", r"1/2 \left(1-(y-\mu)^2 e^{-s}\right)", r"\frac{a}{b} c", r"\frac{1}{2} \left(1-(y-\mu)^2 e^{-s}\right)"),
    ("E12.6", r"\sum p_k", r"write the index below the sum: \sum_k p_k", None),
    ("E12.6", r"\prod_k p_k", r"\prod is not read here", None),
    ("E07.6", r"\left(\tanh z - y", ") is missing here", None),
    ("E07.7", r"\begin{matrix} z \end{matrix}", "only the environment cases", None),
    ("E05.6", r"\hat{x}_i", "not a symbol of this question", None),
    ("E12.6", r"\sum_{k=1}^{n} p_k", "runs over K, not over n", None),
]


@pytest.mark.parametrize(("number", "text", "cure", "cured"), LATEX_CURED)
def test_latex_with_two_meanings_is_refused_with_what_to_write(
    number: str, text: str, cure: str | None, cured: str | None
) -> None:
    verdict = grade(QUESTIONS[number], text)
    assert verdict.status != "correct"
    if cure is not None:
        assert cure in verdict.message
    if cured is not None:
        assert grade(QUESTIONS[number], cured).status == "correct"


FORMS = [
    (key, form)
    for key, q in QUESTIONS.items()
    for form in (q.truth, *q.equivalents, *(m.answer for m in q.misconceptions))
]


@pytest.mark.parametrize(("key", "form"), FORMS)
def test_the_latex_of_every_truth_equivalent_and_misconception_reads_back_alike(key: str, form: str) -> None:
    question = QUESTIONS[key]
    written = read(question, form)
    assert not isinstance(written, Unreadable)
    back = read(question, f"${written.latex}$")
    assert not isinstance(back, Unreadable), back
    assert (back.core, back.shape) == (written.core, written.shape)


@pytest.mark.parametrize(
    "form",
    ["-p*-y", "p - -y", "p - (-y + p)", "Sum(p[k], k)*y[j]", "y[j]*Sum(-p[k], k)", "(p*y)**2",
     "2*-Sum(p[k]*y[k], k)*p[j]", "p@y*p", "p@p.T*y", "outer(p, y)@y", "(p - y)@outer(p, p)",
     "Sum(Sum(p[k]*y[l], l)*p[k], k)*p[j]"],
)  # fmt: skip
def test_signs_sums_and_transposes_read_back_alike(form: str) -> None:
    question = QUESTIONS["E12.6"]
    written = read(question, form)
    assert not isinstance(written, Unreadable)
    back = read(question, f"${written.latex}$")
    assert not isinstance(back, Unreadable), back
    assert back.core == written.core


@pytest.mark.parametrize("text", [r"\frac0.5 p", r"youter(w\])", r"\frac", r"\sum_", "|p", "e^", "tanh^", "$"])
def test_broken_spellings_are_refused_with_a_reason(text: str) -> None:
    reading = read(QUESTIONS["E12.6"], text)
    assert isinstance(reading, Unreadable)
    assert len(reading.message) > 10
