"""The evidence stored with a record: failed checks, claimed formulas, wrong values on the naming set."""

from __future__ import annotations

from pathlib import Path

from autograder.judging.functions import by_cause
from autograder.model import Outcome, Report
from autograder.store.generations import naming_fingerprint
from autograder.store.stored import FORMULAS, NAMING


def evidence(report: Report | None, root: Path) -> dict[str, object]:
    """Return what ``show`` explains a verdict from: every failed check with its call and values."""
    if report is None:
        return {}
    found: dict[str, object] = {
        part.name: [_evidence(o) for o in by_cause(part.outcomes) if o.failure is not None] for part in report.parts
    }
    formulas = {part.name: list(part.statements) for part in report.parts if part.statements}
    values = {part.name: dict(part.on_naming_set) for part in report.parts if part.on_naming_set}
    if values:
        found[NAMING] = {"by": naming_fingerprint(root, report.exercise), "parts": values}
    return found | ({FORMULAS: formulas} if formulas else {})


def _evidence(outcome: Outcome) -> dict[str, object]:
    failure = outcome.failure
    assert failure is not None  # asked for failed checks only
    return {
        "name": outcome.name,
        "title": outcome.title,
        "visibility": outcome.visibility,
        **failure.as_json(),
    }
