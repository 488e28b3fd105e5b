"""Options that several commands have, and the connection they open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dix.cli.completing import complete_project

if TYPE_CHECKING:
    from dix.client.connection import Client
    from dix.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, and everything else on standard error.")]
Project = Annotated[str | None, typer.Option(help="The project that it belongs to.", autocompletion=complete_project)]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many items to list at most.")]
Cursor = Annotated[str | None, typer.Option(help="Where the page begins: the next_cursor of the page before.")]


def read(**overrides: object) -> Settings:
    """The settings of this command, its options over the environment; starts the log."""
    from dix.logs import start_logging
    from dix.settings import read_settings

    settings = read_settings(**overrides)
    start_logging(settings.log_level)
    return settings


def open_client() -> Client:
    """A connection to the server that the settings name."""
    from dix.client.connection import connect

    read()
    return connect()
