"""``report.html``: a finished run for a reader, in one file that asks nothing of any other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cenotaph.reports import plots, sections, style, words
from cenotaph.reports.casebook import Casebook, FamilyView
from cenotaph.reports.drawings.evidence import Axis, waterfall
from cenotaph.reports.drawings.pedigree import SYSTEM_WORDS, SYSTEMS, draw_pedigree
from cenotaph.reports.drawings.svg import mark, picture
from cenotaph.reports.result import VERDICTS, ResultView, read_result

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from cenotaph.dossier.read import Dossier

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
    totals = [card.best.log10_lr_total for card in (*named, *listed) if card.best]
    threshold = sections.posterior_threshold(result, len(casebook.people))
    page = Page(Axis.over([*totals, threshold, *_turns((*named, *listed))]), threshold)
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
        parameters=sections.flattened(result.run.get("parameters", {})),
        warnings=sections.counted_warnings(result),
        prior=sections.prior_rows(result),
        page=page,
        sections=sections,
        words=words,
        systems=[(SYSTEMS[key], SYSTEM_WORDS[key]) for key in SYSTEMS],
        plots=_plots(casebook, result),
        tokens=_safe(style.css_variables()),
        sheet=_safe(_text("report.css")),
    )


class Page:
    """Drawings that all cards of one report share the axis of."""

    def __init__(self, axis: Axis, threshold: float) -> None:
        self.axis, self.threshold = axis, threshold

    def waterfall(self, card: sections.Card) -> Markup:
        """The lines of the card's best candidate."""
        assert card.best is not None
        told = ", ".join(f"{step.name} {words.signed(step.log10_lr)}" for step in card.steps)
        total = card.best.log10_lr_total
        title = f"log10 LR for {card.best.missing_id}: {told}; total {words.signed(total)}"
        return _safe(waterfall(card.steps, total, self.axis, title=title, threshold=self.threshold))

    def pedigree(self, family: FamilyView) -> Markup:
        """The family of a candidate."""
        return _safe(draw_pedigree(family.drawing))

    def sign(self, verdict: str) -> Markup:
        """The shape and colour that stand for a verdict."""
        colour, shape = style.VERDICT_MARKS[verdict]
        return _safe(picture(mark(shape, 7.0, 7.0, 5.0, colour), title=verdict, width=14, height=14, class_="sign"))


def _turns(cards: tuple[sections.Card, ...]) -> list[float]:
    """Where the waterfalls turn, so that no bar leaves the axis."""
    reached = []
    for card in cards:
        height = 0.0
        for step in card.steps:
            height += step.log10_lr
            reached.append(height)
    return reached


def _plots(casebook: Casebook, result: ResultView) -> dict[str, Markup]:
    """Plots of the whole run by name; a plot without anything to show is left out."""
    drawn = {"probabilities": plots.probability_bars(result.individuals)} if result.individuals else {}
    if any(len(rows) > 1 for rows in result.candidates.values()):
        drawn["runners"] = plots.best_and_runner_up(result)
    if result.candidates:
        drawn["lines"] = plots.line_strips(result)
    boxes_of = {
        i: sections.boxes([casebook.bone(m.specimen_id) for m in rows]) for i, rows in result.members.items() if i
    }
    spread = [one for one in result.individuals if len(boxes_of.get(one.individual_id, ())) > 1]
    spread.sort(key=lambda one: (VERDICTS.index(one.verdict), one.individual_id))
    if spread:
        names = {
            one.individual_id: casebook.person(one.missing_id).name
            if one.verdict == "identification" and one.missing_id
            else one.individual_id
            for one in spread
        }
        drawn["matrix"] = plots.box_matrix(spread, boxes_of, names)
    drawn["prior"] = plots.shares(sections.prior_rows(result))
    return {name: _safe(drawing) for name, drawing in drawn.items()}


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
