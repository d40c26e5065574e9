"""Derivations: the last line scores, every other one is compared with the line before and with what it says it is.

A line is called wrong only where two values differ: its own and that of the line it continues, or of the derivative on
its left side.  A line that speaks of another quantity is not an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograder.plain import dataclass
from autograder.symbolic.deciding.decide import Proof
from autograder.symbolic.deciding.prepared import prepare
from autograder.symbolic.explaining.derivation import LineStatus, WrittenDerivation, WrittenPiece, is_zero
from autograder.symbolic.explaining.feedback import Diagnosis, RecognisedMistake
from autograder.symbolic.explaining.grading import FormulaVerdict, grade_reading
from autograder.symbolic.explaining.grounds import Grounds, WholeQuestion
from autograder.symbolic.language.expr import Expr, mul, neg, walk
from autograder.symbolic.language.names import Quantity
from autograder.symbolic.language.printing import latex, plain
from autograder.symbolic.language.question import Question, RequiredForm
from autograder.symbolic.language.steps import MAX_DERIVATION
from autograder.symbolic.language.vocabulary import Node

_WORK = 1_000_000
"""Of all lines together; the lines after that stay undecided."""

_MESSAGES: dict[str, str] = {
    "ok": "Right.",
    "start": "The loss: a starting point.",
    "defines": "A definition.",
    "equation": "An equation to solve.",
    "other": "Not the quantity asked for; not judged.",
    "wrong": "This line is wrong",
    "follows": "Follows from the wrong line before.",
    "returns": "Right, but not a consequence of the line before: two errors cancel.",
    "undecided": "This line takes too much work to decide.",
}


@dataclass(frozen=True, eq=False)
class Line:
    """One piece of a derivation: the text between a line end or ``=`` and the next.

    ``number`` is that of the student's line.  ``status``: ``ok`` equals the quantity asked, the derivative on its left
    side, or the line before; ``start`` is the loss; ``defines`` names something; ``equation`` is to be solved;
    ``other`` is another quantity, about which nothing is claimed; ``wrong`` differs from what it continues or is said
    to be; ``follows`` is wrong but equals the wrong line before; ``returns`` is right but differs from the wrong line
    before, so two errors cancel; ``undecided`` is too much work.
    """

    text: str
    status: LineStatus
    plain: str = ""
    latex: str = ""
    misconceptions: tuple[RecognisedMistake, ...] = ()
    factor: str | None = None
    message: str = ""
    number: int = 0
    proof: Proof | None = None


@dataclass(frozen=True, eq=False)
class ChainVerdict:
    """The lines, the number of the student's first wrong line, missing forms, and the verdict on the last line."""

    lines: tuple[Line, ...]
    first_wrong: int | None
    missing_forms: tuple[RequiredForm, ...]
    final: FormulaVerdict
    too_long: bool = False

    @property
    def status(self) -> str:
        """Status of the last line, which scores."""
        return self.final.status

    @property
    def wrong(self) -> Line | None:
        """The first wrong line."""
        return next((line for line in self.lines if line.status == "wrong"), None)


def grade_chain(question: Question, text_or_lines: str | Sequence[str]) -> ChainVerdict:
    """Grade a derivation line by line.

    Parameters
    ----------
    question : Question
        With its truth, and with the loss if lines may start from it.
    text_or_lines : str or sequence of str
        The derivation; its last line scores, and of ``... = 0`` the side before it.

    Returns
    -------
    ChainVerdict
    """
    chain = WrittenDerivation(question, text_or_lines if isinstance(text_or_lines, str) else "\n".join(text_or_lines))
    return judge_chain(chain, grade_reading(prepare(question), chain.final))


def judge_chain(chain: WrittenDerivation, final: FormulaVerdict) -> ChainVerdict:
    """Judge the lines of a derivation whose answer was graded."""
    grounds = WholeQuestion(prepare(chain.question), _WORK)
    lines = () if chain.too_long else judged_lines(chain, grounds, final.status)
    first = next((line.number for line in lines if line.status == "wrong"), None)
    wanted = chain.question.required_forms
    missing = tuple(form for form in wanted if not any(_shows(node, form) for node in chain.nodes))
    return ChainVerdict(lines, first, () if chain.too_long else missing, final, chain.too_long)


_REMARKS = {
    "wrong": "this line is wrong",
    "follows": "follows from the wrong line before",
    "returns": "right, but not a consequence of the line before: two errors cancel",
}


def remarks(chain: ChainVerdict) -> Iterator[str]:
    """Yield the messages to a student about the lines of a derivation, without what feedback may hold back."""
    if chain.too_long:
        yield f"Only the last line was read: a derivation has at most {MAX_DERIVATION:,} characters."
    yield from line_remarks(chain.lines)
    yield from (f"A line should show {form.title}." for form in chain.missing_forms)


def line_remarks(lines: Sequence[Line]) -> Iterator[str]:
    """Yield a sentence on each line that is wrong, follows from a wrong one, or cannot be read."""
    for k, line in enumerate(lines, 1):
        shown = f"Line {line.number}, {_short(line.plain or line.text)}"
        if line.status == "unreadable":
            yield f"{shown}: {line.message[:1].lower()}{line.message[1:].rstrip('.')}."
        elif line.status in _REMARKS:
            last = k == len(lines) > 1 and line.status == "wrong"
            yield f"{shown}: {'this line is the answer, which is wrong' if last else _REMARKS[line.status]}."


def judged_lines(chain: WrittenDerivation, grounds: Grounds, final: str) -> tuple[Line, ...]:
    """Judge every line of a derivation on some grounds; ``final`` is the verdict on the answer."""
    return _Judge(chain, grounds).lines(final)


class _Judge:
    """Judges the pieces of a derivation in order."""

    def __init__(self, chain: WrittenDerivation, grounds: Grounds) -> None:
        self.chain, self.grounds = chain, grounds
        self.shown = [piece for piece in chain.pieces if not piece.left]

    def lines(self, final: str) -> tuple[Line, ...]:
        for piece in self.chain.pieces:
            core = self.chain.as_answer(piece.value) if piece.left and piece.value is not None else None
            if core is not None and self.grounds.asked(core).status == "correct":
                piece.status, piece.asked = "ok", True
        before: WrittenPiece | None = None
        for k, piece in enumerate(self.shown):
            if piece.value is not None:
                self.judge(piece, piece.value, before, k)
                before = piece if piece.status != "equation" and not piece.aside else before
        if final == "wrong":
            self.blame_the_answer()
        return tuple(self.line(piece) for piece in self.shown)

    def judge(self, piece: WrittenPiece, value: Quantity, before: WrittenPiece | None, k: int) -> None:
        if piece.aside:
            self.judge_aside(piece, value)
            return
        if piece.status == "defines":
            if self.is_loss(value):
                piece.status, piece.message = "start", ""
            return
        anchor = piece.anchor if piece.explicit else None
        known = anchor.value if anchor is not None else None
        compared = self.grounds.same(known, value) if known is not None else None
        if is_zero(piece) and anchor is not None and known is not None:
            self.judge_equation(piece, anchor, compared)
            return
        core = self.chain.as_answer(value)
        decision = self.grounds.asked(core) if core is not None else None
        undecided = decision is not None and decision.status == "undecided"
        if decision is not None and decision.status == "correct":
            piece.status, piece.proof, piece.asked = "ok", decision.proof, True
            self.judge_right(piece, value, anchor if known is not None else None, before, compared)
        elif anchor is not None and known is not None:
            self.judge_continued(piece, anchor, compared, undecided)
            if piece.status == "wrong" and anchor.left and any(self.carries(w, anchor, value) for w in self.wrong(k)):
                piece.status, piece.message = "follows", ""
        else:
            self.judge_bare(piece, value, before, self.shown[k + 1] if k + 1 < len(self.shown) else None, core)
            if piece.status == "other" and undecided and _asks(before):
                piece.status = "undecided"

    def judge_aside(self, piece: WrittenPiece, value: Quantity) -> None:
        """A reason or a solution: it may hold for some values only, so it is never called wrong."""
        if piece.status == "equation":
            piece.message = "What an equation gives; not judged."
            return
        anchor = piece.anchor.value if piece.anchor is not None else None
        if anchor is not None and self.grounds.same(anchor, value) is True:
            piece.status, piece.message = "ok", "Follows from the line before."

    def wrong(self, k: int) -> list[WrittenPiece]:
        return [piece for piece in self.shown[:k] if piece.status == "wrong"]

    def is_loss(self, value: Quantity) -> bool:
        return self.chain.loss is not None and self.grounds.same(value, self.chain.loss) is True

    def judge_right(
        self,
        piece: WrittenPiece,
        value: Quantity,
        anchor: WrittenPiece | None,
        before: WrittenPiece | None,
        compared: bool | None,
    ) -> None:
        """Judge a line that equals the quantity asked: it is right unless it contradicts the line before."""
        if anchor is not None and compared is False:
            cancels = anchor.status in ("wrong", "follows")
            piece.status, piece.asked = ("returns", True) if cancels else ("wrong", False)
            piece.message = "" if cancels else f"it is not equal to {_short(anchor.text)}"
        elif anchor is None and before is not None and before.value is not None and not piece.claimed:
            went_wrong = before.status in ("wrong", "follows") and before.asked
            if went_wrong and self.grounds.same(before.value, value) is False:
                piece.status = "returns"

    def judge_continued(
        self, piece: WrittenPiece, anchor: WrittenPiece, compared: bool | None, undecided: bool
    ) -> None:
        """A line after ``=``: it must equal the side before the sign."""
        if compared is True:
            inherited: dict[str, LineStatus] = {"wrong": "follows", "follows": "follows", "start": "start"}
            piece.status, piece.asked = inherited.get(anchor.status, "ok"), anchor.asked
            piece.message = "Follows from the line before." if piece.status == "ok" else ""
        elif compared is False:
            piece.status, piece.asked = "wrong", anchor.asked
            piece.message = "" if anchor.asked else f"it is not equal to {_short(anchor.text)}"
        else:
            piece.status = "undecided" if undecided and anchor.asked else "other"

    def carries(self, wrong: WrittenPiece, anchor: WrittenPiece, value: Quantity) -> bool:
        """Whether a value is what a wrong line makes of the left side: as a factor, or as what is differentiated."""
        if wrong.value is None or anchor.value is None or anchor.node is None or wrong.node is None:
            return False
        source = wrong.anchor.value if wrong.anchor is not None and wrong.anchor.left else None
        if source is not None and wrong.value.shape == source.shape == ():
            mine = replace(value, core=mul(value.core, source.core))
            theirs = replace(anchor.value, core=mul(anchor.value.core, wrong.value.core))
            if self.grounds.same(mine, theirs) is True:
                return True
        if anchor.node[0] != "call":
            return False
        derived = self.chain.value_of(("call", "D", (wrong.node, anchor.node[2][1]), 1))
        return derived is not None and self.grounds.same(derived, value) is True

    def judge_bare(
        self,
        piece: WrittenPiece,
        value: Quantity,
        before: WrittenPiece | None,
        after: WrittenPiece | None,
        core: Expr | None,
    ) -> None:
        """A line without a left side: it continues the line before, or speaks of something else."""
        if self.is_loss(value):
            piece.status = "start"
            return
        if before is None or before.value is None:
            return
        compared = self.grounds.same(before.value, value)
        if compared is True and before.status in ("wrong", "follows"):
            piece.status, piece.asked = "follows", before.asked
        elif compared is True:
            piece.status, piece.message = "ok", "Follows from the line before."
        elif compared is False and _asks(before) and core is not None:
            near = [one.value.core for one in (before, after) if one is not None and one.value is not None]
            known = [m for m in self.grounds.diagnose(core).misconceptions if not m.id.startswith("g")]
            if known or not any(_is_part(value.core, other) for other in near):
                piece.status, piece.asked = "wrong", True

    def judge_equation(self, piece: WrittenPiece, anchor: WrittenPiece, compared: bool | None) -> None:
        """``... = 0`` sets the side before it to zero; for a name of the quantity asked that can be checked."""
        piece.status = "equation"
        name = self.chain.goal_name
        speaks = anchor.value is not None and any(
            e[0] in ("sym", "idx") and e[1] == name for e in walk(anchor.value.written)
        )
        if name and speaks and compared is False and anchor.status not in ("wrong", "follows"):
            piece.status, piece.message = "wrong", f"the {name} that is asked for does not solve this equation"

    def blame_the_answer(self) -> None:
        """Call the answer wrong, or rather the first of the lines in front of it that say the same."""
        piece = self.chain.answer
        if piece is None or piece.value is None or piece.status in ("wrong", "follows"):
            return
        earlier = self.shown[: self.shown.index(piece)]
        run = [piece]
        for other in reversed(earlier):
            if other.status != "other" or other.value is None:
                break
            if self.grounds.same(other.value, piece.value) is not True:
                break
            run.insert(0, other)
        for other in run:
            other.status, other.asked = "follows", True
        if not any(other.status == "wrong" for other in earlier if other not in run):
            run[0].status = "wrong"

    def line(self, piece: WrittenPiece) -> Line:
        if piece.problem is not None:
            said = f"This line cannot be read: {piece.problem}"
            return Line(piece.text, "unreadable", message=said, number=piece.number)
        assert piece.node is not None  # what has no problem was read
        line = Line(piece.text, piece.status, plain(piece.node), latex(piece.node), number=piece.number)
        line = replace(line, proof=piece.proof)
        if piece.misfit is not None:
            return replace(line, status="wrong", message=f"The shapes do not fit: {piece.misfit}")
        if piece.status != "wrong":
            return replace(line, message=piece.message or _MESSAGES[piece.status])
        core = self.chain.as_answer(piece.value) if piece.value is not None else None
        found = self.grounds.diagnose(core) if core is not None and piece.asked else Diagnosis()
        said = (
            "; ".join(f"{m.title}: {m.hint}" for m in found.misconceptions)
            or (f"right up to the factor {found.factor}" if found.factor else "")
            or (f"right only when {found.only_when}" if found.only_when else "")
            or piece.message
        )
        message = f"{_MESSAGES['wrong']}{': ' if said else '.'}{said}"
        return replace(line, misconceptions=found.misconceptions, factor=found.factor, message=message)


def _asks(piece: WrittenPiece | None) -> bool:
    return piece is not None and piece.status in ("ok", "returns") and piece.asked


def _is_part(e: Expr, of: Expr) -> bool:
    """Whether an expression occurs in another one, as a term, as a factor or inside."""
    factors = set(e[1]) if e[0] == "mul" else {e}
    for node in walk(of):
        if node == e or neg(node) == e:
            return node is not of
        if node[0] == "mul" and factors < set(node[1]):
            return True
    return False


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _shows(node: Node, form: RequiredForm) -> bool:
    """Whether a function or an operator of the form occurs in a line."""
    stack: list[object] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            if item and item[0] == "call" and item[1] in form.any_of:
                return True
            if item and item[0] in form.any_of and len(item) > 2:
                return True
            stack.extend(item)
    return False
