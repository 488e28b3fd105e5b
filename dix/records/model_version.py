"""A model version: one trained model, numbered and never changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dix.records.user import FIRST_USER


@dataclass(frozen=True, slots=True)
class ModelDraft:
    """A trained model without a number yet: its committed folder in the store, and its manifest."""

    model: str
    uri: str
    manifest: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """`version` counts from 1 without gaps; `manifest` is the model card with its lineage.

    `user` is who trained or brought it. `trusted_by` is who has allowed that loading it runs code;
    that alone may change.
    """

    model: str
    version: int
    project: str
    uri: str
    created: datetime
    run: str | None = None
    node: str | None = None
    manifest: dict[str, Any] = field(default_factory=dict)
    user: str = FIRST_USER
    trusted_by: str | None = None

    @property
    def reference(self) -> str:
        """How documents and commands name it: `models:/digits/3`."""
        return f"models:/{self.model}/{self.version}"
