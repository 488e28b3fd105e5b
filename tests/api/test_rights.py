"""Every operation, by everybody, on things of their own project and of another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from dix.api.app import ROUTERS
from dix.api.rights import RIGHTS, check_complete
from dix.errors import PlatformError
from dix.records.member import Role
from tests.api.people import TEXT, Things, add_person, come_in, make_things
from tests.api.server import Server

WHO = ["nobody", "stranger", "viewer", "user", "manager", "admin"]
OWN, OTHER = "own", "other"


@dataclass(frozen=True)
class Try:
    """A request for an operation, and the least of WHO that may do it in their own project.

    `<p>` stands for the project, `<r>` for its run, `<v>` for its model's version. `reaches` says that it is about
    something in the project, so that who is not in it finds nothing there.
    """

    method: str
    path: str
    least: str
    body: Any = None
    reaches: bool = True


def look(path: str, least: str = "viewer", *, reaches: bool = True) -> Try:
    return Try("GET", path, least, reaches=reaches)


RUN, FLOW, MODEL, ENDPOINT, SWEEP, PROJECT = (
    "/api/v1/runs/<r>",
    "/api/v1/flows/<p>-flow",
    "/api/v1/models/<p>-model",
    "/api/v1/endpoints/<p>-endpoint",
    "/api/v1/sweeps/<p>-sweep",
    "/api/v1/projects/<p>",
)
DATA = "/api/v1/data"
FILE = "uri=projects/<p>/a.txt"
DOCUMENT = {"text": TEXT.format(name="<p>-flow") + "# more", "project": "<p>"}
SHARES = {"visibility": "everyone"}
SCHEDULES, BACKFILLS = "/api/v1/schedules", "/api/v1/backfills"
SCHEDULE, BACKFILL = f"{SCHEDULES}/<p>-schedule", f"{BACKFILLS}/<p>-backfill"
DATES = {"flow": "<p>-flow", "project": "<p>", "dates": ["2026-01-01"]}

TRIES: dict[str, Try] = {
    "get_health": look("/api/v1/health", "nobody", reaches=False),
    "is_live": look("/v2/health/live", "nobody", reaches=False),
    "is_ready": look("/v2/health/ready", "nobody", reaches=False),
    "get_status": look("/api/v1/status", "stranger", reaches=False),
    "list_algorithms": look("/api/v1/algorithms", "stranger", reaches=False),
    "get_algorithm": look("/api/v1/algorithms/cnn", "stranger", reaches=False),
    "get_server": look("/v2", "stranger", reaches=False),
    "check": Try("POST", "/api/v1/flows/check", "stranger", {"text": TEXT.format(name="a")}, reaches=False),
    "push_flow": Try("POST", "/api/v1/flows", "user", DOCUMENT),
    "list_flows": look("/api/v1/flows", "stranger", reaches=False),
    "get_flow": look(FLOW),
    "list_flow_versions": look(f"{FLOW}/versions"),
    "compare_flow_versions": look(f"{FLOW}/diff"),
    "export_flow": look(f"{FLOW}/export"),
    "get_concurrency": look(f"{FLOW}/concurrency"),
    "change_concurrency": Try("PATCH", f"{FLOW}/concurrency", "user", {"manual": 3}),
    "list_pools": look("/api/v1/pools", "stranger", reaches=False),
    "get_pool": look("/api/v1/pools/shared", "stranger", reaches=False),
    "put_pool": Try("PUT", "/api/v1/pools/shared", "admin", {"most": 3, "flows": ["own-flow"]}, reaches=False),
    "delete_pool": Try("DELETE", "/api/v1/pools/shared", "admin", reaches=False),
    "start_run": Try("POST", "/api/v1/runs", "user", {"flow": "<p>-flow"}),
    "estimate_run": Try("POST", "/api/v1/runs/estimate", "viewer", {"flow": "<p>-flow"}),
    "list_runs": look("/api/v1/runs", "stranger", reaches=False),
    "get_run": look(RUN),
    "list_steps": look(f"{RUN}/steps"),
    "list_events": look(f"{RUN}/events"),
    "list_metrics": look(f"{RUN}/metrics"),
    "read_logs": look(f"{RUN}/logs"),
    "list_attempts": look(f"{RUN}/attempts"),
    "change_run": Try("PATCH", RUN, "user", {"priority": 3}),
    "cancel_run": Try("POST", f"{RUN}/cancel", "user"),
    "retry_run": Try("POST", f"{RUN}/retry", "user"),
    "rerun_run": Try("POST", f"{RUN}/rerun", "user"),
    "list_all_events": look("/api/v1/events", "stranger", reaches=False),
    "get_last_event": look("/api/v1/events/last", "stranger", reaches=False),
    "create_schedule": Try(
        "POST", SCHEDULES, "user", {"name": "<p>-new", "flow": "<p>-flow", "cron": "@daily", "project": "<p>"}
    ),
    "preview_times": Try("POST", f"{SCHEDULES}/preview", "stranger", {"cron": "@daily"}, reaches=False),
    "list_schedules": look(SCHEDULES, "stranger", reaches=False),
    "get_schedule": look(SCHEDULE),
    "change_schedule": Try("PATCH", SCHEDULE, "user", {"cron": "@hourly"}),
    "pause_schedule": Try("POST", f"{SCHEDULE}/pause", "user"),
    "resume_schedule": Try("POST", f"{SCHEDULE}/resume", "user"),
    "delete_schedule": Try("DELETE", SCHEDULE, "user"),
    "preview_schedule": look(f"{SCHEDULE}/preview"),
    "list_missed": look(f"{SCHEDULE}/missed"),
    "create_backfill": Try("POST", BACKFILLS, "user", DATES),
    "preview_instances": Try("POST", f"{BACKFILLS}/preview", "viewer", DATES),
    "list_backfills": look(BACKFILLS, "stranger", reaches=False),
    "get_backfill": look(BACKFILL),
    "list_instances": look(f"{BACKFILL}/instances"),
    "change_backfill": Try("PATCH", BACKFILL, "user", {"concurrency": 2}),
    "pause_backfill": Try("POST", f"{BACKFILL}/pause", "user"),
    "resume_backfill": Try("POST", f"{BACKFILL}/resume", "user"),
    "cancel_backfill": Try("POST", f"{BACKFILL}/cancel", "user"),
    "create_sweep": Try("POST", "/api/v1/sweeps", "user", {"name": "a", "flow": "<p>-flow"}),
    "preview_sweep": Try("POST", "/api/v1/sweeps/preview", "user", {"name": "a", "flow": "<p>-flow"}),
    "list_sweeps": look("/api/v1/sweeps", "stranger", reaches=False),
    "get_sweep": look(SWEEP),
    "change_sweep": Try("PATCH", SWEEP, "user", {"description": "b"}),
    "pause_sweep": Try("POST", f"{SWEEP}/pause", "user"),
    "resume_sweep": Try("POST", f"{SWEEP}/resume", "user"),
    "stop_sweep": Try("POST", f"{SWEEP}/stop", "user"),
    "delete_sweep": Try("DELETE", SWEEP, "user"),
    "compare_sweep": look(f"{SWEEP}/compare"),
    "list_curves": look(f"{SWEEP}/curves?number=a.b"),
    "get_importance": look(f"{SWEEP}/importance?number=a.b"),
    "get_contour": look(f"{SWEEP}/contour?x=a&y=b"),
    "compare_two_trials": look(f"{SWEEP}/difference?trial=1&trial=2"),
    "register_best": Try("POST", f"{SWEEP}/best", "user", {"alias": "champion"}),
    "list_trials": look(f"{SWEEP}/trials"),
    "get_trial": look(f"{SWEEP}/trials/1"),
    "add_trials": Try("POST", f"{SWEEP}/trials", "user", {"params": [{}]}),
    "change_trial": Try("PATCH", f"{SWEEP}/trials/2", "user", {"place": 3}),
    "skip_trial": Try("POST", f"{SWEEP}/trials/3/skip", "user"),
    "retry_trial": Try("POST", f"{SWEEP}/trials/4/retry", "user"),
    "list_models": look("/api/v1/models", "stranger", reaches=False),
    "get_model": look(MODEL),
    "list_model_versions": look(f"{MODEL}/versions"),
    "get_model_version": look(f"{MODEL}/versions/<v>"),
    "get_model_lineage": look(f"{MODEL}/versions/<v>/lineage"),
    "change_model_version": Try("PATCH", f"{MODEL}/versions/<v>", "admin", {"trusted": True}),
    "delete_model_version": Try("DELETE", f"{MODEL}/versions/<v>", "user"),
    "delete_model": Try("DELETE", MODEL, "user"),
    "list_aliases": look(f"{MODEL}/aliases"),
    "get_alias": look(f"{MODEL}/aliases/best"),
    "list_alias_moves": look(f"{MODEL}/aliases/best/moves"),
    "set_alias": Try("PUT", f"{MODEL}/aliases/best", "user", {"version": "<v>"}),
    "delete_alias": Try("DELETE", f"{MODEL}/aliases/best", "user"),
    "add_favorite": Try("PUT", f"{MODEL}/favorite", "viewer"),
    "delete_favorite": Try("DELETE", f"{MODEL}/favorite", "viewer"),
    "export_model": look(f"{MODEL}/versions/<v>/archive"),
    "import_model": Try("POST", "/api/v1/models/import?project=<p>", "user", b"no archive"),
    "predict": Try(
        "POST", "/api/v1/predictions", "user", {"model": "<p>-model", "data": "common/a.txt", "project": "<p>"}
    ),
    "deploy_endpoint": Try(
        "POST", "/api/v1/endpoints", "user", {"name": "<p>-endpoint", "model": "<p>-model", "project": "<p>"}
    ),
    "list_endpoints": look("/api/v1/endpoints", "stranger", reaches=False),
    "get_endpoint": look(ENDPOINT),
    "delete_endpoint": Try("DELETE", ENDPOINT, "user"),
    "list_projects": look("/api/v1/projects", "stranger", reaches=False),
    "create_project": Try("POST", "/api/v1/projects", "admin", {"name": "new"}, reaches=False),
    "get_project": look(PROJECT),
    "change_project": Try("PATCH", PROJECT, "manager", {"description": "ours"}),
    "delete_project": Try("DELETE", PROJECT, "admin", reaches=False),
    "list_members": look(f"{PROJECT}/members"),
    "get_member": look(f"{PROJECT}/members/guest"),
    "put_member": Try("PUT", f"{PROJECT}/members/guest", "manager", {"role": "viewer"}),
    "delete_member": Try("DELETE", f"{PROJECT}/members/guest", "manager"),
    "list_secrets": look(f"{PROJECT}/secrets", "user"),
    "get_secret": look(f"{PROJECT}/secrets/KEY", "user"),
    "put_secret": Try("PUT", f"{PROJECT}/secrets/KEY", "manager", {"value": "hush"}),
    "delete_secret": Try("DELETE", f"{PROJECT}/secrets/KEY", "manager"),
    "list_audit": look("/api/v1/audit", "manager", reaches=False),
    "export_audit": look("/api/v1/audit/export", "manager", reaches=False),
    "list_folder": look(f"{DATA}?uri=projects/<p>"),
    "list_files": look(f"{DATA}/files?uri=projects/<p>"),
    "measure": look(f"{DATA}/measure?{FILE}"),
    "sign_download": look(f"{DATA}/download-address?{FILE}"),
    "sign_upload": Try("POST", f"{DATA}/upload-address", "user", {"uri": "projects/<p>/a.txt"}),
    "preview": look(f"{DATA}/preview?{FILE}"),
    "profile": look(f"{DATA}/profile?{FILE}"),
    "download": look(f"{DATA}/file?uri=dix/runs/<r>/out.txt"),
    "begin_upload": Try("POST", "/api/v1/uploads", "user", {"uri": "projects/<p>/big.bin"}),
    "upload": Try("PUT", f"{DATA}/file?{FILE}", "user", b"new"),
    "send_code": Try("POST", "/api/v1/scripts", "user", b"no tar", reaches=False),
    "upload_folder": Try("PUT", f"{DATA}/folder?uri=projects/<p>/folder", "user", b"no tar"),
    "sum_usage": look("/api/v1/usage", "stranger", reaches=False),
    "get_prices": look("/api/v1/usage/prices", "stranger", reaches=False),
    "put_prices": Try("PUT", "/api/v1/usage/prices", "admin", {}, reaches=False),
    "log_in": Try("POST", "/api/v1/login", "nobody", {"name": "guest"}, reaches=False),
    "get_ways_in": look("/api/v1/login", "nobody", reaches=False),
    "begin_oidc": look("/api/v1/login/oidc", "nobody", reaches=False),
    "finish_oidc": look("/api/v1/login/oidc/callback", "nobody", reaches=False),
    "log_out": Try("POST", "/api/v1/logout", "stranger", reaches=False),
    "who_am_i": look("/api/v1/whoami", "stranger", reaches=False),
    "change_password": Try("PUT", "/api/v1/password", "stranger", {"new": "short"}, reaches=False),
    "make_code": Try("POST", "/api/v1/codes", "admin", {}, reaches=False),
    "create_token": Try("POST", "/api/v1/tokens", "stranger", {"name": "mine"}, reaches=False),
    "list_tokens": look("/api/v1/tokens", "stranger", reaches=False),
    "list_users": look("/api/v1/users", "stranger", reaches=False),
    "get_user": look("/api/v1/users/guest", "stranger", reaches=False),
    "create_user": Try("POST", "/api/v1/users", "admin", {"name": "fresh"}, reaches=False),
    "change_user": Try("PATCH", "/api/v1/users/guest", "admin", {"display_name": "Guest"}, reaches=False),
    "delete_user": Try("DELETE", "/api/v1/users/leaver", "admin", reaches=False),
    "reset_password": Try("PUT", "/api/v1/users/guest/password", "admin", {"password": None}, reaches=False),
    "get_flow_shares": look(f"{FLOW}/shares"),
    "put_flow_shares": Try("PUT", f"{FLOW}/shares", "manager", {"visibility": "project"}),
    "delete_flow_shares": Try("DELETE", f"{FLOW}/shares", "manager"),
    "get_model_shares": look(f"{MODEL}/shares"),
    "put_model_shares": Try("PUT", f"{MODEL}/shares", "manager", {"visibility": "project"}),
    "delete_model_shares": Try("DELETE", f"{MODEL}/shares", "manager"),
}
# Their answers depend on more than a role, and are looked at one by one below.
ELSEWHERE = {"get_upload", "send_upload", "complete_upload", "delete_upload", "answer_for_missing", "revoke_token"}


@pytest.fixture(scope="module")
def people(server: Server) -> Iterator[dict[str, httpx.Client]]:
    make_things(server, OWN)
    make_things(server, OTHER)
    for who, role in (("viewer", Role.VIEWER), ("user", Role.USER), ("manager", Role.MANAGER)):
        add_person(server, who, {OWN: role})
    for name in ("stranger", "guest", "leaver"):
        add_person(server, name)
    clients = {who: come_in(server, who) for who in WHO[1:-1]}
    clients |= {"nobody": server.open(None), "admin": server.open()}
    yield clients
    for client in clients.values():
        client.close()


def send(client: httpx.Client, attempt: Try, things: Things) -> httpx.Response:
    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: fill(item) for name, item in value.items()}
        if value == "<v>":
            return things.version
        if not isinstance(value, str):
            return value
        return value.replace("<p>", things.project).replace("<r>", things.run).replace("<v>", str(things.version))

    body = {"content": attempt.body} if isinstance(attempt.body, bytes) else {"json": fill(attempt.body)}
    given = {} if attempt.body is None else body
    return client.request(attempt.method, fill(attempt.path), **given)  # type: ignore[arg-type]


def test_every_operation_has_a_row_and_is_tried() -> None:
    names = {route.name for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)}
    assert names == set(RIGHTS)
    assert set(TRIES) | ELSEWHERE == names


def test_an_operation_without_a_row_is_not_served() -> None:
    router = APIRouter()
    router.add_api_route("/forgotten", lambda: None, name="forgotten")
    with pytest.raises(PlatformError, match="who may do forgotten"):
        check_complete([*ROUTERS, router])


@pytest.mark.parametrize("operation", sorted(TRIES))
def test_in_ones_own_project(server: Server, people: dict[str, httpx.Client], operation: str) -> None:
    attempt = TRIES[operation]
    for who in WHO:
        client = people[who]
        if operation == "log_out" and who not in {"nobody", "admin"}:
            client = come_in(server, who)
        answer = send(client, attempt, make_things(server, OWN))
        if WHO.index(who) >= WHO.index(attempt.least):
            expected = {200, 201, 204, 304, 400, 409, 422, 501, 502}
        elif who == "nobody":
            expected = {401}
        else:
            expected = {404} if who == "stranger" and attempt.reaches else {403}
        assert answer.status_code in expected, (operation, who, answer.status_code, answer.text)


@pytest.mark.parametrize("operation", sorted(name for name, attempt in TRIES.items() if attempt.reaches))
def test_in_a_project_of_others(server: Server, people: dict[str, httpx.Client], operation: str) -> None:
    for who in WHO[1:-1]:
        answer = send(people[who], TRIES[operation], make_things(server, OTHER))
        assert answer.status_code == 404, (operation, who, answer.status_code, answer.text)


@pytest.mark.parametrize("operation", sorted(name for name, attempt in TRIES.items() if attempt.reaches))
def test_what_is_hidden_is_as_what_is_not_there(
    server: Server, people: dict[str, httpx.Client], operation: str
) -> None:
    """The same answer to the letter, but for the name that was asked for."""
    things = make_things(server, OTHER)
    hidden = send(people["manager"], TRIES[operation], things)
    missing = send(people["manager"], TRIES[operation], Things("othes", "rothes", things.version))
    told = hidden.text.replace(things.run, "rothes").replace("other", "othes")
    assert (hidden.status_code, told) == (missing.status_code, missing.text)
