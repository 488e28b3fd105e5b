"""Bulk predictions, as the client sees them."""

from __future__ import annotations

from dix.client.run import ClientRun
from dix.client.runs import Runs
from dix.client.wire import Wire, join


class Predictions:
    """`client.predictions`: score data in bulk with a trained model."""

    def __init__(self, wire: Wire, runs: Runs) -> None:
        self._wire = wire
        self._runs = runs

    def start(self, model: str, data: str, output: str | None = None, project: str | None = None) -> ClientRun:
        """Start a run that scores `data`; the result lies at `output`, or is kept with the run."""
        body = {"model": model, "data": data, "output": output, "project": project}
        return self._runs.read(self._wire.post(join("predictions"), body))
