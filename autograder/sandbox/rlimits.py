"""Resource limits: those that the fork server sets for all its children, and those of one child."""

from __future__ import annotations

import contextlib
import resource

MIB = 1 << 20
SLACK = 16 * MIB
"""Address space beyond what the server measured of itself: the set-up of a child allocates a little."""

MAX_DESCRIPTORS = 64
MAX_THREADS = 128


def limit_server(own_user_namespace: bool) -> None:
    """Set what is the same for every child.

    Parameters
    ----------
    own_user_namespace : bool
        Only there does the limit on processes count this server's alone; elsewhere it would count all processes
        of the same user, so that threads are bounded by memory only.
    """
    fixed = {
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_NOFILE: MAX_DESCRIPTORS,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if own_user_namespace:
        fixed[resource.RLIMIT_NPROC] = MAX_THREADS
    for which, value in fixed.items():
        resource.setrlimit(which, (value, value))
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    stack = 8 * MIB if hard == resource.RLIM_INFINITY else min(8 * MIB, hard)
    with contextlib.suppress(ValueError, OSError):  # a container may pin the stack limit; any finite one does
        resource.setrlimit(resource.RLIMIT_STACK, (stack if soft == resource.RLIM_INFINITY else soft, hard))


def idle_address_space() -> int:
    """Return the bytes of address space that this process has now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def limit_child(address_space: int, cpu_seconds: int) -> None:
    """Bound one child: address space in bytes, processor time of its whole life in seconds.

    The soft and the hard limit on time are equal, since a soft one only sends a signal that can be ignored.
    """
    for which, value in ((resource.RLIMIT_AS, address_space), (resource.RLIMIT_CPU, cpu_seconds)):
        hard = resource.getrlimit(which)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (bound, bound))
