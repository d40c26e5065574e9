"""A class in a results store, made through the store: nothing is graded, so a test says what a page must show."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from autograder.course.model import load_course
from autograder.lms.people import directory
from autograder.reports.site import write_report
from autograder.store.records import Record
from autograder.store.store import open_store
from autograder.store.stored import Stored
from tests.conftest import keep

COURSE = """
title: Tiny
assignments:
  hw1: {title: First, due: 2026-10-01T12:00:00+00:00, exercises: {alpha: 8, beta: 8}}
late: {percent_per_day: 10}
"""
PLACE = "'/courses of a year/" + "results" * 12 + "'"
"""What commands on the pages call the results: a long path."""
DUE = datetime(2026, 10, 1, 12, tzinfo=UTC)

SCRIPT = "window.ran = 1"
HOSTILE = (
    f"<script>{SCRIPT}</script>", f"\"><img src=x onerror='{SCRIPT}'>", f"'><svg onload={SCRIPT}>",
    f"javascript:{SCRIPT}", f"</title></style></pre></dd><script>{SCRIPT}</script>", "{{ 7 * 7 }}{% x %}",
    f"<a href=javascript:{SCRIPT}>x</a>", "\u202egnp.exe\u2066", "\x1b[31mred\x1b]0;title\x07", "x" * 20_000,
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627", "\U0001f4a9" * 300, "e\u0301" + "\u0300" * 400,
    "<iframe srcdoc='<script>parent.ran=1</script>'>", "<meta http-equiv=refresh content=0;url=x>",
    "<base href=//example.org/>", "<!--", "]]>", "&lt;b&gt;", "\udc80", "\x00\x7f\x85\u2028", "../../up",
)  # fmt: skip


def make_course(root):
    (root / "course.yml").write_text(COURSE, encoding="utf-8")
    for name in ("alpha", "beta"):
        (root / "exercises" / name).mkdir(parents=True)
        (root / "exercises" / name / "checks.py").touch()
    (root / "results").mkdir()
    return root


def build(root, fill, roster=None):
    """Fill a store and write its report; return the folder."""
    with open_store(root) as store:
        fill(store)
        people = directory(students_of(store), roster)
        course = load_course(root if (root / "course.yml").exists() else make_course(root))
        write_report(store, course, people, root / "report", place=PLACE)
    return root / "report"


def students_of(store):
    return [record.student for record in store.records()]


def check(title, outcome="pass", visibility="public", message=None):
    return {"title": title, "group": "value", "visibility": visibility, "outcome": outcome, "message": message}


def part(name="f", score=4.0, status="correct", worth=4.0, message=None, checks=(), misconceptions=(), kind="function"):
    return {
        "name": name, "kind": kind, "status": status, "score": score, "max_score": worth, "proof": None,
        "misconceptions": list(misconceptions), "message": message, "checks": list(checks),
    }  # fmt: skip


def evidence(
    title="exact cases",
    visibility="public",
    call="f(1)",
    returned="2.0",
    expected="1.0",
    message="returns a wrong value",
):
    return {
        "name": "e", "title": title, "visibility": visibility, "message": message, "call": call, "returned": returned,
        "expected": expected, "line": None,
    }  # fmt: skip


def save(
    store, student, exercise, *parts, status="graded", received=None, message=None, proof=None, file="f.py", waits=0.0
):
    """Store one record; ``proof`` is the evidence by part."""
    record = Record(
        student, "hw1", exercise, status, file=file, sha256="ab" * 32, score=sum(p["score"] for p in parts),
        max_score=sum(p["max_score"] for p in parts), pending_points=waits, seconds=0.25, message=message, parts=parts,
    )  # fmt: skip
    keep(store, Stored(record, "d", "f", "1", received=received, evidence=proof or {}), [(file, b"code")])


def lifelike(store, students=12):
    """Right, wrong, late, missing, rejected and waiting students: s00 to s11."""
    wrong = [check("exact cases", "fail"), check("random inputs", "fail", "hidden"), check("shape")]
    told = {"f": [evidence(), evidence("random inputs", "hidden", "f(-3.5)", "7.0", "3.5")]}
    for k in range(students):
        who = f"s{k:02d}"
        received = DUE + timedelta(hours=1) if k == 3 else DUE - timedelta(days=1)
        if k == 5:
            nothing = [part("f", 0.0, "missing"), part("g", 0.0, "missing")]
            save(store, who, "alpha", *nothing, status="missing", file="none")
            save(store, who, "beta", *nothing, status="missing")
        elif k == 6:
            parts = [part("f", 0.0, "load_error"), part("g", 0.0, "load_error")]
            save(store, who, "alpha", *parts, status="rejected", message="not a notebook", received=received)
            save(store, who, "beta", part(), part("g"), received=received)
        elif k % 3 == 1:
            bad = part("f", 0.0, "wrong", message="f(1): returns", checks=wrong, misconceptions=["sum instead of mean"])
            save(store, who, "alpha", bad, part("g", 1.0 * (k % 4), "partial"), received=received, proof=told)
            save(store, who, "beta", part(), part("g", 0.0, "manual", kind="manual"), received=received, waits=4.0)
        else:
            save(store, who, "alpha", part(checks=[check("shape")]), part("g"), received=received)
            save(store, who, "beta", part(), part("g", 0.0, "manual", kind="manual"), received=received, waits=4.0)


def sent(text):
    """Return what a name becomes on its way in: half a surrogate pair never gets into a store."""
    return text.encode("utf-8", "replace").decode()


def whole_course(store, course, students=40):
    """Every exercise of a course: right, wrong in two named ways, late, missing, rejected and waiting students."""
    late = timedelta(hours=1)
    for assignment in course.assignments:
        for exercise in assignment.exercises:
            for k in range(students):
                wrong = [part("f", 0.0, "wrong", misconceptions=[f"{text} in {exercise}"]) for text in ("sum", "root")]
                parts = [part(), part("g", 0.0, "manual", kind="manual")] if k % 5 else [wrong[k % 2], part("g")]
                parts = [part("f", 0.0, "missing")] if k == 3 else parts
                status = {3: "missing", 4: "rejected"}.get(k, "graded")
                record = Record(
                    f"s{k:02d}", assignment.name, exercise, status, file=f"{exercise}.py", sha256="ab" * 32,
                    score=sum(p["score"] for p in parts), max_score=8.0, pending_points=0.0,
                    seconds=0.25, message="not a notebook" if k == 4 else None, parts=parts,
                )  # fmt: skip
                moment = None if k == 6 else (assignment.due or DUE) + (late if k == 5 else -late)
                told = {"f": [evidence()]}
                keep(store, Stored(record, "d", "f", "1", received=moment, evidence=told), [(record.file, b"code")])


def hostile(store, roster):
    """Every hostile text as id, name, file, message, printed value, comment; and a class list with these names."""
    with roster.open("w", encoding="utf-8", newline="") as stream:
        rows = [
            ("student", "name"),
            *((f"h{k}", sent(text).replace("\0", "")) for k, text in enumerate(HOSTILE)),
        ]
        csv.writer(stream).writerows(rows)
    for k, text in enumerate(HOSTILE):
        for who in (f"h{k}", sent(text)):
            told = {
                "f": [evidence(text, "public", text, text, text, text), evidence("random", "hidden", text, text, text)]
            }
            bad = part(
                "f", 0.0, "wrong", message=text, checks=[check(text, "fail", message=text)], misconceptions=[text]
            )
            save(store, who, "alpha", bad, proof=told, file=sent(text), message=text)
            save(store, who, "beta", part(text, 0.0, "load_error"), status="rejected", message=text)


def replicated(store, seeds, students, rng):
    """Fill a store with a class of many, drawn from a few graded students; each record is perturbed a little.

    ``seeds`` are pairs (Stored, files).  Scores of one part in five are moved, so that no two classes look alike; the
    evidence stays as the grader wrote it.
    """
    by_student = {}
    for stored, files in seeds:
        by_student.setdefault(stored.record.student, []).append((stored, files))
    models = list(by_student.values())
    for k in range(students):
        for stored, files in models[int(rng.integers(len(models)))]:
            parts = json.loads(json.dumps(stored.record.parts))
            for one in parts:
                if rng.random() < 0.2 and one["status"] in ("wrong", "partial"):
                    one["score"] = round(one["max_score"] * float(rng.integers(0, 5)) / 8, 6)
            score = sum(one["score"] for one in parts)
            record = replace(stored.record, student=f"t{k:04d}", parts=tuple(parts), score=score)
            keep(store, replace(stored, record=record), files)
