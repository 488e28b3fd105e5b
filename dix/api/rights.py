"""Who may do what: one row for each operation, checked before its route is reached.

A row says which thing in the address the operation is about, and which role in that thing's project it takes. What
stands in a body or a query is checked by the route, with its `Reach`; lists show what is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from dix.api.reach import Reach, make_reach
from dix.api.trail import note
from dix.errors import NotFound, PlatformError
from dix.records.caller import Caller
from dix.records.member import Role
from dix.records.token import Scope


class Of(Enum):
    """What an operation is about."""

    OPEN = auto()  # no token is wanted
    ANYBODY = auto()  # whoever may come in; lists, and what bodies name, are checked by the route
    ADMINISTRATOR = auto()
    RUN = auto()  # in the address, as id, like backfills; the others as name
    FLOW = auto()
    MODEL = auto()
    ENDPOINT = auto()
    SWEEP = auto()
    PROJECT = auto()
    SCHEDULE = auto()
    BACKFILL = auto()


_BY_ID = frozenset({Of.RUN, Of.BACKFILL})


class _InProject(Protocol):
    """A thing of a project."""

    @property
    def project(self) -> str:
        """Whose it is."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What an operation takes; its scope is `write` where the role is more than viewer."""

    of: Of
    role: Role = Role.VIEWER
    scope: Scope | None = None
    any_scope: bool = False

    def find_scope(self) -> Scope | None:
        """The scope that the token must have; None where any will do."""
        if self.any_scope:
            return None
        if self.of is Of.ADMINISTRATOR:
            return Scope.ADMIN
        return self.scope or (Scope.READ if self.role is Role.VIEWER else Scope.WRITE)


_OPEN = Needs(Of.OPEN)
_LOOK = Needs(Of.ANYBODY)
_CHANGE = Needs(Of.ANYBODY, scope=Scope.WRITE)
_ANY_SCOPE = Needs(Of.ANYBODY, any_scope=True)
_OWN = Needs(Of.ANYBODY, scope=Scope.ADMIN)
_RULE = Needs(Of.ADMINISTRATOR)
_SEE_RUN, _CHANGE_RUN = Needs(Of.RUN), Needs(Of.RUN, Role.USER)
_SEE_FLOW, _CHANGE_FLOW = Needs(Of.FLOW), Needs(Of.FLOW, Role.USER)
_SEE_MODEL, _CHANGE_MODEL = Needs(Of.MODEL), Needs(Of.MODEL, Role.USER)
_SEE_SCHEDULE, _CHANGE_SCHEDULE = Needs(Of.SCHEDULE), Needs(Of.SCHEDULE, Role.USER)
_SEE_BACKFILL, _CHANGE_BACKFILL = Needs(Of.BACKFILL), Needs(Of.BACKFILL, Role.USER)
_SEE_SWEEP, _CHANGE_SWEEP = Needs(Of.SWEEP), Needs(Of.SWEEP, Role.USER)
_COLLECT = Needs(Of.MODEL, scope=Scope.WRITE)  # one's own: it takes no more than to see the model

RIGHTS: dict[str, Needs] = {
    # The server.
    "get_health": _OPEN,
    "is_live": _OPEN,
    "is_ready": _OPEN,
    "get_status": _LOOK,
    "list_algorithms": _LOOK,
    "get_algorithm": _LOOK,
    "get_server": Needs(Of.ANYBODY, scope=Scope.PREDICT),
    "answer_for_missing": Needs(Of.ANYBODY, scope=Scope.PREDICT),
    # Flows.
    "check": _LOOK,
    "push_flow": _CHANGE,
    "list_flows": _LOOK,
    "get_flow": _SEE_FLOW,
    "list_flow_versions": _SEE_FLOW,
    "compare_flow_versions": _SEE_FLOW,
    "export_flow": _SEE_FLOW,
    "get_concurrency": _SEE_FLOW,
    "change_concurrency": _CHANGE_FLOW,
    "list_pools": _LOOK,
    "get_pool": _LOOK,
    "put_pool": _RULE,
    "delete_pool": _RULE,
    # Runs.
    "start_run": _CHANGE,
    "estimate_run": _LOOK,
    "list_runs": _LOOK,
    "get_run": _SEE_RUN,
    "list_steps": _SEE_RUN,
    "list_events": _SEE_RUN,
    "list_metrics": _SEE_RUN,
    "read_logs": _SEE_RUN,
    "list_attempts": _SEE_RUN,
    "change_run": _CHANGE_RUN,
    "cancel_run": _CHANGE_RUN,
    "retry_run": _CHANGE_RUN,
    "rerun_run": _CHANGE_RUN,
    "list_all_events": _LOOK,
    "get_last_event": _LOOK,
    # Schedules and backfills.
    "create_schedule": _CHANGE,
    "preview_times": _LOOK,
    "list_schedules": _LOOK,
    "get_schedule": _SEE_SCHEDULE,
    "change_schedule": _CHANGE_SCHEDULE,
    "pause_schedule": _CHANGE_SCHEDULE,
    "resume_schedule": _CHANGE_SCHEDULE,
    "delete_schedule": _CHANGE_SCHEDULE,
    "preview_schedule": _SEE_SCHEDULE,
    "list_missed": _SEE_SCHEDULE,
    "create_backfill": _CHANGE,
    "preview_instances": _LOOK,
    "list_backfills": _LOOK,
    "get_backfill": _SEE_BACKFILL,
    "list_instances": _SEE_BACKFILL,
    "change_backfill": _CHANGE_BACKFILL,
    "pause_backfill": _CHANGE_BACKFILL,
    "resume_backfill": _CHANGE_BACKFILL,
    "cancel_backfill": _CHANGE_BACKFILL,
    # Models.
    "list_models": _LOOK,
    "get_model": _SEE_MODEL,
    "list_model_versions": _SEE_MODEL,
    "get_model_version": _SEE_MODEL,
    "get_model_lineage": _SEE_MODEL,
    "change_model_version": _CHANGE_MODEL,  # the route asks for its owner
    "delete_model_version": _CHANGE_MODEL,
    "delete_model": _CHANGE_MODEL,
    "list_aliases": _SEE_MODEL,
    "get_alias": _SEE_MODEL,
    "list_alias_moves": _SEE_MODEL,
    "set_alias": _CHANGE_MODEL,
    "delete_alias": _CHANGE_MODEL,
    "add_favorite": _COLLECT,
    "delete_favorite": _COLLECT,
    "export_model": _SEE_MODEL,
    "import_model": _CHANGE,
    "predict": _CHANGE,
    # Endpoints.
    "deploy_endpoint": _CHANGE,
    "list_endpoints": _LOOK,
    "get_endpoint": Needs(Of.ENDPOINT),
    "delete_endpoint": Needs(Of.ENDPOINT, Role.USER),
    # Sweeps.
    "create_sweep": _CHANGE,
    "preview_sweep": _CHANGE,
    "list_sweeps": _LOOK,
    "get_sweep": _SEE_SWEEP,
    "change_sweep": _CHANGE_SWEEP,
    "pause_sweep": _CHANGE_SWEEP,
    "resume_sweep": _CHANGE_SWEEP,
    "stop_sweep": _CHANGE_SWEEP,
    "delete_sweep": _CHANGE_SWEEP,
    **dict.fromkeys(("compare_sweep", "list_curves", "get_importance", "get_contour"), _SEE_SWEEP),
    "compare_two_trials": _SEE_SWEEP,
    "register_best": _CHANGE_SWEEP,
    "list_trials": _SEE_SWEEP,
    "get_trial": _SEE_SWEEP,
    "add_trials": _CHANGE_SWEEP,
    "change_trial": _CHANGE_SWEEP,
    "skip_trial": _CHANGE_SWEEP,
    "retry_trial": _CHANGE_SWEEP,
    # Projects; quotas take an administrator.
    "list_projects": _LOOK,
    "create_project": _RULE,
    "get_project": Needs(Of.PROJECT),
    "change_project": Needs(Of.PROJECT, Role.MANAGER),
    "delete_project": _RULE,
    "list_secrets": Needs(Of.PROJECT, Role.USER, Scope.READ),
    "get_secret": Needs(Of.PROJECT, Role.USER, Scope.READ),
    "put_secret": Needs(Of.PROJECT, Role.MANAGER),
    "delete_secret": Needs(Of.PROJECT, Role.MANAGER),
    # The audit: managers see what was done in their projects.
    "list_audit": _OWN,
    "export_audit": _OWN,
    # The store: what a URI names is checked by the routes.
    "list_folder": _LOOK,
    "list_files": _LOOK,
    "measure": _LOOK,
    "download": _LOOK,
    "sign_download": _LOOK,
    "sign_upload": _CHANGE,
    "preview": _LOOK,
    "profile": _LOOK,
    "upload": _CHANGE,
    "begin_upload": _CHANGE,
    "get_upload": _CHANGE,
    "send_upload": _CHANGE,
    "complete_upload": _CHANGE,
    "delete_upload": _CHANGE,
    "upload_folder": _CHANGE,
    "send_code": _CHANGE,  # the route asks for the role
    # Who may come in, and what they may do. One's own tokens and password take the scope `admin`.
    "log_in": _OPEN,
    "get_ways_in": _OPEN,
    "begin_oidc": _OPEN,
    "finish_oidc": _OPEN,
    "log_out": _ANY_SCOPE,
    "who_am_i": _ANY_SCOPE,
    "change_password": _OWN,
    "make_code": _RULE,
    "create_token": _OWN,
    "list_tokens": _OWN,
    "revoke_token": _OWN,
    "list_users": _LOOK,
    "get_user": _LOOK,
    "create_user": _RULE,
    "change_user": _RULE,
    "delete_user": _RULE,
    "reset_password": _RULE,
    "list_members": Needs(Of.PROJECT),
    "get_member": Needs(Of.PROJECT),
    "put_member": Needs(Of.PROJECT, Role.MANAGER),
    "delete_member": Needs(Of.PROJECT, Role.MANAGER),
    "get_flow_shares": _SEE_FLOW,
    "put_flow_shares": _CHANGE_FLOW,
    "delete_flow_shares": _CHANGE_FLOW,
    "get_model_shares": _SEE_MODEL,
    "put_model_shares": _CHANGE_MODEL,
    "delete_model_shares": _CHANGE_MODEL,
    # Usage.
    "sum_usage": _LOOK,
    "get_prices": _LOOK,
    "put_prices": _RULE,
}


async def check_rights(request: Request) -> None:
    """For every route: raises NotFound for what is not seen, NotAllowed for what may not be done."""
    needs = RIGHTS[request.scope["route"].name]
    caller: Caller | None = request.state.caller
    if needs.of is Of.OPEN or caller is None:
        return
    reach = make_reach(request, caller)
    scope = needs.find_scope()
    if scope is not None:
        reach.need_scope(scope)
    if needs.of is Of.ADMINISTRATOR:
        reach.need_administrator()
    elif needs.of is not Of.ANYBODY:
        await _check_and_note(request, reach, needs)


async def _check_and_note(request: Request, reach: Reach, needs: Needs) -> None:
    """Check, and tell the trail whose project it is; administrators may do all, so only their changes are looked at."""
    rules = reach.caller.is_administrator
    if rules and request.method == "GET":
        return
    try:
        project = await run_in_threadpool(_check_thing, reach, needs, dict(request.path_params))
    except NotFound:
        if not rules:
            raise
        return  # the route says what is not there
    note(request, project=project)


def check_complete(routers: Iterable[APIRouter]) -> None:
    """Raises PlatformError for an operation that has no row: nothing is served that nobody has thought about."""
    names = {route.name for router in routers for route in router.routes if isinstance(route, APIRoute)}
    missing = sorted(names - RIGHTS.keys())
    if missing:
        raise PlatformError(f"no row in api/rights.py says who may do {', '.join(missing)}")


def _check_thing(reach: Reach, needs: Needs, given: dict[str, str]) -> str:
    """The project of the thing, which may be reached."""
    name = given["id"] if needs.of in _BY_ID else given["name"]
    if needs.of is Of.PROJECT:
        return reach.project(name, needs.role).name
    looks: dict[Of, Callable[..., _InProject]] = {
        Of.RUN: reach.run,
        Of.FLOW: reach.flow,
        Of.MODEL: reach.model,
        Of.ENDPOINT: reach.endpoint,
        Of.SCHEDULE: reach.schedule,
        Of.BACKFILL: reach.backfill,
        Of.SWEEP: reach.sweep,
    }
    return looks[needs.of](name, role=needs.role).project
