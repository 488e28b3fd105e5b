"""What every framework does with a trained model, and what lies in a model's folder.

A model folder has `model.json` (`ModelCard` as JSON) and the files its framework writes beside it, weights in
safetensors. Loading never unpickles and never runs code from the folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One named tensor: `datatype` as in the Open Inference Protocol v2 (UINT8, FP32, BYTES ...), -1 is any size.

    Values of an `optional` input may be missing: NaN or None in arrays, null in tables and in JSON.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model: enough to load it, to ask it and to show it.

    `inputs` are the raw values as stored, the first dimension -1; `preprocessing` says what the model itself does to
    them (`kind` and the fields of an intake), `outcome` what it makes of its net's numbers. `net` is what its framework
    needs to build the net again. `labels` are the classes in order of the outputs.
    `format` is set for what a user's script has left, and `loading` says what it takes to load that: `data` is read;
    with `code`, `pickles` or `unknown` somebody's code would be run.
    """

    algorithm: str
    framework: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    labels: tuple[str, ...] = ()
    preprocessing: dict[str, Any] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=dict)
    net: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    format: str = ""
    loading: str = "data"


class Predictor(Protocol):
    """A loaded model, in one process, on one device; safe to call from one thread at a time."""

    @property
    def card(self) -> ModelCard:
        """What it was loaded from."""

    def predict(self, columns: Columns) -> dict[str, NDArray[Any]]:
        """Answer a batch: each input of the card as an array of n rows, in its stored type.

        A classifier answers `label` (object array of str, [n]) and `probabilities` (float32, [n, classes]), others what
        their card's outputs say. Raises BadValue for a missing input, or one of the wrong shape.
        """
