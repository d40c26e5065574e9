"""How long the report of a large class takes, and how large its index page is.

    python -m tests.bench.report RESULTS [STUDENTS]

``RESULTS`` is the results folder of a graded class.  Its students are drawn again and again, their points perturbed,
until there are STUDENTS (1000); nothing is graded here.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from autograder.course import find_course, load_course
from autograder.export.people import directory
from autograder.report.site import write_report
from autograder.store import open_store
from tests.report_class import replicated, students_of


def main():
    source = Path(sys.argv[1])
    students = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    course = load_course(find_course())
    with open_store(source, create=False) as store:
        keys = store.keys()
        seeds = [(store.get(who, exercise)[0], ()) for who, _, exercise in keys]
    with tempfile.TemporaryDirectory() as place, open_store(place) as store:
        replicated(store, seeds, students, np.random.default_rng(1))
        records = len(store.keys())
        began, wall = time.process_time(), time.perf_counter()
        write_report(store, course, directory(students_of(store), None), Path(place) / "report")
        spent, waited = time.process_time() - began, time.perf_counter() - wall
        index = (Path(place) / "report" / "index.html").stat().st_size
        pages = [page.stat().st_size for page in (Path(place) / "report" / "students").iterdir()]
    print(f"{students} students, {records} records: {spent:.1f} s of processor time, {waited:.1f} s in all")
    print(f"index {index / 1e6:.2f} MB, {len(pages)} pages, the largest {max(pages) / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
