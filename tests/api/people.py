"""People for the tests of rights: users in projects, and the things that are there to be seen or not."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import httpx

from dix.access.secret import hash_secret, make_token_id
from dix.errors import AlreadyExists, NotFound
from dix.names import make_run_id
from dix.records.backfill import Backfill
from dix.records.endpoint import Endpoint, EndpointState
from dix.records.limit import Limit
from dix.records.member import Member, Role
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.project import Project
from dix.records.run import Run
from dix.records.schedule import Schedule
from dix.records.step import Step
from dix.records.sweep import Sweep, SweepState
from dix.records.token import ALL_SCOPES, Scope, Token
from dix.records.trial import Trial, TrialRun
from dix.records.user import User
from tests.api.server import Server

TEXT = "dix: 1\nname: {name}\nnodes:\n  a: {{kind: data, uri: x}}\n"
_numbers = itertools.count(1)


def add_person(server: Server, name: str, roles: dict[str, Role] | None = None) -> User:
    """A user with these roles."""
    user = User(name, now())
    with suppress(AlreadyExists):
        server.parts.catalog.users.create_user(user)
    for project, role in (roles or {}).items():
        server.parts.catalog.members.put_member(Member(project, name, role, now()))
    return user


def give_token(
    server: Server, user: str, scopes: tuple[Scope, ...] = ALL_SCOPES, projects: tuple[str, ...] | None = None
) -> str:
    """A token of a user."""
    secret = f"dix_test_{user}_{next(_numbers)}"
    token = Token(make_token_id(), user, "test", now(), scopes=scopes, projects=projects)
    server.parts.catalog.tokens.create_token(token, hash_secret(secret))
    return secret


def come_in(server: Server, user: str, **narrowed: object) -> httpx.Client:
    """Plain HTTP as a user, with a fresh token."""
    return server.open(give_token(server, user, **narrowed))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Things:
    """What is in a project; flow, model and endpoint are named after it."""

    project: str
    run: str
    version: int = 1


def make_things(server: Server, project: str) -> Things:
    """A project with a flow, a model, an endpoint, a queued run and some files; what is there already stays."""
    parts = server.parts
    with suppress(AlreadyExists):
        parts.catalog.projects.create_project(Project(project, now()))
    with suppress(NotFound):
        parts.catalog.members.put_member(Member(project, "guest", Role.VIEWER, now()))
    parts.catalog.flows.push_flow(f"{project}-flow", TEXT.format(name=f"{project}-flow"), "h", project)
    try:
        version = parts.catalog.models.get_model(f"{project}-model").version
    except NotFound:
        draft = ModelDraft(f"{project}-model", f"uri-{next(_numbers)}", {"lineage": {"flow": "x"}})
        version = parts.catalog.models.register_model(draft, project).version
    parts.catalog.aliases.set_alias(f"{project}-model", "best", version, "admin")
    moment = now()
    server.deployer.endpoints[f"{project}-endpoint"] = Endpoint(
        f"{project}-endpoint", f"{project}-model", 1, project, EndpointState.READY, moment, moment
    )
    parts.catalog.secrets.put_secret(project, "KEY", "hush", "admin")
    parts.catalog.limits.put_limit(Limit("pools/shared", 3, flows=(f"{project}-flow",)))
    _make_schedule(server, project, moment)
    with suppress(AlreadyExists):
        sweep = Sweep(f"{project}-sweep", f"{project}-flow", 1, project, moment, state=SweepState.PAUSED)
        runs = [(TrialRun(make_run_id()),) for _ in range(30)]
        trials = [Trial(sweep.name, number, {}, moment, runs=own) for number, own in enumerate(runs, start=1)]
        parts.catalog.sweeps.create_sweep(sweep, tuple(trials))
    run = Run(make_run_id(), f"{project}-flow", 1, moment, project)
    parts.catalog.runs.create_run(run, (Step(run.id, "a"),))
    parts.store.write_bytes(f"projects/{project}/a.txt", b"a")
    parts.store.write_bytes(f"dix/runs/{run.id}/out.txt", b"b")
    parts.store.write_bytes("common/a.txt", b"c")
    return Things(project, run.id, version)


def _make_schedule(server: Server, project: str, moment: datetime) -> None:
    """A schedule and a backfill, named after the project."""
    catalog = server.parts.catalog
    schedule = Schedule(f"{project}-schedule", f"{project}-flow", moment, moment, project=project, cron="@daily")
    backfill = Backfill(f"{project}-backfill", f"{project}-flow", 1, moment, project, dates=(moment,))
    with suppress(AlreadyExists):
        catalog.schedules.create_schedule(schedule)
    with suppress(AlreadyExists):
        catalog.backfills.create_backfill(backfill)
