"""The client with an event loop; that it has the same methods is for `tests/house/test_async_twin.py` to say."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

import dix
from dix.client.aio.connection import AsyncClient
from dix.errors import BadDocument, NotFound, RunEnded, Unreachable
from dix.records.log_line import LogLine
from dix.records.moments import now
from dix.records.states import RunState
from tests.api.server import FLOW, TOKEN, Server
from tests.client.test_building import make_flow


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


def open_client(server: Server) -> AsyncClient:
    return dix.connect_async(server.url, TOKEN)


def test_many_runs_are_started_and_waited_for_at_once(server: Server) -> None:
    async def work() -> None:
        async with open_client(server) as client:
            runs = await asyncio.gather(*(client.runs.start(FLOW, {"epochs": each}) for each in range(1, 9)))
            for each in runs:
                server.engine.finish(each.id)
            over = await asyncio.gather(*(each.wait() for each in runs))
            assert {each.state for each in over} == {RunState.SUCCEEDED}
            compared = await over[0].compare(over[1])
            assert [fact.name for fact in compared.differences if fact.kind == "param"] == ["epochs"]

    run(work())


def test_logs_are_followed_until_the_end(server: Server) -> None:
    async def work() -> None:
        async with open_client(server) as client:
            started = await client.runs.start(make_flow())
            server.engine.lines = [LogLine("cnn", 1, now(), "stdout", f"line {index}") for index in range(5)]
            texts = []
            async for line in started.logs(follow=True):
                texts.append(line.text)
                if len(texts) == 1:
                    server.engine.finish(started.id)
            assert texts == [f"line {index}" for index in range(5)]
            assert [event.kind async for event in started.events()] == ["running", "succeeded"]
            assert len(await started.metrics()) == 0

    run(work())


def test_errors_are_the_servers_own(server: Server) -> None:
    async def work() -> None:
        async with open_client(server) as client:
            with pytest.raises(NotFound, match="run nothing"):
                await client.runs.get("nothing")
            with pytest.raises(BadDocument):
                await client.flows.push("dix: 1\n")
            started = await client.runs.start(FLOW)
            server.engine.finish(started.id, RunState.FAILED, "too hot")
            with pytest.raises(RunEnded, match="too hot"):
                await started.wait()
        async with dix.connect_async("http://127.0.0.1:9", TOKEN) as client:
            with pytest.raises(Unreachable):
                await client.health()

    run(work())


def test_files_are_moved_in_threads(server: Server, tmp_path: Path) -> None:
    async def work() -> None:
        (tmp_path / "a.txt").write_text("数字")
        async with open_client(server) as client:
            moved = await client.data.put(tmp_path / "a.txt", "texts/a.txt")
            assert moved.files == 1
            assert [entry.name for entry in await client.data.list("texts")] == ["a.txt"]
            await client.data.get("texts/a.txt", tmp_path / "b.txt")
            async with client.wire.stream("/api/v1/data/file", uri="texts/a.txt") as chunks:
                assert b"".join([chunk async for chunk in chunks]).decode() == "数字"
        assert (tmp_path / "b.txt").read_text() == "数字"

    run(work())


def test_all_of_a_list_come_page_by_page(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("", "aio."):
        for noun in ("flows", "runs", "audit"):
            monkeypatch.setattr(f"dix.client.{room}{noun}._PAGE", 2)
    names = [f"paged{number}" for number in range(5)]
    with dix.connect(server.url, TOKEN) as client:
        runs = {client.runs.start(FLOW.replace("name: digits", f"name: {name}")).id for name in names}
        flows = [flow.flow for flow in client.flows.all()]
        assert [name for name in flows if name in names] == names[::-1]
        assert {each.id for each in client.runs.all(project="default")} >= runs
        assert len(list(client.audit.all(action="start_run"))) >= 5

    async def work() -> None:
        async with open_client(server) as client:
            assert [flow.flow async for flow in client.flows.all()] == flows
            assert {each.id async for each in client.runs.all()} >= runs

    run(work())
