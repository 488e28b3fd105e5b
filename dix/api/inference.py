"""The server's own part of the Open Inference Protocol v2; each endpoint answers for its model itself.

Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from dix.api.caller import CallerHere
from dix.api.health import find_version
from dix.api.parts import PartsHere
from dix.errors import Conflict, NotFound
from dix.names import find_nearest

router = APIRouter(prefix="/v2", tags=["inference"])


@router.get("")
def get_server() -> dict[str, Any]:
    """What this server is."""
    return {"name": "dix", "version": find_version(), "extensions": []}


@router.get("/health/live")
def is_live() -> dict[str, bool]:
    """Whether it runs."""
    return {"live": True}


@router.get("/health/ready")
def is_ready() -> dict[str, bool]:
    """Whether it takes requests."""
    return {"ready": True}


@router.api_route("/models/{name}{rest:path}", methods=["GET", "POST"], include_in_schema=False)
def answer_for_missing(name: str, rest: str, request: Request, parts: PartsHere, caller: CallerHere) -> None:
    """What comes here asks for a model that does not answer: endpoints lie on longer paths, and those win."""
    endpoints = {
        endpoint.name: endpoint for endpoint in parts.deployer.list() if caller.sight.sees_project(endpoint.project)
    }
    if name not in endpoints:
        raise NotFound("endpoint", name, find_nearest(name, endpoints))
    raise Conflict("endpoint", name, endpoints[name].state.value, f"asked for {request.method} {rest or '/'}")
