"""Choose the layers of a net that belong to a phase, a level and its stages."""

from __future__ import annotations

from typing import Any

from dix.errors import BadData


def select_layers(uri: str, net: Any, state: Any) -> list[Any]:
    """The LayerParameters of `net` that the NetState `state` includes, in order, each with its phase filled in."""
    chosen = []
    for layer in net.layer:
        if layer.include and layer.exclude:
            raise BadData(uri, f"layer {layer.name} has both include and exclude", "give it one of them")
        if is_selected(layer, state):
            copy = type(layer)()
            copy.CopyFrom(layer)
            if not copy.HasField("phase"):
                copy.phase = state.phase
            chosen.append(copy)
    return chosen


def is_selected(layer: Any, state: Any) -> bool:
    """Whether the layer's rules let it into a net of this state."""
    if layer.include:
        return any(_meets(rule, state) for rule in layer.include)
    return not any(_meets(rule, state) for rule in layer.exclude)


def _meets(rule: Any, state: Any) -> bool:
    if rule.HasField("phase") and rule.phase != state.phase:
        return False
    if rule.HasField("min_level") and state.level < rule.min_level:
        return False
    if rule.HasField("max_level") and state.level > rule.max_level:
        return False
    stages = set(state.stage)
    return stages.issuperset(rule.stage) and stages.isdisjoint(rule.not_stage)
