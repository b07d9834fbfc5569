"""Published notations of one sequence: Wilson (2002) and the known re-alignments of PhyloTree accessions."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cenotaph.errors import InvalidInput
from cenotaph.genetics.mtdna_comparison import compare
from cenotaph.genetics.mtdna_sequence import MtProfile, canonical_differences

pytestmark = pytest.mark.shared

WHOLE = "1-16569"


def test_wilson_examples_rebuild_the_published_sequence(shared: Path) -> None:
    path = shared / "data" / "dna" / "mtdna" / "wilson2002_nomenclature_examples.csv"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert len(rows) == 22
    for row in rows:
        profile = MtProfile.from_text(WHOLE, row["expected_variants"])
        assert row["sequence"] in profile.sequence(1, 16569), row["example"]


def test_replaced_notations_describe_one_sequence(shared: Path) -> None:
    path = shared / "data" / "dna" / "mtdna" / "phylotree_replacementChecks.txt"
    same, different = 0, []
    for line in path.read_text().splitlines()[1:]:
        _, original, corrected = line.split("\t")
        try:
            one, other = MtProfile.from_text(WHOLE, original), MtProfile.from_text(WHOLE, corrected)
        except InvalidInput:
            continue
        if one.sequence(1, 16569) == other.sequence(1, 16569):
            same += 1
            assert canonical_differences(one) == canonical_differences(other), line
            assert compare(one, other).differences == 0
        else:
            different.append(original.strip())
    assert same == 54
    assert different == [
        "56.1T 64T",  # the list gives another sequence
        "247d",  # a real change, 247A
        "286d 287d",  # misprint in the list: 209-291d for 290-291d
        "307.1CCCT 310C",  # differs in the length of a C-tract
        "309T 310C",  # differs in the length of a C-tract
        "513d 514d",  # loses the G at 513
        "3105d 3106G 3107C",  # differs by the placeholder 3107
    ]
