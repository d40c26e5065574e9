"""Bounded runs of the fuzz test; ``python -m tests.symbolic.fuzz --pairs 100000`` is the long one."""

from __future__ import annotations

import random

import pytest

from .fuzz import ORDER, PRIME, ROOT, run, same


@pytest.mark.parametrize("pairs", [100, pytest.param(2000, marks=pytest.mark.integration)])
def test_pairs_agree_with_exact_evaluation(pairs: int) -> None:
    counts, wrong = run(pairs, seed=20240)
    assert wrong == []
    # both kinds of pairs must be there, or the test says nothing
    for kind in ("equal", "different"):
        assert sum(n for name, n in counts.items() if name.startswith(kind)) > pairs / 4


def test_the_oracle_tells_right_from_wrong() -> None:
    rng = random.Random(0)
    p, q = ("idx", "p", ("j",)), ("idx", "y", ("j",))
    total = ("sum", "a", "K", ("idx", "p", ("a",)))
    assert same(("mul", p, total), p, rng)
    assert not same(p, q, rng)
    assert same(("exp", ("add", p, q)), ("mul", ("exp", p), ("exp", q)), rng)
    assert pow(ROOT, ORDER, PRIME) == 1
