"""What a large course costs: measured figures, a simulation with the real store, and the model made of them.

    python -m tests.bench.capacity [--records 100000] [--students 100000] [--skip-postgres] [--json FILE]

Measured first: processor seconds that a record costs a worker (demo students of the first assignment), and tasks that a
Dask scheduler hands out per second.  Then the grader's own loop commits ``--records`` real records to the real store,
with no grading at all: claims, commits, files written at the end.  The model adds nothing to these figures: workers
share the grading, one process commits, and the slower of the two sets the pace.  Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from autograder.authoring.demo.build import write_class
from autograder.course.model import load_course
from autograder.grading import run
from autograder.grading.cluster import CarriedFile, Dask
from autograder.grading.grader import Graded, Grader, Settings
from autograder.intake.discovery import HandedFile, Submission, discover
from autograder.store.files import write_files
from autograder.store.store import open_store
from tests import postgres

HERE = Path(__file__).parents[2]
CORES = (1, 16, 256)


@dataclass(frozen=True)
class Measured:
    """What a store did with the simulated class.

    ``records_per_second`` counts the processor's seconds of the grader and of the database, which take turns: what an
    idle machine does.  ``by_the_clock`` is what this machine did, with whatever else ran on it.
    """

    records_per_second: float
    by_the_clock: float
    bytes_per_record: float
    bytes_total: int
    files_per_second: float


def processor() -> float:
    """Return the processor seconds of this process and the children that it has waited for."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def server_processor(where: str | Path) -> float:
    """Return the processor seconds of the processes of a PostgreSQL server on this machine; 0 for SQLite."""
    if isinstance(where, Path):
        return 0.0
    folder = Path(str(sa.make_url(where).query["host"]))
    parent = (folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0]
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
            if parent in (stat.parent.name, fields[1]):
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def grading(settings: Settings, found: Sequence[Submission]) -> tuple[list[Graded], float, float]:
    """Grade with one worker; return verdicts, and processor seconds per record and per exercise and variant."""
    spent = []
    for rounds in (1, 2):
        started = processor()
        with Grader(settings) as grader:
            graded = [grader.grade(one) for _ in range(rounds) for one in found]
        spent.append(processor() - started)  # the sandbox has ended and its children are counted
    each = (spent[1] - spent[0]) / len(found)
    all_questions = {(one.stored.record.exercise, one.stored.record.variant) for one in graded}
    return graded[: len(found)], each, max(0.0, spent[0] - each * len(found)) / len(all_questions)


def crowd(graded: Sequence[Graded], count: int) -> tuple[list[Submission], Iterator[Graded]]:
    """Return submissions of as many students as needed, and the verdict on each: the measured ones under new names."""
    found, verdicts = [], []
    for number, one in zip(range(count), cycle(graded), strict=False):
        record = one.stored.record
        student = f"s{number:07d}"
        suffix = b"\n# %d\n" % number  # no two students hand in the same bytes
        files = tuple((name, data + suffix) for name, data in one.files)
        name = record.file or f"{record.exercise}.py"
        place = CarriedFile(files[0][1] if files else suffix)
        found.append(
            Submission(student, record.assignment, record.exercise, "found", handed=HandedFile(name, ".py", place))
        )
        verdicts.append(replace(one, stored=replace(one.stored, record=replace(record, student=student)), files=files))
    return found, iter(verdicts)


def simulate(where: str | Path, settings: Settings, graded: Sequence[Graded], count: int, out: Path) -> Measured:
    """Run the grader's loop on a class of ``count`` records with verdicts that cost nothing."""
    found, verdicts = crowd(graded, count)

    class Costless:
        piece = Dask.piece
        commits_pieces = True

        def graded(self, work: Iterator[Sequence[Submission]]) -> Generator[list[Graded]]:
            for piece in work:
                yield list(islice(verdicts, len(piece)))

    with open_store(where) as store:
        started, busy = time.perf_counter(), processor() + server_processor(where)
        tally = run.grade_all(found, store, settings, Costless())
        seconds, busy = time.perf_counter() - started, processor() + server_processor(where) - busy
        if tally.graded != count:
            raise RuntimeError(f"{tally.graded} of {count} records were committed")
        started = processor() + server_processor(where)
        written = write_files(store, load_course(settings.root), out)
        files = processor() + server_processor(where) - started
        if written != count:
            raise RuntimeError(f"{written} of {count} records were written")
    size = stored_bytes(where)
    return Measured(count / busy, count / seconds, size / count, size, count / files)


def stored_bytes(where: str | Path) -> int:
    """Return how large a store is."""
    if isinstance(where, Path):
        return sum(file.stat().st_size for file in where.glob("results.db*"))
    engine = sa.create_engine(where)
    with engine.connect() as connection:
        size = connection.execute(sa.select(sa.func.pg_database_size(sa.func.current_database()))).scalar_one()
    engine.dispose()
    return int(size)


def _no_work(number: int) -> int:
    return number


def scheduler_speed(tasks: int = 2000) -> float | None:
    """Return the tasks that a Dask scheduler and its client handle per processor second; None without Dask."""
    if find_spec("distributed") is None:
        return None
    import distributed

    options: dict[str, Any] = {
        "n_workers": 2,
        "threads_per_worker": 1,
        "dashboard_address": "127.0.0.1:0",
        "silence_logs": logging.CRITICAL,  # a heartbeat that is under way when the cluster closes is not a failure
    }
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        client.gather(client.map(_no_work, range(10), pure=False))
        started = time.process_time()
        client.gather(client.map(_no_work, range(tasks), pure=False))
        return tasks / (time.process_time() - started)


def model(
    records: int, seconds_each: float, all_questions: float, store: Measured, tasks: float | None
) -> list[tuple[int, float, str]]:
    """Return, for every number of cores, the hours that the records take and what sets the pace.

    ``all_questions`` are the seconds in which a worker makes the questions of all exercises and variants.
    """
    rows = []
    for cores in CORES:
        pace = {"grading": cores / seconds_each, "the store": store.records_per_second}
        if tasks is not None:
            pace["the scheduler"] = tasks * run.CLUSTER_CHUNK
        slowest = min(pace, key=lambda name: pace[name])
        rows.append(
            (cores, (all_questions + records / pace[slowest] + records / store.files_per_second) / 3600, slowest)
        )
    return rows


def main() -> None:
    """Measure, simulate and print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000, help="records of the simulation")
    parser.add_argument("--students", type=int, default=100_000, help="students of the model, five assignments each")
    parser.add_argument("--sample", type=int, default=20, help="demo students that are really graded")
    parser.add_argument("--skip-postgres", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    course = load_course(HERE)
    settings = Settings(HERE, backend="numpy")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_class(course, options.sample, folder, [course.assignments[0].name], slow=False)
        found = discover(folder / "submitted", course).submissions
        print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}; seconds are the processor's")
        graded, each, questions = grading(settings, found)
        tasks = scheduler_speed()
        print(f"grading     {each * 1e3:8.1f} ms of processor time a record: {1 / each:.0f} records/s a core")
        all_questions = questions * len(course.exercises) * course.variants
        print(
            f"            {questions * 1e3:8.1f} ms an exercise and variant: "
            f"{all_questions:.0f} s for all of them, once a worker"
        )
        if tasks is not None:
            print(f"scheduler   {tasks:8.0f} tasks/s: {tasks * run.CLUSTER_CHUNK:.0f} records/s in chunks of 16")
        stores: dict[str, str | Path] = {"SQLite": folder / "sqlite"}
        if options.skip_postgres or postgres.missing():
            print(f"PostgreSQL  not measured: {postgres.missing() or 'skipped'}")
        else:
            stores["PostgreSQL"] = stack.enter_context(postgres.server())
        measured = {}
        for name, where in stores.items():
            (folder / name).mkdir()
            one = measured[name] = simulate(where, settings, graded, options.records, folder / name)
            print(
                f"{name:<11} {one.records_per_second:8.0f} records/s claimed and committed, of {options.records} "
                f"({one.by_the_clock:.0f} by the clock)\n"
                f"            {one.bytes_per_record:8.0f} bytes a record with evidence and the file handed in, "
                f"{one.bytes_total / 1e6:.0f} MB in all\n"
                f"            {one.files_per_second:8.0f} records/s into results.jsonl and grades.csv at the end"
            )
    records = options.students * len(course.exercises)
    print(f"\n{options.students} students, {len(course.assignments)} assignments, {records} records:")
    for name, one in measured.items():
        print(f"  {name}, {records * one.bytes_per_record / 1e9:.1f} GB; workers keep one grader busy up to "
              f"{one.records_per_second * each:.0f} cores")  # fmt: skip
        for cores, hours, pace in model(records, each, all_questions, one, tasks):
            print(f"    {cores:>4} cores  {hours:8.2f} h  ({pace} sets the pace)")
    if options.json:
        data = {"seconds_per_record": each, "seconds_per_questions": questions, "tasks_per_second": tasks}
        options.json.write_text(json.dumps({**data, "stores": {k: vars(v) for k, v in measured.items()}}, indent=1))


if __name__ == "__main__":
    main()
