"""`dix scripts`: what a script of one's own takes; and sending the code that a flow names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dix.cli.later import make_group
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_list, tell_files

if TYPE_CHECKING:
    from dix.client.connection import Client
    from dix.client.local_code import LocalCode
    from dix.client.scripts import SentCode

app = make_group("scripts", "Scripts: see what arguments one takes, send code to the store.")

_COLUMNS = {"name": "PARAMETER", "kind": "KIND", "default": "DEFAULT", "required": "REQUIRED", "help": "HELP"}


@app.command("inspect")
def inspect(
    file: Annotated[Path, typer.Argument(help="A Python script that uses argparse; it is read, and not run.")],
    json: Json = False,
) -> None:
    """List the parameters that a script takes."""
    with open_client() as client:
        schema = client.scripts.inspect(file)
    if json:
        show(schema)
        return
    items = [_describe(name, one, schema) for name, one in schema["properties"].items()]
    show_list({"items": items}, _COLUMNS, as_json=False, empty=f"{file} declares no arguments with argparse")
    if schema["additionalProperties"]:
        say("it may take more than could be read")


@app.command("send")
def send(
    path: Annotated[Path, typer.Argument(help="A file, or a folder with everything in it.")], json: Json = False
) -> None:
    """Send code to the store, to be named in flows that others write."""
    from dataclasses import asdict

    with open_client() as client:
        sent = client.scripts.send(path)
    if json:
        show(asdict(sent))
    else:
        say(f"{tell_files(sent.files, sent.size_bytes)} kept; a flow names this as code: {sent.uri}")


def settle_text(client: Client, text: str, source: str) -> str:
    """The document of a file (or of standard input, `-`) with its local code sent, and what was sent told."""
    base = Path() if source == "-" else Path(source).parent
    return client.scripts.settle(text, base, _tell)


def _tell(code: LocalCode, sent: SentCode) -> None:
    say(f"code {code.named} is sent: {tell_files(sent.files, sent.size_bytes)}, kept as {sent.uri}")


def _describe(name: str, one: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    kinds = one.get("enum") or one.get("type") or "text"
    kind = ", ".join(map(str, kinds)) if isinstance(kinds, list) else kinds
    required = "yes" if name in schema["required"] else ""
    default = one.get("default", "")
    return {
        "name": name,
        "kind": kind,
        "default": str(default),
        "required": required,
        "help": one.get("description", ""),
    }
