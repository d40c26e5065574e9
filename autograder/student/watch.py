"""``check --watch``: one screen that follows the files while they are written."""

from __future__ import annotations

import re
import shutil
import textwrap
import time
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path

import click

from autograder.errors import CourseError
from autograder.plain import dataclass
from autograder.student.check import Checked, answers_of, check_exercise, check_file
from autograder.student.keys import Read, keyboard
from autograder.student.progress import next_hint, seen_hints
from autograder.student.render import Paint, as_text
from autograder.text import for_terminal_line

_LOOK = 0.2  # seconds between two looks at the files
_BAR = 24  # letters of the progress bar

Stamp = tuple[int, ...]


@dataclass
class WatchScreen:
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
        elif key.isascii() and key.isdigit() and key != "0":
            self.hint = self._hint_again(int(key))
            return bool(self.hint)
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
        part = checked.folder.exercise.part(report.name)
        try:
            number, text = next_hint(self.root, checked.folder, part)
        except CourseError as error:
            return str(error)
        return f"hint {number} of {len(part.hints)} for {part.name}: {text}"

    def _hint_again(self, number: int) -> str:
        checked = self.at_hand
        report = checked.next_part if checked is not None else None
        if checked is None or report is None:
            return ""
        part = checked.folder.exercise.part(report.name)
        seen = seen_hints(self.root, checked.folder, part)
        if number > len(seen):
            return f"hint {number} of {len(part.hints)} was not shown yet: press h" if part.hints else ""
        return f"hint {number} of {len(part.hints)} for {part.name}: {seen[number - 1]}"

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
        """Return the whole screen: verdict, hint, keys and progress, at most so many rows where that can be.

        Lines are broken between words.  Where they do not all fit, what the code prints goes first, then
        parts that pass; what to think about and what comes next go last.
        """
        name = self.course[self.current][0]
        found = self.known[name][1]
        text = as_text(found, self.paint) if isinstance(found, Checked) else for_terminal_line(str(found))
        foot = ["", *(row for line in self._foot(keys) for row in _wrapped(line, width))]
        if self.hint:
            hint = (line for one in self.hint.splitlines() for line in _wrapped(for_terminal_line(one), width))
            foot = ["", *(self.paint(line, "36") for line in hint), *foot]
        body = [(_rank(_plain(line)), _wrapped(line, width)) for line in text.splitlines()]
        left_out = f"  ... all of it: autograder check {name}"
        space = max(height - 1 - len(foot), 3)
        while sum(len(rows) for _, rows in body) > space and len(body) > 1:
            if not any(rank == _LEFT_OUT for rank, _ in body):
                body.append((_LEFT_OUT, [left_out[: width - 1]]))
            worst = max(range(len(body)), key=lambda k: (body[k][0], k))
            del body[worst]
        return "\n".join([row for _, rows in body for row in rows] + foot)

    def _foot(self, keys: bool) -> list[str]:
        lines: list[str] = []
        if self.next is not None:
            name, file = self.course[self.next]
            how = "press n to go on" if keys else f"go on with: autograder check {name} --watch"
            lines.append(self.paint(f"Next exercise: {name} ({file}); {how}", "1"))
        done = sum(self._done(k) for k in range(len(self.course)))
        parts = self.at_hand.parts if self.at_hand is not None else ()
        passing = sum(part.status == "correct" for part in parts)
        filled = round(_BAR * passing / len(parts)) if parts else 0
        bar = "#" * filled + "." * (_BAR - filled)
        lines.append(f"[{bar}] {passing} of {len(parts)} parts, {done} of {len(self.course)} exercises")
        offered = (
            "save: check again   h: hint, 1-9: again   n: next exercise   q: quit"
            if keys
            else "save to check again; Ctrl-C: quit"
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
    one = WatchScreen(root, files, places[wanted[0][0]], paint)
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


def _draw(one: WatchScreen, read: Read | None) -> None:
    size = shutil.get_terminal_size()
    click.clear()  # does nothing where stdout is not a terminal
    click.echo(one.screen(size.columns, size.lines, read is not None))


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LEFT_OUT = -1
"""Rank of the line that says that others were left out."""


def _plain(line: str) -> str:
    return _COLOUR.sub("", line)


def _wrapped(line: str, width: int) -> list[str]:
    """Return a line in rows of a terminal, broken between words; what is broken goes on below its beginning."""
    plain = _plain(line)
    if len(plain) < width:
        return [line]
    label = re.match(r" {8}\S+(?: \S+)?\s+|  \S\S  \S+\s+|\s*", plain)
    indent = len(label[0]) if label is not None else 0
    rows = textwrap.wrap(plain, max(width - 1, 20), subsequent_indent=" " * min(indent, 20)) or [line]
    whole = re.fullmatch(rf"({_COLOUR.pattern})[^\x1b]*\x1b\[0m", line)
    if whole is not None:
        return [f"{whole[1]}{row}\x1b[0m" for row in rows]
    for painted, text in re.findall(rf"({_COLOUR.pattern}([^\x1b]+)\x1b\[0m)", line):
        rows[0] = rows[0].replace(text, painted, 1)  # a mark, which is the first word
    return rows


_RANKS = (
    (r" {8}(think about|because)|Next: ", 0),
    (r"  no  | {8}expected", 1),
    (r" {8}looks like", 2),
    (r" {8}(call|returned|read as|derivation)|Then: |\S", 3),
    (r"  --  ", 5),
    (r"  ok  ", 6),
    (r"  your code prints| {4}\S", 7),
)
"""How soon a line is left out where there is no exercise, by how it begins; the highest goes first."""


def _rank(line: str) -> int:
    return next((rank for pattern, rank in _RANKS if re.match(pattern, line)), 4)


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
