"""``cenotaph compare isotopes``: where people grew up, and which bones may be of one person."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cenotaph.dossier.isotope_tables import IsotopeValues


def isotopes(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    specimen: Annotated[
        list[str] | None, typer.Option("--specimen", help="A specimen; several are also taken as one person.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Origin of specimens by their isotope ratios, and links between several.

    log10 LR (US) compares raised in the United States with raised elsewhere, all classes of each side alike. Most of
    the shipped classes are labelled assumptions.

    Example: cenotaph compare isotopes handover-2018 --specimen S00009 --specimen S00012
    """
    import numpy as np
    from numpy.typing import NDArray

    from cenotaph.cli.compare import open_dossier
    from cenotaph.dossier.isotope_tables import isotope_values, load_isotope_model
    from cenotaph.errors import InvalidInput
    from cenotaph.geochemistry.isotopes import (
        link_log_lr,
        origin_loglik,
        origin_posterior,
        raised_log_lr,
        with_error,
    )
    from cenotaph.units import LN10

    values = isotope_values(open_dossier(dossier))
    if not values.specimens:
        raise InvalidInput("nothing to compare", found="no isotope ratio", valid="values", where="isotopes")
    for asked in specimen or ():
        if asked not in values.specimens:
            raise InvalidInput(
                "no isotope ratio of this specimen",
                found=asked,
                valid=f"one of {len(values.specimens)}",
                where="isotopes",
            )
    model = load_isotope_model()
    even = np.full(len(model.classes), 1 / len(model.classes))
    shown = list(dict.fromkeys(specimen)) if specimen else list(values.specimens)
    each = values.statistics(model).take([values.specimens.index(s) for s in shown])

    def origins(names: list[str], loglik: NDArray[np.float64]) -> list[dict[str, Any]]:
        ratios = raised_log_lr(model, loglik, even) / LN10
        posterior = origin_posterior(loglik, even)
        return [
            {
                "specimen_id": name,
                "values": _values(values, name),
                "log10_lr_raised_us": round(float(ratio), 4),
                "classes": {c: round(float(p), 4) for c, p in zip(model.classes, row, strict=True)},
            }
            for name, ratio, row in zip(names, ratios, posterior, strict=True)
        ]

    answer: dict[str, Any] = {"bones": origins(shown, origin_loglik(model, each)), "links": [], "together": None}
    if specimen and len(shown) > 1:
        links = with_error(link_log_lr(model, each, each, even)) / LN10
        answer["links"] = [
            {"specimens": [shown[i], shown[j]], "log10_lr": round(float(links[i, j]), 4)}
            for i in range(len(shown))
            for j in range(i + 1, len(shown))
        ]
        one = each.grouped(np.zeros(len(shown), dtype=np.int64), 1)
        answer["together"] = origins([" + ".join(shown)], origin_loglik(model, one))[0]
    if json:
        typer.echo(json_text.dumps(answer, ensure_ascii=False))
    else:
        _print(answer)


def _values(values: IsotopeValues, name: str) -> dict[str, float]:
    return values.of(name) if name in values.specimens else {}


def _print(answer: dict[str, Any]) -> None:
    from cenotaph.cli.account import print_table
    from cenotaph.reports.words import likelier

    rows = [*answer["bones"], *([answer["together"]] if answer["together"] else [])]
    print_table(
        "Isotopes",
        ("specimens", "values", "log10 LR (US)", "raised in the US"),
        [
            (
                r["specimen_id"],
                ", ".join(f"{k} {v:.5g}" for k, v in r["values"].items()) or "as one person",
                f"{r['log10_lr_raised_us']:.2f}",
                likelier(r["log10_lr_raised_us"]),
            )
            for r in rows
        ],
    )
    if answer["links"]:
        print_table(
            "One person, or two",
            ("specimens", "log10 LR", "one person"),
            [(" + ".join(k["specimens"]), f"{k['log10_lr']:.2f}", likelier(k["log10_lr"])) for k in answer["links"]],
        )
    typer.echo("Classes of origin: labelled assumptions, all classes of a side alike.")
