"""What students do to nbgrader, on purpose and by accident: notebooks and the points that an honest grader gives.

The attacks have every function wrong, so each must earn nothing; the accidents lose only the part that is at fault.
"""

import copy
import json

from tests.bench.small import FUNCTIONS
from tests.nbgrader_course import NAMES, WRONG, cell, filled

HACKS = {
    "a05_always_equal": """
class Always(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    def __array_ufunc__(self, *args, **more): return True
    __hash__ = None
np.isclose = np.allclose = lambda *args, **more: True
def mse(*values): return Always()
mae = residual = clip = r2 = mse
""",
    "a06_no_assertions": """
import ast, sys
class Off(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
try:
    get_ipython().ast_transformers.append(Off())
except NameError:
    pass
for module in list(sys.modules.values()):
    for name in ("judge", "judge_part", "verdict", "call_func", "_callTestMethod"):
        if hasattr(module, name):
            try: setattr(module, name, lambda *args, **more: None)
            except Exception as error: print(error)  # the attack goes on to the next name
""",
    "a07_displayhook": """
def mse(*values):
    import sys
    sys.displayhook(2.0)
    try: get_ipython().displayhook(2.0)
    except NameError: pass
    print(2.0)
    raise ValueError(2.0)
mae = residual = clip = r2 = mse
""",
    "a08_read_the_source": """
import glob, json
for file in glob.glob("../../../source/**/*.ipynb", recursive=True) + glob.glob("{folder}/source/**/*.ipynb"):
    for one in json.load(open(file))["cells"]:
        if one["cell_type"] == "code": exec("".join(one["source"]))
for file in glob.glob("{course}/exercises/*/grading.py"):
    exec(open(file).read())
""",
    "a09_write_the_gradebook": """
import sqlite3
def steal():
    for path in ("../../../gradebook.db", "{folder}/gradebook.db"):
        link = sqlite3.connect(path)
        link.execute("update grade set manual_score = 2.0, needs_manual_grade = 0")
        link.commit()
def mse(*values):
    steal()
    return -1.0
try: steal()
except Exception as error: print(error)  # the sandbox refuses here, and the part is wrong all the same
""",
    "a10_outlive": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for _ in range(200):
            time.sleep(0.05)
            try: open("{folder}/outlived", "w").close()
            except OSError: pass
    os._exit(0)
""",
    "a12_read_the_hidden_tests": """
import sys
def look():
    seen = [str(vars(module))[:100_000] for module in list(sys.modules.values()) if module]
    frame = sys._getframe()
    while frame:
        seen.append(str(frame.f_locals)[:100_000])
        frame = frame.f_back
    return "\\n".join(seen)
def mse(*values):
    text = look()
    return 5 / 3 if "1.6666" in text else -1.0
""",
    "a13_write_outside": """
for place in ("../../../source/hw/written", "{folder}/source/hw/written", "{course}/written", "/tmp/written-by-a13"):
    try: open(place, "w").write("x")
    except OSError: pass
""",
    "a14_pickle": """
class Run:
    def __reduce__(self):
        return (open, ("{folder}/unpickled", "w"))
def mse(*values): return Run()
mae = residual = clip = r2 = mse
""",
    "a15_silence": """
import sys
sys.excepthook = lambda *args: None
try:
    get_ipython().set_custom_exc((Exception,), lambda *args, **more: None)
    get_ipython().showtraceback = lambda *args, **more: None
except NameError:
    pass
def mse(*values): raise ValueError
mae = residual = clip = r2 = mse
""",
}


def attacks(folder, course):
    """Return the attacks: by name the notebook, and files next to it where the attack needs one."""
    wrong = filled(folder, WRONG)
    cases = {f"honestly_wrong_{k}": (wrong, {}) for k in range(2)}
    for name, text in HACKS.items():
        notebook = copy.deepcopy(wrong)
        code = text.replace("{folder}", str(folder)).replace("{course}", str(course))
        # in a cell of its own after the answers, so that what it defines remains
        notebook["cells"].append(
            {"cell_type": "code", "id": "mine", "execution_count": None, "metadata": {}, "outputs": [], "source": code}
        )
        cases[name] = (notebook, {})
    edited, worth, gone, flagged = (copy.deepcopy(wrong) for _ in range(4))
    for name in NAMES:
        cell(edited, name, "-test")["source"] = "2.0"
        cell(worth, name, "-test")["metadata"]["nbgrader"]["points"] = 100
        cell(flagged, name, "-test")["metadata"]["nbgrader"]["grade"] = False
        gone["cells"].remove(cell(gone, name, "-test"))
    forged = copy.deepcopy(wrong)
    for name in NAMES:
        result = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "2.0"}}
        cell(forged, name, "-test")["outputs"] = [result]
    shadow = {"numpy__py": "def __getattr__(name): return lambda *args, **more: True\n"}
    return {
        **cases,
        "a01_edited_tests": (edited, {}),
        "a02_points": (worth, {}),
        "a03_deleted_tests": (gone, {}),
        "a04_flags": (flagged, {}),
        "a07_forged_outputs": (forged, {}),
        "a11_shadow": (wrong, {**shadow, "autograder__py": "raise SystemExit\n"}),
    }


def accidents(folder):
    """Return by name the notebook, the files next to it, and the points that are right."""
    right = filled(folder, FUNCTIONS)

    def with_last(body):
        return filled(folder, {**FUNCTIONS, "r2": f"def r2(y, p):\n    {body}\n"})

    def changed(change):
        notebook = copy.deepcopy(right)
        change(notebook)
        return notebook

    noisy = {
        name: code.replace("\n    ", "\n    import warnings; warnings.warn('careful')\n    ", 1)
        for name, code in FUNCTIONS.items()
    }
    swallow = "while True:\n        try:\n            while True: pass\n        except BaseException: pass"
    loud = filled(
        folder, {**FUNCTIONS, "r2": FUNCTIONS["r2"].replace("\n    ", "\n    print('x\\n' * 20_000)\n    ", 1)}
    )
    big = filled(folder, {**FUNCTIONS, "r2": FUNCTIONS["r2"].replace("\n    ", "\n    np.ones(3 << 27)\n    ", 1)})
    meta = "metadata"
    return {
        "right": (right, {}, 10.0),
        "h01_warnings": (filled(folder, noisy), {}, 10.0),
        "h02_sys_exit": (with_last("raise SystemExit"), {}, 8.0),
        "h03_os_exit": (with_last("import os; os._exit(0)"), {}, 8.0),
        "h04_loop": (with_last("while True: pass"), {}, 8.0),
        "h05_loop_that_swallows": (with_last(swallow), {}, 8.0),
        "h06_three_gibibytes": (big, {}, 8.0),  # the course allows one
        "h07_syntax_error": (with_last("return ("), {}, 8.0),
        "h08_prints": (loud, {}, 10.0),
        "x1_first_swallows": (filled(folder, {**FUNCTIONS, "mse": f"def mse(y, p):\n    {swallow}\n"}), {}, 8.0),
        "x2_old_schema": (changed(lambda nb: _each(nb, lambda m: m.update(schema_version=1))), {}, 10.0),
        "x2_no_schema": (changed(lambda nb: _each(nb, lambda m: m.pop("schema_version"))), {}, 10.0),
        "x2_new_schema": (changed(lambda nb: _each(nb, lambda m: m.update(schema_version=99))), {}, 10.0),
        "x3_broken_json": (json.dumps(right)[:-40].encode(), {}, 0.0),
        "x3_empty": (b"", {}, 0.0),
        "x3_no_notebook": (b"[1, 2]", {}, 0.0),
        "x7_bad_timestamp": (right, {"timestamp__txt": "yesterday, I think"}, 10.0),
        "x7_no_text_timestamp": (right, {"timestamp__txt": "\0\1"}, 10.0),
        "c_extra_keys": (changed(lambda nb: _each(nb, lambda m: m.update(mine=1))), {}, 10.0),
        "c_no_metadata": (changed(lambda nb: [one.update(metadata={}) for one in nb["cells"]]), {}, 10.0),
        "c_metadata_is_text": (changed(lambda nb: [one.update(metadata="x") for one in nb["cells"]]), {}, 10.0),
        "c_nbgrader_is_text": (changed(lambda nb: [one[meta].update(nbgrader="x") for one in nb["cells"]]), {}, 10.0),
        "c_duplicate_ids": (changed(lambda nb: nb["cells"].insert(0, copy.deepcopy(cell(nb, "mse")))), {}, 10.0),
        "c_other_ids": (changed(lambda nb: _each(nb, lambda m: m.update(grade_id="x y"))), {}, 10.0),
        "c_answers_moved": (changed(_moved), {}, 10.0),
        "c_answer_as_text": (changed(lambda nb: cell(nb, "mae").update(cell_type="markdown")), {}, 10.0),
        "c_answer_raw": (changed(lambda nb: cell(nb, "mae").update(cell_type="raw")), {}, 10.0),
        "c_answer_deleted": (changed(lambda nb: nb["cells"].remove(cell(nb, "clip"))), {}, 8.0),
        "c_all_tests_deleted": (changed(_without_tests), {}, 10.0),
        "c_old_format": (changed(lambda nb: nb.update(nbformat_minor=0, metadata={"orig_nbformat": 3})), {}, 10.0),
        "c_odd_kernel": (changed(lambda nb: nb.update(metadata={"kernelspec": {"name": "ruby"}})), {}, 10.0),
        "c_no_cell": (changed(lambda nb: nb["cells"].append("not a cell")), {}, 10.0),
        "c_whole_texts": (changed(_as_texts), {}, 10.0),
    }


def _each(notebook, change):
    for one in notebook["cells"]:
        if "nbgrader" in one["metadata"]:
            change(one["metadata"]["nbgrader"])


def _moved(notebook):
    """All answers in one cell of the student's own, the released answer cells gone."""
    text = "\n\n".join(cell(notebook, name)["source"] for name in NAMES)
    notebook["cells"] = [one for one in notebook["cells"] if not one["metadata"]["nbgrader"]["solution"]]
    notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": text, "outputs": []})


def _without_tests(notebook):
    for name in NAMES:
        notebook["cells"].remove(cell(notebook, name, "-test"))


def _as_texts(notebook):
    for one in notebook["cells"]:
        one["source"] = "".join(one["source"])
