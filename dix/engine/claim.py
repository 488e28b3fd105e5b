"""On whose behalf slots are asked for. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """Project and run of a step; of two claims the one with the greater priority goes first."""

    project: str = "default"
    run: str = ""
    priority: int = 0
    user: str | None = None
