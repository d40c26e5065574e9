"""The verdict on an answer: reading, decision, and feedback in one."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from autograder.plain import dataclass
from autograder.symbolic.deciding.decide import Decision, Proof, Witness, decide
from autograder.symbolic.deciding.evaluate import OverBudget
from autograder.symbolic.deciding.prepared import Prepared, prepare
from autograder.symbolic.deciding.trial import Trial
from autograder.symbolic.explaining.derivation import WrittenDerivation
from autograder.symbolic.explaining.feedback import Diagnosis, RecognisedMistake, diagnose, diagnose_misfit
from autograder.symbolic.explaining.special_cases import written_numbers
from autograder.symbolic.explaining.traps import traps
from autograder.symbolic.language.differentiate import Rules, differentiate
from autograder.symbolic.language.expr import Expr
from autograder.symbolic.language.question import Question
from autograder.symbolic.language.reading import Reading, expression
from autograder.symbolic.language.surface import Unreadable


@dataclass(frozen=True, eq=False)
class FormulaVerdict:
    """What is said of an answer.

    Attributes
    ----------
    status : {"correct", "wrong", "undecided", "unreadable"}
        ``undecided`` needs manual grading; ``unreadable`` may be written again.
    proof : {"general", "exact", "numeric"} or None
        How sure a correct answer is: for every size; exact at fixed sizes; to high precision on every piece.
    plain, latex : str
        How the answer was read.
    witness : Witness or None
        A point at which a wrong answer differs from the truth, with both values.
    misconceptions : tuple of RecognisedMistake
        Mistakes that give this answer at every compared point.
    factor : str or None
        The answer is the truth times this.
    only_when : str or None
        The condition under which the answer is right.
    unreadable : Unreadable or None
        Where and why reading failed.
    message : str
        The verdict in a sentence or two, for the student; without the values of the witness.
    brief : str
        The message of a wrong answer without what feedback may hold back: misconceptions, factor and condition.
    work : int
        What the verdict cost in operations, the same on every machine; bounded, so that no answer holds a grader up.
    """

    status: Literal["correct", "wrong", "undecided", "unreadable"]
    proof: Proof | None = None
    plain: str = ""
    latex: str = ""
    witness: Witness | None = None
    misconceptions: tuple[RecognisedMistake, ...] = ()
    factor: str | None = None
    only_when: str | None = None
    unreadable: Unreadable | None = None
    message: str = ""
    brief: str = ""
    work: int = 0


def grade(question: Question, text: str) -> FormulaVerdict:
    """Grade one answer; of several lines the last one.

    Parameters
    ----------
    question : Question
        With its truth.
    text : str
        What a student wrote.

    Returns
    -------
    FormulaVerdict
    """
    return grade_reading(prepare(question), WrittenDerivation(question, text).final)


def grade_reading(prepared: Prepared, reading: Reading | Unreadable) -> FormulaVerdict:
    """Grade an answer that was read, or say that it cannot be read."""
    if isinstance(reading, Unreadable):
        return FormulaVerdict(
            "unreadable", unreadable=reading, message=f"This cannot be read. {_sentence(str(reading))}"
        )
    return judge(prepared, reading)


def judge(prepared: Prepared, reading: Reading) -> FormulaVerdict:
    """Grade an answer that was read."""
    shown = FormulaVerdict("undecided", plain=reading.plain, latex=reading.latex)
    if reading.core is None:
        diagnosis = diagnose_misfit(prepared, reading)
        brief = f"The shapes do not fit: {reading.misfit}."
        message = " ".join(x for x in (brief, _hints(diagnosis), _meant(prepared, reading)) if x)
        return replace(shown, status="wrong", misconceptions=diagnosis.misconceptions, message=message, brief=brief)
    trial = Trial(prepared, reading.core)
    decision = decide(trial)
    if decision.status == "wrong":
        return _wrong(trial, shown, decision, reading)
    shown = replace(shown, work=trial.spent)
    if decision.status == "correct":
        return replace(shown, status="correct", proof=decision.proof, message=_accepted(decision))
    return replace(shown, message=f"This cannot be decided ({decision.reason}); a person looks at it.")


def _accepted(decision: Decision) -> str:
    """Say how an answer was proved, and how likely chance is to have misled the proof."""
    if decision.proof == "numeric":
        return "Correct, checked to high precision on every piece."
    if decision.proof == "exact":
        return f"Correct, compared exactly at several sizes; no bound covers every size (chance of error {_CHANCE})."
    if not decision.sizes:
        return f"Correct, proved for all values (chance of error {_CHANCE})."
    return (
        f"Correct, proved for all values and sizes: equal at {decision.sizes} combinations of sizes, "
        f"as many as the size bound asks for (chance of error {_CHANCE})."
    )


_CHANCE = "below 1e-11"


def _wrong(trial: Trial, shown: FormulaVerdict, decision: Decision, reading: Reading) -> FormulaVerdict:
    question, diagnosis = trial.prepared.question, diagnose(trial)
    parts = ["Not equal to the quantity asked for."]
    if decision.reason:
        parts.append(_sentence(decision.reason))
    brief = " ".join(parts)
    if diagnosis.factor:
        tail = f" ({question.convention})" if question.convention else ""
        parts.append(f"Right up to the factor {diagnosis.factor}; read the prefactor again{tail}.")
    if diagnosis.only_when:
        parts.append(_only(trial, diagnosis.only_when))
    parts += [_hints(diagnosis), _meant(trial.prepared, reading)]
    return replace(
        shown,
        status="wrong",
        witness=decision.witness,
        misconceptions=diagnosis.misconceptions,
        factor=diagnosis.factor,
        only_when=diagnosis.only_when,
        message=" ".join(part for part in parts if part),
        brief=brief,
        work=trial.spent,
    )


def _meant(prepared: Prepared, reading: Reading) -> str:
    """Say what a wrong answer may have meant, if it is a usual trap of spelling."""

    def right(core: Expr) -> bool:
        try:
            values = prepared.signature(core)
        except OverBudget:
            return False
        return all(prepared.close(a, b) for a, b in zip(values, prepared.float_values, strict=True))

    return traps(prepared.question, reading.node, right)


def contradiction(question: Question) -> str | None:
    """Return why the truth of a question is not the derivative of its loss, or None; for a question's author."""
    if question.loss is None or question.wrt is None:
        return None
    table = {symbol.name: symbol for symbol in (*question.symbols, *question.hidden)}
    try:
        loss, variable = expression(question, question.loss), expression(question, question.wrt)
        derived = differentiate(loss, variable, table, Rules())
    except (ValueError, NotImplementedError) as error:
        return f"the derivative of the loss cannot be worked out: {error}"
    decision = decide(Trial(prepare(question), derived, patience=20))
    if decision.status == "correct":
        return None
    told = decision.witness.text if decision.witness is not None else decision.reason
    return f"the truth is not the derivative of the loss: {told}"


def _only(trial: Trial, condition: str) -> str:
    name, _, value = condition.partition(" = ")
    name = name.split()[0]
    if name not in trial.prepared.question.sizes:
        return f"Right only when {condition}."
    if "<=" in condition:
        return f"Right only for {condition}: beyond, an inverse in it does not exist."
    told = f"Right only for {condition}; the answer must hold for every {name}"
    written = value.isdigit() and int(value) in written_numbers(trial.core)
    return f"{told}, so write {name}, not a number." if written else f"{told}."


def _hints(diagnosis: Diagnosis) -> str:
    return " ".join(f"{_sentence(m.title)} {m.hint}" for m in diagnosis.misconceptions)


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
