"""What runs inside the student's child: load the source, make the planned calls, send back what came of each.

Everything here shares its process with the student's code and may be broken by it on purpose; the parent believes
nothing.  What matters is that honest but odd code (``from numpy import *``, a closed stdout, a redefined ``print``,
``sys.exit()``) does not break it by accident, so whatever is needed later is taken at import.
"""

from __future__ import annotations

import builtins
import os
import random
import re
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from types import FunctionType, ModuleType, TracebackType
from typing import Any

import numpy as np

from autograder.model import Call, Facts, Observation, Value
from autograder.sandbox import frontend, standins
from autograder.sandbox.absent import why_absent
from autograder.sandbox.arguments import PROBES_FILE, ProbeLog, drawn, fresh, shares_memory, unchanged
from autograder.sandbox.batches import HandedCalls, OpenBatch, ask, open_and_close
from autograder.sandbox.frames import (
    MAX_ERROR_TEXT,
    MAX_NAME,
    NOTHING,
    CellEnd,
    Done,
    Loaded,
    Ready,
    encode_answer,
    encode_message,
)
from autograder.sandbox.framing import Buffer, Send, frame_writer
from autograder.sandbox.source import Cell
from autograder.sandbox.values import RESULT, EncodedValue, Unfit, Writer, type_noun
from autograder.sandbox.wire import ORDINARY_IN_ALL, BatchReader, Job, Plan, decode_job
from autograder.statuses import Ending

_MISSING = object()
_SILENCE = [("ignore", None, Warning, None, 0)]
_MAX_ANCESTORS = 40
_cpu_time = time.thread_time  # process_time ticks in steps of 4 ms where RLIMIT_CPU is set
_errstate = np.errstate
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_name: Callable[[type], str] = type.__dict__["__name__"].__get__
_module: Callable[[type], Any] = type.__dict__["__module__"].__get__
_BUILTIN_ERRORS = frozenset(
    value for value in vars(builtins).values() if isinstance(value, type) and issubclass(value, BaseException)
)


class GlobalRandomState:
    """Fixes NumPy's and Python's global random states and notices when a submission drew from them or set them.

    Copying the states costs more than a short call, so a twin of each is seeded alike and one number is drawn from
    both after a call: they differ if, and but for a chance of 2^-53 only if, the global one moved.
    """

    _numpy_seed = staticmethod(np.random.seed)
    _numpy_draw = staticmethod(np.random.random_sample)
    _python_seed = staticmethod(random.seed)
    _python_draw = staticmethod(random.random)

    def __init__(self) -> None:
        self._numpy_twin = np.random.RandomState(0)
        self._python_twin = random.Random(0)

    def settle(self, segment: int, index: int) -> None:
        """Set both states if one moved: seeding an untouched state would cost a part more than a short call."""
        if self.moved():
            self.seed(segment, index)
            self.moved()  # one look further, as where there was nothing to set

    def seed(self, segment: int, index: int) -> None:
        """Set both states to what they always are where one moved before this call."""
        seed = (segment * 100_003 + index) % 2**32
        self._numpy_seed(seed)
        self._numpy_twin.seed(seed)
        self._python_seed(seed)
        self._python_twin.seed(seed)
        self.moved()  # so that seeding with the same number in the call is seen

    def moved(self) -> bool:
        """Whether a global state moved since the last look."""
        numpy_moved = self._numpy_draw() != self._numpy_twin.random_sample()
        return bool(numpy_moved or self._python_draw() != self._python_twin.random())


_GLOBALS = GlobalRandomState()  # like the states that it watches one per process; made here because it is slow to make


def settle_random() -> None:
    """Set the global random states in the fork server, so that its children need not."""
    _GLOBALS.seed(0, 0)


def run(job_fd: int, batch: int | OpenBatch, result_fd: int, channel_fd: int = -1) -> None:
    """Do a job and send its frames.

    Parameters
    ----------
    job_fd : int
        A file (no pipe) that holds :func:`~autograder.sandbox.wire.encode_job`; it is closed.
    batch : int or OpenBatch
        What :func:`~autograder.sandbox.batches.keep_batch` returned, or a file that holds
        :func:`~autograder.sandbox.wire.encode_batch`; it is closed.
    result_fd : int
        Where the frames are written, each whole before anything else is done.
    channel_fd : int
        Where the hidden calls are asked for and come from, if the job says so.
    """
    job = decode_job(os.pread(job_fd, os.fstat(job_fd).st_size, 0))
    os.close(job_fd)
    if isinstance(batch, int):
        batch = open_and_close(batch)
    serve(job, batch, frame_writer(result_fd), partial(ask, channel_fd))


def serve(job: Job, batch: OpenBatch, send: Send, hidden: Callable[[], HandedCalls] | None = None) -> None:
    """Do a job, handing each frame to ``send``; ``hidden`` returns the hidden calls once the others are answered."""
    child = _Child(job, batch)
    send((encode_message(Ready()),))
    child.load(send)
    if not child.answer_all(job.plan, send):
        return
    if job.asks and hidden is not None:
        plan, batch_half = hidden()
        child.add(batch_half)
        if not child.answer_all(plan, send):
            return
    send((encode_message(Done()),))


class _Child:
    def __init__(self, job: Job, batch: OpenBatch) -> None:
        self._job = job
        self._batch = batch.calls
        self._hidden: BatchReader | None = None
        self._probes = batch.probes
        self._failed: list[tuple[Cell, CellEnd]] = []
        self._files: dict[str, str] = {}
        self._module = ModuleType(batch.calls.module)
        sys.modules[batch.calls.module] = self._module
        self._space = self._module.__dict__
        self.exhausted = False  # whether a call ran out of memory
        self._instead: dict[str, str] = {}  # what there is in place of a function that is called and not there
        self._overflowed = False  # in the present call
        self._sent = 0  # bytes of answers to calls that are not about large inputs
        self._ended_by: BaseException | None = None  # the last call that raised
        frontend.prepare(self._module, job.source.filename)
        self._standins = standins.install(job.source.packages)
        if warnings.filters[:1] != _SILENCE:
            warnings.simplefilter("ignore")
        warnings.showwarning = _nothing_shown  # to format one that a submission asks for costs more than most calls

    # --- loading -----------------------------------------------------------------------------------------------

    def load(self, send: Send) -> None:
        """Run every cell; an error in one stays in it."""
        _GLOBALS.settle(0, 0)
        started = _cpu_time()
        skipped = dict(self._job.skip)
        for index, cell in enumerate(self._job.source.cells):
            if index in skipped:
                end = CellEnd(index, "error", skipped[index], "the cell was stopped and left out")
            else:
                end = self._run_cell(index, cell)
            if end.kind:
                self._failed.append((cell, end))
            send((encode_message(end),))
        _GLOBALS.settle(0, 1)
        send((encode_message(Loaded(_cpu_time() - started)),))

    def _run_cell(self, index: int, cell: Cell) -> CellEnd:
        filename = f"{standins.STUDENT}{index}>"
        self._files[filename] = cell.id
        try:
            code = frontend.compile_cell(cell.text, filename)
        except BaseException as error:  # null bytes and deep nesting raise others than SyntaxError
            own = type(error) in (SyntaxError, IndentationError, TabError)
            line = error.lineno if isinstance(error, SyntaxError) and own else None
            message = error.msg if isinstance(error, SyntaxError) else _text_of(error)
            return CellEnd(index, "syntax", _error_name(type(error)), str(message)[:MAX_ERROR_TEXT], line)
        self._standins.read(filename, cell.text)
        try:
            frontend.run_cell(code, self._space)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too are only this cell's end
            line = self._line_of(error.__traceback__)[0]
            message = f"{_text_of(error)}{self._why(error)}"[:MAX_ERROR_TEXT]
            return CellEnd(index, "error", _error_name(type(error)), message, line)
        return CellEnd(index)

    # --- calling -----------------------------------------------------------------------------------------------

    def add(self, hidden: Any) -> None:
        """Take the hidden half of the batch; its segments are numbered after those of the other."""
        self._hidden = BatchReader(hidden)

    def answer_all(self, plan: Plan, send: Send) -> bool:
        """Make the calls of a plan; False if one ran out of memory, after which the rest is for a fresh child."""
        public = len(self._batch.counts)
        for segment, first, last in plan:
            calls, at = self._batch, segment
            if segment >= public:
                assert self._hidden is not None  # the plan that names it came with it
                calls, at = self._hidden, segment - public
            for index in range(first, last):
                try:
                    answer = self.answer(segment, index, calls.call(at, index), calls.answer_bytes[at])
                except MemoryError:  # around the call: what earlier calls hold leaves none for its arguments
                    self.exhausted = True
                    answer = encode_answer(segment, index, _NO_MEMORY, NOTHING, 0.0)
                send(answer)
                if self.exhausted:
                    return False
        return True

    def answer(self, segment: int, index: int, call: Call, most: int = RESULT.size) -> Sequence[Buffer]:
        """Make one call, whose answer may have so many bytes, and return its frame."""
        function = self._space.get(call.function, _MISSING)
        if function is _MISSING:
            return encode_answer(segment, index, self._absent(call.function), NOTHING, 0.0)
        probes, log = self._probes, ProbeLog()
        args = tuple([fresh(argument, probes, log) for argument in call.args])
        started = _cpu_time()
        result, seen, node, chunks = self._make(function, args, most)
        seconds = max(0.0, _cpu_time() - started)
        self.exhausted = seen.ending == "memory"
        changed = [i for i, before in enumerate(call.args) if not unchanged(args[i], before)]
        shared = seen.returned and type(result) is not float and shares_memory(result, args)
        taken, facts = drawn(args, call.args), NOTHING
        if (moved := _GLOBALS.moved()) or changed or shared or log.count or self._overflowed or taken:
            raised = self._of_probe(log) if seen.ending == "error" else ""
            facts = Facts(tuple(changed), shared, moved, tuple(log.calls), log.count, self._overflowed, raised, taken)
        if moved:
            _GLOBALS.seed(segment, index + 1)
        try:
            return encode_answer(segment, index, seen, facts, seconds, node, chunks)
        except Unfit as unfit:
            refused = Observation("bad_output", type_name=unfit.noun, message=unfit.reason)
            return encode_answer(segment, index, refused, NOTHING, seconds)

    def _make(
        self, function: Any, args: tuple[Any, ...], most: int
    ) -> tuple[Any, Observation, EncodedValue, Sequence[Buffer]]:
        """Call a function and take down its result before anything else happens."""
        self._overflowed = False
        try:
            with _errstate(over="call", call=self._note_overflow):
                result = function(*args)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too are only this call's end
            self._ended_by = error
            return None, self._raised(error), None, ()
        if type(result) is float:  # half of all answers
            return result, _value_of("float"), result, ()
        ordinary = most < RESULT.size
        seen, node, chunks = _snapshot(result, min(most, ORDINARY_IN_ALL - self._sent) if ordinary else most)
        if ordinary and chunks:
            self._sent += sum(map(len, chunks))
        return result, seen, node, chunks

    def _of_probe(self, log: ProbeLog) -> str:
        """Return what a probe raised and where, if that ended the call."""
        if log.raised is None or log.raised[1] is not self._ended_by:
            return ""
        name, error = log.raised
        traceback, line = error.__traceback__, 0
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == PROBES_FILE:
                line = traceback.tb_lineno
            traceback = traceback.tb_next
        return f"{name!r} ({PROBES_FILE}:{line}) raised {_error_name(type(error))}: {_text_of(error)}"

    def _note_overflow(self, kind: str, flag: int) -> None:
        self._overflowed = True

    def _raised(self, error: BaseException) -> Observation:
        line, cell = self._line_of(error.__traceback__)
        message = f"{_text_of(error)}{self._why(error)}"[:MAX_ERROR_TEXT]
        if cell is not None and self._job.source.is_notebook:
            message = f"{message} (cell {cell})"[:MAX_ERROR_TEXT]
        mro = _mro(type(error))
        ending: Ending = "error"
        if MemoryError in mro:
            ending = "memory"
        elif PermissionError in mro:
            ending = "forbidden"
        ancestors = tuple([_ancestor(cls) for cls in mro[:_MAX_ANCESTORS] if cls is not object])
        return Observation(ending, error=_error_name(mro[0]), ancestors=ancestors, message=message, line=line)

    def _line_of(self, traceback: TracebackType | None) -> tuple[int | None, str | None]:
        """Return the last line of the student's own code in a traceback, and its cell."""
        found: tuple[int | None, str | None] = None, None
        while traceback is not None:
            filename = traceback.tb_frame.f_code.co_filename
            if filename in self._files:
                found = traceback.tb_lineno, self._files[filename]
            traceback = traceback.tb_next
        return found

    def _why(self, error: BaseException) -> str:
        """Return what a message must add: the cell that was to define a name, or what a missing module means."""
        if type(error) is ModuleNotFoundError and error.name and standins.is_unknown(error.name):
            return "; other files are not read: put what you need of it into this one"
        if type(error) is NameError and type(error.name) is str:
            word = re.compile(rf"\b{re.escape(error.name)}\b")
            for cell, end in self._failed:
                if word.search(cell.text):
                    where = f"cell {cell.id}" if self._job.source.is_notebook else f"line {end.line}"
                    return f"; {where} failed before: {end.error}: {end.message}"
        return ""

    def _absent(self, name: str) -> Observation:
        """Say why there is no function of that name: a failed cell was to define it, or it was never written."""
        alone = len(self._job.source.cells) == 1
        word = re.compile(rf"\b{re.escape(name)}\b")
        for cell, end in self._failed:
            if end.kind and ((alone and end.kind == "syntax") or word.search(cell.text)):
                where = f" (cell {cell.id})" if self._job.source.is_notebook else ""
                message = f"{end.error}: {end.message}{where}"[:MAX_ERROR_TEXT]
                return Observation("load_error", error=end.error, message=message, line=end.line)
        if name not in self._instead:
            names = [one for one, value in self._space.items() if type(one) is str and type(value) is FunctionType]
            self._instead[name] = why_absent(name, self._job.source.cells, names, notebook=self._job.source.is_notebook)
        return Observation("missing", message=self._instead[name][:MAX_ERROR_TEXT])


def _nothing_shown(*_: object, **__: object) -> None:
    """Drop a warning."""


_NO_MEMORY = Observation("memory", error="MemoryError", ancestors=("MemoryError",))


def _snapshot(result: Value, most: int) -> tuple[Observation, EncodedValue, Sequence[Buffer]]:
    """Copy a result, unless it is large, before anything else happens to it; one of more bytes is not taken."""
    writer = Writer(RESULT, most)
    noun = type_noun(type(result))
    try:
        node = writer.put(result)
    except Unfit as unfit:
        return Observation("bad_output", type_name=unfit.noun, message=unfit.reason), None, ()
    except MemoryError:
        return _NO_MEMORY, None, ()
    except BaseException as error:  # an odd subclass of NumPy's own types can raise anything
        return Observation("bad_output", type_name=noun, message=_error_name(type(error))), None, ()
    return _value_of(noun), node, writer.chunks


@lru_cache(maxsize=64)
def _value_of(noun: str) -> Observation:
    """Say that a value of this type was returned; the value itself is on its way already."""
    return Observation("value", type_name=noun)


def _error_name(cls: type) -> str:
    return type_noun(cls).rpartition(".")[2]


def _ancestor(cls: type) -> str:
    """Name a base class so that only Python's own ValueError is called ``ValueError``."""
    return cls.__name__ if cls in _BUILTIN_ERRORS else f"{_module(cls)}.{_name(cls)}"[:MAX_NAME]


def _text_of(error: BaseException) -> str:
    """Return the text of an exception whose ``__str__`` may be hostile."""
    try:
        text = str(error)
    except BaseException:  # whatever it raises, there is no text
        return ""
    return text[:MAX_ERROR_TEXT] if type(text) is str else ""
