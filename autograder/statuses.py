"""Statuses of parts, submissions and calls: the words that records keep, and which of them belong together.

=============  ============================================================================================
part status    meaning
=============  ============================================================================================
correct        every check passes, or the formula is proved
partial        the values are right; another check fails
wrong          a value or the formula is wrong (a quarter of the points if half of the values are right)
not_started    every call raises ``NotImplementedError``, or the formula is the stub's
missing        the file does not define the function, or nothing was handed in
bad_output     returns a value of another kind or form than was asked for
error          raises an exception
timeout        does not end in time
memory         needs more memory than a call may use
output_limit   returns or prints too much
crash          ends the process
forbidden      does what a submission may not do: files, network, processes
load_error     the file, or code that the function needs, cannot be loaded
protocol       breaks the connection to the grader
unreadable     the formula cannot be read; after the due date it needs manual grading
undecided      a formula neither proved nor refuted, or a check that broke; needs manual grading
manual         marked by a person
=============  ============================================================================================

A new part status needs, besides its line here: what gives it (``judging/points_rule.py``, ``judging/formulas.py``),
what a student reads of it (``checks/abnormal.py``, ``student/render.py``) and does next (``reports/advice.py``), and
its group in the class report (``reports/model.py``).
"""

from __future__ import annotations

from typing import Literal

PartStatus = Literal[
    "correct", "partial", "wrong", "not_started", "missing", "bad_output", "error", "timeout", "memory",
    "output_limit", "crash", "forbidden", "load_error", "protocol", "unreadable", "undecided", "manual",
]  # fmt: skip
RecordStatus = Literal["graded", "missing", "rejected", "grader_error"]
OutcomeName = Literal["pass", "fail", "skip"]
Ending = Literal[
    "value", "error", "bad_output", "timeout", "memory", "output_limit", "crash", "forbidden", "load_error",
    "protocol", "missing", "not_reached",
]  # fmt: skip
"""How a call ends; ``not_reached`` if the process ended before it."""

BLANK: tuple[PartStatus, ...] = ("not_started", "missing")
"""Nothing was written."""

UNSTARTED: tuple[PartStatus, ...] = (*BLANK, "load_error")
"""There is nothing to judge."""

WAITING: tuple[PartStatus, ...] = ("manual", "undecided")
"""Needs manual grading, always."""

UNREADABLE: PartStatus = "unreadable"
"""Needs manual grading after the due date."""
