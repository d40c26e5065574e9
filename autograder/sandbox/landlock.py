"""Landlock: a process gives up the file system but for some directories to read, and with newer kernels the network."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from autograder.sandbox.kernel import PreparedProgram, prepared, syscall

_VERSION_FLAG = 1
_PATH_BENEATH = 1

_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_FS_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many file system rights there are to give up
_NET_RIGHTS = 0b11  # TCP bind and connect, from ABI 4
_SCOPES = 0b11  # abstract unix sockets and signals, from ABI 6


def abi() -> int:
    """Return the kernel's Landlock version, or 0 where there is none."""
    try:
        return syscall("landlock_create_ruleset", None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def ruleset(version: int, readable: Iterable[str], devices: Iterable[str] = ()) -> int:
    """Return the descriptor of a ruleset: everything is given up that this version knows.

    Parameters
    ----------
    version : int
        What :func:`abi` returned, at least 1.
    readable : iterable of str
        Files and directories that stay readable; those that do not exist are left out.
    devices : iterable of str
        Files that stay readable and writable, such as ``/dev/null``.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    fs = (1 << _FS_RIGHTS_BY_ABI.get(version, 16)) - 1
    attributes = struct.pack("=QQQ", fs, _NET_RIGHTS if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    made = syscall("landlock_create_ruleset", ctypes.create_string_buffer(attributes[:size], size), size, 0)
    for path in readable:
        _allow(made, path, _READ_FILE | _READ_DIR)
    for path in devices:
        _allow(made, path, _READ_FILE | _WRITE_FILE)
    return made


def _allow(made: int, path: str, rights: int) -> None:
    try:
        at = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # a library folder that this system does not have, or that this user may not enter anyway
    try:
        if not os.path.isdir(path):
            rights &= ~_READ_DIR
        rule = struct.pack("=Qi", rights, at)
        syscall("landlock_add_rule", made, _PATH_BENEATH, ctypes.create_string_buffer(rule, len(rule)), 0)
    finally:
        os.close(at)


def prepared_restriction(made: int) -> PreparedProgram:
    """Return what puts this process under a ruleset, on top of those it is under already; needs no-new-privileges.

    Each call makes a domain of its own: processes of different domains can neither signal nor trace each other.
    """
    return prepared("landlock_restrict_self", made, 0)
