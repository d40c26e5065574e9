"""Zips whose bytes depend on their content alone."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""The first moment that a zip can hold."""


def last_change(files: Iterable[Path]) -> datetime:
    """Return when the last of some files was changed, or the moment in ``SOURCE_DATE_EPOCH``.

    The same checkout so gives the same zip, with dates that mean something; several checkouts do with the variable, as
    https://reproducible-builds.org/docs/source-date-epoch/ has it.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(given) if given.isascii() and given.isdigit() else max((p.stat().st_mtime for p in files), default=0)
    return max(datetime.fromtimestamp(seconds, UTC), _EARLIEST)


def packed(
    top: str, files: Mapping[str, bytes], *, programs: Collection[str] = (), written: datetime = _EARLIEST
) -> bytes:
    """Return a zip of files below a folder (or at the top: ""), all of one date; some can be executed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{top}/{path}" if top else path, written.timetuple()[:6])
            mode = 0o755 if path in programs else 0o644
            entry.external_attr, entry.create_system = mode << 16, 3
            archive.writestr(entry, files[path], zipfile.ZIP_DEFLATED)
    return stream.getvalue()
