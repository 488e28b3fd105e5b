"""The examples run in an engine of this process, as its own tests do."""

from __future__ import annotations

from tests.engine.conftest import catalog, workshop

__all__ = ["catalog", "workshop"]
