"""Trained models, predictions and endpoints from Python."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import pytest

from dix.client.connection import Client
from dix.client.model import ClientModel
from dix.errors import BadValue, Changed, Conflict, NotFound
from dix.records.endpoint import EndpointState
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.moments import now
from dix.records.share import Visibility
from dix.records.user import User
from tests.api.server import Server


@pytest.fixture(scope="module")
def version(server: Server) -> ModelVersion:
    return server.parts.catalog.models.register_model(ModelDraft("digits", "file:///m", {"labels": ["0"]}), "default")


def test_models_come_back_as_they_were_registered(client: Client, version: ModelVersion) -> None:
    assert client.models.get("digits") == client.models.get("digits", 1) == ClientModel(**asdict(version))
    assert client.models.versions("digits") == client.models.list().items == (ClientModel(**asdict(version)),)
    with pytest.raises(NotFound):
        client.models.get("digits", 2)


def test_a_version_is_deleted(client: Client, server: Server) -> None:
    for uri in ("file:///a", "file:///b"):
        server.parts.catalog.models.register_model(ModelDraft("old", uri), "default")
    client.models.delete("old", 1)
    assert [one.version for one in client.models.versions("old")] == [2]
    client.models.delete("old")
    with pytest.raises(NotFound):
        client.models.get("old")


@pytest.mark.usefixtures("version")
def test_a_model_is_collected(client: Client, server: Server) -> None:
    server.parts.catalog.models.register_model(ModelDraft("theirs", "file:///t"), "default", user="bo")
    client.models.favorite("theirs")
    assert {one.model for one in client.models.list(mine=True).items} == {"digits", "theirs"}
    client.models.unfavorite("theirs")
    assert {one.model for one in client.models.list(mine=True).items} == {"digits"}
    assert client.models.list(shared=True).items == ()
    client.models.delete("theirs")


@pytest.mark.usefixtures("version")
def test_a_model_is_shared_and_no_more(client: Client, server: Server) -> None:
    client.projects.create("speech")
    server.parts.catalog.users.create_user(User("ana", now()))
    shared = client.models.share("digits", users=["ana"], projects=["speech"])
    assert (shared.users, shared.projects, shared.visibility) == (("ana",), ("speech",), Visibility.PROJECT)
    assert client.models.share("digits", everyone=True).users == ("ana",)
    assert client.models.shares("digits").visibility is Visibility.EVERYONE
    assert client.models.unshare("digits", users=["ana"], private=True).visibility is Visibility.EVERYONE
    ended = client.models.unshare("digits", projects=["speech"], everyone=True)
    assert (ended.users, ended.projects, ended.visibility) == ((), (), Visibility.PROJECT)
    assert client.models.share("digits", private=True).visibility is Visibility.PRIVATE
    assert client.models.unshare("digits", private=True).visibility is Visibility.PROJECT
    with pytest.raises(NotFound, match="no user anna; did you mean ana"):
        client.models.share("digits", users=["anna"])
    with pytest.raises(BadValue, match="either everyone or private"):
        client.models.share("digits", everyone=True, private=True)


def test_a_version_is_allowed_to_run_its_code_and_no_more(client: Client, version: ModelVersion) -> None:
    assert client.models.allow("digits", 1).trusted_by == "admin"
    assert client.models.get("digits", 1).trusted_by == "admin"
    assert client.models.allow("digits", 1, take_back=True).trusted_by is None


def test_a_prediction_is_a_run(client: Client, version: ModelVersion) -> None:
    run = client.predictions.start("digits", "images/test", "scores")
    assert [step.node for step in run.steps] == ["data", "predictions"]
    with pytest.raises(NotFound, match="no alias digits@best"):
        client.predictions.start("models:/digits@best", "images/test")


def test_an_alias_is_set_moved_and_deleted(client: Client, version: ModelVersion) -> None:
    made = client.models.set_alias("digits", "champion", 1, if_version=0)
    assert client.models.alias("digits", "champion") == made
    assert client.models.aliases("digits") == (made,)
    assert client.predictions.start("models:/digits@champion", "images/test").flow == "predict-digits"
    with pytest.raises(Conflict, match="alias digits@champion is at version 1"):
        client.models.delete_alias("digits", "champion", if_version=2)
    client.models.delete_alias("digits", "champion", if_version=1)
    assert client.models.aliases("digits") == ()
    assert [(move.before, move.after) for move in client.models.alias_moves("digits", "champion")] == [
        (1, None),
        (None, 1),
    ]


def test_endpoints_come_and_go(client: Client, version: ModelVersion) -> None:
    made = client.endpoints.deploy("digits", "digits", replicas=2)
    assert (made.state, made.replicas) == (EndpointState.READY, 2)
    assert client.endpoints.list() == (made,)
    assert client.endpoints.get("digits") == made
    client.endpoints.delete("digits")
    assert client.endpoints.list() == ()


def test_asking_an_endpoint_that_is_not_there_says_so(client: Client) -> None:
    from dix.errors import WrongUse

    with pytest.raises(WrongUse, match="no endpoint digitz"):
        client.endpoints.infer("digitz", {"inputs": []})
    with pytest.raises(WrongUse, match="no endpoint digitz"):
        client.endpoints.describe("digitz")


def test_of_many_who_share_a_model_at_once_none_is_lost(client: Client, version: ModelVersion, server: Server) -> None:
    names = [f"colleague{number}" for number in range(8)]
    for name in names:
        server.parts.catalog.users.create_user(User(name, now()))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: client.models.share("digits", users=[name]), names))
    assert set(names) <= set(client.models.shares("digits").users)


def test_an_alias_that_was_moved_meanwhile_is_not_moved_unseen(client: Client, version: ModelVersion) -> None:
    read = client.models.set_alias("digits", "guarded", 1)
    client.models.delete_alias("digits", "guarded", if_match=read)
    moved = client.models.set_alias("digits", "guarded", 1)
    assert moved.tag != read.tag
    with pytest.raises(Changed, match=r"alias digits@guarded was changed by admin at"):
        client.models.set_alias("digits", "guarded", 1, if_match=read)
