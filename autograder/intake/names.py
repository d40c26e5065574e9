"""Names of files: what is litter, and which exercise a name means, whatever a copy of it is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

MAX_NAME = 200

_LITTER = frozenset({
    "__MACOSX", ".DS_Store", ".Spotlight-V100", ".Trashes", ".fseventsd", "Thumbs.db", "desktop.ini", "$RECYCLE.BIN",
    ".virtual_documents", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache",
    ".hypothesis", ".cache", ".git", ".hg", ".svn", ".idea", ".vscode", ".venv", "venv", ".tox", ".nox", ".conda",
    "node_modules", "site-packages", ".eggs",
})  # fmt: skip
"""Left behind by operating systems, editors, Jupyter and package managers; never an answer."""

CHECKPOINTS: Final = ".ipynb_checkpoints"
"""Jupyter's own copies of notebooks: never an answer, but named where a student handed in nothing else."""

ENVIRONMENT_SIGN: Final = "pyvenv.cfg"
"""A folder that holds this file is a virtual environment, whatever its name; answers may lie in it all the same."""

_ENVIRONMENT = frozenset({"bin", "etc", "include", "lib", "lib64", "scripts", "share"})

RELEASED = frozenset({"checks.py", "figure.py"})
"""Files that students get next to a stub; in exercises/<exercise>/ they are the release's, handed back with it."""

_COPY_BEFORE = re.compile(
    r"(?:copy|kopie|copie|copia|cópia)(?:[ _-]*\(?(?P<n>[0-9]{1,3})\)?)?[ _-]+(?:(?:of|von|de|di)[ _-]+)?", re.I
)
_COPY_AFTER = re.compile(
    r"(?:[ _-]*\((?P<a>[0-9]{1,3})\)|[ _-]+(?P<b>[0-9]{1,3})"
    r"|[ _-]+(?:copy|kopie|copie|copia|cópia)[ _-]*\(?(?P<c>[0-9]{0,3})\)?|(?P<d>\.(?:ipynb|py)))$",
    re.I,
)


def is_litter(name: str) -> bool:
    """Whether a file or folder of this name was left behind by a program and is never an answer."""
    return (
        name in _LITTER
        or name == ENVIRONMENT_SIGN
        or name.startswith(("._", "~$", ".~lock."))
        or name.endswith((".egg-info", ".dist-info"))
    )


def without_litter(paths: Collection[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Return the paths that no program left behind: no caches, and nothing that belongs to a virtual environment."""
    roots = {parts[:-1] for parts in paths if parts[-1] == ENVIRONMENT_SIGN}
    return {
        parts
        for parts in paths
        if not any(map(is_litter, parts))
        and not (roots and any(parts[:k] in roots and parts[k].lower() in _ENVIRONMENT for k in range(len(parts))))
    }


def copied_from(checkpoint: str) -> str:
    """Return the stem of the notebook of which Jupyter saved a checkpoint of that name."""
    return split_suffix(checkpoint)[0].removesuffix("-checkpoint")


def same(name: str) -> str:
    """Return what two spellings of one name share: composed characters, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def split_suffix(name: str) -> tuple[str, str]:
    """Return a file name's stem and its suffix in small letters (``.py``), which is empty where there is none."""
    stem, dot, suffix = name.rstrip().rpartition(".")
    return (stem, f".{suffix.lower()}") if dot and stem else (name, "")


def plain_stem(stem: str) -> tuple[str, int]:
    """Return a file's stem without what copying added to it, and the number of the copy (0: not a copy).

    Browsers write ``name (1)``, Jupyter ``name-Copy1``, Colab ``Copy_of_name``, learning systems ``name-1``; they mix.
    """
    copy = 0
    while True:
        before, after = _COPY_BEFORE.match(stem), _COPY_AFTER.search(stem)
        if before and before.end() < len(stem):
            copy = max(copy, int(before["n"] or 1))
            stem = stem[before.end() :]
        elif after and after.start() > 0:
            number = after["a"] or after["b"] or after["c"]
            copy = max(copy, int(number) if number else 0 if after["d"] else 1)
            stem = stem[: after.start()]
        else:
            return stem, copy


def exercise_in(stem: str, exercises: Collection[str]) -> tuple[str, int] | None:
    """Find which exercise a file's stem names.

    Returns
    -------
    (str, int) or None
        The exercise, and the number of the copy: 0 if the stem is the exercise's name itself.
    """
    if stem in exercises:
        return stem, 0
    loose = _as_name(stem)  # a name may itself end like a copy's
    if loose in exercises:
        return loose, 0
    plain, copy = plain_stem(stem)
    loose = _as_name(plain)
    return (loose, copy) if loose in exercises else None


def exercise_within(stem: str, exercises: Iterable[str]) -> str | None:
    """Return the only exercise whose name is part of a longer one, such as ``ella-NAME`` or ``NAME_final``, or None."""
    loose = _as_name(stem)
    found = [name for name in exercises if re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", loose)]
    longest = [name for name in found if not any(name != other and name in other for other in found)]
    return longest[0] if len(longest) == 1 else None


def in_order(parts: Iterable[str]) -> tuple[tuple[str | int, ...], ...]:
    """Return what paths are sorted by so that ``Version 10`` follows ``Version 9``."""
    return tuple(
        tuple(int(piece) if number % 2 else piece for number, piece in enumerate(_DIGITS.split(part))) for part in parts
    )


_DIGITS = re.compile(r"([0-9]{1,18})")


def _as_name(stem: str) -> str:
    return re.sub(r"[ -]+", "_", same(stem))
