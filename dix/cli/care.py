"""`dix doctor`, `backup` and `restore`: look after the installation on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dix.cli.options import Json, read
from dix.cli.screen import say, show, show_table


def add_to(app: typer.Typer) -> None:
    """Put the commands in their place."""
    app.command("doctor")(doctor)
    app.command("backup")(backup)
    app.command("restore")(restore)


def doctor(json: Json = False) -> None:
    """Say what is wrong with this installation; exit code 1 when there is a problem."""
    from dataclasses import asdict

    from dix.boot.doctor import examine

    findings = examine(read())
    problems = [finding for finding in findings if finding.state == "problem"]
    if json:
        show({"items": [asdict(finding) for finding in findings], "next_cursor": None})
    else:
        rows = [[each.check, each.state, each.message, each.todo] for each in findings]
        show_table(("CHECK", "STATE", "WHAT WAS FOUND", "WHAT TO DO"), rows)
        say(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}")
    if problems:
        raise typer.Exit(1)


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; the file must not be there yet.")],
    json: Json = False,
) -> None:
    """Copy the catalog into a file, whether DI-X is up or down; neither tokens nor what lies in the store."""
    from dataclasses import asdict

    from dix.boot.backup import save

    saved = save(read(), file)
    if json:
        show(asdict(saved))
    else:
        say(f"the catalog, {saved.manifest.bytes} bytes, is in {saved.file}; `dix restore` puts it back")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `dix backup` made.")],
    json: Json = False,
) -> None:
    """Put the catalog of a backup back while DI-X is down; the one that is there is kept beside it."""
    from dataclasses import asdict

    from dix.boot.backup import restore as put_back

    restored = put_back(read(), file)
    if json:
        show(asdict(restored))
        return
    kept = f"; the one that was there is {restored.before}" if restored.before else ""
    say(f"the catalog of {restored.manifest.created} is in its place{kept}")
    if not restored.same_store:
        say(f"it belongs to the store {restored.manifest.store}: bring DI-X up with that one")
