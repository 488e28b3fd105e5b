"""`dix models`: trained models and their versions."""

from __future__ import annotations

from typing import Annotated

import typer

from dix.cli.completing import complete_model
from dix.cli.given import find_version, read_model
from dix.cli.later import make_group
from dix.cli.options import Cursor, Json, Limit, Project, open_client
from dix.cli.screen import say, show, show_list, show_object
from dix.errors import BadValue

app = make_group("models", "Trained models and their versions.")

Name = Annotated[str, typer.Argument(help="The model's name.", autocompletion=complete_model)]

ModelName = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="NAME/VERSION, NAME@ALIAS, or NAME for its latest.", autocompletion=complete_model
    ),
]

_NONE_YET = "no models yet: a run of a flow with a flask makes one"
_COLUMNS = {
    "name": "MODEL",
    "version": "VERSION",
    "reference": "REFERENCE",
    "aliases": "ALIASES",
    "run": "RUN",
    "created": "CREATED",
}


@app.command("list")
def list_models(
    json: Json = False,
    project: Project = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    *,
    mine: Annotated[bool, typer.Option("--mine", help="Only those you have collected or made a version of.")] = False,
    shared: Annotated[bool, typer.Option("--shared", help="Only those of others that are shared with you.")] = False,
) -> None:
    """List the latest version of every model."""
    from dix.client.wire import join

    asked = {"project": project, "mine": mine or None, "shared": shared or None}
    with open_client() as client:
        page = client.wire.get(join("models"), limit=limit, cursor=cursor, **asked)
    empty = "none; `dix models favorite` and `dix models share` collect and share" if mine or shared else _NONE_YET
    show_list(page, _COLUMNS, as_json=json, empty=empty)


@app.command("show")
def show_model(
    model: ModelName,
    version: Annotated[int | None, typer.Option(help="The version, where MODEL names none.")] = None,
    json: Json = False,
) -> None:
    """Show one version of a model: where it lies, where it comes from, what it takes and answers."""
    from dix.client.wire import join

    with open_client() as client:
        name, number = find_version(client, model) if version is None else (model, version)
        show_object(client.wire.get(join("models", name, "versions", number)), as_json=json)


@app.command("versions")
def list_versions(name: Name, json: Json = False) -> None:
    """List all versions of a model, newest first."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("models", name, "versions"))
    show_list(page, _COLUMNS, as_json=json, empty="no versions")


@app.command("allow")
def allow_model(
    name: Name,
    version: Annotated[int, typer.Argument(help="The version.")],
    *,
    take_back: Annotated[bool, typer.Option("--take-back", help="Allow it no more.")] = False,
    json: Json = False,
) -> None:
    """Let loading a version run the code that its script has left in it; its owner, or an administrator."""
    from dix.client.wire import join

    with open_client() as client:
        kept = client.wire.patch(join("models", name, "versions", version), {"trusted": not take_back})
    if json:
        show(kept)
    else:
        say(f"{kept['reference']} {'may not' if take_back else 'may'} run its code when it is loaded")


@app.command("delete")
def delete_model(
    model: ModelName,
    *,
    all_versions: Annotated[bool, typer.Option("--all", help="Delete every version of the model.")] = False,
    json: Json = False,
) -> None:
    """Delete a version of a model and its files, unless an alias, an endpoint or a run needs it."""
    from dix.client.wire import join

    wanted = read_model(model)
    if wanted.alias is not None or (wanted.version is None) is not all_versions:
        raise BadValue("model", "NAME/VERSION, or NAME with --all for all of its versions", model)
    path = join("models", wanted.model, *(() if all_versions else ("versions", str(wanted.version))))
    with open_client() as client:
        client.wire.delete(path)
    if json:
        show({"model": wanted.model, "version": wanted.version, "deleted": True})
    else:
        say(f"{wanted} is gone" if wanted.version else f"all versions of {wanted.model} are gone")


@app.command("lineage")
def show_lineage(model: ModelName, json: Json = False) -> None:
    """Show what a version of a model was made of, and what was made of it, as far as you may see it."""
    from dix.client.wire import join

    with open_client() as client:
        name, version = find_version(client, model)
        show_object(client.wire.get(join("models", name, "versions", version, "lineage")), as_json=json)


@app.command("favorite")
def favorite(
    name: Name,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Collect it no more.")] = False,
    json: Json = False,
) -> None:
    """Collect a model into your own, which `dix models list --mine` lists."""
    with open_client() as client:
        (client.models.unfavorite if remove else client.models.favorite)(name)
    if json:
        show({"name": name, "favorite": not remove})
    else:
        say(f"{name} is {'no longer ' if remove else ''}among your models")
