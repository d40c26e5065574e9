"""Every attack in the configurations of the report; ``python -m tests.attacks`` tries all attacks in all of them."""

import platform
import sys
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest

from autograder.grading.grader import Grader, Settings
from autograder.judging import dispatch
from autograder.sandbox.client import Sandbox
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Segment
from tests.attacks import guard, spying
from tests.attacks.__main__ import ODD, good
from tests.attacks.all import ATTACKS
from tests.attacks.corpus import FULL, HONEST
from tests.attacks.driver import Recorder, Trial
from tests.attacks.tiers import Tier

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is for Linux"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the raw system calls are numbered for x86-64"),
]

MEMORY = 1 << 30
"""What a grader may have resident: twice what one child may send."""

CORE_STEP = 8
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
    assert failures(told) == []
    assert max(told["memory"]) < MEMORY


def spied(attacks):
    with guard.stage() as made, Recorder(True) as recorder, Grader(Settings(made.course), executor=recorder) as grader:
        trial = Trial(made, recorder, grader)
        assert trial.warm() == FULL
        return [trial.make(attack) for attack in attacks]


def test_spies_learn_hidden_inputs_only_where_these_are_within_reach(monkeypatch):
    """The same spies with the hidden calls in the child from its start: the figure of the report can be above 0."""
    spies = [spy for spy in spying.SPIES if "what is within reach" in spy.name or "next part" in spy.name]
    assert [result.learned for result in spied(spies)] == [0] * len(spies)
    whole = partial(Segment, hidden=False)
    monkeypatch.setattr(
        dispatch, "Segment", lambda part, limits, alone, calls, *more: whole(part, limits, alone, calls)
    )
    assert all(result.learned > 0 for result in spied(spies))


@pytest.mark.integration
@pytest.mark.parametrize("tier", WHOLE, ids=lambda tier: tier.name)
def test_every_attack(tier):
    told = tried(tier)
    assert len(told["results"]) == len(ATTACKS)
    assert failures(told) == []
    assert max(told["memory"]) < MEMORY
    # each child was ended at its limit by the clock: a busy machine is late by seconds, who forgets it by minutes
    assert max(result["late"] for result in told["results"]) < 30.0


class Slowed:
    """A sandbox whose clock runs away during its first children, as on a machine that does much else."""

    def __init__(self, box, children):
        self.box, self.children, self.ran = box, children, 0

    def execute(self, job, batch, limits, handover=None, patience=None):
        self.ran += 1
        result = self.box.execute(job, batch, limits, handover, patience)
        return replace(result, clock_seconds=1e6) if self.ran <= self.children else result


@pytest.mark.parametrize(("children", "points"), [(0, FULL), (1, FULL), (2, None)])
def test_a_submission_that_the_clock_stopped_is_tried_once_more(children, points):
    with guard.stage() as made, Sandbox() as box:
        slowed = Slowed(box, children)
        with Grader(Settings(made.course), executor=slowed) as grader:
            slow = HONEST.replace("def iterate", "import os\ndef iterate").replace("return start", "os._exit(0)", 1)
            source = Source("target.py", (Cell("a", HONEST if children < 2 else slow),))
            report = grader.report("target", source, 0)
    assert slowed.ran == max(1, 2 * (children > 0))
    if points is not None:
        assert report.score == points
    else:
        assert any("not run: the submission had used its" in (part.message or "") for part in report.parts)
