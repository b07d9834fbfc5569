"""How often patterns of teeth occur: mixtures of classes of mouths, within which teeth are independent.

Teeth of one mouth go together: who has one bad molar has others. The product of the frequencies of single teeth
overstates the rarity of a pattern by orders of magnitude. Within a class of mouths of like proneness the product holds
well, so that

    p(chart) = sum over classes z of weight[z] · product over observed teeth t of profile[z, t, chart[t]].

A class says which teeth are sound, restored, lost or not erupted; which surfaces of a restored tooth are restored
depends on the tooth alone. Two ways to such a mixture: classes learned from the charts at hand (`fit_classes`), or,
where they are few, steps of one caries level on published frequencies of single teeth (`caries_level_classes`), a
labelled assumption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.odontology.chart import (
    ALL_SURFACES,
    ANTERIOR,
    COMPARED,
    N_STATES,
    TEETH,
    UNKNOWN,
    States,
    surface_mask,
)

Floats = NDArray[np.float64]

ENOUGH_CHARTS: Final = 200
"""With fewer charts the classes are not learned from them."""

CLASS_COUNTS: Final = (1, 2, 3, 4, 6, 8, 10, 12, 16)
PRIOR_CHARTS: Final = 5.0
"""Weight, in charts, of the margin of all mouths in each class."""

PRIOR_RESTORED: Final = 5.0
"""Weight, in restored teeth, of the surfaces of teeth of the same part (front, back) in those of one tooth."""

CONDITIONS: Final = np.array([0] + [1] * ALL_SURFACES + [2, 3])
"""Condition of each state: 0 sound, 1 restored, 2 lost, 3 not erupted."""

N_CONDITIONS: Final = 4
RESTORED: Final = 1

BLOCK: Final = 32
ROUNDS, TOLERANCE = 300, 1e-6
LEVEL_SPREAD: Final = 1.5
"""Standard deviation of the caries level between mouths, in logits; an assumption."""

UNERUPTED_SHARE: Final = 0.002
"""Share of teeth other than third molars that have not erupted in a young adult; an assumption."""


@dataclass(frozen=True, slots=True)
class MouthClasses:
    """A mixture of classes of mouths.

    Args:
        weight: shape (K,), share of each class.
        condition: shape (K, 28, 4), distribution of the condition (`CONDITIONS`) of each compared tooth in each class.
        surfaces: shape (28, 31), distribution of the restored surfaces of each restored tooth, state 1 first.
        charts: shape (K, 28), charts behind *condition*, prior included; infinite where no single chart matters.
        restored: shape (28,), restored teeth behind *surfaces*, prior included; infinite likewise.
        n_charts: charts from which it was made; 0 where it rests on published frequencies.
        basis: in words.
    """

    weight: Floats
    condition: Floats
    surfaces: Floats
    charts: Floats
    restored: Floats
    n_charts: int
    basis: str

    @property
    def profile(self) -> Floats:
        """Distribution of the state of each compared tooth in each class, shape (K, 28, 34)."""
        return profiles(self.condition, self.surfaces)

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return int(self.weight.size)

    @property
    def bears(self) -> int:
        """Charts that the mixture is worth, at most: those it was learned from, or `ENOUGH_CHARTS`."""
        return self.n_charts or ENOUGH_CHARTS

    def class_loglik(self, states: States) -> Floats:
        """log p(chart | class), shape (charts, K), of states of shape (charts, 32); a tooth not observed adds nothing.

        >>> unknown = np.full((1, 32), -1, dtype=np.int8)
        >>> fit_classes(np.zeros((3, 32), dtype=np.int8), counts=(1,)).class_loglik(unknown).tolist()
        [[0.0]]
        """
        return sum_over_teeth(np.log(self.profile), states[:, COMPARED])

    def loglik(self, states: States) -> Floats:
        """log p(chart), shape (charts,)."""
        return np.asarray(np.logaddexp.reduce(self.class_loglik(states) + np.log(self.weight), axis=-1))

    def membership(self, states: States) -> Floats:
        """P(class | chart), shape (charts, K).

        >>> sound = np.zeros((3, 32), dtype=np.int8)
        >>> fit_classes(sound, counts=(1,)).membership(sound[:1]).tolist()
        [[1.0]]
        """
        joint = self.class_loglik(states) + np.log(self.weight)
        return np.asarray(np.exp(joint - np.logaddexp.reduce(joint, axis=-1)[:, None]))


def profiles(condition: Floats, surfaces: Floats) -> Floats:
    """Distributions of states, shape (..., 28, 34), from those of conditions (..., 28, 4) and surfaces (28, 31)."""
    state = condition[..., CONDITIONS].copy()
    state[..., 1 : ALL_SURFACES + 1] *= surfaces
    return np.asarray(state)


def sum_over_teeth(log_tables: Floats, states: NDArray[np.integer]) -> Floats:
    """Sum over teeth of ``log_tables[row, tooth, states[chart, tooth]]``; a tooth not observed adds nothing.

    Args:
        log_tables: shape (rows, teeth, states).
        states: shape (charts, teeth).

    Returns:
        shape (charts, rows).

    >>> sum_over_teeth(np.log([[[0.25, 0.75], [0.5, 0.5]]]), np.array([[0, 1], [0, -1]])).round(4).tolist()
    [[-2.0794], [-1.3863]]
    """
    return look_up(tooth_tables(log_tables), states)


def tooth_tables(log_tables: Floats) -> Floats:
    """Tables laid out for `look_up`: shape (teeth, states + 1, rows), the last state, of a tooth not observed, zero."""
    rows, teeth, n_states = log_tables.shape
    padded = np.zeros((teeth, n_states + 1, rows))
    padded[:, :n_states] = log_tables.transpose(1, 2, 0)
    return padded


def look_up(tables: Floats, states: NDArray[np.integer]) -> Floats:
    """Sum over teeth of ``tables[tooth, states[chart, tooth]]``, shape (charts, rows).

    Args:
        tables: shape (teeth, states + 1, rows), of `tooth_tables`.
        states: shape (charts, teeth).
    """
    total = np.zeros((states.shape[0], tables.shape[2]))
    # A block of charts at a time stays in the processor's cache; −1, unknown, is the last row.
    for start in range(0, states.shape[0], BLOCK):
        block = total[start : start + BLOCK]
        for tooth in range(states.shape[1]):
            block += tables[tooth].take(states[start : start + BLOCK, tooth], axis=0, mode="wrap")
    return total


def fit_classes(
    states: States, *, seed: int = 1, counts: Sequence[int] = CLASS_COUNTS, prior: float = PRIOR_CHARTS
) -> MouthClasses:
    """Learns classes of mouths from charts by expectation–maximisation.

    Each class has a Dirichlet prior of weight *prior* around the margin of all mouths, so that no condition has
    probability zero; so have the surfaces of a tooth around those of its neighbours. The number of classes is the first
    of *counts* after which the likelihood of charts held out (each third in turn) grows no more.

    Args:
        states: shape (charts, 32); teeth not observed are left out of every sum.
        seed: of the starting memberships; the same seed gives the same classes.
        counts: numbers of classes to try, growing.
        prior: in charts.

    Raises:
        InvalidInput: no chart.

    Source: Dempster, Laird and Rubin (1977), J R Stat Soc B 39:1; latent classes as Goodman (1974), Biometrika
        61:215.

    >>> mouths = np.zeros((40, 32), dtype=np.int8); mouths[20:] = 2
    >>> fit_classes(mouths, counts=(1, 2)).weight.round(2).tolist()
    [0.5, 0.5]
    """
    if not len(states):
        raise InvalidInput("no chart to learn classes from", found=0, valid="one chart or more")
    teeth = states[:, COMPARED]
    chosen, best = counts[0], -np.inf
    if len(counts) > 1:
        for count in counts:
            held_out = _held_out(teeth, count, seed, prior)
            if held_out <= best:
                break
            chosen, best = count, held_out
    fitted = _fit(_conditions(teeth), chosen, seed, prior)
    tally = _tally(teeth, N_STATES)[:, 1 : ALL_SURFACES + 1]
    surfaces, restored = _pooled_surfaces(tally)
    basis = f"{chosen} class{'' if chosen == 1 else 'es'} learned from {len(teeth)} charts"
    return MouthClasses(fitted.weight, fitted.condition, surfaces, fitted.charts, restored, len(teeth), basis)


def _conditions(teeth: NDArray[np.integer]) -> NDArray[np.integer]:
    return np.where(teeth == UNKNOWN, UNKNOWN, CONDITIONS[teeth])


def _tally(values: NDArray[np.integer], n_values: int) -> Floats:
    """How often each value was seen at each tooth, shape (teeth, values)."""
    chart, tooth = np.nonzero(values != UNKNOWN)
    cell = tooth * n_values + values[chart, tooth]
    return np.bincount(cell, minlength=values.shape[1] * n_values).reshape(-1, n_values).astype(np.float64)


def _pooled_surfaces(tally: Floats) -> tuple[Floats, Floats]:
    """Surfaces of each tooth, drawn towards those of front or back teeth; and the restored teeth behind each."""
    front = ANTERIOR[COMPARED]
    part = np.stack([tally[~front].sum(axis=0), tally[front].sum(axis=0)]) + 1.0 / ALL_SURFACES
    part /= part.sum(axis=1, keepdims=True)
    total = tally + PRIOR_RESTORED * part[front.astype(np.int64)]
    restored = total.sum(axis=1)
    return total / restored[:, None], restored


FOLDS: Final = 3


def _held_out(teeth: NDArray[np.integer], count: int, seed: int, prior: float) -> float:
    """Log-likelihood of the conditions of each third of the charts under classes learned from the rest."""
    conditions = _conditions(teeth)
    fold = np.random.default_rng(seed).permutation(len(teeth)) % FOLDS
    total = 0.0
    for k in range(min(FOLDS, len(teeth))):
        if len(teeth) > 1:
            fitted = _fit(conditions[fold != k], count, seed, prior)
            total += float(_log_mixture(fitted.condition, fitted.weight, conditions[fold == k]).sum())
    return total


def _log_mixture(tables: Floats, weight: Floats, values: NDArray[np.integer]) -> Floats:
    return np.asarray(np.logaddexp.reduce(sum_over_teeth(np.log(tables), values) + np.log(weight), axis=-1))


@dataclass(frozen=True, slots=True)
class _Fitted:
    weight: Floats
    condition: Floats
    charts: Floats


def _fit(conditions: NDArray[np.integer], count: int, seed: int, prior: float) -> _Fitted:
    """Expectation–maximisation on conditions."""
    from scipy.sparse import csr_array

    n, n_teeth = conditions.shape
    chart, tooth = np.nonzero(conditions != UNKNOWN)
    cell = tooth * N_CONDITIONS + conditions[chart, tooth]
    seen = csr_array((np.ones(cell.size), (chart, cell)), shape=(n, n_teeth * N_CONDITIONS))
    pooled = _tally(conditions, N_CONDITIONS)
    overall = (pooled.sum(axis=0) + 1.0) / (pooled.sum() + N_CONDITIONS)
    margin = (pooled + overall) / (pooled.sum(axis=1, keepdims=True) + 1.0)
    member = _start(conditions, count, seed)
    before = -np.inf
    for _ in range(ROUNDS):
        tally = (seen.T @ member).T.reshape(count, n_teeth, N_CONDITIONS) + prior * margin
        charts = tally.sum(axis=2)
        condition = tally / charts[..., None]
        weight = (member.sum(axis=0) + 1.0) / (n + count)
        joint = seen @ np.log(condition).reshape(count, -1).T + np.log(weight)
        level = np.logaddexp.reduce(joint, axis=-1)
        member = np.exp(joint - level[:, None])
        if level.sum() - before < TOLERANCE * n:
            break
        before = float(level.sum())
    return _Fitted(weight, condition, charts)


def _start(teeth: NDArray[np.integer], count: int, seed: int) -> Floats:
    """Memberships to begin with: bands of the share of treated teeth, blurred."""
    rng = np.random.default_rng(seed)
    treated = (teeth > 0).sum(axis=1) / np.maximum((teeth != UNKNOWN).sum(axis=1), 1)
    rank = np.argsort(np.argsort(treated + 1e-6 * rng.random(len(teeth)), kind="stable"), kind="stable")
    band = np.minimum(rank * count // max(len(teeth), 1), count - 1)
    member = np.where(band[:, None] == np.arange(count), 1.0, 0.05) * (0.9 + 0.2 * rng.random((len(teeth), count)))
    return np.asarray(member / member.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class ToothCounts:
    """Published counts of the state of one tooth.

    Args:
        tooth: FDI number.
        unrestored: sound, or decayed and untreated, which a chart shows as unrestored.
        restored: with a filling or crown.
        lost: lost, or reduced to a root.
        surfaces: restored surfaces (letters of `SURFACES`; all five: a crown) → count.
        several: restored on several surfaces which the source does not name.
    """

    tooth: str
    unrestored: int
    restored: int
    lost: int
    surfaces: Mapping[str, int]
    several: int


STEPS: Final = 9


def caries_level_classes(
    counts: Sequence[ToothCounts], states: States, *, spread: float = LEVEL_SPREAD
) -> MouthClasses:
    """Classes of mouths as steps of one caries level, where charts are too few to learn classes from.

    In a mouth of level u a tooth is treated (restored or lost) with probability σ(a + u) and lost with σ(b + u), σ
    the logistic function. The published frequencies fix a and b of every tooth, as those of u ~ N(0, spread²). The
    charts at hand move only one number, the mean of u, which has the prior N(0, 1). Which surfaces are restored does
    not depend on u. This is an assumption: the published mouths are of another age and time.

    Args:
        counts: of the 28 teeth other than third molars.
        states: shape (charts, 32), the charts at hand; may be none.
        spread: standard deviation of u.

    Raises:
        InvalidInput: a tooth is missing from *counts*.

    Source: graded response model, Samejima (1969), Psychometrika Monograph 17.

    >>> flat = [ToothCounts(t, 7000, 2000, 1000, {"O": 2000}, 0) for t in TEETH]
    >>> mouths = caries_level_classes(flat, np.empty((0, 32), dtype=np.int8))
    >>> round(float(mouths.weight @ mouths.condition[:, 0, 2]), 3)
    0.1
    """
    by_tooth = {c.tooth: c for c in counts}
    absent = [TEETH[k] for k in COMPARED if TEETH[k] not in by_tooth]
    if absent:
        raise InvalidInput("teeth without published counts", found=" ".join(absent), valid="28 teeth")
    ordered = [by_tooth[TEETH[k]] for k in COMPARED]
    node, weight = np.polynomial.hermite_e.hermegauss(STEPS)
    weight = weight / weight.sum()
    mouths = np.array([[c.unrestored, c.restored, c.lost] for c in ordered], dtype=np.float64) + 0.5
    shares = mouths / mouths.sum(axis=1, keepdims=True)
    treated = np.array([_threshold(p, spread * node, weight) for p in shares[:, 1] + shares[:, 2]])
    lost = np.array([_threshold(p, spread * node, weight) for p in shares[:, 2]])
    surfaces = np.array([surface_distribution(c) for c in ordered])
    means = np.arange(-4.0, 4.001, 0.05)
    levels = [_level_conditions(treated, lost, m + spread * node) for m in means]
    conditions = _conditions(states[:, COMPARED])
    score = [
        float(_log_mixture(level, weight, conditions).sum()) - m * m / 2 for m, level in zip(means, levels, strict=True)
    ]
    best = int(np.argmax(score)) if len(states) else int(np.argmin(np.abs(means)))
    unmoved = np.full((STEPS, COMPARED.size), np.inf)
    basis = f"caries level {means[best]:+.2f} on published frequencies of single teeth, {len(states)} charts at hand"
    return MouthClasses(weight, levels[best], surfaces, unmoved, unmoved[0], 0, basis)


def _logistic(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _threshold(share: float, node: Floats, weight: Floats) -> float:
    """The a for which the mean of σ(a + u) is *share*, by bisection."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if float(weight @ _logistic(middle + node)) < share else (low, middle)
    return (low + high) / 2


def _level_conditions(treated: Floats, lost: Floats, level: Floats) -> Floats:
    """Distributions of conditions, shape (levels, 28, 4)."""
    p_treated, p_lost = _logistic(treated + level[:, None]), _logistic(lost + level[:, None])
    erupted = np.stack([1 - p_treated, p_treated - p_lost, p_lost], axis=-1) * (1 - UNERUPTED_SHARE)
    return np.concatenate([erupted, np.full((*p_lost.shape, 1), UNERUPTED_SHARE)], axis=-1)


def surface_distribution(counts: ToothCounts) -> Floats:
    """Distribution of the restored surfaces of a tooth, shape (31,), state 1 first.

    Teeth on several surfaces that the source does not name are spread evenly over the sets of two to four surfaces
    that touch (the occlusal one touches all, mesial and distal touch facial and lingual); an assumption. Half a
    tooth is spread over all sets.

    >>> one = surface_distribution(ToothCounts("36", 0, 10, 0, {"O": 7, "MODFL": 2}, 1))
    >>> [round(float(one[state - 1]), 2) for state in (2, 31)]
    [0.67, 0.19]
    """
    tally = np.full(ALL_SURFACES, 0.5 / ALL_SURFACES)
    for surfaces, count in counts.surfaces.items():
        tally[surface_mask(surfaces) - 1] += count
    touching = np.array([2 <= mask.bit_count() <= 4 and _touch(mask) for mask in range(1, ALL_SURFACES + 1)])
    tally[touching] += counts.several / touching.sum()
    return np.asarray(tally / tally.sum())


def _touch(mask: int) -> bool:
    """Whether the surfaces hang together."""
    mesial, occlusal, distal, facial, lingual = (mask >> k & 1 for k in range(5))
    across = (mesial and distal and not (facial or lingual)) or (facial and lingual and not (mesial or distal))
    return bool(occlusal or not across)
