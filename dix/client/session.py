"""The session of `dix login`: where it was, and what is shown there; kept under DIX_HOME for its owner alone."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from dix.settings import Settings, is_inside


@dataclass(frozen=True, slots=True)
class Session:
    """`address` is the server's, `token` the session's."""

    address: str
    token: str
    user: str


def find_session(settings: Settings) -> Session | None:
    """The one that is kept; None without one, and for what runs inside an installation."""
    if is_inside():
        return None
    try:
        return Session(**json.loads(_file(settings).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def keep_session(settings: Settings, session: Session) -> None:
    """Write it down, readable by its owner only."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = _file(settings).with_name(f".session.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(session)), encoding="utf-8")
    fresh.replace(_file(settings))


def forget_session(settings: Settings) -> None:
    """There is none any more."""
    _file(settings).unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    return settings.home / "session"
