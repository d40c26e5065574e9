"""``check --watch``: one screen that follows the files while they are written."""

from __future__ import annotations

import shutil
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from autograder.errors import CourseError
from autograder.student.check import Checked, answers_of, check_exercise, check_file
from autograder.student.keys import Read, keyboard
from autograder.student.progress import next_hint
from autograder.student.render import Paint, as_text
from autograder.text import for_terminal_line

_LOOK = 0.2  # seconds between two looks at the files
_BAR = 24  # letters of the progress bar

Stamp = tuple[int, ...]


@dataclass
class Watch:
    """What the screen shows: the exercise at hand, what is known of all, the hint that was asked for.

    Attributes
    ----------
    root : Path
        Folder of the course.
    course : sequence of (str, Path)
        All exercises with their files, in the order of the course.
    current : int
        Which of them is shown.
    paint : Paint
        Colours.
    """

    root: Path
    course: Sequence[tuple[str, Path]]
    current: int
    paint: Paint
    known: dict[str, tuple[Stamp, Checked | CourseError]] = field(default_factory=dict)
    hint: str = ""

    def look(self) -> bool:
        """Check the file at hand if it was saved since; return whether the screen must be drawn again."""
        return self._refresh(*self.course[self.current])

    def look_around(self) -> bool:
        """Check one of the other files that is not known yet, for the progress at the bottom."""
        unknown = next(((name, file) for name, file in self.course if name not in self.known), None)
        return unknown is not None and self._refresh(*unknown)

    def _refresh(self, name: str, file: Path) -> bool:
        script, notebook = answers_of(self.root, name)
        own = file != script  # a file that was named itself, wherever it lies
        stamp = _stamp(file) if own else (*_stamp(script), *_stamp(notebook))
        if name in self.known and self.known[name][0] == stamp:
            return False
        try:
            found: Checked | CourseError = check_file(self.root, name, file) if own else check_exercise(self.root, name)
        except CourseError as error:  # half-saved, renamed, deleted: said, and looked at again after the next save
            found = error
        self.known[name] = stamp, found
        if name == self.course[self.current][0]:
            self.hint = ""
        return True

    def press(self, key: str) -> bool:
        """Obey a key; return whether the screen must be drawn again."""
        if key == "h":
            self.hint = self._next_hint()
        elif key in ("n", "\r", "\n") and self.next is not None:
            self.current, self.hint = self.next, ""
            self.look()
        else:
            return False
        return True

    def _next_hint(self) -> str:
        checked = self.at_hand
        if checked is None:
            return ""
        report = checked.next_part
        if report is None:
            return ""
        part = checked.room.exercise.part(report.name)
        try:
            number, text = next_hint(self.root, checked.room, part)
        except CourseError as error:
            return str(error)
        return f"hint {number} of {len(part.hints)} for {part.name}: {text}"

    @property
    def at_hand(self) -> Checked | None:
        """The verdict on the file at hand, if it could be read."""
        found = self.known.get(self.course[self.current][0], (None, None))[1]
        return found if isinstance(found, Checked) else None

    @property
    def next(self) -> int | None:
        """The next exercise that is not known to be done, once the one at hand is; None while it is not."""
        if self.at_hand is None or not self.at_hand.done:
            return None
        after = [*range(self.current + 1, len(self.course)), *range(self.current)]
        return next((k for k in after if not self._done(k)), None)

    def _done(self, k: int) -> bool:
        found = self.known.get(self.course[k][0], (None, None))[1]
        return isinstance(found, Checked) and found.done

    def screen(self, width: int = 80, height: int = 24, keys: bool = True) -> str:
        """Return the whole screen: verdict, hint, keys and progress, at most so many rows where that can be."""
        foot = ["", *self._foot(keys)]
        found = self.known[self.course[self.current][0]][1]
        text = as_text(found, self.paint) if isinstance(found, Checked) else f"{for_terminal_line(str(found))}"
        body = text.splitlines()
        if self.hint:
            foot = [
                "",
                *(self.paint(line, "36") for line in textwrap.wrap(for_terminal_line(self.hint), width - 1)),
                *foot,
            ]
        room = height - 1 - sum(_rows(line, width) for line in foot)
        shown: list[str] = []
        for line in body:
            if sum(_rows(one, width) for one in [*shown, line]) > max(room - 1, 8) and len(shown) < len(body) - 1:
                shown.append(f"  ... all of it: autograder check {self.course[self.current][0]}")
                break
            shown.append(line)
        return "\n".join([*shown, *foot])

    def _foot(self, keys: bool) -> list[str]:
        lines: list[str] = []
        if self.next is not None:
            name, file = self.course[self.next]
            how = "press n to go on" if keys else f"go on with: autograder check {name} --watch"
            lines.append(self.paint(f"Next exercise: {name} ({file}); {how}", "1"))
        done = sum(self._done(k) for k in range(len(self.course)))
        filled = round(_BAR * done / len(self.course))
        bar = "#" * filled + "." * (_BAR - filled)
        lines.append(f"[{bar}] {done} of {len(self.course)} exercises pass their public checks")
        offered = (
            "save: check again   h: hint   n: next exercise   q: quit" if keys else "save to check again; Ctrl-C: quit"
        )
        if keys and self.next is None:
            offered = offered.replace("n: next exercise   ", "")
        lines.append(self.paint(offered, "2"))
        return lines


def watch(root: Path, course: Sequence[tuple[str, Path]], wanted: Sequence[tuple[str, Path]], paint: Paint) -> None:
    """Check the first file that is asked for, then again after every save, until ``q`` or Ctrl-C.

    Parameters
    ----------
    root : Path
        Folder of the course.
    course : sequence of (str, Path)
        All exercises and their files, in the order of the course.
    wanted : sequence of (str, Path)
        Those asked for; the first that is not done comes first.
    paint : Paint
        Colours.
    """
    own = dict(wanted)
    files = [(name, own.get(name, file)) for name, file in course]
    places = {name: k for k, (name, _) in enumerate(files)}
    one = Watch(root, files, places[wanted[0][0]], paint)
    try:
        for name, _ in wanted:
            one.current = places[name]
            one.look()
            if one.at_hand is None or not one.at_hand.done:
                break
        with keyboard() as read:
            _draw(one, read)
            while True:
                key = read(_LOOK) if read is not None else _pause()
                if key in ("q", "\x04"):
                    return
                changed = one.look()
                changed = (key != "" and one.press(key)) or changed
                # one of the others at a time, so that a save is never waited for long
                if changed or one.look_around():
                    _draw(one, read)
    except KeyboardInterrupt:
        click.echo("")


def _pause() -> str:
    time.sleep(_LOOK)
    return ""


def _draw(one: Watch, read: Read | None) -> None:
    size = shutil.get_terminal_size()
    click.clear()  # nothing where stdout is no terminal
    click.echo(one.screen(size.columns, size.lines, read is not None))


def _rows(line: str, width: int) -> int:
    return max(1, -(-len(line) // max(1, width)))


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
