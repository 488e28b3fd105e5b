"""Opens a connection to a DI-X server: `dix.connect()`."""

from __future__ import annotations

from typing import Any

from dix.client.audit import Audit
from dix.client.backfills import Backfills
from dix.client.data import Data
from dix.client.endpoints import Endpoints
from dix.client.flows import Flows
from dix.client.models import Models
from dix.client.pools import Pools
from dix.client.predictions import Predictions
from dix.client.projects import Projects
from dix.client.runs import Runs
from dix.client.schedules import Schedules
from dix.client.scripts import Scripts
from dix.client.secrets import Secrets
from dix.client.session import find_session
from dix.client.sweeps import Sweeps
from dix.client.tokens import Tokens
from dix.client.usage import Usage
from dix.client.users import Users
from dix.client.wire import Wire, join, make_http
from dix.settings import DEFAULT_ADDRESS, Settings, read_settings


class Client:
    """One server and everything that can be asked of it; may be used by several threads.

    `wire` sends any request of the API, and gets its JSON as it comes.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.flows = Flows(wire)
        self.runs = Runs(wire)
        self.schedules = Schedules(wire)
        self.backfills = Backfills(wire)
        self.scripts = Scripts(wire)
        self.sweeps = Sweeps(wire)
        self.models = Models(wire)
        self.endpoints = Endpoints(wire)
        self.data = Data(wire)
        self.usage = Usage(wire)
        self.secrets = Secrets(wire)
        self.audit = Audit(wire)
        self.users = Users(wire)
        self.tokens = Tokens(wire)
        self.projects = Projects(wire)
        self.pools = Pools(wire)
        self.predictions = Predictions(wire, self.runs)

    @property
    def address(self) -> str:
        """Where the server is."""
        return self.wire.address

    def health(self) -> dict[str, Any]:
        """Whether the server answers, and its version; wants no token."""
        answer: dict[str, Any] = self.wire.get(join("health"))
        return answer

    def status(self) -> dict[str, Any]:
        """What is up behind it, and how much it has to give."""
        answer: dict[str, Any] = self.wire.get(join("status"))
        return answer

    def algorithms(self) -> list[dict[str, Any]]:
        """What every ready algorithm publishes about itself."""
        items: list[dict[str, Any]] = self.wire.get(join("algorithms"))["items"]
        return items

    def whoami(self) -> dict[str, Any]:
        """Who asks: user, scopes, roles by project."""
        answer: dict[str, Any] = self.wire.get(join("whoami"))
        return answer

    def close(self) -> None:
        """Let go of the connections."""
        self.wire.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(address: str | None = None, token: str | None = None) -> Client:
    """A client of the server at `address`, shown `token`; nothing is sent before something is asked.

    The address is by default DIX_ADDRESS, else where `dix login` was, else what `dix up` wrote under DIX_HOME, else
    http://127.0.0.1:8000; the token is DIX_TOKEN, else that of `dix login`, else the one in `$DIX_HOME/token`. To what
    runs inside an installation, as a Ray job, it is all the same who signed in. Raises BadValue for what cannot be one.
    """
    settings = read_settings(address=address, token=token)
    return Client(Wire(make_http(find_address(settings), find_token(settings))))


def find_address(settings: Settings) -> str:
    """Where the server is, by the settings or by what was written down."""
    session = find_session(settings)
    written = session.address if session else read_line(settings, "address")
    return settings.address or written or DEFAULT_ADDRESS


def find_token(settings: Settings) -> str | None:
    """What is shown at the door; the session of another server is not."""
    session = find_session(settings)
    if session is not None and settings.address not in {None, session.address}:
        session = None
    return settings.token or (session.token if session else read_line(settings, "token"))


def read_line(settings: Settings, name: str) -> str | None:
    """The one line of a file under DIX_HOME; None when there is no such file or nothing in it."""
    try:
        return (settings.home / name).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
