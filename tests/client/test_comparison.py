"""Runs side by side."""

from __future__ import annotations

import math

import pytest

from dix.client.comparison import Fact
from dix.client.connection import Client
from dix.errors import NotFound
from dix.records.states import StepState
from tests.api.server import FLOW, Server


def test_runs_are_compared_by_parameters_metrics_and_times(client: Client, server: Server) -> None:
    runs = [client.runs.start(FLOW, {"epochs": epochs, "note": "same"}) for epochs in (1, 2)]
    for run, loss in zip(runs, (0.5, math.nan), strict=True):
        server.engine.move_step(run.id, "cnn", StepState.RUNNING, attempt=1, metrics={"loss": loss})
        server.engine.finish(run.id)
    compared = client.runs.compare([run.id for run in runs])
    assert compared == runs[0].compare(runs[1])
    different = {fact.column for fact in compared.differences}
    assert {"params.epochs", "metrics.cnn.loss"} <= different
    assert not different & {"params.note", "state", "flow"}
    frame = compared.to_pandas()
    assert list(frame.index) == [run.id for run in runs]
    assert list(frame["params.epochs"]) == [1, 2]
    assert frame.loc[runs[0].id, "metrics.cnn.loss"] == 0.5
    assert compared.to_arrow().num_rows == 2
    assert client.runs.compare([]).to_pandas().empty


def test_a_run_that_is_not_there_is_named(client: Client) -> None:
    with pytest.raises(NotFound, match="run nothing"):
        client.runs.compare(["nothing"])


@pytest.mark.parametrize(
    ("values", "differs"),
    [((1, 1.0), False), ((1, True), True), ((math.nan, math.nan), False), ((None, 0), True), (([1], [1]), False)],
)
def test_what_counts_as_different(values: tuple[object, ...], differs: bool) -> None:
    assert Fact("param", "a", None, values).differs is differs
