"""The layers between a student's code and the machine: names, states and what each one means."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from autograder.plain import dataclass

LayerState = Literal["in force", "weaker", "missing"]

MEANING = {
    "user": "the child runs as a user who owns nothing",
    "user_namespace": "the child has no rights in the system's own namespaces",
    "network_namespace": "there is no network device, not even loopback",
    "ipc_namespace": "shared memory and message queues of others are out of reach",
    "mount_namespace": "the child cannot change what others see mounted",
    "uts_namespace": "the child cannot change the machine's name",
    "pid_namespace": "each child is alone in its process table, and one signal ends all it started",
    "no_new_privileges": "no program can give the child more rights",
    "not_dumpable": "no process of the same user can read the child's memory",
    "landlock": "only Python and its libraries can be read, nothing can be written",
    "landlock_network": "TCP is refused by Landlock as well",
    "landlock_scopes": "signals and abstract sockets end at the child's border",
    "seccomp": "the kernel answers only the calls that computing needs",
    "limits": "processor time, memory, files and core dumps are bounded",
    "first_to_go": "if memory runs out, the kernel ends the child and not the grader",
    "time_limit": "a call that does not come back is ended from outside",
    "control_group": "the memory of the grader and all its children together is bounded by the system",
}
"""Every layer, outermost first, and what holds while it is in force."""

REQUIRED = ("landlock", "seccomp")
"""Layers without which untrusted code runs only when the instructor asks for it."""


@dataclass(frozen=True)
class LayerReport:
    """One layer and its state; ``note`` says what a weaker or missing one costs, or why it is so."""

    name: str
    state: LayerState
    note: str = ""

    @property
    def meaning(self) -> str:
        """What holds while the layer is in force."""
        return MEANING[self.name]


def missing(layers: Iterable[LayerReport], names: Collection[str] = REQUIRED) -> list[str]:
    """Return which of these layers are missing."""
    states = {layer.name: layer.state for layer in layers}
    return [name for name in names if states.get(name, "missing") == "missing"]
