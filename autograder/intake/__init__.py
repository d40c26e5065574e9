"""What students hand in: found, read and refused with a reason; nothing of it is run here."""

from autograder.intake.discover import Discovery, Handed, Submission, discover
from autograder.intake.load import Loaded, load, read_document
from autograder.intake.names import shown
from autograder.intake.source import Document, Rejected
from autograder.intake.tables import Received, Roster, read_received, read_roster

__all__ = [
    "Discovery",
    "Document",
    "Handed",
    "Loaded",
    "Received",
    "Rejected",
    "Roster",
    "Submission",
    "discover",
    "load",
    "read_document",
    "read_received",
    "read_roster",
    "shown",
]
