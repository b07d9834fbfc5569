"""Build the table of the FORCE panel from the published list of its SNPs.

    python tools/build_snp_panel.py DATA_FOLDER

Reads ``dna/snp/FORCE-data.xlsx`` (Tillmar et al. 2021, Table S1) and writes ``src/cenotaph/data/snp/force.csv``. The 24
SNPs that the authors left out of the analysis are left out here. The same input gives the same bytes. Needs openpyxl.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from openpyxl import load_workbook
from shipped_tables import write_table

SHIPPED = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data" / "snp" / "force.csv"
HEADER = ["rsid", "chromosome", "position_grch38", "position_grch37", "reference", "alternative", "kinds"]
KINDS = {
    "Kinship": "kinship",
    "iiSNP": "identity",
    "aiSNP": "ancestry",
    "piSNP": "phenotype",
    "XSNP": "x",
    "Y-SNP": "y",
}
FIRST_ROW, EXCLUDED = 4, 16
ORDER = {**{str(k): k for k in range(1, 23)}, "X": 23, "Y": 24}


def snps(path: Path) -> Iterator[tuple[object, ...]]:
    """Rows of the shipped table."""
    sheet = load_workbook(path, read_only=True).active
    assert sheet is not None
    for row in sheet.iter_rows(min_row=FIRST_ROW, values_only=True):
        if row[0] and row[EXCLUDED] is None:
            kinds = sorted(KINDS[k] for k in str(row[2]).split("_"))
            yield (row[0], row[3], row[4], row[5], row[6], row[7], " ".join(kinds))


def main(folder: Path) -> None:
    """Write the table, along the genome."""
    found = sorted(snps(folder / "dna" / "snp" / "FORCE-data.xlsx"), key=lambda r: (ORDER[str(r[1])], r[2]))
    write_table(SHIPPED, HEADER, found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
