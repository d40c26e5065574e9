"""What notebook front ends and the ``python`` command give to code: a submission runs as its author saw it run."""

from __future__ import annotations

import ast
import builtins
import inspect
import os
import sys
import time
from collections.abc import Coroutine
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

from autograder.sandbox.standins import Inert

_FRONT_END = ("display", "get_ipython", "In", "Out", "_", "__", "___", "_i", "_ii", "_ih", "_oh", "_dh")
"""Names that IPython defines: its functions, and what earlier cells held and gave."""

_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def prepare(module: ModuleType, filename: str) -> None:
    """Give a submission's module the names that a front end defines, and an empty line where it asks for input.

    It stays in its folder, wherever it wants to go.
    ``if __name__ == "__main__"`` runs, as in a notebook and in a script; ``__file__`` names a file whose folder cannot
    be read.
    """
    given: dict[str, object] = {name: Inert() for name in _FRONT_END}
    module.__dict__.update(given, __name__="__main__", __file__=f"/submission/{filename}")
    builtins.input = _no_input
    os.chdir = _stay  # scripts begin by going to their own folder, which is nowhere here
    sys.breakpointhook = _no_debugger  # it would read empty lines for ever


def _no_input(prompt: object = "") -> str:
    return ""


def _stay(path: object) -> None:
    pass


def _no_debugger(*args: object, **kwargs: object) -> None:
    pass


def compile_cell(text: str, filename: str) -> CodeType:
    """Compile a cell; ``await`` is allowed outside of functions, as every notebook allows it."""
    code: CodeType = compile(text, filename, "exec", _FLAGS, dont_inherit=True)
    return code


def run_cell(code: CodeType, space: dict[str, Any]) -> None:
    """Run a compiled cell in its names, and an event loop around it where it awaits something."""
    if code.co_flags & inspect.CO_COROUTINE:
        _wait_for(eval(code, space))  # a student's code is what this confined process is for
    else:
        exec(code, space)  # a student's code is what this confined process is for


def _sleep(seconds: float | None) -> list[Any]:
    time.sleep(seconds or 0.0)
    return []


def _wait_for(coroutine: Coroutine[Any, Any, Any]) -> None:
    import asyncio  # few submissions need it, and it costs more than a short call

    class Loop(asyncio.BaseEventLoop):
        """A loop of timers and callbacks alone: the sandbox has no sockets."""

        _selector = SimpleNamespace(select=_sleep)

        def _process_events(self, events: object) -> None:
            """There are none."""

        def _write_to_self(self) -> None:
            """No other thread wakes this loop."""

    loop = Loop()
    try:
        loop.run_until_complete(coroutine)
    finally:
        loop.close()
