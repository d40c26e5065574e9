"""Why a call gave no value that can be judged, in the student's words."""

from __future__ import annotations

from autograder.checks.show import show_call
from autograder.model import OVERSIZED, WHILE_LOADING, Call, Failure, Observation

NOT_REACHED = "is not reached: an earlier call of this part ended the process"


def abnormal(call: Call, seen: Observation, expected: str = "") -> Failure | None:
    """Return why a call that returned no value has none, in the student's words; None if it returned one.

    ``expected`` says of what form the right value is, where that is known.
    """
    if seen.returned:
        return None
    not_run = seen.ending == "timeout" and seen.message.startswith("not run: ")
    too_long = seen.type_name == "value" and seen.message.startswith(("of more than", "nested"))
    words = {
        "error": f"raises {seen.error}",
        "forbidden": "does something that a submission may not do (files, network, processes)",
        "timeout": seen.message if not_run else "does not end in time",
        "memory": "needs more memory than a call may use",
        "output_limit": "returns or prints too much",
        "crash": "ends the Python process",
        "load_error": "cannot be loaded",
        "protocol": "breaks the connection to the grader",
        "missing": "is not defined",
        "not_reached": NOT_REACHED,
        "bad_output": f"returns {_article(seen.type_name)} {seen.message}; return an array"
        if too_long
        else f"returns {_oversized(seen, expected)}"
        if seen.type_name.startswith(OVERSIZED)
        else f"returns {_article(seen.type_name)}, which is not a number, array, string or tuple",
    }[seen.ending]
    detail = (
        f": {seen.message}" if seen.message and seen.ending in ("error", "load_error", "forbidden", "missing") else ""
    )
    loading = seen.message == WHILE_LOADING
    if loading and seen.ending != "load_error":
        detail = ": it is the code outside of functions, which runs first"
    if seen.facts.probe_raised:
        detail += f"; it comes from the function {seen.facts.probe_raised.split(' ')[0]} that yours was given"
    ending = "crash" if seen.ending == "not_reached" else seen.ending
    status = "not_started" if seen.error == "NotImplementedError" else ending
    shown = "" if not_run or loading else show_call(call)
    form = seen.ending == "bad_output" and too_long
    return Failure(words + detail, call=shown, abnormal=status, line=seen.line, form=form)  # type: ignore[arg-type]
    # "value" cannot occur here, and every other ending is a part status


def _oversized(seen: Observation, expected: str) -> str:
    found = _article(seen.type_name)
    return f"{found} {seen.message}" if expected in ("", found) else f"{found}, expected {expected}"


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name or 'object'}"
