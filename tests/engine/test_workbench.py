"""What a worker process keeps from step to step."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest

from dix.engine.workbench import Workbench


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


def test_two_steps_at_once_have_two_folders() -> None:
    bench = Workbench()
    with bench.lend_folder() as first, bench.lend_folder() as second:
        assert first != second
