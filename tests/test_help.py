"""Help, README and exercises say the same where they say the same, and every example can be typed."""

import importlib.util
import re
import shlex
import tomllib

import click
import pytest
from click.testing import CliRunner

from autograder.authoring.verify.pool import NEEDED
from autograder.checks.laws import MAX_ENTRIES
from autograder.cli import COMMANDS, cli
from autograder.course.exercises import exercise_names, load_exercise
from autograder.course.model import ResourceLimits
from autograder.intake.notebook import MAX_DEPTH, MAX_ITEMS
from autograder.sandbox.call_limits import CALL_FACTOR, CALL_SECONDS, FIRST_RUN, SCALING_FACTOR
from autograder.sandbox.frames import MAX_HEADER
from autograder.sandbox.reading import MOST_LISTED
from autograder.sandbox.watch import MAX_RESULT
from autograder.text import install
from tests.attacks.all import ATTACKS
from tests.conftest import ROOT
from tests.house import FLOORS

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *ROOT.glob("[ae]*/**/README.md"), *ROOT.glob("*/README.md"))
    if "fixtures" not in page.parts and page.parts[-3] != "exercises"
)


def command(name):
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def lines_after(text, start):
    """The indented lines below a heading such as ``Examples:``."""
    lines = text.splitlines()
    at = next((k for k, line in enumerate(lines) if line.strip() in start), None)
    found = []
    for line in lines[at + 1 :] if at is not None else []:
        if not line.strip():
            break
        found.append(line.strip())
    return found


def examples(name):
    help_text = command(name).help if name else cli.help
    return lines_after(help_text.replace("\b", ""), ("Example:", "Examples:"))


def parse(line, folder, monkeypatch):
    """Parse a command line as the program would, with files where it names files; nothing is run."""
    monkeypatch.chdir(folder)
    words = shlex.split(line, comments=True)
    assert words[0] == "autograder"
    if len(words) == 1:
        return
    found = command(words[1])
    for parameter in found.params:
        if isinstance(parameter.type, click.Path) and parameter.type.exists:
            for word in words[2:]:
                if not word.startswith("-") and not (folder / word).exists() and "://" not in word:
                    is_file = re.search(r"\.(csv|zip|db)$", word) is not None
                    (folder / word).parent.mkdir(parents=True, exist_ok=True)
                    (folder / word).write_text("") if is_file else (folder / word).mkdir()
            break
    with found.make_context(words[1], words[2:], parent=click.Context(cli)):
        pass


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_every_command_has_examples_that_can_be_typed(name, tmp_path, monkeypatch):
    shown = examples(name)
    assert shown
    for line in shown:
        if "COMMAND" in line:
            continue
        assert name is None or line.startswith(f"autograder {name}")
        parse(line, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_stand_line_by_line_in_the_help(name):
    shown = CliRunner().invoke(cli, [name, "--help"]).output
    assert "\\b" not in shown
    assert [line for line in shown.splitlines() if line.startswith(f"    autograder {name}")]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_says_what_it_does(name):
    assert command(name).help
    for parameter in command(name).params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


TYPED = re.compile(r"^(?:\$ |\.venv/bin/)?(?:cd .* && )?(autograder [a-z].*)$", re.M)


@pytest.mark.parametrize(
    "line", sorted({line for page in PAGES for line in TYPED.findall(page.read_text(encoding="utf-8"))})
)
def test_what_a_page_tells_to_type_can_be_typed(line, tmp_path, monkeypatch):
    parse(line, tmp_path, monkeypatch)


def anchors(page):
    """The fragments by which headings of a page are reached, as GitHub makes them."""
    text = page.read_text(encoding="utf-8")
    plain = (re.sub(r"`|\[([^\]]*)\]\([^)]*\)", r"\1", head).lower() for head in re.findall(r"^#+ (.*)$", text, re.M))
    return {re.sub(r"[^\w\- ]", "", head).strip().replace(" ", "-") for head in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file_and_to_a_heading(page):
    links = re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8")))
    inner = [(page.parent / path if path else page, anchor) for path, anchor in links if "://" not in path]
    assert [path for path, _ in inner if not path.exists()] == []
    assert [(path, one) for path, one in inner if one and path.suffix == ".md" and one not in anchors(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_and_file_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    modules = set(re.findall(r"python -m ((?:tests|autograder)[.\w]*)", text))
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []
    files = set(re.findall(r"`((?:tests|autograder|reference|exercises|\.ci|\.github)/[\w./*-]+)`", text))
    assert [name for name in files if not any(ROOT.glob(name))] == []


def test_pages_count_what_there_is():
    odd = sum(attack.kind == "odd but right" for attack in ATTACKS)
    security = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert f"{len(ATTACKS) - odd} hostile submissions and {odd} odd but right ones" in security
    assert ("Eighteen hands-on exercises" in README) == (len(exercise_names(ROOT)) == 18)


def test_the_security_page_states_the_limits_of_the_code():
    page = " ".join((ROOT / "SECURITY.md").read_text(encoding="utf-8").split())
    limits = ResourceLimits()
    for stated in (
        f"{CALL_FACTOR:g} times that of the reference ({SCALING_FACTOR:g} times on the large input",
        f"at least {CALL_SECONDS:g} s and at most the limit in `course.yml` ({limits.cpu_seconds:g} s)",
        f"A call that has used {FIRST_RUN:.0%} of it is stopped",
        f"for {limits.submission_idle_seconds:g} s, a third of it in one part",
        f"may take {limits.submission_clock_seconds:g} s by the clock",
        f"({MAX_HEADER >> 20} MiB of JSON each",
        f"({MAX_DEPTH} levels and {MAX_ITEMS:,} texts and lists",
        f"one child may send ({MAX_RESULT >> 20} MiB)",
        f"at most {MAX_ENTRIES:,} entries of a hostile value",
    ):
        assert stated in page
    assert ("hold at most a million list items" in page) == (MOST_LISTED == 10**6)


def test_the_page_of_the_architecture_has_the_floors():
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", (ROOT / "autograder" / "README.md").read_text(encoding="utf-8"), re.M)
    assert [set(re.findall(r"`(\w+)`", places)) for _, places in reversed(rows)] == [set(floor) for floor in FLOORS]


def test_the_first_page_is_read_in_a_few_minutes():
    assert len(README.splitlines()) <= 150


def test_the_readmes_table_of_commands_is_the_programs():
    rows = re.findall(r"^\| `autograder (\w+)` \| (.*) \|$", README, re.M)
    assert dict(rows) == {name: text for name, (_, text) in COMMANDS.items()}
    assert [name for name, _ in rows] == list(COMMANDS)


@pytest.mark.parametrize("name", exercise_names(ROOT))
def test_an_exercises_readme_says_what_its_checks_say(name):
    text = (ROOT / "exercises" / name / "README.md").read_text(encoding="utf-8")
    exercise = load_exercise(ROOT, name, hidden=False).exercise
    title, facts = text.splitlines()[0], text.splitlines()[2]
    assert title == f"# {exercise.number} \u00b7 {exercise.title}"
    assert f"{exercise.minutes} minutes" in facts
    assert f"difficulty {exercise.difficulty} of 5" in facts
    for part in exercise.parts:
        assert f"`{part.name}" in text or part.name in text


def test_what_an_instructor_installs_is_enough_to_release():
    """The README names these two extras for a term; whatever verifies exercises comes with them."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]

    def packages(extra):
        own = [re.fullmatch(r"mse-course-autograder\[(.+)\]", one) for one in extras[extra]]
        inner = [name for found in own if found for name in found[1].split(",")]
        plain = [re.match(r"[\w-]+", one)[0] for one, found in zip(extras[extra], own, strict=True) if not found]
        return {*(name.replace("-", "_").lower() for name in plain), *(p for name in inner for p in packages(name))}

    assert "'.[grade,nbgrader]'" in (ROOT / "README.md").read_text()
    assert set(NEEDED) <= packages("grade")
    assert "nbgrader" in packages("nbgrader")


def test_the_command_that_installs_an_extra_names_the_checkout_wherever_it_is_asked(tmp_path, monkeypatch):
    """A folder of metadata on the path, as a build leaves it in a checkout, says nothing of how it was installed."""
    left = tmp_path / "mse_course_autograder.egg-info"
    left.mkdir()
    (left / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: mse-course-autograder\nVersion: 0\n")
    said = install("author")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert install("author") == said
