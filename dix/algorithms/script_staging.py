"""Brings the inputs of a script to this machine, or hands on where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dix.algorithms.base import StepContext
from dix.frameworks.card import CARD_FILE, parse_card

# Of the folder of a model that a script has left: its own files.
FILES = "files"


@dataclass(frozen=True, slots=True)
class Staged:
    """For each port a folder (its channel), and what lies there: the folder, or the one file that the input is."""

    channels: dict[str, str]
    inputs: dict[str, str]

    @classmethod
    def hand_on(cls, context: StepContext) -> Staged:
        """URIs as they are."""
        places = {port: _find_source(context, port) for port in context.inputs}
        return cls(places, dict(places))


def stage_inputs(context: StepContext, folder: Path) -> Staged:
    """Copy every input below a folder: the script may do there what it likes."""
    channels: dict[str, str] = {}
    inputs: dict[str, str] = {}
    for port in context.inputs:
        uri = _find_source(context, port).rstrip("/")
        channel, name = folder / port, uri.rpartition("/")[2]
        channel.mkdir(parents=True, exist_ok=True)
        if _is_file(context, uri):
            inputs[port] = str(context.store.fetch(uri, channel / name))
        else:
            inputs[port] = str(context.store.fetch(uri, channel))
        channels[port] = str(channel)
    return Staged(channels, inputs)


def _find_source(context: StepContext, port: str) -> str:
    """Where an input lies; of a model that a script has left, what it has left."""
    model = context.models.get(port)
    if model is None:
        return context.inputs[port]
    root = model.rstrip("/")
    card = parse_card(model, context.store.read_bytes(f"{root}/{CARD_FILE}"))
    return f"{root}/{FILES}" if card.format else root


def _is_file(context: StepContext, uri: str) -> bool:
    files = context.store.list_files(uri)
    return len(files) == 1 and files[0].uri == context.store.resolve(uri)
