"""``cenotaph appraise``: what options on the table are likely to yield."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cenotaph.cli import progress
from cenotaph.cli.account import AsOf, Folder, Json, KnownOn, open_record, print_table, tell, when_asked

if TYPE_CHECKING:
    from cenotaph.accounting.appraisal import Appraisal, BackTest, Estimate
    from cenotaph.accounting.power import Power


def appraise(
    options: Annotated[list[str] | None, typer.Argument(help="Options, each in quotation marks.")] = None,
    years: Annotated[float, typer.Option("--years", help="Horizon of the names, in years.", min=0.1)] = 6.0,
    references: Annotated[int, typer.Option("--references", help="Further family references to weigh.", min=0)] = 100,
    unit_usd: Annotated[
        float | None, typer.Option("--unit-usd", help="Dollars a box, team-month or grave, assumed.", min=0.0)
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draws.", min=0)] = 1,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Simulate the power of the evidence anew; takes about twenty minutes.")
    ] = False,
    back_test: Annotated[bool, typer.Option("--back-test", help="Forecast the handover of 2018 from 2018.")] = False,
    as_of: AsOf = "",
    known_on: KnownOn = "",
    dossier: Folder = None,
    json: Json = False,
) -> None:
    """Compares options by what such options yielded before: individuals, names, other nations' dead, cost, time.

    Options read "boxes 55 from AREA", "dig 6 team-months at SITE", "disinter CEMETERY 100 graves".

    Example: cenotaph appraise "boxes 50 from Sinhung-ni" "dig 6 team-months at Unsan" "disinter Punchbowl"
    """
    from cenotaph.accounting.appraisal import appraise as appraise_option
    from cenotaph.accounting.appraisal import back_test as test_back
    from cenotaph.accounting.appraisal import parse_option
    from cenotaph.errors import InvalidInput

    if not options and not back_test:
        raise InvalidInput("nothing to appraise", found="no option", valid="an option, or --back-test")
    parsed = [parse_option(text) for text in options or []]
    record, when = open_record(dossier), when_asked(as_of, known_on)
    power = _simulated(quiet=json) if recompute else None
    found = [
        appraise_option(
            record, option, when, years=years, references=references, unit_usd=unit_usd, power=power, seed=seed
        )
        for option in parsed
    ]
    tested = test_back(record, power=power, seed=seed) if back_test else None
    if json:
        tell({"options": found, "back_test": tested})
        return
    if found:
        _print(found)
    if tested is not None:
        _print_test(tested)


def _simulated(*, quiet: bool) -> Power:
    """The power of the evidence, simulated now with the parameters of the shipped table."""
    from cenotaph.accounting.power import PowerPlan, power_of, simulate_power

    with progress.shown(quiet) as show:
        return power_of(list(simulate_power(PowerPlan(), lambda done, total: show("simulating", done, total))))


def words(estimate: Estimate | None, digits: int = 0) -> str:
    """An estimate with its interval, or that there is none."""
    if estimate is None:
        return "not on record"
    return f"{estimate.mean:,.{digits}f} ({estimate.low:,.{digits}f}–{estimate.high:,.{digits}f})"


def _dollars(estimate: Estimate | None) -> str:
    """Dollars in thousands."""
    if estimate is None:
        return "not on record"
    low, middle, high = (f"{round(each / 1000):,}" for each in (estimate.low, estimate.mean, estimate.high))
    return f"{middle} ({low}–{high})"


def _range(pair: tuple[int, int] | None) -> str:
    return "not estimated" if pair is None else f"{pair[0]:,}–{pair[1]:,}"


def _print(found: list[Appraisal]) -> None:
    more = found[0].references
    print_table(
        f"Appraisal: median and 80 % interval, names within {found[0].years:g} years",
        ["", *(str(a.option) for a in found)],
        [
            ("individuals", *(words(a.individuals) for a in found)),
            ("of them on the roster", *(words(a.own) for a in found)),
            ("own names", *(words(a.names) for a in found)),
            ("other nations' dead", *(words(a.others) for a in found)),
            ("paid to the other side, thousand USD", *(_dollars(a.cost_usd) for a in found)),
            ("the same a name", *(_dollars(a.cost_per_name_usd) for a in found)),
            ("years of work", *("none" if a.years_of_work is None else words(a.years_of_work, 1) for a in found)),
            ("years to half the names", *(words(a.years_to_half, 1) for a in found)),
            (f"{more} further references add", *(words(a.more_names, 1) for a in found)),
            ("power at the references on file", *(f"{a.power.mean:.0%} of own men" for a in found)),
            ("missing at the place, published", *(_range(a.missing_at_place) for a in found)),
            (
                "not recovered within 10 km",
                *("not counted" if a.men_in_reach is None else f"{a.men_in_reach:.0f}" for a in found),
            ),
        ],
    )
    for a in found:
        typer.echo(f"Not on record for {a.option}: {a.missing_figure}.")
        if a.assumed_cost is not None:
            bound = a.assumed_cost.most_per_name_usd
            typer.echo(f"Assumed instead: at most {bound / 1e6:,.1f} million USD a name; {a.assumed_cost.told}.")
    for assumption in dict.fromkeys(assumption for a in found for assumption in a.assumptions):
        typer.echo(f"Assumed: {assumption}.")
    _print_basis(found)


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
    _print_basis([tested.appraisal])


def _print_basis(found: list[Appraisal]) -> None:
    """The rows that rates were learnt from, those of one kind on one line."""
    learnt: dict[str, list[str]] = {}
    for basis in dict.fromkeys(one for a in found for one in a.basis):
        learnt.setdefault(basis.what, []).append(f"{basis.row_id} {basis.numerator:g} / {basis.denominator:g}")
    for what, each in learnt.items():
        typer.echo(f"Learnt {what}: {'; '.join(each)}.")
