"""Programs of torch.export say what they take, and answer any number of rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dix.errors import BadModel
from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.programs.predictor import make_program_predictor
from dix.frameworks.torch.exported import load_exported_program

CARD = ModelCard("script", "torch", (), (), format="torch.export", loading="code")


class Two(nn.Module):
    def forward(self, a: Tensor, *, b: Tensor) -> dict[str, Tensor]:
        return {"total": a + b, "product": (a * b).sum(1)}


class Whole(nn.Module):
    def forward(self, a: Tensor) -> Tensor:
        return a.mean()


def export(folder: Path, net: nn.Module, args: tuple[Any, ...], **options: Any) -> Path:
    path = folder / "net.pt2"
    torch.export.save(torch.export.export(net.eval(), args, **options), path)
    return path


@pytest.mark.parametrize("dynamic", [None, ({0: torch.export.Dim("batch")},), ({0: torch.export.Dim.AUTO},)])
@pytest.mark.parametrize("count", [0, 1, 5, 7, 300])
def test_rows_are_answered_whatever_number_it_was_exported_with(tmp_path: Path, dynamic: Any, count: int) -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(72, 3), nn.Softmax(1))
    path = export(tmp_path, net, (torch.zeros(5, 1, 8, 8),), dynamic_shapes=dynamic)
    predictor = make_program_predictor(CARD, load_exported_program(path))
    assert predictor.card.inputs == (TensorSpec("input", "FP32", (-1, 1, 8, 8)),)
    (output,) = predictor.card.outputs
    assert (output.datatype, output.shape) == ("FP32", (-1, 3))
    images = np.random.default_rng(0).normal(size=(count, 1, 8, 8)).astype(np.float32)
    with torch.no_grad():
        expected = net(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(predictor.predict({"input": images})[output.name], expected, rtol=1e-4)


def test_several_inputs_and_named_outputs_keep_their_names(tmp_path: Path) -> None:
    rows, batch = torch.ones(3, 4), torch.export.Dim("batch")
    path = export(
        tmp_path, Two(), (rows,), kwargs={"b": torch.zeros(3, 4)}, dynamic_shapes={"a": {0: batch}, "b": {0: batch}}
    )
    predictor = make_program_predictor(CARD, load_exported_program(path))
    assert [spec.name for spec in predictor.card.inputs] == ["a", "b"]
    assert predictor.card.outputs == (TensorSpec("total", "FP32", (-1, 4)), TensorSpec("product", "FP32", (-1,)))
    given = np.arange(8, dtype=np.float32).reshape(2, 4)
    answer = predictor.predict({"a": given, "b": 2 * given})
    np.testing.assert_array_equal(answer["total"], 3 * given)
    np.testing.assert_array_equal(answer["product"], (2 * given**2).sum(1))


def test_what_cannot_be_asked_row_by_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="output mean has no row for each row that is asked"):
        load_exported_program(export(tmp_path, Whole(), (torch.ones(3, 4),)))


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "net.pt2").write_bytes(b"no archive")
    with pytest.raises(BadModel, match=r"net\.pt2 cannot be loaded: torch cannot load it \(\w+: "):
        load_exported_program(tmp_path / "net.pt2")
