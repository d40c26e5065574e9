"""The database of a results store: opened, brought up to date, and the few statements that are sent to it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from autograder.atomic import private_folder
from autograder.errors import CourseError
from autograder.store.records import Key
from autograder.store.stored import FILE_NAME
from autograder.store.tables import META, SCHEMA, TABLES
from autograder.text import install

BUSY_SECONDS = 60
_MAKING = 0x6D7365  # names the lock of those who make or change the tables


def connect(where: str | Path, *, create: bool) -> Database:
    """Open a store's database; CourseError as :func:`autograder.store.store.open_store` says."""
    url, shown = _url(where, create)
    try:
        engine = sa.create_engine(url)
    except (sa.exc.ArgumentError, ImportError) as error:
        reason = str(error).splitlines()[0]
        advice = f"; install the driver: {install('postgres')}" if "psycopg" in reason else ""
        raise CourseError(f"{shown}: no database that can be opened: {reason}{advice}") from None
    if engine.dialect.name not in ("sqlite", "postgresql"):
        raise CourseError(f"{shown}: the results store needs SQLite or PostgreSQL, not {engine.dialect.name}")
    if engine.dialect.name == "sqlite":
        if create and engine.url.database not in (None, "", ":memory:"):
            _make_private(Path(str(engine.url.database)))
        sa.event.listen(engine, "connect", _tune_sqlite)
    database = Database(engine, shown)
    try:
        database.prepare(create)
    except CourseError:
        database.close()
        raise
    return database


def _url(where: str | Path, create: bool) -> tuple[sa.URL, str]:
    if isinstance(where, str) and "://" in where:
        try:
            url = sa.make_url(where)
        except (sa.exc.ArgumentError, ValueError):
            raise CourseError(
                "--store: not the URL of a database; write one such as postgresql+psycopg://user@host/name"
            ) from None
        hidden = {name: "***" if name == "password" else value for name, value in url.query.items()}
        return url, url.set(query=hidden).render_as_string(hide_password=True)
    path = Path(where) / FILE_NAME
    if not create and not path.is_file():
        raise CourseError(f"{path}: there is no results store; grade into this folder first")
    private_folder(path.parent, "choose another --out")
    return sa.URL.create("sqlite", database=str(path)), str(path)


def _make_private(path: Path) -> None:
    """Make the file before SQLite does: it holds everyone's work, and its journals get the file's mode."""
    with suppress(OSError):  # SQLite fails on it next and says so
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))


def _tune_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # NORMAL: a commit survives the death of the process without waiting for the disk, which per submission would cost
    # more than grading it.  A power failure may undo the last commits, never damage the store; they are graded again.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


class Database:
    """An engine with the statements of the store; database errors come out as CourseError."""

    def __init__(self, engine: sa.Engine, shown: str) -> None:
        self._engine = engine
        self._shown = shown
        # the one that is used: PostgreSQL's comes with asyncio
        self._insert: Any = importlib.import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert
        # Built once: building a statement costs more than running it.
        self._adding = {name: self._insert(table).on_conflict_do_nothing() for name, table in TABLES.items()}
        self._putting = {name: self._upsert(TABLES[name]) for name in ("results", "opinions")}
        self._grading = self._upsert(TABLES["results"], keeps_time=True)
        self._selecting = lru_cache(maxsize=64)(_select)
        self._removing = {name: _delete(TABLES[name], _keys(TABLES[name])) for name in TABLES}

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        name = self._engine.url.database if self._engine.dialect.name == "sqlite" else None
        return Path(name) if name and name != ":memory:" else None

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def prepare(self, create: bool) -> None:
        """Make the tables where there are none, and bring older ones up to date."""
        with self._guard():
            present = set(sa.inspect(self._engine).get_table_names())
        ours = {META.name, *TABLES}
        if not present & ours and not create:
            raise CourseError(f"{self._shown}: there is no results store in it; grade into it first")
        found = self._version() if META.name in present else None
        # Unfinished: new, or another grader is making it at this moment.
        unfinished = not ours <= present and (META.name in present or not present & ours)
        if unfinished and found in (None, str(SCHEMA)):
            with self._alone() as connection:
                connection.execute(CreateTable(META, if_not_exists=True))
                connection.execute(self._insert(META).values(name="schema", value=str(SCHEMA)).on_conflict_do_nothing())
                for table in TABLES.values():
                    connection.execute(CreateTable(table, if_not_exists=True))
            found = self._version()
        number = int(found) if found is not None and found.isdecimal() else 0
        if 0 < number < SCHEMA:
            self._migrate()
        elif number > SCHEMA:
            raise CourseError(
                f"{self._shown}: a results store of version {number}, made by a newer version of this program; this "
                f"one reads version {SCHEMA}: install the newer one, or choose another --out or --store"
            )
        elif number == 0:
            raise CourseError(
                f"{self._shown}: not a results store of this program (version {found or 'unknown'}); "
                "choose another --out or --store"
            )

    def _migrate(self) -> None:
        try:
            from autograder.store.migrations import migrate  # needed once, so Alembic is imported only then
        except ImportError as error:
            if error.name is None or not error.name.startswith("alembic"):
                raise
            raise CourseError(
                f"{self._shown}: an older results store; to bring it up to date install the grading extra: "
                f"{install('grade')}"
            ) from None
        with self._alone() as connection:
            migrate(connection)

    def _version(self) -> str | None:
        with self.read() as connection:
            found = connection.execute(sa.select(META.c.value).where(META.c.name == "schema")).scalar()
        return None if found is None else str(found)

    @contextmanager
    def _alone(self) -> Iterator[sa.Connection]:
        """Open a transaction during which no other process makes or changes tables."""
        with self.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                # there IF NOT EXISTS still fails where two make a table at the same moment
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Open a transaction that commits at the end."""
        with self._guard(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a connection to read from."""
        with self._guard(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            raise CourseError(f"{self._shown}: {_advice(error)}") from None

    def add(self, connection: sa.Connection, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert rows unless their keys are there."""
        connection.execute(self._adding[table], rows)

    def add_new(self, connection: sa.Connection, table: str, *rows: Mapping[str, Any]) -> set[tuple[Any, ...]]:
        """Insert rows unless their keys are there; return the keys of those that were new."""
        target = TABLES[table]
        statement = self._adding[table].returning(*(target.c[name] for name in _keys(target)))
        return {tuple(row) for row in connection.execute(statement, rows)}

    def put(self, connection: sa.Connection, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert whole rows, or replace those of their keys."""
        connection.execute(self._putting[table], rows)

    def put_verdicts(self, connection: sa.Connection, *rows: Mapping[str, Any]) -> None:
        """Insert verdicts, or replace those of their keys.

        The time of submission that is known of the same files stays: a table of times is given only once.  It gives way
        to a verified one, and one that is not verified itself to any.
        """
        connection.execute(self._grading, rows)

    def _upsert(self, table: sa.Table, *, keeps_time: bool = False) -> Any:
        statement = self._insert(table)
        key, old, given = _keys(table), table.c, statement.excluded
        new: dict[str, Any] = {column.name: given[column.name] for column in table.c if column.name not in key}
        if keeps_time:
            better = given.verified | (given.received.is_not(None) & ~old.verified)
            kept = old.received.is_not(None) & (old.digest == given.digest) & ~better
            new |= {name: sa.case((kept, old[name]), else_=given[name]) for name in ("received", "verified")}
        return statement.on_conflict_do_update(index_elements=key, set_=new)

    def change(self, connection: sa.Connection, table: str, row: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
        """Update the row of that key if its other columns still are as in ``old``; return whether it was."""
        target = TABLES[table]
        key = {name: row[name] for name in _keys(target)}
        statement = sa.update(target).where(*_equal(target, {**key, **old})).values(dict(row))
        return bool(connection.execute(statement).rowcount == 1)

    def touch(self, connection: sa.Connection, table: str, where: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Update these columns of the rows with these values."""
        target = TABLES[table]
        connection.execute(sa.update(target).where(*_equal(target, where)).values(dict(values)))

    def remove(self, connection: sa.Connection, table: str, *where: Mapping[str, Any]) -> None:
        """Delete the rows with these values; all name the same columns."""
        if not where:
            return
        target = TABLES[table]
        known = self._removing[table] if where[0].keys() == set(_keys(target)) else _delete(target, list(where[0]))
        connection.execute(known, [{f"old_{name}": value for name, value in row.items()} for row in where])

    def copy_to(self, other: Database) -> None:
        """Copy everything but claims into a store that is empty."""
        for name in TABLES.keys() - {"claims"}:
            with self.read() as reading, other.begin() as writing:
                rows = reading.execution_options(stream_results=True).execute(sa.select(TABLES[name])).mappings()
                for row in rows:
                    other.add(writing, name, dict(row))

    def compact(self) -> None:
        """Give back the space of deleted rows, so that SQLite's file no longer holds them."""
        if self._engine.dialect.name == "sqlite":
            with self._guard(), self._engine.connect() as connection:
                whole = connection.execution_options(isolation_level="AUTOCOMMIT")
                whole.exec_driver_sql("VACUUM")
                whole.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def one(
        self, connection: sa.Connection, table: str, where: Mapping[str, Any], columns: Sequence[str] | None = None
    ) -> dict[str, Any] | None:
        """Return the first row with these values, or None."""
        target = TABLES[table]
        chosen = [target.c[name] for name in columns or target.c.keys()]
        row = connection.execute(sa.select(*chosen).where(*_equal(target, where)).limit(1)).mappings().first()
        return None if row is None else dict(row)

    def rows(self, table: str, columns: Sequence[str], keys: Sequence[Key] | None = None) -> Iterator[dict[str, Any]]:
        """Yield these columns of all rows, or of those with these keys (then among the columns), in no order."""
        names = _keys(TABLES[table])
        # a list for each column, which every database answers from the index; SQLite reads the whole table for a list
        # of whole keys
        by_column = zip(names, zip(*keys or (), strict=True), strict=False)
        listed = {name: sorted(set(values)) for name, values in by_column}
        wanted = None if keys is None else set(keys)
        with self.read() as connection:
            for row in connection.execute(self._selecting(table, tuple(columns), tuple(listed)), listed).mappings():
                if wanted is None or tuple(row[name] for name in names) in wanted:
                    yield dict(row)


def _select(table: str, columns: tuple[str, ...], listed: tuple[str, ...]) -> Any:
    """Return the reading of columns, of all rows or of those whose values of some columns are in lists."""
    target = TABLES[table]
    lists = [target.c[name].in_(sa.bindparam(name, expanding=True)) for name in listed]
    return sa.select(*(target.c[name] for name in columns)).where(*lists)


def _keys(table: sa.Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _delete(table: sa.Table, names: Sequence[str]) -> sa.Delete:
    return sa.delete(table).where(*(table.c[name] == sa.bindparam(f"old_{name}") for name in names))


def _equal(table: sa.Table, values: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in values.items()]


def _advice(error: sa.exc.SQLAlchemyError) -> str:
    """Return the database's own words and what to do."""
    words = str(getattr(error, "orig", None) or error).splitlines()[0]
    for sign, advice in (
        ("readonly", "the results store cannot be written; check the rights of the file and its folder"),
        ("unable to open", "the results store cannot be opened; check that the folder exists and may be written"),
        ("full", "the disk is full; free some space and start again, nothing that was committed is lost"),
        ("disk I/O error", "the disk is full or fails; free some space or choose another disk, then start again"),
        ("locked", f"another program has held the results store for {BUSY_SECONDS} s; end it and start again"),
        ("not a database", "this is not a results store; move the file away or choose another --out"),
        ("malformed", "the results store is damaged; move the file away and grade again"),
    ):
        if sign in words:
            return f"{advice} ({words})"
    return f"the database refuses: {words}"
