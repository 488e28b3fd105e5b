"""One attempt in a process of its own, as Ray would run it: whatever it does, a report comes back."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dix.engine.logbook import read_lines
from dix.engine.messages import Beat, Outcome, StepKey, StepOrder, StepReport
from dix.engine.plan import PlannedStep
from dix.engine.workbench import Workbench
from dix.engine.worker import do_step
from dix.errors import NotFound, StoreUnreachable
from dix.records.attempt import Used
from dix.store.choose import open_store_with
from dix.store.commit import Stage
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.engine.oddities import ERRORS, install


@pytest.fixture(autouse=True)
def _odd(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store_with(StoreOptions((tmp_path / "store").as_uri()))


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the temporary folders of steps are made."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def do(store: Store, algorithm: str = "", tell: Callable[[Beat], None] = lambda beat: None, **more: Any) -> StepReport:
    step = PlannedStep("a", more.pop("kind", "algorithm"), algorithm=algorithm or None, **more)
    order = StepOrder(StepKey("r1", "a", 1), step, {}, {}, {}, store.options, {"run": "r1"})
    return do_step(order, tell, Workbench(), captures=False)


def visible(store: Store) -> list[str]:
    try:
        return [file.path.split("/", 2)[2] for file in store.list_files("dix/runs/r1/steps")]
    except NotFound:
        return []


@pytest.mark.parametrize("error", sorted(ERRORS))
def test_whose_fault_it_is_is_decided_at_the_wall(store: Store, scratch: Path, error: str) -> None:
    report = do(store, "flaky", params={"error": error})
    broken = error in {"store", "catalog", "worker"}
    assert report.outcome is (Outcome.BROKEN if broken else Outcome.FAILED)
    assert report.error
    assert "\n" not in report.error
    has_trace = error in {"value", "empty", "half", "exit", "interrupt", "step"}
    assert (report.trace is not None) is has_trace
    assert report.outputs == {}
    assert list(scratch.glob("*/*")) == [], "something temporary is left"
    assert read_lines(store, "r1", ["a"]).items, "its log does not say why"


def test_missing_data_of_a_data_node_may_still_come(store: Store) -> None:
    report = do(store, kind="data", uri="nothing/here")
    assert report.outcome is Outcome.NOT_THERE
    assert "nothing/here" in (report.error or "")
    assert read_lines(store, "r1", ["a"]).items == (), "each look would leave a line"


def test_a_data_node_hands_on_its_absolute_address(store: Store) -> None:
    store.write_bytes("in/rows.csv", b"a\n1\n2\n")
    report = do(store, kind="data", uri="in/rows.csv", default_port="data")
    assert (report.outcome, report.outputs) == (Outcome.SUCCEEDED, {"data": store.resolve("in/rows.csv")})


def test_outputs_of_several_ports_are_visible_whole(store: Store, scratch: Path) -> None:
    report = do(store, "writer", output="scores")
    assert report.outputs["data"] == store.resolve("scores")
    assert report.outputs["report"].startswith(store.resolve("dix/runs/r1/steps/a/1-"))
    assert [file.path for file in store.list_files(report.outputs["report"])] == ["report.json"]
    assert list(scratch.glob("*/*")) == []


def test_a_step_that_fails_after_writing_leaves_nothing_visible(store: Store) -> None:
    report = do(store, "writer", params={"fails": True}, output="scores")
    assert report.outcome is Outcome.FAILED
    assert visible(store) == []
    assert not store.exists("scores")


def test_a_store_that_fails_at_the_second_output_leaves_nothing_visible(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    puts: list[Path] = []
    put_folder = Stage.put_folder

    def put_once(self: Stage, folder: Path) -> None:
        puts.append(folder)
        if len(puts) == 2:
            raise StoreUnreachable("s3://b", "away")
        put_folder(self, folder)

    monkeypatch.setattr(Stage, "put_folder", put_once)
    report = do(store, "writer")
    assert (report.outcome, len(puts)) == (Outcome.BROKEN, 2)
    assert visible(store) == []


def test_an_attempt_that_is_repeated_leaves_its_own_outputs(store: Store) -> None:
    first, second = do(store, "writer"), do(store, "writer")
    assert first.outputs["data"] != second.outputs["data"]
    assert store.exists(first.outputs["data"])


def test_a_model_comes_back_without_a_number_and_with_its_lineage(store: Store) -> None:
    store.write_bytes("in/rows.csv", b"a\n1\n")
    step = PlannedStep("net", "algorithm", algorithm="learner", model_name="m", params={"epochs": 2})
    inputs = {"data": store.resolve("in/rows.csv")}
    order = StepOrder(StepKey("r1", "net", 1), step, inputs, {}, {}, store.options, {"run": "r1", "flow": "f"})
    report = do_step(order, lambda beat: None, Workbench(), captures=False)
    assert report.model
    assert report.outputs == {}
    lineage = report.model.manifest["lineage"]
    assert lineage["run"] == "r1"
    assert lineage["params"] == {"epochs": 2}
    assert lineage["data"] == [{"port": "data", "uri": inputs["data"], "sha256": store.checksum("in/rows.csv")}]
    assert [row.position for row in report.rows] == [1, 2]


def test_an_algorithm_that_is_not_there_fails_with_the_nearest(store: Store) -> None:
    report = do(store, "noopp")
    assert (report.outcome, report.error) == (Outcome.FAILED, "no algorithm noopp; did you mean noop?")


def test_prints_of_a_process_of_its_own_become_the_log(store: Store, tmp_path: Path) -> None:
    """In a child process, because the capture takes over the descriptors of the whole process."""
    script = f"""
import sys
import pytest
from tests.engine.oddities import install
from dix.engine.messages import StepKey, StepOrder
from dix.engine.plan import PlannedStep
from dix.engine.workbench import Workbench
from dix.engine.worker import do_step
from dix.store.options import StoreOptions
install(pytest.MonkeyPatch())
order = StepOrder(StepKey("r1", "a", 1), PlannedStep("a", "algorithm", algorithm="talker"), {{}}, {{}}, {{}},
                  StoreOptions({store.options.url!r}))
print("before")
report = do_step(order, lambda beat: None, Workbench())
print(report.outcome)
"""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        cwd=root,
    )
    assert done.stdout == "before\nsucceeded\n", done.stderr
    lines = read_lines(store, "r1", ["a"]).items
    printed = {line.text for line in lines if line.stream == "stdout"}
    assert printed == {"from Python", "from C", "from a child", "no line end"}
    assert [line.text for line in lines if line.stream == "stderr"] == ["to stderr"]


def test_reports_travel(store: Store) -> None:
    report = do(store, "numbers")
    assert pickle.loads(pickle.dumps(report)).metrics["array"] == [0, 1, 2]
    json.dumps(dict(report.metrics))


def test_what_an_attempt_used_is_reported_also_when_it_failed(store: Store, scratch: Path) -> None:
    for algorithm, params in (("talker", {}), ("flaky", {"error": "value"})):
        used = do(store, algorithm, params=params).used
        assert used is not None
        assert used.cpu_s is not None
        assert used.cpu_s >= 0
        assert (used.peak_memory_bytes or 0) > 10 * 2**20


def test_what_a_circle_used_elsewhere_is_not_made_up(store: Store, scratch: Path) -> None:
    assert do(store, kind="model").used == Used()
