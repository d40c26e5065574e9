"""Takes from a Python process what it would not find on macOS or Windows, as far as that can be done on Linux.

Python runs this at its start where this folder is on the path.  ``PRETEND`` says which system: ``darwin`` or ``win32``.
What others wrote for both systems is imported before, since it is not what is tried.
"""

import asyncio  # noqa: F401 - see above
import ctypes
import mmap
import multiprocessing.util  # noqa: F401
import os
import platform
import signal
import subprocess
import sys
import sysconfig
import types
import uuid  # noqa: F401
import webbrowser  # noqa: F401

import click.termui  # noqa: F401
import numpy as np  # noqa: F401
import rich.console
import rich.progress  # noqa: F401
import yaml  # noqa: F401

SYSTEM = os.environ["PRETEND"]
LINUX_ONLY = (
    "memfd_create", "pidfd_open", "pipe2", "sched_getaffinity", "sched_setaffinity", "preadv", "eventfd",
)  # fmt: skip
POSIX_ONLY = (
    "fork", "forkpty", "pread", "pwrite", "readv", "writev", "getuid", "geteuid", "getgid", "getegid", "setsid",
    "killpg", "getpgid", "setpgid", "chown", "fchmod", "fchown", "mkfifo", "uname", "sysconf", "wait4", "waitid",
    "posix_spawn", "getloadavg", "openpty", "setuid", "statvfs", "sendfile", "WIFEXITED", "WEXITSTATUS", "WTERMSIG",
)  # fmt: skip
POSIX_SIGNALS = (
    "SIGKILL", "SIGALRM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGSTOP", "SIGPIPE", "SIGXCPU", "SIGSYS",
    "SIGWINCH", "SIGTSTP", "SIGCONT", "SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK", "pthread_sigmask", "setitimer",
    "alarm", "sigwait",
)  # fmt: skip
POSIX_MODULES = ("fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "syslog")


def take(where: types.ModuleType, names: tuple[str, ...]) -> None:
    """Remove attributes of a module."""
    for name in names:
        if hasattr(where, name):
            delattr(where, name)


sysconfig.get_config_vars()  # they are kept, and have no file for such a system here
platform.uname()
subprocess.signal = types.SimpleNamespace(**vars(signal))  # type: ignore[attr-defined]  # it still runs on Linux
subprocess._USE_POSIX_SPAWN = False  # type: ignore[attr-defined]  # Python 3.13 would call what is taken away below
take(os, LINUX_ONLY)
take(signal, ("pidfd_send_signal",))
if SYSTEM == "win32":
    take(os, POSIX_ONLY)
    take(signal, POSIX_SIGNALS)
    take(mmap, ("MAP_PRIVATE", "MAP_SHARED", "PROT_READ", "PROT_WRITE"))
    take(ctypes, ("PyDLL",))
    for _module in POSIX_MODULES:
        sys.modules[_module] = None  # type: ignore[assignment]  # makes importing the module fail
sys.platform = SYSTEM
platform.system = lambda: {"win32": "Windows", "darwin": "Darwin"}[SYSTEM]
