"""Times of the symbolic engine on the corpus, next to SymPy's ``simplify(a - b) == 0`` and ``.equals``.

``python -m tests.bench.symbolic [--sympy N] [--json FILE]`` prints the warm median, 95th percentile and greatest
processor time per answer, the processor time and the work of the costliest hostile texts, the cold time of one process
that imports and grades, and for ``N`` answers of scalar questions the same of SymPy, in a child with a limit of ten
seconds an answer (SymPy has no notion of a general K or n: no arrays).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from autograder.symbolic import Question, Unreadable, grade, read
from autograder.symbolic.language.reading import expression
from tests.symbolic.hostile import TEXTS
from tests.symbolic.questions import QUESTIONS

ROOT = Path(__file__).parents[2]
COLD = (
    # the question is written out, since the exercises that hold the questions load SciPy
    "from autograder.symbolic import MisconceptionForm, Question, RequiredForm, Symbol, grade\n"
    "q = {question!r}\n"
    "assert grade(q, {text!r}).status == {status!r}\n"
)
SECONDS = 10


def corpus() -> list[tuple[Question, str, str]]:
    """All answers of the corpus: question, text and label."""
    found = []
    for path in sorted((ROOT / "tests" / "symbolic" / "corpus").glob("*.yaml")):
        data = yaml.safe_load(path.read_text())
        found += [(QUESTIONS[data["question"]], answer["text"], answer["label"]) for answer in data["answers"]]
    return found


def quantiles(name: str, seconds: list[float]) -> dict[str, float]:
    """Print one line, median, 95th percentile and maximum in milliseconds, and return them."""
    ordered = sorted(1e3 * one for one in seconds)
    middle, high, top = ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1))], ordered[-1]
    times = f"median {middle:8.2f} ms   95 % {high:8.2f} ms   max {top:8.1f} ms"
    print(f"{name:34s} {len(ordered):5d} answers   {times}", flush=True)
    return {"median_ms": middle, "p95_ms": high, "max_ms": top}


def engine(answers: list[tuple[Question, str, str]]) -> tuple[list[float], int]:
    """Warm processor times of the engine, and how many labels it misses."""
    for question, _, _ in answers:
        grade(question, question.truth)
        grade(question, "1/3")
    seconds, missed = [], 0
    for question, text, label in answers:
        started = time.process_time()
        status = grade(question, text).status
        seconds.append(time.process_time() - started)
        missed += status != {"right": "correct", "wrong": "wrong"}[label]
    return seconds, missed


def hostile(count: int = 5) -> dict[str, float]:
    """Print processor times of the hostile texts, each graded three times, the least of them counting."""
    rows = []
    for name, (key, text, *_) in TEXTS.items():
        times = []
        for _ in range(3):
            started = time.process_time()
            verdict = grade(QUESTIONS[key], text)
            times.append(time.process_time() - started)
        rows.append((min(times), verdict.work, name, verdict.status))
    figures = quantiles("hostile texts, processor time", [row[0] for row in rows])
    for seconds, work, name, status in sorted(rows, reverse=True)[:count]:
        print(f"{'':34s} {seconds * 1e3:5.1f} ms {work:7d} operations   {name} ({status})")
    return figures


def cold(key: str, text: str, status: str) -> float:
    """Least of three times of a process that imports, reads and grades one answer."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", COLD.format(question=QUESTIONS[key], text=text, status=status)], check=True, cwd=ROOT
        )
        times.append(time.perf_counter() - started)
    return min(times)


def build(e: Any, symbols: dict[str, Any]) -> Any:
    """Return the SymPy expression of a core expression without indices."""
    import sympy as sp

    kind = e[0]
    if kind == "num":
        return sp.Rational(e[1].numerator, e[1].denominator)
    if kind == "const":
        return sp.pi
    if kind == "sym":
        return symbols[e[1]]
    if kind in ("add", "mul"):
        return (sp.Add if kind == "add" else sp.Mul)(*(build(x, symbols) for x in e[1]))
    if kind == "pow":
        return sp.Pow(build(e[1], symbols), build(e[2], symbols))
    if kind == "fn":
        table = {"Abs": sp.Abs, "Min": sp.Min, "Max": sp.Max}
        function = table.get(e[1]) or getattr(sp, e[1])
        args = [build(x, symbols) for x in e[2]]
        return function(args[0], 0) if e[1] == "Heaviside" else function(*args)
    if kind == "pw":
        return sp.Piecewise(*((build(v, symbols), _condition(c, symbols)) for v, c in e[1]))
    raise ValueError(kind)


def _condition(c: Any, symbols: dict[str, Any]) -> Any:
    import sympy as sp

    kind = c[0]
    if kind == "true":
        return sp.true
    if kind == "not":
        return sp.Not(_condition(c[1], symbols))
    if kind in ("and", "or"):
        return (sp.And if kind == "and" else sp.Or)(*(_condition(x, symbols) for x in c[1]))
    relation = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne}[c[1]]
    return relation(build(c[2], symbols), build(c[3], symbols))


def _sympy_worker(pipe: Any) -> None:
    import sympy as sp

    while True:
        job = pipe.recv()
        data = job["data"]
        symbols = {n: sp.Symbol(n, real=True, integer=i or None, positive=p or None) for n, i, p in data["symbols"]}
        started = time.process_time()
        try:
            difference = build(data["a"], symbols) - build(data["b"], symbols)
            equal = sp.simplify(difference) == 0 if job["method"] == "simplify" else difference.equals(0)
        except Exception as error:  # SymPy raises all kinds on piecewise input; the benchmark counts them
            equal = type(error).__name__
        pipe.send((time.process_time() - started, equal))


class Sympy:
    """SymPy in a child that is started again when it runs out of time."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.pipe, end = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_sympy_worker, args=(end,), daemon=True)
        self.process.start()

    def ask(self, method: str, data: dict[str, Any]) -> tuple[float, Any]:
        """Return seconds and the answer; "timeout" after the limit."""
        self.pipe.send({"method": method, "data": data})
        if self.pipe.poll(SECONDS):
            answer: tuple[float, Any] = self.pipe.recv()
            return answer
        self.process.kill()
        self.process.join()
        self.start()
        return float(SECONDS), "timeout"


def sympy_times(answers: list[tuple[Question, str, str]], count: int) -> dict[str, dict[str, float]]:
    """Print and return SymPy's times and misses on scalar questions."""
    jobs = []
    for question, text, label in answers:
        reading = read(question, text)
        if question.sizes or isinstance(reading, Unreadable) or reading.core is None:
            continue
        symbols = [[s.name, s.integer, s.positive] for s in question.symbols]
        jobs.append(({"a": reading.core, "b": expression(question, question.truth), "symbols": symbols}, label))
    step = max(1, len(jobs) // count)
    chosen = jobs[::step][:count]
    child = Sympy()
    figures = {}
    for method in ("simplify", "equals"):
        seconds, accepted, refused, silent = [], 0, 0, 0
        for data, label in chosen:
            spent, equal = child.ask(method, data)
            seconds.append(spent)
            accepted += equal is True and label == "wrong"
            refused += equal is False and label == "right"
            silent += equal not in (True, False)
        title = "simplify(a - b) == 0" if method == "simplify" else "(a - b).equals(0)"
        figures[title] = quantiles(f"SymPy {title}", seconds)
        figures[title] |= {"wrong_accepted": accepted, "right_refused": refused, "without_an_answer": silent}
        print(f"{'':34s} {accepted} wrong accepted, {refused} right refused, {silent} without an answer")
    child.process.kill()
    return figures


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sympy", type=int, default=60, help="answers given to SymPy")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    answers = corpus()
    seconds, missed = engine(answers)
    figures: dict[str, Any] = {"engine, warm": quantiles("engine, warm, processor time", seconds) | {"missed": missed}}
    print(f"{'':34s} {missed} labels missed")
    figures["hostile texts"] = hostile()
    for key, text, status in (
        ("E12.6", QUESTIONS["E12.6"].truth, "correct"),
        ("E12.6", "p*(1-p)*(p-y)", "wrong"),
        ("E08.6", "Max(-delta, Min(r, delta))", "correct"),
    ):
        least = 1e3 * cold(key, text, status)
        print(f"cold process, {key} {status:8s} {least:28.0f} ms")
        figures[f"cold process, {key} {status}"] = {"least_ms": least}
    if options.sympy:
        figures["SymPy"] = sympy_times(answers, options.sympy)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
