"""Build the shipped lineage tables from a folder of published data.

    python tools/build_lineage_tables.py DATA_DNA_FOLDER

Reads the third-party files, writes our own tables (counts of distinct haplotypes, never a person's row) into
``src/cenotaph/data/mtdna`` and ``src/cenotaph/data/ystr``. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from cenotaph.errors import InvalidInput
from cenotaph.genetics.haplogroup import Haplogroups, call_haplogroups, major_haplogroup
from cenotaph.genetics.mtdna import IUPAC_MASK, parse_difference
from cenotaph.genetics.mtdna_comparison import SiteRates, encode
from cenotaph.genetics.mtdna_sequence import LETTER, MtProfile, canonical_differences

DATA = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data"

POPULATION_OF_1000_GENOMES = (
    dict.fromkeys(("GBR", "FIN", "CEU", "TSI", "IBS"), "white")
    | dict.fromkeys(("ASW", "YRI", "LWK"), "black")
    | dict.fromkeys(("CHB", "CHS", "JPT"), "asian")
    | dict.fromkeys(("MXL", "PUR", "CLM"), "hispanic")
)
ATLANTIC_REGIONS = {"Western Africa", "Central Africa"}
ATLANTIC_COUNTRIES = {"Angola", "Mozambique"}
EAST_ASIAN_FRACTIONS = {"D": 0.26, "B": 0.16, "M": 0.15, "G": 0.04, "F": 0.11}
"""East Asian fractions of major haplogroups (Mitomap 2009)."""

Haplotype = tuple[str, str, str]


def main(folder: Path) -> None:
    """Write every table."""
    mtdna, snp, ystr = folder / "mtdna", folder / "snp", folder / "ystr"
    rates = site_events(mtdna / "soares2009_mutation_counts.txt")
    write_plain(DATA / "mtdna" / "site_events.csv", "position,events", sorted(rates.items()))

    population_of = sample_populations(snp / "1kgp_sample_populations.tsv")
    genomes = list(thousand_genomes(mtdna / "1000G_ALL.chrMT.phase1.vcf.gz"))
    labelled = [(POPULATION_OF_1000_GENOMES[population_of[sample]], profile) for sample, profile in genomes]
    african = list(african_haplotypes(mtdna))
    counts = Counter(row for population, profile in [*labelled, *african] for row in [haplotype(population, profile)])
    rows = [(*key, count) for key, count in sorted(counts.items())]
    write_gzip(DATA / "mtdna" / "haplotypes.csv.gz", "population,ranges,differences,count", rows)

    tree = phylotree(mtdna / "phylotree17_tree.xml")
    write_gzip(DATA / "mtdna" / "haplogroups.csv.gz", "haplogroup,parent,differences", tree)
    haplogroups = Haplogroups.from_rows(tree)
    calls = call_haplogroups(encode([profile for _, profile in genomes]), haplogroups, SiteRates.from_counts(rates))
    major = [(population_of[s], major_haplogroup(c.best[0])) for (s, _), c in zip(genomes, calls, strict=True)]
    write_plain(DATA / "mtdna" / "haplogroup_fractions.csv", "origin,haplogroup,fraction", origin_fractions(major))

    rates_y = [(row["Marker"], row["Mutations"], row["Meioses"]) for row in read(ystr / "yhrd_ystr_mutation_rates.csv")]
    write_plain(DATA / "ystr" / "mutation_counts.csv", "marker,mutations,meioses", merged_copies(rates_y))


def read(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Rows of a delimited file."""
    return list(csv.DictReader(path.read_text(encoding="latin-1").splitlines(), delimiter=delimiter))


def site_events(path: Path) -> dict[int, int]:
    """Mutation events at each position, transitions and transversions together; indels are left out."""
    events: Counter[int] = Counter()
    for row in read(path, "\t"):
        match = re.fullmatch(r"(\d+)[ACGT]?", row["Position"] or "")
        if match:
            events[int(match[1])] += int(row["amount"])
    return dict(events)


def sample_populations(path: Path) -> dict[str, str]:
    """Population code of each sample."""
    return {row["Sample"]: row["Population"] for row in read(path, "\t")}


def thousand_genomes(path: Path) -> Iterator[tuple[str, MtProfile]]:
    """Whole-genome profiles from the VCF; a missing genotype is N, a mixed one an IUPAC letter."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("##")]
    samples = rows[0][9:]
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows[1:]:
        position, reference, alternatives = int(row[1]), row[3], row[4].split(",")
        written = [[], *(allele_differences(position, reference, text) for text in alternatives)]
        for sample, cell in zip(samples, row[9:], strict=True):
            call = cell.split(":")[0]
            if call != "0":
                found[sample] |= set(genotype_differences(call, written, position, reference))
    for sample in samples:
        yield sample, MtProfile.from_text("1-16569", " ".join(sorted(found[sample])))


def allele_differences(position: int, reference: str, allele: str) -> list[str]:
    """One VCF allele in rCRS notation."""
    same = min(len(reference), len(allele))
    differences = [f"{position + k}{allele[k]}" for k in range(same) if allele[k] != reference[k]]
    differences += [f"{position + k}d" for k in range(same, len(reference))]
    return differences + [f"{position + same - 1}.{k}{b}" for k, b in enumerate(allele[same:], start=1)]


def genotype_differences(call: str, written: list[list[str]], position: int, reference: str) -> list[str]:
    """Differences of one cell: haploid, missing or mixed."""
    if call.startswith("."):
        return [f"{position + k}N" for k in range(len(reference))]
    alleles = [int(k) for k in call.split("/")]
    if len(alleles) == 1:
        return written[alleles[0]]
    if len(reference) > 1 or any(len(w) > 1 or "." in "".join(w) for w in written):
        return []
    bases = [written[k][0][-1] if k else reference for k in alleles]
    mask = IUPAC_MASK[bases[0]] | IUPAC_MASK[bases[1]]
    return [f"{position}{LETTER[mask]}"]


def african_haplotypes(folder: Path) -> Iterator[tuple[str, MtProfile]]:
    """Profiles of the CC0 African set; those with marks that are no rCRS notation are left out."""
    populations = {row["NewPrefix"]: row for row in read(folder / "african_mtdna_populations.csv")}
    with gzip.open(folder / "african_mtdna_haplotypes.csv.gz", "rt", encoding="latin-1") as lines:
        for row in csv.reader(lines):
            about = populations.get(row[0].rstrip("0123456789"))
            if about is None or about["Region"] in ("Europe", "West Asia", "Arabia"):
                continue
            atlantic = about["Region"] in ATLANTIC_REGIONS or about["Country"] in ATLANTIC_COUNTRIES
            try:
                text = about["SeqRange"].replace(";", " ").strip()
                yield "black" if atlantic else "african", MtProfile.from_text(text, row[2])
            except InvalidInput:
                continue


def haplotype(population: str, profile: MtProfile) -> Haplotype:
    """Key of a distinct haplotype: canonical, length variants left out."""
    ranges = " ".join(f"{first}-{last}" for first, last in profile.ranges)
    return population, ranges, " ".join(str(d) for d in canonical_differences(profile))


def phylotree(path: Path) -> list[tuple[str, str, str]]:
    """Each haplogroup with its parent in biology and its differences from the rCRS.

    The file is rooted at the rCRS (H2a2a1). The edges between that and the first split of the human tree (the node
    above L0) are turned round.
    """
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    states: dict[str, dict[str, str]] = {}
    parents: dict[str, str] = {}

    def walk(node: ElementTree.Element, above: dict[str, str], parent: str) -> None:
        state = dict(above)
        for poly in node.findall("details/poly"):
            step((poly.text or "").strip(), state)
        name = node.attrib["name"]
        states[name], parents[name] = state, parent
        for child in node.findall("haplogroup"):
            walk(child, state, name)

    for top in root.findall("haplogroup"):
        walk(top, {}, "")
    trunk = [parents["L0"]]
    while parents[trunk[-1]]:
        trunk.append(parents[trunk[-1]])
    turned = parents | dict(zip(trunk[1:], trunk[:-1], strict=True)) | {trunk[0]: ""}
    return [(name, turned[name], canonical_text(states[name])) for name in sorted(states)]


def step(poly: str, state: dict[str, str]) -> None:
    """Apply one step of the tree; ``!`` takes the difference back to the rCRS."""
    difference = parse_difference(poly.rstrip("!"))
    place = f"{difference.position}.{difference.index}" if difference.is_insertion else f"{difference.position}"
    if poly.endswith("!"):
        state.pop(place, None)
    else:
        state[place] = str(difference)


def canonical_text(state: dict[str, str]) -> str:
    """Canonical difference list over the whole molecule."""
    return haplotype("", MtProfile.from_text("1-16569", " ".join(state.values())))[2]


def origin_fractions(calls: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Fractions of major haplogroups per origin class, half a count added to each."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for population, haplogroup in calls:
        counted[POPULATION_OF_1000_GENOMES[population]][haplogroup] += 1
        if population in ("CHB", "CHS"):
            counted["chinese"][haplogroup] += 1
        if population in ("CHB", "JPT"):
            counted["korean"][haplogroup] += 1
    names = sorted({name for counter in counted.values() for name in counter})
    table = {origin: smoothed(counter, names) for origin, counter in counted.items()}
    table["korean"] = with_published(table["korean"])
    table["other"] = {name: float(np.mean([table[o][name] for o in sorted(counted)])) for name in names}
    return [(origin, name, f"{table[origin][name]:.6f}") for origin in sorted(table) for name in names]


def smoothed(counter: Counter[str], names: list[str]) -> dict[str, float]:
    """Fractions with half a count added to each name."""
    total = sum(counter.values()) + 0.5 * len(names)
    return {name: (counter[name] + 0.5) / total for name in names}


def with_published(fractions: dict[str, float]) -> dict[str, float]:
    """Published East Asian fractions where there are any, the counted ones share the rest."""
    rest = sum(f for name, f in fractions.items() if name not in EAST_ASIAN_FRACTIONS)
    scale = (1.0 - sum(EAST_ASIAN_FRACTIONS.values())) / rest
    return {name: EAST_ASIAN_FRACTIONS.get(name, f * scale) for name, f in fractions.items()}


def merged_copies(rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, int, int]]:
    """Counts per marker; the two copies of a marker carry the same pooled count and become one row."""
    ours = {"YGATAH4": "Y_GATA_H4"}
    merged = {re.sub(r"(?<=\d)[ab]$", "", ours.get(marker, marker)): (int(m), int(n)) for marker, m, n in rows}
    return [(marker, *counts) for marker, counts in sorted(merged.items())]


def table_text(header: str, rows: Iterable[tuple[object, ...]]) -> str:
    """CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue()


def write_plain(path: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Write a table."""
    path.write_text(table_text(header, rows), encoding="utf-8")


def write_gzip(path: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Write a compressed table without a time stamp."""
    path.write_bytes(gzip.compress(table_text(header, rows).encode(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
