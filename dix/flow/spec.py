"""What an algorithm publishes about itself: its ports, and a JSON Schema of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias


class PortKind(StrEnum):
    """What flows through a port; only equal kinds connect."""

    DATA = "data"
    MODEL = "model"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class PortSpec:
    """One way in or out of a node. `required` matters for inputs only."""

    name: str
    kind: PortKind = PortKind.DATA
    required: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True)
class AlgorithmSpec:
    """One ready algorithm. The first of `outputs` is its default output; `frameworks` is empty where none is chosen.

    `params` is a JSON Schema of type object, with type, default, range and a help text (`description`) for each
    parameter; forms, checks and docs come from it. `trains` says that it has a flask: its `model` port holds a model.
    `reads_more` says that it may read what is not among its inputs, so that what it left never stands for a later step.
    With `open_ports` its nodes may name inputs as they like, and further outputs, which are data; with `open_inputs`
    inputs only, which take data. Where a node says a framework of `spreads`, several workers can do it together.
    """

    name: str
    title: str
    help: str
    inputs: tuple[PortSpec, ...]
    outputs: tuple[PortSpec, ...]
    frameworks: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    trains: bool = False
    reads_more: bool = False
    open_ports: bool = False
    open_inputs: bool = False
    spreads: tuple[str, ...] = ()


AlgorithmSpecs: TypeAlias = Mapping[str, AlgorithmSpec]
