"""Proof of the labels of the corpus; run as a program it prints one line per question."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from mpmath import mp, mpf

sys.path.insert(0, str(Path(__file__).parent))  # a folder of data with its proof, no package
from corpus_evaluator import Evaluator, NoValue
from corpus_truths import TRUTHS

HERE = Path(__file__).parent
AGREE = mpf(10) ** -25
SIZES = (
    {"n": 5, "d": 3, "k": 2, "K": 5},
    {"n": 3, "d": 4, "k": 2, "K": 3},
    {"n": 7, "d": 2, "k": 3, "K": 2},
    {"n": 4, "d": 5, "k": 3, "K": 4},
)


def load() -> dict[str, dict[str, Any]]:
    """All questions of the corpus by their number."""
    files = sorted(HERE.glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in files}


def _rational(rng: random.Random, low: Any, high: Any) -> Any:
    steps = 997
    return mpf(repr(low)) + (mpf(repr(high)) - mpf(repr(low))) * rng.randrange(1, steps) / steps


def _scalar(rng: random.Random, spec: Mapping[str, Any]) -> Any:
    low, high = spec["domain"]
    return mpf(rng.randint(low, high)) if spec.get("integer") else _rational(rng, low, high)


def _array(rng: random.Random, spec: Mapping[str, Any], sizes: Mapping[str, int], round_: int) -> np.ndarray:
    shape = tuple(sizes[s] for s in spec["shape"])
    count = int(np.prod(shape))
    kind = spec.get("kind")
    if kind == "labels" and round_ % 2:
        hot = rng.randrange(count)
        return np.array([mpf(int(i == hot)) for i in range(count)], dtype=object)
    if kind:
        weights = [mpf(rng.randint(1, 9999)) for _ in range(count)]
        return np.array([w / sum(weights) for w in weights], dtype=object)
    return np.array([mpf(rng.randint(-99, 99)) / rng.randint(1, 29) for _ in range(count)], dtype=object).reshape(shape)


def points(question: Mapping[str, Any], seed: int = 1) -> Iterator[dict[str, Any]]:
    """Values of all symbols: the special points, then random ones (arrays at four vectors of distinct sizes)."""
    rng = random.Random(f"{question['question']}/{seed}")  # a string seed gives the same points on every Python
    symbols = question["symbols"]
    for special in question.get("points", ()):
        yield {name: mpf(repr(value)) for name, value in special.items()}
    scalar = not question["result"]["shape"]
    for round_ in range(24 if scalar else 8):
        sizes = {} if scalar else {s: SIZES[round_ // 2][s] for s in question["sizes"]}
        yield sizes | {
            name: _array(rng, spec, sizes, round_) if "shape" in spec else _scalar(rng, spec)
            for name, spec in symbols.items()
        }


def agrees(value: Any, truth: Any) -> bool:
    """Equal shape, and equal to 1e-25 relative to the largest entry of the truth."""
    if np.shape(value) != np.shape(truth):
        return False
    wanted, got = np.ravel(np.asarray(truth, dtype=object)), np.ravel(np.asarray(value, dtype=object))
    scale = max([abs(x) for x in wanted] + [mpf(10) ** -6])
    return all(mp.im(g) == 0 and abs(g - w) <= AGREE * scale for g, w in zip(got, wanted, strict=True))


def evidence(question: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Points of a question with the truth at each."""
    with mp.workdps(60):
        return [(values, TRUTHS[question["question"]](values)) for values in points(question)]


def holds_everywhere(question: Mapping[str, Any], text: str, facts: list[tuple[Any, ...]]) -> bool:
    """Whether an answer agrees with the truth at every point."""
    axes = {name: tuple(spec.get("shape", ())) for name, spec in question["symbols"].items()}
    free = dict(zip(question["result"].get("index", ()), question["result"]["shape"], strict=True))
    with mp.workdps(60):
        for values, truth in facts:
            try:
                if not agrees(Evaluator(values, axes).answer(text, free), truth):
                    return False
            except NoValue:
                return False
    return True


def main() -> int:
    """Print what holds; the exit code is the number of wrong labels, at most 1."""
    faults = 0
    for number, question in load().items():
        facts = evidence(question)
        labels = [(a, holds_everywhere(question, a["text"], facts)) for a in question["answers"]]
        bad = [a for a, holds in labels if holds != (a["label"] == "right")]
        right = sum(a["label"] == "right" for a, _ in labels)
        print(f"{number:6} {right:3} right {len(labels) - right:3} wrong, {len(facts)} points, {len(bad)} false labels")
        for answer in bad:
            print(f"       {answer['label']}: {answer['text']}  ({answer['why']})")
        faults += len(bad)
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
