"""An older results store brought up to date, number by number; only then is Alembic needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from autograder.store.tables import META, OPINIONS, SCHEMA


def migrate(connection: sa.Connection) -> None:
    """Bring the store of a connection to the present number, within its transaction.

    Another process may have done it while this one waited for its turn: the number is read again.
    """
    found = connection.execute(sa.select(META.c.value).where(META.c.name == "schema")).scalar()
    op = Operations(MigrationContext.configure(connection))
    for number in range(int(found or SCHEMA), SCHEMA):
        STEPS[number](op, connection)
        connection.execute(sa.update(META).where(META.c.name == "schema").values(value=str(number + 1)))


def _marks_know_their_scale(op: Operations, connection: sa.Connection) -> None:
    """2: written answers are kept, and a mark holds what it was given out of, for which answer, by which criteria."""
    op.add_column("results", sa.Column("answers", sa.Text, nullable=False, server_default="{}"))
    op.add_column("marks", sa.Column("out_of", sa.Float(53)))
    op.add_column("marks", sa.Column("answer", sa.Text))
    op.add_column("marks", sa.Column("criteria", sa.Text, nullable=False, server_default="[]"))
    # until now marks counted against what the part is worth in the record that is there
    worth: dict[tuple[str, str, str], float] = {}
    for student, exercise, line in connection.execute(sa.text("SELECT student, exercise, record FROM results")):
        for part in json.loads(line)["parts"]:
            worth[student, exercise, part["name"]] = part["max_score"]
    rows = connection.execute(sa.text("SELECT id, student, exercise, part FROM marks")).all()
    for number, *place in rows:
        if tuple(place) in worth:
            statement = sa.text("UPDATE marks SET out_of = :most WHERE id = :number")
            connection.execute(statement, {"most": worth[place[0], place[1], place[2]], "number": number})


def _formulas_are_judged_twice(op: Operations, connection: sa.Connection) -> None:
    """3: opinions of the second judge are kept."""
    OPINIONS.create(connection, checkfirst=True)


STEPS: Mapping[int, Callable[[Operations, sa.Connection], None]] = {
    1: _marks_know_their_scale,
    2: _formulas_are_judged_twice,
}
"""For each older number the step to the next."""
