"""``cenotaph appraise``: what options on the table are likely to yield."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cenotaph.cli.account import AsOf, Folder, Json, KnownOn, open_record, print_table, tell, when_asked

if TYPE_CHECKING:
    from cenotaph.accounting.appraisal import Appraisal, BackTest, Estimate


def appraise(
    options: Annotated[list[str] | None, typer.Argument(help="Options, each in quotation marks.")] = None,
    years: Annotated[float, typer.Option("--years", help="Horizon of the names, in years.", min=0.1)] = 6.0,
    references: Annotated[int, typer.Option("--references", help="Further family references to weigh.", min=0)] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draws.", min=0)] = 1,
    back_test: Annotated[bool, typer.Option("--back-test", help="Forecast the handover of 2018 from 2018.")] = False,
    as_of: AsOf = "",
    known_on: KnownOn = "",
    dossier: Folder = None,
    json: Json = False,
) -> None:
    """Compares options by what such options yielded before: individuals, names, other nations' dead, cost, time.

    Options read "55 boxes from SITE", "6 team-months at SITE", "disinterment of 100 caskets at SITE".

    Example: cenotaph appraise "50 boxes from Sinhung-ni" "6 team-months at Unsan" --as-of 2018-09-07
    """
    from cenotaph.accounting.appraisal import appraise as appraise_option
    from cenotaph.accounting.appraisal import back_test as test_back
    from cenotaph.accounting.appraisal import parse_option
    from cenotaph.errors import InvalidInput

    if not options and not back_test:
        raise InvalidInput("nothing to appraise", found="no option", valid="an option, or --back-test")
    parsed = [parse_option(text) for text in options or []]
    record, when = open_record(dossier), when_asked(as_of, known_on)
    found = [appraise_option(record, option, when, years=years, seed=seed) for option in parsed]
    tested = test_back(record, seed=seed) if back_test else None
    if json:
        tell({"options": found, "back_test": tested})
        return
    if found:
        _print(found, references)
    if tested is not None:
        _print_test(tested)


def words(estimate: Estimate | None) -> str:
    """An estimate with its interval, or that there is none."""
    if estimate is None:
        return "not on record"
    return f"{estimate.mean:,.0f} ({estimate.low:,.0f}–{estimate.high:,.0f})"


def _range(pair: tuple[int, int] | None) -> str:
    return "not estimated" if pair is None else f"{pair[0]:,}–{pair[1]:,}"


def _print(found: list[Appraisal], references: int) -> None:
    header = [
        "",
        *(f"{a.option.amount} {a.option.mechanism.replace('_', ' ')} {a.option.place}".strip() for a in found),
    ]
    gained = [f"{references * a.per_reference:.1f} names" for a in found]
    print_table(
        f"Appraisal: median and 80 % interval, names within {found[0].years:g} years",
        header,
        [
            ("individuals", *(words(a.individuals) for a in found)),
            ("of them on the roster", *(words(a.own) for a in found)),
            ("own names", *(words(a.names) for a in found)),
            ("other nations' dead", *(words(a.others) for a in found)),
            ("cost, USD", *(words(a.cost_usd) for a in found)),
            ("cost a name, USD", *(words(a.cost_per_name_usd) for a in found)),
            ("years to half the names", *(f"{a.years_to_half.mean:.1f}" for a in found)),
            (f"{references} further references add", *gained),
            ("missing at the place", *(_range(a.missing_at_place) for a in found)),
        ],
    )  # fmt: skip
    for assumption in dict.fromkeys(assumption for a in found for assumption in a.assumptions):
        typer.echo(f"Assumed: {assumption}")


def _print_test(tested: BackTest) -> None:
    day = tested.standing_on.as_of
    print_table(
        f"Back-test: {tested.transfer_id} forecast on {day} with what was known that day",
        ("what", "forecast", "came", "on", "error", "within 80 %"),
        (
            (
                s.what,
                words(s.forecast),
                f"{s.actual:,.0f}",
                s.actual_on,
                f"{s.error:+,.0f}",
                "yes" if s.within else "NO",
            )
            for s in tested.scores
        ),
    )
    for basis in tested.appraisal.basis:
        typer.echo(f"Learnt from {basis.row_id}: {basis.what} {basis.numerator:g} / {basis.denominator:g}")
