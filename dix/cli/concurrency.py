"""`dix flows concurrency` and `dix pools`: how many runs may go at once."""

from __future__ import annotations

from typing import Annotated

import typer

from dix.cli.completing import complete_flow
from dix.cli.later import make_group
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_list, show_object
from dix.errors import BadValue

pools = make_group("pools", "Pools: flows whose runs are counted together.")

Flow = Annotated[str, typer.Argument(help="The flow's name.", autocompletion=complete_flow)]
Name = Annotated[str, typer.Argument(help="The pool's name.")]
AtOnce = Annotated[str | None, typer.Option(metavar="N", help="Runs at once, or none for any number.")]
_COLUMNS = {"name": "POOL", "most": "AT ONCE", "flows": "FLOWS"}


def add_to(flows: typer.Typer) -> None:
    """Give the group of flows its command."""
    flows.command("concurrency")(set_concurrency)


def set_concurrency(
    name: Flow,
    *,
    manual: AtOnce = None,
    timed: AtOnce = None,
    backfill: AtOnce = None,
    parameter: AtOnce = None,
    json: Json = False,
) -> None:
    """Say how many runs of a flow may go at once, by driver; with options, change that."""
    given = {"manual": manual, "timed": timed, "backfill": backfill, "parameter": parameter}
    changes = {driver: _read_most(driver, text) for driver, text in given.items() if text is not None}
    with open_client() as client:
        found = client.flows.set_concurrency(name, **changes) if changes else client.flows.concurrency(name)
    shown = found if json else {driver: "any number" if most is None else most for driver, most in found.items()}
    show_object(shown, as_json=json)


@pools.command("list")
def list_pools(json: Json = False) -> None:
    """List every pool."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("pools"))
    show_list(page, _COLUMNS, as_json=json, empty="no pools: `dix pools put NAME N FLOW...` makes one")


@pools.command("put")
def put_pool(
    name: Name,
    most: Annotated[int, typer.Argument(metavar="N", help="Runs at once.")],
    flows: Annotated[list[str], typer.Argument(metavar="FLOW...", help="Whose runs, by whatever driver.")],
    json: Json = False,
) -> None:
    """Make a pool, or change it; it holds at once."""
    from dix.client.wire import join

    with open_client() as client:
        pool = client.wire.put_json(join("pools", name), {"most": most, "flows": flows})
    show_object(pool, as_json=json)


@pools.command("delete")
def delete_pool(name: Name, json: Json = False) -> None:
    """Count its flows together no more."""
    with open_client() as client:
        client.pools.delete(name)
    if json:
        show({"name": name, "deleted": True})
    else:
        say(f"pool {name} is gone")


def _read_most(driver: str, text: str) -> int | None:
    if text == "none":
        return None
    if not text.isdecimal():
        raise BadValue(f"--{driver}", "a whole number from 1, or none for any number", text)
    return int(text)
