"""A Jupyter server of its own and a browser, for tests of what people see in JupyterLab, Notebook 7 and formgrader."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
"""No page reaches anything but this machine."""
START_SECONDS = 400
STOP_SECONDS = 20


def notebook(*cells):
    """Return a notebook of code cells for the kernel of this Python."""
    import nbformat

    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    made.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return made


@contextmanager
def served(folder, home, app="jupyterlab", **environment):
    """Serve a folder by JupyterLab or ``notebook``; yield the address.

    ``home`` keeps Jupyter's files out of the real home.  The server asks for no news, updates or extensions.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {"HOME": home, "JUPYTER_CONFIG_DIR": home / "config", "JUPYTER_DATA_DIR": home / "data",
              "JUPYTER_RUNTIME_DIR": home / "runtime", "IPYTHONDIR": home / "ipython"}  # fmt: skip
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    options = ("--no-browser", "--allow-root", "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True",
               "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
               "--LabApp.extension_manager=readonly")  # fmt: skip
    home.mkdir(parents=True, exist_ok=True)
    configure(home, "notification", fetchNews="false", checkForUpdates=False)  # else it asks whether it may
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", app, *options, f"--port={port}", f"--ServerApp.root_dir={folder}"],
            cwd=folder,
            env={**os.environ, **{k: str(v) for k, v in places.items()}, "PATH": path, **environment},
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/api", process, home / "log")
            yield address
        finally:
            _stop(process)


def _stop(process):
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:  # its kernels are gone; on a busy machine one of its own threads can stay
        process.kill()
        process.wait()


def configure(home, what, extension="apputils", **settings):
    """Set what a user can set of JupyterLab's and Notebook's frame, such as ``themes``."""
    folder = home / "config" / "lab" / "user-settings" / "@jupyterlab" / f"{extension}-extension"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{what}.jupyterlab-settings").write_text(json.dumps(settings))


def _wait_for(address, process, log):
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(log.read_text()[-2000:])


@contextmanager
def browsing():
    """Yield a browser, or skip the test with the reason."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}; set CHROMIUM to one")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
