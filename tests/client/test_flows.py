"""Flows from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.client.connection import Client, connect
from dix.errors import BadDocument, Changed, NotFound
from tests.api.server import FLOW, TOKEN, run_server
from tests.client.test_building import make_flow


def test_a_flow_is_kept_and_found_again(client: Client) -> None:
    first = client.flows.push(FLOW)
    second = client.flows.push(make_flow())
    assert [version.version for version in client.flows.versions("digits")] == [2, 1]
    assert client.flows.get("digits", 1) == first
    assert client.flows.get("digits") == second
    assert first.text == FLOW
    assert [version.flow for version in client.flows.list().items] == ["digits"]


def test_a_document_is_checked(client: Client) -> None:
    assert client.flows.check(make_flow())["name"] == "digits"
    with pytest.raises(BadDocument) as told:
        client.flows.check(FLOW.replace("train: train_set", "train: train_sett"))
    (problem, *_) = told.value.problems
    assert (problem.node, problem.nearest) == ("cnn", "train_set")


def test_an_unknown_flow_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound):
        client.flows.get("nothing")


def test_two_people_who_edit_one_flow_never_overwrite_each_other_unseen(client: Client, tmp_path: Path) -> None:
    client.flows.push(FLOW.replace("name: digits", "name: edited"))
    ana, ben = (client.flows.get("edited").to_flow() for _ in range(2))
    ana.data("more", "digits/more.parquet")
    assert ana.push(client).version == 2
    ana.data("still_more", "digits/more.parquet")
    assert ana.push(client).version == 3, "what was pushed is what the next push goes out from"
    ben.data("other", "digits/other.parquet")
    with pytest.raises(Changed, match=r"flow edited was changed by admin at .* read it again, then change it"):
        ben.push(client)
    with pytest.raises(Changed):
        ben.run(client=client)
    assert ben.run(client=client, if_match="*").flow_version == 4
    ben.data("one_more", "digits/other.parquet")
    assert ben.push(client).version == 5, "a run keeps what it runs, too"
    with pytest.raises(Changed):
        client.flows.push(ana, if_match=client.flows.get("edited", 3))
    with run_server(tmp_path) as elsewhere, connect(elsewhere.url, TOKEN) as other:
        assert other.flows.push(ana).version == 1, "on another server it is another flow"
