"""How people came into the boxes, how their bones were kept, and who else died there."""

from __future__ import annotations

from dataclasses import dataclass, fields

from cenotaph.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Turnover:
    """A handover of boxes.

    Args:
        date: when, as the dossier writes it.
        from_party, to_party, place, mechanism: as in ``transfers.csv``.
        boxes: share of the boxes, relative to the other turnovers.
    """

    date: str
    from_party: str
    to_party: str
    place: str
    mechanism: str
    boxes: float = 1.0


UNILATERAL = ("KPA", "UNC", "Panmunjom", "unilateral turnover")
TURNOVER_OF_2018 = Turnover("2018-07-27", "KPA", "UNC", "Wonsan to Osan", "unilateral turnover")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a handover is like, apart from its size and from the errors that `Difficulty` pins.

    Args:
        turnovers: when boxes came, and how many of them.
        grave_each: everybody has a box of his own, as far as there are boxes.
        one_box, some_boxes: cumulative shares of people in one box, and in one to three.
        other_turnover: chance that a further box of a man is sought among all boxes, not only those of one turnover.
        bones_mean, bones_most: bones of one person: 1 + negative binomial.
        sampled, autosomal, mtdna: factors on the chances of an element to be sampled and to give a profile.
        brothers_both, brothers_one: pairs of brothers, per two individuals, of whom both or one are in the boxes.
        common_mitotypes: share of maternal lineages that bear one of a few haplotypes.
        same_build: share of the foreign dead whose skeleton and diet are those of the roster's men.
        animals_mistaken: share of animal bones that were inventoried as a human rib, vertebra or fibula.

    Raises:
        InvalidInput: a share is none, or there is no turnover.

    >>> Circumstances().turnovers[0].date
    '2018-07-27'
    >>> Circumstances(mtdna=-1)
    Traceback (most recent call last):
        ...
    cenotaph.errors.InvalidInput: mtdna is not a share, found -1, valid: 0 to 1
    """

    turnovers: tuple[Turnover, ...] = (TURNOVER_OF_2018,)
    grave_each: bool = False
    one_box: float = 0.60
    some_boxes: float = 0.90
    other_turnover: float = 0.25
    bones_mean: float = 9.5
    bones_most: int = 60
    sampled: float = 1.0
    autosomal: float = 1.0
    mtdna: float = 1.0
    brothers_both: float = 0.02
    brothers_one: float = 0.03
    common_mitotypes: float = 0.0
    same_build: float = 0.0
    animals_mistaken: float = 0.15

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self) if f.type == "float" and f.name != "bones_mean"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise InvalidInput(f"{name} is not a share", found=value, valid="0 to 1")
        if not self.turnovers:
            raise InvalidInput("there is no turnover", valid="at least one")
        if not 1 < self.bones_mean <= self.bones_most:
            raise InvalidInput("bones of a person", found=self.bones_mean, valid=f"above 1, at most {self.bones_most}")
        if self.one_box > self.some_boxes:
            raise InvalidInput("more people in one box than in one to three", found=self.one_box)


SERIES_OF_1990_TO_1994 = (
    Turnover("1990-05-28", *UNILATERAL, boxes=5),
    Turnover("1991-06-24", *UNILATERAL, boxes=11),
    Turnover("1992", *UNILATERAL, boxes=30),
    Turnover("1993", *UNILATERAL, boxes=148),
    Turnover("1994-09-13", *UNILATERAL, boxes=14),
)
"""The 208 boxes, by year as published."""
JOINT_RECOVERY = Turnover("2000", "KPA", "CILHI", "Unsan", "joint recovery", boxes=22)

K208 = Circumstances(turnovers=(*SERIES_OF_1990_TO_1994, JOINT_RECOVERY), bones_mean=9.1)
PUNCHBOWL = Circumstances(
    turnovers=(Turnover("2019", "NMCP", "DPAA", "Honolulu", "disinterment"),),
    grave_each=True,
    one_box=0.92,
    some_boxes=0.98,
    bones_mean=30.0,
    bones_most=120,
    sampled=0.35,
    autosomal=0.10,
    mtdna=0.55,
)
"""Coffins of unknowns: one man each, mostly; bones that were treated with formaldehyde give little DNA."""
SITE = Circumstances(
    turnovers=(Turnover("2004", "KPA", "CILHI", "Unsan", "joint recovery"),), one_box=0.80, some_boxes=1.0
)
