"""Secrets of projects, as the client sees them."""

from __future__ import annotations

from dix.client.reading import read_page, read_record
from dix.client.tags import IfMatch
from dix.client.wire import Wire, join
from dix.records.secret import Secret


class Secrets:
    """`client.secrets`: values for the code of steps. They go in, and do not come out again."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self, project: str = "default") -> tuple[Secret, ...]:
        """All of a project, by name, without their values."""
        return read_page(self._wire.get(join("projects", project, "secrets")), _read).items

    def get(self, name: str, project: str = "default") -> Secret:
        """What is known of one; NotFound when there is none."""
        return _read(self._wire.get(join("projects", project, "secrets", name)))

    def put(self, name: str, value: str, project: str = "default", *, if_match: IfMatch = None) -> Secret:
        """Keep a value for the steps that name it in `secrets`, in place of the one before.

        With `if_match`, the secret as it was read or its tag, Changed when it has another value by now.
        """
        path = join("projects", project, "secrets", name)
        return _read(self._wire.put_json(path, {"value": value}, if_match=if_match))

    def delete(self, name: str, project: str = "default", *, if_match: IfMatch = None) -> None:
        """Forget one; NotFound when there is none."""
        self._wire.delete(join("projects", project, "secrets", name), if_match=if_match)


def _read(document: object) -> Secret:
    return read_record(Secret, document)
