"""`dix schedules`: let flows run by themselves, by the clock or by events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dix.cli.completing import complete_flow
from dix.cli.given import Params, read_params
from dix.cli.later import make_group
from dix.cli.options import Json, Project, open_client
from dix.cli.screen import say, show, show_list, show_object
from dix.errors import BadValue

if TYPE_CHECKING:
    from dix.client.connection import Client

app = make_group("schedules", "Schedules: flows that run by themselves, by the clock or by events.")

Name = Annotated[str, typer.Argument(help="The schedule's name.")]
Cron = Annotated[str | None, typer.Option(help="When: five fields, as '0 6 * * MON-FRI', or @daily and its like.")]
Zone = Annotated[str | None, typer.Option(help="The time zone of the cron line, as Europe/Vienna; UTC by default.")]
OnData = Annotated[str | None, typer.Option(metavar="URI", help="Whenever data appears or changes there.")]
Every = Annotated[str | None, typer.Option(help="How often data is looked at, as 5m; 60s by default.")]
OnAlias = Annotated[
    str | None, typer.Option(metavar="MODEL@ALIAS", help="Whenever the alias is set: models:/digits@champion.")
]
OnFlow = Annotated[
    str | None,
    typer.Option(metavar="FLOW", help="Whenever a run of this flow succeeds.", autocompletion=complete_flow),
]
Start = Annotated[str | None, typer.Option(help="The first logical date, as 2026-01-31 or 2026-01-31T06:00:00Z.")]
End = Annotated[str | None, typer.Option(help="The last logical date.")]
Interval = Annotated[
    str | None, typer.Option(help="How far the data interval goes back, as 7d; to the time before by default.")
]
Jitter = Annotated[str | None, typer.Option(help="Put each off by a part of this, as 10m; always the same one.")]
_COLUMNS = {
    "name": "SCHEDULE",
    "flow": "FLOW",
    "when": "WHEN",
    "zone": "ZONE",
    "due": "NEXT",
    "is_paused": "PAUSED",
    "overlap": "OVERLAP",
    "project": "PROJECT",
}
_TIMES = {"local": "THERE", "due": "UTC", "data_interval_start": "DATA FROM", "data_interval_end": "DATA UNTIL"}
_MISSED = {"at": "DECIDED", "count": "TIMES", "first": "FIRST", "last": "LAST", "reason": "WHY"}


@app.command("create")
def create(
    name: Name,
    flow: Annotated[str, typer.Argument(help="The flow that shall run.", autocompletion=complete_flow)],
    *,
    cron: Cron = None,
    zone: Zone = None,
    on_data: OnData = None,
    every: Every = None,
    on_alias: OnAlias = None,
    on_flow: OnFlow = None,
    param: Params = None,
    version: Annotated[int | None, typer.Option(min=1, help="A version of the flow; its latest by default.")] = None,
    start: Start = None,
    end: End = None,
    interval: Interval = None,
    jitter: Jitter = None,
    catch_up: Annotated[int, typer.Option(help="Of what is late, make so many; 0: the last one alone.")] = 0,
    catch_up_order: Annotated[str, typer.Option(help="forwards or backwards.")] = "forwards",
    grace: Annotated[str | None, typer.Option(help="What is later than that is missed, as 2h.")] = None,
    overlap: Annotated[str, typer.Option(help="Beside a run that goes on: allow, queue, skip or replace.")] = "queue",
    concurrency: Annotated[int | None, typer.Option(min=1, help="How many of its runs may go at once.")] = None,
    priority: Annotated[int, typer.Option(min=-1000, max=1000, help="Its runs go before those of lower ones.")] = 0,
    paused: Annotated[bool, typer.Option("--paused", help="Make it, and do nothing yet.")] = False,
    project: Project = None,
    json: Json = False,
) -> None:
    """Let a flow run at the times of a cron line, or whenever something happens."""
    from dix.client.wire import join

    given: dict[str, Any] = {
        "zone": zone,
        "start": start,
        "end": end,
        "interval": interval,
        "jitter": jitter,
        "grace": grace,
    }
    given |= {"version": version, "concurrency": concurrency, "cron": cron, "project": project}
    body: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    body |= {"name": name, "flow": flow, "params": read_params(param or ()), "paused": paused, "priority": priority}
    body |= {"catch_up": catch_up, "catch_up_order": catch_up_order, "overlap": overlap}
    on = {"data": on_data, "every": every, "alias": on_alias, "flow": on_flow}
    if any(value is not None for value in on.values()):
        body["on"] = {field: value for field, value in on.items() if value is not None}
    with open_client() as client:
        made = client.wire.post(join("schedules"), body)
    if json:
        show(made)
    else:
        following = f"; it runs next at {made['due']}" if made["due"] else ""
        say(f"schedule {name} is there{following}")


@app.command("list")
def list_schedules(
    flow: Annotated[str | None, typer.Option(help="Only those of this flow.", autocompletion=complete_flow)] = None,
    project: Project = None,
    json: Json = False,
) -> None:
    """List every schedule, and when each is due next."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("schedules"), flow=flow, project=project)
    if not json:
        page = {**page, "items": [{**item, "when": _tell_when(item)} for item in page["items"]]}
    show_list(
        page, _COLUMNS, as_json=json, empty="no schedules: `dix schedules create NAME FLOW --cron @daily` makes one"
    )


@app.command("show")
def show_schedule(name: Name, json: Json = False) -> None:
    """Show a schedule."""
    from dix.client.wire import join

    with open_client() as client:
        show_object(client.wire.get(join("schedules", name)), as_json=json)


@app.command("preview")
def preview(
    name: Annotated[str | None, typer.Argument(help="The schedule's name; none for --cron.")] = None,
    *,
    cron: Cron = None,
    zone: Zone = None,
    start: Start = None,
    end: End = None,
    interval: Interval = None,
    jitter: Jitter = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many times.")] = 10,
    after: Annotated[str | None, typer.Option(help="The times after this date or time; after now by default.")] = None,
    json: Json = False,
) -> None:
    """Show the next times of a schedule, or of one that is not made yet, in its zone and in UTC."""
    if (name is None) == (cron is None):
        raise BadValue("preview", "either the name of a schedule or --cron", "both or none")
    times = {"cron": cron, "zone": zone, "start": start, "end": end, "interval": interval, "jitter": jitter}
    given = {field: value for field, value in times.items() if value is not None}
    with open_client() as client:
        page = _preview(client, name, given, count, after)
    show_list(page, _TIMES, as_json=json, empty="it is due at no time")


@app.command("missed")
def list_missed(name: Name, json: Json = False) -> None:
    """List the times that became no run, and why."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("schedules", name, "missed"))
    show_list(page, _MISSED, as_json=json, empty="none of its times was missed")


@app.command("pause")
def pause(name: Name, json: Json = False) -> None:
    """Let it make no runs, and let none of it begin."""
    _post(name, "pause", "makes no runs until `dix schedules resume`", as_json=json)


@app.command("resume")
def resume(name: Name, json: Json = False) -> None:
    """Let it go on; what was due meanwhile is missed, unless it catches up."""
    _post(name, "resume", "goes on", as_json=json)


@app.command("delete")
def delete(name: Name, json: Json = False) -> None:
    """Forget it; its runs that wait are cancelled, and those that go on go on."""
    with open_client() as client:
        client.schedules.delete(name)
    if json:
        show({"name": name, "deleted": True})
    else:
        say(f"schedule {name} is gone")


def _post(name: str, word: str, told: str, *, as_json: bool) -> None:
    from dix.client.wire import join

    with open_client() as client:
        schedule = client.wire.post(join("schedules", name, word), {})
    if as_json:
        show(schedule)
    else:
        say(f"schedule {name} {told}")


def _preview(client: Client, name: str | None, times: Mapping[str, str], count: int, after: str | None) -> Any:
    from dix.client.wire import join

    if name is None:
        query = f"?count={count}" + (f"&after={after}" if after else "")
        return client.wire.post(f"{join('schedules', 'preview')}{query}", dict(times))
    if times:
        raise BadValue("preview", "no options of times beside a schedule, which has its own", ", ".join(times))
    return client.wire.get(join("schedules", name, "preview"), count=count, after=after)


def _tell_when(item: Mapping[str, Any]) -> str:
    watch = item["watch"]
    return str(item["cron"]) if watch is None else f"{watch['kind']} {watch['target']}"
