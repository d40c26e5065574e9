"""Starting a fork server from the grader's side."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import site
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

import autograder
from autograder.plain import dataclass
from autograder.sandbox.executor import GraderError, SandboxUnavailable
from autograder.sandbox.layers import LayerReport
from autograder.sandbox.server import Config
from autograder.sandbox.threads import ONE_THREAD

START_SECONDS = 60.0
"""How long a server may take to load its modules; a cold disk and SciPy need some seconds."""

# Isolated like -I (no user site, no working directory on the path, no environment but ours), and without the site
# module, whose .pth files may run code and name the checkout.  -I itself would ignore the fixed hash seed.
_FLAGS = ("-s", "-S", "-P", "-B", "-X", "utf8")
_BOOT = "import sys; sys.path.insert(0, sys.argv[2]); from autograder.sandbox.server import main; main()"

_ENVIRONMENT: Mapping[str, str] = {
    "PYTHONHASHSEED": "0",
    "LC_ALL": "C.UTF-8",
    **ONE_THREAD,
}


class ServerDied(Exception):
    """The fork server went away or broke its protocol."""


@dataclass(frozen=True)
class ServerSettings:
    """How servers are started.

    Attributes
    ----------
    unsafe : bool
        Run untrusted code even if a required layer is missing.
    without : frozenset of str
        Names of layers to leave out, for tests and measurements.
    harness : str
        The module whose ``run`` a child calls.
    preload : tuple of str, optional
        Modules to have loaded before the first fork; by default those that computing needs.
    files : str
        The working folder, with the data files that a submission may read; none if empty.
    """

    unsafe: bool = False
    without: frozenset[str] = field(default_factory=frozenset)
    harness: str = "autograder.sandbox.harness"
    preload: tuple[str, ...] | None = None
    files: str = ""


@dataclass(frozen=True, eq=False)
class Server:
    """A running fork server: its process, the control socket and the layers it reported."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    layers: tuple[LayerReport, ...]

    def close(self) -> None:
        """End the server and its child, if one runs; both are gone afterwards."""
        self.control.close()
        try:
            self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def package_root() -> str:
    """Return the directory that holds the ``autograder`` package."""
    return str(Path(autograder.__file__).resolve().parent.parent)


def libraries() -> tuple[str, ...]:
    """Return the site directories of this interpreter, never a checkout that happens to be on the path."""
    candidates = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        candidates.append(site.getusersitepackages())
    # an environment may take another one's packages by a .pth file
    candidates += [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    return tuple(dict.fromkeys(path for path in candidates if path and os.path.isdir(path)))


def installed(module: str) -> bool:
    """Return whether a top-level module can be imported here."""
    return importlib.util.find_spec(module) is not None


def start(settings: ServerSettings, preload: Iterable[str]) -> Server:
    """Start a fork server and wait until it has confined itself.

    Raises
    ------
    SandboxUnavailable
        If a required layer is missing and ``unsafe`` is not set.
    GraderError
        If the server cannot be started.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable(
            f"submissions can be run in isolation on Linux only, and this is {sys.platform}: "
            "use a Linux machine or a container (checking your own code needs neither)"
        )
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    errors = os.memfd_create("errors", os.MFD_CLOEXEC)
    try:
        config = Config(
            theirs.fileno(), package_root(), libraries(), tuple(preload), settings.harness,
            tuple(sorted(settings.without)), settings.unsafe, settings.files,
        )  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, *_FLAGS, "-c", _BOOT, json.dumps(asdict(config)), config.root],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=dict(_ENVIRONMENT),
            cwd=settings.files or "/", pass_fds=[theirs.fileno()], start_new_session=True,
        )  # fmt: skip
        theirs.close()
        try:
            layers = _greet(ours, errors)
            ours.settimeout(START_SECONDS)  # a server that is stopped counts as dead
            return Server(process, ours, layers)
        except BaseException:
            process.kill()
            process.wait()
            raise
    except BaseException:
        theirs.close()
        ours.close()
        raise
    finally:
        os.close(errors)


def _greet(control: socket.socket, errors: int) -> tuple[LayerReport, ...]:
    if not select.select([control], [], [], START_SECONDS)[0]:
        raise GraderError(
            f"the sandbox did not start within {START_SECONDS:.0f} s; `autograder doctor` tries its layers"
        )
    hello: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):  # a server that died says nothing here, but wrote why
        hello = json.loads(control.recv(1 << 16))
    if "error" in hello or "layers" not in hello:
        text = hello.get("error") or os.pread(errors, 2000, 0).decode(errors="replace").strip() or "it died"
        raise GraderError(f"the sandbox could not be started (`autograder doctor` tries its layers): {text}")
    layers = tuple(LayerReport(**layer) for layer in hello["layers"])
    if hello["refused"]:
        notes = {layer.name: layer.note for layer in layers}
        listed = "; ".join(f"{name} ({notes.get(name, '')})" for name in hello["refused"])
        raise SandboxUnavailable(
            f"untrusted code is not run here, for the sandbox lacks: {listed}. "
            "Use a newer kernel or a virtual machine, or give --unsafe if you trust every submission"
        )
    return layers
