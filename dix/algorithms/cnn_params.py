"""The parameters of the convolutional net, as a JSON Schema: forms, checks and docs come from it."""

from __future__ import annotations

from typing import Any

CNN_PARAMS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "epochs": {
            "type": "integer", "default": 10, "minimum": 1, "maximum": 10_000,
            "description": "How often all images are gone through.",
        },
        "batch_size": {
            "type": "integer", "default": 32, "minimum": 2, "maximum": 65_536,
            "description": "How many images one step of learning sees.",
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
        "dropout": {
            "type": "number", "default": 0.2, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of the hidden layer is left out, by chance, while training.",
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
    },
}  # fmt: skip
