"""The ways to run a grader: as root or an ordinary user, with or without namespaces, with one worker or two."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.attacks.driver import Plan

ROOT = Path(__file__).parents[2]
ORDINARY = ("setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups")
IS_ROOT = os.geteuid() == 0


@dataclass(frozen=True)
class Tier:
    """One configuration of the report."""

    root: bool
    namespaces: bool
    workers: int

    @property
    def name(self) -> str:
        """The configuration in words."""
        who = "root" if self.root else "ordinary user"
        spaces = "with" if self.namespaces else "without"
        return f"{who}, {spaces} namespaces, {self.workers} worker{'s' * (self.workers > 1)}"

    @property
    def impossible(self) -> str | None:
        """Why this machine and this user cannot have it, or None."""
        if self.root and not IS_ROOT:
            return "needs root"
        if not self.root and IS_ROOT and shutil.which("setpriv") is None:
            return "needs setpriv to become an ordinary user"
        return None

    def run(self, *, slow: bool = True, first: int = 0, step: int = 1) -> dict[str, Any]:
        """Make attacks in this configuration, and return what the driver told."""
        plan = Plan(self.namespaces, self.workers, slow, first, step)
        command = [sys.executable, "-B", "-m", "tests.attacks.driver", json.dumps(asdict(plan))]
        with tempfile.TemporaryDirectory(prefix="hold-") as hold:
            if not self.root and IS_ROOT:
                command = in_open_folders([*ORDINARY, *command], Path(hold))
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode:
            raise RuntimeError(f"{self.name}: {done.stderr[-2000:]}")
        told: dict[str, Any] = json.loads(done.stdout)
        return told


TIERS = tuple(Tier(root, spaces, workers) for root in (True, False) for spaces in (True, False) for workers in (1, 2))


def closed_folders() -> dict[Path, list[Path]]:
    """Folders above Python, its libraries and this checkout that only their owner may enter."""
    needed = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), ROOT}
    closed = {
        parent: needed_by
        for needed_by in needed
        for parent in reversed(needed_by.parents)
        if not parent.stat().st_mode & 0o001
    }
    tops = {parent for parent in closed if not any(other in parent.parents for other in closed)}
    return {top: [path for path in needed if top in path.parents] for top in tops}


def in_open_folders(command: Sequence[str], hold: Path) -> list[str]:
    """Wrap a command so that everybody may enter the folders of Python, in a mount namespace of its own."""
    script = ["set -e"]
    for number, (top, inner) in enumerate(closed_folders().items()):
        for place, path in enumerate(inner):
            kept = hold / f"{number}-{place}"
            kept.mkdir()
            script.append(f"mount --bind {shlex.quote(str(path))} {kept}")
        script.append(f"mount -t tmpfs -o mode=755 none {shlex.quote(str(top))}")
        for place, path in enumerate(inner):
            script.append(f"mkdir -p {shlex.quote(str(path))}")
            script.append(f"mount --bind {hold / f'{number}-{place}'} {shlex.quote(str(path))}")
    script.append("cd " + shlex.quote(str(ROOT)))
    script.append("exec " + shlex.join(command))
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(script)]
