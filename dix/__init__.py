"""DI-X: draw a flow, press Run, get a model that is versioned, shared and answering requests."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PUBLIC = {
    "connect": "dix.client.connection",
    "connect_async": "dix.client.aio.connection",
    "Flow": "dix.client.building",
    "report": "dix.client.reporting",
    "DixError": "dix.errors",
}

__all__ = ["DixError", "Flow", "connect", "connect_async", "report"]


def __getattr__(name: str) -> Any:
    """Hand out the public names lazily, so that a worker does not load the client."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'dix' has no attribute {name!r}")
