"""Files as front ends, platforms and students leave them: one class, every file right where it was made, all graded."""

import gzip
import json
import sys
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from autograder.cli.grade import grade_command
from tests.attacks.inputs.making import class_at, code_cell, notebook, zipped
from tests.conftest import make_course
from tests.test_marks import MANUAL
from tests.test_written_answers import ANSWER, BLANK, CODE, STATEMENT, TEXT, WORDS, cell

NAME = "first_mean"
TOP = "import numpy as np\n"
DEF = """
def sample_mean(y):
    y = np.asarray(y, float)
    if y.size == 0:
        raise ValueError
    return float(y.mean())
"""
RIGHT = TOP + DEF
STUB = "\ndef sample_mean(y):\n    raise NotImplementedError\n"
WRONG = "\ndef sample_mean(y):\n    return 7.0\n"
MAIN = "\nif __name__ == '__main__':\n"


def script(before="", after="", code=DEF):
    return {f"{NAME}.py": f"{TOP}{before}{code}{after}"}


def book(*texts, **more):
    """A notebook of cells; a text is a code cell."""
    return notebook(*(code_cell(text) if isinstance(text, str) else text for text in texts), **more)


def cells(*texts, **more):
    return {f"{NAME}.ipynb": book(TOP, *texts, **more)}


def prompted(first, more):
    """The answer with a prompt in front of each line."""
    head, *rest = DEF.strip().split("\n")
    return "\n".join((first + head, *(more + line for line in rest)))


PLOTS = """
import matplotlib.pyplot as plt, seaborn as sns
fig, axes = plt.subplots(2, 2)
axes[0, 0].plot([1, 2], [3, 4])
(line,) = axes[0, 1].plot([1])
handles, labels = axes[0, 0].get_legend_handles_labels()
low, high = axes[0, 0].get_xlim()
if high > 3:
    pass
plt.rcParams['font.size'] *= 1.5
for axis in axes.flat:
    axis.set_title('x')
with plt.style.context('ggplot'):
    plt.plot([1])
n, bins, patches = plt.hist([1, 2, 3])
width = bins[1] - bins[0]
plt.colorbar(axes[0, 0].imshow([[1]]))
fig.set_size_inches(fig.get_size_inches() * 2)
sns.lineplot(x=[1], y=[2])
plt.show()
"""
MAGICS = (
    "%%bash\npip install numpy", "%%writefile utils.py\ndef f(x):\n    return x", "%%time\nq = 3",
    "%%capture out\n!pip install torch\n%load_ext autoreload\n%autoreload 2", "files = !ls\n%timeit sum([1])\nprint?",
    "%config InlineBackend.figure_format = 'retina'\n%matplotlib widget", "%%html\n<b>x</b>", "%pip install -q numpy",
)  # fmt: skip
MARIMO = f"""import marimo

__generated_with = "0.9.1"
app = marimo.App()


@app.cell
def __():
    import numpy as np
    import marimo as mo
    return mo, np


@app.cell
def __(np):
{DEF.replace(chr(10), chr(10) + "    ").rstrip()}
    return (sample_mean,)


@app.cell
def __(mo):
    mo.md("# hello")
    return


if __name__ == "__main__":
    app.run()
"""
SETUP = f"""import marimo
app = marimo.App(width="medium")
with app.setup:
    import numpy as np

@app.function{DEF}
@app.cell
def _():
    sample_mean([1])
    return
"""
DATABRICKS = (
    "# Databricks notebook source\n# MAGIC %md hello\n# COMMAND ----------\n{}\n# COMMAND ----------\ndisplay(1)\n"
)
JUPYTEXT = "# ---\n# jupyter:\n#   kernelspec:\n#     name: python3\n# ---\n\n# %%\n{}\n# %%\nsample_mean([1])\n"
NBCONVERT = (
    "#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\n\nget_ipython().run_line_magic('matplotlib', 'inline')\n"
)
NBCONVERT += "get_ipython().system('pip install numpy')\n{}\n\n# In[ ]:\n\n\n\n"
OLD = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": ""},
    "worksheets": [{"cells": [{"cell_type": "code", "input": RIGHT, "language": "python", "outputs": []}]}],
}

# case -> the student's files: the answer in each is right where it was made, and earns its points here
RUNS = {
    "an answer in a cell that was made text, between fences": {
        f"{NAME}.ipynb": book(
            TOP,
            cell("markdown", f"```python\n{DEF}```", cell_type="code", solution=True, grade=False, locked=False),
        )
    },
    # which file
    "a copy of Windows next to a blank original": {
        f"{NAME} - Copy.ipynb": book(RIGHT),
        f"{NAME}.ipynb": book(TOP, STUB),
    },
    "a blank second copy of Windows": {
        f"{NAME} - Copy.ipynb": book(RIGHT),
        f"{NAME} - Copy (2).ipynb": book(TOP, STUB),
    },
    "copied in Spanish": {f"{NAME} - copia.py": RIGHT},
    "copied in Dutch": {f"Kopie van {NAME}.ipynb": book(RIGHT)},
    "copied in Russian": {f"{NAME} \u2014 \u043a\u043e\u043f\u0438\u044f.py": RIGHT},
    "copied in Chinese": {f"{NAME}\u7684\u526f\u672c.py": RIGHT},
    "copied in Swedish": {f"Kopia av {NAME}.ipynb": book(RIGHT)},
    "a final version": {f"{NAME}_final_v2.ipynb": book(RIGHT)},
    "the name in front": {f"ann_doe_{NAME}.ipynb": book(RIGHT)},
    "the number in front": {f"E01 {NAME}.py": RIGHT},
    "no name at all": {"Untitled0.ipynb": book(RIGHT)},
    "its name without the underscore": {"FirstMean.py": RIGHT},
    "capitals": {"FIRST_MEAN.PY": RIGHT},
    "executed by nbconvert": {f"{NAME}.nbconvert.ipynb": book(RIGHT)},
    "a folder of the same name": {f"{NAME}.ipynb/{NAME}.ipynb": book(RIGHT)},
    "two dots": {f"{NAME}..py": RIGHT},
    "a space at the end": {f"{NAME}.py ": RIGHT},
    "a zipped notebook": {f"{NAME}.ipynb.zip": zipped({f"{NAME}.ipynb": book(RIGHT)})},
    "a download of Google Drive": {"a.zip": zipped({f"drive-download-20261001T120000Z-001/Copy of {NAME}.py": RIGHT})},
    "a path of Windows in a zip": {"a.zip": zipped({f"C:\\Users\\ann\\{NAME}.py": RIGHT})},
    "two names that differ in case": {"a.zip": zipped({"First_Mean.py": TOP + STUB, f"{NAME}.py": RIGHT})},
    "the same, the other way round": {"a.zip": zipped({"FIRST_MEAN.PY": RIGHT, f"{NAME}.py": TOP + STUB})},
    "tests of one's own": {f"{NAME}.py": RIGHT, f"test_{NAME}.py": f"from {NAME} import *\ndef test_it():\n    pass\n"},
    "an old version": {f"{NAME}.py": RIGHT, f"old_{NAME}.py": TOP + WRONG},
    "an old version in a folder": {f"{NAME}.py": RIGHT, f"backup/{NAME}.py": TOP + WRONG},
    "an old version, by folder alone": {f"v1/{NAME}.py": TOP + STUB, f"v2/{NAME}.py": RIGHT},
    "an empty notebook next to the script": {f"{NAME}.py": RIGHT, f"{NAME}.ipynb": ""},
    "an empty script next to the notebook": {f"{NAME}.ipynb": book(RIGHT), f"{NAME}.py": ""},
    "a checkpoint next to the notebook": {
        f"{NAME}.ipynb": book(RIGHT),
        f".ipynb_checkpoints/{NAME}-checkpoint.ipynb": book(TOP, WRONG),
    },
    # how it is run
    "input at the top": script("name = input('who? ')\n"),
    "a number from input": cells("k = int(input())", DEF),
    "await in a script": script("import asyncio\nawait asyncio.sleep(0)\n"),
    "asyncio.run below": script(
        "import asyncio\n", f"\nasync def main():\n    sample_mean([1])\n{MAIN}    asyncio.run(main())\n"
    ),
    "asyncio.run in a notebook": cells(
        "import asyncio, nest_asyncio\nnest_asyncio.apply()", DEF, "asyncio.run(main())"
    ),
    "arguments of a script": script(
        "import argparse, sys\n",
        f"{MAIN}    p = argparse.ArgumentParser()\n    p.add_argument('--n', default=3)\n"
        "    print(p.parse_args().n)\n    sys.exit(0)\n",
    ),
    "tests at the bottom": script("", f"{MAIN}    import doctest\n    doctest.testmod(verbose=True)\n"),
    "unittest at the bottom": script(
        "import unittest\n",
        "\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(sample_mean([1]), 1)\n"
        f"{MAIN}    unittest.main()\n",
    ),
    "the end of the program": cells(DEF, "import sys\nsys.exit()"),
    "exit() of a notebook": cells(DEF, "exit()"),
    "display": cells(
        "from IPython.display import display, HTML, Markdown, clear_output\ndisplay(HTML('x'))\nclear_output()", DEF
    ),
    "magics": cells(*MAGICS, DEF),
    "a timed answer": cells(f"%%time\n{DEF}"),
    "a captured answer": cells(f"%%capture --no-stderr\n{DEF}"),
    "cupy, if there": script("try:\n    import cupy as np\nexcept ImportError:\n    import numpy as np\n"),
    "cupy, if it works": script(
        "try:\n    import cupy as xp\n    xp.zeros(3)\nexcept Exception:\n    import numpy as xp\n"
    ),
    "torch, if found": script(
        "import importlib.util\nif importlib.util.find_spec('torch'):\n    import torch\n    np = torch\n"
    ),
    "packages that are not used": script(
        "import pandas as pd, torch.nn as nn, tensorflow as tf, cupy as cp\nfrom tqdm import tqdm\n"
    ),
    "a class of torch": cells(
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    pass\n@torch.no_grad()\ndef f(x): return x", DEF
    ),
    "numba": script("from numba import njit, prange\n", code=DEF.replace("\ndef", "\n@njit(parallel=True)\ndef")),
    "types of an array": script(
        "from numpy.typing import NDArray\n", code=DEF.replace("(y)", "(y: 'NDArray') -> float")
    ),
    "widgets": cells("import ipywidgets as widgets\n@widgets.interact(n=(1, 10))\ndef show(n=1):\n    print(n)", DEF),
    "plots in a script": script(PLOTS),
    "plots in a notebook": cells(PLOTS, DEF),
    "the drive of Colab": cells(
        "from google.colab import drive, files\ndrive.mount('/content/drive')\n%cd /content/drive", DEF
    ),
    "Colab or not, by the kernel": cells(
        "IN_COLAB = 'google.colab' in str(get_ipython())\nif IN_COLAB:\n    raise OSError", DEF
    ),
    "Colab or not, by import": cells(
        "try:\n    import google.colab\n    raise OSError\nexcept ImportError:\n    IN_COLAB = False", DEF
    ),
    "Colab or not, by module": script("import sys\nif 'google.colab' in sys.modules:\n    raise OSError\n"),
    "a form of Colab": cells(f"#@title Answer {{ display-mode: 'form' }}\n{DEF}"),
    "the first cell of Kaggle": cells(
        "import numpy as np\nimport pandas as pd\nimport os\nfor d, *_ in os.walk('/kaggle/input'):\n    print(d)",
        DEF,
    ),
    "packages of JupyterLite": cells(
        "import piplite\nawait piplite.install('numpy')\nimport micropip\nawait micropip.install('x')", DEF
    ),
    "a marimo file": {f"{NAME}.py": MARIMO},
    "a marimo file with a set-up": {f"{NAME}.py": SETUP},
    "cells of VS Code": {
        f"{NAME}.py": f"# %% [markdown]\n# # Hi\n# %%\n{TOP}# %%\n%matplotlib inline\n{DEF}\n# %%\nsample_mean([3])\n"
    },
    "cells of Spyder": {f"{NAME}.py": f"#%%\n{TOP}#%% the answer\n{DEF}\n"},
    "a notebook of Databricks": {f"{NAME}.py": DATABRICKS.format(RIGHT)},
    "a script of Jupytext": {f"{NAME}.py": JUPYTEXT.format(RIGHT)},
    "a script of nbconvert": {f"{NAME}.py": NBCONVERT.format(RIGHT)},
    "the file's own place": script("from pathlib import Path\nHERE = Path(__file__).resolve().parent\n"),
    "the folder above on the path": script(
        "import os, sys\nsys.path.append('..')\nsys.path.insert(0, os.path.abspath('..'))\n"
    ),
    "the working folder": script(
        "import os\nos.environ['OMP_NUM_THREADS'] = '1'\nprint(os.getcwd(), os.cpu_count())\n"
    ),
    "its own folder": script("import os\nos.chdir(os.path.dirname(os.path.abspath(__file__)))\n"),
    "its own folder, by pathlib": script("import os, pathlib\nos.chdir(pathlib.Path(__file__).parent)\n"),
    "a folder of Colab": script("import os\nos.chdir('/content/drive/MyDrive')\n"),
    "a limit of recursion": script("import sys\nsys.setrecursionlimit(10**6)\n"),
    "a pool of threads that is left": script(
        "import time\nfrom concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor(2).submit(time.sleep, 9)\n"
    ),
    "another folder": cells("import os\nos.chdir('..')", DEF),
    "a data file that is not there": cells("import pandas as pd\ndf = pd.read_csv('data.csv')\ndf.head()", DEF),
    "a failed test": cells(DEF, "assert sample_mean([1]) == 2, 'hm'"),
    "logging and warnings": script(
        "import logging, warnings\nlogging.basicConfig(level=20)\nwarnings.filterwarnings('error')\n"
    ),
    "a seed": script("import random\nrandom.seed(0)\nnp.random.seed(0)\nrng = np.random.default_rng(1)\n"),
    "print": script("print('\u00e9 \U0001f600', np.arange(3))\n"),
    "a future, late": cells(DEF, "from __future__ import annotations\nx: Nowhere = 1"),
    "a notebook that imports its script": {
        f"{NAME}.ipynb": book(TOP, f"from {NAME} import sample_mean", "sample_mean([1])"),
        f"{NAME}.py": RIGHT,
    },
    "loaded from a file": cells(f"# %load {NAME}.py\n{DEF}"),
    "a function made by a function": script(
        "",
        "\nsample_mean = make()\n",
        DEF.replace("\n", "\n    ").replace("\n    def", "\ndef make():\n    def", 1).rstrip()
        + "\n    return sample_mean\n",
    ),
    "every line shown": cells(
        "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.ast_node_interactivity = 'all'",
        DEF,
    ),
    "the same in a script": script(
        "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.ast_node_interactivity = 'all'\n"
    ),
    "a backend of plots": script("import matplotlib\nmatplotlib.use('Agg')\n"),
    "animations and meshes": script(
        "import matplotlib.pyplot as plt\nfrom matplotlib.animation import FuncAnimation\n"
        "from mpl_toolkits.mplot3d import Axes3D\nfig = plt.figure()\nax = fig.add_subplot(projection='3d')\n"
        "cmap = plt.get_cmap('viridis')(np.linspace(0, 1, 5))\nax.legend().set_title('x')\nplt.xkcd()\n"
        "ani = FuncAnimation(fig, lambda i: None, frames=3)\nx = plt.gca().get_position().x0 + 1\n"
    ),
    "plots of Plotly": script("import plotly.express as px\nfig = px.scatter(x=[1], y=[2])\nfig.show()\n"),
    "tests with marks": script(
        "import pytest\n", "\n@pytest.mark.parametrize('y', [[1]])\ndef test_it(y):\n    pass\n"
    ),
    "tests of Hypothesis": script(
        "from hypothesis import given, strategies as st\n", "\n@given(st.integers())\ndef test_it(y):\n    pass\n"
    ),
    "a model of pydantic": cells("from pydantic import BaseModel\nclass A(BaseModel):\n    x: int = 1", DEF),
    "a bar of progress": script("from tqdm.notebook import tqdm\nfor i in tqdm(range(3)):\n    pass\n"),
    "sympy in a cell": cells("from sympy import symbols\nx = symbols('x')\nx**2", DEF),
    "processes": cells("import multiprocessing as mp\npool = mp.Pool(2)\npool.map(abs, [1])", DEF),
    "threads": cells("import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()", DEF),
    "a program": cells("import subprocess\nsubprocess.run(['ls'])", DEF),
    "the network": cells("import urllib.request\nurllib.request.urlopen('http://example.org')", DEF),
    "a written file": cells("open('out.txt', 'w').write('x')", DEF),
    "settings of numpy": script("np.seterr(all='raise')\nnp.set_printoptions(precision=3)\n"),
    "a deep recursion allowed": script("import sys\nsys.setrecursionlimit(10**5)\n"),
    "more magics": cells(
        "%env X=1\na = %env HOME\n%lsmagic", "%%javascript\nalert(1)", "%%latex\n$x$", "%%sql\nselect 1", DEF
    ),
    "a password": cells("import getpass\np = getpass.getpass()", DEF),
    "a markdown cell that was the code": {
        f"{NAME}.ipynb": book(
            TOP,
            {
                **CODE,
                "cell_type": "markdown",
                "source": DEF,
                "metadata": {"nbgrader": {**CODE["metadata"]["nbgrader"], "cell_type": "code"}},
            },
        ),
    },
    # how it is written
    "UTF-16": {f"{NAME}.py": RIGHT.encode("utf-16")},
    "a notebook in UTF-16": {f"{NAME}.ipynb": book(RIGHT).encode("utf-16")},
    "a notebook with a mark": {f"{NAME}.ipynb": b"\xef\xbb\xbf" + book(RIGHT).encode()},
    "Latin-1, declared": {f"{NAME}.py": b"# -*- coding: latin-1 -*-\n# \xe9\n" + RIGHT.encode()},
    "tabs, Windows": {f"{NAME}.py": f"\ufeff{RIGHT}".replace("    ", "\t").replace("\n", "\r\n")},
    "format 3": {f"{NAME}.ipynb": json.dumps(OLD)},
    "no metadata": {f"{NAME}.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": RIGHT.splitlines(True)}]})},
    "a rule in a docstring": script('"""\nTitle\n=======\n"""\n'),
    "a cell turned into raw text": {
        f"{NAME}.ipynb": book(
            TOP,
            {
                **CODE,
                "cell_type": "raw",
                "source": DEF,
                "metadata": {"nbgrader": {**CODE["metadata"]["nbgrader"], "cell_type": "code"}},
            },
        )
    },
    "ids of another exercise": {
        f"{NAME}.ipynb": book(TOP, code_cell(DEF, nbgrader={"grade_id": "second_mean-sample_mean"}))
    },
    "cells that are indented as a whole": cells(DEF.replace("\n", "\n    "), "\tq = 1\n\tr = q"),
    "prompts of Python, copied": cells(">>> q = 1\n>>> def f():\n...     return 1\n...\n", prompted(">>> ", "... ")),
    "prompts of IPython, copied": cells("In [12]: q = 1", prompted("In [2]: ", "   ...: ")),
    "what earlier cells gave": cells("3", f"x = _\ny = Out[1]\nprint(In[0], __)\n{DEF}"),
    "an answer after files from the network": script("import wget, gdown, wandb\n"),
    "a key twice in the notebook": {f"{NAME}.ipynb": '{"cells": [], "cells": [' + json.dumps(code_cell(RIGHT)) + "]}"},
    "not a number in an output": {
        f"{NAME}.ipynb": book({**code_cell(RIGHT), "outputs": [{"data": {"x": float("nan")}}]})
    },
    "cells in other languages": cells(
        {**code_cell("ls -la"), "metadata": {"vscode": {"languageId": "shellscript"}}},
        {**code_cell("SELECT 1"), "metadata": {"deepnote_cell_type": "sql"}},
        "%sql\nselect 1",
        "%md\n# hi",
        "%python\nq = 1",
        "/print 1",
        DEF,
    ),
    "a damaged cell": cells({**code_cell(), "source": None}, {**code_cell(), "source": [["x"]]}, DEF),
    # what the stub does to it
    "the stub above": cells(STUB, DEF),
    "the stub below": cells(DEF, STUB),
    "a lambda below the stub": cells(
        STUB, "sample_mean = lambda y: np.mean(np.asarray(y, float)) if len(np.atleast_1d(y)) else int('')"
    ),
    "a lambda above the stub": cells(
        "sample_mean = lambda y: np.mean(np.asarray(y, float)) if len(np.atleast_1d(y)) else int('')", STUB
    ),
    "another name below the stub": cells(STUB, DEF.replace("sample_mean", "mine"), "sample_mean = mine"),
    "another name above the stub": cells(DEF.replace("sample_mean", "mine"), "sample_mean = mine", STUB),
    "in a condition above the stub": cells(f"if True:\n{DEF.replace(chr(10), chr(10) + '    ')}", STUB),
    "a wrong attempt above": cells(WRONG, DEF),
}


def essay(*after, place=(CODE, TEXT, BLANK)):
    return {f"{NAME}.ipynb": notebook(*place, *after)}


COLAB = '# -*- coding: utf-8 -*-\n"""{name}.ipynb\n\nAutomatically generated by Colab.\n\nOriginal file is located at\n'
COLAB += "    https://colab.research.google.com/drive/1\n\n{text}" + '"""\n\n{code}\n\n"""{answer}"""\n'
QUESTION = STATEMENT.replace("\n", "\n# ")
PLACEHOLDER = "YOUR ANSWER HERE"
IMAGE = {"image.png": {"image/png": "iVBORw0KGgo="}}

# case -> files, whether the written answer needs manual grading
WRITTEN = {
    "in its cell": (essay(cell("markdown", WORDS, **ANSWER), place=(CODE, TEXT)), True),
    "below": (essay(cell("markdown", WORDS)), True),
    "under a heading of its own": (essay(cell("markdown", f"## essay\n\n{WORDS}")), True),
    "its cell turned into code": (essay(cell("code", WORDS, **ANSWER), place=(CODE, TEXT)), True),
    "in comments": (essay(code_cell(f"# {WORDS}\n# Second line.")), True),
    "raw": (essay(cell("raw", WORDS)), True),
    "a photograph": (essay({**cell("markdown", "![image.png](attachment:image.png)"), "attachments": IMAGE}), True),
    "a formula": (essay(cell("markdown", "$$\\sum_i (y_i - m) = 0$$")), True),
    "text beside the script": ({**script(), f"{NAME}.md": WORDS}, True),
    "text beside the notebook": ({**essay(), f"{NAME}.md": WORDS}, True),
    "a script of Colab": (
        {f"{NAME}.py": COLAB.format(name=NAME, text=STATEMENT, code=RIGHT, answer=WORDS)},
        True,
    ),
    "a script of Colab, no answer": (
        {f"{NAME}.py": COLAB.format(name=NAME, text=STATEMENT, code=RIGHT, answer=PLACEHOLDER)},
        False,
    ),
    "Databricks": (
        {f"{NAME}.py": f"# Databricks notebook source\n# MAGIC %md\n# MAGIC {WORDS}\n\n# COMMAND -----\n\n{RIGHT}"},
        True,
    ),
    "VS Code, a text": ({f"{NAME}.py": f'# %%\n{RIGHT}\n# %% [markdown]\n"""\n{WORDS}\n"""\n'}, True),
    "marimo": ({f"{NAME}.py": MARIMO.replace("# hello", WORDS)}, True),
    "in a text of a script": ({f"{NAME}.py": f'{RIGHT}\n\nessay = """{WORDS}"""\n'}, True),
    "nothing": (essay(), False),
    "its cell deleted": (essay(place=(CODE, TEXT)), False),
    "a script of nbconvert, no answer": (
        {f"{NAME}.py": f"{RIGHT}\n\n# {QUESTION}\n\n# {PLACEHOLDER}\n\n\n# In[ ]:\n\n\n"},
        False,
    ),
}

FUNCTION = "sample_mean"
INSIDE = "\nclass Solution:" + DEF.replace("\n", "\n    ")
NEWER = "may be valid in a newer Python"
ARCHIVE = "hand in the .ipynb or .py itself, or a .zip"

# case -> files, status of the record, words of it
REFUSED = {
    "a type statement": (script("type Vec = list[float]\n"), "graded", NEWER),
    "a generic function": (script("def first[T](x: list[T]) -> T:\n    return x[0]\n"), "graded", NEWER),
    "a default of a type": (script("class A[T = int]:\n    pass\n"), "graded", NEWER),
    "except without parentheses": (
        script("try:\n    pass\nexcept ValueError, TypeError:\n    pass\n"),
        "graded",
        NEWER,
    ),
    "quotes in an f-string": (script("d = {'a': 1}\nprint(f'{d['a']}')\n"), "graded", NEWER),
    "a template string": (script("x = 1\ny = t'{x}'\n"), "graded", NEWER),
    "what the notebook says": (
        cells("type Vec = list[float]\n" + DEF, metadata={"language_info": {"name": "python", "version": "3.12.4"}}),
        "graded",
        f"{NEWER} (the notebook says 3.12)",
    ),
    "Python 2": (script("print 'hi'\n"), "graded", "SyntaxError"),
    "another case": (
        script(code=DEF.replace("def sample_mean", "def Sample_Mean")),
        "graded",
        f"rename it to {FUNCTION}",
    ),
    "a letter too few": (
        script(code=DEF.replace("def sample_mean", "def sample_men")),
        "graded",
        "there is sample_men",
    ),
    "another word": (script(code=DEF.replace("def sample_mean", "def solution")), "graded", "is not defined"),
    "a method": (script(code=INSIDE), "graded", "in line 4 it is inside of something else"),
    "a method in a cell": (cells(INSIDE), "graded", "in line 3 of cell cell-2 it is inside of something else"),
    "commented out": (cells(DEF.replace("\n", "\n# ")), "graded", "in line 2 of cell cell-2 it is commented out"),
    "another language": (
        cells("f <- function(y) mean(y)", metadata={"kernelspec": {"name": "ir", "language": "R"}}),
        "graded",
        "says that it is in R",
    ),
    "zero bytes": ({f"{NAME}.py": b"\0" * 4096}, "rejected", "the file is damaged (it holds zero bytes only)"),
    "half of UTF-16": ({f"{NAME}.py": RIGHT.encode("utf-16-le")}, "rejected", "save it as UTF-8"),
    "too large": ({f"{NAME}.ipynb": " " * 20_000_001}, "rejected", "remove the outputs of its cells"),
    "a zip cut short": ({"hw1.zip": zipped({f"{NAME}.py": RIGHT})[:-30]}, "rejected", "not uploaded whole"),
    "what an editor kept": ({f"{NAME}.py~": RIGHT}, "rejected", f"rename it to {NAME}.py"),
    "an editor's own file": ({f".{NAME}.py.swp": b"b0VIM"}, "rejected", "save the .ipynb or .py itself"),
    "a helper": ({**script("from helpers import f\n"), "helpers.py": "def f(x):\n    return x\n"}, "graded", "helpers"),
    "a package whose text is not shown": (script("from rich import print\nprint('x')\n"), "graded", "rich"),
    "a helper of the package": ({**script("from .helpers import f\n"), "helpers.py": "f = 1\n"}, "graded", "helpers"),
    "an answer in a check cell": (cells(STUB, code_cell(DEF, tags=["autograder-check"])), "graded", "is a check cell"),
    "an answer between the fences of a text": (
        cells(STUB, {"cell_type": "markdown", "source": f"```python\n{DEF}```", "metadata": {}}),
        "graded",
        "make it a code cell",
    ),
    "an answer below a magic": (cells(f"%%wandb\n{DEF}"), "graded", "remove the magic"),
    "an answer that is only written into a file": (cells(f"%%writefile {NAME}.py\n{RIGHT}"), "graded", "magics"),
    "a helper that is run": (cells("%run helpers.py", DEF.replace("np.asarray", "as_float")), "graded", "magics"),
    "a package that is used": (
        script("import pandas as pd\n", code=DEF.replace("np.asarray(y, float)", "pd.Series(y)")),
        "graded",
        "pandas",
    ),
    "jax for numpy": (script("import jax.numpy as np\n"), "graded", "jax"),
    "two answers": (cells(DEF, WRONG), "graded", "defined 2 times"),
    "a conflict in a cell": (cells(f"<<<<<<< HEAD\n{WRONG}=======\n{DEF}>>>>>>> main\n"), "graded", "merge conflict"),
    "a conflict with its base": (
        {f"{NAME}.py": f"<<<<<<< HEAD\n{WRONG}||||||| 1a2b\n{STUB}=======\n{DEF}>>>>>>> main\n"},
        "rejected",
        "merge conflict",
    ),
    "cut short": ({f"{NAME}.ipynb": book(RIGHT)[:150]}, "rejected", f"{NAME}.ipynb"),
    "empty": ({f"{NAME}.ipynb": ""}, "rejected", "empty"),
    "empty script": ({f"{NAME}.py": ""}, "rejected", "empty"),
    "blank script": ({f"{NAME}.py": "\n \n"}, "rejected", "empty"),
    "no cells": ({f"{NAME}.ipynb": notebook()}, "rejected", "0 cells"),
    "null": ({f"{NAME}.ipynb": "null"}, "rejected", "not a notebook"),
    "a page": ({f"{NAME}.ipynb": "<!DOCTYPE html><html></html>"}, "rejected", "web page"),
    "gzip by content": ({f"{NAME}.ipynb": gzip.compress(b"x")}, "rejected", "gzip"),
    "7z by content": ({f"{NAME}.py": b"7z\xbc\xaf\x27\x1c\0\0"}, "rejected", "7z"),
    "7z by content in a zip's name": ({f"{NAME}.zip": b"7z\xbc\xaf\x27\x1c\0\0"}, "rejected", "7z"),
    "gzip by content in a zip's name": ({f"{NAME}.zip": gzip.compress(b"x")}, "rejected", "gzip"),
    "a page in a zip's name": ({f"{NAME}.zip": "<!DOCTYPE html><html>log in</html>"}, "rejected", "web page"),
    "a picture as a script": ({f"{NAME}.py": b"\x89PNG\r\n\x1a\n\0\0"}, "rejected", "a picture"),
    "an old Word document": ({f"{NAME}.py": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, "rejected", "office program"),
    "half a download": ({f"{NAME}.ipynb.crdownload": book(RIGHT)[:100]}, "rejected", "crdownload"),
    "gzip": ({f"{NAME}.py.gz": gzip.compress(RIGHT.encode())}, "rejected", ARCHIVE),
    "tar.xz": ({"hw1.tar.xz": b"\xfd7zXZ\0"}, "rejected", ARCHIVE),
    "zipx": ({"hw1.zipx": b"PK\3\4"}, "rejected", ARCHIVE),
    "a link of Google": ({f"{NAME}.gdoc": '{"url": "x"}'}, "rejected", f"{NAME}.gdoc"),
    "a link of Windows": ({f"{NAME}.ipynb.lnk": b"L\0\0\0"}, "rejected", "lnk"),
    "Quarto": ({f"{NAME}.qmd": "```{python}\n```"}, "rejected", "qmd"),
    "compiled": ({f"{NAME}.pyc": b"\xa7\r\r\n"}, "rejected", "pyc"),
    "no suffix": ({NAME: RIGHT}, "rejected", NAME),
    "notes only": ({"notes.txt": "hi"}, "rejected", "notes.txt"),
}
UNDERSTOOD_FROM = {
    "a type statement": (3, 12),
    "a generic function": (3, 12),
    "a default of a type": (3, 13),
    "except without parentheses": (3, 14),
    "quotes in an f-string": (3, 12),
    "a template string": (3, 14),
    "what the notebook says": (3, 12),
}
for case, version in UNDERSTOOD_FROM.items():
    if sys.version_info >= version:  # this Python reads it
        del REFUSED[case]


def by_student(table, letter):
    return {f"{letter}{number:03}": name for number, name in enumerate(table)}


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    """All cases, each as a student of one class, graded in one run."""
    root = tmp_path_factory.mktemp("class")
    course = make_course(root / "course")
    folder = course / "exercises" / NAME
    head, _, _ = (folder / "checks.py").read_text().rpartition("    ),\n)\n")
    (folder / "checks.py").write_text(head + MANUAL)
    (folder / "README.md").write_text(STATEMENT, encoding="utf-8")
    (course / "exercises" / "second_mean" / "second_mean.py").write_text(
        "def spread(y):\n    raise NotImplementedError\n"
    )
    names = {}
    for letter, table in (("a", RUNS), ("b", WRITTEN), ("c", REFUSED)):
        for student, case in by_student(table, letter).items():
            names[letter, case] = student
            files = table[case] if letter == "a" else table[case][0]
            class_at(root / "s", {f"{student}/hw1/{name}": content for name, content in files.items()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_COURSE", str(course))
        done = CliRunner().invoke(
            grade_command, [str(root / "s"), "--out", str(root / "out"), "--unsafe", "--assignment", "hw1"]
        )
    assert done.exit_code == 0, done.output
    lines = map(json.loads, (root / "out" / "results.jsonl").read_text().splitlines())
    found = {line["student"]: line for line in lines if line["exercise"] == NAME}
    return SimpleNamespace(records={key: found[student] for key, student in names.items()}, said=done.output)


@pytest.mark.parametrize("case", RUNS)
def test_what_runs_where_it_was_written_earns_its_points_here(case, handed):
    record = handed.records["a", case]
    assert (record["status"], record["parts"][0]["score"]) == ("graded", 2.0), (record["message"], record["parts"][0])


@pytest.mark.parametrize("case", WRITTEN)
def test_a_written_answer_waits_wherever_it_is_and_a_blank_one_does_not(case, handed):
    record = handed.records["b", case]
    assert (record["score"], record["pending_points"]) == (2.0, 2.0 * WRITTEN[case][1]), record["parts"]


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_count_is_named_with_the_reason(case, handed):
    record = handed.records["c", case]
    _, status, words = REFUSED[case]
    part = record["parts"][0]
    said = "; ".join(filter(None, (record["message"], *record["notes"], part["message"])))
    assert (record["status"], part["score"]) == (status, 0.0), said
    assert words in said
