"""Panels of SNPs that ship with the program: which SNPs a laboratory types, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.errors import InvalidInput

Ints = NDArray[np.int64]

PANELS = ("force",)
X, Y = 23, 24


@dataclass(frozen=True, slots=True)
class SnpPanel:
    """SNPs along the genome; n of them.

    Args:
        name: of the panel.
        markers: rs numbers.
        chromosome: shape (n,), X and Y as 23 and 24, not decreasing.
        position_grch38, position_grch37: shape (n,), bases from one; GRCh38 increases within a chromosome.
        reference, alternative: shape (n,), alleles as listed; ``-`` for none.
        kinds: what each is for: kinship, identity, ancestry, phenotype, x, y.
    """

    name: str
    markers: tuple[str, ...]
    chromosome: Ints
    position_grch38: Ints
    position_grch37: Ints
    reference: NDArray[np.str_]
    alternative: NDArray[np.str_]
    kinds: tuple[frozenset[str], ...]

    def __len__(self) -> int:
        return len(self.markers)

    def of_kind(self, kind: str) -> SnpPanel:
        """The SNPs that are for one thing.

        >>> len(load_snp_panel("force").of_kind("kinship"))
        3931
        """
        kept = np.array([kind in kinds for kinds in self.kinds], dtype=np.bool_)
        return SnpPanel(
            self.name,
            tuple(m for m, k in zip(self.markers, kept, strict=True) if k),
            self.chromosome[kept],
            self.position_grch38[kept],
            self.position_grch37[kept],
            self.reference[kept],
            self.alternative[kept],
            tuple(kinds for kinds, k in zip(self.kinds, kept, strict=True) if k),
        )


@cache
def load_snp_panel(name: str) -> SnpPanel:
    """A shipped panel.

    Raises:
        InvalidInput: no such panel.

    Source: force: Tillmar et al. (2021) Genes 12:1968, Table S1.

    >>> force = load_snp_panel("force")
    >>> len(force), force.markers[0], int(force.position_grch38[0]), int(force.position_grch37[0])
    (5422, 'rs9442372', 1083324, 1018704)
    """
    if name not in PANELS:
        raise InvalidInput("no such panel of SNPs", found=name, valid=", ".join(PANELS))
    rows = shipped_rows("snp", f"{name}.csv")
    numbers = {"X": X, "Y": Y}
    return SnpPanel(
        name,
        tuple(r["rsid"] for r in rows),
        np.array([numbers.get(r["chromosome"]) or int(r["chromosome"]) for r in rows], dtype=np.int64),
        np.array([int(r["position_grch38"]) for r in rows], dtype=np.int64),
        np.array([int(r["position_grch37"]) for r in rows], dtype=np.int64),
        np.array([r["reference"] for r in rows]),
        np.array([r["alternative"] for r in rows]),
        tuple(frozenset(r["kinds"].split()) for r in rows),
    )
