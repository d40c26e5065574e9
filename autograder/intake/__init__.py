"""What students hand in: found, read and refused with a reason; nothing of it is run here.

Names are imported when they are used: a student's check needs one small module of this package, and quickly.  No module
may be called like one of the names, since importing it would put it in the place of the name.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.intake.discovery import Discovery, Handed, Submission, discover
    from autograder.intake.loading import Loaded, digest, load, read_document
    from autograder.intake.names import shown
    from autograder.intake.source import Document, Rejected
    from autograder.intake.tables import Received, Roster, read_received, read_roster

_HOMES = {
    "Discovery": "autograder.intake.discovery",
    "Handed": "autograder.intake.discovery",
    "Submission": "autograder.intake.discovery",
    "discover": "autograder.intake.discovery",
    "Loaded": "autograder.intake.loading",
    "digest": "autograder.intake.loading",
    "load": "autograder.intake.loading",
    "read_document": "autograder.intake.loading",
    "shown": "autograder.intake.names",
    "Document": "autograder.intake.source",
    "Rejected": "autograder.intake.source",
    "Received": "autograder.intake.tables",
    "Roster": "autograder.intake.tables",
    "read_received": "autograder.intake.tables",
    "read_roster": "autograder.intake.tables",
}

__all__ = [
    "Discovery",
    "Document",
    "Handed",
    "Loaded",
    "Received",
    "Rejected",
    "Roster",
    "Submission",
    "digest",
    "discover",
    "load",
    "read_document",
    "read_received",
    "read_roster",
    "shown",
]


def __getattr__(name: str) -> Any:
    """Import a public name of this package from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
