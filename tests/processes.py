"""What a test may ask about processes, which end when the kernel comes to it and not when they are killed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

PATIENCE = 120.0


def eventually(holds: Callable[[], object]) -> bool:
    """Wait until something holds, and return whether it ever did."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.01)
    return False


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    return _state_and_group(pid)[0] not in ("", "Z")


def group(number: int) -> Iterator[int]:
    """Yield the processes of a process group that run."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _state_and_group(int(entry.name))[1] == number and alive(int(entry.name)):
            yield int(entry.name)


def _state_and_group(pid: int) -> tuple[str, int]:
    try:
        state, _, number, *_ = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "", 0
    return state, int(number)
