"""Commands that are planned and not there yet: each answers with one sentence."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from dix.errors import NotYet

LATER: dict[str, tuple[str, ...]] = {
    "models": ("approve", "diff"),
    "endpoints": ("traffic", "rollback", "logs"),
}


class Group(TyperGroup):
    """A group of commands that also knows the names of those to come."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names; raises NotYet for one to come."""
        if args[0] in LATER.get(self.name or "dix", ()):
            raise NotYet(f"`{ctx.command_path} {args[0]}`", "`dix --help` lists what is")
        return super().resolve_command(ctx, args)


def make_group(name: str, help: str, *, no_args_is_help: bool = True) -> typer.Typer:
    """An empty group of commands."""
    return typer.Typer(name=name, help=help, cls=Group, no_args_is_help=no_args_is_help, pretty_exceptions_enable=False)
