"""Identify the process that claimed a submission, so that stale claims can be detected."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path


def owner() -> str:
    """Name this process: machine, process namespace, number and start, so that a number used again is not the same."""
    return json.dumps([socket.gethostname(), _namespace(), os.getpid(), start(os.getpid())])


def gone(name: str, old: bool) -> bool:
    """Whether the process of that name has certainly ended or, where that cannot be seen, its claim is old."""
    try:
        machine, namespace, number, began = json.loads(name)
    except (ValueError, TypeError):
        return old
    if machine != socket.gethostname() or namespace != _namespace() or namespace == "":
        return old
    return bool(start(number) != began)


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""  # not Linux: claims end by age only


def start(number: int) -> str | None:
    """Return when a process of this machine started, in the kernel's ticks; None if it is gone."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text(errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before the bracket may hold anything
    return None if fields[0] in "ZX" else fields[19]
