"""Bytes of a Python file."""

from __future__ import annotations

from autograder.intake.loading import read_document
from autograder.intake.source import Rejected
from tests.attacks.inputs.making import expect, outcome

# name -> (bytes, the text, or words of the message)
TEXTS = {
    "plain": (b"x = 1\n", "x = 1\n"),
    "empty": (b"", Rejected("the file is empty")),
    "UTF-8": ("x = 'é'\n".encode(), "x = 'é'\n"),
    "UTF-8 with mark": (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
    "UTF-16": ("x = 'é'\n".encode("utf-16"), "x = 'é'\n"),
    "UTF-16, big end first": (b"\xfe\xff" + "x = 1\n".encode("utf-16-be"), "x = 1\n"),
    "Windows line ends": (b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
    "old line ends": (b"x = 1\ry = 2", "x = 1\ny = 2"),
    "coding line": (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
    "coding in line two": (b"#!/usr/bin/python\n# coding=cp1252\n'\x80'", "#!/usr/bin/python\n# coding=cp1252\n'€'"),
    "coding below code is a comment": (b"x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n"),
    "Latin-1 without saying so": (b"a = 1\nx = '\xe9'\n", Rejected("byte 11 (line 2) is not UTF-8")),
    "coding lies": (b"# coding: ascii\nx = '\xe9'\n", Rejected("byte 21 (line 2) is not ASCII")),
    "unknown coding": (b"# coding: martian\n", Rejected("the encoding 'martian' is not known; save the file as")),
    "coding that hides code": (b"# coding: unicode_escape\n", Rejected("the encoding 'unicode_escape' is not known")),
    "coding that is not of text": (b"# coding: base64\n", Rejected("the encoding 'base64' is not known")),
    "coding as a path": (b"# coding: ..os\n", Rejected("the encoding '..os' is not known")),
    "UTF-32": ("x = 1".encode("utf-32"), Rejected("the file is UTF-32; save it as UTF-8")),
    "half a character": (b"\xff\xfex\x00=", Rejected("is not UTF-16")),
    "NUL": (b"x = 1\ny\0 = 2", Rejected("character 7 (line 2) is NUL")),
    "a program": (b"\x7fELF\x02\x01\x01\0", Rejected("is NUL")),
    "overlong": (b"x = '\xc0\xaf'", Rejected("byte 5 (line 1) is not UTF-8")),
}


def check_text(name, root):
    data, wanted = TEXTS[name]
    expect(outcome(Rejected, lambda: read_document(data, "gamma", ".py").source.cells[0].text), wanted)
