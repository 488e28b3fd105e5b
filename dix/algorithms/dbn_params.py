"""The parameters of the deep belief net, as a JSON Schema: forms, checks and docs come from it."""

from __future__ import annotations

from typing import Any

from dix.algorithms.cnn_params import CNN_PARAMS
from dix.algorithms.fit_params import CLASS_WEIGHTS, make_fit_params, make_schema

_OF_IMAGES = ("label_column", "image_column", "image_size")

DBN_PARAMS: dict[str, Any] = make_schema(
    {
        **make_fit_params(epochs=30),
        "class_weights": CLASS_WEIGHTS,
        "layers": {
            "type": "array", "default": [256, 256], "minItems": 1, "maxItems": 12,
            "items": {"type": "integer", "minimum": 1, "maximum": 65_536},
            "description": "The units of each layer; as many machines upon each other as numbers.",
        },
        "dropout": {
            "type": "number", "default": 0.0, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of the last layer is left out, by chance, while learning the classes.",
        },
        "greedy_epochs": {
            "type": "integer", "default": 20, "minimum": 0, "maximum": 10_000,
            "description": "How often each layer goes through all examples without their classes; 0 leaves that out.",
        },
        "greedy_batch_size": {
            "type": "integer", "default": 32, "minimum": 1, "maximum": 65_536,
            "description": "How many examples one step of a layer sees.",
        },
        "greedy_learning_rate": {
            "type": "number", "default": 0.05, "exclusiveMinimum": 0, "maximum": 10,
            "description": "How far one step of a layer goes.",
        },
        "greedy_weight_decay": {
            "type": "number", "default": 0.0002, "minimum": 0, "maximum": 1,
            "description": "How strongly the weights of a layer are pulled to zero.",
        },
        "divergence_steps": {
            "type": "integer", "default": 1, "minimum": 1, "maximum": 1000,
            "description": "How often a layer goes back and forth before it is compared with the data (k of CD-k).",
        },
        "compare": {
            "type": "boolean", "default": False,
            "description": "Whether the same net is trained without the greedy stage too, to tell what that gains.",
        },
        **{name: CNN_PARAMS["properties"][name] for name in _OF_IMAGES},
    },
)  # fmt: skip
