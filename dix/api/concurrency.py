"""How many runs may go at once, over HTTP: of each driver of a flow, and of pools of flows."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, Search, contains, make_page
from dix.api.parts import Parts, PartsHere
from dix.api.reach import ReachHere
from dix.api.shapes import Answer, Body, ListAnswer
from dix.errors import NotFound
from dix.names import check_name, find_nearest
from dix.records.limit import MOST, Limit, key_of_flow, key_of_pool
from dix.records.sight import Sight
from dix.records.states import Driver

router = APIRouter(prefix="/api/v1", tags=["concurrency"])

AtOnce = Annotated[int | None, Field(ge=1, le=MOST, description="Runs at once; null for any number")]
_POOLS = key_of_pool("")


class ConcurrencyBody(Body):
    """What shall change; a driver that is not named keeps its own."""

    manual: AtOnce = None
    timed: AtOnce = None
    backfill: AtOnce = None
    parameter: AtOnce = None


class ConcurrencyAnswer(Answer):
    """How many runs of a flow may go at once, by driver; null for any number."""

    manual: int | None
    timed: int | None
    backfill: int | None
    parameter: int | None


class PoolBody(Body):
    """Flows whose runs, by whatever driver, are counted together."""

    most: Annotated[int, Field(ge=1, le=MOST, description="Runs at once")]
    flows: list[str] = Field(min_length=1, max_length=1000)


class PoolAnswer(Answer):
    """A pool; of its flows, those that are seen."""

    name: str
    most: int
    flows: list[str]


_POOL_FIELDS: Fields = {name: attrgetter(name) for name in ("name", "most")}


@router.get("/flows/{name}/concurrency")
def get_concurrency(name: str, parts: PartsHere) -> ConcurrencyAnswer:
    """How many runs of a flow may go at once, by driver."""
    found = {limit.key: limit.most for limit in parts.catalog.limits.list_limits(f"flows/{name}/")}
    return ConcurrencyAnswer(**{driver.value: found.get(key_of_flow(name, driver)) for driver in Driver})


@router.patch("/flows/{name}/concurrency")
def change_concurrency(name: str, body: ConcurrencyBody, parts: PartsHere) -> ConcurrencyAnswer:
    """Let more or fewer runs go at once; it holds at once, and what runs already goes on."""
    for driver in map(Driver, body.model_fields_set):
        most = getattr(body, driver.value)
        key = key_of_flow(name, driver)
        if most is None:
            parts.catalog.limits.delete_limit(key)
        else:
            parts.catalog.limits.put_limit(Limit(key, most))
    parts.engine.reread_limits()
    return get_concurrency(name, parts)


@router.get("/pools")
def list_pools(parts: PartsHere, caller: CallerHere, asked: AskedHere, search: Search = None) -> ListAnswer[PoolAnswer]:
    """Every pool, by name unless another order is asked for."""
    pools = [_show(parts, limit, caller.sight) for limit in parts.catalog.limits.list_limits(_POOLS)]
    page = make_page([pool for pool in pools if contains(search, pool.name)], _POOL_FIELDS, asked)
    return ListAnswer(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/pools/{name}")
def get_pool(name: str, parts: PartsHere, caller: CallerHere) -> PoolAnswer:
    """One pool."""
    return _show(parts, _find(parts, name), caller.sight)


@router.put("/pools/{name}")
def put_pool(name: str, body: PoolBody, parts: PartsHere, reach: ReachHere) -> PoolAnswer:
    """Make a pool, or change it; it holds at once, and what runs already goes on."""
    check_name("pool", name)
    flows = tuple(reach.flow(flow).flow for flow in dict.fromkeys(body.flows))
    limit = Limit(key_of_pool(name), body.most, flows=flows)
    parts.catalog.limits.put_limit(limit)
    parts.engine.reread_limits()
    return _show(parts, limit, reach.caller.sight)


@router.delete("/pools/{name}", status_code=204)
def delete_pool(name: str, parts: PartsHere) -> Response:
    """Count its flows together no more."""
    parts.catalog.limits.delete_limit(_find(parts, name).key)
    parts.engine.reread_limits()
    return Response(status_code=204)


def _find(parts: Parts, name: str) -> Limit:
    pools = {limit.key.removeprefix(_POOLS): limit for limit in parts.catalog.limits.list_limits(_POOLS)}
    if name not in pools:
        raise NotFound("pool", name, find_nearest(name, pools))
    return pools[name]


def _show(parts: Parts, limit: Limit, sight: Sight) -> PoolAnswer:
    return PoolAnswer(
        name=limit.key.removeprefix(_POOLS),
        most=limit.most or MOST,
        flows=[flow for flow in limit.flows if _sees(parts, flow, sight)],
    )


def _sees(parts: Parts, flow: str, sight: Sight) -> bool:
    return sight.projects is None or sight.sees_flow(flow, parts.catalog.flows.get_flow(flow).project)
