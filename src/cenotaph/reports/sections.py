"""What a report says, section by section, as values: the template only places it."""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cenotaph.reports import words
from cenotaph.reports.casebook import Bone, Casebook, FamilyView, Person
from cenotaph.reports.drawings.evidence import Step
from cenotaph.reports.result import ERRORS, LAST_PARTS, VERDICTS, CandidateRow, IndividualRow, ResultView

if TYPE_CHECKING:
    from cenotaph.odontology.comparison import Comparison

FAMILIES_DRAWN = 3
FAMILY_PROBABILITY = 0.05
REASON_NUMBER = re.compile(r"[−-]?\b\d+(?:\.\d+)?\b")
REASON_ID = re.compile(r"\b(?=[\w.-]*\d)(?=[\w.-]*[A-Z])[\w-]+(?:\.[\w-]+)*")
EXAMPLES_OF_REASON = 3


@dataclass(frozen=True, slots=True)
class BoneRow:
    """A specimen of an individual.

    Args:
        bone: as inventoried.
        same: P(one person with the anchor); None where no link says so.
        probability: P(the answer) of the specimen itself.
    """

    bone: Bone
    same: float | None
    probability: float
    is_anchor: bool


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate by name, and which of his lines speak against the direction of his total."""

    row: CandidateRow
    person: Person
    against: tuple[tuple[str, float], ...] = ()

    @property
    def against_words(self) -> str:
        """The lines that disagree, short enough for a table."""
        return ", ".join(f"{words.line_name(name)} {words.signed(value)}" for name, value in self.against)


@dataclass(frozen=True, slots=True)
class LineRow:
    """A step of a waterfall in words.

    Args:
        name: as written.
        log10_lr: what it adds.
        said: in words.
        meaning: what it compares.
        disagrees: whether it speaks clearly against the total.
    """

    name: str
    log10_lr: float
    said: str
    meaning: str = ""
    disagrees: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One individual with an identification or a shortlist.

    Args:
        row: the answer.
        person: the man proposed or first in the list; None without any candidate.
        candidates: best first.
        lines: the prior and the lines of the best candidate, adding up to his total.
        total: log10 odds of the best candidate against nobody on the roster: prior and log10 LR.
        bones: the anchor's first.
        boxes: box → number of bones.
        families: pedigrees of the best candidates.
        needed: candidates that together hold the shortlist's probability.
        conflicts, reasons: phrases.
        turns: lines without which the answer would be another.
        mouths: the teeth against the best candidate's chart, where both are charted.
    """

    row: IndividualRow
    person: Person | None
    candidates: tuple[CandidateView, ...]
    lines: tuple[LineRow, ...]
    total: float
    bones: tuple[BoneRow, ...]
    boxes: Mapping[str, int]
    families: tuple[FamilyView, ...]
    needed: int
    conflicts: tuple[str, ...]
    reasons: tuple[str, ...]
    turns: tuple[str, ...]
    mouths: Comparison | None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines as steps of a waterfall."""
        return tuple(Step(row.name, row.log10_lr) for row in self.lines)

    @property
    def present(self) -> dict[tuple[str, str], str]:
        """Element and side → its specimens in words, in the order of the elements' names."""
        found: dict[tuple[str, str], list[Bone]] = defaultdict(list)
        for row in self.bones:
            found[row.bone.element, row.bone.side].append(row.bone)
        return {
            key: f"{bones[0].name} {', '.join(bone.specimen_id for bone in bones)}"
            for key, bones in sorted(found.items())
        }

    @property
    def disagreements(self) -> tuple[str, ...]:
        """What each line that disagrees with the best candidate says."""
        return tuple(words.disagreement(*line) for line in self.candidates[0].against) if self.candidates else ()

    @property
    def best(self) -> CandidateRow | None:
        """The candidate on whom the waterfall is drawn."""
        return self.candidates[0].row if self.candidates else None

    @property
    def samples(self) -> int:
        """Samples of the individual's bones."""
        return sum(len(row.bone.samples) for row in self.bones)

    @property
    def rival(self) -> str:
        """The second most probable answer in words."""
        if self.row.runner_up_probability is None:
            return ""
        name = next((c.person.name for c in self.candidates if c.row.missing_id == self.row.runner_up_id), None)
        who = f"{name} ({self.row.runner_up_id})" if name else self.row.runner_up_id or "nobody on the roster"
        return f"{who}, probability {words.probability(self.row.runner_up_probability)}"


@dataclass(frozen=True, slots=True)
class PlainRow:
    """One individual without a name, in a table; `against` says which lines disagree with the best name."""

    row: IndividualRow
    bones: tuple[Bone, ...]
    boxes: Mapping[str, int]
    person: Person | None
    against: str = ""

    @property
    def is_single(self) -> bool:
        """Whether one bone stands alone."""
        return len(self.bones) < 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the summary with what it counts."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A kind of reason with its numbers left out, and where it occurs."""

    verdict: str
    words: str
    individuals: int
    bones: int
    examples: tuple[str, ...]


def cards(result: ResultView, casebook: Casebook, verdict: str) -> tuple[Card, ...]:
    """The individuals of a verdict, the surest first."""
    rows = sorted(result.with_verdict(verdict), key=lambda one: (-one.probability, one.individual_id))
    prior = prior_log10_odds(result)
    return tuple(_card(one, result, casebook, prior) for one in rows)


def _card(one: IndividualRow, result: ResultView, casebook: Casebook, prior: float) -> Card:
    ranked = result.candidates.get(one.individual_id, ())
    # The man who is proposed stands first, whatever the ranks say.
    ranked = tuple(sorted(ranked, key=lambda c: (c.missing_id != one.missing_id, c.rank)))
    candidates = tuple(CandidateView(c, casebook.person(c.missing_id), against(c)) for c in ranked)
    leading = one.missing_id or (ranked[0].missing_id if ranked else None)
    bones = _bone_rows(one, result, casebook)
    return Card(
        one,
        casebook.person(leading) if leading else None,
        candidates,
        line_rows(ranked[0], prior) if ranked else (),
        prior + ranked[0].log10_lr_total if ranked else prior,
        bones,
        boxes([row.bone for row in bones]),
        _families(ranked, leading, casebook),
        _needed(ranked, result.parameter("verdict", "shortlist", default=0.90)),
        _phrases(one.conflicts),
        _phrases(one.reason),
        turns(ranked, casebook, prior),
        casebook.mouths(one.individual_id, [row.bone.specimen_id for row in bones], leading) if leading else None,
    )


def line_rows(candidate: CandidateRow, prior: float) -> tuple[LineRow, ...]:
    """The prior, then each part of a total; the parts that say nothing are one row. They add up to the log10 odds."""
    told = [(name, value) for name, value in candidate.parts if abs(value) >= words.NOTHING_LOG10]
    silent = [(name, value) for name, value in candidate.parts if abs(value) < words.NOTHING_LOG10]
    opposed = dict(against(candidate))
    rows = [LineRow(words.line_name("prior"), prior, "before the evidence", words.LINE_MEANINGS["prior"])]
    rows += [
        LineRow(words.line_name(name), value, words.likelier(value), words.LINE_MEANINGS.get(name, ""), name in opposed)
        for name, value in told
    ]
    if silent:
        names = words.joined([words.line_name(name) for name, _ in silent])
        rows.append(LineRow(f"{len(silent)} at 0", sum(value for _, value in silent), f"nothing either way: {names}"))
    return tuple(rows)


def against(candidate: CandidateRow) -> tuple[tuple[str, float], ...]:
    """Parts that speak clearly against the direction of the total; possible errors are no observation and never do."""
    return tuple(
        (name, value)
        for name, value in candidate.parts
        if name != ERRORS and words.disagrees(value, candidate.log10_lr_total)
    )


def turns(ranked: Sequence[CandidateRow], casebook: Casebook, prior: float) -> tuple[str, ...]:
    """Lines of the first candidate without which another answer would lead, each in words.

    A line is taken out of the totals of all candidates; nobody on the roster stands at minus the prior's log10 odds.
    The sums as they are written are compared: other bones and individuals are held as they were found.
    """
    ranked = [c for c in ranked if math.isfinite(c.log10_lr_total)]
    if not ranked or ranked[0].log10_lr_total != _lead(ranked, {}, prior):
        return ()
    found = []
    for name, value in ranked[0].parts:
        parts = {c.missing_id: dict(c.parts)[name] for c in ranked}
        left, lead = ranked[0].log10_lr_total - value, _lead(ranked, parts, prior)
        if name in LAST_PARTS or lead <= left:
            continue
        rival = next((c for c in ranked if c.log10_lr_total - parts[c.missing_id] == lead), None)
        who = f"{casebook.person(rival.missing_id).name} ({rival.missing_id})" if rival else "nobody on the roster"
        needed = f"{words.signed(lead)} {'of the other' if rival else 'needed'}"
        found.append(f"without {words.line_name(name)}, {who} leads: log10 LR {words.signed(left)} left, {needed}")
    return tuple(found)


def _lead(ranked: Sequence[CandidateRow], taken: Mapping[str, float], prior: float) -> float:
    """Greatest log10 LR of the candidates and of nobody on the roster, without what is taken from each."""
    return max(-prior, *(c.log10_lr_total - taken.get(c.missing_id, 0.0) for c in ranked))


def _bone_rows(one: IndividualRow, result: ResultView, casebook: Casebook) -> tuple[BoneRow, ...]:
    anchor = one.individual_id.removeprefix("I-")
    rows = []
    for member in result.members.get(one.individual_id, ()):
        is_anchor = member.specimen_id == anchor
        same = result.same.get(frozenset((anchor, member.specimen_id)))
        rows.append(BoneRow(casebook.bone(member.specimen_id), same, member.probability, is_anchor))
    return tuple(sorted(rows, key=lambda r: (not r.is_anchor, r.bone.container_id, r.bone.specimen_id)))


def boxes(bones: Sequence[Bone]) -> dict[str, int]:
    """Box → number of bones, in the order of the boxes' names."""
    return dict(sorted(Counter(bone.container_id for bone in bones).items()))


def _families(ranked: Sequence[CandidateRow], leading: str | None, casebook: Casebook) -> tuple[FamilyView, ...]:
    """Families of the man proposed and of every candidate of some weight, each once, at most three."""
    wanted = [c.missing_id for c in ranked if c.missing_id == leading or c.probability >= FAMILY_PROBABILITY]
    if leading and leading not in wanted:
        wanted.insert(0, leading)
    by_family: dict[str, list[str]] = defaultdict(list)
    for missing_id in wanted:
        if missing_id in casebook.family_of:
            by_family[casebook.family_of[missing_id]].append(missing_id)
    views = (casebook.family(men) for men in list(by_family.values())[:FAMILIES_DRAWN])
    return tuple(view for view in views if view is not None)


def _needed(ranked: Sequence[CandidateRow], share: float) -> int:
    held = 0.0
    for number, candidate in enumerate(ranked, 1):
        held += candidate.probability
        if held >= share:
            return number
    return len(ranked)


def _phrases(said: str | None) -> tuple[str, ...]:
    return tuple(words.true_minus(phrase.strip()) for phrase in (said or "").split(";") if phrase.strip())


def plain_rows(result: ResultView, casebook: Casebook, verdict: str) -> tuple[PlainRow, ...]:
    """Individuals of a verdict for a table, those with most bones first."""
    rows = []
    for one in result.with_verdict(verdict):
        bones = tuple(casebook.bone(m.specimen_id) for m in result.members.get(one.individual_id, ()))
        best = one.missing_id or next((c.missing_id for c in result.candidates.get(one.individual_id, ())), None)
        person = casebook.person(best) if best else None
        leading = next(
            (c for c in result.candidates.get(one.individual_id, ()) if c.missing_id == one.missing_id), None
        )
        opposed = CandidateView(leading, person, against(leading)).against_words if leading and person else ""
        rows.append(PlainRow(one, bones, boxes(bones), person, opposed))
    return tuple(sorted(rows, key=lambda r: (-len(r.bones), r.row.individual_id)))


def bones_by_verdict(result: ResultView) -> dict[str, int]:
    """Verdict → number of specimens."""
    verdict_of = {one.individual_id: one.verdict for one in result.individuals}
    counted = Counter(verdict_of.get(i, "unresolved") for i, rows in result.members.items() for _ in rows)
    return {verdict: counted[verdict] for verdict in VERDICTS}


def summary(result: ResultView, casebook: Casebook) -> list[Figure]:
    """The counts of a run, each with its definition."""
    bones = bones_by_verdict(result)
    found = {verdict: len(result.with_verdict(verdict)) for verdict in VERDICTS}
    several = sum(len(rows) > 1 for i, rows in result.members.items() if i)
    used = {bone.container_id for bone in casebook.bones.values() if bone.container_id}
    numbers = result.run.get("results", {})
    expected, low, high = (numbers.get(key) for key in ("expected_individuals", "individuals_low", "individuals_high"))
    limit = result.parameter("verdict", "identification", default=0.9995)
    held = result.parameter("verdict", "shortlist", default=0.90)
    unlisted = result.parameter("verdict", "unlisted", default=0.99)
    figures = [
        Figure("Boxes", f"{len(used):,}", "containers that hold at least one specimen of the inventory"),
        Figure("Bones", f"{sum(bones.values()):,}", "specimens inventoried, whole bones and fragments alike"),
        Figure(
            "Groups of bones",
            f"{len(result.individuals):,}",
            f"individuals as listed: bones joined as one person, {several:,} of them with two bones or more; a bone "
            "that joins nobody surely enough stands alone, so that one person may be listed more than once",
        ),
    ]
    if isinstance(expected, int | float):
        meaning = "expected number of different people, averaged over all groupings of the bones"
        if low is not None and high is not None:
            meaning += f"; {low:,.0f} to {high:,.0f} with 90 %"
        figures.append(Figure("People", f"{expected:,.0f}", meaning))
    return [
        *figures,
        Figure(
            "Names proposed",
            f"{found['identification']:,}",
            f"identifications: probability {limit:g} or more, support from independent lines, and stable without any "
            f"one sample, line or donor; {words.count(bones['identification'], 'bone')}",
        ),
        Figure(
            "Shortlists",
            f"{found['shortlist']:,}",
            f"the ten best names hold {held:g} or more, but something is wanting; "
            f"{words.count(bones['shortlist'], 'bone')}",
        ),
        Figure(
            "Nobody on the roster",
            f"{found['unlisted']:,}",
            f"probability {unlisted:g} or more of being none of the missing listed; "
            f"{words.count(bones['unlisted'], 'bone')}",
        ),
        Figure(
            "Unresolved",
            f"{found['unresolved']:,}",
            f"no answer reaches its threshold; {words.count(bones['unresolved'], 'bone')}",
        ),
    ]


def extremes(named: Sequence[Card]) -> tuple[Card, Card] | None:
    """The names with the greatest and the least total log10 LR."""
    weighed = [card for card in named if card.best is not None]
    if not weighed:
        return None

    def total(card: Card) -> float:
        return card.best.log10_lr_total if card.best else -math.inf

    return max(weighed, key=total), min(weighed, key=total)


def rests_on(card: Card) -> str:
    """What a name rests on, in one phrase."""
    told = [part for part in card.best.parts if abs(part[1]) >= words.NOTHING_LOG10] if card.best else []
    parts = [f"{words.line_name(name)} {words.signed(value)}" for name, value in told]
    extracts = words.count(card.samples, "sample")
    return f"{words.joined(parts)}; {words.count(len(card.bones), 'bone')}, {extracts} of them"


def prior_log10_odds(result: ResultView) -> float:
    """log10 odds of one man of the roster against nobody on it, before the evidence.

    log10(ρ / (1 − ρ)) − log10(m), with m the size of the roster that the run compared with, whoever looks, and ρ the
    share of individuals who are on it.
    """
    share, roster = roster_share(result), int(result.run.get("results", {}).get("roster", 1))
    return math.log10(share / (1 - share)) - math.log10(max(roster, 1))


def needed_log10_odds(result: ResultView) -> float:
    """log10 odds of an identification's probability p, log10(p / (1 − p)). Other names only add to what is needed."""
    p = result.parameter("verdict", "identification", default=0.9995)
    return math.log10(p / (1 - p))


def probability_of(log10_odds: float) -> float:
    """The probability that odds alone stand for.

    >>> probability_of(0.0), round(probability_of(3.0), 4), probability_of(-400.0)
    (0.5, 0.999, 0.0)
    """
    return 1.0 / (1.0 + 10.0 ** min(-log10_odds, 300.0)) if log10_odds > -300.0 else 0.0


def roster_share(result: ResultView) -> float:
    """Share of individuals who are on the roster: as learned, or as believed before where that is not recorded."""
    learned = _learned(result).get("roster")
    alpha = result.parameter("prior", "roster_alpha", default=2.0)
    beta = result.parameter("prior", "roster_beta", default=2.0)
    share = learned if isinstance(learned, int | float) else alpha / (alpha + beta)
    return min(max(float(share), 1e-6), 1 - 1e-6)


def _learned(result: ResultView) -> Mapping[str, Any]:
    prior = result.run.get("results", {}).get("prior", {})
    return prior if isinstance(prior, Mapping) else {}


def prior_rows(result: ResultView) -> list[tuple[str, float, float | None]]:
    """Name, share before the evidence and share as learned, of the roster and of each origin beside it."""
    learned = _learned(result)
    alpha = result.parameter("prior", "roster_alpha", default=2.0)
    beta = result.parameter("prior", "roster_beta", default=2.0)
    after = learned.get("roster")
    rows: list[tuple[str, float, float | None]] = [
        ("On the roster", alpha / (alpha + beta), float(after) if isinstance(after, int | float) else None)
    ]
    before = result.run.get("parameters", {}).get("prior", {}).get("origins", {})
    origins = learned.get("origins", {})
    for name, share in before.items() if isinstance(before, Mapping) else ():
        found = origins.get(name) if isinstance(origins, Mapping) else None
        label = words.CLASSES.get(str(name), str(name))
        rows.append((label[0].upper() + label[1:], float(share), float(found) if found is not None else None))
    return rows


def reasons(result: ResultView) -> list[ReasonRow]:
    """Why individuals have no name: reasons with the same words, the most frequent first."""
    found: dict[tuple[str, str], list[IndividualRow]] = defaultdict(list)
    for one in result.individuals:
        if one.verdict in ("shortlist", "unresolved"):
            for phrase in _phrases(one.reason) or ("no reason recorded",):
                found[one.verdict, kind_of_reason(phrase)].append(one)
    rows = [
        ReasonRow(
            verdict,
            kind,
            len(some),
            sum(one.specimens for one in some),
            tuple(one.individual_id for one in some[:EXAMPLES_OF_REASON]),
        )
        for (verdict, kind), some in found.items()
    ]
    return sorted(rows, key=lambda r: (VERDICTS.index(r.verdict), -r.individuals, r.words))


def kind_of_reason(phrase: str) -> str:
    """A reason with its numbers and identifiers left out.

    >>> kind_of_reason("one of two brothers: M00012, M00013")
    'one of two brothers: …, …'
    >>> kind_of_reason("probability 0.9931 is below 0.9995")
    'probability … is below …'
    """
    return REASON_NUMBER.sub("…", REASON_ID.sub("…", phrase))


def flattened(record: object, prefix: str = "") -> list[tuple[str, str]]:
    """A nested record as (path, value) pairs.

    >>> flattened({"prior": {"roster": 0.5}, "without": []})
    [('prior.roster', '0.5'), ('without', 'none')]
    """
    if isinstance(record, Mapping):
        return [
            pair for key, value in record.items() for pair in flattened(value, f"{prefix}.{key}" if prefix else key)
        ]
    if record in (None, [], ""):
        return [(prefix, "none")]
    return [(prefix, record if isinstance(record, str) else json.dumps(record, ensure_ascii=False))]


def counted_warnings(result: ResultView) -> list[tuple[str, int]]:
    """Warnings of the run, equal ones once with their number."""
    return Counter(str(w) for w in result.run.get("warnings", ())).most_common()
