"""Says amounts the way people read them."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def say_bytes(size: float) -> str:
    """A size in the unit that fits: `812 B`, `1.5 MiB`."""
    unit = 0
    while abs(size) >= 1024 and unit < len(_UNITS) - 1:
        size /= 1024
        unit += 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def say_amount(resource: str, amount: float) -> str:
    """An amount of a resource: bytes of memory and disk, a plain number of everything else."""
    return say_bytes(amount) if resource in {"memory", "disk"} else f"{amount:g}"
