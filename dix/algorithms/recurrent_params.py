"""The parameters of the recurrent nets, as a JSON Schema: forms, checks and docs come from it."""

from __future__ import annotations

from typing import Any

from dix.algorithms.fit_params import CLASS_WEIGHTS, make_fit_params, make_schema

RECURRENT_PARAMS: dict[str, Any] = make_schema(
    {
        **make_fit_params(learning_rate=0.003),
        "class_weights": CLASS_WEIGHTS,
        "task": {
            "type": "string", "default": "classify", "enum": ["classify", "forecast"],
            "description": "What is learned: to tell texts or sequences apart, or how time series go on (forecast).",
        },
        "hidden": {
            "type": "integer", "default": 64, "minimum": 1, "maximum": 65_536,
            "description": "How many numbers a layer remembers, in each direction.",
        },
        "layers": {
            "type": "integer", "default": 1, "minimum": 1, "maximum": 16,
            "description": "How many recurrent layers stand on each other.",
        },
        "bidirectional": {
            "type": "boolean", "default": True,
            "description": "Whether texts and sequences are read backwards too.",
        },
        "pooling": {
            "type": "string", "default": "max", "enum": ["max", "mean", "last"],
            "description": "What is made of the steps: the greatest, the mean, or what stands at the end.",
        },
        "dropout": {
            "type": "number", "default": 0.3, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of the numbers between the layers is left out, by chance, while training.",
        },
        "label_column": {
            "type": "string", "default": "label", "minLength": 1,
            "description": "The column of a table that holds the classes.",
        },
        "text_column": {
            "type": "string", "default": "text", "minLength": 1,
            "description": "The column of a table that holds the texts.",
        },
        "sequence_column": {
            "type": ["string", "null"], "default": None, "minLength": 1,
            "description": "The column of a table that holds lists of numbers, where these are told apart, not texts.",
        },
        "max_length": {
            "type": "integer", "default": 256, "minimum": 1, "maximum": 65_536,
            "description": "How many words of a text, or steps of a sequence, are looked at, from its beginning.",
        },
        "embedding": {
            "type": "integer", "default": 64, "minimum": 1, "maximum": 65_536,
            "description": "How many numbers stand for a word.",
        },
        "max_words": {
            "type": "integer", "default": 20_000, "minimum": 1, "maximum": 1_000_000,
            "description": "How many words are known at most, the most frequent ones.",
        },
        "min_count": {
            "type": "integer", "default": 2, "minimum": 1, "maximum": 1_000_000,
            "description": "How often a word must come in the training data to be known.",
        },
        "lower": {
            "type": "boolean", "default": True,
            "description": "Whether capitals count as small letters.",
        },
        "word_dropout": {
            "type": "number", "default": 0.1, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of the words is made unknown, by chance, while training.",
        },
        "time_column": {
            "type": "string", "default": "time", "minLength": 1,
            "description": "For a forecast, the column with the time of each row, at even steps.",
        },
        "value_column": {
            "type": ["string", "array"], "default": "value", "minLength": 1, "minItems": 1, "maxItems": 1024,
            "items": {"type": "string", "minLength": 1},
            "description": "For a forecast, the column that is forecast, or a list of several.",
        },
        "series_column": {
            "type": ["string", "null"], "default": None, "minLength": 1,
            "description": "For a forecast, the column that tells several series of one table apart.",
        },
        "known_columns": {
            "type": "array", "default": [], "maxItems": 1024, "items": {"type": "string", "minLength": 1},
            "description": "For a forecast, columns that are known of the time ahead, such as holidays.",
        },
        "past_columns": {
            "type": "array", "default": [], "maxItems": 1024, "items": {"type": "string", "minLength": 1},
            "description": "For a forecast, columns that help and are known only until now.",
        },
        "history": {
            "type": "integer", "default": 48, "minimum": 1, "maximum": 65_536,
            "description": "How many steps a forecast looks back.",
        },
        "horizon": {
            "type": "integer", "default": 12, "minimum": 1, "maximum": 65_536,
            "description": "How many steps are forecast.",
        },
        "season": {
            "type": "integer", "default": 1, "minimum": 1, "maximum": 65_536,
            "description": "For a forecast, after how many steps it comes again; 1: it is like the last value.",
        },
        "stride": {
            "type": "integer", "default": 1, "minimum": 1, "maximum": 65_536,
            "description": "For a forecast, every how many steps a window begins that is learned from.",
        },
    },
)  # fmt: skip
