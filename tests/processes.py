"""What a test may ask about processes, which end when the kernel comes to it and not when they are killed."""

import subprocess
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


class Tmux:
    """A terminal that a test looks at and types into; the socket keeps it apart from any other."""

    def __init__(self, socket: Path, session: str) -> None:
        self._socket, self._session = str(socket), session

    def __call__(self, *words: str) -> str:
        """Run a command of tmux; return what it prints."""
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def until(self, *words: str) -> str:
        """Return the screen once it says all of it; one that never does fails the test with what it shows."""
        end = time.monotonic() + PATIENCE
        screen = ""
        while time.monotonic() < end:
            screen = self("capture-pane", "-p", "-t", self._session)
            if all(word in screen for word in words):
                return screen
            time.sleep(0.2)
        raise AssertionError(f"{words} never came; the screen is\n{screen}")
