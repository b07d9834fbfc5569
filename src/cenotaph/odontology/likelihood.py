"""Likelihood of postmortem charts: if they are of the man of an antemortem chart, and if of somebody else.

*Of the man.* Between the two charts a tooth is left as it was, or, with probability 1 − exp(−change_per_year · years),
it is drawn anew from the profile of mouths like his among the states that treatment can reach. Then a tooth may be
charted wrongly: half of the errors draw any state of mouths like his, half slip to a neighbouring state (a surface more
or less, a filling missed, a lost tooth charted as its neighbour). Errors come together: some pairs are careless.

*Of somebody else.* The mixture of classes of mouths (`cenotaph.odontology.population`) seen through the same change and
error; the man who is tested is left out of it, so that his own chart does not make his pattern common.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.odontology.chart import ALL_SURFACES, COMPARED, LOST, N_STATES, SOUND, UNERUPTED, UNKNOWN, States
from cenotaph.odontology.comparison import REACHABLE
from cenotaph.odontology.population import (
    CONDITIONS,
    RESTORED,
    Floats,
    MouthClasses,
    look_up,
    sum_over_teeth,
    tooth_tables,
)

RECORD_ERROR: Final = 0.015
"""Share of files that hold another man's chart; an assumption."""

LEAST_MEMBERSHIP: Final = 0.01
"""A man is left out of the classes to which he belongs with at least this probability."""


LEAST_SHARE: Final = 1e-4
"""What leaving a man out leaves at least of a frequency."""


@dataclass(frozen=True, slots=True)
class ChartErrors:
    """How two charts of one mouth come to differ.

    Args:
        tooth: probability that a tooth differs by an error of charting, in a careful pair of charts.
        careless_tooth: the same in a careless pair.
        careless: share of careless pairs.
        change_per_year: rate at which a tooth's state is drawn anew.
        years: between the antemortem chart and death, where the dates do not say.

    Raises:
        InvalidInput: outside the range.

    Source: 51 % of Kokura charts differed somewhere when charted again (Shiroma 2020), which is
        1 − 0.7 · 0.985²⁸ − 0.3 · 0.92²⁸. That errors come together, the rate of change and the years are assumptions.

    >>> e = ChartErrors()
    >>> round(1 - (1 - e.careless) * (1 - e.tooth) ** 28 - e.careless * (1 - e.careless_tooth) ** 28, 2)
    0.51
    """

    tooth: float = 0.015
    careless_tooth: float = 0.08
    careless: float = 0.3
    change_per_year: float = 0.1
    years: float = 1.5

    def __post_init__(self) -> None:
        for name in ("tooth", "careless_tooth", "careless"):
            if not 0 <= getattr(self, name) < 1:
                raise InvalidInput(f"{name} is no probability", found=getattr(self, name), valid="0 to 1, without 1")
        for name in ("change_per_year", "years"):
            if not 0 <= getattr(self, name) < np.inf:
                raise InvalidInput(f"{name} is negative", found=getattr(self, name), valid="0 or more")

    @property
    def mean_tooth(self) -> float:
        """Probability that a tooth differs by an error of charting, over all pairs of charts."""
        return (1 - self.careless) * self.tooth + self.careless * self.careless_tooth


DEFAULT_ERRORS: Final = ChartErrors()


@dataclass(frozen=True, slots=True)
class ChartLikelihood:
    """Natural-log likelihoods of S postmortem charts.

    Args:
        ante: shape (S, m), if the chart is of the man of each antemortem chart.
        others: shape (S, m), if it is of a random member of that man's population, himself left out.
        population: shape (S, P), if it is of a random member of each population.
        bears: charts that the frequencies rest on.
    """

    ante: Floats
    others: Floats
    population: Floats
    bears: int

    @property
    def log10_lr(self) -> Floats:
        """log10 of this man : somebody else, shape (S, m); neither the record error nor the bound is in it."""
        return np.asarray((self.ante - self.others) / np.log(10))

    def support(self, record: float = RECORD_ERROR) -> Floats:
        """log10 of this man : somebody else with the record error, within what the charts bear; shape (S, m)."""
        mixed = with_record_error(self.ante, self.others, record) - self.others
        return bounded_log10_lr(mixed / np.log(10), self.bears)


def _slips() -> Floats:
    """Where an error of charting slips to from each state, shape (34, 34); rows sum to one."""
    slip = np.zeros((N_STATES, N_STATES))
    for state in range(ALL_SURFACES + 1):
        slip[state, [state ^ (1 << bit) for bit in range(5)]] = 0.2
    slip[LOST, [SOUND, UNERUPTED]] = 0.5
    slip[UNERUPTED, [SOUND, LOST]] = 0.5
    return slip


SLIPS: Final = _slips()


def transition(profile: Floats, states: NDArray[np.integer], changed: Floats, error: float) -> Floats:
    """Distribution of the second chart's state given the first's.

    (1 − e) · [(1 − c) · stay + c · (profile among reachable states)] + e/2 · (profile + slip)

    Args:
        profile: shape (..., 34), of mouths like his.
        states: shape (...), the first chart's state, known.
        changed: c, broadcast against *states*.
        error: e, of charting.

    Returns:
        shape (..., 34), each distribution sums to one.

    >>> flat = np.full((1, 34), 1 / 34)
    >>> row = transition(flat, np.array([32]), np.array([0.5]), 0.0)
    >>> row[0, [0, 32, 33]].tolist()
    [0.0, 0.75, 0.25]
    """
    reachable = np.where(REACHABLE[states], profile, 0.0)
    drawn = reachable / reachable.sum(axis=-1, keepdims=True)
    c = np.broadcast_to(changed, states.shape)[..., None]
    row: Floats = (1 - error) * c * drawn + error / 2 * (profile + SLIPS[states])
    where = states[..., None].astype(np.int64)
    np.put_along_axis(row, where, np.take_along_axis(row, where, axis=-1) + (1 - error) * (1 - c), axis=-1)
    return row


def chance_of_change(years: Floats | float, errors: ChartErrors) -> Floats:
    """1 − exp(−change_per_year · years).

    >>> float(chance_of_change(0.0, ChartErrors()))
    0.0
    """
    return np.asarray(-np.expm1(-errors.change_per_year * np.asarray(years, dtype=np.float64)))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The classes seen through change and error.

    Args:
        step: shape (K, 28, 34, 34), second chart's state given the first's.
        by_condition: shape (K, 28, 4, 34), second chart's state given the first's condition.
        profile: shape (K, 28, 34), second chart's state.
    """

    step: Floats
    by_condition: Floats
    profile: Floats


def _seen(mouths: MouthClasses, errors: ChartErrors) -> _Seen:
    profile = mouths.profile
    every = np.broadcast_to(np.arange(N_STATES), (*profile.shape[:2], N_STATES))
    step = transition(profile[:, :, None, :], every, chance_of_change(errors.years, errors), errors.mean_tooth)
    restored = np.einsum("ts,ztsu->ztu", mouths.surfaces, step[:, :, 1 : ALL_SURFACES + 1])
    by_condition = np.stack([step[:, :, SOUND], restored, step[:, :, LOST], step[:, :, UNERUPTED]], axis=2)
    return _Seen(step, by_condition, np.einsum("ztc,ztcu->ztu", mouths.condition, by_condition))


def population_loglik(
    post: States, mouths: MouthClasses, errors: ChartErrors = DEFAULT_ERRORS, weights: Floats | None = None
) -> Floats:
    """log p(postmortem chart | a random member of the population).

    Args:
        post: shape (S, 32).
        mouths: the population.
        errors: change and error between charts.
        weights: shape (P, K), shares of the classes in several populations; by default the one of *mouths*.

    Returns:
        shape (S, P).
    """
    by_class = sum_over_teeth(np.log(_seen(mouths, errors).profile), post[:, COMPARED])
    return _mix(by_class, mouths.weight[None] if weights is None else weights)


def _mix(by_class: Floats, weights: Floats) -> Floats:
    """log of the mixture, shape (S, P), of class log-likelihoods (S, K) and weights (P, K)."""
    top = by_class.max(axis=1, keepdims=True)
    return np.asarray(np.log(np.exp(by_class - top) @ weights.T) + top)


def class_weights(
    ante: States, population: NDArray[np.integer], n_populations: int, mouths: MouthClasses, *, prior: float = 30.0
) -> Floats:
    """Shares of the classes in each population of men, shape (P, K).

    The mean membership of its charts, with *prior* charts' weight of the whole roster's; a population without charts
    has the roster's.

    Args:
        ante: shape (m, 32).
        population: shape (m,), index of each man's population.
        n_populations: P.
        mouths: the classes.
        prior: in charts.

    >>> from cenotaph.odontology.population import fit_classes
    >>> charts = np.zeros((40, 32), dtype=np.int8); charts[20:] = 2
    >>> two = fit_classes(charts, counts=(2,))
    >>> class_weights(charts, np.repeat([0, 1], 20), 3, two, prior=20.0).round(2).tolist()
    [[0.75, 0.25], [0.25, 0.75], [0.5, 0.5]]
    """
    total = prior * np.broadcast_to(mouths.weight, (n_populations, mouths.n_classes)).copy()
    np.add.at(total, population, mouths.membership(ante))
    return np.asarray(total / total.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class _WithoutHim:
    """One class seen by the men who are left out of it.

    Args:
        of_class: index of the class.
        men: shape (n,), indices of the men.
        tables: `tooth_tables` of the n men.
    """

    of_class: int
    men: NDArray[np.intp]
    tables: Floats


@dataclass(frozen=True, slots=True)
class PreparedCharts:
    """Antemortem charts made ready for any number of postmortem ones (`prepare_charts`).

    Args:
        his: log share and `tooth_tables` of the men, of careful and of careless pairs of charts.
        classes: `tooth_tables` of the classes.
        without_him: by class, the men left out of it.
        weight: shape (m, K), shares of the classes among the others of each man's population.
        shares: shape (P, K), shares of the classes in each population.
        silent: shape (m,), men whose chart says nothing.
        bears: charts that the frequencies rest on.
    """

    his: tuple[tuple[float, Floats], ...]
    classes: Floats
    without_him: tuple[_WithoutHim, ...]
    weight: Floats
    shares: Floats
    silent: NDArray[np.bool_]
    bears: int

    def compare(self, post: States) -> ChartLikelihood:
        """Likelihoods of postmortem charts.

        Args:
            post: shape (S, 32), the charts of S sets of specimens, those of one person joined by `combine_states`.

        Cost: about 100 · S · m table look-ups: 2,000 against 2,800 charts in a few seconds.
        """
        teeth = post[:, COMPARED]
        by_class = look_up(self.classes, teeth)
        others = self._others(teeth, by_class)
        same = np.full(others.shape, -np.inf)
        for log_share, tables in self.his:
            same = np.logaddexp(same, look_up(tables, teeth) + log_share)
        same[:, self.silent] = others[:, self.silent]
        return ChartLikelihood(same, others, _mix(by_class, self.shares), self.bears)

    def _others(self, teeth: NDArray[np.integer], by_class: Floats) -> Floats:
        """log p(post | a random other man), shape (S, m): the classes he is not left out of, then those he is."""
        top = by_class.max(axis=1, keepdims=True)
        rest = self.weight.copy()
        for part in self.without_him:
            rest[part.men, part.of_class] = 0.0
        total = np.exp(by_class - top) @ rest.T
        for part in self.without_him:
            total[:, part.men] += np.exp(look_up(part.tables, teeth) - top) * self.weight[part.men, part.of_class]
        return np.asarray(np.log(total) + top)


def prepare_charts(
    ante: States,
    mouths: MouthClasses,
    errors: ChartErrors = DEFAULT_ERRORS,
    *,
    years: Floats | None = None,
    population: NDArray[np.integer] | None = None,
    n_populations: int = 1,
    among: bool = True,
) -> PreparedCharts:
    """Makes m antemortem charts ready for comparison.

    Args:
        ante: shape (m, 32).
        mouths: classes of mouths.
        errors: change and error between charts.
        years: shape (m,), from the antemortem chart to death; NaN where not known.
        population: shape (m,), index of each man's population; the classes have other shares there.
        n_populations: P.
        among: the charts *ante* are among those that *mouths* was learned from: each man is left out of the mixture
            that stands against him, the memberships kept.
    """
    where = np.zeros(len(ante), dtype=np.int64) if population is None else population
    shares = mouths.weight[None] if population is None else class_weights(ante, where, n_populations, mouths)
    member = mouths.membership(ante)
    seen = _seen(mouths, errors)
    teeth = ante[:, COMPARED]
    weight = shares[where]
    without_him: tuple[_WithoutHim, ...] = ()
    if among and np.isfinite(mouths.charts).all():
        weight = np.maximum(weight - (member - weight) / max(mouths.n_charts - 1, 1), LEAST_SHARE)
        without_him = _without_him(teeth, mouths, seen, member)
    known = np.full(len(ante), np.nan) if years is None else years
    changed = chance_of_change(np.where(np.isnan(known), errors.years, np.maximum(known, 0.0)), errors)
    return PreparedCharts(
        his=_his_tables(teeth, mouths, seen, member, changed, errors),
        classes=tooth_tables(np.log(seen.profile)),
        without_him=without_him,
        weight=weight,
        shares=shares,
        silent=(teeth == UNKNOWN).all(axis=1),
        bears=mouths.bears,
    )


def compare_charts(
    post: States,
    ante: States,
    mouths: MouthClasses,
    errors: ChartErrors = DEFAULT_ERRORS,
    *,
    years: Floats | None = None,
    population: NDArray[np.integer] | None = None,
    n_populations: int = 1,
    among: bool = True,
) -> ChartLikelihood:
    """Likelihoods of S postmortem charts against m antemortem charts, at once.

    A man whose chart says nothing, and a postmortem chart that says nothing, get a ratio of one. Arguments as those of
    `PreparedCharts.compare` and `prepare_charts`.

    >>> from cenotaph.odontology.population import fit_classes
    >>> charts = np.zeros((30, 32), dtype=np.int8); charts[0, 3] = 7
    >>> found = compare_charts(charts[:2], charts, fit_classes(charts, counts=(1,)))
    >>> found.log10_lr.argmax(axis=1).tolist()[0], bool(found.log10_lr[0, 0] > 1 > found.log10_lr[1, 1] > 0)
    (0, True)
    """
    prepared = prepare_charts(
        ante, mouths, errors, years=years, population=population, n_populations=n_populations, among=among
    )
    return prepared.compare(post)


def _his_tables(
    ante: NDArray[np.integer],
    mouths: MouthClasses,
    seen: _Seen,
    member: Floats,
    changed: Floats,
    errors: ChartErrors,
) -> tuple[tuple[float, Floats], ...]:
    """What each man's chart makes likely, in careful and in careless pairs of charts."""
    unknown = (ante == UNKNOWN)[..., None]
    his = np.where(ante == UNKNOWN, SOUND, ante)
    like_him = np.einsum("jz,ztu->jtu", member, mouths.profile)
    elsewhere = np.einsum("jz,ztu->jtu", member, seen.profile)
    pairs = []
    for share, error in ((1 - errors.careless, errors.tooth), (errors.careless, errors.careless_tooth)):
        table = np.where(unknown, elsewhere, transition(like_him, his, changed[:, None], error))
        with np.errstate(divide="ignore"):
            pairs.append((float(np.log(share)), tooth_tables(np.log(table))))
    return tuple(pairs)


def _without_him(
    ante: NDArray[np.integer], mouths: MouthClasses, seen: _Seen, member: Floats
) -> tuple[_WithoutHim, ...]:
    """The classes as they are without each man.

    Without man j, whose membership is r, conditions known from N charts become condition − r/(N − r) · (his −
    condition), and the surfaces of a tooth, known from M restored teeth, surfaces − 1/(M − 1) · (his − surfaces) if his
    is restored.
    """
    known = ante != UNKNOWN
    his = np.where(known, ante, SOUND)
    condition = CONDITIONS[his]
    own_surfaces = np.where(condition == RESTORED, 1.0 / (mouths.restored - 1.0), 0.0)[..., None]
    teeth = np.arange(ante.shape[1])
    parts = []
    for z in range(mouths.n_classes):
        men = np.flatnonzero(member[:, z] >= LEAST_MEMBERSHIP)
        r = member[men, z][:, None]
        ratio = np.where(known[men], r / (mouths.charts[z] - r), 0.0)[..., None]
        restored = seen.by_condition[z, :, RESTORED]
        kept = mouths.condition[z, :, RESTORED][None, :, None] * (1 + ratio) - ratio
        table = seen.profile[z] - ratio * (seen.by_condition[z, teeth, condition[men]] - seen.profile[z])
        table -= kept * own_surfaces[men] * (seen.step[z, teeth, his[men]] - restored)
        # Memberships move a little at the end of the fit; what only he shows must not become less than nothing by that.
        table = np.maximum(table, LEAST_SHARE * seen.profile[z])
        with np.errstate(divide="ignore"):
            parts.append(_WithoutHim(z, men, tooth_tables(np.log(table))))
    return tuple(parts)


def with_record_error(loglik: Floats, others: Floats, record: float = RECORD_ERROR) -> Floats:
    """log p(post | this man) when the chart in his file is another man's with probability *record*.

    log((1 − record) · exp(loglik) + record · exp(others))

    >>> with_record_error(np.array([-np.inf]), np.array([0.0]), 0.015).round(3).tolist()
    [-4.2]
    """
    if not 0 < record < 1:
        raise InvalidInput("the record error is no probability", found=record, valid="between 0 and 1")
    return np.asarray(np.logaddexp(loglik + np.log1p(-record), others + np.log(record)))


def bounded_log10_lr(log10_lr: Floats, n_charts: int) -> Floats:
    """Support that the reference can bear: |log10 LR| ≤ log10(n_charts + 1).

    A pattern that none of n charts shows may have any frequency up to about 1/(n + 1).

    >>> bounded_log10_lr(np.array([5.0, -0.5]), 999).tolist()
    [3.0, -0.5]
    """
    most = np.log10(n_charts + 1.0)
    return np.asarray(np.clip(log10_lr, -most, most))
