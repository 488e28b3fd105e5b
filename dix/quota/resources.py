"""What quotas are given for, how their amounts are read, and how they are told."""

from __future__ import annotations

import re
from typing import Any

from dix.errors import BadValue
from dix.flow.units import read_cores, read_memory, tell_size
from dix.names import find_nearest

PLAIN = ("cpu", "gpu", "memory", "disk", "runs", "steps")
SMALL = 1e-6  # sums of fractions are not exact

_OF_TYPE = re.compile(r"gpu:([A-Za-z0-9][A-Za-z0-9._-]{0,62})\Z")
_SIZES = frozenset({"memory", "disk"})
_WORDS = {
    "cpu": "CPU",
    "gpu": "GPU",
    "memory": "memory",
    "disk": "disk in the store",
    "runs": "concurrent runs",
    "steps": "concurrent steps",
}
_MOST = 1_000_000


def check_resource(name: str) -> str:
    """The name itself; raises BadValue with the nearest for what no quota is given for."""
    if name in PLAIN or _OF_TYPE.match(name):
        return name
    near = find_nearest(name, PLAIN)
    raise BadValue("quotas", f"{', '.join(PLAIN)} or gpu:TYPE", name, f"did you mean {near}?" if near else "")


def read_amount(resource: str, value: Any) -> float:
    """Cores, cards, bytes or a count, from what a person wrote; raises BadValue."""
    place = f"quotas.{resource}"
    if resource in _SIZES:
        return float(read_memory(value, place))
    amount = read_cores(value, place)
    if resource in {"runs", "steps"} and amount != int(amount):
        raise BadValue(place, f"a whole number from 0 to {_MOST}", value)
    return amount


def tell(resource: str, amount: float) -> str:
    """An amount in a sentence: `4 GPU`, `2 GPU of type H100`, `64 GiB memory`."""
    return f"{tell_number(resource, amount)} {tell_name(resource)}"


def tell_number(resource: str, amount: float) -> str:
    """The number alone; sizes with their unit."""
    return tell_size(amount) if resource in _SIZES else f"{round(amount, 4):g}"


def tell_name(resource: str) -> str:
    """What it is called in a sentence."""
    of_type = _OF_TYPE.match(resource)
    return f"GPU of type {of_type[1]}" if of_type else _WORDS[resource]
