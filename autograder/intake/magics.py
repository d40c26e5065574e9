"""Take IPython's own syntax out of a code cell, by rule; nothing of it is ever run.

As in IPython, a cell that is indented as a whole moves to the margin, and prompts that were copied with code
(``>>>``, ``In [3]:``) go.
``%magic``, ``!command``, ``?help`` and ``help?`` lines go, and ``name = %magic`` or ``name = !command`` with them.
A cell that starts with ``%%time`` or the like keeps its body; every other ``%%`` cell (``%%bash``, ``%%html``,
``%%writefile``) goes whole.  Lines are blanked, not removed, so that line numbers stay the student's.
"""

from __future__ import annotations

import ast
import re
import warnings

from autograder.plain import late

# Cell magics whose body is ordinary Python in the notebook's own names.
_PYTHON_BODY = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "snakeviz", "scalene"})
_MAGIC_LINE = late(r"[ \t]*(?:[%!?]|[\w.]+(?:[ \t]*,[ \t]*[\w.]+)*[ \t]*=[ \t]*(?:!|%[A-Za-z]))")
_MAGIC_START = late(r"^[ \t]*[%!][%A-Za-z]", re.MULTILINE)
_CELL_MAGIC = late(r"^[ \t]*%%.*$", re.MULTILINE)
_OPENING, _CLOSING = frozenset("[({"), frozenset("])}")
_HELP_LINE = late(r"[ \t]*[A-Za-z_][\w.*]*(?:\[[^\]\n]*\])?\?{1,2}[ \t]*")
_INDENT = late(r"(?:[ \t]*\n)*([ \t]+)(?=\S)")
_FIRST_LINES = late(r"(?:[ \t]*\n)*([^\n]*)\n?([^\n]*)")
_IPYTHON = late(r"\A(?:(?:\[(?:nav|ins)\])? ?In \[\d+\]: |[ \t]*\.{3,}: ?)")
_PROMPTS = (  # of Python and of IPython: any prompt, and one that a first line has
    (late(r"\A(?:>>>|\.\.\.)(?: |$)"), late(r">>>(?: |$)")),
    (_IPYTHON, _IPYTHON),
)
# A code line in pieces: comments and strings whole, brackets, escaped line ends, plain line ends, anything else.
# A string that never ends runs to the end of its line or of the cell: nothing is scanned twice.  Atomic groups,
# since `(...)*+` matches nothing in Python 3.11.2, which Debian 12 has.
_PIECE = late(
    r"""\#[^\n]*
      | \'\'\'(?>(?:[^'\\]++ | \\. | '(?!''))*)(?:\'\'\' | \\?\Z)
      | \"\"\"(?>(?:[^"\\]++ | \\. | "(?!""))*)(?:\"\"\" | \\?\Z)
      | '(?>(?:[^'\\\n]++ | \\.)*)(?:' | (?=\n) | \\?\Z)
      | "(?>(?:[^"\\\n]++ | \\.)*)(?:" | (?=\n) | \\?\Z)
      | \\\n | [\[({] | [\])}] | \n | [^\#'"\\\[\](){}\n]++ | .""",
    re.DOTALL | re.VERBOSE,
)


def drop_magics(text: str) -> tuple[str, bool]:
    """Return a cell's Python and whether anything was dropped.

    A line counts as a magic only where a statement begins, so ``%`` as an operator, and anything inside a string or
    brackets, stays.
    """
    body, dropped = _drop_cell_magics(_without_prompts(_at_margin(text)))
    kept: list[str] = []
    position = 0
    while position < len(body):
        end = _line_end(body, position)
        line = body[position:end]
        if _MAGIC_LINE.match(line) or _HELP_LINE.fullmatch(line):
            end = _continued(body, end)
            kept.append(_blank(body[position:end]))
            dropped = True
        else:
            end = _statement_end(body, position)
            kept.append(body[position:end])
        position = end
        if position < len(body):  # the line end itself
            kept.append("\n")
            position += 1
    return "".join(kept), dropped


def _at_margin(text: str) -> str:
    """Return a cell without the spaces before its first line, where other lines begin with them too."""
    found = _INDENT.match(text)
    if found is None:
        return text
    lines = text.split("\n")
    return "\n".join(line.removeprefix(found[1]) for line in lines)


def _without_prompts(text: str) -> str:
    """Return a cell without the prompts of a session, if its first or second line has one."""
    for prompt, first in _PROMPTS:
        found = _FIRST_LINES.match(text)
        if found is not None and (first.match(found[1]) or prompt.match(found[2])):
            text = "\n".join(prompt.sub("", line, count=1) for line in text.split("\n"))
    return text


def script(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the Python of a ``.py`` and what to note of it.

    Editors that run a script by its cells (``# %%``) take magics in it; Python does not, so only a script that does
    not parse with them loses them.
    """
    if not _MAGIC_START.search(text) or _parses(text):
        return text, ()
    python = drop_magics(_CELL_MAGIC.sub("", text))[0]
    return (python, ("magics (% or !) are left out",)) if _parses(python) else (text, ())


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that a later Python will refuse
            compile(text, "file", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _drop_cell_magics(text: str) -> tuple[str, bool]:
    lines = text.split("\n")
    dropped = False
    for index, line in enumerate(lines):
        if line.lstrip().startswith("%%"):
            dropped = True
            name = re.match(r"\s*%%(\w*)", line)
            if name is None or name[1] not in _PYTHON_BODY:
                return "", True
            lines[index] = ""
        elif line.strip():
            break
    return "\n".join(lines), dropped


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _continued(text: str, end: int) -> int:
    """Return where a magic line ends that goes on behind a backslash."""
    while end < len(text) and text[end - 1] == "\\":
        end = _line_end(text, end + 1)
    return end


def _blank(lines: str) -> str:
    """Return as many lines; an indented one becomes ``pass``, since it may be the only line of its block."""
    indent = lines[: len(lines) - len(lines.lstrip(" \t"))]
    return (f"{indent}pass" if indent else "") + "\n" * lines.count("\n")


def _statement_end(text: str, position: int) -> int:
    """Return where the logical line ends that starts here: its line end outside strings and brackets."""
    depth = 0
    for piece in _PIECE.finditer(text, position):
        what = piece[0]
        if what in _OPENING:
            depth += 1
        elif what in _CLOSING:
            depth = max(0, depth - 1)
        elif what == "\n" and depth == 0:
            return piece.start()
    return len(text)
