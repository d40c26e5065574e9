"""Every attack, in the order of the report."""

from __future__ import annotations

from tests.attacks import forging, loading, odd, reading, returning, running

ATTACKS = (
    *reading.ATTACKS,
    *forging.ATTACKS,
    *returning.ATTACKS,
    *running.ATTACKS,
    *loading.ATTACKS,
    *odd.ATTACKS,
)
"""Odd but right submissions stand at the end: they are no attacks, and get full marks."""
