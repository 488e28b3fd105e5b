"""`dix models share`: whose eyes a model is for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from dix.cli.models import Name
from dix.cli.options import Json, open_client
from dix.cli.screen import show_object
from dix.errors import BadValue

WHOM = "user:NAME, project:NAME or everyone"


def add_to(app: typer.Typer) -> None:
    """Give the command to a group."""
    app.command("share")(share)


def share(
    name: Name,
    *,
    with_whom: Annotated[
        list[str] | None, typer.Option("--with", metavar="WHOM", help=f"Share it with {WHOM}; may be repeated.")
    ] = None,
    unshare: Annotated[
        list[str] | None, typer.Option("--unshare", metavar="WHOM", help=f"No longer with {WHOM}; may be repeated.")
    ] = None,
    private: Annotated[
        bool | None, typer.Option("--private/--no-private", help="Hide it from its project, or show it there again.")
    ] = None,
    json: Json = False,
) -> None:
    """Show or change whose eyes a model is for: they see it and use it, and change nothing."""
    from dix.client.wire import join

    more, fewer = read_whom(with_whom or ()), read_whom(unshare or ())
    with open_client() as client:
        if private is False or unshare:
            client.models.unshare(name, **fewer, private=private is False)
        if private or with_whom:
            client.models.share(name, **more, private=bool(private))
        show_object(client.wire.get(join("models", name, "shares")), as_json=json)


def read_whom(texts: Iterable[str]) -> dict[str, Any]:
    """`user:ana`, `project:vision` and `everyone` as the client wants them; raises BadValue for anything else."""
    users, projects, everyone = [], [], False
    for text in texts:
        kind, _, name = text.partition(":")
        if kind == "user" and name:
            users.append(name)
        elif kind == "project" and name:
            projects.append(name)
        elif text == "everyone":
            everyone = True
        else:
            raise BadValue("whom", WHOM, text)
    return {"users": users, "projects": projects, "everyone": everyone}
