"""A bone against one relative by degree alone, where the pedigree between them is not known."""

from __future__ import annotations

import numpy as np

from cenotaph.genetics.snp_family import FamilyReducer, Floats, Singles, blocks_of, random_logliks

# Grandparents, their two sons, the wives and one child of each.
FATHER = np.array([-1, -1, 0, 0, -1, 3, -1, 2])
MOTHER = np.array([-1, -1, 1, 1, -1, 4, -1, 6])
DEGREES = ((2, 0), (2, 3), (2, 5), (7, 5))
"""Man and donor: parent and child, full siblings, uncle and nephew for the second degree, cousins for the third."""


def degree_log_ratios(reducer: FamilyReducer, donor: Singles, bone: Singles) -> Floats:
    """log P(bone | donor is his relative) − log P(bone | random member), shape (4,), by `DEGREES`; linkage is in it.

    Args:
        reducer: frequencies and map.
        donor, bone: shape (SNPs, 3), genotype likelihoods.

    >>> from cenotaph.genetics.snp_family import SnpMap
    >>> reducer = FamilyReducer(np.full(300, 0.5), SnpMap.unlinked(300))
    >>> alike = np.eye(3, dtype=np.float32)[np.tile([0, 1, 2], 100)]
    >>> int(degree_log_ratios(reducer, alike, alike).argmax())  # more alike than parent and child
    1
    """
    block, alone = blocks_of(bone[None]), random_logliks(bone[None], reducer.frequency)[0]
    found = [
        reducer.bone_logliks(reducer.reduce(FATHER, MOTHER, man, {other: donor}), block, 1)[0] for man, other in DEGREES
    ]
    result: Floats = np.array(found) - alone
    return result
