"""Run a program of `verify` in an interpreter of its own, and read the JSON on its last line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_WAIT = 600  # seconds by the clock, for what sleeps only there; processor time is limited in the child


class Silent(Exception):
    """The program said nothing; the text is why."""


def said_by(*arguments: str | Path, env: Mapping[str, str], cwd: Path | None = None) -> Any:
    """Return what a program of Python prints on its last line as JSON.

    Raises
    ------
    Silent
        If it fails, or does not end.
    """
    try:
        ran = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_WAIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Silent(f"it waited for {_WAIT // 60} minutes; look for what sleeps") from None
    said = ran.stdout.splitlines()
    if ran.returncode or not said:
        raise Silent((ran.stderr.strip().splitlines() or ["no reason given"])[-1])
    return json.loads(said[-1])
