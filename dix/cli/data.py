"""`dix data`: look into the store, bring files there and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dix.cli.later import make_group
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_list

app = make_group("data", "Data: look into the store, bring files there and back.")

Uri = Annotated[str, typer.Argument(help="A path in the store, or file:// or s3://.")]

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
        say(f"{moved.files} files, {moved.size_bytes} bytes, are at {moved.uri}")


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
        say(f"{moved.files} files, {moved.size_bytes} bytes, are at {moved.uri}")
