"""`dix data`: look into the store, bring files there and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dix.cli.later import make_group
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_list, tell_files

app = make_group("data", "Data: look into the store, bring files there and back.")

Uri = Annotated[str, typer.Argument(help="A path in the store, or file:// or s3://.")]

_PROFILE = {
    "name": "COLUMN",
    "type": "TYPE",
    "nulls": "NULLS",
    "distinct": "DISTINCT",
    "least": "LEAST",
    "most": "MOST",
    "mean": "MEAN",
    "deviation": "DEVIATION",
}
_COLUMNS = {"name": "NAME", "kind": "KIND", "size_bytes": "BYTES", "uri": "URI"}


@app.command("ls")
def list_data(uri: Uri = "", json: Json = False) -> None:
    """List one level of a folder."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("data"), uri=uri)
    show_list(page, _COLUMNS, as_json=json, empty="nothing is there")


@app.command("put")
def put(
    source: Annotated[Path, typer.Argument(help="A local file, or a folder with everything in it.")],
    uri: Uri,
    json: Json = False,
) -> None:
    """Copy a local file or folder into the store."""
    with open_client() as client:
        moved = client.data.put(source, uri)
    if json:
        show(asdict(moved))
    else:
        say(f"{tell_files(moved.files, moved.size_bytes)} at {moved.uri}")


@app.command("get")
def get(
    uri: Uri,
    target: Annotated[Path, typer.Argument(help="Where to put it; the current folder by default.")] = Path(),
    json: Json = False,
) -> None:
    """Copy a file or folder of the store to this machine."""
    with open_client() as client:
        moved = client.data.get(uri, target)
    if json:
        show(asdict(moved))
    else:
        say(f"{tell_files(moved.files, moved.size_bytes)} at {moved.uri}")


@app.command("preview")
def preview(
    uri: Uri,
    rows: Annotated[int, typer.Option("--rows", "-n", min=1, max=1000, help="How many rows, lines or files.")] = 20,
    json: Json = False,
) -> None:
    """Show the beginning of data: rows of a table, lines of a text, or what is known of the first files."""
    from dix.client.wire import join

    with open_client() as client:
        found = client.wire.get(join("data", "preview"), uri=uri, rows=rows)
    if json:
        show(found)
        return
    names = list(dict.fromkeys(name for row in found["rows"] for name in row))
    show_list({"items": found["rows"]}, {name: name for name in names}, as_json=False, empty="it is empty")
    more = "" if found["is_whole"] else "; there is more"
    say(f"{found['format']}, {tell_files(found['files'], found['size_bytes'])}{more}")


@app.command("profile")
def profile(uri: Uri, json: Json = False) -> None:
    """Say what each column of a table holds: missing and distinct values, extremes, mean."""
    from dix.client.wire import join

    with open_client() as client:
        found = client.wire.get(join("data", "profile"), uri=uri)
    if json:
        show(found)
        return
    show_list({"items": found["columns"]}, _PROFILE, as_json=False, empty="it has no columns")
    say(f"{found['rows']} rows{'' if found['is_whole'] else ', which are not all'}")
