"""A bounded run of the fuzz test; ``python -m tests.symbolic.fuzz --pairs 100000`` is the long one."""

from __future__ import annotations

import random

from .fuzz import ORDER, PRIME, ROOT, run, same


def test_two_thousand_pairs_agree_with_exact_evaluation() -> None:
    counts, wrong = run(2000, seed=20240)
    assert wrong == []
    # both kinds of pairs must be there, or the test says nothing
    assert sum(n for name, n in counts.items() if name.startswith("equal")) > 500
    assert sum(n for name, n in counts.items() if name.startswith("different")) > 500


def test_the_oracle_tells_right_from_wrong() -> None:
    rng = random.Random(0)
    p, q = ("idx", "p", ("j",)), ("idx", "y", ("j",))
    total = ("sum", "a", "K", ("idx", "p", ("a",)))
    assert same(("mul", p, total), p, rng)
    assert not same(p, q, rng)
    assert same(("exp", ("add", p, q)), ("mul", ("exp", p), ("exp", q)), rng)
    assert pow(ROOT, ORDER, PRIME) == 1
