"""The vocabulary of bones: complete, one spelling for one thing, plausible ranges that hold real measurements."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cenotaph.dossier.bone_tables import load_measurements, load_skeleton
from cenotaph.dossier.vocabulary import element_sides
from cenotaph.errors import InvalidInput
from cenotaph.osteology.elements import Element, Skeleton, find_side
from cenotaph.osteology.measurements import ARTICULATIONS, STANDARD, SUPPLEMENTAL


def test_every_element_of_the_dossier_is_described() -> None:
    skeleton = load_skeleton()
    assert set(skeleton.elements) == set(element_sides())
    assert skeleton.elements["femur"].is_paired
    assert skeleton.midline == {"cranium", "mandible", "hyoid", "sternum", "vertebra", "sacrum", "unknown"}
    assert skeleton.copies["rib"] == 12
    assert all(z.elements and set(z.elements) <= set(skeleton.elements) for z in skeleton.zones)
    assert [z.number for z in skeleton.zones_of("femur")] == list(range(1, 12))


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("Os Coxa", "os_coxa"), ("Left humerus", "humerus"), ("os_coxae", "os_coxa"), ("2nd_metatarsal", "metatarsal_2"),
     ("Metacarpal 5", "metacarpal_5"), ("medial cuneiform", "cuneiform_1"), ("Triquetrum", "triquetral"),
     ("FIBULA", "fibula"), ("Cervical vertebra", "vertebra")],
)  # fmt: skip
def test_spellings_of_elements(spelling: str, name: str) -> None:
    found = load_skeleton().find(spelling)
    assert found is not None
    assert found.name == name


def test_one_spelling_means_one_element() -> None:
    with pytest.raises(InvalidInput, match="one spelling of two elements"):
        Skeleton.of([Element("tibia", frozenset("LRU"), "leg", 1, ("shin",)), Element("Shin", frozenset("LRU"), "leg")])


def test_codes_belong_to_elements() -> None:
    codes, skeleton = load_measurements(), load_skeleton()
    assert all(m.element in skeleton.elements and m.least < m.most for m in codes.by_code.values())
    for element, chosen in [*STANDARD.items(), *SUPPLEMENTAL.items()]:
        assert {codes.by_code[c].element for c in chosen} == {element}
    assert all(a in codes.by_code and b in codes.by_code for a, b in ARTICULATIONS)


@pytest.mark.parametrize(
    ("spelling", "code"),
    [("fem_01", "Fem_01"), ("FEM1", "Fem_01"), ("Mc1_01", "MC1_01"), ("Cra_16", "Cra_16L"), ("Cra_16R", "Cra_16L"),
     ("Hum_01L", "Hum_01"), ("Fem_99", None), ("weight", None)],
)  # fmt: skip
def test_spellings_of_codes(spelling: str, code: str | None) -> None:
    found = load_measurements().find(spelling)
    assert (found.code if found else None) == code


def test_sides() -> None:
    assert [find_side(x) for x in ("left", "R", "Middle", "unsided", "both")] == ["L", "R", "M", "U", None]


@pytest.mark.shared
def test_plausible_ranges_hold_measured_bones(shared: Path) -> None:
    codes, seen, outside = load_measurements(), 0, 0
    path = shared / "data" / "osteo" / "se_compare_paired_reference.csv"
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        for code, value in row.items():
            if value and (found := codes.find(code)):
                seen += 1
                outside += not found.is_plausible(float(value))
    assert seen > 7000
    # The sample holds a few bones of children, which stand outside on both sides.
    assert outside < 0.01 * seen
