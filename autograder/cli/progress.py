"""How far a run is: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_SECONDS_A_LINE = 30.0


def lines_of_progress(
    total: int, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
) -> Callable[[int], None]:
    """Return what counts submissions that arrive and says a line about every half minute; none for a short run.

    Parameters
    ----------
    total : int
        How many there are.
    say : callable
        Takes the lines.
    clock : callable
        Seconds from some moment on.
    """
    done = seen = 0
    last = clock()

    def arrived(count: int) -> None:
        nonlocal done, seen, last
        done += count
        now = clock()
        if now - last < _SECONDS_A_LINE or done in (seen, total):
            return
        speed = (done - seen) / (now - last)
        minutes, seconds = divmod(round((total - done) / speed), 60)
        left = f"{minutes:,} min {seconds} s" if minutes else f"{seconds} s"
        say(f"{done:,} of {total:,} submissions, {speed:.1f}/s, {left} left")
        seen, last = done, now

    return arrived


@contextmanager
def progress(total: int, say: Callable[[str], None]) -> Iterator[Callable[[int], None]]:
    """Show count, rate and time left on stderr: a bar on a terminal, else a line now and then for the log."""
    if not sys.stderr.isatty():
        yield lines_of_progress(total, say)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("grading", total=total, rate="")

        def arrived(count: int) -> None:
            with suppress(BrokenPipeError):
                bar.advance(task, count)
                speed = bar.tasks[0].speed
                bar.update(task, rate=f"{speed:.0f}/s" if speed else "")

        yield arrived
