"""`dix models` and `dix predict`."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.states import RunState
from dix.records.user import User
from tests.api.server import Server
from tests.api.test_model_archives import register
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
    assert dix("models", "show", "models:/digits/1", "--json").json()["version"] == 1


def test_an_unknown_model_is_told_with_the_nearest(dix: Dix) -> None:
    said = dix("models", "show", "digitz")
    assert said.code == 2
    assert "did you mean digits?" in said.err


def test_a_version_is_allowed_to_run_its_code_and_no_more(dix: Dix) -> None:
    assert dix("models", "allow", "digits", "1").err == "models:/digits/1 may run its code when it is loaded\n"
    assert dix("models", "show", "digits/1", "--json").json()["trusted_by"] == "admin"
    assert dix("models", "allow", "digits", "1", "--take-back", "--json").json()["trusted_by"] is None
    assert dix("models", "allow", "digits", "7").code == 2


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


def test_a_model_is_taken_elsewhere_as_a_file(dix: Dix, server: Server, tmp_path: Path) -> None:
    register(server, tmp_path / "made", "lamp")
    dix("models", "alias", "lamp", "champion", "1")
    for text in ("lamp", "lamp/1", "models:/lamp@champion"):
        said = dix("models", "export", text, str(tmp_path), "--json")
        assert said.json()["file"] == str(tmp_path / "lamp-1.dixmodel"), said.err
    assert said.json()["size_bytes"] == (tmp_path / "lamp-1.dixmodel").stat().st_size
    said = dix("models", "import", str(tmp_path / "lamp-1.dixmodel"), "--name", "lamp-two")
    assert said.err == "models:/lamp-two/1 is there, in project default\n"
    assert dix("data", "put", str(tmp_path / "lamp-1.dixmodel"), "in/").code == 0
    assert dix("models", "import", "--store", "in/lamp-1.dixmodel", "--json").json()["reference"] == "models:/lamp/2"
    assert not list(tmp_path.glob(".*"))


def test_what_cannot_be_taken_is_one_sentence(dix: Dix, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"no archive")
    for wrong, sentence in (
        (("export", "digits", str(tmp_path)), "its manifest does not say which files it has"),
        (("export", "digits/9", str(tmp_path)), "did you mean digits/2?"),
        (("export", "digits@none", str(tmp_path)), "no alias digits@none"),
        (("import", str(tmp_path / "bad")), "archive: expected what `dix models export` writes"),
        (("import", str(tmp_path / "gone")), "no file"),
        (("import", str(tmp_path)), "no file"),
    ):
        said = dix("models", *wrong)
        assert (said.code, said.err.count("\n")) == (2, 1), said.err
        assert sentence in said.err


def test_the_lineage_of_a_version_is_shown(dix: Dix) -> None:
    dix("models", "alias", "digits", "best", "1")
    assert dix("models", "lineage", "digits@best", "--json").json()["aliases"] == ["best"]
    assert "models:/digits/2" in dix("models", "lineage", "digits").out
    assert dix("models", "lineage", "digits/9").code == 2


def test_a_model_is_collected(dix: Dix, server: Server) -> None:
    server.parts.catalog.models.register_model(ModelDraft("theirs", "file:///theirs"), "default", user="bo")
    assert "theirs" not in dix("models", "list", "--mine").out
    assert dix("models", "favorite", "theirs").err == "theirs is among your models\n"
    assert "theirs" in dix("models", "list", "--mine").out
    said = dix("models", "favorite", "theirs", "--remove", "--json").json()
    assert said == {"name": "theirs", "favorite": False}
    assert "none; `dix models favorite`" in dix("models", "list", "--shared").err


def test_a_model_is_shared_and_no_more(dix: Dix, server: Server) -> None:
    server.parts.catalog.users.create_user(User("ana", now()))
    dix("projects", "create", "speech")
    shared = dix("models", "share", "digits", "--with", "user:ana", "--with", "project:speech", "--json").json()
    assert (shared["users"], shared["projects"], shared["visibility"]) == (["ana"], ["speech"], "project")
    assert dix("models", "share", "digits", "--with", "everyone", "--json").json()["visibility"] == "everyone"
    ended = dix("models", "share", "digits", "--unshare", "everyone", "--unshare", "user:ana", "--json").json()
    assert (ended["users"], ended["projects"], ended["visibility"]) == ([], ["speech"], "project")
    assert dix("models", "share", "digits", "--private", "--json").json()["visibility"] == "private"
    assert "private" in dix("models", "share", "digits").out
    assert dix("models", "share", "digits", "--no-private", "--json").json()["visibility"] == "project"
    for wrong in (("--with", "ana"), ("--with", "user:"), ("--with", "everyone", "--private"), ("--with", "user:anna")):
        said = dix("models", "share", "digits", *wrong)
        assert (said.code, said.err.count("\n")) == (2, 1), said.err
