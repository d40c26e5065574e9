"""Advice next to a part that is not right: what to try next, and why it earned its points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.checks.standard import LAYOUT_TITLES
from autograder.reports.engine import points as as_points
from autograder.student.cures import cure_of
from autograder.text import plural

_BY_STATUS = {
    "timeout": "Find the loop that does not end, or whose work grows with the square of the input: time {part} on "
    "inputs of 10, 100 and 1000 entries.",
    "memory": "Look for an array whose size grows with the square of the input, such as one entry per pair of samples.",
    "output_limit": "Take out what {part} prints: a function returns its result.",
    "crash": "The process ended: look for exit(), endless recursion, arrays that fill the memory, and libraries called "
    "with the wrong types.",
    "forbidden": "Use the arguments alone: where work is graded there are no files, no network and no other programs.",
    "load_error": "Mend the line that is named: until it runs, nothing that depends on it can be graded.",
    "error": "Run the call above in a Python session: the traceback leads to the line that fails.",
    "unreadable": "Write the formula as the page on formulas explains; `autograder check {part}` shows how it is read.",
}
"""Where the kind of failure says what to do, whatever the part is about."""

_LAYOUT = "Turn every argument into a float64 array first, x = np.asarray(x, dtype=float), then compute."
_CORNER = "Try {part} on each extreme case that the statement names, and on those of the failing checks."
_FORM = (
    "Print type, shape and dtype of what {part} returns for the call above, and compare them with the contract in the "
    "statement."
)
_BY_GROUP = {
    "contract": "Look at what {part} does with its arguments before it computes: bad input is refused, and arguments "
    "stay as they are.",
    "scaling": "The values are right; replace loops over entries by array operations, and lists that grow by arrays.",
}
"""Where the values are right, by the group of the check that fails first."""


def next_step(part: Mapping[str, Any], failures: Sequence[Mapping[str, Any]], hint: str) -> str:
    """Return what to try next, chosen by what failed; an empty text where the page says it already.

    Parameters
    ----------
    part : mapping
        As in ``results.jsonl``, without what its student may not see.
    failures : sequence of mapping
        The evidence that is shown, the first to read in front.
    hint : str
        The part's own first hint.
    """
    name, status = part["name"], part["status"]
    if status in ("correct", "manual", "undecided", "missing", "protocol") or part["misconceptions"]:
        return ""
    shown = failures[0] if failures else {"message": ""}
    values = {name: shown.get(name) for name in ("returned", "expected", "call")}
    cure = cure_of(shown["message"] or "", part["kind"], **values)
    if cure:
        return as_sentence(cure)
    if status in _BY_STATUS:
        return _BY_STATUS[status].format(part=name)
    if status == "bad_output" and not (failures and "wrong value" in failures[0]["message"]):
        return _FORM.format(part=name)
    if status == "not_started":
        return hint
    first = _first_failing(part, failures)
    if status == "partial" and first is not None:
        if first["group"] == "robustness":
            return _LAYOUT if first["title"] in LAYOUT_TITLES else _CORNER.format(part=name)
        return _BY_GROUP.get(first["group"], hint).format(part=name)
    if not failures and _public_pass(part):
        return "The public checks pass. Try inputs of other sizes, shapes and magnitudes than the examples."
    return hint


def as_sentence(advice: str) -> str:
    """Return advice as a sentence of its own."""
    return f"{advice[:1].upper()}{advice[1:]}{'' if advice.endswith('?') else '.'}"


def _first_failing(part: Mapping[str, Any], failures: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    titles = [item["title"] for item in failures]
    failing = [one for one in part["checks"] if one["outcome"] == "fail"]
    failing.sort(key=lambda one: titles.index(one["title"]) if one["title"] in titles else len(titles))
    return failing[0] if failing else None


def _public_pass(part: Mapping[str, Any]) -> bool:
    public = [one for one in part["checks"] if one["visibility"] == "public"]
    return bool(public) and all(one["outcome"] == "pass" for one in public)


def why_so_many(part: Mapping[str, Any]) -> str:
    """Return in a sentence why a part that the grader examines earned its points.

    Parameters
    ----------
    part : mapping
        As in ``results.jsonl``, without what its student may not see.
    """
    score, most, status = part["score"], part["max_score"], part["status"]
    if part["kind"] != "function" or status in ("correct", "not_started", "missing") or not part["checks"]:
        return ""
    lost = as_points(most - score)
    if status == "partial":
        failing = [one["title"] for one in part["checks"] if one["outcome"] != "pass"]
        named = f"“{failing[0]}”" if len(failing) == 1 else f"{plural(len(failing), 'other check')}"
        what = f"{named} {'fails' if len(failing) == 1 else 'fail'}" if failing else "Checks that are not shown"
        return f"The values are right, which earns half of the part or more; the rest is shared. {what}: −{lost}."
    if status == "load_error":
        return ""
    if status not in ("wrong", "bad_output"):
        return "Not every value could be computed, so the part earns nothing."
    if score > 0:
        return (
            f"A value check fails. {as_points(score)} of {as_points(most)} are given, since the exact cases and at "
            "least half of the random ones that everyone gets are right."
        )
    return "A value check fails, so the part earns nothing: the other checks count only where values are right."
