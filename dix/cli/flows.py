"""`dix flows`: check flow documents, keep them, find them again."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from dix.cli.completing import complete_flow
from dix.cli.given import read_text
from dix.cli.later import make_group
from dix.cli.options import Cursor, Json, Limit, Project, open_client
from dix.cli.screen import print_text, say, show, show_list, show_object
from dix.cli.scripts import settle_text
from dix.errors import BadValue

app = make_group("flows", "Flows: check documents, keep them, find them again.")

File = Annotated[str, typer.Argument(help="A flow document, YAML or JSON; - is standard input.")]
Name = Annotated[str, typer.Argument(help="The flow's name.", autocompletion=complete_flow)]
Version = Annotated[int | None, typer.Option(min=1, help="The version; the latest by default.")]
IfVersion = Annotated[
    int | None, typer.Option(min=1, help="Only if this is the latest version: the one that you have edited.")
]

_SIDES = ("before", "after")
_DIFFERENCE = {"node": "NODE", "field": "FIELD", "kind": "WHAT", "before": "BEFORE", "after": "AFTER"}
_WIDEST = 60
_COLUMNS = {"name": "FLOW", "version": "VERSION", "project": "PROJECT", "created": "CREATED", "description": "ABOUT"}


@app.command("check")
def check(file: File, json: Json = False) -> None:
    """Say everything that is wrong with a flow document; exit code 2 when something is."""
    with open_client() as client:
        answer = client.flows.check(read_text(file), Path() if file == "-" else Path(file).parent)
    if json:
        show(answer)
    else:
        say(f"flow {answer['name']} can run: {len(answer['nodes'])} nodes, no problems")


@app.command("push")
def push(file: File, project: Project = None, if_version: IfVersion = None, json: Json = False) -> None:
    """Keep a flow document as the next version of its flow."""
    from dix.client.wire import join
    from dix.flow.text import read_flow

    with open_client() as client:
        text = settle_text(client, read_text(file), file)
        edited = None if if_version is None else client.flows.get(read_flow(text).name, if_version)
        kept = client.wire.post(join("flows"), {"text": text, "project": project}, if_match=edited)
    if json:
        show(kept)
    else:
        say(f"flow {kept['name']} is kept as version {kept['version']}; `dix run {kept['name']}` runs it")


@app.command("list")
def list_flows(json: Json = False, project: Project = None, limit: Limit = 50, cursor: Cursor = None) -> None:
    """List the latest version of every flow."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("flows"), project=project, limit=limit, cursor=cursor)
    show_list(page, _COLUMNS, as_json=json, empty="no flows yet: `dix flows push FILE` keeps one")


@app.command("show")
def show_flow(name: Name, version: Version = None, json: Json = False) -> None:
    """Show one version of a flow, with its document."""
    from dix.client.wire import join

    with open_client() as client:
        flow = client.wire.get(join("flows", name), version=version)
    show_object({key: value for key, value in flow.items() if json or key != "text"}, as_json=json)
    if not json:
        print_text(f"\n{flow['text']}")


@app.command("history")
def list_versions(name: Name, json: Json = False) -> None:
    """List all versions of a flow, newest first."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("flows", name, "versions"))
    show_list(page, _COLUMNS, as_json=json, empty="no versions")


@app.command("diff")
def diff(
    name: Name,
    first: Annotated[int | None, typer.Option("--from", min=1, help="The one before the other by default.")] = None,
    second: Annotated[int | None, typer.Option("--to", min=1, help="The latest by default.")] = None,
    json: Json = False,
) -> None:
    """Say what was changed from one version of a flow to another."""
    from dix.client.wire import join

    with open_client() as client:
        found = client.wire.get(join("flows", name, "diff"), **{"from": first, "to": second})
    if json:
        show(found)
        return
    items = [_tell(item) for item in found["differences"]]
    empty = f"versions {found['first']} and {found['second']} of flow {name} mean the same"
    show_list({"items": items}, _DIFFERENCE, as_json=False, empty=empty)


@app.command("export")
def export(
    name: Name,
    version: Version = None,
    format: Annotated[str, typer.Option(help="kept (as it was pushed), yaml or json.")] = "kept",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    json: Json = False,
) -> None:
    """Write a flow's document, as it was given, to standard output or to a file."""
    from dix.client.wire import join

    with open_client() as client:
        flow = client.wire.get(join("flows", name), version=version)
        query = {"version": flow["version"], "format": format}
        with client.wire.stream(join("flows", name, "export"), **query) as chunks:
            text = b"".join(chunks).decode()
    if output is not None:
        _write(output, text)
        say(f"version {flow['version']} of flow {name} is in {output}")
    if json:
        show(flow)
    elif output is None:
        print_text(text)


def _tell(item: dict[str, Any]) -> dict[str, Any]:
    """A difference as a row; long values are cut, `--json` has them whole."""
    values = {side: "" if item[side] is None else _cut(dumps(item[side], ensure_ascii=False)) for side in _SIDES}
    return {"node": item["node"] or "", "field": item["field"] or "", "kind": item["kind"], **values}


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise BadValue("--output", "a file that can be written", str(path), error.strerror or "") from None
