from __future__ import annotations

import pytest

from dix.errors import BadData
from dix.frameworks.caffe.upgrade import name_v1_type, upgrade_net, upgrade_solver
from tests.frameworks.caffe.making import parse


def test_old_layers_get_types_as_words_and_one_param_for_each_blob() -> None:
    text = 'layers { name: "a" type: INNER_PRODUCT blobs_lr: 1 blobs_lr: 2 weight_decay: 1 weight_decay: 0 param: "w" }'
    net = parse("NetParameter", text)
    upgrade_net("x", net)
    (layer,) = net.layer
    assert layer.type == "InnerProduct"
    assert [(spec.name, spec.lr_mult, spec.decay_mult) for spec in layer.param] == [("w", 1, 1), ("", 2, 0)]
    assert not net.layers


def test_every_old_type_has_the_name_of_today() -> None:
    names = ("SOFTMAX_LOSS", "HDF5_DATA", "MULTINOMIAL_LOGISTIC_LOSS", "RELU", "LRN", "DUMMY_DATA")
    assert [name_v1_type(name) for name in names] == [
        "SoftmaxWithLoss", "HDF5Data", "MultinomialLogisticLoss", "ReLU", "LRN", "DummyData",
    ]  # fmt: skip


def test_inputs_become_a_layer_at_the_front() -> None:
    net = parse("NetParameter", 'input: "a" input: "b" input_dim: [1, 2, 3, 4, 5, 6, 7, 8] layer { name: "x" }')
    upgrade_net("x", net)
    assert [layer.name for layer in net.layer] == ["input", "x"]
    assert [list(shape.dim) for shape in net.layer[0].input_param.shape] == [[1, 2, 3, 4], [5, 6, 7, 8]]
    with pytest.raises(BadData, match="2 inputs and shapes for 1"):
        upgrade_net("x", parse("NetParameter", 'input: "a" input: "b" input_shape { dim: 3 }'))


def test_old_transforms_move_and_statistics_are_frozen() -> None:
    data = 'layer { type: "Data" data_param { scale: 0.5 mirror: true } }'
    text = data + 'layer { type: "BatchNorm" param {} param {} param {} }'
    net = parse("NetParameter", text)
    upgrade_net("x", net)
    assert (net.layer[0].transform_param.scale, net.layer[0].transform_param.mirror) == (0.5, True)
    assert not net.layer[0].data_param.HasField("scale")
    assert [spec.lr_mult for spec in net.layer[1].param] == [0, 0, 0]


def test_both_forms_of_layers_at_once_are_refused() -> None:
    with pytest.raises(BadData, match="both"):
        upgrade_net("x", parse("NetParameter", "layer {} layers {}"))


def test_a_solver_type_as_a_number_becomes_a_word() -> None:
    solver = parse("SolverParameter", "solver_type: NESTEROV")
    upgrade_solver("x", solver)
    assert solver.type == "Nesterov"
    with pytest.raises(BadData, match="both type and solver_type"):
        upgrade_solver("x", parse("SolverParameter", 'solver_type: ADAM type: "Adam"'))
