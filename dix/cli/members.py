"""`dix projects members|add|remove`: who is in a project."""

from __future__ import annotations

from typing import Annotated

import typer

from dix.cli.completing import complete_project
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_list

Name = Annotated[str, typer.Argument(help="The project's name.", autocompletion=complete_project)]
UserName = Annotated[str, typer.Argument(metavar="USER", help="The user's name.")]
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="viewer sees, user runs and deploys, manager decides.")]

_COLUMNS = {"user": "USER", "role": "ROLE", "since": "SINCE"}


def add_to(app: typer.Typer) -> None:
    """Add the commands to `dix projects`."""
    app.command("members")(list_members)
    app.command("add")(add_member)
    app.command("remove")(remove_member)


def list_members(name: Name, json: Json = False) -> None:
    """List the members of a project."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("projects", name, "members"))
    show_list(page, _COLUMNS, as_json=json, empty=f"nobody is in project {name}, administrators reach it all the same")


def add_member(name: Name, user: UserName, role: RoleName = "user", json: Json = False) -> None:
    """Let a user be in a project, or have another role in it."""
    from dix.client.wire import join

    with open_client() as client:
        member = client.wire.put_json(join("projects", name, "members", user), {"role": role})
    if json:
        show(member)
    else:
        say(f"{user} is in project {name} as {role}")


def remove_member(name: Name, user: UserName, json: Json = False) -> None:
    """Let a user be in a project no more; what they made stays."""
    with open_client() as client:
        client.projects.remove_member(name, user)
    if json:
        show({"project": name, "user": user, "removed": True})
    else:
        say(f"{user} is in project {name} no more")
