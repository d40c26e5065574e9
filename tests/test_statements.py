"""Statements show a worked call of every function, a picture that is told in words, and the way back to the path."""

import dataclasses
import math
import re
import shutil
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from autograder.authoring.picture import DARK, LIGHT, in_both_schemes
from autograder.authoring.statement import Effort, effort, main, rewritten
from autograder.course.exercises import exercise_names
from tests.conftest import ROOT, course_exercise

NAMES = exercise_names(ROOT)
WORKED = re.compile(r"```python\n>>> (.*)\n(.*)\n```")


def statement(name):
    return (ROOT / "exercises" / name / "README.md").read_text(encoding="utf-8")


def section(text, part):
    start = text.index(f"\n## {part}\n")
    end = text.find("\n## ", start + 4)
    return text[start : end if end > 0 else None]


FUNCTIONS = [
    (name, part.name) for name in NAMES for part in course_exercise(name).exercise.parts if part.kind == "function"
]


@pytest.mark.parametrize("name", NAMES)
def test_every_function_has_a_worked_call_whose_result_is_right(name):
    folder, text = course_exercise(name), statement(name)
    for part in folder.exercise.parts:
        if part.kind != "function":
            continue
        (worked,) = WORKED.findall(section(text, part.name))
        call, result = worked
        assert call.startswith(f"{part.name}(")
        space = {"np": np, part.name: folder.secrets[part.name].reference}
        got, want = eval(call, space), eval(result, {"np": np, "nan": np.nan})
        by_sign = np.abs if "either sign" in section(text, part.name) else np.asarray
        pairs = zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]
        for one, other in pairs:
            assert np.shape(one) == np.shape(other), part.name
            if not isinstance(one, str):
                np.testing.assert_allclose(by_sign(one), by_sign(other), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_says_in_a_sentence_why_it_is_asked(name):
    for part in course_exercise(name).exercise.parts:
        if part.kind != "manual":
            (why,) = re.findall(r"^\*Why:\* (.*?)\n\n", section(statement(name), part.name), re.MULTILINE | re.DOTALL)
            assert 5 <= len(why.split()) <= 25
            assert re.fullmatch(r"[^.?!]*(?:100 %|E\d\d)?[^.?!]*\.", why), why


@pytest.mark.parametrize("name", NAMES)
def test_the_points_and_the_way_to_hand_in_a_formula_are_those_that_are_generated(name):
    """After a change of them: python -m autograder.authoring.statement."""
    assert rewritten(course_exercise(name)) == statement(name)


@pytest.mark.parametrize("name", NAMES)
def test_no_title_of_a_hidden_check_is_in_a_statement(name):
    folder = course_exercise(name)
    text = " ".join(folder.text().split())
    for part in folder.exercise.parts:
        public = {check.title for check in part.checks}
        hidden = {check.title for check in (folder.secrets[part.name].checks if part.name in folder.secrets else ())}
        assert [title for title in hidden - public if title in text and not title[0].isdigit()] == []


@pytest.mark.parametrize("name", NAMES)
def test_corners_that_cost_points_are_named_above_the_list_of_points(name):
    for heading in re.findall(r"^## (\w+)$", statement(name), re.MULTILINE):
        text = section(statement(name), heading)
        assert "the special cases under *Robust* above" not in text or "\n*Robust:* " in text, heading


@pytest.mark.parametrize("missing", [r"\n(\* \*\*.*\n)+", r"\*Answer:\* (.+\n)+\n"])
def test_what_is_missing_in_a_statement_is_written(tmp_path, missing):
    shutil.copytree(ROOT / "exercises" / "r_squared", tmp_path / "exercises" / "r_squared")
    file = tmp_path / "exercises" / "r_squared" / "README.md"
    shutil.copy(ROOT / "exercises" / "README.md", file.parents[1])
    before = file.read_text(encoding="utf-8")
    file.write_text(re.sub(missing, "", before, count=1), encoding="utf-8")
    folder = dataclasses.replace(course_exercise("r_squared"), path=file.parent)
    assert folder.statement.read_text(encoding="utf-8") != before
    assert rewritten(folder) == before


def test_without_a_page_on_formulas_a_statement_has_no_link_to_it(tmp_path):
    shutil.copytree(ROOT / "exercises" / "r_squared", tmp_path / "exercises" / "r_squared")
    folder = dataclasses.replace(course_exercise("r_squared"), path=tmp_path / "exercises" / "r_squared")
    assert "how formulas are written" not in rewritten(folder)
    assert '\n*Answer:* return the formula as a string, such as `return "2*x"`' in rewritten(folder)


IN_PYTHON = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "tanh": math.tanh, "gamma": math.gamma, "pi": math.pi,
    "sign": np.sign, "Abs": abs, "diag": np.diag, "outer": np.outer, "dot": np.dot,
    "Piecewise": lambda *cases: next(value for value, holds in cases if holds),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_has_a_worked_value_that_is_right(name):
    folder = course_exercise(name)
    for part, question in folder.questions.items():
        ((at, value),) = re.findall(
            r"^For example, at `(.*?)` it is `(.*?)`\.$", section(statement(name), part), re.MULTILINE
        )
        given = dict(one.split(" = ") for one in re.split(r", (?=\w+ = )", at))
        space = {key: np.array(eval(text)) if text[0] == "[" else eval(text) for key, text in given.items()}
        got = eval(question.truth, IN_PYTHON | space)
        np.testing.assert_allclose(got, np.array(eval(value)), rtol=1e-12, err_msg=part)
        assert np.shape(got) == np.shape(eval(value)), part


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_has_a_picture_that_is_told_in_words(name):
    text = statement(name)
    ((words, file),) = re.findall(r"!\[(.*?)\]\((.*?)\)", text)
    assert file == f"{name}.svg"
    assert 100 <= len(words) <= 500
    assert words.endswith(".")
    before = text[: text.index("![")]
    assert "\n## " not in before  # on the first screen


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_holds_both_schemes_and_nothing_that_acts(name):
    file = ROOT / "exercises" / name / f"{name}.svg"
    text = file.read_text(encoding="utf-8")
    assert file.stat().st_size < 200_000
    root = ET.fromstring(text)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags.isdisjoint({"script", "foreignObject", "a", "animate"})
    links = {v for e in root.iter() for k, v in e.attrib.items() if k.rpartition("}")[2] == "href"}
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    for scheme in (LIGHT, DARK):
        assert all(f"--{key}: {colour};" in text for key, colour in scheme.items())
    assert "var(--ink)" in text
    assert "var(--paper)" in text


def luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_colours_of_pictures_can_be_told_from_their_paper(scheme):
    """Text by 4.5, lines by 3, as WCAG asks."""
    paper = luminance(scheme["paper"])
    for name, colour in scheme.items():
        if name != "paper":
            low, high = sorted((luminance(colour), paper))
            assert (high + 0.05) / (low + 0.05) >= (4.5 if name == "ink" else 3.0), name


def test_colours_become_variables_in_styles_and_attributes():
    svg = in_both_schemes(f'<svg><defs/><path fill="{LIGHT["blue"]}"/><path style="stroke: #000000; x: 0.5"/></svg>')
    assert '<path style="fill: var(--blue)"/>' in svg
    assert "stroke: var(--ink); x: 0.5" in svg


@pytest.mark.parametrize("name", NAMES)
def test_the_stated_minutes_are_those_of_reading_and_writing(name):
    one = effort(course_exercise(name))
    assert one.honest, one


def test_the_stated_minutes_are_printed_next_to_the_measured_ones(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    main(["r_squared"])
    one = effort(course_exercise("r_squared"))
    (row,) = re.findall(r"^r_squared .*$", capsys.readouterr().out, re.MULTILINE)
    shown = [one.words, one.parts, one.difficulty, round(one.measured), one.stated]
    assert [int(number) for number in row.split()[1:]] == shown


@pytest.mark.parametrize(("stated", "honest"), [(87, True), (95, True), (86, False), (100, False)])
def test_minutes_that_are_more_than_a_twentieth_apart_are_not_honest(stated, honest):
    assert Effort(words=1900, parts=6, difficulty=1, stated=stated).measured == 91
    assert Effort(words=1900, parts=6, difficulty=1, stated=stated).honest is honest


def test_the_map_of_the_path_shows_every_exercise_and_is_told_in_words():
    page = (ROOT / "exercises" / "README.md").read_text(encoding="utf-8")
    ((words, file),) = re.findall(r"!\[(.*?)\]\((.*?)\)", page)
    text = (ROOT / "exercises" / file).read_text(encoding="utf-8")
    assert all(f">{name}</text>" in text for name in NAMES)
    assert all(f"--{key}: {colour};" in text for scheme in (LIGHT, DARK) for key, colour in scheme.items())
    assert len(words) > 100


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_leads_back_to_the_path(name):
    assert "[the path through the chapter](../README.md)" in statement(name).splitlines()[2]
    assert f"`{name}`" in (ROOT / "exercises" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_no_hint_speaks_of_a_case_that_a_student_does_not_see(name):
    unseen = re.compile(r"\b(?:public|hidden|exact|first|second|third|last) cases?\b")
    for part in course_exercise(name).exercise.parts:
        assert [hint for hint in part.hints if unseen.search(hint)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_explains_every_function_that_a_message_may_name(name):
    """A call is shown as ``numerical_grad(sum_exp, ...)``: it can be repeated if the statement says what that is."""
    assert [probe for probe in course_exercise(name).exercise.probes if f"`{probe}`" not in statement(name)] == []
