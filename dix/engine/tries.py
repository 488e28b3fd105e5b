"""What happened to a step so far: how often it was tried, whose fault its failures were, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass

from dix.engine.plan import PlannedStep
from dix.records.states import StepState
from dix.records.step import Step

PLATFORM_REPEATS = 3
PLATFORM_PAUSE_S = 1.0


@dataclass(slots=True)
class Tries:
    """Of one step. `attempt` numbers the attempts from 1; looking again for a path is not another attempt.

    `has_beaten` says that the worker of the current attempt has given a sign. `waits_since` is set while the step could
    go but does not run, `explain_at` says when its reason is looked at next (both in monotonic seconds).
    """

    attempt: int = 0
    user_failures: int = 0
    platform_failures: int = 0
    has_beaten: bool = False
    waits_since: float | None = None
    explain_at: float = 0.0
    alone: bool = False

    @classmethod
    def of(cls, step: Step) -> Tries:
        """As they follow from a step's record; an attempt that it calls running has not failed yet."""
        ended = step.attempt - (step.state is StepState.RUNNING)
        return cls(step.attempt, step.failures, max(0, ended - step.failures - step.reclaims))

    def begin(self, clock: float) -> None:
        """The step could go from now on."""
        self.waits_since = clock

    def fail(self, planned: PlannedStep) -> float | None:
        """The user's code failed: seconds until the next attempt, None when there is none."""
        self.user_failures += 1
        retrying = planned.retrying
        return retrying.pause_s(self.user_failures) if self.user_failures <= retrying.retries else None

    def break_down(self) -> float | None:
        """The platform failed: seconds until the next attempt, None when there is none."""
        self.platform_failures += 1
        if self.platform_failures > PLATFORM_REPEATS:
            return None
        return PLATFORM_PAUSE_S * 2.0 ** (self.platform_failures - 1)
