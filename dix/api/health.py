"""Whether the server answers, what is up behind it, and what its algorithms are."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from operator import attrgetter
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from dix.api.lists import AskedHere, Fields, make_page
from dix.api.parts import PartsHere
from dix.api.shapes import Answer, ListAnswer
from dix.errors import NotFound
from dix.flow.spec import AlgorithmSpec, PortKind
from dix.names import find_nearest

router = APIRouter(prefix="/api/v1", tags=["server"])

_FIELDS: Fields = {name: attrgetter(name) for name in ("name", "title", "trains")}


class HealthAnswer(Answer):
    """The server answers."""

    status: str = "ok"
    version: str


class PortAnswer(Answer):
    """One way in or out of a node."""

    name: str
    kind: PortKind
    required: bool
    help: str


class AlgorithmAnswer(Answer):
    """One ready algorithm: its ports, and a JSON Schema of its parameters."""

    name: str
    title: str
    help: str
    inputs: list[PortAnswer]
    outputs: list[PortAnswer]
    frameworks: list[str]
    params: dict[str, Any]
    trains: bool
    open_ports: bool = Field(description="Inputs may be named as one likes, and further outputs, which are data")
    open_inputs: bool = Field(description="Inputs may be named as one likes; they take data")


@router.get("/health")
def get_health() -> HealthAnswer:
    """Whether the server answers."""
    return HealthAnswer(version=find_version())


@router.get("/status")
def get_status(parts: PartsHere) -> dict[str, Any]:
    """What is up, and how much it has to give."""
    return {"version": find_version(), **parts.cluster.describe()}


@router.get("/algorithms")
def list_algorithms(parts: PartsHere, asked: AskedHere) -> ListAnswer[AlgorithmAnswer]:
    """Every ready algorithm, by name unless another order is asked for."""
    page = make_page([parts.specs[name] for name in sorted(parts.specs)], _FIELDS, asked)
    return ListAnswer(items=[AlgorithmAnswer.model_validate(spec) for spec in page.items], next_cursor=page.next_cursor)


@router.get("/algorithms/{name}")
def get_algorithm(name: str, parts: PartsHere) -> AlgorithmAnswer:
    """One ready algorithm."""
    return AlgorithmAnswer.model_validate(_find_spec(parts, name))


def find_version() -> str:
    """The version of DI-X that is installed."""
    try:
        return version("dix")
    except PackageNotFoundError:
        return "0.0.0"


def _find_spec(parts: PartsHere, name: str) -> AlgorithmSpec:
    if name not in parts.specs:
        raise NotFound("algorithm", name, find_nearest(name, parts.specs))
    return parts.specs[name]
