"""Rules about stages of age: a stage that no model knows says nothing, and is not dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cenotaph.dossier.faults import Fault
from cenotaph.dossier.sheets import Sheet
from cenotaph.dossier.skeleton_tables import load_age_models


def age_stage_faults(sheets: Mapping[str, Sheet]) -> Iterator[Fault]:
    """A method, feature or stage that the shipped models of age do not have."""
    sheet = sheets.get("age_stages")
    if sheet is None:
        return
    stages = {
        (method, feature): model.stages for (method, feature, sex), model in load_age_models().items() if sex == "M"
    }
    named = zip(*(sheet.text(column) for column in ("method", "feature", "stage")), strict=True)
    for row, (method, feature, stage) in enumerate(named):
        if not (method and feature and stage):
            continue
        if (method, feature) not in stages:
            known = ", ".join(sorted(" ".join(key) for key in stages))
            yield sheet.warning(
                row, "method", "no model of age for it: not used", found=f"{method} {feature}", valid=known
            )
        elif stage not in stages[method, feature]:
            valid = " ".join(stages[method, feature])
            yield sheet.warning(row, "stage", f"not a stage of {method}: not used", found=stage, valid=valid)
