"""What stands at the beginning of a model's archive: what is known of the version that is in it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dix.errors import BadValue
from dix.records.model_version import ModelVersion
from dix.records.moments import to_text

HEAD_FILE = "dixmodel.json"
MODEL_FOLDER = "model"
FORMAT = 1
MOST_FILES = 10_000


class ArchiveFile(BaseModel):
    """One file of the model."""

    model_config = ConfigDict(frozen=True)

    path: str
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class ArchiveManifest(BaseModel):
    """The part of a version's manifest that its files are checked by; `lineage` is as it was there."""

    model_config = ConfigDict(frozen=True)

    files: list[ArchiveFile] = Field(min_length=1, max_length=MOST_FILES)
    checksum: str
    lineage: dict[str, Any] = {}


class ArchiveHead(BaseModel):
    """`dixmodel` is the version of this format; the rest is what the version was where it comes from."""

    model_config = ConfigDict(frozen=True)

    dixmodel: Literal[1]
    model: str
    version: int = Field(ge=1)
    created: datetime
    run: str | None = None
    node: str | None = None
    manifest: ArchiveManifest


def make_head(version: ModelVersion) -> bytes:
    """The text for one version; always the same."""
    document = {
        "dixmodel": FORMAT,
        "model": version.model,
        "version": version.version,
        "created": to_text(version.created),
        "run": version.run,
        "node": version.node,
        "manifest": version.manifest,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def read_head(text: bytes) -> ArchiveHead:
    """What the text says; raises BadValue for one that is none of ours, or of a newer format."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise BadValue("archive", f"JSON in {HEAD_FILE}", "something else") from None
    if isinstance(document, dict) and isinstance(document.get("dixmodel"), int) and document["dixmodel"] > FORMAT:
        raise BadValue("archive", f"format {FORMAT}", document["dixmodel"], "upgrade DI-X to read it")
    try:
        return ArchiveHead.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadValue("archive", f"a {HEAD_FILE} of this format", f"{where or 'text'}: {first['msg']}") from None
