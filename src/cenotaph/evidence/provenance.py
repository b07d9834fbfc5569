"""The line ``provenance``: what the labels of the boxes say of who may be in them. It is the prior over the roster.

π_j = τ K(j | claimed incidents) + (1 − τ) / m, K uniform within an incident. Counted once per individual and
container: the containers of one individual are averaged, since a wrong label strikes all that came from one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.evidence.case import Case
from cenotaph.evidence.line import Floats

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier


class Provenance:
    """Prior over the missing from claimed incidents.

    Args:
        dossier, case: the case.
        trust: τ, share of labels that are true.
    """

    name = "provenance"

    def __init__(self, dossier: Dossier, case: Case, *, trust: float = 0.85) -> None:
        self.case, self.trust = case, trust
        incident_of_man = dossier.table("missing").get_column("incident_id").to_list()
        claimed = dossier.table("containers").get_column("claimed_incident_id").to_list()
        incidents = sorted({i for i in claimed if i})
        m = max(len(case.missing_ids), 1)
        kernel = np.full((len(incidents) + 1, len(case.missing_ids)), 1.0 / m)
        for k, incident in enumerate(incidents):
            inside = np.array([i == incident for i in incident_of_man], dtype=np.float64)
            if inside.sum() > 0:
                kernel[k] = trust * inside / inside.sum() + (1 - trust) / m
        self.kernel = kernel
        number = {incident: k for k, incident in enumerate(incidents)}
        # Containers without a claim, and specimens without a container, fall on the last, even row.
        self.row_of_container = np.array([number.get(i or "", len(incidents)) for i in claimed], dtype=np.int64)

    def row_of_specimen(self, specimen: int) -> int:
        """Row of the kernel for a specimen's container."""
        container = int(self.case.container_of[specimen])
        return len(self.kernel) - 1 if container < 0 else int(self.row_of_container[container])

    def log_prior(self, specimens: Sequence[int]) -> Floats:
        """Shape (m,): log π_j of one individual found in these specimens' containers."""
        containers = {int(self.case.container_of[s]): self.row_of_specimen(s) for s in specimens}
        rows = np.bincount(list(containers.values()), minlength=len(self.kernel)) / len(containers)
        result: Floats = np.log(rows @ self.kernel)
        return result
