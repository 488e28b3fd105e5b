"""Endpoints, as the client sees them.

Its asynchronous twin. Made from dix/client/endpoints.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from dix.client.aio.wire import AsyncWire
from dix.client.endpoints import DEPLOY_TIMEOUT_S, _read
from dix.client.reading import read_page
from dix.client.tags import IfMatch
from dix.client.wire import join
from dix.records.endpoint import Endpoint


class AsyncEndpoints:
    """`client.endpoints`: let models answer under a name, and ask them."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def deploy(
        self, name: str, model: str, replicas: int = 1, project: str | None = None, *, if_match: IfMatch = None
    ) -> Endpoint:
        """Let `models:/digits/3`, `models:/digits@champion` or `digits` (its latest version) answer under a name.

        With `if_match`, the endpoint as it was read or its tag, Changed when it is another one by now.
        """
        body = {"name": name, "model": model, "replicas": replicas, "project": project}
        return _read(await self._wire.post(join("endpoints"), body, timeout_s=DEPLOY_TIMEOUT_S, if_match=if_match))

    async def list(self) -> tuple[Endpoint, ...]:
        """Every endpoint, by name."""
        return read_page(await self._wire.get(join("endpoints")), _read).items

    async def get(self, name: str) -> Endpoint:
        """One endpoint."""
        return _read(await self._wire.get(join("endpoints", name)))

    async def delete(self, name: str, *, if_match: IfMatch = None) -> None:
        """End an endpoint and forget it."""
        await self._wire.delete(join("endpoints", name), if_match=if_match)

    async def infer(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Ask an endpoint in the Open Inference Protocol v2; raises WrongUse for what it does not take."""
        answer: dict[str, Any] = await self._wire.post(f"/v2/models/{quote(name, safe='')}/infer", request)
        return answer

    async def describe(self, name: str) -> dict[str, Any]:
        """What an endpoint takes and answers: its metadata in the Open Inference Protocol v2."""
        answer: dict[str, Any] = await self._wire.get(f"/v2/models/{quote(name, safe='')}")
        return answer
