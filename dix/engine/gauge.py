"""Measures what a step uses of the process it runs in: CPU time and memory."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from dix.records.attempt import Used

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = b"5"  # proc(5): the peak is set back to what is resident now


class Gauge:
    """Made when a step begins; `read` says what was used since. One step at a time in a process."""

    def __init__(self) -> None:
        self._cpu_s = _cpu_s()
        self._children_peak = _children_peak()
        self._is_reset = _reset_peak()
        self._peak = _own_peak()

    def read(self) -> Used:
        """CPU seconds and peak memory so far."""
        return Used(cpu_s=max(0.0, _cpu_s() - self._cpu_s), peak_memory_bytes=self._find_peak())

    def _find_peak(self) -> int | None:
        """The largest of the process and of its children that ended meanwhile, as far as that can be known.

        The system keeps one peak for all children there have ever been: it is this step's if it has grown.
        """
        peaks = []
        own = _own_peak()
        if own is not None and (self._is_reset or own != self._peak):
            peaks.append(own)
        children = _children_peak()
        if children > self._children_peak:
            peaks.append(children)
        return max(peaks, default=None)


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _children_peak() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def _reset_peak() -> bool:
    """Whether the process's peak counts from now."""
    try:
        descriptor = os.open(_CLEAR, os.O_WRONLY)
    except OSError:
        return False
    try:
        os.write(descriptor, _RESET_PEAK)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _own_peak() -> int | None:
    """The most that this process has had in memory since the last reset; None where the system does not say."""
    try:
        status = _STATUS.read_bytes()
    except OSError:
        return None
    _, mark, rest = status.partition(b"VmHWM:")
    return int(rest.split(maxsplit=1)[0]) * 1024 if mark else None
