"""The nets a solver names: one to train and any number to test, each in its state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dix.errors import BadData
from dix.frameworks.caffe.files import read_net
from dix.frameworks.caffe.net import Net, NetOrigin
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.prototxt import Unknown
from dix.frameworks.caffe.schema import TEST, TRAIN, make_message
from dix.frameworks.caffe.upgrade import upgrade_net


@dataclass(frozen=True, slots=True)
class _Source:
    """A NetParameter, where it is written, and the folders its files are looked for in."""

    uri: str
    message: Any
    paths: Paths
    unknown: tuple[Unknown, ...] = ()


def build_train_net(solver: Any, origin: NetOrigin) -> Net:
    """The net to train; raises BadData unless the solver names exactly one."""
    sources = [
        *_read_files(origin, [solver.train_net] if solver.HasField("train_net") else []),
        *_take_inline(origin, [solver.train_net_param] if solver.HasField("train_net_param") else []),
        *_read_generic(solver, origin),
    ]
    if len(sources) != 1:
        raise BadData(origin.uri, f"it names {len(sources)} nets to train", "give it one: net, or train_net")
    state = _make_state(TRAIN, sources[0].message.state, solver.train_state)
    return _build(sources[0], state, origin, None)


def build_test_nets(solver: Any, origin: NetOrigin, train: Net) -> list[Net]:
    """The nets to test, with the weights of the trained one; raises BadData when the numbers do not go together."""
    named = [*_take_inline(origin, list(solver.test_net_param)), *_read_files(origin, list(solver.test_net))]
    generic = _read_generic(solver, origin)
    wanted = len(solver.test_iter)
    sources = named + generic * max(0, wanted - len(named))
    if wanted != len(sources):
        raise BadData(origin.uri, f"it has {wanted} test_iter for {len(sources)} test nets", "give one for each")
    if sources and solver.test_interval < 1:
        raise BadData(origin.uri, "it has test_iter and no test_interval", "say how often to test")
    if solver.test_state and len(solver.test_state) != wanted:
        raise BadData(origin.uri, f"it has {len(solver.test_state)} test_state for {wanted} test nets")
    return [
        _build(
            source,
            _make_state(TEST, source.message.state, solver.test_state[i] if solver.test_state else None),
            origin,
            train,
        )
        for i, source in enumerate(sources)
    ]


def _build(source: _Source, state: Any, origin: NetOrigin, share: Net | None) -> Net:
    own = replace(origin, uri=source.uri, paths=source.paths, unknown=source.unknown)
    return Net(source.message, state, own, share)


def _make_state(phase: int, own: Any, wanted: Any) -> Any:
    """The phase, then what the net says of its state, then what the solver says."""
    state = make_message("NetState")
    state.phase = phase
    state.MergeFrom(own)
    if wanted is not None:
        state.MergeFrom(wanted)
    return state


def _read_generic(solver: Any, origin: NetOrigin) -> list[_Source]:
    return [
        *_take_inline(origin, [solver.net_param] if solver.HasField("net_param") else []),
        *_read_files(origin, [solver.net] if solver.HasField("net") else []),
    ]


def _read_files(origin: NetOrigin, names: list[str]) -> list[_Source]:
    sources = []
    for name in names:
        path = origin.paths.find(name)
        folders = (*origin.paths.folders, path.parent)
        file = read_net(path)
        sources.append(_Source(str(path), file.message, Paths(folders), file.unknown))
    return sources


def _take_inline(origin: NetOrigin, messages: list[Any]) -> list[_Source]:
    for message in messages:
        upgrade_net(origin.uri, message)
    return [_Source(origin.uri, message, origin.paths) for message in messages]
