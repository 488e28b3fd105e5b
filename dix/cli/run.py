"""`dix run`: start a flow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dix.cli.completing import complete_flow
from dix.cli.estimate import print_estimate
from dix.cli.given import Params, read_params, read_text
from dix.cli.options import Json, Project, open_client
from dix.cli.runs import print_accepted
from dix.cli.scripts import settle_text
from dix.names import is_name

Flow = Annotated[
    str,
    typer.Argument(
        metavar="FILE|NAME",
        help="A flow document (- is standard input), or a flow kept.",
        autocompletion=complete_flow,
    ),
]
Wait = Annotated[bool, typer.Option("--wait", help="Stay until the run is over; exit code 1 unless it succeeded.")]


def add_to(app: typer.Typer) -> None:
    """Put the command in its place."""
    app.command("run")(run)


def run(
    flow: Flow,
    *,
    param: Params = None,
    version: Annotated[int | None, typer.Option(min=1, help="A version of a kept flow; the latest by default.")] = None,
    date: Annotated[str | None, typer.Option(help="The logical date, as 2026-01-31 or 2026-01-31T06:00:00Z.")] = None,
    project: Project = None,
    priority: Annotated[int, typer.Option(min=-1000, max=1000, help="Its steps go before those of lower ones.")] = 0,
    from_: Annotated[str | None, typer.Option("--from", metavar="NODE", help="This node and what follows it.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="NODE", help="This node and what it needs.")] = None,
    only: Annotated[str | None, typer.Option("--only", metavar="NODE", help="This node alone.")] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Do every step, also where an earlier run has left the same.")
    ] = False,
    wait: Wait = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Start nothing; say how long it will take.")] = False,
    json: Json = False,
) -> None:
    """Start a flow: a document in a file, or one that is kept."""
    from dix.client.wire import join

    text = find_text(flow)
    body: dict[str, Any] = {"text": text} if text is not None else {"flow": flow}
    body |= {"version": version, "params": read_params(param or ()), "date": date, "project": project}
    body |= {"from": from_, "to": to, "only": only, "cache": not no_cache, "priority": priority}
    with open_client() as client:
        if estimate:
            print_estimate(client.wire.post(join("runs", "estimate"), body), as_json=json)
            return
        if text is not None:
            body["text"] = settle_text(client, text, flow)
        accepted = client.wire.post(join("runs"), body)
        if wait:
            from dix.cli.watching import wait_for

            raise typer.Exit(wait_for(client, accepted["id"], as_json=json))
    print_accepted(accepted, as_json=json)


def find_text(source: str) -> str | None:
    """The text of a document in a file; None for the name of a flow."""
    path = Path(source)
    if source != "-" and is_name(source) and not path.is_file():
        return None
    return read_text(source)
