"""Pools, as the client sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dix.client.reading import read_page, read_record
from dix.client.wire import Wire, join


@dataclass(frozen=True, slots=True)
class Pool:
    """Flows of whose runs at most so many go at once."""

    name: str
    most: int
    flows: tuple[str, ...]


class Pools:
    """`client.pools`: flows whose runs are counted together."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self) -> tuple[Pool, ...]:
        """Every pool, by name."""
        return read_page(self._wire.get(join("pools")), _read).items

    def put(self, name: str, most: int, flows: Iterable[str]) -> Pool:
        """Make a pool, or change it: it holds at once, and what runs already goes on. Takes an administrator."""
        return _read(self._wire.put_json(join("pools", name), {"most": most, "flows": list(flows)}))

    def delete(self, name: str) -> None:
        """Count its flows together no more."""
        self._wire.delete(join("pools", name))


def _read(document: Any) -> Pool:
    return read_record(Pool, document)
