"""A model's artifact: its folder in the store, written once, and the manifest that says what it is.

Artifacts lie under `dix/models/<model>/artifacts/<token>`, each in a folder of its own: two runs that train the very
same weights still leave two artifacts, and so two versions.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dix.errors import BadModel, ChecksumMismatch
from dix.names import check_name
from dix.records.model_version import ModelDraft
from dix.store.digest import hash_file
from dix.store.manifest import Manifest
from dix.store.store import Store

MODELS_FOLDER = "dix/models"
MANIFEST_FORMAT = 1
_CARD_FILE = "model.json"
# What the manifest takes over from the card; `net` stays with the weights, where it is needed.
_FACTS = ("framework", "algorithm", "labels", "preprocessing", "params", "metrics", "loading")


def draft_model(store: Store, folder: Path, model: str, lineage: Mapping[str, Any]) -> ModelDraft:
    """Commit a model folder of this machine to the store, ready to be numbered by the catalog.

    `lineage` says where it comes from: run, node, flow and its version, data URIs with checksums, parameters. Raises
    BadValue for the model's name, BadModel for a folder without a card, and what the store raises.
    """
    check_name("model", model)
    card = _read_card(folder)
    uri = f"{MODELS_FOLDER}/{model}/artifacts/{secrets.token_hex(8)}"
    committed = store.commit_folder(folder, uri)
    return ModelDraft(model, store.resolve(uri), _make_manifest(model, card, committed, lineage))


def check_files(folder: Path, manifest: Mapping[str, Any], uri: str) -> None:
    """Compare every file of a local folder with the manifest of the version that it shall be.

    Raises ChecksumMismatch for one that was changed, BadModel for one that is missing.
    """
    if "files" not in manifest:
        raise BadModel(uri, "its manifest does not say which files it has")
    for entry in manifest["files"]:
        path = folder / entry["path"]
        if not path.is_file():
            raise BadModel(uri, f"{entry['path']} is missing")
        digest = hash_file(path)
        if digest != entry["sha256"]:
            raise ChecksumMismatch(f"{uri}/{entry['path']}", entry["sha256"], digest)


def _read_card(folder: Path) -> dict[str, Any]:
    try:
        card = json.loads((folder / _CARD_FILE).read_bytes())
    except FileNotFoundError:
        raise BadModel(str(folder), f"it has no {_CARD_FILE}") from None
    except ValueError as error:
        raise BadModel(str(folder), f"{_CARD_FILE} is not JSON ({error})") from None
    missing = [name for name in ("framework", "algorithm", "inputs", "outputs") if name not in card]
    if missing:
        raise BadModel(str(folder), f"{_CARD_FILE} lacks {', '.join(missing)}")
    return dict(card)


def _make_manifest(
    model: str, card: Mapping[str, Any], committed: Manifest, lineage: Mapping[str, Any]
) -> dict[str, Any]:
    files = [{"path": entry.path, "size_bytes": entry.size_bytes, "sha256": entry.sha256} for entry in committed.files]
    return {
        "format": MANIFEST_FORMAT,
        "model": model,
        "signature": {"inputs": card["inputs"], "outputs": card["outputs"]},
        **{name: card[name] for name in _FACTS if name in card},
        # Only what a script has left has one; `format` above is the manifest's own.
        **({"saved_as": card["format"]} if card.get("format") else {}),
        "files": files,
        "size_bytes": committed.size_bytes,
        "checksum": committed.checksum,
        "lineage": dict(lineage),
    }
