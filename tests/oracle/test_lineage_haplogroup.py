"""Haplogroup calls against the full expected haplotypes of 6,401 haplogroups, and the shape of the tree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cenotaph.dossier.lineage_tables import load_haplogroups, load_origin_fractions, load_site_rates
from cenotaph.errors import UnknownMarker
from cenotaph.genetics.haplogroup import call_haplogroups, major_haplogroup
from cenotaph.genetics.mtdna import parse_ranges
from cenotaph.genetics.mtdna_comparison import encode
from cenotaph.genetics.mtdna_sequence import MtProfile

TRUNK = "H2a2a1 H2a2a H2a2 H2a H2 H HV R0 R N L3 L3'4 L3'4'6 L2'3'4'6 L2'3'4'6+ L2'3'4'5'6 L1'2'3'4'5'6"


def test_tree_is_rooted_in_biology_not_at_the_reference() -> None:
    tree = load_haplogroups()
    assert len(tree.names) == 5435
    assert tree.lineage("H2a2a1") == TRUNK.split()
    assert tree.lineage("L0")[1:] == ["L1'2'3'4'5'6"]
    assert tree.common_ancestor(["D4", "B2a", "A2"]) == "L3"
    assert tree.common_ancestor(["H1", "H2a2a1"]) == "H"


def test_reference_sequence_is_called_h2a2a1() -> None:
    call = call_haplogroups(encode([MtProfile.from_text("1-16569", "")]), load_haplogroups(), load_site_rates())[0]
    assert call.best == ("H2a2a1",)
    assert call.differences == 0


@pytest.mark.shared
@pytest.mark.parametrize(
    ("ranges", "major", "exact"),
    [("1-16569", 0.99, 0.80), ("16024-576", 0.95, 0.80), ("16024-16365 73-340", 0.93, 0.80)],
)
def test_published_haplotypes(shared: Path, ranges: str, major: float, exact: float) -> None:
    lines = (shared / "data" / "dna" / "mtdna" / "Finetuning_TableS2.hsd").read_text().splitlines()[::12]
    cells = [line.split("\t") for line in lines]
    names = [row[0] for row in cells]
    whole = [MtProfile.from_text("1-16569", " ".join(filter(None, row[3:]))) for row in cells]
    profiles = encode([profile.restricted_to(parse_ranges(ranges)) for profile in whole])
    calls = call_haplogroups(profiles, load_haplogroups(), load_site_rates())
    right = [major_haplogroup(n) == c.major_names[int(c.major.argmax())] for n, c in zip(names, calls, strict=True)]
    named = [n in c.best for n, c in zip(names, calls, strict=True)]
    print(f"{ranges}: major haplogroup right {np.mean(right):.4f}, named among the best {np.mean(named):.4f}")
    assert np.mean(right) >= major
    assert np.mean(named) >= exact


@pytest.mark.shared
def test_haplogrep_inputs(shared: Path) -> None:
    folder = shared / "data" / "dna" / "mtdna"
    right = total = 0
    expected = {"Africa": {"L0", "L1", "L2", "L3", "L4", "L5", "U"}, "Asia": set("ABCDFGMRYZ"), "Europe": set()}
    expected["Europe"] = set("HUKJTVIWXRYC") | {"HV"}
    for line in (folder / "haplogrep_evaluation-data.hsd").read_text().splitlines():
        cells = line.split("\t")
        if cells[0] == "Asia41":  # lists differences outside the range it claims
            continue
        differences = " ".join(filter(None, cells[3:])).replace('"', "")
        profile = MtProfile.from_text(cells[1].strip('" ;').replace(" ", ""), differences)
        call = call_haplogroups(encode([profile]), load_haplogroups(), load_site_rates())[0]
        region = cells[0].rstrip("0123456789")
        right += call.major_names[int(call.major.argmax())] in expected[region]
        total += 1
    assert total > 100
    assert right / total >= 0.97


def test_origin_likelihood_separates_continents() -> None:
    fractions, tree, rates = load_origin_fractions(), load_haplogroups(), load_site_rates()
    assert np.allclose(fractions.fraction.sum(axis=1), 1.0, atol=1e-4)
    profiles = {
        "white": "16126C 16294T 16296T 16304C 73G 263G 315.1C",
        "korean": "16223T 16362C 73G 263G 315.1C 489C",
        "black": "16223T 16278T 16294T 16309G 16390A 73G 146C 152C 195C 263G 315.1C",
    }
    for origin, text in profiles.items():
        call = call_haplogroups(encode([MtProfile.from_text("16024-576", text)]), tree, rates)[0]
        likelihood = dict(zip(fractions.origins, fractions.likelihood(call), strict=True))
        assert all(likelihood[origin] > 5 * likelihood[other] for other in profiles if other != origin)
        expected = np.log(likelihood["korean"] / likelihood["asian"])
        assert fractions.log_weight(call, "korean", "asian") == pytest.approx(expected)
        with pytest.raises(UnknownMarker):
            fractions.log_weight(call, "martian", "asian")
