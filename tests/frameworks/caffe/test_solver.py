from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dix.errors import BadData, DataMissing
from dix.frameworks.caffe.solver import Solver, SolverOptions
from dix.frameworks.caffe.weights import to_array
from tests.frameworks.caffe.making import NET, SOLVER, write_project


def strip(lines: list[str]) -> list[str]:
    return [line.split("] ", 1)[1] for line in lines]


def test_it_says_what_caffe_says_in_its_order(tmp_path: Path) -> None:
    lines: list[str] = []
    Solver(write_project(tmp_path), SolverOptions(log=lines.append)).solve()
    said = [line.split(" (")[0].split(" = ")[0] for line in strip(lines)]
    assert said[:7] == [
        "Solving small",
        "Learning Rate Policy: fixed",
        "Iteration 0, Testing net",
        "    Test net output #0: accuracy",
        "    Test net output #1: loss",
        "Iteration 0",
        "    Train net output #0: loss",
    ]
    assert "Iteration 0, lr = 0.1" in strip(lines)
    assert said[-5:] == [
        "Iteration 6, loss",
        "Iteration 6, Testing net",
        "    Test net output #0: accuracy",
        "    Test net output #1: loss",
        "Optimization Done.",
    ]
    assert sum("Snapshotting to binary proto file" in line for line in lines) == 2
    assert (tmp_path / "snap" / "small_iter_6.caffemodel").is_file()


def test_what_caffe_does_not_have_is_said_and_passed_over(tmp_path: Path) -> None:
    lines: list[str] = []
    path = write_project(tmp_path, net=NET + "fork_param: 3", solver=SOLVER + "ap_version: 1")
    Solver(path, SolverOptions(log=lines.append))
    assert strip(lines) == [
        "Ignored, as Caffe does not have it: SolverParameter.ap_version (line 4)",
        "Ignored, as Caffe does not have it: NetParameter.fork_param (line 9)",
    ]


def test_numbers_are_reported_where_they_are_displayed(tmp_path: Path) -> None:
    rows: list[tuple[int, dict[str, float]]] = []
    Solver(write_project(tmp_path), SolverOptions(report=lambda i, found: rows.append((i, found)))).solve()
    assert [i for i, found in rows if "lr" in found] == [0, 2, 4]
    assert [i for i, found in rows if "test_accuracy" in found] == [0, 3, 6]
    assert rows[-1][1]["test_loss"] < rows[0][1]["test_loss"]


def test_the_same_seed_twice_gives_the_same_weights(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    first, second = Solver(path), Solver(path)
    first.solve()
    second.solve()
    for one, other in zip(first.net.params, second.net.params, strict=True):
        np.testing.assert_array_equal(to_array(one.tensor), to_array(other.tensor))


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("form", ["BINARYPROTO", "HDF5"])
def test_it_goes_on_from_a_snapshot_where_it_was(tmp_path: Path, kind: str, form: str) -> None:
    solver = SOLVER.replace("momentum", f'snapshot_format: {form} type: "{kind}" momentum')
    # As many rows as three batches, so that both read the same rows after the third.
    path = write_project(tmp_path, solver=solver, rows=24)
    whole = Solver(path)
    whole.solve()
    ending = ".h5" if form == "HDF5" else ""
    state = tmp_path / "snap" / f"small_iter_3.solverstate{ending}"
    rest = Solver(path, SolverOptions(snapshot=state))
    rest.solve()
    assert rest.progress.iteration == 6
    for one, other in zip(whole.net.params, rest.net.params, strict=True):
        np.testing.assert_array_equal(to_array(one.tensor), to_array(other.tensor))


def test_a_state_of_another_solver_is_refused(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    Solver(path).solve()
    other = write_project(tmp_path, solver=SOLVER + 'type: "Adam"')
    with pytest.raises(BadData, match="it has 2 histories, this solver keeps 4"):
        Solver(other).restore(tmp_path / "snap" / "small_iter_6.solverstate")
    (tmp_path / "snap" / "small_iter_6.caffemodel").unlink()
    with pytest.raises(DataMissing, match=r"small_iter_6\.caffemodel"):
        Solver(write_project(tmp_path)).restore(tmp_path / "snap" / "small_iter_6.solverstate")


def test_gradients_of_several_batches_are_one_of_a_larger(tmp_path: Path) -> None:
    small = write_project(tmp_path, net=NET.replace("batch_size: 8", "batch_size: 4"), solver=SOLVER + "iter_size: 2")
    split = Solver(small)
    split.iterate()
    whole = Solver(write_project(tmp_path))
    whole.iterate()
    for one, other in zip(whole.net.params, split.net.params, strict=True):
        np.testing.assert_allclose(to_array(one.tensor), to_array(other.tensor), rtol=1e-5, atol=1e-7)


def test_losses_are_smoothed_over_the_last_few(tmp_path: Path) -> None:
    rows: list[dict[str, float]] = []
    solver = SOLVER.replace("display: 2", "display: 1 average_loss: 3") + "test_initialization: false"
    options = SolverOptions(report=lambda _, found: rows.append(found))
    loop = Solver(write_project(tmp_path, solver=solver), options)
    losses = [loop.iterate() for _ in range(5)]
    smoothed = [row["lr"] and row["loss"] for row in rows if "lr" in row]
    assert smoothed == pytest.approx([np.mean(losses[max(0, i - 2) : i + 1]) for i in range(5)], rel=1e-5)


def test_training_stops_where_it_is_told_to_and_keeps_what_it_has(tmp_path: Path) -> None:
    solver: list[Solver] = []
    options = SolverOptions(is_stopped=lambda: bool(solver) and solver[0].progress.iteration == 4)
    solver.append(Solver(write_project(tmp_path), options))
    solver[0].solve()
    assert (tmp_path / "snap" / "small_iter_4.caffemodel").is_file()


@pytest.mark.parametrize("prefix", ["/elsewhere/snap", "../../elsewhere/snap"])
def test_snapshots_stay_in_the_folder_they_are_given(tmp_path: Path, prefix: str) -> None:
    path = write_project(tmp_path, solver=SOLVER.replace("snap/small", prefix))
    written = Solver(path, SolverOptions(output=tmp_path / "out")).write_snapshot()
    assert written == tmp_path / "out" / "elsewhere" / "snap_iter_0.caffemodel"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("max_iter: 6", 'max_iter: 6 type: "LBFGS"'), "take one of AdaDelta"),
        (("max_iter: 6", ""), "max_iter is 0"),
        (("max_iter: 6", 'max_iter: 6 regularization_type: "L3"'), "take L1 or L2"),
        (('net: "net.prototxt"', ""), "names 0 nets to train"),
        (("test_interval: 3", ""), "no test_interval"),
        (('net: "net.prototxt"', 'net: "no.prototxt"'), r"no\.prototxt: it is not under"),
    ],
)
def test_a_solver_that_cannot_be_gets_a_sentence_before_it_starts(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(BadData, match=said):
        Solver(write_project(tmp_path, solver=SOLVER.replace(*change)))
