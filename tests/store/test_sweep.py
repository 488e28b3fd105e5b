"""What commits that died have left is cleared, what lives is not."""

from __future__ import annotations

import os
from pathlib import Path

from dix.store.store import Store


def test_only_what_nothing_has_touched_for_that_long_is_cleared(folder_store: Store, tmp_path: Path) -> None:
    live, dead = folder_store.stage("live"), folder_store.stage("dead")
    for stage in (live, dead):
        folder_store.write_bytes(f"{stage.uri}/a", b"1")
    place = Path(dead.uri.removeprefix("file://")).parent
    for path in [*place.rglob("*"), place]:
        os.utime(path, (0, 0))
    assert folder_store.sweep_staging(3600) == 1
    assert not place.exists()
    live.commit()
    assert folder_store.read_bytes("live/a") == b"1"
    assert folder_store.sweep_staging(3600) == 0


def test_drafts_of_single_files_are_cleared(folder_store: Store, tmp_path: Path) -> None:
    staging = tmp_path / "store" / "dix" / "staging"
    staging.mkdir(parents=True)
    (staging / "0123456789ab").write_text("half")
    assert folder_store.sweep_staging(-60) == 1
    assert not any(staging.iterdir())


def test_a_store_without_staging_has_nothing_to_clear(folder_store: Store) -> None:
    assert folder_store.sweep_staging(0) == 0
