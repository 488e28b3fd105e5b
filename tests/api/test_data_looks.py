"""Looks into data over HTTP."""

from __future__ import annotations

import httpx


def test_data_is_looked_at_where_it_lies(http: httpx.Client) -> None:
    content = "name,size\n名字,1\nb,\n".encode()
    http.put("/api/v1/data/file", params={"uri": "looks/a.csv"}, content=content).raise_for_status()
    seen = http.get("/api/v1/data/preview", params={"uri": "looks", "rows": 1}).json()
    assert seen["rows"] == [{"name": "名字", "size": 1}]
    assert not seen["is_whole"]
    found = http.get("/api/v1/data/profile", params={"uri": "looks"}).json()
    assert {column["name"]: column["nulls"] for column in found["columns"]} == {"name": 0, "size": 1}
    assert http.get("/api/v1/data/preview", params={"uri": "nothing-there"}).status_code in {404, 422}
    assert http.get("/api/v1/data/preview", params={"uri": "looks", "rows": 0}).status_code == 422


def test_numbers_that_json_has_no_word_for_are_spelled_out(http: httpx.Client) -> None:
    http.put("/api/v1/data/file", params={"uri": "odd.csv"}, content=b"x\nnan\n1.5\ninf\n").raise_for_status()
    assert http.get("/api/v1/data/preview", params={"uri": "odd.csv"}).json()["rows"][2] == {"x": "Infinity"}
    assert http.get("/api/v1/data/profile", params={"uri": "odd.csv"}).json()["columns"][0]["mean"] == 1.5
