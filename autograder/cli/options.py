"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click
from click.core import ParameterSource

STORE = "AUTOGRADER_STORE"
"""Environment variable with the URL of the results store, which keeps a password out of the list of processes."""


def out_option() -> Callable[[Any], Any]:
    """Return the decorator for ``--out DIR``, results that are there."""
    folder = click.Path(path_type=Path, exists=True)
    return click.option("--out", type=folder, required=True, metavar="DIR", help="Results folder.")


def store_option(text: str = "Results store (default: DIR/results.db).") -> Callable[[Any], Any]:
    """Return the decorator for ``--store URL``, which the environment may name too."""
    return click.option(
        "--store", "where", metavar="URL", envvar=STORE, show_envvar=True, callback=_without_password, help=text
    )


def _without_password(context: click.Context, parameter: click.Parameter, url: str | None) -> str | None:
    given = parameter.name is not None and context.get_parameter_source(parameter.name) == ParameterSource.COMMANDLINE
    if url and given and _has_password(url):
        click.echo(f"--store: everyone on this machine can read the password in it while the command runs; put the "
                   f"URL into the environment variable {STORE} instead", err=True)  # fmt: skip
    return url or None


def _has_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.password) or "password" in parse_qs(parts.query)
    except ValueError:
        return False  # what it is then is said where it is opened
