"""Real Caffe's own numbers, case by case, at the gates that its own noise allows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from dix.frameworks.caffe.files import read_net, read_weights
from dix.frameworks.caffe.fillers import fill
from dix.frameworks.caffe.schema import TEST
from dix.frameworks.caffe.weights import load_weights
from tests.frameworks.caffe import measuring
from tests.frameworks.caffe.measuring import Row

Judge = Callable[[list[Row]], None]
FORMATS = measuring.find_folder() / "formats"


def test_caffe_parity_has_cases_to_measure() -> None:
    assert any((measuring.list_layers(), measuring.list_solvers(), measuring.list_nets()))


@pytest.mark.parametrize("case", measuring.list_layers())
def test_caffe_layer_parity(case: str, judge: Judge) -> None:
    judge([measuring.measure_layer(case)])


@pytest.mark.parametrize("case", measuring.list_solvers())
def test_caffe_solver_parity(case: str, tmp_path: Path, judge: Judge) -> None:
    judge(measuring.measure_solver(case, tmp_path))


@pytest.mark.parametrize("case", measuring.list_nets())
def test_caffe_net_parity_forward_and_backward(case: str, judge: Judge) -> None:
    judge(measuring.measure_net_forward(case))


@pytest.mark.parametrize("case", [case for case in measuring.list_nets() if measuring.has_data(case)])
def test_caffe_net_parity_in_training(case: str, tmp_path: Path, judge: Judge) -> None:
    judge(measuring.measure_net_run(case, tmp_path))


@pytest.mark.parametrize("run", measuring.list_lenet_runs())
def test_caffe_lenet_parity(run: str, tmp_path: Path, judge: Judge) -> None:
    judge(measuring.measure_lenet(run, tmp_path))


@pytest.mark.parametrize("case", measuring.list_data_layers())
def test_caffe_data_parity(case: str, judge: Judge) -> None:
    judge([measuring.measure_data_layer(case)])


@pytest.mark.skipif(not (FORMATS / "v1.prototxt").is_file(), reason="the folder has no old net")
def test_caffe_old_net_parity(judge: Judge) -> None:
    assert read_net(FORMATS / "v1.prototxt").message == read_net(FORMATS / "v1_upgraded.prototxt").message
    numbers = np.load(FORMATS / "v1_io.npz")
    for weights in ("v1_legacy.caffemodel", "v1_saved_as_v2.caffemodel"):
        assert read_weights(FORMATS / weights).layer
        net = measuring.build_net(FORMATS / "v1.prototxt", TEST)
        assert load_weights(net, FORMATS / weights) == ["conv1", "fc"]
        data = next(key for key in numbers if key.endswith("data"))
        net.hand_over("data", torch.from_numpy(numbers[data]))
        net.forward()
        answers = [key for key in numbers if key.split("/")[-1] in net.blobs and key != data]
        worst = max(measuring.compare(net.blobs[key.split("/")[-1]].detach(), numbers[key]) for key in answers)
        judge([Row("formats", weights, "old weights", worst, measuring.LAYER_GATE)])


@pytest.mark.parametrize("name", sorted(measuring.read_filler_cases()))
def test_caffe_filler_parity(name: str, tmp_path: Path) -> None:
    case = measuring.read_filler_cases()[name]
    filler = measuring.read_filler(case["filler"], tmp_path)
    values = fill(filler, tuple(case["shape"]), torch.Generator().manual_seed(1))
    spread = max(case["std"], 1e-6)
    assert abs(values.mean() - case["mean"]) < 0.03 * spread + 1e-6
    assert abs(values.std() - case["std"]) < 0.03 * spread + 1e-6
    assert abs((values != 0).mean() - case["nonzero"]) < 0.02
    assert values.min() >= case["min"] - 0.4 * spread
    assert values.max() <= case["max"] + 0.4 * spread
    if name == "bilinear":
        np.testing.assert_allclose(values, np.load(FORMATS / "filler_bilinear.npy"), rtol=1e-6)
