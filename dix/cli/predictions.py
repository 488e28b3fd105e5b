"""`dix predict`: score data in bulk with a trained model."""

from __future__ import annotations

from typing import Annotated

import typer

from dix.cli.options import Json, Project, open_client
from dix.cli.runs import print_accepted


def add_to(app: typer.Typer) -> None:
    """Put the command in its place."""
    app.command("predict")(predict)


def predict(
    model: Annotated[str, typer.Argument(help="models:/digits/3, models:/digits@champion, or digits for the latest.")],
    *,
    data: Annotated[str, typer.Option(help="What to score: a path in the store, or file:// or s3://.")],
    output: Annotated[
        str | None, typer.Option(help="Where the result shall lie; kept with the run by default.")
    ] = None,
    project: Project = None,
    wait: Annotated[bool, typer.Option(help="Stay until it is done; exit code 1 unless it succeeded.")] = True,
    json: Json = False,
) -> None:
    """Score data in bulk with a trained model."""
    from dix.client.wire import join

    body = {"model": model, "data": data, "output": output, "project": project}
    with open_client() as client:
        accepted = client.wire.post(join("predictions"), body)
        if wait:
            from dix.cli.watching import wait_for

            raise typer.Exit(wait_for(client, accepted["id"], as_json=json))
    print_accepted(accepted, as_json=json)
