"""`dix backfills`: runs of a flow for dates in the past."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dix.cli.completing import complete_flow
from dix.cli.given import Params, read_params
from dix.cli.later import make_group
from dix.cli.options import Json, Project, open_client
from dix.cli.screen import say, show, show_list, show_object

app = make_group("backfills", "Backfills: runs of a flow for dates in the past.")

Id = Annotated[str, typer.Argument(help="The backfill's id.")]
Flow = Annotated[str, typer.Argument(help="The flow that shall run.", autocompletion=complete_flow)]
First = Annotated[str | None, typer.Option(help="The first logical date, as 2026-01-31 or 2026-01-31T06:00:00Z.")]
Last = Annotated[str | None, typer.Option(help="The last one.")]
Dates = Annotated[list[str] | None, typer.Option("--date", help="A logical date, and no range; may be repeated.")]
Step = Annotated[
    str | None, typer.Option(help="From one date to the next: a time as 1d, or a cron line; the flow's schedule, else.")
]
Zone = Annotated[str | None, typer.Option(help="The time zone of a cron line, as Europe/Vienna; UTC by default.")]
FromNode = Annotated[
    str | None,
    typer.Option("--from", metavar="NODE", help="Do this node and what follows it again, for dates that have runs."),
]
OrderOption = Annotated[str, typer.Option(help="forwards or backwards.")]
WhichOption = Annotated[
    str | None,
    typer.Option(help="missing: dates without a run; failed: without one that succeeded; all."),
]
Version = Annotated[int | None, typer.Option(min=1, help="A version of the flow; its latest by default.")]
AtOnce = Annotated[int, typer.Option(min=1, help="How many of its runs may go at once.")]
Priority = Annotated[int, typer.Option(min=-1000, max=1000, help="Its runs go before those of lower ones.")]

_COLUMNS = {
    "id": "BACKFILL",
    "flow": "FLOW",
    "state": "STATE",
    "first": "FIRST",
    "last": "LAST",
    "concurrency": "AT ONCE",
    "runs": "RUNS",
    "is_over": "OVER",
    "project": "PROJECT",
}
_INSTANCES = {
    "place": "TURN",
    "logical_date": "DATE",
    "data_interval_start": "DATA FROM",
    "data_interval_end": "DATA UNTIL",
    "flow_version": "VERSION",
    "params": "PARAMS",
}


@app.command("create")
def create(
    flow: Flow,
    *,
    first: First = None,
    last: Last = None,
    date: Dates = None,
    step: Step = None,
    zone: Zone = None,
    from_: FromNode = None,
    order: OrderOption = "forwards",
    which: WhichOption = None,
    param: Params = None,
    version: Version = None,
    concurrency: AtOnce = 1,
    priority: Priority = 0,
    project: Project = None,
    json: Json = False,
) -> None:
    """Make runs for dates in the past; they go as there is room."""
    from dix.client.backfills import CREATE_TIMEOUT_S
    from dix.client.wire import join

    body = _make_body(flow, first=first, last=last, dates=date, step=step, zone=zone, from_node=from_, which=which)
    body |= _drop_none({"version": version, "project": project})
    body |= {"order": order, "params": read_params(param or ()), "concurrency": concurrency, "priority": priority}
    with open_client() as client:
        made = client.wire.post(join("backfills"), body, CREATE_TIMEOUT_S)
    if json:
        show(made)
    else:
        count = sum(made["runs"].values())
        say(f"backfill {made['id']} has {count} run{'' if count == 1 else 's'}; `dix backfills show {made['id']}`")


@app.command("preview")
def preview(
    flow: Flow,
    *,
    first: First = None,
    last: Last = None,
    date: Dates = None,
    step: Step = None,
    zone: Zone = None,
    from_: FromNode = None,
    order: OrderOption = "forwards",
    which: WhichOption = None,
    param: Params = None,
    version: Version = None,
    project: Project = None,
    json: Json = False,
) -> None:
    """Show the runs that `create` would make, exactly, and the dates that it would leave out."""
    from dix.client.backfills import CREATE_TIMEOUT_S
    from dix.client.wire import join

    body = _make_body(flow, first=first, last=last, dates=date, step=step, zone=zone, from_node=from_, which=which)
    body |= _drop_none({"version": version, "project": project})
    body |= {"order": order, "params": read_params(param or ())}
    with open_client() as client:
        answer = client.wire.post(join("backfills", "preview"), body, CREATE_TIMEOUT_S)
    show_list(answer, _INSTANCES, as_json=json, empty="no run would be made")
    if not json:
        for one in answer["left_out"]:
            say(f"left out {one['logical_date']}: {one['reason']}")


@app.command("list")
def list_backfills(
    flow: Annotated[str | None, typer.Option(help="Only those of this flow.", autocompletion=complete_flow)] = None,
    project: Project = None,
    json: Json = False,
) -> None:
    """List every backfill, newest first."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("backfills"), flow=flow, project=project)
    show_list(page, _COLUMNS, as_json=json, empty="no backfills: `dix backfills create FLOW` makes one")


@app.command("show")
def show_backfill(id: Id, json: Json = False) -> None:
    """Show a backfill, and how many of its runs stand where."""
    from dix.client.wire import join

    with open_client() as client:
        show_object(client.wire.get(join("backfills", id)), as_json=json)


@app.command("instances")
def list_instances(id: Id, json: Json = False) -> None:
    """List the runs that it has made, as its preview showed them."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("backfills", id, "instances"))
    show_list(page, _INSTANCES, as_json=json, empty="it has made no run")


@app.command("concurrency")
def change_concurrency(
    id: Id, most: Annotated[int, typer.Argument(min=1, help="How many of its runs may go at once.")], json: Json = False
) -> None:
    """Let more or fewer of its runs go at once; what runs already goes on."""
    from dix.client.wire import join

    with open_client() as client:
        changed = client.wire.patch(join("backfills", id), {"concurrency": most})
    _tell(changed, f"lets {most} run{'' if most == 1 else 's'} go at once", as_json=json)


@app.command("pause")
def pause(id: Id, json: Json = False) -> None:
    """Let none of its runs begin; what runs already goes on."""
    _tell(_post(id, "pause"), "begins no run until `dix backfills resume`", as_json=json)


@app.command("resume")
def resume(id: Id, json: Json = False) -> None:
    """Let its runs go on."""
    _tell(_post(id, "resume"), "goes on", as_json=json)


@app.command("cancel")
def cancel(id: Id, json: Json = False) -> None:
    """Cancel all its runs that are not over, running ones too."""
    _tell(_post(id, "cancel"), "is cancelled", as_json=json)


def _make_body(flow: str, **given: Any) -> dict[str, Any]:
    return {"flow": flow} | _drop_none(given)


def _drop_none(given: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in given.items() if value is not None}


def _post(id: str, word: str) -> dict[str, Any]:
    from dix.client.backfills import CREATE_TIMEOUT_S
    from dix.client.wire import join

    with open_client() as client:
        changed: dict[str, Any] = client.wire.post(join("backfills", id, word), {}, CREATE_TIMEOUT_S)
    return changed


def _tell(backfill: dict[str, Any], told: str, *, as_json: bool) -> None:
    if as_json:
        show(backfill)
    else:
        say(f"backfill {backfill['id']} {told}")
