"""`dix runs events`: what happened, in one run or in all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from dix.cli.options import Json, Limit, open_client
from dix.cli.screen import print_text, say, show, show_list
from dix.client.cells import write_cell
from dix.errors import BadValue

if TYPE_CHECKING:
    from dix.records.event import Event

_OF_A_RUN = {"seq": "NUMBER", "at": "TIME", "node": "NODE", "attempt": "ATTEMPT", "kind": "WHAT", "data": "MORE"}
_OF_ALL = {"seq": "NUMBER", "at": "TIME", "run": "RUN", **_OF_A_RUN}


def add_to(runs: typer.Typer) -> None:
    """Put the command in its place."""
    runs.command("events")(list_events)


def list_events(
    id: Annotated[str | None, typer.Argument(help="The run's id; without one, the events of all runs.")] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on; with a run's id, until it is over.")] = False,
    after: Annotated[int | None, typer.Option(min=0, help="Only events with a greater number.")] = None,
    limit: Limit = 1000,
    json: Json = False,
) -> None:
    """List what happened, oldest first; without --after, following all runs begins with what happens from now on."""
    from dix.client.wire import join

    if follow and json and id is None:
        raise BadValue("--json", "a list that ends", "--follow of all runs", "name a run, or leave --json out")
    with open_client() as client:
        if follow:
            runs = client.runs
            events = runs.all_events(after, follow=True) if id is None else runs.events(id, after or 0, follow=True)
            _print(events, as_json=json)
            return
        page = client.wire.get(join("events") if id is None else join("runs", id, "events"), after=after, limit=limit)
    table = page if json else {**page, "next_cursor": None}
    show_list(table, _OF_ALL if id is None else _OF_A_RUN, as_json=json, empty="nothing has happened")
    if page["next_cursor"] and not json:
        say(f"there are more: --after {page['next_cursor']}")


def _print(events: Iterable[Event], *, as_json: bool) -> None:
    """A line for each event as it comes; as JSON all of them at the end."""
    from dix.records.moments import to_text

    items = []
    for event in events:
        at = to_text(event.at)
        if as_json:
            items.append({**asdict(event), "at": at})
        else:
            where = f"{event.run}.{event.node}#{event.attempt}" if event.node else event.run
            more = f": {write_cell(event.data)}" if event.data else ""
            print_text(f"{event.seq} {at} {where} {event.kind}{more}\n")
    if as_json:
        show({"items": items, "next_cursor": None})
