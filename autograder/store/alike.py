"""Order texts so that similar ones are next to each other and can be marked together."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

MOST = 3_000
"""Texts that are compared with each other; more are sorted by their words alone."""

_FEATURES = 2_048
_WORD = re.compile(r"\w+")


def words_of(text: str) -> str:
    """Return the words of a text in small letters; texts with the same words in the same order are equal."""
    return " ".join(_WORD.findall(text.casefold()))


def side_by_side(texts: Sequence[str]) -> list[int]:
    """Return the positions of the texts in an order in which similar ones are neighbours.

    Words and pairs of words are counted, and the texts joined by average linkage of the cosine distance.  Equal texts
    are always next to each other.  The order depends on the texts alone, not on the order in which they are given,
    apart from equal ones, which keep theirs.
    """
    words = [words_of(text) for text in texts]
    distinct = sorted(set(words))
    if 2 < len(distinct) <= MOST:
        from scipy.cluster.hierarchy import leaves_list, linkage

        points = np.array([_counts(text) for text in distinct])
        distinct = [distinct[k] for k in leaves_list(linkage(points, "average", "euclidean"))]
    place = {text: k for k, text in enumerate(distinct)}
    return sorted(range(len(texts)), key=lambda k: (place[words[k]], k))


def _counts(text: str) -> np.ndarray:
    """Return a vector of length 1 (0 for a text without words): the distance of two is that of their directions."""
    words = text.split()
    features = Counter([*words, *(f"{a} {b}" for a, b in pairwise(words))])
    vector = np.zeros(_FEATURES)
    for feature, count in features.items():
        vector[zlib.crc32(feature.encode("utf-8", "surrogatepass")) % _FEATURES] += np.sqrt(count)
    return vector / max(float(np.linalg.norm(vector)), 1e-300)
