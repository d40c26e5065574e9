"""The results store: every verdict with its evidence, committed one by one, in SQLite or PostgreSQL.

A killed grader starts again where it stopped; two graders may share a store.  SQLAlchemy is imported by
:func:`open_store` only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import CourseError
from autograder.moments import as_iso
from autograder.plain import Closing
from autograder.store.claimant import gone, owner
from autograder.store.forgotten import SOMEONE, StudentNames, renamed, without
from autograder.store.records import Grade, Key, Record, dumps
from autograder.store.stored import (
    FILE_NAME,
    FORMULAS,
    KEY,
    NAMING,
    Files,
    Mark,
    Stored,
    key_of,
    key_row,
    mark_of,
    mark_row,
    moment,
    record_at,
    row_of,
    stored_of,
)
from autograder.text import missing

if TYPE_CHECKING:
    from autograder.store.database import Database

BEAT_SECONDS = 5.0
"""How often a grader renews its claims."""

LEASE_SECONDS = 30.0
"""Without renewal for so long a claim counts as abandoned, where it cannot be seen whether its grader lives."""

_CHUNK = 200  # rows per statement: some databases allow 1000 parameters in one


class Store(Closing):
    """An open results store; made by :func:`open_store`.  Every method raises CourseError if the database refuses."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._owner = owner()

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @property
    def file(self) -> Path | None:
        """The file of the database, if it is one."""
        return self._db.file

    # --- writing ---

    def save(self, verdicts: Iterable[tuple[Stored, Files]]) -> None:
        """Commit verdicts, all or none, replacing older ones, each with the files that were handed in.

        Files are names and bytes, the main one first.  The claims on the verdicts end with the same commit.  A time of
        submission that is known of the same files stays, unless the new one is better.
        """
        blobs: dict[str, bytes] = {}
        rows: dict[Key, dict[str, Any]] = {}
        now = datetime.now(UTC)
        for stored, files in verdicts:
            hashed = [(name, hashlib.sha256(data).hexdigest(), data) for name, data in files]
            blobs |= {sha256: data for _, sha256, data in hashed}
            rows[stored.record.key] = row_of(
                replace(stored, graded=now), [[name, sha256] for name, sha256, _ in hashed]
            )
        if not rows:
            return
        # in one order, or two graders wait for each other
        ordered = [rows[key] for key in sorted(rows)]
        with self._db.begin() as connection:
            if blobs:
                self._db.add(connection, "blobs", *({"sha256": k, "data": blobs[k]} for k in sorted(blobs)))
            self._db.put_verdicts(connection, *ordered)
            self._db.remove(connection, "claims", *(_part_of(row) for row in ordered))

    def revise(self, record: Record, evidence: Mapping[str, Any] | None = None) -> None:
        """Replace the record of a stored verdict and leave what was graded, by what and when, as it is.

        With ``evidence`` what explains it is replaced, too.
        """
        row = {
            **key_row(record.key),
            "status": record.status,
            "score": record.score,
            "max_score": record.max_score,
            "pending_points": record.pending_points,
            "record": record.line(),
            **({} if evidence is None else {"evidence": dumps(evidence)}),
        }
        with self._db.begin() as connection:
            self._db.change(connection, "results", row, {})

    def move(self, keys: Iterable[Key], assignment: str) -> None:
        """Put verdicts under another assignment; where one is there already, that one stays and the moved one goes."""
        with self._db.begin() as connection:
            for key in sorted(keys):
                row = self._db.one(connection, "results", key_row(key))
                if row is not None:
                    record = replace(record_at(key, row["record"]), assignment=assignment)
                    row |= {"assignment": assignment, "record": record.line()}
                    self._db.add(connection, "results", row)
                    self._db.remove(connection, "results", key_row(key))

    def copy_to(self, other: Store) -> None:
        """Copy everything but claims into a store that is empty, as it is: times, opinions and marks too."""
        self._db.copy_to(other._db)

    def claim(self, keys: Sequence[Key]) -> set[Key]:
        """Reserve work for this process, so that another grader on the same store leaves it; return what was got.

        Claims of a process that has ended are taken over; so are those not renewed, where that cannot be seen.
        """
        got: set[Key] = set()
        moment = datetime.now(UTC).timestamp()
        ordered = sorted(set(keys))  # in one order, or two graders wait for each other
        for start in range(0, len(ordered), _CHUNK):
            rows = [{**key_row(key), "owner": self._owner, "since": moment} for key in ordered[start : start + _CHUNK]]
            with self._db.begin() as connection:
                new = self._db.add_new(connection, "claims", *rows)
                for row in rows:
                    key = key_of(row)
                    if key in new or self._take_over(connection, row):
                        got.add(key)
        return got

    def _take_over(self, connection: Any, row: dict[str, Any]) -> bool:
        found = self._db.one(connection, "claims", _part_of(row))
        if found is not None and found["owner"] != self._owner:
            old = abs(row["since"] - found["since"]) > LEASE_SECONDS  # its clock may be ahead of ours
            if not gone(found["owner"], old):
                return False
        return self._db.change(connection, "claims", row, {"owner": found["owner"] if found else self._owner})

    def renew(self) -> None:
        """Show that this process is alive: its claims stay its own where others cannot look."""
        with self._db.begin() as connection:
            self._db.touch(connection, "claims", {"owner": self._owner}, {"since": datetime.now(UTC).timestamp()})

    def release(self, keys: Iterable[Key]) -> None:
        """Give claims of this process back, so that no other grader waits for them."""
        with self._db.begin() as connection:
            self._db.remove(connection, "claims", *({**key_row(key), "owner": self._owner} for key in sorted(keys)))

    def retime(self, times: Mapping[Key, tuple[datetime, bool]]) -> int:
        """Correct the times of submission of verdicts that are there; return how many changed.

        ``times`` says when, and whether that is verified; a verified time gives way to a verified one only.
        """
        columns = (*KEY, "received", "verified")
        changed = 0
        with self._db.begin() as connection:
            for row in list(self._db.rows("results", columns)):
                new = times.get(key_of(row))
                old = moment(row["received"]), row["verified"]
                if new is None or new == old or (old[1] and not new[1]):
                    continue
                self._db.change(connection, "results", {**row, "received": as_iso(new[0]), "verified": new[1]}, {})
                changed += 1
        return changed

    def mark(self, *marks: Mark) -> None:
        """Keep marks by hand, all or none; regrading never touches them."""
        with self._db.begin() as connection:
            for mark in marks:
                self._db.add(connection, "marks", mark_row(mark))

    def forget(self, student: str, pseudonym: str | None = None, words: StudentNames | None = None) -> int:
        """Remove a student: verdicts, marks, and the files that no other student handed in; return how many verdicts.

        With a pseudonym, verdicts and marks stay under that name, without files, their names and remarks on them.
        What is kept of a team's other members loses the ``words`` for the student: in paths, remarks and comments.

        Raises
        ------
        CourseError
            If there already is a student of that name.
        """
        words = words or StudentNames(student)
        self.refuse_taken(pseudonym)
        found = [self.get(student, exercise) for name, _, exercise in self.keys() if name == student]
        marks = [mark for mark in self.marks() if mark.student == student]
        alone = self._blobs_of_one(student)
        mates = {(mate, exercise) for exercise, several in self.shared_with(student).items() for mate in several}
        with self._db.begin() as connection:
            for table in ("results", "claims", "marks"):
                self._db.remove(connection, table, {"student": student})
            for sha256 in sorted(alone):
                self._db.remove(connection, "blobs", {"sha256": sha256})
            self._clean(connection, mates, words, pseudonym or SOMEONE)
            if pseudonym:
                for stored, _ in filter(None, found):
                    self._db.put(connection, "results", row_of(renamed(stored, words, pseudonym), []))
                for mark in marks:
                    said = words.out_of(mark.comment, pseudonym)
                    row = mark_row(replace(mark, student=pseudonym, answer=None, comment=said))
                    self._db.add(connection, "marks", row)
        self._db.compact()
        return len(found)

    def _blobs_of_one(self, student: str) -> set[str]:
        """Return the hashes of the files that this student handed in and no other."""
        mine, others = set[str](), set[str]()
        for row in self._db.rows("results", ("student", "files")):
            (mine if row["student"] == student else others).update(sha256 for _, sha256 in json.loads(row["files"]))
        return mine - others

    def _clean(self, connection: Any, mates: set[tuple[str, str]], words: StudentNames, instead: str) -> None:
        """Take the words for a student out of what is kept of team mates: paths, remarks and comments on marks."""
        for mate in sorted(mates):
            if (kept := self.get(*mate)) is not None:
                self._db.put(connection, "results", row_of(*without(*kept, words, instead)))
        for row in list(self._db.rows("marks", ("id", "student", "exercise", "comment"))):
            said = words.out_of(row["comment"], instead)
            if (row["student"], row["exercise"]) in mates and said != row["comment"]:
                self._db.change(connection, "marks", {"id": row["id"], "comment": said}, {})

    def refuse_taken(self, pseudonym: str | None) -> None:
        """Refuse a pseudonym under which there are results.

        Raises
        ------
        CourseError
            If there are.
        """
        if pseudonym is not None and pseudonym in self.students():
            raise CourseError(f"{pseudonym}: there already are results under this name; choose another pseudonym")

    # --- reading ---

    def teammates(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Return the team mates of everyone who handed in with a team, by student and exercise."""
        teams: dict[tuple[str, str], list[str]] = {}
        for record in self.records(holding='"team": '):
            if record.team:
                teams.setdefault((record.team, record.exercise), []).append(record.student)
        return {
            (student, exercise): tuple(one for one in members if one != student)
            for (_, exercise), members in teams.items()
            for student in members
        }

    def shared_with(self, student: str) -> dict[str, tuple[str, ...]]:
        """Return who else has the verdict on what a student's team handed in, by exercise."""
        return {exercise: mates for (who, exercise), mates in self.teammates().items() if who == student and mates}

    def underway(self) -> int:
        """Return how many submissions a grader has taken and not graded: it is at work, or it was stopped."""
        return sum(1 for _ in self._db.rows("claims", ("student",)))

    def finished(self, keys: Iterable[Key] | None = None) -> dict[Key, tuple[str, str]]:
        """Return digest and fingerprint of what is done, of these or of all; a failure of the grader does not count."""
        columns = (*KEY, "digest", "fingerprint", "status")
        wanted = None if keys is None else sorted(keys)
        pieces = [None] if wanted is None else [wanted[k : k + _CHUNK] for k in range(0, len(wanted), _CHUNK)]
        return {
            key_of(row): (row["digest"], row["fingerprint"])
            for piece in pieces
            for row in self._db.rows("results", columns, piece)
            if row["status"] != "grader_error"
        }

    def get(self, student: str, exercise: str) -> tuple[Stored, tuple[tuple[str, str], ...]] | None:
        """Return the verdict with its evidence, and the files handed in as (name, sha256), or None."""
        with self._db.read() as connection:
            row = self._db.one(connection, "results", {"student": student, "exercise": exercise})
        if row is None:
            return None
        return stored_of(row), tuple((name, sha256) for name, sha256 in json.loads(row["files"]))

    def blob(self, sha256: str) -> bytes | None:
        """Return a file by the hash of its bytes."""
        with self._db.read() as connection:
            row = self._db.one(connection, "blobs", {"sha256": sha256})
        return None if row is None else bytes(row["data"])

    def lines(self) -> Iterator[str]:
        """Yield all records as lines of ``results.jsonl``, sorted by student, assignment and exercise."""
        return (line for _, line in self._lines())

    def _lines(self) -> Iterator[tuple[Key, str]]:
        # Sorted here: databases disagree about the order of letters.  Read in pieces: a class may not fit in memory.
        keys = sorted(self.keys())
        for start in range(0, len(keys), _CHUNK):
            piece = keys[start : start + _CHUNK]
            found = {key_of(row): row["record"] for row in self._db.rows("results", (*KEY, "record"), piece)}
            yield from ((key, found[key]) for key in piece if key in found)

    def records(self, *, holding: str = "") -> Iterator[Record]:
        """Yield all records, sorted as :meth:`lines`.

        Only those whose line holds a text, if one is given: reading the others takes longer than looking for it.
        """
        return (record_at(key, line) for key, line in self._lines() if holding in line)

    def students(self) -> set[str]:
        """Return the ids of all students with records."""
        return {row["student"] for row in self._db.rows("results", ("student",))}

    def keys(self) -> list[Key]:
        """Return the key of every record."""
        return [key_of(row) for row in self._db.rows("results", KEY)]

    def claimed(self) -> Iterator[tuple[Key, Mapping[str, Any]]]:
        """Yield what verdicts claim of formulas: keys, and by part the statements."""
        return self._kept(FORMULAS)

    def unlike(self) -> Iterator[tuple[Key, Mapping[str, Any]]]:
        """Yield what is kept of wrong values on naming sets: keys, and by which misconceptions they were named."""
        return self._kept(NAMING)

    def _kept(self, what: str) -> Iterator[tuple[Key, Mapping[str, Any]]]:
        mark = json.dumps(what)
        for row in self._db.rows("results", (*KEY, "evidence")):
            if mark in row["evidence"] and (kept := json.loads(row["evidence"]).get(what)):  # or a value is called so
                yield key_of(row), kept

    def opinions(self) -> dict[str, tuple[str, str]]:
        """Return what the second judge said, by key: its answer and the reason."""
        rows = self._db.rows("opinions", ("key", "answer", "reason"))
        return {row["key"]: (row["answer"], row["reason"]) for row in rows}

    def keep_opinions(self, opinions: Mapping[str, tuple[str, str]]) -> None:
        """Keep what the second judge said."""
        if opinions:
            with self._db.begin() as connection:
                rows = ({"key": k, "answer": answer, "reason": why} for k, (answer, why) in sorted(opinions.items()))
                self._db.put(connection, "opinions", *rows)

    def grades(self) -> Iterator[Grade]:
        """Yield what ``grades.csv`` needs of every record."""
        columns = (*KEY, "score", "max_score", "pending_points", "received", "status")
        for row in self._db.rows("results", columns):
            yield Grade(**{**row, "received": moment(row["received"])})

    def verified(self) -> set[Key]:
        """Return the records whose time of submission is not the student's own word."""
        columns = (*KEY, "verified")
        found = self._db.rows("results", columns)
        return {key_of(row) for row in found if row["verified"]}

    def marks(self) -> list[Mark]:
        """Return all marks by hand, oldest first; of several for one part the last counts."""
        columns = ("id", *(field.name for field in fields(Mark)))
        return [mark_of(row) for row in sorted(self._db.rows("marks", columns), key=lambda row: row["id"])]


def has_store(folder: Path) -> bool:
    """Whether there is something in the place of a folder's own store."""
    return (folder / FILE_NAME).exists()


def open_store(where: str | Path, *, create: bool = True) -> Store:
    """Open a results store.

    Parameters
    ----------
    where : str or Path
        A folder (the store is ``results.db`` in it) or the URL of a PostgreSQL or
        SQLite database, such as ``postgresql+psycopg://host/name``.
    create : bool
        Whether to make it where there is none.

    Raises
    ------
    CourseError
        If it cannot be opened, is of another version, or SQLAlchemy or the database's driver is missing.
    """
    try:
        from autograder.store.database import connect
    except ImportError as error:
        if error.name is None or not error.name.startswith("sqlalchemy"):
            raise
        raise missing("SQLAlchemy", "grade") from None
    return Store(connect(where, create=create))


def _part_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in KEY}
