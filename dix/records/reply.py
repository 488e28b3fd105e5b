"""What a request was answered, kept under the key that the caller gave it, for callers that ask again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """`fingerprint` is another one for another request; two of the same caller and key must have the same."""

    user: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, whole; one that held a secret is kept without its body (None)."""

    status: int
    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)
