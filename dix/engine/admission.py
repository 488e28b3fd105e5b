"""Who may go: a ledger of the cluster's slots, with a stated reason for every wait. Pure: no Ray, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dix.engine.messages import StepKey
from dix.engine.plan import Slice

# Steps of one size handed to the executor beyond what fits, so that a free worker finds its next step waiting.
LOOKAHEAD = 64
_SMALL = 1e-6  # sums of fractions are not exact


class Admission:
    """Admits steps first come, first served, up to the cluster's size and a short queue behind it."""

    def __init__(self, machines: Iterable[Slice]) -> None:
        """`machines` as the executor sees them now."""
        self._placed: dict[StepKey, Slice] = {}
        self._ahead: dict[tuple[float, float], dict[StepKey, Slice]] = {}  # admitted beyond what fits, by size
        self._used: dict[str, float] = {}
        self.resize(machines)

    def resize(self, machines: Iterable[Slice]) -> None:
        """The cluster has grown or shrunk."""
        self._machines = tuple(machines)
        self._total: dict[str, float] = {}
        for machine in self._machines:
            _add(self._total, machine, 1)
        self._promote()

    def admit(self, key: StepKey, wanted: Slice) -> bool:
        """Take the slots of a step, if it may be handed to the executor now."""
        ahead = self._ahead.get((wanted.cpu, wanted.gpu), {})
        if not ahead and self._find_short(wanted) is None:
            self._place(key, wanted)
            return True
        if len(ahead) >= LOOKAHEAD:
            return False
        self._ahead.setdefault((wanted.cpu, wanted.gpu), {})[key] = wanted
        return True

    def is_ahead(self) -> bool:
        """Whether steps have been admitted beyond what fits."""
        return any(self._ahead.values())

    def release(self, key: StepKey) -> None:
        """Give the slots of a step back; a second time does nothing."""
        for ahead in self._ahead.values():
            ahead.pop(key, None)
        given = self._placed.pop(key, None)
        if given is not None:
            _add(self._used, given, -1)
            self._promote()

    def explain(self, wanted: Slice, key: StepKey | None = None) -> str:
        """Why a step is not running yet, with names and numbers; `key` is its attempt, if it has one."""
        if key in self._placed:
            return f"wants {wanted}; has its place, and its worker is starting"
        impossible = why_impossible(wanted, self._machines)
        if impossible is not None:
            return impossible
        short = self._find_short(wanted)
        if short is None:
            return f"wants {wanted}; handed to the cluster, which has not started it yet"
        users = [str(key) for key, given in self._placed.items() if _amounts(given).get(short)]
        shown = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        total = self._total.get(short, 0.0)
        free = max(0.0, total - self._used.get(short, 0.0))
        return f"wants {wanted}; of {_tell(short, total)} {_number(short, free)} are free, the others go to {shown}"

    def _promote(self) -> None:
        """Those that were handed on beyond what fitted move up as far as they fit now."""
        for ahead in self._ahead.values():
            while ahead and self._find_short(next(iter(ahead.values()))) is None:
                key = next(iter(ahead))
                self._place(key, ahead.pop(key))

    def _place(self, key: StepKey, wanted: Slice) -> None:
        self._placed[key] = wanted
        _add(self._used, wanted, 1)

    def _find_short(self, wanted: Slice) -> str | None:
        """The first thing of which the whole cluster has not enough left."""
        for name, amount in _amounts(wanted).items():
            if amount and self._used.get(name, 0.0) + amount > self._total.get(name, 0.0) + _SMALL:
                return name
        return None


def why_impossible(wanted: Slice, machines: Iterable[Slice]) -> str | None:
    """Why no machine of the cluster could ever do it; None when one could."""
    machines = tuple(machines)
    if any(_holds(machine, wanted) for machine in machines):
        return None
    if not machines:
        return "the cluster has no machine"
    best = max(machines, key=lambda machine: (machine.gpu, machine.cpu, machine.memory_bytes))
    return f"asks for {wanted} and {_gib(wanted)}, no machine has that; the largest has {best} and {_gib(best)}"


def _holds(machine: Slice, wanted: Slice) -> bool:
    has = _amounts(machine)
    return all(has.get(name, 0.0) + _SMALL >= amount for name, amount in _amounts(wanted).items())


def _amounts(slice: Slice) -> Mapping[str, float]:
    plain = {"gpu": slice.gpu, "cpu": slice.cpu, "memory": float(slice.memory_bytes)}
    return plain | dict(slice.custom) if slice.custom else plain


def _add(sums: dict[str, float], slice: Slice, sign: int) -> None:
    for name, amount in _amounts(slice).items():
        sums[name] = sums.get(name, 0.0) + sign * amount


def _tell(name: str, amount: float) -> str:
    return f"the cluster's {_number(name, amount)}" + ("" if name == "memory" else f" {name}")


def _number(name: str, amount: float) -> str:
    return f"{amount / 2**30:.3g} GiB" if name == "memory" else f"{round(amount, 4):g}"


def _gib(slice: Slice) -> str:
    return f"{slice.memory_bytes / 2**30:.3g} GiB"
