"""The LSTM: tells texts and sequences apart, and goes on with time series."""

from __future__ import annotations

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.recurrent import make_recurrent_spec, train_recurrent


class Lstm(Algorithm):
    """A recurrent net whose cells (long short-term memory) keep what they read for as long as it is of use."""

    spec = make_recurrent_spec("lstm", "LSTM")

    def run(self, context: StepContext) -> StepResult:
        return train_recurrent(context, self.spec.name)
