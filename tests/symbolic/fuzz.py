"""Random pairs of expressions, equal by rewriting or unequal by mutation, against exact evaluation at several sizes.

``python -m tests.symbolic.fuzz --pairs 100000 --seed 1`` prints how often the engine and the evaluation disagree.

The evaluation here shares nothing with the engine: expressions are trees of their own, printed to text for the engine,
and evaluated by direct recursion in another prime field, with ``exp(u) = g**u`` for exactness.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from autograder.symbolic import Question, Symbol, Unreadable, read
from autograder.symbolic.deciding.decide import decide
from autograder.symbolic.deciding.prepared import Prepared
from autograder.symbolic.deciding.trial import Trial

Tree = tuple[Any, ...]
PRIME = 2305843009213691579  # a safe prime: (PRIME - 1) / 2 is prime
ORDER = (PRIME - 1) // 2
ROOT = 9
SIZES = ({"K": 2, "n": 5}, {"K": 5, "n": 3}, {"K": 7, "n": 4})
SYMBOLS = (
    Symbol("p", ("K",), kind="probability"),
    Symbol("y", ("K",), kind="label"),
    Symbol("x", ("n",)),
    Symbol("A", ("n", "K")),
    Symbol("s", draw=(-2, 2)),
    Symbol("t", draw=(0.5, 2)),
)
ARRAYS = {"p": ("K",), "y": ("K",), "x": ("n",), "A": ("n", "K")}
NAMES = {"K": ("a", "b", "c", "e", "f", "g"), "n": ("l", "m", "q", "r", "u", "v")}


# --- random trees ----------------------------------------------------------------------------------------------


@dataclass
class Maker:
    """Draws trees; ``scope`` holds the bound indices by size."""

    rng: random.Random
    sums: int = 0
    scope: dict[str, list[str]] = field(default_factory=lambda: {"K": ["j"], "n": []})

    def leaf(self) -> Tree:
        choice = self.rng.random()
        if choice < 0.15:
            return ("num", self.rng.choice((1, 2, 3, -1, -2)))
        if choice < 0.35:
            return ("sym", self.rng.choice(("s", "t", "K", "n")))
        usable = [a for a, sizes in ARRAYS.items() if all(self.scope[size] for size in sizes)]
        array = self.rng.choice(usable)
        return ("idx", array, tuple(self.rng.choice(self.scope[size]) for size in ARRAYS[array]))

    def tree(self, depth: int) -> Tree:
        choice = self.rng.random()
        if depth == 0 or choice < 0.1:
            return self.leaf()
        if choice < 0.35:
            return ("add", self.tree(depth - 1), self.tree(depth - 1))
        if choice < 0.65:
            return ("mul", self.tree(depth - 1), self.tree(depth - 1))
        if choice < 0.7:
            return ("pow", self.tree(depth - 1), 2)
        if choice < 0.75:
            return ("div", self.tree(depth - 1), ("sym", "t"))
        if choice < 0.79:
            return ("exp", self.leaf())
        if choice < 0.84 and len(self.scope["K"]) > 1:
            return ("delta", *self.rng.sample(self.scope["K"], 2))
        return self.summed(depth)

    def summed(self, depth: int) -> Tree:
        size = self.rng.choice(("K", "n"))
        free = [name for name in NAMES[size] if name not in self.scope[size]]
        if self.sums >= 3 or not free:
            return self.leaf()
        name = free[0]
        self.sums += 1
        self.scope[size].append(name)
        body = self.tree(depth - 1)
        self.scope[size].pop()
        return ("sum", name, size, body)


def text(e: Tree) -> str:
    """Print a tree in the language of answers."""
    kind = e[0]
    if kind == "num":
        return f"({e[1]})"
    if kind == "sym":
        return str(e[1])
    if kind == "idx":
        return f"{e[1]}[{','.join(e[2])}]"
    if kind == "delta":
        return f"delta({e[1]},{e[2]})"
    if kind == "exp":
        return f"exp({text(e[1])})"
    if kind == "pow":
        return f"({text(e[1])})**{e[2]}"
    if kind == "sum":
        return f"Sum({text(e[3])},({e[1]},1,{e[2]}))"
    return f"({text(e[1])}{ {'add': '+', 'mul': '*', 'div': '/'}[kind] }{text(e[2])})"


# --- exact evaluation ------------------------------------------------------------------------------------------


def assignment(rng: random.Random, sizes: dict[str, int]) -> dict[Any, tuple[int, int]]:
    """Random values: pairs modulo PRIME and modulo ORDER; ``p`` and ``y`` sum to 1."""
    values: dict[Any, tuple[int, int]] = {}

    def draw() -> tuple[int, int]:
        return rng.randrange(1, PRIME), rng.randrange(1, ORDER)

    for name in ("s", "t"):
        values[name] = draw()
    for name, count in sizes.items():
        values[name] = (count, count)
    for k in range(sizes["n"]):
        values["x", (k,)] = draw()
        for i in range(sizes["K"]):
            values["A", (k, i)] = draw()
    for name in ("p", "y"):
        drawn = [draw() for _ in range(sizes["K"] - 1)]
        last = ((1 - sum(a for a, _ in drawn)) % PRIME, (1 - sum(b for _, b in drawn)) % ORDER)
        values |= {(name, (k,)): v for k, v in enumerate([*drawn, last])}
    return values


def value(e: Tree, values: dict[Any, tuple[int, int]], sizes: dict[str, int], at: dict[str, int]) -> tuple[int, int]:
    """Evaluate by direct recursion."""
    kind = e[0]
    if kind == "num":
        return e[1] % PRIME, e[1] % ORDER
    if kind == "sym":
        return values[e[1]]
    if kind == "idx":
        return values[e[1], tuple(at[i] for i in e[2])]
    if kind == "delta":
        return (1, 1) if at[e[1]] == at[e[2]] else (0, 0)
    if kind == "exp":
        return pow(ROOT, value(e[1], values, sizes, at)[1], PRIME), 0
    if kind == "sum":
        parts = [value(e[3], values, sizes, at | {e[1]: k}) for k in range(sizes[e[2]])]
        return sum(a for a, _ in parts) % PRIME, sum(b for _, b in parts) % ORDER
    a = value(e[1], values, sizes, at)
    if kind == "pow":
        return pow(a[0], e[2], PRIME), pow(a[1], e[2], ORDER)
    b = value(e[2], values, sizes, at)
    if kind == "add":
        return (a[0] + b[0]) % PRIME, (a[1] + b[1]) % ORDER
    if kind == "div":
        b = pow(b[0], -1, PRIME), pow(b[1], -1, ORDER)
    return a[0] * b[0] % PRIME, a[1] * b[1] % ORDER


def same(a: Tree, b: Tree, rng: random.Random) -> bool:
    """Whether two trees agree in every entry at every size."""
    for sizes in SIZES:
        values = assignment(rng, sizes)
        for j in range(sizes["K"]):
            if value(a, values, sizes, {"j": j})[0] != value(b, values, sizes, {"j": j})[0]:
                return False
    return True


# --- rewriting and mutation ------------------------------------------------------------------------------------


def renamed(e: Tree, old: str, new: str) -> Tree:
    """Rename a free index."""
    if e[0] == "idx":
        return ("idx", e[1], tuple(new if i == old else i for i in e[2]))
    if e[0] == "delta":
        return ("delta", *(new if i == old else i for i in e[1:]))
    if e[0] == "sum" and e[1] == old:
        return e
    return tuple(renamed(x, old, new) if isinstance(x, tuple) else x for x in e)


def names_in(e: Any) -> set[str]:
    """All strings of a tree."""
    if isinstance(e, str):
        return {e}
    return set().union(*(names_in(x) for x in e)) if isinstance(e, tuple) else set()


def contains(e: Tree, index: str) -> bool:
    return index in names_in(e)


def fresh(e: Tree, size: str, taken: set[str]) -> str | None:
    return next((n for n in NAMES[size] if n not in names_in(e) and n not in taken), None)


def rewrite_here(e: Tree, rng: random.Random, scope: list[tuple[str, str]]) -> Tree:
    """One identity at the root, if one of the drawn kind applies."""
    kind, rule = e[0], rng.randrange(9)
    bound = {name for name, _ in scope}
    if kind in ("add", "mul") and rule < 3:
        return (kind, e[2], e[1])
    if kind == "mul" and rule < 6:
        for x, y in ((e[1], e[2]), (e[2], e[1])):
            if y[0] == "add":
                return ("add", ("mul", x, y[1]), ("mul", x, y[2]))
            if y[0] == "sum" and not contains(x, y[1]):
                return ("sum", y[1], y[2], ("mul", x, y[3]))
    if kind == "add" and e[1][0] == e[2][0] == "sum" and e[1][2] == e[2][2] and not contains(e[1][3], e[2][1]):
        return ("sum", e[2][1], e[2][2], ("add", renamed(e[1][3], e[1][1], e[2][1]), e[2][3]))
    if kind == "pow":
        return ("mul", e[1], e[1])
    if kind == "sum" and rule < 7:
        body = e[3]
        if body[0] == "add":
            return ("add", ("sum", e[1], e[2], body[1]), ("sum", e[1], e[2], body[2]))
        if body[0] == "sum" and rule < 3:
            return ("sum", body[1], body[2], ("sum", e[1], e[2], body[3]))
        other = fresh(e, e[2], bound)
        return ("sum", other, e[2], renamed(body, e[1], other)) if other else e
    if rule == 7:
        array, size = rng.choice((("p", "K"), ("y", "K")))
        name = fresh(e, size, bound)
        return ("mul", e, ("sum", name, size, ("idx", array, (name,)))) if name else e
    if rule == 8 and kind == "idx":
        place = rng.randrange(len(e[2]))
        size = ARRAYS[e[1]][place]
        name = fresh(e, size, bound)
        if name:
            inner = ("idx", e[1], (*e[2][:place], name, *e[2][place + 1 :]))
            return ("sum", name, size, ("mul", ("delta", e[2][place], name), inner))
    return ("div", ("mul", e, ("sym", "t")), ("sym", "t")) if rule == 6 else e


def mutate_here(e: Tree, rng: random.Random, scope: list[tuple[str, str]]) -> Tree:
    """One small change at the root."""
    kind = e[0]
    if kind == "num":
        return ("num", e[1] + rng.choice((-1, 1, 2)))
    if kind == "sym":
        return ("sym", rng.choice(("s", "t", "K", "n")))
    if kind == "idx":
        place = rng.randrange(len(e[2]))
        size = ARRAYS[e[1]][place]
        index = rng.choice([n for n, s in scope if s == size])
        array = {"p": "y", "y": "p"}.get(e[1], e[1]) if rng.random() < 0.5 else e[1]
        return ("idx", array, (*e[2][:place], index, *e[2][place + 1 :]))
    if kind == "add":
        return rng.choice((e[1], e[2], ("add", e[1], ("mul", ("num", -1), e[2])), ("mul", e[1], e[2])))
    if kind == "mul":
        return rng.choice((e[1], ("add", e[1], e[2]), ("mul", ("num", 2), e)))
    if kind == "pow":
        return rng.choice((e[1], ("pow", e[1], 3)))
    if kind == "sum":
        return rng.choice((("mul", ("num", 2), e), ("add", e, ("num", 1)), ("mul", ("sym", e[2]), e)))
    if kind == "delta":
        return ("num", 1)
    return ("mul", ("num", -1), e)


def somewhere(e: Tree, change: Any, rng: random.Random, scope: list[tuple[str, str]]) -> Tree:
    """Apply a change at a random place."""
    inner = [k for k, x in enumerate(e) if isinstance(x, tuple) and x and x[0] in KINDS]
    if not inner or rng.random() < 0.3:
        changed: Tree = change(e, rng, scope)
        return changed
    k = rng.choice(inner)
    below = [*scope, (e[1], e[2])] if e[0] == "sum" else scope
    return (*e[:k], somewhere(e[k], change, rng, below), *e[k + 1 :])


KINDS = {"num", "sym", "idx", "delta", "add", "mul", "div", "pow", "exp", "sum"}


def pair(rng: random.Random) -> tuple[Tree, Tree]:
    """A tree, and another made from it by rewriting, half of the time with a mutation."""
    left = Maker(rng).tree(rng.choice((2, 3, 3, 4)))
    right, scope = left, [("j", "K")]
    for _ in range(rng.randrange(1, 8)):
        right = somewhere(right, rewrite_here, rng, scope)
    if rng.random() < 0.5:
        right = somewhere(right, mutate_here, rng, scope)
    return left, right


# --- comparison ------------------------------------------------------------------------------------------------


def judge(left: Tree, right: Tree) -> str:
    """What the engine says of ``right`` as an answer to ``left``: its status, with the proof if correct."""
    question = Question("fuzz", text(left), SYMBOLS, ("K",), ("j",))
    reading = read(question, text(right))
    if isinstance(reading, Unreadable) or isinstance(read(question, question.truth), Unreadable):
        return "unreadable"
    assert reading.core is not None
    decision = decide(Trial(Prepared(question), reading.core))
    return f"{decision.status} {decision.proof or ''}".strip()


def run(pairs: int, seed: int, *, progress: bool = False) -> tuple[Counter[str], list[str]]:
    """Compare this many pairs; return the counts and the disagreements."""
    rng = random.Random(seed)
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    started = time.perf_counter()
    while sum(counts.values()) - counts["unreadable"] < pairs:
        left, right = pair(rng)
        if len(text(left)) > 1500 or len(text(right)) > 1500:
            continue
        said = judge(left, right)
        if said == "unreadable":
            counts[said] += 1  # beyond a cap of the language, such as five sums in each other
            continue
        equal = same(left, right, rng)
        counts[f"{'equal' if equal else 'different'}: {said}"] += 1
        if said.split()[0] != ("correct" if equal else "wrong"):
            wrong.append(f"{'equal' if equal else 'different'}, engine says {said}: {text(left)}  |  {text(right)}")
        done = sum(counts.values())
        if progress and done % 5000 == 0:
            print(f"{done} pairs, {len(wrong)} disagreements, {time.perf_counter() - started:.0f} s", flush=True)
    return counts, wrong


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts, wrong = run(options.pairs, options.seed, progress=True)
    for name, count in sorted(counts.items()):
        print(f"{count:8d}  {name}")
    print(f"{len(wrong)} disagreements")
    for line in wrong[:20]:
        print(line)


if __name__ == "__main__":
    main()
