"""`dix sweeps`: search over the parameters of flows, and compare what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dix.cli.completing import complete_flow, complete_sweep
from dix.cli.given import Params, read_params, read_text
from dix.cli.later import make_group
from dix.cli.options import Cursor, Json, Limit, Project, open_client
from dix.cli.screen import say, show, show_list, show_object
from dix.errors import BadDocument, BadValue

app = make_group("sweeps", "Sweeps: search over the parameters of flows, and compare what came of it.")

Name = Annotated[str, typer.Argument(help="The sweep's name.", autocompletion=complete_sweep)]
Number = Annotated[int, typer.Argument(help="The trial's number, as `dix sweeps trials` shows it.")]

_SWEEPS = {
    "name": "SWEEP",
    "flow": "FLOW",
    "method": "METHOD",
    "state": "STATE",
    "trials": "TRIALS",
    "created": "CREATED",
    "reason": "WHY",
}
_TRIALS = {
    "number": "TRIAL",
    "state": "STATE",
    "values": "VALUES",
    "params": "PARAMETERS",
    "run": "RUN",
    "reason": "WHY",
}
_INSTANCES = 20


@app.command("create")
def create(
    source: Annotated[str, typer.Argument(help="A document, YAML or JSON (- is standard input), or a name.")],
    *,
    flow: Annotated[str | None, typer.Option(help="The flow.", autocompletion=complete_flow)] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", metavar="K=SPACE", help="As 'lr=[0.1, 0.01]' or 'epochs=1..9 step 2'; may be repeated."),
    ] = None,
    csv: Annotated[str | None, typer.Option(help="A file: names, then a parameter set in each line.")] = None,
    param: Params = None,
    method: Annotated[str | None, typer.Option(help="grid, list, random, tpe, asha, hyperband or pbt.")] = None,
    objective: Annotated[list[str] | None, typer.Option(help="As cnn.valid_loss:min; one or two.")] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="How many there shall be.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="How many runs go at once.")] = None,
    project: Project = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be made, and make nothing.")] = False,
    json: Json = False,
) -> None:
    """Make a sweep: all instances that are known beforehand are there then."""
    from dix.client.sweep_body import make_body
    from dix.client.sweeps import MAKE_TIMEOUT_S
    from dix.client.wire import join

    given = {
        "flow": flow,
        "csv": None if csv is None else read_text(csv),
        "method": "list" if csv is not None and method is None else method,
        "objective": objective or None,
        "concurrency": concurrency,
        "project": project,
    }
    document = _read_source(source) | {name: value for name, value in given.items() if value is not None}
    _add(document, "space", _read_spaces(vary or []))
    _add(document, "params", read_params(param or []))
    _add(document, "budget", {} if trials is None else {"trials": trials})
    path = join("sweeps", "preview") if preview else join("sweeps")
    with open_client() as client:
        answer = client.wire.post(path, make_body(document), MAKE_TIMEOUT_S)
    if json:
        show(answer)
    elif preview:
        _show_preview(answer)
    else:
        say(f"sweep {answer['name']} goes on: {_count(answer['trials'])}; `dix sweeps show {answer['name']}`")


@app.command("list")
def list_sweeps(
    *,
    flow: Annotated[str | None, typer.Option(help="Only of this flow.", autocompletion=complete_flow)] = None,
    state: Annotated[str | None, typer.Option(help="running, paused, stopped or finished.")] = None,
    project: Project = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    json: Json = False,
) -> None:
    """List sweeps, newest first."""
    from dix.client.wire import join

    query = {"flow": flow, "state": state, "project": project, "limit": limit, "cursor": cursor}
    with open_client() as client:
        page = client.wire.get(join("sweeps"), **query)
    show_list(page, _SWEEPS, as_json=json, empty="no sweeps: `dix sweeps create FILE` makes one")


@app.command("show")
def show_sweep(name: Name, json: Json = False) -> None:
    """Show what a sweep was asked for, how it stands, and its best trial."""
    from dix.client.wire import join

    with open_client() as client:
        show_object(client.wire.get(join("sweeps", name)), as_json=json)


@app.command("trials")
def list_trials(
    name: Name,
    *,
    state: Annotated[str | None, typer.Option(help="As held, running, succeeded, stopped or failed.")] = None,
    sort: Annotated[str | None, typer.Option(help="As -value; by number by default.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    json: Json = False,
) -> None:
    """List the trials of a sweep."""
    from dix.client.wire import join

    query = {"state": state, "sort": sort, "limit": limit, "cursor": cursor}
    with open_client() as client:
        page = client.wire.get(join("sweeps", name, "trials"), **query)
    if not json:
        for trial in page["items"]:
            trial["run"] = " ".join(run["run"] for run in trial["runs"][-3:])
    show_list(page, _TRIALS, as_json=json, empty="no trials")


@app.command("add")
def add(
    name: Name,
    param: Params = None,
    csv: Annotated[str | None, typer.Option(help="A JSON file with a list of parameter sets instead.")] = None,
    json: Json = False,
) -> None:
    """Add a trial with these parameters, also to a sweep that is over."""
    import json as reader

    from dix.client.sweeps import MAKE_TIMEOUT_S
    from dix.client.wire import join

    params = [read_params(param or [])]
    if csv is not None:
        try:
            params = reader.loads(read_text(csv))
        except ValueError as error:
            raise BadValue("file", "a JSON list of parameter sets", csv, str(error)) from None
    with open_client() as client:
        page = client.wire.post(join("sweeps", name, "trials"), {"params": params}, MAKE_TIMEOUT_S)
    show_list(page, _TRIALS, as_json=json, empty="nothing was added")


@app.command("edit")
def edit(
    name: Name,
    number: Number,
    param: Params = None,
    place: Annotated[int | None, typer.Option(help="Those that are held run in the order of their places.")] = None,
    json: Json = False,
) -> None:
    """Change the parameters or the turn of a trial that waits."""
    from dix.client.wire import join

    body: dict[str, Any] = {} if place is None else {"place": place}
    if param:
        body["params"] = read_params(param)
    with open_client() as client:
        show_object(client.wire.patch(join("sweeps", name, "trials", number), body), as_json=json)


@app.command("skip")
def skip(name: Name, number: Number, json: Json = False) -> None:
    """Leave out a trial that waits."""
    _ask_trial(name, number, "skip", as_json=json)


@app.command("retry")
def retry(name: Name, number: Number, json: Json = False) -> None:
    """Do a trial again that has come to nothing."""
    _ask_trial(name, number, "retry", as_json=json)


@app.command("change")
def change(
    name: Name,
    *,
    concurrency: Annotated[int | None, typer.Option(min=1, help="How many runs go at once.")] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="How many trials there shall be.")] = None,
    time: Annotated[str | None, typer.Option(help="How long it may take since it was made, as 2h.")] = None,
    patience: Annotated[int | None, typer.Option(min=0, help="It ends after so many no better ones; 0: never.")] = None,
    json: Json = False,
) -> None:
    """Change how a sweep goes on; it holds at once."""
    from dix.client.wire import join

    budget = {field: value for field, value in {"trials": trials, "time": time}.items() if value is not None}
    given = {"concurrency": concurrency, "patience": patience, "budget": budget or None}
    body = {field: value for field, value in given.items() if value is not None}
    if not body:
        raise BadValue("change", "at least one of --concurrency, --trials, --time, --patience", "none")
    with open_client() as client:
        show_object(client.wire.patch(join("sweeps", name), body), as_json=json)


@app.command("pause")
def pause(name: Name, json: Json = False) -> None:
    """Begin no further trial; what runs goes on."""
    _ask(name, "pause", as_json=json)


@app.command("resume")
def resume(name: Name, json: Json = False) -> None:
    """Go on with a sweep that is paused, stopped or over."""
    _ask(name, "resume", as_json=json)


@app.command("stop")
def stop(name: Name, json: Json = False) -> None:
    """Cancel all trials of a sweep that are not over."""
    _ask(name, "stop", as_json=json)


@app.command("delete")
def delete(name: Name, json: Json = False) -> None:
    """Forget a sweep that is over; its runs stay."""
    from dix.client.wire import join

    with open_client() as client:
        client.wire.delete(join("sweeps", name))
    if json:
        show({"name": name, "deleted": True})
    else:
        say(f"sweep {name} is forgotten; its runs are still there")


def _ask(name: str, what: str, *, as_json: bool) -> None:
    from dix.client.wire import join

    with open_client() as client:
        sweep = client.wire.post(join("sweeps", name, what))
    if as_json:
        show(sweep)
    else:
        say(f"sweep {name} is {sweep['state']}: {_count(sweep['trials'])}")


def _ask_trial(name: str, number: int, what: str, *, as_json: bool) -> None:
    from dix.client.wire import join

    with open_client() as client:
        trial = client.wire.post(join("sweeps", name, "trials", number, what))
    if as_json:
        show(trial)
    else:
        say(f"trial {number} of sweep {name} is {trial['state']}")


def _read_source(source: str) -> dict[str, Any]:
    """A document; anything that is no file is the name of a sweep that options describe."""
    from dix.names import is_name

    if source != "-" and is_name(source) and not Path(source).is_file():
        return {"name": source}
    document = _read_yaml("sweep", read_text(source))
    if not isinstance(document, dict):
        raise BadValue("sweep", "a mapping with name, flow and space", type(document).__name__)
    return document


def _read_spaces(pairs: list[str]) -> dict[str, Any]:
    spaces = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadValue("--vary", "name=space", pair)
        spaces[name] = _read_yaml(f"--vary {name}", value)
    return spaces


def _read_yaml(field: str, text: str) -> Any:
    from dix.flow.yaml_reader import read_yaml

    try:
        tree = read_yaml(text)
    except BadDocument as error:
        raise BadValue(field, "YAML", text[:60], error.problems[0].message) from None
    if tree.problems:
        raise BadValue(field, "YAML", text[:60], tree.problems[0].message)
    return tree.value


def _add(document: dict[str, Any], field: str, more: dict[str, Any]) -> None:
    """What options say is beside what the document says."""
    if more:
        document[field] = {**(document.get(field) or {}), **more}


def _count(trials: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in trials.items()) or "no trials yet"


def _show_preview(preview: dict[str, Any]) -> None:
    count, instances = preview["count"], preview["instances"]
    many = "trials are found on the way" if count is None else f"{count} trials"
    runs = f", each of {preview['replicates']} runs" if preview["replicates"] > 1 else ""
    say(f"{many}{runs}, {preview['concurrency']} at once; one takes about {preview['estimate']['seconds']:g} s")
    for number, params in enumerate(instances[:_INSTANCES], start=1):
        print(f"{number}  " + "  ".join(f"{name}={value}" for name, value in params.items()))
    if len(instances) > _INSTANCES:
        say(f"and {(count or len(instances)) - _INSTANCES} more; --json has them")
