"""The engine on the corpus of answers: no false accept, no false reject, nothing undecided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.symbolic import grade

from .questions import QUESTIONS

FILES = sorted((Path(__file__).parent / "corpus").glob("*.yaml"))
CORPUS = [yaml.load(path.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)) for path in FILES]
ORDER = ("numeric", "exact", "general")


@pytest.mark.parametrize("entry", CORPUS, ids=[entry["question"] for entry in CORPUS])
def test_every_label_is_met(entry: dict[str, Any]) -> None:
    question = QUESTIONS[entry["question"]]
    for answer in entry["answers"]:
        verdict = grade(question, answer["text"])
        assert verdict.status == {"right": "correct", "wrong": "wrong"}[answer["label"]], answer
        if answer["label"] == "right":
            assert verdict.proof is not None
            assert ORDER.index(verdict.proof) >= ORDER.index(entry["proof"]), answer
        if "misconception" in answer:
            assert answer["misconception"] in [m.id for m in verdict.misconceptions], answer


def test_the_corpus_is_large_enough() -> None:
    full = [e for e in CORPUS if sum(a["label"] == "right" for a in e["answers"]) >= 8]
    full = [e for e in full if sum(a["label"] == "wrong" for a in e["answers"]) >= 10]
    assert len(full) >= 12
