"""Builds the HTTP application: control under /api/v1, the server's part of inference under /v2."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from dix.access.book import TokenBook
from dix.access.limit import SignInLimit
from dix.api import (
    aliases,
    attempts,
    audit,
    backfills,
    comparisons,
    concurrency,
    data,
    data_addresses,
    data_looks,
    endpoints,
    events,
    favorites,
    flow_versions,
    flows,
    health,
    inference,
    lineage,
    members,
    model_archives,
    models,
    oidc,
    predictions,
    projects,
    runs,
    schedules,
    scripts,
    secrets,
    sessions,
    shares,
    sweeps,
    telemetry,
    tokens,
    trials,
    uploads,
    usage,
    users,
)
from dix.api.cors import allow_origins
from dix.api.guard import Guard
from dix.api.health import find_version
from dix.api.keys import Keys
from dix.api.openapi import use_whole_document
from dix.api.parts import Parts
from dix.api.problems import ProblemAnswer, add_problem_handlers
from dix.api.rights import check_complete, check_rights
from dix.api.tags import NotModified
from dix.api.trail import Trail
from dix.api.watch import EventWatch, RunWatches

ROUTERS = (
    health.router,
    flows.router,
    flow_versions.router,
    concurrency.router,
    runs.router,
    events.router,
    schedules.router,
    backfills.router,
    telemetry.router,
    attempts.router,
    model_archives.router,
    lineage.router,
    models.router,
    aliases.router,
    favorites.router,
    predictions.router,
    endpoints.router,
    projects.router,
    secrets.router,
    audit.router,
    data.router,
    data_looks.router,
    data_addresses.router,
    uploads.router,
    scripts.router,
    usage.router,
    inference.router,
    sessions.router,
    oidc.router,
    tokens.router,
    users.router,
    members.router,
    shares.router,
    sweeps.router,
    trials.router,
    comparisons.router,
)
# How often the store is looked into for each run whose logs are followed: steps write them about as often.
_LOG_LOOK_S = 0.5
_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem document (RFC 9457)",
        "content": {"application/problem+json": {"schema": ProblemAnswer.model_json_schema()}},
    }
}


def make_app(parts: Parts) -> FastAPI:
    """The application over these parts; making it touches none of them."""
    app = FastAPI(
        title="DI-X",
        version=find_version(),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_name_operation,
        responses=_PROBLEM,
        dependencies=[
            Depends(HTTPBearer(auto_error=False, description="A token, as the one in $DIX_HOME/token")),
            Depends(check_rights),
        ],
    )
    app.state.parts = parts
    app.state.watch = EventWatch(partial(_find_last_event, parts))
    app.state.number_watch = EventWatch(partial(_find_last_number, parts))
    app.state.log_watches = RunWatches(parts.engine.measure_logs, _LOG_LOOK_S)
    add_problem_handlers(app)
    app.state.book = TokenBook(parts.catalog.access, parts.catalog.tokens, parts.token_hash)
    app.state.limit = SignInLimit()
    app.state.oidc = oidc.OidcDoor(parts.oidc, parts) if parts.oidc else None
    app.add_middleware(NotModified)
    app.add_middleware(Keys, replies=parts.catalog.replies, salt=parts.token_hash)
    app.add_middleware(Trail, audit=parts.catalog.audit)
    app.add_middleware(Guard, book=app.state.book)
    allow_origins(app, parts.origins)
    for router in ROUTERS:
        app.include_router(router)
    check_complete(ROUTERS)
    use_whole_document(app)
    return app


def _find_last_event(parts: Parts) -> int:
    return parts.catalog.telemetry.find_last_event()


def _find_last_number(parts: Parts) -> int:
    return parts.catalog.telemetry.find_last_number()


def _name_operation(route: APIRoute) -> str:
    return route.name
