"""``check --watch``: check again whenever a file is saved."""

from __future__ import annotations

import time
from pathlib import Path

import click

from autograder.student.check import check_file
from autograder.student.render import Paint, as_text

_LOOK = 0.2  # seconds between two looks at the files


def watch(root: Path, wanted: list[tuple[str, Path]], paint: Paint) -> None:
    """Check the files, then again after every save, until Ctrl-C.

    Parameters
    ----------
    root : Path
        Folder of the course.
    wanted : list of (str, Path)
        Exercises and their files.
    paint : Paint
        Colours.
    """
    seen: dict[Path, tuple[int, int]] = {}
    try:
        while True:
            changed = [(name, file) for name, file in wanted if _stamp(file) != seen.get(file)]
            for name, file in changed:
                seen[file] = _stamp(file)
                click.clear()
                click.echo(as_text(check_file(root, name, file), paint))
                click.echo("\nwatching; save the file to check again, Ctrl-C to stop")
            time.sleep(_LOOK)
    except KeyboardInterrupt:
        click.echo("")


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
