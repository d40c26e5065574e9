"""Wrong answers that several students share and the catalogue lacks: found, drafted, and named without a new run."""

import random
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder.authoring.new_course import new_course
from autograder.authoring.verify import verify_exercise
from autograder.cli import cli
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.store.generations import fingerprint, naming_fingerprint, without_misconceptions
from autograder.store.store import open_store
from autograder.store.unnamed import unnamed_groups

CHECKS = """
from autograder.checks import Exercise, Part, example, raises

EXERCISE = Exercise("spread", number="E01", title="Spread", difficulty=1, minutes=5, parts=(
    Part("middle", points=4, checks=(example((([1.0, 2.0, 6.0],), 3.0)), raises(undefined=[([],)])), hints=("a",)),
    Part("spread", points=4, checks=(example((([1.0, 2.0, 6.0],), 14 / 3)), raises(undefined=[([],)])), hints=("a",)),
))
"""
GRADING = """
import numpy as np

from autograder.checks import Hidden, usual_checks, wrong


def checked(x):
    x = np.asarray(x, dtype=np.float64)
    if not x.size:
        raise ValueError("empty")
    return x


def draw(g):
    return (g.normal(2.0, 3.0, size=int(g.integers(4, 9))),)


MIDDLE = Hidden("middle", lambda x: float(checked(x).mean()), usual_checks(draw), (
    wrong("sum", lambda x: float(checked(x).sum()), hint="What of a constant?"),
    wrong("median", lambda x: float(np.median(checked(x))), hint="What of an outlier?"),
    wrong("first", lambda x: float(checked(x)[0]), hint="Does the order matter?"),
))
SPREAD = Hidden("spread", lambda x: float(checked(x).var()), usual_checks(draw), (
    wrong("ddof=1", lambda x: float(checked(x).var() * len(x) / max(len(x) - 1, 1)), hint="Divide by what?"),
    wrong("deviation", lambda x: float(checked(x).std()), hint="Which unit?"),
    wrong("sum", lambda x: float(checked(x).var() * len(x)), hint="What of twice the data?"),
))
"""
STUB = "".join(f"def {name}(x):\n    raise NotImplementedError\n\n\n" for name in ("middle", "spread"))
STATEMENT = """# Spread

## middle

`middle(x)`: the mean of `x`. Raises `ValueError` if `x` is empty. The argument stays unchanged.

## spread

`spread(x)`: the variance of `x` with the divisor n. Raises `ValueError` if `x` is empty. The argument stays unchanged.
"""
RIGHT = {"middle": "np.mean(x)", "spread": "np.var(x)"}
PLANTED = {
    "middle": {
        "(np.max(x) + np.min(x)) / 2": "", "np.max(x)": "", "np.sqrt(np.mean(np.square(x)))": "",
        "np.mean(x) + 0.5": "the right value plus 0.5", "3.7 * np.mean(x)": "the right value times 3.7",
        "np.var(x)": "the right value of spread",
    },
    "spread": {
        "np.mean(np.square(x))": "", "np.max(x) - np.min(x)": "", "np.var(x) ** 2": "the square of the right value",
        "np.mean(np.abs(x - np.mean(x)))": "", "np.var(x) - 1.25": "the right value plus -1.25",
        "np.mean(x)": "the right value of middle",
    },
}  # fmt: skip
CATALOGUED = {"middle": "np.sum(x)", "spread": "np.std(x)"}
FAILING = {"middle": "x['a']", "spread": "1 / 0"}


BODY = """
def {}(x):
    x = np.asarray(x, float)  # mine
    if len(x) == 0:
        raise ValueError('empty')
    return float({})
"""


def submission(middle, spread):
    return "import numpy as np\n" + BODY.format("middle", middle) + BODY.format("spread", spread)


def a_course(root):
    root = new_course(root, "A course")
    shutil.rmtree(root / "exercises" / "squares")
    place = root / "exercises" / "spread"
    place.mkdir()
    for name, text in {
        "checks.py": CHECKS, "grading.py": GRADING, "README.md": STATEMENT, "spread.py": STUB,
    }.items():  # fmt: skip
        (place / name).write_text(text)
    file = root / "course.yml"
    file.write_text("title: A course\nassignments:\n  hw1:\n    title: First\n    exercises: {spread: 8}\n")
    return root


def hand_in(folder, texts):
    for student, text in texts.items():
        place = folder / student / "hw1"
        place.mkdir(parents=True)
        (place / "spread.py").write_text(text)


def a_class(size, seed=7):
    """A class in which students share planted mistakes: each at least twice, one part of a file wrong."""
    choose = random.Random(seed)
    planted = [(part, code) for part, codes in PLANTED.items() for code in codes]
    made = [one for one in planted for _ in range(2)]
    other = [("middle", CATALOGUED["middle"]), ("spread", CATALOGUED["spread"]), ("middle", FAILING["middle"]), None]
    made += [choose.choice([*planted, *other, None, None]) for _ in range(size - len(made))]
    choose.shuffle(made)
    texts, truth = {}, {}
    for i, one in enumerate(made):
        student = f"s{i:03d}"
        texts[student] = submission(**(RIGHT if one is None else {**RIGHT, one[0]: one[1]}))
        if one in planted:
            truth.setdefault(one, []).append(student)
    return texts, truth


def run(root, *words, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    result = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def draft_of(output):
    return output[output.index("@wrong") :].replace("TITLE", "a new name").replace("HINT?", "What of a constant?")


def found(out, root):
    with open_store(out) as store:
        return unnamed_groups(store, load_course(root))


@pytest.mark.parametrize(
    "size", [pytest.param(30, id="a small class"), pytest.param(200, id="a class", marks=pytest.mark.integration)]
)
def test_every_planted_mistake_is_a_group_of_its_own_and_is_named_after_its_draft(size, tmp_path, monkeypatch):
    root = a_course(tmp_path / "course")
    texts, truth = a_class(size)
    hand_in(tmp_path / "in", texts)
    out = tmp_path / "out"
    run(root, "grade", tmp_path / "in", "--out", out, "--jobs", "2", monkeypatch=monkeypatch)
    groups = found(out, root)
    assert {(one.part, one.members) for one in groups} == {(part, tuple(who)) for (part, _), who in truth.items()}
    told = {members: one for one in groups for members in [one.members]}
    for (part, code), who in truth.items():
        assert told[tuple(who)].relation == PLANTED[part][code], (code, told[tuple(who)])
    listed = run(root, "unnamed", out, monkeypatch=monkeypatch)
    assert all(student in listed for student in groups[0].members[:12])

    for words in ((), ("--anonymous",)):
        run(root, "report", out, *words, monkeypatch=monkeypatch)
    pages = sorted((out / "report").glob("**/index.html")) + sorted(out.glob("report*/index.html"))
    assert any(f"{len(groups)} wrong answers that several students share" in page.read_text() for page in pages)

    before = {record.key: record for record in open_records(out)}
    chosen = groups[:3]
    drafts = [draft_of(run(root, "unnamed", out, "--draft", one.number, monkeypatch=monkeypatch)) for one in chosen]
    assert all("mine" not in draft and "'" not in draft for draft in drafts)
    grading = root / "exercises" / "spread" / "grading.py"
    scoring, naming = fingerprint(root, "spread"), naming_fingerprint(root, "spread")
    more = "\n\n".join(d.replace("a new name", f"new {i}").replace("drafted", f"new_{i}") for i, d in enumerate(drafts))
    grading.write_text(f"{grading.read_text()}\n\n{more}\n")
    assert fingerprint(root, "spread") == scoring
    assert naming_fingerprint(root, "spread") != naming
    problems = verify_exercise(load_exercise(root, "spread", hidden=True), strict=False).all_problems
    assert [one for one in problems if "new " in one] == []

    shutil.rmtree(tmp_path / "in")  # no code is there to be run again
    hand_in(tmp_path / "in", {"s999": submission(**RIGHT)})
    run(root, "grade", tmp_path / "in", "--out", out, "--jobs", "1", monkeypatch=monkeypatch)
    after = {record.key: record for record in open_records(out)}
    for i, one in enumerate(chosen):
        for student in one.members:
            part = next(p for p in after[student, "hw1", "spread"].parts if p["name"] == one.part)
            assert part["misconceptions"] == [f"new {i}"]
            assert after[student, "hw1", "spread"].score == before[student, "hw1", "spread"].score
    assert {one.members for one in found(out, root)} == {one.members for one in groups[3:]}


def open_records(out):
    with open_store(out) as store:
        return list(store.records())


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (GRADING, False),
        (GRADING.replace('"median"', '"the median"'), False),
        (GRADING + "\n\n@wrong('middle', 'a', hint='b?')\ndef another(x):\n    return 0.0\n", False),
        (GRADING + "\n# a remark\n", False),
        (GRADING.replace("checked(x).mean()", "checked(x).mean() + 0"), True),
        (GRADING.replace("integers(4, 9)", "integers(4, 8)"), True),
        (GRADING + "\n\ndef helper(x):\n    return 0.0\n", True),
    ],
)
def test_only_what_decides_points_counts_for_a_verdict(text, counts):
    assert (without_misconceptions(text.encode()) != without_misconceptions(GRADING.encode())) is counts


def test_a_team_is_one_answer_and_no_group(tmp_path, monkeypatch):
    root = a_course(tmp_path / "course")
    hand_in(tmp_path / "in", {who: submission(**RIGHT | {"middle": "np.max(x)"}) for who in ("ann", "ben", "cem")})
    out = tmp_path / "out"
    run(root, "grade", tmp_path / "in", "--out", out, "--jobs", "1", monkeypatch=monkeypatch)
    with open_store(out) as store:
        records = list(store.records())
        for record in records:
            store.revise(replace(record, team="red"))
        assert unnamed_groups(store, load_course(root)) == []
        store.revise(records[-1])
        assert [one.members for one in unnamed_groups(store, load_course(root))] == [("ann", "ben", "cem")]
