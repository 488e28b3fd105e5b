"""Which runs a list shall have, as a query says it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from dix.api.caller import CallerHere
from dix.api.lists import Search
from dix.api.shapes import read_moment
from dix.errors import BadValue
from dix.records.run import RunFilter
from dix.records.states import Driver, RunState


async def _read_wanted(
    caller: CallerHere,
    *,
    flow: str | None = None,
    state: Annotated[list[RunState] | None, Query(description="One of these; may be given several times")] = None,
    driver: Driver | None = None,
    project: str | None = None,
    user: Annotated[str | None, Query(description="Who started them")] = None,
    since: Annotated[str | None, Query(description="Made from this date or time on; UTC without an offset")] = None,
    until: Annotated[str | None, Query(description="Made before this date or time")] = None,
    origin: Annotated[str | None, Query(description="schedules/NAME, backfills/ID or sweeps/NAME")] = None,
    held: Annotated[bool | None, Query(description="Only those that wait for their driver, or only others")] = None,
    search: Search = None,
) -> RunFilter:
    first = None if since is None else read_moment("since", since)
    last = None if until is None else read_moment("until", until)
    if first is not None and last is not None and first >= last:
        raise BadValue("until", f"a moment after {since}", until)
    states = tuple(state) if state else None
    return RunFilter(flow, states, driver, project, caller.sight, user, first, last, search, origin, held)


WantedRuns = Annotated[RunFilter, Depends(_read_wanted)]
