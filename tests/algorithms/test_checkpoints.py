"""Checkpoints are kept when nobody writes them any more, and come back."""

from __future__ import annotations

from pathlib import Path

from dix.algorithms.base import CheckpointPlaces
from dix.algorithms.checkpoints import Checkpoints, drop_checkpoints
from dix.store.store import Store


def test_what_is_being_written_waits_and_what_is_quiet_is_kept(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    one = Checkpoints(store, CheckpointPlaces("dix/runs/r/checkpoints"), folder, every_s=0)
    assert not one.restore()
    (folder / "a.ckpt").write_text("half")
    one.look()
    assert not store.exists("dix/runs/r/checkpoints")
    (folder / "a.ckpt").write_text("a whole one")
    one.look()
    assert not store.exists("dix/runs/r/checkpoints")
    one.look()
    assert store.read_bytes("dix/runs/r/checkpoints/a.ckpt") == b"a whole one"


def test_they_come_back_and_go_when_they_are_not_needed(store: Store, tmp_path: Path) -> None:
    one = Checkpoints(store, CheckpointPlaces("kept"), tmp_path / "one")
    one.restore()
    (tmp_path / "one" / "inner").mkdir()
    (tmp_path / "one" / "inner" / "a.ckpt").write_text("x")
    one.keep()
    two = Checkpoints(store, CheckpointPlaces("kept"), tmp_path / "two")
    assert two.restore()
    assert (tmp_path / "two" / "inner" / "a.ckpt").read_text() == "x"
    drop_checkpoints(store, "kept")
    drop_checkpoints(store, "kept")
    assert not store.exists("kept")
