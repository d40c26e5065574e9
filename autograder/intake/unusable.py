"""Recognise unusable files by name, and say what to hand in instead."""

from __future__ import annotations

from collections.abc import Collection

from autograder.intake.names import exercise_in, split_suffix

CODE = frozenset({".py", ".ipynb"})

_ARCHIVES = frozenset({
    ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".tbz", ".tbz2", ".xz", ".txz", ".zst", ".lz", ".lzma", ".z", ".cab",
    ".iso", ".dmg", ".jar", ".zipx",
})  # fmt: skip
_PAGES = frozenset({".html", ".htm", ".mhtml", ".webarchive", ".xhtml"})
_DOCUMENTS = frozenset({".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages", ".tex", ".one", ".xlsx", ".ods"})
_OTHER_CODE = frozenset({".pyc", ".r", ".rmd", ".jl", ".m", ".mlx", ".qmd", ".nb", ".sage", ".pyi", ".pyx"})
_PARTIAL = frozenset({".crdownload", ".part", ".partial", ".download", ".icloud"})
_OF_EDITORS = frozenset({".swp", ".swo"})
_LINKS = frozenset({".url", ".webloc", ".lnk", ".gdoc"})


def why_unusable(name: str) -> str | None:
    """Return why a file of this name may hold an answer that cannot be read, and what to hand in instead, or None.

    None means that the name does not look like an answer: a table of data, a picture, a text next to the code.
    """
    if name.endswith("~"):  # the copy that an editor keeps of the version before
        name = f"{name[:-1]}.bak"
    stem, suffix = split_suffix(name)
    if suffix in _OF_EDITORS:
        return "is what an editor keeps while it is open; save the .ipynb or .py itself and hand that in"
    inner = split_suffix(stem)[1]
    if inner in CODE and suffix not in CODE | _ARCHIVES | _LINKS | _PARTIAL:
        return f"is not read under this name; rename it to {stem} and hand it in again"
    if suffix in _ARCHIVES:
        return f"archives of this kind ({suffix}) are not opened; hand in the .ipynb or .py itself, or a .zip"
    if suffix == ".zip":
        return "a zip inside of a zip is not opened; hand in the .ipynb or .py itself, or one .zip"
    if suffix in _PARTIAL:
        return "is a download that did not end; hand in the whole file"
    if suffix in _LINKS:
        return "is a link and not a file; download the notebook (.ipynb) and hand that in"
    if suffix in _PAGES:
        return "is a web page and holds no cells that can be run; hand in the notebook itself (.ipynb) or a .py"
    if suffix in _DOCUMENTS:
        return f"documents ({suffix}) are not run; hand in the notebook itself (.ipynb) or a .py"
    if suffix in _OTHER_CODE:
        return f"files of this kind ({suffix}) are not run; hand in a notebook (.ipynb) or a .py"
    return None


def is_archive(name: str) -> bool:
    """Whether the file may hold any number of answers."""
    return split_suffix(name)[1] in _ARCHIVES | {".zip"}


def names_exercise(name: str, exercises: Collection[str]) -> str | None:
    """Return the exercise that an unusable file is named after, as ``NAME.html`` is, or None."""
    found = exercise_in(split_suffix(name)[0], exercises)
    return None if found is None else found[0]
