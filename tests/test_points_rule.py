import itertools

import pytest

from autograder.checks import Example, MatchesReference, Property
from autograder.judging.points_rule import Judged, fraction
from autograder.model import Failure, Verdict


def example(name="cases", **more):
    return Example(name=name, cases=(((1.0,), 1.0),), **more)


def drawn(name="draws"):
    return MatchesReference(name=name, draw=lambda g: (1.0,))


def other(name):
    return Property(name=name, title="a law", inputs=lambda rng: [], law=lambda args, got, want: None)


def verdict(passed, total=4):
    return Verdict(None if passed == total else Failure("differs"), passed, total)


@pytest.mark.parametrize(("exact", "half"), list(itertools.product((True, False), (0, 1, 2, 3, 4))))
def test_the_rule_asks_for_the_role_of_a_check_whatever_it_is_called(exact, half):
    judged = [Judged(example(), verdict(1 if exact else 0, 1)), Judged(drawn(), verdict(half))]
    right = exact and half == 4
    assert fraction(judged) == (1.0 if right else 0.25 if exact and half >= 2 else 0.0)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_other_checks_share_one_half(count):
    judged = [Judged(example(), verdict(1, 1)), Judged(drawn(), verdict(4))]
    judged += [Judged(other(str(i)), verdict(4 if i < count else 0)) for i in range(3)]
    assert fraction(judged) == pytest.approx(0.5 + count / 6)


def test_a_value_check_without_a_role_earns_no_quarter():
    failing = Judged(example(role="other"), verdict(0, 1))
    judged = [Judged(example(), verdict(1, 1)), Judged(drawn(), verdict(2)), failing]
    assert fraction(judged) == 0.25
    assert fraction([Judged(example(role="other"), verdict(1, 1)), Judged(drawn(), verdict(2))]) == 0.0


def test_nothing_is_earned_without_a_value_check():
    assert fraction([Judged(other("law"), verdict(4))]) == 0.0
