"""Lists of who and what there is: in pages, and in the order that was asked for."""

from __future__ import annotations

import httpx
import pytest

from dix.records.model_version import ModelDraft
from tests.api.server import Server

PROJECT = "/api/v1/projects/listed"
LISTS = {
    "/api/v1/users": ("name", "-created"),
    "/api/v1/tokens": ("name", "-created"),
    f"{PROJECT}/members": ("user", "-since"),
    f"{PROJECT}/secrets": ("name", "-updated"),
    "/api/v1/models/listed/aliases": ("alias", "-moved"),
}


@pytest.fixture(scope="module", autouse=True)
def filled(server: Server) -> None:
    """Three of each, made in the order of their names."""
    models = server.parts.catalog.models
    models.register_model(ModelDraft("listed", "file:///m"), "default")
    with server.open() as http:
        http.post("/api/v1/projects", json={"name": "listed"}).raise_for_status()
        for name in ("ana", "bo", "cy"):
            http.post("/api/v1/users", json={"name": name}).raise_for_status()
            http.post("/api/v1/tokens", json={"name": name}).raise_for_status()
            http.put(f"{PROJECT}/members/{name}", json={"role": "user"}).raise_for_status()
            http.put(f"{PROJECT}/secrets/{name}", json={"value": "x"}).raise_for_status()
            http.put(f"/api/v1/models/listed/aliases/{name}", json={"version": 1}).raise_for_status()


@pytest.mark.parametrize("address", LISTS)
def test_a_list_is_sorted_and_divided(http: httpx.Client, address: str) -> None:
    field, newest = LISTS[address]
    names, cursor = [], None
    while True:
        page = http.get(address, params={"sort": newest, "limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        names += [item[field] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [name for name in names if name in {"ana", "bo", "cy"}] == ["cy", "bo", "ana"]
    assert len(names) == len(set(names))
    up = [item[field] for item in http.get(address, params={"sort": field}).json()["items"]]
    assert up == sorted(names)
    wrong = http.get(address, params={"sort": "nonsense"})
    assert (wrong.status_code, field in wrong.text) == (422, True)


def test_users_are_searched(http: httpx.Client) -> None:
    assert [user["name"] for user in http.get("/api/v1/users", params={"search": "BO"}).json()["items"]] == ["bo"]
