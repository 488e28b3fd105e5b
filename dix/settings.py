"""Every setting, read once from `DIX_*` at a door and handed on by argument."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dix.errors import BadValue

DEFAULT_ADDRESS = "http://127.0.0.1:8000"


class Settings(BaseSettings):
    """One frozen object; `cluster/env.example` lists the same names, and a test keeps it so."""

    model_config = SettingsConfigDict(
        env_prefix="DIX_", frozen=True, extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True
    )

    # Where things are.
    home: Path = Field(default_factory=lambda: Path.home() / ".dix")
    """The folder of this installation: token, catalog, logs, Ray's temporary files."""
    store: str | None = None
    """The object store: a folder (`file:///data/store`) or `s3://bucket/prefix`; by default `$DIX_HOME/store`."""
    s3_endpoint: str | None = None
    """The address of an S3 server that is not Amazon's, as `http://127.0.0.1:9000`."""
    s3_addressing: Literal["path", "virtual"] = "path"
    """How a bucket is addressed: as the first part of the path, or as a host name."""

    # The door.
    address: str | None = None
    """The address of the API; by default what `dix up` wrote under DIX_HOME, else http://127.0.0.1:8000."""
    token: str | None = Field(default=None, repr=False)
    """The bearer token to show at the door; by default the one in `$DIX_HOME/token`."""

    # Signing in elsewhere.
    oidc_issuer: str | None = None
    """The provider at which people may sign in by OpenID Connect, as `https://login.example.org`; none by default."""
    oidc_client_id: str | None = None
    """What that provider calls this installation."""
    oidc_client_secret: str | None = Field(default=None, repr=False)
    """The secret that goes with it; none where the provider gave none out."""
    public_address: str | None = None
    """Where browsers reach the API, when that is not where it listens; the provider sends them back to there."""
    public_ui_address: str | None = None
    """Where browsers reach the dashboard, when that is not where it listens."""

    # What `dix up` starts.
    ui_port: int = Field(default=8501, ge=1, le=65535)
    """The port of the dashboard."""
    ray_address: str | None = None
    """A Ray cluster to join, as `10.0.0.1:6379`; by default `dix up` starts one on this machine."""
    num_cpus: int | None = Field(default=None, ge=1)
    """The CPUs that a cluster started by `dix up` has to give; by default all of the machine's."""
    num_gpus: int | None = Field(default=None, ge=0)
    """The GPUs that a cluster started by `dix up` has to give; by default all of the machine's."""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """The least important entries that DI-X writes about itself."""

    @field_validator("home", mode="after")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError:
            raise ValueError("a folder of a user who is known here") from None

    @property
    def store_url(self) -> str:
        """The store, with the default filled in."""
        return self.store or f"file://{self.home / 'store'}"

    @property
    def token_file(self) -> Path:
        """Where the token lies that guards control and inference; its mode is 0600."""
        return self.home / "token"


def read_settings(**overrides: object) -> Settings:
    """The settings of this process; overrides that are None are left out. Raises BadValue for the first wrong one."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        expected = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        raise BadValue(f"DIX_{name.upper()}", expected, first["input"]) from None


def copy_environment() -> dict[str, str]:
    """The whole environment of this process, to be changed and handed on to one that it starts."""
    return dict(os.environ)  # noqa: TID251 the one place


@contextmanager
def lend_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables of this process, and of those that it starts meanwhile; afterwards they are what they were."""
    before = {name: os.environ.get(name) for name in variables}  # noqa: TID251 the one place
    try:
        os.environ.update(variables)  # noqa: TID251
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)  # noqa: TID251
            else:
                os.environ[name] = value  # noqa: TID251


def is_inside() -> bool:
    """Whether this process belongs to an installation: `dix up` marks all that it starts, and theirs."""
    return bool(copy_environment().get("DIX_INSTANCE"))


def find_report_file() -> Path | None:
    """Where a script that runs in a step appends its numbers; None outside of one."""
    named = copy_environment().get("DIX_REPORT_FILE")
    return Path(named) if named else None


def read_visible_cards() -> tuple[str, ...]:
    """The cards that this process may use, by number or UUID, as whoever started it says; none when nobody says."""
    named = copy_environment().get("CUDA_VISIBLE_DEVICES", "")
    return tuple(card.strip() for card in named.split(",") if card.strip())
