"""The whole engine in one process: a Caffe project, trained unchanged, and its model over rows."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dix.records.states import RunState, StepState
from tests.engine.conftest import Workshop
from tests.frameworks.caffe.making import write_project

FLOW = """
dix: 1
name: small
nodes:
  project: {kind: data, uri: projects/small/}
  rows: {kind: data, uri: rows.parquet}
  train: {kind: algorithm, algorithm: caffe, inputs: {train: project}, model: small}
  score: {kind: model, model: train, inputs: {data: rows}}
"""


def test_a_project_is_trained_registered_and_scores(workshop: Workshop, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    write_project(folder)
    with h5py.File(folder / "rows.h5") as file:
        pq.write_table(pa.table({"data": list(np.asarray(file["data"]))}), tmp_path / "rows.parquet")
    workshop.store.put(folder, "projects/small")
    workshop.store.put(tmp_path / "rows.parquet", "rows.parquet")
    run = workshop.wait(workshop.start(FLOW).id)
    assert run.state is RunState.SUCCEEDED, run.error
    assert {step.state for step in workshop.steps(run.id).values()} == {StepState.SUCCEEDED}
    assert workshop.catalog.models.get_model("small").version == 1
