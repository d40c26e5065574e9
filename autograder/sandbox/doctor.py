"""Which layers of the sandbox are in force on this machine, and harmless probes that prove it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.model import Call, Limits, Observation
from autograder.plain import dataclass
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle, GraderError
from autograder.sandbox.launch import ServerSettings
from autograder.sandbox.layers import MEANING, LayerReport, missing
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Segment, encode_batch

_LIMITS = Limits(cpu_seconds=0.2, memory_bytes=256 << 20)


@dataclass(frozen=True)
class _Probe:
    """Something that a layer must prevent: the body of a function, and how its call ends if the layer holds."""

    layer: str
    what: str
    body: str
    endings: tuple[str, ...] = ("forbidden",)


# Each is harmless where nothing prevents it: it opens, asks or allocates, and changes nothing.
_PROBES = (
    _Probe("landlock", "reading /etc/passwd", "open('/etc/passwd').close()"),
    _Probe("landlock", "listing the root folder", "os.listdir('/')"),
    _Probe("landlock", "opening a file to write", "os.close(os.open('/dev/full', os.O_WRONLY))"),
    _Probe("seccomp", "opening a socket", "socket.socket().close()"),
    _Probe("seccomp", "starting a process", "os.fork() or os._exit(0)"),
    _Probe("seccomp", "signalling another process", "os.kill(os.getppid() or 1, 0)"),
    _Probe("limits", "taking a terabyte of memory", "bytearray(1 << 40)", ("memory",)),
    _Probe("pid_namespace", "sharing a process table", "if os.getpid() == 1: raise PermissionError"),
    _Probe("time_limit", "looping for ever", "while True: pass", ("timeout",)),
)


def diagnose() -> list[LayerReport]:
    """Start a sandbox, try its layers and return the state of each.

    Returns
    -------
    list of LayerReport
        All of :data:`~autograder.sandbox.layers.MEANING`, in its order.  A layer whose probe got through is
        ``weaker`` whatever it reported, and the note says what got through.
    """
    try:
        with Sandbox(settings=ServerSettings(unsafe=True)) as box:
            reports = {layer.name: layer for layer in box.layers}
            seen = _try_walls(box)
    except GraderError as error:
        return [LayerReport(name, "missing", str(error)) for name in MEANING]
    reports["time_limit"] = LayerReport("time_limit", "in force")
    reports["control_group"] = _control_group()
    for probe, observation in zip(_PROBES, seen, strict=True):
        reports[probe.layer] = _judged(reports[probe.layer], probe, observation)
    return [reports[name] for name in MEANING]


def _try_walls(box: Sandbox) -> list[Observation]:
    """Return what came of each probe; every probe is a part of its own, so that none spoils the next."""
    head = "import os, socket\n"
    text = head + "".join(f"def probe{i}():\n    {probe.body}\n" for i, probe in enumerate(_PROBES))
    segments = tuple(Segment(probe.what, _LIMITS, False, (Call(f"probe{i}"),)) for i, probe in enumerate(_PROBES))
    batch = Batch("doctor", segments)
    with BatchHandle(encode_batch(batch)) as handle:
        found = observe(box, Source("doctor.py", (Cell("doctor", text),)), batch, handle)
    return [observations[0] for observations in found]


def _judged(layer: LayerReport, probe: _Probe, seen: Observation) -> LayerReport:
    if layer.state == "missing" or seen.ending in probe.endings:
        return layer
    return replace(layer, state="weaker", note=f"{probe.what} was not prevented: it ended as {seen.ending!r}")


def _control_group() -> LayerReport:
    for bound in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(bound).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit() and int(text) < 1 << 60:
            return LayerReport("control_group", "in force", f"{int(text) >> 20} MiB")
    note = "each child has its own limit, and all share the memory budget; on a server set memory.max as well"
    return LayerReport("control_group", "missing", note)


def verdict(reports: Iterable[LayerReport]) -> str:
    """Return one sentence: whether untrusted code can be graded here."""
    reports = list(reports)
    lacking = missing(reports)
    if lacking:
        return f"Untrusted code is not run here without --unsafe: {' and '.join(lacking)} missing."
    weak = [report.name for report in reports if report.state != "in force"]
    return "Untrusted code can be graded here" + (f"; not in full force: {', '.join(weak)}." if weak else ".")


def render(reports: Sequence[LayerReport]) -> str:
    """Return the layers as text, one a line, with the verdict at the end."""
    lines = []
    for report in reports:
        tail = f" ({report.note})" if report.note else ""
        lines.append(f"{report.state:9} {report.name.replace('_', ' '):18} {report.meaning}{tail}")
    return "\n".join([*lines, verdict(reports)])
