"""The parameters that all nets have in common, as parts of a JSON Schema: forms, checks and docs come from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def make_fit_params(**defaults: Any) -> dict[str, Any]:
    """The properties of every training, with other `defaults` where an algorithm names them."""
    return {name: one | ({"default": defaults[name]} if name in defaults else {}) for name, one in _FIT.items()}


def make_schema(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON Schema of an algorithm's parameters."""
    return {"type": "object", "additionalProperties": False, "properties": dict(properties)}


CLASS_WEIGHTS: dict[str, Any] = {
    "type": "string", "default": "none", "enum": ["none", "balanced"],
    "description": "Whether each class counts the same while learning, however rare it is (balanced).",
}  # fmt: skip

_FIT: dict[str, Any] = {
    "epochs": {
        "type": "integer", "default": 10, "minimum": 1, "maximum": 10_000,
        "description": "How often all examples are gone through.",
    },
    "batch_size": {
        "type": "integer", "default": 32, "minimum": 2, "maximum": 65_536,
        "description": "How many examples one step of learning sees.",
    },
    "learning_rate": {
        "type": "number", "default": 0.001, "exclusiveMinimum": 0, "maximum": 10,
        "description": "How far one step goes.",
    },
    "optimizer": {
        "type": "string", "default": "adam", "enum": ["adam", "sgd"],
        "description": "How the step is found: adam, or sgd with momentum.",
    },
    "schedule": {
        "type": "string", "default": "cosine", "enum": ["none", "cosine", "step"],
        "description": "How the learning rate falls over the epochs.",
    },
    "weight_decay": {
        "type": "number", "default": 0.0001, "minimum": 0, "maximum": 1,
        "description": "How strongly weights are pulled to zero.",
    },
    "validation_split": {
        "type": "number", "default": 0.1, "minimum": 0, "maximum": 0.9,
        "description": "Which share of the training data is kept aside to stop by, where no valid is connected.",
    },
    "patience": {
        "type": "integer", "default": 5, "minimum": 0, "maximum": 10_000,
        "description": "After how many epochs that get no better training stops, going back to the best; 0: never.",
    },
    "seed": {
        "type": "integer", "default": 0, "minimum": 0, "maximum": 4_294_967_295,
        "description": "Where chance begins; the same number gives the same model on the same machine.",
    },
}  # fmt: skip
