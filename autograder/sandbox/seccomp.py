"""System call filters, assembled by hand: the fork server's allow-list and the short one that each child adds."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Mapping, Sequence

from autograder.sandbox.kernel import CLONE_THREAD, PR_SET_SECCOMP, prepared_prctl
from autograder.sandbox.syscalls import HIGHEST, audit_arch, call_number, machine

ALLOW = 0x7FFF0000
KILL = 0x80000000
EPERM = 0x00050000 | 1
ENOSYS = 0x00050000 | 38

# What Python and NumPy need to compute: memory, reading, time, threads, their own signals.
_COMPUTE = """
    access arch_prctl brk clock_getres clock_gettime clock_nanosleep close close_range dup dup2 dup3 exit exit_group
    faccessat faccessat2 fcntl fstat fstatfs futex futex_waitv getcpu getcwd getdents64 getegid geteuid getgid
    getgroups getpid getppid getrandom getrlimit getrusage gettid gettimeofday getuid get_robust_list lseek lstat
    madvise membarrier mmap mprotect mremap munmap nanosleep newfstatat open openat pipe pipe2 poll ppoll pread64
    preadv preadv2 prlimit64 pselect6 read readlink readlinkat readv restart_syscall rseq rt_sigaction rt_sigprocmask
    rt_sigreturn sched_getaffinity sched_yield select set_robust_list set_tid_address sigaltstack stat statfs statx
    sysinfo time times uname write writev clone
"""

# What only the fork server and the set-up of a child need; each child forbids it to itself before it reads its job.
_SERVE = """
    capset fork landlock_restrict_self pidfd_open pidfd_send_signal prctl recvmsg seccomp sendmsg sendto setrlimit wait4
    waitid
"""

# These are never called by accident: the whole process dies.
_DEADLY = """
    acct add_key bpf chroot clock_settime delete_module finit_module fsconfig fsmount fsopen fspick init_module
    io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl memfd_secret
    modify_ldt mount mount_setattr move_mount name_to_handle_at open_by_handle_at open_tree perf_event_open personality
    pidfd_getfd pivot_root process_madvise process_vm_readv process_vm_writev ptrace quotactl reboot request_key setns
    settimeofday swapoff swapon syslog umount2 unshare userfaultfd
"""

_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # duplicate, get and set flags: no locks, no leases, no owner signals

_LOAD_NUMBER, _LOAD_ARCH, _ARGUMENTS = 0, 4, 16
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_X32_BIT = 0x40000000

Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


class Filter:
    """A program for the kernel, ready to be installed without further allocation.

    Parameters
    ----------
    instructions : sequence of (code, jump if true, jump if false, constant)
        Classic BPF over ``struct seccomp_data``.
    """

    def __init__(self, instructions: Sequence[Instruction]) -> None:
        self.length = len(instructions)
        code = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
        self._code = ctypes.create_string_buffer(code, len(code))
        self._program = _Program(self.length, ctypes.addressof(self._code))
        self._put = prepared_prctl(PR_SET_SECCOMP, 2, ctypes.byref(self._program))

    def install(self) -> None:
        """Put this process and everything it starts under the filter, for good; needs no-new-privileges.

        Raises
        ------
        OSError
            If the kernel refuses.
        """
        self._put()


def allow_list(on: str) -> list[Instruction]:
    """Return the filter of the fork server: what is not named fails with EPERM, or kills where it is never innocent.

    Calls newer than the table get ENOSYS, so that a newer C library falls back to what it did before; so does clone3,
    whose flags no filter can see.
    """
    actions = dict.fromkeys(range(HIGHEST + 1), EPERM)
    for names, action in ((_COMPUTE + _SERVE, ALLOW), (_DEADLY, KILL), ("clone3", ENOSYS)):
        actions.update({at: action for name in names.split() if (at := call_number(name, on)) is not None})
    start = [(_LOAD, 0, 0, _LOAD_ARCH), (_EQUAL, 1, 0, audit_arch(on)), (_RETURN, 0, 0, KILL)]
    start.append((_LOAD, 0, 0, _LOAD_NUMBER))
    if on == "x86_64":
        start += [(_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, KILL)]
    return start + _search(_intervals(actions))


def _intervals(actions: Mapping[int, int]) -> list[tuple[int, int]]:
    """Return (first number, action) of each run of equal actions; what is above the table gets ENOSYS."""
    runs: list[tuple[int, int]] = []
    for at in sorted(actions):
        if not runs or runs[-1][1] != actions[at]:
            runs.append((at, actions[at]))
    return [*runs, (HIGHEST + 1, ENOSYS)]


def _search(runs: Sequence[tuple[int, int]]) -> list[Instruction]:
    """Return a binary search over the runs; a jump reaches 255 instructions, which halves the limit on the table."""
    if len(runs) == 1:
        return [(_RETURN, 0, 0, runs[0][1])]
    middle = len(runs) // 2
    below, above = _search(runs[:middle]), _search(runs[middle:])
    return [(_AT_LEAST, len(below), 0, runs[middle][0]), *below, *above]


def child_list(on: str) -> list[Instruction]:
    """Return the filter that each child adds: no processes, no signals, no rights, no locks; threads remain."""
    code: list[Instruction] = [(_LOAD, 0, 0, _LOAD_NUMBER)]
    for name, block in (
        ("clone", _if_any_bit(0, CLONE_THREAD, EPERM)),
        ("fcntl", _unless_one_of(1, _FCNTL_COMMANDS, EPERM)),
        ("prlimit64", _if_set(2, EPERM)),
    ):
        at = call_number(name, on)
        if at is not None:
            code += [(_EQUAL, 0, len(block), at), *block]
    numbers = [at for name in _SERVE.split() if (at := call_number(name, on)) is not None]
    code += [(_EQUAL, len(numbers) - place, 0, at) for place, at in enumerate(numbers)]
    return [*code, (_RETURN, 0, 0, ALLOW), (_RETURN, 0, 0, EPERM)]


def _low(argument: int) -> int:
    return _ARGUMENTS + 8 * argument


def _if_any_bit(argument: int, bits: int, otherwise: int) -> list[Instruction]:
    return [
        (_LOAD, 0, 0, _low(argument)),
        (_ANY_BIT, 0, 1, bits),
        (_RETURN, 0, 0, ALLOW),
        (_RETURN, 0, 0, otherwise),
    ]


def _unless_one_of(argument: int, values: Sequence[int], otherwise: int) -> list[Instruction]:
    compare = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [(_LOAD, 0, 0, _low(argument)), *compare, (_RETURN, 0, 0, otherwise), (_RETURN, 0, 0, ALLOW)]


def _if_set(argument: int, otherwise: int) -> list[Instruction]:
    """Refuse if a pointer is not null; both halves count."""
    return [
        (_LOAD, 0, 0, _low(argument)),
        (_EQUAL, 0, 3, 0),
        (_LOAD, 0, 0, _low(argument) + 4),
        (_EQUAL, 0, 1, 0),
        (_RETURN, 0, 0, ALLOW),
        (_RETURN, 0, 0, otherwise),
    ]


def filters() -> tuple[Filter, Filter] | None:
    """Return the server's and the child's filter, or None on a machine whose numbers are not known."""
    on = machine()
    return None if on is None else (Filter(allow_list(on)), Filter(child_list(on)))
