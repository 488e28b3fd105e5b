"""The parameters of the convolutional net, as a JSON Schema: forms, checks and docs come from it."""

from __future__ import annotations

from typing import Any

from dix.algorithms.fit_params import CLASS_WEIGHTS, make_fit_params, make_schema

CNN_PARAMS: dict[str, Any] = make_schema(
    {
        **make_fit_params(),
        "class_weights": CLASS_WEIGHTS,
        "dropout": {
            "type": "number", "default": 0.2, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of the hidden layer is left out, by chance, while training.",
        },
        "architecture": {
            "type": "string", "default": "plain", "enum": ["plain", "resnet18"],
            "description": "A plain net of the layers below, or ResNet-18, which takes no notice of channels, kernel, "
            "hidden and batch_norm.",
        },
        "channels": {
            "type": "array", "default": [32, 64], "minItems": 1, "maxItems": 12,
            "items": {"type": "integer", "minimum": 1, "maximum": 4096},
            "description": "The filters of each layer of convolution; as many layers as numbers.",
        },
        "kernel": {
            "type": "integer", "default": 3, "minimum": 1, "maximum": 15,
            "description": "How many pixels wide and high a filter is.",
        },
        "hidden": {
            "type": "integer", "default": 128, "minimum": 0, "maximum": 65_536,
            "description": "The size of the layer before the classes; 0 leaves it out.",
        },
        "batch_norm": {
            "type": "boolean", "default": True,
            "description": "Whether each layer of convolution is normalised over the batch.",
        },
        "augment_shift": {
            "type": "integer", "default": 0, "minimum": 0, "maximum": 1024,
            "description": "By how many pixels images are shifted at most, by chance, while training.",
        },
        "augment_flip": {
            "type": "boolean", "default": False,
            "description": "Whether left and right of images are exchanged, by chance, while training.",
        },
        "label_column": {
            "type": "string", "default": "label", "minLength": 1,
            "description": "The column of a table that holds the classes.",
        },
        "image_column": {
            "type": "string", "default": "image", "minLength": 1,
            "description": "The column of a table that holds the images.",
        },
        "image_size": {
            "type": ["integer", "array", "null"], "default": None, "minimum": 1, "maximum": 4096,
            "items": {"type": "integer", "minimum": 1, "maximum": 4096}, "minItems": 2, "maxItems": 2,
            "description": "Brings all images to one size, a side or [height, width]; without it they must have one.",
        },
    },
)  # fmt: skip
