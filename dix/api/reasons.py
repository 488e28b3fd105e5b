"""Why something waits, for who may not see everything: runs and projects that are hidden are not named.

The engine writes one sentence, which names who has what is missing. What the caller may not see becomes "another
project's run" or "another project" in it.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends

from dix.api.caller import CallerHere
from dix.api.parts import Parts, PartsHere
from dix.errors import NotFound
from dix.records.sight import Sight

# A run as `names.make_run_id` names it, perhaps with a node and an attempt, and with its project.
_RUN = re.compile(r"\b(r[0-9a-hjkmnp-tv-z]{14})\b(?:\.[A-Za-z_]\w*)?(?:#\d+)?(?: of project [a-z0-9][a-z0-9-]*)?")
_PROJECT = re.compile(r"\bproject ([a-z0-9][a-z0-9-]*)")


class Reasons:
    """Tells reasons to one caller; remembers what it has looked up."""

    def __init__(self, parts: Parts, sight: Sight) -> None:
        self._parts = parts
        self._sight = sight
        self._sees: dict[str, bool] = {}

    def tell(self, text: str | None) -> str | None:
        """The sentence as the caller may read it."""
        if text is None or self._sight.projects is None:
            return text
        without_runs = _RUN.sub(self._tell_run, text)
        return _PROJECT.sub(self._tell_project, without_runs)

    def _tell_run(self, found: re.Match[str]) -> str:
        return found[0] if self._sees_run(found[1]) else "another project's run"

    def _tell_project(self, found: re.Match[str]) -> str:
        return found[0] if self._sight.sees_project(found[1]) else "another project"

    def _sees_run(self, id: str) -> bool:
        if id not in self._sees:
            try:
                run = self._parts.catalog.runs.get_run(id)
            except NotFound:
                self._sees[id] = False
            else:
                self._sees[id] = self._sight.sees_run(run.project, run.flow)
        return self._sees[id]


async def _make_reasons(parts: PartsHere, caller: CallerHere) -> Reasons:
    return Reasons(parts, caller.sight)


ReasonsHere = Annotated[Reasons, Depends(_make_reasons)]
