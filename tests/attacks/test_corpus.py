"""Every attack in the configurations of the report; ``python -m tests.attacks`` tries all attacks in all of them."""

import platform
import sys
from collections import Counter

import pytest

from tests.attacks.__main__ import ODD, good
from tests.attacks.all import ATTACKS
from tests.attacks.tiers import Tier

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is for Linux"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the raw system calls are numbered for x86-64"),
]

MEMORY = 1 << 30
"""What a grader may have resident: twice what one child may send."""

CORE_STEP = 4
WHOLE = (Tier(True, True, 2), Tier(False, False, 2))


def failures(told):
    return [result for result in told["results"] if not good([result])]


def tried(tier, **which):
    if tier.impossible:
        pytest.skip(tier.impossible)
    return tier.run(**which)


def test_the_corpus_is_what_it_claims():
    attacks = [attack for attack in ATTACKS if attack.kind != ODD]
    assert len(attacks) >= 150
    assert min(Counter(attack.kind for attack in attacks).values()) >= 3, "a class with hardly an attack"
    names = [(attack.kind, attack.name) for attack in ATTACKS]
    assert len(set(names)) == len(names)


def test_a_sample_of_the_attacks_as_this_user():
    told = tried(Tier(Tier(True, True, 1).impossible is None, True, 2), slow=False, step=CORE_STEP)
    assert not failures(told)
    assert max(told["memory"]) < MEMORY


@pytest.mark.integration
@pytest.mark.parametrize("tier", WHOLE, ids=lambda tier: tier.name)
def test_every_attack(tier):
    told = tried(tier)
    assert len(told["results"]) == len(ATTACKS)
    assert not failures(told)
    assert max(told["memory"]) < MEMORY
    # what the sandbox itself tells of its children: each ended within a second of its own limit by the clock
    assert max(result["late"] for result in told["results"]) < 1.0
