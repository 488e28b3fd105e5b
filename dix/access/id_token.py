"""Whether an ID token of OpenID Connect is what it says, and about whom it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import extract_compact

from dix.errors import ProviderFailed

# Signatures that only the provider can make: none with a secret that both know, and never without one.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
LEEWAY_S = 60
_KINDS: dict[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
# What a library raises for a text that was never a token, or a document that never was a key.
_WRONG = (JoseError, ValueError, TypeError, KeyError)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider has let in: `identity` is theirs for ever, everything else is what they are called now."""

    identity: str
    wished_name: str = ""
    display_name: str = ""
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a good ID token says."""

    issuer: str
    client_id: str
    nonce: str


def read_keys(document: dict[str, Any]) -> tuple[Key, ...]:
    """The keys of a JWKS that signatures can be checked with; others are left out."""
    listed = document.get("keys")
    found = (_read_key(each) for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict))
    return tuple(key for key in found if key is not None)


def find_key(token: str, keys: tuple[Key, ...]) -> Key | None:
    """The key that a token names; where it names none, the only one there is."""
    try:
        named = extract_compact(token.encode()).headers().get("kid")
    except _WRONG:
        return None
    if named is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.kid == named), None)


def check_id_token(token: str, key: Key, expected: Expected) -> Person:
    """About whom it is; ProviderFailed with what is wrong with it."""
    rules = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_S,
        iss={"essential": True, "value": expected.issuer},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
    )
    try:
        claims = jwt.decode(token, key, algorithms=ALGORITHMS).claims
        rules.validate(claims)
    except _WRONG as error:
        raise ProviderFailed(expected.issuer, f"its ID token is not good ({_name_fault(error)})") from None
    _check_audience(claims, expected)
    return _read_person(claims, expected.issuer)


def _read_key(document: dict[str, Any]) -> Key | None:
    kind = _KINDS.get(str(document.get("kty")))
    if kind is None or document.get("use", "sig") != "sig":
        return None
    try:
        return kind.import_key(document)
    except _WRONG:
        return None


def _name_fault(error: Exception) -> str:
    claim = getattr(error, "claim", None)
    return f"claim {claim}" if claim else str(getattr(error, "error", "")) or "no token"


def _check_audience(claims: dict[str, Any], expected: Expected) -> None:
    """It is for us; and where it is for others too, it was us who asked for it."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    asked = claims.get("azp", expected.client_id if len(named) == 1 else None)
    if expected.client_id not in named or asked != expected.client_id:
        raise ProviderFailed(expected.issuer, "its ID token is not good (claim aud)")


def _read_person(claims: dict[str, Any], issuer: str) -> Person:
    subject, email = claims["sub"], _read_text(claims, "email")
    if not subject or len(subject) > 255:
        raise ProviderFailed(issuer, "its ID token is not good (claim sub)")
    return Person(
        identity=f"{issuer}#{subject}",
        wished_name=_read_text(claims, "preferred_username") or email,
        display_name=_read_text(claims, "name"),
        email=email or None,
    )


def _read_text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    return value[:200] if isinstance(value, str) else ""
