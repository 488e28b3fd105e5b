from __future__ import annotations

from dix.frameworks.caffe.layers.lookup import find_problem, list_types, list_unsupported, name_tops
from tests.frameworks.caffe.making import parse


def test_every_must_have_is_there_and_nothing_is_in_both_lists() -> None:
    needed = {
        "Input", "Data", "HDF5Data", "ImageData", "MemoryData", "DummyData", "Convolution", "Pooling", "LRN",
        "InnerProduct", "ReLU", "Sigmoid", "TanH", "Dropout", "BatchNorm", "Scale", "Eltwise", "Concat", "Split",
        "Slice", "Flatten", "Softmax",
        "SoftmaxWithLoss", "EuclideanLoss", "SigmoidCrossEntropyLoss", "Accuracy", "Silence",
        "Deconvolution", "Crop", "Reshape", "ContrastiveLoss", "HingeLoss", "InfogainLoss", "PReLU", "ELU", "Power",
        "Exp", "Log", "AbsVal", "Bias", "Embed", "ArgMax", "Reduction", "Tile", "MVN", "LSTM", "RNN", "BatchReindex",
        "Parameter", "Clip", "Swish", "SPP",
    }  # fmt: skip
    assert needed <= set(list_types())
    assert not set(list_types()) & set(list_unsupported())


def test_problems_name_the_layer_and_what_it_wants() -> None:
    spec = parse("LayerParameter", 'name: "a" type: "Convolution" bottom: ["x", "y"] top: "z"')
    assert find_problem(spec) == "layer a (Convolution) has 2 bottoms and 1 tops, it wants as many of both"
    spec = parse("LayerParameter", 'name: "d" type: "WindowData" top: "z"')
    assert (find_problem(spec) or "").startswith("layer d (WindowData) is not supported: cutting windows")
    assert find_problem(parse("LayerParameter", 'name: "s" type: "Silence" bottom: "x"')) is None


def test_a_loss_without_a_top_gets_one() -> None:
    assert name_tops(parse("LayerParameter", 'name: "l" type: "HingeLoss"')) == ["(automatic l)"]
    assert name_tops(parse("LayerParameter", 'name: "s" type: "Silence"')) == []
