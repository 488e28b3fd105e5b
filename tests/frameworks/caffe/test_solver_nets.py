from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import BadData
from dix.frameworks.caffe.solver import Solver
from tests.frameworks.caffe.making import NET, SOLVER, write_project


def test_nets_may_stand_in_files_of_their_own_or_in_the_solver(tmp_path: Path) -> None:
    inline = 'test_net_param { layer { name: "in" type: "DummyData" top: "x" dummy_data_param { shape { dim: 1 } } } }'
    solver = SOLVER.replace('net: "net.prototxt"', f'train_net: "net.prototxt" test_net: "test.prototxt" {inline}')
    solver = solver.replace("test_iter: 2", "test_iter: 1 test_iter: 2")
    (tmp_path / "test.prototxt").write_text(NET)
    tests = Solver(write_project(tmp_path, solver=solver)).tests
    assert [net.outputs for net in tests] == [["x"], ["accuracy", "loss"]]


def test_stages_and_levels_come_from_the_solver(tmp_path: Path) -> None:
    net = NET.replace("include { phase: TEST }", 'include { phase: TEST stage: "full" }')
    for state, outputs in (("", ["loss"]), ('test_state { stage: "full" }', ["accuracy", "loss"])):
        solver = Solver(write_project(tmp_path, net=net, solver=SOLVER + state))
        assert solver.tests[0].outputs == outputs


def test_test_nets_have_the_weights_of_the_trained_one(tmp_path: Path) -> None:
    solver = Solver(write_project(tmp_path))
    assert solver.tests[0].layers["ip"].blobs[0] is solver.net.layers["ip"].blobs[0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('train_net: "net.prototxt"', "names 2 nets to train"),
        ("test_state {} test_state {}", "2 test_state for 1 test nets"),
    ],
)
def test_numbers_that_do_not_go_together_are_refused(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(BadData, match=said):
        Solver(write_project(tmp_path, solver=SOLVER + more))
