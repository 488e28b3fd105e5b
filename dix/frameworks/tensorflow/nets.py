"""Find the kind of net that an algorithm trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dix.frameworks.tensorflow.design import Design

NETS = ("cnn", "lstm", "rnn")


def find_design(algorithm: str) -> Design:
    """The design of one of `NETS`."""
    from dix.frameworks.tensorflow.cnn import CNN
    from dix.frameworks.tensorflow.recurrent import LSTM, RNN

    return {"cnn": CNN, "lstm": LSTM, "rnn": RNN}[algorithm]
