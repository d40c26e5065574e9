"""What students write: read as meant and echoed, or refused with a cure that works."""

from __future__ import annotations

import re

import pytest

from autograder.symbolic import Question, Symbol, Unreadable, grade, read

from .questions import QUESTIONS

RIGHT = [
    ("E12.4", "p_i 1[i=j] - p_i p_j"),
    ("E12.4", "p_i (𝟙{i=j} - p_j)"),
    ("E07.7", "(z-y)*(z>0)"),
    ("E07.7", "(z - y) I(z > 0)"),
    ("E08.6", "r*(abs(r)<=delta) + delta*sign(r)*(not abs(r)<=delta)"),
    ("E02.5", "m_2 - 2 a m_1 + a^2"),
    ("E02.6", "2(a - m_1)"),
    ("E12.4", "pᵢ(δᵢⱼ − pⱼ)"),
    ("E03.6", "n ⁄ (a+b+n)"),
    ("E14.7", "((z_j-z \u0305)-(v_j-v \u0305))/K"),  # as Word copies an equation
    ("E07.6", "(tanh\u2061(z)-y)(1-〖tanh〗^2\u2061(z))"),
    ("E13.5", "〖(σ(z)-o)〗 σ(z)(1-σ(z))"),
    ("E17.6", "s²σ²/(s²+σ²)"),
    ("E12.6", "pⱼ(pⱼ − yⱼ − Sum(pₖ(pₖ−yₖ), k))"),
    ("E05.6", "2/n (ŷᵢ − yᵢ) xᵢⱼ"),
    ("E03.5", "ȳ·nτ²/(nτ²+σ²) + m₀·σ²/(nτ²+σ²)"),
    ("E11.6", "1/(1+σ²/(nθ²))"),
    ("E09.5", "πν Γ(ν/2)²/(4 Γ((ν+1)/2)²)"),
    ("E15.7", "10 ln(R²/M)/ln 10"),
    ("E12.5", "softmax(z)_j - y_j"),
    ("E12.4", "(diag(p) - outer(p, p))_ij"),
    ("E03.6", "n/(a + b + n)"),
    ("E04.5", "1 - n M/((n-1) v)"),
    ("E06.6", "α² M"),
    ("E06.7", "m_y + s_y (b - w m_x/s_x)"),
    ("E10.5", "-(y-μ) e^(-s)"),
    ("E14.7", "(z_j - zbar - v_j + vbar)/K"),
    ("E18.7", "-pi_y (y - tanh(u r)) u (1 - tanh^2(u r)) + pi_r (r - m)"),
    ("E15.7", "20 log10(R) - 10 log10(M)"),
    ("E13.6", "(q-p)^2+p(1-p)"),
    ("E16.6", "2/n (X@A)^T @ (X@A@B - X)"),
    ("E12.7", "2ε - 4ε² + 2ε³"),
    ("E12.6", "p ⊙ (p - y - ⟨p-y, p⟩)"),
    ("E08.5", "r/|r|"),
    ("E05.6", "2(ŷ_i − y_i)x_ij/n"),
    ("E11.6", "θ²/(θ²+σ²/n)"),
    ("E11.5", "c²σ²/n + (1−c)²θ²"),
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


CASES = r"\begin{cases} z-y & z>0 \\ 0 & \text{else} \end{cases}"
CURED = [
    ("E02.5", "m_2-2am_1+a^2", "did you mean a*m1?", "m_2-2a*m1+a^2"),
    ("E16.6", "2/n (X@A)ᵀ XA", "write @ for the matrix product", None),
    ("E16.6", "2/n (X@A)ᵀ @ (XA@B - X)", "did you mean X@A?", "2/n (X@A)ᵀ @ (X@A@B - X)"),
    ("E01.6", "2/n*∑_i (Sum(X_ik*w_k, k) - y_i)*X_ij", "Sum(..., i)", "2/n*Sum((Sum(X_ik*w_k, k) - y_i)*X_ij, i)"),
    ("E13.6", "p-2pq+q^2", "did you mean p*q?", "p-2p*q+q^2"),
    ("E01.6", "2 Xᵀ(Xw - y)/n", "write @ for the matrix product", "2 Xᵀ@(X@w - y)/n"),
    ("E01.6", "2/n X.T (X@w - y)", "write @ for the matrix product", "2/n X.T @ (X@w - y)"),
    ("E01.6", "(2/n) * X' @ (X@w - y)", "the transpose of X is X.T", "(2/n) * X.T @ (X@w - y)"),
    ("E08.6", "clip(r, -delta, delta)", "write Max(a, Min(u, b))", "Max(-delta, Min(r, delta))"),
    ("E12.4", "diag(p) - p⊗p", "write outer(p, p)", "diag(p) - outer(p, p)"),
    ("E07.7", "(z-y) if z>0 else 0", "write where(condition, a, b)", "where(z>0, z-y, 0)"),
    (
        "E12.6",
        "p_j*(p_j - y_j) - p_j*sum_i (p_i - y_i) p_i",
        "write Sum(..., i)",
        "p_j*(p_j - y_j) - p_j*Sum((p_i - y_i) p_i, i)",
    ),
    ("E12.6", "p∘(p−y) − p·((p−y)·p)", "or p@y for their sum", "p∘(p−y) − p*((p−y)@p)"),
    ("E13.5", "(σ(z)−o)·σ′(z)", "write the derivative out", "(σ(z)−o)·σ(z)(1−σ(z))"),
    ("E12.5", "p\N{MIDDLE DOT}y", "write p*y", None),
    ("E01.6", "2/n X^T (X w - y)", "write @ for the matrix product", "2/n X^T @ (X @ w - y)"),
    ("E16.6", "2/n (X A)^T (X A B - X)", "write @ for the matrix product", "2/n (X@A)^T @ (X@A@B - X)"),
    ("E10.6", "1/2(1-(y-mu)^2*exp(-s))", "(a/b)*c", "(1/2)*(1-(y-mu)^2*exp(-s))"),
    ("E05.7", "2x(tanh(wx+b)-y)sech^2(wx+b)", "did you mean w*x?", "2x(tanh(w*x+b)-y)sech^2(w*x+b)"),
    ("E07.6", "(tanh z^2 - y)", "with brackets", None),
    ("E14.6", "p(p-q)", "products need *", None),
    ("E12.6", "np.dot(p, y", "this bracket is not closed", None),
    ("E12.6", "p*y)", "this bracket closes none that is open", None),
    ("E12.6", "(p*y]", "this bracket closes one of another kind", None),
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
    ("E02.6", "$2(a-m_1)$"),
    ("E03.6", r"\frac{n}{n+a+b}"),
    ("E04.5", r"1-\frac{nM}{(n-1)v}"),
    ("E06.6", r"\alpha^2 M"),
    ("E07.7", r"(\max(0,z)-y)\,\mathbb{1}[z>0]"),
    ("E07.7", r"(z-y)\mathbf{1}_{z>0}"),
    ("E07.7", r"(z-y)\,\mathbb{I}\left(z>0\right)"),
    ("E07.7", r"1_{\{z>0\}}(z-y)"),
    ("E08.6", r"r\,\mathbf{1}\{|r|\le\delta\} + \delta\operatorname{sgn}(r)\,\mathbf{1}\{|r|>\delta\}"),
    ("E06.7", r"m_y + s_y\left(b-\frac{w m_x}{s_x}\right)"),
    ("E10.5", r"-(y-\mu)e^{-s}"),
    ("E14.7", r"\frac{(z_j-\bar z)-(v_j-\bar v)}{K}"),
    ("E17.6", r"\frac{s^2\sigma^2}{s^2+\sigma^2}"),
    ("E18.7", r"-\pi_y(y-\tanh(ur))u(1-\tanh^2(ur))+\pi_r(r-m)"),
    ("E09.5", r"\frac{\pi \nu}{4} \left(\frac{\Gamma(\nu/2)}{\Gamma((\nu+1)/2)}\right)^2"),
    ("E05.7", r"2x(\tanh(wx+b)-y)\operatorname{sech}^2(wx+b)"),
    ("E10.6", r"\tfrac{1}{2} - \tfrac{1}{2}(y-\mu)^2 \exp(-s)"),
    ("E01.6", r"\frac{2}{n}X^{T}\left(Xw-y\right)"),
    ("E12.6", r"p_j(p_j - y_j) - p_j\sum_i (p_i - y_i) p_i"),
    ("E16.6", r"\frac{2}{n} A^\top X^\top (XAB - X)"),
    ("E03.5", r"\frac{m_0/\tau^2+n\bar{y}/\sigma^2}{1/\tau^2+n/\sigma^2}"),
    ("E14.6", r"T\,(p_j - q_j)"),
    ("E18.6", r"m+\frac{\pi_y u (y-um)}{\pi_y u^2+\pi_r}"),
    ("E15.7", r"10\log_{10}\frac{R^2}{M}"),
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


def test_every_part_is_spelled_in_text_and_in_latex_or_shown_how() -> None:
    spelled = {number for number, *_ in RIGHT}
    assert spelled | {number for number, *_ in CURED} == set(QUESTIONS)
    assert len(RIGHT) + len(LATEX) + len(CURED) >= 120


@pytest.mark.parametrize(("number", "text"), LATEX)
def test_latex_is_read_as_meant_and_the_echo_reads_alike(number: str, text: str) -> None:
    question = QUESTIONS[number]
    verdict = grade(question, text)
    assert verdict.status == "correct", verdict.message
    assert grade(question, verdict.plain).status == "correct"
    assert grade(question, f"${verdict.latex}$").status == "correct"


def eaten(text: str) -> str:
    """What Python makes of a string literal without r."""
    made = dict(zip("abfnrtv\\", "\a\b\f\n\r\t\v\\", strict=True))
    return re.sub(r"\\([abfnrtv\\])", lambda m: made[m[1]], text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *((number, text) for number, text in LATEX if eaten(text) != text),
        ("E01.6", r"dL/dw = \frac{2}{n} X^\top (Xw - y)"),
        ("E09.5", r"\frac{\pi\nu\Gamma(\nu/2)^2}{4\Gamma((\nu+1)/2)^2}"),
    ],
)
def test_latex_in_a_string_without_r_is_read_as_meant(number: str, text: str) -> None:
    assert grade(QUESTIONS[number], eaten(text)).status == "correct"


def test_a_line_that_begins_with_u_is_not_a_nu() -> None:
    named = "\\text{let}\nu = w*x + b\n2*(tanh(u)-y)*(1-tanh(u)^2)*x"
    assert grade(QUESTIONS["E05.7"], named).status == "correct"
    assert grade(QUESTIONS["E18.7"], "-\\pi_y*(y-tanh(u*r))\nu").status == "wrong"  # two lines: u is a symbol there


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


# --- what other parsers misread ---------------------------------------------------------------------------------

CLASSES = (Symbol("p", ("K",), kind="probability"), Symbol("y", ("K",), kind="label"))
SAMPLES = (Symbol("X", ("n", "d")), Symbol("w", ("d",)), Symbol("y", ("n",)), Symbol("yhat", ("n",)))
REALS = (
    *(Symbol(name) for name in ("z", "y", "s", "mu", "u", "x", "b", "w", "theta", "r", "p", "q")),
    *(Symbol(name, kind="positive") for name in ("T", "sigma2", "M", "R", "delta", "pi_y", "nu")),
    Symbol("n", draw=(1, 9), integer=True),
)

MISREAD = [
    (CLASSES, "K j", r"p_j(p_j-y_j)", "p[j]*(p[j]-y[j])"),
    (CLASSES, "K j", r"y_j(1-p_j)", "y[j]*(1-p[j])"),
    (CLASSES, "K j", r"-\sum_k y_k\log p_k", "-Sum(y[k]*log(p[k]), k)"),
    (CLASSES, "K j", r"p_j\left(p_j-y_j-\sum_{k}(p_k-y_k)p_k\right)", "p[j]*(p[j]-y[j]-Sum((p[k]-y[k])*p[k],k))"),
    (CLASSES, "K j", r"\sum_k p_k y_k + p_j", "Sum(p[k]*y[k],k) + p[j]"),
    (CLASSES, "KK ij", r"p_i(\delta_{ij}-p_j)", "p[i]*(delta(i,j)-p[j])"),
    (CLASSES, "KK ij", r"\operatorname{diag}(p)-pp^\top", "diag(p)-outer(p,p)"),
    (CLASSES, "K j", r"(\mathrm{diag}(p)-p p^{\top})(p-y)", "(diag(p)-outer(p,p))@(p-y)"),
    (CLASSES, "K j", r"\mathbf{p}-\mathbf{y}", "p-y"),
    (CLASSES, "K j", r"p\odot(p-y)", "p*(p-y)"),
    (SAMPLES, "d j", r"\frac{2}{n}X^\top(Xw-y)", "2/n*X.T@(X@w-y)"),
    (SAMPLES, "d j", r"\frac2n X^T(Xw-y)", "2/n*X.T@(X@w-y)"),
    (SAMPLES, "d j", r"\frac{2}{n}\sum_{i=1}^n(\hat y_i-y_i)X_{ij}", "2/n*Sum((yhat[i]-y[i])*X[i,j],i)"),
    (SAMPLES, "", r"\frac1n\sum_i(y_i-\hat y_i)^2", "1/n*Sum((y[i]-yhat[i])**2,i)"),
    (SAMPLES, "", r"\frac{1}{n}(y-\hat{y})^\top(y-\hat{y})", "1/n*dot(y-yhat,y-yhat)"),
    (SAMPLES, "n i", r"\sum_j X_{ij}w_j-y_i", "Sum(X[i,j]*w[j],j)-y[i]"),
    (REALS, "", r"e^{-z}", "exp(-z)"),
    (REALS, "", r"\frac{e^{-z}}{(1+e^{-z})^2}", "exp(-z)/(1+exp(-z))**2"),
    (REALS, "", r"(\tanh z-y)(1-\tanh^2z)", "(tanh(z)-y)*(1-tanh(z)**2)"),
    (REALS, "", r"\tanh(wx+b)", "tanh(w*x+b)"),
    (REALS, "", r"x(z-y)", "x*(z-y)"),
    (REALS, "", r"2x(1-z^2)e^{-s}", "2*x*(1-z**2)*exp(-s)"),
    (REALS, "", r"\left|z-y\right|", "Abs(z-y)"),
    (REALS, "", r"\frac12\left(1-(y-\mu)^2e^{-s}\right)", "1/2*(1-(y-mu)**2*exp(-s))"),
    (REALS, "", r"T(p-q)", "T*(p-q)"),
    (REALS, "", r"\frac{\theta^2}{\theta^2+\sigma^2/n}", "theta**2/(theta**2+sigma2/n)"),
    (CLASSES, "K j", r"y^\top(p-y)\,p_j", "dot(y,p-y)*p[j]"),
    (
        REALS,
        "",
        r"\begin{cases} r & |r|\le\delta \\ \delta\operatorname{sgn} r & \text{otherwise} \end{cases}",
        "where(Abs(r)<=delta, r, delta*sign(r))",
    ),
    (REALS, "", r"\pi_y(r-q)", "pi_y*(r-q)"),
    (REALS, "", r"\pi\nu\,\Gamma(\tfrac{\nu}{2})^2", "pi*nu*gamma(nu/2)**2"),
]
"""Symbols, shape and index of the quantity, LaTeX, and what it means.

At least one of SymPy's two parsers raises, stays ambiguous or misreads: an entry in front of a bracket is taken for a
call, ``delta_{ij}`` for an index ``i*j``, a transpose for a power, a hat for a factor, ``e`` for a symbol, ``diag`` for
letters.
"""


@pytest.mark.parametrize(("symbols", "shape", "text", "meant"), MISREAD)
def test_what_other_parsers_misread_is_read_as_meant(
    symbols: tuple[Symbol, ...], shape: str, text: str, meant: str
) -> None:
    sizes, _, index = shape.partition(" ")
    verdict = grade(Question("q", meant, symbols, tuple(sizes), tuple(index)), text)
    assert verdict.status == "correct", verdict.message


def test_thirty_are_there() -> None:
    assert len(MISREAD) >= 30
