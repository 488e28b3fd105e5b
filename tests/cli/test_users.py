"""Who one is: signing in and out, users, tokens and members, by the command."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest

from tests.api.server import TOKEN, Server
from tests.cli.conftest import Dix

PASSWORD = "correct horse 名"


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_colleague_from_the_first_day_to_the_last(
    dix: Dix, server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dix("projects", "create", "vision")
    made = dix("users", "create", "ana", "--display-name", "Ana <b>名</b>", "--project", "vision", "--json").json()
    assert (made["name"], made["display_name"]) == ("ana", "Ana <b>名</b>")
    (home / "token").unlink()
    assert dix("whoami").code == 2
    came = dix("login", server.url, "--code", made["code"])
    assert (came.code, f"you are ana at {server.url}" in came.err) == (0, True)
    assert stat.S_IMODE((home / "session").stat().st_mode) == 0o600
    who = dix("whoami", "--json").json()
    assert (who["user"], who["is_administrator"], who["roles"]) == ("ana", False, {"vision": "user"})
    assert dix("login", server.url, "--code", made["code"]).code == 2
    type_in(monkeypatch, "", PASSWORD)
    assert dix("users", "password").err == "your password is changed\n"
    assert dix("whoami").code == 2
    type_in(monkeypatch, PASSWORD)
    assert dix("login", server.url, "--name", "ana").code == 0
    refused = dix("users", "create", "eve")
    assert (refused.code, "that takes an administrator" in refused.err) == (2, True)
    assert [item["name"] for item in dix("projects", "list", "--json").json()["items"]] == ["vision"]
    assert dix("projects", "show", "default").err == "dix: no project default\n"
    assert dix("logout").code == 0
    assert not (home / "session").exists()
    assert dix("logout").code == 2


def test_a_token_is_shown_once_and_ends(dix: Dix, home: Path) -> None:
    made = dix("tokens", "create", "nightly <b>", "--scopes", "read,predict", "--json").json()
    assert made["secret"].startswith("dix_")
    listed = dix("tokens", "list")
    assert "read, predict" in listed.out
    assert made["secret"] not in listed.out
    (home / "token").write_text(made["secret"])
    assert dix("runs", "list").code == 0
    refused = dix("projects", "create", "mine")
    assert (refused.code, "takes the scope admin" in refused.err) == (2, True)
    (home / "token").write_text(TOKEN)
    assert dix("tokens", "revoke", made["id"]).err == f"token {made['id']} opens nothing any more\n"
    (home / "token").write_text(made["secret"])
    assert dix("runs", "list").code == 2


def test_a_wrong_password_is_a_sentence(dix: Dix, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("admin", "nobody"):
        type_in(monkeypatch, "guess")
        said = dix("login", server.url, "--name", name)
        assert said.code == 2
        assert said.err.startswith("dix: this name and password cannot be signed in with")


def test_without_a_terminal_a_name_is_needed(dix: Dix, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "x")
    assert "--name" in dix("login", server.url).err


def test_who_is_disabled_is_outside_at_once(dix: Dix, home: Path) -> None:
    code = dix("users", "create", "bob", "--json").json()["code"]
    assert dix("login", "--code", code).code == 0
    session = (home / "session").read_text()
    (home / "session").unlink()
    assert dix("users", "disable", "bob").err == "bob is outside, with all sessions and tokens\n"
    (home / "session").write_text(session)
    assert dix("whoami").code == 2


def test_what_runs_inside_an_installation_has_the_token_of_its_home(
    dix: Dix, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = dix("users", "create", "cleo", "--json").json()["code"]
    assert dix("login", "--code", code).code == 0
    assert dix("whoami", "--json").json()["user"] == "cleo"
    monkeypatch.setenv("DIX_INSTANCE", "0123")
    assert dix("whoami", "--json").json()["user"] == "admin"


def test_members_come_and_go(dix: Dix) -> None:
    dix("projects", "create", "speech")
    dix("users", "create", "dora")
    assert dix("projects", "add", "speech", "dora", "viewer").err == "dora is in project speech as viewer\n"
    assert "dora" in dix("projects", "members", "speech").out
    assert dix("projects", "add", "speech", "dora", "boss").code == 2
    assert "did you mean dora" in dix("projects", "add", "speech", "dara").err
    assert dix("projects", "remove", "speech", "dora").code == 0
    assert dix("projects", "remove", "speech", "dora").code == 2
