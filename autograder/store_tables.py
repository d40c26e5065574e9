"""Tables of the results store, and the few statements that are sent to them.

The statements are SQL that SQLite and PostgreSQL share, sent through Python's DB-API.  SQLAlchemy reads URLs and opens
what they name; a store in a folder does without it, for its import takes longer than to grade a class of thirty.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from autograder.results import Key
from autograder.spec import CourseError
from autograder.store import FILE_NAME

SCHEMA = "1"
BUSY_SECONDS = 60
_MAKING = 0x6D7365  # names the lock of those who make the tables
_TEXT, _REAL, _TRUTH, _BYTES, _NUMBER = "TEXT", "DOUBLE PRECISION", "BOOLEAN", "BLOB", "INTEGER PRIMARY KEY"
_IN_POSTGRESQL = {_BYTES: "BYTEA", _NUMBER: "SERIAL PRIMARY KEY"}
_KEY = ("student", "assignment", "exercise")


@dataclass(frozen=True)
class _Table:
    """A table: its columns with their types; all are given in each row but those in ``optional`` and numbers."""

    columns: Mapping[str, str]
    key: tuple[str, ...]
    optional: tuple[str, ...] = ()


def _of(kind: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, kind)


_TABLES: Mapping[str, _Table] = {
    "meta": _Table(_of(_TEXT, "name", "value"), ("name",), ("value",)),
    "results": _Table(
        {
            **_of(_TEXT, *_KEY, "status"),
            **_of(_REAL, "score", "max_score", "pending_points"),
            **_of(_TEXT, "digest", "fingerprint", "grader", "layers", "received"),
            **_of(_TRUTH, "verified"),
            **_of(_TEXT, "graded", "record", "evidence", "notes", "files"),
        },
        _KEY,
        ("received",),
    ),
    "blobs": _Table({**_of(_TEXT, "sha256"), **_of(_BYTES, "data")}, ("sha256",)),
    "claims": _Table({**_of(_TEXT, *_KEY, "owner"), **_of(_REAL, "since")}, _KEY),
    "marks": _Table(
        {
            **_of(_NUMBER, "id"),
            **_of(_TEXT, "student", "exercise", "part", "comment", "who", "at"),
            **_of(_REAL, "points"),
        },
        ("id",),
    ),
}


@dataclass(frozen=True, eq=False)
class Link:
    """An open connection of a DB-API driver that commits each statement unless told otherwise.

    Attributes
    ----------
    connection : object
        The driver's own.
    shown : str
        Where it leads, without a password.
    lite : bool
        Whether it is SQLite; else PostgreSQL.
    error : type of Exception
        The driver's errors.
    close : callable
        Ends it.
    """

    connection: Any
    shown: str
    lite: bool
    error: type[Exception]
    close: Callable[[], None]


def connect(where: str | Path, *, create: bool) -> Database:
    """Open a store's database; see :func:`autograder.store.open_store`."""
    link = _by_url(where) if isinstance(where, str) and "://" in where else _in_folder(Path(where), create)
    database = Database(link)
    try:
        database.prepare(create)
    except CourseError:
        database.close()
        raise
    return database


def _in_folder(folder: Path, create: bool) -> Link:
    path = folder / FILE_NAME
    if not create and not path.is_file():
        raise CourseError(f"{path}: there is no results store; grade into this folder first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(f"{folder}: cannot be made: {error.strerror}") from None
    try:
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise CourseError(f"{path}: {_advice(error)}") from None
    return Link(connection, str(path), True, sqlite3.Error, connection.close)


def _by_url(text: str) -> Link:
    import sqlalchemy as sa

    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise CourseError("--store: no SQLAlchemy URL; such as postgresql+psycopg://user@host/name") from None
    shown = url.render_as_string(hide_password=True)
    try:
        engine = sa.create_engine(url)
    except (sa.exc.ArgumentError, ImportError) as error:
        reason = str(error).splitlines()[0]
        advice = "; install the driver: pip install '.[postgres]'" if "psycopg" in reason else ""
        raise CourseError(f"{shown}: no database that can be opened: {reason}{advice}") from None
    if engine.dialect.name not in ("sqlite", "postgresql"):
        raise CourseError(f"{shown}: the results store needs SQLite or PostgreSQL, not {engine.dialect.name}")
    lite = engine.dialect.name == "sqlite"
    driver: Any = engine.dialect.loaded_dbapi
    try:
        opened = engine.raw_connection()
    except (sa.exc.SQLAlchemyError, driver.Error) as error:
        raise CourseError(f"{shown}: {_advice(error)}") from None
    connection: Any = opened.driver_connection
    if lite:
        connection.isolation_level = None
    else:
        connection.autocommit = True
    opened.detach()  # ours alone from here on

    def close() -> None:
        connection.close()
        engine.dispose()

    return Link(connection, shown, lite, driver.Error, close)


class Database:
    """The statements of the store on one connection; database errors come out as CourseError."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._mark = "?" if link.lite else "%s"

    def close(self) -> None:
        """Close the connection."""
        self._link.close()

    # --- making ---

    def prepare(self, create: bool) -> None:
        """Check the version, and make the tables where there are none."""
        with self.read():
            if self._link.lite:
                self._tune()
            present = self._present()
        if not present & _TABLES.keys() and not create:
            raise CourseError(f"{self._link.shown}: there is no results store in it; grade into it first")
        found = self._version() if "meta" in present else None
        # Unfinished: new, or another grader is making it at this moment.
        unfinished = not present >= _TABLES.keys() and ("meta" in present or not present & _TABLES.keys())
        if unfinished and found in (None, SCHEMA):
            self._make()
            found = self._version()
        if found != SCHEMA:
            raise CourseError(
                f"{self._link.shown}: a results store of version {found or 'unknown'}; this program reads version "
                f"{SCHEMA}; choose another --out or --store"
            )

    def _tune(self) -> None:
        self._run(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        self._run("PRAGMA journal_mode = WAL")
        # NORMAL: a commit survives the death of the process without waiting for the disk, which per submission would
        # cost more than grading it.  A power failure may undo the last commits, never damage the store; they are
        # graded again.
        self._run("PRAGMA synchronous = NORMAL")

    def _present(self) -> set[str]:
        lite = "SELECT name FROM sqlite_master WHERE type = 'table'"
        other = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        return {name for (name,) in self._run(lite if self._link.lite else other)}

    def _make(self) -> None:
        with self.begin():
            if not self._link.lite:
                # there IF NOT EXISTS still fails where two make a table at the same moment
                self._run(f"SELECT pg_advisory_xact_lock({_MAKING})")
            for name, table in _TABLES.items():
                self._run(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(self._definitions(table))})")
            self.add("meta", {"name": "schema", "value": SCHEMA})

    def _definitions(self, table: _Table) -> Iterator[str]:
        for name, kind in table.columns.items():
            here = kind if self._link.lite else _IN_POSTGRESQL.get(kind, kind)
            yield f"{name} {here}" + ("" if name in table.optional or kind == _NUMBER else " NOT NULL")
        if _NUMBER not in table.columns.values():
            yield f"PRIMARY KEY ({', '.join(table.key)})"

    def _version(self) -> str | None:
        with self.read():
            found = self.one("meta", {"name": "schema"})
        return None if found is None else str(found["value"])

    # --- transactions ---

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Hold a transaction that commits at the end, and is undone if the block fails."""
        with self.read():
            # IMMEDIATE: wait for the turn to write here, where waiting is possible, and not between two statements
            self._run("BEGIN IMMEDIATE" if self._link.lite else "BEGIN")
            try:
                yield
                self._run("COMMIT")
            except BaseException:
                self._undo()
                raise

    def _undo(self) -> None:
        try:
            self._run("ROLLBACK")
        except self._link.error:
            return  # the database has undone it by itself, or is gone: why it failed is being told already

    @contextmanager
    def read(self) -> Iterator[None]:
        """Turn the database's errors into ours."""
        try:
            yield
        except self._link.error as error:
            raise CourseError(f"{self._link.shown}: {_advice(error)}") from None

    def _run(self, statement: str, values: Sequence[Any] = ()) -> Any:
        cursor = self._link.connection.cursor()
        cursor.execute(statement, values)
        return cursor

    def _run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        if len(rows) == 1:
            self._run(statement, rows[0])
        elif rows:
            self._link.connection.cursor().executemany(statement, rows)

    # --- writing, inside a transaction ---

    def add(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert rows unless their keys are there; all name the same columns."""
        statement = f"{self._insert(table, list(rows[0]))} ON CONFLICT DO NOTHING"
        self._run_many(statement, [tuple(row.values()) for row in rows])

    def add_new(self, table: str, *rows: Mapping[str, Any]) -> set[tuple[Any, ...]]:
        """Insert rows unless their keys are there; return the keys of those that were new."""
        key = ", ".join(_TABLES[table].key)
        statement = f"{self._insert(table, list(rows[0]), len(rows))} ON CONFLICT DO NOTHING RETURNING {key}"
        return {tuple(row) for row in self._run(statement, [*chain.from_iterable(row.values() for row in rows)])}

    def put(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert whole rows, or replace those of their keys."""
        key = _TABLES[table].key
        new = ", ".join(f"{name} = excluded.{name}" for name in rows[0] if name not in key)
        statement = f"{self._insert(table, list(rows[0]))} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {new}"
        self._run_many(statement, [tuple(row.values()) for row in rows])

    def _insert(self, table: str, columns: Sequence[str], rows: int = 1) -> str:
        row = f"({', '.join([self._mark] * len(columns))})"
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"

    def change(self, table: str, row: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
        """Update the row of that key if its other columns still are as in ``old``; return whether it was."""
        where = {**{name: row[name] for name in _TABLES[table].key}, **old}
        new = ", ".join(f"{name} = {self._mark}" for name in row)
        statement = f"UPDATE {table} SET {new} WHERE {self._equal(where)}"
        return bool(self._run(statement, [*row.values(), *where.values()]).rowcount == 1)

    def remove(self, table: str, *where: Mapping[str, Any]) -> None:
        """Delete the rows with these values; all name the same columns."""
        if where:
            statement = f"DELETE FROM {table} WHERE {self._equal(where[0])}"
            self._run_many(statement, [tuple(row.values()) for row in where])

    def _equal(self, values: Mapping[str, Any]) -> str:
        return " AND ".join(f"{name} = {self._mark}" for name in values)

    def compact(self) -> None:
        """Give back the room of deleted rows, so that SQLite's file no longer holds them."""
        if self._link.lite:
            with self.read():
                self._run("VACUUM")
                self._run("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    # --- reading ---

    def one(self, table: str, where: Mapping[str, Any], columns: Sequence[str] | None = None) -> dict[str, Any] | None:
        """Return the first row with these values, or None."""
        names = tuple(columns or _TABLES[table].columns)
        statement = f"SELECT {', '.join(names)} FROM {table} WHERE {self._equal(where)} LIMIT 1"
        row = self._run(statement, tuple(where.values())).fetchone()
        return None if row is None else _row(table, names, row)

    def rows(self, table: str, columns: Sequence[str], keys: Sequence[Key] | None = None) -> Iterator[dict[str, Any]]:
        """Yield these columns of all rows, or of those with these keys (then among the columns), in no order."""
        wanted = None if keys is None else set(keys)
        if wanted == set():
            return
        statement, values = f"SELECT {', '.join(columns)} FROM {table}", list[Any]()
        names = _TABLES[table].key
        if keys is not None:
            # a list for each column, which every database answers from the index; SQLite reads the whole table for a
            # list of whole keys
            chosen = [sorted(set(column)) for column in zip(*keys, strict=True)]
            lists = (f"{name} IN ({', '.join([self._mark] * len(c))})" for name, c in zip(names, chosen, strict=False))
            statement += f" WHERE {' AND '.join(lists)}"
            values = [*chain.from_iterable(chosen)]
        with self.read():
            for row in self._run(statement, values):
                found = _row(table, columns, row)
                if wanted is None or tuple(found[name] for name in names) in wanted:
                    yield found


def _row(table: str, names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """Return a row by its columns; SQLite keeps what is true as a number."""
    kinds = _TABLES[table].columns
    pairs = zip(names, values, strict=True)
    return {name: bool(value) if kinds[name] == _TRUTH else value for name, value in pairs}


def _advice(error: BaseException) -> str:
    """Return the database's own words and what to do."""
    words = (str(error).splitlines() or [type(error).__name__])[0]
    for sign, advice in (
        ("readonly", "the results store cannot be written; check the rights of the file and its folder"),
        ("unable to open", "the results store cannot be opened; check that the folder exists and may be written"),
        ("full", "the disk is full; make room and start again, nothing that was committed is lost"),
        ("locked", f"another program has held the results store for {BUSY_SECONDS} s; end it and start again"),
        ("not a database", "this is no results store; move the file away or choose another --out"),
        ("malformed", "the results store is damaged; move the file away and grade again"),
    ):
        if sign in words:
            return f"{advice} ({words})"
    return f"the database refuses: {words}"
