"""Opens a connection to a DI-X server: `dix.connect()`."""

from __future__ import annotations

from typing import Any

from dix.client.audit import Audit
from dix.client.data import Data
from dix.client.endpoints import Endpoints
from dix.client.flows import Flows
from dix.client.models import Models
from dix.client.predictions import Predictions
from dix.client.projects import Projects
from dix.client.runs import Runs
from dix.client.secrets import Secrets
from dix.client.usage import Usage
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
        self.models = Models(wire)
        self.endpoints = Endpoints(wire)
        self.data = Data(wire)
        self.usage = Usage(wire)
        self.secrets = Secrets(wire)
        self.audit = Audit(wire)
        self.projects = Projects(wire)
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

    def close(self) -> None:
        """Let go of the connections."""
        self.wire.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(address: str | None = None, token: str | None = None) -> Client:
    """A client of the server at `address`, shown `token`; nothing is sent before something is asked.

    The address is by default DIX_ADDRESS, else what `dix up` wrote under DIX_HOME, else http://127.0.0.1:8000; the
    token is DIX_TOKEN, else the one in `$DIX_HOME/token`. Raises BadValue for what cannot be one.
    """
    settings = read_settings(address=address, token=token)
    return Client(Wire(make_http(find_address(settings), settings.token or read_line(settings, "token"))))


def find_address(settings: Settings) -> str:
    """Where the server is, by the settings or by what `dix up` wrote down."""
    return settings.address or read_line(settings, "address") or DEFAULT_ADDRESS


def read_line(settings: Settings, name: str) -> str | None:
    """The one line of a file under DIX_HOME; None when there is no such file or nothing in it."""
    try:
        return (settings.home / name).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
