"""Every attack, in the order of the report."""

from __future__ import annotations

from tests.attacks import forging, loading, odd, reading, returning, roundabout, running, spying

ATTACKS = (
    *reading.ATTACKS,
    *forging.ATTACKS,
    *returning.ATTACKS,
    *running.ATTACKS,
    *loading.ATTACKS,
    *spying.ATTACKS,
    *roundabout.ATTACKS,
    *odd.ATTACKS,
)
"""Odd but right submissions come last: they are not attacks, and get full marks."""
