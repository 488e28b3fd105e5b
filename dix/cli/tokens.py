"""`dix tokens`: for programs that come in on your behalf."""

from __future__ import annotations

from typing import Annotated

import typer

from dix.cli.later import make_group
from dix.cli.options import Json, open_client
from dix.cli.screen import print_text, say, show, show_list

app = make_group("tokens", "Tokens: for programs that come in on your behalf.")

Id = Annotated[str, typer.Argument(help="Its id, as `dix tokens list` shows it.")]

_SCOPES = "read,write,predict"
_COLUMNS = {
    "id": "TOKEN",
    "user": "USER",
    "name": "FOR",
    "kind": "KIND",
    "scopes": "SCOPES",
    "projects": "PROJECTS",
    "expires": "UNTIL",
    "last_used": "LAST USED",
}


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    *,
    scopes: Annotated[str, typer.Option(help="Any of read, write, predict, admin, with commas.")] = _SCOPES,
    project: Annotated[list[str] | None, typer.Option(help="It reaches this one only; may be repeated.")] = None,
    expires: Annotated[str | None, typer.Option(help="When it ends, as 2027-01-31; never by default.")] = None,
    json: Json = False,
) -> None:
    """Make a token; it is shown this once."""
    from dix.client.wire import join

    words = [word.strip() for word in scopes.split(",") if word.strip()]
    with open_client() as client:
        token = client.wire.post(
            join("tokens"), {"name": name, "scopes": words, "projects": project or None, "expires": expires}
        )
    if json:
        show(token)
    else:
        say(f"token {token['id']}, shown this once; `dix tokens revoke {token['id']}` ends it")
        print_text(token["secret"])


@app.command("list")
def list_tokens(
    *,
    everybody: Annotated[bool, typer.Option("--everybody", help="Those of all users, for administrators.")] = False,
    json: Json = False,
) -> None:
    """List your tokens and sessions."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("tokens"), everybody=everybody or None)
    if not json:
        items = [
            {**item, "scopes": ", ".join(item["scopes"]), "projects": ", ".join(item["projects"] or ["all of theirs"])}
            for item in page["items"]
        ]
        page = {**page, "items": items}
    show_list(page, _COLUMNS, as_json=json, empty="no tokens: `dix tokens create NAME` makes one")


@app.command("revoke")
def revoke(id: Id, json: Json = False) -> None:
    """End a token: within a second it opens nothing any more."""
    with open_client() as client:
        client.tokens.revoke(id)
    if json:
        show({"id": id, "revoked": True})
    else:
        say(f"token {id} opens nothing any more")
