"""Precision and recall of reading, per kind, on the labelled texts: ``python verification/reading.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cenotaph.accounting.reading import Score, evaluate

TEXTS = Path(__file__).resolve().parents[1] / "tests" / "accounting_texts"


def labelled(names: str = "*") -> list[tuple[str, str, dict[str, Any]]]:
    """Name, text and labels of the texts whose names fit."""
    paths = sorted(TEXTS.glob(f"{names}.txt"))
    return [
        (path.stem, path.read_text(encoding="utf-8"), json.loads(path.with_suffix(".json").read_text()))
        for path in paths
    ]


def lines_of(scores: dict[str, Score]) -> list[str]:
    """One line per kind."""
    head = f"{'kind':<13}{'right':>6}{'wrong':>6}{'missed':>7}{'precision':>11}{'recall':>8}"
    return [head] + [
        f"{kind:<13}{s.right:>6}{len(s.wrong):>6}{len(s.missed):>7}{s.precision:>11.2f}{s.recall:>8.2f}"
        for kind, s in scores.items()
    ]


def main() -> None:
    for title, names in (("all texts", "*"), ("held out", "*held_out*")):
        scores = evaluate(labelled(names))
        print(title, *lines_of(scores), "", sep="\n")
        for what, items in (("wrong", scores["all"].wrong), ("missed", scores["all"].missed)):
            print(*(f"{what}  {item}" for item in items), "", sep="\n")


if __name__ == "__main__":
    main()
