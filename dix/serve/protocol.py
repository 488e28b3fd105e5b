"""The Open Inference Protocol v2 in JSON: requests into arrays, arrays into responses.

Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md. Pure functions over bytes; whatever is
wrong with a request raises BadValue with one sentence, which travels as `{"error": ...}`. What the protocol does not
name in a request is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from numpy.typing import NDArray

from dix.errors import BadData, BadValue, NotYet
from dix.frameworks.base import ModelCard, TensorSpec
from dix.names import find_nearest
from dix.serve.tensors import read_tensor, write_tensor

_BINARY = "tensors in binary beside the JSON"
_BINARY_INSTEAD = 'give each input its values in "data", and ask for no binary output'
# The protocol's platforms are `<project>_<format>`.
_PROJECTS = {"torch": "pytorch"}


@dataclass(frozen=True, slots=True)
class InferRequest:
    """What is asked: `columns` go to the model, `outputs` are wanted back (in this order), `id` is echoed."""

    id: str | None
    columns: dict[str, NDArray[Any]]
    outputs: tuple[TensorSpec, ...]
    rows: int


def read_request(body: bytes, card: ModelCard) -> InferRequest:
    """Read and check an inference request for a model; raises BadValue, or NotYet for the binary extension."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadValue("body", "JSON in UTF-8", str(error)) from None
    if not isinstance(document, dict):
        raise BadValue("body", 'an object with "inputs"', _kind(document))
    _check_parameters(document, "request")
    columns = _read_inputs(document.get("inputs"), card)
    sizes = {name: len(column) for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        raise BadValue("inputs", "the same number of rows in each", sizes)
    rows = next(iter(sizes.values()), 0)
    return InferRequest(_read_id(document), columns, _read_outputs(document.get("outputs"), card), rows)


def write_response(model: str, version: str, request: InferRequest, answers: Mapping[str, NDArray[Any]]) -> bytes:
    """The response to a request; raises BadData when the model left out an output or JSON cannot say it."""
    document: dict[str, Any] = {"model_name": model, "model_version": version}
    if request.id is not None:
        document["id"] = request.id
    for spec in request.outputs:
        if spec.name not in answers:
            raise BadData(model, f"its model card promises the output {spec.name}, which it did not give")
    document["outputs"] = [write_tensor(spec, answers[spec.name], model) for spec in request.outputs]
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


def write_metadata(model: str, version: str, card: ModelCard) -> bytes:
    """What is known of a model: its version, what it takes and what it gives."""
    document = {
        "name": model,
        "versions": [version],
        "platform": f"{_PROJECTS.get(card.framework, card.framework)}_{_name_format(card)}",
        "inputs": [_describe(spec) for spec in card.inputs],
        "outputs": [_describe(spec) for spec in card.outputs],
    }
    return orjson.dumps(document)


def write_ready(model: str) -> bytes:
    """That a model answers."""
    return orjson.dumps({"name": model, "ready": True})


def write_error(sentence: str) -> bytes:
    """Why there is no answer."""
    return orjson.dumps({"error": sentence})


def _read_inputs(inputs: Any, card: ModelCard) -> dict[str, NDArray[Any]]:
    if not isinstance(inputs, list) or not all(isinstance(tensor, dict) for tensor in inputs):
        raise BadValue("inputs", "a list of tensors", _kind(inputs))
    specs = {spec.name: spec for spec in card.inputs}
    columns: dict[str, NDArray[Any]] = {}
    for i, tensor in enumerate(inputs):
        spec = _find_spec(tensor, specs, f"inputs[{i}]")
        if spec.name in columns:
            raise BadValue(f"inputs[{i}].name", "each input once", spec.name)
        columns[spec.name] = _read_input(tensor, spec, f"inputs[{i}]")
    missing = [name for name in specs if name not in columns]
    if missing:
        raise BadValue("inputs", f"all of {', '.join(specs)}", f"none called {missing[0]}")
    return columns


def _read_input(tensor: dict[str, Any], spec: TensorSpec, where: str) -> NDArray[Any]:
    _check_parameters(tensor, where)
    if tensor.get("datatype") != spec.datatype:
        raise BadValue(f"{where}.datatype", f"{spec.datatype} for {spec.name}", _shorten(tensor.get("datatype")))
    if "data" not in tensor:
        raise BadValue(f"{where}.data", "the values of the tensor", None)
    return read_tensor(spec, tensor.get("shape"), tensor["data"], where)


def _read_outputs(outputs: Any, card: ModelCard) -> tuple[TensorSpec, ...]:
    """All outputs when none are asked for."""
    if outputs is None or outputs == []:
        return card.outputs
    if not isinstance(outputs, list) or not all(isinstance(output, dict) for output in outputs):
        raise BadValue("outputs", 'a list of objects with "name"', _kind(outputs))
    specs = {spec.name: spec for spec in card.outputs}
    wanted: dict[str, TensorSpec] = {}
    for i, output in enumerate(outputs):
        _check_parameters(output, f"outputs[{i}]")
        spec = _find_spec(output, specs, f"outputs[{i}]")
        wanted[spec.name] = spec
    return tuple(wanted.values())


def _read_id(document: dict[str, Any]) -> str | None:
    given = document.get("id")
    if given is not None and not isinstance(given, str):
        raise BadValue("id", "a text", _kind(given))
    return given


def _find_spec(tensor: dict[str, Any], specs: Mapping[str, TensorSpec], where: str) -> TensorSpec:
    name = tensor.get("name")
    if isinstance(name, str) and name in specs:
        return specs[name]
    nearest = find_nearest(name, specs) if isinstance(name, str) else None
    hint = f"did you mean {nearest}?" if nearest else ""
    raise BadValue(f"{where}.name", f"one of {', '.join(specs)}", _shorten(name), hint)


def _check_parameters(holder: dict[str, Any], where: str) -> None:
    """Parameters are accepted; none changes anything here, so what asks for binary data must be told."""
    parameters = holder.get("parameters")
    if parameters is None:
        return
    if not isinstance(parameters, dict):
        raise BadValue(f"{where}.parameters", "an object", _kind(parameters))
    for name, value in parameters.items():
        if not isinstance(value, str | int | float | bool):
            raise BadValue(f"{where}.parameters.{_shorten(name)}", "a text, a number or a boolean", _kind(value))
    if "binary_data_size" in parameters or parameters.get("binary_data") or parameters.get("binary_data_output"):
        raise NotYet(_BINARY, _BINARY_INSTEAD)


def refuse_binary() -> NotYet:
    """What a request whose header says that tensors follow the JSON is told."""
    return NotYet(_BINARY, _BINARY_INSTEAD)


def _name_format(card: ModelCard) -> str:
    """What its weights lie in, or what a script has left it as."""
    return card.format.removeprefix("torch.") or ("caffemodel" if card.framework == "caffe" else "safetensors")


def _describe(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "datatype": spec.datatype, "shape": list(spec.shape)}


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean"}
    return names.get(type(value), "a number")


def _shorten(value: Any) -> Any:
    return value if not isinstance(value, str) or len(value) <= 60 else f"{value[:57]}..."
