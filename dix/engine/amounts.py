"""Slices and machines as amounts by name, and how these are told. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dix.engine.machines import Machine
from dix.engine.plan import Slice
from dix.flow.units import tell_size

SMALL = 1e-6  # sums of fractions are not exact
CUSTOM = "custom."  # stands before the names that the cluster defines
_SIZES = frozenset({"memory", "disk"})
_COUNTED = frozenset({"gpu", "cpu", "memory"})
_WORDS = {"cpu": "CPU", "gpu": "GPU"}


def list_amounts(wanted: Slice) -> dict[str, float]:
    """What a step takes, all its workers together; only what is more than nothing."""
    plain = {
        "gpu": wanted.gpu,
        "cpu": wanted.cpu,
        "memory": float(wanted.memory_bytes),
        "disk": float(wanted.disk_bytes or 0),
        **{f"{CUSTOM}{name}": amount for name, amount in wanted.custom.items()},
    }
    return {name: amount * wanted.workers for name, amount in plain.items() if amount}


def list_counted(wanted: Slice, accelerator: str | None) -> dict[str, float]:
    """What a step counts for its project's quotas on a machine with this type of card.

    The disk in the store is among them with nothing: who is over that quota already may not go on.
    """
    amounts = list_amounts(wanted)
    counted: dict[str, float] = {name: amount for name, amount in amounts.items() if name in _COUNTED}
    if wanted.gpu and accelerator is not None:
        counted[f"gpu:{accelerator}"] = amounts["gpu"]
    return {**counted, "steps": 1.0, "disk": 0.0}


def list_capacity(machine: Machine) -> dict[str, float]:
    """What a machine has; what is not among them is not there, but for a disk that nobody has looked at."""
    disk = float("inf") if machine.disk_bytes is None else float(machine.disk_bytes)
    plain: Mapping[str, float] = {"gpu": machine.gpu, "cpu": machine.cpu, "memory": float(machine.memory_bytes)}
    return {**plain, "disk": disk, **{f"{CUSTOM}{name}": amount for name, amount in machine.custom.items()}}


def tell_amount(name: str, amount: float, kind: str = "") -> str:
    """An amount with its unit, as `2 CPU`, `1 free GPU` or `3 GiB free memory`; `kind` says what kind of it."""
    number = tell_number(name, amount)
    words = [number, kind, tell_name(name)]
    return " ".join(word for word in words if word)


def tell_number(name: str, amount: float) -> str:
    """The number alone; sizes with their unit."""
    return tell_size(amount) if name in _SIZES else f"{round(amount, 4):g}"


def tell_name(name: str) -> str:
    """What it is called in a sentence."""
    return _WORDS.get(name, name.removeprefix(CUSTOM))


def list_types(types: tuple[str, ...]) -> str:
    """` of type A100 or H100`; nothing when any will do."""
    return f" of type {' or '.join(types)}" if types else ""
