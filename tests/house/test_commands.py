"""Every command, and each of its options and arguments, says what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from dix.cli.later import LATER
from dix.cli.main import app


def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The command and all below it."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, (*path, name))


COMMANDS = dict(walk(typer.main.get_command(app), ("dix",)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_has_help(path: tuple[str, ...]) -> None:
    said = COMMANDS[path].help
    assert said, f"{' '.join(path)} has no docstring"
    assert said.strip().endswith(".")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_an_option_has_help(path: tuple[str, ...]) -> None:
    for option in COMMANDS[path].params:
        assert option.help, f"{' '.join(path)} {option.name}"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_that_answers_can_answer_in_json(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    if hasattr(command, "commands"):
        return
    assert "--json" in {name for option in command.params for name in option.opts}, path


def test_what_is_to_come_is_not_there() -> None:
    for group, names in LATER.items():
        path = ("dix",) if group == "dix" else ("dix", group)
        assert not set(names) & COMMANDS[path].commands.keys()
