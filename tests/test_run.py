"""A worker that dies takes nothing with it but the submission that killed it."""

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder.authoring.demo.build import write_class
from autograder.authoring.new_exercise import new_exercise
from autograder.cli import cli
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.grading import grader, local, queue, run
from autograder.grading.grader import Settings
from autograder.intake.discovery import discover
from autograder.intake.files import DiskPlace
from autograder.intake.loading import load
from autograder.intake.source import Rejected
from autograder.sandbox import kernel
from autograder.store.store import open_store
from tests.bench.archives import read_by, verdict, write_archive
from tests.conftest import ROOT
from tests.course_files import course_at
from tests.processes import eventually, group

POISON = "s0003"
really = local._grade_piece


def grade_piece(settings, piece):
    """Grade as a worker does, but die of one student's work."""
    if any(submission.student == POISON for submission in piece):
        os._exit(9)
    return really(settings, piece)


@pytest.fixture(scope="module")
def handed_in(mini, tmp_path_factory):
    out = tmp_path_factory.mktemp("few")
    write_class(load_course(mini), 4, out, slow=False)
    return discover(out / "submitted", load_course(mini)).submissions


@pytest.mark.integration
def test_a_submission_that_ends_its_worker_is_a_failure_of_the_grader_and_nobody_elses(
    mini, handed_in, tmp_path, monkeypatch
):
    monkeypatch.setattr(local, "_grade_piece", grade_piece)
    with open_store(tmp_path) as store:
        tally = run.grade_all(handed_in, store, Settings(mini), local.Local(Settings(mini), 2))
        spoilt = {record.key: record for record in store.records()}
        assert tally.failed == 2
        assert {key[0] for key, record in spoilt.items() if record.status == "grader_error"} == {POISON}
        assert all(
            spoilt[key].score == 0 and "ended twice" in spoilt[key].message for key in spoilt if key[0] == POISON
        )
        monkeypatch.undo()
        again = run.grade_all(handed_in, store, Settings(mini))
        assert (again.graded, again.failed) == (2, 0)
        healed = {record.key: record for record in store.records()}
        assert all(record.status == "graded" for record in healed.values())
        assert {key: r for key, r in healed.items() if key[0] != POISON} == {
            key: r for key, r in spoilt.items() if key[0] != POISON
        }


def without_seconds(store):
    return [replace(record, seconds=0.0) for record in store.records()]


@pytest.mark.parametrize("ready", [True, False])
def test_workers_that_start_before_their_work_give_the_records_of_one_process(mini, handed_in, tmp_path, ready):
    settings = Settings(mini)
    with local.Local(settings, 64) as workers:
        workers.start(len(handed_in), ready=ready)
        assert workers.jobs == 2  # as many as there are pieces of work
        with open_store(tmp_path / "many") as many, open_store(tmp_path / "one") as one:
            assert run.grade_all(handed_in, many, settings, workers).graded == len(handed_in)
            run.grade_all(handed_in, one, settings)
            assert without_seconds(many) == without_seconds(one)


@pytest.mark.integration
def test_a_worker_that_started_early_and_dies_is_replaced(mini, handed_in, tmp_path, monkeypatch):
    monkeypatch.setattr(local, "_grade_piece", grade_piece)
    with local.Local(Settings(mini), 2) as workers:
        workers.start(len(handed_in), ready=False)
        with open_store(tmp_path) as store:
            tally = run.grade_all(handed_in, store, Settings(mini), workers)
        assert (tally.graded, tally.failed) == (len(handed_in), 2)


def test_workers_without_work_end_and_a_small_class_has_none(mini):
    before = {child.pid for child in multiprocessing.active_children()}
    with local.Local(Settings(mini), 2) as workers:
        workers.start(100, ready=True)
        assert len({child.pid for child in multiprocessing.active_children()} - before) == 2
    assert {child.pid for child in multiprocessing.active_children()} <= before
    with local.Local(Settings(mini), 2) as few:
        few.start(few.piece, ready=True)
        assert {child.pid for child in multiprocessing.active_children()} <= before


def test_a_worker_whose_parent_is_gone_ends_itself(monkeypatch):
    ended = []
    monkeypatch.setattr(kernel, "prctl", lambda *_: None)
    monkeypatch.setattr(os, "_exit", ended.append)
    kernel.die_with_parent(os.getppid())
    kernel.die_with_parent(os.getppid() + 1)
    assert ended == [1]


def test_a_student_can_be_removed_or_renamed_from_the_command_line(mini, handed_in, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(mini))
    with open_store(tmp_path) as store:
        run.grade_all(handed_in, store, Settings(mini))

    def forget(*words, **more):
        return CliRunner().invoke(cli, ["forget", *words, "--out", str(tmp_path)], **more)

    refused = forget("s0001", input="n\n")
    assert refused.exit_code == 1
    assert refused.stderr.endswith("nothing is changed\n")
    assert forget("s0001", "--yes").exit_code == 0
    assert forget("s0002", "--as", "anonymous", "--yes").exit_code == 0
    lines = (tmp_path / "results.jsonl").read_text()
    assert "s0001" not in lines
    assert "s0002" not in lines
    assert lines.count('"student":"anonymous"') + lines.count('"student": "anonymous"') == 2
    unknown = forget("s0001", "--yes")
    assert isinstance(unknown.exception, CourseError)
    assert "no results of this student" in str(unknown.exception)


@pytest.mark.parametrize("name", ["random", "numpy", "Upper", "a"])
def test_an_exercise_cannot_take_a_name_that_breaks_imports(mini, name):
    with pytest.raises(CourseError, match=r"choose another|cannot name an exercise"):
        new_exercise(mini, name)
    assert not (mini / "exercises" / name).exists()


def test_questions_that_take_too_much_room_are_given_back_and_made_again(mini, handed_in, monkeypatch):
    monkeypatch.setattr(grader, "KEPT_BYTES", 1)
    with grader.Grader(Settings(mini)) as few, grader.Grader(Settings(mini)) as again:
        one = [few.grade(submission).stored.record for submission in handed_in]
        assert len(few._encoded) == 1
        monkeypatch.undo()
        other = [again.grade(submission).stored.record for submission in reversed(handed_in)]
        assert len(again._encoded) > 1
    assert [replace(record, seconds=0.0) for record in one] == [replace(record, seconds=0.0) for record in other[::-1]]


def test_what_is_found_is_counted_without_what_is_missing(mini, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(mini))
    names = [name for one in load_course(mini).assignments for name in one.exercises]
    place = tmp_path / "submitted" / "ann" / f"{names[0]}.py"
    place.parent.mkdir(parents=True)
    shutil.copy(mini / "exercises" / names[0] / f"{names[0]}.py", place)
    roster = tmp_path / "roster.csv"
    roster.write_text("student,name\nann,Ann\ncarl,Carl\n")
    asked = ["grade", str(tmp_path / "submitted"), "--roster", str(roster), "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(cli, [*asked, "--jobs", "1"], catch_exceptions=False).stderr
    assert said.splitlines()[0] == f"1 submission found below {tmp_path / 'submitted'}; {2 * len(names) - 1} missing"


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="this system does not tell on which processors it runs"
)
def test_workers_stay_on_a_processor_each_where_all_are_taken_and_are_free_elsewhere():
    mine = os.sched_getaffinity(0)
    with local._pool(len(mine)) as pool:
        places = [one.result() for one in [pool.submit(os.sched_getaffinity, 0) for _ in range(50)]]
    assert all(len(place) == 1 and place <= mine for place in places)
    if len(mine) > 1:
        with local._pool(len(mine) - 1) as pool:
            assert pool.submit(os.sched_getaffinity, 0).result() == mine
    assert os.sched_getaffinity(0) == mine


@pytest.mark.parametrize("before", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_run_leaves_the_handling_of_signals_as_it_was(before, mini, tmp_path, monkeypatch):
    write_class(load_course(mini), 1, tmp_path, slow=False)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(mini))
    mine = signal.signal(signal.SIGTERM, before)
    try:
        done = CliRunner().invoke(
            cli, ["grade", str(tmp_path / "submitted"), "--out", str(tmp_path / "out"), "--jobs", "1"]
        )
        assert (done.exit_code, signal.getsignal(signal.SIGTERM)) == (0, before), done.output
    finally:
        signal.signal(signal.SIGTERM, mine)


@pytest.mark.core_sample(2)
@pytest.mark.parametrize("gap", [0.0, 0.05])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_twice_ends_the_run_quietly_and_leaves_nobody(mini, tmp_path, jobs, gap):
    """As a terminal sends it: to the command and its workers, the second while the first is being obeyed."""
    write_class(load_course(mini), 40, tmp_path, slow=False)
    environment = {**os.environ, "AUTOGRADER_COURSE": str(mini), "PYTHONPATH": str(ROOT)}
    asked = ["grade", str(tmp_path / "submitted"), "--out", str(tmp_path / "out"), "--jobs", jobs]
    with subprocess.Popen(
        [sys.executable, "-m", "autograder", *asked],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        first = process.stderr.readline()
        assert process.pid in group(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(gap)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=120)[1]
    assert "found below" in first
    assert process.returncode == 130, said
    assert said.strip() in (
        "interrupted",
        "stopped; what was graded is kept, the same command goes on where it stopped",
    )
    assert eventually(lambda: not list(group(process.pid)))  # what is killed ends when the kernel comes to it


def test_a_command_loads_no_numpy_before_it_says_one_thread_and_then_there_is_one():
    text = (
        "import sys, autograder.cli as cli; early = 'numpy' in sys.modules; cli.use_one_thread()\n"
        "import numpy, scipy.linalg, threadpoolctl\n"
        "print(early, {one['num_threads'] for one in threadpoolctl.threadpool_info()})"
    )
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", text], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "False {1}", done.stderr


@pytest.mark.core_sample(1)
@pytest.mark.parametrize("jobs", [2, 4])
def test_workers_that_share_a_class_archive_read_what_one_reads(tmp_path, jobs):
    course = course_at(tmp_path / "course")
    for number in range(3):
        path = tmp_path / f"{number}.zip"
        write_archive(path, 24, random.Random(number))
        found = discover(path, course, exercise="gamma").submissions
        alone = [verdict(one) for one in found]
        assert [message for *_, message in alone] == [None] * 24
        assert sorted(read_by(jobs, found)) == sorted(alone)


def test_a_file_that_is_refused_is_read_once_more(mini, tmp_path, monkeypatch):
    write_class(load_course(mini), 1, tmp_path, slow=False)
    (first, *_) = discover(tmp_path / "submitted", load_course(mini)).submissions
    tries = []

    def fails_once(place, cap):
        tries.append(place)
        if len(tries) == 1:
            raise Rejected("is damaged in the archive")
        return really_read(place, cap)

    really_read = DiskPlace.read
    monkeypatch.setattr(DiskPlace, "read", fails_once)
    assert load(first).message is None
    assert len(tries) == 2


# --- a run is whole --------------------------------------------------------------------------------------------


def claimed_by_another(folder, submission, owner):
    """Claim a submission as a grader of another machine did that is gone or alive."""
    with open_store(folder) as store:
        store._owner = owner
        store.claim([queue.key_of(submission)])


def test_a_claim_of_a_grader_that_gives_no_sign_of_life_is_waited_for_and_taken_over(
    mini, handed_in, tmp_path, monkeypatch
):
    claimed_by_another(tmp_path, handed_in[0], '["elsewhere", "pid:[1]", 1, "1"]')
    said = []

    def say(line):
        said.append(line)
        monkeypatch.setattr("autograder.store.store.LEASE_SECONDS", 0.0)  # time passes as soon as it is waited for

    with open_store(tmp_path) as store:
        tally = run.grade_all(handed_in, store, Settings(mini), say=say)
        assert (tally.graded, tally.elsewhere, store.underway()) == (len(handed_in), 0, 0)
    assert sum("claimed by another grader" in line for line in said) == 1


def test_what_another_grader_finishes_meanwhile_is_not_graded_again(mini, handed_in, tmp_path):
    with open_store(tmp_path) as store, open_store(tmp_path) as other:
        other._owner = '["elsewhere", "pid:[1]", 1, "1"]'
        other.claim([queue.key_of(handed_in[0])])
        with grader.Grader(Settings(mini)) as there:
            graded = there.grade(handed_in[0])
        later = threading.Timer(1.5, other.save, [[(graded.stored, graded.files)]])
        later.start()
        tally = run.grade_all(handed_in, store, Settings(mini))
        later.join()
        assert (tally.graded, tally.elsewhere) == (len(handed_in) - 1, 1)
        assert len(store.keys()) == len(handed_in)


def test_a_run_that_is_stopped_gives_its_claims_back(mini, handed_in, tmp_path):
    class Stopped(local.Local):
        def graded(self, work):
            next(work)
            raise KeyboardInterrupt
            yield

    with open_store(tmp_path) as store:
        with pytest.raises(KeyboardInterrupt):
            run.grade_all(handed_in, store, Settings(mini), Stopped(Settings(mini)))
        assert store.underway() == 0


def test_a_submission_without_a_record_is_named_and_the_exit_code_is_three(mini, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(mini))
    write_class(load_course(mini), 2, tmp_path, slow=False)
    really_grade = run.grade_all
    monkeypatch.setattr(run, "grade_all", lambda found, *more, **options: really_grade(found[1:], *more, **options))
    asked = ["grade", str(tmp_path / "submitted"), "--out", str(tmp_path / "out"), "--jobs", "1"]
    done = CliRunner().invoke(cli, asked)
    assert done.exit_code == 3
    assert "1 submission found without a record of this run" in done.stderr
    assert "  s0001, " in done.stderr


@pytest.mark.parametrize("closed", ["stdout", "stderr", "both"])
def test_a_reader_that_leaves_ends_the_printing_and_not_the_grading(closed, mini, tmp_path):
    write_class(load_course(mini), 3, tmp_path, slow=False)
    environment = {**os.environ, "AUTOGRADER_COURSE": str(mini), "PYTHONPATH": str(ROOT)}
    reader, writer = os.pipe()
    os.close(reader)
    ends = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    ends |= dict.fromkeys(["stdout", "stderr"] if closed == "both" else [closed], writer)
    asked = ["grade", str(tmp_path / "submitted"), "--out", str(tmp_path / "out"), "--jobs", "1"]
    done = subprocess.run([sys.executable, "-m", "autograder", *asked], env=environment, check=False, **ends)
    os.close(writer)
    assert done.returncode == 0
    assert len((tmp_path / "out" / "results.jsonl").read_text().splitlines()) == 6


@pytest.mark.integration
def test_a_piece_that_was_drawn_when_the_pool_broke_is_graded_all_the_same(mini, handed_in, tmp_path, monkeypatch):
    really_submit = local._submit
    calls = []

    def breaks(pool, work, *args):
        calls.append(work)
        if len(calls) == 2:
            raise BrokenProcessPool
        return really_submit(pool, work, *args)

    monkeypatch.setattr(local, "_submit", breaks)
    with open_store(tmp_path) as store:
        tally = run.grade_all(handed_in, store, Settings(mini), local.Local(Settings(mini), 2))
        assert (tally.graded, tally.left, len(store.keys())) == (len(handed_in), (), len(handed_in))


def test_what_workers_lose_is_named(mini, handed_in, tmp_path):
    lost = []

    class Losing(local.Local):
        def graded(self, work):
            yield from super().graded(lost.append(piece[0]) or piece[1:] for piece in work)

    with open_store(tmp_path) as store:
        tally = run.grade_all(handed_in, store, Settings(mini), Losing(Settings(mini)))
        assert tally.graded + len(tally.left) == len(handed_in)
        assert tally.left == tuple(sorted(map(queue.key_of, lost))) != ()
        assert store.underway() == 0
