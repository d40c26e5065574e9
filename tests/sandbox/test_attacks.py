"""Every attack, on every way in which a machine may let the sandbox be built; honest work goes on after each."""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass

import attacks
import pytest

from tests.attacks.tiers import ORDINARY, in_open_folders

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is for Linux"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the raw system calls are numbered for x86-64"),
]

IS_ROOT = os.geteuid() == 0


@dataclass(frozen=True)
class Tier:
    """A way to start the driver: which layers are left out, who runs it, and whether the slow attacks are made."""

    name: str
    without: tuple[str, ...] = ()
    become: tuple[str, ...] = ()
    open_to_all: bool = False
    fast: bool = True

    @property
    def possible(self) -> bool:
        """Whether this machine and this user can start it."""
        return not (self.become or self.open_to_all) or (IS_ROOT and shutil.which("setpriv") is not None)


TIERS = [
    Tier("as it is", fast=False),
    Tier("without namespaces", attacks.NAMESPACES),
    Tier("nobody", open_to_all=True),
    Tier("ordinary user", (), ORDINARY, open_to_all=True),
    Tier("ordinary user without namespaces", attacks.NAMESPACES, ORDINARY, open_to_all=True, fast=False),
]


@pytest.fixture(scope="module")
def outcome(request, tmp_path_factory):
    """Layers and results of all attacks on one tier."""
    tier = request.param
    if not tier.possible:
        pytest.skip("needs root and setpriv to become other users")
    speed = "fast" if tier.fast else "all"
    command = [*tier.become, sys.executable, str(attacks.HERE), ",".join(tier.without), speed]
    if tier.open_to_all:
        command = in_open_folders(command, tmp_path_factory.mktemp("hold"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd="/")
    if done.returncode and "unshare" in done.stderr:
        pytest.skip(f"no mount namespace here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return tier, json.loads(done.stdout)


every_tier = pytest.mark.parametrize("outcome", TIERS, indirect=True, ids=lambda tier: tier.name, scope="module")


@every_tier
@pytest.mark.parametrize("attack", attacks.ATTACKS, ids=lambda attack: attack.name)
def test_attack_fails_and_the_next_submission_is_graded(outcome, attack):
    _, found = outcome
    if attack.name not in found["results"]:
        pytest.skip("made on other tiers: it costs its whole time limit")
    result = attacks.Result(**found["results"][attack.name])
    assert result.ending in attack.endings, result
    if result.ending == "value" and attack.value is not None:
        assert result.value == attack.value
    assert result.honest_after, "the next submission was not graded"
    assert result.same_server, "the server was lost"
    assert result.no_process_left


@every_tier
def test_the_tier_is_what_it_says(outcome):
    tier, found = outcome
    layers = found["layers"]
    for name in tier.without:
        assert layers[name] == "missing"
    for name in ("landlock", "seccomp", "limits", "no_new_privileges", "not_dumpable"):
        assert layers[name] == "in force"
    if tier.name == "nobody":
        assert layers["user"] == "in force"
    if tier.become:
        assert layers["user"] == "weaker"
