"""The catalog from any process: the same interface, answered by the owner."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ray.actor import ActorHandle

from dix.catalog.access_base import Access, Audit, Members, Secrets, Shares, Tokens, Users
from dix.catalog.access_proxy import (
    ProxyAccess,
    ProxyAudit,
    ProxyMembers,
    ProxySecrets,
    ProxyShares,
    ProxyTokens,
    ProxyUsers,
)
from dix.catalog.base import (
    Aliases,
    Attempts,
    Catalog,
    Endpoints,
    Favorites,
    Flows,
    Held,
    Limits,
    Models,
    Projects,
    Replies,
    Results,
    Runs,
    Telemetry,
    Usage,
)
from dix.catalog.drawer import Drawer
from dix.catalog.favorites_proxy import ProxyFavorites
from dix.catalog.held_proxy import ProxyHeld, ProxyLimits
from dix.catalog.line import Line
from dix.catalog.owner import NAMESPACE, OWNER_NAME
from dix.catalog.schedule_base import Backfills, Firings, Schedules
from dix.catalog.schedule_proxy import ProxyBackfills, ProxyFirings, ProxySchedules
from dix.catalog.sweeps_base import Sweeps, Trials
from dix.catalog.sweeps_proxy import ProxySweeps, ProxyTrials
from dix.records.alias import Alias, AliasMove
from dix.records.attempt import Attempt
from dix.records.change import ChangeResult, ChangeSet
from dix.records.endpoint import Endpoint
from dix.records.event import Event
from dix.records.flow_version import FlowVersion
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
from dix.records.step import Step
from dix.records.tag import Expected
from dix.records.usage import UsageQuery, UsageRow
from dix.records.user import FIRST_USER


class ProxyCatalog:
    """Asks the owner; can be built and pickled anywhere, and looks for the owner when first asked.

    While the owner restarts, calls wait for it. After Unreachable a write may or may not have been made: read before
    going on. `save_snapshot` writes on the owner's machine, and `close` leaves the owner running.
    """

    def __init__(
        self, owner: ActorHandle[Any] | str = OWNER_NAME, *, namespace: str = NAMESPACE, timeout_s: float = 60.0
    ) -> None:
        self._line = Line(owner, namespace, timeout_s)

    @property
    def flows(self) -> Flows:
        return ProxyFlows(self._line)

    @property
    def runs(self) -> Runs:
        return ProxyRuns(self._line)

    @property
    def held(self) -> Held:
        return ProxyHeld(self._line)

    @property
    def limits(self) -> Limits:
        return ProxyLimits(self._line)

    @property
    def schedules(self) -> Schedules:
        return ProxySchedules(self._line)

    @property
    def firings(self) -> Firings:
        return ProxyFirings(self._line)

    @property
    def backfills(self) -> Backfills:
        return ProxyBackfills(self._line)

    @property
    def results(self) -> Results:
        return ProxyResults(self._line)

    @property
    def telemetry(self) -> Telemetry:
        return ProxyTelemetry(self._line)

    @property
    def attempts(self) -> Attempts:
        return ProxyAttempts(self._line)

    @property
    def usage(self) -> Usage:
        return ProxyUsage(self._line)

    @property
    def models(self) -> Models:
        return ProxyModels(self._line)

    @property
    def aliases(self) -> Aliases:
        return ProxyAliases(self._line)

    @property
    def favorites(self) -> Favorites:
        return ProxyFavorites(self._line)

    @property
    def endpoints(self) -> Endpoints:
        return ProxyEndpoints(self._line)

    @property
    def projects(self) -> Projects:
        return ProxyProjects(self._line)

    @property
    def sweeps(self) -> Sweeps:
        return ProxySweeps(self._line)

    @property
    def trials(self) -> Trials:
        return ProxyTrials(self._line)

    @property
    def users(self) -> Users:
        return ProxyUsers(self._line)

    @property
    def tokens(self) -> Tokens:
        return ProxyTokens(self._line)

    @property
    def members(self) -> Members:
        return ProxyMembers(self._line)

    @property
    def shares(self) -> Shares:
        return ProxyShares(self._line)

    @property
    def access(self) -> Access:
        return ProxyAccess(self._line)

    @property
    def secrets(self) -> Secrets:
        return ProxySecrets(self._line)

    @property
    def audit(self) -> Audit:
        return ProxyAudit(self._line)

    @property
    def replies(self) -> Replies:
        return ProxyReplies(self._line)

    def save_snapshot(self, path: Path) -> None:
        self._line.call("save_snapshot", "writes", str(path))

    def close(self) -> None:
        self._line.hang_up()


class ProxyFlows(Drawer):
    """Flows, by way of the owner."""

    name = "flows"

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
        draft = {"flow": flow, "text": text, "hash": hash, "project": project, "description": description}
        pushed: FlowVersion = self.write_once("push_flow", **draft, user=user, expected=expected)
        return pushed

    def get_flow(self, flow: str, version: int | None = None) -> FlowVersion:
        found: FlowVersion = self.read("get_flow", flow=flow, version=version)
        return found

    def list_flows(
        self,
        limit: int = 50,
        cursor: str | None = None,
        project: str | None = None,
        sight: Sight = EVERYTHING,
        wanted: NameFilter = ALL_NAMES,
    ) -> Page[FlowVersion]:
        page: Page[FlowVersion] = self.read(
            "list_flows", limit=limit, cursor=cursor, project=project, sight=sight, wanted=wanted
        )
        return page

    def list_flow_versions(self, flow: str) -> tuple[FlowVersion, ...]:
        versions: tuple[FlowVersion, ...] = self.read("list_flow_versions", flow=flow)
        return versions


class ProxyRuns(Drawer):
    """Runs, by way of the owner."""

    name = "runs"

    def create_run(self, run: Run, steps: tuple[Step, ...], recipes: Mapping[str, Recipe] | None = None) -> None:
        self.write_once("create_run", run=run, steps=steps, recipes=recipes)

    def get_run(self, id: str) -> Run:
        run: Run = self.read("get_run", id=id)
        return run

    def list_runs(
        self, wanted: RunFilter, limit: int = 50, cursor: str | None = None, sort: tuple[SortKey, ...] = ()
    ) -> Page[Run]:
        page: Page[Run] = self.read("list_runs", wanted=wanted, limit=limit, cursor=cursor, sort=sort)
        return page

    def list_unfinished_runs(self) -> tuple[Run, ...]:
        runs: tuple[Run, ...] = self.read("list_unfinished_runs")
        return runs

    def list_steps(self, run: str) -> tuple[Step, ...]:
        steps: tuple[Step, ...] = self.read("list_steps", run=run)
        return steps

    def list_steps_of(self, runs: tuple[str, ...]) -> dict[str, tuple[Step, ...]]:
        steps: dict[str, tuple[Step, ...]] = self.read("list_steps_of", runs=runs)
        return steps

    def apply_changes(self, changes: ChangeSet, *, request: str | None = None) -> ChangeResult:
        result: ChangeResult = self.write("apply_changes", changes=changes, request=request or uuid.uuid4().hex)
        return result


class ProxyResults(Drawer):
    """Results, by way of the owner."""

    name = "results"

    def find_results(self, flow: str, project: str, recipes: Sequence[Recipe], depth: int = 5) -> tuple[Result, ...]:
        found: tuple[Result, ...] = self.read(
            "find_results", flow=flow, project=project, recipes=tuple(recipes), depth=depth
        )
        return found

    def find_last(self, flow: str, project: str, nodes: Sequence[str]) -> dict[str, Result]:
        found: dict[str, Result] = self.read("find_last", flow=flow, project=project, nodes=tuple(nodes))
        return found

    def find_same(self, fingerprints: Sequence[Recipe], depth: int = 3) -> tuple[Result, ...]:
        found: tuple[Result, ...] = self.read("find_same", fingerprints=tuple(fingerprints), depth=depth)
        return found

    def find_last_same(self, flow: str, project: str) -> dict[str, Result]:
        found: dict[str, Result] = self.read("find_last_same", flow=flow, project=project)
        return found

    def list_keys(self) -> NDArray[np.int64]:
        keys: NDArray[np.int64] = self.read("list_keys")
        return keys

    def list_recipes(self, run: str) -> dict[str, Recipe]:
        recipes: dict[str, Recipe] = self.read("list_recipes", run=run)
        return recipes


class ProxyTelemetry(Drawer):
    """Events and metric points, by way of the owner."""

    name = "telemetry"

    def list_events(
        self, run: str | None = None, after: int = 0, limit: int = 1000, sight: Sight = EVERYTHING
    ) -> tuple[Event, ...]:
        events: tuple[Event, ...] = self.read("list_events", run=run, after=after, limit=limit, sight=sight)
        return events

    def find_last_event(self) -> int:
        last: int = self.read("find_last_event")
        return last

    def find_last_number(self) -> int:
        last: int = self.read("find_last_number")
        return last

    def add_metrics(self, points: tuple[MetricPoint, ...]) -> None:
        self.write("add_metrics", points=points)

    def list_metrics(
        self, run: str, node: str | None = None, name: str | None = None, after: int = 0
    ) -> tuple[MetricPoint, ...]:
        points: tuple[MetricPoint, ...] = self.read("list_metrics", run=run, node=node, name=name, after=after)
        return points


class ProxyAttempts(Drawer):
    """Attempts, by way of the owner."""

    name = "attempts"

    def list_attempts(self, run: str) -> tuple[Attempt, ...]:
        attempts: tuple[Attempt, ...] = self.read("list_attempts", run=run)
        return attempts

    def list_earlier(
        self, flow: str, nodes: tuple[str, ...], limit: int, sight: Sight = EVERYTHING
    ) -> dict[str, tuple[Attempt, ...]]:
        earlier: dict[str, tuple[Attempt, ...]] = self.read(
            "list_earlier", flow=flow, nodes=nodes, limit=limit, sight=sight
        )
        return earlier

    def list_open_attempts(self) -> tuple[Attempt, ...]:
        attempts: tuple[Attempt, ...] = self.read("list_open_attempts")
        return attempts

    def note_alive(self, at: datetime) -> None:
        self.write("note_alive", at=at)

    def find_alive(self) -> datetime | None:
        moment: datetime | None = self.read("find_alive")
        return moment


class ProxyUsage(Drawer):
    """Usage, by way of the owner."""

    name = "usage"

    def sum_usage(self, wanted: UsageQuery, at: datetime) -> tuple[UsageRow, ...]:
        rows: tuple[UsageRow, ...] = self.read("sum_usage", wanted=wanted, at=at)
        return rows

    def get_prices(self) -> PriceBook:
        book: PriceBook = self.read("get_prices")
        return book

    def put_prices(self, book: PriceBook, expected: Expected | None = None) -> None:
        self.write_once("put_prices", book=book, expected=expected)


class ProxyModels(Drawer):
    """Models, by way of the owner."""

    name = "models"

    def register_model(
        self,
        draft: ModelDraft,
        project: str,
        run: str | None = None,
        node: str | None = None,
        user: str = FIRST_USER,
    ) -> ModelVersion:
        version: ModelVersion = self.write(
            "register_model", draft=draft, project=project, run=run, node=node, user=user
        )
        return version

    def get_model(self, model: str, version: int | None = None, alias: str | None = None) -> ModelVersion:
        found: ModelVersion = self.read("get_model", model=model, version=version, alias=alias)
        return found

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
        asked = {"limit": limit, "cursor": cursor, "project": project, "sight": sight, "names": names}
        page: Page[ModelVersion] = self.read("list_models", **asked, wanted=wanted)
        return page

    def list_model_versions(self, model: str) -> tuple[ModelVersion, ...]:
        versions: tuple[ModelVersion, ...] = self.read("list_model_versions", model=model)
        return versions

    def delete_model(
        self, model: str, version: int | None = None, sight: Sight = EVERYTHING
    ) -> tuple[ModelVersion, ...]:
        deleted: tuple[ModelVersion, ...] = self.write_once("delete_model", model=model, version=version, sight=sight)
        return deleted

    def trust_model(self, model: str, version: int, user: str | None) -> ModelVersion:
        trusted: ModelVersion = self.write_once("trust_model", model=model, version=version, user=user)
        return trusted

    def list_made_from(self, model: str, version: int) -> tuple[ModelVersion, ...]:
        versions: tuple[ModelVersion, ...] = self.read("list_made_from", model=model, version=version)
        return versions

    def list_unerased(self) -> tuple[ModelVersion, ...]:
        versions: tuple[ModelVersion, ...] = self.read("list_unerased")
        return versions

    def note_erased(self, model: str, version: int) -> None:
        self.write("note_erased", model=model, version=version)


class ProxyAliases(Drawer):
    """Aliases, by way of the owner."""

    name = "aliases"

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
        set_to: Alias = self.write_once(
            "set_alias", model=model, alias=alias, version=version, user=user, expect=expect, expected=expected
        )
        return set_to

    def get_alias(self, model: str, alias: str) -> Alias:
        found: Alias = self.read("get_alias", model=model, alias=alias)
        return found

    def list_aliases(self, models: Sequence[str]) -> tuple[Alias, ...]:
        aliases: tuple[Alias, ...] = self.read("list_aliases", models=tuple(models))
        return aliases

    def list_alias_moves(self, model: str, alias: str) -> tuple[AliasMove, ...]:
        moves: tuple[AliasMove, ...] = self.read("list_alias_moves", model=model, alias=alias)
        return moves

    def delete_alias(
        self, model: str, alias: str, user: str, expect: int | None = None, *, expected: Expected | None = None
    ) -> None:
        self.write_once("delete_alias", model=model, alias=alias, user=user, expect=expect, expected=expected)


class ProxyProjects(Drawer):
    """Projects, by way of the owner."""

    name = "projects"

    def create_project(self, project: Project) -> None:
        self.write_once("create_project", project=project)

    def get_project(self, name: str) -> Project:
        project: Project = self.read("get_project", name=name)
        return project

    def list_projects(self) -> tuple[Project, ...]:
        projects: tuple[Project, ...] = self.read("list_projects")
        return projects

    def update_project(self, project: Project, expected: Expected | None = None) -> None:
        self.write_once("update_project", project=project, expected=expected)

    def delete_project(self, name: str, expected: Expected | None = None) -> None:
        self.write_once("delete_project", name=name, expected=expected)

    def measure_stored(self) -> dict[str, int]:
        stored: dict[str, int] = self.read("measure_stored")
        return stored


class ProxyReplies(Drawer):
    """Replies, by way of the owner."""

    name = "replies"

    def claim_key(self, asked: KeyedRequest, at: datetime) -> Reply | None:
        reply: Reply | None = self.write_once("claim_key", asked=asked, at=at)
        return reply

    def keep_reply(self, asked: KeyedRequest, reply: Reply) -> None:
        self.write_once("keep_reply", asked=asked, reply=reply)

    def release_key(self, asked: KeyedRequest) -> None:
        self.write_once("release_key", asked=asked)


class ProxyEndpoints(Drawer):
    """Endpoints, by way of the owner."""

    name = "endpoints"

    def put_endpoint(self, endpoint: Endpoint, expected: Expected | None = None) -> None:
        self.write_once("put_endpoint", endpoint=endpoint, expected=expected)

    def get_endpoint(self, name: str) -> Endpoint:
        endpoint: Endpoint = self.read("get_endpoint", name=name)
        return endpoint

    def list_endpoints(self) -> tuple[Endpoint, ...]:
        endpoints: tuple[Endpoint, ...] = self.read("list_endpoints")
        return endpoints

    def delete_endpoint(self, name: str, expected: Expected | None = None) -> None:
        self.write_once("delete_endpoint", name=name, expected=expected)


def _fits(catalog: ProxyCatalog) -> Catalog:
    return catalog
