"""A reason names to nobody what they may not see, in answers and in streams alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dix.records.member import Role
from dix.records.states import StepState
from tests.api.people import Things, add_person, come_in, make_things
from tests.api.server import Server


@pytest.fixture(scope="module")
def things(server: Server) -> dict[str, Things]:
    made = {project: make_things(server, project) for project in ("speech", "vision")}
    add_person(server, "ida", {"speech": Role.USER})
    add_person(server, "max", {"speech": Role.USER, "vision": Role.VIEWER})
    own, other = made["speech"].run, made["vision"].run
    reason = (
        f"project speech uses 4 of 4 GPU: run {own}; would borrow 1 when {other} of project vision ends; "
        f"taken by {other}.cnn#1, {own}.cnn#1; the rest is kept for {other}.cnn of project vision"
    )
    server.engine.move_step(own, "a", StepState.WAITING, reason=reason)
    return made


@pytest.fixture
def told(things: dict[str, Things]) -> str:
    own = things["speech"].run
    return (
        f"project speech uses 4 of 4 GPU: run {own}; would borrow 1 when another project's run ends; "
        f"taken by another project's run, {own}.cnn#1; the rest is kept for another project's run"
    )


@pytest.fixture
def ida(server: Server, things: dict[str, Things]) -> Iterator[httpx.Client]:
    with come_in(server, "ida") as client:
        yield client


def find_reasons(client: httpx.Client, run: str) -> list[Any]:
    """What the step waits for, wherever it is told."""
    found = [client.get(f"/api/v1/runs/{run}").json()["steps"][0]["reason"]]
    found.append(client.get(f"/api/v1/runs/{run}/steps").json()["items"][0]["reason"])
    found.append(client.get("/api/v1/runs").json()["items"][-1]["steps"][0]["reason"])
    for path in (f"/api/v1/runs/{run}/events", "/api/v1/events"):
        events = client.get(path, params={"after": 0}).json()["items"]
        found += [event["data"]["reason"] for event in events if event["run"] == run and "reason" in event["data"]]
    return found


def test_what_is_hidden_is_not_named(ida: httpx.Client, things: dict[str, Things], told: str) -> None:
    assert find_reasons(ida, things["speech"].run) == [told] * 5


def test_a_stream_names_it_neither(ida: httpx.Client, things: dict[str, Things], told: str) -> None:
    path = f"/api/v1/runs/{things['speech'].run}/events"
    with ida.stream("GET", path, headers={"Accept": "text/event-stream"}) as stream:
        text = next(line for line in stream.iter_lines() if "taken by" in line)
    assert told in text
    assert "vision" not in text


def test_who_sees_both_reads_the_names(server: Server, things: dict[str, Things]) -> None:
    own, other = things["speech"].run, things["vision"].run
    with come_in(server, "max") as client:
        assert all(f"when {other} of project vision ends" in reason for reason in find_reasons(client, own))
