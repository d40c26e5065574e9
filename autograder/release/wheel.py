"""Make a wheel of this package from what is installed here, so that a handout brings the program that checks it.

Layout: "Binary distribution format" of the Python packaging specifications.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import datetime
from email.parser import Parser
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from autograder import __version__
from autograder.errors import CourseError
from autograder.release.zipped import packed
from autograder.text import DISTRIBUTION

_SHIPPED = (".py", ".txt", ".j2", ".css", ".js", ".md", ".typed")
_WHEEL = "Wheel-Version: 1.0\nGenerator: autograder release\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


_TAGS = "-py3-none-any.whl"


def wheel_name() -> str:
    """Return the name of the wheel's file."""
    return f"{DISTRIBUTION.replace('-', '_')}-{__version__}{_TAGS}"


def wheel(written: datetime) -> tuple[str, bytes]:
    """Return name and content of the wheel.

    Raises
    ------
    CourseError
        If the package is not installed, or was installed before it had what students need.
    """
    try:
        installed = distribution(DISTRIBUTION)
    except PackageNotFoundError:
        raise CourseError(f"{DISTRIBUTION} is not installed, so no wheel of it can be made: pip install -e .") from None
    described = installed.read_text("METADATA") or installed.read_text("PKG-INFO") or ""  # a wheel, or a checkout
    if "student" not in (Parser().parsestr(described).get_all("Provides-Extra") or []):
        raise CourseError(
            f"{DISTRIBUTION} was installed before it had the student extra; install it again: pip install -e ."
        )
    stem = wheel_name().removesuffix(_TAGS)
    info = f"{stem}.dist-info"
    package = Path(__file__).parents[1]
    shipped = (p for p in sorted(package.rglob("*")) if p.suffix in _SHIPPED and "__pycache__" not in p.parts)
    files = {f"autograder/{p.relative_to(package).as_posix()}": p.read_bytes() for p in shipped}
    files |= {
        f"{info}/METADATA": described.encode(),
        f"{info}/WHEEL": _WHEEL.encode(),
        f"{info}/entry_points.txt": (installed.read_text("entry_points.txt") or "").encode(),
    }
    rows = [f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in sorted(files.items())]
    files[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"]).encode()
    return wheel_name(), packed("", files, written=written)


_PIP = (sys.executable, "-m", "pip", "wheel", "--quiet")


def wheels_of(name: str, content: bytes, packages: Iterable[str] = ()) -> dict[str, bytes]:
    """Return the wheels of what students install, for this system and Python, by name: the package and ``packages``.

    Raises
    ------
    CourseError
        With the last line of pip, if it cannot get one of them.
    """
    with tempfile.TemporaryDirectory() as aside:
        package, folder = Path(aside) / name, Path(aside) / "wheels"
        package.write_bytes(content)
        ran = subprocess.run(
            [*_PIP, "--wheel-dir", str(folder), f"{package}[student]", *packages],
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            said = ran.stderr.strip().splitlines() or ["no reason"]
            raise CourseError(f"pip cannot get the wheels of the student extra: {said[-1]}")
        return {p.name: p.read_bytes() for p in sorted(folder.glob("*.whl")) if p.name != name}


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
