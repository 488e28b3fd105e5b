"""The parameters of the net for clips, as a JSON Schema: forms, checks and docs come from it."""

from __future__ import annotations

from typing import Any

from dix.algorithms.fit_params import CLASS_WEIGHTS, make_fit_params, make_schema

VIDEO_PARAMS: dict[str, Any] = make_schema(
    {
        "net": {
            "type": "string", "default": "conv", "enum": ["conv", "lstm"],
            "description": "How moments are put together: by convolution over time (conv), or by cells (lstm).",
        },
        **make_fit_params(epochs=20),
        "class_weights": CLASS_WEIGHTS,
        "frames": {
            "type": "integer", "default": 16, "minimum": 2, "maximum": 1024,
            "description": "How many frames of a clip are taken, evenly from its beginning to its end.",
        },
        "image_size": {
            "type": ["integer", "array"], "default": 64, "minimum": 1, "maximum": 4096,
            "items": {"type": "integer", "minimum": 1, "maximum": 4096}, "minItems": 2, "maxItems": 2,
            "description": "Brings all frames to one size, a side or [height, width].",
        },
        "colour": {
            "type": "boolean", "default": True,
            "description": "Whether frames are seen in colour; otherwise in grey.",
        },
        "channels": {
            "type": "array", "default": [16, 32], "minItems": 1, "maxItems": 8,
            "items": {"type": "integer", "minimum": 1, "maximum": 4096},
            "description": "The filters of each layer of convolution; as many layers as numbers.",
        },
        "hidden": {
            "type": "integer", "default": 64, "minimum": 1, "maximum": 8192,
            "description": "The number of cells (lstm).",
        },
        "dropout": {
            "type": "number", "default": 0.1, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of what the net has found is left out, by chance, while training.",
        },
        "video_column": {
            "type": "string", "default": "video", "minLength": 1,
            "description": "The column of a table that holds the clips: bytes of files, or lists of frames.",
        },
        "label_column": {
            "type": "string", "default": "label", "minLength": 1,
            "description": "The column of a table that holds the classes.",
        },
    },
)  # fmt: skip
