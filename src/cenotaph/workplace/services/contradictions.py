"""What decisions say together, and where one more would contradict them.

Bones and men are the points of a graph; a link joins bones, an identification joins them to the man. What a decision
keeps apart, a bone and a bone or a bone and a man, must not be joined by the others, at however many removes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

Point = tuple[str, str]
BONE, MAN = "bone", "man"
WHYS = JOINED, APART, TWO_MEN = "joined", "apart", "two men"


@dataclass(frozen=True, slots=True)
class Settled:
    """What a decision says.

    Args:
        decision_id: its number; empty for one that is not in force yet.
        kind: link, separate, identification, exclusion, premature or unlisted.
        bones: the specimens.
        missing_id: the missing person, where it names one.
    """

    decision_id: str
    kind: str
    bones: tuple[str, ...]
    missing_id: str | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two that new decisions join and another keeps apart, or the other way round.

    Args:
        one, other: identifiers of a bone and of a bone or man.
        decision_id: the decision in force that says otherwise.
        why: of `WHYS`: that decision joined the two, or keeps them apart; or they are two men, whom it would make one.
    """

    one: str
    other: str
    decision_id: str
    why: str


def contradiction(settled: Iterable[Settled], new: Sequence[Settled]) -> Contradiction | None:
    """The first contradiction that *new* decisions would bring into what is *settled*; None where there is none.

    What contradicts itself already is not held against them.

    >>> apart = Settled("D1", "separate", ("a", "c"))
    >>> joined = Settled("D2", "link", ("a", "b"))
    >>> contradiction([apart, joined], [Settled("", "link", ("b", "c"))])
    Contradiction(one='a', other='c', decision_id='D1', why='apart')
    >>> contradiction([joined], [Settled("", "separate", ("a", "b"))])
    Contradiction(one='a', other='b', decision_id='D2', why='joined')
    >>> contradiction([apart], [joined]) is None
    True
    """
    import networkx as nx

    settled = list(settled)
    before, after = _graph(settled), _graph([*settled, *new])
    group = {point: n for n, points in enumerate(nx.connected_components(after)) for point in points}
    for one, other, decision_id in _apart(settled, new, after, group):
        was_joined = one in before and other in before and nx.has_path(before, one, other)
        if group[one] != group[other] or (decision_id and was_joined):
            continue
        way = pairwise(nx.shortest_path(after, one, other))
        joining = next((number for pair in way if (number := after.edges[pair]["decision_id"])), "")
        why = APART if decision_id else TWO_MEN if one[0] == MAN else JOINED
        return Contradiction(one[1], other[1], decision_id or joining, why)
    return None


def _graph(decisions: Iterable[Settled]) -> nx.Graph:
    import networkx as nx

    graph = nx.Graph()
    for one in decisions:
        points: list[Point] = [(BONE, bone) for bone in one.bones]
        man: list[Point] = [(MAN, one.missing_id)] if one.missing_id else []
        graph.add_nodes_from([*points, *man])
        joined: list[tuple[Point, Point]] = []
        if one.kind == "link":
            joined = list(pairwise(points))
        if one.kind == "identification":
            joined = [(point, m) for point in points for m in man]
        # Of two decisions that say the same, the older keeps its number.
        graph.add_edges_from((p for p in joined if not graph.has_edge(*p)), decision_id=one.decision_id)
    return graph


def _apart(
    settled: Sequence[Settled], new: Sequence[Settled], graph: nx.Graph, group: dict[Point, int]
) -> Iterator[tuple[Point, Point, str]]:
    """Pairs that must not be joined, with the decision that says so."""
    everything = [*settled, *new]
    men = {point: group[point] for point in graph if point[0] == MAN}
    for one in everything:
        if one.kind == "separate":
            yield from (((BONE, a), (BONE, b), one.decision_id) for a, b in combinations(one.bones, 2))
        if one.kind == "exclusion" and one.missing_id:
            yield from (((BONE, bone), (MAN, one.missing_id), one.decision_id) for bone in one.bones)
        if one.kind == "unlisted":
            for bone in one.bones:
                yield from (((BONE, bone), man, one.decision_id) for man, g in men.items() if g == group[BONE, bone])
    yield from _two_men(new, men, group)


def _two_men(
    new: Sequence[Settled], men: dict[Point, int], group: dict[Point, int]
) -> Iterator[tuple[Point, Point, str]]:
    """Pairs of men in the groups that new decisions touch: nobody is two."""
    touched = {group[BONE, bone] for one in new for bone in one.bones}
    for number in sorted(touched):
        yield from ((a, b, "") for a, b in combinations([m for m, g in men.items() if g == number], 2))
