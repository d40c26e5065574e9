"""A submission runs as its author's front end runs it: names, ``await``, plots, packages that are not there."""

import pytest

from autograder.model import Limits
from autograder.sandbox.lone import observe_lone
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Segment
from tests.sandbox.test_harness import call, one, see

RETURNS_ONE = "\ndef f(): return 1.0\n"

# Code of real notebooks and scripts that must change nothing.
HARMLESS = {
    "main guard": "if __name__ == '__main__':\n    import numpy as np",
    "file": "from pathlib import Path\nimport numpy as np\nHERE = Path(__file__).parent / 'data'",
    "display": "display(1)\nget_ipython().run_line_magic('matplotlib', 'inline')",
    "input": "name = input('Your name? ')\nassert name == ''",
    "await": "import asyncio\nawait asyncio.sleep(0)",
    "await a timer": (
        "import asyncio\nasync def g():\n    await asyncio.sleep(0.001)\n    return 3\nassert await g() == 3"
    ),
    "await tasks": "import asyncio\nasync def g(): return 2\nassert await asyncio.gather(g(), g()) == [2, 2]",
    "await a stand-in": "import piplite\nawait piplite.install('seaborn')",
    "colab": "from google.colab import drive, files\ndrive.mount('/content/drive')",
    "sizes": ("import matplotlib.pyplot as plt\nplt.rcParams['font.size'] += 2\nw, h = plt.rcParams['figure.figsize']"),
    "legend": (
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nhandles, labels = ax.get_legend_handles_labels()"
    ),
    "inches": ("import matplotlib.pyplot as plt\nfig = plt.figure()\nfig.set_size_inches(fig.get_size_inches() * 2)"),
    "starred": "import matplotlib.pyplot as plt\nfirst, *others, last = plt.gca().lines",
    "nested": "import matplotlib.pyplot as plt\n(a, b), c = plt.foo()",
    "compare": "import matplotlib.pyplot as plt\nif plt.gca().get_ylim()[1] > 3 or plt.gca().dpi < 2: pass",
    "array times": "import numpy as np, matplotlib.pyplot as plt\nx = np.ones(3) * plt.rcParams['x']",
    "format": "import matplotlib.pyplot as plt\ns = f'{plt.rcParams[1]:.2f}'",
    "loop": "import matplotlib.pyplot as plt\nfor ax in plt.gcf().axes: raise ValueError",
    "pandas unused": "import pandas as pd",
    "torch unused": "import torch\nimport torch.nn as nn\nfrom torch.utils.data import DataLoader",
    "torch base": "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x): return x",
    "decorator": "from numba import njit\n@njit\ndef g(x): return x\nassert g(2) == 2",
    "decorator with options": "import numba\n@numba.njit(parallel=True)\ndef g(x): return x\nassert g(2) == 2",
    "annotation": "import torch\ndef g(x: torch.Tensor | None = None) -> torch.Tensor: ...",
    "fallback": (
        "try:\n    import cupy as xp\nexcept ImportError:\n    import numpy as xp\nassert xp.ones(2).sum() == 2"
    ),
    "fallback of two": (
        "try:\n    import cupy\n    xp = cupy\nexcept (ImportError, OSError):\n    xp = None\nassert xp is None"
    ),
    "suppressed": (
        "import contextlib\n"
        "has = False\n"
        "with contextlib.suppress(ImportError):\n"
        "    import jax\n"
        "    has = True\n"
        "assert not has"
    ),
    "find_spec": "import importlib.util\nassert importlib.util.find_spec('mxnet') is None",
    "tqdm": (
        "from tqdm.notebook import tqdm, trange\nassert list(tqdm([1, 2])) == [1, 2] and list(trange(2)) == [0, 1]"
    ),
}


@pytest.mark.parametrize("notebook", [False, True])
@pytest.mark.parametrize("name", HARMLESS)
def test_what_a_front_end_takes_costs_nothing(name, notebook):
    seen = one(HARMLESS[name] + RETURNS_ONE, notebook=notebook)
    assert (seen.ending, seen.value) == ("value", 1.0), seen


@pytest.mark.parametrize(
    ("use", "named"),
    [
        ("pd.DataFrame([1])", "pandas.DataFrame"),
        ("float(pd.NA)", "pandas.NA"),
        ("pd.NA + 1", "pandas.NA"),
        ("[x for x in pd.NA]", "pandas.NA"),
        ("1.0 if pd.NA else 2.0", "pandas.NA"),
        ("pd.NA == 1", "pandas.NA"),
    ],
)
def test_a_package_that_is_absent_fails_by_name_when_it_is_used(use, named):
    seen = one(f"import pandas as pd\ndef f(): return {use}")
    assert (seen.ending, seen.error) == ("error", "ModuleNotFoundError")
    assert seen.message == f"pandas is not available where your work is graded ({named} was used)"


def test_a_missing_module_of_ones_own_is_not_stood_in_for():
    seen = one("import utils_of_mine\n" + RETURNS_ONE)
    assert seen.ending == "load_error"
    assert "utils_of_mine" in seen.message
    assert "other files are not read" in seen.message


def test_what_fails_because_of_an_earlier_cell_names_that_cell_and_its_error():
    cells = ["import nowhere_to_be_found\nimport numpy as np", "def f(): return np.ones(1)"]
    [seen] = see("", call(), cells=cells)
    assert seen.ending == "error"
    assert "name 'np' is not defined" in seen.message
    assert "cell c0 failed before" in seen.message
    assert "nowhere_to_be_found" in seen.message


def test_a_cell_that_fails_because_of_an_earlier_one_passes_the_first_cause_on():
    cells = ["import nowhere_to_be_found\nimport numpy as np", "PI = np.pi", "def f(): return PI"]
    [seen] = see("", call(), cells=cells)
    assert "cell c0 failed before" in seen.message
    assert "nowhere_to_be_found" in seen.message


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("open('data.csv')", "no other file can be read or written"),
        ("open('/etc/passwd')", "no other file can be read or written"),
        ("open('log.txt', 'w')", "no other file can be read or written"),
        ("np.loadtxt('data.csv')", ""),
        ("__import__('os').listdir('.')", "no other file can be read or written"),
        ("__import__('os').system('true')", "no other program"),
        ("__import__('subprocess').run(['true'])", "no other program"),
        ("__import__('socket').create_connection(('127.0.0.1', 9))", "no network"),
        ("__import__('urllib.request').request.urlopen('http://127.0.0.1:9')", "no network"),
        ("__import__('os').remove('x')", "no file can be changed"),
    ],
)
def test_a_check_refuses_what_grading_refuses(does, said):
    seen = one(f"import numpy as np\ndef f(): return {does}")
    assert seen.ending in ("forbidden", "error"), seen
    assert said in seen.message


def test_a_check_lets_python_and_its_packages_be_read():
    text = "import scipy.stats, json, email, numpy.testing\ndef f():\n    import decimal, zoneinfo\n    return 1.0"
    segment = Segment("part", Limits(cpu_seconds=60.0), False, (call(),))
    source = Source("e.py", (Cell("file", text),))
    assert observe_lone(source, Batch("e", (segment,)))[0][0].value == 1.0
