"""Users over HTTP: who may come in. Everybody sees who there is, to share things with them; administrators decide."""

from __future__ import annotations

from operator import attrgetter

from fastapi import APIRouter, Response
from pydantic import Field

from dix.access.passwords import LONGEST, hash_password
from dix.api.access import BookHere
from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, Search, contains, make_page
from dix.api.parts import PartsHere
from dix.api.shapes import Answer, Body, ListAnswer, Moment
from dix.names import check_name
from dix.records.caller import Caller
from dix.records.moments import now
from dix.records.user import User

router = APIRouter(prefix="/api/v1/users", tags=["users"])

_TEXT = 200
_FIELDS: Fields = {name: attrgetter(name) for name in ("name", "display_name", "created")}


class UserBody(Body):
    """A user to make; without a password they come in by a code that an administrator gives out."""

    name: str
    display_name: str = Field(default="", max_length=_TEXT)
    email: str | None = Field(default=None, max_length=_TEXT)
    is_administrator: bool = False
    password: str | None = Field(default=None, max_length=LONGEST)


class UserChange(Body):
    """What shall change; the rest stays as it is."""

    display_name: str | None = Field(default=None, max_length=_TEXT)
    email: str | None = Field(default=None, max_length=_TEXT)
    is_administrator: bool | None = None
    is_disabled: bool | None = None


class NewPasswordBody(Body):
    """Another password for a user; null: none, so that no password opens the door."""

    password: str | None = Field(max_length=LONGEST)


class UserAnswer(Answer):
    """One user; the address is shown to administrators and to the user."""

    name: str
    display_name: str
    email: str | None
    is_administrator: bool
    is_disabled: bool
    created: Moment


@router.get("")
def list_users(parts: PartsHere, caller: CallerHere, asked: AskedHere, search: Search = None) -> ListAnswer[UserAnswer]:
    """Every user, by name unless another order is asked for."""
    users = parts.catalog.users.list_users()
    page = make_page([user for user in users if contains(search, user.name, user.display_name)], _FIELDS, asked)
    return ListAnswer(items=[_show(user, caller) for user in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201)
def create_user(body: UserBody, parts: PartsHere, caller: CallerHere, book: BookHere) -> UserAnswer:
    """Make a user, who is in no project yet; 409 when the name is, or was, somebody's."""
    user = User(check_name("user", body.name), now(), body.display_name, body.email, body.is_administrator)
    parts.catalog.users.create_user(user, None if body.password is None else hash_password(body.password))
    book.expire()
    return _show(user, caller)


@router.get("/{name}")
def get_user(name: str, parts: PartsHere, caller: CallerHere) -> UserAnswer:
    """One user."""
    return _show(parts.catalog.users.get_user(name), caller)


@router.patch("/{name}")
def change_user(name: str, body: UserChange, parts: PartsHere, caller: CallerHere, *, book: BookHere) -> UserAnswer:
    """Change a user. Who is disabled is outside at once, with all tokens, which stay dead."""
    changes = {field: getattr(body, field) for field in body.model_fields_set}
    given = {field: value for field, value in changes.items() if value is not None or field == "email"}
    user = parts.catalog.users.change_user(name, given)
    book.expire()
    return _show(user, caller)


@router.delete("/{name}", status_code=204)
def delete_user(name: str, parts: PartsHere, book: BookHere) -> Response:
    """Let a user be none any more. What they made stays, and nobody else is given the name."""
    parts.catalog.users.change_user(name, {"deleted": now()})
    book.expire()
    return Response(status_code=204)


@router.put("/{name}/password", status_code=204)
def reset_password(name: str, body: NewPasswordBody, parts: PartsHere, book: BookHere) -> Response:
    """Give a user another password; it ends their sessions."""
    parts.catalog.users.set_password(name, None if body.password is None else hash_password(body.password))
    book.expire()
    return Response(status_code=204)


def _show(user: User, caller: Caller) -> UserAnswer:
    shown = UserAnswer.model_validate(user)
    if caller.is_administrator or caller.user == user.name:
        return shown
    return shown.model_copy(update={"email": None})
