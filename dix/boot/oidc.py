"""What the settings say about signing in by OpenID Connect."""

from __future__ import annotations

from urllib.parse import urlsplit

from dix.access.provider import OidcOptions, is_safe_address
from dix.errors import BadValue
from dix.settings import Settings


def make_oidc(settings: Settings, api: str, ui: str) -> OidcOptions | None:
    """None where no provider is named; `api` and `ui` are where the two listen. Raises BadValue for half a setting."""
    issuer, client = settings.oidc_issuer, settings.oidc_client_id
    if issuer is None and client is None:
        return None
    if issuer is None or not is_safe_address(issuer) or "?" in issuer or "#" in issuer:
        raise BadValue("DIX_OIDC_ISSUER", "the https address of a provider", issuer)
    if client is None:
        raise BadValue("DIX_OIDC_CLIENT_ID", "what the provider calls this installation", client)
    return OidcOptions(
        issuer,
        client,
        settings.oidc_client_secret,
        _check_address("DIX_PUBLIC_ADDRESS", settings.public_address or api),
        _check_address("DIX_PUBLIC_UI_ADDRESS", settings.public_ui_address or ui),
    )


def _check_address(name: str, address: str) -> str:
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        is_good = False
    if not is_good:
        raise BadValue(name, "an address as https://dix.example.org", address)
    return address
