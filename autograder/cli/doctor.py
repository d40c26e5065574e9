"""The command ``doctor``."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import sys

import click

from autograder import __version__
from autograder.errors import CourseError

_LIBRARIES = {
    "numpy": "nothing works without it",
    "scipy": "rooms and submissions that use SciPy cannot be graded",
    "array-api-compat": "the reference cannot be loaded",
    "pydantic": "course.yml cannot be checked, so nothing is graded",
    "SQLAlchemy": "there is no results store, so nothing is graded",
    "sympy": "derivations are not cross-checked",
    "mpmath": "symbolic answers cannot be graded",
    "matplotlib": "there are no figures",
    "nbgrader": "no nbgrader release and no formgrader",
    "distributed": "no --executor dask",
    "cupy": "right values are computed with NumPy",
}
"""Distribution: what its absence costs."""


@click.command("doctor")
def doctor_command() -> None:
    r"""Say what is in force on this machine: sandbox layers (proved by probes), backend, versions.

    Exit code 0 if submissions can be graded safely here, 1 if a required layer is missing.

    \b
    Example:
      autograder doctor
    """
    click.echo(
        f"autograder {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    )
    click.echo("")
    safe = _sandbox()
    click.echo("")
    _libraries()
    _packages()
    click.echo("")
    click.echo(f"backend: {_backend()}")
    if not safe:
        sys.exit(1)


def _sandbox() -> bool:
    if platform.system() != "Linux":
        click.echo("sandbox: none on this system; `check` works, for `grade` use Linux or a container")
        return False
    from autograder.sandbox.doctor import diagnose, render
    from autograder.sandbox.layers import missing

    layers = diagnose()
    click.echo(render(layers))
    return not missing(layers)


def _libraries() -> None:
    click.echo("libraries:")
    for name, cost in _LIBRARIES.items():
        try:
            click.echo(f"  {name:<18} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            click.echo(f"  {name:<18} missing: {cost}")


def _packages() -> None:
    """List what a submission may import, the packages of the course with their versions."""
    from autograder.course.model import find_course, packages_of
    from autograder.sandbox.packages import PROVIDED, versions

    try:
        named = packages_of(find_course())
    except CourseError:
        named = ()
    click.echo(f"a submission can import: Python's own modules, {', '.join((*PROVIDED, *named))}")
    for name, version in versions(named).items():
        click.echo(f"  {name:<18} {version or 'missing: `grade` refuses to start without it'}")


def _backend() -> str:
    if importlib.util.find_spec("cupy") is None:
        return "NumPy; CuPy is not installed"
    import cupy

    return "CuPy on a GPU" if cupy.is_available() else "NumPy; CuPy is installed but finds no GPU"
