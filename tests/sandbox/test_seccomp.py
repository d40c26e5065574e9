"""The filters, run by an interpreter of their language: every call on both machines, every argument that matters."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox import seccomp, syscalls
from autograder.sandbox.seccomp import ALLOW, ENOSYS, EPERM, KILL

MACHINES = ["x86_64", "aarch64"]
THREAD = 0x00010000


def evaluate(program, number, arch, args=(0,) * 6):
    """What the kernel would return for a call (classic BPF, the instructions that the filters use)."""
    data = {0: number, 4: arch}
    for place, value in enumerate(args):
        data[16 + 8 * place] = value & 0xFFFFFFFF
        data[20 + 8 * place] = value >> 32
    at = accumulator = 0
    while True:
        code, if_true, if_false, constant = program[at]
        at += 1
        if code == 0x20:
            accumulator = data[constant]
        elif code == 0x06:
            return constant
        else:
            holds = {
                0x15: accumulator == constant,
                0x35: accumulator >= constant,
                0x45: bool(accumulator & constant),
            }[code]
            at += if_true if holds else if_false


def call(program, machine, name, args=(0,) * 6):
    return evaluate(program, syscalls.call_number(name, machine), syscalls.audit_arch(machine), args)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_number_gets_its_action(machine):
    """The binary search agrees with a plain table, for every number there is and beyond."""
    program, arch = seccomp.allow_list(machine), syscalls.audit_arch(machine)
    table = dict.fromkeys(range(syscalls.HIGHEST + 1), EPERM)
    for names, action in (
        (seccomp._COMPUTE + seccomp._SERVE, ALLOW),
        (seccomp._DEADLY, KILL),
        ("clone3", ENOSYS),
    ):
        table.update({syscalls.call_number(name, machine): action for name in names.split()})
    for number in range(syscalls.HIGHEST + 200):
        assert evaluate(program, number, arch) == table.get(number, ENOSYS), number


@pytest.mark.parametrize("machine", MACHINES)
def test_other_machines_calls_kill(machine):
    program = seccomp.allow_list(machine)
    assert evaluate(program, 0, 0x40000003) == KILL  # the 32-bit kind
    if machine == "x86_64":
        assert evaluate(program, 0x40000000, syscalls.audit_arch(machine)) == KILL  # the x32 kind


@pytest.mark.parametrize("machine", MACHINES)
def test_lists_do_not_overlap(machine):
    lists = [set(names.split()) for names in (seccomp._COMPUTE, seccomp._SERVE, seccomp._DEADLY)]
    assert sum(map(len, lists)) == len(set().union(*lists))


@pytest.mark.parametrize("machine", MACHINES)
def test_programs_are_short_enough_for_their_jumps(machine):
    for program in (seccomp.allow_list(machine), seccomp.child_list(machine)):
        assert len(program) < 4096
        for at, (_, if_true, if_false, _) in enumerate(program):
            assert 0 <= if_true <= 255
            assert 0 <= if_false <= 255
            assert at + 1 + max(if_true, if_false) < len(program) or program[at][0] == 0x06


@pytest.mark.parametrize("machine", MACHINES)
def test_child_gives_up_what_only_set_up_needs(machine):
    program = seccomp.child_list(machine)
    for name in seccomp._SERVE.split():
        if syscalls.call_number(name, machine) is not None:
            assert call(program, machine, name) == EPERM, name


@pytest.mark.parametrize("machine", MACHINES)
def test_child_keeps_the_rest_of_computing(machine):
    program = seccomp.child_list(machine)
    for name in set(seccomp._COMPUTE.split()) - {"clone"}:
        if syscalls.call_number(name, machine) is not None:
            assert call(program, machine, name) == ALLOW, name


@given(st.sampled_from(MACHINES), st.integers(0, 2**32 - 1))
def test_only_threads_are_cloned(machine, flags):
    want = ALLOW if flags & THREAD else EPERM
    assert call(seccomp.child_list(machine), machine, "clone", (flags, 0, 0, 0, 0, 0)) == want


@given(st.sampled_from(MACHINES), st.one_of(st.integers(0, 2000), st.integers(0, 2**32 - 1)))
def test_descriptors_are_neither_locked_nor_leased(machine, command):
    want = ALLOW if command in (0, 1, 2, 3, 4, 1030) else EPERM
    assert call(seccomp.child_list(machine), machine, "fcntl", (3, command, 0, 0, 0, 0)) == want


@given(st.sampled_from(MACHINES), st.one_of(st.just(0), st.just(1 << 32), st.integers(0, 2**64 - 1)))
def test_limits_are_read_and_not_set(machine, pointer):
    want = ALLOW if pointer == 0 else EPERM
    assert call(seccomp.child_list(machine), machine, "prlimit64", (0, 0, pointer, 1, 0, 0)) == want


def header(path):
    """Names and numbers of a kernel header, where one is installed."""
    found = Path(path)
    if not found.exists():
        pytest.skip("no kernel headers here")
    return {
        name: int(number)
        for name, number in re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", found.read_text(), re.MULTILINE)
    }


@pytest.mark.parametrize(
    ("machine", "path"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_numbers_are_the_kernels(machine, path):
    kernels = header(path)
    if machine == "aarch64":
        kernels["newfstatat"] = kernels["fstatat"]
    for name in syscalls._NUMBERS:
        number = syscalls.call_number(name, machine)
        if number is not None:
            assert kernels[name] == number, name


def test_unknown_machines_have_no_filter(monkeypatch):
    monkeypatch.setattr(syscalls.platform, "machine", lambda: "riscv64")
    assert syscalls.machine() is None
    assert seccomp.filters() is None
