"""`dix models`: trained models and their versions."""

from __future__ import annotations

from typing import Annotated

import typer

from dix.cli.later import make_group
from dix.cli.options import Cursor, Json, Limit, Project, open_client
from dix.cli.screen import show_list, show_object

app = make_group("models", "Trained models and their versions.")

Name = Annotated[str, typer.Argument(help="The model's name.")]

_COLUMNS = {
    "name": "MODEL",
    "version": "VERSION",
    "reference": "REFERENCE",
    "aliases": "ALIASES",
    "run": "RUN",
    "created": "CREATED",
}


@app.command("list")
def list_models(json: Json = False, project: Project = None, limit: Limit = 50, cursor: Cursor = None) -> None:
    """List the latest version of every model."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("models"), project=project, limit=limit, cursor=cursor)
    show_list(page, _COLUMNS, as_json=json, empty="no models yet: a run of a flow with a flask makes one")


@app.command("show")
def show_model(
    name: Name,
    version: Annotated[int | None, typer.Option(help="The version; the latest by default.")] = None,
    json: Json = False,
) -> None:
    """Show one version of a model: where it lies, where it comes from, what it takes and answers."""
    from dix.client.wire import join

    path = join("models", name) if version is None else join("models", name, "versions", version)
    with open_client() as client:
        show_object(client.wire.get(path), as_json=json)


@app.command("versions")
def list_versions(name: Name, json: Json = False) -> None:
    """List all versions of a model, newest first."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("models", name, "versions"))
    show_list(page, _COLUMNS, as_json=json, empty="no versions")
