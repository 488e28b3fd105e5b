"""Opens a connection to a DI-X server: `dix.connect()`.

Its asynchronous twin. Made from dix/client/connection.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from typing import Any

from dix.client.aio.audit import AsyncAudit
from dix.client.aio.backfills import AsyncBackfills
from dix.client.aio.data import AsyncData
from dix.client.aio.endpoints import AsyncEndpoints
from dix.client.aio.flows import AsyncFlows
from dix.client.aio.models import AsyncModels
from dix.client.aio.pools import AsyncPools
from dix.client.aio.predictions import AsyncPredictions
from dix.client.aio.projects import AsyncProjects
from dix.client.aio.runs import AsyncRuns
from dix.client.aio.schedules import AsyncSchedules
from dix.client.aio.scripts import AsyncScripts
from dix.client.aio.secrets import AsyncSecrets
from dix.client.aio.sweeps import AsyncSweeps
from dix.client.aio.tokens import AsyncTokens
from dix.client.aio.usage import AsyncUsage
from dix.client.aio.users import AsyncUsers
from dix.client.aio.wire import AsyncWire, make_async_http
from dix.client.connection import find_address, find_token
from dix.client.wire import join
from dix.settings import read_settings


class AsyncClient:
    """One server and everything that can be asked of it; may be used by several threads.

    `wire` sends any request of the API, and gets its JSON as it comes.
    """

    def __init__(self, wire: AsyncWire) -> None:
        self.wire = wire
        self.flows = AsyncFlows(wire)
        self.runs = AsyncRuns(wire)
        self.schedules = AsyncSchedules(wire)
        self.backfills = AsyncBackfills(wire)
        self.scripts = AsyncScripts(wire)
        self.sweeps = AsyncSweeps(wire)
        self.models = AsyncModels(wire)
        self.endpoints = AsyncEndpoints(wire)
        self.data = AsyncData(wire)
        self.usage = AsyncUsage(wire)
        self.secrets = AsyncSecrets(wire)
        self.audit = AsyncAudit(wire)
        self.users = AsyncUsers(wire)
        self.tokens = AsyncTokens(wire)
        self.projects = AsyncProjects(wire)
        self.pools = AsyncPools(wire)
        self.predictions = AsyncPredictions(wire, self.runs)

    @property
    def address(self) -> str:
        """Where the server is."""
        return self.wire.address

    async def health(self) -> dict[str, Any]:
        """Whether the server answers, and its version; wants no token."""
        answer: dict[str, Any] = await self.wire.get(join("health"))
        return answer

    async def status(self) -> dict[str, Any]:
        """What is up behind it, and how much it has to give."""
        answer: dict[str, Any] = await self.wire.get(join("status"))
        return answer

    async def algorithms(self) -> list[dict[str, Any]]:
        """What every ready algorithm publishes about itself."""
        items: list[dict[str, Any]] = (await self.wire.get(join("algorithms")))["items"]
        return items

    async def whoami(self) -> dict[str, Any]:
        """Who asks: user, scopes, roles by project."""
        answer: dict[str, Any] = await self.wire.get(join("whoami"))
        return answer

    async def close(self) -> None:
        """Let go of the connections."""
        await self.wire.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def connect_async(address: str | None = None, token: str | None = None) -> AsyncClient:
    """A client of the server at `address`, shown `token`; nothing is sent before something is asked.

    The address is by default DIX_ADDRESS, else where `dix login` was, else what `dix up` wrote under DIX_HOME, else
    http://127.0.0.1:8000; the token is DIX_TOKEN, else that of `dix login`, else the one in `$DIX_HOME/token`. To what
    runs inside an installation, as a Ray job, it is all the same who signed in. Raises BadValue for what cannot be one.
    """
    settings = read_settings(address=address, token=token)
    return AsyncClient(AsyncWire(make_async_http(find_address(settings), find_token(settings))))
