"""`dix models export` and `dix models import`: models as files, to take elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dix.cli.given import find_version
from dix.cli.models import ModelName
from dix.cli.options import Json, Project, open_client
from dix.cli.screen import say, show


def add_to(app: typer.Typer) -> None:
    """Give the commands to a group."""
    app.command("export")(export)
    app.command("import")(import_file)


def export(
    model: ModelName,
    file: Annotated[
        Path, typer.Argument(help="Where it goes: NAME-VERSION.dixmodel in a folder that is there.")
    ] = Path(),
    json: Json = False,
) -> None:
    """Write a version of a model as one file: what it consists of, what is known of it, where it comes from."""
    with open_client() as client:
        name, version = find_version(client, model)
        path = client.models.export(name, file, version)
    if json:
        show({"model": name, "version": version, "file": str(path), "size_bytes": path.stat().st_size})
    else:
        say(f"models:/{name}/{version} is in {path}")


def import_file(
    file: Annotated[str, typer.Argument(help="What `dix models export` wrote; with --store, a path in the store.")],
    *,
    name: Annotated[
        str | None, typer.Option(help="The model that it becomes a version of; its own by default.")
    ] = None,
    project: Project = None,
    store: Annotated[bool, typer.Option("--store", help="The file lies in the store already.")] = False,
    json: Json = False,
) -> None:
    """Register an exported model as the next version, after a look whether all of it is what it says it is."""
    from dix.client.wire import join

    with open_client() as client:
        bring = client.models.import_uri if store else client.models.import_file
        version = bring(file, name, project=project)
        if json:
            show(client.wire.get(join("models", version.model, "versions", version.version)))
        else:
            say(f"{version.reference} is there, in project {version.project}")
