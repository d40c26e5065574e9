"""Archives of a whole class read by several forked workers at once: what is rejected, and whether all read the same.

    python -m tests.bench.archives [--archives 200] [--members 40] [--jobs 1 2 4] [--json FILE]

Every member is an intact notebook of some size, named as Canvas names it.  The archives are looked into before the
workers fork, as ``autograder grade`` does, so what they share shows here; some are read together, since every worker
starts a confined process to read with.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from autograder.intake.discovery import Submission, discover
from autograder.intake.loading import load
from tests.attacks.inputs.making import code_cell, notebook
from tests.course_files import course_at

TOGETHER = 20
"""Archives that are read by the same workers."""

Verdict = tuple[str, str | None, str | None]


def write_archive(path: Path, members: int, dice: random.Random, size: int = 200_000) -> None:
    """Write a class's download: a notebook each, whose outputs cannot be packed well."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for k in range(members):
            output = {"output_type": "stream", "name": "stdout", "text": dice.randbytes(size // 2).hex()}
            cell = {**code_cell(f"MARK = {k}\n"), "outputs": [output]}
            archive.writestr(f"stud{k:02d}_{100 + k}_{9000 + k}_gamma.ipynb", notebook(cell))


def verdict(submission: Submission) -> Verdict:
    """Return what a worker reads: the student, the hash of the bytes, and why they are refused."""
    loaded = load(submission)
    return submission.student, loaded.sha256, loaded.message


def read_by(jobs: int, submissions: Sequence[Submission]) -> list[Verdict]:
    """Read all submissions, in order, in that many processes that were forked after the archive was opened."""
    # its workers end by themselves; those of a Pool are sent a signal, which one may be told to ignore
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        return list(pool.map(verdict, submissions, chunksize=4))


def by_archive(read: Sequence[Verdict], sizes: Sequence[int]) -> list[list[Verdict]]:
    """Return what was read of each archive."""
    rest = iter(read)
    return [sorted(islice(rest, size)) for size in sizes]


def main() -> None:
    """Read, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archives", type=int, default=200)
    parser.add_argument("--members", type=int, default=40)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rejected = dict.fromkeys(options.jobs, 0)
    seconds = dict.fromkeys(options.jobs, 0.0)
    other = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        course = course_at(root / "course")
        for first in range(0, options.archives, TOGETHER):
            paths = [root / f"{number}.zip" for number in range(first, min(first + TOGETHER, options.archives))]
            for number, path in enumerate(paths, first):
                write_archive(path, options.members, random.Random(number))
            found = [discover(path, course, exercise="gamma").submissions for path in paths]
            runs = []
            for jobs in options.jobs:
                started = time.perf_counter()
                read = read_by(jobs, [one for archive in found for one in archive])
                seconds[jobs] += time.perf_counter() - started
                rejected[jobs] += sum(message is not None for *_, message in read)
                runs.append(by_archive(read, [len(archive) for archive in found]))
                said = f"{first + len(paths)} of {options.archives} archives read by {jobs} of {options.jobs} workers"
                print(said, file=sys.stderr, flush=True)
            other += sum(any(run != same[0] for run in same) for same in zip(*runs, strict=True))
            for path in paths:
                path.unlink()
    for jobs in options.jobs:
        total = options.archives * options.members
        read = f"{rejected[jobs]} of {total} rejected, {seconds[jobs]:.0f} s"
        print(f"  {options.archives} archives, {jobs} workers: {read}")
    print(f"  archives that are read differently by another number of workers: {other}")
    if options.json:
        figures = {"rejected": {str(jobs): count for jobs, count in rejected.items()}, "different": other}
        options.json.write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
