"""A submission as it is run."""

from __future__ import annotations

from autograder.plain import dataclass


@dataclass(frozen=True)
class Cell:
    """A piece of a submission that is run on its own: a notebook's code cell, or a whole ``.py`` file."""

    id: str
    text: str


@dataclass(frozen=True)
class Source:
    """A submission as it is run; magics are already gone.

    Attributes
    ----------
    filename : str
        Name under which the code runs.
    cells : tuple of Cell
        The code, in order.
    packages : tuple of str
        Distributions that the course provides besides NumPy and SciPy.
    """

    filename: str
    cells: tuple[Cell, ...]
    packages: tuple[str, ...] = ()

    @property
    def is_notebook(self) -> bool:
        """Whether the cells come from a notebook."""
        return self.filename.endswith(".ipynb")
