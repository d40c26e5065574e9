"""What the tables of hostile inputs are made with."""

from __future__ import annotations

import io
import json
import zipfile

CODE = "def f():\n    return 1\n"


def notebook(*cells, **more):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more})


def outcome(error, read):
    """What reading gives: a value, or the error of this kind."""
    try:
        return read()
    except error as refused:
        return refused


def expect(found, wanted):
    """Hold a value against the one that is wanted, or an error against words that it must hold."""
    if isinstance(wanted, Exception):
        assert type(found) is type(wanted), found
        assert str(wanted) in str(found)
    else:
        assert found == wanted


def code_cell(source=CODE, **metadata):
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def zipped(members):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return raw.getvalue()


def class_at(root, files):
    """Lay out a class: text or bytes as files, None as an empty folder, a callable makes its own thing."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir(exist_ok=True)
        elif callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


NB = notebook(code_cell())
