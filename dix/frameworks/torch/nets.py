"""Find the kind of net that an algorithm trains."""

from __future__ import annotations

from dix.frameworks.torch.design import Design

NETS = ("cnn", "dbn", "lstm", "recommendation", "risk", "rnn", "speech", "video")


def find_design(algorithm: str) -> Design:
    """The design of one of `NETS`."""
    from dix.frameworks.torch.cnn import CNN
    from dix.frameworks.torch.dbn import DBN
    from dix.frameworks.torch.recommendation import TOWERS
    from dix.frameworks.torch.recurrent import LSTM, RNN
    from dix.frameworks.torch.speech import SPEECH
    from dix.frameworks.torch.table import TABLE
    from dix.frameworks.torch.video import VIDEO

    return {
        "cnn": CNN,
        "dbn": DBN,
        "lstm": LSTM,
        "recommendation": TOWERS,
        "risk": TABLE,
        "rnn": RNN,
        "speech": SPEECH,
        "video": VIDEO,
    }[algorithm]
