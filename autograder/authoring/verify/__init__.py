"""Proving that a room keeps its promises: right answers pass, misconceptions are caught and named."""

from autograder.authoring.verify.engine import verify_room
from autograder.authoring.verify.report import MisconceptionResult, PartResult, RoomResult, as_json, as_text

__all__ = ["MisconceptionResult", "PartResult", "RoomResult", "as_json", "as_text", "verify_room"]
