"""Opinions of the second judge are kept, asked for once, and hold a contradicted part back."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

pytest.importorskip("sympy")

from autograder.store import second_opinions
from autograder.store.records import Record
from autograder.store.second_opinions import judge_again, lines_of, opinions_on
from autograder.store.store import open_store
from autograder.store.stored import FORMULAS, Stored
from autograder.symbolic.second.statement import Statement
from tests.conftest import ROOT

EXERCISE, PART = "softmax_mse_vs_ce", "sym_ce_grad"


def stored(student: str, text: str, status: str = "correct") -> Stored:
    part = {
        "name": PART, "kind": "symbolic", "status": status, "score": 3.0 if status == "correct" else 0.0,
        "max_score": 3.0, "misconceptions": [], "hints": [], "proof": None, "message": None, "checks": [],
    }  # fmt: skip
    record = Record(student, "ps4", EXERCISE, "graded", score=part["score"], max_score=3.0, parts=(part,))
    claim = asdict(Statement(0, text, status == "correct", index=("j",)))
    return Stored(record, "digest", "fingerprint", evidence={PART: [], FORMULAS: {PART: [claim]}})


def test_a_contradicted_part_waits_for_a_person_and_is_told(tmp_path, monkeypatch):
    with open_store(tmp_path) as store:
        store.save([(stored("ann", "p - y"), ()), (stored("bob", "y - p"), ()), (stored("cem", "y - p", "wrong"), ())])
        tally = judge_again(store, ROOT)
        assert (tally.confirmed, len(tally.undecided), len(tally.contradicted)) == (2, 0, 1)
        records = {record.student: record for record in store.records()}
        assert [(records[s].score, records[s].pending_points) for s in ("ann", "bob", "cem")] == [
            (3, 0),
            (0, 3),
            (0, 0),
        ]
        held = records["bob"].parts[0]
        assert held["status"] == "undecided"
        assert "second judge, SymPy, contradicts" in held["message"]
        said = lines_of(tally)
        assert "2 of 3 distinct verdicts on formulas confirmed, 0 not decided in its budget, 1 contradicted" in said[0]
        assert "y - p (correct)" in said[1]
        found = store.get("bob", EXERCISE)
        assert found is not None
        (line,) = opinions_on(store, ROOT, found[0])[PART]
        assert line.startswith("second judge (SymPy), the answer, equal: contradicted (at K = 3")

        monkeypatch.setattr(second_opinions, "SecondJudge", None)  # everything is known: nothing is asked again
        assert judge_again(store, ROOT).confirmed == 2
        assert {record.student: record for record in store.records()} == records


def test_a_class_without_formulas_asks_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(second_opinions, "SecondJudge", None)
    with open_store(tmp_path) as store:
        store.save([(replace(stored("ann", "p - y"), evidence={}), ())])
        assert lines_of(judge_again(store, ROOT)) == []
