"""The fork server: a clean interpreter that confines itself once and then forks a child per request.

It is started by exec, so nothing of the grader was ever in its memory, and it never reads a job: it hands the
descriptors to the child.  The one batch that it may keep open is the grader's own, and holds no answers.

A request is :data:`autograder.sandbox.child.REQUEST` with the descriptors of job, batch, result, channel and output;
the answers are :data:`STARTED` with a descriptor of the child, then :data:`ENDED`.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, NoReturn

from autograder.plain import dataclass
from autograder.sandbox import child, kernel, landlock, namespaces, rlimits, seccomp
from autograder.sandbox.layers import LayerReport, missing

STARTED = struct.Struct("<cQ")
"""``S`` and the child's process id."""

ENDED = struct.Struct("<ciddQ")
"""``E``, wait status, user and system seconds, peak resident KiB."""

_HIGH = 40  # descriptors that stay open live here, so that those of a request always arrive at 3, 4, 5, 6
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/usr/lib/locale")
_SYSTEM_DEVICES = ("/dev/zero", "/dev/urandom", "/dev/random")


@dataclass(frozen=True)
class Config:
    """What the client passes to a server that it starts, as JSON on the command line.

    Attributes
    ----------
    control : int
        Descriptor of the control socket.
    root : str
        The directory that holds the ``autograder`` package: on the path while the server loads, then never again.
    libraries : tuple of str
        Site directories that become the end of ``sys.path``.
    preload : tuple of str
        Modules to have loaded before the first fork; one that is not installed is left out.
    harness : str
        The module whose ``run(job, batch, result)`` a child calls.
    without : tuple of str
        Layers to leave out, for tests and measurements.
    unsafe : bool
        Serve even if a required layer is missing.
    files : str
        The working folder, with the data files that a submission may read; none if empty.
    """

    control: int
    root: str
    libraries: tuple[str, ...]
    preload: tuple[str, ...]
    harness: str
    without: tuple[str, ...]
    unsafe: bool
    files: str = ""


def main() -> NoReturn:
    """Read the configuration from the command line, confine this process and serve until the grader goes."""
    config = Config(**json.loads(sys.argv[1]))
    control = socket.socket(fileno=_high(config.control))
    try:
        plan, reports = _prepare(config)
        refused = [] if config.unsafe else missing(reports)
        hello = {"refused": refused, "layers": [asdict(report) for report in reports]}
    except Exception as error:
        hello = {"error": f"{type(error).__name__}: {error}"}
    control.send(json.dumps(hello).encode())
    if "error" in hello or hello["refused"]:
        os._exit(1)
    for standard in (1, 2):
        os.dup2(0, standard)  # standard input is /dev/null already
    gc.collect()
    gc.freeze()
    _serve(control, plan, kernel.prepared_fork(kernel.CLONE_NEWPID if _holds(reports, "pid_namespace") else 0))
    os._exit(0)


def _high(fd: int) -> int:
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    os.close(fd)
    return moved


def _holds(reports: list[LayerReport], name: str) -> bool:
    return missing(reports, [name]) == []


# --- confinement -----------------------------------------------------------------------------------------------


class _Confinement:
    """What the steps leave for those after them: layers reported so far, and the parts of a child's plan."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.skip = frozenset(config.without)
        self.reports: list[LayerReport] = []
        self.first: list[kernel.PreparedProgram] = []
        self.ruleset = -1

    def plan(self) -> child.SetUp:
        """Return what every child does to itself."""
        return child.SetUp(
            self.harness, self.keep, tuple(self.first), self.filter, "limits" not in self.skip, self.address_space
        )

    def load(self) -> None:
        standard = tuple(sys.path[1:])  # the isolated interpreter's own library; the first entry is the root
        self.harness, self.keep = _load(self.config)
        self.readable = _readable(self.config, standard)

    def offer_itself_to_the_kernel(self) -> None:
        self.reports.append(_first_to_go())

    def become_nobody(self) -> None:
        self.left = namespaces.unshare_from_root(self.skip)
        skip_user = "user" in self.skip
        self.reports.append(LayerReport("user", "missing") if skip_user else namespaces.become_nobody(self.readable))

    def leave_namespaces(self) -> None:
        self.reports += namespaces.unshare_all(self.skip, self.left)
        self.reports.append(_pid_namespace(self.skip))

    def limit(self) -> None:
        self.address_space = rlimits.idle_address_space() + rlimits.SLACK
        if "limits" not in self.skip:
            rlimits.limit_server(_holds(self.reports, "user_namespace"))
        self.reports.append(LayerReport("limits", "missing" if "limits" in self.skip else "in force"))

    def hide_memory(self) -> None:
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        self.reports.append(LayerReport("not_dumpable", "in force"))

    def refuse_privileges(self) -> None:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        self.reports.append(LayerReport("no_new_privileges", "in force"))

    def close_files(self) -> None:
        self.ruleset = _landlock(self.skip, self.readable, self.reports)

    def close_system_calls(self) -> None:
        self.filter = _seccomp(self.skip, self.reports)

    def prepare_children(self) -> None:
        if "user" not in self.skip:
            self.first.append(kernel.prepared_drop_of_capabilities())
        self.first.append(kernel.prepared_prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL))
        if self.ruleset >= 0:
            self.first.append(landlock.prepared_restriction(self.ruleset))


_STEPS: tuple[tuple[Callable[[_Confinement], None], str], ...] = (
    (_Confinement.load, "while the checkout, all files and the environment can still be read"),
    (_Confinement.offer_itself_to_the_kernel, "/proc/self/oom_score_adj is written by the user who started this"),
    (_Confinement.become_nobody, "root may make namespaces that other users may not; all files must be loaded by then"),
    (_Confinement.leave_namespaces, "a user namespace is made by the user who will live in it"),
    (_Confinement.limit, "the limit on processes counts inside the user namespace; the modules are mapped by now"),
    (_Confinement.hide_memory, "after the change of user, which sets it anew"),
    (_Confinement.refuse_privileges, "Landlock and seccomp demand it of a process without rights"),
    (_Confinement.close_files, "after the last file that the server opens; before seccomp forbids Landlock's calls"),
    (_Confinement.close_system_calls, "last of all, since the steps before need calls that it forbids"),
    (_Confinement.prepare_children, "a fork clears the death signal, so each child sets it again for itself"),
)
"""Load everything, then give up everything: each step with the reason for its place."""


def _prepare(config: Config) -> tuple[child.SetUp, list[LayerReport]]:
    confinement = _Confinement(config)
    for step, _ in _STEPS:
        step(confinement)
    return confinement.plan(), confinement.reports


def _load(config: Config) -> tuple[child.Harness, Callable[[int], Any] | None]:
    sys.path.extend(config.libraries)
    for name in config.preload:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
    harness = importlib.import_module(config.harness)
    keep = None
    if hasattr(harness, "rehearse"):  # one that reads files
        harness.rehearse()
    if hasattr(harness, "serve"):  # a harness that makes calls; not before NumPy can be found
        importlib.import_module("autograder.sandbox.rehearsal").rehearse(harness)
        keep = importlib.import_module("autograder.sandbox.batches").keep_batch
    _forget(config.root)
    return harness.run, keep


def _forget(root: str) -> None:
    """Make the course's checkout unimportable, and leave no trace of the command line and the environment."""
    sys.path[:] = [entry for entry in sys.path if entry != root]
    sys.path_importer_cache.pop(root, None)
    sys.argv[:] = [""]
    sys.orig_argv[:] = [""]
    for name in [name for name in os.environ if not name.endswith("_NUM_THREADS")]:
        del os.environ[name]  # what stays is read by a BLAS that a child imports later


def _readable(config: Config, standard: tuple[str, ...]) -> list[str]:
    """Return what a child may read: the standard library, the site directories, this package, shared libraries."""
    mapped: set[str] = set()
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            fields = line.rstrip("\n").split(maxsplit=5)
            if len(fields) == 6 and ".so" in fields[5] and fields[5].startswith("/"):
                mapped.add(os.path.dirname(fields[5]))
    package = os.path.join(config.root, "autograder")
    data = [config.files] if config.files else []
    return [*standard, *config.libraries, package, *data, *sorted(mapped), *_SYSTEM_FILES]


def _first_to_go() -> LayerReport:
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError as error:
        return LayerReport("first_to_go", "missing", str(error.strerror))
    return LayerReport("first_to_go", "in force")


def _pid_namespace(skip: frozenset[str]) -> LayerReport:
    if namespaces.pid_namespaces_work(skip):
        return LayerReport("pid_namespace", "in force")
    return LayerReport("pid_namespace", "missing", "the child is killed by its own descriptor; it cannot fork anyway")


def _landlock(skip: frozenset[str], readable: list[str], reports: list[LayerReport]) -> int:
    version = 0 if "landlock" in skip else landlock.abi()
    if not version:
        note = "this kernel has no Landlock: files and sockets are guarded by the user and seccomp alone"
        reports += [LayerReport(name, "missing", note) for name in ("landlock", "landlock_network", "landlock_scopes")]
        return -1
    ruleset = landlock.ruleset(version, [*readable, *_SYSTEM_DEVICES], ["/dev/null"])
    landlock.prepared_restriction(ruleset)()
    reports.append(LayerReport("landlock", "in force", f"version {version}"))
    for name, since in (("landlock_network", 4), ("landlock_scopes", 6)):
        older = LayerReport(name, "missing", f"Landlock {version}; it came with {since}; seccomp refuses the same")
        reports.append(older if version < since else LayerReport(name, "in force"))
    return _high(ruleset)


def _seccomp(skip: frozenset[str], reports: list[LayerReport]) -> seccomp.Filter | None:
    both = None if "seccomp" in skip else seccomp.filters()
    if both is None:
        reports.append(LayerReport("seccomp", "missing", "not set up for this machine's processor"))
        return None
    allow_list, short = both
    try:
        allow_list.install()
    except OSError as error:
        reports.append(LayerReport("seccomp", "missing", str(error.strerror)))
        return None
    reports.append(LayerReport("seccomp", "in force"))
    return short


# --- serving ---------------------------------------------------------------------------------------------------


def _serve(control: socket.socket, plan: child.SetUp, fork: Callable[[], tuple[int, int]]) -> None:
    """Fork a child per request, one after the other, until the grader closes the control socket."""
    kept = _Kept()
    while True:
        request, fds, _, _ = socket.recv_fds(control, child.REQUEST.size, 5)
        if not request:
            return
        if list(fds) != list(range(child.JOB, child.JOB + len(fds))):
            return  # the grader sees the socket close and starts another server
        name = child.REQUEST.unpack(request)[2]
        if name and name != kept.name and plan.keep is not None:
            kept = _Kept()  # two at once would be memory that every fork copies
            kept = _keep(plan.keep, name)
        pid, pidfd = fork()
        if pid == 0:
            batch, besides = (kept.batch, 0) if name == kept.name else (child.BATCH, kept.size)
            child.become(plan, request, batch, besides)
        for fd in fds:
            os.close(fd)
        socket.send_fds(control, [STARTED.pack(b"S", pid)], [pidfd])
        if not _outlive(control, pid, pidfd):
            return


@dataclass(frozen=True, eq=False)
class _Kept:
    """The batch that is open for the next children; without a name there is none."""

    name: int = -1
    batch: Any = child.BATCH
    size: int = 0


def _keep(opened: Callable[[int], Any], name: int) -> _Kept:
    gc.unfreeze()
    gc.collect()  # the probes of the batch before: their module and its functions hold each other
    try:
        kept = _Kept(name, opened(child.BATCH), os.fstat(child.BATCH).st_size)
    except Exception:  # the child tries again, and its end says what is wrong
        return _Kept()
    finally:
        gc.freeze()
    return kept


def _outlive(control: socket.socket, pid: int, pidfd: int) -> bool:
    """Wait for the end of a child and report it; kill it if the grader goes first, and return False."""
    waiting = select.poll()
    waiting.register(pidfd, select.POLLIN)
    waiting.register(control, select.POLLIN)
    abandoned = all(fd != pidfd for fd, _ in waiting.poll())
    if abandoned:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    os.close(pidfd)
    if not abandoned:
        control.send(ENDED.pack(b"E", status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss))
    return not abandoned
