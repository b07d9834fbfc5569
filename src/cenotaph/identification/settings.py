"""Every number that a run depends on, with its default; all of them are written to ``run.json``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from cenotaph.evidence.combine import ErrorSettings
from cenotaph.evidence.registry import LineSettings


@dataclass(frozen=True, slots=True)
class PriorSettings:
    """What is believed before the evidence.

    Args:
        roster_alpha, roster_beta: the share of individuals on the roster is Beta(alpha, beta), learned with the rest.
        origins: shares of nobody-on-the-roster by origin class, Dirichlet with *origin_count* pseudo-individuals.
        label_trust: share of boxes whose claimed incident is true.
        main_container: probability that a bone lies in its owner's main box; learned from certain merges.
        animal: share of specimens that are animal, among those without a human element.
        duplicate: probability that an element, side or zone that occurs twice in one person was recorded wrongly.
        individuals_per_minimum: prior expectation of individuals as a multiple of the minimum number; an assumption.
    """

    roster_alpha: float = 2.0
    roster_beta: float = 2.0
    origins: dict[str, float] = field(
        default_factory=lambda: {"unlisted": 0.10, "korean": 0.70, "chinese": 0.10, "other": 0.10}
    )
    origin_count: float = 10.0
    label_trust: float = 0.85
    main_container: float = 0.6
    animal: float = 0.02
    duplicate: float = 0.01
    individuals_per_minimum: float = 1.7


@dataclass(frozen=True, slots=True)
class PlacingSettings:
    """How bones without a profile of their own person join groups; all are assumptions.

    Args:
        grow: probability from which a bone joins a group for what is asked of the other bones.
        together: probability from which the bones that join a group are asked together whether they are a second man's.
        rounds: most rounds of growing.
        strangers_count: weight in bones of the prior share of bones that are of nobody among the groups.
        hardly_doubted: bones of one box that joined with less are fewer than the bones that carry the profile.
    """

    grow: float = 0.99
    together: float = 0.5
    rounds: int = 4
    strangers_count: float = 20.0
    hardly_doubted: float = 0.995


@dataclass(frozen=True, slots=True)
class VerdictSettings:
    """Rules of the verdicts (the contract of ``individuals.csv``).

    Args:
        join: a specimen joins an individual at this probability of being of its anchor's person.
        identification: least probability of a name.
        support_log10: a group of lines supports from here on.
        groups: least number of supporting groups.
        against_log10: no group and no line may be at or below this.
        extracts: extracts on which the supporting DNA groups must rest together, unless another group supports.
        without_sample: probability that must remain without any one bone sample.
        rival: greatest probability of a rival without any one bone sample.
        without_line: greatest probability of another answer without any one line or donor.
        weak_log10: evidence left below this cannot contradict.
        shortlist: probability that the ten best must hold.
        unlisted: probability of nobody on the roster.
    """

    join: float = 0.95
    identification: float = 0.9995
    support_log10: float = 1.0
    groups: int = 2
    against_log10: float = -2.0
    extracts: int = 2
    without_sample: float = 0.90
    rival: float = 0.05
    without_line: float = 0.50
    weak_log10: float = 1.0
    shortlist: float = 0.90
    unlisted: float = 0.99


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run.

    Args:
        merge_log10: same person against full brothers, from which two sets of samples are merged for certain.
        candidates_per_item: men kept for each item before components are solved.
        seed: decides every random draw.
        without: names of lines left out.
    """

    lines: LineSettings = field(default_factory=LineSettings)
    errors: ErrorSettings = field(default_factory=ErrorSettings)
    prior: PriorSettings = field(default_factory=PriorSettings)
    placing: PlacingSettings = field(default_factory=PlacingSettings)
    verdict: VerdictSettings = field(default_factory=VerdictSettings)
    merge_log10: float = 6.0
    candidates_per_item: int = 40
    seed: int = 1
    without: frozenset[str] = frozenset()

    def parameters(self) -> dict[str, Any]:
        """Every parameter by name, as ``run.json`` has them."""
        return asdict(self) | {"without": sorted(self.without)}
