"""The chapter's derivations: every symbolic answer from its loss, and the comparisons that the chapter draws.

``DERIVATIONS`` and ``COMPARISONS`` are data; ``autograder verify --derivations`` proves them and prints the report.
"""

from .activations import ACTIVATIONS
from .article import ARTICLE, ARTICLE_DERIVATIONS
from .classification import CENTRAL, CLASSIFICATION
from .estimation import ESTIMATION
from .regression import REGRESSION
from .robustness import INFLUENCE, ROBUSTNESS
from .structure import STRUCTURE
from .words import Comparison, Derivation, Fact, Formula, Path, Symbol

DERIVATIONS: tuple[Derivation, ...] = tuple(
    sorted(
        (*ARTICLE_DERIVATIONS, *REGRESSION, *ESTIMATION, *ROBUSTNESS, *CLASSIFICATION, *STRUCTURE),
        key=lambda d: d.number,
    )
)
"""One derivation for each symbolic part and for each general statement of the chapter, by number."""

COMPARISONS: tuple[Comparison, ...] = (CENTRAL, ACTIVATIONS, INFLUENCE)
"""The chapter's comparisons; the first is its central one."""

__all__ = ["ARTICLE", "COMPARISONS", "DERIVATIONS", "Comparison", "Derivation", "Fact", "Formula", "Path", "Symbol"]
