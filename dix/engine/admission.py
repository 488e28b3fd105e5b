"""Who may go: a ledger of the cluster's slots, with a stated reason for every wait. Pure: no Ray, no clock."""

from __future__ import annotations

from collections.abc import Iterable

from dix.engine.messages import StepKey
from dix.engine.plan import Slice

# Steps handed to the executor beyond what fits, so that a free worker finds its next step waiting.
LOOKAHEAD = 64


class Admission:
    """Admits steps first come, first served, up to the cluster's size and a short queue behind it."""

    def __init__(self, machines: Iterable[Slice]) -> None:
        """`machines` as the executor sees them now."""
        self._machines = tuple(machines)
        self._taken: dict[StepKey, Slice] = {}
        self._cpu = 0.0
        self._gpu = 0.0

    def resize(self, machines: Iterable[Slice]) -> None:
        """The cluster has grown or shrunk."""
        self._machines = tuple(machines)

    def admit(self, key: StepKey, wanted: Slice) -> bool:
        """Take the slots of a step, if it may be handed to the executor now."""
        if len(self._taken) >= LOOKAHEAD and not self._fits(wanted):
            return False
        self._taken[key] = wanted
        self._cpu += wanted.cpu
        self._gpu += wanted.gpu
        return True

    def release(self, key: StepKey) -> None:
        """Give the slots of a step back; a second time does nothing."""
        given = self._taken.pop(key, None)
        if given is not None:
            self._cpu -= given.cpu
            self._gpu -= given.gpu

    def explain(self, wanted: Slice, running: Iterable[StepKey]) -> str:
        """Why a step with this slice is not running yet, with names and numbers."""
        users = sorted({f"{key.node} of {key.run}" for key in running})
        shown = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        cpu = sum(machine.cpu for machine in self._machines)
        gpu = sum(machine.gpu for machine in self._machines)
        size = f"{cpu:g} cpu" + (f" and {gpu:g} gpu" if gpu else "")
        return f"wants {wanted}; the cluster's {size} are in use by {shown}" if users else f"wants {wanted}; starting"

    def _fits(self, wanted: Slice) -> bool:
        cpu = sum(machine.cpu for machine in self._machines)
        gpu = sum(machine.gpu for machine in self._machines)
        return self._cpu + wanted.cpu <= cpu and self._gpu + wanted.gpu <= gpu


def why_impossible(wanted: Slice, machines: Iterable[Slice]) -> str | None:
    """Why no machine of the cluster could ever do it; None when one could."""
    machines = tuple(machines)
    if any(_holds(machine, wanted) for machine in machines):
        return None
    if not machines:
        return "the cluster has no machine"
    best = max(machines, key=lambda machine: (machine.gpu, machine.cpu, machine.memory_bytes))
    return (
        f"asks for {wanted} and {wanted.memory_bytes / 2**30:.3g} GiB, no machine has that; the largest has "
        f"{best} and {best.memory_bytes / 2**30:.3g} GiB"
    )


def _holds(machine: Slice, wanted: Slice) -> bool:
    return (
        machine.cpu >= wanted.cpu
        and machine.gpu >= wanted.gpu
        and machine.memory_bytes >= wanted.memory_bytes
        and all(machine.custom.get(name, 0) >= amount for name, amount in wanted.custom.items())
    )
