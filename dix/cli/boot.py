"""`dix up`, `down`, `status`, `demo` and `env`: what concerns this machine."""

from __future__ import annotations

import shlex
from typing import Annotated, Any

import typer

from dix.cli.options import Json, read
from dix.cli.screen import say, show, show_object


def add_to(app: typer.Typer) -> None:
    """Put the commands in their place."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)
    app.command("demo")(demo)
    app.command("env")(env)


StoreUrl = Annotated[str | None, typer.Option("--store", metavar="URL", help="The object store: file:///… or s3://….")]
RayAddress = Annotated[
    str | None, typer.Option("--address", metavar="RAY", help="A Ray cluster to join, as 10.0.0.1:6379.")
]
Host = Annotated[str | None, typer.Option(help="The address the API listens on; 127.0.0.1 by default.")]
ApiPort = Annotated[int | None, typer.Option(min=1, max=65535, help="The API's port; 8000 by default.")]
UiPort = Annotated[int | None, typer.Option(min=1, max=65535, help="The dashboard's port; 8501 by default.")]
Cpus = Annotated[int | None, typer.Option(min=1, help="The CPUs to give; all by default.")]
Gpus = Annotated[int | None, typer.Option(min=0, help="The GPUs to give; all by default.")]


def up(
    *,
    store: StoreUrl = None,
    address: RayAddress = None,
    host: Host = None,
    api_port: ApiPort = None,
    ui_port: UiPort = None,
    num_cpus: Cpus = None,
    num_gpus: Gpus = None,
    json: Json = False,
) -> None:
    """Start DI-X on this machine, or join it to a Ray cluster; does nothing where it runs already."""
    from dataclasses import asdict

    from dix.boot.up import UpOptions, start

    settings = read(store=store, ray_address=address, ui_port=ui_port, num_cpus=num_cpus, num_gpus=num_gpus)
    started = start(settings, UpOptions(host=host, api_port=api_port), say)
    show_object(asdict(started), as_json=json)
    if not json:
        say(f"DI-X {'was up already' if started.was_up else 'is up'}; `dix demo` shows what it does")


def down(json: Json = False) -> None:
    """End what `dix up` started on this machine; a cluster that was joined goes on."""
    from dix.boot.down import stop

    was_up = stop(read())
    if json:
        show({"state": "down", "was_up": was_up})
    elif was_up:
        say("DI-X is down; `dix up` brings back its endpoints and unfinished runs")
    else:
        say("nothing was up")


def status(json: Json = False) -> None:
    """Say what runs, where it is and how much it has to give."""
    from dix.boot.status import describe

    settings = read()
    facts = describe(settings)
    if facts["state"] == "down" and settings.address is not None:
        facts = _ask_server()
    show_object(facts, as_json=json)


def demo(
    *,
    store: StoreUrl = None,
    address: RayAddress = None,
    host: Host = None,
    api_port: ApiPort = None,
    ui_port: UiPort = None,
    num_cpus: Cpus = None,
    num_gpus: Gpus = None,
    json: Json = False,
) -> None:
    """Do the main job on real data, from start to finish, and print what was done."""
    from dix.boot.up import UpOptions
    from dix.cli.demo import play

    settings = read(store=store, ray_address=address, ui_port=ui_port, num_cpus=num_cpus, num_gpus=num_gpus)
    play(settings, UpOptions(host=host, api_port=api_port), as_json=json)


def env(json: Json = False) -> None:
    """Print what a shell needs: `eval "$(dix env)"` exports it."""
    from dix.boot.env import exports

    variables = exports(read())
    if json:
        show(variables)
    else:
        for name, value in variables.items():
            print(f"export {name}={shlex.quote(value)}")


def _ask_server() -> dict[str, Any]:
    """What a server on another machine, or of another DIX_HOME, says about itself."""
    from dix.client.connection import connect

    with connect() as client:
        return {"state": "up", "api": client.address, **client.status()}
