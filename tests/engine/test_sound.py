"""What an earlier step has left is used only when every output still holds what it held."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.engine.messages import Candidate, StepKey, StepOrder
from dix.engine.plan import PlannedStep
from dix.engine.sound import find_sound
from dix.errors import StoreUnreachable
from dix.records.step import Step
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store_with(StoreOptions((tmp_path / "store").as_uri()))


def leave(store: Store, tmp_path: Path, run: str, content: str = "1") -> Candidate:
    """What a run has left: one committed folder."""
    folder = tmp_path / f"made-{run}"
    folder.mkdir(exist_ok=True)
    (folder / "rows.csv").write_text(content)
    uri = store.resolve(f"out/{run}")
    digest = store.commit_folder(folder, uri).checksum
    return Candidate(Step(run, "a", outputs={"data": uri}, digests={"data": digest}), {"data": uri})


def order(store: Store, *candidates: Candidate) -> StepOrder:
    step = PlannedStep("a", "algorithm", algorithm="noop")
    return StepOrder(StepKey("r9", "a", 1), step, {}, {}, {}, store.options, candidates=candidates)


def test_the_newest_whose_outputs_are_there_is_taken(store: Store, tmp_path: Path) -> None:
    new, old = leave(store, tmp_path, "r2"), leave(store, tmp_path, "r1")
    assert find_sound(store, order(store, new, old)).step == new.step
    store.delete("out/r2")
    assert find_sound(store, order(store, new, old)).step == old.step


def test_what_is_gone_is_named(store: Store, tmp_path: Path) -> None:
    candidate = leave(store, tmp_path, "r1")
    store.delete("out/r1")
    found = find_sound(store, order(store, candidate))
    assert (found.step, found.why_run) == (None, "the output data of run r1 is gone")


def test_what_was_written_over_is_not_taken(store: Store, tmp_path: Path) -> None:
    candidate = leave(store, tmp_path, "r1")
    leave(store, tmp_path, "r1", "2")
    assert find_sound(store, order(store, candidate)).why_run == "the output data of run r1 is not what it was"


def test_what_was_never_committed_is_not_taken(store: Store) -> None:
    store.write_bytes("in/rows.csv", b"1")
    uri = store.resolve("in/rows.csv")
    step = Step("r1", "a", outputs={"data": uri}, digests={"data": store.checksum(uri)})
    assert find_sound(store, order(store, Candidate(step, {"data": uri}))).step is None


def test_an_output_of_unknown_content_is_not_taken(store: Store, tmp_path: Path) -> None:
    candidate = leave(store, tmp_path, "r1")
    step = Step("r1", "a", outputs=candidate.step.outputs | {"more": "file:///x"}, digests=candidate.step.digests)
    assert find_sound(store, order(store, Candidate(step, candidate.places))).step is None


def test_a_store_that_does_not_answer_is_a_doubt(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = leave(store, tmp_path, "r1")

    def fail(self: Store, uri: str) -> str:
        raise StoreUnreachable("s3://b", "timed out")

    monkeypatch.setattr(Store, "find_digest", fail)
    found = find_sound(store, order(store, candidate))
    assert found.step is None
    assert "cannot be looked at" in (found.why_run or "")


def test_without_candidates_nothing_is_said(store: Store) -> None:
    found = find_sound(store, order(store))
    assert (found.step, found.why_run) == (None, None)
