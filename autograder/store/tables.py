"""The tables of the results store.

To change them, raise ``SCHEMA`` and add the step that upgrades an older store (:mod:`migrations`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

SCHEMA = 3
"""The number of this layout; a store keeps its own in the table ``meta``."""


_METADATA = sa.MetaData()


def _key_columns() -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, primary_key=True) for name in ("student", "assignment", "exercise")]


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


OPINIONS = sa.Table(
    "opinions", _METADATA, sa.Column("key", sa.Text, primary_key=True), *_columns(sa.Text, "answer", "reason")
)
"""What the second judge said of a formula, by question, formula, claim and versions."""

META = sa.Table("meta", _METADATA, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text))
_RESULTS = sa.Table(
    "results",
    _METADATA,
    *_key_columns(),
    *_columns(sa.Text, "status"),
    *_columns(sa.Float(53), "score", "max_score", "pending_points"),
    *_columns(sa.Text, "digest", "fingerprint", "grader", "layers"),
    sa.Column("received", sa.Text),
    *_columns(sa.Boolean, "verified"),
    *_columns(sa.Text, "graded", "record", "evidence", "notes", "files"),
    sa.Column("answers", sa.Text, nullable=False, server_default="{}"),
)
TABLES: Mapping[str, sa.Table] = {
    "results": _RESULTS,
    "blobs": sa.Table(
        "blobs", _METADATA, sa.Column("sha256", sa.Text, primary_key=True), *_columns(sa.LargeBinary, "data")
    ),
    "opinions": OPINIONS,
    "claims": sa.Table(
        "claims", _METADATA, *_key_columns(), *_columns(sa.Text, "owner"), *_columns(sa.Float(53), "since")
    ),
    "marks": sa.Table(
        "marks",
        _METADATA,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *_columns(sa.Text, "student", "exercise", "part", "comment", "who", "at"),
        *_columns(sa.Float(53), "points"),
        sa.Column("out_of", sa.Float(53)),
        sa.Column("answer", sa.Text),
        sa.Column("criteria", sa.Text, nullable=False, server_default="[]"),
    ),
}
