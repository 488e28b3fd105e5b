from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from dix.errors import BadData
from dix.frameworks.caffe.files import read_state
from dix.frameworks.caffe.solver import Solver
from tests.frameworks.caffe.making import SOLVER, write_project


def test_a_state_has_what_caffe_looks_for(tmp_path: Path) -> None:
    Solver(write_project(tmp_path)).solve()
    state = read_state(tmp_path / "snap" / "small_iter_3.solverstate")
    assert (state.iter, state.current_step, state.learned_net) == (3, 0, "snap/small_iter_3.caffemodel")
    assert [list(blob.shape.dim) for blob in state.history] == [[2, 3], [2]]


def test_the_hdf5_form_has_the_same_by_name(tmp_path: Path) -> None:
    Solver(write_project(tmp_path, solver=SOLVER + "snapshot_format: HDF5 snapshot_diff: true")).solve()
    with h5py.File(tmp_path / "snap" / "small_iter_6.solverstate.h5") as file:
        assert np.asarray(file["iter"]).tolist() == [6]
        assert sorted(file["history"]) == ["0", "1"]
    with h5py.File(tmp_path / "snap" / "small_iter_6.caffemodel.h5") as file:
        assert file["data/ip/0"].shape == (2, 3)
        assert file["diff/ip/1"].shape == (2,)


def test_a_state_that_is_none_is_named(tmp_path: Path) -> None:
    solver = Solver(write_project(tmp_path))
    with h5py.File(tmp_path / "a.solverstate.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(BadData, match="no iter"):
        solver.restore(tmp_path / "a.solverstate.h5")
