"""The interface of the catalog: facts, as records in and records out.

There is one DuckDB file and one process that has it open, the owner. Everyone else, in any process and any thread, goes
through the proxy, which has the same interface; a method returns when what it wrote is on disk. Flow documents are text
here. Lists are newest first and come in pages. What is given a `sight` leaves out what is not seen.

Raised everywhere: NotFound for `get_*` of what is not there; CatalogError when the file cannot be read or written;
Unreachable (proxy only) when the owner does not answer in time; BadValue for a cursor that is not ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dix.catalog.access_base import Access, Audit, Members, Secrets, Shares, Tokens, Users
from dix.catalog.schedule_base import Backfills, Firings, Schedules
from dix.catalog.sweeps_base import Sweeps, Trials
from dix.records.alias import Alias, AliasMove
from dix.records.attempt import Attempt
from dix.records.change import ChangeResult, ChangeSet
from dix.records.endpoint import Endpoint
from dix.records.event import Event
from dix.records.flow_version import FlowVersion
from dix.records.limit import Limit
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.name_filter import ALL_NAMES, NameFilter
from dix.records.page import Page
from dix.records.prices import PriceBook
from dix.records.project import Project
from dix.records.recipe import Recipe
from dix.records.reply import KeyedRequest, Reply
from dix.records.result import Result
from dix.records.run import Run, RunFilter
from dix.records.sight import EVERYTHING, Sight
from dix.records.sort import SortKey
from dix.records.states import RunState
from dix.records.step import Step
from dix.records.stream import Stream
from dix.records.tag import Expected
from dix.records.usage import UsageQuery, UsageRow
from dix.records.user import FIRST_USER
from dix.records.waiting import Waiting


class Flows(Protocol):
    """Flow documents and their versions."""

    def push_flow(
        self,
        flow: str,
        text: str,
        hash: str,
        project: str,
        description: str = "",
        *,
        user: str = FIRST_USER,
        expected: Expected | None = None,
    ) -> FlowVersion:
        """Keep a text; the latest version is returned unchanged when it has the same hash.

        Changed when the latest version is not the expected one; the same holds wherever something is `expected`.
        """

    def get_flow(self, flow: str, version: int | None = None) -> FlowVersion:
        """One version, the latest by default; the error names the nearest flow."""

    def list_flows(
        self,
        limit: int = 50,
        cursor: str | None = None,
        project: str | None = None,
        sight: Sight = EVERYTHING,
        wanted: NameFilter = ALL_NAMES,
    ) -> Page[FlowVersion]:
        """The latest version of each flow."""

    def list_flow_versions(self, flow: str) -> tuple[FlowVersion, ...]:
        """All versions of one flow, newest first; NotFound when there is none."""


class Runs(Protocol):
    """Runs and their steps. States change through `apply_changes` only, and only the engine calls it."""

    def create_run(self, run: Run, steps: tuple[Step, ...], recipes: Mapping[str, Recipe] | None = None) -> None:
        """Write a run, all its steps and what they are made by down; AlreadyExists when the id is taken."""

    def get_run(self, id: str) -> Run:
        """One run."""

    def list_runs(
        self, wanted: RunFilter, limit: int = 50, cursor: str | None = None, sort: tuple[SortKey, ...] = ()
    ) -> Page[Run]:
        """The runs that are wanted, newest first unless another order is asked for."""

    def list_unfinished_runs(self) -> tuple[Run, ...]:
        """Every run that is not over, oldest first."""

    def list_steps(self, run: str) -> tuple[Step, ...]:
        """The steps of a run in the order in which they were created; NotFound when there is no such run."""

    def list_steps_of(self, runs: tuple[str, ...]) -> dict[str, tuple[Step, ...]]:
        """The steps of several runs at once, each as `list_steps` gives them; a run that is not there has none."""

    def apply_changes(self, changes: ChangeSet, *, request: str | None = None) -> ChangeResult:
        """Make moves durable together, each one a compare-and-set that obeys the tables of `records.states`.

        Each move that changes a state also writes one event. A step's move that carries a model registers it in the
        same transaction, and the step's output `model` becomes the version's reference. One that carries an attempt
        begins it, or ends it if it has an end; a move that is refused does neither, so that each counts once.
        Whoever may ask again, because an answer was lost, gives the same `request` and gets the first one's answer.
        """


class Held(Protocol):
    """Runs that are written down and wait for their driver: they have no steps yet. Only the engine asks for them."""

    def hold_runs(self, runs: tuple[Run, ...]) -> None:
        """Write them down together; those whose id is there already stay as they are."""

    def look(self, depth: int) -> Waiting:
        """Who waits, at most `depth` of each stream, who was let in, and the limits, all of one moment."""

    def edit_held(
        self,
        id: str,
        *,
        params: Mapping[str, Any] | None = None,
        place: int | None = None,
        priority: int | None = None,
    ) -> bool:
        """Change what is given; False when the run is not held any more."""

    def let_in(self, run: Run, steps: tuple[Step, ...], recipes: Mapping[str, Recipe] | None = None) -> bool:
        """It is held no more, and has these steps; False when it was not."""

    def end_held(self, id: str, to: RunState, at: datetime, error: str | None = None) -> bool:
        """End one that has not been let in, with an event; False when it is not held any more."""

    def cancel_origin(self, origin: str, at: datetime) -> int:
        """Cancel all that are held of one origin, each with an event; how many there were."""

    def explain(self, reasons: Mapping[Stream, str]) -> None:
        """Why all that are held of these streams wait."""


class Limits(Protocol):
    """How many runs of a kind may go at once."""

    def put_limit(self, limit: Limit) -> None:
        """Write a limit down, new or changed."""

    def find_limit(self, key: str) -> Limit | None:
        """The limit with this key."""

    def list_limits(self, prefix: str = "") -> tuple[Limit, ...]:
        """Those whose key begins so, by key."""

    def delete_limit(self, key: str) -> None:
        """Forget a limit; nothing changes where there is none."""


class Results(Protocol):
    """Steps that succeeded, found by what they were made by, for later runs of the same flow in the same project."""

    def find_results(self, flow: str, project: str, recipes: Sequence[Recipe], depth: int = 5) -> tuple[Result, ...]:
        """The newest successes by each of these recipes, newest first, at most `depth` of each."""

    def find_last(self, flow: str, project: str, nodes: Sequence[str]) -> dict[str, Result]:
        """The last success of each of these nodes in the latest 20 runs of the flow; a node without one is left out."""

    def find_same(self, fingerprints: Sequence[Recipe], depth: int = 3) -> tuple[Result, ...]:
        """The newest successes with each of these fingerprints, newest first, at most `depth` of each."""

    def find_last_same(self, flow: str, project: str) -> dict[str, Result]:
        """The last success with a fingerprint of each node in the latest 20 runs of the flow."""

    def list_keys(self) -> NDArray[np.int64]:
        """The keys (`records.recipe.make_key`) of all fingerprints there are, in order, each once."""

    def list_recipes(self, run: str) -> dict[str, Recipe]:
        """What the steps of a run are made by, by node; nothing for a run of an older DI-X."""


class Telemetry(Protocol):
    """What runs tell of themselves: events (written by `apply_changes`) and metric points."""

    def list_events(
        self, run: str | None = None, after: int = 0, limit: int = 1000, sight: Sight = EVERYTHING
    ) -> tuple[Event, ...]:
        """Events with `seq` greater than `after`, oldest first."""

    def find_last_event(self) -> int:
        """The number of the last event there is; 0 when nothing has happened."""

    def find_last_number(self) -> int:
        """The greatest number of an event or a metric point; 0 when there is none."""

    def add_metrics(self, points: tuple[MetricPoint, ...]) -> None:
        """Keep points; one that is there already (same run, node, attempt, name, position) is replaced."""

    def list_metrics(
        self, run: str, node: str | None = None, name: str | None = None, after: int = 0
    ) -> tuple[MetricPoint, ...]:
        """Points with `seq` greater than `after`, in the order node, name, attempt, position."""


class Attempts(Protocol):
    """Attempts of steps. They begin and end with the moves of their steps, in `apply_changes`."""

    def list_attempts(self, run: str) -> tuple[Attempt, ...]:
        """All of a run, those under way among them, in the order of their beginning; NotFound without such a run.

        The looks of a data node that found nothing are left out.
        """

    def list_earlier(
        self, flow: str, nodes: tuple[str, ...], limit: int, sight: Sight = EVERYTHING
    ) -> dict[str, tuple[Attempt, ...]]:
        """Of each of these nodes of a flow the latest `limit` attempts that succeeded and are seen, newest first."""

    def list_open_attempts(self) -> tuple[Attempt, ...]:
        """Those that have begun and not ended, of all runs; few, so that one may ask for all to find some."""

    def note_alive(self, at: datetime) -> None:
        """The engine lives, and with it what it has under way: should all be lost, it was lost after this moment."""

    def find_alive(self) -> datetime | None:
        """The last moment noted."""


class Usage(Protocol):
    """What attempts held and used, added up, and what that costs."""

    def sum_usage(self, wanted: UsageQuery, at: datetime) -> tuple[UsageRow, ...]:
        """A row for each of what it is added up by, in order; what is under way counts up to `at`.

        An attempt that ran over midnight (UTC) counts on each day for the time it ran on it. Whatever it is added up
        by, the sums are the same.
        """

    def get_prices(self) -> PriceBook:
        """The price book; an empty one until there is one."""

    def put_prices(self, book: PriceBook, expected: Expected | None = None) -> None:
        """Replace the price book."""


class Models(Protocol):
    """Registered model versions; a number is given once, and nothing of them changes but who trusts them."""

    def register_model(
        self,
        draft: ModelDraft,
        project: str,
        run: str | None = None,
        node: str | None = None,
        user: str = FIRST_USER,
    ) -> ModelVersion:
        """Give the draft the next number of its model, also among many callers at once.

        It is whose run made it, or else `user`'s.
        """

    def get_model(self, model: str, version: int | None = None, alias: str | None = None) -> ModelVersion:
        """One version, the latest by default, or the one that an alias names; the error names the nearest."""

    def list_models(
        self,
        limit: int = 50,
        cursor: str | None = None,
        project: str | None = None,
        sight: Sight = EVERYTHING,
        names: Sequence[str] | None = None,
        *,
        wanted: NameFilter = ALL_NAMES,
    ) -> Page[ModelVersion]:
        """The latest version of each model, or of each of those in `names`."""

    def list_model_versions(self, model: str) -> tuple[ModelVersion, ...]:
        """All versions of one model, newest first; NotFound when there is none."""

    def delete_model(
        self, model: str, version: int | None = None, sight: Sight = EVERYTHING
    ) -> tuple[ModelVersion, ...]:
        """Let one version be there no more, or all of them together, and return them; their numbers stay taken.

        NotFound when there is none, Conflict when an alias, an endpoint or a run that is not over needs one; it names
        what is seen.
        """

    def trust_model(self, model: str, version: int, user: str | None) -> ModelVersion:
        """Write down who lets loading a version run code, None for nobody; NotFound when there is none."""

    def list_made_from(self, model: str, version: int) -> tuple[ModelVersion, ...]:
        """The versions whose lineage has this one among its models, oldest first."""

    def list_unerased(self) -> tuple[ModelVersion, ...]:
        """Deleted versions whose files may still lie in the store."""

    def note_erased(self, model: str, version: int) -> None:
        """The files of a deleted version are gone."""


class Aliases(Protocol):
    """Names for versions of models, which can be moved; what they were before is kept."""

    def set_alias(
        self,
        model: str,
        alias: str,
        version: int,
        user: str,
        expect: int | None = None,
        *,
        expected: Expected | None = None,
    ) -> Alias:
        """Let an alias name a version from now on; nothing changes when it does already.

        With `expect`, Conflict unless it names that version now (0: unless there is no such alias).
        """

    def get_alias(self, model: str, alias: str) -> Alias:
        """Which version it names; the error names the nearest alias, or model."""

    def list_aliases(self, models: Sequence[str]) -> tuple[Alias, ...]:
        """All aliases of these models, by model and alias."""

    def list_alias_moves(self, model: str, alias: str) -> tuple[AliasMove, ...]:
        """All that has become of an alias, newest first, also of one that is deleted; NotFound when there never was."""

    def delete_alias(
        self, model: str, alias: str, user: str, expect: int | None = None, *, expected: Expected | None = None
    ) -> None:
        """Let an alias name nothing; NotFound when there is none, Conflict as for `set_alias`."""


class Favorites(Protocol):
    """Which models somebody has collected."""

    def put_favorite(self, user: str, model: str) -> None:
        """Collect a model; nothing changes for one that is. The error names the nearest."""

    def delete_favorite(self, user: str, model: str) -> None:
        """Collect it no more; nothing changes for one that is not."""

    def list_favorites(self, user: str) -> tuple[str, ...]:
        """What a user has collected, by name."""

    def list_mine(self, user: str) -> tuple[str, ...]:
        """What a user has collected or made a version of, by name."""


class Endpoints(Protocol):
    """What shall answer under which address, and how that stands."""

    def put_endpoint(self, endpoint: Endpoint, expected: Expected | None = None) -> None:
        """Write an endpoint down, new or changed."""

    def get_endpoint(self, name: str) -> Endpoint:
        """One endpoint; the error names the nearest."""

    def list_endpoints(self) -> tuple[Endpoint, ...]:
        """All of them, by name."""

    def delete_endpoint(self, name: str, expected: Expected | None = None) -> None:
        """Forget an endpoint; NotFound when there is none."""


class Projects(Protocol):
    """Who shares the cluster; the project `default` is always there."""

    def create_project(self, project: Project) -> None:
        """Write a new one down; AlreadyExists when the name is taken."""

    def get_project(self, name: str) -> Project:
        """One project; the error names the nearest."""

    def list_projects(self) -> tuple[Project, ...]:
        """All of them, by name."""

    def update_project(self, project: Project, expected: Expected | None = None) -> None:
        """Change everything but its name and the moment of its creation; NotFound when there is none."""

    def delete_project(self, name: str, expected: Expected | None = None) -> None:
        """Forget an empty project with its secrets; Conflict when a flow, run, model or endpoint is in it."""

    def measure_stored(self) -> dict[str, int]:
        """Bytes in the store by project: all that its steps have left there; what was written over counts no more."""


class Replies(Protocol):
    """What requests with a key were answered, for 24 hours; a user's keys are the user's own."""

    def claim_key(self, asked: KeyedRequest, at: datetime) -> Reply | None:
        """None when the request is new, and now the caller's to answer; otherwise the answer it was given.

        BadValue when the key is another request's, Conflict when that is not answered.
        """

    def keep_reply(self, asked: KeyedRequest, reply: Reply) -> None:
        """Write down what a claimed request was answered."""

    def release_key(self, asked: KeyedRequest) -> None:
        """Forget a claimed request: it has made nothing."""


class Catalog(Protocol):
    """The whole cupboard: its drawers, and what concerns the file."""

    @property
    def flows(self) -> Flows:
        """Flow documents."""

    @property
    def runs(self) -> Runs:
        """Runs and steps."""

    @property
    def held(self) -> Held:
        """Runs that wait for their driver."""

    @property
    def limits(self) -> Limits:
        """How many runs may go at once."""

    @property
    def schedules(self) -> Schedules:
        """What shall run by itself."""

    @property
    def firings(self) -> Firings:
        """What was decided for schedules."""

    @property
    def backfills(self) -> Backfills:
        """Runs for dates in the past."""

    @property
    def results(self) -> Results:
        """What steps have left."""

    @property
    def telemetry(self) -> Telemetry:
        """Events and metric points."""

    @property
    def attempts(self) -> Attempts:
        """Attempts of steps."""

    @property
    def usage(self) -> Usage:
        """Usage and prices."""

    @property
    def models(self) -> Models:
        """Model versions."""

    @property
    def aliases(self) -> Aliases:
        """Aliases of models."""

    @property
    def favorites(self) -> Favorites:
        """Collected models."""

    @property
    def endpoints(self) -> Endpoints:
        """Endpoints."""

    @property
    def projects(self) -> Projects:
        """Projects and their quotas."""

    @property
    def sweeps(self) -> Sweeps:
        """Searches over parameters."""

    @property
    def trials(self) -> Trials:
        """Trials of sweeps."""

    @property
    def users(self) -> Users:
        """Users and passwords."""

    @property
    def tokens(self) -> Tokens:
        """Tokens, sessions and codes."""

    @property
    def members(self) -> Members:
        """Members of projects."""

    @property
    def shares(self) -> Shares:
        """Whose eyes flows and models are for."""

    @property
    def access(self) -> Access:
        """Who may come in, and what they may do."""

    @property
    def secrets(self) -> Secrets:
        """Secrets of projects."""

    @property
    def audit(self) -> Audit:
        """Who did what."""

    @property
    def replies(self) -> Replies:
        """Answers to requests with a key."""

    def save_snapshot(self, path: Path) -> None:
        """Write a consistent copy of the file to `path` while others go on reading and writing."""

    def close(self) -> None:
        """Write everything out and let go of the file."""
