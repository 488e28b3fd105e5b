"""`dix sweeps compare, curves, importance, difference, best`: what came of a sweep."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_object, show_table
from dix.cli.sweeps import Name

NumberOption = Annotated[str | None, typer.Option(help="As cnn.valid_loss; the first objective by default.")]

_MOST_ROWS = 50


def add_to(app: typer.Typer) -> None:
    """Give the commands to a group."""
    app.command("compare")(compare)
    app.command("curves")(curves)
    app.command("importance")(importance)
    app.command("difference")(difference)
    app.command("best")(best)


def compare(
    name: Name,
    *,
    all: Annotated[bool, typer.Option("--all", help="Also the columns in which no trials differ.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="All trials and columns as CSV.")] = False,
    json: Json = False,
) -> None:
    """Show all trials side by side: parameters, and the least, greatest and last of their numbers."""
    from dix.client.wire import join

    with open_client() as client:
        document = client.wire.get(join("sweeps", name, "compare"))
    if json:
        show(document)
        return
    kept = [column for column in document["columns"] if all or csv or column in {"trial", *document["differing"]}]
    rows = list(zip(*(document["columns"][column] for column in kept), strict=True))
    if csv:
        _print_csv(kept, rows)
        return
    show_table(kept, rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        say(f"and {len(rows) - _MOST_ROWS} more: --csv and --json have all of them")
    if document["best"] is not None:
        say(f"trial {document['best']} is the best")
    if document["pareto"]:
        say(f"no trial is better in both than {', '.join(map(str, document['pareto']))}")


def curves(
    name: Name,
    number: NumberOption = None,
    trial: Annotated[list[int] | None, typer.Option(help="Only this trial; may be repeated.")] = None,
    json: Json = False,
) -> None:
    """Show the curves of one number, trial beside trial."""
    from dix.client.wire import join

    with open_client() as client:
        document = client.wire.get(join("sweeps", name, "curves"), number=number, trial=trial)
    if json:
        show(document)
        return
    told = {curve["trial"]: dict(zip(curve["positions"], curve["values"], strict=True)) for curve in document["curves"]}
    positions = sorted({position for curve in told.values() for position in curve})
    show_table(["AT", *map(str, told)], [[at, *(curve.get(at) for curve in told.values())] for at in positions])


def importance(name: Name, number: NumberOption = None, json: Json = False) -> None:
    """Show how much each parameter matters, as shares of 1."""
    from dix.client.wire import join

    with open_client() as client:
        document = client.wire.get(join("sweeps", name, "importance"), number=number)
    if json:
        show(document)
    elif document["importance"]:
        show_table(["PARAMETER", "SHARE"], [[key, round(share, 3)] for key, share in document["importance"].items()])
    else:
        say("too few trials have a number, or none differ")


def difference(
    name: Name,
    first: Annotated[int, typer.Argument(help="A trial's number.")],
    second: Annotated[int, typer.Argument(help="Another one's.")],
    json: Json = False,
) -> None:
    """Show in what two trials differ: parameters, code, data and last numbers."""
    from dix.client.wire import join

    with open_client() as client:
        document = client.wire.get(join("sweeps", name, "difference"), trial=[first, second])
    if json:
        show(document)
        return
    rows = [[one["kind"], one["name"], *one["values"]] for one in document["differences"]]
    if rows:
        show_table(["", "", str(first), str(second)], rows)
    else:
        say("they differ in nothing")


def best(
    name: Name,
    alias: Annotated[str, typer.Option(help="As champion: models:/NAME@champion is the best trial's model then.")],
    trial: Annotated[int | None, typer.Option(help="Another trial than the best.")] = None,
    node: Annotated[str | None, typer.Option(help="The node that trains it, where several do.")] = None,
    json: Json = False,
) -> None:
    """Let an alias name the model that the best trial has made."""
    from dix.client.wire import join

    body = {"alias": alias, "trial": trial, "node": node}
    with open_client() as client:
        moved = client.wire.post(join("sweeps", name, "best"), body)
    if json:
        show_object(moved, as_json=True)
    else:
        say(f"{moved['reference']} is version {moved['version']}")


def _print_csv(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    import csv
    import sys

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
