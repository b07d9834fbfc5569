"""``report.html``: a finished run for a reader, in one file that asks nothing of any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cenotaph.reports import plots, sections, style, words
from cenotaph.reports.casebook import Casebook, FamilyView
from cenotaph.reports.drawings.evidence import Axis, waterfall
from cenotaph.reports.drawings.mouth import RULES, WIDTH_RULES, draw_mouths
from cenotaph.reports.drawings.pedigree import SYSTEM_WORDS, SYSTEMS, draw_pedigree
from cenotaph.reports.drawings.skeleton import SKELETON_CSS, draw_on_stencils, draw_stencils
from cenotaph.reports.drawings.svg import Stamps, mark, picture
from cenotaph.reports.result import VERDICTS, ResultView, read_result
from cenotaph.reports.sensitivity_section import sensitivity_section

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from cenotaph.dossier.read import Dossier
    from cenotaph.odontology.comparison import Comparison

VERDICT_WORDS = {
    "identification": "Identification proposed",
    "shortlist": "Shortlist",
    "unlisted": "Nobody on the roster",
    "unresolved": "Unresolved",
}

NOTHING_RECORDED: Mapping[str, object] = MappingProxyType(
    {
        "program": "cenotaph",
        "version": "",
        "command": "",
        "seed": "",
        "inputs": {},
        "tables": {},
        "timings_s": {},
        "warnings": [],
        "results": {},
    }
)


def build_report(dossier: Dossier, result_folder: Path) -> str:
    """The report of a finished run as one HTML page.

    The same dossier and result give the same page, byte for byte: no clock, no chance, no outside request.

    Args:
        dossier: the case that was identified.
        result_folder: what ``cenotaph identify`` wrote; every file of the contract except ``report.html``.

    Raises:
        FormatError: a file or a column of the contract is missing from the result.
    """
    return render(Casebook.of(dossier), read_result(result_folder))


def render(casebook: Casebook, result: ResultView) -> str:
    """The page of a run whose dossier and result have been read."""
    named = sections.cards(result, casebook, "identification")
    listed = sections.cards(result, casebook, "shortlist")
    drawn = (*named, *listed)
    needed = sections.needed_log10_odds(result)
    page = Page(Axis.over([*(card.total for card in drawn), needed, *_reached(drawn)]), needed)
    environment = _environment()
    environment.filters.update(
        p=words.probability, signed=words.signed, likelier=words.likelier, line_name=words.line_name, group=_group
    )
    return environment.get_template("report.html.j2").render(
        book=casebook,
        result=result,
        run={**NOTHING_RECORDED, **result.run},
        named=named,
        listed=listed,
        unlisted=sections.plain_rows(result, casebook, "unlisted"),
        unresolved=sections.plain_rows(result, casebook, "unresolved"),
        summary=sections.summary(result, casebook),
        bones=sections.bones_by_verdict(result),
        verdicts=VERDICTS,
        verdict_words=VERDICT_WORDS,
        extremes=sections.extremes(named),
        reasons=sections.reasons(result),
        sensitivity=sensitivity_section(result.run, environment),
        parameters=sections.flattened(result.run.get("parameters", {})),
        warnings=sections.counted_warnings(result),
        prior=sections.prior_rows(result),
        odds=sections.prior_log10_odds(result),
        page=page,
        sections=sections,
        words=words,
        systems=[(SYSTEMS[key], SYSTEM_WORDS[key]) for key in SYSTEMS],
        plots=_plots(casebook, result),
        tokens=_safe(style.css_variables()),
        sheet=_safe("\n".join([_text("report.css"), SKELETON_CSS, RULES, WIDTH_RULES])),
    )


class Page:
    """The drawings of one report: all waterfalls share an axis, and what recurs is drawn once.

    Args:
        axis: of the waterfalls.
        threshold: log10 odds that a name needs.
    """

    def __init__(self, axis: Axis, threshold: float) -> None:
        self.axis, self.threshold = axis, threshold
        self._teeth = Stamps("t", "mouth")
        self._has_skeleton = False

    def waterfall(self, card: sections.Card) -> Markup:
        """The prior and the lines of the card's best candidate."""
        assert card.best is not None
        told = ", ".join(f"{step.name} {words.signed(step.log10_lr)}" for step in card.steps)
        title = f"From the prior over each line to the log10 odds of {card.best.missing_id}"
        description = f"{told}; total {words.signed(card.total)}, needed {words.signed(self.threshold)}"
        drawn = waterfall(
            card.steps, card.total, self.axis, title=title, description=description, threshold=self.threshold
        )
        return _safe(drawn)

    def skeleton(self, card: sections.Card) -> Markup:
        """Which bones of the individual are there."""
        self._has_skeleton = True
        present = card.present
        title = f"Skeleton of {card.row.individual_id} from the front. Present: {'; '.join(present.values())}"
        return _safe(draw_on_stencils(present, title=title))

    def mouths(self, comparison: Comparison) -> Markup:
        """Dental charts one over the other, for wide and for narrow pages."""
        place = self._teeth.place
        return _safe(draw_mouths(comparison, place=place) + draw_mouths(comparison, narrow=True, place=place))

    def kept(self) -> Markup:
        """What the drawings point at; asked for when all of them have been drawn."""
        return _safe((draw_stencils() if self._has_skeleton else "") + self._teeth.kept())

    def pedigree(self, family: FamilyView) -> Markup:
        """The family of a candidate."""
        return _safe(draw_pedigree(family.drawing))

    def sign(self, verdict: str) -> Markup:
        """The shape and colour that stand for a verdict."""
        colour, shape = style.VERDICT_MARKS[verdict]
        return _safe(picture(mark(shape, 7.0, 7.0, 5.0, colour), title=verdict, width=14, height=14, class_="sign"))


def _reached(cards: tuple[sections.Card, ...]) -> list[float]:
    """Where the waterfalls turn, so that no bar leaves the axis."""
    reached = []
    for card in cards:
        height = 0.0
        for step in card.steps:
            height += step.log10_lr
            reached.append(height)
    return reached


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing of the whole run, what it shows and where its numbers stand."""

    title: str
    drawing: Markup
    caption: str
    scrolls: bool = False


def _plots(casebook: Casebook, result: ResultView) -> list[Plot]:
    """Plots of the whole run; one without anything to show is left out."""
    drawn = []
    if result.individuals:
        caption = (
            "Individuals by the probability of their answer, a name or nobody on the roster. Source: individuals.csv."
        )
        drawn.append(Plot("How sure", _safe(plots.probability_bars(result.individuals)), caption))
    if result.candidates:
        caption = (
            "log10 LR, one mark per individual with candidates. The figure on the right counts those of whom the line "
            f"says nothing, or less than {words.NOTHING_LOG10:g} either way: they have no mark. "
            "Source: candidates.csv, rank 1."
        )
        drawn.append(Plot("What each line says of the best candidate", _safe(plots.line_strips(result)), caption))
    if any(len(rows) > 1 for rows in result.candidates.values()):
        caption = (
            "Total log10 LR against nobody on the roster. Marks near the dashed line are of individuals whose two best "
            "names the evidence hardly tells apart; marks at an edge lie beyond it. "
            "Source: candidates.csv, ranks 1 and 2."
        )
        drawn.append(
            Plot("Best candidate and runner-up", _safe(plots.best_and_runner_up(result)), caption, scrolls=True)
        )
    drawn.append(_prior_plot(result))
    return [*drawn, *_matrix(casebook, result)]


def _prior_plot(result: ResultView) -> Plot:
    rows = sections.prior_rows(result)
    unknown = "" if any(after is not None for *_, after in rows) else "; what was learned is not recorded in this run"
    caption = (
        "Share of individuals who are on the roster, and origins of those who are not: before the evidence (ring) "
        f"and as learned with everything else (disc){unknown}. Source: run.json."
    )
    return Plot("What was believed before, and learned", _safe(plots.shares(rows)), caption)


def _matrix(casebook: Casebook, result: ResultView) -> list[Plot]:
    """Boxes of the individuals whose bones lay in more than one; nothing where there is no such individual."""
    boxes_of = {
        i: sections.boxes([casebook.bone(m.specimen_id) for m in rows]) for i, rows in result.members.items() if i
    }
    spread = [one for one in result.individuals if len(boxes_of.get(one.individual_id, ())) > 1]
    if not spread:
        return []
    spread.sort(key=lambda one: (VERDICTS.index(one.verdict), one.individual_id))
    names = {
        one.individual_id: casebook.person(one.missing_id).name
        if one.verdict == "identification" and one.missing_id
        else one.individual_id
        for one in spread
    }
    left_out = len(spread) - plots.MOST_ROWS
    caption = (
        "Individuals whose bones lay in two boxes or more (rows) and the boxes (columns); a larger square is "
        "more bones. "
        + (f"{left_out:,} further individuals are left out. " if left_out > 0 else "")
        + "Source: assignments.csv, specimens.csv."
    )
    return [Plot("Boxes and individuals", _safe(plots.box_matrix(spread, boxes_of, names)), caption, scrolls=True)]


def _group(name: str) -> str:
    return words.GROUP_NAMES.get(name, words.line_name(name))


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("cenotaph.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _text(name: str) -> str:
    from importlib.resources import files

    return files("cenotaph.reports").joinpath("templates", name).read_text(encoding="utf-8")


def _safe(drawn: str) -> Markup:
    """Marks text that this package has drawn, and escaped, itself."""
    from markupsafe import Markup

    return Markup(drawn)
