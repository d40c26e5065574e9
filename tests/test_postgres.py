"""PostgreSQL as the results store: the laws of the store hold on it, and graders share it."""

import json
import multiprocessing
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

import autograder.store.claimant
import autograder.store.store
from autograder.authoring.demo.build import write_class
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.store.records import Record
from autograder.store.store import open_store
from autograder.store.stored import Mark, Stored
from tests import postgres
from tests.conftest import keep
from tests.test_class import autograder as run_command
from tests.test_class import records_of, without_seconds

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(postgres.missing() is not None, reason=str(postgres.missing())),
]
KEY = ("ann", "hw1", "alpha")


@pytest.fixture(scope="module")
def server():
    with postgres.server("-c fsync=off") as url:
        yield url


@pytest.fixture
def url(server):
    """A store of its own: an empty schema of the one database."""
    import sqlalchemy as sa

    name = f"store{os.urandom(8).hex()}"
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    engine.dispose()
    return f"{server}&options=-csearch_path%3D{name}"


def stored(key=KEY, score=1.0, **more):
    record = Record(*key, status=more.pop("status", "graded"), sha256="ab", score=score, max_score=10.0)
    return Stored(record, more.pop("digest", "d"), more.pop("fingerprint", "f"), **more)


def test_what_is_saved_comes_back_with_its_evidence_and_files(url):
    zone = timezone(timedelta(hours=-7))
    given = stored(
        evidence={"t\ud800": ["a\0\ud800", None, 1.5, "\U0001f600"]},
        notes=("\udcff", "line\nline\0"),
        received=datetime(2026, 10, 1, 23, 59, 59, 123456, tzinfo=zone),
        verified=True,
    )
    data = bytes(range(256)) * 20_000
    with open_store(url) as store:
        keep(store, given, [("ann/alpha.py", data), ("ann/alpha.md", b""), ("again.py", data)])
    with open_store(url, create=False) as store:
        got, files = store.get("ann", "alpha")
        assert got.evidence == {"t\\ud800": ["a\0\\ud800", None, 1.5, "\U0001f600"]}
        assert got.notes == ("\\udcff", "line\nline\0")
        assert got.received == given.received
        assert got.verified is True
        assert got.record == given.record
        assert [store.blob(sha256) for _, sha256 in files] == [data, b"", data]


@pytest.mark.parametrize("score", [0.1 + 0.2, 1e-300, 1.7976931348623157e308, 0.0])
def test_points_come_back_to_the_last_bit(score, url):
    with open_store(url) as store:
        keep(store, stored(score=score))
        assert [record.score for record in store.records()] == [score]
        assert [grade.score for grade in store.grades()] == [score]


def test_records_come_sorted_by_code_points_and_ids_differ_by_case(url):
    students = ["b", "a", "B", "A", "\u00e9", "e\u0301", "a b", "10", "9", "\U0001f600", "\uff1d", "x" * 800]
    students += [f"s{k}" for k in range(300)]
    keys = [(student, "hw1", name) for student in students for name in ("beta", "alpha")]
    with open_store(url) as store:
        for key in keys:
            keep(store, stored(key))
        assert [record.key for record in store.records()] == sorted(keys)
        assert set(store.finished()) == set(keys)
        assert set(store.finished(keys[:5])) == set(keys[:5])


def test_a_regrade_replaces_and_marks_stay(url):
    marks = [
        Mark("ann", "alpha", "essay", 2.5, "good\0 \ud800 'quoted'; --", "kim", datetime(2026, 10, 1, tzinfo=UTC)),
        Mark("ann", "alpha", "essay", 3.0, "", "lee", datetime(2026, 10, 2, tzinfo=UTC)),
    ]
    with open_store(url) as store:
        keep(store, stored(), [("a.py", b"1")])
        store.mark(*marks)
        keep(store, stored(score=2.0), [("a.py", b"1")])
        assert [record.score for record in store.records()] == [2.0]
        kept = store.marks()
    assert [(m.points, m.who, m.at) for m in kept] == [(m.points, m.who, m.at) for m in marks]
    assert kept[0].comment == "good\\x00 \\ud800 'quoted'; --"


@pytest.mark.parametrize("pseudonym", [None, "p-1"])
def test_a_student_who_is_forgotten_is_in_no_row_of_the_team_either(pseudonym, url):
    import sqlalchemy as sa

    with open_store(url) as store:
        for who in ("ben", "ann"):
            record = Record(
                who, "hw1", "alpha", "graded", file="ann/alpha.py", sha256="ab", score=1.0, max_score=2.0, team="red",
                notes=("team red: ann, ben handed in",), message="team red: ann, ben handed in",
            )  # fmt: skip
            keep(
                store, Stored(record, "d", "f", notes=record.notes), [("ann/alpha.py", b"code"), ("ann/alpha.md", b"x")]
            )
            store.mark(Mark(who, "alpha", "essay", 1.0, "ann and ben: good", "me", datetime(2026, 10, 1, tzinfo=UTC)))
        assert store.forget("ann", pseudonym) == 1
        assert store.students() == {"ben", pseudonym} - {None}
        stored, files = store.get("ben", "alpha")
        assert [name for name, _ in files] == [stored.record.file, "alpha.md"] == ["alpha.py", "alpha.md"]
        assert store.blob(files[0][1]) == b"code"
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = [
            tuple(row)
            for table in ("results", "marks", "claims")
            for row in connection.execute(sa.text(f"SELECT * FROM {table}"))
        ]
    engine.dispose()
    assert not [row for row in rows if re.search(r"\bann\b", repr(row))]


def test_a_claim_keeps_another_living_grader_away(url, monkeypatch):
    with open_store(url) as store, subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as living:
        machine, namespace, _, _ = json.loads(autograder.store.store.owner())
        name = json.dumps([machine, namespace, living.pid, autograder.store.claimant.start(living.pid)])
        assert store.claim([KEY]) == {KEY}
        monkeypatch.setattr(autograder.store.store, "owner", lambda: name)
        with open_store(url) as other:
            bob = ("bob", "hw1", "alpha")
            assert other.claim([bob, KEY]) == {bob}
            assert store.claim([bob]) == set()
            keep(store, stored())
            assert other.claim([KEY]) == {KEY}
        living.kill()
        living.wait()
        assert store.claim([KEY, bob]) == {KEY, bob}  # the other is gone


def _grade(url, numbers, results):
    with open_store(url) as opened:
        for number in numbers:
            key = (f"s{number:03}", "hw1", "alpha")
            if opened.claim([key]) and key not in opened.finished([key]):
                files = [(f"{k}.py", str(number * 7 % (k + 3)).encode()) for k in range(4)]
                keep(opened, stored(key, score=float(number)), files)
                results.put(number)


def test_graders_that_start_at_once_make_one_store_share_the_work_and_lose_nothing(url):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    orders = [range(60), range(59, -1, -1), [k * 37 % 60 for k in range(60)]]
    graders = [context.Process(target=_grade, args=(url, order, results)) for order in orders]
    for grader in graders:
        grader.start()
    graded = sorted(results.get(timeout=120) for _ in range(60))
    for grader in graders:
        grader.join()
    assert [grader.exitcode for grader in graders] == [0, 0, 0]
    assert graded == list(range(60))  # each once
    assert results.empty()
    with open_store(url) as opened:
        assert [record.score for record in opened.records()] == list(range(60))


def test_a_store_that_is_none_and_a_server_that_is_none_are_named(url, server):
    with pytest.raises(CourseError, match="there is no results store in it"):
        open_store(url, create=False)
    with pytest.raises(CourseError, match="the database refuses"):
        open_store(server.replace("host=", "host=/nowhere"))


def test_two_graders_at_once_give_the_records_of_one_with_sqlite(mini, url, tmp_path):
    write_class(load_course(mini), 120, tmp_path, slow=False)
    env = {"AUTOGRADER_COURSE": str(mini)}
    command = ("grade", tmp_path / "submitted", "--jobs", 1)
    alone = run_command(*command, "--out", tmp_path / "sqlite", env=env)
    assert alone.returncode == 0, alone.stderr

    shared = [sys.executable, "-m", "autograder", *map(str, command), "--store", url, "--out"]
    environment = {**os.environ, "AUTOGRADER_SECRET": "x" * 32, **env}
    graders = [
        subprocess.Popen(
            [*shared, str(tmp_path / name)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    said = [grader.communicate(timeout=300)[1] for grader in graders]
    assert [grader.returncode for grader in graders] == [0, 0], said
    counts = [int(re.search(r"^graded (\d+), already", text, re.MULTILINE)[1]) for text in said]
    assert sum(counts) == 240  # every submission was graded by one of them and by one only
    assert min(counts) > 0

    last = run_command(*command, "--store", url, "--out", tmp_path / "last", env=env)
    assert "graded 0, already done 240" in last.stderr
    assert without_seconds(tmp_path / "last") == without_seconds(tmp_path / "sqlite")
    assert len(records_of(tmp_path / "last")) == 240
    shown = run_command("show", "s0001", "first_mean", "--store", url, "--out", tmp_path / "last", env=env)
    assert shown.returncode == 0, shown.stderr


def test_an_older_store_is_brought_up_to_date_and_keeps_its_marks(url):
    import sqlalchemy as sa

    from tests.test_migrations import RECORD, VERSION_1

    text = VERSION_1.replace("BLOB", "BYTEA").replace("id INTEGER NOT NULL PRIMARY KEY", "id SERIAL PRIMARY KEY")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in filter(str.strip, text.split(";")):
            connection.execute(sa.text(statement))
        row = dict(zip(("s", "a", "e"), KEY, strict=True)) | {"record": json.dumps(RECORD)}
        values = (
            "(:s, :a, :e, 'graded', 5, 8, 3, 'd', 'f', '', '', NULL, false, '2026-10-01', :record, '{}', '[]', '[]')"
        )
        connection.execute(sa.text(f"INSERT INTO results VALUES {values}"), row)
        mark = "('ann', 'alpha', 'essay', 'well', 'eve', '2026-10-02T12:00:00+00:00', 2)"
        names = "(student, exercise, part, comment, who, at, points)"
        connection.execute(sa.text(f"INSERT INTO marks {names} VALUES {mark}"))
    engine.dispose()
    for _ in range(2):
        with open_store(url, create=False) as store:
            (kept,) = store.marks()
            assert (kept.points, kept.out_of, kept.answer, kept.criteria) == (2.0, 3.0, None, ())
            assert store.get("ann", "alpha")[0].answers == {}
