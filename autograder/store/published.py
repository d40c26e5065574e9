"""The published state of the results, which students see: a copy that later changes leave alone."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from autograder.atomic import private_folder, replace_folder
from autograder.errors import CourseError
from autograder.store.people import EXTENSIONS
from autograder.store.people import FILE_NAME as PEOPLE
from autograder.store.store import Store, open_store
from autograder.store.stored import FILE_NAME

FOLDER = "published"
"""Below the results; a results folder itself, so that ``diff`` compares it."""


def publish(store: Store, out: Path) -> Path:
    """Copy the present state of a store, and who is who, to ``out/published``; return that folder.

    Raises
    ------
    CourseError
        If it cannot be written.
    """
    folder, aside = out / FOLDER, out / f".{FOLDER}-new"
    try:
        shutil.rmtree(aside, ignore_errors=True)
        private_folder(aside)
        copy_store(store, aside)
        for name in (PEOPLE, EXTENSIONS):
            if (out / name).is_file():
                shutil.copy2(out / name, aside / name)
        replace_folder(aside, folder)
    except (OSError, sqlite3.Error) as error:
        raise CourseError(f"{folder}: cannot be written: {error}; nothing is published anew") from None
    return folder


def published(out: Path) -> Path | None:
    """Return the folder of the published state, or None if nothing was ever published."""
    folder = out / FOLDER
    return folder if (folder / FILE_NAME).is_file() else None


def copy_store(store: Store, to: Path) -> None:
    """Copy a store into the folder ``to``."""
    if store.file is not None:
        (to / FILE_NAME).touch(mode=0o600)
        with closing(sqlite3.connect(store.file)) as source, closing(sqlite3.connect(to / FILE_NAME)) as target:
            source.backup(target)
        return
    with open_store(to) as copy:
        store.copy_to(copy)
