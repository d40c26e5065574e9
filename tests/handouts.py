"""Handouts as students get them, and everything that their texts tell a student to open or to type."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.course.model import load_course
from autograder.release.build import Release, write_bundle
from autograder.release.course_folder import write_course_folder
from tests.conftest import ROOT

KINDS = ("bundle", "nbgrader", "clone")
_CLONED = ("autograder", "exercises", "README.md", "course.yml", "pyproject.toml", "LICENSE")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_FILE = re.compile(r"[\w./-]+\.(?:py|ipynb|md|yml|txt|png|svg|csv|json|whl)|(?!-?\d+/\d+$)[\w.-]+/(?:[\w.-]+/?)*")
"""A file or a folder; a fraction of two numbers is a value."""
_WRITTEN_BY_A_COMMAND = re.compile(r"\.png$|^\.venv/|^\.\./autograder-env$")
_HANDED_IN = re.compile(r"hand in [^.]*?`([\w.]+)`(?: and `([\w.]+)`)?")
PROGRAM = "autograder"


@dataclass(frozen=True)
class Handout:
    """One assignment, handed out in one way, in a folder of its own."""

    kind: str
    assignment: str
    folder: Path

    @cached_property
    def exercises(self):
        return tuple(load_course(ROOT).assignment(self.assignment).exercises)

    @cached_property
    def texts(self):
        """What a student reads, by file: pages, cells of notebooks, the words at the top of a stub."""
        pages = [self.folder / "README.md", self.folder / "exercises" / "README.md"]
        pages += [p for name in self.exercises for p in self.folder.rglob(f"{name}/README.md")]
        found = {page: page.read_text() for page in pages}
        if self.kind == "clone":  # the rest of its first page is for instructors and authors
            text = found[pages[0]]
            found[pages[0]] = text[text.index("## For students") : text.index("## For instructors")]
        for name in self.exercises:
            for book in self.folder.rglob(f"{name}.ipynb"):
                cells = json.loads(book.read_text())["cells"]
                found[book] = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
            for stub in self.folder.rglob(f"exercises/{name}/{name}.py"):
                found[stub] = stub.read_text()
        return found

    def commands(self):
        """Yield file and command line of every command of the program that a text tells to type."""
        for file, text in self.texts.items():
            fenced = [line for _, body in _FENCE.findall(text) for line in body.splitlines()]
            indented = re.findall(r"^    (autograder .*)$", text, re.MULTILINE)
            for line in [*fenced, *indented, *_SPAN.findall(_FENCE.sub("", text))]:
                words = line.partition("#")[0].strip().removeprefix("!")  # so typed in a cell of a notebook
                if words == PROGRAM or words.startswith(f"{PROGRAM} "):
                    for name in self.exercises if "NAME" in words else [""]:
                        yield file, words.replace("NAME", name)

    def files(self):
        """Yield file, what it names and the path of that, for every link and every file named by a text."""
        for file, text in self.texts.items():
            written = {name for both in _HANDED_IN.findall(text) for name in both}  # by the student
            for target in _LINK.findall(text):
                if not re.match(r"\w+:", target):
                    yield file, target, file.parent / target.partition("#")[0] if target[0] != "#" else file
            for span in _SPAN.findall(_FENCE.sub("", text)):
                if _FILE.fullmatch(span) and not _WRITTEN_BY_A_COMMAND.search(span) and span not in written:
                    for name in self.exercises if "NAME" in span else [""]:
                        named = span.replace("NAME", name)
                        here = file.parent / named
                        yield file, named, here if here.exists() else self.folder / named

    def missing_anchors(self):
        """Yield file and link of every link into a page that has no such heading."""
        for file, text in self.texts.items():
            for target in _LINK.findall(text):
                path, _, anchor = target.partition("#")
                if anchor and not re.match(r"\w+:", target):
                    page = (file.parent / path if path else file).read_text()
                    slugs = {re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-")
                             for line in re.findall(r"^#+ (.*)$", page, re.MULTILINE)}  # fmt: skip
                    if anchor not in slugs:
                        yield file, target

    def set_up_lines(self):
        """Return the lines that the first page tells to paste on Linux."""
        text = self.texts[self.folder / "README.md"]
        return next(body for kind, body in _FENCE.findall(text) if kind == "sh" and "venv" in body).splitlines()


def hand_out(kind, assignment, to):
    """Hand an assignment out into an empty folder, as a student gets it."""
    folder = to / f"{assignment} of a student"
    if kind == "clone":
        for name in _CLONED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "public.json"))
            else:
                shutil.copy(ROOT / name, folder)
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        for step in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "as cloned")):
            subprocess.run(["git", *step], cwd=folder, check=True)
        return Handout(kind, assignment, folder)
    release = Release.of(load_course(ROOT), assignment, solved=False)
    if kind == "bundle":
        with zipfile.ZipFile(write_bundle(release, to)) as archive:
            archive.extractall(to)
        (to / assignment).rename(folder)
    else:
        made = write_course_folder(release, to / "course")
        shutil.copytree(made, folder)
        shutil.copytree(to / "course" / "package", folder, dirs_exist_ok=True)  # as its first page tells
    return Handout(kind, assignment, folder)


class Student:
    """A student's machine: the handout's own lines were pasted there, without this checkout on any path.

    The packages that pip would load from the network come from this Python, since tests need none; the program itself
    is the one that the lines install.
    """

    def __init__(self, handout):
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(handout.folder.parent), "PIP_NO_DEPS": "1",
                            "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}  # fmt: skip
        python = Path(sys.executable).resolve()
        lines = [line.replace("python3 ", f"{shlex.quote(str(python))} ", 1) for line in handout.set_up_lines()]
        if handout.kind == "clone":  # setuptools builds it, which a fresh environment would load from the network
            lines[-1:] = ['python -c "import sys; print(sys.prefix)"']
        done = self._bash("\n".join(["set -e", *lines]), handout.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        environment = handout.folder / ("../autograder-env" if handout.kind == "nbgrader" else ".venv")
        (site,) = (environment / "lib").glob("python*/site-packages")
        self.bin = environment.resolve() / "bin"
        others = [p for p in sys.path if p.endswith("site-packages")]
        (site / "loaded.pth").write_text("\n".join(others))
        if handout.kind == "clone":
            (site / "cloned.pth").write_text(str(handout.folder))
            (self.bin / PROGRAM).write_text(f'#!/bin/sh\nexec "{self.bin}/python" -m autograder "$@"\n')
            (self.bin / PROGRAM).chmod(0o755)

    def _bash(self, text, folder, seconds=300, **more):
        return subprocess.run(["bash", "-c", text], cwd=folder, env=self.environment, capture_output=True, text=True,
                              check=False, timeout=seconds, stdin=subprocess.DEVNULL, **more)  # fmt: skip

    def types(self, command, folder):
        """Run a command line in a folder; ``--watch``, which stays, until its first screen."""
        path = f'export PATH={shlex.quote(str(self.bin))}:"$PATH"; '
        if "--watch" in command:
            return self._bash(f"{path}timeout -s INT 10 {command}", folder)
        return self._bash(path + command, folder)
