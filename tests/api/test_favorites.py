"""Collected and shared models over HTTP."""

from __future__ import annotations

import httpx
import pytest

from dix.api.models import _find_names
from dix.records.caller import Caller
from dix.records.member import Role
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.project import Project
from dix.records.share import Sharing, Visibility
from dix.records.user import User
from tests.api.server import Server

MODELS = "/api/v1/models"


@pytest.fixture(scope="module", autouse=True)
def _models(server: Server) -> None:
    catalog = server.parts.catalog
    for project in ("vision", "speech"):
        catalog.projects.create_project(Project(project, now()))
    for user in ("ana", "bo"):
        catalog.users.create_user(User(user, now()))
    for model, user in (("digits", "admin"), ("named", "bo"), ("lent", "bo"), ("open", "bo"), ("kept", "bo")):
        catalog.models.register_model(ModelDraft(model, f"file:///{model}"), "vision", user=user)
    catalog.shares.put_sharing(Sharing("model", "named", "bo", users=("ana",)))
    catalog.shares.put_sharing(Sharing("model", "lent", "bo", projects=("speech",)))
    catalog.shares.put_sharing(Sharing("model", "open", "bo", Visibility.EVERYONE))


def names(http: httpx.Client, **asked: bool) -> set[str]:
    return {item["name"] for item in http.get(MODELS, params=asked).json()["items"]}


def test_a_model_is_collected_and_no_more(http: httpx.Client) -> None:
    assert names(http, mine=True) == {"digits"}
    assert http.put(f"{MODELS}/kept/favorite").status_code == 204
    assert names(http, mine=True) == {"digits", "kept"}
    assert http.get(f"{MODELS}/kept").json()["favorite"] is True
    assert http.get(f"{MODELS}/named").json()["favorite"] is False
    assert http.delete(f"{MODELS}/kept/favorite").status_code == 204
    assert names(http, mine=True) == {"digits"}
    for answer in (http.put(f"{MODELS}/kep/favorite"), http.delete(f"{MODELS}/kep/favorite")):
        assert (answer.status_code, answer.json()["facts"]["nearest"]) == (404, "kept")


def test_what_is_shared_with_somebody_is_listed(server: Server, http: httpx.Client) -> None:
    ana = Caller("ana", "t", roles={"speech": Role.VIEWER})
    assert set(_find_names(server.parts, ana, mine=False, shared=True) or ()) == {"named", "lent", "open"}
    server.parts.catalog.favorites.put_favorite("ana", "open")
    assert _find_names(server.parts, ana, mine=True, shared=True) == ("open",)
    assert _find_names(server.parts, ana, mine=False, shared=False) is None
    bo = Caller("bo", "t", roles={"vision": Role.USER})
    assert _find_names(server.parts, bo, mine=False, shared=True) == ()
    assert names(http, shared=True) == {"open"}
