from __future__ import annotations

import pytest

from dix.errors import BadData
from dix.frameworks.caffe.schema import TEST, TRAIN
from dix.frameworks.caffe.selection import select_layers
from tests.frameworks.caffe.making import parse

NET = """
layer { name: "always" }
layer { name: "train" include { phase: TRAIN } }
layer { name: "test" include { phase: TEST } }
layer { name: "not-test" exclude { phase: TEST } }
layer { name: "deep" include { min_level: 2 max_level: 3 } }
layer { name: "staged" include { stage: "a" stage: "b" not_stage: "c" } }
layer { name: "either" include { phase: TRAIN } include { stage: "a" } }
"""


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("phase: TRAIN", ["always", "train", "not-test", "either"]),
        ("phase: TEST level: 2", ["always", "test", "deep"]),
        ('phase: TEST stage: "a" stage: "b"', ["always", "test", "staged", "either"]),
        ('phase: TEST stage: "a" stage: "b" stage: "c"', ["always", "test", "either"]),
    ],
)
def test_layers_are_chosen_by_phase_level_and_stages(state: str, names: list[str]) -> None:
    chosen = select_layers("x", parse("NetParameter", NET), parse("NetState", state))
    assert [layer.name for layer in chosen] == names


def test_a_chosen_layer_knows_its_phase_and_the_net_keeps_its_own() -> None:
    net = parse("NetParameter", 'layer { name: "a" } layer { name: "b" phase: TEST }')
    chosen = select_layers("x", net, parse("NetState", "phase: TRAIN"))
    assert [layer.phase for layer in chosen] == [TRAIN, TEST]
    assert not net.layer[0].HasField("phase")


def test_include_and_exclude_at_once_are_refused() -> None:
    net = parse("NetParameter", 'layer { name: "a" include {} exclude {} }')
    with pytest.raises(BadData, match="layer a has both"):
        select_layers("x", net, parse("NetState", ""))
