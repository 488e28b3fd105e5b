"""What the recurrent nets have in common: their ports and parameters, and what they learn from which data."""

from __future__ import annotations

from dix.algorithms.base import StepContext, StepResult
from dix.algorithms.forecast_lesson import train_on_series
from dix.algorithms.lesson import OUTPUTS
from dix.algorithms.recurrent_params import RECURRENT_PARAMS
from dix.algorithms.sequence_lesson import train_on_sequences
from dix.algorithms.text_lesson import train_on_texts
from dix.flow.spec import AlgorithmSpec, PortSpec


def make_recurrent_spec(name: str, title: str) -> AlgorithmSpec:
    """The spec of the recurrent net that is called `name`."""
    return AlgorithmSpec(
        name=name,
        title=title,
        help="Learns to tell texts apart (a table with text and label, or class folders of .txt files) or sequences of "
        "numbers (a table with a list column), or how time series go on (a table with time and value).",
        inputs=(
            PortSpec("train", help="What to learn from."),
            PortSpec("valid", required=False, help="What to stop by; otherwise a part of train."),
        ),
        outputs=OUTPUTS,
        frameworks=("torch", "tensorflow"),
        params=RECURRENT_PARAMS,
        trains=True,
        spreads=("torch", "tensorflow"),
    )


def train_recurrent(context: StepContext, algorithm: str) -> StepResult:
    """Train the net that is called `algorithm` on what lies at its ports."""
    if context.params["task"] == "forecast":
        return train_on_series(context, algorithm)
    if context.params["sequence_column"] is not None:
        return train_on_sequences(context, algorithm)
    return train_on_texts(context, algorithm)
