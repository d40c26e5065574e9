"""How long the report of a large class takes, and how large its index page is.

    python -m tests.bench.report [RESULTS] [--students 1000] [--json FILE]

``RESULTS`` is the results folder of a graded class; without it, eight demo students of the first assignment are graded
first.  Its students are drawn again and again, their points perturbed, until there are enough of them.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from autograder.authoring.demo.build import write_class
from autograder.course.model import load_course
from autograder.lms.people import directory
from autograder.reports.site import write_report
from autograder.store.store import open_store
from tests.bench.nbgrader import timed
from tests.report_class import replicated, students_of

HERE = Path(__file__).parents[2]


def graded(folder, course):
    """Grade a few demo students; return the folder of their results."""
    write_class(course, 8, folder, [course.assignments[0].name], slow=False)
    out = folder / "results"
    timed(HERE, HERE, "autograder", "grade", str(folder / "submitted"), "--out", str(out))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="?")
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    course = load_course(HERE)
    with tempfile.TemporaryDirectory() as made:
        with open_store(options.results or graded(Path(made), course), create=False) as store:
            keys = store.keys()
            seeds = [(store.get(who, exercise)[0], ()) for who, _, exercise in keys]
        place = Path(made) / "class"
        place.mkdir()
        with open_store(place) as store:
            replicated(store, seeds, options.students, np.random.default_rng(1))
            records = len(store.keys())
            began, wall = time.process_time(), time.perf_counter()
            write_report(store, course, directory(students_of(store), None), place / "report")
            spent, waited = time.process_time() - began, time.perf_counter() - wall
        index = (place / "report" / "index.html").stat().st_size
        pages = [page.stat().st_size for page in (place / "report" / "students").iterdir()]
    print(f"{options.students} students, {records} records: {spent:.1f} s of processor time, {waited:.1f} s in all")
    print(f"index {index / 1e6:.2f} MB, {len(pages)} pages, the largest {max(pages) / 1e3:.0f} kB")
    if options.json:
        figures = {"processor_seconds": spent, "seconds": waited, "index_bytes": index, "largest_page": max(pages)}
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
