"""The memory budget: never oversubscribed, never deadlocked, never leaked by a holder that is killed."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import attacks
import pytest

from autograder.sandbox import budget as module
from autograder.sandbox.budget import UNIT, MemoryBudget
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import GraderError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the budget is for Linux")


@pytest.fixture
def budget(tmp_path):
    return MemoryBudget(str(tmp_path / "memory"), 8)


def free(budget):
    """How many tokens could be taken now."""
    fd = os.open(budget.path, os.O_RDWR | os.O_CREAT)
    try:
        return sum(module._lock(fd, token) for token in range(1, budget.units + 1))
    finally:
        os.close(fd)


@pytest.mark.parametrize(
    ("memory", "taken"), [(0, 1), (1, 1), (UNIT, 1), (UNIT + 1, 2), (8 * UNIT, 8), (1000 * UNIT, 8)]
)
def test_a_reservation_takes_whole_tokens_and_gives_them_back(budget, memory, taken):
    with budget.reserve(memory):
        assert free(budget) == 8 - taken
    assert free(budget) == 8


def test_an_error_gives_them_back(budget):
    with pytest.raises(ZeroDivisionError), budget.reserve(3 * UNIT):
        raise ZeroDivisionError
    assert free(budget) == 8


def test_never_more_than_there_is(budget):
    """Many holders of mixed sizes, large ones among them: all get their turn and the sum stays within the budget."""
    lock = threading.Lock()
    held = peak = 0

    def hold(units):
        nonlocal held, peak
        with budget.reserve(units * UNIT):
            with lock:
                held += units
                peak = max(peak, held)
            with lock:
                held -= units
        return units

    wanted = [1, 8, 3, 5, 2, 8, 7, 1, 4, 6] * 4
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(hold, wanted)) == wanted
    assert peak <= 8
    assert free(budget) == 8


def test_a_waiting_large_one_is_not_starved(budget):
    """A process that waits is served before those that come later, however small they are."""
    order = []
    with budget.reserve(4 * UNIT):
        large = threading.Thread(target=lambda: take(budget, 8, order))
        large.start()
        while module_gate_is_free(budget):
            pass
        small = threading.Thread(target=lambda: take(budget, 1, order))
        small.start()
    large.join()
    small.join()
    assert order == [8, 1]


def take(budget, units, order):
    with budget.reserve(units * UNIT):
        order.append(units)


def module_gate_is_free(budget):
    fd = os.open(budget.path, os.O_RDWR | os.O_CREAT)
    try:
        return module._lock(fd, module._GATE)
    finally:
        os.close(fd)


def test_a_killed_holder_leaks_nothing(budget):
    code = (
        "import sys, time; from autograder.sandbox.budget import MemoryBudget, UNIT\n"
        f"with MemoryBudget({budget.path!r}, 8).reserve(5 * UNIT):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=attacks.ROOT) as holder:
        holder.stdout.readline()
        assert free(budget) == 3
        holder.kill()
        holder.wait()
    assert free(budget) == 8


def test_the_machines_budget_is_private_and_shared(tmp_path, monkeypatch):
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(tmp_path))
    first, second = MemoryBudget.of_machine(), MemoryBudget.of_machine()
    assert first == second
    assert 1 <= first.units * UNIT <= max(UNIT, module.usable_memory())
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("trap", ["link", "file", "open to all"])
def test_somebody_elses_folder_is_refused(tmp_path, monkeypatch, trap):
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(tmp_path))
    place = tmp_path / f"mse-course-autograder-{os.getuid()}"
    if trap == "link":
        place.symlink_to(tmp_path)
    elif trap == "file":
        place.touch()
    else:
        place.mkdir()
        place.chmod(0o777)
    with pytest.raises(GraderError, match="private folder"):
        MemoryBudget.of_machine()


def test_a_sandbox_that_runs_alone_keeps_the_children_of_all_others_waiting(tmp_path):
    budget = MemoryBudget(str(tmp_path / "memory"), 4)
    box, started = Sandbox(budget=budget), threading.Event()

    def other():
        with budget.reserve(1):
            started.set()

    with box, box.alone():
        thread = threading.Thread(target=other)
        thread.start()
        assert not started.wait(0.3)
        assert attacks.read(attacks.run(box, attacks.batch_of_one_call(), attacks.HONEST))[:2] == ("value", 6.0)
        assert not started.is_set()
    thread.join()
    assert started.is_set()
