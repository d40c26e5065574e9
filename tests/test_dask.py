"""Grading on a Dask cluster: the records of a local run, whatever dies, and one clear line for what is missing."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib.util import find_spec

import pytest

from autograder.authoring.demo.build import write_class
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.grading.cluster import WorkItem, grade_chunk, held, secret_tag
from autograder.grading.grader import Grader, Settings, digest_of, fingerprint
from autograder.intake.discovery import discover
from tests.conftest import ROOT
from tests.test_class import autograder, records_of, without_seconds

dask = pytest.mark.skipif(find_spec("distributed") is None, reason="Dask is not installed: pip install '.[dask]'")
STUDENTS = 250  # two exercises each


# --- without a cluster -----------------------------------------------------------------------------------------


def test_without_dask_the_extra_is_named(mini, tmp_path):
    (tmp_path / "handed").mkdir()
    (tmp_path / "handed" / "ann.py").write_text("def first_mean(x):\n    return 0.0\n")
    hidden = tmp_path / "hidden"
    (hidden / "distributed").mkdir(parents=True)
    (hidden / "distributed" / "__init__.py").write_text("raise ModuleNotFoundError('no', name='distributed')\n")
    done = autograder(
        "grade", tmp_path / "handed", "--exercise", "first_mean", "--out", tmp_path / "out", "--executor", "dask",
        env={"AUTOGRADER_COURSE": str(mini), "PYTHONPATH": f"{hidden}:{ROOT}"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "install the dask extra" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--scheduler", "tcp://x:1"], "--scheduler needs --executor dask"),
        (["--executor", "dask", "--scheduler", "tcp://x:1", "--jobs", "2"], "--jobs is for workers on this machine"),
    ],
)
def test_options_that_contradict_are_refused(options, words, tmp_path):
    done = autograder("grade", tmp_path, "--out", tmp_path / "out", *options)
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.core_sample(1)
@dask
@pytest.mark.parametrize("scheduler", ["tcp://127.0.0.1:8786", "127.0.0.1:8786", "ws://127.0.0.1:8786", "nonsense://x"])
def test_a_scheduler_without_tls_is_refused_before_anything_is_sent(scheduler, mini, tmp_path):
    (tmp_path / "ann.py").write_text("def sample_mean(values):\n    return 0.0\n")
    done = autograder(
        "grade", tmp_path / "ann.py", "--exercise", "first_mean", "--out", tmp_path / "out", "--executor", "dask",
        "--scheduler", scheduler, env={"AUTOGRADER_COURSE": str(mini)},
    )  # fmt: skip
    assert done.returncode == 2
    assert "without TLS, any process that reaches a Dask port can run code as the grader" in done.stderr
    assert "--protocol tls" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.integration
@dask
@pytest.mark.parametrize("unsafe", [False, True])
def test_a_cluster_on_one_machine_without_keys_is_refused_unless_unsafe(unsafe, mini, tmp_path, monkeypatch):
    from autograder.grading import cluster

    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(cluster, "_graded", lambda *_: iter([["graded"]]))
    started = cluster.Dask(Settings(mini, unsafe), 1, None, print)
    if unsafe:
        assert list(started.graded(iter([]))) == [["graded"]]
    else:
        with pytest.raises(CourseError, match="install cryptography"):
            list(started.graded(iter([])))


@pytest.fixture
def handed_in(mini, tmp_path):
    """A few submissions, settings, and the undisturbed verdicts."""
    write_class(load_course(mini), 6, tmp_path, slow=False)
    settings = Settings(mini)
    found = discover(tmp_path / "submitted", load_course(mini)).submissions
    with Grader(settings) as grader:
        records = [grader.grade(one).stored.record for one in found]
    return settings, found, records


def pieces_of(settings, submissions, **changed):
    pieces = [WorkItem(one, digest_of(one), fingerprint(settings.root, one.exercise)) for one in submissions]
    return [replace(piece, **changed) for piece in pieces]


def verdicts(graded):
    return [replace(one.stored.record, seconds=0.0) for one in graded]


def test_files_that_travel_give_the_same_records_and_unseen_ones_none(handed_in, tmp_path):
    settings, found, records = handed_in
    here, sent = pieces_of(settings, found), pieces_of(settings, [held(one) for one in found])
    (tmp_path / "submitted").rename(tmp_path / "moved")
    tag = secret_tag(settings)
    assert grade_chunk(settings, tag, here) == [None] * len(found)
    travelled = grade_chunk(settings, tag, sent)
    assert verdicts(travelled) == [replace(record, seconds=0.0) for record in records]


def test_what_cannot_be_read_here_is_rejected_there_with_the_same_words(handed_in, tmp_path):
    settings, found, _ = handed_in
    file = tmp_path / "submitted" / found[0].file
    file.unlink()
    file.symlink_to("/etc/passwd")
    with Grader(settings) as grader:
        wanted = grader.grade(found[0]).stored.record
    sent = grade_chunk(settings, secret_tag(settings), pieces_of(settings, [held(found[0])]))
    assert wanted.status == "rejected"
    assert verdicts(sent) == [replace(wanted, seconds=0.0)]


def test_a_worker_that_would_give_other_verdicts_refuses(handed_in):
    settings, found, _ = handed_in
    changed = grade_chunk(settings, secret_tag(settings), pieces_of(settings, found[:1], fingerprint="other"))
    assert "another course, reference or version of this package" in changed.words
    assert "has another course secret" in grade_chunk(settings, "00", pieces_of(settings, found[:1])).words


# --- real clusters ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crowd(mini, tmp_path_factory):
    """500 submissions and their records from a local run."""
    out = tmp_path_factory.mktemp("dask_crowd")
    write_class(load_course(mini), STUDENTS, out, slow=False)
    env = {"AUTOGRADER_COURSE": str(mini), "PYTHONPATH": str(ROOT), **tls(out)}
    done = autograder("grade", out / "submitted", "--out", out / "local", "--jobs", 2, env=env)
    assert done.returncode == 0, done.stderr
    assert len(records_of(out / "local")) == 2 * STUDENTS
    return out, env


def tls(folder):
    """Write keys for a cluster; return the settings by which scheduler, workers and client find them."""
    if find_spec("cryptography") is None:
        return {}
    from distributed.security import Security

    made = Security.temporary()
    settings = {}
    for name in (
        "ca_file",
        *(f"{role}_{what}" for role in ("scheduler", "worker", "client") for what in ("key", "cert")),
    ):
        (folder / name).write_text(getattr(made, f"tls_{name}"))
        key = name.replace("ca_file", "ca-file").replace("_", "__").replace("-", "_").upper()
        settings[f"DASK_DISTRIBUTED__COMM__TLS__{key}"] = str(folder / name)
    return settings


class Started:
    """A scheduler and its workers, as separate processes of the ``dask`` program."""

    def __init__(self, folder, env):
        self.folder = folder
        self.env = {**os.environ, "AUTOGRADER_SECRET": "x" * 32, **env}
        self.processes = []
        scheduler = self.run("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--protocol", "tls")
        self.address = self.wait_for(scheduler, r"Scheduler at:\s+(tls://\S+)")

    def run(self, *args):
        log = (self.folder / f"{len(self.processes)}.log").open("w+")
        command = [sys.executable, "-m", "dask", *args]
        process = subprocess.Popen(command, env=self.env, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT)
        self.processes.append((process, log))
        return process, log

    def worker(self, *options):
        started = self.run(
            "worker", self.address, "--nthreads", "1", "--no-dashboard", "--local-directory", self.folder, *options
        )
        self.wait_for(started, r"(Registered to)")
        return started[0]

    @staticmethod
    def wait_for(started, pattern):
        process, log = started
        while True:
            log.seek(0)
            text = log.read()
            found = re.search(pattern, text)
            if found:
                return found[1]
            assert process.poll() is None, text
            time.sleep(0.1)

    def close(self):
        for process, log in reversed(self.processes):
            process.kill()
            process.wait()
            log.close()


@contextmanager
def cluster(folder, env, *options):
    """Run a scheduler and two worker processes."""
    folder.mkdir()
    started = Started(folder, env)
    try:
        yield started, [started.worker(*options) for _ in range(2)]
    finally:
        started.close()


@contextmanager
def grading(out, results, env, *options, program=("-m", "autograder")):
    """Run a grader next to the test and stop it at the end."""
    command = [sys.executable, *program, "grade", out / "submitted", "--out", results, "--executor", "dask"]
    process = subprocess.Popen(
        [str(part) for part in (*command, *options)],
        env={**os.environ, "AUTOGRADER_SECRET": "x" * 32, **env},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def stored(results):
    """How many verdicts are committed by now."""
    if not (results / "results.db").exists():
        return 0
    with closing(sqlite3.connect(results / "results.db", timeout=60)) as raw:
        tables = raw.execute("SELECT name FROM sqlite_master WHERE name = 'results'").fetchall()
        return raw.execute("SELECT count(*) FROM results").fetchone()[0] if tables else 0


def in_the_middle(process, results, count=40):
    while stored(results) < count:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    assert stored(results) < 2 * STUDENTS


@pytest.mark.integration
@dask
def test_a_cluster_gives_the_records_of_a_local_run_and_survives_the_loss_of_a_worker(crowd, tmp_path):
    out, env = crowd
    with cluster(tmp_path / "dask", env, "--no-nanny") as (dask, workers):
        command = ("grade", out / "submitted", "--executor", "dask", "--scheduler", dask.address)
        done = autograder(*command, "--out", tmp_path / "undisturbed", env=env)
        assert done.returncode == 0, done.stderr
        assert f"graded {2 * STUDENTS}, already done 0;" in done.stderr
        assert without_seconds(tmp_path / "undisturbed") == without_seconds(out / "local")

        results = tmp_path / "killed"
        with grading(out, results, env, "--scheduler", dask.address) as process:
            in_the_middle(process, results)
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait()
            _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        # every verdict was committed once: what the dead worker had in hand was graded by the other, and counted once
        assert f"graded {2 * STUDENTS}, already done 0;" in said
        assert without_seconds(results) == without_seconds(out / "local")


@pytest.mark.integration
@dask
def test_workers_that_do_not_see_the_files_get_them_sent_and_one_that_dies_is_started_again(crowd, tmp_path):
    out, env = crowd
    with cluster(tmp_path / "dask", env) as (dask, workers):
        # a path that means another folder in every process: as if the disk were not shared
        done = autograder(
            "grade", "/proc/self/cwd/submitted", "--executor", "dask", "--scheduler", dask.address,
            "--out", tmp_path / "sent", env=env, cwd=out,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "sending them along" in done.stderr
        assert without_seconds(tmp_path / "sent") == without_seconds(out / "local")

        results = tmp_path / "restarted"
        with grading(out, results, env, "--scheduler", dask.address) as process:
            in_the_middle(process, results)
            for nanny in workers:  # both worker processes; their nannies start others
                children = subprocess.run(["pgrep", "-P", str(nanny.pid)], capture_output=True, text=True, check=True)
                for child in children.stdout.split():
                    os.kill(int(child), signal.SIGKILL)
            _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert f"graded {2 * STUDENTS}, already done 0;" in said
        assert without_seconds(results) == without_seconds(out / "local")


@pytest.mark.integration
@dask
def test_ctrl_c_keeps_what_is_graded_and_the_same_command_goes_on(crowd, tmp_path):
    out, env = crowd
    results = tmp_path / "stopped"
    with grading(out, results, env, "--jobs", "2") as process:
        in_the_middle(process, results)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers get it too
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "the same command goes on where it stopped" in said
    assert "Traceback" not in said
    kept = stored(results)
    again = autograder("grade", out / "submitted", "--out", results, "--executor", "dask", "--jobs", 2, env=env)
    assert again.returncode == 0, again.stderr
    assert f"graded {2 * STUDENTS - kept}, already done {kept};" in again.stderr
    assert without_seconds(results) == without_seconds(out / "local")


SLOW_SCHEDULER = """
import asyncio, sys
import distributed
from autograder.cli import main

def slow(name, answer):
    async def answered(*args, **kwargs):
        sys.stderr.write(name + "\\n")
        await asyncio.sleep(2)
        found = answer(*args, **kwargs)
        return await found if asyncio.iscoroutine(found) else found
    return answered

class Slow(distributed.Scheduler):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("gather", "heartbeat_worker"):
            self.handlers[name] = slow(name, self.handlers[name])

distributed.deploy.local.Scheduler = Slow
if __name__ == "__main__":
    main()
"""


@pytest.mark.integration
@dask
@pytest.mark.parametrize("name", ["gather", "heartbeat_worker"])
def test_ctrl_c_while_the_scheduler_is_asked_something_is_one_line_too(name, crowd, tmp_path):
    (tmp_path / "slow.py").write_text(SLOW_SCHEDULER)
    out, env = crowd
    with grading(out, tmp_path / "stopped", env, "--jobs", "2", program=[tmp_path / "slow.py"]) as process:
        assert any(line == f"{name}\n" for line in process.stderr)
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()
        assert process.wait(timeout=120) == 130
    assert said.splitlines()[-1] == "stopped; what was graded is kept, the same command goes on where it stopped"
    assert "Traceback" not in said


@pytest.mark.integration
@dask
def test_a_scheduler_that_dies_is_one_clear_line_and_the_same_command_goes_on(crowd, tmp_path):
    out, env = crowd
    results = tmp_path / "lost"
    with (
        cluster(tmp_path / "dask", env) as (dask, _),
        grading(out, results, env, "--scheduler", dask.address) as process,
    ):
        in_the_middle(process, results)
        scheduler, _ = dask.processes[0]
        scheduler.kill()
        _, said = process.communicate(timeout=120)
    assert process.returncode == 3
    assert "the Dask scheduler went away; what was graded is kept, the same command goes on where it stopped" in said
    assert "Traceback" not in said
    kept = stored(results)
    again = autograder("grade", out / "submitted", "--out", results, env=env)
    assert f"graded {2 * STUDENTS - kept}, already done {kept};" in again.stderr
    assert without_seconds(results) == without_seconds(out / "local")


@pytest.mark.integration
@dask
def test_no_scheduler_is_one_clear_line(mini, tmp_path, crowd):
    done = autograder(
        "grade", crowd[0] / "submitted", "--out", tmp_path, "--executor", "dask", "--scheduler", "tls://127.0.0.1:1",
        env=crowd[1],
    )  # fmt: skip
    assert done.returncode == 2
    assert "no Dask scheduler answers" in done.stderr
    assert "Traceback" not in done.stderr
