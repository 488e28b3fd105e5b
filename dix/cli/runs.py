"""`dix runs`: what ran, what runs, and what it said."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from dix.cli.completing import complete_flow, complete_run
from dix.cli.given import Params, read_params, read_text
from dix.cli.later import make_group
from dix.cli.options import Cursor, Json, Limit, Project, open_client
from dix.cli.screen import print_text, say, show, show_list, show_object, show_table
from dix.cli.scripts import settle_text
from dix.client.cells import write_cell
from dix.errors import BadValue

app = make_group("runs", "Runs: what ran, what runs, and what it said.")

Id = Annotated[str, typer.Argument(help="The run's id, as `dix runs list` shows it.", autocompletion=complete_run)]
NodeOption = Annotated[str | None, typer.Option(help="Only this node.")]

_RUNS = {
    "id": "RUN",
    "flow": "FLOW",
    "flow_version": "VERSION",
    "state": "STATE",
    "driver": "DRIVER",
    "importance": "PRIORITY",
    "created": "CREATED",
    "took": "TOOK",
    "why": "WHY",
}
_STEPS = {
    "node": "NODE",
    "state": "STATE",
    "attempt": "ATTEMPT",
    "took": "TOOK",
    "metrics": "METRICS",
    "why": "WHY",
}
_METRICS = {"node": "NODE", "attempt": "ATTEMPT", "name": "NAME", "position": "POSITION", "value": "VALUE"}


@app.command("list")
def list_runs(
    *,
    flow: Annotated[str | None, typer.Option(help="Only runs of this flow.", autocompletion=complete_flow)] = None,
    state: Annotated[str | None, typer.Option(help="queued, running, succeeded, failed or cancelled.")] = None,
    driver: Annotated[str | None, typer.Option(help="manual, timed, backfill or parameter.")] = None,
    origin: Annotated[
        str | None, typer.Option(help="Only what schedules/NAME, backfills/ID or sweeps/NAME has made.")
    ] = None,
    held: Annotated[bool, typer.Option("--held", help="Only those that wait for their driver.")] = False,
    project: Project = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    json: Json = False,
) -> None:
    """List runs, newest first."""
    from dix.client.wire import join

    query = {"flow": flow, "state": state, "driver": driver, "project": project, "limit": limit, "cursor": cursor}
    query |= {"origin": origin, "held": held or None}
    with open_client() as client:
        page = client.wire.get(join("runs"), steps=json, **query)
    show_list(page if json else _sum_up(page), _RUNS, as_json=json, empty="no runs: `dix run FILE` starts one")


@app.command("show")
def show_run(id: Id, json: Json = False) -> None:
    """Show one run and its steps."""
    from dix.client.wire import join

    with open_client() as client:
        print_run(client.wire.get(join("runs", id)), as_json=json)


@app.command("steps")
def list_steps(id: Id, json: Json = False) -> None:
    """List the steps of a run."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("runs", id, "steps"))
    show_list(page if json else _sum_up(page), _STEPS, as_json=json, empty="this run has no steps")


@app.command("metrics")
def list_metrics(
    id: Id,
    node: NodeOption = None,
    name: Annotated[str | None, typer.Option(help="Only numbers of this name.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is over.")] = False,
    json: Json = False,
) -> None:
    """List the numbers that the steps of a run reported, epoch by epoch; following, as they come."""
    if not follow:
        _list(id, "metrics", _METRICS, as_json=json, empty="no numbers were reported", node=node, name=name)
        return
    with open_client() as client:
        for point in client.runs.follow_metrics(id, node, name):
            if not json:
                print_text(f"{point.node}#{point.attempt} {point.position} {point.name}={write_cell(point.value)}\n")
    if json:
        _list(id, "metrics", _METRICS, as_json=True, empty="", node=node, name=name)


@app.command("logs")
def read_logs(
    id: Id,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is over.")] = False,
    node: NodeOption = None,
    attempt: Annotated[int | None, typer.Option(min=1, help="Only this attempt.")] = None,
    search: Annotated[str | None, typer.Option(help="Only lines that contain this text, in any case.")] = None,
    json: Json = False,
) -> None:
    """Print what the steps of a run printed; a line that was searched for comes with its attempt and its number."""
    from dix.records.moments import to_text

    items = []
    with open_client() as client:
        for line in client.runs.logs(id, node, attempt, search=search, follow=follow):
            if json:
                moment = to_text(line.at)
                items.append({**asdict(line), "at": moment})
            else:
                where = line.node if search is None else f"{line.node}#{line.attempt}:{line.line}"
                print_text(f"{where} | {line.text}\n")
    if json:
        show({"items": items, "next_cursor": None})


@app.command("edit")
def edit(
    id: Id,
    params: Params = None,
    place: Annotated[int | None, typer.Option(help="Its turn among those of the same origin.")] = None,
    json: Json = False,
) -> None:
    """Change a run that still waits for its driver: its parameters, its turn."""
    from dix.client.wire import join

    if not params and place is None:
        raise BadValue("edit", "-p name=value or --place", "neither")
    body = {"params": read_params(params) if params else None, "place": place}
    with open_client() as client:
        print_run(client.wire.patch(join("runs", id), body), as_json=json)


@app.command("cancel")
def cancel_run(id: Id, json: Json = False) -> None:
    """End a run."""
    _ask(id, "cancel", f"run {id} is cancelled", as_json=json)


@app.command("priority", context_settings={"ignore_unknown_options": True})  # a number may be below 0
def set_priority(
    id: Id,
    priority: Annotated[int, typer.Argument(min=-1000, max=1000, help="The new one; 0 is usual.")],
    json: Json = False,
) -> None:
    """Let a run that waits go sooner or later."""
    from dix.client.wire import join

    with open_client() as client:
        run = client.wire.patch(join("runs", id), {"priority": priority})
    if json:
        show(run)
    else:
        say(f"run {id} has priority {priority} now")


@app.command("retry")
def retry_run(
    id: Id,
    *,
    flow: Annotated[
        str | None, typer.Option(metavar="FILE", help="The flow after an edit; it is kept as its next version.")
    ] = None,
    flow_version: Annotated[
        str | None, typer.Option(metavar="N|latest", help="Another version of the flow that is kept.")
    ] = None,
    param: Params = None,
    json: Json = False,
) -> None:
    """Start a run again, as it was or after an edit; what had succeeded and is unchanged is not done again."""
    from dix.client.wire import join

    body: dict[str, Any] = {"params": read_params(param or ()), "flow_version": _read_version(flow_version)}
    with open_client() as client:
        body["text"] = None if flow is None else settle_text(client, read_text(flow), flow)
        run = client.wire.post(join("runs", id, "retry"), body)
    print_accepted(run, as_json=json)


@app.command("rerun")
def rerun_run(
    id: Id,
    as_now: Annotated[
        bool, typer.Option("--as-now", help="With flow, code and models as they are now, not as they were then.")
    ] = False,
    json: Json = False,
) -> None:
    """Do all of a run again, for the same date and with what it was given."""
    from dix.client.wire import join

    with open_client() as client:
        run = client.wire.post(join("runs", id, "rerun"), {"as": "now" if as_now else "then"})
    print_accepted(run, as_json=json)


def print_run(run: dict[str, Any], *, as_json: bool) -> None:
    """One run: as it came, or its facts and a table of its steps."""
    if as_json:
        show(run)
        return
    show_object({name: value for name, value in run.items() if name != "steps"}, as_json=False)
    print()
    show_list(_sum_up({"items": run["steps"]}), _STEPS, as_json=False, empty="this run has no steps")
    outputs = [[f"{step['node']}.{port}", uri] for step in run["steps"] for port, uri in step["outputs"].items()]
    if outputs:
        print()
        show_table(("OUTPUT", "WHERE IT LIES"), outputs)
    for step in run["steps"]:
        if step["trace"]:
            print_text(f"\n{step['node']}:\n{step['trace']}\n")


def print_accepted(run: dict[str, Any], *, as_json: bool) -> None:
    """A run that was accepted: the run itself, or its id and how to see what becomes of it."""
    if as_json:
        show(run)
        return
    print(run["id"])
    say(
        f"accepted; `dix runs show {run['id']}` says how it stands, `dix runs logs --follow {run['id']}` what it prints"
    )


def _sum_up(page: dict[str, Any]) -> dict[str, Any]:
    """The page with what people ask first: how long it took, and why it stands as it does."""
    items = [
        {**item, "took": find_duration(item), "why": item["error"] or item["reason"] or item.get("why_run")}
        for item in page["items"]
    ]
    for item in items:
        item["importance"] = item.get("priority") or None  # the usual one is not worth a column
    return {**page, "items": items}


def find_duration(item: dict[str, Any]) -> str | None:
    """How long it took, or has taken until now; None before it began."""
    from dix.records.moments import from_text, now

    started = from_text(item["started"])
    if started is None:
        return None
    seconds = ((from_text(item["ended"]) or now()) - started).total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))


def _read_version(text: str | None) -> int | str | None:
    if text is None or text == "latest":
        return text
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise BadValue("--flow-version", "a number from 1, or latest", text)
    return int(text)


def _list(id: str, what: str, columns: dict[str, str], *, as_json: bool, empty: str, **query: Any) -> None:
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("runs", id, what), **query)
    show_list(page, columns, as_json=as_json, empty=empty)


def _ask(id: str, what: str, sentence: str, *, as_json: bool) -> None:
    from dix.client.wire import join

    with open_client() as client:
        run = client.wire.post(join("runs", id, what))
    if as_json:
        show(run)
    else:
        say(sentence)
