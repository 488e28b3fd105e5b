from __future__ import annotations

from pathlib import Path

from dix.frameworks.caffe.deploy import find_input, make_deploy
from dix.frameworks.caffe.schema import TEST
from tests.frameworks.caffe.making import NET, make_net, write_project


def test_data_labels_and_losses_go_and_probabilities_come(tmp_path: Path) -> None:
    write_project(tmp_path)
    deploy = make_deploy(make_net(NET, TEST, tmp_path))
    assert [(layer.name, layer.type, list(layer.bottom), list(layer.top)) for layer in deploy.layer] == [
        ("data", "Input", [], ["data"]),
        ("ip", "InnerProduct", ["data"], ["ip"]),
        ("prob", "Softmax", ["ip"], ["prob"]),
    ]
    assert list(deploy.layer[0].input_param.shape[0].dim) == [1, 3]
    assert not deploy.layer[1].HasField("phase")


def test_what_hangs_on_labels_goes_with_them_and_the_last_loss_answers() -> None:
    net = make_net("""
      layer { name: "d" type: "DummyData" top: "x" top: "t"
        dummy_data_param { shape { dim: 4 dim: 2 } shape { dim: 4 } } }
      layer { name: "shift" type: "Power" bottom: "t" top: "u" }
      layer { name: "more" type: "Power" bottom: "u" top: "v" }
      layer { name: "early" type: "SoftmaxWithLoss" bottom: "x" bottom: "t" top: "l1" }
      layer { name: "act" type: "ReLU" bottom: "x" top: "x" }
      layer { name: "late" type: "SoftmaxWithLoss" bottom: "x" bottom: "t" top: "l2" }
      layer { name: "far" type: "EuclideanLoss" bottom: "t" bottom: "v" top: "l3" }
    """)
    assert [layer.name for layer in make_deploy(net).layer] == ["x", "act", "prob"]
    assert find_input(net)[0] == "x"
