"""Programs that TensorFlow saves: Keras archives, which are read, and SavedModels, whose graph may do anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from numpy.typing import NDArray

from dix.errors import BadModel
from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.programs.base import Program, check_tensors

_DATATYPES = {
    "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64", "int8": "INT8",
    "int16": "INT16", "int32": "INT32", "int64": "INT64", "float16": "FP16", "float32": "FP32", "float64": "FP64",
    "string": "BYTES",
}  # fmt: skip
_SIGNATURE = "serving_default"
# What the layers of a file that is damaged, or that needs code which is not here, raise.
_WRONG = (ValueError, TypeError, KeyError, AttributeError, ImportError, OSError, RuntimeError, tf.errors.OpError)


def load_keras(path: Path, *, trusted: bool) -> Program:
    """The model in a `.keras`; Keras refuses what would run code unless `trusted`. Raises BadModel."""
    uri = str(path)
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=not trusted)
    except _WRONG as error:
        raise BadModel(uri, f"Keras cannot load it ({type(error).__name__}: {_shorten(error)})") from error
    if not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        raise BadModel(uri, "it does not say what shape its inputs have; give it an Input, or build it before saving")
    form = model.inputs if isinstance(model, keras.Sequential) else model.input
    inputs = tuple(_describe(uri, one.name, one.dtype, one.shape) for one in model.inputs)
    outputs = tuple(
        _describe(uri, name, one.dtype, one.shape)
        for name, one in zip(_name_outputs(model), model.outputs, strict=True)
    )
    check_tensors(uri, inputs, outputs)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def ask(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        given = tensors[0] if isinstance(form, list) and len(form) == 1 else keras.tree.pack_sequence_as(form, tensors)
        said: list[tf.Tensor] = keras.tree.flatten(model(given, training=False))
        return said

    def run(columns: Columns) -> dict[str, NDArray[Any]]:
        said = ask([tf.convert_to_tensor(columns[spec.name]) for spec in inputs])
        return {spec.name: value.numpy() for spec, value in zip(outputs, said, strict=True)}

    return Program(inputs, outputs, run)


def load_saved_model(folder: Path) -> Program:
    """The model in a SavedModel's folder, asked by its signature `serving_default`; raises BadModel."""
    uri = str(folder)
    try:
        loaded = tf.saved_model.load(str(folder))
    except _WRONG as error:
        raise BadModel(uri, f"TensorFlow cannot load it ({type(error).__name__}: {_shorten(error)})") from error
    if _SIGNATURE not in loaded.signatures:
        raise BadModel(
            uri, f"it has no signature {_SIGNATURE}; its signatures are {', '.join(loaded.signatures) or 'none'}"
        )
    signature = loaded.signatures[_SIGNATURE]
    inputs, outputs = (
        tuple(_describe(uri, name, one.dtype.name, one.shape) for name, one in sorted(tensors.items()))
        for tensors in (signature.structured_input_signature[1], signature.structured_outputs)
    )
    check_tensors(uri, inputs, outputs)

    def run(columns: Columns) -> dict[str, NDArray[Any]]:
        said = loaded.signatures[_SIGNATURE](**{spec.name: tf.convert_to_tensor(columns[spec.name]) for spec in inputs})
        return {spec.name: said[spec.name].numpy() for spec in outputs}

    return Program(inputs, outputs, run)


def _name_outputs(model: keras.Model) -> list[str]:
    """The keys of a dictionary, else the names of the layers, unless one is there twice."""
    if isinstance(model, keras.Sequential):
        return [str(model.layers[-1].name)]
    names = sorted(model.output) if isinstance(model.output, dict) else [str(name) for name in model.output_names]
    return names if len(set(names)) == len(names) else [f"output_{i}" for i in range(len(names))]


def _describe(uri: str, name: str, dtype: str, shape: Any) -> TensorSpec:
    if dtype not in _DATATYPES:
        raise BadModel(uri, f"{name} is of the type {dtype}")
    if isinstance(shape, tf.TensorShape) and shape.rank is None:
        raise BadModel(uri, f"it does not say what shape {name} has")
    return TensorSpec(name, _DATATYPES[dtype], tuple(-1 if size is None else int(size) for size in shape))


def _shorten(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
