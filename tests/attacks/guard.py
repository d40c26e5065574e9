"""What must be unchanged after an attack: files, listeners, processes, secrets."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

COURSE = Path(__file__).parent / "course"
_SHARED = ("/tmp", "/var/tmp", "/dev/shm")

Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Stage:
    """The places that attacks aim at, all below one folder that everybody may enter.

    ``secret`` is in every file that a submission must not read, in the environment and in this process's memory; it
    is drawn anew, so it can be nowhere else.
    """

    base: Path
    secret: str
    tcp: socket.socket
    unix: socket.socket
    abstract: socket.socket
    before: dict[str, Stamp] = field(default_factory=dict)

    @property
    def course(self) -> Path:
        """The course's folder."""
        return self.base / "course"

    @property
    def token(self) -> str:
        """A part of the names of what attacks would write; no secret."""
        return self.base.name

    def aim(self, text: str, server: int, neighbour: int) -> str:
        """Put the places into an attack's code."""
        places = {
            "COURSE": self.course, "STORE": self.base / "out", "CANARY": self.base / "canary",
            "OTHER": self.base / "submitted/other/hw1/target.py", "SUBMITTED": self.base / "submitted",
            "ROOT": COURSE.parents[2], "SOCKET": self.base / "canary/listener", "TOKEN": self.token,
            "PORT": self.tcp.getsockname()[1], "SERVER": server, "GRADER": os.getpid(), "NEIGHBOUR": neighbour,
        }  # fmt: skip
        for name, place in places.items():
            text = text.replace(f"@{name}@", str(place))
        return text

    def touched(self) -> list[str]:
        """Files and listeners that are not as they were."""
        now = _stamps(self.base)
        found = [name for name in {*now, *self.before} if now.get(name) != self.before.get(name)]
        found += [name for name in _litter(self.token) if name not in self.before]
        for name, listener in (("port", self.tcp), ("socket", self.unix), ("abstract socket", self.abstract)):
            with contextlib.suppress(BlockingIOError):
                listener.accept()
                found.append(name)
        return found


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """Lay everything out, and take it away."""
    base = Path(tempfile.mkdtemp(prefix="stage-"))
    base.chmod(0o755)
    secret = f"sesame-{secrets.token_hex(12)}"
    try:
        shutil.copytree(COURSE, base / "course", ignore=shutil.ignore_patterns("__pycache__"))
        folder = base / "course/exercises/target/grading.py"
        folder.write_text(folder.read_text().replace("@SECRET@", secret))
        (base / "course/.autograder-secret").write_text(secret)
        (base / "course/.autograder-secret").chmod(0o600)
        for name in ("submitted/other/hw1/target.py", "out/results.db", "out/results.jsonl", "canary/canary"):
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            (base / name).write_text(f"# {secret}\n")
            (base / name).chmod(0o666)
        for name in ("submitted", "out", "canary"):
            (base / name).chmod(0o777)
        os.environ["ATTACK_SECRET"] = secret
        with (
            _listener(socket.AF_INET, ("127.0.0.1", 0)) as tcp,
            _listener(socket.AF_UNIX, str(base / "canary/listener")) as unix,
            _listener(socket.AF_UNIX, f"\0{base.name}") as abstract,
        ):
            made = Stage(base, secret, tcp, unix, abstract)
            yield made
    finally:
        shutil.rmtree(base, ignore_errors=True)


def settle(made: Stage) -> None:
    """Record the state of everything, once the grader has loaded the course."""
    made.before.clear()
    made.before.update(_stamps(made.base) | dict.fromkeys(_litter(made.token), (0, 0, 0)))


def _listener(family: int, address: object) -> socket.socket:
    listener = socket.socket(family)
    listener.bind(address)  # type: ignore[arg-type]  # an address is a pair or a text
    listener.listen(8)
    listener.setblocking(False)
    return listener


def _stamps(base: Path) -> dict[str, Stamp]:
    found: dict[str, Stamp] = {}
    for folder, folders, files in os.walk(base):
        folders[:] = [name for name in folders if name != "__pycache__"]  # Python's own, of the exercise that is loaded
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            found[path] = (status.st_mode, status.st_size, status.st_mtime_ns if name in files else 0)
    return found


def _litter(token: str) -> list[str]:
    """Files in the folders that everybody may write to, with a name of the attacks of this stage and no other."""
    listed = [os.path.join(place, name) for place in _SHARED if os.path.isdir(place) for name in os.listdir(place)]
    return [path for path in listed if os.path.basename(path).startswith(f"attack-{token}")]


def descendants(pid: int) -> set[int]:
    """Every process below one, ended but unreaped ones too."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        above = waiting.pop()
        with contextlib.suppress(OSError):  # it ended in the meantime
            for thread in os.listdir(f"/proc/{above}/task"):
                children = Path(f"/proc/{above}/task/{thread}/children").read_text().split()
                waiting += map(int, children)
                found |= set(map(int, children))
    return found


def peak_memory() -> int:
    """Bytes of memory that this process had resident at most."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
