"""Where no terminal shows a bar, a long run says now and then how far it is."""

from autograder.cli.progress import lines_of_progress


def told(total, arrivals, before=0):
    """The lines of a run in which (seconds since the last arrival, count) arrive; some were done before it."""
    moment, lines = 0.0, []
    arrived = lines_of_progress(total, lines.append, lambda: moment)
    arrived(before)
    for seconds, count in arrivals:
        moment += seconds
        arrived(count)
    return lines


def test_a_short_run_says_nothing():
    assert told(100, [(0.29, 1)] * 100) == []


def test_a_line_tells_count_speed_and_time_left():
    assert told(10_000, [(1.0, 40)] * 31) == ["1,200 of 10,000 submissions, 40.0/s, 3 min 40 s left"]
    assert told(100, [(31.0, 62), (1.0, 38)]) == ["62 of 100 submissions, 2.0/s, 19 s left"]


def test_there_is_a_line_about_every_half_minute_and_none_at_the_end():
    lines = told(600, [(1.0, 1)] * 600)
    assert len(lines) == 19
    assert lines[-1] == "570 of 600 submissions, 1.0/s, 30 s left"


def test_the_speed_is_the_mean_of_the_run_without_what_was_done_before():
    lines = told(1000, [(30.0, 30), (30.0, 60)], before=500)
    assert lines == [
        "530 of 1,000 submissions, 1.0/s, 7 min 50 s left",
        "590 of 1,000 submissions, 1.5/s, 4 min 33 s left",
    ]


def test_bursts_do_not_make_the_estimate_jump():
    """One a second on the whole, in bursts of eighty: what is left is told within a third."""
    lines = told(2000, [(40.0, 2), (40.0, 78)] * 20)
    for line in lines[3:]:
        done = int(line.split(" of ")[0].replace(",", ""))
        minutes, _, seconds = line.split(", ")[-1].removesuffix(" s left").partition(" min ")
        assert abs(60 * int(minutes) + int(seconds) - (2000 - done)) <= (2000 - done) / 3


def test_a_stall_is_no_division_by_zero_and_a_slow_run_is_told_by_the_minute():
    assert told(10, [(31.0, 0), (0.0, 1), (31.0, 0)]) == ["1 of 10 submissions, 1.9/min, 4 min 39 s left"]
    assert told(10, [(100.0, 1), (0.0, 0), (100.0, 1)]) == [
        "1 of 10 submissions, 0.6/min, 15 min 0 s left",
        "2 of 10 submissions, 0.6/min, 13 min 20 s left",
    ]
