"""A folder is replaced in one step: a reader next to it sees the old one or the new one, whole, and never half."""

import ctypes
import shutil
import threading

import pytest

from autograder import atomic

FILES = 30


def filled(folder, text):
    folder.mkdir(parents=True)
    for number in range(FILES):
        (folder / f"{number:02}.txt").write_text(text)
    return folder


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.fixture(params=["exchange", "two renames"])
def way(request, monkeypatch):
    if request.param == "two renames":
        monkeypatch.setattr(atomic, "exchange", lambda one, other: False)
    return request.param


def test_the_new_folder_is_there_and_nothing_else(way, tmp_path):
    old, new = filled(tmp_path / "here" / "ps1", "old"), filled(tmp_path / "aside" / "ps1", "new")
    atomic.replace_folder(new, old)
    assert set(contents(old).values()) == {"new"}
    assert not new.exists()
    assert [path.name for path in old.parent.iterdir()] == ["ps1"]


def test_where_there_was_none_it_is_moved_in(way, tmp_path):
    new = filled(tmp_path / "aside" / "ps1", "new")
    atomic.replace_folder(new, tmp_path / "here" / "deep" / "ps1")
    assert len(contents(tmp_path / "here" / "deep" / "ps1")) == FILES


def test_a_folder_that_cannot_be_moved_in_leaves_the_old_one(way, tmp_path):
    old = filled(tmp_path / "here" / "ps1", "old")
    with pytest.raises(OSError, match="aside"):
        atomic.replace_folder(tmp_path / "aside" / "ps1", old)
    assert set(contents(old).values()) == {"old"}
    assert [path.name for path in old.parent.iterdir()] == ["ps1"]


def test_a_reader_never_finds_half_and_never_nothing(tmp_path):
    """Opened once, a folder's list of files is that of one generation; asked by name, the folder is always there."""
    old = filled(tmp_path / "here" / "ps1", "0")
    probe = filled(tmp_path / "probe", "x")
    if not atomic.exchange(probe, filled(tmp_path / "probe2", "y")):
        pytest.skip("this file system cannot exchange two folders")
    bad = []
    stop = threading.Event()

    def read():
        while not stop.is_set():
            try:
                names = {path.name for path in old.iterdir()}
            except FileNotFoundError as error:
                bad.append(str(error))
                continue
            if names and len(names) != FILES:  # an old generation that is being removed was opened before
                bad.append(f"{len(names)} files")

    reader = threading.Thread(target=read)
    reader.start()
    for generation in range(1, 40):
        new = filled(tmp_path / f"aside{generation}" / "ps1", str(generation))
        assert atomic.exchange(new, old)
        # what is read by the old name is the new generation from this moment on
        assert set(contents(old).values()) == {str(generation)}
    stop.set()
    reader.join()
    shutil.rmtree(tmp_path / "probe")
    assert bad == []


def test_a_system_without_the_call_says_so_and_changes_nothing(tmp_path, monkeypatch):
    one, other = filled(tmp_path / "one", "1"), filled(tmp_path / "other", "2")

    def none(*_args, **_more):
        raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", none)
    assert not atomic.exchange(one, other)
    assert set(contents(one).values()) == {"1"}
