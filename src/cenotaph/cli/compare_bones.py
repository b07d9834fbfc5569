"""``cenotaph compare outline`` and ``cenotaph compare isotopes``."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def outline(
    dossier: Folder,
    specimen: Annotated[list[str] | None, typer.Option("--specimen", help="A specimen; may be given again.")] = None,
    top: Annotated[int, typer.Option("--top", help="Men shown for each clavicle.", min=1)] = 10,
    json: Json = False,
) -> None:
    """Ranks chest films by their agreement with the clavicles of specimens.

    log10 LR is this man against somebody else, within what the reference can bear.

    Example: cenotaph compare outline handover-2018 --specimen S00231 --top 5
    """
    import numpy as np

    from cenotaph.cli.compare import open_dossier
    from cenotaph.dossier.film_tables import load_clavicle_model, outlines
    from cenotaph.errors import InvalidInput
    from cenotaph.radiography.clavicle import subject_log_lr
    from cenotaph.units import LN10

    case = open_dossier(dossier)
    model, films, bones = load_clavicle_model(), outlines(case, "missing"), outlines(case, "specimen")
    for asked in specimen or ():
        if asked not in bones.ids:
            raise InvalidInput(
                "no outline of this specimen", found=asked, valid=f"one of {len(bones.ids)}", where="outlines"
            )
    if not films.ids or not bones.ids:
        raise InvalidInput("nothing to compare", valid="outlines of specimens and of the missing", where="outlines")
    chosen = bones.of(specimen) if specimen else bones
    ratios = subject_log_lr(model, chosen.read(model), films.read(model)) / LN10
    answers = [
        {
            "specimen_id": name,
            "candidates": [
                {"rank": rank, "missing_id": films.ids[j], "log10_lr": round(float(row[j]), 4)}
                for rank, j in enumerate(np.argsort(-row, kind="stable")[:top], start=1)
            ],
        }
        for name, row in zip(chosen.ids, ratios, strict=True)
    ]
    if json:
        typer.echo(json_text.dumps({"reference": model.basis, "clavicles": answers}, ensure_ascii=False))
        return
    typer.echo(f"Reference: {model.basis}")
    for one in answers:
        typer.echo(
            f"{one['specimen_id']}: " + ", ".join(f"{c['missing_id']} {c['log10_lr']:+.2f}" for c in one["candidates"])
        )


def isotopes(dossier: Folder, json: Json = False) -> None:
    """Where the people of measured bones grew up, every class of origin alike before the values.

    The classes are mostly assumptions; log10 LR is raised in the United States against raised elsewhere.

    Example: cenotaph compare isotopes handover-2018
    """
    import numpy as np

    from cenotaph.cli.compare import open_dossier
    from cenotaph.dossier.isotope_tables import isotope_values, load_isotope_model
    from cenotaph.errors import InvalidInput
    from cenotaph.geochemistry.isotopes import origin_loglik, origin_posterior, raised_log_lr
    from cenotaph.units import LN10

    values = isotope_values(open_dossier(dossier))
    if not values.specimens:
        raise InvalidInput("nothing to compare", valid="isotope values of specimens", where="isotopes")
    model = load_isotope_model()
    prior = np.full(len(model.classes), 1 / len(model.classes))
    loglik = origin_loglik(model, values.statistics(model))
    shares, raised = origin_posterior(loglik, prior), raised_log_lr(model, loglik, prior) / LN10
    answers = [
        {
            "specimen_id": name,
            "values": values.of(name),
            "log10_lr_raised_us": round(float(raised[k]), 4),
            "classes": dict(zip(model.classes, shares[k].round(4).tolist(), strict=True)),
        }
        for k, name in enumerate(values.specimens)
    ]
    if json:
        typer.echo(json_text.dumps({"bones": answers}, ensure_ascii=False))
        return
    for one, row in zip(answers, shares, strict=True):
        best = model.classes[int(row.argmax())]
        typer.echo(
            f"{one['specimen_id']}: US {one['log10_lr_raised_us']:+.2f}, likeliest class {best} ({row.max():.2f})"
        )
