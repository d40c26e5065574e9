"""The words in which attacks are written: one attack is one submission to the exercise ``target``.

Places that an attack aims at are written in its code as names between ``@``: ``@COURSE@`` and ``@STORE@`` (folders of
the grader), ``@OTHER@`` (another student's file), ``@CANARY@`` (a folder open to all users), ``@PORT@`` and
``@SOCKET@`` (listeners of this machine), ``@SERVER@`` and ``@GRADER@`` (process ids).
"""

from __future__ import annotations

from dataclasses import dataclass

HONEST = """\
import numpy as np


def mean_square(residual):
    r = np.asarray(residual, dtype=np.float64)
    if r.size == 0:
        raise ValueError("residual is empty")
    return float((r * r).mean())


def iterate(f, start, steps):
    for _ in range(steps):
        start = f(start)
    return start


def noise(reps, rng):
    return rng.normal(size=reps)


def slope():
    return "2*(tanh(w) - y)*(1 - tanh(w)**2)"
"""
"""Full marks."""

FULL = 12.0
WRONG = ("wrong",)


@dataclass(frozen=True)
class Attack:
    """One submission.

    Attributes
    ----------
    kind : str
        Its class in the report.
    name : str
        What it tries, in words.
    cells : tuple of str
        Its code: one text for a ``.py``, several for a notebook.
    statuses : tuple of str
        The status that the part ``part`` may get.
    part : str
        Which part is looked at.
    earns : float
        The points that the submission gets, attack or not.
    slow : bool
        Whether it costs its whole time limit.
    """

    kind: str
    name: str
    cells: tuple[str, ...]
    statuses: tuple[str, ...] = WRONG
    part: str = "mean_square"
    earns: float = 0.0
    slow: bool = False

    @property
    def notebook(self) -> bool:
        """Whether it comes as a notebook."""
        return len(self.cells) > 1


@dataclass(frozen=True)
class Maker:
    """Makes the attacks of one class."""

    kind: str

    def call(
        self, name: str, *lines: str, ends: tuple[str, ...] = WRONG, earns: float = 0.0, slow: bool = False
    ) -> Attack:
        """An attack in the body of ``mean_square(residual)``, with NumPy as ``np``."""
        body = "\n    ".join(lines)
        text = f"import numpy as np\n\n\ndef mean_square(residual):\n    {body}\n"
        return Attack(self.kind, name, (text,), ends, earns=earns, slow=slow)

    def load(
        self,
        name: str,
        *lines: str,
        ends: tuple[str, ...] = WRONG,
        part: str = "mean_square",
        earns: float = 0.0,
        slow: bool = False,
    ) -> Attack:
        """An attack by a whole file."""
        return Attack(self.kind, name, ("\n".join(lines) + "\n",), ends, part, earns, slow)

    def honest(self, name: str, *lines: str, instead: bool = False) -> Attack:
        """An odd but right submission, which gets full marks: lines after the honest ones, or instead of them."""
        text = ("" if instead else HONEST) + "\n".join(lines) + "\n"
        return Attack(self.kind, name, (text,), ("correct",), earns=FULL)

    def with_honest(self, name: str, *lines: str, earns: float, ends: tuple[str, ...]) -> Attack:
        """Lines after an honest submission that cost it points."""
        return Attack(self.kind, name, (HONEST + "\n".join(lines) + "\n",), ends, earns=earns)

    def cells(self, name: str, *cells: str, ends: tuple[str, ...] = WRONG, earns: float = 0.0) -> Attack:
        """An attack by a notebook."""
        return Attack(self.kind, name, cells, ends, earns=earns)
