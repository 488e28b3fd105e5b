"""`dix audit`: who did what."""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dix.cli.later import make_group
from dix.cli.options import Cursor, Json, Limit, Project, open_client
from dix.cli.screen import show_list
from dix.errors import BadValue

if TYPE_CHECKING:
    from dix.client.connection import Client

app = make_group("audit", "The audit: who did what, to what, from where, and with what result.")

User = Annotated[str | None, typer.Option(help="Only what this user did.")]
Action = Annotated[str | None, typer.Option(help="Only this operation of the API, as cancel_run.")]
Kind = Annotated[str | None, typer.Option(help="Only what was done to this kind of thing, as run or model.")]
Name = Annotated[str | None, typer.Option(help="Only what was done to the thing of this name.")]
Since = Annotated[str | None, typer.Option(help="From this date or time on, as 2026-01-31.")]
Until = Annotated[str | None, typer.Option(help="Up to this date or time, without it.")]
Failed = Annotated[bool | None, typer.Option("--failed/--done", help="Only what was refused, or only what was not.")]

_COLUMNS = {
    "at": "AT",
    "user": "USER",
    "action": "ACTION",
    "kind": "KIND",
    "name": "NAME",
    "project": "PROJECT",
    "address": "FROM",
    "status": "STATUS",
}


@app.command("list")
def list_audit(
    *,
    user: User = None,
    action: Action = None,
    kind: Kind = None,
    name: Name = None,
    project: Project = None,
    since: Since = None,
    until: Until = None,
    failed: Failed = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all of it as comma-separated values.")] = False,
    json: Json = False,
) -> None:
    """List what was done, newest first."""
    if as_csv and json:
        raise BadValue("--csv", "one form of output", "--json as well")
    from dix.client.wire import join

    wanted: dict[str, Any] = {"user": user, "action": action, "kind": kind, "name": name, "project": project}
    wanted |= {"since": since, "until": until, "failed": failed}
    with open_client() as client:
        if as_csv:
            _copy(client, wanted)
            return
        page = client.wire.get(join("audit"), **wanted, limit=limit, cursor=cursor)
    show_list(page, _COLUMNS, as_json=json, empty="nothing of that kind was done")


def _copy(client: Client, wanted: dict[str, Any]) -> None:
    """Print the whole of it, page by page."""
    from dix.client.wire import join

    with client.wire.stream(join("audit", "export"), **wanted) as parts:
        for part in codecs.iterdecode(parts, "utf-8"):
            sys.stdout.write(part)
    sys.stdout.flush()
