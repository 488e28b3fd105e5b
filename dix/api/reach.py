"""What a caller reaches: each thing that a request names is looked up here, and checked.

What the caller does not see is not there: the error is the same, and its hint names only what is seen. What is seen and
may not be done raises NotAllowed. Names of flows, models and endpoints are the installation's: a name that is taken by
something that is not seen is taken, and no more is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, NoReturn

from fastapi import Depends, Request

from dix.api.caller import CallerHere
from dix.api.parts import Parts
from dix.errors import AlreadyExists, BadValue, Conflict, NotAllowed, NotFound
from dix.names import find_nearest
from dix.records.backfill import Backfill
from dix.records.caller import Caller
from dix.records.endpoint import Endpoint
from dix.records.flow_version import FlowVersion
from dix.records.member import Role
from dix.records.model_version import ModelVersion
from dix.records.project import DEFAULT_PROJECT, Project
from dix.records.run import Run
from dix.records.schedule import Schedule
from dix.records.sweep import Sweep, SweepFilter
from dix.records.token import Scope

# So many names are looked through for the one that was probably meant.
_HINTS = 1000


class Reach:
    """One caller's; everything here may wait for the catalog."""

    def __init__(self, parts: Parts, caller: Caller, what: str = "do this") -> None:
        """`what` is what the request is about, in words that go on after "you may not"."""
        self.caller = caller
        self._parts = parts
        self._what = what
        self._sight = caller.sight

    def need_scope(self, scope: Scope) -> None:
        """Raises NotAllowed for a token that is not good for this."""
        if scope not in self.caller.scopes:
            raise NotAllowed(f"{self._what} with this token (that takes the scope {scope})")

    def need_whole_token(self) -> None:
        """Raises NotAllowed for a token that is narrowed to projects: it must not make another one that is not."""
        if self.caller.is_narrowed:
            raise NotAllowed(f"{self._what} with a token for some projects only")

    def need_administrator(self) -> None:
        """Raises NotAllowed for anybody else."""
        if not self.caller.is_administrator:
            raise NotAllowed(f"{self._what} (that takes an administrator)")

    def need_role(self, role: Role, project: str) -> None:
        """Raises NotAllowed for one without this role in a project. What is shared may be seen, and no more."""
        if role is not Role.VIEWER and not self.caller.has_role(role, project):
            raise NotAllowed(f"{self._what} in project {project} (that takes the role {role})")

    def home(self) -> str:
        """The project of what is made without naming one: `default`, or the only one in which the caller makes things.

        Raises BadValue for a caller with several, NotAllowed for one with none.
        """
        if self.caller.has_role(Role.USER, DEFAULT_PROJECT):
            return DEFAULT_PROJECT
        mine = sorted(name for name, role in self.caller.roles.items() if role.covers(Role.USER))
        if not mine:
            raise NotAllowed(f"{self._what} (you are in no project with the role {Role.USER})")
        if len(mine) > 1:
            raise BadValue("project", f"one of {', '.join(mine)}", "none")
        return mine[0]

    def project(self, name: str, role: Role = Role.VIEWER) -> Project:
        """A project in which the caller has a role."""
        if not self._sight.sees_project(name):
            self._hide("project", name, self._sight.projects or ())
        found = self._parts.catalog.projects.get_project(name)
        self.need_role(role, name)
        return found

    def flow(self, name: str, version: int | None = None, role: Role = Role.VIEWER) -> FlowVersion:
        """A version of a flow, the latest by default; its project is that of the latest."""
        latest = self.find_flow(name)
        if latest is None:
            page = self._parts.catalog.flows.list_flows(_HINTS, sight=self._sight)
            self._hide("flow", name, (flow.flow for flow in page.items))
        self.need_role(role, latest.project)
        return latest if version is None else self._parts.catalog.flows.get_flow(name, version)

    def find_flow(self, name: str) -> FlowVersion | None:
        """The latest version of a flow, if it is there and seen."""
        try:
            latest = self._parts.catalog.flows.get_flow(name)
        except NotFound:
            return None
        return latest if self._sight.sees_flow(name, latest.project) else None

    def model(self, name: str, role: Role = Role.VIEWER) -> ModelVersion:
        """The latest version of a model, whose project is that of all."""
        latest = self.find_model(name)
        if latest is None:
            page = self._parts.catalog.models.list_models(_HINTS, sight=self._sight)
            self._hide("model", name, (model.model for model in page.items))
        self.need_role(role, latest.project)
        return latest

    def find_model(self, name: str) -> ModelVersion | None:
        """The latest version of a model, if it is there and seen."""
        try:
            latest = self._parts.catalog.models.get_model(name)
        except NotFound:
            return None
        return latest if self._sight.sees_model(name, latest.project) else None

    def run(self, id: str, role: Role = Role.VIEWER) -> Run:
        """A run; those of a flow that is hidden are hidden with it."""
        found = self._parts.catalog.runs.get_run(id)
        if not self._sight.sees_run(found.project, found.flow):
            raise NotFound("run", id)
        self.need_role(role, found.project)
        return found

    def schedule(self, name: str, role: Role = Role.VIEWER) -> Schedule:
        """A schedule; those of a flow that is hidden are hidden with it."""
        seen = {
            one.name: one
            for one in self._parts.catalog.schedules.list_schedules()
            if self._sight.sees_run(one.project, one.flow)
        }
        if name not in seen:
            self._hide("schedule", name, seen)
        self.need_role(role, seen[name].project)
        return seen[name]

    def backfill(self, id: str, role: Role = Role.VIEWER) -> Backfill:
        """A backfill; those of a flow that is hidden are hidden with it."""
        found = self._parts.catalog.backfills.get_backfill(id)
        if not self._sight.sees_run(found.project, found.flow):
            raise NotFound("backfill", id)
        self.need_role(role, found.project)
        return found

    def endpoint(self, name: str, role: Role = Role.VIEWER) -> Endpoint:
        """An endpoint as it stands now."""
        seen = {one.name: one for one in self._parts.deployer.list() if self._sight.sees_project(one.project)}
        if name not in seen:
            self._hide("endpoint", name, seen)
        self.need_role(role, seen[name].project)
        return seen[name]

    def sweep(self, name: str, role: Role = Role.VIEWER) -> Sweep:
        """A sweep; those of a flow that is hidden are hidden with it."""
        try:
            found = self._parts.catalog.sweeps.get_sweep(name)
        except NotFound:
            found = None
        if found is None or not self._sight.sees_run(found.project, found.flow):
            page = self._parts.catalog.sweeps.list_sweeps(SweepFilter(), _HINTS, sight=self._sight)
            self._hide("sweep", name, (sweep.name for sweep in page.items))
        self.need_role(role, found.project)
        return found

    def free_flow(self, name: str, project: str) -> FlowVersion | None:
        """A name under which a document may be kept in a project, and what is kept there; AlreadyExists when it is
        taken by a flow that is not seen.
        """
        self.project(project, Role.USER)
        latest = self.taken_flow(name)
        if latest is not None:
            self.need_role(Role.USER, latest.project)
        return latest

    def taken_flow(self, name: str) -> FlowVersion | None:
        """What is kept under a name; AlreadyExists when it is a flow that is not seen."""
        try:
            latest = self._parts.catalog.flows.get_flow(name)
        except NotFound:
            return None
        if not self._sight.sees_flow(name, latest.project):
            raise AlreadyExists("flow", name)
        return latest

    def free_model(self, name: str, project: str) -> None:
        """A name under which a model of a project may be registered.

        AlreadyExists for one that is taken by a model that is not seen, Conflict for one of another project.
        """
        try:
            latest = self._parts.catalog.models.get_model(name)
        except NotFound:
            return
        if not self._sight.sees_model(name, latest.project):
            raise AlreadyExists("model", name)
        if latest.project != project:
            raise Conflict(
                "model", name, f"of project {latest.project}", f"a model of {project}, too; name it otherwise"
            )

    def free_endpoint(self, name: str, project: str) -> None:
        """A name under which a model may answer for a project; AlreadyExists for one that is taken by another."""
        self.project(project, Role.USER)
        taken = {one.name: one for one in self._parts.deployer.list()}.get(name)
        if taken is None:
            return
        if not self._sight.sees_project(taken.project):
            raise AlreadyExists("endpoint", name)
        self.need_role(Role.USER, taken.project)

    def _hide(self, kind: str, name: str, seen: Iterable[str]) -> NoReturn:
        raise NotFound(kind, name, find_nearest(name, seen))


async def _get_reach(request: Request, caller: CallerHere) -> Reach:
    return make_reach(request, caller)


def make_reach(request: Request, caller: Caller) -> Reach:
    """The reach of a request, which knows what the request is about."""
    parts: Parts = request.app.state.parts
    return Reach(parts, caller, request.scope["route"].name.replace("_", " "))


ReachHere = Annotated[Reach, Depends(_get_reach)]
