"""The first page of a handout: how to set up, how to work, what the set is about, how to hand in."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from autograder.course.contract import FORMULAS, FORMULAS_ANCHOR
from autograder.course.exercises import PICTURES, ExerciseFolder, data_files
from autograder.course.model import Assignment, Course
from autograder.sandbox.packages import PROVIDED
from autograder.student.as_notebook import named_section, relinked
from autograder.text import plural

PATH = "exercises/README.md"
"""The page that leads through a course; it is in every handout."""

_PAGE = """# {course}: {title}

{summary}

## Set up once

You need Python 3.11 or newer: `python3 --version` (Windows: `py --version`) shows yours, and the newest is at
<https://www.python.org/downloads/>. {server}Open a terminal in this folder. On Linux and macOS, paste

```sh
python3 -m venv {env}
. {env}/bin/activate
pip install {options}"{package}[student]"{more}
```

In Windows PowerShell, paste

```powershell
py -m venv {windows_env}
{windows_env}\\Scripts\\Activate.ps1
pip install {options}"{package}[student]"{more}
```

If PowerShell refuses to run scripts, `Set-ExecutionPolicy -Scope Process RemoteSigned` allows them in this window. A
new terminal needs the second line again, nothing else. The third brings `autograder`, NumPy, SciPy, matplotlib and
JupyterLab{brought}.{serves}

## Work

{write}

| type in a terminal | and see |
|---|---|
| `autograder` | what is done, what is next |
| `autograder check {first}` | the public checks of an exercise, the first failure explained |
{one}| `autograder check {first} --watch` | the same again after every save |
| `autograder hint {part}` | the next hint for a part |
| `autograder plot {first}` | the figure of an exercise, drawn from your functions, as a `.png` next to your file |
| `autograder reset {first}` | the untouched exercise; your file is kept under another name |

In a notebook the cell below each answer checks it, and `from autograder.notebook import hint; hint("{part}")` gives a
hint; the commands above, but for `--watch`, work in a cell behind a `!`, as in `!autograder plot {first}`. Public
checks are part of what is graded; hidden ones use other inputs, odd layouts and large sizes.

{about}## What your code may use

Python's own library, {packages}. {files} and no network: where your work is graded there are none.
{formulas}{written}
## Hand in

{hand_in}
"""

_BUNDLE = """\
Read `exercises/NAME/README.md`, then write into `exercises/NAME/NAME.py` or into the notebook next to it, which
`jupyter lab` opens. Leave `course.yml` and `checks/` as they are: they hold the public checks."""

_FLAT = """\
Open a notebook (on your own machine by `jupyter lab`) and write into the cells below each question. Leave
`course.yml` and `checks/` as they are: they hold the public checks."""

_BUNDLE_IN = """\
The files that you wrote in, or the folder `exercises/` as a zip. Of two files for one exercise the notebook
counts, unless nothing is begun in it. Hidden checks follow when your work is graded."""

_FLAT_IN = """\
The notebooks: by *Submit* in JupyterLab's list of assignments, or as your course tells you. Keep their names
and the cells that are there; cells of your own are welcome. Hidden checks follow when your work is graded."""

_WRITTEN = """
## Answers in words

A person reads {parts}. {where}
"""

_BUNDLE_WRITTEN = """\
Write below its heading in the notebook, or in a `.md` file with the exercise's name next to the `.py`; pictures go next
to it as `.png`."""

_FLAT_WRITTEN = "Write into the cell below its heading."

_NEXT_TO_IT = """ They go into
`{env}`, next to this folder: it serves the course's other assignments too, and is not handed in with this one."""

_ON_A_SERVER = """\
Where your course gives you a JupyterLab to log in to, all of this is installed: go on with *Work*. On
your own machine, put the file `{package}` from your course into this folder first. """


def first_page(
    course: Course,
    assignment: Assignment,
    folders: Sequence[ExerciseFolder],
    package: str,
    *,
    flat: bool,
    offline: str = "",
) -> str:
    """Return the ``README.md`` of a handout.

    Parameters
    ----------
    course, assignment, folders : Course, Assignment, sequence of ExerciseFolder
        What is handed out.
    package : str
        Where the wheel of this package is.
    flat : bool
        Whether the notebooks are at the top, as nbgrader wants them, or in ``exercises/NAME/`` next to scripts.
    offline : str
        Folder of a wheelhouse from which everything is installed, without a network.
    """
    section = section_of(course.root, assignment)
    parts = [(folder, part) for folder in folders for part in folder.exercise.parts]
    examined = [part.name for _, part in parts if part.kind != "manual"]
    names = [folder.name for folder in folders]
    part = next((name for name in examined if name not in names), folders[0].name)
    written = [f"`{part.name}` of `{folder.name}`" for folder, part in parts if part.kind == "manual"]
    data = sorted(name for folder in folders for name in data_files(folder.path) if not name.endswith(PICTURES))
    symbolic = any(part.kind == "symbolic" for _, part in parts)
    listed = [*("NumPy" if name == "numpy" else "SciPy" for name in PROVIDED), *course.packages]
    formulas = f"\n## Formulas\n\n[{FORMULAS}]({PATH}#{FORMULAS_ANCHOR}) says how they are written.\n"
    about = f"{relinked(section, 'exercises', '')}\n\nThe whole path: [{PATH}]({PATH}).\n\n" if section else ""
    env = "../autograder-env" if flat else ".venv"  # nbgrader hands in all that is in the folder, up to 100 MB
    return _PAGE.format(
        course=course.title,
        title=assignment.title,
        summary=_summary(assignment, folders),
        server=_ON_A_SERVER.format(package=package) if flat else "",
        options=f"--no-index --find-links {offline} " if offline else "",
        package=package,
        env=env,
        windows_env=env.replace("/", "\\"),
        serves=_NEXT_TO_IT.format(env=env) if flat else "",
        more="".join(f" {one}" for one in course.packages),
        brought="".join(f", {one}" for one in course.packages),
        write=_FLAT if flat else _BUNDLE,
        first=folders[0].name,
        part=part,
        one=f"| `autograder check {part}` | those of one part |\n" if part not in names else "",
        about=about,
        packages=_and(listed),
        files=f"No files but {_and([f'`{name}`' for name in data])}, opened by name," if data else "No files",
        formulas=formulas if symbolic else "",
        written=_WRITTEN.format(parts=_and(written), where=_FLAT_WRITTEN if flat else _BUNDLE_WRITTEN)
        if written
        else "",
        hand_in=_FLAT_IN if flat else _BUNDLE_IN,
    )


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _summary(assignment: Assignment, folders: Sequence[ExerciseFolder]) -> str:
    minutes = sum(folder.exercise.minutes for folder in folders)
    due = f" Due {assignment.due:%A, %d %B %Y, %H:%M} ({assignment.due:%Z})." if assignment.due is not None else ""
    names = ", ".join(f"`{folder.name}`" for folder in folders)
    points = sum(assignment.exercises.values())
    return f"{plural(len(folders), 'exercise')} ({names}), {points:g} points, about {minutes} minutes.{due}"


def section_of(root: Path, assignment: Assignment) -> str:
    """Return the section of a course's path page that leads through an assignment, empty where it has none."""
    return named_section(_path_page(root), assignment.name)


def path_page(root: Path) -> str:
    """Return ``exercises/README.md`` as it is handed out: the course's own, with how formulas are written."""
    page = _path_page(root) or "# Exercises\n"
    return page if FORMULAS in page else f"{page.rstrip()}\n\n## {FORMULAS}\n\n{formulas()}"


def formulas() -> str:
    """Return the description of the language in which formulas are written, as Markdown."""
    return (files("autograder") / "student" / "formulas.md").read_text(encoding="utf-8")


def _path_page(root: Path) -> str:
    page = root / PATH
    return page.read_text(encoding="utf-8") if page.is_file() else ""
