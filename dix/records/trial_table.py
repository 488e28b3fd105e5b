"""What the trials of a sweep came to, in columns: up to ten thousand trials are compared at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """One number (`node.metric`) of all trials, in their order; None where a trial has not told it.

    Of several replicates each is the mean.
    """

    least: tuple[float | None, ...]
    greatest: tuple[float | None, ...]
    last: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class TrialTable:
    """Columns of the same length. `params` has None where a trial does not have a parameter."""

    numbers: tuple[int, ...]  # of the trials
    states: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    params: Mapping[str, tuple[Any, ...]]
    metrics: Mapping[str, NumberColumn]
    duration_s: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of one trial, by position; `seconds` is when each was told, since its run began."""

    trial: int
    replicate: int
    positions: tuple[int, ...]
    values: tuple[float, ...]
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """One number of several trials."""

    number: str
    curves: tuple[Curve, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Spending:
    """What attempts held, times the seconds for which they did."""

    cpu_s: float = 0.0
    gpu_s: float = 0.0
