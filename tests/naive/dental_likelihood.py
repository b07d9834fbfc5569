"""Dental likelihoods by enumeration of every state of every tooth: slow, plain, the twin of the fast version."""

from __future__ import annotations

from math import exp, log, prod

from cenotaph.odontology.chart import COMPARED, LOST, SOUND, UNERUPTED, UNKNOWN, States
from cenotaph.odontology.likelihood import ChartErrors
from cenotaph.odontology.population import MouthClasses

N = 34
RESTORED = range(1, 32)


def condition(state: int) -> int:
    return {SOUND: 0, LOST: 2, UNERUPTED: 3}.get(state, 1)


def can_become(before: int, after: int) -> bool:
    if before in (after, UNERUPTED) or after == LOST:
        return True
    if before == LOST:
        return after == UNERUPTED
    return after < LOST and before & after == before


def slip(before: int, after: int) -> float:
    if before == LOST:
        return 0.5 * (after in (SOUND, UNERUPTED))
    if before == UNERUPTED:
        return 0.5 * (after in (SOUND, LOST))
    return 0.2 * (after < LOST and (before ^ after).bit_count() == 1)


def step(before: int, after: int, profile: list[float], change: float, error: float) -> float:
    """P(second chart's state | first's)."""
    room = sum(p for s, p in enumerate(profile) if can_become(before, s))
    drawn = profile[after] / room if can_become(before, after) else 0.0
    treated = (1 - change) * (before == after) + change * drawn
    return (1 - error) * treated + error * (0.5 * profile[after] + 0.5 * slip(before, after))


def profile_of(mouths: MouthClasses, z: int, t: int) -> list[float]:
    surfaces = {s: float(mouths.surfaces[t, s - 1]) for s in RESTORED}
    return [float(mouths.condition[z, t, condition(s)]) * surfaces.get(s, 1.0) for s in range(N)]


def chart_probability(chart: list[int], mouths: MouthClasses, z: int) -> float:
    return prod(profile_of(mouths, z, t)[s] for t, s in enumerate(chart) if s != UNKNOWN)


def membership(chart: list[int], mouths: MouthClasses) -> list[float]:
    joint = [float(mouths.weight[z]) * chart_probability(chart, mouths, z) for z in range(mouths.n_classes)]
    return [j / sum(joint) for j in joint]


def log_if_his(post: States, ante: States, mouths: MouthClasses, errors: ChartErrors, years: float) -> float:
    """log p(post | his chart): the careful and the careless pair mixed, tooth by tooth."""
    before, after = ante[COMPARED].tolist(), post[COMPARED].tolist()
    of_class = membership(before, mouths)
    change = 1 - exp(-errors.change_per_year * years)
    total = 0.0
    for share, error in ((1 - errors.careless, errors.tooth), (errors.careless, errors.careless_tooth)):
        product = share
        for t, (a, p) in enumerate(zip(before, after, strict=True)):
            if p == UNKNOWN:
                continue
            if a == UNKNOWN:
                product *= sum(w * seen(mouths, z, t, p, errors) for z, w in enumerate(of_class))
            else:
                profiles = [profile_of(mouths, z, t) for z in range(mouths.n_classes)]
                like_him = [sum(w * pr[s] for w, pr in zip(of_class, profiles, strict=True)) for s in range(N)]
                product *= step(a, p, like_him, change, error)
        total += product
    return log(total)


def seen(mouths: MouthClasses, z: int, t: int, after: int, errors: ChartErrors) -> float:
    """P(a later chart shows *after* at tooth *t* | a random mouth of class *z*)."""
    profile = profile_of(mouths, z, t)
    change = 1 - exp(-errors.change_per_year * errors.years)
    return sum(profile[s] * step(s, after, profile, change, errors.mean_tooth) for s in range(N))


def log_if_anybody(post: States, mouths: MouthClasses, errors: ChartErrors) -> float:
    """log p(post | a random member of the population)."""
    after = post[COMPARED].tolist()
    return log(
        sum(
            float(mouths.weight[z]) * prod(seen(mouths, z, t, p, errors) for t, p in enumerate(after) if p != UNKNOWN)
            for z in range(mouths.n_classes)
        )
    )
