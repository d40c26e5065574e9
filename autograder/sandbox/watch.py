"""Watch one child of the fork server: collect its frames, keep its limits, name its end.

What the child sends is data that may have been forged.
"""

# A submission costs a few milliseconds, so the parent may not wake up for every frame.  It sleeps until the server
# reports the end, looks at clocks and pipes every 10 to 20 ms, and waits for the pipes only while they are full:
#
#              server: STARTED          much in the pipes at a look
#    requested ----------------> asleep ---------------------------> eager   (wakes up for every pipeful)
#        |                       |  ^   <---------------------------  |
#        | server gone           |  |         little at a look        |
#        v                       |  `-- look: within the limits       |
#    ServerDied                  |                                    |
#        ^                       +---------- over a limit ------------+----> stopped (SIGKILL by pidfd)
#        | 30 s, no end          |                                             |        |
#        +-----------------------|---------------------------------------------+        |
#                                +---------------- server: ENDED -----------------------+----> ended
#
# "stopped" keeps why (timeout, output_limit, protocol) and reads no more frames.  "ended" reads what is left in the
# pipes and names the end: the reason of "stopped" if there is one, else what the wait status says.  A child that said
# "done" is done, whatever became of it afterwards.

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import time

from autograder.sandbox.child import SETUP_FAILED
from autograder.sandbox.executor import ENDLESS, ChildEnding, ChildResult, Handover, Patience
from autograder.sandbox.frames import is_done
from autograder.sandbox.framing import Buffer, ProtocolError
from autograder.sandbox.inbox import Inbox
from autograder.sandbox.launch import ServerDied
from autograder.sandbox.server import ENDED, STARTED
from autograder.supervise import processor_seconds, seconds_in_queue

MAX_RESULT = 512 << 20
"""All bytes that one child may send."""

MAX_FRAMES = 100_000
"""All frames that one child may send."""

_SHORTEST_LOOK, _LONGEST_LOOK = 10.0, 20.0  # milliseconds between two looks; each disturbs the child
_LOOKS_A_CALL = 100  # at least, before a call is over its limit
_READ = 1 << 16
_READ_AT_ONCE = 16 << 20
_LARGE_PIPE = 1 << 20
_DEATH_SECONDS = 30.0


class Watch:
    """One child from its start to its end.

    Parameters
    ----------
    control : socket
        The server's control socket, to which the request has just been sent.
    result, output : int
        The reading ends of the child's pipes; ``output`` is -1 if there is none.
    keep_output : int
        How much of the output to keep; the rest is read and dropped.
    channel : int
        Our end of the channel on which it asks for hidden calls, if it may.
    """

    def __init__(self, control: socket.socket, result: int, output: int, keep_output: int, channel: int = -1) -> None:
        self._control = control
        self._result = result
        self._channel = channel
        self._output = output
        self._keep_output = keep_output
        self._printed = bytearray()
        self._inbox = Inbox()
        self._size = 0
        self._frames: list[Buffer] = []
        self._frame_cpu: list[float] = []
        self._pid, self._pidfd = 0, -1
        self._cpu = 0.0  # processor time at the last look
        self._cpu_at_frame = 0.0
        self._idle = self._idle_at_frame = self._idle_at_mark = 0.0
        self._queued = self._excused = 0.0
        self._marks: tuple[int, ...] = ()
        self._call_limit = -1, 0.0  # after how many frames, and what was found
        self._handed = False
        self._started = time.monotonic()
        self._stopped: tuple[ChildEnding, str] | None = None
        self._pipes = (result,) if output < 0 else (result, output)
        for fd in self._pipes:
            os.set_blocking(fd, False)
            with contextlib.suppress(OSError):  # more than this user may have: then it stays as it is
                fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _LARGE_PIPE)

    def first(self, cpu_limit: float, wall_limit: float) -> Buffer | None:
        """Return the child's first frame, taken out of what :meth:`run` returns; None if it ended without one.

        Parameters
        ----------
        cpu_limit, wall_limit : float
            Seconds that it may take, of processor time and by the clock.

        Raises
        ------
        ServerDied
            If the server did.
        """
        self._start()
        if self._until_end(cpu_limit, wall_limit, cpu_limit, None, ENDLESS, enough=1) is not None:
            return None
        del self._frame_cpu[0]
        return self._frames.pop(0)

    def stop(self) -> None:
        """End a child that waits, and see that it is gone.

        Raises
        ------
        ServerDied
            If the server did.
        """
        self._stopped = "timeout", "it is not needed"
        self._until_end(0.0, 0.0, 0.0, None, ENDLESS)

    def close(self) -> None:
        """Give the child's descriptor back."""
        fd, self._pidfd = self._pidfd, -1
        if fd >= 0:
            os.close(fd)

    def _start(self) -> None:
        message, fds, _, _ = socket.recv_fds(self._control, STARTED.size, 1)
        if len(message) != STARTED.size or len(fds) != 1:
            raise ServerDied("the server died before it started a child")
        self._pidfd = fds[0]
        self._pid = STARTED.unpack(message)[1]

    def run(
        self,
        cpu_limit: float,
        wall_limit: float,
        cpu_total: float,
        handover: Handover | None = None,
        patience: Patience = ENDLESS,
    ) -> ChildResult:
        """Return what the child sent until it ended or was ended.

        Parameters
        ----------
        cpu_limit, wall_limit : float
            Seconds that may pass between two frames, of processor time and by the clock.
        cpu_total : float
            Seconds of processor time for the whole child; the clock allows as many times more as for a call.
        handover : Handover, optional
            What to hand over when the child asks for it and has sent the frames that it must send before.
        patience : Patience
            For how long it may do nothing.

        Raises
        ------
        ServerDied
            If the server did.
        """
        self._marks = patience.marks
        if self._pidfd < 0:
            self._start()
        else:  # since its first frame it has waited for us, which is not held against it
            self._look_at_idle(time.monotonic())
            self._excused += self._idle
            self._idle = self._idle_at_frame = self._idle_at_mark = 0.0
        ended = self._until_end(cpu_limit, wall_limit, cpu_total, handover, patience)
        assert ended is not None  # only so many frames would have been enough
        status, cpu = ended
        self._cpu = max(self._cpu, cpu)
        self._drain()
        ending, detail = self._stopped or self._ending(status, cpu >= cpu_total - 0.5)
        if ending == "timeout" and self._frames and is_done(self._frames[-1]):
            ending, detail = "done", "done"
        return ChildResult(
            self._frames, ending, detail, self._cpu, self._frame_cpu, bytes(self._printed), self._idle,
            time.monotonic() - self._started, self._handed,
        )  # fmt: skip

    def _until_end(
        self,
        cpu_limit: float,
        wall_limit: float,
        cpu_total: float,
        handover: Handover | None,
        patience: Patience,
        enough: int = 0,
    ) -> tuple[int, float] | None:
        """Wait for the end and return wait status and processor time; None once so many frames are enough."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        if handover is not None:
            os.set_blocking(self._channel, False)
            poll.register(self._channel, select.POLLIN)
        rest = memoryview(b"")
        longest = min(_LONGEST_LOOK, 1e3 * cpu_limit / _LOOKS_A_CALL)
        look = min(_SHORTEST_LOOK, longest)
        killed_at: float | None = None
        eager = enough > 0
        for fd in self._pipes if eager else ():
            poll.register(fd, select.POLLIN)
        while True:
            ready = [fd for fd, _ in poll.poll(look)]
            if self._control.fileno() in ready:
                return self._ended()
            much = self._drain()
            if enough and self._stopped is None and len(self._frames) >= enough:
                return None
            if handover is not None and self._channel in ready:
                rest = self._hand_over(handover, rest)
                if rest:
                    poll.modify(self._channel, select.POLLOUT)
                else:
                    poll.unregister(self._channel)
            if much and not eager:
                # the child fills a pipe faster than we look: from now on wake up for every pipeful
                eager = True
                for fd in self._pipes:
                    poll.register(fd, select.POLLIN)
            elif eager and not much:
                eager = False  # a closed pipe too: it would wake us for ever
                for fd in self._pipes:
                    poll.unregister(fd)
            look = longest
            now = time.monotonic()
            self._look_at_idle(now)
            if self._stopped is None:
                self._check(now, cpu_limit, wall_limit, cpu_total, patience)
            if self._stopped is not None and killed_at is None:
                killed_at = now
                with contextlib.suppress(ProcessLookupError):  # it went by itself in the meantime
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            if killed_at is not None and now - killed_at > _DEATH_SECONDS:
                raise ServerDied("a killed child did not end")

    def _look_at_idle(self, now: float) -> None:
        """Note for how long the child has neither computed nor waited for a processor or for us."""
        self._queued = max(self._queued, seconds_in_queue(self._pid))  # 0 once it is gone
        self._idle = max(self._idle, now - self._started - self._cpu - self._queued - self._excused)

    def _hand_over(self, handover: Handover, rest: memoryview) -> memoryview:
        """Hand over as much as the channel takes, if all frames that must come before are here; return the rest."""
        if not self._handed and not _read(self._channel):
            return rest  # it closed its end, or ended
        while len(self._frames) < handover.after and self._drain():
            pass
        if len(self._frames) < handover.after and self._stopped is None:
            self._stopped = "protocol", "it asked for hidden calls before it had answered the others"
        if self._stopped is not None:
            return rest[:0]
        if not self._handed:  # since its last answer it has waited for us, which is not held against it
            rest = memoryview(handover.data(self._frames[: handover.after]))
            self._look_at_idle(time.monotonic())
            self._excused += self._idle - self._idle_at_frame
            self._idle = self._idle_at_frame
        self._handed = True
        try:
            while rest:
                rest = rest[os.write(self._channel, rest) :]
        except BlockingIOError:
            return rest
        except OSError:  # it closed the channel: what it does not answer says so
            return rest[:0]
        return rest

    def _ended(self) -> tuple[int, float]:
        message = self._control.recv(ENDED.size)
        if len(message) != ENDED.size:
            raise ServerDied("the server died while a child ran")
        _, status, user, system, _ = ENDED.unpack(message)
        return status, user + system

    def _check(self, now: float, cpu_limit: float, wall_limit: float, cpu_total: float, patience: Patience) -> None:
        """Stop the child if it is over a limit; what it waited for a busy processor is not held against it."""
        cpu, idle = self._cpu - self._cpu_at_frame, self._idle - self._idle_at_frame
        if cpu > (limit := self._limit(cpu, cpu_limit, patience)):
            self._stopped = "timeout", f"more than {limit:g} s of processor time in one call"
        elif cpu + idle > wall_limit:
            self._stopped = "timeout", f"no answer for {wall_limit:g} s by the clock"
        elif self._cpu + self._idle > cpu_total * wall_limit / cpu_limit:
            self._stopped = "timeout", f"more than {cpu_total * wall_limit / cpu_limit:g} s by the clock in all"
        elif self._idle - self._idle_at_mark > patience.part_idle_seconds or self._idle > patience.idle_seconds:
            self._stopped = "timeout", "it did nothing for too long"
        elif now - self._started > patience.clock_seconds:
            self._stopped = "timeout", f"more than {patience.clock_seconds:g} s by the clock"

    def _limit(self, cpu: float, most: float, patience: Patience) -> float:
        """Return the processor time of the call in flight, which has taken so much by now."""
        if patience.call_seconds is None or cpu <= min(most, patience.least_seconds):
            return most
        frames = len(self._frames)
        if self._call_limit[0] != frames:
            self._call_limit = frames, patience.call_seconds(frames)
        return min(most, self._call_limit[1])

    # --- what it sends -----------------------------------------------------------------------------------------

    def _drain(self) -> bool:
        """Take what is in the pipes, note the times, and return whether there was much of it."""
        printed = self._drop_output()
        if self._pid:  # gone already: the last look or the server's report counts
            self._cpu = max(self._cpu, processor_seconds(self._pid))
        taken = 0
        while self._stopped is None and taken < _READ_AT_ONCE:
            got = self._inbox.read(self._result)
            if not got:
                break
            taken += got
            if self._size + taken > MAX_RESULT:
                self._stopped = "output_limit", f"more than {MAX_RESULT >> 20} MiB of results"
        self._size += taken
        if taken:
            self._sort()
        return max(taken, printed) >= _LARGE_PIPE // 4

    def _sort(self) -> None:
        if not self._frames and self._inbox.startswith(SETUP_FAILED):
            return
        try:
            while new := self._inbox.take():
                self._frames += new
                self._frame_cpu += [self._cpu - self._cpu_at_frame] + [0.0] * (len(new) - 1)
                self._cpu_at_frame, self._idle_at_frame = self._cpu, self._idle
                while self._marks and len(self._frames) >= self._marks[0]:
                    self._marks, self._idle_at_mark = self._marks[1:], self._idle
        except ProtocolError as error:
            self._stopped = "protocol", str(error)
        if len(self._frames) > MAX_FRAMES:
            self._stopped = "protocol", f"more than {MAX_FRAMES} frames"

    def _drop_output(self) -> int:
        """Keep the beginning of what is printed, drop the rest, and return how much there was."""
        taken = 0
        while self._output >= 0 and taken < _READ_AT_ONCE and (chunk := _read(self._output)):
            taken += len(chunk)
            self._printed += chunk[: self._keep_output - len(self._printed)]
        return taken

    # --- how it ended ------------------------------------------------------------------------------------------

    def _ending(self, status: int, out_of_time: bool) -> tuple[ChildEnding, str]:
        if self._frames and is_done(self._frames[-1]):
            return ("protocol", "bytes after the last frame") if self._inbox else ("done", "done")
        if not self._frames and self._inbox.startswith(SETUP_FAILED):
            return "crash", bytes(self._inbox).decode(errors="replace")
        if os.WIFEXITED(status):
            # the status says no more: a student's code can choose any, and a library that finds no memory exits too
            return "crash", f"it exited with status {os.WEXITSTATUS(status)} before it was done"
        killer = os.WTERMSIG(status)
        if killer == signal.SIGSYS:
            return "forbidden", "it made a system call that is never allowed"
        if killer == signal.SIGXCPU or (killer == signal.SIGKILL and out_of_time):
            return "timeout", "it used all processor time that one child may use"
        if killer == signal.SIGKILL:
            return "memory", "the kernel ended it, as it does when memory runs out"
        return "crash", f"it ended by signal {killer}"


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, _READ)
    except (BlockingIOError, ConnectionResetError):
        return b""
