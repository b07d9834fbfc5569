"""The best grouping of a large component as an integer program: choose sets so that every item is in exactly one.

Columns are pairs (set, candidate or open). They start from single items and from the sets met on an agglomerative path;
after each solution the neighbours of the chosen sets (one item more, one item less, two sets together) are priced in,
until none improves the answer. The integer program is solved to optimality over its columns; that no better set exists
outside them is not proved.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cenotaph.resolution.problem import Component, Floats, ItemSet, Problem

Grouping = tuple[tuple[ItemSet, int], ...]
MOST_ROUNDS = 20
CANDIDATES_PER_SET = 5


class SetTable:
    """Scores of the sets of one component, each asked for once.

    Positions count within the component. The last column of a set's scores is the open classes together.
    """

    def __init__(self, problem: Problem, component: Component) -> None:
        self.problem, self.component = problem, component
        self.forbidden = np.isneginf(problem.links[np.ix_(component.items, component.items)])
        self.scores: dict[ItemSet, Floats] = {}
        self.class_scores: dict[ItemSet, Floats] = {}

    def is_possible(self, members: ItemSet) -> bool:
        """Whether no two members are forbidden together."""
        return not self.forbidden[np.ix_(members, members)].any()

    def ask(self, sets: Iterable[ItemSet]) -> None:
        """Score those sets that are not known yet, in one call."""
        new = sorted({s for s in sets if s not in self.scores and self.is_possible(s)})
        if not new:
            return
        items = self.component.items
        result = self.problem.scorer.score([tuple(int(items[i]) for i in s) for s in new], self.component.candidates)
        for k, s in enumerate(new):
            self.class_scores[s] = result.classes[k]
            self.scores[s] = np.append(result.candidates[k], np.logaddexp.reduce(result.classes[k]))

    def get(self, members: ItemSet) -> Floats:
        """Log weights under each candidate, then the open classes together."""
        if not self.is_possible(members):
            return np.full(len(self.component.candidates) + 1, -np.inf)
        self.ask([members])
        return self.scores[members]


def pack(table: SetTable) -> Grouping:
    """The best grouping found: sets of positions, each with a position among the candidates or −1 for open."""
    n = len(table.component.items)
    columns = _agglomerate(table)
    columns |= {(i,) for i in range(n)}
    chosen: Grouping = ()
    best = -np.inf
    for _ in range(MOST_ROUNDS):
        table.ask(columns)
        value, chosen_now = _solve(table, sorted(columns))
        if value <= best + 1e-9:
            break
        best, chosen = value, chosen_now
        columns |= _neighbours(table, [members for members, _ in chosen])
    return chosen


def _agglomerate(table: SetTable) -> set[ItemSet]:
    """Sets met when the two groups whose union gains most are joined again and again."""
    groups: list[ItemSet] = [(i,) for i in range(len(table.component.items))]
    met: set[ItemSet] = set(groups)
    while len(groups) > 1:
        unions = {
            (a, b): tuple(sorted(groups[a] + groups[b])) for a in range(len(groups)) for b in range(a + 1, len(groups))
        }
        unions = {pair: union for pair, union in unions.items() if table.is_possible(union)}
        table.ask(unions.values())
        gains = {
            (a, b): np.logaddexp.reduce(table.get(union))
            - np.logaddexp.reduce(table.get(groups[a]))
            - np.logaddexp.reduce(table.get(groups[b]))
            for (a, b), union in unions.items()
        }
        if not gains or max(gains.values()) < 0:
            break
        a, b = max(gains, key=lambda pair: gains[pair])
        groups = [g for k, g in enumerate(groups) if k not in (a, b)] + [unions[a, b]]
        met.add(groups[-1])
    return met


def _neighbours(table: SetTable, chosen: list[ItemSet]) -> set[ItemSet]:
    n = len(table.component.items)
    found: set[ItemSet] = set()
    for k, members in enumerate(chosen):
        inside = set(members)
        found |= {tuple(sorted(inside ^ {i})) for i in range(n)} - {()}
        found |= {tuple(sorted(members + other)) for other in chosen[k + 1 :]}
    return {s for s in found if table.is_possible(s)}


def _solve(table: SetTable, columns: list[ItemSet]) -> tuple[float, Grouping]:
    """Set partitioning over the columns by HiGHS."""
    from scipy.optimize import LinearConstraint, milp
    from scipy.sparse import csr_array

    n, m = len(table.component.items), len(table.component.candidates)
    options: list[tuple[ItemSet, int]] = []
    for members in columns:
        scores = table.get(members)
        named = [int(j) for j in np.argsort(-scores[:m])[:CANDIDATES_PER_SET]]
        options += [(members, j) for j in [*named, m] if np.isfinite(scores[j])]
    value = np.array([table.get(members)[j] for members, j in options])
    rows, cols = [], []
    for c, (members, j) in enumerate(options):
        rows += list(members) + ([n + j] if j < m else [])
        cols += [c] * (len(members) + (j < m))
    matrix = csr_array((np.ones(len(rows)), (rows, cols)), shape=(n + m, len(options)))
    lower = np.concatenate([np.ones(n), np.zeros(m)])
    result = milp(
        -value, constraints=LinearConstraint(matrix, lower, np.ones(n + m)), integrality=np.ones(len(options))
    )
    taken = np.flatnonzero(result.x > 0.5)
    grouping = tuple(sorted((options[c][0], options[c][1] if options[c][1] < m else -1) for c in taken))
    return float(-result.fun), grouping
