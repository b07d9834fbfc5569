"""Build the table of the power of the evidence by the share of the missing with a family reference.

    python tools/build_power_table.py

Simulates handovers and names them (`cenotaph.accounting.power`, parameters and seeds of `PowerPlan`). It takes about
twenty minutes on two cores. The same program gives the same bytes.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import astuple, fields
from pathlib import Path

from cenotaph.accounting.power import PowerCount, PowerPlan, simulate_power

TABLE = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data" / "appraisal" / "power.csv"


def main() -> None:
    """Writes the table."""
    counts = list(simulate_power(PowerPlan(), lambda done, total: print(f"{done} of {total}", file=sys.stderr)))
    with TABLE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([one.name for one in fields(PowerCount)])
        writer.writerows(astuple(one) for one in counts)


if __name__ == "__main__":
    main()
