"""The few kernel calls that Python's library does not offer, through ctypes."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable
from typing import Any

from autograder.sandbox.syscalls import call_number, machine

PreparedProgram = Callable[[], int]
"""A system call that is ready to be made; it raises ``OSError`` if the kernel refuses."""

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38

CLONE_PIDFD = 0x00001000
CLONE_THREAD = 0x00010000
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

_CAPABILITY_VERSION_3 = 0x20080522

# PyDLL keeps the interpreter's lock during the call: a child that is cloned in the middle of one must still hold it.
_libc = ctypes.PyDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _failed() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))


def prepared(name: str, *arguments: Any) -> PreparedProgram:
    """Return a system call, by name, that is ready to be made; integers are passed as 64 bits.

    A fresh fork pays for each page that it is the first to write to, and turning arguments into those of C writes to a
    hundred: what a child does to itself is made ready before the fork.

    Raises
    ------
    OSError
        If this machine's number is not known; when it is made, if the kernel refuses.
    """
    here = machine()
    at = call_number(name, here) if here else None
    if at is None:
        raise OSError(38, f"no system call {name} on this machine")
    wide = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    return _ready(_libc.syscall, ctypes.c_long(at), *wide)


def _ready(function: Callable[..., int], *arguments: Any) -> PreparedProgram:
    def make() -> int:
        result = function(*arguments)
        if result < 0:
            raise _failed()
        return result

    return make


def syscall(name: str, *arguments: Any) -> int:
    """Make a system call by name.

    Raises
    ------
    OSError
        If the kernel refuses, or this machine's number is not known.
    """
    return prepared(name, *arguments)()


def prepared_prctl(option: int, *arguments: Any) -> PreparedProgram:
    """Return a change of an attribute of this process that is ready to be made; see :func:`prepared`."""
    wide = [ctypes.c_ulong(item) if isinstance(item, int) else item for item in arguments]
    wide += [ctypes.c_ulong(0)] * (4 - len(wide))
    return _ready(_libc.prctl, ctypes.c_int(option), *wide)


def prctl(option: int, *arguments: Any) -> None:
    """Change an attribute of this process.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    prepared_prctl(option, *arguments)()


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process with the one that feeds it: a killed run leaves no worker behind."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it was killed before we could ask; no work will ever come


def unshare(flags: int) -> None:
    """Move this process into new namespaces.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    if _libc.unshare(flags) != 0:
        raise _failed()


def prepared_drop_of_capabilities() -> PreparedProgram:
    """Return the giving up of every capability for good (with no-new-privileges set, nothing brings one back)."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    return prepared("capset", header, (ctypes.c_uint32 * 6)())


def prepared_fork(flags: int) -> Callable[[], tuple[int, int]]:
    """Return a fork into new namespaces that is ready to be made.

    Parameters
    ----------
    flags : int
        ``CLONE_NEW...`` flags; with none of them it is ``os.fork``.

    Returns
    -------
    callable
        It returns in the parent the child's process id and a descriptor of it, in the child 0 and -1; it raises
        ``OSError`` if the kernel refuses.

    Raises
    ------
    OSError
        If this machine's number of the call is not known.

    Notes
    -----
    The process must have one thread only.  With flags neither the C library's fork handlers run nor Python's: they
    guard against other threads and against BLAS threads, and there are none; a child that runs Python's pays for them
    with half a millisecond.
    """
    if not flags:
        return _plain_fork
    pidfd = ctypes.c_int(-1)
    clone = prepared("clone", flags | CLONE_PIDFD | signal.SIGCHLD, 0, ctypes.byref(pidfd), 0, 0)

    def make() -> tuple[int, int]:
        pid = clone()
        return pid, pidfd.value if pid else -1

    return make


def _plain_fork() -> tuple[int, int]:
    pid = os.fork()
    return (0, -1) if pid == 0 else (pid, os.pidfd_open(pid))
