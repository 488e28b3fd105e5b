"""Names, identifiers and references: what they may look like, and how they are read."""

from __future__ import annotations

import difflib
import hashlib
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from dix.errors import BadValue

# Flow, model, endpoint, project, schedule, sweep.
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
# Node, port, parameter.
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z")
NAME_RULE = "1 to 63 of a-z, 0-9 and -, not beginning with -"
# Aliases of model versions, as in MLflow: letters of any script, digits, _ and -.
ALIAS = re.compile(r"[\w-]{1,255}\Z")
ALIAS_RULE = "1 to 255 letters, digits, _ and -, neither a number nor latest, v1, v2 ..."
LATEST = "latest"
IDENTIFIER_RULE = "1 to 63 letters, digits and _, not beginning with a digit"

_MODEL_REFERENCE = re.compile(r"models:/(?P<model>[^/@]+)(?:/(?P<version>[^/@]+)|@(?P<alias>[^/@]+))?\Z")
_RESERVED_ALIAS = re.compile(r"(latest|v?\d+)\Z", re.IGNORECASE)
_VERSION = re.compile(r"[1-9][0-9]{0,8}\Z")
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


def is_name(text: str) -> bool:
    """Whether a flow, model, endpoint, project, schedule or sweep may be called so."""
    return NAME.match(text) is not None


def is_identifier(text: str) -> bool:
    """Whether a node, port or parameter may be called so."""
    return IDENTIFIER.match(text) is not None


def check_name(kind: str, text: str) -> str:
    """The name itself; raises BadValue with the rule, and the nearest name that would do, otherwise."""
    if is_name(text):
        return text
    nearest = re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:63]
    raise BadValue(f"{kind} name", NAME_RULE, text, f"try {nearest}" if nearest else "")


def check_alias(text: str) -> str:
    """The alias itself; raises BadValue with the rule for what may not be one."""
    if ALIAS.match(text) is None or _RESERVED_ALIAS.match(text) is not None:
        raise BadValue("alias", ALIAS_RULE, text)
    return text


def find_nearest(text: str, candidates: Iterable[str]) -> str | None:
    """The candidate that the writer probably meant; None when none is near."""
    near = difflib.get_close_matches(text, list(candidates), n=1, cutoff=0.6)
    return near[0] if near else None


def make_run_id() -> str:
    """A new run id: `r`, nine characters of time (they sort by creation) and five of chance."""
    moment = int(time.time() * 1000)
    clock = "".join(_BASE32[(moment >> shift) & 31] for shift in range(40, -1, -5))
    return f"r{clock}{''.join(secrets.choice(_BASE32) for _ in range(5))}"


def make_backfill_id() -> str:
    """A new backfill id: `b`, and then as for runs."""
    return f"b{make_run_id()[1:]}"


def derive_run_id(*parts: object) -> str:
    """The run id that these parts always give: whoever makes a run for them again finds it there already."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return "r" + "".join(_BASE32[byte & 31] for byte in digest[:14])


@dataclass(frozen=True, slots=True)
class ModelReference:
    """What `models:/digits/3`, `models:/digits@champion` and `models:/digits` (its latest version) name."""

    model: str
    version: int | None = None
    alias: str | None = None

    def __str__(self) -> str:
        if self.alias is not None:
            return f"models:/{self.model}@{self.alias}"
        return f"models:/{self.model}" if self.version is None else f"models:/{self.model}/{self.version}"


def is_model_reference(text: str) -> bool:
    """Whether the text claims to be one; `read_model_reference` says whether it is a good one."""
    return text.startswith("models:/")


def read_model(text: str) -> ModelReference:
    """Read a reference, or a model's bare name, which is its latest version; raises BadValue otherwise."""
    return read_model_reference(text) if is_model_reference(text) else ModelReference(check_name("model", text))


def read_model_reference(text: str) -> ModelReference:
    """Read `models:/name`, `models:/name/version` or `models:/name@alias`; raises BadValue otherwise.

    `models:/name@latest` is `models:/name`.
    """
    match = _MODEL_REFERENCE.match(text)
    if match is None or not is_name(match["model"]):
        raise BadValue("model", "models:/name, models:/name/version or models:/name@alias", text)
    if match["alias"] is not None and match["alias"].lower() != LATEST:
        return ModelReference(match["model"], alias=check_alias(match["alias"]))
    if match["version"] is None:
        return ModelReference(match["model"])
    if _VERSION.match(match["version"]) is None:
        raise BadValue("model", "a version that is a number from 1, as in models:/digits/1", text)
    return ModelReference(match["model"], version=int(match["version"]))
