"""A PostgreSQL server of one's own: made in a temporary folder, reached by a socket in it, gone at the end."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

OPTIONS = "-c listen_addresses= -c shared_buffers=128MB -c max_connections=50"


def _program(name: str) -> str | None:
    """Return the path of a program; distributions keep the server's outside the search path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


def missing() -> str | None:
    """Return why no server can be started here, or None."""
    for name in ("initdb", "pg_ctl"):
        if _program(name) is None:
            return f"PostgreSQL's {name} is not installed (the distribution's package postgresql)"
    if find_spec("psycopg") is None:
        return "psycopg is not installed: pip install '.[postgres]'"
    return None


@contextmanager
def server(options: str = "") -> Iterator[str]:
    """Run a server with an empty database and yield its SQLAlchemy URL.

    The server refuses to run as root, so root runs it as ``nobody``.
    """
    nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        if nobody:
            shutil.chown(folder, nobody["user"], nobody["group"])
        data = f"{folder}/data"

        def run(name: str, *args: str) -> None:
            command = [str(_program(name)), "-D", data, *args]
            subprocess.run(
                command, cwd=folder, stdout=subprocess.DEVNULL, check=True, env={"PATH": "/usr/bin:/bin"}, **nobody
            )

        run("initdb", "--username=grader", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        run("pg_ctl", "start", "--wait", "-l", f"{folder}/log", "-o", f"-k {folder} {OPTIONS} {options}")
        try:
            yield f"postgresql+psycopg://grader@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "--wait", "-m", "immediate")
