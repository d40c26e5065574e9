"""Five typical first mistakes in each of ten parts, and what the command line says of them.

    python -m tests.first_mistakes > tests/first_mistakes.txt

writes the golden file, which is meant to be read: is it true, and is the cure in it?
"""

from __future__ import annotations

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
}  # fmt: skip


def told() -> Iterator[str]:
    """Yield what ``check PART`` says of every mistake."""
    for (exercise, part, arguments), bodies in MISTAKES.items():
        folder = load_exercise(ROOT, exercise, hidden=False)
        for body in bodies:
            code = f"import numpy as np\n\n\ndef {part}({arguments}):\n    {body}\n"
            file = Path(f"{exercise}.py")
            checked = check_source(ROOT, folder, Source(file.name, (Cell("file", code),)), file, (part,))
            shown = "\n".join(f"    {line}" for line in body.replace("\n    ", "\n").splitlines())
            yield f"{'=' * 100}\n{part}({arguments})\n{shown}\n\n{as_text(checked)}\n"


if __name__ == "__main__":
    print("\n".join(told()), end="")
