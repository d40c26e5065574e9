"""The second judge after grading: SymPy confirms or contradicts every verdict on a formula, each formula once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import field, replace
from itertools import groupby
from pathlib import Path

from autograder.course.exercises import exercise_names, load_exercise
from autograder.plain import dataclass
from autograder.store.records import Key, Record, rounded_points
from autograder.store.store import Store
from autograder.store.stored import FORMULAS, Stored
from autograder.symbolic.language.question import Question
from autograder.symbolic.second.client import TOGETHER, SecondJudge
from autograder.symbolic.second.statement import Opinion, Statement, key_of, statement_of

_WAITS = "A second judge, SymPy, contradicts the verdict on this formula"
_LOOKS = ". A person looks at it."
_KEPT = 20

Where = tuple[Key, str]
"""A part of a submission."""


@dataclass(frozen=True)
class JudgedClaim:
    """A distinct claim on a formula, who made it, and the second judge's opinion of it."""

    exercise: str
    part: str
    statement: Statement
    opinion: Opinion
    where: tuple[Where, ...]


@dataclass(frozen=True)
class Opinions:
    """What the second judge said: the claims by answer."""

    confirmed: int = 0
    undecided: tuple[JudgedClaim, ...] = ()
    contradicted: tuple[JudgedClaim, ...] = ()

    @property
    def all(self) -> int:
        """How many distinct claims there were."""
        return self.confirmed + len(self.undecided) + len(self.contradicted)


@dataclass
class _Claim:
    question: Question
    statement: Statement
    where: list[Where] = field(default_factory=list)


def judge_again(store: Store, root: Path, jobs: int = 1) -> Opinions:
    """Ask the second judge about every claim in the store that it was not asked before.

    A part whose claim it contradicts needs manual grading from then on.

    Parameters
    ----------
    store : Store
        Holds the claims, and keeps the opinions.
    root : Path
        Folder of the course, which has the questions.
    jobs : int
        Helper processes.

    Returns
    -------
    Opinions
    """
    claims = _claims(store, root)
    known = {key: Opinion(answer, why) for key, (answer, why) in store.opinions().items() if key in claims}  # type: ignore[arg-type]  # as it was kept
    known |= _asked(store, {key: claim for key, claim in claims.items() if key not in known}, jobs)
    judged = [_judged(claims[key], known[key]) for key in sorted(claims)]
    confirmed, undecided, contradicted = (
        tuple(one for one in judged if one.opinion.answer == answer)
        for answer in ("confirmed", "undecided", "contradicted")
    )
    _hold_back(store, contradicted)
    return Opinions(len(confirmed), undecided, contradicted)


def _asked(store: Store, claims: Mapping[str, _Claim], jobs: int) -> dict[str, Opinion]:
    """Return the opinions on claims that are new, each piece of them kept in the store before the next is asked.

    They are asked question by question, by helpers that stay: each keeps what it derived of a question.
    """
    ordered = sorted(claims, key=lambda key: (claims[key].question.id, key))
    opinions: dict[str, Opinion] = {}
    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
        judges = [stack.enter_context(SecondJudge()) for _ in range(jobs if ordered else 0)]
        for start in range(0, len(ordered), TOGETHER * jobs):
            piece = ordered[start : start + TOGETHER * jobs]
            shares = [[(key, claims[key]) for key in piece[j * TOGETHER : (j + 1) * TOGETHER]] for j in range(jobs)]
            found = dict(one for share in pool.map(_opinions, judges, shares) for one in share)
            store.keep_opinions({key: (opinion.answer, opinion.reason) for key, opinion in found.items()})
            opinions |= found
    return opinions


def _hold_back(store: Store, contradicted: Iterable[JudgedClaim]) -> None:
    """Let every part whose claim is contradicted need manual grading."""
    reasons: dict[Key, dict[str, str]] = {}
    for one in contradicted:
        for key, part in one.where:
            reasons.setdefault(key, {})[part] = one.opinion.reason
    for key, why in sorted(reasons.items()):
        found = store.get(key[0], key[2])
        if found is not None and found[0].record.key == key:
            record = held_back(found[0].record, why)
            if record is not found[0].record:
                store.revise(record)


def opinions_on(store: Store, root: Path, stored: Stored) -> dict[str, list[str]]:
    """Return what ``show`` says of the second judge, by part: a line for each formula."""
    claimed, exercise = stored.evidence.get(FORMULAS), stored.record.exercise
    if not claimed or exercise not in exercise_names(root):
        return {}
    questions = load_exercise(root, exercise, hidden=True).questions
    kept = store.opinions()
    found: dict[str, list[str]] = {}
    for part, statements in claimed.items():
        for statement in map(statement_of, statements):
            key = key_of(questions[part], statement) if part in questions else ""
            answer, why = kept.get(key, ("not asked", ""))
            place = f"line {statement.line}" if statement.line else "the answer"
            verdict = "equal" if statement.equal else "not equal"
            reason = f" ({why})" if why else ""
            found.setdefault(part, []).append(f"second judge (SymPy), {place}, {verdict}: {answer}{reason}")
    return found


def _claims(store: Store, root: Path) -> dict[str, _Claim]:
    """Every distinct claim with its question, by key; of exercises that are still in the course."""
    questions: dict[str, Mapping[str, Question]] = {}
    names = set(exercise_names(root))
    keys: dict[tuple[str, str, str], str] = {}
    found: dict[str, _Claim] = {}
    for key, parts in store.claimed():
        exercise = key[2]
        if exercise not in questions:
            questions[exercise] = load_exercise(root, exercise, hidden=True).questions if exercise in names else {}
        for part, statements in parts.items():
            question = questions[exercise].get(part)
            for data in statements if question is not None else ():
                assert question is not None  # the loop is empty otherwise
                statement = statement_of(data)
                same = (exercise, part, repr(replace(statement, line=0)))
                if same not in keys:
                    keys[same] = key_of(question, statement)
                found.setdefault(keys[same], _Claim(question, statement)).where.append((key, part))
    return found


def _opinions(judge: SecondJudge, claims: Iterable[tuple[str, _Claim]]) -> list[tuple[str, Opinion]]:
    found: list[tuple[str, Opinion]] = []
    for _, of_one_question in groupby(claims, key=lambda one: one[1].question.id):
        some = list(of_one_question)
        opinions = judge.opinions(some[0][1].question, [claim.statement for _, claim in some])
        found += zip([key for key, _ in some], opinions, strict=True)
    return found


def _judged(claim: _Claim, opinion: Opinion) -> JudgedClaim:
    (_, _, exercise), part = claim.where[0]
    return JudgedClaim(exercise, part, claim.statement, opinion, tuple(claim.where))


def held_back(record: Record, why: Mapping[str, str]) -> Record:
    """Return a record in which contradicted parts need manual grading; ``why`` is the reason by part."""
    held = [part for part in record.parts if part["name"] in why and part["status"] in ("correct", "wrong")]
    if not held:
        return record
    parts = tuple(
        {**part, "status": "undecided", "score": 0.0, "message": f"{_WAITS}: {why[part['name']]}{_LOOKS}"}
        if part in held
        else part
        for part in record.parts
    )
    score = record.score - sum(part["score"] for part in held)
    pending = record.pending_points + sum(part["max_score"] for part in held)
    return replace(record, parts=parts, score=rounded_points(score), pending_points=rounded_points(pending))


def contradicted_in(record: Record) -> dict[str, str]:
    """Return the parts of a record that are held back, with the reason: what :func:`held_back` was given."""
    said = {part["name"]: part["message"] or "" for part in record.parts if part["status"] == "undecided"}
    start = f"{_WAITS}: "
    return {name: text[len(start) :].removesuffix(_LOOKS) for name, text in said.items() if text.startswith(start)}


def lines_of(tally: Opinions) -> list[str]:
    """Return what ``grade`` says of the second judge: counts, then what it did not confirm."""
    if not tally.all:
        return []
    said = [
        f"second judge (SymPy): {tally.confirmed} of {tally.all} distinct verdicts on formulas confirmed, "
        f"{len(tally.undecided)} not decided in its budget, {len(tally.contradicted)} contradicted"
    ]
    for word, group in (("contradicted", tally.contradicted), ("not decided", tally.undecided)):
        for one in group[:_KEPT]:
            claim = "correct" if one.statement.equal else "wrong"
            text = one.statement.text if len(one.statement.text) <= 60 else f"{one.statement.text[:57]}..."
            said.append(f"  {word}: {one.exercise}, {one.part}, {text} ({claim}): {one.opinion.reason}")
        if len(group) > _KEPT:
            said.append(f"  and {len(group) - _KEPT} more {word}")
    return said
