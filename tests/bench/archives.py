"""Archives of a whole class read by several forked workers at once: what is rejected, and whether all read the same.

    python -m tests.bench.archives [--archives 200] [--members 40] [--jobs 1 2 4] [--json FILE]

Every member is an intact notebook of some size, named as Canvas names it.  The archive is looked into before the
workers fork, as ``autograder grade`` does, so what they share shows here.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import tempfile
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from autograder.intake.discovery import Submission, discover
from autograder.intake.loading import load
from tests.attacks.inputs.making import code_cell, notebook
from tests.course_files import course_at


def write_archive(path: Path, members: int, dice: random.Random, size: int = 200_000) -> None:
    """Write a class's download: a notebook each, whose outputs cannot be packed well."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(members):
            output = {"output_type": "stream", "name": "stdout", "text": dice.randbytes(size // 2).hex()}
            cell = {**code_cell(f"MARK = {k}\n"), "outputs": [output]}
            archive.writestr(f"stud{k:02d}_{100 + k}_{9000 + k}_gamma.ipynb", notebook(cell))


def verdict(submission: Submission) -> tuple[str, str | None, str | None]:
    """Return what a worker reads: the student, the hash of the bytes, and why they are refused."""
    loaded = load(submission)
    return submission.student, loaded.sha256, loaded.message


def read_by(jobs: int, submissions: Sequence[Submission]) -> list[tuple[str, str | None, str | None]]:
    """Read all submissions in that many processes that were forked after the archive was opened."""
    # its workers end by themselves; those of a Pool are sent a signal, which one may be told to ignore
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        return sorted(pool.map(verdict, submissions, chunksize=4))


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
        for number in range(options.archives):
            path = root / f"{number}.zip"
            write_archive(path, options.members, random.Random(number))
            found = discover(path, course, exercise="gamma").submissions
            runs = []
            for jobs in options.jobs:
                started = time.perf_counter()
                runs.append(read_by(jobs, found))
                seconds[jobs] += time.perf_counter() - started
                rejected[jobs] += sum(message is not None for *_, message in runs[-1])
            other += any(run != runs[0] for run in runs)
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
