"""Times of submission in every form that nbgrader's configuration writes, and never one that is guessed."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.cli.grade import grade_command
from autograder.moments import iso, read_moment
from tests.conftest import make_course

NOON = datetime(2026, 10, 7, 12, tzinfo=UTC)
FORMS = {
    "2026-10-07 12:00:00.000000 UTC": NOON,
    "2026-10-07 12:00:00 GMT": NOON,
    "2026-10-07T12:00:00Z": NOON,
    "2026-10-07 14:00:00.000000 CEST": NOON,
    "2026-10-07 08:00:00.000000 EDT": NOON,
    "2026-10-07 14:00:00.000000 +0200": NOON,
    "2026-10-07 14:00:00+02:00": NOON,
    "2026-10-07 14:00:00 UTC+02:00": NOON,
    "2026-10-07 09:00:00.000000 -03": NOON,  # what %Z gives where a zone has no letters
    "2026-10-07 17:45:00.000000 +0545": NOON,
    "2026-10-07 14:00:00 Europe/Berlin": NOON,
    "2026-10-07 21:00:00 Asia/Tokyo": NOON,
    "2026-10-07 21:00:00 JST": NOON,
    "2026-10-07 12:00 UTC": NOON,
    "2026-10-07-12-00-00 UTC": NOON,
    "20261007 120000 UTC": NOON,
    "2026-10-07 12:00:00": NOON,  # nbgrader takes a time without a zone for UTC
    "2026-10-07 24:00:00 UTC": datetime(2026, 10, 8, tzinfo=UTC),  # the end of the day
    "2026-12-31 24:00 +01:00": datetime(2026, 12, 31, 23, tzinfo=UTC),
    "2026-10-25 02:30:00 CEST": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the hour that comes twice
    "2026-10-25 02:30:00 CET": datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
}
NOT_TIMES = (
    "", "yesterday", "2026-13-07 12:00:00 UTC", "2026-10-07 25:00:00 UTC", "2026-10-07 12:00:00 Middle/Earth",
    "2026-10-07 12:00:00 XYZT", "2026-10-07 12:00:00 CEST now", "2026-02-30 12:00:00 UTC", "07.10.2026 12:00",
    "2026-10-07 12:00:00 +99:00", "\0", "2026-10-07", "2026-10-07 24:01:00 UTC", "2026-10-07 23:59:60 UTC",
    "2026-10-25 02:30:00 Europe/Berlin", "2026-03-29 02:30:00 Europe/Berlin",  # an hour that came twice, or never
)  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_every_form_of_zone_is_read(text):
    assert read_moment(text, None, UTC) == FORMS[text]


@pytest.mark.parametrize("text", NOT_TIMES)
def test_what_is_not_a_time_is_none(text):
    assert read_moment(text, None, UTC) is None


@pytest.mark.parametrize(
    ("letters", "place"),
    [("IST", "Asia/Kolkata"), ("IST", "Asia/Jerusalem"), ("CST", "America/Chicago"), ("CST", "Asia/Shanghai")],
)
def test_letters_that_mean_several_zones_are_read_as_in_the_zone_of_the_due_date(letters, place):
    moment = datetime(2026, 12, 1, 12, tzinfo=ZoneInfo(place))
    due = datetime(2026, 10, 5, 23, 59, tzinfo=ZoneInfo(place))
    fixed = due.astimezone(timezone(due.utcoffset()))  # as course.yml writes it
    assert moment.tzname() == letters
    assert read_moment(f"2026-12-01 12:00:00 {letters}", fixed) == moment
    assert read_moment(f"2026-12-01 12:00:00 {letters}") is None


@example(datetime(2002, 3, 30, 15), "Australia/Sydney", "%Y-%m-%d %H:%M:%S.%f %Z")
@example(datetime(2002, 3, 30, 16), "Australia/Sydney", "%Y-%m-%d %H:%M:%S.%f %Z")
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2036, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "Asia/Kathmandu", "UTC"]),
    st.sampled_from(["%Y-%m-%d %H:%M:%S.%f %Z", "%Y-%m-%d %H:%M:%S.%f %z", "%Y-%m-%dT%H:%M:%S.%f%z"]),
)
def test_what_nbgrader_writes_comes_back(clock, place, form):
    # compared in UTC: Python takes times of two zones in a doubled hour for unequal (PEP 495)
    moment = clock.replace(tzinfo=UTC)
    there = moment.astimezone(ZoneInfo(place))
    assert read_moment(there.strftime(form), there.astimezone(timezone(there.utcoffset()))) == moment


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_iso_comes_back_and_needs_a_zone(clock, minutes):
    moment = clock.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert iso(moment.isoformat()) == read_moment(moment.isoformat()) == moment
    assert iso(clock.isoformat()) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text):
    assert iso(text) is None or isinstance(iso(text), datetime)
    read_moment(text, NOON, UTC)


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = make_course(tmp_path / "course")
    text = (root / "course.yml").read_text()
    first = next(line for line in text.splitlines() if line.startswith("  hw1:"))
    (root / "course.yml").write_text(
        text.replace(first, f"{first}\n    due: 2026-10-05T23:59:00+02:00", 1) + "late: {percent_per_day: 10}\n"
    )
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    return root


@pytest.mark.parametrize(
    ("stamp", "words"),
    [
        ("2026-10-07 14:00:00.000000 CEST", "late: 1 (ann hw1: 2 days)"),
        ("2026-10-05 14:00:00.000000 CEST", None),
        ("2026-10-07 14:00:00.000000 XYZT", "time of submission cannot be read, counted as on time: 1 (ann hw1)"),
    ],
)
def test_grade_ends_with_who_is_late_and_whose_time_cannot_be_read(stamp, words, course, tmp_path):
    place = tmp_path / "submitted" / "ann" / "hw1"
    place.mkdir(parents=True)
    (place / "first_mean.py").write_text("x = 1\n")
    (place / "timestamp.txt").write_text(stamp)
    done = CliRunner().invoke(grade_command, [str(tmp_path / "submitted"), "--out", str(tmp_path / "out"), "--unsafe"])
    assert done.exit_code == 0, (done.output, done.exception)
    assert (words or "needs a person") in done.output or words is None
    assert words is not None or "late" not in done.output


def test_canvas_marks_late_work_where_no_time_is_known(course, tmp_path):
    place = tmp_path / "submitted"
    place.mkdir()
    (place / "doeann_LATE_101_900_first_mean.py").write_text("x = 1\n")
    (place / "roebob_102_901_first_mean.py").write_text("x = 1\n")
    options = ["--out", str(tmp_path / "out"), "--unsafe", "--exercise", "first_mean"]
    done = CliRunner().invoke(grade_command, [str(place), *options])
    assert done.exit_code == 0, (done.output, done.exception)
    (line,) = [line for line in done.output.splitlines() if "Canvas's own mark" in line]
    assert "1 (" in line
    assert "doeann" in line or "101" in line
