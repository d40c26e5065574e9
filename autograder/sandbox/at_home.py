"""Refuse in a student's own check what grading refuses: files, network and other processes.

At home nothing confines the code, so a file next to it can be read there and not where it is graded.  An audit
hook makes the check say so before the deadline, on every system.  It guides honest code; it is not a sandbox.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_READABLE = ("/dev/null", "/dev/urandom", "/dev/random", "/proc/", "/sys/", "/usr/share/zoneinfo", "/etc/localtime")
_LISTED = frozenset({"os.listdir", "os.scandir"})
_NETWORK = frozenset({"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"})
_PROCESSES = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"})
_CHANGES = frozenset({"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate"})


def refuse_what_grading_refuses(files: Iterable[str] = ()) -> None:
    """Let this process raise PermissionError, with the reason, where its code does what grading does not allow.

    Parameters
    ----------
    files : iterable of str
        Files that can be read where work is graded: the exercise's data, in the working folder as there.
    """
    sys.addaudithook(_hook(_own_places(), frozenset(os.path.normcase(os.path.realpath(file)) for file in files)))


def _own_places() -> tuple[str, ...]:
    """Return the folders that hold Python, its packages and this one, as the sandbox lets them be read."""
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(__file__).resolve().parents[1])}
    places |= {path for name, path in sysconfig.get_paths().items() if name in ("stdlib", "platstdlib", "purelib")}
    places |= {*site.getsitepackages(), site.getusersitepackages()}
    resolved = {os.path.normcase(os.path.realpath(place)) for place in places}
    return tuple(place + os.sep for place in {*map(os.path.normcase, places), *resolved})


def _hook(own: tuple[str, ...], data: frozenset[str]) -> Callable[[str, tuple[Any, ...]], None]:
    # whatever is used in here is bound now: the student's code may replace it
    fspath, realpath, normcase, separator = os.fspath, os.path.realpath, os.path.normcase, os.sep

    def refused(path: Any) -> str | None:
        if path is None or isinstance(path, int):
            return None
        name = fspath(path)
        name = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
        if name.startswith(_READABLE) or (normcase(name).startswith(own) and ".." not in name):
            return None  # as nearly every file of an import, at the cost of a comparison
        found = normcase(realpath(name))
        return None if (found + separator).startswith(own) else name

    def reads_data(args: tuple[Any, ...]) -> bool:
        path, mode = args[0], args[1] if len(args) > 1 else "r"
        if isinstance(path, int) or path is None or (isinstance(mode, str) and set(mode) & set("wax+")):
            return False
        name = fspath(path)
        return normcase(realpath(name.decode("utf-8", "replace") if isinstance(name, bytes) else name)) in data

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" or event in _LISTED:
            name = refused(args[0] if args else ".")
            if name is not None and not (event == "open" and data and reads_data(args)):
                raise PermissionError(f"no other file can be read or written where your work is graded: {name}")
        elif event in _NETWORK:
            raise PermissionError("there is no network where your work is graded")
        elif event in _PROCESSES:
            raise PermissionError("no other program can be started where your work is graded")
        elif event in _CHANGES:
            raise PermissionError("no file can be changed where your work is graded")

    return hook
