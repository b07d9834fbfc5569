"""``cenotaph compare``: one kind of evidence at a time, remains against the missing."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cenotaph.cli.compare_isotopes import isotopes
from cenotaph.cli.compare_outline import outline

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier
    from cenotaph.odontology.rarity import PatternRarity
    from cenotaph.odontology.shortlist import Candidate

app = typer.Typer(
    help="Remains against the missing, one kind of evidence at a time.", no_args_is_help=True, rich_markup_mode=None
)


app.command()(outline)
app.command()(isotopes)


@app.callback()
def compare() -> None:
    """Remains against the missing, one kind of evidence at a time."""


def open_dossier(folder: Path) -> Dossier:
    """The dossier in *folder*, checked by every rule; its faults are told where it has errors.

    Raises:
        InvalidInput: the dossier has errors.
    """
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.errors import InvalidInput

    examination = examine_dossier(folder)
    if examination.dossier is None:
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(folder))
    return examination.dossier


@app.command()
def dental(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    specimen: Annotated[
        list[str] | None, typer.Option("--specimen", help="A specimen; several are charted as one person.")
    ] = None,
    missing: Annotated[str, typer.Option("--missing", help="Show this missing person only.")] = "",
    top: Annotated[int, typer.Option("--top", help="Men shown for each chart.", min=1)] = 10,
    drawing: Annotated[
        Path | None, typer.Option("--drawing", help="Write the charts side by side to this SVG file.", dir_okay=False)
    ] = None,
    narrow: Annotated[bool, typer.Option("--narrow", help="Draw for a narrow page.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the classes of mouths.", min=0)] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ranks antemortem dental charts by their agreement with the charts of specimens.

    log10 LR is this man against somebody else, within what the charts at hand can bear. A drawing shows one specimen
    (or several as one person) and the man asked for, or the best.

    Example: cenotaph compare dental handover-2018 --specimen S00231 --top 5 --drawing chart.svg
    """
    from cenotaph.dossier.dental_tables import dental_charts, mouth_classes
    from cenotaph.errors import InvalidInput
    from cenotaph.odontology.chart import combine
    from cenotaph.odontology.rarity import pattern_rarity
    from cenotaph.odontology.shortlist import shortlist

    case = open_dossier(dossier)
    ante, post = dental_charts(case, "missing"), dental_charts(case, "specimen")
    by_id = {chart.subject_id: chart for chart in post.charts}
    for asked, known, what in (
        *((s, by_id, "no chart of this specimen") for s in specimen or ()),
        *((m, set(ante.ids), "no chart of this missing person") for m in [missing] if m),
    ):
        if asked not in known:
            raise InvalidInput(what, found=asked, valid=f"one of {len(known)} with a chart", where="dental_charts")
    if not ante.charts or not post.charts:
        lacking = "the missing" if not ante.charts else "specimens"
        raise InvalidInput(
            "nothing to compare", found=f"no chart of {lacking}", valid="charts of both", where="dental_charts"
        )
    if drawing is not None and not specimen:
        raise InvalidInput("a drawing is of one chart", found="no specimen", valid="--specimen ID")
    mouths = mouth_classes(ante.states, seed=seed)
    if specimen:
        joined = combine(" + ".join(specimen), [by_id[s] for s in specimen])
        charts, conflicts = [joined.chart], joined.conflicts
    else:
        charts, conflicts = list(post.charts), ()
    answers: list[dict[str, Any]] = []
    for chart in charts:
        ranked = shortlist(chart, ante.charts, mouths, years=ante.years)
        shown = [c for c in ranked if c.subject_id == missing or not missing][:top]
        answers.append(_answer(chart.subject_id, conflicts, pattern_rarity(chart.states, ante.states), shown))
        if drawing is not None:
            _draw(drawing, shown[0], narrow)
    if json:
        typer.echo(json_text.dumps({"population": mouths.basis, "charts": answers}, ensure_ascii=False))
    else:
        _print(answers, mouths.basis)


def _answer(name: str, conflicts: tuple[str, ...], rarity: PatternRarity, shown: list[Candidate]) -> dict[str, Any]:
    from cenotaph.reports.words import likelier

    return {
        "specimens": name.split(" + "),
        "conflicting_teeth": list(conflicts),
        "pattern": {
            kind: {"matches": count.matches, "charts": count.charts, "frequency": count.frequency}
            for kind, count in (("generic", rarity.generic), ("detailed", rarity.detailed))
        },
        "candidates": [
            {
                "rank": c.rank,
                "missing_id": c.subject_id,
                "class": c.verdict.value,
                "log10_lr": round(c.log10_lr, 4),
                "log10_lr_unbounded": round(c.log10_lr_unbounded, 4),
                "compared": c.comparison.compared,
                "agreements": c.comparison.agreements,
                "features": c.comparison.features,
                "explainable": c.comparison.explainable,
                "unexplainable": c.comparison.unexplainable,
                "words": f"{likelier(c.log10_lr)} if this is he than if not",
                "differences": c.comparison.differences(),
            }
            for c in shown
        ],
    }


COLUMNS = ("rank", "missing", "class", "log10 LR", "agree", "treated", "explained", "unexplained")


def _print(answers: list[dict[str, Any]], basis: str) -> None:
    for answer in answers:
        typer.echo(f"Dental charts against {' + '.join(answer['specimens'])}")
        rows = [COLUMNS, *(_row(c) for c in answer["candidates"])]
        widths = [max(len(row[k]) for row in rows) for k in range(len(COLUMNS))]
        for row in rows:
            cells = (
                t.ljust(w) if k in (1, 2) else t.rjust(w) for k, (t, w) in enumerate(zip(row, widths, strict=True))
            )
            typer.echo("  " + "  ".join(cells))
        best = answer["candidates"][0]
        typer.echo(f"{best['missing_id']}: {best['words']}.")
        for difference in best["differences"]:
            typer.echo(f"  {difference}")
        generic, detailed = answer["pattern"]["generic"], answer["pattern"]["detailed"]
        typer.echo(
            f"Its pattern: in {generic['matches']} of {generic['charts']} charts by sound, restored, lost; "
            f"in {detailed['matches']} by surfaces."
        )
        if answer["conflicting_teeth"]:
            typer.echo(f"The specimens contradict each other at {', '.join(answer['conflicting_teeth'])}.")
        typer.echo("")
    typer.echo(f"Somebody else: {basis}. treated: restored or lost teeth in agreement.")


def _row(candidate: dict[str, Any]) -> tuple[str, ...]:
    c = candidate
    counts = (
        f"{c['agreements']} of {c['compared']}",
        *(str(c[k]) for k in ("features", "explainable", "unexplainable")),
    )
    return (str(c["rank"]), c["missing_id"], c["class"], f"{c['log10_lr']:.2f}", *counts)


def _draw(path: Path, candidate: Candidate, narrow: bool) -> None:
    from cenotaph.reports.drawings.mouth import RULES, draw_mouths
    from cenotaph.reports.drawings.svg import standalone

    path.write_text(standalone(draw_mouths(candidate.comparison, narrow=narrow), RULES), encoding="utf-8")
