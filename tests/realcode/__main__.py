"""Grade the textbook answers and print what each exercise and part earns: ``python -m tests.realcode [STYLE]``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from tests.conftest import ROOT
from tests.realcode.labels import SHORT

HERE = Path(__file__).parent / "textbook"


def main(styles: list[str]) -> int:
    """Return 1 if a part that is labelled as complete loses points."""
    short = 0
    for style in styles:
        with tempfile.TemporaryDirectory() as folder:
            for file in sorted((HERE / style).glob("*.py")):
                place = Path(folder) / "submitted" / style / "all"
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, place.parent / file.name)
            place.rmdir()
            command = ["grade", f"{folder}/submitted", "--out", f"{folder}/out"]
            subprocess.run([sys.executable, "-m", "autograder", *command], cwd=ROOT, check=True, capture_output=True)
            records = [json.loads(line) for line in Path(folder, "out", "results.jsonl").read_text().splitlines()]
        earned: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for record in sorted(records, key=lambda r: r["exercise"]):
            for part in record["parts"]:
                if part["kind"] != "function":
                    continue
                earned[record["exercise"]][0] += part["score"]
                earned[record["exercise"]][1] += part["max_score"]
                if part["score"] < part["max_score"]:
                    label = SHORT.get((style, record["exercise"], part["name"]))
                    short += label is None
                    said = label or "NOT EXPECTED"
                    print(f"{record['exercise']}.{part['name']}: {part['score']:g} of {part['max_score']:g} ({said})")
                    print(f"    {part['message']}")
        for exercise, (score, worth) in earned.items():
            print(f"{style:<10} {exercise:<24} {100 * score / worth:5.1f} %")
    return int(short > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or sorted(p.name for p in HERE.iterdir() if p.is_dir())))
