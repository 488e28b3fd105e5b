"""The Caffe component as a step, and its model over a data set."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.algorithms.caffe import Caffe
from dix.algorithms.score import Score
from dix.algorithms.source import Source
from dix.errors import BadData, BadValue, DataMissing
from dix.frameworks.lookup import load_predictor
from dix.store.store import Store
from tests.algorithms.conftest import RunStep
from tests.frameworks.caffe.making import NET, write_project


@pytest.fixture
def project(store: Store, tmp_path: Path) -> str:
    folder = tmp_path / "project"
    folder.mkdir()
    write_project(folder)
    (folder / "odd.prototxt").write_text(NET.replace("Accuracy", "Python"))
    store.put(folder, "projects/small")
    return "projects/small"


def test_a_project_is_trained_unchanged_and_scores(
    run_step: RunStep, store: Store, project: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = run_step(Source(), params={"uri": store.resolve(project)})
    trained = run_step(Caffe(), {"train": given.result.uris["data"]})
    assert trained.result.metrics["iterations"] == 6
    assert [row["position"] for row in trained.rows] == [0, 0, 2, 3, 4, 6]
    assert "Iteration 0, lr = 0.1" in capfd.readouterr().out
    store.commit_folder(trained.context.output("model"), "models/1")
    with h5py.File(tmp_path / "project" / "rows.h5") as file:
        rows, labels = np.asarray(file["data"]), np.asarray(file["label"])
    table = pa.table({"data": pa.array(list(rows)), "label": labels.astype(int).astype(str)})
    pq.write_table(table, tmp_path / "rows.parquet")
    store.put(tmp_path / "rows.parquet", "rows.parquet")
    scored = run_step(Score(), {"data": "rows.parquet"}, models={"model": "models/1"})
    assert scored.result.metrics["rows"] == 20
    found = pq.read_table(store.local_path("out"))
    assert (np.array(found["prediction"]) == np.array(found["label"])).mean() > 0.8


def test_weights_and_states_are_taken_from_the_folders(run_step: RunStep, store: Store, project: str) -> None:
    first = run_step(Caffe(), {"train": project})
    store.put(first.context.scratch / "snapshots" / "snap", "snapshots")
    ports = {"train": project, "valid": "snapshots"}
    tuned = run_step(Caffe(), ports, params={"weights": "small_iter_6.caffemodel"})
    assert tuned.rows[0]["test_loss"] < first.rows[0]["test_loss"]
    rest = run_step(Caffe(), ports, params={"snapshot": "small_iter_3.solverstate"})
    assert [row["position"] for row in rest.rows] == [3, 4, 6]


def test_a_net_that_was_trained_elsewhere_becomes_a_model(run_step: RunStep, store: Store, project: str) -> None:
    model = run_step(Caffe(), {"train": project}).context.output("model")
    (model / "model.json").unlink()
    store.put(model, "projects/trained")
    params = {"solver": None, "net": "deploy.prototxt", "weights": "weights.caffemodel"}
    taken = run_step(Caffe(), {"train": "projects/trained"}, params=params)
    predictor = load_predictor(taken.context.output("model"))
    assert predictor.predict({"data": np.zeros((1, 3), np.float32)})["probabilities"].shape == (1, 2)
    with pytest.raises(BadValue, match="a solver, or else a net and its weights"):
        run_step(Caffe(), {"train": "projects/trained"}, params={"solver": None})
    (model / "deploy.prototxt").write_text(
        (model / "deploy.prototxt").read_text().replace('name: "ip"', 'name: "other"')
    )
    store.put(model, "projects/renamed")
    with pytest.raises(BadData, match="it has no weights for other"):
        run_step(Caffe(), {"train": "projects/renamed"}, params=params)


def test_the_second_input_is_looked_into_as_well_and_nothing_beside_it(
    run_step: RunStep, store: Store, project: str, tmp_path: Path
) -> None:
    (tmp_path / "project" / "rows.h5").rename(tmp_path / "rows.h5")
    store.put(tmp_path / "project", "projects/poor")
    store.put(tmp_path / "rows.h5", "rows/rows.h5")
    store.put(tmp_path / "rows.h5", "rows/other.h5")
    for valid in ({}, {"valid": "rows/other.h5"}):
        with pytest.raises(DataMissing, match=r"rows\.h5"):
            run_step(Caffe(), {"train": "projects/poor"} | valid)
    for found in ("rows", "rows/rows.h5"):
        assert run_step(Caffe(), {"train": "projects/poor", "valid": found}).result.metrics["iterations"] == 6


def test_what_is_wrong_is_said_before_it_starts(run_step: RunStep, project: str) -> None:
    with pytest.raises(DataMissing, match=r"none\.prototxt: solver names no file in .*projects/small"):
        run_step(Caffe(), {"train": project}, params={"solver": "none.prototxt"})
    with pytest.raises(BadData, match=r"layer accuracy \(Python\) is not supported"):
        run_step(Caffe(), {"train": project}, params={"net": "odd.prototxt"})
