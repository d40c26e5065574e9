"""Five typical first mistakes in each of ten parts and one in seventeen more, and what the command line says of them.

    python -m tests.first_mistakes > tests/first_mistakes.txt

writes the golden file, which is meant to be read: is it true, and is the cure in it?
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.course.exercises import load_exercise
from autograder.sandbox.source import Cell, Source
from autograder.student.check import check_source
from autograder.student.render import as_text
from tests.conftest import ROOT

MISTAKES = {
    ("empirical_risk", "mse", "y_true, y_pred"): (
        "return np.sum((np.asarray(y_true) - np.asarray(y_pred)) ** 2)",
        "return np.mean(np.abs(np.asarray(y_true) - np.asarray(y_pred)))",
        "return 0.5 * np.mean((np.asarray(y_true) - np.asarray(y_pred)) ** 2)",
        "return (y_true - y_pred) ** 2",
        "return sum((a - b) ** 2 for a, b in zip(y_true, y_pred)) / len(y_true)",
    ),
    ("empirical_risk", "ols_fit", "X, y"): (
        "return np.linalg.inv(X.T @ X) @ X.T @ y",
        "return np.linalg.lstsq(np.c_[np.ones(len(X)), X], y, rcond=None)[0]",
        "return np.linalg.lstsq(X, y, rcond=None)",
        "return np.asarray(X).T @ np.asarray(y)",
        "print(X)",
    ),
    ("conditional_mean", "best_constant", "y, loss"): (
        "return np.mean(y)",
        "return np.median(y) if loss == 'mse' else np.mean(y)",
        "return max(set(y), key=list(y).count)",
        "return float(np.mean(y)) if loss == 'MSE' else float(np.median(y))",
        "return best",
    ),
    ("r_squared", "r2_score", "y_true, y_pred"): (
        "return np.corrcoef(y_true, y_pred)[0, 1] ** 2",
        "return np.sum((np.asarray(y_true) - np.asarray(y_pred)) ** 2) / np.sum((y_true - np.mean(y_true)) ** 2)",
        "return 1 - np.mean((np.asarray(y_true) - np.asarray(y_pred)) ** 2) / np.var(y_true, ddof=1)",
        "return max(0.0, 1 - np.mean((np.asarray(y_true) - np.asarray(y_pred)) ** 2) / np.var(y_true))",
        "return 1 - np.mean((np.asarray(y_true) - np.asarray(y_pred)) ** 2) / np.var(y_pred)",
    ),
    ("mse_gradient", "mse_grad_linear", "X, y, w"): (
        "return 2 * X.T @ (X @ w - y) / len(y)",
        "return np.asarray(X).T @ (np.asarray(X) @ w - y) / len(y)",
        "return 2 * np.asarray(X).T @ (np.asarray(X) @ w - y)",
        "return 2 * np.asarray(X).T @ (np.asarray(y) - np.asarray(X) @ w) / len(y)",
        "return 2 * (np.asarray(X) @ w - y) / len(y)",
    ),
    ("target_scaling", "standardize", "Y"): (
        "Y = np.asarray(Y, float)\n    return (Y - Y.mean()) / Y.std()",
        "Y = np.asarray(Y, float)\n    return (Y - Y.mean(0)) / Y.std(0), Y.mean(0), Y.std(0)",
        "Y = np.asarray(Y, float)\n    return (Y - Y.mean(0)) / Y.std(0, ddof=1), Y.mean(0), Y.std(0, ddof=1)",
        "Y = np.asarray(Y, float)\n    return (Y - Y.mean(0)) / Y.var(0), Y.mean(0), Y.var(0)",
        "Y = np.asarray(Y, float)\n    return (Y - Y.mean(1)) / Y.std(1), Y.mean(1), Y.std(1)",
    ),
    ("influence_functions", "huber_loss", "residual, delta"): (
        "r = abs(np.asarray(residual, float))\n    return np.where(r <= delta, r**2, delta * (2 * r - delta))",
        "r = np.asarray(residual, float)\n    return np.where(np.abs(r) <= delta, r**2 / 2, np.abs(r))",
        "if abs(residual) <= delta:\n        return residual**2 / 2\n    return delta * (abs(residual) - delta / 2)",
        "r = np.asarray(residual, float)\n    return np.where(r <= delta, r**2 / 2, delta * (r - delta / 2))",
        "r = abs(np.asarray(residual, float))\n    return np.where(r <= delta, r**2 / 2, delta * r - delta / 2)",
    ),
    ("brier_calibration", "brier_score", "p, y"): (
        "return np.mean(np.abs(np.asarray(p) - np.asarray(y)))",
        "return np.sum((np.asarray(p) - np.asarray(y)) ** 2)",
        "return np.mean((np.asarray(p) > 0.5) != np.asarray(y))",
        "return np.sqrt(np.mean((np.asarray(p) - np.asarray(y)) ** 2))",
        "return np.mean((p - y) ** 2)",
    ),
    ("softmax_mse_vs_ce", "cross_entropy", "logits, labels"): (
        "p = np.exp(logits) / np.exp(logits).sum()\n    return -np.log(p[labels])",
        "p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)\n"
        "    return -np.mean(np.log(p[np.arange(len(labels)), labels]))",
        "z = np.asarray(logits, float)\n    p = np.exp(z) / np.exp(z).sum(0)\n"
        "    return -np.mean(np.log(p[np.arange(len(z)), labels]))",
        "z = np.asarray(logits, float)\n    z = z - z.max(1, keepdims=True)\n"
        "    return -np.sum((z - np.log(np.exp(z).sum(1, keepdims=True)))[np.arange(len(z)), labels])",
        "z = np.asarray(logits, float)\n    return np.mean(z[np.arange(len(z)), labels])",
    ),
    ("empirical_risk", "sym_ols_gradient", ""): (
        'return "X.T@(X@w-y)/n"',
        'return "2*X.T@(y-X@w)/n"',
        'return "2*X.T@(X@w-y)"',
        'return "2*X@(X@w-y)/n"',
        'return "2/n*X^T(Xw - y"',
    ),
    # no return, print, another axis, an argument changed, n - 1, a list, exchanged, float32, (n, 1), used before it is
    ("predictive_coding", "pc_grad", "y, r, U, m, pi_y, pi_r"): (
        "U = np.asarray(U, float)\n    grad = np.multiply(pi_r, np.subtract(r, m)) - U.T @ (pi_y * (y - U @ r))",
    ),
    ("brier_calibration", "brier_multiclass", "p, labels"): (
        "print(np.mean(np.sum((p - np.eye(len(p[0]))[labels]) ** 2, axis=1)))",
    ),
    ("output_activations", "dead_units", "X, W, b"): (
        "return np.all(np.asarray(X) @ np.asarray(W).T + np.asarray(b) <= 0, axis=1)",
    ),
    ("bayes_estimator", "posterior_expected_loss", "theta, logw, a"): (
        "logw -= np.max(logw)\n    w = np.exp(logw) / np.sum(np.exp(logw))\n"
        "    return np.subtract(a, w @ theta) ** 2 + w @ np.square(theta) - (w @ theta) ** 2",
    ),
    ("bias_variance", "bias_variance", "p, f, noise"): (
        "bias2 = np.mean((np.mean(p, axis=0) - f) ** 2)\n    variance = np.mean(np.var(p, axis=0, ddof=1))\n"
        "    return bias2, variance, noise, bias2 + variance + noise",
    ),
    ("empirical_risk", "running_risk", "y_true, y_pred, ns"): (
        "r = np.subtract(y_true, y_pred, dtype=float) ** 2\n    return [float(np.mean(r[:n])) for n in ns]",
    ),
    ("structured_data", "psnr", "image, reference, R"): (
        "return 10 * np.log10(np.mean(np.subtract(image, reference, dtype=float) ** 2) / R**2)",
    ),
    ("empirical_risk", "population_risk", "w, b, mu, Sigma, beta, beta0, sigma2"): (
        "w, mu, Sigma, beta = (np.asarray(a, np.float32) for a in (w, mu, Sigma, beta))\n    d = w - beta\n"
        "    return float(d @ Sigma @ d + (d @ mu + b - beta0) ** 2 + sigma2)",
    ),
    ("bias_variance", "ridge_fit", "X, y, lam"): (
        "X, y = np.asarray(X, float), np.asarray(y, float).reshape(-1, 1)\n"
        "    return np.linalg.solve(X.T @ X + len(X) * lam * np.eye(X.shape[1]), X.T @ y)",
    ),
    ("target_scaling", "gd_linear", "X, y, lr, steps, w0=None"): (
        "path = [w]\n    for _ in range(steps):\n        w = w - lr * 2 * X.T @ (X @ w - y) / len(y)\n"
        "        path.append(w)\n    return np.array(path)",
    ),
    # // for /, one array kept several times, another sign in places, mean for sum, inverted mask, complex
    ("knowledge_distillation", "softened_probs", "logits, temperature"): (
        "z = np.asarray(logits) // temperature\n    e = np.exp(z - z.max(-1, keepdims=True))\n"
        "    return e / e.sum(-1, keepdims=True)",
    ),
    ("predictive_coding", "pc_infer", "y, U, m, pi_y, pi_r, lr, steps, r0=None"): (
        "U, r = np.asarray(U, float), np.array(m, float)\n    path = [r.copy()]\n    for _ in range(steps):\n"
        "        r -= lr * (pi_r * (r - m) - U.T @ (pi_y * (y - U @ r)))\n        path.append(r)\n"
        "    return np.array(path)",
    ),
    ("influence_functions", "influence", "residual, loss, delta=1.0"): (
        "r = np.array(residual, float)\n    if loss == 'mse':\n        return r\n    if loss == 'mae':\n"
        "        return np.sign(r)\n    r[np.abs(r) > delta] = delta\n    return r",
    ),
    ("bayes_estimator", "bayes_estimate", "theta, logw, loss"): (
        "w = np.exp(np.subtract(logw, np.max(logw)))\n    p = w / np.sum(w)\n"
        "    return float(np.mean(p * np.asarray(theta)))",
    ),
    ("structured_data", "masked_mse", "y_true, y_pred, mask"): (
        "m = np.asarray(mask, bool)\n    return np.mean((np.asarray(y_true)[~m] - np.asarray(y_pred)[~m]) ** 2)",
    ),
    ("structured_data", "complex_mse", "y_true, y_pred"): (
        "return np.mean((np.asarray(y_true) - np.asarray(y_pred)) ** 2)",
    ),
    ("bias_variance", "simulate_shrinkage", "theta, sigma2, n, c, reps, rng"): (
        "return c * rng.normal(theta, np.sqrt(sigma2), reps)",
    ),
}  # fmt: skip


SCRIPTS = [
    (exercise, part, arguments, body, f"import numpy as np\n\n\ndef {part}({arguments}):\n    {body}\n")
    for (exercise, part, arguments), bodies in MISTAKES.items()
    for body in bodies
]


def by_command() -> Iterator[str]:
    """Yield what ``check PART`` says of every mistake."""
    for exercise, part, _, _, code in SCRIPTS:
        folder, file = load_exercise(ROOT, exercise, hidden=False), Path(f"{exercise}.py")
        yield as_text(check_source(ROOT, folder, Source(file.name, (Cell("file", code),)), file, (part,)))


def in_notebook() -> Iterator[str]:
    """Yield what ``check("PART")`` says in a kernel, with its HTML behind the text where that has other words."""
    import nbformat
    from nbclient import NotebookClient

    cells = ["import os\nimport numpy as np\nfrom autograder.notebook import check\n"
             f"os.environ['AUTOGRADER_COURSE'] = {str(ROOT)!r}"]  # fmt: skip
    for exercise, part, _, _, code in SCRIPTS:
        cells += [code.partition("\n\n\n")[2], f"check({part!r}, {exercise!r})"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    for cell in notebook.cells[2::2]:
        (output,) = (one for one in cell.outputs if "data" in one)
        read = _texts(output.data["text/html"])
        assert read.split() == output.data["text/plain"].split() or "Read as" in read
        yield output.data["text/plain"]


def on_page(place: Path) -> Iterator[str]:
    """Yield what the feedback page says after the due date: what a card shows before anything is unfolded."""
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    course = (ROOT / "course.yml").read_text(encoding="utf-8")
    due = re.sub(r"^  ps\d:$", r"\g<0>\n    due: 2026-01-01T00:00:00+00:00", course, flags=re.MULTILINE)
    (place / "course.yml").write_text(due, encoding="utf-8")
    for k, (exercise, _, _, _, code) in enumerate(SCRIPTS):
        file = place / "submitted" / f"s{k:02d}" / f"{exercise}.py"
        file.parent.mkdir(parents=True)
        file.write_text(code, encoding="utf-8")
    for command in ("grade submitted --out results", "report results --for-students"):
        run = [sys.executable, "-m", "autograder", *command.split()]
        subprocess.run(run, cwd=place, check=True, capture_output=True, timeout=500)
    for k in range(len(SCRIPTS)):
        page = (place / "results" / "feedback" / f"s{k:02d}.html").read_text(encoding="utf-8")
        (card,) = re.findall(r"<article.*?</article>", page, re.DOTALL)
        yield _texts(re.sub(r"<details.*?</details>", "", card, flags=re.DOTALL))


_STARTS = re.compile(r"<(?:p|dt|h3|figure)\b")


def _texts(markup: str) -> str:
    """Return the words of a piece of HTML, a line for each paragraph."""
    lines = (
        " ".join(html.unescape(re.sub(r"<[^>]*>", "", re.sub("<dd>", " ", "<" + one))).split())
        for one in _STARTS.split(markup)
    )
    return "\n".join(line.partition("> ")[2] if ">" in line[:60] else line for line in lines if line)


def told(place: Path) -> Iterator[str]:
    """Yield every mistake with what is said of it in the three places; ``place`` is an empty folder."""
    for (_, part, arguments, body, _), said, there, page in zip(
        SCRIPTS, by_command(), in_notebook(), on_page(place), strict=True
    ):
        known = set(said.splitlines())
        other = [line for line in there.splitlines() if line not in known]
        shown = _indented(body.replace("\n    ", "\n"))
        yield (
            f"{'=' * 100}\n{part}({arguments})\n{shown}\n\n{said}\n\nIn a notebook the same, but:\n"
            f"{_indented(chr(10).join(other))}\n\nOn the feedback page:\n{_indented(page)}\n"
        )


def _indented(text: str) -> str:
    return "\n".join(f"    {line.strip()}" for line in text.splitlines())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print("\n".join(told(Path(made))), end="")
