"""Which steps are queued behind one that has its place, so that its host finds the next one waiting. Pure: no clock.

What is queued holds no slots: it takes over those of the one before it, in the same run and with the same slice. The
queue is measured in time: a step joins only while the work expected before it is short, so a long step has nobody
behind it; and those who stand behind one that takes longer than expected are taken back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from dix.engine.messages import StepKey

AHEAD_S = 0.2  # work before a step that joins
OVERDUE_S = 1.0  # after so long in the lead, those behind are taken back
TURN_S = 0.5  # so long slots are passed on within a line while others wait for them
LONGEST_LINE = 256
_UNKNOWN_S = 1e6  # a step of a kind that has not been seen yet may take for ever
_NEWEST = 0.3  # how much the newest duration counts among those of its kind


@dataclass(slots=True, eq=False)
class _Line:
    """Attempts of one group, done one after the other by one host; the first one is in the lead."""

    group: str
    since: float  # when the lead's turn came
    opened: float
    is_closed: bool  # nobody may join
    seconds: dict[StepKey, float] = field(default_factory=dict)  # that each is expected to take
    behind_s: float = 0.0  # their sum, without the lead
    is_called_back: bool = False  # those behind this lead have been listed as overdue

    def work_s(self, now: float) -> float:
        """Seconds until the last of the line is expected to be over."""
        lead = next(iter(self.seconds.values()))
        return max(0.0, lead - (now - self.since)) + self.behind_s

    def has_room(self, now: float, *, yields: bool) -> bool:
        if self.is_closed or len(self.seconds) >= LONGEST_LINE or now - self.since >= OVERDUE_S:
            return False
        return self.work_s(now) < AHEAD_S and not (yields and now - self.opened >= TURN_S)


class Queueing:
    """The lines of all runs. Moments are monotonic seconds; a group is a run and a slice, a kind what steps do."""

    def __init__(self) -> None:
        self._of: dict[StepKey, _Line] = {}
        self._lines: dict[int, _Line] = {}
        self._expected: dict[str, float] = {}  # seconds, by kind

    def open(self, key: StepKey, group: str, kind: str, now: float, *, alone: bool = False) -> None:
        """An attempt has its place and leads a line; with `alone`, nobody may stand behind it."""
        line = _Line(group, now, now, alone, {key: self._expected.get(kind, _UNKNOWN_S)})
        self._of[key] = self._lines[id(line)] = line

    def find(self, group: str, kind: str, now: float, *, yields: bool = False) -> StepKey | None:
        """The last of the line that a step should join; None when there is none with little work before it.

        With `yields`, others wait for slots: a line that has had its turn ends, and the slots are given out anew.
        """
        if kind not in self._expected:
            return None
        fitting = (line for line in self._lines.values() if line.group == group and line.has_room(now, yields=yields))
        best = min(fitting, key=lambda line: line.work_s(now), default=None)
        return None if best is None else next(reversed(best.seconds))

    def join(self, key: StepKey, after: StepKey, kind: str) -> None:
        """An attempt is queued at the end of the line in which another one stands."""
        line = self._of[key] = self._of[after]
        line.seconds[key] = self._expected.get(kind, _UNKNOWN_S)
        line.behind_s += line.seconds[key]

    def leave(self, key: StepKey, now: float) -> StepKey | None:
        """An attempt is over, or is none any more: the one whose turn comes by that, to which its slots go."""
        line = self._of.pop(key, None)
        if line is None:
            return None
        was_leading = next(iter(line.seconds)) == key
        seconds = line.seconds.pop(key)
        if not was_leading:
            line.behind_s -= seconds
            return None
        if not line.seconds:
            del self._lines[id(line)]
            return None
        heir, heir_s = next(iter(line.seconds.items()))
        line.since, line.is_called_back = now, False
        line.behind_s -= heir_s
        return heir

    def learn(self, kind: str, seconds: float) -> None:
        """So long has a step of this kind taken."""
        before = self._expected.get(kind, seconds)
        self._expected[kind] = before + _NEWEST * (seconds - before)

    def has(self, key: StepKey) -> bool:
        """Whether an attempt stands in a line."""
        return key in self._of

    def is_queued(self, key: StepKey) -> bool:
        """Whether an attempt stands behind another one."""
        line = self._of.get(key)
        return line is not None and next(iter(line.seconds)) != key

    def has_queued(self) -> bool:
        """Whether any does."""
        return len(self._of) > len(self._lines)

    def list_behind(self, runs: Collection[str]) -> list[StepKey]:
        """The attempts of these runs that stand behind another one."""
        return [key for line in self._lines.values() for key in list(line.seconds)[1:] if key.run in runs]

    def list_overdue(self, now: float) -> list[StepKey]:
        """Attempts to take back, because their turn is long in coming; each is told once for each lead."""
        late = [line for line in self._lines.values() if self._may_call_back(line) and now - line.since >= OVERDUE_S]
        for line in late:
            line.is_called_back = True
        return [key for line in late for key in list(line.seconds)[1:]]

    def next_overdue(self) -> float | None:
        """When there may be attempts to take back."""
        return min((line.since + OVERDUE_S for line in self._lines.values() if self._may_call_back(line)), default=None)

    def _may_call_back(self, line: _Line) -> bool:
        return len(line.seconds) > 1 and not line.is_called_back
