"""The plain recurrent net: quicker than the LSTM, with a shorter memory."""

from __future__ import annotations

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.recurrent import make_recurrent_spec, train_recurrent


class Rnn(Algorithm):
    """A recurrent net whose cells are one layer with tanh each."""

    spec = make_recurrent_spec("rnn", "Recurrent net")

    def run(self, context: StepContext) -> StepResult:
        return train_recurrent(context, self.spec.name)
