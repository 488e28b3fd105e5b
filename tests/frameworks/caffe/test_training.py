from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from dix.errors import BadValue, DataMissing
from dix.frameworks.base import ModelCard
from dix.frameworks.caffe.order import CaffeOrder
from dix.frameworks.lookup import find_caffe_trainer
from tests.frameworks.caffe.making import NET, SOLVER, write_project


def train(
    folder: Path, **more: object
) -> tuple[ModelCard, list[tuple[int, float | None, dict[str, float]]], list[str]]:
    rows: list[tuple[int, float | None, dict[str, float]]] = []
    lines: list[str] = []
    (folder / "model").mkdir(exist_ok=True)
    order = CaffeOrder(
        folder / "solver.prototxt",
        (folder,),
        folder / "model",
        folder / "out",
        lines.append,
        **more,  # type: ignore[arg-type]
    )

    def report(position: int, progress: float | None = None, **metrics: float) -> None:
        rows.append((position, progress, metrics))

    return find_caffe_trainer()(order, report), rows, lines


def test_it_trains_reports_and_leaves_a_model(tmp_path: Path) -> None:
    write_project(tmp_path)
    card, rows, lines = train(tmp_path)
    assert card.metrics["iterations"] == 6
    assert card.metrics["test_accuracy"] > 0.8
    assert rows[-1][:2] == (6, 1.0)
    assert any("Optimization Done." in line for line in lines)
    assert (tmp_path / "model" / "weights.caffemodel").is_file()
    assert (tmp_path / "out" / "snap" / "small_iter_6.solverstate").is_file()


def test_it_goes_on_from_a_snapshot_and_tunes_weights(tmp_path: Path) -> None:
    write_project(tmp_path)
    train(tmp_path)
    _, rows, _ = train(tmp_path, snapshot=tmp_path / "out" / "snap" / "small_iter_3.solverstate")
    assert rows[0][0] == 3
    _, rows, lines = train(tmp_path, weights=(tmp_path / "out" / "snap" / "small_iter_6.caffemodel",))
    assert "Finetuning from small_iter_6.caffemodel" in lines[0]
    assert rows[0][2]["test_accuracy"] > 0.8


def test_a_loss_that_is_no_number_ends_the_training(tmp_path: Path) -> None:
    for display in ("display: 2", "display: 0"):
        write_project(tmp_path, solver=SOLVER.replace("display: 2", display))
        with h5py.File(tmp_path / "rows.h5", "a") as file:
            file["data"][7, 1] = np.nan
        with pytest.raises(BadValue, match="base_lr: expected one with which the loss stays a number"):
            train(tmp_path)


def test_another_net_takes_the_place_of_the_solvers(tmp_path: Path) -> None:
    write_project(tmp_path, solver=SOLVER.replace("net.prototxt", "gone.prototxt"))
    with pytest.raises(DataMissing, match=r"gone\.prototxt"):
        train(tmp_path)
    (tmp_path / "other.prototxt").write_text(NET.replace('top: "accuracy"', 'top: "top 1/share"'))
    card, _, _ = train(tmp_path, net="other.prototxt")
    assert "test_top_1_share" in card.metrics
