"""Programs of `torch.export`: loading one evaluates what is written in it, so it takes somebody's trust."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from dix.errors import BadModel
from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.programs.base import Program, check_tensors
from dix.frameworks.torch.device import choose_device

_DATATYPES = {
    torch.bool: "BOOL", torch.uint8: "UINT8", torch.int8: "INT8", torch.int16: "INT16", torch.int32: "INT32",
    torch.int64: "INT64", torch.float16: "FP16", torch.float32: "FP32", torch.float64: "FP64",
}  # fmt: skip

# What torch raises for a file that is damaged, of another version, or that needs code which is not here.
_WRONG = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    ImportError,
    OSError,
    RuntimeError,
    AssertionError,
    BadZipFile,
)


def load_exported_program(path: Path, threads: int = 1, gpus: float = 0.0) -> Program:
    """The program in a `.pt2`, on the device that it was saved for, or on the CPU; raises BadModel."""
    device = choose_device(threads, gpus)
    try:
        exported = torch.export.load(path)
        net = exported.module()
    except _WRONG as error:
        raise BadModel(str(path), f"torch cannot load it ({type(error).__name__}: {_shorten(error)})") from error
    net.to(device)
    values = _find_values(exported)
    given = [values[name] for name in exported.graph_signature.user_inputs if isinstance(name, str)]
    said = [values[name] for name in exported.graph_signature.user_outputs if isinstance(name, str)]
    if len(given) != len(exported.graph_signature.user_inputs) or not all(
        isinstance(one, torch.Tensor) for one in given
    ):
        raise BadModel(str(path), "it takes something else than tensors")
    batch = _find_batch(given)
    inputs = _describe(str(path), list(exported.graph_signature.user_inputs), given, batch)
    outputs = _describe(str(path), _name_outputs(exported), said, batch)
    check_tensors(str(path), inputs, outputs)
    rows = batch if isinstance(batch, int) else 0
    return Program(inputs, outputs, _Run(exported, net, device, inputs, outputs), rows, _find_least(exported, batch))


class _Run:
    """Asks the module as it was called when it was exported."""

    def __init__(
        self,
        exported: ExportedProgram,
        net: torch.nn.Module,
        device: torch.device,
        inputs: tuple[TensorSpec, ...],
        outputs: tuple[TensorSpec, ...],
    ) -> None:
        self._form = exported.call_spec.in_spec
        self._net = net
        self._device = device
        self._inputs = inputs
        self._outputs = outputs

    def __call__(self, columns: Columns) -> dict[str, NDArray[Any]]:
        tensors = [
            torch.from_numpy(np.require(columns[spec.name], requirements=["C", "W"])).to(self._device)
            for spec in self._inputs
        ]
        args, kwargs = pytree.tree_unflatten(tensors, self._form)
        with torch.inference_mode():
            said = pytree.tree_leaves(self._net(*args, **kwargs))
        return {spec.name: value.cpu().numpy() for spec, value in zip(self._outputs, said, strict=True)}


def _find_values(exported: ExportedProgram) -> dict[str, Any]:
    """What each place of the graph holds, without its values."""
    return {node.name: node.meta.get("val") for node in exported.graph.nodes}


def _find_batch(given: list[torch.Tensor]) -> Any:
    """The size of the first axis, which all inputs share; a name where it is free."""
    sizes = {str(one.shape[0]): one.shape[0] for one in given if one.dim()}
    return next(iter(sizes.values())) if len(sizes) == 1 and all(one.dim() for one in given) else None


def _describe(uri: str, names: list[Any], values: list[Any], batch: Any) -> tuple[TensorSpec, ...]:
    specs = []
    for name, value in zip(names, values, strict=True):
        if not isinstance(value, torch.Tensor) or value.dtype not in _DATATYPES:
            raise BadModel(uri, f"{name} is no tensor of numbers")
        shape = [size if isinstance(size, int) else -1 for size in value.shape]
        if shape and batch is not None and str(value.shape[0]) == str(batch):
            shape[0] = -1
        elif shape:
            shape[0] = 0  # not a row for each row
        specs.append(TensorSpec(str(name), _DATATYPES[value.dtype], tuple(shape)))
    return tuple(specs)


def _name_outputs(exported: ExportedProgram) -> list[str]:
    """The keys where the module answers a dictionary, else what the graph calls them."""
    form = exported.call_spec.out_spec
    if form is not None and form.type is dict and all(child.is_leaf() for child in form.children()):
        return [str(key) for key in form.context]
    return [str(name) for name in exported.graph_signature.user_outputs]


def _find_least(exported: ExportedProgram, batch: Any) -> int:
    limits = [limit for symbol, limit in exported.range_constraints.items() if str(symbol) == str(batch)]
    return max(1, *(int(limit.lower) for limit in limits)) if limits else 1


def _shorten(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
