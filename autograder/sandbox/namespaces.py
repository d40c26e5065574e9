"""Set the fork server's user and namespaces, and so what it can see of the system."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable

from autograder.sandbox import kernel
from autograder.sandbox.layers import LayerReport

NOBODY = 65534

_OWN = {
    "network_namespace": kernel.CLONE_NEWNET,
    "ipc_namespace": kernel.CLONE_NEWIPC,
    "mount_namespace": kernel.CLONE_NEWNS,
    "uts_namespace": kernel.CLONE_NEWUTS,
}


def open_to_all(path: str) -> bool:
    """Return whether a user who owns nothing can read this file or enter this directory."""
    at = os.path.realpath(path)
    try:
        mode = os.stat(at).st_mode
        wanted = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
        if mode & wanted != wanted:
            return False
        while at != os.path.dirname(at):
            at = os.path.dirname(at)
            if not os.stat(at).st_mode & stat.S_IXOTH:
                return False
    except OSError:
        return False
    return True


def become_nobody(needed: Iterable[str]) -> LayerReport:
    """Drop from root to the user ``nobody``, if that user can still read what a child needs.

    Parameters
    ----------
    needed : iterable of str
        The directories of Python and its libraries.
    """
    if os.geteuid() != 0:
        return LayerReport("user", "weaker", "runs as the user who grades: files are guarded by Landlock alone")
    closed = [path for path in needed if os.path.exists(path) and not open_to_all(path)]
    if closed:
        reason = f"stays root without capabilities, for only root can read {closed[0]}: files are guarded by Landlock"
        return LayerReport("user", "weaker", reason)
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError as error:
        return LayerReport("user", "weaker", f"stays root without capabilities: {error.strerror}")
    return LayerReport("user", "in force")


def unshare_from_root(skip: frozenset[str]) -> set[str]:
    """Leave the system's namespaces while still root, where no user namespace may be allowed later."""
    return set() if os.geteuid() != 0 else _unshare_each(skip)


def _unshare_each(skip: frozenset[str]) -> set[str]:
    left: set[str] = set()
    for name, flag in _OWN.items():
        if name not in skip:
            with contextlib.suppress(OSError):  # refused by the container or the distribution: reported as missing
                kernel.unshare(flag)
                left.add(name)
    return left


def unshare_all(skip: frozenset[str], left: set[str]) -> list[LayerReport]:
    """Enter a user namespace and from it the others; ``left`` names those already left."""
    inside = False
    if "user_namespace" not in skip:
        with contextlib.suppress(OSError):
            kernel.unshare(kernel.CLONE_NEWUSER)
            inside = True
    left = left | (_unshare_each(skip | left) if inside else set())
    refused = "the kernel or the container does not allow it"
    reports = [
        LayerReport("user_namespace", "in force") if inside else LayerReport("user_namespace", "missing", refused)
    ]
    for name in _OWN:
        reports.append(LayerReport(name, "in force") if name in left else LayerReport(name, "missing", refused))
    return reports


def pid_namespaces_work(skip: frozenset[str]) -> bool:
    """Return whether a child can be started in a process table of its own."""
    if "pid_namespace" in skip:
        return False
    try:
        pid, pidfd = kernel.prepared_fork(kernel.CLONE_NEWPID)()
    except OSError:
        return False
    if pid == 0:
        os._exit(0 if os.getpid() == 1 else 1)
    os.close(pidfd)
    return os.waitpid(pid, 0)[1] == 0
