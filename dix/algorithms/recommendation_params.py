"""The parameters of the recommendation, as a JSON Schema: forms, checks and docs come from it."""

from __future__ import annotations

from typing import Any

from dix.algorithms.fit_params import make_fit_params, make_schema

_FIT = make_fit_params(epochs=30, batch_size=256, learning_rate=0.005, patience=3)
_FIT.pop("validation_split")

RECOMMENDATION_PARAMS: dict[str, Any] = make_schema(
    {
        **_FIT,
        "user_column": {
            "type": "string", "default": "user", "minLength": 1, "description": "The column that says who it was.",
        },
        "item_column": {
            "type": "string", "default": "item", "minLength": 1, "description": "The column that says what it was.",
        },
        "time_column": {
            "type": ["string", "null"], "default": None, "minLength": 1,
            "description": "The column by which the last item of each user is kept aside; without it any of them is.",
        },
        "rating_column": {
            "type": ["string", "null"], "default": None, "minLength": 1,
            "description": "The column that says how much the user liked it.",
        },
        "least_rating": {
            "type": ["number", "null"], "default": None,
            "description": "From which rating on an event counts; without it all do.",
        },
        "hold_out": {
            "type": "boolean", "default": True,
            "description": "Whether one item of each user is kept aside to stop by, where no valid is connected.",
        },
        "k": {
            "type": "integer", "default": 10, "minimum": 1, "maximum": 1000,
            "description": "How many items are answered, and judged.",
        },
        "size": {
            "type": "integer", "default": 32, "minimum": 1, "maximum": 4096,
            "description": "How many numbers stand for a user, and for an item.",
        },
        "hidden": {
            "type": "array", "default": [], "maxItems": 8,
            "items": {"type": "integer", "minimum": 1, "maximum": 65_536},
            "description": "The layers of the two towers upon those numbers; none: their plain product.",
        },
        "negatives": {
            "type": "integer", "default": 0, "minimum": 0, "maximum": 1_000_000,
            "description": "How many other items a step compares with, drawn by chance; 0: all, best up to 100,000.",
        },
        "dropout": {
            "type": "number", "default": 0.0, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of a user's numbers is left out, by chance, while training.",
        },
    },
)  # fmt: skip
