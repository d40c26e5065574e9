"""``check(...)`` in a real kernel, and the executed notebook as a page in a browser."""

import os
from importlib.util import find_spec

import pytest

if find_spec("jupyterlab") is None:
    pytest.skip("jupyterlab is not installed", allow_module_level=True)

from nbclient import NotebookClient
from nbconvert import HTMLExporter

from tests.conftest import ROOT, make_course
from tests.jupyter import browsing, notebook

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]

HEAD = "import numpy as np\nfrom autograder.notebook import check"
ANSWERS = {
    "right": "def sample_mean(y_true):\n    y = np.asarray(y_true, float)\n    if y.size == 0:\n"
    "        raise ValueError('empty')\n    return float(y.mean())",
    "wrong": "def sample_mean(y_true):\n    return float(np.sum(y_true) / max(np.size(y_true) - 1, 1))",
    "blank": "def sample_mean(y_true):\n    raise NotImplementedError",
    "markup": "def sample_mean(y_true):\n    return '<script>document.title = 1</script>'",
    "ends": "import os\n\ndef sample_mean(y_true):\n    os._exit(0)",
    "loops": "def sample_mean(y_true):\n    while True:\n        pass",
}
CHECK = "check(sample_mean, 'first_mean')"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = make_course(tmp_path_factory.mktemp("jupyter") / "course")
    for file in root.glob("exercises/*/grading.py"):
        file.unlink()  # a student has none
    return root


@pytest.fixture(scope="module")
def executed(course):
    texts = [text for answer in ANSWERS.values() for text in (answer, CHECK)]
    made = notebook(HEAD, *texts, "'the kernel is alive'")
    before = dict(os.environ)
    os.environ |= {"AUTOGRADER_COURSE": str(course), "PYTHONPATH": str(ROOT)}
    try:
        NotebookClient(made, timeout=300, kernel_name="python3").execute()
    finally:
        os.environ.clear()
        os.environ |= before
    return made


def shown(made, answer):
    (output,) = made.cells[2 * list(ANSWERS).index(answer) + 2].outputs
    assert output.output_type == "execute_result"
    return output.data


def test_a_real_kernel_shows_the_verdict_as_text_and_html(executed):
    for answer, words in (("right", "  ok  sample_mean"), ("wrong", "  no  sample_mean"), ("blank", "not started")):
        data = shown(executed, answer)
        assert words in data["text/plain"]
        assert "sample_mean" in data["text/html"]
        assert "Traceback" not in data["text/plain"]
    assert "returned" in shown(executed, "wrong")["text/plain"]


def test_no_function_brings_the_kernel_down_or_runs_in_the_page(executed):
    assert "<script>" not in shown(executed, "markup")["text/html"]
    for answer in ("ends", "loops"):
        assert "  no  sample_mean" in shown(executed, answer)["text/plain"]
    assert executed.cells[-1].outputs[0].data["text/plain"] == "'the kernel is alive'"
    assert not [o for cell in executed.cells for o in cell.get("outputs", []) if o.output_type in ("error", "stream")]


def test_the_executed_notebook_as_a_page(executed, tmp_path):
    page, _ = HTMLExporter().from_notebook_node(executed)
    (tmp_path / "executed.html").write_text(page)
    with browsing() as browser:
        tab = browser.new_page(viewport={"width": 1100, "height": 900})
        tab.goto((tmp_path / "executed.html").as_uri())
        assert tab.locator("pre.autograder").count() == len(ANSWERS)
        assert tab.title() != "1"
        tab.screenshot(path=tmp_path / "executed.png", full_page=True)
    assert (tmp_path / "executed.png").stat().st_size > 10_000
