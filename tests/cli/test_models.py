"""`dix models` and `dix predict`."""

from __future__ import annotations

import pytest

from dix.records.model_version import ModelDraft
from dix.records.states import RunState
from tests.api.server import Server
from tests.cli.conftest import Dix
from tests.cli.test_runs import when_accepted


@pytest.fixture(scope="module", autouse=True)
def models(server: Server) -> None:
    for number in (1, 2):
        draft = ModelDraft("digits", f"file:///m/{number}", {"labels": ["[red]", "一"]})
        server.parts.catalog.models.register_model(draft, "default", "r1", "cnn")


def test_models_are_listed_and_shown(dix: Dix) -> None:
    assert "models:/digits/2" in dix("models", "list").out
    assert [item["version"] for item in dix("models", "versions", "digits", "--json").json()["items"]] == [2, 1]
    assert "labels=[[red], 一]" in dix("models", "show", "digits").out
    assert dix("models", "show", "digits", "--version", "1", "--json").json()["version"] == 1


def test_an_unknown_model_is_told_with_the_nearest(dix: Dix) -> None:
    said = dix("models", "show", "digitz")
    assert said.code == 2
    assert "did you mean digits?" in said.err


def test_a_model_is_deleted_by_version_or_with_all(dix: Dix, server: Server) -> None:
    for uri in ("file:///a", "file:///b", "file:///c"):
        server.parts.catalog.models.register_model(ModelDraft("old", uri), "default")
    assert dix("models", "delete", "old/3").err == "models:/old/3 is gone\n"
    for wrong in (("old",), ("old/1", "--all"), ("old@champion",), ("Old/1",), ("old/x",)):
        assert dix("models", "delete", *wrong).code == 2
    assert dix("models", "delete", "models:/old/2", "--json").json() == {"model": "old", "version": 2, "deleted": True}
    assert dix("models", "delete", "old", "--all").err == "all versions of old are gone\n"
    assert dix("models", "show", "old").code == 2


def test_an_alias_is_moved_listed_and_deleted(dix: Dix) -> None:
    assert "no aliases" in dix("models", "alias", "digits").err
    assert "models:/digits@champion is version 1" in dix("models", "alias", "digits", "champion", "1").err
    moved = dix("models", "alias", "digits", "champion", "2", "--if-version", "1", "--json").json()
    assert (moved["alias"], moved["version"]) == ("champion", 2)
    assert "champion=2" in dix("models", "list").out
    assert "models:/digits@champion" in dix("models", "alias", "digits").out
    assert dix("models", "alias", "digits", "champion", "--json").json() == moved
    said = dix("models", "alias", "digits", "champion", "1", "--if-version", "1")
    assert (said.code, said.err) == (
        2,
        "dix: alias digits@champion is at version 2, so it cannot be moved to version 1 from version 1\n",
    )
    assert dix("models", "alias", "digits", "champion", "--delete").code == 0
    history = dix("models", "alias", "digits", "champion", "--history", "--json").json()["items"]
    assert [(move["before"], move["after"]) for move in history] == [(2, None), (1, 2), (None, 1)]
    for wrong in (("--delete",), ("champion", "1", "--delete"), ("champion", "--delete", "--history"), ("latest", "1")):
        assert dix("models", "alias", "digits", *wrong).code == 2


def test_a_prediction_is_waited_for_unless_told_otherwise(dix: Dix, server: Server) -> None:
    helper = when_accepted(server, lambda run: server.engine.finish(run, RunState.FAILED, "no such data"))
    said = dix("predict", "digits", "--data", "images", "--output", "scores", "--json")
    helper.join()
    assert said.code == 1
    assert said.json()["flow"] == "predict-digits"
    said = dix("predict", "models:/digits/1", "--data", "images", "--no-wait")
    assert said.code == 0
    assert dix("runs", "show", said.out.strip(), "--json").json()["state"] == "queued"


def test_a_prediction_wants_data(dix: Dix) -> None:
    said = dix("predict", "digits")
    assert said.code == 2
    assert "--data" in said.err
