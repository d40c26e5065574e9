"""Show the progress of a run: a bar on a terminal, otherwise a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_SECONDS_A_LINE = 30.0


class Pace:
    """How fast a run is, as a mean since it began; what was done before it does not count.

    Parameters
    ----------
    total : int
        How many submissions there are.
    clock : callable
        Seconds from some moment on.
    """

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._before: int | None = None
        self._began = clock()
        self.done = 0

    def arrived(self, count: int) -> None:
        """Count what arrived; the first call says what was done before the run."""
        self.done += count
        if self._before is None:
            self._before, self._began = count, self._clock()

    @property
    def speed(self) -> float:
        """Submissions a second; 0 before the first."""
        seconds = self._clock() - self._began
        return (self.done - (self._before or 0)) / seconds if seconds > 0 else 0.0

    def __str__(self) -> str:
        if not self.speed:
            return ""
        rate = f"{self.speed:.1f}/s" if self.speed >= 1 else f"{60 * self.speed:.1f}/min"
        minutes, seconds = divmod(round((self._total - self.done) / self.speed), 60)
        return f"{rate}, {f'{minutes:,} min {seconds} s' if minutes else f'{seconds} s'} left"


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
    pace = Pace(total, clock)
    seen = 0
    last = clock()

    def arrived(count: int) -> None:
        nonlocal seen, last
        pace.arrived(count)
        now = clock()
        if now - last < _SECONDS_A_LINE or pace.done in (seen, total) or not pace.speed:
            return
        say(f"{pace.done:,} of {total:,} submissions, {pace}")
        seen, last = pace.done, now

    return arrived


@contextmanager
def progress(total: int, say: Callable[[str], None]) -> Iterator[Callable[[int], None]]:
    """Show count, rate and time left on stderr: a bar on a terminal, else a line now and then for the log."""
    if not sys.stderr.isatty():
        yield lines_of_progress(total, say)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("grading", total=total, pace="")
        pace = Pace(total)

        def arrived(count: int) -> None:
            pace.arrived(count)
            with suppress(BrokenPipeError):
                bar.update(task, advance=count, pace=str(pace))

        yield arrived
