"""Data files that a killed grader left behind are removed by a later one."""

import os
import tempfile
import time

from autograder.sandbox.client import _DATA, _STALE, remove_stale


def test_old_folders_are_removed_and_young_ones_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, young, others = (tmp_path / name for name in (f"{_DATA}old", f"{_DATA}young", "others"))
    for folder in (old, young, others):
        folder.mkdir()
        (folder / "prices.csv").write_text("1\n")
    link = tmp_path / f"{_DATA}link"
    link.symlink_to(others)
    before = time.time() - _STALE - 60
    for folder in (old, others):
        os.utime(folder, (before, before))
    os.utime(link, (before, before), follow_symlinks=False)
    remove_stale()
    assert not old.exists()
    assert (young / "prices.csv").exists()
    assert (others / "prices.csv").exists()
