"""Words that ship: every spelling means one marker, frequencies and controls use our names."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from cenotaph.dossier.shipped import load_frequency_tables, shipped_rows
from cenotaph.dossier.vocabulary import canonical_marker, control_profiles, element_sides, markers


def test_every_spelling_means_one_marker() -> None:
    for row in shipped_rows("vocabulary", "markers.csv"):
        for spelling in (row["marker"], *filter(None, row["synonyms"].split("; "))):
            assert canonical_marker(spelling) == row["marker"]
    assert max(Counter(row["marker"] for row in shipped_rows("vocabulary", "markers.csv")).values()) == 1


def test_every_marker_with_frequencies_is_in_the_table() -> None:
    for name in ("nist1036", "fbi2016", "norstr2023"):
        for table in load_frequency_tables(name).values():
            for marker in table.markers:
                assert markers()[marker].kind == "autosomal"


def test_paired_and_midline_elements() -> None:
    assert element_sides()["hyoid"] == {"M", "U"}
    assert element_sides()["metatarsal_5"] == {"L", "R", "U"}
    assert len(element_sides()) == 44


def test_controls_are_as_published(shared: Path) -> None:
    with (shared / "data" / "dna" / "controls" / "control_profiles.csv").open() as handle:
        published = [row for row in csv.DictReader(handle) if not row["locus"].startswith("QS")]
    ours = control_profiles()
    assert len(published) == sum(len(profile) for profile in ours.values())
    for row in published:
        marker = canonical_marker(row["locus"])
        assert marker is not None
        assert ours[row["control"]][marker] == set(row["alleles"].split())
