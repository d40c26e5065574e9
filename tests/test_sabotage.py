"""The promises of a statement: in which words they are made, and a right answer that breaks one and nothing else."""

import random

import numpy as np
import pytest

from autograder.authoring.verify.sabotage import PROMISES


def seen(function, *args):
    """What a child would see of a call: the value, changed arguments, shared memory, random state, overflow."""
    before = [np.copy(a) for a in args if isinstance(a, np.ndarray)]
    np.random.seed(0)  # the state that the promise is about
    random.seed(0)
    over = []
    with np.errstate(over="call", call=lambda *_: over.append(1)):
        try:
            value = function(*args)
        except ValueError:
            return "raised"
    arrays = [a for a in args if isinstance(a, np.ndarray)]
    return {
        "value": np.array(value).tolist(),
        "changed": any(not np.array_equal(a, b) for a, b in zip(arrays, before, strict=True)),
        "shared": any(np.shares_memory(value, a) for a in arrays) if isinstance(value, np.ndarray) else False,
        "moved": np.random.random() != np.random.RandomState(0).random_sample(),
        "overflowed": bool(over),
    }


def refusing(x):
    if np.size(x) == 0:
        raise ValueError("empty")
    return float(np.sum(x))


COUNTED = []


def counted(x):
    COUNTED.append(1)
    return x


# the words that make it, what it is about, what differs, a right answer and the arguments of a call that shows it
CASES = [
    ("The argument stays unchanged.", "changed", refusing, (np.ones(2),)),
    ("Arguments are not modified.", "changed", refusing, (np.ones(2),)),
    ("Raises `ValueError` if there is none.", "raised", refusing, (np.zeros(0),)),
    ("Raise ValueError for bad input.", "raised", refusing, (np.zeros(0),)),
    ("At 0 it is exactly zero.", "value", lambda x: np.maximum(x, 0.0), (np.array([-1.0, 2.0]),)),
    ("The diagonal holds exact zeros.", "value", lambda x: float(np.min(x)), (np.array([0.0, 2.0]),)),
    ("`f` is called exactly once.", "calls", lambda f, x: f(x), (counted, 2.0)),
    ("It calls f exactly n times.", "calls", lambda f, x: f(x), (counted, 2.0)),
    ("Returns a fresh array.", "shared", np.abs, (np.ones(2),)),
    ("The result shares no memory with x.", "shared", np.abs, (np.ones(2),)),
    ("The global random state stays where it is.", "moved", refusing, (np.ones(2),)),
    ("Entries may overflow when squared.", "overflowed", refusing, (np.ones(2),)),
    ("No operation on the way may overflow.", "overflowed", refusing, (np.ones(2),)),
    ("It overflows nowhere.", "overflowed", refusing, (np.ones(2),)),
]


@pytest.mark.parametrize(("words", "about", "right", "args"), CASES, ids=[case[0] for case in CASES])
def test_a_promise_is_found_in_its_words_and_its_breach_breaks_it_alone(words, about, right, args):
    (promise,) = [one for one in PROMISES if one.words.search(words)]
    if about == "calls":
        for function, times in ((right, 1), (promise.breaking(right), 2)):
            COUNTED.clear()
            function(*args)
            assert len(COUNTED) == times
        return
    kept = seen(right, *args)
    broken = seen(promise.breaking(right), *[np.copy(a) if isinstance(a, np.ndarray) else a for a in args])
    if about == "raised":
        assert kept == "raised" != broken
        return
    assert {key for key in kept if kept[key] != broken[key]} == {about}


@pytest.mark.parametrize(
    "words",
    ["Changes of the unit change nothing.", "Returns exactly one number.", "It is called the Huber loss.",
     "A common offset must not matter.", "the random state of `rng`"],
)  # fmt: skip
def test_a_sentence_that_promises_nothing_is_not_taken_for_a_promise(words):
    assert [promise for promise in PROMISES if promise.words.search(words)] == []
