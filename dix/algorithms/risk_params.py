"""The parameters of risk control, as a JSON Schema: forms, checks and docs come from it."""

from __future__ import annotations

from typing import Any

from dix.algorithms.fit_params import CLASS_WEIGHTS, make_fit_params, make_schema

_NAMES: dict[str, Any] = {"type": "array", "default": [], "items": {"type": "string", "minLength": 1}}

RISK_PARAMS: dict[str, Any] = make_schema(
    {
        **make_fit_params(epochs=30, batch_size=256, validation_split=0.2),
        "class_weights": CLASS_WEIGHTS,
        "label_column": {
            "type": "string", "default": "label", "minLength": 1,
            "description": "The column of a table that holds the classes.",
        },
        "positive": {
            "type": ["string", "null"], "default": None, "minLength": 1,
            "description": "The class that is the risk; without it the rarer one of two.",
        },
        "fpr": {
            "type": "number", "default": 0.05, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of the harmless rows may be taken for risks, at the threshold that is told.",
        },
        "columns": _NAMES | {"description": "The columns to learn from; none named: all but the label."},
        "ignore": _NAMES | {"description": "Columns that are not learned from, such as an id."},
        "categories": _NAMES | {
            "description": "Columns of numbers that are names (a code, a branch); columns of texts always are.",
        },
        "scale": {
            "type": "string", "default": "quantile", "enum": ["quantile", "standard"],
            "description": "How numbers are brought to one scale: by their rank, or by mean and deviation.",
        },
        "min_count": {
            "type": "integer", "default": 5, "minimum": 1, "maximum": 1_000_000,
            "description": "How often a category must occur to be told from unknown ones.",
        },
        "width": {
            "type": "integer", "default": 64, "minimum": 1, "maximum": 8192,
            "description": "How many numbers stand for a row within the net.",
        },
        "blocks": {
            "type": "integer", "default": 2, "minimum": 0, "maximum": 32,
            "description": "How many residual blocks the net has.",
        },
        "dropout": {
            "type": "number", "default": 0.1, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of a block is left out, by chance, while training.",
        },
    },
)  # fmt: skip
