"""Flows from Python."""

from __future__ import annotations

import pytest

from dix.client.connection import Client
from dix.errors import BadDocument, NotFound
from tests.api.server import FLOW
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
