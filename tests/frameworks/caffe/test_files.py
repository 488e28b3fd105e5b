from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dix.errors import BadData, DataMissing
from dix.frameworks.caffe.files import (
    read_mean,
    read_net,
    read_solver,
    read_state,
    read_text_message,
    read_weights,
    write_mean,
    write_message,
    write_text,
)
from dix.frameworks.caffe.schema import make_raw_message
from tests.frameworks.caffe.making import parse


def test_a_mean_survives_being_written(tmp_path: Path) -> None:
    mean = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    write_mean(tmp_path / "mean.binaryproto", mean)
    np.testing.assert_array_equal(read_mean(tmp_path / "mean.binaryproto"), mean)


def test_a_net_is_read_with_what_is_not_known_in_it(tmp_path: Path) -> None:
    (tmp_path / "net.prototxt").write_bytes(b'# caf\xe9\nname: "n" fork_param: 3')
    file = read_net(tmp_path / "net.prototxt")
    assert file.message.name == "n"
    assert [note.path for note in file.unknown] == ["NetParameter.fork_param"]


def test_a_solver_without_a_prefix_gets_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "fast.prototxt").write_text("base_lr: 1 solver_type: ADAM")
    solver = read_solver(tmp_path / "fast.prototxt").message
    assert (solver.snapshot_prefix, solver.type) == ("fast", "Adam")


def test_text_and_binary_are_written_and_read(tmp_path: Path) -> None:
    net = parse("NetParameter", 'layer { name: "a" }')
    write_text(tmp_path / "sub" / "net.prototxt", net)
    assert read_text_message(tmp_path / "sub" / "net.prototxt", "NetParameter") == net
    write_message(tmp_path / "net.caffemodel", net)
    assert read_weights(tmp_path / "net.caffemodel").layer[0].name == "a"
    state = make_raw_message("SolverState")
    state.iter = 3
    write_message(tmp_path / "a.solverstate", state)
    assert read_state(tmp_path / "a.solverstate").iter == 3


def test_files_that_are_not_there_or_damaged_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match=r"none\.caffemodel"):
        read_weights(tmp_path / "none.caffemodel")
    (tmp_path / "bad.caffemodel").write_bytes(b"\xff\xff\xff")
    with pytest.raises(BadData, match=r"bad\.caffemodel: it is not a binary NetParameter"):
        read_weights(tmp_path / "bad.caffemodel")
    (tmp_path / "empty.caffemodel").write_bytes(b"")
    with pytest.raises(BadData, match="no layer"):
        read_weights(tmp_path / "empty.caffemodel")
