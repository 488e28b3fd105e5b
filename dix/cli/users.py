"""`dix users`: who may come in."""

from __future__ import annotations

from typing import Annotated

import typer

from dix.cli.later import make_group
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_list, show_object

app = make_group("users", "Users: who may come in.")

Name = Annotated[str, typer.Argument(help="The user's name: a-z, 0-9 and -.")]
_COLUMNS = {
    "name": "USER",
    "display_name": "NAME",
    "email": "MAIL",
    "is_administrator": "ADMINISTRATOR",
    "is_disabled": "DISABLED",
}


@app.command("list")
def list_users(json: Json = False) -> None:
    """List every user."""
    from dix.client.wire import join

    with open_client() as client:
        show_list(client.wire.get(join("users")), _COLUMNS, as_json=json, empty="no users")


@app.command("show")
def show_user(name: Name, json: Json = False) -> None:
    """Show one user."""
    from dix.client.wire import join

    with open_client() as client:
        show_object(client.wire.get(join("users", name)), as_json=json)


@app.command("create")
def create(
    name: Name,
    *,
    display_name: Annotated[str, typer.Option(help="What people call them.")] = "",
    email: Annotated[str | None, typer.Option(help="Where they are reached.")] = None,
    administrator: Annotated[bool, typer.Option("--administrator", help="They may do everything.")] = False,
    password: Annotated[bool, typer.Option("--password", help="Ask for their first password now.")] = False,
    project: Annotated[str | None, typer.Option(help="A project that they are in from the start.")] = None,
    role: Annotated[str, typer.Option(help="What they may do in it: viewer, user or manager.")] = "user",
    json: Json = False,
) -> None:
    """Make a user; without a password, a code is printed that signs them in once."""
    from dix.cli.login import read_password
    from dix.client.wire import join

    body = {"name": name, "display_name": display_name, "email": email, "is_administrator": administrator}
    body |= {"password": read_password(f"Password of {name}", twice=True)} if password else {}
    with open_client() as client:
        user = client.wire.post(join("users"), body)
        if project is not None:
            client.projects.add_member(project, name, role)
        code = None if password else client.users.make_code(name)
        address = client.address
    if json:
        show(user | {"code": code})
        return
    place = f"in project {project} as {role}" if project else "in no project yet: `dix projects add` adds them"
    say(f"{name} may come in, and is {place}")
    if code:
        say(f"to come in, once and within an hour: dix login {address} --code {code}; then `dix users password`")


@app.command("enable")
def enable(name: Name, json: Json = False) -> None:
    """Let a user who was disabled come in again, with new tokens."""
    _change(name, is_disabled=False, as_json=json, told=f"{name} may come in")


@app.command("disable")
def disable(name: Name, json: Json = False) -> None:
    """Let a user stay outside: all their sessions and tokens end at once."""
    _change(name, is_disabled=True, as_json=json, told=f"{name} is outside, with all sessions and tokens")


@app.command("delete")
def delete(name: Name, json: Json = False) -> None:
    """Let a user be none any more; what they made stays, and the name is not given again."""
    with open_client() as client:
        client.users.delete(name)
    if json:
        show({"name": name, "deleted": True})
    else:
        say(f"{name} is gone")


@app.command("password")
def set_password(
    name: Annotated[str | None, typer.Argument(help="Whose; your own by default.")] = None,
    *,
    code: Annotated[bool, typer.Option("--code", help="Print a code that signs them in once, instead.")] = False,
    json: Json = False,
) -> None:
    """Set a password: asked for without an echo, or a line of standard input (your old one first)."""
    from dix.cli.login import read_password
    from dix.client.wire import join

    with open_client() as client:
        if code:
            show_object({"user": name, "code": client.users.make_code(name)}, as_json=json)
            return
        if name is None:
            old = read_password("Old password (empty where there is none)")
            body = {"old": old or None, "new": read_password("New password", twice=True)}
            client.wire.put_json(join("password"), body)
        else:
            client.users.set_password(name, read_password(f"Password of {name}", twice=True))
    if json:
        show({"user": name, "changed": True})
    else:
        say(f"the password of {name} is changed; their sessions have ended" if name else "your password is changed")


def _change(name: str, *, is_disabled: bool, as_json: bool, told: str) -> None:
    from dix.client.wire import join

    with open_client() as client:
        user = client.wire.patch(join("users", name), {"is_disabled": is_disabled})
    if as_json:
        show(user)
    else:
        say(told)
