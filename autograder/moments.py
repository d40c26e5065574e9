"""Moments in text: ISO 8601 with a zone, as course files and stores have them, and every form that nbgrader writes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EXAMPLE = "2026-10-23T23:59:00+02:00"

_CLOCK = (
    r"(?s)(?P<year>\d{4})[-/.]?(?P<month>\d{2})[-/.]?(?P<day>\d{2})[T _-]*"
    r"(?P<hour>\d{2})[:.-]?(?P<minute>\d{2})(?:[:.-]?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<zone>.*)"
)
_OFFSET = r"(?:UTC|GMT)?\s*(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?::?\d{2})?"
_WORLD = frozenset({"UTC", "GMT", "Z", "UCT", "ZULU", "COORDINATED UNIVERSAL TIME"})


def iso(text: object) -> datetime | None:
    """Return the moment that a text names in ISO 8601 with its zone, or None."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def as_iso(moment: datetime | None) -> str | None:
    """Return a moment in ISO 8601, as a store keeps it; None where there is none."""
    return None if moment is None else moment.isoformat()


def read_moment(text: str, near: datetime | None = None, default: tzinfo | None = None) -> datetime | None:
    """Return the moment that a text names, whatever form its zone has; None where it cannot be told.

    Zones are offsets (``+0200``, ``UTC+2``), ``UTC`` and its other names, places (``Europe/Berlin``) and abbreviations
    (``CEST``).  An abbreviation that means several offsets at that time, such as ``IST``, is read as in the places that
    had the offset of ``near`` at the time of ``near``, and not at all if that leaves several.

    Parameters
    ----------
    text : str
        Date, time and zone.
    near : datetime, optional
        A moment in the zone of the course: the due date.
    default : tzinfo, optional
        The zone of a text that names none.
    """
    found = re.fullmatch(_CLOCK, " ".join(text.split()))
    if found is None:
        return None
    fraction = (found["fraction"] or "").ljust(6, "0")[:6]
    day, hour = (found["year"], found["month"], found["day"]), (found["hour"], found["minute"], found["second"] or "00")
    try:
        midnight = hour == ("24", "00", "00")  # the end of the day, in ISO 8601 and on many a sheet
        clock = datetime.fromisoformat(f"{'-'.join(day)}T{'00:00:00' if midnight else ':'.join(hour)}.{fraction}")
        clock += timedelta(days=1 if midnight else 0)
        name = found["zone"].strip().strip("()")
        zone = _zone(name, clock, near) if name else default
        return None if zone is None or _is_ambiguous(clock, zone) else clock.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def _is_ambiguous(clock: datetime, zone: tzinfo) -> bool:
    """Whether a place's clocks showed that time twice or never, since they were put back or forward."""
    return clock.replace(tzinfo=zone).utcoffset() != clock.replace(tzinfo=zone, fold=1).utcoffset()


def _zone(name: str, clock: datetime, near: datetime | None) -> tzinfo | None:
    if name.upper() in _WORLD:
        return UTC
    if offset := re.fullmatch(_OFFSET, name.upper()):
        size = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(size if offset["sign"] == "+" else -size)
    if "/" in name:
        return next((zone for place, zone in _places() if place.casefold() == name.casefold()), None)
    return _abbreviated(name.upper(), clock, near)


def _abbreviated(name: str, clock: datetime, near: datetime | None) -> tzinfo | None:
    """Return the one offset that an abbreviation means at that time, or None."""
    meant: dict[timedelta, bool] = {}  # offset: whether some place of it agrees with the course
    for _, zone in _places():
        for local in (clock.replace(tzinfo=zone), clock.replace(tzinfo=zone, fold=1)):
            offset = local.utcoffset()
            if local.tzname() == name and offset is not None:
                agrees = near is not None and near.astimezone(zone).utcoffset() == near.utcoffset()
                meant[offset] = meant.get(offset, False) or agrees
    if len(meant) > 1:
        meant = {offset: agrees for offset, agrees in meant.items() if agrees}
    return timezone(next(iter(meant))) if len(meant) == 1 else None


@lru_cache(maxsize=1)
def _places() -> tuple[tuple[str, ZoneInfo], ...]:
    """Return all places whose time this machine knows, without the names that are only an offset."""
    from zoneinfo import ZoneInfo, available_timezones  # a student's check asks for no place

    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return tuple((name, ZoneInfo(name)) for name in names)
