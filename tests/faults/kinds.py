"""The faults, one function each: disturb a run, then let the next one finish, and tell what is left."""

import contextlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

from tests.faults.bench import SERVER, WORKERS, Bench, Left, below, kill, last_line

HERE = Path(__file__).parent


class Impossible(Exception):
    """This machine cannot show the fault; the argument says why."""


def killed(bench: Bench, out: Path, dice: random.Random) -> Left:
    """SIGKILL to the grader, five times at random moments."""
    hit = 0
    for _ in range(5):
        process = bench.start(bench.older(out) if not out.exists() else out, "--jobs", dice.choice((1, 2)))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0.3, 2.0))
        hit += kill(process.pid)
        process.communicate()
    return bench.judge(out, f"killed {hit} times")


def interrupted(bench: Bench, out: Path, dice: random.Random) -> Left:
    """Ctrl-C at a random moment."""
    process = bench.start(bench.older(out), "--jobs", 2)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(dice.uniform(1.0, 2.0))
    kill(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    # Python ends itself by the signal where it came in the middle of certain imports: a shell shows 130 for both
    assert process.returncode in (0, 130, -signal.SIGINT), errors
    return bench.judge(out, last_line(errors))


def server_killed(bench: Bench, out: Path, dice: random.Random) -> Left:
    """SIGKILL to the fork servers, again and again, less often than a submission takes."""
    process = bench.start(bench.older(out), "--jobs", 2)
    hits = 0
    while process.poll() is None:
        time.sleep(dice.uniform(0.5, 1.0))
        hits += sum(kill(pid) for pid in below(process.pid, SERVER))
    _, errors = process.communicate()
    assert process.returncode in (0, 3), errors
    return bench.judge(out, f"{hits} servers killed; {last_line(errors)}")


def no_server(bench: Bench, out: Path, dice: random.Random) -> Left:
    """Every fork server is killed at once: nothing can be graded, and no older score may remain."""
    process = bench.start(bench.older(out), "--jobs", 1)
    while process.poll() is None:
        for pid in below(process.pid, SERVER):
            kill(pid)
        time.sleep(0.005)
    _, errors = process.communicate()
    assert process.returncode == 3, errors
    halfway = bench.compare(out, "")
    failed = sum(record["status"] == "grader_error" and record["score"] == 0 for record in _records(out))
    assert halfway.stale == failed > 0, "a score was left standing"
    return bench.judge(out, last_line(errors))


def worker_killed(bench: Bench, out: Path, dice: random.Random) -> Left:
    """SIGKILL to a worker process, as by the kernel when memory runs out."""
    process = bench.start(bench.older(out), "--jobs", 2)
    hits = 0
    while process.poll() is None and hits < 2:
        time.sleep(dice.uniform(0.8, 1.2))
        workers = [pid for word in WORKERS for pid in below(process.pid, word)]
        if workers:
            hits += kill(dice.choice(workers))
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    return bench.judge(out, f"{hits} workers killed; {last_line(errors)}")


def two_graders(bench: Bench, out: Path, dice: random.Random) -> Left:
    """Two graders on one store at the same time."""
    bench.older(out)
    both = [bench.start(out, "--jobs", 1) for _ in range(2)]
    messages = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], messages
    return bench.judge(out, " | ".join(map(last_line, messages)))


def other_version(bench: Bench, out: Path, dice: random.Random) -> Left:
    """A store that another version of the program wrote."""
    store = bench.older(out) / "results.db"
    version = _version(store)
    _put_version(store, "99")
    before = _contents(store)
    done = bench.run(out)
    assert done.returncode == 2
    assert "version 99" in done.stderr
    assert _contents(store) == before, "a store of another version was changed"
    _put_version(store, version)
    return bench.judge(out, last_line(done.stderr))


def damaged(bench: Bench, out: Path, dice: random.Random) -> Left:
    """A store that is not a database any more: refused, and moved away by hand."""
    store = bench.older(out) / "results.db"
    store.write_bytes(b"no database" * 1000)
    done = bench.run(out)
    assert done.returncode == 2
    assert "move the file away" in done.stderr
    assert store.read_bytes() == b"no database" * 1000
    store.unlink()
    return bench.judge(out, last_line(done.stderr))


def clock_jumps(bench: Bench, out: Path, dice: random.Random) -> Left:
    """A wall clock that jumps by an hour, forth and back, while two graders share the store."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Impossible("a C compiler makes the clock jump, and there is none")
    bench.older(out)
    library = out.with_suffix(".so")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, HERE / "jump.c"], check=True)
    both = [bench.start(out, "--jobs", 1, env={"LD_PRELOAD": str(library)}) for _ in range(2)]
    messages = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], messages
    return bench.judge(out, " | ".join(map(last_line, messages)))


def restarted_container(bench: Bench, out: Path, dice: random.Random) -> Left:
    """SIGKILL to a grader in a container; the same command in another, which cannot see the first's processes."""
    if shutil.which("unshare") is None:
        raise Impossible("another process namespace needs unshare")
    inside = ["unshare", "--user", "--map-root-user", "--pid", "--mount-proc", "--fork", "--kill-child"]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        raise Impossible("this machine does not give process namespaces")
    bench.older(out)
    command = bench.command(out, "--jobs", 1)
    with subprocess.Popen(
        [*inside, *command], env=bench.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as first:
        deadline = time.monotonic() + 60
        while not _claimed(out) and first.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(dice.uniform(0.0, 0.3))
        hit = kill(first.pid)
    left = _claimed(out)
    again = subprocess.run([*inside, *command], env=bench.environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert not left or "claimed by another grader" in again.stderr, again.stderr
    return bench.compare(out, f"killed {int(hit)} time with {left} claims; {last_line(again.stderr)}")


def class_archive(bench: Bench, out: Path, dice: random.Random) -> Left:
    """One archive of the class, read by several workers at once: an offset that they share garbles what they read."""
    archive = out.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        for file in sorted(path for path in bench.submitted.rglob("*") if path.is_file()):
            members.write(file, file.relative_to(bench.submitted))
    packed = replace(bench, submitted=archive)
    lefts = []
    for jobs in (1, 2, 4):
        bench.older(out.with_name(f"{out.name}-{jobs}"))
        done = packed.run(out.with_name(f"{out.name}-{jobs}"), "--jobs", jobs)
        assert done.returncode == 0, done.stderr
        lefts.append(bench.compare(out.with_name(f"{out.name}-{jobs}"), last_line(done.stderr)))
    lost, twice, stale = (sum(getattr(one, what) for one in lefts) for what in ("lost", "twice", "stale"))
    return Left(lost, twice, stale, "1, 2 and 4 workers: the records of a folder")


def _claimed(out: Path) -> int:
    """Return how many claims there are in a store."""
    with contextlib.closing(sqlite3.connect(out / "results.db", timeout=60)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM claims").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def full_disk(bench: Bench, out: Path, dice: random.Random) -> Left:
    """A disk that fills up in the middle of a run."""
    return _on_small_disk(bench, out, "size=600k", "size=600k", "disk is full")


def read_only(bench: Bench, out: Path, dice: random.Random) -> Left:
    """A store on a disk that became read-only."""
    return _on_small_disk(bench, out, "size=64m", "ro", "be written")


def _on_small_disk(bench: Bench, out: Path, first: str, then: str, words: str) -> Left:
    """Run three times on a small disk of its own: as it is at first, spoilt, and mended."""
    bench.older(out)
    disk, errors = out.with_suffix(".disk"), out.with_suffix(".errors")
    disk.mkdir()
    command = " ".join(f"'{word}'" for word in bench.command(disk, "--jobs", 1))
    script = f"""
        mount -t tmpfs -o {first} tmpfs '{disk}' || exit 90
        cp '{out}/results.db' '{disk}/'
        mount -o remount,{then} '{disk}' || exit 90
        {command} > /dev/null 2> '{errors}'; echo $?
        mount -o remount,rw,size=256m '{disk}' || exit 90
        {command} > /dev/null 2>> '{errors}.after' || exit 91
        cp '{disk}'/* '{out}/'
    """
    private = ["unshare", "--mount", "--map-root-user", "sh", "-c", script]
    if shutil.which("unshare") is None:
        raise Impossible("a small disk needs unshare")
    done = subprocess.run(private, env=bench.environment, capture_output=True, text=True, check=False)
    if done.returncode == 90 or "unshare:" in done.stderr:
        raise Impossible(f"no disk can be mounted here: {last_line(done.stderr)}")
    assert done.returncode == 0, done.stderr + Path(f"{errors}.after").read_text()
    message = errors.read_text()
    assert done.stdout.split() == ["2"], message
    assert words in message, message
    assert "Traceback" not in message
    return bench.judge(out, last_line(message))


def _records(out: Path) -> list[dict]:
    from tests.faults.bench import records

    return [record for _, record in records(out)]


def _version(store: Path) -> str:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        return str(connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()[0])


def _put_version(store: Path, version: str) -> None:
    with contextlib.closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'schema'", (version,))


def _contents(store: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        return list(connection.iterdump())


FAULTS = {
    "SIGKILL, five times": killed,
    "Ctrl-C": interrupted,
    "fork servers killed": server_killed,
    "no fork server lives": no_server,
    "worker out of memory": worker_killed,
    "two graders, one store": two_graders,
    "restarted container": restarted_container,
    "class in one archive": class_archive,
    "store of another version": other_version,
    "damaged store": damaged,
    "clock jumps": clock_jumps,
    "full disk": full_disk,
    "read-only store": read_only,
}
if sys.platform != "linux":
    FAULTS.clear()
