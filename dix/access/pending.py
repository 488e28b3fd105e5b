"""Sign-ins that have been begun at the provider and are not over."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

LASTS_S = 600.0
# Anybody may begin one: when there are too many, those begun first are forgotten.
MOST = 10_000


def _make_chance() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Begun:
    """One that was begun. `state` travels through the address, `browser` stays with the browser that began it."""

    state: str = field(default_factory=_make_chance)
    browser: str = field(default_factory=_make_chance)
    nonce: str = field(default_factory=_make_chance)
    verifier: str = field(default_factory=_make_chance)

    @property
    def challenge(self) -> str:
        """What the provider is shown of the verifier (PKCE, S256)."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")


class PendingSignIns:
    """In memory, and so over when the server ends; may be used from any thread. Each can be taken once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: dict[str, Begun] = {}  # in the order in which they were begun
        self._ends: dict[str, float] = {}

    def begin(self) -> Begun:
        """A new one."""
        begun = Begun()
        with self._lock:
            self._forget_old()
            self._begun[begun.state] = begun
            self._ends[begun.state] = self._clock() + LASTS_S
        return begun

    def take(self, state: str, browser: str) -> Begun | None:
        """The one with this state, if this browser has begun it and it is not too old."""
        with self._lock:
            self._forget_old()
            begun = self._begun.get(state)
            if begun is None or not hmac.compare_digest(begun.browser.encode(), browser.encode()):
                return None
            self._forget(state)
            return begun

    def _forget_old(self) -> None:
        while self._begun:
            oldest = next(iter(self._begun))
            if len(self._begun) < MOST and self._ends[oldest] > self._clock():
                return
            self._forget(oldest)

    def _forget(self, state: str) -> None:
        del self._begun[state], self._ends[state]
