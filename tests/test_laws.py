"""Laws and criteria of the exercises: NaN keeps none, every right answer passes, and no scale loosens one."""

import inspect
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.checks import Broken, Property
from autograder.checks.kinds import Compared
from autograder.checks.numeric import balances
from autograder.course.exercises import exercise_names
from autograder.judging.drawn import generator
from autograder.judging.trusted import Raised, evaluate
from autograder.model import Call, Observation
from tests.conftest import ROOT, course_exercise


def spoilt(value):
    """A value of the same form in which every float is NaN."""
    if isinstance(value, np.ndarray):
        return np.full_like(value, np.nan) if value.dtype.kind in "fc" else value
    if isinstance(value, tuple | list):
        return type(value)(spoilt(item) for item in value)
    return type(value)("nan") if isinstance(value, float | complex) else value


def has_numbers(value):
    if isinstance(value, tuple | list):
        return any(has_numbers(item) for item in value)
    return np.asarray(value).dtype.kind in "fc"


@pytest.mark.parametrize("name", exercise_names(ROOT))
def test_the_reference_keeps_every_law_and_nan_keeps_none(name):
    folder = course_exercise(name)
    for part in folder.exercise.parts:
        secret = folder.secrets.get(part.name)
        laws = [] if secret is None else [c for c in (*part.checks, *secret.checks) if isinstance(c, Property)]
        for check in laws:
            calls = check.calls(generator(part.number, None))
            values = [evaluate(secret.reference, one, folder.exercise.probes) for one in calls]
            expected = values if check.needs_reference else [None] * len(values)
            kept = check.judge(calls, [Observation("value", value) for value in values], expected)
            assert kept.ok, (part.name, check.name, kept.failure.message)
            if has_numbers(values):
                seen = [Observation("value", spoilt(value)) for value in values]
                assert not check.judge(calls, seen, expected).ok, (part.name, check.name)


@pytest.mark.parametrize("name", exercise_names(ROOT))
def test_a_list_instead_of_an_array_fails_in_public_too_where_no_exact_case_shows_it(name):
    folder = course_exercise(name)
    for part in folder.exercise.parts:
        secret = folder.secrets.get(part.name)
        if secret is None or any(isinstance(c, Compared) for c in part.checks):
            continue
        if any(isinstance(c, Compared) and c.role == "drawn" for c in secret.checks):
            calls = {c: c.calls(generator(part.number, None)) for c in part.checks if isinstance(c, Property)}
            listed = {
                c: [evaluate(secret.reference, one, folder.exercise.probes).tolist() for one in calls[c]] for c in calls
            }
            assert not all(c.judge(calls[c], [Observation("value", v) for v in listed[c]], listed[c]).ok for c in calls)


SIDES = {"negative": (-0.75, None), "0": (0.0, 1e-3), "1": (1.0, 0.999), "above 1": (1.75, None)}
"""A number on each side of the ranges that floats have here, and at a bound the number that must then be allowed."""

UNPROMISED = {("ridge_bias_variance", "sigma2"), ("estimator_mc", "delta"), ("gd_r2_curves", "lr")}
"""What a reference refuses although the statement leaves it open: it is not asked for."""


def side(number):
    return "negative" if number < 0 else "above 1" if number > 1 else f"{number:g}"


@pytest.mark.parametrize("name", exercise_names(ROOT))
def test_a_float_that_is_refused_is_tried_on_every_side_of_its_range(name):
    """Or ``if x == 0`` passes for "not positive", and ``if p in (0, 1)`` for "not strictly between 0 and 1"."""
    folder = course_exercise(name)

    def refused(reference, call, i, number):
        changed = replace(call, args=(*call.args[:i], number, *call.args[i + 1 :]))
        return isinstance(evaluate(reference, changed, folder.exercise.probes), Raised)

    for part in folder.exercise.parts:
        if part.kind != "function":
            continue
        reference = folder.secrets[part.name].reference
        names = list(inspect.signature(reference).parameters)
        tried = [args for check in part.checks if check.role == "refusal" for args in check.inputs]
        public = [check.calls(generator(part.number, None))[:3] for check in part.checks if check.role != "refusal"]
        floats = [(c, i) for c in itertools.chain(*public) for i, value in enumerate(c.args) if type(value) is float]
        for call, i in floats:
            if (part.name, names[i]) in UNPROMISED:
                continue
            wanted = {
                where
                for where, (number, inside) in SIDES.items()
                if refused(reference, call, i, number) and (inside is None or not refused(reference, call, i, inside))
            }
            seen = {side(number) for args in tried if i < len(args) for number in np.ravel(args[i])}
            assert wanted <= seen, (part.name, names[i])


# --- a root up to its own rounding -----------------------------------------------------------------------------


def forces(y, delta):
    return lambda m: np.clip(y - m[..., None], -delta, delta)


def exact_root(y, delta):
    """Two neighbouring numbers between which the forces change their sign."""
    low, high = y.min(), y.max()
    while low < (middle := low + (high - low) / 2) < high:
        low, high = (middle, high) if np.clip(y - middle, -delta, delta).sum() > 0 else (low, middle)
    return low, high


@settings(max_examples=200)
@given(st.integers(0, 10**6), st.floats(-9, 9), st.floats(0, 15), st.floats(-14, 6))
def test_every_root_balances_whatever_the_outlier_and_the_scale(seed, scale, outlier, width):
    g = np.random.default_rng(seed)
    y = 10**scale * (g.normal(size=int(g.integers(2, 30))) + g.normal())
    y[0] *= 10**outlier
    delta = 10 ** (scale + width)
    low, high = exact_root(y, delta)
    assert balances(forces(y, delta), np.array([low, high])).all()


@pytest.mark.parametrize("power", [-300, 0, 300])
@pytest.mark.parametrize("outlier", [1e3, 1e12, 1e200])
def test_an_outlier_makes_no_wrong_root_right(outlier, power):
    y = 2.0**power * np.array([0.1, -0.4, 0.8, 0.3, -0.2, 0.6, min(outlier, 1e200)])
    low, high = exact_root(y, 2.0**power)
    near = (high - low) + 1e-6 * 2.0**power
    claimed = np.array([low - near, low, high + near, 0.0, np.nan, np.inf])
    assert balances(forces(y, 2.0**power), claimed).tolist() == [False, True, False, False, False, False]


def test_tiny_forces_single_out_the_median():
    y = np.array([1.0, 2.0, 4.0])
    assert balances(forces(y, 1e-30), np.array([1.0, 2.0, 2.000001, 4.0, 0.0])).tolist() == [
        False, True, False, False, False,
    ]  # fmt: skip


def test_in_a_flat_region_every_minimiser_is_right():
    y = np.array([0.0, 10.0])
    inside = np.array([1.0, 3.7, 9.0])
    assert balances(forces(y, 1.0), inside).all()
    assert not balances(forces(y, 1.0), np.array([0.999, 9.001])).any()


# --- criteria of the exercises -------------------------------------------------------------------------------------


def criterion(folder, part, check):
    folder = course_exercise(folder)
    named = (*folder.exercise.part(part).checks, *folder.secrets[part].checks)
    return next(one.also_right for one in named if one.name == check)


@pytest.mark.parametrize("power", [-200, 0, 200])
def test_every_linear_autoencoder_of_smallest_loss_is_right(power):
    accept = criterion("linear_autoencoder", "train_linear_ae", "rand")
    g = np.random.default_rng(3)
    X = 2.0**power * (g.normal(size=(40, 4)) * [4.0, 2.0, 1.0, 0.5])
    X -= X.mean(axis=0)
    V = np.linalg.svd(X, full_matrices=False)[2][:2].T
    G = g.normal(size=(2, 2)) + 2 * np.eye(2)
    right = V, V.T
    for got in (right, (V @ G, np.linalg.solve(G, V.T)), (-V, -V.T), (1e6 * V, 1e-6 * V.T)):
        assert accept((X, 2), got, right) is None
    for got in ((V, 0.9 * V.T), (V[::-1], V[::-1].T), (0 * V, V.T)):
        assert accept((X, 2), got, right) is not None


@pytest.mark.parametrize("power", [-40, 0, 40])
def test_every_median_is_right_and_nothing_outside(power):
    accept = criterion("conditional_mean", "best_constant", "rand")
    y = 2.0**power * np.array([1.0, 7.0, 2.0, 4.0])
    for middle in (2.0, 2.5, 3.0, 4.0):
        assert accept((y, "mae"), 2.0**power * middle, 3 * 2.0**power) is None
    for outside in (1.999, 4.001, np.nan):
        assert accept((y, "mae"), 2.0**power * outside, 3 * 2.0**power) is not None


@pytest.mark.parametrize(
    ("seen", "wanted", "figures"),
    [
        (0.5, 0.75, "0.5, expected 0.75"),
        ([1.0, 2.0, 3.0], [1.0, 2.5, 3.1], "entry 1: 2.0, expected 2.5"),
        (np.eye(2), 0.0, "entry 0, 0: 1.0, expected 0.0"),
        ([1.0, np.nan], [1.5, 2.0], "entry 1: np.nan, expected 2.0"),
        (1.69, 1.690000057, "1.69, expected 1.690000057"),
        (1.0, 1.0 + 1e-14, ""),
        (np.zeros((2, 3)), np.zeros((3, 2)), "shape (2, 3), expected shape (3, 2)"),
        (np.zeros(2), np.zeros((2, 3)), ""),
        ("a", "b", ""),
        ([], [], ""),
        (None, None, ""),
    ],
    ids=str,
)
def test_a_broken_law_shows_the_figures_that_are_farthest_apart(seen, wanted, figures):
    assert Broken("changes", seen=seen, wanted=wanted).figures() == figures


def test_a_law_over_several_calls_says_what_was_compared_and_how_many_they_were():
    def law(args, got, want):
        return Broken("changes", seen=got[1], wanted=got[0])

    same = Property(name="same", title="same", inputs=lambda rng: [(1.0,), (2.0,)], law=law)
    calls = tuple(Call("f", args) for args in ((1.0,), (2.0,)))
    verdict = same.judge(calls, [Observation("value", 1.0), Observation("value", 2.0)], ())
    assert verdict.failure.message == "changes (2.0, expected 1.0; seen over 2 calls; this is the first)"
