"""Which packages a submission can use where it is graded, and what happens to an import of the others.

One list for the sandbox, ``check``, ``doctor`` and the handouts.
"""

from __future__ import annotations

from collections.abc import Iterable

PROVIDED = ("numpy", "scipy")
"""Packages that every grader has, besides Python's standard library; ``packages`` in course.yml adds others."""

INERT = frozenset({
    "matplotlib", "mpl_toolkits", "seaborn", "plotly", "bokeh", "altair", "IPython", "ipywidgets", "pyodide", "piplite",
    "micropip", "google.colab", "kaggle_secrets", "dbutils", "nest_asyncio", "ipympl",
})  # fmt: skip
"""Drawing and the front ends' own modules: stood in for by names that accept everything and do nothing."""

WELL_KNOWN = frozenset({
    "pandas", "torch", "torchvision", "tensorflow", "keras", "jax", "jaxlib", "flax", "optax", "sklearn", "statsmodels",
    "numba", "cupy", "cupyx", "sympy", "mpmath", "xgboost", "lightgbm", "catboost", "cv2", "PIL", "skimage", "imageio",
    "requests", "urllib3", "httpx", "networkx", "polars", "pyarrow", "dask", "xarray", "h5py", "openpyxl", "tqdm",
    "pymc", "theano", "pytensor", "arviz", "autograd", "theseus", "numexpr", "bottleneck", "einops", "transformers",
    "datasets", "mxnet", "gluon", "paddle", "cvxpy", "cvxopt", "patsy", "formulaic", "pingouin", "joblib", "rich",
    "yaml", "bs4", "lxml", "sqlalchemy", "nltk", "spacy", "gensim", "gym", "gymnasium", "pytest", "hypothesis",
    "otter", "nbgrader", "gradescope_utils", "dotenv", "psutil", "attr", "pydantic", "tensorflow_probability",
    "wget", "gdown", "kaggle", "kagglehub", "wandb", "tensorboard", "huggingface_hub", "tabulate", "termcolor",
    "astropy", "geopandas", "shapely", "librosa", "pywt", "fastai", "lightning", "pytorch_lightning", "torchaudio",
    "torchmetrics", "torchinfo", "torchsummary", "timm", "tensorflow_datasets", "haiku", "chex", "equinox", "ray",
    "optuna", "hyperopt", "shap", "imblearn", "mlxtend", "yfinance", "pandas_datareader", "numdifftools", "graphviz",
})  # fmt: skip
"""Packages that students import and the grader lacks: an import succeeds, and what is used of it fails by name."""

DISTRIBUTIONS = {
    "scikit-learn": ("sklearn",), "pillow": ("PIL",), "opencv-python": ("cv2",), "opencv-python-headless": ("cv2",),
    "scikit-image": ("skimage",), "beautifulsoup4": ("bs4",), "pyyaml": ("yaml",), "cupy-cuda12x": ("cupy", "cupyx"),
    "cupy-cuda13x": ("cupy", "cupyx"), "python-dotenv": ("dotenv",),
}  # fmt: skip
"""Distributions whose import name is another one."""


def import_names(distribution: str) -> tuple[str, ...]:
    """Return the top-level modules of a distribution: ``scikit-learn`` is imported as ``sklearn``."""
    name = distribution.lower().replace("_", "-")
    return DISTRIBUTIONS.get(name, (distribution.replace("-", "_"),))


def distribution_of(module: str) -> str:
    """Return what is installed to import a top-level module: ``sklearn`` comes with ``scikit-learn``."""
    return next((name for name, modules in DISTRIBUTIONS.items() if module in modules), module)


def root_of(module: str) -> str:
    """Return the package that a module belongs to: its first name, or two of ``google``, which many share."""
    first, _, rest = module.partition(".")
    return f"google.{rest.partition('.')[0]}" if first == "google" and rest else first


def versions(distributions: Iterable[str]) -> dict[str, str | None]:
    """Return the installed version of each distribution, None where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str | None] = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except (PackageNotFoundError, ValueError):  # a blank name is not one, says the course file's own check
            found[name] = None
    return found
