"""What a node needs, in numbers: its quantities read and bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dix.errors import BadValue, Problem
from dix.flow.document import DataNode, Defaults
from dix.flow.template import is_template
from dix.flow.units import read_cores, read_memory, read_time

BUILT_IN_MEMORY = "1GiB"

Reader: TypeAlias = Callable[[Any, str], float]

_MOST_WORKERS = 10_000
# Ray has its own fields for these.
_NOT_CUSTOM = frozenset({"CPU", "GPU", "memory", "object_store_memory"})


@dataclass(frozen=True, slots=True)
class Needs:
    """A node's slice of one machine (times `workers`), and its times; sizes in bytes, times in seconds.

    `wait_timeout_s` and `wait_every_s` are None where a node does not wait; `timeout_s` is None for no limit.
    """

    cpu: float = 1.0
    gpu: float = 0.0
    memory_bytes: int = 2**30
    disk_bytes: int | None = None
    workers: int = 1
    accelerators: tuple[str, ...] = ()
    custom: Mapping[str, float] = field(default_factory=dict)
    timeout_s: float | None = None
    retries: int = 0
    retry_wait_s: float = 0.0
    retry_backoff: float = 1.0
    wait_timeout_s: float | None = None
    wait_every_s: float | None = None


def read_needs(node: Defaults) -> Needs:
    """The needs of a node that has inherited and been rendered; raises BadValue for the first wrong quantity."""
    numbers = {name: read(value, name) for name, value, read in _quantities(node)}
    custom = {name.split(".", 2)[2]: number for name, number in numbers.items() if name.startswith("resources.custom.")}
    disk = numbers.get("resources.disk")
    return Needs(
        cpu=numbers.get("resources.cpu", 1.0),
        gpu=numbers.get("resources.gpu", 0.0),
        memory_bytes=int(numbers.get("resources.memory", 2**30)),
        disk_bytes=None if disk is None else int(disk),
        workers=int(numbers.get("resources.workers", 1)),
        accelerators=(node.resources.accelerator or ()) if node.resources else (),
        custom=custom,
        timeout_s=numbers.get("timeout"),
        retries=node.retries or 0,
        retry_wait_s=numbers.get("retry.wait", 0.0),
        retry_backoff=node.retry.backoff if node.retry else 1.0,
        wait_timeout_s=numbers.get("wait.timeout"),
        wait_every_s=numbers.get("wait.every"),
    )


def find_bad_needs(name: str | None, part: Defaults, *, rendered: bool = False) -> list[Problem]:
    """A problem for each wrong quantity of a node, or of the defaults; templates are left for when it is `rendered`."""
    prefix = "" if name else "defaults."
    problems = []
    for place, value, read in _quantities(part):
        try:
            if rendered or not is_template(value):
                read(value, place)
        except BadValue as error:
            problems.append(problem_of(error, name, f"{prefix}{place}", "quantity"))
    return problems


def problem_of(error: BadValue, node: str | None, place: str, rule: str) -> Problem:
    """The problem that a BadValue is, at a place of the document."""
    todo = f"; {error.fact('todo')}" if error.fact("todo") else ""
    return Problem(node, place, rule, f"expected {error.fact('expected')}, got {error.fact('got')!r}{todo}")


def _quantities(part: Defaults) -> Iterator[tuple[str, Any, Reader]]:
    """Field, value and reader of each quantity that is given."""
    resources = part.resources
    if resources is not None:
        for name, read in _RESOURCES.items():
            value = getattr(resources, name)
            if value is not None:
                yield f"resources.{name}", value, read
        for name, value in (resources.custom or {}).items():
            yield f"resources.custom.{name}", value, _read_custom
    if part.timeout is not None:
        yield "timeout", part.timeout, _read_limit
    if part.retry is not None:
        yield "retry.wait", part.retry.wait, read_time
    if isinstance(part, DataNode) and part.wait is not None:
        yield "wait.timeout", part.wait.timeout, read_time
        yield "wait.every", part.wait.every, _read_limit


def _read_cards(value: Any, place: str) -> float:
    cards = read_cores(value, place)
    # Ray shares one card among steps, and gives out more than one only whole.
    if cards > 1 and cards != int(cards):
        raise BadValue(place, "a part of one card, or whole cards", value, f"try {int(cards) + 1}")
    return cards


def _read_size(value: Any, place: str) -> float:
    size = read_memory(value, place)
    if size == 0:
        raise BadValue(place, "more than 0 bytes", value)
    return size


def _read_limit(value: Any, place: str) -> float:
    seconds = read_time(value, place)
    if seconds == 0:
        raise BadValue(place, "a time longer than 0s", value)
    return seconds


def _read_workers(value: Any, place: str) -> float:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9 else value
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= _MOST_WORKERS:
        raise BadValue(place, f"a whole number from 1 to {_MOST_WORKERS}", value)
    return number


def _read_custom(value: Any, place: str) -> float:
    name = place.removeprefix("resources.custom.")
    if name in _NOT_CUSTOM:
        raise BadValue(place, "the name of a resource that the cluster defines", name, "use cpu, gpu or memory")
    return read_cores(value, place)


_RESOURCES: dict[str, Reader] = {
    "cpu": read_cores,
    "gpu": _read_cards,
    "memory": _read_size,
    "disk": read_memory,
    "workers": _read_workers,
}
