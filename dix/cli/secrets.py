"""`dix secrets`: values that the code of steps is given by name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dix.cli.later import make_group
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_list
from dix.errors import BadValue
from dix.records.secret import LONGEST_VALUE, check_secret_name

app = make_group("secrets", "Secrets: values that the code of steps is given by name, and that nobody is shown again.")

Name = Annotated[str, typer.Argument(help="Its name, and the variable in which a step finds it.")]
Home = Annotated[str, typer.Option("--project", help="Whose it is.")]

_COLUMNS = {"name": "SECRET", "project": "PROJECT", "updated": "SET", "updated_by": "BY"}


@app.command("list")
def list_secrets(project: Home = "default", json: Json = False) -> None:
    """List the secrets of a project, without their values."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("projects", project, "secrets"))
    show_list(page, _COLUMNS, as_json=json, empty=f"no secrets in project {project}: `dix secrets set NAME` keeps one")


@app.command("set")
def put(
    name: Name,
    project: Home = "default",
    from_file: Annotated[
        Path | None, typer.Option("--from-file", help="Read the value from a file, as it is.", dir_okay=False)
    ] = None,
    json: Json = False,
) -> None:
    """Keep a value: asked for without an echo, or what comes on standard input, without its last line end."""
    from dix.client.wire import join

    check_secret_name(name)
    value = _read_value(name, from_file)
    with open_client() as client:
        secret = client.wire.put_json(join("projects", project, "secrets", name), {"value": value})
    if json:
        show(secret)
    else:
        say(f"secret {name} is kept in project {project}; a node gets it with `secrets: [{name}]`")


@app.command("delete")
def delete(name: Name, project: Home = "default", json: Json = False) -> None:
    """Forget a secret."""
    from dix.client.wire import join

    with open_client() as client:
        client.wire.delete(join("projects", project, "secrets", name))
    if json:
        show({"project": project, "name": name, "deleted": True})
    else:
        say(f"secret {name} of project {project} is gone")


def _read_value(name: str, path: Path | None) -> str:
    """The value from where it was said to be; never from the command line, which other users of a machine can read."""
    if path is None and sys.stdin.isatty():
        return str(typer.prompt(f"Value of {name}", hide_input=True))
    try:
        if path is not None:
            return path.read_text(encoding="utf-8")
        return sys.stdin.read(4 * LONGEST_VALUE).removesuffix("\n")
    except UnicodeDecodeError:
        raise BadValue("value", "text in UTF-8", "something else") from None
    except OSError as error:
        raise BadValue("--from-file", "a file that can be read", str(path), str(error.strerror)) from None
