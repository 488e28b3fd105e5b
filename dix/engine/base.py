"""The interface of the engine: start runs, stop them, read what their steps printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from dix.engine.plan import Plan
from dix.flow.document import FlowDoc
from dix.records.estimate import Estimate
from dix.records.log_line import LogLine
from dix.records.page import Page
from dix.records.run import Run
from dix.records.sight import EVERYTHING, Sight
from dix.records.states import Driver
from dix.records.user import FIRST_USER

# Called with a plan and its project before anything is written down; raises what may not be done.
Permit = Callable[[Plan, str], None]


def permit_all(_plan: Plan, _project: str) -> None:
    """What the installation itself asks for may be done."""


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What shall run: a pushed flow (its latest version unless `version` says another), parameters over its defaults.

    `selection` is empty, or says which part: `{"from": NODE}`, `{"to": NODE}`, both, or `{"only": NODE}`. What is
    needed beside that part comes from the latest run that fits. Without `cache` every step is done.

    Whoever must not make a run twice gives it its `id`. `origin`, `place`, `event` and the interval are the run's;
    it goes on from the checkpoints of the run `retry_of`.
    """

    flow: str
    version: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    project: str = "default"
    logical_date: datetime | None = None
    selection: dict[str, str] = field(default_factory=dict)
    driver: Driver = Driver.MANUAL
    user: str = FIRST_USER
    cache: bool = True
    priority: int = 0
    id: str | None = None
    retry_of: str | None = None
    origin: str | None = None
    place: int = 0
    event: str | None = None
    interval_start: datetime | None = None
    interval_end: datetime | None = None
    permit: Permit = field(default=permit_all, compare=False)


@dataclass(frozen=True, slots=True)
class Author:
    """Who repeats a run, and what may be done on their behalf; see `RunOrder.permit`."""

    user: str = FIRST_USER
    permit: Permit = permit_all


@dataclass(frozen=True, slots=True)
class Edit:
    """What changed since a run that is repeated: another version of its flow, parameters over those it had.

    With `is_whole`, all of it is done again, whatever it or another run has left; with `is_now`, references to models
    and code mean what they mean now, not what they meant then.
    """

    flow_version: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    is_whole: bool = False
    is_now: bool = False


class Engine(Protocol):
    """Owns runs from their acceptance to their end; may be called from any process and thread.

    Raises NotFound for an unknown flow, run or node, and Unreachable when the supervisor does not answer.
    """

    def check_flow(self, text: str) -> FlowDoc:
        """The document, if it can run here with its own parameters; BadDocument has everything that is wrong."""

    def start_run(self, order: RunOrder) -> Run:
        """Accept a run: it is on disk when this returns. Raises BadDocument, BadValue for what cannot run.

        Where a limit concerns such runs, it is held until that lets it in.
        """

    def hold_runs(self, orders: Sequence[RunOrder]) -> tuple[Run, ...]:
        """Write runs down together that wait for their driver; those whose id is there already stay as they are.

        All are checked first; raises what `start_run` raises, and nothing is written down then.
        """

    def edit_held(
        self,
        run: str,
        *,
        params: Mapping[str, Any] | None = None,
        place: int | None = None,
        priority: int | None = None,
        permit: Permit = permit_all,
    ) -> Run:
        """Change one that is still held: parameters over those it has. Conflict when it is held no more.

        Raises what `start_run` raises for parameters that cannot be.
        """

    def reread_limits(self) -> None:
        """Limits have changed in the catalog: they hold from now on."""

    def estimate_run(self, order: RunOrder, text: str | None = None, sight: Sight = EVERYTHING) -> Estimate:
        """How long a run will take and what it will cost, from earlier runs that are seen; with `text`, of that.

        Nothing is kept. Raises what `start_run` raises.
        """

    def cancel_run(self, run: str) -> Run:
        """End a run; its steps are told at once. Conflict when it is over."""

    def retry_run(self, run: str, edit: Edit | None = None, by: Author | None = None) -> Run:
        """A new run of the same flow with `retry_of`, from what had succeeded. Conflict when the old one is not over.

        Without an edit, flow version and parameters are the same, and all that had succeeded is taken over; with one,
        what is made as it was then. By nobody in particular, it is of whoever started the old one.
        Raises BadDocument, BadValue and NotFound for an edit that cannot be.
        """

    def set_priority(self, run: str, priority: int) -> Run:
        """Let a run go sooner or later. Conflict when it is over, BadValue for a number out of bounds."""

    def reread_projects(self) -> None:
        """Projects have changed in the catalog: once this returns, their new quotas hold."""

    def read_usage(self) -> dict[str, dict[str, float]]:
        """What is used of each project's quotas now, by project and resource."""

    def measure_logs(self, run: str) -> int:
        """A number that grows with each line that the run has printed, and when it is over."""

    def read_logs(
        self,
        run: str,
        node: str | None = None,
        attempt: int | None = None,
        *,
        cursor: str | None = None,
        search: str | None = None,
    ) -> Page[LogLine]:
        """Lines of a run, step by step, of those that contain `search` (in any case).

        The cursor is None only when the run is over and everything has been read. An empty page means that there is
        nothing more now if its cursor is the one that was given; with another cursor the search goes on there.
        """
