"""Archives."""

from __future__ import annotations

import io
import os
import struct
import zipfile

from autograder.intake.discovery import discover
from autograder.intake.loading import load
from tests.attacks.inputs.making import CODE, class_at, zipped
from tests.course_files import course_at


def _one(name, data=CODE, mode=0o100644, **more):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = more.pop("method", zipfile.ZIP_DEFLATED)
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(info, data)
    return raw.getvalue()


def _encrypted():
    raw = bytearray(_one("gamma.py"))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def _corrupt():
    raw = bytearray(_one("gamma.py", method=zipfile.ZIP_STORED))
    raw[raw.index(b"def f")] ^= 0xFF
    return bytes(raw)


def _lying():
    """A member whose headers claim one byte."""
    raw = bytearray(_one("gamma.py", "x = 1\n" * 10_000))
    raw[22:26] = struct.pack("<I", 1)
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = struct.pack("<I", 1)
    return bytes(raw)


def _nameless():
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("x", "")
        archive.writestr("gamma.py", CODE)
        archive.infolist()[0].filename = ""
    return raw.getvalue()


def _many_bombs():
    return zipped({f"{k}.bin": bytes(30_000_000) for k in range(7)})


def _many_members():
    return zipped({f"f{k}": "" for k in range(2001)})


def _too_big():
    return _one("gamma.py", os.urandom(2_100_000))


# name -> (archive, or what makes it when it is needed, status of gamma, words of the message)
ARCHIVES = {
    "plain": (_one("gamma.py"), "found", None),
    "wrapped": (_one("my homework/gamma.py"), "found", None),
    "backslashes": (_one("hw2\\gamma.py"), "found", None),
    "with litter": (zipped({"gamma.py": CODE, "__MACOSX/._gamma.py": "x", "._gamma.py": "x"}), "found", None),
    "climbs": (_one("../gamma.py"), "rejected", "leads out of the archive"),
    "climbs on Windows": (_one("..\\gamma.py"), "rejected", "leads out of the archive"),
    "absolute": (_one("/gamma.py"), "rejected", "leads out of the archive"),
    "too deep": (_one("a/" * 20 + "gamma.py"), "rejected", "holds no file that can be read"),
    "link": (_one("gamma.py", "/etc/passwd", mode=0o120777), "rejected", "is a symbolic link"),
    "folder": (_one("gamma.py/"), "rejected", "is a folder"),
    "encrypted": (_encrypted(), "rejected", "is encrypted in the archive"),
    "corrupt": (_corrupt(), "rejected", "is damaged in the archive"),
    "lies about its size": (_lying(), "rejected", "is damaged in the archive"),
    "bomb": (_one("gamma.py", b"#" * 1_900_000), "rejected", "more than 200 times its size"),
    "too big": (_too_big, "rejected", "has 2100000 bytes; at most 2000000"),
    "many bombs": (_many_bombs, "rejected", "unpacks to 210000000 bytes"),
    "many members": (_many_members, "rejected", "more than 2000 members"),
    "a member without a name": (_nameless(), "found", None),
    "an archive in an archive": (
        _one("inner.zip", _one("gamma.py")),
        "rejected",
        "a zip inside of a zip is not opened",
    ),
    "lzma": (_one("gamma.py", method=zipfile.ZIP_LZMA), "rejected", "is packed in a way that is not read (method 14)"),
    "empty archive": (zipped({}), "rejected", "holds no file"),
    "empty file": (b"", "rejected", "is not a readable zip archive"),
    "no archive": (b"Rar!\x1a\x07", "rejected", "is not a readable zip archive"),
    "cut short": (_one("gamma.py")[:-30], "rejected", "is not a readable zip archive"),
    "a program in front": (b"MZ" * 100 + _one("gamma.py"), "found", None),
}


def check_archive(name, root):
    data, status, words = ARCHIVES[name]
    course = course_at(root / "course")
    path = class_at(root / "s", {"ann.zip": data() if callable(data) else data, "bob/hw2/gamma.py": CODE})
    ann, bob = discover(path, course, assignment="hw2")
    read = load(ann)
    assert (ann.student, bob.student) == ("ann", "bob")
    assert ("found" if read.document else "rejected" if ann.status == "found" else ann.status) == status
    assert read.message is words is None or words in read.message
    assert load(bob).document is not None
    assert sorted(item.name for item in root.iterdir()) == ["course", "s"]
