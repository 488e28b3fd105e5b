"""A recipe: all that decides what a step leaves, told apart by name, so that two of them can be compared in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Recipe:
    """`parts` are values that JSON can hold, by name: `algorithm`, `params.epochs`, `inputs.train` and so on."""

    parts: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 over all parts, in hexadecimal."""
        return hashlib.sha256(write_parts(self.parts).encode()).hexdigest()


def write_parts(parts: Mapping[str, Any]) -> str:
    """The parts as text; equal parts give equal texts."""
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))


def make_key(digest: str) -> int:
    """The first 64 bits of a digest as a signed number: what is looked for; the whole digest decides."""
    return int.from_bytes(bytes.fromhex(digest[:16]), "big", signed=True)
