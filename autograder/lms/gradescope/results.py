"""Gradescope: a ``results.json`` per student and exercise.

Format: Gradescope autograder documentation, "Specifications: Output format".  A part is a test with points; checks
are below it in its output.  What the course shows only after the due date, or never, is a test of its own with that
visibility.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.atomic import private_folder, replacing
from autograder.course.feedback_policy import LEAST, FeedbackPolicy, part_seen, policies
from autograder.course.model import Course, Feedback, When
from autograder.store.standings import Counted
from autograder.text import encodable, for_html, one_line, one_of

VISIBILITY: Mapping[When, str] = {"always": "visible", "after_due": "after_due_date", "never": "hidden"}
_LONGEST = 120
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{k}" for port in ("com", "lpt") for k in range(10))})


def write_gradescope(folder: Path, results: Iterable[Counted], course: Course, now: datetime | None = None) -> int:
    """Write ``folder/<student>/<exercise>/results.json``; return how many files.

    Records of a failed grading are left out, and their earlier file goes: no score may stand for them.

    Raises
    ------
    CourseError
        If a file cannot be written.
    """
    count = 0
    moment = now or datetime.now(UTC)
    everything = list(results)
    names = folder_names(one.record.student for one in everything)
    for one in everything:
        place = folder / names[one.record.student] / folder_name(one.record.exercise)
        if one.points is None:
            (place / "results.json").unlink(missing_ok=True)
            continue
        private_folder(place)
        seen = policies(course, [one.record.assignment], moment)[one.record.assignment]
        with replacing(place / "results.json") as stream:
            json.dump(encodable(results_json(one, seen)), stream, indent=1, allow_nan=False)
            stream.write("\n")
        count += 1
    return count


def folder_name(text: str) -> str:
    """Return a name of one folder or file for any text: what a file system could misread is percent-coded.

    That is also what Windows keeps for its devices (``con``), and a dot or space at the end, which it drops.
    """
    name = quote(text, safe="@+ ", errors="backslashreplace").replace("+", "%2B")
    if not name:
        return "%"  # no other text gives a single percent sign
    if name.startswith(".") or name.partition(".")[0].rstrip().casefold() in _DEVICES:
        name = f"%{ord(name[0]):02X}{name[1:]}"
    if name[-1] in ". ":
        name = f"{name[:-1]}%{ord(name[-1]):02X}"
    return name if len(name) <= _LONGEST else _marked(name[:_LONGEST], text)


def folder_names(texts: Iterable[str]) -> dict[str, str]:
    """Return a name for each text by which macOS and Windows, too, tell it from the others: not by case alone."""
    names = {text: folder_name(text) for text in texts}
    often = Counter(name.casefold() for name in names.values())
    return {text: name if often[name.casefold()] == 1 else _marked(name, text) for text, name in names.items()}


def _marked(name: str, text: str) -> str:
    return f"{name}~{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def results_json(one: Counted, policy: FeedbackPolicy, later: Feedback | None = None) -> dict[str, Any]:
    """Return one record in Gradescope's format; ``score`` is what counts, the penalty for lateness taken off.

    How long it took is left out: a hidden call can spell its input by it.

    Parameters
    ----------
    one : Counted
        The record.
    policy : FeedbackPolicy
        What students may see now.
    later : Feedback, optional
        Where Gradescope itself shows the results, it holds the rest back as the course says; else that is left out.
    """
    record = one.record
    tests: list[dict[str, Any]] = []
    for part in record.parts:
        tests += _tests(part, policy, later)
    said = [record.message or ""]
    if one.days_late and record.score:
        said.append(f"{one.lateness.said.capitalize()} of {record.score:g} points.")
    if record.pending_points:
        said.append(f"{record.pending_points:g} points need manual grading.")
    return {
        "score": one.points,
        "output": for_html("\n".join(text for text in said if text)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "student": record.student,
            "assignment": record.assignment,
            "exercise": record.exercise,
            "status": record.status,
            "sha256": record.sha256,
            "max_score": record.max_score,
        },
        "tests": tests,
    }


def _tests(part: Mapping[str, Any], policy: FeedbackPolicy, later: Feedback | None) -> Iterable[dict[str, Any]]:
    shown = part_seen(part, LEAST)
    lines = [one_line(shown["message"] or part["status"]), *map(_line, shown["checks"])]
    yield {
        "name": for_html(part["name"]),
        "score": part["score"],
        "max_score": part["max_score"],
        "status": "passed" if part["status"] == "correct" else "failed",
        "output": for_html("\n".join(lines)),
        "visibility": "visible",
        "tags": [part["kind"], part["status"]],
    }
    hidden = [check for check in part["checks"] if check["visibility"] == "hidden"]
    told = _visibility(policy.hidden_checks, later.hidden_checks if later else None)
    if hidden and told:
        yield {
            "name": for_html(f"{part['name']}: hidden checks"),
            "status": "passed" if all(check["outcome"] == "pass" for check in hidden) else "failed",
            "output": for_html("\n".join(f"{check['outcome']}: {check['title']}" for check in hidden)),
            "visibility": told,
        }
    told = _visibility(policy.misconceptions, later.misconceptions if later else None)
    if part["misconceptions"] and told:
        yield {
            "name": for_html(f"{part['name']}: what may lie behind it"),
            "status": "failed",
            "output": for_html(one_of(part["misconceptions"])),
            "visibility": told,
        }


def _visibility(now: bool, later: When | None) -> str | None:
    return "visible" if now else VISIBILITY[later] if later is not None else None


def _line(check: Mapping[str, Any]) -> str:
    text = f"{check['outcome']}: {check['title']}"
    return f"{text} ({one_line(check['message'])})" if check["message"] else text
