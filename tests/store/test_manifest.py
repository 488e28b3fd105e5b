"""The manifest as text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dix.errors import StoreError
from dix.store.manifest import Ledger, Manifest, ManifestEntry, read_ledger, write_ledger

ENTRIES = (ManifestEntry("a", 1, "00"), ManifestEntry("数据/b", 2, "11", "数据/b.token"))
MANIFEST = Manifest(ENTRIES, datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize("manifest", [MANIFEST, None])
def test_a_ledger_is_read_as_it_was_written(manifest: Manifest | None) -> None:
    ledger = Ledger("token", "first", manifest)
    assert read_ledger("file:///x", write_ledger(ledger)) == ledger


def test_a_manifest_sums_up_its_files() -> None:
    assert MANIFEST.size_bytes == 3
    assert ENTRIES[1].place == "数据/b.token"
    renamed = Manifest((ENTRIES[0], ManifestEntry("数据/b", 2, "11")), datetime.now(UTC))
    assert renamed.checksum == MANIFEST.checksum
    assert Manifest(ENTRIES[:1], MANIFEST.committed).checksum != MANIFEST.checksum


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "cannot be read"),
        (b"[]", "cannot be read"),
        (b'{"dix": 1}', "cannot be read"),
        (b'{"dix": 2}', "has the format 2; this DI-X reads 1"),
        (b"\xff", "cannot be read"),
    ],
)
def test_what_is_no_ledger_is_refused(text: bytes, sentence: str) -> None:
    with pytest.raises(StoreError, match="the store file:///x failed: its manifest") as caught:
        read_ledger("file:///x", text)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a//b", ""])
def test_a_manifest_that_leads_out_of_its_folder_is_refused(path: str) -> None:
    for field in ("path", "key"):
        document = json.loads(write_ledger(Ledger("t", "f", MANIFEST)))
        document["files"][1][field] = path
        if field == "key" and not path:
            continue
        with pytest.raises(StoreError, match="leads out of the folder"):
            read_ledger("file:///x", json.dumps(document).encode())
