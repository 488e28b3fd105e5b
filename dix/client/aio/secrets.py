"""Secrets of projects, as the client sees them.

Its asynchronous twin. Made from dix/client/secrets.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from dix.client.aio.wire import AsyncWire
from dix.client.reading import read_page
from dix.client.secrets import _read
from dix.client.tags import IfMatch
from dix.client.wire import join
from dix.records.secret import Secret


class AsyncSecrets:
    """`client.secrets`: values for the code of steps. They go in, and do not come out again."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def list(self, project: str = "default") -> tuple[Secret, ...]:
        """All of a project, by name, without their values."""
        return read_page(await self._wire.get(join("projects", project, "secrets")), _read).items

    async def get(self, name: str, project: str = "default") -> Secret:
        """What is known of one; NotFound when there is none."""
        return _read(await self._wire.get(join("projects", project, "secrets", name)))

    async def put(self, name: str, value: str, project: str = "default", *, if_match: IfMatch = None) -> Secret:
        """Keep a value for the steps that name it in `secrets`, in place of the one before.

        With `if_match`, the secret as it was read or its tag, Changed when it has another value by now.
        """
        path = join("projects", project, "secrets", name)
        return _read(await self._wire.put_json(path, {"value": value}, if_match=if_match))

    async def delete(self, name: str, project: str = "default", *, if_match: IfMatch = None) -> None:
        """Forget one; NotFound when there is none."""
        await self._wire.delete(join("projects", project, "secrets", name), if_match=if_match)
