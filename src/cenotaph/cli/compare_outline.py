"""``cenotaph compare outline``: clavicles against the chest films of the missing."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import typer


def outline(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    specimen: Annotated[list[str] | None, typer.Option("--specimen", help="A clavicle. Repeatable.")] = None,
    top: Annotated[int, typer.Option("--top", help="Men shown for each clavicle.", min=1)] = 10,
    size: Annotated[
        bool, typer.Option("--size/--no-size", help="Count size: outlines of bones are in millimetres.")
    ] = True,
    drawing: Annotated[
        Path | None,
        typer.Option("--drawing", help="Write the first clavicle over its best film to this SVG file.", dir_okay=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ranks chest films by the outline of a clavicle.

    log10 LR is this man against somebody else, within what the people behind the model can bear; ranks go by the value
    without that bound. The shipped model was made from invented outlines: its ranks are a start, its ratios no proof.

    Example: cenotaph compare outline handover-2018 --specimen S00231 --top 20
    """
    from math import log

    import numpy as np

    from cenotaph.cli.compare import open_dossier
    from cenotaph.dossier.film_tables import load_clavicle_model, outlines
    from cenotaph.errors import InvalidInput
    from cenotaph.radiography.clavicle import subject_log_lr
    from cenotaph.units import LN10, log10_from_ln

    case = open_dossier(dossier)
    films, bones = outlines(case, "missing"), outlines(case, "specimen")
    for asked in specimen or ():
        if asked not in bones.ids:
            raise InvalidInput(
                "no outline of this specimen", found=asked, valid=f"one of {len(bones.ids)}", where="outlines"
            )
    if not films.ids or not bones.ids:
        lacking = "the missing" if not films.ids else "specimens"
        raise InvalidInput(
            "nothing to compare", found=f"no outline of {lacking}", valid="outlines of both", where="outlines"
        )
    bones = bones.of(specimen) if specimen else bones
    model = load_clavicle_model()
    read_bones, read_films = bones.read(model), films.read(model)
    ratios = subject_log_lr(model, read_bones, read_films, bounded=False, with_size=size) / LN10
    bound = log10_from_ln(log(model.pairs))
    answers: list[dict[str, Any]] = []
    for name, row in zip(bones.ids, ratios, strict=True):
        order = np.lexsort((films.ids, -row))[:top]
        answers.append(
            {
                "specimen_id": name,
                "films": len(films.ids),
                "candidates": [
                    {
                        "rank": k + 1,
                        "missing_id": films.ids[j],
                        "log10_lr": round(float(np.clip(row[j], -bound, bound)), 4),
                        "log10_lr_unbounded": round(float(row[j]), 4),
                    }
                    for k, j in enumerate(order)
                ],
            }
        )
    if drawing is not None:
        from cenotaph.reports.drawings.outlines import RULES, draw_outlines
        from cenotaph.reports.drawings.svg import standalone

        best = answers[0]["candidates"][0]
        which = int(np.flatnonzero(read_bones.subject == 0)[0])
        same_man = read_films.subject == films.ids.index(best["missing_id"])
        same_side = same_man & (read_films.right == read_bones.right[which])
        film = int(np.flatnonzero(same_side if same_side.any() else same_man)[0])
        svg = draw_outlines(
            read_bones.shapes.take([which]),
            read_films.shapes.take([film]),
            bone_name=bones.ids[0],
            film_name=best["missing_id"],
            words=f"log10 LR {best['log10_lr']:.2f}, first of {len(films.ids)} films",
        )
        drawing.write_text(standalone(svg, RULES), encoding="utf-8")
    if json:
        typer.echo(json_text.dumps({"reference": model.basis, "clavicles": answers}, ensure_ascii=False))
    else:
        _print(answers, model.basis, bound)


def _print(answers: list[dict[str, Any]], basis: str, bound: float) -> None:
    from cenotaph.cli.account import print_table
    from cenotaph.reports.words import likelier

    for answer in answers:
        print_table(
            f"{answer['specimen_id']}: {answer['films']} men with a film",
            ("rank", "missing", "log10 LR", "unbounded"),
            [
                (c["rank"], c["missing_id"], f"{c['log10_lr']:.2f}", f"{c['log10_lr_unbounded']:.2f}")
                for c in answer["candidates"]
            ],
        )
        best = answer["candidates"][0]
        typer.echo(f"{best['missing_id']}: {likelier(best['log10_lr'])} if this is he than if not.\n")
    typer.echo(f"Reference: {basis}. Support is bounded by {bound:.1f}.")
