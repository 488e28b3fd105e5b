"""`dix models alias`: names for versions of a model, which can be moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dix.cli.models import Name
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_list, show_object
from dix.errors import BadValue

if TYPE_CHECKING:
    from dix.client.wire import Wire

_ALIASES = {"alias": "ALIAS", "version": "VERSION", "reference": "REFERENCE", "moved": "SINCE", "user": "BY"}
_MOVES = {"at": "AT", "before": "FROM", "after": "TO", "user": "BY"}


def add_to(app: typer.Typer) -> None:
    """Give the command to a group."""
    app.command("alias")(alias)


def alias(
    name: Name,
    alias: Annotated[str | None, typer.Argument(help="As champion; without it, all are listed.")] = None,
    version: Annotated[int | None, typer.Argument(help="The version that it shall name.")] = None,
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Let it name nothing; the versions stay.")] = False,
    history: Annotated[bool, typer.Option("--history", help="List where it was, newest first.")] = False,
    if_version: Annotated[
        int | None, typer.Option(min=0, help="Only if it names this version now; 0: only if there is no such alias.")
    ] = None,
    json: Json = False,
) -> None:
    """Show, move or delete an alias; documents and commands name its version as models:/NAME@ALIAS."""
    if delete + history + (version is not None) > (alias is not None):
        raise BadValue("alias", "NAME ALIAS with at most one of VERSION, --delete and --history", "something else")
    with open_client() as client:
        if alias is None:
            _list(client.wire, name, as_json=json)
        elif history:
            _list_moves(client.wire, name, alias, as_json=json)
        elif delete:
            _delete(client.wire, name, alias, if_version, as_json=json)
        elif version is not None:
            _move(client.wire, name, alias, {"version": version, "if_version": if_version}, as_json=json)
        else:
            show_object(client.wire.get(_find_path(name, alias)), as_json=json)


def _list(wire: Wire, name: str, *, as_json: bool) -> None:
    page = wire.get(_find_path(name))
    empty = f"no aliases; `dix models alias {name} champion 1` lets one name version 1"
    show_list(page, _ALIASES, as_json=as_json, empty=empty)


def _list_moves(wire: Wire, name: str, alias: str, *, as_json: bool) -> None:
    show_list(wire.get(_find_path(name, alias, "moves")), _MOVES, as_json=as_json, empty="it was never moved")


def _delete(wire: Wire, name: str, alias: str, if_version: int | None, *, as_json: bool) -> None:
    wire.delete(_find_path(name, alias), if_version=if_version)
    if as_json:
        show({"model": name, "alias": alias, "deleted": True})
    else:
        say(f"alias {name}@{alias} names nothing any more")


def _move(wire: Wire, name: str, alias: str, body: dict[str, Any], *, as_json: bool) -> None:
    moved = wire.put_json(_find_path(name, alias), body)
    if as_json:
        show(moved)
    else:
        say(f"{moved['reference']} is version {moved['version']}")


def _find_path(name: str, *more: str) -> str:
    from dix.client.wire import join

    return join("models", name, "aliases", *more)
