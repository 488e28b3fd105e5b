"""The hosts that an earlier engine has left at work, asked what they do and keep."""

from __future__ import annotations

import pickle
import time
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayError

from dix.engine.host import find_host, list_hosts
from dix.engine.hosting import HostStatus, Ticket, list_newest
from dix.engine.messages import StepReport

_STATUS_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Survivor:
    """A host that has answered; `told` are its reports that still have to be heard, `stale` those that have been."""

    name: str
    handle: Any
    status: HostStatus
    told: tuple[tuple[Ticket, StepReport], ...]
    stale: tuple[Ticket, ...]


def find_survivors(life: str) -> tuple[list[Survivor], list[Any]]:
    """Begin a new life with all hosts there are; also the handles of those that do not say in time what they do."""
    found = {name: handle for name in list_hosts() if (handle := find_host(name)) is not None}
    answers = {name: speak(handle, "report_status", life) for name, handle in found.items()}
    limit = time.monotonic() + _STATUS_TIMEOUT_S
    answered: dict[str, HostStatus] = {}
    for name, answer in answers.items():
        try:
            answered[name] = ray.get(answer, timeout=max(0.0, limit - time.monotonic()))
        except (RayError, GetTimeoutError):
            continue
    return _sort(found, answered), [found[name] for name in found.keys() - answered.keys()]


def speak(handle: Any, method: str, *values: Any) -> Any:
    """Ask a host for a word, which it gives beside its work."""
    return getattr(handle, method).options(concurrency_group="words").remote(*values)


def _sort(handles: dict[str, Any], answered: dict[str, HostStatus]) -> list[Survivor]:
    reports = {
        name: [(ticket, pickle.loads(pickled)) for ticket, pickled in status.reports]  # noqa: S301 our own hosts'
        for name, status in answered.items()
    }
    running = {status.running.key for status in answered.values() if status.running is not None}
    newest = {id(one) for one in list_newest((one for each in reports.values() for _ticket, one in each), running)}
    return [
        Survivor(
            name,
            handles[name],
            status,
            tuple((ticket, report) for ticket, report in reports[name] if id(report) in newest),
            tuple(ticket for ticket, report in reports[name] if id(report) not in newest),
        )
        for name, status in answered.items()
    ]
