"""Tables for marking: what needs manual grading with its answers, to be filled in and read back.

A row counts as soon as something is filled in: points, or one of the criteria.  The rows are in the order of the page
of written answers, similar answers next to each other.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.atomic import replacing
from autograder.errors import CourseError
from autograder.intake.tables import Row, read_rows, read_table, require_columns
from autograder.plain import dataclass
from autograder.store.alike import side_by_side, words_of
from autograder.store.marks import ROUNDING, MarkBook, Standing, anchored, problem_with, ticked
from autograder.store.store import Store
from autograder.store.stored import Mark
from autograder.store.waiting import waiting_parts
from autograder.text import for_spreadsheet, plural

_BEFORE = ("row", "student", "exercise", "part")
_AFTER = (
    "points",
    "max_points",
    "comment",
    "comments_so_far",
    "criteria",
    "file",
    "earlier_mark",
    "answer",
    "answer_id",
)
TICK = "tick_"
"""How the heading of a criterion's column begins."""

MAX_CELL = 30_000
"""Characters of an answer in a template; spreadsheets hold 32,767 in a cell."""

OFFERED = 9
"""Comments on a part that are offered, the most frequent first."""

_NEEDED = ("student", "exercise", "part", "points")
_SHORT = 16  # letters of an answer's hash in a template
_TEXT = "answer "
"""What begins an answer's hash: a spreadsheet would read digits alone as a number, and round it."""
# a ticked box and a number are written in the spreadsheet's language
_YES = frozenset({
    "x", "y", "yes", "true", "1", "1.0", "1,0", "j", "ja", "wahr", "waar", "oui", "vrai", "si", "vero", "verdadero",
    "verdadeiro", "\N{CHECK MARK}", "\N{HEAVY CHECK MARK}",
})  # fmt: skip
_NO = frozenset({"-", "'-", "n", "no", "false", "0", "0.0", "0,0", "nein", "falsch", "onwaar", "non", "faux", "falso"})
_REFERENCE = re.compile(r"#(\d+)")


@dataclass(frozen=True)
class Waiting:
    """A part that needs manual grading.

    Attributes
    ----------
    student, exercise, part, max_points : str, str, str, float
        Which, and what it is worth.
    file : str
        Where the written answer is, below the path that was graded.
    earlier : str
        The mark of an earlier answer, in words.
    answer : str
        What was written.
    digest : str
        Its hash.
    criteria : tuple of mapping
        The rubric: name, points, title.
    comments : tuple of (str, int)
        Comments that were given for this part, and how often.
    row : int
        Its number in the table and on the page, from 1.
    message : str
        Why it waits, if the grader has a word on it.
    """

    student: str
    exercise: str
    part: str
    max_points: float
    file: str
    earlier: str = ""
    answer: str = ""
    digest: str = ""
    criteria: tuple[Mapping[str, Any], ...] = ()
    comments: tuple[tuple[str, int], ...] = ()
    row: int = 0
    message: str = ""
    files: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def waiting(store: Store, exercises: Sequence[str]) -> Iterator[Waiting]:
    """Yield what needs manual grading: part by part, similar answers to one question next to each other.

    The exercises come in the order that is given, which is the course's, and their parts as they are declared.
    """
    questions: dict[tuple[str, str], list[Waiting]] = {}
    places: dict[tuple[str, str], int] = {}
    for place, one in _unordered(store):
        question = (one.exercise, one.part)
        questions.setdefault(question, []).append(one)
        places.setdefault(question, place)
    first = {name: k for k, name in enumerate(exercises)}
    row = 0
    for question in sorted(questions, key=lambda one: (first.get(one[0], len(first)), one[0], places[one])):
        rows = sorted(questions[question], key=lambda one: one.student)
        for place in side_by_side([one.answer for one in rows]):
            row += 1
            yield replace(rows[place], row=row)


def _unordered(store: Store) -> Iterator[tuple[int, Waiting]]:
    """Yield what needs manual grading, with the place of its part in the exercise; of a team one member's."""
    marks = store.marks()
    book, comments, mates = MarkBook(marks), comments_of(marks), store.teammates()
    for record in book.records(store):
        waits = waiting_parts(record)
        is_first = all(member > record.student for member in mates.get((record.student, record.exercise), ()))
        found = store.get(record.student, record.exercise) if waits and is_first else None
        if found is None:
            continue
        stored, files = found
        names = [name for name, _ in files]
        standings = book.of(record)
        for place, part in enumerate(record.parts):
            name = part["name"]
            if name in waits:
                yield (
                    place,
                    Waiting(
                        record.student,
                        record.exercise,
                        name,
                        part["max_score"],
                        file="; ".join([one for one in names if one != record.file] or names),
                        earlier=_earlier(standings.get(name)),
                        answer=stored.answers.get(name, ""),
                        digest=part.get("answer") or "",
                        criteria=tuple(part.get("criteria", ())),
                        comments=comments.get((record.exercise, name), ()),
                        message=part["message"] or "",
                        files=files,
                    ),
                )


def comments_of(marks: Iterable[Mark]) -> dict[tuple[str, str], tuple[tuple[str, int], ...]]:
    """Return the comments that were given for each exercise and part, with how often, the most frequent first."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for mark in marks:
        if comment := " ".join(mark.comment.split()):
            found.setdefault((mark.exercise, mark.part), Counter())[comment] += 1
    return {
        key: tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:OFFERED]) for key, counts in found.items()
    }


def _earlier(standing: Standing | None) -> str:
    if standing is None or standing.current:
        return ""
    comment = f": {standing.mark.comment}" if standing.mark.comment else ""
    return f"{standing.said} by {standing.mark.who}{comment}"


# --- writing ---------------------------------------------------------------------------------------------------


def shares(rows: Sequence[Waiting], several: int) -> list[list[Waiting]]:
    """Return the rows in as many runs of nearly one length; equal answers to one question stay together.

    No one has to mark what another person marked already, and neighbours, which are similar, get one mind.
    """
    groups: list[list[Waiting]] = []
    for row in rows:
        before = groups[-1][-1] if groups else None
        same = before is not None and (row.exercise, row.part) == (before.exercise, before.part)
        if same and before is not None and words_of(row.answer) == words_of(before.answer):
            groups[-1].append(row)
        else:
            groups.append([row])
    found: list[list[Waiting]] = [[] for _ in range(several)]
    done = 0
    for group in groups:
        middle = done + len(group) / 2
        found[min(int(several * middle / len(rows)), several - 1)].extend(group)
        done += len(group)
    return found


def write_template(path: Path, rows: Iterable[Waiting], shown: Callable[[str], str] = str) -> int:
    """Write a table to fill in: criteria, ``points`` and ``comment`` are blank; return how many rows.

    ``shown`` says under which name a student is in it.

    Raises
    ------
    CourseError
        If it cannot be written.
    """
    everything = list(rows)
    names = list(dict.fromkeys(one["name"] for row in everything for one in row.criteria))
    with replacing(path) as stream:
        stream.write("\ufeff")  # else Excel garbles names that are not ASCII, and they come back unknown
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*_BEFORE, *(TICK + name for name in names), *_AFTER])
        for row in everything:
            own = {one["name"] for one in row.criteria}
            ticks = ("" if name in own else "-" for name in names)
            cells = (
                *(shown(row.student), row.exercise, row.part),
                *ticks,
                *("", f"{row.max_points:g}", "", offered(row.comments), in_words(row.criteria)),
                *(row.file, row.earlier, _cell(row.answer), _id_of(row)),
            )
            safe = [cell if cell == "-" else for_spreadsheet(cell) for cell in cells]
            writer.writerow([str(row.row), *safe])
    return len(everything)


def in_words(criteria: Iterable[Mapping[str, Any]]) -> str:
    """Return a rubric as one line."""
    return "; ".join(f"{one['name']} ({one['points']:g}): {one['title']}" for one in criteria)


def offered(comments: Iterable[tuple[str, int]]) -> str:
    """Return comments with numbers: ``#1 text #2 text``; a number in a row's own comment cell means its text."""
    return " ".join(f"#{k} {text.replace('#', '')}" for k, (text, _) in enumerate(comments, 1))


def _cell(answer: str) -> str:
    """Return an answer as a spreadsheet can hold it."""
    return answer if len(answer) <= MAX_CELL else f"{answer[:MAX_CELL]} (cut here; the rest is in the file)"


# --- reading ---------------------------------------------------------------------------------------------------


def not_read(path: Path, rows: Iterable[Waiting], shown: Callable[[str], str] = str) -> str:
    """Return why a table that is there may not be written over: what is filled in and still waits; else nothing."""
    if not path.is_file():
        return ""
    try:
        _, before = read_table(path)
    except CourseError:  # something else
        return ""
    wait = {(for_spreadsheet(shown(one.student)), one.exercise, one.part): _id_of(one) for one in rows}
    readable = others = 0
    for _, row in before:
        place = row.get("student", ""), row.get("exercise", ""), row.get("part", "")
        if place in wait and (row.get("points") or row.get("comment") or _ticks(row)):
            same = row.get("answer id", "") in ("", wait[place].strip())
            readable, others = readable + same, others + (not same)
    if readable:
        return f"holds {plural(readable, 'row')} filled in and not read; read it first with mark --from"
    return f"holds {plural(others, 'row')} filled in for other answers; move it away" if others else ""


def _id_of(one: Waiting) -> str:
    return _TEXT + one.digest[:_SHORT]


def read_marks(
    path: Path,
    store: Store,
    who: str,
    meant: Callable[[str], str | None] = lambda student: student,
    told: list[str] | None = None,
) -> list[Mark]:
    """Read a filled table; rows in which neither points nor a criterion are filled in are left out, they still wait.

    ``meant`` returns the student of the results that a name in the table refers to; ``told`` gets a line for each row
    with a comment alone.

    Raises
    ------
    CourseError
        With every mistake and its line.
    """
    heading, rows = read_table(path)
    require_columns(path, heading, *_NEEDED)
    keys = store.keys()
    # a name that a spreadsheet would run follows an apostrophe in the template
    students = {for_spreadsheet(key[0]): key[0] for key in keys}
    shortened = _without_zeros({key[0] for key in keys})
    moment = datetime.now(UTC)
    marks: dict[tuple[str, str, str], Mark] = {}

    def read(row: Row) -> None:
        student = students.get(row["student"], row["student"])
        if row.get("answer id"):  # compared below, so a mark cannot go to another answer
            student = shortened.get(student, student)
        key = (meant(student) or student, row["exercise"], row["part"])
        mark = _mark(store, row, Mark(*key, 0.0, _comment(row), who, moment))
        if mark is None:
            if row.get("comment") and told is not None:
                told.append(f"{' '.join(key)}: a comment without points or a tick is not kept")
            return
        if key in marks:
            raise CourseError(f"{key[0]!r} appears twice for {key[2]}")
        if text := problem_with(store, mark) or _another(store, mark, row.get("answer id", "")):
            raise CourseError(text)
        marks[key] = mark

    read_rows(path, rows, read)
    return list(marks.values())


def _without_zeros(students: Set[str]) -> dict[str, str]:
    """Return ids as a spreadsheet leaves them that takes them for numbers, where that fits one student alone."""
    several: dict[str, list[str]] = {}
    for student in students:
        if student.isdecimal():
            several.setdefault(student.lstrip("0") or "0", []).append(student)
    return {short: ids[0] for short, ids in several.items() if len(ids) == 1}


def _mark(store: Store, row: Row, blank: Mark) -> Mark | None:
    """Return the mark in a row, or None if nothing is filled in.

    Raises
    ------
    CourseError
        If a cell cannot be read, or the points contradict the criteria.
    """
    ticks = {name: _tick(name, cell) for name, cell in _ticks(row).items()}
    if not row["points"] and not ticks:
        return None
    if problem_with(store, blank):
        return replace(blank, points=_number(row["points"]) if row["points"] else 0.0)
    mark = ticked(store, blank, (name for name, tick in ticks.items() if tick)) if ticks else blank
    if not row["points"]:
        return mark
    points = _number(row["points"])
    if ticks and abs(points - mark.points) > ROUNDING:
        raise CourseError(f"the criteria that are ticked give {mark.points:g}, points says {points:g}; leave one blank")
    return mark if ticks else replace(mark, points=points)


def _ticks(row: Row) -> dict[str, str]:
    """Return the cells below criteria that are filled in, by criterion; a dash is in those of other parts."""
    start = TICK.replace("_", " ")
    filled = {name.removeprefix(start): cell for name, cell in row.items() if name.startswith(start) and cell}
    return {name.replace(" ", "_"): cell for name, cell in filled.items() if cell not in ("-", "'-")}


def _tick(name: str, cell: str) -> bool:
    word = cell.casefold()
    if word not in _YES | _NO:
        raise CourseError(f"{TICK}{name}: given {cell!r}; allowed: x where it is met, 0 or nothing where it is not")
    return word in _YES


def _comment(row: Row) -> str:
    """Return the comment of a row; #2 means the second of the comments that the row itself offers."""
    comment = row.get("comment", "")
    reference = _REFERENCE.fullmatch(comment)
    if reference is None:
        return comment
    texts = re.split(r"(?:^| )#\d+ ", row.get("comments so far", ""))
    number = int(reference[1])
    return texts[number].strip() if 0 < number < len(texts) else comment


def _another(store: Store, mark: Mark, seen: str) -> str | None:
    """Say that the answer is another one than the marker saw in the table, or None."""
    now = anchored(store, mark).answer or ""
    if not seen or now.startswith(seen.removeprefix(_TEXT)):
        return None
    since = f"{mark.student} handed in another answer to {mark.part} since"
    return f"{since}; blank what this row has filled in, and mark that answer from a new template"


def _number(text: str) -> float:
    try:
        value = float(text.replace(",", "."))  # spreadsheets of half the world write 2,5
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CourseError(f"points: given {text!r}; allowed: a number such as 2.5")
    return value
