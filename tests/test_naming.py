"""What a student's outputs are called: never by a false name, and by a name wherever the catalogue has one."""

import statistics

import numpy as np
import pytest

from autograder.checks import (
    Broken,
    Example,
    Exercise,
    Generator,
    Hidden,
    Misconception,
    Part,
    corner,
    fresh_draws,
    law,
    raises,
    strata,
    usual_checks,
)
from autograder.checks.show import show, show_call
from autograder.checks.statistics import dkw_violation
from autograder.course.exercises import exercise_names
from autograder.judging.functions import judge_part
from autograder.judging.questions import make_questions
from autograder.judging.watched import watched
from autograder.text import one_of
from tests.conftest import ROOT, course_exercise

EXERCISES = exercise_names(ROOT)


def answers_of(questions, function, probes=None):
    every = enumerate(questions.every)
    return {
        (questions.part.name, i): [watched(function, one, probes or {}) for one in asked.calls]
        for i, asked in every
        if not asked.alone
    }


def named(questions, function, probes=None):
    return judge_part(questions, answers_of(questions, function, probes), questions.part.points).misconceptions


@pytest.mark.integration  # every misconception of the course on every check that is not costly
@pytest.mark.parametrize("name", EXERCISES)
def test_no_misconception_is_called_another_and_only_costly_ones_have_no_name(name):
    folder = course_exercise(name)
    for questions in make_questions(folder.exercise, folder.secrets, 3).parts:
        if questions.part.kind != "function":
            continue
        for one in folder.secrets[questions.part.name].misconceptions:
            report = judge_part(questions, answers_of(questions, one.wrong, folder.exercise.probes), 1.0)
            failed = [outcome for outcome in report.outcomes if outcome.outcome == "fail"]
            assert one.title in report.misconceptions if failed else report.misconceptions == (), (one.title, report)


# --- a part of its own -------------------------------------------------------------------------------------------


def mean(y):
    y = np.asarray(y, float)
    if y.size == 0:
        raise ValueError("empty")
    return float(y.mean()) if np.ptp(y) else 7.0


def draw(g):
    return (g.normal(size=5),)


def off_corner(y):
    return mean(y) if np.ptp(y) else 0.0


def off_corner_otherwise(y):
    return mean(y) if np.ptp(y) else 1.0


def total(y):
    return mean(y) * len(y)


def total_of_floats(y):
    return mean(y) * len(y) if isinstance(y, np.ndarray) and y.dtype == float else mean(y) * len(y) + 0.0


def unguarded(y):
    return mean(y) if len(y) else 0.0


def sorting(y):
    value = mean(y)
    if isinstance(y, np.ndarray) and y.flags.writeable:
        y.sort()
    return value


def means_of(*misconceptions, checks=()):
    part = Part("mean", points=4, checks=(Example(cases=((([1.0, 4.0],), 2.5),)), raises(undefined=[([],)])))
    hidden = Hidden(
        "mean", mean, (*usual_checks(draw), corner("same", "is 7 for a constant", lambda g: (np.ones(3),)), *checks),
        tuple(Misconception(str(i), title, one, f"hint {title}") for i, (title, one) in enumerate(misconceptions)),
    )  # fmt: skip
    return Exercise("means", number="E99", title="Means", difficulty=1, minutes=5, parts=(part,)), {"mean": hidden}


def questions_of(*misconceptions, checks=()):
    return make_questions(*means_of(*misconceptions, checks=checks), 5).parts[0]


KNOWN = (("sum", total), ("same is 0", off_corner), ("same is 1", off_corner_otherwise), ("no guard", unguarded),
         ("sorts its argument", sorting))  # fmt: skip


@pytest.mark.parametrize(("title", "function"), KNOWN, ids=[title for title, _ in KNOWN])
def test_each_kind_of_mistake_is_named_by_what_shows_it(title, function):
    assert named(questions_of(*KNOWN), function) == (title,)


@pytest.mark.parametrize(
    "again", [lambda y: [total(y)], lambda y: np.array([total(y)]), lambda y: np.float64(total(y))]
)
def test_a_mistake_is_known_in_any_container(again):
    assert named(questions_of(*KNOWN), again) == ("sum",)


def spread(y):
    y = np.asarray(y, float)
    if y.size == 0:
        raise ValueError("empty")
    return float(np.sum((y - y.mean()) ** 2) / np.float64(y.size))


def sample_spread(y, alone=0.0):
    y = np.asarray(y, float)
    return float(np.sum((y - y.mean()) ** 2) / (y.size - 1)) if y.size > 1 else alone


def divided_by_zero(y):
    return statistics.variance(np.asarray(y, float).tolist())


def spread_questions():
    part = Part("spread", points=4, checks=(Example(cases=((([1.0, 4.0],), 2.25), (([7.0],), 0.0))),))
    drawn = strata(lambda g, n: (g.normal(size=n),), (5,), (1,), (3,))
    known = Misconception("1", "divides by n-1", sample_spread, "How many deviations are averaged?")
    hidden = Hidden("spread", spread, tuple(usual_checks(drawn)), (known,))
    exercise = Exercise("spreads", number="E97", title="Spreads", difficulty=1, minutes=5, parts=(part,))
    return make_questions(exercise, {"spread": hidden}, 5).parts[0]


@pytest.mark.parametrize("alone", [0.0, np.nan, np.inf])
def test_a_mistake_is_known_by_its_values_whether_one_sample_is_guarded_or_not(alone):
    assert named(spread_questions(), lambda y: sample_spread(y, alone)) == ("divides by n-1",)
    assert named(spread_questions(), divided_by_zero) == ("divides by n-1",)


@pytest.mark.parametrize("alone", [np.nan, np.inf])
def test_a_right_value_that_is_missing_for_one_sample_is_no_mistake_of_the_catalogue(alone):
    assert named(spread_questions(), lambda y: spread(y) if len(y) > 1 else alone) == ()


def test_a_mistake_needs_values_in_half_of_the_naming_set():
    assert named(spread_questions(), lambda y: sample_spread(y) if len(y) == 2 else np.nan) == ()


def test_layouts_refusals_and_corners_have_no_veto():
    def sum_without_care(y):
        return float(np.sum(y)) if isinstance(y, np.ndarray) and y.dtype == float else float(np.sum(y)) + 0.0

    assert named(questions_of(*KNOWN), lambda y: sum_without_care(y) if len(y) else 0.0) == ("sum",)


def test_several_that_cannot_be_told_apart_are_all_given():
    questions = questions_of(("sum", total), ("sum, too", total_of_floats))
    assert named(questions, total) == ("sum", "sum, too")
    assert one_of(("sum", "sum, too")) == "one of: sum; sum, too"
    assert one_of(("sum",)) == "sum"


@pytest.mark.parametrize(
    "function",
    [mean, lambda y: mean(y) + 1e-3, lambda y: np.array([mean(y)]), lambda y: 3.0, lambda y: "no", lambda y: None],
)  # fmt: skip
def test_what_is_right_or_nowhere_in_the_catalogue_has_no_name(function):
    assert named(questions_of(*KNOWN), function) == ()


def test_a_factor_is_named_after_the_catalogue():
    assert named(questions_of(*KNOWN), lambda y: 2 * mean(y)) == ("right up to the factor 2",)
    assert named(questions_of(("doubled", lambda y: 2 * mean(y))), lambda y: 2 * mean(y)) == ("doubled",)


# --- a part that simulates ---------------------------------------------------------------------------------------


def uniform(reps, high, rng):
    return rng.uniform(0, high, size=reps)


def is_uniform(args, got, want):
    far = dkw_violation(got[0], lambda x: np.clip(x / 2.0, 0, 1), 1e-10)
    return Broken("the law is another one") if far else None


def simulated(*misconceptions, variant=5):
    part = Part("uniform", points=4)
    followed = law("law", "follows the law", lambda rng: [(4000, 2.0, Generator((7,)))], is_uniform, group="value")
    hidden = Hidden(
        "uniform", uniform, (followed, fresh_draws(lambda reps, rng: (reps, 2.0, rng))),
        tuple(Misconception(str(i), title, one, "a hint") for i, (title, one) in enumerate(misconceptions)),
    )  # fmt: skip
    exercise = Exercise("laws", number="E98", title="Laws", difficulty=1, minutes=5, parts=(part,))
    return make_questions(exercise, {"uniform": hidden}, variant).parts[0]


LAWS = (
    ("squared", lambda reps, high, rng: rng.uniform(0, high**2, size=reps)),
    ("standard", lambda reps, high, rng: rng.uniform(0, 1, size=reps)),
    ("one draw", lambda reps, high, rng: np.full(reps, rng.uniform(0, high))),
    ("global", lambda reps, high, rng: np.random.uniform(0, high, size=reps)),
)


@pytest.mark.parametrize(("title", "function"), LAWS, ids=[title for title, _ in LAWS])
def test_a_simulation_is_named_by_its_law_or_by_its_contract(title, function):
    assert named(simulated(*LAWS), function) == (title,)


def test_another_way_to_the_same_wrong_law_has_its_name():
    assert named(simulated(*LAWS), lambda reps, high, rng: high**2 * (1 - rng.random(reps))) == ("squared",)


def test_two_wrong_laws_that_are_nearly_one_are_given_together():
    near = (*LAWS, ("nearly squared", lambda reps, high, rng: rng.uniform(0, 0.99 * high**2, size=reps)))
    assert named(simulated(*near), LAWS[0][1]) == ("squared", "nearly squared")


def test_variants_share_what_is_the_same_in_all_and_ask_what_each_would_ask_alone():
    runs = []

    def counted(y):
        runs.append(y)
        return total(y)

    course = means_of(("sum", counted))
    first = make_questions(*course, 5)
    assert named(first.parts[0], total) == ("sum",)
    before = len(runs)
    other = make_questions(*course, 6, like=first).parts[0]
    assert named(other, total) == ("sum",)
    assert len(runs) == before  # on the naming set, which is the same
    alone = make_questions(*course, 6).parts[0]
    assert list(map(shown, other.every)) == list(map(shown, alone.every)) != list(map(shown, first.parts[0].every))


def shown(asked):
    return asked.check.name, [show_call(one) for one in asked.calls], [show(one) for one in asked.expected]


def test_a_slow_misconception_is_run_for_wrong_answers_alone_and_once_for_all_variants():
    runs = []

    def slow(reps, high, rng):
        runs.append(reps)
        return rng.uniform(0, high**2, size=reps)

    assert named(simulated(("slow", slow)), uniform) == ()
    assert runs == []
    for variant in (5, 6, 7):
        questions = simulated(("slow", slow), variant=variant)
        assert named(questions, LAWS[0][1]) == ("slow",)
        assert named(questions, LAWS[1][1]) == ()
        assert runs == [4000]


def test_a_misconception_whose_law_is_another_is_not_run_on_what_holds_to_name_a_broken_contract():
    runs = []

    def slow(reps, high, rng):
        runs.append(reps)
        return rng.uniform(0, high**2, size=reps)

    assert named(simulated(*LAWS[3:], ("slow", slow)), LAWS[3][1]) == ("global",)
    assert 4000 not in runs


@pytest.mark.parametrize("change", [np.ndarray.tolist, lambda a: list(a), lambda a: a[:, None].tolist()])
def test_right_draws_in_a_list_lose_a_quarter_and_draws_of_another_shape_everything(change):
    questions = simulated(*LAWS)
    function = lambda reps, high, rng: change(uniform(reps, high, rng))  # noqa: E731  # one line for three forms
    report = judge_part(questions, answers_of(questions, function), 4.0)
    same = np.shape(change(np.zeros(2))) == (2,)
    assert report.score == (3.0 if same else 0.0)
    assert report.status == "bad_output" if same else report.status in ("wrong", "bad_output")


@pytest.mark.parametrize(
    "function", [uniform, lambda reps, high, rng: rng.normal(size=reps), lambda reps, high, rng: 1.0]
)
def test_a_law_that_nobody_catalogued_has_no_name(function):
    assert named(simulated(*LAWS), function) == ()
