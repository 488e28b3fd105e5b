"""Find a ready algorithm by its name, and what the data and model nodes do."""

from __future__ import annotations

from dix.algorithms.base import Algorithm
from dix.algorithms.caffe import Caffe
from dix.algorithms.cnn import Cnn
from dix.algorithms.dbn import Dbn
from dix.algorithms.evaluate import Evaluate
from dix.algorithms.join import Join
from dix.algorithms.lstm import Lstm
from dix.algorithms.noop import Noop
from dix.algorithms.normalize import Normalize
from dix.algorithms.recommendation import Recommendation
from dix.algorithms.risk import Risk
from dix.algorithms.rnn import Rnn
from dix.algorithms.sample import Sample
from dix.algorithms.score import Score
from dix.algorithms.script import Script
from dix.algorithms.source import Source
from dix.algorithms.speech import Speech
from dix.algorithms.split import Split
from dix.algorithms.sql import Sql
from dix.algorithms.video import Video
from dix.errors import NotFound
from dix.flow.spec import AlgorithmSpec
from dix.names import find_nearest

_READY: dict[str, type[Algorithm]] = {
    kind.spec.name: kind
    for kind in (
        Caffe,
        Cnn,
        Dbn,
        Evaluate,
        Join,
        Lstm,
        Noop,
        Normalize,
        Recommendation,
        Risk,
        Rnn,
        Sample,
        Script,
        Speech,
        Split,
        Sql,
        Video,
    )
}


def list_specs() -> dict[str, AlgorithmSpec]:
    """What can stand after `algorithm:`, by name; cheap, no framework is loaded."""
    return {name: kind.spec for name, kind in sorted(_READY.items())}


def make_algorithm(name: str) -> Algorithm:
    """A ready algorithm, to be run once; raises NotFound with the nearest name."""
    if name not in _READY:
        raise NotFound("algorithm", name, find_nearest(name, _READY))
    return _READY[name]()


def make_source() -> Algorithm:
    """What a data node does."""
    return Source()


def make_score() -> Algorithm:
    """What a model node does."""
    return Score()
