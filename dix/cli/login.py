"""`dix login`, `dix logout`, `dix whoami`: who one is to a server."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dix.cli.options import Json, open_client, read
from dix.cli.screen import say, show, show_object
from dix.errors import BadValue

Address = Annotated[str | None, typer.Argument(help="The server, as http://10.0.0.5:8000; by default the one of here.")]
UserName = Annotated[str | None, typer.Option("--name", help="Your name there; asked for by default.")]
Code = Annotated[str | None, typer.Option("--code", help="A code that an administrator gave out, instead of both.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `dix` itself."""
    app.command("login")(log_in)
    app.command("logout")(log_out)
    app.command("whoami")(who_am_i)


def log_in(address: Address = None, name: UserName = None, code: Code = None, *, json: Json = False) -> None:
    """Sign in at a server; the password is asked for without an echo, or comes on standard input."""
    from dix.client.connection import find_address
    from dix.client.session import Session, keep_session
    from dix.client.wire import Wire, join, make_http

    settings = read(address=address)
    wire = Wire(make_http(find_address(settings), None))
    proof = {"code": code} if code is not None else _ask(name)
    try:
        opened = wire.post(join("login"), proof)
    finally:
        wire.close()
    keep_session(settings, Session(wire.address, opened["token"], opened["user"]))
    if json:
        show({"address": wire.address, "user": opened["user"], "expires": opened["expires"]})
    else:
        say(f"you are {opened['user']} at {wire.address} until {opened['expires']}; `dix logout` ends this")


def log_out(json: Json = False) -> None:
    """End the session of `dix login`, here and at the server."""
    from dix.client.connection import connect
    from dix.client.session import find_session, forget_session
    from dix.client.wire import join
    from dix.errors import NotAuthenticated

    settings = read()
    session = find_session(settings)
    if session is None:
        raise BadValue("session", "one that `dix login` has opened", "none")
    try:
        with connect(session.address, session.token) as client:
            client.wire.post(join("logout"))
    except NotAuthenticated:
        pass  # it had ended before
    finally:
        forget_session(settings)
    if json:
        show({"address": session.address, "user": session.user, "signed_out": True})
    else:
        say(f"{session.user} is signed out of {session.address}")


def who_am_i(json: Json = False) -> None:
    """Say who you are to the server, and what you may do in which project."""
    with open_client() as client:
        show_object(client.whoami(), as_json=json)


def read_password(question: str, *, twice: bool = False) -> str:
    """A password: asked for at a terminal without an echo, else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = typer.prompt(question, hide_input=True, confirmation_prompt=twice, err=True)
    return answer


def _ask(name: str | None) -> dict[str, str]:
    if name is None and not sys.stdin.isatty():
        raise BadValue("--name", "the name to sign in with, as nobody can be asked", "none")
    return {"name": name or typer.prompt("Name", err=True), "password": read_password("Password")}
