"""Quantities as people write them: `2GiB`, `500m`, `30s`; read into bytes, cores and seconds."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

from dix.errors import BadValue
from dix.names import find_nearest

MEMORY_RULE = "whole bytes, or a number with Ki, Mi, Gi, Ti (as in 2GiB) or k, M, G, T"
CORES_RULE = "a number from 0, or thousandths such as 500m"
TIME_RULE = "a number with ms, s, m, h or d, as in 30s"

_MEMORY: dict[str, int] = {
    "": 1,
    **{name: 1024**power for power, name in enumerate(("Ki", "Mi", "Gi", "Ti"), start=1)},
    **{f"{name}B": 1024**power for power, name in enumerate(("Ki", "Mi", "Gi", "Ti"), start=1)},
    **{name: 1000**power for power, name in enumerate(("k", "M", "G", "T"), start=1)},
}
_CORES = {"": Decimal(1), "m": Decimal("0.001")}
_TIME = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}

_QUANTITY = re.compile(r"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?)\s*([A-Za-z]*)\s*\Z")

_MOST_BYTES = 2**63 - 1
_MOST_CORES = 1_000_000
_MOST_SECONDS = 100 * 366 * 86400
# Ray counts in ten-thousandths; anything smaller would be nothing at all.
_LEAST_CORES = Decimal("0.0001")


def read_memory(value: Any, field: str = "memory") -> int:
    """Bytes of `1073741824`, `1GiB`, `1Gi`, `1.5Gi` or `2G`; raises BadValue. A part of a byte is rounded up."""
    number, unit = _split(value, field, MEMORY_RULE)
    if unit not in _MEMORY:
        raise BadValue(field, MEMORY_RULE, value, _suggest(value, number, unit, _MEMORY))
    size = number * _MEMORY[unit]
    if unit == "" and size != size.to_integral_value():
        raise BadValue(field, MEMORY_RULE, value, "give whole bytes, or a unit")
    if not 0 <= size <= _MOST_BYTES:
        raise BadValue(field, "0 bytes or more, below 8 EiB", value)
    return math.ceil(size)


def tell_size(size: float) -> str:
    """Bytes in a sentence, in the largest unit of which there is one: `1.5 GiB`."""
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if size >= 1024**power:
            return f"{size / 1024**power:.4g} {unit}"
    return f"{size:g} bytes"


def read_cores(value: Any, field: str = "cpu") -> float:
    """Cores (or cards) of `2`, `0.5` or `500m`; raises BadValue."""
    number, unit = _split(value, field, CORES_RULE)
    if unit not in _CORES:
        raise BadValue(field, CORES_RULE, value, _suggest(value, number, unit, _CORES))
    count = number * _CORES[unit]
    if not 0 <= count <= _MOST_CORES:
        raise BadValue(field, f"a number from 0 to {_MOST_CORES}", value)
    if 0 < count < _LEAST_CORES:
        raise BadValue(field, "0, or at least 0.0001", value)
    return float(count)


def read_time(value: Any, field: str = "time") -> float:
    """Seconds of `500ms`, `30s`, `5m`, `2h` or `1d`; raises BadValue, also for a number without a unit."""
    number, unit = _split(value, field, TIME_RULE)
    if unit not in _TIME:
        raise BadValue(field, TIME_RULE, value, _suggest(value, number, unit, _TIME))
    seconds = number * _TIME[unit]
    if not 0 <= seconds <= _MOST_SECONDS:
        raise BadValue(field, "a time from 0s to 36600d", value)
    return float(seconds)


def _split(value: Any, field: str, rule: str) -> tuple[Decimal, str]:
    """The number and the unit as written; the exponent is bounded, so no number is too long to multiply."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadValue(field, rule, value)
    if isinstance(value, str):
        match = _QUANTITY.match(value) if len(value) <= 64 else None
        if match is None:
            raise BadValue(field, rule, value[:64])
        return _bounded(Decimal(match[1]), field, rule, value), match[2]
    if isinstance(value, float) and not math.isfinite(value):
        raise BadValue(field, rule, value)
    return _bounded(Decimal(str(value)), field, rule, value), ""


def _bounded(number: Decimal, field: str, rule: str, value: Any) -> Decimal:
    if number.adjusted() > 24:
        raise BadValue(field, rule, value)
    return number if number.adjusted() > -24 else Decimal(0)


def _suggest(value: Any, number: Decimal, unit: str, units: dict[str, Any]) -> str:
    """What to do about a unit that is missing or unknown."""
    if not unit:
        return f"add a unit, as in {value}s"
    folded = {name.lower(): name for name in units if name}
    folded |= {"kb": "k", "mb": "M", "gb": "G", "tb": "T"} if "GiB" in units else {}
    folded |= (
        {"sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m"}
        if "h" in units
        else {}
    )
    folded |= {"minutes": "m", "hour": "h", "hours": "h", "hr": "h", "day": "d", "days": "d"} if "h" in units else {}
    near = folded.get(unit.lower()) or folded.get(find_nearest(unit.lower(), folded) or "")
    return f"did you mean {number.normalize():f}{near}?" if near else f"{unit} is not a unit known here"
