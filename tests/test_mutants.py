"""Mutation testing: the changes that are made, and that an exercise with a missing check is found out."""

import ast
import json
import sys

import pytest
from click.testing import CliRunner

from autograder.authoring.verify.mutate import mutants_of
from autograder.cli.author import verify_command
from tests.conftest import make_course

SOURCE = '''\
def f(x, n: "x + 1" = 2, *, flag=True):
    """1 + 2, x - y."""
    require(x > 0, f"{x + 1} is not > 0")
    if n < 3:
        raise ValueError("x - 1")
    total = 0.5
    for k in range(n):
        total += x[k] * g(x, k) - max(x)
    y = [a for a in x if not a and flag]
    return -total if n else np.sum(np.abs(y), axis=-1) / 1e-12


def untouched(x):
    return x + 1
'''


def texts(source=SOURCE, functions=("f",)):
    return [mutant.text for mutant in mutants_of(source, functions)]


@pytest.mark.parametrize(
    "change",
    [
        "x > 0 -> x >= 0",
        "x > 0 -> x < 0",
        'require(x > 0, f"{x + 1} is not > 0") -> pass',
        "if n < 3 -> if False",
        "n < 3 -> n <= 3",
        "if n < 3:: 3 -> 4",
        "total = 0.5: 0.5 -> 1.0",
        "range(n) -> range(n - 1)",
        "total += x[k] * g(x, k) - max(x) -> total -= x[k] * g(x, k) - max(x)",
        "x[k] * g(x, k) - max(x) -> x[k] * g(x, k) + max(x)",
        "x[k] * g(x, k) - max(x) -> x[k] * g(x, k)",
        "x[k] * g(x, k) - max(x) -> max(x)",
        "x[k] * g(x, k) -> x[k] / g(x, k)",
        "g(x, k) -> g(k, x)",
        "max(x) -> min(x)",
        "not a and flag -> not a or flag",
        "not a -> a",
        "-total -> total",
        "-total if n else np.sum(np.abs(y), axis=-1) / 1e-12 -> -total",
        "np.sum(np.abs(y), axis=-1) -> np.sum(np.abs(y), axis=0)",
        "np.sum(np.abs(y), axis=-1) -> np.mean(np.abs(y), axis=-1)",
        "np.abs(y) -> y",
    ],
)
def test_this_change_is_made(change):
    assert f"f: {change}" in texts()


def test_documentation_annotations_and_error_texts_are_left_alone():
    for mutant in mutants_of(SOURCE, ["f"]):
        tree = ast.parse(mutant.code)
        assert ast.get_docstring(tree.body[0]) == "1 + 2, x - y."
        assert '"x + 1"' in mutant.code
        assert "is not > 0" in mutant.code or "pass" in mutant.code
    assert not any(text.startswith("untouched") for text in texts())


def test_every_mutant_is_another_program_with_a_name_of_its_own():
    made = mutants_of(SOURCE, ["f", "untouched"])
    original = ast.dump(ast.parse(SOURCE).body[0])
    assert len({mutant.text for mutant in made}) == len(made) > 40
    assert len({mutant.code for mutant in made}) == len(made)
    assert all(ast.dump(ast.parse(mutant.code).body[0]) != original for mutant in made)


def test_names_do_not_depend_on_where_the_function_stands():
    assert texts("\n\nA = 1\n\n\n" + SOURCE) == texts()


@pytest.mark.parametrize(
    ("source", "change", "value"),
    [
        ("def f(a, b, c):\n    return (a + b * c) ** 2", "a + b * c -> b * c", (2 * 3) ** 2),
        ("def f(a, b, c):\n    return a / b ** c", "b ** c -> b * c", 1 / (2 * 3)),
        ("def f(a, b, c):\n    return a - (b + c)", "b + c -> b - c", 1 - (2 - 3)),
    ],
)
def test_a_change_stays_in_its_place(source, change, value):
    mutant = next(m for m in mutants_of(source, ["f"]) if m.text == f"f: {change}")
    scope = {}
    exec(mutant.code, scope)
    assert scope["f"](1, 2, 3) == value


# --- an exercise ----------------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    return root


def verify(*args):
    done = CliRunner().invoke(verify_command, ["--mutants", "--jobs", "1", *args])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def edit(folder, old, new):
    text = folder.read_text()
    assert old in text
    folder.write_text(text.replace(old, new))


def test_the_template_exercise_kills_every_mutant(course):
    done = verify("first_mean", "--json")
    data = json.loads(done.stdout)
    assert done.exit_code == 0, done.stdout
    assert data["ok"]
    assert data["mutants"] == data["killed"] >= 5
    (folder,) = data["exercises"]
    assert {one["function"] for one in folder["functions"]} == {"sample_mean", "checked"}


def weaken(course):
    """Take the check of bad input out of both halves."""
    edit(course / "exercises" / "first_mean" / "checks.py", "raises(([],)),", "")


def test_a_missing_check_leaves_survivors_and_exit_code_1(course):
    weaken(course)
    done = verify("first_mean")
    assert done.exit_code == 1
    assert "SURVIVES line" in done.stdout
    assert "checked: if y.size == 0 -> if False" in done.stdout
    assert verify("second_mean").exit_code == 0


def survivors(done):
    (folder,) = json.loads(done.stdout)["exercises"]
    return [one["mutant"] for function in folder["functions"] for one in function["survivors"]]


@pytest.mark.integration
def test_an_explained_survivor_counts_as_settled_and_a_stale_explanation_does_not(course):
    weaken(course)
    grading = course / "exercises" / "first_mean" / "grading.py"
    left = survivors(verify("first_mean", "--json"))
    assert left
    explained = f"\n\nEQUIVALENT_MUTANTS = (('unreachable', {tuple(left)!r}),)\n"
    original = grading.read_text()
    grading.write_text(original + explained)
    done = verify("first_mean")
    assert done.exit_code == 0, done.stdout
    assert "(unreachable)" in done.stdout
    grading.write_text(original + explained.replace(left[0], "checked: gone -> away"))
    done = verify("first_mean")
    assert done.exit_code == 1
    assert "checked: gone -> away" in done.stdout


@pytest.mark.integration
def test_a_survivor_is_explained_on_the_line_of_the_reference(course):
    weaken(course)
    grading = course / "exercises" / "first_mean" / "grading.py"
    edit(grading, "    if y.size == 0:", "    if y.size == 0:  # equivalent: unreachable")
    done = verify("first_mean")
    assert done.exit_code == 0, done.stdout
    assert "(unreachable)" in done.stdout
    edit(
        grading,
        "    if y.size == 0:  # equivalent: unreachable",
        "    # equivalent: cannot be\n    # reached\n    if y.size == 0:",
    )
    assert "(cannot be reached)" in verify("first_mean").stdout


def test_an_explanation_of_a_line_without_mutants_is_named_with_its_line(course):
    grading = course / "exercises" / "first_mean" / "grading.py"
    edit(
        grading, "        raise ValueError(", "        # equivalent: nothing is changed here\n        raise ValueError("
    )
    done = verify("first_mean")
    assert done.exit_code == 1
    assert "grading.py:16: an explanation (# equivalent) of a line without mutants" in done.stdout


@pytest.mark.integration
def test_a_line_can_be_explained_as_a_whole(course):
    weaken(course)
    assert survivors(verify("first_mean", "--json"))
    grading = course / "exercises" / "first_mean" / "grading.py"
    lines = ("checked: if y.size == 0:",)
    grading.write_text(grading.read_text() + f"\n\nEQUIVALENT_MUTANTS = (('unreachable', {lines!r}),)\n")
    done = verify("first_mean")
    assert done.exit_code == 0, done.stdout
    grading.write_text(grading.read_text().replace("size == 0:'", "size == 1:'"))
    assert "size == 1:', which is not a mutant" in verify("first_mean").stdout


def test_an_exercise_whose_reference_fails_is_reported_before_any_mutant(course):
    edit(course / "exercises" / "first_mean" / "grading.py", "float(checked(y_true).mean())", "0.0")
    done = verify("first_mean")
    assert done.exit_code == 1
    assert "the reference itself fails" in done.stdout


def test_without_libcst_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "libcst", None)
    with pytest.raises(Exception, match="libcst is missing"):
        mutants_of(SOURCE, ["f"])
