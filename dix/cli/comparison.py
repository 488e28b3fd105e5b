"""`dix runs compare`: runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dix.cli.completing import complete_run
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_table

if TYPE_CHECKING:
    from dix.client.comparison import Comparison


def add_to(runs: typer.Typer) -> None:
    """Put the command in its place."""
    runs.command("compare")(compare_runs)


def compare_runs(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="The runs' ids.", autocompletion=complete_run)],
    *,
    all: Annotated[bool, typer.Option("--all", help="Also what all of them have the same.")] = False,
    json: Json = False,
) -> None:
    """Show in what runs differ: parameters, last metrics, times; as JSON always everything."""
    with open_client() as client:
        compared = client.runs.compare(ids)
    if json:
        show({"items": list_facts(compared), "next_cursor": None, "runs": list(compared.ids)})
        return
    facts = compared.facts if all else compared.differences
    if facts:
        show_table(["", *compared.ids], [[fact.column, *fact.values] for fact in facts])
    else:
        say("they differ in nothing; --all shows what they are")


def list_facts(compared: Comparison) -> list[dict[str, Any]]:
    """The facts as the API would say them: `values` has one for each run, in the order of `runs`."""
    from dix.client.comparison import to_json

    return [
        {
            "kind": fact.kind,
            "node": fact.node,
            "name": fact.name,
            "differs": fact.differs,
            "values": [to_json(value) for value in fact.values],
        }
        for fact in compared.facts
    ]
