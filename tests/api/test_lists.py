"""Lists: in pages, in any order, filtered, and nothing twice or left out while others add to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from dix.api.lists import Asked, contains, make_page
from dix.errors import BadValue
from dix.records.moments import now, to_text
from dix.records.run import Run
from dix.records.sort import read_sort
from dix.records.states import RunState
from tests.api.server import FLOW, Server

BEGIN = now() - timedelta(days=30)


@pytest.fixture(scope="module", autouse=True)
def runs(server: Server) -> list[Run]:
    made = [
        Run(
            f"r{number:03d}",
            "sorted",
            1,
            BEGIN + timedelta(hours=number // 2),  # two of each moment
            project="default" if number % 3 else "vision",
            state=list(RunState)[number % 5],
            params={"note": f"ünique-{number}"},
            started=None if number % 4 == 0 else BEGIN + timedelta(days=number),
            user="ada" if number % 2 else "bob",
            priority=number % 7,
        )
        for number in range(60)
    ]
    for run in made:
        server.parts.catalog.runs.create_run(run, ())
    return made


def walk(http: httpx.Client, path: str, limit: int, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = http.get(f"/api/v1/{path}", params={**query, "limit": limit, **({"cursor": cursor} if cursor else {})})
        assert page.status_code == 200, page.text
        items += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return items


@pytest.mark.parametrize("sort", ["created", "-created", "-started", "state,-priority", "user,flow,created", "-id"])
def test_pages_in_any_order_have_each_run_once(http: httpx.Client, runs: list[Run], sort: str) -> None:
    found = walk(http, "runs", 7, flow="sorted", sort=sort, steps=False)
    assert sorted(item["id"] for item in found) == [run.id for run in runs]
    whole = http.get("/api/v1/runs", params={"flow": "sorted", "sort": sort, "limit": 1000}).json()["items"]
    assert [item["id"] for item in found] == [item["id"] for item in whole]
    first = sort.split(",", maxsplit=1)[0]
    values = [item[first.lstrip("-")] or "" for item in found]
    assert values == sorted(values, reverse=first.startswith("-"))


def test_what_is_added_meanwhile_moves_nothing(http: httpx.Client, server: Server, runs: list[Run]) -> None:
    query = {"project": "vision", "sort": "-created", "limit": 5}
    page = http.get("/api/v1/runs", params=query).json()
    for number in range(3):
        server.parts.catalog.runs.create_run(Run(f"r9{number}", "later", 1, now(), project="vision"), ())
    rest = http.get("/api/v1/runs", params={**query, "limit": 1000, "cursor": page["next_cursor"]}).json()
    found = [item["id"] for item in page["items"] + rest["items"]]
    assert found == [run.id for run in reversed(runs) if run.project == "vision"]


def test_runs_are_filtered_by_all_that_they_are(http: httpx.Client, runs: list[Run]) -> None:
    def find(**query: Any) -> set[str]:
        return {item["id"] for item in walk(http, "runs", 1000, flow="sorted", **query)}

    assert find(state=["failed", "queued"]) == {
        run.id for run in runs if run.state in {RunState.FAILED, RunState.QUEUED}
    }
    assert find(user="ada", project="vision") == {
        run.id for run in runs if run.user == "ada" and run.project == "vision"
    }
    since, until = to_text(runs[10].created), to_text(runs[20].created)
    assert find(since=since, until=until) == {run.id for run in runs[10:20]}
    assert find(search="R05") == {f"r05{number}" for number in range(10)}
    assert find(search="' OR true --") == set()


@pytest.mark.parametrize(
    ("path", "field"),
    [
        *[("runs", "creatd"), ("flows", "nam"), ("models", "nam"), ("projects", "nmae"), ("endpoints", "nmae")],
        *[
            ("data", "nmae"),
            ("runs/r001/steps", "nodee"),
            ("runs/r001/attempts", "nodee"),
            ("flows/f/versions", "versoin"),
        ],
    ],
)
def test_a_field_that_cannot_be_sorted_by_is_refused_with_those_that_can(
    http: httpx.Client, path: str, field: str
) -> None:
    http.post("/api/v1/flows", json={"text": FLOW.replace("name: digits", "name: f")}).raise_for_status()
    answer = http.get(f"/api/v1/{path}", params={"sort": f"-{field}"})
    assert answer.status_code == 422
    assert answer.json()["facts"]["field"] == "sort"
    assert "did you mean" in answer.json()["detail"]


def test_a_cursor_of_another_order_is_refused(http: httpx.Client) -> None:
    for path in ("runs", "flows"):
        http.post("/api/v1/flows", json={"text": FLOW.replace("name: digits", f"name: g-{path}")}).raise_for_status()
        cursor = http.get(f"/api/v1/{path}", params={"limit": 1, "sort": "created"}).json()["next_cursor"]
        for wrong in ("-created", "project"):
            answer = http.get(f"/api/v1/{path}", params={"limit": 1, "sort": wrong, "cursor": cursor})
            assert (answer.status_code, answer.json()["facts"]["field"]) == (422, "cursor")


def test_flows_are_sorted_and_searched(http: httpx.Client) -> None:
    for name in ("sort-b", "sort-a", "sort-c"):
        http.post("/api/v1/flows", json={"text": FLOW.replace("name: digits", f"name: {name}")}).raise_for_status()
    assert [item["name"] for item in walk(http, "flows", 2, search="SORT-", sort="name")] == [
        "sort-a",
        "sort-b",
        "sort-c",
    ]
    assert [item["name"] for item in walk(http, "flows", 2, search="sort-", sort="-created")] == [
        "sort-c",
        "sort-a",
        "sort-b",
    ]
    assert walk(http, "flows", 2, search="sort-", user="nobody") == []


def test_lists_in_memory_are_divided_in_the_same_way(http: httpx.Client) -> None:
    for name in ("page-b", "page-a", "page-c"):
        http.post("/api/v1/projects", json={"name": name, "cohort": "pages"}).raise_for_status()
    assert [item["name"] for item in walk(http, "projects", 1, cohort="pages")] == ["page-a", "page-b", "page-c"]
    assert [item["name"] for item in walk(http, "projects", 2, cohort="pages", sort="-created")] == [
        "page-c",
        "page-a",
        "page-b",
    ]


def test_a_page_goes_on_where_its_item_was_also_when_that_is_gone() -> None:
    fields = {"name": lambda item: item[0], "size": lambda item: item[1]}
    items = [("a", 3), ("b", None), ("c", 3), ("d", 1)]
    asked = Asked(2, sort=read_sort("-size"))
    page = make_page(items, fields, asked)
    assert page.items == (("a", 3), ("c", 3))
    rest = make_page([item for item in items if item[0] != "c"], fields, Asked(2, page.next_cursor, asked.sort))
    assert rest.items == (("d", 1), ("b", None))
    assert rest.next_cursor is None
    for cursor in ("x", page.next_cursor):
        with pytest.raises(BadValue, match="cursor"):
            make_page(items, fields, Asked(2, cursor, read_sort("size")))
    assert contains("ÄB", "xäbc", None)
