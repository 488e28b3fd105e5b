"""What a run would use and make is checked before it is written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dix.api.permit import make_permit
from dix.api.reach import Reach
from dix.engine.plan import Plan, PlannedStep
from dix.errors import AlreadyExists, Conflict, DixError, NotAllowed, NotFound
from dix.records.caller import Caller
from dix.records.member import Role
from dix.records.sight import Sight
from tests.api.people import Things, make_things
from tests.api.server import Server, run_server

ANA = Caller("ana", "t1", roles={"own": Role.USER, "seen": Role.VIEWER}, sight=Sight(frozenset({"own", "seen"})))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, Things]]]:
    with run_server(tmp_path_factory.mktemp("permit")) as server:
        yield server, {name: make_things(server, name) for name in ("own", "other", "seen")}


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ({"uri": "projects/own/a.txt", "output": "projects/own/out", "model_name": "own-model"}, None),
        ({"models": {"model": "models:/own-model"}, "model_name": "new-model", "output": "common/out"}, None),
        ({"models": {"model": "models:/seen-model/1"}, "uri": "projects/seen/a.txt"}, None),
        ({"uri": "file:///elsewhere/a.txt", "output": "file:///elsewhere/out"}, None),
        ({"models": {"model": "models:/other-model@best"}}, NotFound),
        ({"models": {"model": "models:/no-model"}}, NotFound),
        ({"uri": "projects/other/a.txt"}, NotFound),
        ({"uri": "dix/runs/{other}/out.txt"}, NotFound),
        ({"uri": "dix/staging/x"}, NotFound),
        ({"output": "projects/other/out"}, NotFound),
        ({"output": "projects/seen/out"}, NotAllowed),
        ({"model_name": "other-model"}, AlreadyExists),
        ({"model_name": "seen-model"}, Conflict),
        ({"uri": "projects/other/a.txt", "skip": "it is muted"}, None),
    ],
)
def test_a_plan_reaches_what_its_user_reaches(
    world: tuple[Server, dict[str, Things]], step: dict[str, Any], error: type[DixError] | None
) -> None:
    server, things = world
    if "uri" in step:
        step = {**step, "uri": step["uri"].format(other=things["other"].run)}
    plan = Plan("flow", 1, (PlannedStep("a", "algorithm", **step),))
    check = make_permit(server.parts, Reach(server.parts, ANA))
    if error is None:
        check(plan, "own")
        return
    with pytest.raises(error):
        check(plan, "own")
