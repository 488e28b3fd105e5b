"""The parameters of the net for spoken words, as a JSON Schema: forms, checks and docs come from it."""

from __future__ import annotations

from typing import Any

from dix.algorithms.fit_params import CLASS_WEIGHTS, make_fit_params, make_schema

SPEECH_PARAMS: dict[str, Any] = make_schema(
    {
        "net": {
            "type": "string", "default": "cnn", "enum": ["cnn", "lstm"],
            "description": "How a spectrogram is looked at: as a picture (cnn), or moment by moment (lstm).",
        },
        **make_fit_params(epochs=20),
        "class_weights": CLASS_WEIGHTS,
        "sample_rate": {
            "type": "integer", "default": 16_000, "minimum": 2_000, "maximum": 192_000,
            "description": "Samples a second that the net hears; files of another rate are brought to it.",
        },
        "seconds": {
            "type": "number", "default": 1.0, "exclusiveMinimum": 0, "maximum": 60,
            "description": "How long a sound is: longer ones are cut, shorter ones filled up with silence.",
        },
        "mels": {
            "type": "integer", "default": 40, "minimum": 4, "maximum": 256,
            "description": "How many bands of pitch are told apart.",
        },
        "channels": {
            "type": "array", "default": [16, 32, 64], "minItems": 1, "maxItems": 8,
            "items": {"type": "integer", "minimum": 1, "maximum": 4096},
            "description": "The filters of each layer of convolution (cnn).",
        },
        "hidden": {
            "type": "integer", "default": 96, "minimum": 1, "maximum": 8192,
            "description": "The cells of each direction and layer (lstm).",
        },
        "layers": {
            "type": "integer", "default": 1, "minimum": 1, "maximum": 8,
            "description": "How many layers of cells there are (lstm).",
        },
        "dropout": {
            "type": "number", "default": 0.1, "minimum": 0, "exclusiveMaximum": 1,
            "description": "Which share of what the net has found is left out, by chance, while training.",
        },
        "augment_shift": {
            "type": "integer", "default": 8, "minimum": 0, "maximum": 1000,
            "description": "By how many hundredths of a second sounds are shifted at most, by chance, while training.",
        },
        "augment_noise": {
            "type": "number", "default": 0.1, "minimum": 0, "maximum": 10,
            "description": "How much noise is put onto the spectrograms, in deviations, while training.",
        },
        "augment_mask": {
            "type": "number", "default": 0.1, "minimum": 0, "maximum": 0.9,
            "description": "Which share of the bands, and of the moments, is covered at most while training.",
        },
        "audio_column": {
            "type": "string", "default": "audio", "minLength": 1,
            "description": "The column of a table that holds the sounds: bytes of WAV files, or lists of samples.",
        },
        "label_column": {
            "type": "string", "default": "label", "minLength": 1,
            "description": "The column of a table that holds the classes.",
        },
    },
)  # fmt: skip
