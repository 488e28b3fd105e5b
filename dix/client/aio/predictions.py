"""Bulk predictions, as the client sees them.

Its asynchronous twin. Made from dix/client/predictions.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from dix.client.aio.run import AsyncRun
from dix.client.aio.runs import AsyncRuns
from dix.client.aio.wire import AsyncWire
from dix.client.wire import join


class AsyncPredictions:
    """`client.predictions`: score data in bulk with a trained model."""

    def __init__(self, wire: AsyncWire, runs: AsyncRuns) -> None:
        self._wire = wire
        self._runs = runs

    async def start(self, model: str, data: str, output: str | None = None, project: str | None = None) -> AsyncRun:
        """Start a run that scores `data`; the result lies at `output`, or is kept with the run."""
        body = {"model": model, "data": data, "output": output, "project": project}
        return self._runs.read(await self._wire.post(join("predictions"), body))
