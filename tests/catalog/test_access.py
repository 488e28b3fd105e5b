"""Users, tokens, members and sharings in the file, and all of that in one piece."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.errors import AlreadyExists, Conflict, NotFound
from dix.records.member import Member, Role
from dix.records.moments import now
from dix.records.project import Project
from dix.records.share import Sharing, Visibility
from dix.records.token import Scope, Token, TokenKind
from dix.records.user import User

ANA = User("ana", now(), "Ana <b>名</b> 🙂", "ana@example.org")


@pytest.fixture
def ana(catalog: DirectCatalog) -> User:
    catalog.users.create_user(ANA, "hash")
    return ANA


def make_token(id: str = "t1", **facts: object) -> Token:
    return Token(id, "ana", "mine", now(), **facts)  # type: ignore[arg-type]


def test_the_first_administrator_is_there(catalog: DirectCatalog) -> None:
    (admin,) = catalog.users.list_users()
    assert (admin.name, admin.is_administrator, admin.may_come_in) == ("admin", True, True)
    assert catalog.users.find_password("admin") is None


def test_a_user_is_read_back_and_a_name_is_given_once(catalog: DirectCatalog, ana: User) -> None:
    assert catalog.users.get_user("ana") == ana
    assert catalog.users.find_password("ana") == "hash"
    with pytest.raises(AlreadyExists):
        catalog.users.create_user(ANA)
    catalog.users.change_user("ana", {"deleted": now()})
    assert [user.name for user in catalog.users.list_users()] == ["admin"]
    with pytest.raises(NotFound):
        catalog.users.get_user("ana")
    with pytest.raises(AlreadyExists):
        catalog.users.create_user(ANA)


def test_the_nearest_user_is_named(catalog: DirectCatalog, ana: User) -> None:
    with pytest.raises(NotFound, match="did you mean ana"):
        catalog.users.get_user("anna")


def test_the_only_administrator_stays(catalog: DirectCatalog, ana: User) -> None:
    for change in ({"is_disabled": True}, {"deleted": now()}, {"is_administrator": False}):
        with pytest.raises(Conflict, match="the only administrator"):
            catalog.users.change_user("admin", change)
    catalog.users.change_user("ana", {"is_administrator": True})
    with pytest.raises(Conflict, match="whose token is in"):
        catalog.users.change_user("admin", {"deleted": now()})
    catalog.users.change_user("admin", {"is_disabled": True})


def test_a_change_leaves_what_somebody_else_has_changed(catalog: DirectCatalog, ana: User) -> None:
    disabled = catalog.users.change_user("ana", {"is_disabled": True})
    renamed = catalog.users.change_user("ana", {"display_name": "Ana"})
    assert (disabled.is_disabled, renamed.is_disabled, renamed.display_name) == (True, True, "Ana")
    assert catalog.users.get_user("ana") == renamed


def test_another_password_ends_sessions_and_codes_and_no_tokens(catalog: DirectCatalog, ana: User) -> None:
    for kind in TokenKind:
        catalog.tokens.create_token(make_token(kind.value, kind=kind), kind.value)
    catalog.users.set_password("ana", "other")
    assert [token.id for token in catalog.tokens.list_tokens("ana")] == ["token"]
    assert catalog.tokens.take_code("code", now()) is None


def test_a_user_who_is_disabled_has_no_tokens_any_more(catalog: DirectCatalog, ana: User) -> None:
    catalog.tokens.create_token(make_token(), "d1")
    catalog.users.change_user("ana", {"is_disabled": True})
    catalog.users.change_user("ana", {"is_disabled": False})
    assert catalog.tokens.list_tokens() == ()
    with pytest.raises(NotFound):
        catalog.tokens.revoke_token("t1", now())


def test_a_token_is_read_back_and_revoked_once(catalog: DirectCatalog, ana: User) -> None:
    token = make_token(scopes=(Scope.READ, Scope.PREDICT), projects=("a", "b"), expires=now() + timedelta(1))
    catalog.tokens.create_token(token, "d1")
    assert catalog.tokens.get_token("t1") == token
    catalog.tokens.note_used({"t1": token.created, "t2": token.created})
    assert catalog.tokens.get_token("t1").last_used == token.created
    catalog.tokens.revoke_token("t1", now())
    assert not catalog.tokens.get_token("t1").is_good(now())
    with pytest.raises(NotFound):
        catalog.tokens.revoke_token("t1", now())
    with pytest.raises(NotFound, match="no user anna"):
        catalog.tokens.create_token(replace(token, id="t3", user="anna"), "d3")


def test_a_code_is_taken_once_and_in_time(catalog: DirectCatalog, ana: User) -> None:
    catalog.tokens.create_token(make_token(kind=TokenKind.CODE, expires=now() + timedelta(1)), "d1")
    catalog.tokens.create_token(make_token("t2", kind=TokenKind.CODE, expires=now() - timedelta(1)), "d2")
    catalog.tokens.create_token(make_token("t3"), "d3")
    taken = [catalog.tokens.take_code(digest, now()) for digest in ("d1", "d1", "d2", "d3", "d4")]
    assert [code.id if code else None for code in taken] == ["t1", None, None, None, None]


def test_members_come_go_and_leave_with_their_project(catalog: DirectCatalog, ana: User) -> None:
    catalog.projects.create_project(Project("vision", now()))
    catalog.members.put_member(Member("vision", "ana", Role.VIEWER, now()))
    catalog.members.put_member(Member("vision", "ana", Role.MANAGER, now()))
    assert [(one.user, one.role) for one in catalog.members.list_members("vision")] == [("ana", Role.MANAGER)]
    for project, user in (("visio", "ana"), ("vision", "anna")):
        with pytest.raises(NotFound, match="did you mean"):
            catalog.members.put_member(Member(project, user, Role.USER, now()))
    catalog.projects.delete_project("vision")
    catalog.projects.create_project(Project("vision", now()))
    assert catalog.members.list_members("vision") == ()
    with pytest.raises(NotFound):
        catalog.members.delete_member("vision", "ana")


def test_all_in_one_piece_says_who_may_what_and_only_when_it_has_changed(catalog: DirectCatalog, ana: User) -> None:
    catalog.tokens.create_token(make_token(), "d1")
    catalog.tokens.create_token(make_token("t2", expires=now() - timedelta(1)), "d2")
    catalog.members.put_member(Member("default", "ana", Role.USER, now()))
    catalog.shares.put_sharing(Sharing("model", "digits", "admin", Visibility.PRIVATE, ("ana",)))
    access = catalog.access.read_access()
    assert access is not None
    assert catalog.access.read_access(access.version) is None
    assert set(access.tokens) == {"d1"}
    caller = access.find_caller("d1", now())
    assert caller is not None
    assert caller.roles == {"default": Role.USER}
    assert caller.sight.models.shown == {"digits"}
    catalog.tokens.revoke_token("t1", now())
    fresh = catalog.access.read_access(access.version)
    assert fresh is not None
    assert fresh.find_caller("d1", now()) is None


def test_a_sharing_names_who_there_is(catalog: DirectCatalog, ana: User) -> None:
    with pytest.raises(NotFound, match="did you mean ana"):
        catalog.shares.put_sharing(Sharing("flow", "digits", "admin", users=("anna",)))
    sharing = Sharing("flow", "digits", "admin", Visibility.EVERYONE, ("ana",), ("default",))
    catalog.shares.put_sharing(sharing)
    assert catalog.shares.find_sharing("flow", "digits") == sharing
    assert catalog.shares.find_sharing("model", "digits") is None
    catalog.shares.delete_sharing("flow", "digits")
    assert catalog.shares.find_sharing("flow", "digits") is None


def test_another_life_of_the_owner_is_another_version(catalog: DirectCatalog, path: Path) -> None:
    before = catalog.access.read_access()
    assert before is not None
    catalog.close()
    again = DirectCatalog(path)
    assert again.access.read_access(before.version) is not None
    again.close()


def test_who_made_a_version_is_kept(catalog: DirectCatalog) -> None:
    from dix.records.model_version import ModelDraft

    assert catalog.flows.push_flow("digits", "a", "h1", "default", user="ana").user == "ana"
    assert catalog.flows.get_flow("digits").user == "ana"
    assert catalog.models.register_model(ModelDraft("digits", "u1"), "default", user="ana").user == "ana"
    assert catalog.models.get_model("digits").user == "ana"
