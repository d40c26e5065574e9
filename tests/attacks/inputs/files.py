"""File types and names."""

from __future__ import annotations

import os
import socket

from autograder.intake.discovery import discover
from autograder.intake.loading import load
from tests.attacks.inputs.making import CODE, class_at
from tests.course_files import course_at


def _socket(path):
    here = os.getcwd()
    os.chdir(path.parent)  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(path.name)
    finally:
        os.chdir(here)


def _secret_link(path):
    secret = path.parents[3] / "secret.py"
    secret.write_text("SECRET = 1\n")
    path.symlink_to(secret)


def _big(size):
    def make(path):
        path.touch()
        os.truncate(path, size)

    return make


# kind -> (what is made where gamma.py should be, words of the message)
KINDS = {
    "FIFO": (os.mkfifo, "is a FIFO, not a regular file"),
    "socket": (_socket, "is a socket, not a regular file"),
    "folder": (lambda path: path.mkdir(), "is a folder, not a file"),
    "link": (_secret_link, "is a symbolic link, not a regular file"),
    "dangling link": (lambda path: path.symlink_to("nowhere"), "is a symbolic link"),
    "link to itself": (lambda path: path.symlink_to(path.name), "is a symbolic link"),
    "link to a device": (lambda path: path.symlink_to("/dev/zero"), "is a symbolic link"),
    "huge": (_big(1 << 40), "has 1099511627776 bytes; at most 2000000 are read"),
    "one byte too big": (_big(2_000_001), "has 2000001 bytes; at most 2000000 are read"),
}


def check_kind(name, root):
    make, words = KINDS[name]
    course = course_at(root / "course")
    path = class_at(root / "s", {"ann/hw2/gamma.py": make, "bob/hw2/gamma.py": CODE})
    ann, bob = discover(path, course)
    read = load(ann)
    assert read.document is None
    assert words in read.message
    assert read.message.startswith("ann/hw2/gamma.py: ")
    assert load(bob).document is not None


NAMES = {
    "a\nb": "a\\x0ab",
    "\u202eann": "\\u202eann",
    "-rf": "-rf",
    "...": "...",
    "=1+1": "=1+1",
    "a b": "a b",
    "\u0623\u062d\u0645\u062f": "\u0623\u062d\u0645\u062f",
    "a\\b": "a\\\\b",
    "\x1b[31mred": "\\x1b[31mred",
    "zero\u200bwidth": "zero\\u200bwidth",
    "caf\udce9": "caf\\xe9",
    "%s{0}$HOME`id`": "%s{0}$HOME`id`",
    "a,b;c\"d'e": "a,b;c\"d'e",
    "<script>": "<script>",
}


def check_name(name, root):
    """Names are keys: what is shown is printable, one to one, and no path."""
    course = course_at(root / "course")
    folder = root / "s" / name / "hw2"
    folder.mkdir(parents=True)
    (folder / "gamma.py").write_text(CODE)
    (entry,) = discover(root / "s", course).submissions
    assert (entry.student, entry.file) == (NAMES[name], f"{NAMES[name]}/hw2/gamma.py")
    assert load(entry).document is not None
