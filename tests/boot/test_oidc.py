"""What the settings say about a provider: all of it, or a sentence that names what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.boot.cluster import join_environment, make_environment
from dix.boot.oidc import make_oidc
from dix.errors import BadValue
from dix.settings import Settings

API, UI = "http://127.0.0.1:8000", "http://127.0.0.1:8501"
ISSUER = "https://login.example.org/realms/a"


def test_without_a_provider_there_is_none(tmp_path: Path) -> None:
    assert make_oidc(Settings(home=tmp_path), API, UI) is None


def test_browsers_come_back_to_where_the_api_listens_or_is_said_to_be(tmp_path: Path) -> None:
    given = Settings(home=tmp_path, oidc_issuer=ISSUER, oidc_client_id="dix", oidc_client_secret="hush")
    oidc = make_oidc(given, API, UI)
    assert oidc is not None
    assert (oidc.callback, oidc.ui_address) == (f"{API}/api/v1/login/oidc/callback", UI)
    public = {"public_address": "https://dix.example.org/", "public_ui_address": "https://dash.example.org"}
    oidc = make_oidc(given.model_copy(update=public), API, UI)
    assert oidc is not None
    assert oidc.callback == "https://dix.example.org/api/v1/login/oidc/callback"
    assert oidc.ui_address == "https://dash.example.org"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"oidc_issuer": None}, "DIX_OIDC_ISSUER"),
        ({"oidc_issuer": "http://login.example.org"}, "DIX_OIDC_ISSUER"),
        ({"oidc_issuer": "http://127.0.0.1.example.org"}, "DIX_OIDC_ISSUER"),
        ({"oidc_issuer": "https://"}, "DIX_OIDC_ISSUER"),
        ({"oidc_issuer": "https://[1"}, "DIX_OIDC_ISSUER"),
        ({"oidc_issuer": f"{ISSUER}?a=b"}, "DIX_OIDC_ISSUER"),
        ({"oidc_issuer": "login.example.org"}, "DIX_OIDC_ISSUER"),
        ({"oidc_client_id": None}, "DIX_OIDC_CLIENT_ID"),
        ({"public_address": "dix.example.org"}, "DIX_PUBLIC_ADDRESS"),
        ({"public_ui_address": "javascript:alert(1)"}, "DIX_PUBLIC_UI_ADDRESS"),
    ],
)
def test_half_a_setting_is_named(tmp_path: Path, changed: dict[str, str | None], named: str) -> None:
    given = Settings(home=tmp_path, oidc_issuer=ISSUER, oidc_client_id="dix")
    with pytest.raises(BadValue) as caught:
        make_oidc(given.model_copy(update=changed), API, UI)
    assert caught.value.fact("field") == named


def test_no_process_that_is_started_has_the_secret_in_its_environment(tmp_path: Path) -> None:
    given = {"DIX_OIDC_CLIENT_SECRET": "hush", "DIX_TOKEN": "hush", "PATH": "/bin"}
    for make in (make_environment, join_environment):
        environment = make(Settings(home=tmp_path), given, "x")
        assert environment["PATH"] == "/bin"
        assert "hush" not in environment.values()
