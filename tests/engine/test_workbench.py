"""What a worker process keeps from step to step."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest

from dix.engine.workbench import Workbench, measure_folder
from tests.engine.test_removal import dig


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_each_step_has_an_empty_folder(folder: Path) -> None:
    bench = Workbench()
    with bench.lend_folder() as first:
        (first / "outputs" / "data").mkdir(parents=True)
    assert not first.exists()
    with bench.lend_folder() as second:
        assert list(second.iterdir()) == []
    bench.clear()
    assert list(folder.iterdir()) == []


def test_a_folder_that_was_not_used_is_lent_again() -> None:
    bench = Workbench()
    with bench.lend_folder() as first:
        pass
    with bench.lend_folder() as second:
        assert second == first
        assert second.is_dir()


def test_a_step_may_remove_its_folder_and_may_fail() -> None:
    bench = Workbench()
    with bench.lend_folder() as first:
        shutil.rmtree(first)
    with contextlib.suppress(KeyError), bench.lend_folder() as second:
        (second / "x").touch()
        raise KeyError
    with bench.lend_folder() as third:
        assert list(third.iterdir()) == []


def test_a_step_that_makes_folders_within_folders_leaves_nothing(folder: Path) -> None:
    bench = Workbench()
    with bench.lend_folder() as first:
        dig(first / "deep", 2000)
    assert list(folder.iterdir()) == []


def test_what_is_in_a_folder_is_measured(folder: Path) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_bytes(b"12345")
    (folder / "a" / "link").symlink_to(folder / "a" / "b" / "file")
    (folder / "a" / "loop").symlink_to(folder / "a")
    assert measure_folder(folder) == 10


def test_two_steps_at_once_have_two_folders() -> None:
    bench = Workbench()
    with bench.lend_folder() as first, bench.lend_folder() as second:
        assert first != second
