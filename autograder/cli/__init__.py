"""The command line: one program, each command in a module of its own that is imported when it is called."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import io
import os
import signal
import sys
from typing import Any, NoReturn

import click

from autograder import __version__
from autograder.errors import CourseError
from autograder.sandbox.threads import use_one_thread
from autograder.text import for_terminal, for_terminal_line, missing

COMMANDS = {
    "list": ("student", "show which exercises are done, failing or not started, and what is next"),
    "check": ("student", "run the public checks on your answers"),
    "hint": ("student", "show the next hint for an exercise or a part"),
    "reset": ("student", "restore an exercise as it was handed out; your files are kept"),
    "plot": ("student", "draw the figure of an exercise"),
    "init": ("new", "start a course of your own, with one working exercise"),
    "new": ("new", "add an exercise from a template"),
    "verify": (
        "author",
        "prove every promise of the exercises, with a table of which check catches which misconception",
    ),
    "grade": ("grade", "grade everything below a path"),
    "mark": ("marking", "give points by hand for parts that need manual grading"),
    "show": ("instructor", "show one result with its evidence, the reason first"),
    "replay": ("instructor", "grade a stored submission again and compare the verdicts"),
    "appeals": ("appeals", "prepare answers to students' requests: verdict, evidence and a replay of each"),
    "unnamed": ("unnamed", "list wrong answers that several students share and no misconception names"),
    "diff": ("reporting", "show which marks a regrade changes, and why"),
    "report": ("reporting", "write the class report, or a page for each student"),
    "export": ("exporting", "write files for Canvas, Moodle, Gradescope, similarity tools, or a table"),
    "forget": ("forget", "remove a student's data, or replace the name by a pseudonym"),
    "term": ("term", "archive a term in one file and begin the next"),
    "release": (
        "releasing",
        "make what students get: an nbgrader course folder, a bundle, or an autograder for Gradescope",
    ),
    "demo": ("demo", "write a lifelike class and grade it"),
    "doctor": ("doctor", "report sandbox layers, backend and versions: what is missing and what it costs"),
}
"""Command name: module below ``autograder.cli`` that defines it, and its one-line help."""


GRADING = frozenset(
    {
        "alembic",
        "array_api_compat",
        "jinja2",
        "latex2mathml",
        "mdit_py_plugins",
        "mpmath",
        "pydantic",
        "scipy",
        "sqlalchemy",
        "sympy",
    }
)
"""Modules of the extra that a student does not have."""

POSIX = frozenset({"fcntl", "resource"})
"""Modules of Python that Windows does not have."""


class Lazy(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import and return a command."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"autograder.cli.{COMMANDS[name][0]}")
        if not gc.isenabled():  # a run of the program: what was loaded stays, and need not be looked through
            gc.freeze()
            gc.enable()
        command = getattr(module, f"{name}_command")
        return laid_out(command) if isinstance(command, click.Command) else None

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the group's own help with its examples line by line, under the title of the course."""
        laid_out(self)
        title, own = _title(), self.help
        if title is not None and own is not None:
            self.help = f"{for_terminal_line(title)}: {own[0].lower()}{own[1:]}"
        super().format_help_text(ctx, formatter)
        self.help = own

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them: a student's, then the others where they can run."""
        own = [(name, text) for name, (module, text) in COMMANDS.items() if module == "student"]
        others = [(name, text) for name, (module, text) in COMMANDS.items() if module != "student"]
        with formatter.section("Commands for students"):
            formatter.write_dl(own)
        if importlib.util.find_spec("pydantic") is not None:
            with formatter.section("Commands for authors and instructors"):
                formatter.write_dl(others)
        else:  # an installation for students
            with formatter.section("Commands for authors and instructors (they need the grading extra)"):
                formatter.write_text(", ".join(name for name, _ in others))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Name the nearest command for an unknown one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from None


def _title() -> str | None:
    """Return the title of the course around, as far as it can be read; `--help` works everywhere."""
    import contextlib

    import yaml

    from autograder.course.model import FILE_NAME, find_course

    with contextlib.suppress(CourseError, OSError, ValueError, yaml.YAMLError):
        data = yaml.safe_load((find_course() / FILE_NAME).read_text(encoding="utf-8"))
        title = data.get("title") if isinstance(data, dict) else None
        return title if isinstance(title, str) else None
    return None


def laid_out(command: click.Command) -> click.Command:
    """Return the command with its help as click wants it: lines below a backspace character keep their breaks."""
    if command.help:
        # docstrings with a backslash are raw, so they hold the escape as two characters, which click does not know
        command.help = command.help.replace("\\b\n", "\b\n")
    return command


@click.group(cls=Lazy, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="autograder")
@click.pass_context
def cli(ctx: click.Context) -> None:
    r"""Check your answers, grade a class.

    Without a command: where you are and what is next.

    \b
    Examples:
      autograder
      autograder check my_exercise
      autograder COMMAND --help
    """
    if ctx.invoked_subcommand is None:
        command = cli.get_command(ctx, "list")
        if command is not None:
            ctx.invoke(command)


def _interrupted_once(*_: object) -> None:
    """Stop by the first Ctrl-C; further ones would only disturb the end, which comes soon."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end_interrupted() -> NoReturn:
    """Exit with 130.

    Where Ctrl-C met code that is compiled from a string, as dataclasses are, Python would end by the signal until other
    such code has run: PyRun_String keeps a flag.
    """
    click.echo("interrupted", err=True)
    exec("")  # an empty text: it only resets that flag
    sys.exit(130)


def main() -> None:
    """Run the program: mistakes of a course are one line on stderr and exit code 2."""
    gc.disable()  # until the command is loaded
    try:
        _run()
    finally:
        gc.freeze()  # the system takes all memory back at once: Python need not look through it first


def _run() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Windows code page lacks most letters that a student may use
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGINT, _interrupted_once)
    use_one_thread()
    # pydantic would look for plugins in every installed package and run them, which takes longer than reading a course
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        _end_interrupted()
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except CourseError as error:
        click.echo(f"error: {for_terminal(str(error))}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        _end_interrupted()
    except ModuleNotFoundError as error:
        if error.name in POSIX:
            click.echo(f"error: {_ONLY_LINUX}", err=True)
            sys.exit(2)
        if error.name is None or error.name.partition(".")[0] not in GRADING or os.environ.get("AUTOGRADER_DEBUG"):
            raise
        click.echo(f"error: {missing(error.name, 'grade')}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        # the reader of a pipe left; Python would complain again while closing stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        # everything that is neither an author's mistake nor a student's is a fault of this program, and says so
        if os.environ.get("AUTOGRADER_DEBUG"):
            raise
        what = f"{type(error).__name__}: {for_terminal(str(error))}"
        click.echo(f"the grader itself failed: {what}\nset AUTOGRADER_DEBUG=1 to see where", err=True)
        sys.exit(3)


_ONLY_LINUX = (
    "this command runs code in isolation, which only Linux can: use a Linux machine, a container or, on Windows, WSL "
    "(what students use works here, and so do new, show, mark, report, export and diff)"
)


def needs_linux() -> None:
    """Stop a command that runs code in isolation where there is none.

    Raises
    ------
    CourseError
        On any system but Linux.
    """
    if not sys.platform.startswith("linux"):
        raise CourseError(_ONLY_LINUX)
