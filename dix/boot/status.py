"""`dix status`: what runs, where it listens, and who is trusted with what."""

from __future__ import annotations

from typing import Any

import httpx

from dix.boot.cluster import find_marked
from dix.boot.instance import find_instance
from dix.boot.listeners import list_listeners
from dix.boot.tokens import get_token
from dix.settings import Settings

TRUST = (
    "whoever may run code here (role user and up), or holds the Ray token, is trusted with the operating-system "
    "account that DI-X runs under, and can read what it can, the administrator's token among it; roles guard the "
    "API, the dashboard and the endpoints; Ray's inner ports listen on all interfaces, guarded by Ray's token"
)
ENFORCED = (
    "cpu and gpu of a step are booked, not limited; its memory and, where it asks for it, its disk are enforced, "
    "without control groups: a keeper on each machine measures the processes and the scratch folder of each step "
    "several times a second, and ends a step that takes more; what Ray Data does for bulk prediction is not measured"
)


def describe(settings: Settings) -> dict[str, Any]:
    """`state` is up, down, or broken (part of it is gone: `dix up` mends it); with the server's own word when up."""
    instance = find_instance(settings)
    if instance is None:
        return {"state": "down", "home": str(settings.home), "store": settings.store_url}
    marked = find_marked(instance.id)
    facts: dict[str, Any] = {
        "home": str(settings.home),
        "store": instance.store,
        "api": instance.api_address,
        "ui": instance.ui_address,
        "ray": instance.ray_address,
        "processes": len(marked),
        "listens": list_listeners(marked, instance),
    }
    answer = _ask(instance.api_address, get_token(settings))
    if answer is None:
        return {
            "state": "broken",
            **facts,
            "reason": f"{instance.api_address} does not answer; `dix up` starts it again",
        }
    return {"state": "up", **facts, **answer, "enforced": ENFORCED, "trust": TRUST}


def _ask(address: str, token: str) -> dict[str, Any] | None:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = httpx.get(f"{address}/api/v1/status", headers=headers, timeout=10.0, trust_env=False)
    except httpx.HTTPError:
        return None
    return dict(answer.json()) if answer.is_success else None
