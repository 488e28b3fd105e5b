"""Secrets of projects, as the client sees them."""

from __future__ import annotations

from dix.client.reading import read_page, read_record
from dix.client.wire import Wire, join
from dix.records.secret import Secret


class Secrets:
    """`client.secrets`: values for the code of steps. They go in, and do not come out again."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self, project: str = "default") -> tuple[Secret, ...]:
        """All of a project, by name, without their values."""
        return read_page(self._wire.get(join("projects", project, "secrets")), _read).items

    def put(self, name: str, value: str, project: str = "default") -> Secret:
        """Keep a value for the steps that name it in `secrets`, in place of the one before."""
        return _read(self._wire.put_json(join("projects", project, "secrets", name), {"value": value}))

    def delete(self, name: str, project: str = "default") -> None:
        """Forget one; NotFound when there is none."""
        self._wire.delete(join("projects", project, "secrets", name))


def _read(document: object) -> Secret:
    return read_record(Secret, document)
