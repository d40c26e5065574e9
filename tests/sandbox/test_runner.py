"""The rules for children: what counts, what stops, and what is repeated, on scripted children."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.model import Call, Facts, Limits, Observation, SubmissionLimits
from autograder.sandbox import frames
from autograder.sandbox.account import Account
from autograder.sandbox.call_limits import CALL_FACTOR, CALL_SECONDS, FIRST_RUN, SCALING_FACTOR
from autograder.sandbox.executor import BatchHandle, ChildResult, GraderError
from autograder.sandbox.runner import MAX_REPEATS, observe, observe_with
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Segment, decode_handed, decode_job

LIMITS = Limits(cpu_seconds=1.0)
LARGE = Limits(cpu_seconds=20.0, memory_bytes=1 << 32)
FILE = Source("exercise.py", (Cell("0", ""),))
NOTEBOOK = Source("exercise.ipynb", (Cell("a", ""), Cell("b", ""), Cell("c", "")))


def batch_of(*parts):
    """A batch of parts given as (number of calls, alone)."""
    segments = tuple(
        Segment(f"part{i}", LARGE if alone else LIMITS, alone, (Call("f"),) * count)
        for i, (count, alone) in enumerate(parts)
    )
    return Batch("room", segments)


class Children:
    """Plays children that answer call (s, c) with 10 s + c until an event of the script.

    The script maps a call, ``("cell", i)`` or ``"ready"`` to how the child ends there; each entry is used ``times``
    times.  ``slow`` maps calls to the processor seconds they take, one for each run.
    """

    def __init__(self, script=None, times=99, slow=None, extra=None, idle=0.0, clock=0.0, errors=()):
        self.script = {key: [ending, times] for key, ending in (script or {}).items()}
        self.slow = {key: list(seconds) for key, seconds in (slow or {}).items()}
        self.extra = extra or {}
        self.idle, self.clock = idle, clock
        self.errors = {key: error_at(*key) for key in errors}
        self.jobs = []
        self.handed = []
        self.patience = []
        self.limits = []

    def ends(self, key):
        ending = self.script.get(key)
        if ending is None or ending[1] == 0:
            return None
        ending[1] -= 1
        return ending[0]

    def __call__(self, data, limits, handover=None, patience=None):
        job = decode_job(data)
        assert job.asks == (handover is not None)
        self.jobs.append(job)
        self.limits.append(limits)
        self.handed.append(())
        self.patience.append(patience)
        sent, cpu, ending = [], [], "done"
        for key, data in self.stream(job, handover, sent):
            ending = self.ends(key)
            if ending is not None:
                break
            seconds = self.slow.get(key) or [0.0]
            sent += [*self.extra.get(key, ()), data]
            cpu += [seconds.pop(0)] + [0.0] * len(self.extra.get(key, ()))
        in_flight = limits.cpu_seconds if ending == "timeout" and not self.idle else 0.0
        return ChildResult(sent, ending or "done", "", sum(cpu) + in_flight, cpu, b"x", self.idle, self.clock)

    def stream(self, job, handover, sent):
        *public, done = self.frames(job)
        yield from ((key, self.errors.get(key, data)) for key, data in public)
        if handover is not None:
            self.handed[-1] = decode_handed(handover.data(sent[: handover.after]))[0]
            yield from list(self.frames(job, self.handed[-1]))[len(public) : -1]
        yield done

    @staticmethod
    def frames(job, handed=()):
        yield "ready", frames.encode_message(frames.Ready())
        for index in range(len(job.source.cells)):
            if index not in dict(job.skip):
                yield ("cell", index), frames.encode_message(frames.CellEnd(index))
            else:
                yield "skipped", frames.encode_message(frames.CellEnd(index, "error", dict(job.skip)[index]))
        yield "loaded", frames.encode_message(frames.Loaded())
        for segment, first, last in (*job.plan, *handed):
            for call in range(first, last):
                yield (segment, call), answer(segment, call)
        yield "done", frames.encode_message(frames.Done())


def answer(segment, call, value=None):
    value = 10 * segment + call if value is None else value
    return b"".join(frames.encode_answer(segment, call, Observation("value", type_name="int"), Facts(), 0.0, value))


def error_at(segment, call):
    seen = Observation("error", error="TypeError", ancestors=("TypeError",), message="no", line=3)
    return b"".join(frames.encode_answer(segment, call, seen, Facts(), 0.0))


def shown(seen):
    return [[o.value if o.returned else o.ending for o in part] for part in seen]


def test_one_child_runs_all_parts_in_order_and_each_alone_check_has_its_own():
    children = Children()
    seen = observe_with(children, FILE, batch_of((2, False), (1, True), (2, False), (0, False), (1, True)))
    assert shown(seen) == [[0, 1], [10], [20, 21], [], [40]]
    assert [job.plan for job in children.jobs] == [((0, 0, 2), (2, 0, 2)), ((1, 0, 1),), ((4, 0, 1),)]
    assert children.limits == [LIMITS, LARGE, LARGE]
    assert (seen.children, seen.cpu_seconds, seen.printed) == (3, 0.0, "xxx")


def test_an_empty_batch_needs_no_child():
    children = Children()
    assert shown(observe_with(children, FILE, batch_of((0, False)))) == [[]]
    assert not children.jobs


@pytest.mark.parametrize("ending", ["crash", "memory", "output_limit", "forbidden"])
def test_after_a_stop_the_completed_calls_stand_and_the_other_parts_go_on(ending):
    children = Children({(1, 1): ending})
    seen = observe_with(children, FILE, batch_of((2, False), (3, False), (2, False)))
    assert shown(seen) == [[0, 1], [10, ending, "not_reached"], [20, 21]]
    assert [job.plan for job in children.jobs] == [((0, 0, 2), (1, 0, 3), (2, 0, 2)), ((2, 0, 2),)]


def test_a_loop_is_repeated_once_in_a_fresh_child_and_then_believed():
    children = Children({(0, 1): "timeout"})
    seen = observe_with(children, FILE, batch_of((3, False), (1, False)))
    assert shown(seen) == [[0, "timeout", "timeout"], [10]]
    assert [job.plan[0] for job in children.jobs] == [(0, 0, 3), (0, 1, 3), (1, 0, 1)]


def test_a_call_that_is_in_time_at_the_second_run_counts_and_its_part_goes_on():
    children = Children({(0, 1): "timeout"}, times=1)
    assert shown(observe_with(children, FILE, batch_of((3, False), (1, False)))) == [[0, 1, 2], [10]]


def test_without_repeats_a_loop_is_believed_at_once():
    children = Children({(0, 1): "timeout"})
    assert shown(observe_with(children, FILE, batch_of((3, False)), repeat=False)) == [[0, "timeout", "timeout"]]
    assert len(children.jobs) == 1


def test_a_call_near_its_limit_is_judged_by_a_second_run():
    children = Children({(0, 1): "timeout"}, slow={(0, 1): [0.9, 0.9]})
    children.script[(0, 1)][1] = 0
    seen = observe_with(children, FILE, batch_of((3, False)))
    assert shown(seen) == [[0, 1, 2]]
    assert [job.plan for job in children.jobs] == [((0, 0, 3),), ((0, 1, 2),)]


def test_the_second_run_of_a_call_near_its_limit_is_its_verdict():
    class Second(Children):
        def ends(self, key):
            return "timeout" if len(self.jobs) == 2 and key == (0, 1) else None

    children = Second(slow={(0, 1): [0.9]})
    assert shown(observe_with(children, FILE, batch_of((3, False)))) == [[0, "timeout", 2]]


def test_repeats_are_bounded():
    children = Children(slow={(0, call): [0.9, 0.9] for call in range(40)})
    observe_with(children, FILE, batch_of((40, False)))
    assert len(children.jobs) == 1 + MAX_REPEATS


@pytest.mark.parametrize(
    "extra",
    [
        [b"garbage"],
        [answer(0, 0)],
        [answer(1, 2)],
        [answer(7, 0)],
        [answer(0, 99)],
        [frames.encode_message(frames.Done())],
        [frames.encode_message(frames.Ready())],
        [frames.encode_message(frames.Loaded())],
        [b""],
    ],
)
def test_a_forged_frame_is_a_protocol_error_of_the_part_that_runs(extra):
    children = Children(extra={(1, 1): extra})
    seen = observe_with(children, FILE, batch_of((2, False), (3, False), (2, False)))
    assert shown(seen) == [[0, 1], ["protocol"] * 3, [20, 21]]


def test_an_answer_ahead_of_its_turn_is_the_students_own_answer_and_the_harness_then_is_the_double():
    children = Children(extra={(0, 0): [answer(0, 0, 5)]})
    assert shown(observe_with(children, FILE, batch_of((2, False), (1, False)))) == [["protocol"] * 2, [10]]


def test_frames_after_the_end_are_a_protocol_error_of_the_last_part():
    children = Children(extra={"done": [frames.encode_message(frames.Done())]})
    assert shown(observe_with(children, FILE, batch_of((1, False), (2, False)))) == [[0], ["protocol"] * 2]


def test_a_child_that_claims_to_be_done_with_answers_missing_is_a_protocol_error():
    children = Children({(0, 1): "done"})
    assert shown(observe_with(children, FILE, batch_of((3, False), (1, False)))) == [["protocol"] * 3, [10]]


def test_a_stop_after_the_last_answer_changes_nothing():
    children = Children({"done": "crash"})
    assert shown(observe_with(children, FILE, batch_of((2, False)))) == [[0, 1]]
    assert len(children.jobs) == 1


@pytest.mark.parametrize("ending", ["crash", "memory", "forbidden", "protocol"])
def test_a_file_that_stops_the_child_while_it_loads_stops_all_parts(ending):
    children = Children({("cell", 0): ending})
    seen = observe_with(children, FILE, batch_of((1, False), (2, False), (1, True)))
    assert shown(seen) == [[ending], [ending] * 2, [ending]]
    assert len(children.jobs) == 1


def test_a_loop_while_loading_ends_a_file_at_once():
    children = Children({("cell", 0): "timeout"})
    assert shown(observe_with(children, FILE, batch_of((2, False), (1, True)))) == [["timeout"] * 2, ["timeout"]]
    assert len(children.jobs) == 1


def test_a_notebook_does_without_a_cell_that_stops_the_child():
    children = Children({("cell", 1): "crash"})
    seen = observe_with(children, NOTEBOOK, batch_of((2, False), (1, True)))
    assert shown(seen) == [[0, 1], [10]]
    assert [job.skip for job in children.jobs] == [(), ((1, "crash"),), ((1, "crash"),)]


def test_a_forged_frame_while_loading_stops_all_parts_of_a_notebook_too():
    children = Children(extra={("cell", 1): [frames.encode_message(frames.Loaded())]})
    assert shown(observe_with(children, NOTEBOOK, batch_of((2, False)))) == [["protocol"] * 2]


def test_a_child_that_is_never_ready_is_a_fault_of_the_grader_after_a_second_try():
    children = Children({"ready": "crash"}, times=1)
    assert shown(observe_with(children, FILE, batch_of((1, False)))) == [[0]]
    children = Children({"ready": "crash"})
    with pytest.raises(GraderError, match="before it was ready, twice in a row"):
        observe_with(children, FILE, batch_of((1, False)))
    assert len(children.jobs) == 2


def test_observe_hands_batch_and_limits_to_the_executor():
    children, handle = Children(), BatchHandle(b"batch")

    class Fake:
        def execute(self, job, batch, limits, handover, patience):
            assert batch is handle
            return children(job, limits, handover, patience)

    seen = observe(Fake(), FILE, batch_of((1, False)), handle)
    assert shown(seen) == [[0]]
    assert len(seen) == 1
    assert [part[0].value for part in seen] == [0]


@pytest.mark.parametrize("seed", range(30))
def test_every_call_gets_exactly_one_observation_whatever_the_children_do(seed):
    rng = np.random.default_rng(seed)

    def child(data, limits, handover, patience):
        handed = () if handover is None else decode_handed(handover.data(()))[0]
        frames_sent = [frame for _, frame in Children.frames(decode_job(data), handed)]
        last = int(rng.integers(1, len(frames_sent) + 1))
        frames_sent = frames_sent[:last]
        if rng.random() < 0.4:
            at = int(rng.integers(1, last + 1))
            frames_sent.insert(at, frames_sent[int(rng.integers(0, last))])
        ending = str(rng.choice(["done", "timeout", "memory", "output_limit", "crash", "forbidden", "protocol"]))
        return ChildResult(frames_sent, ending, "", 0.0, list(rng.random(len(frames_sent))))

    batch = batch_of((3, False), (4, False), (2, True), (5, False))
    hidden = tuple(replace(one, hidden=True) for one in batch.segments)
    both = Batch("room", (*batch.segments, *hidden))
    seen = observe_with(child, NOTEBOOK, both)
    assert [len(part) for part in seen] == [3, 4, 2, 5] * 2


# --- hidden halves and time ------------------------------------------------------------------------------------


def halves_of(*parts, reference=None, limits=LIMITS, telling=()):
    """A batch of parts given as (public calls, hidden calls)."""
    return Batch(
        "room",
        tuple(
            Segment(f"part{i}", limits, False, (Call("f"),) * part[hidden], bool(hidden), reference, telling)
            for hidden in (0, 1)
            for i, part in enumerate(parts)
        ),
    )


def test_public_calls_are_the_job_and_hidden_ones_are_handed_over():
    children = Children()
    seen = observe_with(children, FILE, halves_of((2, 1), (1, 2)))
    assert shown(seen) == [[0, 1], [10], [20], [30, 31]]
    assert [(job.plan, handed) for job, handed in zip(children.jobs, children.handed, strict=True)] == [
        (((0, 0, 2), (1, 0, 1)), ((2, 0, 1), (3, 0, 2)))
    ]


def test_no_child_is_handed_hidden_calls_before_all_public_ones_are_settled():
    children = Children({(0, 1): "crash"})
    assert shown(observe_with(children, FILE, halves_of((3, 2), (1, 1)))) == [
        [0, "crash", "not_reached"],
        [10],
        ["not_reached"] * 2,
        [30],
    ]
    assert [job.plan for job in children.jobs] == [((0, 0, 3), (1, 0, 1)), ((1, 0, 1),)]
    assert children.handed[1] == ((3, 0, 1),), "the part that stopped is not asked further"


def test_after_a_stop_in_a_hidden_call_nothing_public_is_asked_again():
    children = Children({(2, 0): "crash"})
    assert shown(observe_with(children, FILE, halves_of((1, 2), (1, 1)))) == [[0], [10], ["crash", "not_reached"], [30]]
    assert [job.plan for job in children.jobs] == [((0, 0, 1), (1, 0, 1)), ()]


def test_hidden_calls_of_a_part_without_any_value_that_it_must_return_are_not_made():
    children = Children(errors=[(0, 1), (0, 2), (1, 1)])
    seen = observe_with(children, FILE, halves_of((3, 2), (3, 1), telling=(1, 2)))
    assert shown(seen) == [[0, "error", "error"], [10, "error", 12], ["error"] * 2, [30]]
    assert children.handed == [((3, 0, 1),)]
    assert {one.message for one in seen[2]} == {"not run: no public call that must return a value did"}
    assert {(one.error, one.line) for one in seen[2]} == {("TypeError", None)}


def test_nothing_is_left_out_where_no_call_must_return_a_value():
    children = Children(errors=[(0, 0), (0, 1)])
    assert shown(observe_with(children, FILE, halves_of((2, 2)))) == [["error", "error"], [10, 11]]


def test_a_part_whose_public_calls_a_stop_divided_is_judged_by_all_of_them():
    children = Children({(1, 1): "crash"}, errors=[(0, 0), (1, 0), (2, 0)])
    seen = observe_with(children, FILE, halves_of((1, 1), (2, 1), (1, 1), telling=(0,)))
    assert shown(seen) == [["error"], ["error", "crash"], ["error"], ["error"], ["not_reached"], ["error"]]
    assert children.handed == [(), ()], "the second child has no part left that may be asked more"


def test_a_call_that_waits_is_not_repeated():
    children = Children({(0, 1): "timeout"}, idle=0.1)
    assert shown(observe_with(children, FILE, batch_of((3, False)))) == [[0, "timeout", "timeout"]]
    assert len(children.jobs) == 1


@pytest.mark.parametrize(("reference", "limit"), [(0.0, 0.2), (0.02, 0.4), (9.0, 1.0)])
def test_after_two_parts_that_do_not_end_the_others_prove_with_one_call_that_they_do(reference, limit):
    children = Children({(0, 0): "timeout", (1, 1): "timeout", (2, 0): "timeout"}, idle=0.01)
    batch = halves_of((2, 1), (2, 1), (2, 1), (2, 1), reference=lambda call: reference)
    seen = shown(observe_with(children, FILE, batch))
    assert seen[:4] == [["timeout"] * 2, [10, "timeout"], ["timeout"] * 2, [30, 31]]
    assert seen[4:] == [["timeout"], ["timeout"], ["timeout"], [70]]
    probes = [limits.cpu_seconds for limits in children.limits if limits != LIMITS]
    assert probes == [pytest.approx(limit)] * len(probes)
    assert len(probes) == (3 if limit < 1.0 else 0)


@pytest.mark.parametrize(
    ("reference", "limit"),
    [(0.0, CALL_SECONDS), (0.007, CALL_FACTOR * 0.007), (9.0, 4.0), (None, 4.0)],
)
def test_the_limit_of_a_call_follows_the_reference_and_that_of_loading_does_not(reference, limit):
    children = Children()
    asked = []

    def seconds(call):
        asked.append(call)
        return reference

    batch = halves_of((2, 1), (1, 1), reference=None if reference is None else seconds, limits=Limits(4.0))
    observe_with(children, FILE, batch)
    assert asked == [], "the reference is timed for what is slow only"
    (patience,) = children.patience
    assert [patience.call_seconds(frames) for frames in range(3)] == [4.0] * 3
    assert [patience.call_seconds(frames) for frames in range(3, 8)] == [pytest.approx(FIRST_RUN * limit)] * 5
    assert patience.call_seconds(8) == 4.0, "after the last call there is only the end"
    assert patience.least_seconds == FIRST_RUN * CALL_SECONDS


@pytest.mark.parametrize(("reference", "limit"), [(0.001, CALL_SECONDS), (0.05, SCALING_FACTOR * 0.05), (9.0, 4.0)])
def test_the_limit_of_a_scaling_call_follows_the_reference_more_closely(reference, limit):
    children = Children()
    batch = Batch("m", (Segment("p", Limits(4.0), True, (Call("p"),), reference_seconds=lambda call: reference),))
    observe_with(children, FILE, batch)
    (patience,) = children.patience
    assert patience.call_seconds(3) == pytest.approx(FIRST_RUN * limit)


def test_a_call_is_stopped_early_in_its_first_run_and_has_all_of_its_time_in_the_second():
    given = []

    class Asked(Children):
        def __call__(self, data, limits, handover=None, patience=None):
            given.append([patience.call_seconds(frames) for frames in (3, 4)])
            return super().__call__(data, limits, handover, patience)

    observe_with(Asked({(0, 1): "timeout"}), FILE, batch_of((3, False)))
    full = LIMITS.cpu_seconds
    assert given == [pytest.approx([FIRST_RUN * full] * 2), pytest.approx([full, FIRST_RUN * full])]


@pytest.mark.parametrize("repeat", [True, False])
def test_a_call_has_all_of_its_time_at_once_where_none_can_be_repeated(repeat):
    children = Children(slow={(0, call): [0.9, 0.9] for call in range(MAX_REPEATS)} if repeat else {})
    observe_with(children, FILE, batch_of((MAX_REPEATS + 1, False)), repeat=repeat)
    assert children.patience[0].call_seconds(3 + MAX_REPEATS) == LIMITS.cpu_seconds


def test_a_call_near_the_limit_that_the_reference_sets_is_judged_by_a_second_run():
    children = Children(slow={(0, 1): [0.9 * CALL_SECONDS, 0.1]})
    batch = halves_of((3, 0), reference=lambda call: 0.001, limits=Limits(4.0))
    assert shown(observe_with(children, FILE, batch)) == [[0, 1, 2], []]
    assert [job.plan for job in children.jobs] == [((0, 0, 3),), ((0, 1, 2),)]


def test_scaling_checks_that_do_not_end_are_no_reason_to_ask_others_for_a_proof():
    children = Children({(k, 0): "timeout" for k in range(3)}, idle=0.01)
    seen = observe_with(children, FILE, batch_of((1, True), (1, True), (1, True), (1, True)))
    assert shown(seen) == [["timeout"]] * 3 + [[30]]
    assert set(children.limits) == {LARGE}


def test_a_submission_that_used_its_time_by_the_clock_says_of_the_rest_that_it_was_not_run():
    account = Account(SubmissionLimits(20.0, 10.0))
    children = Children({(0, 1): "timeout"}, idle=0.01, clock=10.0)
    seen = observe_with(children, FILE, batch_of((2, False), (1, False)), account=account)
    assert account.over
    assert shown(seen) == [[0, "timeout"], ["timeout"]]
    assert seen[1][0].message == "not run: the submission had used its 10 s by the clock"


def test_what_a_submission_may_wait_is_shared_by_its_children_and_a_part_has_a_third_of_it():
    children = Children({(0, 1): "crash", (1, 1): "crash"}, idle=9.0)
    observe_with(children, FILE, batch_of((2, False), (2, False), (1, False)), account=Account(SubmissionLimits(12.0)))
    assert [one.idle_seconds for one in children.patience] == [12.0, 3.0, pytest.approx(0.2)]
    assert {one.part_idle_seconds for one in children.patience} == {4.0}
