"""Data is cut where it can be, into enough fragments for the workers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.data import fragments as fragments_file
from dix.data.fragments import cut_fragments
from dix.store.store import Store


@pytest.fixture
def small_fragments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments_file, "_FEWEST_BYTES", 1)


def test_small_data_is_one_fragment(store: Store, root: Path) -> None:
    pq.write_table(pa.table({"a": range(100)}), root / "a.parquet", row_group_size=10)
    (fragment,) = cut_fragments(store, "a.parquet", "auto", workers=4)
    assert [piece.row_groups for piece in fragment.pieces] == [tuple(range(10))]


@pytest.mark.usefixtures("small_fragments")
def test_parquet_is_cut_between_row_groups(store: Store, root: Path) -> None:
    (root / "set").mkdir()
    for name in ("a", "b"):
        pq.write_table(
            pa.table({"x": np.random.default_rng(0).random(1000)}), root / "set" / f"{name}.parquet", row_group_size=100
        )
    cut = cut_fragments(store, "set", "auto", workers=1)
    assert 6 <= len(cut) <= 12
    assert [fragment.number for fragment in cut] == list(range(len(cut)))
    seen = [
        (piece.file.path, group, piece.first_row)
        for fragment in cut
        for piece in fragment.pieces
        for group in piece.row_groups or ()
    ]
    assert [(path, group) for path, group, _ in seen] == [(f"{name}.parquet", i) for name in "ab" for i in range(10)]
    firsts = [piece.first_row for fragment in cut for piece in fragment.pieces]
    assert all(first % 100 == 0 for first in firsts)


@pytest.mark.usefixtures("small_fragments")
def test_other_tables_are_cut_between_files(store: Store, root: Path) -> None:
    (root / "set").mkdir()
    for number in range(20):
        (root / "set" / f"{number:02d}.csv").write_text("a\n" + "1\n" * 50)
    cut = cut_fragments(store, "set", "auto", workers=1)
    assert len(cut) > 5
    assert [piece.file.path for fragment in cut for piece in fragment.pieces] == [
        f"{number:02d}.csv" for number in range(20)
    ]
